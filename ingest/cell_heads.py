"""The head of a table whose headings nobody merged: how many rows it has, and which columns each heading stands over.

Whoever fills in a sheet often leaves the cells beside a heading blank instead of merging them: 基本支出 | (blank) above
人员经费 | 公用经费. A row goes on with the head where all its texts divide headings that have room to be divided.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mingzhang.ingest.amounts import is_amount
from mingzhang.ingest.cell_blocks import Head, PlacedCell

# What begins a row of data: 一、 （一） 1、
_NUMBERED = re.compile(r"^\s*(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|[0-9]+[、.．])")


@dataclass(frozen=True)
class _Room:
    """The columns a heading has to itself: from `first` up to and without `end`."""

    first: int
    end: int

    @property
    def divides(self) -> bool:
        return self.end - self.first > 1


def head_of(cells: Sequence[PlacedCell]) -> Head:
    """The head of a table. `cells` are in order of rows, rows and columns without gaps."""
    rows: dict[int, list[PlacedCell]] = defaultdict(list)
    for cell in cells:
        rows[cell.row].append(cell)
    if _holds_data(rows[0]):
        return Head(0, "drawn")
    width = max(cell.column + cell.column_span for cell in cells)
    head, rooms = [rows[0]], [_rooms(rows[0], _Room(0, width))]
    while _divides(rows.get(len(head), []), rooms[-1]):
        row = rows[len(head)]
        head.append(row)
        rooms.append(_rooms_below(row, rooms[-1]))
    below = [rows[len(head)]] if _may_divide(rows.get(len(head), []), rooms[-1]) else []
    kinds = {_kind(_reaching(head, depth), row) for depth, row in enumerate([*head[1:], *below])}
    kind = next((kind for kind in ("unclear", "loose") if kind in kinds), "drawn")
    return Head(len(head), kind)


def _reaching(head: Sequence[Sequence[PlacedCell]], depth: int) -> list[PlacedCell]:
    """The headings of a row (from 0) with those above that reach into it, from left to right."""
    reaching = [cell for row in head[: depth + 1] for cell in row if cell.row + cell.row_span > depth]
    return sorted(reaching, key=lambda cell: cell.column)


def _kind(row: Sequence[PlacedCell], below: Sequence[PlacedCell]) -> str:
    """How the headings of a row stand over those of the next: what is right of one and blank may be its own."""
    starts = {cell.column for cell in below}
    covered = {column for cell in row for column in range(cell.column, cell.column + cell.column_span)}
    kind = "drawn"
    for column in sorted(starts - covered):
        owner = next((cell for cell in reversed(row) if cell.column < column), None)
        if owner is not None and (owner.row_span > 1 or owner.column_span > 1):
            continue
        if owner is None or owner.column not in starts:
            return "unclear"
        kind = "loose"
    return kind


def _rooms(row: Sequence[PlacedCell], within: _Room) -> dict[int, _Room]:
    """Column → the room it lies in: a merged heading has what it covers, another what is free to its right."""
    found: dict[int, _Room] = {}
    starts = [cell.column for cell in row] + [within.end]
    leading = _Room(within.first, starts[0])
    found |= dict.fromkeys(range(leading.first, leading.end), leading)
    for cell, following in zip(row, starts[1:], strict=True):
        own = cell.column + cell.column_span if cell.column_span > 1 or cell.row_span > 1 else following
        room = _Room(cell.column, min(own, following))
        found |= dict.fromkeys(range(cell.column, following), room)
        found |= {column: _Room(column, column + 1) for column in range(room.end, following)}
    return found


def _rooms_below(row: Sequence[PlacedCell], above: Mapping[int, _Room]) -> dict[int, _Room]:
    """The rooms after a row of the head: those it divides, divided; the others as they were."""
    found = dict(above)
    for room in dict.fromkeys(above.values()):
        inside = [cell for cell in row if room.first <= cell.column < room.end]
        if inside:
            found |= _rooms(inside, room)
    return found


def _divides(row: Sequence[PlacedCell], rooms: Mapping[int, _Room]) -> bool:
    """Whether a row is one of headings under those above it: two or more in each room that it divides."""
    members = [rooms[cell.column] for cell in row]
    return _may_divide(row, rooms) and all(members.count(room) > 1 or _fills(room, row) for room in members)


def _may_divide(row: Sequence[PlacedCell], rooms: Mapping[int, _Room]) -> bool:
    """Whether a row may be one of headings: all its texts stand where those above it can be divided."""
    return len(row) > 1 and not _holds_data(row) and all(rooms[cell.column].divides for cell in row)


def _fills(room: _Room, row: Sequence[PlacedCell]) -> bool:
    """Whether one merged heading stands under all of another."""
    return any(cell.column == room.first and cell.column + cell.column_span >= room.end for cell in row)


def _holds_data(row: Sequence[PlacedCell]) -> bool:
    return any(is_amount(cell.text) or _NUMBERED.match(cell.text) for cell in row)
