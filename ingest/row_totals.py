"""What the total rows of a table hold: the year's money, or also what is carried on to the next (结转下年)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mingzhang.ingest.document import RowSide
from mingzhang.ingest.meaning import ALL_KINDS, GRAND_TOTAL, Meaning
from mingzhang.ontology.lexicon import Concept, Lexicon, normal_label


class RowTotals:
    """The totals of one side of a table. `base` is what its rows have in common, `schemes` what they may be of."""

    def __init__(
        self, sides: Sequence[RowSide], base: Meaning, schemes: frozenset[str], lexicon: Lexicon
    ) -> None:
        self._lexicon = lexicon
        self._base = base
        self._schemes = schemes
        self._beyond = self._carried_forward(sides)
        # The first row with something carried forward: what 支出合计 totals below it is more than the year's.
        self._carried_before = next(
            (i for i in self._beyond if any(cell.amount.value for cell in sides[i].cells)), None
        )
        self._grand_total_after = self._end_of_the_year(sides)

    def whole(self, index: int) -> Meaning:
        """What a row says that totals the rows above it."""
        after = self._grand_total_after
        return self._base if after is None or index <= after else replace(self._base, kind=GRAND_TOTAL)

    def all_of_it(self, side: RowSide, index: int, candidates: Sequence[Concept]) -> bool:
        """Whether a row is 支出合计 below what is carried forward: no total of the year, whatever its name."""
        if self._carried_before is None or index <= self._carried_before:
            return False
        of_year = any(concept.key == ALL_KINDS for concept in candidates)
        return of_year and re.search("[本当]年", normal_label(side.label)) is None

    def _carried_forward(self, sides: Sequence[RowSide]) -> list[int]:
        """The rows that are printed beside the expenditure of the year: 结转下年, 结余分配."""
        if self._base.flow != "id/flow/expenditure" or "expenditure-kind" not in self._schemes:
            return []
        kinds = frozenset({"expenditure-kind"})
        return [
            index
            for index, side in enumerate(sides)
            for concept in self._lexicon.concepts_named(side.label, kinds)
            if concept.key != ALL_KINDS and GRAND_TOTAL in concept.broader
        ]

    def _end_of_the_year(self, sides: Sequence[RowSide]) -> int | None:
        """The row below which totals hold what is carried forward too; None where they do not.

        That is 本年支出合计 where 结转下年 is printed below it; without such a row, 结转下年 itself where it has an amount.
        """
        kinds = frozenset({"expenditure-kind"})
        of_year = next(
            (
                index
                for index, side in enumerate(sides)
                if any(c.key == ALL_KINDS for c in self._lexicon.concepts_named(side.label, kinds))
            ),
            None,
        )
        if of_year is not None and self._beyond and of_year < self._beyond[-1]:
            return of_year
        return self._carried_before
