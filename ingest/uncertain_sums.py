"""Sums along rows whose columns are not all certain, where every placement that remains gives the same sum.

Extraction lost the empty cells, so an amount may stand in several columns. Where all of these are parts of one total,
the amounts must make that total wherever they stand; if they do not, what is printed does not add up.
"""

from __future__ import annotations

from collections.abc import Sequence

from mingzhang.ingest.document import Amount, ReadTable, RowSide
from mingzhang.ingest.relations import Relation
from mingzhang.ingest.sums import ColumnSum, Sum, column_sums
from mingzhang.ontology.lexicon import Lexicon


def read_uncertain_sums(tables: Sequence[ReadTable], lexicon: Lexicon) -> list[Relation]:
    """The sums of rows with uncertain columns, of tables at least half of whose sums of this kind hold.

    A table where most fail was misunderstood, as for the sums of certain columns (`relations`).
    """
    found: list[Relation] = []
    for table in tables:
        if table.published_empty:
            continue
        sums = _table_sums(table, lexicon)
        if 2 * sum(1 for s in sums if s.holds) >= len(sums):
            found += [Relation(table.number, "row", s) for s in sums]
    return found


def _table_sums(table: ReadTable, lexicon: Lexicon) -> list[Sum]:
    heads = {column.path[:1] for column in table.columns}
    found: list[Sum] = []
    for head in sorted(heads) if heads == {("收入",), ("支出",)} else [()]:
        paths = {i: c.path for i, c in enumerate(table.columns) if c.path[: len(head)] == head}
        relations = column_sums(paths, lexicon)
        sides = [side for row in table.rows for side in row.sides]
        found += [s for side in sides for relation in relations if (s := _side_sum(side, relation))]
    return found


def _side_sum(side: RowSide, relation: ColumnSum) -> Sum | None:
    """The relation on one row; None where every column is certain, or an amount may stand inside and outside of it."""
    total: Amount | None = None
    parts: list[Amount] = []
    is_uncertain = False
    inside = set(relation.parts)
    for cell in side.cells:
        places = {cell.column} if cell.column is not None else set(cell.candidates)
        if places == {relation.total}:
            total = cell.amount
        elif places <= inside:
            parts.append(cell.amount)
            is_uncertain = is_uncertain or cell.column is None
        elif places & {relation.total, *inside}:
            return None
    return Sum("row", total, tuple(parts)) if total is not None and is_uncertain else None
