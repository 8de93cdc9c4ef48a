"""The forms that departments all over the country print, each amount with the fact it states, or a true reason why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingzhang.ingest.facts import Figure
from mingzhang.ingest.reading import Reading
from mingzhang.ontology.lexicon import load_lexicon

from .standard_forms import read_form, read_text, said

CHANGE = "a change, not an amount of a year"
NO_UNIT = "the unit of the table is not printed"
OPEN_YEARS = "with or without what was carried over"
ALIKE = "another row of the table has the same dimensions and another amount"
UNSAID = {"'事业支出' is not understood", "'其他支出' is not understood"}


@pytest.mark.parametrize(
    ("name", "figures", "without", "reasons"),
    [
        ("final-accounts", 154, 0, set()),
        ("central-budget", 116, 5, {CHANGE}),
        ("budget-by-kind", 106, 0, set()),
        ("budget-with-project-codes", 114, 6, UNSAID),
        ("numbers-below-titles", 57, 0, set()),
        ("two-years-side-by-side", 61, 4, {CHANGE}),
        ("table-without-a-unit", 14, 4, {NO_UNIT}),
        ("several-blocks-and-a-carry-forward", 90, 6, {OPEN_YEARS, ALIKE}),
    ],
)
def test_every_amount_states_a_fact_or_says_why_not(
    name: str, figures: int, without: int, reasons: set[str], tmp_path: Path
) -> None:
    reading = read_form(name, tmp_path)
    unclear = [figure.unclear for figure in reading.figures if not figure.dimensions]
    assert len(reading.figures) == figures
    assert (len(unclear), set(unclear)) == (without, reasons)
    assert [relation for relation in reading.relations if not relation.sum.holds] == []
    assert reading.ledger.counts["unread"] == 0


def figures_of(name: str, table: str, folder: Path) -> dict[tuple[str, str], Figure]:
    """(label, token) → figure of one table; the first where several are alike."""
    reading = read_form(name, folder)
    number = next(t.number for t in reading.tables if t.title == table)
    found: dict[tuple[str, str], Figure] = {}
    for figure in reading.figures:
        if figure.table == number:
            found.setdefault((figure.label, figure.amount.token), figure)
    return found


def test_the_total_below_what_is_carried_forward_is_more_than_the_expenditure_of_the_year(
    tmp_path: Path,
) -> None:
    found = figures_of("final-accounts", "收入支出决算总表", tmp_path)
    assert said(found["本年支出合计", "1,045.00"]) == {"flow": "expenditure"}
    assert said(found["结余分配", "2.00"]) == {
        "flow": "expenditure",
        "expenditureKind": "surplus-distribution",
    }
    revenue = [f for (label, _), f in found.items() if label == "总计"]
    assert [said(f) for f in revenue] == [{"flow": "revenue"}]


def test_the_grand_total_of_a_budget_that_the_columns_divide(tmp_path: Path) -> None:
    found = figures_of("final-accounts", "财政拨款收入支出决算总表", tmp_path)
    assert said(found["总计", "940.00"]) == {
        "flow": "expenditure",
        "fundSource": "general-public",
        "expenditureKind": "grand-total",
    }


def test_a_budget_named_again_below_what_was_carried_over_is_a_part_of_it(tmp_path: Path) -> None:
    found = figures_of("final-accounts", "财政拨款收入支出决算总表", tmp_path)
    assert said(found["一般公共预算财政拨款", "40.00"]) == {
        "flow": "revenue",
        "fundSource": "general-public-carryover",
    }


def test_a_total_over_several_blocks_is_the_last_ones(tmp_path: Path) -> None:
    found = figures_of("final-accounts", "一般公共预算财政拨款基本支出决算明细表", tmp_path)
    assert said(found["公用经费合计", "160.00"]) == {
        "flow": "expenditure",
        "fundSource": "general-public",
        "expenditureKind": "public-use",
    }


def test_names_without_codes_are_classes_of_the_list_they_can_all_stand_in(tmp_path: Path) -> None:
    found = figures_of("budget-by-kind", "部门支出总体情况表", tmp_path)
    assert said(found["工资福利支出", "400.00"]) == {
        "flow": "expenditure",
        "expenditureKind": "basic",
        "departmentEconomicClass": "301",
    }


def test_a_project_with_two_codes_keeps_its_name(tmp_path: Path) -> None:
    found = figures_of(
        "budget-with-project-codes", "部门项目支出预算表（其他运转类、特定目标类项目）", tmp_path
    )
    assert said(found["办公设备更新经费", "600.00"]) == {
        "flow": "expenditure",
        "expenditureKind": "project",
        "functionalClass": "2010102",
        "departmentEconomicClass": "31002",
        "project": "办公设备更新经费",
        "budgetUnit": "131001",
    }


def test_the_number_of_a_project_is_no_money(tmp_path: Path) -> None:
    reading = read_form("budget-with-project-codes", tmp_path)
    assert not [f for f in reading.figures if len(f.amount.token) > 14]
    assert reading.ledger.counts["identifier"] >= 4


def test_what_stands_below_a_heading_of_rates_is_no_money(tmp_path: Path) -> None:
    reading = read_form("two-years-side-by-side", tmp_path)
    assert not [f for f in reading.figures if "增减%" in "".join(f.column)]


def test_the_unit_of_a_table_is_the_others_where_its_total_stands_there_too(tmp_path: Path) -> None:
    reading = read_form("table-without-a-unit", tmp_path)
    second, third = reading.tables[1:]
    assert (second.unit, third.unit) == ("万元", "")
    own = [f for f in reading.figures if f.table == second.number]
    assert {f.certainty.value for f in own} == {"reconciled"}
    assert all("1,200.50" in f.proof[-1] for f in own)


def test_a_row_that_counts_things_has_no_amounts(tmp_path: Path) -> None:
    reading = read_text(
        "兰州市示例局2024年部门预算\n兰州市示例局2024年部门预算公开\n"
        "一般公共预算“三公”经费支出表\n单位：万元\n项目|预算数\n公务接待费|3.00\n公务用车保有量（辆）|12\n",
        tmp_path,
    )
    assert [(f.label, f.amount.token) for f in reading.figures] == [("公务接待费", "3.00")]
    assert reading.ledger.counts["unread"] == 0


def test_a_list_of_projects_beside_their_goals_is_a_list_of_projects(tmp_path: Path) -> None:
    reading = read_text(
        "兰州市示例局2024年部门预算\n兰州市示例局2024年部门预算公开\n"
        "项目支出绩效表\n单位：万元\n单位名称|项目名称|金额|绩效目标\n"
        "兰州市示例局|甲项目|3.00|按时完成。\n兰州市示例局|乙项目|4.00|按时完成。\n",
        tmp_path,
    )
    assert [f.dimension("project") for f in reading.figures] == ["甲项目", "乙项目"]


def test_of_which_does_not_add_to_the_total(tmp_path: Path) -> None:
    reading = read_text(
        "兰州市示例局2024年部门预算\n兰州市示例局2024年部门预算公开\n收支总表\n单位：万元\n"
        "收入|<|支出|<\n项目|预算数|项目|预算数\n一、一般公共预算拨款收入|900.00|一、一般公共服务支出|1,000.00\n"
        "上年结转结余|100.00||\n其中：财政拨款结转|80.00||\n收入总计|1,000.00|支出总计|1,000.00\n",
        tmp_path,
    )
    assert [relation for relation in reading.relations if not relation.sum.holds] == []


@pytest.mark.parametrize(
    ("title", "form"),
    [
        ("公开01表 收支总表", "revenue-expenditure-summary"),
        ("2022年度部门收入支出决算总表（公开01表）", "revenue-expenditure-summary"),
        ("2024年部门预算公开表——收支总表", "revenue-expenditure-summary"),
        ("预算财政拨款收支总表", "fiscal-summary"),
        ("政府基金预算财政拨款支出表", "government-fund-expenditure"),
        ("财政拨款（含一般公共预算和政府性基金预算）“三公”经费支出表", "fiscal-three-public"),
        ("一般公共预算安排基本支出分经济科目表", "general-public-basic"),
        ("财政专户管理资金预算支出表", "special-account-expenditure"),
        ("特定目标类项目支出表", "project-specific-expenditure"),
        ("支出经济分类汇总表", "expenditure-by-economic"),
        ("政府购买服务支出表", "service-purchase"),
        ("一般公共预算财政拨款基本支出决算明细表", "general-public-basic"),
        ("一般公共预算当年拨款情况表", "general-public-expenditure"),
        ("社会保险基金预算支出表", None),
        ("国有资产使用情况表", None),
        ("机构运行信息表", None),
        ("新增资产配置预算表", None),
        ("对下转移支付预算表", None),
        ("一般公共预算基本支出表（工资福利支出）", None),
    ],
)
def test_titles_as_they_are_printed(title: str, form: str | None) -> None:
    found = load_lexicon().form_of_title(title)
    assert (found.slug if found else None) == form


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("项目代码", "index"),
        ("部门（单位）代码", "unit-code"),
        ("支出功能分类科目编码", "code"),
        ("数量（台）", "note"),
        ("2024年预算数比2023年预算数增减%", "note"),
        ("较上年预算增减额", "change"),
        ("一般公共预算", None),
        ("事业收入", None),
        ("一般行政管理事务（项）", None),
    ],
)
def test_headings_are_known_by_their_end_where_not_by_all_of_it(heading: str, role: str | None) -> None:
    assert load_lexicon().role(heading) == role


HEAD = "兰州市示例局2024年部门预算\n兰州市示例局2024年部门预算公开\n"
EXPENSES = "合计|因公出国（境）费|公务接待费|公务用车购置及运行费\n10.00|2.00|3.00|5.00\n"
PROJECTS = "项目名称|合计\n甲项目|10.00\n乙项目|20.00\n"
BY_ECONOMIC_CLASS = "科目编码|科目名称|合计\n301|工资福利支出|10.00\n302|商品和服务支出|20.00\n"


@pytest.mark.parametrize(
    ("title", "rows"),
    [
        ("一般公共预算基本支出表", EXPENSES),
        ("一般公共预算“三公”经费支出表", PROJECTS),
        ("支出总表", EXPENSES),
        ("政府性基金预算支出表", BY_ECONOMIC_CLASS),
    ],
)
def test_a_table_under_the_title_of_another_form_states_nothing(
    title: str, rows: str, tmp_path: Path
) -> None:
    reading = read_text(f"{HEAD}{title}\n单位：万元\n{rows}", tmp_path)
    assert {f.unclear for f in reading.figures} == {"the title is of another form"}


def test_a_source_in_a_list_without_its_total_may_hold_what_was_carried_over(tmp_path: Path) -> None:
    rows = "收入|<|支出|<\n项目|预算数|项目|预算数\n一、一般公共预算拨款收入|900.00|一、一般公共服务支出|1,000.00\n"
    reading = read_text(f"{HEAD}收支总表\n单位：万元\n{rows}", tmp_path)
    assert [(f.label, f.unclear) for f in reading.figures] == [
        ("一、一般公共预算拨款收入", "with or without what was carried over: the list has no total"),
        ("一、一般公共服务支出", ""),
    ]


def test_titles_after_their_tables_are_given_back_to_them(tmp_path: Path) -> None:
    tables = [("支出总表", BY_FUNCTION), ("一般公共预算“三公”经费支出表", EXPENSES), ("项目支出表", PROJECTS)]
    text = "".join(f"单位：万元\n{rows}{title}\n" for title, rows in tables)
    reading = read_text(HEAD + text, tmp_path)
    assert [table.title for table in reading.tables] == [title for title, _ in tables]
    assert all(f.dimensions for f in reading.figures)


def test_titles_that_may_stand_before_or_after_are_taken_from_all(tmp_path: Path) -> None:
    tables = [
        ("支出总表", BY_FUNCTION),
        ("一般公共预算支出表", BY_FUNCTION),
        ("政府性基金预算支出表", BY_FUNCTION),
    ]
    text = "".join(f"单位：万元\n{rows}{title}\n" for title, rows in tables)
    reading = read_text(HEAD + text, tmp_path)
    assert {f.unclear for f in reading.figures} == {"the form is not known"}


BY_FUNCTION = "科目编码|科目名称|合计\n201|一般公共服务支出|10.00\n208|社会保障和就业支出|20.00\n"


def changes_of(reading: Reading) -> list[tuple[str, str, list[str]]]:
    """(kind, total, parts) of every sum that a change takes part in."""
    tokens = {(f.amount.line, f.amount.nth) for f in reading.figures if f.unclear == CHANGE}
    return [
        (relation.kind, relation.sum.total.token, [part.token for part in relation.sum.parts])
        for relation in reading.relations
        if any((part.line, part.nth) in tokens for part in relation.sum.parts)
    ]


def test_a_grand_total_with_what_is_carried_forward_says_that_a_table_holds_all(tmp_path: Path) -> None:
    found = figures_of("several-blocks-and-a-carry-forward", "财政拨款收支总表", tmp_path)
    assert said(found["（一）一般公共服务支出", "850.00"]) == {
        "flow": "expenditure",
        "fundSource": "fiscal",
        "functionalClass": "201",
    }


def test_a_change_is_what_the_year_before_lacks_to_this_one(tmp_path: Path) -> None:
    found = changes_of(read_form("central-budget", tmp_path))
    assert ("row", "900.00", ["808.00", "92.00"]) in found
    assert len([kind for kind, _, _ in found if kind == "row"]) == 5


def test_changes_below_the_same_words_are_of_those(tmp_path: Path) -> None:
    reading = read_text(
        f"{HEAD}一般公共预算“三公”经费支出表\n单位：万元\n"
        "2023年预算数|<|2024年预算数|<|增减变化情况|<\n合计|公务接待费|合计|公务接待费|合计|公务接待费\n"
        "12.00|4.00|10.00|3.00|-2.00|-1.00\n",
        tmp_path,
    )
    assert changes_of(reading) == [
        ("row", "10.00", ["12.00", "-2.00"]),
        ("row", "3.00", ["4.00", "-1.00"]),
    ]


def test_years_of_a_unit_that_is_named_once_are_all_that_units(tmp_path: Path) -> None:
    reading = read_text(
        f"{HEAD}一般公共预算“三公”经费支出表\n单位：万元\n预算单位|年度|合计|公务接待费\n"
        "兰州市示例中心|2023年|12.00|4.00\n|2024年|10.00|3.00\n|增减变化金额|-2.00|-1.00\n",
        tmp_path,
    )
    assert {f.dimension("budgetUnit") for f in reading.figures if f.dimensions} == {"兰州市示例中心"}
    assert changes_of(reading) == [
        ("column", "10.00", ["12.00", "-2.00"]),
        ("column", "3.00", ["4.00", "-1.00"]),
    ]


def test_a_decrease_without_its_sign_accuses_nobody(tmp_path: Path) -> None:
    rows = "201|一般公共服务支出|12.00|10.00|2.00\n208|社会保障和就业支出|5.00|6.00|1.00\n205|教育支出|1.00|4.00|3.00\n"
    reading = read_text(
        f"{HEAD}支出总表\n单位：万元\n科目编码|科目名称|2023年预算数|2024年预算数|增减额\n{rows}", tmp_path
    )
    assert changes_of(reading) == [("row", "6.00", ["5.00", "1.00"]), ("row", "4.00", ["1.00", "3.00"])]


def test_a_list_that_ends_short_of_its_total_may_go_on_elsewhere(tmp_path: Path) -> None:
    rows = (
        "科目编码|科目名称|合计\n201|一般公共服务支出|12.00\n20101|人大事务|7.00\n20102|政协事务|5.00\n"
        "208|社会保障和就业支出|9.00\n20801|民政管理事务|4.00\n20805|行政事业单位养老支出|2.00\n"
    )
    head = f"{HEAD}支出总表\n单位：万元\n{rows}"

    def failing(text: str) -> list[str]:
        return [r.sum.total.token for r in read_text(text, tmp_path).relations if not r.sum.holds]

    assert failing(head) == []
    assert failing(f"{head}210|卫生健康支出|1.00\n") == ["9.00"]
