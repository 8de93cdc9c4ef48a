"""Which form a title names: however it says 表, and not where it only looks alike."""

from __future__ import annotations

import pytest

from mingzhang.ontology.lexicon import load_lexicon
from mingzhang.ontology.titles import TitleKey, TitleQualifier, TitleWords


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("2026年部门收支总表", "revenue-expenditure-summary"),
        ("公开01表 收入支出决算总表", "revenue-expenditure-summary"),
        ("部门收支总体情况表", "revenue-expenditure-summary"),
        ("公开02表收入决算表", "revenue-summary"),
        ("部门收入预算明细情况表", "revenue-summary"),
        ("公开03表支出决算表", "expenditure-summary"),
        ("表3：2026年市级部门支出预算总表", "expenditure-summary"),
        ("公开04表财政拨款收入支出决算总表", "fiscal-summary"),
        ("财政拨款收支预算情况总表", "fiscal-summary"),
        ("公开05表一般公共预算财政拨款支出决算表", "general-public-expenditure"),
        ("一般公共预算财政拨款支出决算公开表", "general-public-expenditure"),
        ("公开06表一般公共预算财政拨款基本支出决算明细表", "general-public-basic"),
        ("一般公共预算基本支出总体情况表", "general-public-basic"),
        ("公开07表一般公共预算财政拨款“三公”经费支出决算表", "general-public-three-public"),
        ("一般公共预算三公经费支出预算表", "general-public-three-public"),
        ("一般公共预算“三公”经费、会议费、培训费支出表", "general-public-three-public"),
        ("公开08表政府性基金预算财政拨款收入支出决算表", "government-fund-account"),
        ("公开09表国有资本经营预算财政拨款支出决算表", "state-capital-expenditure"),
        ("国有资本经营预算财政拨款收入支出决算表", "state-capital-account"),
        ("部门预算项目支出预算明细表", "project-expenditure"),
        ("政府采购预算汇总表", "procurement"),
        ("机关运行经费预算表", "agency-operations"),
        ("表5 一般公共预算支出情况表（按功能分类科目）", "general-public-expenditure"),
        ("表五、一般公共预算支出情况表", "general-public-expenditure"),
    ],
)
def test_a_title_names_its_form_however_it_says_table(title: str, slug: str) -> None:
    form = load_lexicon().form_of_title(title)
    assert form is not None
    assert form.slug == slug


@pytest.mark.parametrize(
    "title",
    [
        "项目支出绩效目标表",
        "项目支出绩效表",
        "部门整体支出绩效目标表",
        "一般公共预算财政拨款支出增减变动情况表",
        "一般公共预算支出表（本级）",
        "一般公共预算支出表（转移支付）",
        "专项转移支付预算表",
        "政府采购目录表",
        "政府购买服务目录表",
        "国有资产占有使用情况表",
        "债务收支情况表",
        "社会保险基金预算收支表",
        "基本支出定额标准表",
        "部门预算表",
        "预算表",
        "表",
        "收入",
    ],
)
def test_a_title_that_only_looks_like_one_names_no_form(title: str) -> None:
    assert load_lexicon().form_of_title(title) is None


def test_words_in_brackets_say_the_classification_and_the_year_of_the_money() -> None:
    form = load_lexicon().form_of_title(
        "2021年部门综合预算一般公共预算基本支出明细表（按支出功能分类科目-不含上年结转）"
    )
    assert form is not None
    assert (form.slug, form.narrowed_by) == ("general-public-basic", ("id/fund-source/current",))
    assert "functional" in form.row_schemes
    assert "dept-economic" not in form.row_schemes


def test_a_form_of_its_own_for_a_classification_comes_before_the_general_one() -> None:
    form = load_lexicon().form_of_title("一般公共预算支出预算表（按政府预算支出经济分类）")
    assert form is not None
    assert form.slug == "general-public-expenditure-gov-economic"


def test_a_word_in_brackets_that_is_not_known_stays_in_the_title() -> None:
    words = TitleWords(["表"], [TitleQualifier("汇总")])
    assert words.key("支出表(汇总)") == TitleKey("支出")
    assert words.key("支出表(区)") is None
    assert words.key("支出(区)表") == TitleKey("支出(区)")
