"""The ledger: every numeric token of a document in exactly one category.

A token that was read as a figure, a statement or an indicator is accounted for by that; any other by its shape and its
place, in the order of `_RULES`. What no rule knows is `unread`; in a budget table or an indicator form that is a
defect of ours, and the ledger says so.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from mingzhang.ingest.amounts import fold_digits
from mingzhang.ingest.document import Amount, Claim, Document
from mingzhang.ingest.indicator_record import IndicatorReading

CATEGORIES = (
    "table-figure",
    "prose-figure",
    "indicator",
    "code",
    "ordinal",
    "date",
    "page-number",
    "phone",
    "identifier",
    "other-number",
    "unread",
)

_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_READ_ROLES = frozenset({"target", "weight", "amount"})
_PAGE_LINE = re.compile(
    r"^[\s\f]*(?:第\s*)?[—–\-]*\s*[0-9]{1,3}\s*[—–\-]*\s*(?:页)?(?:\s*共\s*[0-9]{1,3}\s*页)?\s*$"
)
_INDEX_ROW = re.compile(r"^(?:栏\s*次)?[\s*]*1(?:[\s*]+(?:栏\s*次[\s*]*)?[0-9]{1,2})*[\s*]*$")
# 2021年政府收支分类科目: 类 of three digits beginning with 2 (functional), 3 or 5 (economic), 款 and 项 of two more each.
_CLASS_CODE = re.compile(r"[235][0-9]{2}(?:[0-9]{2}){0,2}")
_CODE_WITH_POINTS = re.compile(r"[0-9]{3}(?:\.[0-9]{2}){1,2}")
# A budget unit's code, or a 款 or 项 fragment whose 类 stands on another line.
_NAMED_CODE = re.compile(r"[0-9]{2,3}|[0-9]{5,10}")
_CODES_AFTER = re.compile(r"\s+(?:[0-9]{2}|[0-9]{5,10})(?:\s|$)")
# A 款 or 项 fragment goes on from its 类: 505 | 01, 208 | 05 | 05.
_CODE_BEFORE = re.compile(r"(?<![0-9.,])[235][0-9]{2}(?:\s+[0-9]{2})?\s+$")
# A cell of sentences is longer than a label and has a comma or a full stop.
_SENTENCE_LENGTH = 20
_SENTENCE_MARK = re.compile(r"[，。；]")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_BRACKETS_OF_YEAR = "〔[（(【"


class PrintedAmount(Protocol):
    """Anything that was read from one printed amount of a table."""

    @property
    def amount(self) -> Amount: ...


# A row that counts things: 公务用车保有量（辆） and what is right of it.
_COUNTED = re.compile(r"[(（](?:个|辆|人|台|套|次|户|件|批次|人次|平方米)[)）]\s*(?:\t[^\t]*)*$")


@dataclass(frozen=True)
class LedgerToken:
    """One number of the document: where it stands (characters from 1), and what it is."""

    line: int
    start: int
    token: str
    category: str


@dataclass(frozen=True)
class Ledger:
    """All numeric tokens of a document in order, and how many there are of each category.

    `counts` names every category; its sum is the number of tokens. `unread` lists (line, token) of the rest.
    """

    tokens: tuple[LedgerToken, ...]
    counts: Mapping[str, int]
    unread: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Place:
    """A token with what stands around it. `role` is that of the form's span it lies in, empty outside forms."""

    text: str
    before: str
    after: str
    in_table: bool
    in_form: bool
    role: str


def build_ledger(
    document: Document,
    figures: Iterable[PrintedAmount],
    claims: Iterable[Claim],
    forms: IndicatorReading,
    table_lines: frozenset[int],
    remarks: Iterable[tuple[int, int]] = (),
) -> Ledger:
    """The ledger of a document. `table_lines` are the lines its budget tables take up, `remarks` the places of numbers in

    their columns that hold other things than money.
    """
    known = _known_tokens(document, figures, claims)
    for number, start in remarks:
        signed = fold_digits(document.line(number))[start - 1 : start] == "-"
        known.setdefault((number, start + 1 if signed else start), "other-number")
    roles = _roles(forms)
    tokens = []
    for number, line in enumerate(document.lines, 1):
        folded = fold_digits(line)
        for match in _TOKEN.finditer(folded):
            start = match.start() + 1
            category = known.get((number, start))
            if category is None:
                place = _Place(
                    match.group(),
                    folded[: match.start()],
                    folded[match.end() :],
                    number in table_lines,
                    number in forms.lines,
                    _role_at(roles.get(number, ()), start),
                )
                category = _category(place)
            tokens.append(LedgerToken(number, start, line[match.start() : match.end()], category))
    found = Counter(token.category for token in tokens)
    return Ledger(
        tuple(tokens),
        MappingProxyType({category: found[category] for category in CATEGORIES}),
        tuple((token.line, token.token) for token in tokens if token.category == "unread"),
    )


