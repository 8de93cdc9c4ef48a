"""Arithmetic for what the extraction lost: unlabelled columns, and rows whose cells slipped.

Nothing here guesses. A reading counts when every row's sums agree with it and no other reading does as well; else
the amounts concerned stay ambiguous.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, permutations

from mingzhang.ingest.document import Amount
from mingzhang.ingest.header import GridColumn
from mingzhang.ingest.rows import GridSide
from mingzhang.ingest.sums import ColumnSum, Sum, half_unit
from mingzhang.ontology.lexicon import Lexicon, normal_label

# Rows in which both terms are non-zero; fewer prove little.
_ENOUGH_ROWS = 2
# A row of many amounts has too many placements to list; it then stays as printed and its sums become a finding.
_MOST_PLACEMENTS = 20_000


def unlabelled_groups(columns: Sequence[GridColumn]) -> list[tuple[int, ...]]:
    """Runs of amount columns that share one header path: their own labels were lost."""
    groups: dict[tuple[tuple[str, ...], str], list[int]] = {}
    for column in columns:
        if column.role == "amount":
            groups.setdefault((column.path, column.side), []).append(column.index)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def label_columns(
    columns: Sequence[GridColumn],
    rows: Sequence[Mapping[int, Amount]],
    printed_totals: Mapping[str, frozenset[Decimal]],
    total_row: Mapping[int, Amount],
    lexicon: Lexicon,
) -> list[Mapping[int, tuple[str, ...]]]:
    """Every labelling of the unlabelled columns that the amounts allow; one where they prove it, none where none fits.

    `printed_totals`: header word → amounts printed under it in total rows of the document's other tables, which decide
    between parts that any order would fit (基本支出, 项目支出).
    """
    groups = unlabelled_groups(columns)
    paths = {column.index: column.path for column in columns}
    fitting: list[Mapping[int, tuple[str, ...]]] = []
    for subdivision in lexicon.subdivisions:
        own = [g for g in groups if len(g) == len(subdivision.parts)]
        if not own or not all(_adds_up(rows, g) for g in own):
            continue
        for parts in permutations(subdivision.parts[1:]):
            if all(
                _agrees(own, place, part, total_row, printed_totals) for place, part in enumerate(parts, 1)
            ):
                labels = (subdivision.parts[0], *parts)
                fitting.append(
                    {i: (*paths[i], label) for g in own for i, label in zip(g, labels, strict=True)}
                )
    return fitting


def _adds_up(rows: Sequence[Mapping[int, Amount]], group: tuple[int, ...]) -> bool:
    """Whether the first column of a group is the sum of the others, in nearly every row that has it."""
    relation = ColumnSum(group[0], group[1:])
    sums = [s for row in rows if (s := sum_along(row, relation)) is not None]
    telling = [s for s in sums if len(s.parts) > 1]
    failing = [s for s in sums if not s.holds]
    return len(telling) >= _ENOUGH_ROWS and len(failing) * 10 <= len(sums)


def _agrees(
    groups: Sequence[tuple[int, ...]],
    place: int,
    part: str,
    total_row: Mapping[int, Amount],
    printed_totals: Mapping[str, frozenset[Decimal]],
) -> bool:
    """Whether the total row's amounts at this place in all groups add up to what the document prints for the part."""
    terms = [total_row[g[place]] for g in groups if g[place] in total_row]
    allowed = sum((half_unit(t) for t in terms), Decimal(0))
    allowed += max((half_unit(t) for t in terms), default=Decimal(0))
    total = sum((t.value for t in terms), Decimal(0))
    return any(abs(total - printed) <= allowed for printed in printed_totals.get(normal_label(part), ()))


def sum_along(row: Mapping[int, Amount], relation: ColumnSum) -> Sum | None:
    """The relation in one row; None where the row prints no total. Blank parts count as nothing."""
    if relation.total not in row:
        return None
    parts = tuple(row[part] for part in relation.parts if part in row)
    return Sum("row", row[relation.total], parts)


@dataclass(frozen=True)
class Placement:
    """Where a row's amounts stand: column index → amount, and the equations that leave no other place."""

    amounts: Mapping[int, Amount]
    proof: tuple[str, ...]


def settle_row(side: GridSide, columns: Sequence[int], relations: Sequence[ColumnSum]) -> list[Placement]:
    """The placements of a row's amounts that its sums allow. `columns`: amount columns of this side, in order.

    As printed, where its sums hold (one placement, no proof needed) or where no other order-keeping placement satisfies
    them either (then the mistake is the publisher's). Otherwise every placement that satisfies all of them.
    """
    printed = dict(side.amounts)
    if _row_holds(printed, relations):
        return [Placement(printed, ())]
    amounts = [amount for _, amount in sorted(side.amounts)]
    fitting = []
    for tried, chosen in enumerate(combinations(columns, len(amounts))):
        if tried >= _MOST_PLACEMENTS:
            return [Placement(printed, ())]
        placed = dict(zip(chosen, amounts, strict=True))
        if _row_holds(placed, relations) and _all_bound(placed, relations):
            fitting.append(Placement(placed, _equations(placed, relations)))
    return fitting or [Placement(printed, ())]


def _row_holds(row: Mapping[int, Amount], relations: Sequence[ColumnSum]) -> bool:
    """Whether all sums along a row hold; parts without their total do not."""
    for relation in relations:
        found = sum_along(row, relation)
        if found is None:
            if any(part in row and row[part].value for part in relation.parts):
                return False
        elif not found.holds:
            return False
    return True


def _all_bound(row: Mapping[int, Amount], relations: Sequence[ColumnSum]) -> bool:
    """Whether every amount takes part in some sum: one that does not could stand anywhere."""
    bound = {index for relation in relations for index in (relation.total, *relation.parts)}
    return all(index in bound for index in row)


def _equations(row: Mapping[int, Amount], relations: Sequence[ColumnSum]) -> tuple[str, ...]:
    found = [sum_along(row, relation) for relation in relations]
    return tuple(s.in_words() for s in found if s is not None and s.parts)


def relabelled(columns: Sequence[GridColumn], paths: Mapping[int, tuple[str, ...]]) -> tuple[GridColumn, ...]:
    """The columns with these paths in place of their own, marked as conjectured."""
    return tuple(
        replace(column, path=paths[column.index], conjectured=True) if column.index in paths else column
        for column in columns
    )
