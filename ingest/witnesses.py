"""Arithmetic as the witness of headings: columns that it contradicts, or that nothing but a heading's place speaks for.

Where no line parts the columns, or nobody merged the cells of a heading, the place of a text says which columns a heading
stands over. That a group's sum holds along the rows bears it out, and so does an amount that another table prints for the
same row under the same headings. A heading over one column alone needs less: that every column has amounts and a heading
of its own. What no witness speaks for is ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from mingzhang.ingest.document import Amount
from mingzhang.ingest.grid import Grid
from mingzhang.ingest.header import SIDES, GridColumn
from mingzhang.ingest.proof import sum_along
from mingzhang.ingest.rows import GridBodyRow, GridSide
from mingzhang.ingest.sums import ColumnSum, Sum, column_sums
from mingzhang.ontology.lexicon import Lexicon, normal_label

# A sum that holds in fewer rows for another reading may do so by chance.
_ENOUGH_ROWS = 2

# (what tells the row, the headings above the amount, the amount)
Printed = tuple[str, frozenset[str], Decimal]


@dataclass(frozen=True)
class Parsed:
    """A table whose cells are known: its grid, its columns, and its rows."""

    grid: Grid
    columns: Sequence[GridColumn]
    rows: Sequence[GridBodyRow]

    @property
    def sides(self) -> list[GridSide]:
        """The labelled parts of all rows, in order."""
        return [side for row in self.rows for side in row.sides]


@dataclass(frozen=True)
class Doubts:
    """Indexes of columns whose own sums speak against their headings, and of those that nothing speaks for."""

    contradicted: frozenset[int]
    unwitnessed: frozenset[int]


def doubtful_columns(tables: Sequence[Parsed], lexicon: Lexicon) -> list[Mapping[int, tuple[int, ...]]]:
    """For each table: index of a column in doubt → the columns of its side that its amounts may stand in."""
    own = [_doubts(table, lexicon) for table in tables]
    known = [
        set(_printed(table, doubts.contradicted | doubts.unwitnessed, lexicon))
        for table, doubts in zip(tables, own, strict=True)
    ]
    elsewhere = set().union(*known)
    return [
        _candidates(table, _left_open(table, doubts, elsewhere, lexicon))
        for table, doubts in zip(tables, own, strict=True)
    ]


def _doubts(table: Parsed, lexicon: Lexicon) -> Doubts:
    """What the sums of a table alone say of its columns."""
    contradicted: set[int] = set()
    unwitnessed: set[int] = set()
    by_place = table.grid.placed or table.grid.loose
    for side in dict.fromkeys(column.side for column in table.columns):
        own = [c for c in table.columns if c.side == side and c.role == "amount"]
        rows = [dict(s.amounts) for s in table.sides if s.side == side]
        grouped = {c.index for c in own if _is_grouped(c)}
        held: set[int] = set()
        for relation in column_sums({c.index: c.path for c in own}, lexicon):
            members = {relation.total, *relation.parts}
            sums = _telling(rows, relation)
            if not sums:
                continue
            if 2 * sum(s.holds for s in sums) >= len(sums):
                held |= members | _beside(own, members, rows)
            elif _has_another_total(rows, relation) or (by_place and members & grouped):
                contradicted |= members
        if by_place and len(own) > 1:
            unwitnessed |= grouped - held
            if not held and not all(any(c.index in row for row in rows) for c in own):
                unwitnessed |= {c.index for c in own}
    return Doubts(frozenset(contradicted), frozenset(unwitnessed - contradicted))


def _is_grouped(column: GridColumn) -> bool:
    """Whether a heading over several columns stands over this one, the name of a side (收入, 支出) apart."""
    path = column.path
    return len(path) - (len(path) > 0 and path[0] in SIDES.values()) > 1


def _beside(
    columns: Sequence[GridColumn], members: Set[int], rows: Sequence[Mapping[int, Amount]]
) -> set[int]:
    """The columns under the same heading as a sum that holds without their amounts: parts of its parts (其中)."""
    paths = [column.path for column in columns if column.index in members]
    prefix = tuple(
        same[0] for same in takewhile(lambda level: len(set(level)) == 1, zip(*paths, strict=False))
    )
    return {
        c.index
        for c in columns
        if c.path[: len(prefix)] == prefix and any(c.index in row and row[c.index].value for row in rows)
    }


def _telling(rows: Sequence[Mapping[int, Amount]], relation: ColumnSum) -> list[Sum]:
    """The relation in the rows that say something of it: 0 = 0 + 0 does not."""
    sums = [s for row in rows if (s := sum_along(row, relation)) is not None and s.parts]
    return [s for s in sums if s.total.value or any(part.value for part in s.parts)]


def _has_another_total(rows: Sequence[Mapping[int, Amount]], relation: ColumnSum) -> bool:
    """Whether another column than the one headed so is the sum of the rest of them, in every row."""
    members = (relation.total, *relation.parts)
    for other in relation.parts:
        tried = _telling(rows, ColumnSum(other, tuple(i for i in members if i != other)))
        telling = [s for s in tried if sum(1 for part in s.parts if part.value) > 1]
        if len(telling) >= _ENOUGH_ROWS and all(s.holds for s in tried):
            return True
    return False


def _printed(table: Parsed, left_out: frozenset[int], lexicon: Lexicon) -> Iterator[Printed]:
    """Every amount but 0 of the columns that are not left out, with what tells its row and its column."""
    words = {
        c.index: frozenset(map(normal_label, c.path))
        for c in table.columns
        if c.role == "amount" and c.path and c.index not in left_out
    }
    for side in table.sides:
        row = (
            "total"
            if lexicon.role(side.label) == "total"
            else "/".join(side.codes) or normal_label(side.label)
        )
        for index, amount in side.amounts:
            if row and index in words and amount.value:
                yield row, words[index], amount.value


def _left_open(table: Parsed, doubts: Doubts, elsewhere: set[Printed], lexicon: Lexicon) -> frozenset[int]:
    """The columns in doubt, without those of which another table prints an amount alike."""
    witnessed = {
        index
        for index in doubts.unwitnessed
        if elsewhere & set(_printed(table, frozenset(c.index for c in table.columns) - {index}, lexicon))
    }
    return (doubts.contradicted | doubts.unwitnessed) - witnessed


def _candidates(table: Parsed, in_doubt: frozenset[int]) -> Mapping[int, tuple[int, ...]]:
    sides = {c.index: c.side for c in table.columns}
    return {
        index: tuple(c.index for c in table.columns if c.role == "amount" and c.side == sides[index])
        for index in sorted(in_doubt)
    }
