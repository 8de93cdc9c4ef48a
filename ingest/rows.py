"""Body rows of a grid: label, codes, unit code and amounts, side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mingzhang.ingest.amounts import decimals_printed, fold_digits, is_amount, parse_amount
from mingzhang.ingest.codebook import scheme_of
from mingzhang.ingest.document import Amount
from mingzhang.ingest.grid import GridRow
from mingzhang.ingest.header import GridColumn
from mingzhang.ontology.lexicon import Lexicon, normal_label

_CODE = re.compile(r"[0-9]{2,12}")
_PROJECTS = re.compile("项目名称$")
# A code that a narrow column breaks over lines, or one printed with points between its parts: 208.05.01.
_BROKEN_CODE = re.compile(r"[0-9]{1,5}(?:\s+[0-9]{1,5})+|[0-9]{3}(?:\.[0-9]{2}){1,2}")
# A code, bracketed or followed by a dash or nothing, before a name; a number with a measure after it (500万, 2024年) is none.
_LABEL_CODE = re.compile(
    r"[\[【(（]?([0-9]{3,9})[\]】)）]?\s*[-—–_]*\s*(?=$|[\u4e00-\u9fff])(?![万亿元年月日个])"
)
# So many digits without a point or comma are the number of a thing (项目代码), never money.
_IDENTIFIER = re.compile(r"[0-9]{15,}")
# A name is short: a description may well speak of growth.
OTHER_QUANTITY = re.compile(r"^.{0,12}20[0-9]{2}年(?:度|预算|预算数)?$|^.{0,12}(?:增减|增长).{0,12}$")
_CODE_SCHEMES = ("functional", "dept-economic", "gov-economic")


@dataclass(frozen=True)
class GridSide:
    """One labelled part of a grid's row; `amounts` maps the column index to what is printed there."""

    side: str
    label: str
    codes: tuple[str, ...]
    unit_code: str
    amounts: tuple[tuple[int, Amount], ...]
    unit_name: str = ""


@dataclass(frozen=True)
class GridBodyRow:
    """A body row with its sides, from left to right; a side may be blank."""

    line: int
    sides: tuple[GridSide, ...]


def read_rows(
    body: Sequence[GridRow], columns: Sequence[GridColumn], lexicon: Lexicon
) -> tuple[GridBodyRow, ...]:
    """The rows of a grid. Amounts are counted along the line from 1, over all sides."""
    rows = []
    above: dict[int, str] = {}
    for row in body:
        whole, above = _with_fragments(row, columns, above)
        rows.append(_read_row(whole, columns, lexicon))
    return tuple(rows)


def _with_fragments(
    row: GridRow, columns: Sequence[GridColumn], above: Mapping[int, str]
) -> tuple[GridRow, dict[int, str]]:
    """A row with the leading fragments of its code that only the rows above print (类 blank, 款 11), and all fragments."""
    cells = list(row.cells)
    fragments = dict(above)
    for side in dict.fromkeys(column.side for column in columns):
        places = [c.index for c in columns if c.side == side and c.role == "code" and c.index < len(cells)]
        printed = [place for place in places if _CODE.fullmatch(fold_digits(cells[place].text))]
        if not printed:
            continue
        blank = [place for place in places if place < printed[0]]
        own = "".join(fold_digits(cells[place].text) for place in printed)
        filled = [place for place in blank if not cells[place].text and place in above]
        whole = "".join(above[place] for place in filled) + own
        if blank and filled == blank and scheme_of(own) is None and scheme_of(whole) is not None:
            for place in filled:
                cells[place] = replace(cells[place], text=above[place])
        fragments = {place: text for place, text in fragments.items() if place not in places}
        fragments |= {place: fold_digits(cells[place].text) for place in places if cells[place].text}
    return replace(row, cells=tuple(cells)), fragments


def _read_row(row: GridRow, columns: Sequence[GridColumn], lexicon: Lexicon) -> GridBodyRow:
    amounts = _amounts(row, columns)
    sides = []
    for name in dict.fromkeys(column.side for column in columns if column.role != "note"):
        own = [column for column in columns if column.side == name]
        label, codes, unit_code, unit_name = _keys(row, own, lexicon)
        # 公务用车保有量（辆） counts things, whatever its column is headed.
        counts = lexicon.role(label) == "note"
        printed = () if counts else tuple((c.index, amounts[c.index]) for c in own if c.index in amounts)
        sides.append(GridSide(name, label, codes, unit_code, printed, unit_name))
    return GridBodyRow(row.line, tuple(sides))


