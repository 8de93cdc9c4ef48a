"""What sums and other tables say of headings whose columns no line parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mingzhang.ingest.grid import Grid, GridCell, GridRow
from mingzhang.ingest.header import read_columns
from mingzhang.ingest.rows import read_rows
from mingzhang.ingest.witnesses import Parsed, doubtful_columns
from mingzhang.ontology.lexicon import load_lexicon

LEXICON = load_lexicon()
YEARS = (
    ("项目", "2023年", "2023年", "2024年", "2024年"),
    ("项目", "基本支出", "项目支出", "基本支出", "项目支出"),
)
KINDS = (("科目名称", "本年支出", "本年支出", "本年支出"), ("科目名称", "合计", "基本支出", "项目支出"))


def table(levels: Sequence[Sequence[str]], *body: str, placed: bool = True, loose: bool = False) -> Parsed:
    """A table with these header levels; each row of the body is its cells parted by blanks, `.` for a blank cell."""
    rows = tuple(
        GridRow(
            number,
            tuple(GridCell("" if text == "." else text, place) for place, text in enumerate(line.split(), 1)),
        )
        for number, line in enumerate(body, 1)
    )
    grid = Grid(
        "支出表", "万元", (), rows, ((1, len(rows)),), False, tuple(map(tuple, levels)), "", loose, placed
    )
    columns = read_columns(replace(grid, loose=False), LEXICON)
    return Parsed(grid, columns, read_rows(rows, columns, LEXICON))


def open_columns(*tables: Parsed) -> list[dict[int, tuple[int, ...]]]:
    return [dict(found) for found in doubtful_columns(tables, LEXICON)]


def test_groups_that_no_line_and_no_sum_parts_may_stand_over_any_column() -> None:
    found = open_columns(table(YEARS, "甲项 1.00 2.00 3.00 4.00", "乙项 5.00 6.00 7.00 8.00"))
    assert found == [dict.fromkeys((1, 2, 3, 4), (1, 2, 3, 4))]


def test_the_same_groups_are_plain_where_lines_part_them() -> None:
    assert open_columns(table(YEARS, "甲项 1.00 2.00 3.00 4.00", placed=False)) == [{}]


def test_headings_that_nobody_merged_need_a_witness_too() -> None:
    found = open_columns(table(YEARS, "甲项 1.00 2.00 3.00 4.00", placed=False, loose=True))
    assert set(found[0]) == {1, 2, 3, 4}


def test_a_sum_that_holds_along_the_rows_is_a_witness() -> None:
    assert open_columns(table(KINDS, "甲 3.00 1.00 2.00", "乙 9.00 4.00 5.00")) == [{}]


def test_a_sum_that_fails_speaks_against_the_headings() -> None:
    found = open_columns(table(KINDS, "甲 3.00 1.00 4.00", "乙 9.00 4.00 7.00"))
    assert set(found[0]) == {1, 2, 3}


def test_one_row_that_does_not_add_up_among_many_is_the_publishers() -> None:
    assert open_columns(table(KINDS, "甲 3.00 1.00 2.00", "乙 9.00 4.00 5.00", "丙 9.00 1.00 1.00")) == [{}]


def test_another_column_that_is_the_sum_of_the_rest_is_in_doubt_even_between_lines() -> None:
    swapped = ("甲 1.00 3.00 2.00", "乙 4.00 9.00 5.00")
    found = open_columns(table(KINDS, *swapped, placed=False))
    assert set(found[0]) == {1, 2, 3}
    wrong_without_another = ("甲 1.00 3.00 7.00", "乙 4.00 9.00 8.00")
    assert open_columns(table(KINDS, *wrong_without_another, placed=False)) == [{}]


def test_an_amount_that_another_table_prints_under_the_same_headings_is_a_witness() -> None:
    drawn = table(YEARS, "甲项 1.00 2.00 3.00 4.00", placed=False)
    by_place = table(YEARS, "甲项 1.00 2.00 3.00 4.00", "乙项 5.00 6.00 7.00 8.00")
    assert open_columns(drawn, by_place) == [{}, {}]
    assert set(open_columns(by_place, by_place)[0]) == {1, 2, 3, 4}


def test_what_is_left_out_of_a_sum_that_holds_is_a_part_of_its_parts() -> None:
    levels = (
        ("科目名称", "总计", "一般公共预算", "一般公共预算", "政府性基金"),
        ("科目名称", "总计", "小计", "其中:财政拨款", "政府性基金"),
    )
    assert open_columns(table(levels, "甲 5.00 3.00 2.00 2.00", "乙 9.00 8.00 6.00 1.00")) == [{}]


def test_headings_over_one_column_each_are_plain_where_every_column_has_amounts() -> None:
    levels = (("项目名称", "2024年预算", "备用金"),)
    assert open_columns(table(levels, "甲项 1.00 2.00")) == [{}]
    assert set(open_columns(table(levels, "甲项 1.00 .", "乙项 3.00 ."))[0]) == {1, 2}