def numeric_tokens(line: str) -> list[str]:
    """Every number on a line as the ledger counts them: digits, with points and commas between digits."""
    return [line[match.start() : match.end()] for match in _TOKEN.finditer(fold_digits(line))]


def _known_tokens(
    document: Document, figures: Iterable[PrintedAmount], claims: Iterable[Claim]
) -> dict[tuple[int, int], str]:
    """(line, start) of every token that a figure or a statement was read from → its category."""
    read = [(f.amount.line, f.amount.start, f.amount.token, "table-figure") for f in figures]
    read += [(c.line, c.start, c.token, "prose-figure") for c in claims]
    by_line: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for line, start, token, category in read:
        by_line[line].append((start, token, category))
    known: dict[tuple[int, int], str] = {}
    for line, found in by_line.items():
        folded = fold_digits(document.line(line))
        places = {m.start() + 1: m.group() for m in _TOKEN.finditer(folded)}
        for start, token, category in sorted(found):
            bare = fold_digits(token).strip("-.")
            begin = start + (1 if fold_digits(token).startswith("-") else 0)
            if places.get(begin) != bare:
                begin = next((p for p, t in places.items() if t == bare and (line, p) not in known), 0)
            if begin:
                known[line, begin] = category
    return known


def _roles(forms: IndicatorReading) -> dict[int, list[tuple[int, int, str]]]:
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for span in forms.spans:
        found[span.line].append((span.start, span.end, span.role))
    return found


def _role_at(spans: Iterable[tuple[int, int, str]], position: int) -> str:
    """The role of the form's span at a character; a target or an amount comes before words."""
    roles = [role for start, end, role in spans if start <= position < end]
    return next((role for role in roles if role in _READ_ROLES), roles[0] if roles else "")


def _category(place: _Place) -> str:
    return next((category for category, applies in _RULES if applies(place)), "unread")


def _is_read_target(place: _Place) -> bool:
    return place.role in _READ_ROLES


def _is_identifier(place: _Place) -> bool:
    """财预〔2017〕98号, GB2260, 2021-506101, 530102210000000001: numbers that name something."""
    if re.fullmatch(r"[0-9]{15,}", place.text):
        return True
    if re.search(r"[A-Za-z]$", place.before) or re.match(r"\s*号(?!楼)", place.after):
        return True
    return place.before.endswith("〔") or bool(re.match(r"〕", place.after))


def _is_phone(place: _Place) -> bool:
    digits = len(place.text)
    if re.match(r"-[0-9]{7,8}(?![0-9])", place.after) and digits in (3, 4) and place.text.startswith("0"):
        return True
    if re.search(r"(?<![0-9])0[0-9]{2,3}-$", place.before) and digits in (7, 8):
        return True
    return digits == 11 and place.text.startswith("1") and not place.in_table


def _is_date(place: _Place) -> bool:
    if re.match(r"\s*(?:年|月|日|时(?!效))", place.after) and place.text.isdigit() and len(place.text) <= 4:
        return True
    if not _YEAR.fullmatch(place.text):
        return False
    if re.match(r"\s*(?:预算|决算)", place.after):
        return True
    if re.match(r"\s*[-—~至、/]\s*(?:19|20)?[0-9]{2}\s*年", place.after):
        return True
    in_brackets = bool(place.before) and place.before[-1] in _BRACKETS_OF_YEAR
    return (
        in_brackets
        or bool(re.match(r"[\u4e00-\u9fff]", place.after))
        or (not place.in_table and not place.in_form)
    )


def _is_page_number(place: _Place) -> bool:
    return (
        not place.in_table
        and not place.in_form
        and bool(_PAGE_LINE.match(place.before + place.text + place.after))
    )


def _is_index_column(place: _Place) -> bool:
    """A row of column numbers: 1 2 3 …, with ** over columns without one."""
    return bool(_INDEX_ROW.match((place.before + place.text + place.after).replace("\t", " ")))


def _is_index_cell(place: _Place) -> bool:
    """A row's number (行次) in a column of its own: a cell that holds nothing else, where no amount was read."""
    alone = re.search(r"(?:^|\t)\s*$", place.before) and re.match(r"\s*(?:\t|$)", place.after)
    return bool(place.in_table and alone and re.fullmatch(r"[0-9]{1,2}", place.text))


