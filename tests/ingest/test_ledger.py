"""The ledger closes: every number of a document is in one category, and none is waved through."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.ingest.document import Amount, Document, Source
from mingzhang.ingest.indicators import read_indicators
from mingzhang.ingest.ledger import CATEGORIES, Ledger, build_ledger, numeric_tokens
from mingzhang.ingest.prose import read_claims


@dataclass(frozen=True)
class Read:
    amount: Amount


def document(text: str) -> Document:
    lines = tuple(text.split("\n"))
    return Document(Source("ledger.txt", "0" * 64, 1), lines, (1,) * len(lines))


def ledger(text: str, tables: frozenset[int] = frozenset(), figures: tuple[Amount, ...] = ()) -> Ledger:
    read = document(text)
    forms = read_indicators(read, tables)
    claims = read_claims(read, tables | forms.lines, 2022)
    return build_ledger(read, [Read(a) for a in figures], claims, forms, tables)


def categories(text: str, *, in_table: bool = False) -> list[tuple[str, str]]:
    found = ledger(text, frozenset({1}) if in_table else frozenset())
    return [(token.token, token.category) for token in found.tokens]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.负责2022年工作", [("1", "ordinal"), ("2022", "date")]),
        ("（1）公务用车", [("1", "ordinal")]),
        ("财预〔2017〕98号", [("2017", "identifier"), ("98", "identifier")]),
        ("2022年6月15日", [("2022", "date"), ("6", "date"), ("15", "date")]),
        ("2021-2022年规划", [("2021", "date"), ("2022", "date")]),
        ("联系电话：0377-63165155", [("0377", "phone"), ("63165155", "phone")]),
        ("— 12 —", [("12", "page-number")]),
        ("第3页 共20页", [("3", "page-number"), ("20", "page-number")]),
        ("收入预算 3.5 万元", [("3.5", "prose-figure")]),
        ("单位价值50万元以上设备", [("50", "other-number")]),
        ("落实15项标准", [("15", "other-number")]),
        ("25.97 474.29", [("25.97", "unread"), ("474.29", "unread")]),
        ("补助每户 3000 元", [("3000", "prose-figure")]),
    ],
)
def test_a_number_of_running_text_is_told_by_its_shape(text: str, expected: list[tuple[str, str]]) -> None:
    assert categories(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("208 05 05 缴费支出", [("208", "code"), ("05", "code"), ("05", "code")]),
        ("2080505 缴费支出", [("2080505", "code")]),
        ("301\t01\t基本工资\t501\t01\t工资", [(t, "code") for t in ("301", "01", "501", "01")]),
        ("322001\t某局\t", [("322001", "code")]),
        ("**\t**\t1\t2\t3", [("1", "ordinal"), ("2", "ordinal"), ("3", "ordinal")]),
        ("部门公开表 3", [("3", "ordinal")]),
        ("一、基本支出 12.50", [("12.50", "unread")]),
        ("基本支出 1,200", [("1,200", "unread")]),
        ("600", [("600", "unread")]),
    ],
)
def test_a_number_of_a_table_that_is_no_figure_is_a_code_an_ordinal_or_unread(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert categories(text, in_table=True) == expected


def test_figures_are_accounted_for_where_they_stand() -> None:
    amount = Amount("25.97", Decimal("25.97"), 2, 1, 2, start=12)
    found = ledger("支出 25.97 25.97", frozenset({1}), (amount,))
    assert [(t.start, t.category) for t in found.tokens] == [(4, "table-figure"), (10, "unread")]
    amount = Amount("25.97", Decimal("25.97"), 2, 1, 2, start=10)
    found = ledger("支出 25.97 25.97", frozenset({1}), (amount,))
    assert [(t.start, t.category) for t in found.tokens] == [(4, "unread"), (10, "table-figure")]


def test_targets_weights_and_money_of_a_form_are_indicators() -> None:
    text = (
        "项目绩效目标表\n单位名称\t项目名称\t预算数\t一级指标\t二级指标\t三级指标\t指标性质\t指标值\t度量单位\t权重\n"
        "301001-某局\t甲\t7.00\t产出指标\t数量指标\t检查\t≥\t5\t次\t30"
    )
    assert [(t.token, t.category) for t in ledger(text).tokens] == [
        ("301001", "code"),
        ("7.00", "indicator"),
        ("5", "indicator"),
        ("30", "indicator"),
    ]


@given(
    st.lists(
        st.text(
            alphabet="0123456789.,-—()（）〔〕年月日号表第页万元%％\t 支出基本一、某局≥０９，", max_size=30
        ),
        max_size=8,
    ),
    st.frozensets(st.integers(1, 8)),
)
def test_the_ledger_always_closes(lines: list[str], tables: frozenset[int]) -> None:
    text = "\n".join(lines)
    found = ledger(text, tables)
    total = sum(len(numeric_tokens(line)) for line in lines)
    assert sum(found.counts.values()) == total == len(found.tokens)
    assert set(found.counts) == set(CATEGORIES)
    assert len(found.unread) == found.counts["unread"]
