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
from mingzhang.ingest.prose_links import ClaimLink, half, is_share
from mingzhang.ingest.prose_text import SECTION
from mingzhang.ingest.prose_words import ProseWords, prose_words
from mingzhang.ontology.lexicon import Lexicon, load_lexicon, normal_label, normal_text

_SIDES = ("收入", "支出")
_SIDE_ROLES = {"revenue-side": "收入", "expenditure-side": "支出"}
_YEAR_DIGITS = re.compile(r"(?:19|20)[0-9]{2}(?:年度?)?")
_WHOLE_SCOPES = ("summary", "revenue", "expenditure")
"""Tables of all of a department's money: what a section without a table of its own speaks of."""
# A slip changes a digit or drops one place of a sum; what differs by more is another quantity.
_SLIP = Decimal("0.1")
# So many other amounts of a section must agree with a column before one that differs is held against it.
_PROOF = 2
Place = tuple[str, tuple[str, ...]]
"""Title and header path of a column."""
_PART = re.compile(
    r"[*#]*\([一二三四五六七八九十]+\)[^,;:。0-9]*(?:20[0-9]{2}年?度?[^,;:。0-9]*)?情况(?:的?(?:总体)?说明)?"
)
# 行政运行(2013301), 2080505-机关事业单位基本养老保险缴费支出
_CODED = re.compile(r"[^0-9]+\((?P<behind>[0-9]{3,7})\)|(?P<before>[0-9]{3,7})[-—_]?[^0-9-]+")
_ITEM = re.compile(r"\(项\)$")
# Shorter names of classes are too alike for one with a slip to be told: 行政运行, 事业运行.
_LONG_NAME = 8
_SLIP_OF_NAME = 2
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
    figure: tuple[int, int] = (0, 0)
    """Line and place on the line of the printed figure."""


@dataclass(frozen=True)
class Tie:
    """What became of a claim: the fact it speaks of (empty where not sure) and whether they agree (yes, no, n/a).

    `compared` are the figures it is contradicted by where no fact is sure: all that may stand in the place it speaks of.
    """

    key: str
    agrees: str
    compared: tuple[tuple[int, int], ...] = ()


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
    possible: Sequence[Statement] = (),
) -> dict[tuple[int, int], Tie]:
    """(line, start) of every claim → its tie.

    `sections`: line → heading of the section it stands in (`section_headings`); `links` let shares and growth rates be
    judged by the amounts beside them. `printed_yuan`: every amount of the tables; a statement that differs from the row it
    seems to name but is printed elsewhere speaks of something else, unless its section proves otherwise. `possible`: what
    figures would state whose column is not certain, once for each column they may stand in.
    """
    words, lexicon = prose_words(), load_lexicon()
    named = [n for s in statements if (n := _named(s, words, lexicon)) is not None]
    uncertain = [n for s in possible if (n := _named(s, words, lexicon)) is not None]
    headings = sections or {}
    found = []
    for claim in claims:
        heading = headings.get(claim.line, "")
        speaks_of = _of_years(named, says_current(heading + claim.subject, words))
        found.append(_tie(claim, speaks_of, _scope(heading, words), words))
    context = _Context(claims, found, headings, _places(statements))
    ties = [
        _kept(index, tie, context, statements, printed_yuan)
        or _contradicted(
            index, context, uncertain, _scope(headings.get(claims[index].line, ""), words), words
        )
        for index, tie in enumerate(found)
    ]
    for link in links:
        ties[link.claim] = _judged(link, claims, ties)
    return {(claim.line, claim.start): tie for claim, tie in zip(claims, ties, strict=True)}


@dataclass(frozen=True)
class _Context:
    """The ties of all claims as their wording gives them, by which one of them can be judged."""

    claims: Sequence[Claim]
    ties: Sequence[Tie]
    headings: Mapping[int, str]
    places: Mapping[str, frozenset[Place]]

    def section(self, index: int) -> list[int]:
        """The claims of the section that a claim stands in; none where it stands in none."""
        heading = self.headings.get(self.claims[index].line, "")
        return [
            i
            for i, claim in enumerate(self.claims)
            if heading and self.headings.get(claim.line, "") == heading
        ]


