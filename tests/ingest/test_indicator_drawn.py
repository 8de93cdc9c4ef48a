"""Forms of performance targets whose cells are drawn: merged levels, heads, pages, and what must stay open."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mingzhang.ingest.document import Document, Indicator, Region, RegionCell, Source
from mingzhang.ingest.indicators import IndicatorReading, read_indicators
from mingzhang.ingest.places import PDF

# (text, row, column, rows, columns); a plain row of texts is one cell each.
Cell = tuple[str, int, int, int, int]
Part = str | Sequence[Cell]


def sheet(width: int, *rows: Sequence[str | tuple[str, int] | tuple[str, int, int] | None]) -> list[Cell]:
    """The cells of a form: a text is one cell, (text, columns) and (text, columns, rows) a merged one, None what an

    earlier cell covers.
    """
    cells: list[Cell] = []
    covered: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        column = 0
        for item in row:
            while (number, column) in covered:
                column += 1
            if item is None:
                continue
            text, wide, tall = item if not isinstance(item, str) and len(item) == 3 else (*_pair(item), 1)
            cells.append((text, number, column, tall, wide))
            covered |= {(number + r, column + c) for r in range(tall) for c in range(wide)}
            column += wide
        assert all((number, c) in covered for c in range(width)), row
    return cells


def _pair(item: object) -> tuple[str, int]:
    return (item, 1) if isinstance(item, str) else (item[0], item[1])  # type: ignore[index]


def document(*parts: str | list[Cell], pages: Sequence[int] = ()) -> Document:
    """Lines of text and forms, one after another; `pages` has the page of each part."""
    lines: list[str] = []
    numbers: list[int] = []
    regions = []
    for index, part in enumerate(parts):
        page = pages[index] if pages else 1
        if isinstance(part, str):
            lines.append(part)
            numbers.append(page)
            continue
        height = max(row + tall for _, row, _, tall, _ in part)
        width = max(column + wide for _, _, column, _, wide in part)
        first, cells = len(lines) + 1, []
        for row in range(height):
            texts = {c: t for t, r, c, _, _ in part if r == row}
            starts, line = {}, ""
            for column in range(width):
                starts[column] = len(line) + 1
                line += texts.get(column, "") + ("\t" if column < width - 1 else "")
            lines.append(line)
            numbers.append(page)
            cells += [RegionCell(r, c, tall, wide, t, starts[c]) for t, r, c, tall, wide in part if r == row]
        edges = tuple(float(100 * i) for i in range(width + 1))
        regions.append(Region(first, height, edges, tuple(cells), page))
    return Document(Source("a.pdf", "0" * 64, 1, PDF), tuple(lines), tuple(numbers), tuple(regions))


def read(*parts: str | list[Cell], pages: Sequence[int] = ()) -> IndicatorReading:
    return read_indicators(document(*parts, pages=pages), frozenset())


def short(indicator: Indicator) -> tuple[str, ...]:
    i = indicator
    return (i.project, i.level1, i.level2, i.level3, i.operator, i.value, i.measure_unit)


FORM = sheet(
    5,
    [("办公楼物业项目绩效目标表", 5)],
    ["项目名称", ("办公楼物业", 4)],
    ["主管部门", ("某市商务局", 2), "实施单位", "某市商务局本级"],
    [("项目资金（万元）", 1, 3), ("资金总额", 2), ("25.60", 2)],
    [("财政拨款", 2), ("20.60", 2)],
    [("其他资金", 2), ("5.00", 2)],
    ["年度目标", ("管好4321平方米的楼", 4)],
    [("绩效目标指标", 1, 4), "一级指标", "二级指标", "三级指标", "指标值"],
    [("产出指标", 1, 2), ("数量指标", 1, 2), "物业管理面积", "≤4321.5平方米"],
    ["保洁次数", "≥12次"],
    ["满意度指标", "服务对象满意度指标", "使用人员满意度", "≥90%"],
)


def test_merged_levels_hold_for_all_the_rows_they_cover() -> None:
    found = read("目标表", FORM)
    assert [short(i) for i in found.indicators] == [
        ("办公楼物业", "产出指标", "数量指标", "物业管理面积", "<=", "4321.5", "平方米"),
        ("办公楼物业", "产出指标", "数量指标", "保洁次数", ">=", "12", "次"),
        ("办公楼物业", "满意度指标", "服务对象满意度指标", "使用人员满意度", ">=", "90", "%"),
    ]
    assert {(i.project_amount, i.unit_name, i.scope) for i in found.indicators} == {
        ("25.60", "某市商务局本级", "project")
    }
    assert [(a.project, a.token) for a in found.project_amounts] == [("办公楼物业", "25.60")]


def test_a_form_that_goes_on_keeps_its_project_and_the_level_of_a_blank_first_cell() -> None:
    more = sheet(
        5,
        ["", "", "", "来访者满意度", "≥85%"],
        ["", "效益指标", "社会效益指标", "火灾次数", "=0次"],
    )
    found = read("目标表", FORM, "- 2 -", more, pages=(1, 1, 1, 2))
    assert [short(i) for i in found.indicators[3:]] == [
        ("办公楼物业", "满意度指标", "服务对象满意度指标", "来访者满意度", ">=", "85", "%"),
        ("办公楼物业", "效益指标", "社会效益指标", "火灾次数", "=", "0", "次"),
    ]
    assert found.indicators[3].page == 2


def test_a_carried_level_that_the_second_level_contradicts_is_not_kept() -> None:
    more = sheet(5, ["", "", "时效指标", "供暖天数", "=120天"])
    found = read("目标表", FORM, more, pages=(1, 1, 2))
    assert (found.indicators[3].level1, found.indicators[3].level2) == ("", "时效指标")


LIST = sheet(
    9,
    [("单位编码", 1, 2), ("单位（项目）名称", 1, 2), ("资金总额", 1, 2), ("绩效指标", 6)],
    ["一级指标", "二级指标", "三级指标", "指标值", "度量单位", "指标值类型"],
    ["106001", "某市公安局", "40.00", "", "", "", "", "", ""],
    [
        ("106001", 1, 3),
        ("安保经费", 1, 3),
        ("28.69", 1, 3),
        ("产出指标", 1, 2),
        "数量指标",
        "演练次数",
        "4",
        "次",
        "≥",
    ],
    ["质量指标", "合格率", "100", "=", "%"],
    ["效益指标", "社会效益指标", "", "", "", ""],
)


def test_a_list_of_projects_gives_each_its_targets_and_its_money() -> None:
    found = read("单位：万元", LIST)
    assert [short(i) for i in found.indicators] == [
        ("安保经费", "产出指标", "数量指标", "演练次数", ">=", "4", "次"),
        ("安保经费", "产出指标", "质量指标", "合格率", "=", "100", "%"),
    ]
    assert [(a.project, a.unit_name, a.token) for a in found.project_amounts] == [
        ("", "某市公安局", "40.00"),
        ("安保经费", "某市公安局", "28.69"),
    ]


def test_a_column_that_explains_the_targets_is_no_target_of_its_own() -> None:
    form = sheet(
        6,
        ["单位名称、项目名称", "一级指标", "二级指标", "三级指标", "指标值", "指标内容"],
        [("安保经费", 1, 2), ("产出指标", 1, 2), "数量指标", "演练次数", "4", "反映演练的次数。"],
        [None, None, "质量指标", "合格率", "100", "反映演练的质量。"],
    )
    assert [
        (i.project, i.level1, i.level2, i.level3, i.value)
        for i in read("项目支出绩效目标表", form).indicators
    ] == [
        ("安保经费", "产出指标", "数量指标", "演练次数", "4"),
        ("安保经费", "产出指标", "质量指标", "合格率", "100"),
    ]


def test_sign_and_unit_filled_in_the_wrong_way_round_are_each_what_they_are() -> None:
    second = read("单位：万元", LIST).indicators[1]
    assert (second.operator, second.measure_unit) == ("=", "%")


def test_money_of_a_form_in_yuan_is_not_passed_on_as_ten_thousands() -> None:
    found = read("绩效目标表", "单位：元", LIST)
    assert len(found.indicators) == 2
    assert not found.project_amounts
    assert {i.project_amount for i in found.indicators} == {""}


def test_one_target_for_several_labels_is_read_for_none() -> None:
    form = sheet(
        4,
        ["一级指标", "二级指标", "三级指标", "指标值"],
        [("产出指标", 1, 3), ("数量指标", 1, 3), "甲次数", ("≥4次", 1, 2)],
        ["乙次数"],
        ["丙次数", "≥5次"],
    )
    assert [i.level3 for i in read(form).indicators] == ["丙次数"]


def test_several_targets_in_one_cell_have_no_single_operator() -> None:
    form = sheet(
        4,
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "会议、培训", "≥2次；≥300人"],
    )
    (found,) = read(form).indicators
    assert (found.operator, found.value) == ("", "≥2次；≥300人")


def test_indicators_side_by_side_have_the_kind_that_is_drawn_over_them() -> None:
    form = sheet(
        5,
        [("项目名称", 1, 2), ("产出指标", 2), ("满意度指标", 2)],
        ["三级指标", "指标值", "三级指标", "指标值"],
        ["培训费", "场次", "2场", "满意度", "≥90%"],
    )
    assert [short(i) for i in read(form).indicators] == [
        ("培训费", "产出指标", "", "场次", "", "2", "场"),
        ("培训费", "满意度指标", "", "满意度", ">=", "90", "%"),
    ]


def test_a_form_without_levels_is_read_by_its_other_columns() -> None:
    form = sheet(
        5,
        ["绩效指标", "指标名称", "指标性质", "指标值", "指标权重(%)"],
        [("", 1), "公开率", "＝", "100", "15"],
    )
    (found,) = read("2026年部门整体绩效目标表", form).indicators
    assert (found.scope, found.level1, found.operator, found.weight) == ("department", "", "=", "15")


@pytest.mark.parametrize("head", [("项目", "指标值", "备注"), ("三级指标", "预算数", "备注")])
def test_a_table_that_heads_no_targets_is_no_form(head: tuple[str, str, str]) -> None:
    assert not read(sheet(3, head, ["甲", "5", ""])).lines
