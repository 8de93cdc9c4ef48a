"""Placing numbers into columns by arithmetic alone."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.ingest.align import (
    BLANK,
    RowProblem,
    RowState,
    Strip,
    SumAlong,
    row_worlds,
    supported,
    tolerance,
)


def row(amounts: list[int], width: int, *sums: SumAlong) -> RowState:
    """A row printed on one line."""
    return RowState.of(RowProblem(tuple(amounts), (Strip(0, len(amounts), 0, width),), sums))


@pytest.mark.parametrize(("parts", "off"), [(1, 0), (2, 1), (3, 2), (4, 2), (17, 9)])
def test_a_sum_may_be_off_by_half_a_unit_for_each_number_and_one_term_by_nothing(
    parts: int, off: int
) -> None:
    assert tolerance(parts) == off


def test_a_row_with_every_column_filled_has_one_placement() -> None:
    assert row([477760, 462609, 15151], 3, SumAlong(0, (1, 2))).placed() == {0: 0, 1: 1, 2: 2}


def test_a_total_and_one_part_leave_the_column_of_the_part_open() -> None:
    state = row([335993, 335993], 4, SumAlong(0, (1, 2, 3)))
    assert state.columns_of(0) == (0,)
    assert state.columns_of(1) == (1, 2, 3)
    assert state.placed() is None


def test_nested_sums_tell_subtotals_from_parts() -> None:
    # Of 12 = 7 + 5, 7 = 3 + 4: the 7 is a subtotal wherever its parts stand.
    sums = (SumAlong(1, (2, 3)), SumAlong(4, (5, 6)), SumAlong(0, (1, 4)))
    assert row([12, 7, 3, 4, 5, 5], 7, *sums).columns_of(1) == (1,)


def test_order_is_kept() -> None:
    state = row([5, 9], 3)
    assert state.columns_of(0) == (0, 1)
    assert state.columns_of(1) == (1, 2)


def test_a_broken_sum_is_set_aside_and_nothing_is_decided_by_it() -> None:
    state = row([982, 410, 448, 448], 5, SumAlong(0, (1, 2, 3, 4)))
    assert state.broken == {0}
    assert all(len(state.columns_of(number)) > 1 for number in range(4))


def test_only_as_many_sums_as_needed_are_set_aside() -> None:
    sums = (SumAlong(0, (1, 2)), SumAlong(3, (4, 5)))
    worlds = row_worlds(RowProblem((10, 4, 6, 99, 1, 2), (Strip(0, 6, 0, 6),), sums))
    assert [world.dropped for world in worlds] == [frozenset({1})]


def test_more_numbers_than_columns_fit_nowhere() -> None:
    assert row_worlds(RowProblem((1, 2, 3), (Strip(0, 3, 0, 2),), ())) == ()


def test_numbers_stay_within_their_column_group() -> None:
    problem = RowProblem((30, 10, 20), (Strip(0, 2, 0, 3), Strip(2, 3, 3, 5)), (SumAlong(0, (1, 2, 3, 4)),))
    state = RowState.of(problem)
    assert state.columns_of(1) == (1, 2)
    assert state.columns_of(2) == (3, 4)


def test_a_ban_removes_every_placement_that_uses_it() -> None:
    after = row([335993, 335993], 4, SumAlong(0, (1, 2, 3))).after({(2, 1), (3, 1)})
    assert after is not None
    assert after.placed() == {0: 0, 1: 1}


def test_bans_that_leave_nothing_are_told() -> None:
    assert row([1, 1], 2).after({(0, 0)}) is None


def test_a_sum_down_a_column_decides_which_rows_take_part() -> None:
    options = [frozenset({None, 90670}), frozenset({None, 28240}), frozenset({None, 11772})]
    result = supported(frozenset({102442}), options)
    assert result is not None
    assert result[1] == (frozenset({90670}), frozenset({None}), frozenset({11772}))


def test_a_sum_down_a_column_that_no_choice_satisfies_is_told() -> None:
    assert supported(frozenset({7}), [frozenset({1, None}), frozenset({2, None})]) is None


def test_a_blank_total_leaves_its_parts_blank() -> None:
    result = supported(frozenset({None}), [frozenset({None, 5}), frozenset({None})])
    assert result is not None
    assert result[1] == (frozenset({None}), frozenset({None}))


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=4),
    st.integers(0, 3),
)
def test_choices_are_those_of_an_exhaustive_search(amounts: list[int], spare: int) -> None:
    amounts = [sum(amounts), *amounts]
    width = len(amounts) + spare
    relation = SumAlong(0, tuple(range(1, width)))
    state = row(amounts, width, relation)
    found: dict[int, set[int]] = {number: set() for number in range(len(amounts))}
    for columns in combinations(range(width), len(amounts)):
        if columns[0] == 0 and abs(amounts[0] - sum(amounts[1:])) <= tolerance(len(amounts) - 1):
            for number, column in enumerate(columns):
                found[number].add(column)
    if any(found.values()):
        assert {number: set(state.columns_of(number)) for number in found} == found


def test_blank_is_a_choice_of_its_own() -> None:
    assert row([5], 2).choices(1) == {0, BLANK}