def _places(statements: Sequence[Statement]) -> dict[str, frozenset[Place]]:
    """Key of a fact → the tables and columns that print it."""
    found: dict[str, set[Place]] = {}
    for statement in statements:
        found.setdefault(statement.key, set()).add((statement.table_title, statement.column))
    return {key: frozenset(places) for key, places in found.items()}


def _kept(
    index: int,
    tie: Tie,
    context: _Context,
    statements: Sequence[Statement],
    printed_yuan: frozenset[Decimal],
) -> Tie | None:
    """The tie, if it is sound: an amount that differs from its table must be a slip, or its place must be proven."""
    claim = context.claims[index]
    if tie.agrees == "n/a":
        return None
    if tie.agrees == "yes" or claim.relation != "amount":
        return tie
    sound = _is_slip(claim, tie, statements, printed_yuan) or _is_proven(index, tie, context)
    return tie if sound else None


def _is_proven(index: int, tie: Tie, context: _Context) -> bool:
    """Whether the section speaks of the very column of the fact: then a difference of any size is the publisher's.

    Proven by other amounts of the section in the same column of the same table, none of which differs; and nothing else
    in the section may state the fact, since the amount that differs could then be a part of it.
    """
    here = context.places.get(tie.key, frozenset())
    section = context.section(index)
    others = [i for i in section if i != index and context.claims[i].relation == "amount"]
    if not here or any(context.ties[i].key == tie.key or context.ties[i].agrees == "no" for i in others):
        return False
    agreeing = {
        context.ties[i].key
        for i in others
        if context.ties[i].agrees == "yes" and here & context.places.get(context.ties[i].key, frozenset())
    }
    return len(agreeing) >= _PROOF


def _contradicted(
    index: int, context: _Context, uncertain: Sequence[_Named], scope: str, words: ProseWords
) -> Tie:
    """`no` where the table that the section speaks of prints, wherever its figures stand, another amount; else `n/a`."""
    claim = context.claims[index]
    unsure = Tie("", "n/a")
    if claim.relation != "amount" or claim.unit not in YUAN_PER_UNIT or not scope:
        return unsure
    may_be = [
        n
        for n in _candidates(claim, uncertain, scope, words)
        if n.scope == scope and n.statement.year == claim.year
    ]
    titles = {n.statement.table_title for n in may_be}
    if len(titles) != 1 or any(_agrees(claim, n.statement.amount_yuan) for n in may_be):
        return unsure
    proof = [
        i
        for i in context.section(index)
        if context.ties[i].agrees == "yes"
        and context.claims[i].relation == "amount"
        and titles & {title for title, _ in context.places.get(context.ties[i].key, frozenset())}
    ]
    if len(proof) < _PROOF:
        return unsure
    return Tie("", "no", tuple(sorted({n.statement.figure for n in may_be})))


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


def column_year(path: Sequence[str], year: int) -> int:
    """The fiscal year of a column by its header; `year` where it names none."""
    words = prose_words()
    for level in path:
        named = _YEAR_DIGITS.search(normal_text(level))
        if named:
            return int(named.group()[:4])
        if any(word in normal_text(level) for word in words.last_year):
            return year - 1
    return year


