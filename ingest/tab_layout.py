"""Budget tables whose cells are known, from tabs or from rulings: grid → columns → rows → `ReadTable`.

Position makes nearly every amount plain. Where the extraction lost the lowest header row or let a row's cells slip,
proof.py decides, and what it cannot decide is ambiguous.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from mingzhang.ingest.amounts import is_amount
from mingzhang.ingest.brackets import Proofs, with_proven_negatives
from mingzhang.ingest.document import (
    Amount,
    Certainty,
    Column,
    Document,
    ReadRow,
    ReadTable,
    RowSide,
    TableCell,
)
from mingzhang.ingest.grid import Grid, read_grids
from mingzhang.ingest.header import GridColumn, read_columns
from mingzhang.ingest.pdf_grids import read_region_grids
from mingzhang.ingest.pdf_sides import divided
from mingzhang.ingest.proof import (
    Placement,
    label_columns,
    relabelled,
    settle_row,
    sum_along,
    unlabelled_groups,
)
from mingzhang.ingest.rows import GridBodyRow, GridSide, read_rows
from mingzhang.ingest.sums import ColumnSum, column_sums, trusted
from mingzhang.ingest.witnesses import Parsed, doubtful_columns
from mingzhang.ontology.lexicon import Lexicon, normal_label


def read_tab_tables(document: Document, lexicon: Lexicon) -> list[ReadTable]:
    """Every budget table of a document whose cells are known, from tabs or rulings, numbered from 1 in order."""
    parsed: list[Parsed] = []
    negatives: dict[tuple[int, int], str] = {}
    grids = [*read_grids(document, lexicon), *read_region_grids(document, lexicon)]
    for grid in sorted(grids, key=lambda grid: grid.spans[0]):
        columns = read_columns(grid, lexicon)
        columns = divided(columns, grid.body, lexicon) if grid.levels is not None else columns
        body, proofs = with_proven_negatives(grid.body, columns, lexicon)
        negatives |= proofs
        parsed.append(Parsed(grid, columns, read_rows(body, columns, lexicon)))
    totals = printed_totals([(table.columns, table.rows) for table in parsed], lexicon)
    doubts = doubtful_columns(parsed, lexicon)
    return [
        _read_table(number, table, doubtful, totals, negatives, lexicon)
        for number, (table, doubtful) in enumerate(zip(parsed, doubts, strict=True), 1)
    ]


def printed_totals(
    tables: Sequence[tuple[Sequence[GridColumn], Sequence[GridBodyRow]]], lexicon: Lexicon
) -> Mapping[str, frozenset[Decimal]]:
    """Header word → the amounts printed under it in the total rows of all tables."""
    found: dict[str, set[Decimal]] = defaultdict(set)
    for columns, rows in tables:
        lost = {index for group in unlabelled_groups(columns) for index in group}
        for row in rows:
            for side in row.sides:
                if lexicon.role(side.label) != "total":
                    continue
                for index, amount in side.amounts:
                    if index not in lost and columns[index].path:
                        found[normal_label(columns[index].path[-1])].add(amount.value)
    return {word: frozenset(values) for word, values in found.items()}


def _read_table(
    number: int,
    table: Parsed,
    doubtful: Mapping[int, tuple[int, ...]],
    totals: Mapping[str, frozenset[Decimal]],
    negatives: Proofs,
    lexicon: Lexicon,
) -> ReadTable:
    grid, sides = table.grid, table.sides
    columns, lost = _named_columns(table.columns, sides, totals, lexicon)
    amount_columns = [column for column in columns if column.role == "amount"]
    place = {column.index: position for position, column in enumerate(amount_columns)}
    # Cells that are drawn did not slip: a sum that fails there is the publisher's, and a finding.
    sums = _trusted_sums(amount_columns, sides, lexicon) if grid.levels is None else {}
    read_sides = _Sides(amount_columns, place, {**doubtful, **lost}, sums, negatives)
    read_rows_ = tuple(
        ReadRow(row.line, tuple(read_sides.read(side) for side in row.sides)) for row in table.rows
    )
    printed = any(side.amounts for side in sides)
    return ReadTable(
        number=number,
        title=grid.title,
        unit=grid.unit,
        columns=tuple(Column(column.path) for column in amount_columns),
        rows=read_rows_ if printed else (),
        first_line=grid.spans[0][0],
        last_line=grid.spans[0][1],
        published_empty=not printed,
        other_lines=grid.spans[1:],
        owner=grid.owner,
        remarks=tuple(_remarks(grid, columns)),
    )


def _remarks(grid: Grid, columns: Sequence[GridColumn]) -> Iterator[tuple[int, int]]:
    """Where the numbers stand that are no money by the heading of their column: shares, rates, counts."""
    beside = [column.index for column in columns if column.role == "note"]
    for row in grid.body:
        for index in beside:
            cell = row.cells[index] if index < len(row.cells) else None
            if cell is not None and is_amount(cell.text.rstrip("%％")):
                yield cell.line or row.line, cell.start


def _named_columns(
    columns: Sequence[GridColumn],
    sides: Sequence[GridSide],
    totals: Mapping[str, frozenset[Decimal]],
    lexicon: Lexicon,
) -> tuple[Sequence[GridColumn], Mapping[int, tuple[int, ...]]]:
    """The columns with lost labels restored where that is proven, and those that stay in doubt with their like."""
    lost = {index: group for group in unlabelled_groups(columns) for index in group}
    if not lost:
        return columns, {}
    total_row = next((dict(s.amounts) for s in sides if lexicon.role(s.label) == "total" and s.amounts), {})
    fitting = label_columns(columns, [dict(s.amounts) for s in sides], totals, total_row, lexicon)
    if len(fitting) != 1:
        return columns, lost
    return relabelled(columns, fitting[0]), {i: group for i, group in lost.items() if i not in fitting[0]}


def _trusted_sums(
    columns: Sequence[GridColumn], sides: Sequence[GridSide], lexicon: Lexicon
) -> Mapping[str, list[ColumnSum]]:
    """Side → the sums along a row that this table's own rows mostly bear out."""
    found: dict[str, list[ColumnSum]] = {}
    for name in dict.fromkeys(column.side for column in columns):
        relations = column_sums({c.index: c.path for c in columns if c.side == name}, lexicon)
        rows = [dict(side.amounts) for side in sides if side.side == name]
        kept = []
        for relation in relations:
            sums = [s for row in rows if (s := sum_along(row, relation)) is not None]
            kept += [relation] if sums and trusted(sums, lambda _: 0, lambda s: s.holds) else []
        found[name] = kept
    return found


