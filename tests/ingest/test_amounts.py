"""Printed numbers: what is one, what it is worth, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.ingest.amounts import (
    BadAmount,
    fold_digits,
    in_yuan,
    is_amount,
    number_tokens,
    parse_amount,
    plain,
)


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("1,570.83", "1570.83"),
        ("0.00", "0.00"),
        ("-12.5", "-12.5"),
        ("１，５７０．８３", "1570.83"),
        ("29331.60", "29331.60"),
        (" 49.98 ", "49.98"),
    ],
)
def test_a_printed_amount_keeps_its_value_and_decimals(token: str, value: str) -> None:
    assert str(parse_amount(token)) == value


@pytest.mark.parametrize("token", ["1,57", "1,5708.3", "—", "", "12.", "1.2.3", "万", "١٢", "1e3"])
def test_what_is_no_amount_is_refused(token: str) -> None:
    assert not is_amount(token)
    with pytest.raises(BadAmount, match="no amount"):
        parse_amount(token)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_formatting_then_parsing_gives_the_amount_back(value: Decimal) -> None:
    assert parse_amount(f"{value:,.2f}") == value


@given(st.text())
def test_folding_digits_never_moves_a_character(text: str) -> None:
    assert len(fold_digits(text)) == len(text)


def test_numbers_on_a_line_are_found_where_they_stand() -> None:
    line = "208\t05\t合计 1,570.83、３．５%"
    assert [(t.text, t.start) for t in number_tokens(line)] == [
        ("208", 1),
        ("05", 5),
        ("1,570.83", 11),
        ("３．５", 20),
    ]


@pytest.mark.parametrize(
    ("value", "unit", "yuan"),
    [("1570.83", "万元", "15708300"), ("0.10", "元", "0.1"), ("2", "亿元", "200000000")],
)
def test_yuan_are_exact(value: str, unit: str, yuan: str) -> None:
    assert str(in_yuan(Decimal(value), unit)) == yuan


def test_a_unit_that_is_not_money_is_refused() -> None:
    with pytest.raises(BadAmount, match="'辆'"):
        in_yuan(Decimal(1), "辆")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4))
def test_plain_never_changes_a_number_and_has_no_exponent(value: Decimal) -> None:
    assert plain(value) == value
    assert "E" not in str(plain(value))
