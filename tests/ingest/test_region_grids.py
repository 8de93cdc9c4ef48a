"""Tables whose cells are known, made here cell by cell: what is head, what is caption, and what goes on with what."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mingzhang.ingest.document import Box, Document, ReadTable, Region, RegionCell, Source
from mingzhang.ingest.places import PDF
from mingzhang.ingest.tab_layout import read_tab_tables
from mingzhang.ontology.lexicon import load_lexicon

Rows = Sequence[Sequence[str]]
Merged = Sequence[tuple[int, int, int, int]]
CODED: Rows = [
    ["项目", "", "", "", "本年支出", "", ""],
    ["科目编码", "", "", "科目名称", "合计", "基本支出", "项目支出"],
    ["合计", "", "", "", "30.00", "10.00", "20.00"],
    ["208", "", "", "社会保障和就业支出", "10.00", "10.00", ""],
    ["208", "05", "", "行政事业单位养老支出", "10.00", "10.00", ""],
    ["221", "", "", "住房保障支出", "20.00", "", "20.00"],
]


def region(first: int, rows: Rows, merged: Merged, page: int = 1) -> tuple[list[str], Region]:
    """The lines of a table and its region; cells of merged ranges (row, column, rows, columns) are one."""
    width = len(rows[0])
    spans = {(top, left): (tall, wide) for top, left, tall, wide in merged}
    covered = {
        (r, c)
        for (top, left), (tall, wide) in spans.items()
        for r in range(top, top + tall)
        for c in range(left, left + wide)
    } - spans.keys()
    cells = [
        RegionCell(r, c, *spans.get((r, c), (1, 1)), text, 1 + sum(len(before) + 1 for before in row[:c]))
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
        if (r, c) not in covered
    ]
    edges = tuple(50.0 * column for column in range(width + 1))
    return ["\t".join(row) for row in rows], Region(first, len(rows), edges, tuple(cells), page)


def drawn(parts: Sequence[str | tuple[Rows, Merged]]) -> list[ReadTable]:
    """The tables of a page with these paragraphs and tables, drawn with rulings."""
    lines: list[str] = []
    regions: list[Region] = []
    for part in parts:
        if isinstance(part, str):
            lines.append(part)
        else:
            own, made = region(len(lines) + 1, *part)
            lines += own
            regions.append(made)
    document = Document(
        Source("a.pdf", "0" * 64, 1, PDF),
        tuple(lines),
        (1,) * len(lines),
        tuple(regions),
        {(1, 1): Box(1, 0, 0, 1, 1)},
    )
    return read_tab_tables(document, load_lexicon())


def test_headings_that_nobody_merged_stand_over_the_blanks_beside_them_in_print_too() -> None:
    (table,) = drawn(["支出决算表", "单位：万元", (CODED, ())])
    assert [column.path for column in table.columns] == [
        ("本年支出", "合计"),
        ("本年支出", "基本支出"),
        ("本年支出", "项目支出"),
    ]
    assert [row.sides[0].codes for row in table.rows] == [(), ("208",), ("20805",), ("221",)]
    assert sum(len(side.cells) for row in table.rows for side in row.sides) == 9


@pytest.mark.parametrize("unit", ["单位：万元", "金额单位：人民币万元", "（单位：万元）"])
def test_title_owner_and_unit_may_be_drawn_inside_the_frame(unit: str) -> None:
    inside = [["支出决算表"] + [""] * 6, ["部门：示例局", "", "", "", "", "", unit], *CODED]
    merged = [(0, 0, 1, 7), (1, 0, 1, 6), (2, 0, 1, 4), (2, 4, 1, 3), (3, 0, 1, 3)]
    (table,) = drawn([(inside, merged)])
    assert (table.title, table.unit, len(table.columns), len(table.rows)) == ("支出决算表", "万元", 3, 4)


def test_a_heading_that_reaches_over_the_numbers_of_columns_leaves_them_numbers() -> None:
    rows = [
        ["项目", "合计", "基本支出", "备注"],
        ["栏次", "1", "2", ""],
        ["住房保障支出", "3.00", "3.00", ""],
    ]
    (table,) = drawn(["支出决算表", "单位：万元", (rows, [(0, 3, 2, 1)])])
    assert [column.path for column in table.columns] == [("合计",), ("基本支出",)]


@pytest.mark.parametrize("title", ["支出决算表（单位：万元）", "支出决算表(金额单位：万元)"])
def test_the_unit_may_stand_in_brackets_behind_the_title(title: str) -> None:
    merged = [(0, 0, 1, 4), (0, 4, 1, 3), (1, 0, 1, 3)]
    (table,) = drawn([title, "部门：示例局", (CODED, merged)])
    assert (table.title, table.unit) == ("支出决算表", "万元")


def test_three_groups_of_labels_and_amounts_are_kept_apart_where_nobody_merged_their_headings() -> None:
    rows = [
        ["人员经费", "", "", "公用经费", "", ""],
        ["科目编码", "科目名称", "决算数"] * 2,
        ["301", "工资福利支出", "5.00", "302", "商品和服务支出", "4.00"],
        ["30101", "基本工资", "5.00", "30201", "办公费", "4.00"],
    ]
    (table,) = drawn(["一般公共预算财政拨款基本支出决算明细表", "单位：万元", (rows, ())])
    found = {
        (side.codes, side.label, cell.amount.token)
        for row in table.rows
        for side in row.sides
        for cell in side.cells
    }
    assert found == {
        (("301",), "工资福利支出", "5.00"),
        (("302",), "商品和服务支出", "4.00"),
        (("30101",), "基本工资", "5.00"),
        (("30201",), "办公费", "4.00"),
    }
