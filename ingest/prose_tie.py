"""Which fact a statement in running text speaks of, and whether the two agree.

Wording decides, never the amount: a statement is tied where its subject names a row or column of a table, in the table
its section speaks of, and the year is the same. The amount then says `yes` or `no`. Where wording leaves several
amounts, the answer is `n/a`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from mingzhang.ingest.amounts import YUAN_PER_UNIT, decimals_printed, in_yuan
from mingzhang.ingest.document import Claim, Document
from mingzhang.ingest.prose import ClaimLink
from mingzhang.ingest.prose_words import ProseWords, prose_words
from mingzhang.ontology.lexicon import Lexicon, load_lexicon, normal_label, normal_text

_SECTION = re.compile(r"^[#*\s\f]*[一二三四五六七八九十]+、")
_SIDES = ("收入", "支出")
_SIDE_ROLES = {"revenue-side": "收入", "expenditure-side": "支出"}
_YEAR_DIGITS = re.compile(r"(?:19|20)[0-9]{2}(?:年度?)?")
_WHOLE_SCOPES = ("summary", "revenue", "expenditure")
"""Tables of all of a department's money: what a section without a table of its own speaks of."""
# A slip changes a digit or drops one place of a sum; what differs by more is another quantity.
_SLIP = Decimal("0.1")
_BRACKETED = re.compile(r"\([类款项]\)")


@dataclass(frozen=True)
class Statement:
    """A table figure as far as a claim can speak of it. `key` names its fact; `amount_yuan` is what it states.

    `label` is the row's, `column` the header path, both as printed; `codes` the row's classification codes.
    """

    key: str
    label: str
    column: tuple[str, ...]
    table_title: str
    amount_yuan: Decimal
    year: int
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tie:
    """What became of a claim: the fact it speaks of (empty where not sure) and whether they agree (yes, no, n/a)."""

    key: str
    agrees: str


@dataclass(frozen=True)
class _Named:
    """A statement by what a text would call it: a name, or the total of a side of a table."""

    statement: Statement
    scope: str
    name: str
    side: str
    is_grand_total: bool
    is_current: bool
    """Of the current year's money alone (当年), where its table also has what is carried over."""


def tie_claims(
    claims: Sequence[Claim],
    statements: Sequence[Statement],
    links: Sequence[ClaimLink] = (),
    sections: Mapping[int, str] | None = None,
    printed_yuan: frozenset[Decimal] = frozenset(),
) -> dict[tuple[int, int], Tie]:
    """(line, start) of every claim → its tie.

    `sections`: line → heading of the section it stands in (`section_headings`); `links` let shares and growth rates be
    judged by the amounts beside them. `printed_yuan`: every amount of the tables; a statement that differs from the row it
    seems to name but is printed elsewhere speaks of something else.
    """
    words, lexicon = prose_words(), load_lexicon()
    named = [n for s in statements if (n := _named(s, words, lexicon)) is not None]
    headings = sections or {}
    ties = []
    for claim in claims:
        heading = headings.get(claim.line, "")
        speaks_of = _of_years(named, says_current(heading + claim.subject, words))
        tie = _tie(claim, speaks_of, _scope(heading, words), words)
        refuted = tie.agrees == "no" and claim.relation == "amount"
        ties.append(tie if not refuted or _is_slip(claim, tie, statements, printed_yuan) else Tie("", "n/a"))
    for link in links:
        ties[link.claim] = _judged(link, claims, ties)
    return {(claim.line, claim.start): tie for claim, tie in zip(claims, ties, strict=True)}


def _is_slip(
    claim: Claim, tie: Tie, statements: Sequence[Statement], printed_yuan: frozenset[Decimal]
) -> bool:
    """Whether a statement that differs from its table is a published mistake rather than our misreading of its subject.

    Text and table of one quantity differ by a slip: near one another, and the text's amount is printed in no table.
    """
    claimed = in_yuan(claim.value, claim.unit)
    if any(_agrees(claim, amount) for amount in printed_yuan):
        return False
    stated = [s.amount_yuan for s in statements if s.key == tie.key]
    return any(abs(claimed - amount) <= _SLIP * abs(amount) for amount in stated)


