"""Rows whose columns are not certain: what must add up wherever the amounts stand, and what may not be asked."""

from __future__ import annotations

from decimal import Decimal

from mingzhang.ingest.document import Amount, Certainty, Column, ReadRow, ReadTable, RowSide, TableCell
from mingzhang.ingest.uncertain_sums import read_uncertain_sums
from mingzhang.ontology.lexicon import load_lexicon

COLUMNS = ("合计", "因公出国（境）费", "公务用车购置费", "公务用车运行维护费", "公务接待费")


def cell(token: str, nth: int, *places: int) -> TableCell:
    amount = Amount(token, Decimal(token), 2, 1, nth)
    if len(places) == 1:
        return TableCell(amount, places[0], Certainty.PRINTED)
    return TableCell(amount, None, Certainty.AMBIGUOUS, places)


def table(*rows: tuple[TableCell, ...], columns: tuple[str, ...] = COLUMNS) -> ReadTable:
    read = tuple(ReadRow(1, (RowSide("", cells),)) for cells in rows)
    return ReadTable(1, "“三公”经费支出表", "万元", tuple(Column((name,)) for name in columns), read, 1, 9)


def sums(*rows: tuple[TableCell, ...]) -> list[tuple[str, bool]]:
    found = read_uncertain_sums([table(*rows)], load_lexicon())
    return [(relation.sum.in_words(), relation.sum.holds) for relation in found]


GOOD = (cell("11.90", 1, 0), cell("5.18", 2, 1), cell("5.04", 3, 2, 3), cell("1.68", 4, 4))


def test_amounts_that_are_parts_wherever_they_stand_make_the_total() -> None:
    assert sums(GOOD) == [("11.90 = 5.18 + 5.04 + 1.68", True)]


def test_a_row_that_adds_up_nowhere_is_told() -> None:
    bad = (cell("9.82", 1, 0), cell("4.10", 2, 1), cell("4.48", 3, 2, 3), cell("4.48", 4, 3, 4))

    assert sums(GOOD, bad)[-1] == ("9.82 = 4.10 + 4.48 + 4.48", False)


def test_a_table_where_most_of_it_fails_was_misunderstood() -> None:
    bad = (cell("9.82", 1, 0), cell("4.10", 2, 1), cell("4.48", 3, 2, 3), cell("4.48", 4, 3, 4))

    assert sums(bad) == []
    assert sums(GOOD, bad, bad) == []


def test_an_amount_that_may_be_the_total_itself_is_not_asked() -> None:
    assert sums((cell("11.90", 1, 0), cell("5.18", 2, 0, 1))) == []


def test_a_row_of_certain_columns_is_left_to_the_ordinary_sums() -> None:
    assert sums((cell("11.90", 1, 0), cell("5.18", 2, 1))) == []
