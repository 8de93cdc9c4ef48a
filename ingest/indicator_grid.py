"""Indicator forms whose cells are separated by tabs.

Two kinds: one indicator a row (一级 | 二级 | 三级 | … | 指标值), and several side by side (产出 | 效益 |
满意度, each with 三级指标 and 指标值). Read `indicator_cells` (headers) and `indicator_row` (one row) first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from mingzhang.ingest.amounts import fold_digits, is_amount
from mingzhang.ingest.document import Document, Indicator
from mingzhang.ingest.indicator_cells import (
    Cell,
    GridHeader,
    PairColumn,
    grid_headers,
    is_header_row,
    tab_cells,
)
from mingzhang.ingest.indicator_record import FormSpan, IndicatorReading, ProjectAmount
from mingzhang.ingest.indicator_row import RowParts, row_parts
from mingzhang.ingest.indicator_target import read_target, split_overprinted
from mingzhang.ingest.indicator_words import IndicatorWords
from mingzhang.ingest.prose_text import is_page_foot
from mingzhang.ontology.lexicon import normal_text

_UNIT_WITH_CODE = re.compile(r"^[0-9]{2,}[-—](.+)$")
_CODE = re.compile(r"^[0-9A-Za-z]{2,}(?:[-—][0-9A-Za-z]+)*$")
_PREAMBLE_LINES = 45
"""How far above its header a form may begin: an overall form lists the year's tasks and funds first."""
_LEVEL_CHARACTERS = 14
"""A level printed by itself is no longer than this; a sentence is."""


@dataclass
class _Form:
    """What is known while a form is read from the top, and what has been read of it."""

    document: Document
    header: GridHeader
    words: IndicatorWords
    unit_name: str = ""
    project: str = ""
    amount: str = ""
    level1: str = ""
    level2: str = ""
    level2_stands: bool = False
    """Whether a level printed by itself holds for the rows that follow it without a break."""
    row_width: int = 0
    """How many cells the first row since that level has; 0 before it. Other widths are other pieces of the table."""
    indicators: list[Indicator] = field(default_factory=list)
    amounts: list[ProjectAmount] = field(default_factory=list)
    spans: list[FormSpan] = field(default_factory=list)

    def span(self, line: int, role: str, *cells: Cell | None) -> None:
        self.spans.extend(FormSpan(line, cell.start, cell.end, role) for cell in cells if cell and cell.text)


def read_grids(document: Document, taken: frozenset[int], words: IndicatorWords) -> IndicatorReading:
    """Every tab-separated form of the document."""
    headers = grid_headers(document, taken, words)
    stops = [*(header.first_line for header in headers[1:]), len(document.lines) + 1][: len(headers)]
    return IndicatorReading.joined(
        _read_form(document, header, stop, taken, words) for header, stop in zip(headers, stops, strict=True)
    )


def _read_form(
    document: Document, header: GridHeader, stop: int, taken: frozenset[int], words: IndicatorWords
) -> IndicatorReading:
    form = _Form(document, header, words)
    first = _preamble(form, taken)
    last = header.last_line
    for number in range(header.last_line + 1, stop):
        line = document.line(number)
        if number in taken:
            break
        if is_page_foot(line):
            form.level2_stands = form.level2_stands and not form.row_width
            continue
        if "\t" in line:
            _take_row(form, number)
        elif not _take_level(form, number):
            break
        last = number
    lines = frozenset(range(first, last + 1)) - taken
    return IndicatorReading(_with_first_kind(form), lines, tuple(form.amounts), tuple(form.spans))


def _with_first_kind(form: _Form) -> tuple[Indicator, ...]:
    """The indicators; those above the first printed kind get it: a merged cell prints it in its middle."""
    first = next((i.level1 for i in form.indicators if i.level1), "")
    return tuple(i if i.level1 else replace(i, level1=first) for i in form.indicators)


def _preamble(form: _Form, taken: frozenset[int]) -> int:
    """The line the form begins on; the cells between there and the header are taken in."""
    first = form.header.first_line
    lowest = max(1, first - _PREAMBLE_LINES)
    begin = first
    for number in range(first - 1, lowest - 1, -1):
        if number in taken:
            break
        if "\t" not in form.document.line(number) and form.words.is_title(form.document.line(number)):
            begin = number
            break
    for number in range(begin, form.header.last_line + 1):
        for cell in tab_cells(form.document.line(number)):
            form.span(number, "amount" if is_amount(cell.text) else "words", cell)
    return begin


def _take_level(form: _Form, number: int) -> bool:
    """Whether a line without tabs is a level printed by itself; if so it holds from here on."""
    text = form.document.line(number).strip().strip("*")
    wording = normal_text(text)
    if wording in form.words.level1:
        form.level1, form.level2 = text, ""
    elif wording in form.words.level2 or _is_unknown_level(form, number, wording):
        form.level2 = text
    else:
        return False
    form.level2_stands, form.row_width = True, 0
    return True


def _is_unknown_level(form: _Form, number: int, wording: str) -> bool:
    """A short text before a row that has lost its column of second-level kinds can only be such a kind."""
    following = next((number + i for i, t in enumerate(form.document.lines[number:], 1) if t.strip()), 0)
    if not following or "level2" not in form.header.columns:
        return False
    cells = tab_cells(form.document.line(following))
    fits = len(wording) <= _LEVEL_CHARACTERS and wording.isalpha() and not form.words.is_title(wording)
    return (
        fits and 2 < len(cells) < form.header.width and row_parts(cells, form.header, form.words) is not None
    )