def _is_ordinal(place: _Place) -> bool:
    if place.role == "ordinal":
        return True
    if "," in place.text or len(place.text) > 5:
        return False
    if re.search(r"表\s*(?:[0-9]{1,2}-)?$", place.before) and len(place.text) <= 2:
        return True
    if re.search(r"(?:第|目标|任务|附件|附表)\s*$", place.before):
        return True
    if (
        len(place.text) <= 2
        and re.search(r"(?:公开|预算|决算|附|[0-9]-)$", place.before)
        and re.match(r"(?:-[0-9]{1,2})?表", place.after)
    ):
        return True  # 公开01表, 预算01-1表
    if place.before.endswith(("(", "（")) and re.match(r"[)）]", place.after):
        return len(place.text) <= 2
    starts = not place.before.strip(" \f\t#*-") or re.search(
        r"[\s:：;；。,，、)）”>〉》\u4e00-\u9fff]$", place.before
    )
    return bool(starts and len(place.text) <= 4 and re.match(r"[、.．:：)）]\s*(?![0-9])", place.after))


def _is_code(place: _Place) -> bool:
    """A classification or unit code: digits alone, of a code's shape, left of the row's words and amounts."""
    if place.role == "code" or (place.in_table and _is_in_code_with_points(place)):
        return True
    if not place.text.isdigit() or not (place.in_table or place.in_form):
        return False
    if len(place.text) == 2 and _CODE_BEFORE.search(place.before):
        return True
    named = re.match(r"(?:\s+[0-9]{2}(?![0-9.,]))*\s*[-—]?\s*[\u4e00-\u9fff(（]|\t", place.after) is not None
    if re.search(r"[\[【]$", place.before) and re.match(r"[\]】]\s*[\u4e00-\u9fff]", place.after):
        return bool(_CLASS_CODE.fullmatch(place.text))
    first = re.fullmatch(r"[\s\f0-9\-—]*|.*[:：]\s*|.*[\u4e00-\u9fff)）]\s+|.*\t", place.before) is not None
    alone = not (place.before + place.after).strip()
    has_codes_after = _CODES_AFTER.match(place.after) is not None
    of_a_class = _CLASS_CODE.fullmatch(place.text) is not None
    of_what_is_named = _NAMED_CODE.fullmatch(place.text) is not None
    return first and ((of_what_is_named and named) or (of_a_class and (named or alone or has_codes_after)))


def _is_in_code_with_points(place: _Place) -> bool:
    """Whether a token is part of a cell like 208.05.01 that stands before a name."""
    before, after = place.before.rpartition("\t")[2], place.after.partition("\t")
    return bool(
        _CODE_WITH_POINTS.fullmatch((before + place.text + after[0]).strip())
        and re.match(r"\s*[\u4e00-\u9fff]", after[2])
    )


def _is_unread_money(place: _Place) -> bool:
    """Money in running text that no statement was read from, or a bare amount: not to be waved through."""
    if re.match(
        r"\s*(?:万元|亿元|千元|元)(?!\s*(?:以上|以下|及以上|\(含\)|（含）|以内|的标准|/|至|左右))",
        place.after,
    ):
        return True
    printed_as_money = "," in place.text or bool(re.search(r"\.[0-9]{2}$", place.text))
    return printed_as_money and not re.match(r"\s*(?:[%％‰\u4e00-\u9fff])", place.after)


def _is_in_running_text(place: _Place) -> bool:
    """Whether a token of a table stands in a cell of sentences (a project's goal, a note), which holds no amount."""
    cell = place.before.rpartition("\t")[2] + place.text + place.after.partition("\t")[0]
    is_cell = "\t" in place.before + place.after
    return is_cell and len(cell) >= _SENTENCE_LENGTH and bool(_SENTENCE_MARK.search(cell))


def _is_other_number(place: _Place) -> bool:
    """A number that running text counts or measures with, or one inside the words of a form."""
    if place.role == "words":
        return True
    if place.in_table and _COUNTED.search(place.before):
        return True
    if (place.in_table or place.in_form) and not _is_in_running_text(place):
        return bool(re.match(r"\s*[%％]", place.after)) and bool(re.search(r"[\u4e00-\u9fff]", place.before))
    return bool(re.search(r"[\u4e00-\u9fff]", place.before + place.after)) and not _is_unread_money(place)


_RULES: tuple[tuple[str, Callable[[_Place], bool]], ...] = (
    ("indicator", _is_read_target),
    ("page-number", _is_page_number),
    ("phone", _is_phone),
    ("identifier", _is_identifier),
    ("date", _is_date),
    ("ordinal", _is_index_column),
    ("ordinal", _is_ordinal),
    ("code", _is_code),
    ("ordinal", _is_index_cell),
    ("other-number", _is_other_number),
)
