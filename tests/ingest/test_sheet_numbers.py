"""What a workbook's cell shows: the number that is stored, in the cell's format."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.ingest.amounts import parse_amount
from mingzhang.ingest.sheet_numbers import shown_date, shown_number, stored

ACCOUNTING = '_-* #,##0.00_-;\\-* #,##0.00_-;_-* "-"??_-;_-@_-'


@pytest.mark.parametrize(
    ("value", "pattern", "shown"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (-1234.5, "#,##0.00;[Red]-#,##0.00", "-1,234.50"),
        (1234567.891, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', "1,234,567.89"),
        (12.345, "0.00_ ", "12.35"),
        (1.005, "0.00", "1.01"),
        (0.1234, "0.00%", "12.34%"),
        (5, "00", "05"),
        (2080501, "General", "2080501"),
        (1234.5600000000002, "General", "1234.56"),
        (33.333333333333336, "General", "33.33333333"),
        (1_000_000_000_000, "General", "1000000000000"),
        (12, "@", "12"),
        (999, "#,##0", "999"),
        (1_000_000, "#,##0", "1,000,000"),
        (123456, "0!.0,", "12.3"),
        (1234.5, '"约"0.0', "约1234.5"),
        (0.25, "[<1]0.00;0", "0.25"),
        (-12.5, "#,##0.00_);(#,##0.00)", "(12.50)"),
        (1234567.5, "#,##0.00,", "1,234.57"),
        (1234567.5, "0.00,,", "1.23"),
        (1e300, "0.00", "1" + "0" * 300 + ".00"),
        (float("inf"), "0.00", "#NUM!"),
    ],
)
def test_a_number_shows_as_its_format_says(value: float, pattern: str, shown: str) -> None:
    assert shown_number(value, pattern) == shown


@pytest.mark.parametrize("pattern", ["#,##0.00;[Red]#,##0.00", "0.00_ ;[红色]0.00 "])
def test_a_negative_number_that_is_only_red_keeps_its_sign(pattern: str) -> None:
    assert shown_number(-12.5, pattern) == "-12.50"


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [("#,##0.00", "0.00"), (ACCOUNTING, "-"), ("#,##0.00;-#,##0.00;;", ""), ("0;-0;;@", "")],
)
def test_a_zero_a_dash_and_a_hidden_zero_are_three_things(pattern: str, shown: str) -> None:
    assert shown_number(0, pattern) == shown


@pytest.mark.parametrize("pattern", ["0.00E+00", "# ?/?"])
def test_a_number_in_a_format_that_is_not_known_is_shown_as_stored(pattern: str) -> None:
    assert shown_number(1234.25, pattern) == "1234.25"


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ('yyyy"年"m"月"d"日";@', "2024年1月5日"),
        ("yyyy\\-mm\\-dd", "2024-01-05"),
        ("yyyy/m/d h:mm", "2024/1/5 9:07"),
        ('[$-804]yyyy"年"m"月";@', "2024年1月"),
    ],
)
def test_a_date_shows_as_its_format_says(pattern: str, shown: str) -> None:
    assert shown_date(datetime(2024, 1, 5, 9, 7), pattern) == shown  # noqa: DTZ001 - sheets have no time zones


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
def test_an_amount_written_and_shown_is_the_amount(amount: Decimal) -> None:
    shown = shown_number(float(amount), "#,##0.00")
    assert parse_amount(shown) == amount == stored(float(amount))