def _take_row(form: _Form, number: int) -> None:
    cells = tab_cells(form.document.line(number))
    if is_header_row(cells, form.words):
        return
    if form.header.is_side_by_side:
        _take_wide_row(form, number, cells)
        return
    parts = row_parts(cells, form.header, form.words)
    head = list(parts.before) if parts else [cell for cell in cells if cell.text]
    if head:
        _take_head(form, number, head, cells, slid=bool(parts and parts.slid))
    if parts:
        _take_parts(form, number, parts, len(cells))


def _take_parts(form: _Form, number: int, parts: RowParts, width: int) -> None:
    if parts.level1:
        form.level1, form.level2 = parts.level1.text, ""
    if parts.level2:
        form.level2 = parts.level2.text
    form.row_width = form.row_width or width
    stands = form.level2_stands and width == form.row_width
    unsure = parts.slid and not parts.level2 and not stands
    indicator = _indicator(form, number, 1, parts, form.level1, "" if unsure else form.level2)
    form.indicators.append(indicator)
    form.span(number, "target", parts.sign, parts.value, parts.unit)
    form.span(number, "weight", parts.weight)
    form.span(number, "words", parts.level1, parts.level2, parts.label, parts.direction, *parts.after)


def _take_head(form: _Form, number: int, head: list[Cell], cells: list[Cell], *, slid: bool) -> None:
    """Unit, project, amount and goal: what stands left of a row's levels, or alone on a row."""
    columns = form.header.columns
    unit = next((m for cell in head if (m := _UNIT_WITH_CODE.match(fold_digits(cell.text)))), None)
    amounts = [cell for cell in head if is_amount(cell.text)]
    if "amount" in columns and amounts:
        named = [
            c for c in head if c.start < amounts[0].start and not _UNIT_WITH_CODE.match(fold_digits(c.text))
        ]
        project = named[-1].text if named else ""
    else:
        index = columns.get("project", -1)
        project = cells[index].text if not slid and 0 <= index < len(cells) else ""
    if unit:
        form.unit_name = unit.group(1).strip()
    form.project, form.amount = project, amounts[0].text if amounts else ""
    form.level1 = form.level2 = ""
    if amounts:
        form.amounts.append(ProjectAmount(project, form.unit_name, amounts[0].text, number, amounts[0].start))
    for cell in head:
        role = (
            "amount"
            if cell in amounts
            else "code"
            if _UNIT_WITH_CODE.match(fold_digits(cell.text))
            else "words"
        )
        form.span(number, role, cell)


def _take_wide_row(form: _Form, number: int, cells: list[Cell]) -> None:
    """A row of several indicators side by side, led by a unit or a project or by nothing."""
    first = form.header.pairs[0].label
    head = [cell for cell in cells[:first] if cell.text]
    amounts = [
        cell
        for cell in head
        if is_amount(cell.text) and not (_CODE.match(fold_digits(cell.text)) and cell is head[0])
    ]
    if head:
        name = next(
            (c.text for c in head if not is_amount(c.text) and not _CODE.match(fold_digits(c.text))), ""
        )
        if amounts:
            form.project, form.amount = name, amounts[0].text
            form.amounts.append(
                ProjectAmount(name, form.unit_name, amounts[0].text, number, amounts[0].start)
            )
        elif name:
            form.unit_name, form.project, form.amount = name, "", ""
        for cell in head:
            form.span(
                number,
                "amount" if cell in amounts else "code" if _CODE.match(fold_digits(cell.text)) else "words",
                cell,
            )
    nth = 0
    for pair in form.header.pairs:
        parts = _pair_parts(cells, pair)
        if parts:
            nth += 1
            form.indicators.append(_indicator(form, number, nth, parts, pair.kind, ""))
            form.span(number, "target", parts.value)
            form.span(number, "words", parts.label)


def _pair_parts(cells: list[Cell], pair: PairColumn) -> RowParts | None:
    label = cells[pair.label] if pair.label < len(cells) else None
    value = cells[pair.value] if pair.value < len(cells) else None
    if label is None or not label.text:
        return None
    if value is not None and value.text:
        return RowParts(None, None, label, value)
    split = split_overprinted(label.text)
    if split is None:
        return None
    text, target = split
    return RowParts(None, None, Cell(text, label.start), Cell(target, label.end - len(target)))


def _indicator(form: _Form, number: int, nth: int, parts: RowParts, level1: str, level2: str) -> Indicator:
    direction = parts.direction.text if parts.direction else ""
    target = read_target(
        parts.value.text,
        form.words,
        sign=parts.sign.text if parts.sign else "",
        unit=parts.unit.text if parts.unit else "",
        label=parts.label.text,
        direction=direction,
    )
    return Indicator(
        line=number,
        nth=nth,
        scope=form.header.scope,
        project=form.project,
        project_amount=form.amount,
        unit_name=form.unit_name,
        level1=level1,
        level2=level2,
        level3=parts.label.text,
        operator=target.operator,
        value=target.value,
        measure_unit=target.measure_unit,
        weight=parts.weight.text if parts.weight else "",
        direction=direction,
        printed=target.printed,
        likely_operator=target.likely_operator,
        page=form.document.pages[number - 1],
    )