def _of_years(named: Sequence[_Named], current: bool) -> list[_Named]:
    """The statements of the current year alone, or those that do not leave out what is carried over.

    Table by table: one that does not make the difference answers for both.
    """
    divided = {n.statement.table_title for n in named if n.is_current}
    whole = {n.statement.table_title for n in named if not n.is_current}
    both = divided & whole
    return [n for n in named if n.statement.table_title not in both or n.is_current == current]


def section_headings(document: Document) -> dict[int, str]:
    """Line → the heading 一、… that it stands under; lines before the first heading are left out."""
    found: dict[int, str] = {}
    heading = ""
    for number, line in enumerate(document.lines, 1):
        if _SECTION.match(line):
            following = next((t for t in document.lines[number : number + 2] if t.strip()), "")
            heading = normal_text(line) + (normal_text(following) if not _SECTION.match(following) else "")
        if heading:
            found[number] = heading
    return found


def _scope(text: str, words: ProseWords) -> str:
    """The scope a heading or title names; empty where it names none."""
    wording = normal_text(text)
    return next((scope for telling, scope in words.scopes.items() if telling in wording), "")


def _named(statement: Statement, words: ProseWords, lexicon: Lexicon) -> _Named | None:
    """The statement by its name, where one row or one column alone names it."""
    scope = _scope(statement.table_title, words)
    roles = [lexicon.role(level) for level in statement.column]
    side = next((_SIDE_ROLES[r] for r in roles if r in _SIDE_ROLES), "")
    if not side:
        side = "收入" if scope == "revenue" else "支出"
    named_levels = [
        x for x in statement.column if not _adds_nothing(x, statement.table_title, words, lexicon)
    ]
    levels = [x for x in named_levels if not says_current(x, words)]
    current = levels != named_levels
    is_total = _is_total(statement.label, lexicon) or not normal_label(statement.label)
    if is_total and not levels:
        return _Named(statement, scope, "", side, "总计" in statement.label, current)
    if is_total and len(levels) == 1:
        return _Named(statement, scope, _loose(levels[0], words), side, False, current)
    label = _loose(statement.label, words)
    return _Named(statement, scope, label, side, False, current) if label and not levels else None


def says_current(text: str, words: ProseWords) -> bool:
    """Whether a heading, a subject or a column speaks of the current year's money alone."""
    wording = normal_text(text)
    return any(word in wording for word in words.current)


def _adds_nothing(level: str, title: str, words: ProseWords, lexicon: Lexicon) -> bool:
    """Whether a header level names only a total, an amount, a side, a year, or what the whole table is about."""
    wording = _YEAR_DIGITS.sub("", normal_label(level))
    for last_year in words.last_year:
        wording = wording.removeprefix(last_year)
    if not wording or lexicon.role(wording) in ("total", "amount", *_SIDE_ROLES):
        return True
    return wording in words.totals or _loose(wording, words) in normal_text(title)


def _is_total(label: str, lexicon: Lexicon) -> bool:
    """合计, 收入总计, 本年支出合计: the row of a whole table or side."""
    wording = normal_label(label)
    for prefix in ("本年", *_SIDES):
        wording = wording.removeprefix(prefix)
    return lexicon.role(wording) == "total"


def _loose(text: str, words: ProseWords) -> str:
    """A name without the endings that text and tables use or leave out for the same thing."""
    name = normal_label(text).replace("费用", "费")
    previous = None
    while previous != name:
        previous = name
        for ending in words.loose_endings:
            if name.endswith(ending) and len(name) > len(ending) + 1:
                name = name.removesuffix(ending)
    return _BRACKETED.sub("", name)


