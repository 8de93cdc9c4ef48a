"""Totals whose label stands in another block of their row than their amount.

Forms that print classes in several blocks side by side (人员经费 | 公用经费 | 公用经费) end with 公用经费合计 over all columns of
the last blocks: the label begins in one block, the amount stands at the end of the next. The amount is that total's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mingzhang.ingest.document import ReadTable, RowSide
from mingzhang.ontology.lexicon import Lexicon, normal_label

_TOTALS = ("合计", "总计", "小计", "共计")


def with_total_labels(table: ReadTable, lexicon: Lexicon) -> ReadTable:
    """The table with each such label beside its amount; a row that prints anything between them stays as it is."""
    rows = []
    for row in table.rows:
        sides = list(row.sides)
        for index in range(1, len(sides)):
            source = _label_left_of(index, sides, lexicon)
            if source is not None:
                sides[index] = replace(sides[index], label=sides[source].label)
                sides[source] = replace(sides[source], label="")
        rows.append(replace(row, sides=tuple(sides)))
    return replace(table, rows=tuple(rows))


def _label_left_of(index: int, sides: Sequence[RowSide], lexicon: Lexicon) -> int | None:
    """The side whose total a side without a label prints: the next one to its left that has a label and no amount."""
    own = sides[index]
    if normal_label(own.label) or own.codes or not own.cells:
        return None
    for place in range(index - 1, -1, -1):
        side = sides[place]
        label = normal_label(side.label)
        if side.cells or side.codes:
            return None
        if label:
            totals = label.endswith(_TOTALS) or lexicon.role(label) == "total"
            return place if totals else None
    return None
