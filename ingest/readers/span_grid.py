"""Cells with their spans, row by row → the column that each begins in: the table model of HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Slot:
    """Where a cell begins in its row, from 0, and how many rows and columns it covers."""

    column: int
    row_span: int
    column_span: int


def placed_in_grid(rows: Sequence[Sequence[tuple[int, int]]]) -> Iterator[list[Slot]]:
    """The slots of each row's cells, given as (rows, columns) they ask for; 0 rows is all that follow.

    HTML Living Standard §4.9.12: a cell goes to the first free column; one that would lie over a cell from above ends
    before it.
    """
    busy: dict[int, int] = {}
    for number, row in enumerate(rows):
        column = 0
        slots = []
        for tall, wide in row:
            while busy.get(column, 0) > number:
                column += 1
            width = 1
            while width < wide and busy.get(column + width, 0) <= number:
                width += 1
            height = min(tall or len(rows) - number, len(rows) - number)
            slots.append(Slot(column, height, width))
            for place in range(column, column + width):
                busy[place] = number + height
            column += width
        yield slots