def section_headings(document: Document) -> dict[int, str]:
    """Line → the heading that it stands under: （一）… where that names a table, else 一、…

    Lines before the first heading are left out.
    """
    found: dict[int, str] = {}
    heading = outer = ""
    words = prose_words()
    for number, line in enumerate(document.lines, 1):
        following = next((t for t in document.lines[number : number + 2] if t.strip()), "")
        if SECTION.match(line):
            outer = normal_text(line) + (normal_text(following) if not SECTION.match(following) else "")
            heading = outer
        elif (inner := _PART.match(normal_text(line) + normal_text(following))) is not None:
            # （五）一般公共预算当年拨款情况说明: a part of the section that speaks of a table of its own.
            heading = inner.group() if _scope(inner.group(), words) else outer
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
    # What an outturn (执行数) is of may differ from column to column; 决算数 is of all that was spent.
    if any(c.notation == "final" for c in lexicon.concepts_named(wording, frozenset({"phase"}))):
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
    coded = _CODED.fullmatch(subject)
    name = _loose(claim.subject, words)
    if coded is not None:
        code = coded["behind"] or coded["before"]
        found = [n for n in named if code in n.statement.codes and n.name and n.name in subject]
    else:
        found = [n for n in named if name and n.name == name] or _misnamed(claim, name, named)
    in_scope = [n for n in found if scope and n.scope == scope]
    if in_scope or scope not in ("", *_WHOLE_SCOPES):
        return in_scope
    return [n for n in found if n.scope in _WHOLE_SCOPES]


def _misnamed(claim: Claim, name: str, named: Sequence[_Named]) -> list[_Named]:
    """The statements of the one class (…（项）) that a text names with a few characters too many or too few.

    Only where it states that class's amount: a slip in the name is no ground to find one in the amount.
    """
    if not _ITEM.search(normal_text(claim.subject)) or len(name) < _LONG_NAME:
        return []
    alike = [n for n in named if n.statement.codes and _is_slip_of_name(name, n.name)]
    if len({n.name for n in alike}) != 1 or claim.relation != "amount":
        return []
    return [n for n in alike if _agrees(claim, n.statement.amount_yuan)]


def _is_slip_of_name(one: str, other: str) -> bool:
    """Whether one name is the other with one or two characters left out."""
    shorter, longer = sorted((one, other), key=len)
    left = iter(longer)
    return 1 <= len(longer) - len(shorter) <= _SLIP_OF_NAME and all(c in left for c in shorter)


def _agrees(claim: Claim, amount_yuan: Decimal) -> bool:
    """Whether the amount, rounded as the claim is printed, is what the claim prints."""
    printed = decimals_printed(claim.token.rstrip(".．"))
    step = Decimal(1).scaleb(-printed)
    in_unit = amount_yuan / in_yuan(Decimal(1), claim.unit)
    return claim.value in (in_unit.quantize(step, ROUND_HALF_UP), in_unit.quantize(step, ROUND_HALF_DOWN))


def _judged(link: ClaimLink, claims: Sequence[Claim], ties: Sequence[Tie]) -> Tie:
    """A share is borne out where part and whole are; a share or a growth rate is refuted by its own amounts."""
    claim, part = claims[link.claim], claims[link.part]
    if link.kind == "share" and link.whole is not None:
        whole = claims[link.whole]
        if whole.value and not is_share(claim, part, whole):
            return Tie("", "no")
        borne_out = {ties[link.part].agrees, ties[link.whole].agrees} == {"yes"} and bool(whole.value)
        return Tie("", "yes" if borne_out else "n/a")
    if link.kind == "growth" and link.change is not None:
        change = claims[link.change]
        if ties[link.claim].agrees != "n/a":
            return ties[link.claim]
        base = part.value - change.value if change.direction == "increase" else part.value + change.value
        if change.unit == part.unit and base > 0 and not _follows(claim, part, change, base):
            return Tie("", "no")
    return ties[link.claim]


def _rounds_to(claim: Claim, value: Decimal) -> bool:
    return abs(value - claim.value) <= half(claim)


def _follows(claim: Claim, part: Claim, change: Claim, base: Decimal) -> bool:
    """Whether a growth rate follows from its amounts, each off by at most half a unit of its last digit."""
    rate = change.value / base * 100
    spread = (half(change) * 100 + rate * (half(part) + half(change))) / base
    return abs(rate - claim.value) <= spread + half(claim)
