"""Tables whose cells the extraction lost: one trap a test, and the disclosures with hand-verified columns."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from mingzhang.ingest.document import Certainty, Document, ReadTable, Source, TableCell
from mingzhang.ingest.flow_layout import read_flow_tables

SHARED = Path(__file__).resolve().parents[3] / "shared"


def read(text: str) -> list[ReadTable]:
    """The tables of a text, first line without indentation."""
    lines = tuple(text.strip("\n").split("\n"))
    return read_flow_tables(Document(Source("t.txt", "0" * 64, 1), lines, (1,) * len(lines)), frozenset())


def cells(table: ReadTable) -> list[tuple[str, str, str]]:
    """(row label, column, token) of every certain amount."""
    return [
        (side.label, " / ".join(table.columns[cell.column].path), cell.amount.token)
        for row in table.rows
        for side in row.sides
        for cell in side.cells
        if cell.column is not None
    ]


def all_cells(table: ReadTable) -> list[TableCell]:
    return [cell for row in table.rows for side in row.sides for cell in side.cells]


HEADER_IN_PIECES = """
收入总表
单位：万元
预算单位 合计
上年

结转
一般公
共预算
拨款
收入
事业
收入
合计： 30.00 10.00 20.00
"""


def test_a_header_broken_into_pieces_is_put_together() -> None:
    (table,) = read(HEADER_IN_PIECES)
    assert [column.path[0] for column in table.columns] == [
        "合计",
        "上年结转",
        "一般公共预算拨款收入",
        "事业收入",
    ]


def test_without_evidence_the_columns_stay_open() -> None:
    (table,) = read(HEADER_IN_PIECES)
    total, first, second = all_cells(table)
    assert total.column == 0
    assert total.certainty is Certainty.RECONCILED
    assert first.certainty is second.certainty is Certainty.AMBIGUOUS
    assert first.candidates == (1, 2)


FRAGMENTS = """
一般公共预算支出表
单位：万元
支出功能分类科目 2021 年预算数
科目编码 科目名称 小计 基本支出 项目支出
类 款 项 合计 60.00 35.00 25.00
208 社会保障和就业支出 60.00 35.00 25.00
05 行政事业单位养老支出 35.00 35.00
05 机关事业单位基本养老保险缴费支出 30.00 30.00
06 机关事业单位职业年金缴费支出 5.00 5.00
06 企业改革补助 25.00 25.00
99 其他企业改革发展补助 25.00 25.00
"""


def test_codes_printed_as_fragments_are_joined_where_sums_leave_one_way() -> None:
    (table,) = read(FRAGMENTS)
    codes = [row.sides[0].codes for row in table.rows]
    assert codes == [(), ("208",), ("20805",), ("2080505",), ("2080506",), ("20806",), ("2080699",)]


def test_a_sum_down_the_column_settles_a_row_of_two_equal_numbers() -> None:
    (table,) = read(FRAGMENTS)
    assert ("企业改革补助", "2021年预算数 / 项目支出", "25.00") in cells(table)
    assert ("行政事业单位养老支出", "2021年预算数 / 基本支出", "35.00") in cells(table)


def test_the_proof_says_which_numbers_add_up() -> None:
    (table,) = read(FRAGMENTS)
    (cell,) = [c for c in all_cells(table) if c.amount.line == 7 and c.amount.nth == 2]
    assert "小计 35.00 = 基本支出 35.00" in cell.proof


def test_a_fragment_that_could_be_two_codes_makes_its_row_uncertain() -> None:
    (table,) = read(
        """
一般公共预算支出表
单位：万元
科目编码 科目名称 小计 基本支出 项目支出
208 某类支出 30.00 10.00 20.00
05 某款支出 30.00 10.00 20.00
06 某项支出 30.00 10.00 20.00
"""
    )
    assert [row.sides[0].codes for row in table.rows] == [("208",), ("20805",), ("2080506",)]
    (other,) = read(
        """
一般公共预算支出表
单位：万元
科目编码 科目名称 小计 基本支出 项目支出
05 某款支出 30.00 10.00 20.00
"""
    )
    assert all(cell.certainty is Certainty.AMBIGUOUS for cell in all_cells(other))


def test_a_title_after_its_rows_names_them() -> None:
    tables = read(
        """
单位：万元
科目编码 科目名称 小计 财政拨款
专项收入
208 社会保障和就业支出 5.00 5.00 5.00
部门收入总表
某市某局
科目 一般公共预算拨款
单位名称 合计
其他收入



单位：万元
科目编码 科目名称 合计 基本支出 项目支出
208 社会保障和就业支出 5.00 2.00 3.00
部门支出总表
某市某局
"""
    )
    assert [table.title for table in tables] == ["部门收入总表", "部门支出总表"]
    assert [" / ".join(column.path) for column in tables[0].columns] == [
        "合计",
        "一般公共预算拨款 / 小计",
        "一般公共预算拨款 / 财政拨款",
        "一般公共预算拨款 / 专项收入",
        "其他收入",
    ]


def test_pages_of_column_groups_become_one_table() -> None:
    (table,) = read(
        """
