"""Which fact a statement speaks of: wording decides, the amount then agrees or not."""

from __future__ import annotations

from decimal import Decimal

from mingzhang.ingest.document import Claim, Document, Source
from mingzhang.ingest.prose import read_prose
from mingzhang.ingest.prose_tie import Statement, Tie, section_headings, tie_claims


def statement(key: str, label: str, column: str, title: str, amount: str, year: int = 2022) -> Statement:
    return Statement(key, label, tuple(column.split(" / ")), title, Decimal(amount) * 10_000, year)


TABLES = (
    statement("in", "收入总计", "收入 / 预算数", "部门收支总表", "120"),
    statement("out", "支出总计", "支出 / 预算数", "部门收支总表", "120"),
    statement("basic", "合计", "基本支出", "部门支出总表", "80"),
    statement("project", "合计", "项目支出", "部门支出总表", "40"),
    statement("health", "卫生健康支出", "合计", "部门支出总表", "70.25"),
    statement("health-general", "卫生健康支出", "合计", "一般公共预算支出表", "60"),
    statement("guests", "合计", "2022年预算数 / 公务接待费", "一般公共预算“三公”经费支出表", "3"),
    statement("guests-before", "合计", "上年预算数 / 公务接待费", "一般公共预算“三公”经费支出表", "4", 2021),
)


def ties(text: str) -> list[tuple[str, str]]:
    lines = tuple(text.split("\n"))
    document = Document(Source("prose.txt", "0" * 64, 1), lines, (1,) * len(lines))
    reading = read_prose(document, frozenset(), 2022)
    found = tie_claims(reading.claims, TABLES, reading.links, section_headings(document))
    return [(tie.key, tie.agrees) for tie in found.values()]


def test_a_name_in_the_table_of_its_section_is_tied() -> None:
    text = "二、支出预算情况说明\n某局2022年支出预算 120 万元，其中：基本支出 80.0 万元，占 66.67%。"
    assert ties(text) == [("out", "yes"), ("basic", "yes"), ("", "yes")]


def test_the_section_tells_apart_tables_that_print_the_same_name() -> None:
    assert ties("二、支出预算情况说明\n卫生健康支出 70.25 万元。") == [("health", "yes")]
    assert ties("三、一般公共预算支出情况说明\n卫生健康支出 60 万元。") == [("health-general", "yes")]


def test_an_amount_of_another_table_does_not_make_it_agree() -> None:
    assert ties("三、一般公共预算支出情况说明\n卫生健康支出 70.25 万元。") == [("", "n/a")]


def test_an_amount_far_from_its_table_is_another_quantity_and_no_published_mistake() -> None:
    assert ties("二、支出预算情况说明\n卫生健康支出 4.5 万元。") == [("", "n/a")]


def test_an_equal_amount_under_other_words_is_not_tied() -> None:
    assert ties("二、支出预算情况说明\n节能环保支出 80 万元。") == [("", "n/a")]


def test_rounding_of_the_printed_token_is_agreement() -> None:
    assert ties("二、支出预算情况说明\n卫生健康支出 70.3 万元。") == [("health", "yes")]
    assert ties("二、支出预算情况说明\n卫生健康支出 70.26 万元。") == [("health", "no")]


def test_another_year_is_not_tied() -> None:
    assert ties("二、支出预算情况说明\n2021年卫生健康支出 70.25 万元。") == [("", "n/a")]


def test_a_change_is_judged_by_both_years_of_the_table() -> None:
    text = "五、“三公”经费预算情况说明\n公务接待费 3 万元，比上年减少 1 万元，下降 {}%。"
    assert ties(text.format(25)) == [("guests", "yes"), ("", "yes"), ("", "yes")]
    assert ties(text.format(52)) == [("guests", "yes"), ("", "yes"), ("", "no")]


def test_a_growth_rate_that_its_own_amounts_contradict_is_refuted_without_a_table() -> None:
    text = "二、支出预算情况说明\n节能环保支出 667.23 万元，比上年减少 29.45 万元，下降 {}%。"
    assert [agrees for _, agrees in ties(text.format("4.23"))] == ["n/a", "n/a", "n/a"]
    assert [agrees for _, agrees in ties(text.format("0.43"))] == ["n/a", "n/a", "no"]


def test_a_text_on_the_current_year_is_compared_with_the_column_of_the_current_year() -> None:
    whole = Statement("whole", "行政运行", ("合计",), "一般公共预算支出预算表", Decimal(12_699_500), 2023)
    current = Statement(
        "current", "行政运行", ("当年财政拨款安排",), "一般公共预算支出预算表", Decimal(2_870_000), 2023
    )
    claim = Claim(7, 1, "287", Decimal(287), "万元", "行政运行（项）", 2023, "amount")
    heading = {7: "三、一般公共预算当年拨款情况说明"}
    assert tie_claims([claim], [whole, current], sections=heading) == {(7, 1): Tie("current", "yes")}
    other = {7: "三、一般公共预算支出情况说明"}
    assert tie_claims([claim], [whole, current], sections=other) == {(7, 1): Tie("", "n/a")}


def test_a_part_of_a_section_that_names_a_table_speaks_of_that_table() -> None:
    text = "二、部门预算安排情况说明\n（五）关于某局2022年一般公共预算当年拨\n款情况说明（详见表5）\n卫生健康支出 60 万元。"
    assert ties(text) == [("health-general", "yes")]
    other = "三、一般公共预算支出情况说明\n（十）其他重要事项的情况说明\n卫生健康支出 60 万元。"
    assert ties(other) == [("health-general", "yes")]


def test_a_code_in_brackets_says_which_row_is_spoken_of() -> None:
    rows = [
        Statement("one", "行政运行", ("合计",), "支出总表", Decimal(50_000), 2022, codes=("2013301",)),
        Statement("two", "行政运行", ("合计",), "支出总表", Decimal(70_000), 2022, codes=("2010301",)),
    ]

    def tie(subject: str) -> Tie:
        claim = Claim(1, 1, "7", Decimal(7), "万元", subject, 2022, "amount")
        return tie_claims([claim], rows)[1, 1]

    assert tie("行政运行（2010301）") == Tie("two", "yes")
    assert tie("2010301-行政运行") == Tie("two", "yes")
    assert tie("行政运行（2013201）") == Tie("", "n/a")
    assert tie("行政运行") == Tie("", "n/a")
