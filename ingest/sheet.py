"""A table whose cells are known from how it is drawn, by place: which cell covers which row and column."""

from __future__ import annotations

from dataclasses import dataclass

from mingzhang.ingest.document import Region, RegionCell
from mingzhang.ingest.grid import GridCell, GridRow, squeeze

# Columns of two pages of one table may differ by so much (share of the table's width).
_SAME_WIDTH = 0.015


@dataclass(frozen=True)
class Sheet:
    """A region with its cells by place: `cover[row][column]` is the cell there."""

    region: Region
    cover: tuple[tuple[RegionCell | None, ...], ...]

    @property
    def width(self) -> int:
        return len(self.region.edges) - 1

    def starts(self, row: int) -> list[RegionCell]:
        """The cells that begin in a row."""
        cells = dict.fromkeys(c for c in self.cover[row] if c is not None)
        return [cell for cell in cells if cell.row == row]

    def levels(self, row: int) -> tuple[str, ...]:
        """What stands over each column in a row, merged cells repeated."""
        return tuple(squeeze(cell.text) if cell is not None else "" for cell in self.cover[row])

    def grid_row(self, row: int) -> GridRow:
        """The row's cells where they begin."""
        cells = []
        for column in range(self.width):
            cell = self.cover[row][column]
            here = cell is not None and cell.row == row and cell.column == column
            cells.append(GridCell(cell.text, cell.start) if cell is not None and here else GridCell("", 1))
        return GridRow(self.region.first_line + row, tuple(cells))


def sheet_of(region: Region) -> Sheet:
    """The region with its cells by place."""
    width = len(region.edges) - 1
    cover: list[list[RegionCell | None]] = [[None] * width for _ in range(region.rows)]
    for cell in region.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            for column in range(cell.column, cell.column + cell.column_span):
                cover[row][column] = cell
    return Sheet(region, tuple(tuple(row) for row in cover))


def same_columns(one: Region, other: Region) -> bool:
    """Whether two tables have columns of the same widths, wherever on the page they stand."""
    if len(one.edges) != len(other.edges):
        return False
    allowed = _SAME_WIDTH * (one.edges[-1] - one.edges[0])
    return all(
        abs((a - one.edges[0]) - (b - other.edges[0])) <= allowed
        for a, b in zip(one.edges, other.edges, strict=True)
    )