部门收入总表
单位：万元
科目编码 科目名称 合计 上年结转
208 社会保障和就业支出 9.00 4.00
部门收入总表
单位：万元
科目编码 科目名称 事业收入 其他收入
208 社会保障和就业支出 2.00 3.00
"""
    )
    assert [token for _, _, token in cells(table)] == ["9.00", "4.00", "2.00", "3.00"]
    assert len(table.rows) == 1
    assert table.other_lines == ((5, 8),)


def test_a_label_on_the_lines_before_its_numbers_is_joined() -> None:
    (table,) = read(
        """
部门支出总表
单位：万元
科目编码 科目名称 合计 基本支出 项目支出
2080505
    机关事业单位基本养老保险缴费支
出

45.81 40.81 5.00
2080506 机关事业单位职业年金缴费支出 2.00 1.00 1.00
"""
    )
    assert table.rows[0].sides[0].label == "机关事业单位基本养老保险缴费支出"
    assert table.rows[0].sides[0].codes == ("2080505",)


def test_two_codes_on_a_row_are_both_kept() -> None:
    (table,) = read(
        """
一般公共预算基本支出表
单位：万元
科目编码 科目名称 科目编码 科目名称 合计 人员经费 公用经费
30101 基本工资 50101 工资奖金津补贴 246.58 246.58 0.00
"""
    )
    assert table.rows[0].sides[0].codes == ("30101", "50101")
    assert table.rows[0].sides[0].label == "基本工资"


TWO_SIDED = """
部门收支总表
单位：万元
收 入 支 出
项 目 预算数 项 目 预算数
一、一般公共预算拨款收入 29.60 一、一般公共服务支出
二、事业收入 二、外交支出
三、卫生健康支出 29.60
收 入 总 计 29.60 支 出 总 计 29.60
"""


def test_the_sides_of_a_table_are_kept_apart() -> None:
    (table,) = read(TWO_SIDED)
    assert cells(table) == [
        ("一、一般公共预算拨款收入", "收入 / 预算数", "29.60"),
        ("三、卫生健康支出", "支出 / 预算数", "29.60"),
        ("收入总计", "收入 / 预算数", "29.60"),
        ("支出总计", "支出 / 预算数", "29.60"),
    ]


def test_a_label_that_tells_no_side_leaves_its_amount_open() -> None:
    (table,) = read(TWO_SIDED.replace("三、卫生健康支出", "三、某某事项"))
    (cell,) = [c for c in all_cells(table) if c.amount.line == 7]
    assert cell.certainty is Certainty.AMBIGUOUS
    assert cell.candidates == (0, 1)


def test_a_form_published_empty_is_recorded() -> None:
    (table,) = read(
        """
政府性基金预算支出表
单位：万元
科目编码 科目名称 合计 基本支出 项目支出
空表说明：无此项内容
"""
    )
    assert table.published_empty
    assert table.rows == ()


def test_full_width_digits_are_read_and_kept_as_printed() -> None:
    (table,) = read(FRAGMENTS.replace("60.00 35.00 25.00", "６０．００ ３５．００ ２５．００"))
    first = all_cells(table)[0]
    assert first.amount.token == "６０．００"
    assert first.amount.value == Decimal("60.00")


def test_numbers_of_columns_are_no_amounts() -> None:
    (table,) = read(FRAGMENTS.replace("类 款 项 合计", "** ** 1 2 3\n类 款 项 合计"))
    assert [cell.amount.token for cell in all_cells(table)][:3] == ["60.00", "35.00", "25.00"]


def test_a_total_that_is_wrong_decides_nothing() -> None:
    (table,) = read(
        FRAGMENTS.replace("05 行政事业单位养老支出 35.00 35.00", "05 行政事业单位养老支出 99.00 99.00")
    )
    assert ("企业改革补助", "2021年预算数 / 项目支出", "25.00") not in [
        found for found in cells(table) if found[0] == "行政事业单位养老支出"
    ]
    assert all("99.00" not in token for _, column, token in cells(table) if "项目支出" in column)


def test_another_table_settles_what_sums_leave_open() -> None:
    tables = read(
        """
支出总表
单位：万元
科目编码 科目名称 合计 基本支出 项目支出 事业单位经营支出
合计 60.00 35.00 25.00
208 社会保障和就业支出 60.00 35.00 25.00
"""
        + FRAGMENTS
    )
    assert cells(tables[0])[:3] == [
        ("合计", "合计", "60.00"),
        ("合计", "基本支出", "35.00"),
        ("合计", "项目支出", "25.00"),
    ]
    cell = all_cells(tables[0])[1]
    assert any("一般公共预算支出表第" in words for words in cell.proof)


def test_running_text_settles_what_sums_leave_open() -> None:
    table = read(
        """
