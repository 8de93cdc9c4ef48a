"""A table too wide for a page, printed in parts: the left columns on one page, the others on the next.

The right part has no title and names no rows. It is joined to the part before it only where its rows stand at the same
heights on their pages, one for one: a print shows the same rows of a sheet at the same places. Nothing else is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mingzhang.ingest.document import Box, Document
from mingzhang.ingest.grid import Grid, GridCell, GridRow
from mingzhang.ontology.lexicon import Lexicon

# Rows that stand at the same height may differ by this much (points).
_SAME_HEIGHT = 3.0
# Fewer rows than this may stand at the same heights by chance.
_ENOUGH_ROWS = 2
_NAMING = ("code", "unit-code", "label")


def joined_parts(grids: Sequence[Grid], document: Document, lexicon: Lexicon) -> list[Grid]:
    """The grids with right parts joined to the left parts before them; what has neither title nor unit is left out."""
    found: list[Grid] = []
    for grid in grids:
        if found and _is_right_part(found[-1], grid, document, lexicon):
            found[-1] = _joined(found[-1], grid)
        else:
            found.append(grid)
    return [grid for grid in found if grid.title or grid.unit]


def _is_right_part(left: Grid, right: Grid, document: Document, lexicon: Lexicon) -> bool:
    if right.title or not left.levels or not right.levels or len(left.body) != len(right.body):
        return False
    if left.unit and right.unit and left.unit != right.unit:
        return False
    if names_rows(right.levels, lexicon) or not names_rows(left.levels, lexicon):
        return False
    shifts: dict[tuple[int, int], list[float]] = {}
    for one, other in zip(left.body, right.body, strict=True):
        a, b = _box(one, document), _box(other, document)
        if a and b:
            if b.page <= a.page:
                return False
            shifts.setdefault((a.page, b.page), []).append(b.y + b.height / 2 - a.y - a.height / 2)
    aligned = all(max(apart) - min(apart) <= _SAME_HEIGHT for apart in shifts.values())
    return aligned and sum(map(len, shifts.values())) >= max(_ENOUGH_ROWS, len(right.body) // 2)


def names_rows(head: Sequence[Sequence[str]], lexicon: Lexicon) -> bool:
    """Whether a head has a column of codes or names."""
    return any(lexicon.role(text) in _NAMING for level in head for text in level if text)


def _box(row: GridRow, document: Document) -> Box | None:
    """The place of the first number of a row."""
    starts = (cell.start for cell in row.cells if cell.text)
    return next((box for start in starts if (box := document.boxes.get((row.line, start)))), None)


def _joined(left: Grid, right: Grid) -> Grid:
    """One grid with the columns of both; each cell of the right part keeps its own line."""
    levels = (left.levels or (), right.levels or ())
    height = max(len(level) for level in levels)
    # A head that is lower repeats its last row: levels that repeat count once.
    one, other = ((*level, *[level[-1]] * (height - len(level))) for level in levels)
    width = len(one[0])
    return replace(
        left,
        unit=left.unit or right.unit,
        header=tuple(_beside(a, b, width) for a, b in zip(left.header, right.header, strict=False)),
        body=tuple(_beside(a, b, width) for a, b in zip(left.body, right.body, strict=True)),
        spans=(*left.spans, *right.spans),
        said_empty=left.said_empty and right.said_empty,
        levels=tuple((*a, *b) for a, b in zip(one, other, strict=True)),
        placed=left.placed or right.placed,
    )


def _beside(left: GridRow, right: GridRow, width: int) -> GridRow:
    padding = [GridCell("", 1)] * (width - len(left.cells))
    return GridRow(
        left.line, (*left.cells, *padding, *(replace(cell, line=right.line) for cell in right.cells))
    )
