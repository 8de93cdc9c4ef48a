"""Forms of performance targets in every layout: tabs, side by side, in reading order, columns out of order."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.ingest.document import Document, Indicator, Source
from mingzhang.ingest.indicators import IndicatorReading, read_indicators
from mingzhang.ingest.readers import read_document

SHARED = Path(__file__).resolve().parents[3] / "shared"


def document(text: str) -> Document:
    lines = tuple(text.strip("\n").split("\n"))
    return Document(Source("form.txt", "0" * 64, 1), lines, (1,) * len(lines))


def read(text: str) -> IndicatorReading:
    return read_indicators(document(text), frozenset())


def short(indicator: Indicator) -> tuple[str, ...]:
    return (
        indicator.project,
        indicator.level1,
        indicator.level2,
        indicator.level3,
        indicator.operator,
        indicator.value,
        indicator.measure_unit,
    )


TABBED = """
项目支出绩效目标表
单位名称\t项目名称\t预算数\t年度目标\t一级指标\t二级指标\t三级指标\t指标性质\t指标值\t度量单位\t权重\t指标方向性
301-某局\t\t12.00
301001-某局本级\t甲项目\t7.00\t目标1:做好\t产出指标\t数量指标\t检查次数\t≥\t5\t次\t30\t正向指标
\t\t\t\t效益指标\t社会效益指标\t投诉数\t≠\t2\t件\t20\t反向指标
乙项目\t\t\t\t5.00\t目标\t产出指标\t质量指标\t合格率\t=\t100\t%\t10\t正向指标
\t满意度指标\t服务对象满意度指标\t满意度\t\t\t定性\t优\t\t10\t正向指标
"""


def test_rows_of_a_tabbed_form_are_read_even_where_their_cells_slid() -> None:
    found = read(TABBED)
    assert [short(i) for i in found.indicators] == [
        ("甲项目", "产出指标", "数量指标", "检查次数", ">=", "5", "次"),
        ("甲项目", "效益指标", "社会效益指标", "投诉数", "<=", "2", "件"),
        ("乙项目", "产出指标", "质量指标", "合格率", "=", "100", "%"),
        ("乙项目", "满意度指标", "服务对象满意度指标", "满意度", "定性", "优", ""),
    ]
    assert [i.weight for i in found.indicators] == ["30", "20", "10", "10"]
    assert {i.unit_name for i in found.indicators} == {"某局本级"}
    assert [(a.project, a.token) for a in found.project_amounts] == [
        ("", "12.00"),
        ("甲项目", "7.00"),
        ("乙项目", "5.00"),
    ]


def test_a_project_without_money_does_not_inherit_the_one_above() -> None:
    text = TABBED.replace("甲项目\t7.00", "甲项目\t7.00").replace(
        "\t\t\t\t效益指标\t社会", "\t丙项目\t\t目标\t效益指标\t社会"
    )
    second = read(text).indicators[1]
    assert (second.project, second.project_amount) == ("丙项目", "")


SIDE_BY_SIDE = """
项目绩效目标表
编码\t项目单位(项目名称)\t项目金额\t\t绩效目标
\t\t资金总额\t其他资金\t产出指标\t\t满意度指标\t
\t\t\t\t三级指标\t指标值\t三级指标\t指标值
301001\t某中心\t\t\t\t\t\t
2022-301001\t培训费\t2.40\t0.00\t场次 (≥**场)\t2\t满意度\t满意
\t\t\t\t完成率 (≥100%\t\t\t
"""


def test_indicators_side_by_side_take_their_kind_from_the_group_above_them() -> None:
    found = read(SIDE_BY_SIDE).indicators
    assert [short(i) for i in found] == [
        ("培训费", "产出指标", "", "场次 (≥**场)", ">=", "2", "场"),
        ("培训费", "满意度指标", "", "满意度", "定性", "满意", ""),
        ("培训费", "产出指标", "", "完成率 (≥", ">=", "100", "%"),
    ]
    assert [(i.line, i.nth) for i in found] == [(6, 1), (6, 2), (7, 1)]
    assert {i.unit_name for i in found} == {"某中心"}


OVERALL = """
部门整体支出绩效目标表
一级指标\t二级指标\t三级指标\t指标值\t指标说明
\t工作管理\t目标相关性\t100%\t说明

投入管理指标

财务管理

编制完整性\t完整\t1. 说明
执行率\t≥90%\t说明

\t公开性\t公开\t说明
产出指标\t履职\t完成率\t≥95%\t
"""


def test_a_kind_printed_by_itself_holds_for_the_rows_around_it() -> None:
    found = read(OVERALL).indicators
    assert [(i.level1, i.level2, i.level3) for i in found] == [
        ("投入管理指标", "工作管理", "目标相关性"),
        ("投入管理指标", "财务管理", "编制完整性"),
        ("投入管理指标", "财务管理", "执行率"),
        ("投入管理指标", "", "公开性"),
        ("产出指标", "履职", "完成率"),
    ]
    assert {i.scope for i in found} == {"department"}


IN_ORDER = """
2022年项目绩效目标
项目名称 甲项目
单位名称 某局
年度资金总额： 15
其中：财政拨款 15
总体目标
做好各项工作。
一级指标 二级指标 三级指标 指标值（包含数字及文字描述）
产出指标
数量指标
培训次数 =1次
成本指标 培训费 ≤8万元
效益指标
社会效益指标 规范性 规范
满意度指标 满意度指标 群众满意度 >=90%
2022年项目绩效目标
项目名称 乙项目
年度资金总额： 3
一级指标 二级指标 三级指标 指标值（包含数字及文字描述）
产出指标 质量指标 合格率 100%
"""


def test_a_form_for_each_project_is_read_line_by_line() -> None:
    found = read(IN_ORDER)
    assert [short(i) for i in found.indicators] == [
        ("甲项目", "产出指标", "数量指标", "培训次数", "=", "1", "次"),
        ("甲项目", "产出指标", "成本指标", "培训费", "<=", "8", "万元"),
        ("甲项目", "效益指标", "社会效益指标", "规范性", "定性", "规范", ""),
        ("甲项目", "满意度指标", "满意度指标", "群众满意度", ">=", "90", "%"),
        ("乙项目", "产出指标", "质量指标", "合格率", "", "100", "%"),
    ]
    assert [(a.project, a.token) for a in found.project_amounts] == [("甲项目", "15"), ("乙项目", "3")]


LIST = """
部门项目支出绩效目标公开表
项目名
称
预算资金 一级指标 二级指标 三级指标
绩效指
标性质
本年绩效
指标值
绩效度量
单位
医保基
金监管
经费
40.00
产出指标
数量指标
检查次数 ≥ 1 次
对定点机构的现场检查、
考核
≥ 90 %
质量指标 合格率 ＝ 100 %
满意度指标
服务对象满意度
指标
满意度 ≥ 90 %
个人权 43.00 产出指标 数量指标 邮寄人数 ≥ 150000 人
益单
成本指标 租赁成本 ≤ 500
元/平方
米
第四部分 名词解释
"""


def test_names_labels_and_units_broken_by_narrow_columns_are_put_together() -> None:
    assert [short(i) for i in read(LIST).indicators] == [
        ("医保基金监管经费", "产出指标", "数量指标", "检查次数", ">=", "1", "次"),
        ("医保基金监管经费", "产出指标", "数量指标", "对定点机构的现场检查、考核", ">=", "90", "%"),
        ("医保基金监管经费", "产出指标", "质量指标", "合格率", "=", "100", "%"),
        ("医保基金监管经费", "满意度指标", "服务对象满意度指标", "满意度", ">=", "90", "%"),
        ("个人权益单", "产出指标", "数量指标", "邮寄人数", ">=", "150000", "人"),
        ("个人权益单", "产出指标", "成本指标", "租赁成本", "<=", "500", "元/平方米"),
    ]


def test_a_page_number_is_no_project() -> None:
    with_page = LIST.replace("质量指标 合格率", "12\n质量指标 合格率")
    assert [short(i) for i in read(with_page).indicators] == [short(i) for i in read(LIST).indicators]


def test_a_fragment_between_two_whole_rows_makes_both_labels_unsure() -> None:
    rows = "\n".join(f"指示{i}次数 ≥ {i} 次" for i in range(20))
    text = LIST.replace("检查次数 ≥ 1 次\n", f"{rows}\n检查次数 ≥ 1 次\n剩余的一段文字\n抽查次数 ≥ 3 次\n")
    labels = {i.level3 for i in read(text).indicators}
    assert "指示5次数" in labels
    assert not {"检查次数", "抽查次数", "剩余的一段文字抽查次数"} & labels


SCATTERED = """
一级指标 二级指标 指标值 指标说明
300
100%
每年
58元/人
经济效益
指标
有效改善
可持续影响
指标
稳步推进
≥95%
满意度指标
服务对象
满意度指标
对象满意度
效益指标
改善状况
维持稳定
时效指标
补助周期
成本指标
人均标准
年度目标 保障待遇
绩
效
指
标
三级指标
产出指标
数量指标
补助人数
补助覆盖率
单位名称
年度资金总额： 25
2022年项目绩效目标表
项目名称 甲项目
部门名称 某局
"""


def test_columns_printed_one_after_the_other_are_paired_where_one_division_fits() -> None:
    found = sorted(short(i)[1:] for i in read(SCATTERED).indicators)
    assert found == sorted(
        [
            ("产出指标", "数量指标", "补助人数", "", "300", ""),
            ("产出指标", "数量指标", "补助覆盖率", "", "100", "%"),
            ("产出指标", "时效指标", "补助周期", "定性", "每年", ""),
            ("产出指标", "成本指标", "人均标准", "", "58", "元/人"),
            ("效益指标", "经济效益指标", "改善状况", "定性", "有效改善", ""),
            ("效益指标", "可持续影响指标", "维持稳定", "定性", "稳步推进", ""),
            ("满意度指标", "服务对象满意度指标", "对象满意度", ">=", "95", "%"),
        ]
    )
    assert {i.project for i in read(SCATTERED).indicators} == {"甲项目"}


def test_columns_of_unequal_length_are_not_paired() -> None:
    assert read(SCATTERED.replace("100%\n", "", 1)).indicators == ()


@given(st.lists(st.sampled_from(SCATTERED.split("\n")), max_size=40), st.integers(0, 39))
def test_any_order_of_the_lines_of_a_form_is_read_without_fail(lines: list[str], cut: int) -> None:
    for indicator in read("\n".join(lines[:cut]) + "\n").indicators:
        assert indicator.level1
        assert indicator.level3


def normal(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize("name", ["001_429070526a6ff533", "004_2cbeaa218e1f0bcb"])
def test_a_real_disclosure_reads_as_the_hand_made_list_says(name: str) -> None:
    path = SHARED / "disclosures" / f"{name}.txt"
    if not path.exists():
        pytest.skip("../shared is not here: it holds the disclosures")
    with (SHARED / "gold" / f"{name}.indicators.csv").open(encoding="utf-8-sig", newline="") as file:
        gold = Counter(
            (
                *tuple(
                    normal(row[k])
                    for k in ("line", "project", "level1", "level3", "operator", "measure_unit")
                ),
                normal(row["value_num"] if row["value"][:1].isdigit() else row["value"]),
            )
            for row in csv.DictReader(file)
            if row["value_num"] == ""
            or normal(row["value"]).removesuffix(normal(row["measure_unit"])) == row["value_num"]
        )
    found = Counter(
        tuple(
            normal(t)
            for t in (str(i.line), i.project, i.level1, i.level3, i.operator, i.measure_unit, i.value)
        )
        for i in read_indicators(read_document(path), frozenset()).indicators
    )
    assert gold - found == Counter()


@pytest.mark.parametrize(
    ("name", "count"),
    [("000", 115), ("001", 267), ("002", 93), ("003", 69), ("004", 215)],
)
def test_every_indicator_of_the_five_disclosures_is_read(name: str, count: int) -> None:
    paths = sorted((SHARED / "disclosures").glob(f"{name}_*.txt"))
    if not paths:
        pytest.skip("../shared is not here: it holds the disclosures")
    found = read_indicators(read_document(paths[0]), frozenset()).indicators
    assert len(found) == count
    assert all(i.level1 and i.level3 and (i.value or i.operator == "定性") for i in found)


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
MUTATIONS: dict[str, Callable[[list[str]], list[str]]] = {
    "blank lines lost": lambda lines: [line for line in lines if line.strip()],
    "blank lines added": lambda lines: [text for line in lines for text in (line, "")],
    "full-width digits": lambda lines: [line.translate(FULL_WIDTH) for line in lines],
    "page feet": lambda lines: [
        text
        for number, line in enumerate(lines)
        for text in ([line] if number % 37 else [f"— {number // 37} —", "\f" + line])
    ],
    "bare page numbers": lambda lines: [
        text
        for number, line in enumerate(lines)
        for text in ([line] if number % 41 else [str(number // 41), line])
    ],
}


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("name", ["000", "001", "002", "003", "004"])
def test_a_change_of_the_page_alone_publishes_nothing_else(name: str, mutation: str) -> None:
    paths = sorted((SHARED / "disclosures").glob(f"{name}_*.txt"))
    if not paths:
        pytest.skip("../shared is not here: it holds the disclosures")
    real = read_document(paths[0])
    changed = MUTATIONS[mutation](list(real.lines))

    def read_as(lines: list[str]) -> set[tuple[str, ...]]:
        return {tuple(normal(t) for t in short(i)) for i in read("\n".join(lines)).indicators}

    expected = read_as(list(real.lines))
    # A second-level kind may be left open where a page break now hides it; another one may not be given.
    gaps = {(project, level1, "", *rest) for project, level1, _, *rest in expected}
    assert read_as(changed) <= expected | gaps
