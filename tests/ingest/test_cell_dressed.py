"""Amounts with signs beside their digits: read where the signs say nothing else than the table does."""

from __future__ import annotations

import pytest

from mingzhang.ingest.dressed import undressed
from mingzhang.ingest.grid import GridCell


@pytest.mark.parametrize(
    ("printed", "unit", "token", "start", "negative"),
    [
        ("¥1,570.83", "万元", "1,570.83", 6, False),
        ("￥ 12.00", "元", "12.00", 7, False),
        ("1,570.83元", "元", "1,570.83", 5, False),
        ("1,570.83万元", "万元", "1,570.83", 5, False),
        ("–12.00", "万元", "12.00", 6, True),
        ("-¥12.00", "万元", "12.00", 7, True),
    ],
)
def test_signs_that_agree_with_the_table_are_put_aside(
    printed: str, unit: str, token: str, start: int, negative: bool
) -> None:
    cell = undressed(GridCell(printed, 5), unit)
    assert (cell.text, cell.start, cell.negative) == (token, start, negative)


@pytest.mark.parametrize(
    ("printed", "unit"),
    [
        ("1,570.83元", "万元"),
        ("1,570.83万元", "元"),
        ("12.00元", ""),
        ("–2024", "万元"),
        ("–-12.00", "万元"),
        ("1'570.83", "万元"),
        ("$12.00", "万元"),
        ("12.00%", "万元"),
        ("12.00万元/年", "万元"),
    ],
)
def test_what_may_be_another_amount_stays_as_it_is(printed: str, unit: str) -> None:
    assert undressed(GridCell(printed, 5), unit) == GridCell(printed, 5)