一般公共预算“三公”经费支出表
单位：万元
上年预算数 2021 预算数
合计
因公出国
(境)费用
公务接待
费
合计
因公出国
(境)费用
公务接待
费
1.90 1.90 1.40 0.50 0.90
第三部分 情况说明
“三公”经费预算数为 1.40 万元，比上年减少 0.50 万元，其中：因公出国（境）费 0.50 万元，减少 1.40 万元，公务接待费 0.90 万元。
"""
    )[0]
    assert ("", "上年预算数 / 因公出国(境)费用", "1.90") in cells(table)


PLAIN = """
债券资金支出表
单位：万元
科目编码 科目名称 合计 专项债券 一般债券 再融资债券
合计 60.00 10.00 20.00 30.00
208 某类支出 12.00 1.00 2.00 9.00
21 某款支出 9.00 9.00
22 某款支出 48.00 9.00 18.00 21.00
"""


def test_a_form_nobody_described_is_read_by_its_plain_header() -> None:
    (table,) = read(PLAIN.replace("21 某款", "2102 某款").replace("22 某款", "2103 某款"))
    assert [column.path[0] for column in table.columns] == ["合计", "专项债券", "一般债券", "再融资债券"]
    assert ("合计", "再融资债券", "30.00") in cells(table)
    (open_one,) = [c for c in all_cells(table) if c.amount.line == 6 and c.amount.nth == 2]
    assert open_one.certainty is Certainty.AMBIGUOUS


def test_columns_in_another_order_than_the_form_stand_as_printed() -> None:
    (table,) = read(
        """
支出总表
单位：万元
科目编码 科目名称 合计 基本支出
上缴
上级支出
项目支出
208 某类支出 6.00 1.00 2.00 3.00
"""
    )
    assert [column.path[0] for column in table.columns] == ["合计", "基本支出", "上缴上级支出", "项目支出"]
    assert cells(table)[2] == ("某类支出", "上缴上级支出", "2.00")


def test_a_header_with_fewer_columns_than_it_numbers_is_not_read() -> None:
    (table,) = read(FRAGMENTS.replace("类 款 项 合计", "** ** 1 2 3 4\n类 款 项 合计"))
    assert all_cells(table) == []


def test_a_repeated_heading_is_no_caption_to_be_left_out() -> None:
    tables = read(
        """
一般公共预算支出表
单位：万元
科目编码 科目名称 合计 基本支出
某某新设
经费
208 某类支出 6.00 6.00
支出总表
单位：万元
科目编码 科目名称 合计 基本支出
某某新设
经费
208 某类支出 6.00 6.00
"""
    )
    assert [all_cells(table) for table in tables] == [[], []]


def test_a_header_of_several_lines_that_no_form_fits_is_not_read() -> None:
    (table,) = read(PLAIN.replace("专项债券 一般债券", "专项债券\n一般债券"))
    assert all_cells(table) == []


@pytest.mark.parametrize(
    "line", ["2021年部门预算报表", "第二部分 部门预算表", "1.部门收支总表", "项目支出绩效目标表", "详见下表"]
)
def test_what_is_no_title_begins_no_table(line: str) -> None:
    assert read(f"{line}\n单位：万元\n合计 1.00\n") == []


def gold_names() -> list[str]:
    """The hand-verified disclosures whose cells are not kept apart by tabs."""
    found = sorted(path.name for path in (SHARED / "gold").glob("*.cells.csv"))
    return [name for name in found if "\t" not in source_of(name).read_text(encoding="utf-8-sig")]


def source_of(name: str) -> Path:
    return SHARED / "disclosures" / name.replace(".cells.csv", ".txt")


@pytest.mark.parametrize("name", gold_names() or [""])
def test_every_hand_verified_column_is_read_and_none_is_guessed(name: str) -> None:
    if not name:
        pytest.skip("../shared is not here")
    source = source_of(name)
    lines = tuple(source.read_text(encoding="utf-8-sig").split("\n"))
    tables = read_flow_tables(
        Document(Source(source.name, "0" * 64, 1), lines, (1,) * len(lines)), frozenset()
    )
    found = {
        (cell.amount.line, cell.amount.nth): (
            cell.amount.value,
            cell.column if cell.column is None else table.columns[cell.column].path,
            side.codes,
        )
        for table in tables
        for row in table.rows
        for side in row.sides
        for cell in side.cells
    }
    with (SHARED / "gold" / name).open(encoding="utf-8-sig", newline="") as handle:
        gold = list(csv.DictReader(handle))
    assert {(int(row["line"]), int(row["nth"])) for row in gold} == set(found)
    for row in gold:
        value, path, codes = found[int(row["line"]), int(row["nth"])]
        assert value == Decimal(row["value"]), row
        if row["certain"] == "no":
            assert path is None, row
        else:
            assert path == tuple(row["column"].split(" / ")), row
            assert codes == ((row["code"],) if row["code"] else ()), row
