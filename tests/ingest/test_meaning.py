"""What columns and rows say, on small tables of forms in wide use."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingzhang.ingest.facts import Figure
from mingzhang.ingest.reading import Overrides, read_disclosure

HEAD = "苍溪县示例局2026年部门预算\n\n苍溪县示例局2026年部门预算公开表\n\n"
UNSAID = {"department", "fiscalYear", "phase"}


def read(folder: Path, title: str, *rows: str, unit: str = "万元", head: str = HEAD) -> list[Figure]:
    """The figures of one table, its rows given with `|` between cells."""
    path = folder / "table.txt"
    lines = "\n".join(row.replace("|", "\t") for row in rows)
    path.write_text(f"{head}## {title}\n\n金额单位：{unit}\n\n{lines}\n", encoding="utf-8")
    return list(read_disclosure(path, Overrides()).figures)


def said(figure: Figure) -> dict[str, str]:
    """The dimensions of a figure that are not “all”, by the last part of their keys."""
    values = {n: v.rsplit("/", 1)[-1] for n, v in figure.dimensions if n not in UNSAID}
    return {name: value for name, value in values.items() if value not in ("all", "not-applicable")}


def by(figures: list[Figure]) -> dict[tuple[str, str], dict[str, str]]:
    return {(f.label, f.column[-1]): said(f) for f in figures}


def reasons(figures: list[Figure]) -> dict[tuple[str, str], str]:
    return {(f.label, f.column[-1]): f.unclear for f in figures}


def test_income_of_a_unit_is_part_of_its_own_funds(tmp_path: Path) -> None:
    found = by(
        read(
            tmp_path,
            "收入总表",
            "单位名称|收入总计|本年收入|||上年结转",
            "||财政拨款|单位资金||",
            "|||事业收入|其他收入|",
            "合计|10.00|4.00|3.00|2.00|1.00",
        )
    )
    assert found["合计", "事业收入"] == {"flow": "revenue", "fundSource": "business-income"}
    assert found["合计", "财政拨款"] == {"flow": "revenue", "fundSource": "fiscal-current"}


def test_a_source_of_a_table_that_tells_no_years_apart_is_of_any_year(tmp_path: Path) -> None:
    found = by(
        read(tmp_path, "收入总表", "单位名称|合计|一般公共预算拨款收入|事业收入", "合计|5.00|4.00|1.00")
    )
    assert found["合计", "一般公共预算拨款收入"] == {"flow": "revenue", "fundSource": "general-public"}


def test_a_change_between_years_makes_no_fact(tmp_path: Path) -> None:
    found = reasons(
        read(
            tmp_path,
            "一般公共预算支出表",
            "科目编码|科目名称|2025年执行数|2026年预算数|2026年预算数比2025年执行数",
            "||||增减额",
            "2101101|行政单位医疗|8.00|9.00|1.00",
        )
    )
    assert "change" in found["行政单位医疗", "增减额"]


def test_an_outturn_of_the_year_before_is_of_that_year(tmp_path: Path) -> None:
    figures = read(
        tmp_path,
        "一般公共预算支出表",
        "科目编码|科目名称|2025年执行数|2026年预算数",
        "2101101|行政单位医疗|8.00|9.00",
    )
    outturn = figures[0]
    assert (outturn.dimension("fiscalYear"), outturn.dimension("phase")) == ("2025", "id/phase/execution")


def test_a_total_of_three_public_expenses_and_others_is_no_fact(tmp_path: Path) -> None:
    figures = read(
        tmp_path,
        "一般公共预算“三公”经费、会议费、培训费支出表",
        "单位名称|合计|“三公”经费||会议费|培训费",
        "||小计|公务接待费||",
        "合计|9.00|2.00|2.00|3.00|4.00",
    )
    assert "unlike" in reasons(figures)["合计", "合计"]
    found = by(figures)
    source = {"flow": "expenditure", "fundSource": "general-public"}
    assert found["合计", "会议费"] == source | {"threePublicItem": "meetings"}
    assert found["合计", "公务接待费"] == source | {"threePublicItem": "hospitality"}


def test_where_only_three_public_expenses_stand_their_total_is_a_fact(tmp_path: Path) -> None:
    figures = read(
        tmp_path,
        "一般公共预算“三公”经费支出表",
        "单位名称|合计|因公出国（境）费|公务接待费",
        "合计|3.00|1.00|2.00",
    )
    total = next(f for f in figures if f.column[-1] == "合计")
    assert total.dimension("threePublicItem") == "id/three-public/all"


def test_numbered_rows_are_part_of_the_heading_that_holds_them(tmp_path: Path) -> None:
    figures = read(
        tmp_path,
        "财政拨款收支总表",
        "收入||支出|",
        "项目|预算数|项目|预算数",
        "一、本年收入|8.00|一、本年支出|9.00",
        "（一）一般公共预算拨款|8.00|（一）卫生健康支出|9.00",
        "二、上年结转|1.00|二、结转下年|",
        "（一）一般公共预算拨款|1.00||",
        "收入总计|9.00|支出总计|9.00",
    )
    general = [said(f) for f in figures if f.label == "（一）一般公共预算拨款"]
    assert [one["fundSource"] for one in general] == ["general-public-current", "general-public-carryover"]


def test_economic_classes_below_kinds_are_of_those_kinds(tmp_path: Path) -> None:
    figures = read(
        tmp_path,
        "收支总表",
        "收入||支出|",
        "项目|预算数|项目|预算数",
        "一、一般公共预算拨款|10.00|一、基本支出|6.00",
        "||工资福利支出|4.00",
        "||商品和服务支出|2.00",
        "||二、项目支出|4.00",
        "||商品和服务支出|3.00",
        "||资本性支出|1.00",
        "本年收入合计|10.00|本年支出合计|10.00",
    )
    spent = [said(f) for f in figures if f.label == "商品和服务支出"]
    assert [(one["departmentEconomicClass"], one["expenditureKind"]) for one in spent] == [
        ("302", "basic"),
        ("302", "project"),
    ]


def test_a_column_of_units_says_whose_project_a_row_is(tmp_path: Path) -> None:
    figures = read(
        tmp_path,
        "项目支出预算表",
        "单位名称|项目名称|总计|一般公共预算",
        "|合计|30.00|30.00",
        "苍溪县甲监狱|生活保障|10.00|10.00",
        "苍溪县乙中心|生活保障|20.00|20.00",
    )
    projects = [(f.dimension("budgetUnit"), f.dimension("project")) for f in figures if f.label == "生活保障"]
    assert set(projects) == {("苍溪县甲监狱", "生活保障"), ("苍溪县乙中心", "生活保障")}
    assert {f.dimension("expenditureKind") for f in figures} == {"id/expenditure-kind/project"}


def test_a_row_named_like_the_department_above_its_units_is_the_department(tmp_path: Path) -> None:
    figures = read(
        tmp_path,
        "收入总表",
        "单位名称|总计|本年收入|上年结转",
        "合计|30.00|28.00|2.00",
        "苍溪县示例局|30.00|28.00|2.00",
        "苍溪县示例局|20.00|19.00|1.00",
        "苍溪县甲中心|10.00|9.00|1.00",
    )
    units = [f.dimension("budgetUnit") for f in figures if f.column[-1] == "总计"]
    assert units == ["all", "all", "苍溪县示例局", "苍溪县甲中心"]


def test_procurement_is_no_second_expenditure(tmp_path: Path) -> None:
    figures = read(tmp_path, "政府采购预算表", "项目|总计", "合计|5.00", "货物|2.00", "服务|3.00")
    items = [f.dimension("threePublicItem").rpartition("/")[2] for f in figures]
    assert items == ["procurement", "procurement-goods", "procurement-services"]


def test_balances_of_a_funds_account_are_revenue_and_expenditure(tmp_path: Path) -> None:
    head = HEAD.replace("部门预算", "部门决算")
    figures = read(
        tmp_path,
        "政府性基金预算财政拨款收入支出决算表",
        "科目编码|科目名称|年初结转和结余|本年收入|本年支出|||年末结转和结余",
        "||||小计|基本支出|项目支出|",
        "|合计|1.00|9.00|8.00|3.00|5.00|2.00",
        head=head,
    )
    fund = {"fundSource": "government-fund"}
    assert [said(f) for f in figures] == [
        {"flow": "revenue", "fundSource": "government-fund-carryover"},
        {"flow": "revenue", "fundSource": "government-fund-current"},
        {"flow": "expenditure", **fund},
        {"flow": "expenditure", **fund, "expenditureKind": "basic"},
        {"flow": "expenditure", **fund, "expenditureKind": "project"},
        {"flow": "expenditure", **fund, "expenditureKind": "carried-forward"},
    ]


@pytest.mark.parametrize(
    "word", ["服务收入", "其他支出小计", "上年结转下年", "非财政拨款收入", "基本支出占比数"]
)
def test_a_column_that_only_looks_like_a_known_one_makes_no_fact(word: str, tmp_path: Path) -> None:
    figures = read(
        tmp_path, "部门支出总表", f"科目编码|科目名称|合计|{word}", "2101101|行政单位医疗|8.00|3.00"
    )
    assert reasons(figures)["行政单位医疗", word]


def test_a_grand_total_over_kinds_is_the_expenditure_of_the_year_where_nothing_is_carried_forward(
    tmp_path: Path,
) -> None:
    rows = (
        "科目编码|科目名称|支出总计|基本支出|项目支出",
        "20108|审计事务|3.00|1.00|2.00",
        "合计||3.00|1.00|2.00",
    )
    found = by(read(tmp_path, "支出总表", *rows))
    assert found["审计事务", "支出总计"] == {"flow": "expenditure", "functionalClass": "20108"}
    forward = ("科目编码|科目名称|支出总计|基本支出|结转下年", "合计||3.00|1.00|2.00")
    assert by(read(tmp_path, "支出总表", *forward))["合计", "支出总计"]["expenditureKind"] == "grand-total"


@pytest.mark.parametrize(("carried", "kind"), [("2.00", "grand-total"), ("", None)])
def test_a_total_below_what_is_carried_forward_holds_it(
    carried: str, kind: str | None, tmp_path: Path
) -> None:
    rows = (
        "收入||支出|",
        "项目|预算数|项目|预算数",
        "一、一般公共预算拨款收入|12.00|一、卫生健康支出|10.00",
        f"||结转下年支出|{carried}",
        "收入合计|12.00|支出合计|12.00",
    )
    found = by(read(tmp_path, "收支总表", *rows))
    assert found["支出合计", "预算数"].get("expenditureKind") == kind


def test_the_own_level_of_a_department_is_no_department_where_both_have_codes(tmp_path: Path) -> None:
    units = (
        "单位代码|单位名称|合计",
        "302|苍溪县示例局|5.00",
        "302001|苍溪县示例局（本级）|3.00",
        "302002|某中心|2.00",
    )
    goods = ("项目|合计", "合计|3.00", "服务|3.00", "苍溪县示例局（本级）|3.00")
    second = "\n".join(
        ["", "## 政府采购支出表", "", "金额单位：万元", "", *(row.replace("|", "\t") for row in goods)]
    )
    found = read(tmp_path, "收入总表", *units, second)
    own = [f.dimension("budgetUnit") for f in found if f.label == "苍溪县示例局（本级）"]
    assert own == ["302001", "302001"]


def test_the_code_of_a_unit_beside_its_only_project_makes_no_unit_of_it(tmp_path: Path) -> None:
    rows = ("单位编码|项目名称|合计", "301001|监控系统运维|5.50", "|合计|5.50")
    found = by(read(tmp_path, "项目支出表", *rows))
    assert found["监控系统运维", "合计"] == {
        "flow": "expenditure",
        "expenditureKind": "project",
        "budgetUnit": "301001",
        "project": "监控系统运维",
    }


def test_rows_may_name_the_phase_of_three_public_expenses(tmp_path: Path) -> None:
    head = "苍溪县示例局2023年部门决算\n\n苍溪县示例局2023年部门决算公开表\n\n"
    rows = ("项目|合计|因公出国（境）费|公务接待费", "预算数|5.00|2.00|3.00", "决算数|4.00|2.00|2.00")
    figures = read(tmp_path, "一般公共预算财政拨款“三公”经费支出决算表", *rows, head=head)
    phases = {(f.label, f.column[-1]): f.dimension("phase") for f in figures}
    assert phases["预算数", "公务接待费"] == "id/phase/initial"
    assert phases["决算数", "公务接待费"] == "id/phase/final"


def test_economic_classes_may_divide_basic_expenditure_as_columns(tmp_path: Path) -> None:
    rows = ("科目名称|合计|基本支出||项目支出", "||工资福利支出|商品和服务支出|", "合计|6.00|1.00|2.00|3.00")
    found = by(read(tmp_path, "支出总体情况表", *rows))
    assert found["合计", "工资福利支出"] == {
        "flow": "expenditure",
        "expenditureKind": "basic",
        "departmentEconomicClass": "301",
    }


def test_expenditure_without_central_construction_is_told_apart_from_all_of_it(tmp_path: Path) -> None:
    rows = (
        "科目编码|科目名称|2025年执行数||2026年预算数|",
        "||执行数|扣除中央基建投资后执行数|小计|扣除中央基建投资后预算数",
        "201|一般公共服务支出|9.00|5.00|8.00|6.00",
    )
    figures = read(tmp_path, "一般公共预算支出表", *rows)
    told = {f.column[-1]: (f.dimension("phase"), f.dimension("threePublicItem")) for f in figures}
    apart = "id/three-public/without-central-construction"
    assert told["扣除中央基建投资后执行数"] == ("id/phase/execution", apart)
    assert told["扣除中央基建投资后预算数"] == ("id/phase/initial", apart)
    assert told["小计"] == ("id/phase/initial", "id/three-public/not-applicable")


def test_names_that_are_classes_of_one_classification_alone_are_of_that(tmp_path: Path) -> None:
    found = by(read(tmp_path, "基本支出预算表", "项目|合计", "工资福利支出|4.00", "商品和服务支出|5.00"))
    assert found["工资福利支出", "合计"]["departmentEconomicClass"] == "301"


def test_columns_alike_are_told_apart_by_their_place_where_they_are_candidates(tmp_path: Path) -> None:
    figures = read(tmp_path, "支出总表", "科目名称|当年安排|", "合计|6.00|5.00")
    open_ones = [f for f in figures if f.candidates]
    assert all(len(set(f.candidates)) == len(f.candidates) for f in open_ones)
    assert open_ones
