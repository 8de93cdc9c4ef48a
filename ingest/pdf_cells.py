"""Rulings → frames of cells: the grid that is drawn, merged cells included.

A frame is a connected set of horizontal and vertical rulings. Between neighbouring places of its grid a missing ruling
means that they are one cell. A side left open (a table without outer lines, or cut by the page's end) is closed where
its other rulings end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from mingzhang.ingest.pdf_rulings import Ruling, Rulings, snapped

# How far (points) lines may miss one another and still meet.
_REACH = 3.0
# A side whose rulings run on this far (points) beyond the last line across is open.
_OPEN_SIDE = 8.0


@dataclass(frozen=True)
class FrameCell:
    """A cell of a frame: its first row and column, and how many of each it takes up."""

    row: int
    column: int
    row_span: int
    column_span: int


@dataclass(frozen=True)
class Frame:
    """A table: column edges `xs` and row edges `ys` in points, and its cells in reading order.

    `by_text`: no line parts its columns; where its text stands does.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[FrameCell, ...]
    by_text: bool = False

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies inside the outer lines."""
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def slot(self, x: float, y: float) -> tuple[int, int]:
        """(row, column) of the grid at a point inside the frame."""
        row = min(bisect_right(self.ys, y), len(self.ys) - 1) - 1
        column = min(bisect_right(self.xs, x), len(self.xs) - 1) - 1
        return max(row, 0), max(column, 0)

    def owners(self) -> dict[tuple[int, int], FrameCell]:
        """(row, column) → the cell that covers it."""
        return {
            (row, column): cell
            for cell in self.cells
            for row in range(cell.row, cell.row + cell.row_span)
            for column in range(cell.column, cell.column + cell.column_span)
        }


def read_frames(rulings: Rulings) -> list[Frame]:
    """The tables drawn on a page, those of two columns or more, from the smallest to the largest.

    A table of one row may be the end of one that began on the page before.
    """
    frames = []
    for horizontal, vertical in _connected(rulings):
        frame = _frame(horizontal, vertical)
        if frame is not None and len(frame.cells) >= 2:
            frames.append(frame)
    return sorted(frames, key=lambda f: (f.xs[-1] - f.xs[0]) * (f.ys[-1] - f.ys[0]))


def _connected(rulings: Rulings) -> list[tuple[list[Ruling], list[Ruling]]]:
    """Groups of rulings that touch one another, as (horizontal, vertical)."""
    horizontal, vertical = rulings
    parent = list(range(len(horizontal) + len(vertical)))
    for i, h in enumerate(horizontal):
        for k, v in enumerate(vertical, len(horizontal)):
            meets_h = h.start - _REACH <= v.at <= h.end + _REACH
            if meets_h and v.start - _REACH <= h.at <= v.end + _REACH:
                parent[_root(parent, k)] = _root(parent, i)
    groups: dict[int, tuple[list[Ruling], list[Ruling]]] = defaultdict(lambda: ([], []))
    for i, h in enumerate(horizontal):
        groups[_root(parent, i)][0].append(h)
    for k, v in enumerate(vertical, len(horizontal)):
        groups[_root(parent, k)][1].append(v)
    return list(groups.values())


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


def _edges(across: Sequence[Ruling], along: Sequence[Ruling]) -> list[float]:
    """Where the lines `across` stand, and the ends of those `along` where they run on beyond."""
    edges = sorted(set(snapped(sorted(r.at for r in across))))
    low, high = min(r.start for r in along), max(r.end for r in along)
    if not edges or low < edges[0] - _OPEN_SIDE:
        edges.insert(0, low)
    if high > edges[-1] + _OPEN_SIDE:
        edges.append(high)
    return edges


def _frame(horizontal: Sequence[Ruling], vertical: Sequence[Ruling]) -> Frame | None:
    if not horizontal or not vertical:
        return None
    xs, ys = _edges(vertical, horizontal), _edges(horizontal, vertical)
    ys = _with_ends(ys, vertical)
    if len(xs) < 3 or len(ys) < 2:
        return None
    width, height = len(xs) - 1, len(ys) - 1
    parent = list(range(width * height))
    upright = _by_edge(vertical, xs)
    level = _by_edge(horizontal, ys)
    for row in range(height):
        for column in range(width):
            here = row * width + column
            middle_y, middle_x = (ys[row] + ys[row + 1]) / 2, (xs[column] + xs[column + 1]) / 2
            if column + 1 < width and not _covers(upright[column + 1], middle_y):
                parent[_root(parent, here + 1)] = _root(parent, here)
            if row + 1 < height and not _covers(level[row + 1], middle_x):
                parent[_root(parent, here + width)] = _root(parent, here)
    members: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place in range(width * height):
        members[_root(parent, place)].append(divmod(place, width))
    beside = {
        (row, column)
        for row in range(height)
        for column in range(width - 1)
        if _covers(upright[column + 1], (ys[row] + ys[row + 1]) / 2)
    }
    below = {
        (row, column)
        for row in range(height - 1)
        for column in range(width)
        if _covers(level[row + 1], (xs[column] + xs[column + 1]) / 2)
    }
    cells = [cell for places in members.values() for cell in _rectangles(places, beside, below)]
    return Frame(tuple(xs), tuple(ys), tuple(sorted(cells, key=lambda c: (c.row, c.column))))


def _with_ends(ys: Sequence[float], vertical: Sequence[Ruling]) -> list[float]:
    """The row edges, and where upright rulings end between them: a heading ends there, though no line is drawn."""
    ends = sorted(end for ruling in vertical for end in (ruling.start, ruling.end))
    found = list(ys)
    for end in ends:
        if ys[0] < end < ys[-1] and min(abs(end - y) for y in found) > _OPEN_SIDE:
            found.append(end)
    return sorted(found)


def _by_edge(rulings: Sequence[Ruling], edges: Sequence[float]) -> list[list[Ruling]]:
    found: list[list[Ruling]] = [[] for _ in edges]
    for ruling in rulings:
        nearest = min(range(len(edges)), key=lambda index: abs(edges[index] - ruling.at))
        found[nearest].append(ruling)
    return found


def _covers(rulings: Sequence[Ruling], position: float) -> bool:
    return any(r.start - 1 <= position <= r.end + 1 for r in rulings)


def _rectangles(
    places: Sequence[tuple[int, int]], beside: Set[tuple[int, int]], below: Set[tuple[int, int]]
) -> list[FrameCell]:
    """One cell where the places make up a rectangle; else one for each run of places along a row, or for several rows

    of runs of the same columns. `beside` and `below` are the places with a ruling on their right, and under them.
    """
    rows, columns = [p[0] for p in places], [p[1] for p in places]
    top, left = min(rows), min(columns)
    tall, wide = max(rows) - top + 1, max(columns) - left + 1
    if tall * wide == len(places) and not any(p in beside and p[1] < left + wide - 1 for p in places):
        return [FrameCell(top, left, tall, wide)]
    runs: list[FrameCell] = []
    for row, column in sorted(places):
        last = runs[-1] if runs else None
        follows = last is not None and last.row == row and last.column + last.column_span == column
        if last is not None and follows and (row, column - 1) not in beside:
            runs[-1] = FrameCell(row, last.column, 1, last.column_span + 1)
        else:
            runs.append(FrameCell(row, column, 1, 1))
    return _stacked(runs, below)


def _stacked(runs: Sequence[FrameCell], below: Set[tuple[int, int]]) -> list[FrameCell]:
    """Runs of the same columns, one under the other without a ruling between, as one cell."""
    cells: list[FrameCell] = []
    for run in runs:
        over = next(
            (
                index
                for index, cell in enumerate(cells)
                if (cell.column, cell.column_span) == (run.column, run.column_span)
                and cell.row + cell.row_span == run.row
                and (run.row - 1, run.column) not in below
            ),
            None,
        )
        if over is None:
            cells.append(run)
        else:
            cells[over] = replace(cells[over], row_span=cells[over].row_span + 1)
    return cells
