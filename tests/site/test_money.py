"""Amounts as the pages print them: exact, grouped, never through a float."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.site.money import decimals, most_decimals, share, wan, yuan

AMOUNTS = st.decimals(min_value=-(10**13), max_value=10**13, places=2)


@pytest.mark.parametrize(
    ("amount_yuan", "expected"),
    [
        ("15708300", "1,570.83"),
        ("15708300.00", "1,570.83"),
        ("1", "0.0001"),
        ("0", "0.00"),
        ("-120000", "-12.00"),
        ("1E+7", "1,000.00"),
        ("123456789.01", "12,345.678901"),
    ],
)
def test_yuan_in_units_of_ten_thousand(amount_yuan: str, expected: str) -> None:
    assert wan(Decimal(amount_yuan)) == expected


@given(AMOUNTS)
def test_nothing_of_an_amount_is_lost_in_print(amount: Decimal) -> None:
    assert Decimal(wan(amount).replace(",", "")) * 10_000 == amount
    assert Decimal(yuan(amount).replace(",", "")) == amount


def test_whole_yuan_have_no_decimals() -> None:
    assert yuan(Decimal("15708300.00")) == "15,708,300"


def test_a_share_of_nothing_is_blank() -> None:
    assert share(Decimal(1), Decimal(0)) == ""
    assert share(Decimal(1), Decimal(3)) == "33.3%"


def test_a_column_has_room_for_its_most_precise_amount() -> None:
    assert most_decimals(["2,049.51", "25,859.600179", "3"]) == 6
    assert most_decimals([]) == 0
    assert decimals("1,570") == 0
