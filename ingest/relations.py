"""The sums that a document's tables imply, between figures: what the accounting shapes then check.

Only figures whose column is certain take part, and only rows that are understood: a sum over a row we cannot place
would accuse the publisher of our own gap. A family of relations that its table mostly contradicts is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mingzhang.ingest.document import Amount, ReadTable, RowSide
from mingzhang.ingest.facts import TableMeaning
from mingzhang.ingest.sums import ColumnSum, RowSum, Sum, column_sums, row_sums, trusted
from mingzhang.ontology.lexicon import Lexicon, normal_label


@dataclass(frozen=True)
class Relation:
    """A sum in a table: `kind` is `row` (along a row) or `column` (down a column)."""

    table: int
    kind: str
    sum: Sum


def read_relations(meanings: Sequence[TableMeaning], lexicon: Lexicon) -> list[Relation]:
    """Every sum the tables imply, in order of table."""
    found: list[Relation] = []
    for meant in meanings:
        if not meant.table.published_empty:
            found += [Relation(meant.table.number, s.kind, s) for s in _table_sums(meant, lexicon)]
    return found


def _table_sums(meant: TableMeaning, lexicon: Lexicon) -> list[Sum]:
    table = meant.table
    sums: list[Sum] = []
    for position, said in enumerate(meant.sides):
        sides = [row.sides[position] if position < len(row.sides) else RowSide("", ()) for row in table.rows]
        rows = [_by_column(side) for side in sides]
        sums += _along_rows(rows, _column_relations(table, rows, lexicon))
        keys = [row.key for row in said]
        # A blank label repeats the total above it, and a row that is not understood makes its block unfit for sums.
        usable = [i for i, key in enumerate(keys) if normal_label(key.label) or key.code]
        down = row_sums([keys[i] for i in usable])
        relations = [RowSum(usable[r.total], tuple(usable[p] for p in r.parts), r.family) for r in down]
        relations = [r for r in relations if all(said[i].meaning is not None for i in (r.total, *r.parts))]
        sums += _down_columns(rows, relations)
    return sums


def _by_column(side: RowSide) -> dict[int, Amount]:
    return {cell.column: cell.amount for cell in side.cells if cell.column is not None}


def _column_relations(
    table: ReadTable, rows: Sequence[dict[int, Amount]], lexicon: Lexicon
) -> list[ColumnSum]:
    used = {index for row in rows for index in row}
    if not used:
        return []
    flows = {table.columns[index].path[:1] for index in used}
    heads = {("收入",), ("支出",)}
    own = flows & heads
    paths = {
        index: column.path for index, column in enumerate(table.columns) if not own or column.path[:1] in own
    }
    return column_sums(paths, lexicon)


def _along_rows(rows: Sequence[dict[int, Amount]], relations: Sequence[ColumnSum]) -> list[Sum]:
    kept: list[Sum] = []
    for relation in relations:
        sums = [
            s
            for row in rows
            if (s := _sum("row", row.get(relation.total), [row.get(p) for p in relation.parts]))
        ]
        kept += trusted(sums, lambda _: 0, lambda s: s.holds)
    return kept


def _down_columns(rows: Sequence[dict[int, Amount]], relations: Sequence[RowSum]) -> list[Sum]:
    kept: list[Sum] = []
    families = {relation.family for relation in relations}
    columns = sorted({index for row in rows for index in row})
    for family in sorted(families):
        sums = [
            s
            for relation in relations
            if relation.family == family
            for column in columns
            if (
                s := _sum(
                    "column", rows[relation.total].get(column), [rows[p].get(column) for p in relation.parts]
                )
            )
        ]
        kept += trusted(sums, lambda _: 0, lambda s: s.holds)
    return kept


def _sum(kind: str, total: Amount | None, parts: Sequence[Amount | None]) -> Sum | None:
    """The relation between printed amounts; None without a total or without parts. A blank part is nothing."""
    printed = tuple(part for part in parts if part is not None)
    if total is None or not printed:
        return None
    return Sum(kind, total, printed)
