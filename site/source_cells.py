"""A source of cells and paragraphs (workbook, Word, web page) as its page shows it, every figure read a link.

What is shown was written down when the file was read (`views/` of the release), since nothing here opens office files:
the same lines and cells that the figures were read from, each with its place as id, so that a link lands on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mingzhang.errors import ReleaseError
from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.links import href
from mingzhang.site.namespaces import MZ, PROV, local_name
from mingzhang.site.source_text import Piece, Spot, mark_line

_HEAD_ROWS = 4
"""Rows at the head of a table that an excerpt shows, so that the figure's column has its headings."""
_ROWS_AROUND = 2
"""Rows above and below a figure that an excerpt shows."""


@dataclass(frozen=True)
class Cell:
    """A cell as it begins in its row: what it covers, and its text with the figures in it."""

    pieces: tuple[Piece, ...]
    id: str
    """The fragment of its place; "" where something before it has the same."""
    place: str
    rows: int
    columns: int
    is_number: bool = False


@dataclass(frozen=True)
class Row:
    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph (`cell`), or a table (`rows`)."""

    cell: Cell | None
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class CellView:
    """The whole of a source. `notes` say what in it was not read, and why."""

    blocks: tuple[Block, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class CellExcerpt:
    """The head of a figure's table and the rows around the figure, or its paragraph."""

    blocks: tuple[Block, ...]
    here: str
    """The place of the figure."""


def read_view(graph: ReleaseGraph, source: str, folder: Path) -> CellView | None:
    """The view of a source, its figures marked; None where the release has none. Raises ReleaseError for a damaged one."""
    path = folder / f"{graph.text(source, MZ + 'sha256')}.json"
    if not path.is_file():
        return None
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        maker = _Maker(_spots(graph, source))
        return CellView(tuple(maker.block(block) for block in raw["blocks"]), tuple(raw["notes"]))
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ReleaseError(f"{path}: damaged ({error}); build the release again") from error


def _spots(graph: ReleaseGraph, source: str) -> dict[str, list[Spot]]:
    """Fragment of a place → what was read there."""
    found: dict[str, list[Spot]] = {}
    for figure in graph.subjects(PROV + "wasDerivedFrom", source):
        fragment = graph.text(figure, MZ + "place").partition("#")[2]
        token = graph.text(figure, MZ + "token")
        if fragment and token:
            certainty = local_name(graph.text(figure, MZ + "certainty"))
            spot = Spot(token, graph.integer(figure, MZ + "nth"), 0, href(figure, graph.base), certainty)
            found.setdefault(fragment, []).append(spot)
    return {
        fragment: [replace(spot, nth=nth) for nth, spot in enumerate(_in_order(spots), 1)]
        for fragment, spots in found.items()
    }


def _in_order(spots: Sequence[Spot]) -> list[Spot]:
    """Spots in the order of their figures' names, which hold line and character: l12n3, l12c40."""
    return sorted(spots, key=lambda spot: (len(spot.href), spot.href))


class _Maker:
    """Makes blocks of what was written down; each place gets its id once."""

    def __init__(self, spots: Mapping[str, Sequence[Spot]]) -> None:
        self._spots = spots
        self._named: set[str] = set()

    def block(self, raw: Mapping[str, Any]) -> Block:
        if "line" in raw:
            return Block(self._cell({**raw, "rows": 1, "columns": 1}))
        rows = (
            Row(line, tuple(map(self._cell, cells))) for line, cells in enumerate(raw["rows"], raw["first"])
        )
        return Block(None, tuple(rows))

    def _cell(self, raw: Mapping[str, Any]) -> Cell:
        place = str(raw["place"])
        fresh = place not in self._named
        self._named.add(place)
        pieces = mark_line(raw["text"], self._spots.get(place, ()))
        is_number = bool(pieces) and all(piece.href for piece in pieces)
        return Cell(pieces, place if fresh else "", place, raw["rows"], raw["columns"], is_number)


def cell_excerpt(view: CellView | None, place: str, line: int) -> CellExcerpt | None:
    """What stands around the place of a figure on a line; None where the view does not show it."""
    fragment = place.partition("#")[2]
    for block in view.blocks if view else ():
        if block.cell is not None and block.cell.place == fragment:
            return CellExcerpt((block,), fragment)
        at = next((i for i, row in enumerate(block.rows) if row.line == line), None)
        if at is not None and any(cell.place == fragment for cell in block.rows[at].cells):
            return CellExcerpt((_part(block, at),), fragment)
    return None


def _part(block: Block, at: int) -> Block:
    """The head of a table and the rows around one of it, no cell reaching beyond them."""
    last = min(at + _ROWS_AROUND, len(block.rows) - 1)
    kept = sorted({*range(min(_HEAD_ROWS, len(block.rows))), *range(max(at - _ROWS_AROUND, 0), last + 1)})
    rows = []
    for number in kept:
        cells = tuple(
            replace(cell, id="", rows=sum(1 for k in kept if number <= k < number + cell.rows))
            for cell in _with_covering(block, number, kept)
        )
        rows.append(replace(block.rows[number], cells=cells))
    return Block(None, tuple(rows))


def _with_covering(block: Block, number: int, kept: Sequence[int]) -> tuple[Cell, ...]:
    """The cells of a row, with those that reach into it from a row that is not shown, in order of columns."""
    shown_before = [k for k in kept if k < number]
    since = (shown_before[-1] + 1) if shown_before else 0
    columns: dict[int, Cell] = {}
    for column, cell, row in _placed(block, number):
        if row == number:
            columns[column] = cell
        elif since <= row < number and row + cell.rows > number:
            columns[column] = replace(cell, rows=cell.rows - (number - row))
    return tuple(columns[column] for column in sorted(columns))


def _placed(block: Block, last: int) -> list[tuple[int, Cell, int]]:
    """(column, cell, row) of every cell down to a row, by the table model of HTML."""
    busy: dict[int, int] = {}
    found = []
    for number, row in enumerate(block.rows[: last + 1]):
        column = 0
        for cell in row.cells:
            while busy.get(column, 0) > number:
                column += 1
            found.append((column, cell, number))
            for place in range(column, column + cell.columns):
                busy[place] = number + cell.rows
            column += cell.columns
    return found
