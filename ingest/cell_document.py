"""Paragraphs and tables of cells → `Document`: lines, regions, and the place of each cell.

Each row of a table is one line, its cells parted by tabs, as it is for the ruled tables of a PDF; a merged cell stands
where it begins. Every reading step after this one is the same for all kinds of files.
"""

from __future__ import annotations

from collections.abc import Sequence

from mingzhang.ingest.cell_blocks import CellFile, CellTable, PlacedCell, TextLine
from mingzhang.ingest.cell_tables import table_blocks
from mingzhang.ingest.document import Document, Region, RegionCell


def cell_document(file: CellFile) -> Document:
    """The document that a file of cells and paragraphs is."""
    writer = _Lines()
    for number, sheet in enumerate(file.sheets, 1):
        writer.begin_sheet(number)
        for block in sheet.blocks:
            for part in [block] if isinstance(block, TextLine) else table_blocks(block):
                writer.add(part)
    return Document(
        file.source,
        tuple(writer.lines),
        tuple(writer.sheet_of_line),
        tuple(writer.regions),
        fragments=writer.fragments,
        incomplete=frozenset(writer.incomplete),
        notes=file.notes,
    )


class _Lines:
    """The lines written so far, with what is known of them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.sheet_of_line: list[int] = []
        self.regions: list[Region] = []
        self.fragments: dict[int, tuple[tuple[int, str], ...]] = {}
        self.incomplete: set[int] = set()
        self._sheet = 0
        self._floor = 0

    def begin_sheet(self, number: int) -> None:
        self._sheet, self._floor = number, len(self.lines)

    def add(self, block: TextLine | CellTable) -> None:
        if isinstance(block, CellTable):
            self._add_table(block)
        else:
            self._add_line(block.text, ((1, block.place),))

    def _add_line(self, text: str, fragments: tuple[tuple[int, str], ...]) -> None:
        self.lines.append(text)
        self.sheet_of_line.append(self._sheet)
        self.fragments[len(self.lines)] = fragments

    def _add_table(self, table: CellTable) -> None:
        width = max(cell.column + cell.column_span for cell in table.cells)
        height = max(cell.row for cell in table.cells) + 1
        rows: list[list[PlacedCell]] = [[] for _ in range(height)]
        for cell in table.cells:
            rows[cell.row].append(cell)
        first = len(self.lines) + 1
        cells: list[RegionCell] = []
        covered: set[tuple[int, int]] = set()
        for row in rows:
            text, starts = _row_line(row, width)
            for cell, start in zip(row, starts, strict=True):
                tall = min(cell.row_span, height - cell.row)
                cells.append(RegionCell(cell.row, cell.column, tall, cell.column_span, cell.text, start))
                covered |= _places(cells[-1])
            self._add_line(text, tuple((start, c.place) for c, start in zip(row, starts, strict=True)))
        body = range(table.head.rows, height)
        blanks = [(r, c) for r in body for c in range(width) if (r, c) not in covered]
        cells += [RegionCell(row, column, 1, 1, "", 1) for row, column in blanks]
        edges = tuple(float(edge) for edge in range(width + 1))
        self.regions.append(
            Region(first, height, edges, tuple(cells), self._sheet, self._floor, table.head.kind)
        )
        if table.incomplete:
            self.incomplete.add(first)


def _places(cell: RegionCell) -> set[tuple[int, int]]:
    """The (row, column) that a cell covers."""
    return {
        (row, column)
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    }


def _row_line(row: Sequence[PlacedCell], width: int) -> tuple[str, list[int]]:
    """A row's text with its cells parted by tabs, and the character each cell begins at, from 1."""
    text, starts, column = "", [], 0
    for cell in row:
        text += "\t" * (cell.column - column)
        column = cell.column
        starts.append(len(text) + 1)
        text += cell.text
    return text + "\t" * (width - 1 - column), starts