class _Sides:
    """Turns grid sides of one table into `RowSide`s."""

    def __init__(
        self,
        columns: Sequence[GridColumn],
        place: Mapping[int, int],
        doubtful: Mapping[int, tuple[int, ...]],
        relations: Mapping[str, Sequence[ColumnSum]],
        negatives: Proofs,
    ) -> None:
        self._columns = {column.index: column for column in columns}
        self._place = place
        self._doubtful = doubtful
        self._relations = relations
        self._negatives = negatives

    def read(self, side: GridSide) -> RowSide:
        """The side with each amount in its column, or with its candidates."""
        relations = self._relations.get(side.side, ())
        own = [index for index, column in self._columns.items() if column.side == side.side]
        placements = settle_row(side, own, relations)
        cells = tuple(self._cell(amount, placements, relations) for _, amount in sorted(side.amounts))
        return RowSide(side.label, cells, side.codes, side.unit_code, unit_name=side.unit_name)

    def _cell(
        self, amount: Amount, placements: Sequence[Placement], relations: Sequence[ColumnSum]
    ) -> TableCell:
        indexes = sorted({i for p in placements for i, placed in p.amounts.items() if placed == amount})
        if len(indexes) > 1:
            return TableCell(amount, None, Certainty.AMBIGUOUS, tuple(self._place[i] for i in indexes))
        index = indexes[0]
        if index in self._doubtful:
            places = tuple(sorted(self._place[i] for i in self._doubtful[index]))
            return TableCell(amount, None, Certainty.AMBIGUOUS, places)
        negative = self._negatives.get((amount.line, amount.start))
        proof = (*placements[0].proof, *((negative,) if negative else ()))
        if self._columns[index].conjectured and not proof:
            proof = _equations_with(index, placements[0].amounts, relations)
        certainty = Certainty.RECONCILED if proof else Certainty.PRINTED
        return TableCell(amount, self._place[index], certainty, proof=proof)


def _equations_with(index: int, row: Mapping[int, Amount], relations: Sequence[ColumnSum]) -> tuple[str, ...]:
    """The sums of a row that an amount takes part in, in words."""
    found = [sum_along(row, r) for r in relations if index in (r.total, *r.parts)]
    return tuple(s.in_words() for s in found if s is not None and s.parts)