def _amounts(row: GridRow, columns: Sequence[GridColumn]) -> dict[int, Amount]:
    """Column index → amount, counted along its line."""
    found: dict[int, Amount] = {}
    for column in columns:
        if column.role != "amount" or column.index >= len(row.cells):
            continue
        cell = row.cells[column.index]
        if is_amount(cell.text) and not _IDENTIFIER.fullmatch(fold_digits(cell.text.strip())):
            line = cell.line or row.line
            nth = sum(1 for amount in found.values() if amount.line == line) + 1
            value = -parse_amount(cell.text) if cell.negative else parse_amount(cell.text)
            found[column.index] = Amount(cell.text, value, decimals_printed(cell.text), line, nth, cell.start)
    return found


def _keys(
    row: GridRow, columns: Sequence[GridColumn], lexicon: Lexicon
) -> tuple[str, tuple[str, ...], str, str]:
    """(label, codes, unit code, unit name) of one side of a row.

    Fragments of a code (类 款 项) are joined until the label that follows them; a second group of fragments behind a
    label is a second code. A full code may be printed in the unit column too: it repeats the fragments, or it is the
    code that goes with the label. Digits that would make no code of the fragments are the unit's: its heading slipped.
    A column headed as one of units gives the unit's name, where another column has a label for the row.
    """
    labels: list[str] = []
    unit_names: list[str] = []
    projects: list[str] = []
    of_units = {c.index for c in columns if c.role == "label" and c.path and lexicon.heads_units(c.path[-1])}
    codes: list[str] = []
    fragments = ""
    unit_code = ""
    heading: tuple[str, ...] = ()
    for column in columns:
        text = row.text(column.index)
        if column.role == "code" and column.path[:-1] != heading:
            # 类 | 款 below another heading is another code.
            codes += [fragments] if fragments and heading else []
            fragments = "" if heading else fragments
            heading = column.path[:-1]
        if not text or column.role in ("amount", "note", "index"):
            continue
        if column.role == "code" and _BROKEN_CODE.fullmatch(fold_digits(text)):
            text = re.sub(r"[\s.]", "", fold_digits(text))
        if column.role == "label" or not _CODE.fullmatch(fold_digits(text)):
            codes += [fragments] if fragments and column.role == "label" else []
            fragments = "" if column.role == "label" else fragments
            code, unit, text = _numbered_label(text, lexicon)
            codes += [code] if code and not codes else []
            unit_code = unit_code or unit
            if column.role == "label" and column.path and _PROJECTS.search(normal_label(column.path[-1])):
                projects.append(text)
            (unit_names if column.index in of_units else labels).append(text)
        elif column.role == "code" and (
            not fragments or scheme_of(joined_code(fragments, fold_digits(text)))
        ):
            fragments = joined_code(fragments, fold_digits(text))
        else:
            unit_code = fold_digits(text)
    codes += [fragments] if fragments else []
    # Beside its class, which the code names too, a row of a list of projects is the project's.
    labels = projects if codes and any(projects) else labels
    labels = [text for text in labels if text]
    if not labels and not codes:
        # 合计 over the first columns, whatever they hold: 项目代码, 序号.
        totals = [row.text(c.index) for c in columns if c.role in ("note", "index")]
        labels = [text for text in totals if lexicon.role(text) == "total"][:1]
    named = [text for text in unit_names if text and lexicon.role(text) != "total"]
    labels, unit_name = (labels, named[0]) if labels and named else (labels or unit_names, "")
    # A second label that tells of another year, or of a change, makes the row another quantity.
    label = " ".join([*labels[:1], *(text for text in labels[1:] if OTHER_QUANTITY.search(text))])
    if unit_code and _is_class_code(unit_code, codes, label, lexicon):
        return label, (unit_code, *codes[1:]), "", unit_name
    return label, tuple(codes), unit_code, unit_name


def _numbered_label(text: str, lexicon: Lexicon) -> tuple[str, str, str]:
    """(class code, unit code, label) of a label that begins with its code: [2240501]行政运行, 106_长沙市公安局."""
    found = _LABEL_CODE.match(fold_digits(text))
    if found is None:
        return "", "", text
    code, rest = found.group(1), text[found.end() :].strip()
    scheme = scheme_of(code)
    if scheme is not None and lexicon.code(scheme, code) is not None:
        return code, "", rest
    return ("", code, rest) if lexicon.names_a_body(rest) else ("", "", text)


def joined_code(before: str, fragment: str) -> str:
    """Fragments joined: 208 + 05 → 20805; a fragment that already holds what came before replaces it."""
    return (
        fragment
        if before and fragment.startswith(before) and len(fragment) > len(before)
        else before + fragment
    )


def _is_class_code(printed: str, codes: Sequence[str], label: str, lexicon: Lexicon) -> bool:
    """Whether digits in the unit column are a classification code."""
    if codes and len(printed) > 3 and printed.startswith(codes[0]):
        return True
    if codes:
        return False
    known = [c for scheme in _CODE_SCHEMES if (c := lexicon.code(scheme, printed)) is not None]
    return any(normal_label(label) in concept.labels for concept in known)
