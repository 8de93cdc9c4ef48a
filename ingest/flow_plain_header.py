"""Columns of a form that no description fits, where the header itself is plain: one line, one word a column.

The sum of such columns is taken for granted only where the table's own full rows show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from mingzhang.ingest.align import SumAlong, tolerance
from mingzhang.ingest.flow_forms import FlowForms
from mingzhang.ingest.flow_header import FlowColumn, FlowHeader
from mingzhang.ingest.flow_rows import FlowRow
from mingzhang.ingest.flow_sheets import SheetLine
from mingzhang.ontology.lexicon import normal_text

# So many full rows must add up, and none may fail, before other rows are read by that sum.
_CONFIRMATIONS = 2


def read_plain_header(
    lines: Sequence[SheetLine], rows: Sequence[FlowRow], captions: frozenset[str], forms: FlowForms
) -> FlowHeader | None:
    """The columns of a header of one line; None where it has more, or no row fills all of its columns."""
    speaking = [words for line in lines if (words := _words(line, captions, forms))]
    if len(speaking) != 1 or len(set(speaking[0])) < len(speaking[0]):
        return None
    names = speaking[0]
    full = [row for row in rows if len(row.amounts) == len(names)]
    if not full or any(len(row.amounts) > len(names) for row in rows) or any(len(name) < 2 for name in names):
        return None
    columns = tuple(_column(name, forms) for name in names)
    total = len(columns) > 2 and columns[0].is_total and _adds_up(full)
    sums = (SumAlong(0, tuple(range(1, len(columns)))),) if total else ()
    return FlowHeader("plain", columns, sums)


def _words(line: SheetLine, captions: frozenset[str], forms: FlowForms) -> list[str]:
    """The words of a line that are over amounts: not over labels and codes, and no caption."""
    if normal_text(line.text) in captions | forms.stubs:
        return []
    return [word for word in map(normal_text, line.text.split()) if word not in forms.stubs]


def _column(name: str, forms: FlowForms) -> FlowColumn:
    headings = forms.headings_worded(name)
    known = headings[0] if len(headings) == 1 else None
    tags = (
        known.tags
        if known and not known.is_total
        else frozenset()
        if known
        else frozenset({f"column:{name}"})
    )
    return FlowColumn(
        (name,), tags, known.implies if known else frozenset(), 0, bool(known and known.is_total)
    )


def _adds_up(rows: Sequence[FlowRow]) -> bool:
    """Whether the first amount of full rows is the sum of the others, in enough rows and without exception."""
    held = 0
    for row in rows:
        values = [amount.value if amount else Decimal(0) for amount in row.amounts]
        places = max((amount.decimals for amount in row.amounts if amount), default=0)
        off = abs(values[0] - sum(values[1:], Decimal(0)))
        if off > Decimal(tolerance(sum(value != 0 for value in values[1:]))).scaleb(-places):
            return False
        held += sum(value != 0 for value in values[1:]) > 1
    return held >= _CONFIRMATIONS