def _tie(claim: Claim, named: Sequence[_Named], scope: str, words: ProseWords) -> Tie:
    now, keys = _amount(claim, claim.year, named, scope, words)
    if now is None:
        return Tie("", "n/a")
    if claim.relation == "amount" and claim.unit in YUAN_PER_UNIT:
        return Tie(keys[0] if len(keys) == 1 else "", "yes" if _agrees(claim, now) else "no")
    base, _ = _amount(claim, claim.year - 1, named, scope, words)
    if base is None or claim.direction not in ("increase", "decrease"):
        return Tie("", "n/a")
    change = now - base if claim.direction == "increase" else base - now
    if claim.relation == "change_amount" and claim.unit in YUAN_PER_UNIT:
        return Tie("", "yes" if _agrees(claim, change) else "no")
    if claim.relation == "change_percent" and base:
        return Tie("", "yes" if _rounds_to(claim, change / base * 100) else "no")
    return Tie("", "n/a")


def _amount(
    claim: Claim, year: int, named: Sequence[_Named], scope: str, words: ProseWords
) -> tuple[Decimal | None, list[str]]:
    """The one amount in yuan that the claim's subject names for a year, and the facts that state it; else None."""
    found = [n for n in _candidates(claim, named, scope, words) if n.statement.year == year]
    amounts = {n.statement.amount_yuan for n in found}
    if len(amounts) != 1:
        return None, []
    closest = [n for n in found if n.is_current] or found
    return amounts.pop(), sorted({n.statement.key for n in closest})


def _candidates(claim: Claim, named: Sequence[_Named], scope: str, words: ProseWords) -> list[_Named]:
    """The statements that the claim's subject names."""
    subject = normal_text(claim.subject)
    places = words.totals.get(subject) or words.totals.get(normal_label(claim.subject))
    if places:
        sides = {side for _, side in places}
        here = [n for n in named if not n.name and n.scope == scope and n.side in sides]
        totals = here or [n for n in named if not n.name and (n.scope, n.side) in places]
        return [n for n in totals if n.is_grand_total] or totals
    name = _loose(claim.subject, words)
    found = [n for n in named if name and n.name == name]
    in_scope = [n for n in found if scope and n.scope == scope]
    if in_scope or scope not in ("", *_WHOLE_SCOPES):
        return in_scope
    return [n for n in found if n.scope in _WHOLE_SCOPES]


def _agrees(claim: Claim, amount_yuan: Decimal) -> bool:
    """Whether the amount, rounded as the claim is printed, is what the claim prints."""
    printed = decimals_printed(claim.token.rstrip(".．"))
    step = Decimal(1).scaleb(-printed)
    in_unit = amount_yuan / in_yuan(Decimal(1), claim.unit)
    return claim.value in (in_unit.quantize(step, ROUND_HALF_UP), in_unit.quantize(step, ROUND_HALF_DOWN))


def _judged(link: ClaimLink, claims: Sequence[Claim], ties: Sequence[Tie]) -> Tie:
    """A share is borne out where part and whole are; a growth rate is only ever refuted by its own amounts."""
    claim, part = claims[link.claim], claims[link.part]
    if link.kind == "share" and link.whole is not None:
        whole = claims[link.whole]
        if (
            {ties[link.part].agrees, ties[link.whole].agrees} != {"yes"}
            or not whole.value
            or part.unit != whole.unit
        ):
            return Tie("", "n/a")
        return Tie("", "yes" if _rounds_to(claim, part.value / whole.value * 100) else "no")
    if link.kind == "growth" and link.change is not None:
        change = claims[link.change]
        if ties[link.claim].agrees != "n/a":
            return ties[link.claim]
        base = part.value - change.value if change.direction == "increase" else part.value + change.value
        if change.unit == part.unit and base > 0 and not _follows(claim, part, change, base):
            return Tie("", "no")
    return ties[link.claim]


def _half(claim: Claim) -> Decimal:
    """Half a unit of the last digit a claim prints."""
    return Decimal(5).scaleb(-decimals_printed(claim.token.rstrip(".．")) - 1)


def _rounds_to(claim: Claim, value: Decimal) -> bool:
    return abs(value - claim.value) <= _half(claim)


def _follows(claim: Claim, part: Claim, change: Claim, base: Decimal) -> bool:
    """Whether a growth rate follows from its amounts, each off by at most half a unit of its last digit."""
    rate = change.value / base * 100
    spread = (_half(change) * 100 + rate * (_half(part) + _half(change))) / base
    return abs(rate - claim.value) <= spread + _half(claim)
