"""The sums that a document's tables imply, between figures: what the accounting shapes then check.

Only figures whose column is certain take part, and only rows that are understood: a sum over a row we cannot place
would accuse the publisher of our own gap. A family of relations that its table mostly contradicts is left out.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from mingzhang.ingest.document import Amount, ReadTable, RowSide
from mingzhang.ingest.facts import TableMeaning
from mingzhang.ingest.sums import ColumnSum, RowKey, RowSum, Sum, column_sums, row_sums, trusted
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
    by_side = [
        [
            _by_column(row.sides[position] if position < len(row.sides) else RowSide("", ()))
            for row in table.rows
        ]
        for position in range(len(meant.sides))
    ]
    for position, said in enumerate(meant.sides):
        rows = by_side[position]
        elsewhere = {i for k, other in enumerate(by_side) if k != position for row in other for i in row}
        sums += _along_rows(rows, _column_relations(table, rows, elsewhere, lexicon))
        keys = [row.key for row in said]
        # A blank label repeats the total above it, and a row that is not understood makes its block unfit for sums.
        usable = [i for i, key in enumerate(keys) if normal_label(key.label) or key.code]
        usable = [i for i in usable if not _repeats_total(i, keys, rows)]
        down = row_sums([keys[i] for i in usable])
        relations = [RowSum(usable[r.total], tuple(usable[p] for p in r.parts), r.family) for r in down]
        understood = [row.meaning is not None for row in said]
        relations = [r for r in relations if _is_whole(r, usable, understood)]
        last = max((i for i, row in enumerate(rows) if row), default=-1)
        sums += _down_columns(rows, relations, last)
    return sums


def _repeats_total(index: int, keys: Sequence[RowKey], rows: Sequence[dict[int, Amount]]) -> bool:
    """Whether a row prints a total again: a page that continues a table may begin with it."""
    key = keys[index]
    if not key.is_total:
        return False
    own = {column: amount.value for column, amount in rows[index].items()}
    return any(
        earlier.is_total
        and normal_label(earlier.label) == normal_label(key.label)
        and {column: amount.value for column, amount in rows[i].items()} == own
        for i, earlier in enumerate(keys[:index])
    )


def _is_whole(relation: RowSum, usable: Sequence[int], understood: Sequence[bool]) -> bool:
    """Whether every row of a sum's block is understood: one that is not may be a part that we miss."""
    first, last = min(relation.total, *relation.parts), max(relation.total, *relation.parts)
    beyond = next((i for i in usable if i > last), None)
    inside = all(understood[i] for i in usable if first <= i <= last)
    return inside and (beyond is None or relation.total > relation.parts[0] or understood[beyond])


def _by_column(side: RowSide) -> dict[int, Amount]:
    return {cell.column: cell.amount for cell in side.cells if cell.column is not None}


def _column_relations(
    table: ReadTable, rows: Sequence[dict[int, Amount]], elsewhere: Set[int], lexicon: Lexicon
) -> list[ColumnSum]:
    """The sums along a row of one side; columns that other sides of a row use are not of it."""
    used = {index for row in rows for index in row}
    if not used:
        return []
    flows = {table.columns[index].path[:1] for index in used}
    heads = {("收入",), ("支出",)}
    own = flows & heads
    paths = {
        index: column.path
        for index, column in enumerate(table.columns)
        if index not in elsewhere and (not own or column.path[:1] in own)
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
        kept += borne_out(sums)
    return kept


def borne_out(sums: Sequence[Sum]) -> list[Sum]:
    """The sums of a family that its telling members mostly bear out: 0 = 0 + 0 tells nothing."""
    telling = [s for s in sums if s.total.value or any(part.value for part in s.parts)]
    if telling and not trusted(telling, lambda _: 0, lambda s: s.holds):
        return []
    return list(sums)


def _down_columns(rows: Sequence[dict[int, Amount]], relations: Sequence[RowSum], last: int) -> list[Sum]:
    """The sums down the columns. `last` is the last row with amounts.

    Parts that end with the table and are less than their total may go on where we do not see it: on a page whose table was
    not joined. Nothing is said of them.
    """
    kept: list[Sum] = []
    columns = sorted({index for row in rows for index in row})
    for family in sorted({relation.family for relation in relations}):
        sums = []
        for relation in relations:
            if relation.family != family:
                continue
            may_go_on = max(relation.parts) == last and relation.total < last
            for column in columns:
                parts = [rows[part].get(column) for part in relation.parts]
                one = _sum("column", rows[relation.total].get(column), parts)
                if one is not None and not (may_go_on and one.difference > one.tolerance):
                    sums.append(one)
        kept += borne_out(sums)
    return kept


def _sum(kind: str, total: Amount | None, parts: Sequence[Amount | None]) -> Sum | None:
    """The relation between printed amounts; None without a total or without parts. A blank part is nothing."""
    printed = tuple(part for part in parts if part is not None)
    if total is None or not printed:
        return None
    return Sum(kind, total, printed)
