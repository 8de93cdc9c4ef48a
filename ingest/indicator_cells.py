"""Cells of tab-separated lines, and the headers of the indicator forms made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mingzhang.ingest.amounts import is_amount
from mingzhang.ingest.document import Document
from mingzhang.ingest.indicator_words import IndicatorWords
from mingzhang.ingest.prose_text import is_page_foot
from mingzhang.ontology.lexicon import normal_text

_HEADER_LINES = 3
"""A header has at most this many lines: groups over levels over 三级指标 | 指标值 is the deepest in print."""


@dataclass(frozen=True)
class Cell:
    """One cell: its text without surrounding spaces, and the character it begins at (from 1)."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The character after the last one."""
        return self.start + len(self.text)


EMPTY = Cell("", 1)


@dataclass(frozen=True)
class PairColumn:
    """A column of labels and the column of their targets.

    `kind` is the first-level kind printed over both.
    """

    label: int
    value: int
    kind: str


@dataclass(frozen=True)
class GridHeader:
    """What the columns of a form hold: role → index (`level1`, `project` …), and its label–target pairs."""

    first_line: int
    last_line: int
    width: int
    columns: Mapping[str, int]
    pairs: tuple[PairColumn, ...]

    @property
    def is_side_by_side(self) -> bool:
        """Whether several indicators stand beside one another on a row."""
        return "level1" not in self.columns and bool(self.pairs) and all(pair.kind for pair in self.pairs)

    @property
    def scope(self) -> str:
        """`project` where the form names projects in a column, else `department`."""
        return "project" if {"project", "unit-or-project"} & self.columns.keys() else "department"


def tab_cells(line: str) -> list[Cell]:
    """The cells of a line, empty ones included."""
    cells, position = [], 1
    for text in line.split("\t"):
        lead = len(text) - len(text.lstrip())
        cells.append(Cell(text.strip(), position + lead))
        position += len(text) + 1
    return cells


def is_header_row(cells: list[Cell], words: IndicatorWords) -> bool:
    """Whether a row heads labels and targets."""
    roles = {words.column(cell.text) for cell in cells}
    return {"level3", "value"} <= roles


def grid_headers(document: Document, taken: frozenset[int], words: IndicatorWords) -> list[GridHeader]:
    """Every header of an indicator form, from the top of the document."""
    found = [
        _header(document, number, words)
        for number, line in enumerate(document.lines, 1)
        if number not in taken and "\t" in line and is_header_row(tab_cells(line), words)
    ]
    # Without a first-level kind, in a column or over the pair, a header is not one of these forms.
    return [header for header in found if "level1" in header.columns or header.is_side_by_side]


def _header(document: Document, number: int, words: IndicatorWords) -> GridHeader:
    rows, first = _header_rows(document, number, words)
    lowest = rows[0]
    roles = [words.column(cell.text) for cell in lowest]
    columns: dict[str, int] = {}
    for row in rows:
        for index, cell in enumerate(row):
            role = words.column(cell.text)
            if role and role not in ("level3", "value"):
                columns.setdefault(role, index)
    pairs = tuple(
        PairColumn(index, roles.index("value", index), _kind_above(index, rows[1:], words))
        for index, role in enumerate(roles)
        if role == "level3" and "value" in roles[index:]
    )
    if len(pairs) == 1:
        columns |= {"level3": pairs[0].label, "value": pairs[0].value}
    width = max(i for i, cell in enumerate(lowest) if cell.text) + 1
    return GridHeader(first, number, width, MappingProxyType(columns), pairs)


def _header_rows(document: Document, number: int, words: IndicatorWords) -> tuple[list[list[Cell]], int]:
    """The rows of the header whose lowest line is `number`, from the lowest up, and the line of the highest."""
    rows, first = [tab_cells(document.line(number))], number
    printed = [n for n in range(1, number) if not is_page_foot(document.line(n))]
    for above in reversed(printed[-(_HEADER_LINES - 1) :]):
        cells = tab_cells(document.line(above))
        filled = [cell for cell in cells if cell.text]
        known = [c for c in filled if words.column(c.text) or normal_text(c.text) in words.level1]
        if len(cells) < 3 or len(known) < 2 or any(is_amount(cell.text) for cell in filled):
            break
        rows.append(cells)
        first = above
    return rows, first


def _kind_above(index: int, rows: list[list[Cell]], words: IndicatorWords) -> str:
    """The first-level kind printed over a column: in a header line, the nearest text at it or to its left."""
    for row in rows:
        nearest = next((row[i].text for i in range(min(index, len(row) - 1), -1, -1) if row[i].text), "")
        if normal_text(nearest) in words.level1:
            return nearest
    return ""
