"""The unit of a table that prints none: proven by its own amounts standing in other tables of the document, or left unsaid.

Web pages and workbooks often lose the line 单位：万元 of one table. Where all other tables print one and the same unit, and
the total of the table (or two other long amounts) stands in one of those too, it is in that unit; the proof is kept
with each amount, which then is reconciled. Amounts of a few digits prove nothing: 12.00 may be 元 here and 万元 there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from mingzhang.ingest.document import Amount, Certainty, ReadTable, TableCell
from mingzhang.ontology.lexicon import Lexicon

_DIGITS_ENOUGH = 4
_AMOUNTS_ENOUGH = 2


def with_units(tables: Sequence[ReadTable], lexicon: Lexicon) -> list[ReadTable]:
    """The tables, those without a unit with the one that is proven; the others of them as they are."""
    units = {table.unit for table in tables if table.unit and table.rows}
    if len(units) != 1:
        return list(tables)
    unit = units.pop()
    printed: dict[Decimal, int] = {}
    for table in tables:
        if table.unit:
            for amount, _ in _amounts(table, lexicon):
                if _is_telling(amount):
                    printed.setdefault(amount.value, table.number)
    return [table if table.unit else _with_unit(table, unit, printed, lexicon) for table in tables]


def _with_unit(table: ReadTable, unit: str, printed: Mapping[Decimal, int], lexicon: Lexicon) -> ReadTable:
    shared = [(amount, total) for amount, total in _amounts(table, lexicon) if amount.value in printed]
    totals = [amount for amount, total in shared if total]
    if not totals and len({amount.value for amount, _ in shared}) < _AMOUNTS_ENOUGH:
        return table
    witness = totals[0] if totals else shared[0][0]
    proof = f"{witness.token} = {witness.token} {unit}（表{printed[witness.value]} table {printed[witness.value]}）"

    def proven(cell: TableCell) -> TableCell:
        if cell.certainty is Certainty.AMBIGUOUS:
            return cell
        return replace(cell, certainty=Certainty.RECONCILED, proof=(*cell.proof, proof))

    rows = tuple(
        replace(
            row,
            sides=tuple(replace(side, cells=tuple(map(proven, side.cells))) for side in row.sides),
        )
        for row in table.rows
    )
    return replace(table, unit=unit, rows=rows)


def _amounts(table: ReadTable, lexicon: Lexicon) -> Iterator[tuple[Amount, bool]]:
    """Every amount of a table, and whether it stands in a row of totals."""
    for row in table.rows:
        for side in row.sides:
            is_total = lexicon.role(side.label) == "total"
            for cell in side.cells:
                yield cell.amount, is_total


def _is_telling(amount: Amount) -> bool:
    """Whether an amount has digits enough not to be the same by chance."""
    return len(amount.value.normalize().as_tuple().digits) >= _DIGITS_ENOUGH
