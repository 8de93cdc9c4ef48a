"""Statements in running text: what is one, of what, of which year, and what is none."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.ingest.document import Claim, Document, Source
from mingzhang.ingest.indicators import read_indicators
from mingzhang.ingest.prose import read_claims, read_prose
from mingzhang.ingest.readers import read_document

SHARED = Path(__file__).resolve().parents[3] / "shared"


def document(text: str) -> Document:
    lines = tuple(text.split("\n"))
    return Document(Source("prose.txt", "0" * 64, 1), lines, (1,) * len(lines))


def claims(text: str, taken: frozenset[int] = frozenset()) -> tuple[Claim, ...]:
    return read_claims(document(text), taken, 2022)


def short(claim: Claim) -> tuple[str, str, str, int, str, str]:
    return claim.token, claim.unit, claim.subject, claim.year, claim.relation, claim.direction


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "某局2022年收入总计 1,570.83 万元，其中：基本支出 12.5 万元，占 79.72%。",
            [
                ("1,570.83", "万元", "收入总计", 2022, "amount", ""),
                ("12.5", "万元", "基本支出", 2022, "amount", ""),
                ("79.72", "%", "基本支出", 2022, "share", ""),
            ],
        ),
        (
            "收支总预算 10 万元，比2021年增加 5 万元，增长 100%。",
            [
                ("10", "万元", "收支总预算", 2022, "amount", ""),
                ("5", "万元", "收支总预算", 2022, "change_amount", "increase"),
                ("100", "%", "收支总预算", 2022, "change_percent", "increase"),
            ],
        ),
        (
            "公务接待费0.8万元，较上年减少了0.2万元，下降20%。",
            [
                ("0.8", "万元", "公务接待费", 2022, "amount", ""),
                ("0.2", "万元", "公务接待费", 2022, "change_amount", "decrease"),
                ("20", "%", "公务接待费", 2022, "change_percent", "decrease"),
            ],
        ),
        (
            "1.卫生健康支出（类）医疗（款）行政运行（项）2022年预算数为 906.7 万元。",
            [("906.7", "万元", "行政运行（项）", 2022, "amount", "")],
        ),
        (
            "基本支出 2 万元，占总支出的 5.00%。",
            [
                ("2", "万元", "基本支出", 2022, "amount", ""),
                ("5.00", "%", "基本支出", 2022, "share", ""),
            ],
        ),
        (
            "支出预算943.43万元，比2021年预算900.43万元增加43万元。",
            [
                ("943.43", "万元", "支出预算", 2022, "amount", ""),
                ("900.43", "万元", "支出预算", 2021, "amount", ""),
                ("43", "万元", "支出预算", 2022, "change_amount", "increase"),
            ],
        ),
        (
            "截至2021年底，某局共有车辆2辆，其中：单位价值50万元以上设备1台（套）。",
            [
                ("2", "辆", "车辆", 2021, "count", ""),
                ("1", "台（套）", "单位价值50万元以上设备", 2021, "count", ""),
            ],
        ),
        (
            "人员经费 374.11，公用经费 19.2 万元。",
            [
                ("374.11", "万元", "人员经费", 2022, "amount", ""),
                ("19.2", "万元", "公用经费", 2022, "amount", ""),
            ],
        ),
        ("项目支出 24，554 万元。", [("24，554", "万元", "项目支出", 2022, "amount", "")]),
        ("比上年增加 16601.万元。", [("16601.", "万元", "", 2022, "change_amount", "increase")]),
        ("政府性基金收入 0 万元。", [("0", "万元", "政府性基金收入", 2022, "amount", "")]),
        (
            "本年收入3.5万元，较2021年度决算数减少1.5万元，下降30%。",
            [
                ("3.5", "万元", "本年收入", 2022, "amount", ""),
                ("1.5", "万元", "本年收入", 2022, "change_amount", "decrease"),
                ("30", "%", "本年收入", 2022, "change_percent", "decrease"),
            ],
        ),
        (
            "公务接待费同口径比2021年减少0.5万元，公务用车运行费较上年同期增长10%。",
            [
                ("0.5", "万元", "公务接待费", 2022, "change_amount", "decrease"),
                ("10", "%", "公务用车运行费", 2022, "change_percent", "increase"),
            ],
        ),
        (
            "较2021年度决算数减少1.5万元，下降30%。",
            [
                ("1.5", "万元", "", 2022, "change_amount", "decrease"),
                ("30", "%", "", 2022, "change_percent", "decrease"),
            ],
        ),
    ],
)
def test_a_sentence_states(text: str, expected: list[tuple[str, str, str, int, str, str]]) -> None:
    assert [short(c) for c in claims(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "无单位价值50万元以上通用设备。",
        "开通率不低于 90%，激活率达到参保人数的 40%。",
        "组织53万多城乡居民参保。",
        "财预〔2017〕98号文件要求，从2018年起实施。",
        "单位：万元",
        "设6个科室，落实15项标准。",
        "基本支出\t12.5 万元\t3",
        "2022年12月31日前完成，第3季度开始。",
        "— 12 —",
    ],
)
def test_a_number_that_states_nothing_of_the_budget_is_no_claim(text: str) -> None:
    assert claims(text) == ()


def test_a_sentence_broken_over_lines_is_joined_and_each_token_keeps_its_place() -> None:
    found = claims("某局2022年收入预算 10\n\n万元，占 5\n0%。")
    assert [(c.line, c.start, c.token, c.unit) for c in found] == [(1, 13, "10", "万元")]
    found = claims("项目支出 2 万\n\n 元，比上年减\n\n少 1 万元。")
    assert [(c.line, c.start, c.token, c.relation) for c in found] == [
        (1, 6, "2", "amount"),
        (5, 3, "1", "change_amount"),
    ]


def test_a_heading_is_no_part_of_the_first_subject_below_it() -> None:
    assert claims("（二）拨款结构情况\n\n住房保障支出 3 万元。")[0].subject == "住房保障支出"


def test_taken_lines_are_not_read_but_for_sentences_about_money() -> None:
    text = "基本支出 3 万元\n公务接待费0万元，较上年减少2万元。"
    assert [c.line for c in claims(text, frozenset({1, 2}))] == [2, 2]


def test_shares_and_growth_rates_are_linked_to_their_amounts() -> None:
    reading = read_prose(
        document("支出合计 100 万元，其中：基本支出 80 万元，占 80%，比上年增加 30 万元，增长 60%。"),
        frozenset(),
        2022,
    )
    assert [c.token for c in reading.claims] == ["100", "80", "80", "30", "60"]
    share, growth = reading.links
    assert (share.kind, share.claim, share.part, share.whole) == ("share", 2, 1, 0)
    assert (growth.kind, growth.claim, growth.part, growth.change) == ("growth", 4, 1, 3)


def test_two_years_of_one_subject_are_linked_to_their_difference() -> None:
    text = "2022年运行经费97.33万元。2021年运行经费91.04万元。2022年较2021年运行经费增加6.29万元。"
    (link,) = read_prose(document(text), frozenset(), 2022).links
    assert (link.kind, link.claim, link.part, link.base) == ("difference", 2, 0, 1)


@given(st.text(alphabet="某局支出占比增加减少较上年2021年0123456789.,，。%万元（）\n", max_size=80))
def test_every_claim_stands_where_it_says(text: str) -> None:
    read = document(text)
    for claim in read_claims(read, frozenset(), 2022):
        begin = claim.start - 1
        assert read.line(claim.line)[begin : begin + len(claim.token)] == claim.token


def normal(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize("name", ["001_429070526a6ff533", "004_2cbeaa218e1f0bcb"])
def test_a_real_disclosure_states_what_the_hand_made_list_says_and_no_more(name: str) -> None:
    path = SHARED / "disclosures" / f"{name}.txt"
    if not path.exists():
        pytest.skip("../shared is not here: it holds the disclosures")

    def rows(kind: str) -> list[dict[str, str]]:
        with (SHARED / "gold" / f"{name}.{kind}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    read = read_document(path)
    taken = frozenset(int(row["line"]) for row in rows("cells"))
    taken |= read_indicators(read, taken).lines
    gold = Counter(
        (int(r["line"]), normal(r["token"]), normal(r["unit"]), int(r["year"]), r["relation"])
        for r in rows("claims")
    )
    found = Counter(
        (c.line, normal(c.token), normal(c.unit), c.year, c.relation) for c in read_claims(read, taken, 2021)
    )
    # Only the line of a token that a page break carried over may differ, and none does.
    assert found == gold


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("公务接待费 0.8 万元，用于接待。预算数比2021年减少 0.2 万元。", ["公务接待费", "公务接待费"]),
        ("1.公务接待费。2022年预算数 3.5 万元。", ["公务接待费"]),
        ("（一）收入预算。2022年年初预算数 9 万元。", ["收入预算"]),
        ("甲费 1 万元，乙费 2 万元。比上年减少 1 万元。", ["甲费", "乙费", ""]),
        ("收入支出总体与上年相比，增加 5 万元。", ["收入支出总体"]),
        ("与年初预算相比，年初预算数 5 万元。", [""]),
        ("（2）节能环保支出（类）支出 8 万元。", ["节能环保支出（类）支出"]),
        ("基本支出 80 万元，项目支出 20 万元，分别占 80%和 20%。", ["基本支出", "项目支出", "基本支出"]),
    ],
)
def test_a_sentence_that_names_nothing_goes_on_with_the_one_before(text: str, subjects: list[str]) -> None:
    assert [claim.subject for claim in claims(text)] == subjects


def test_an_amount_that_is_called_last_years_is_of_the_year_before() -> None:
    found = claims("上年预算安排 60 万元，本年比上年增加 3 万元。上年结转 5 万元。")
    assert [(c.token, c.year) for c in found] == [("60", 2021), ("3", 2022), ("5", 2022)]


def test_what_an_amount_was_raised_to_is_said_of_what_was_raised() -> None:
    found = claims("公务接待费由上年的 8.00 万元增加到 9.00 万元。")
    assert [(c.token, c.subject, c.year) for c in found] == [
        ("8.00", "公务接待费", 2021),
        ("9.00", "公务接待费", 2022),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("比上年多 1.20 万元。", ("1.20", 2022, "change_amount", "increase")),
        ("公务接待费比上年预算数少 0.60 万元。", ("0.60", 2022, "change_amount", "decrease")),
        ("主要原因是减少人员经费 3.00 万元。", ("3.00", 2022, "change_amount", "decrease")),
        ("项目费至少 5.00 万元。", None),
        ("2021年已安排，本年安排 7.00 万元。", ("7.00", 2022, "amount", "")),
        ("2021年本年收入 6.00 万元。", ("6.00", 2021, "amount", "")),
    ],
)
def test_a_change_and_a_year_are_told_by_the_words_before(
    text: str, expected: tuple[str, int, str, str] | None
) -> None:
    found = [(c.token, c.year, c.relation, c.direction) for c in claims(text)]
    assert found == ([expected] if expected else [])


def test_an_amount_behind_a_comparison_without_a_verb_is_not_last_years() -> None:
    found = claims("运行经费 210.32 万元，比上年 1.43 万元，增加 0.68%。")
    assert [(c.token, c.relation) for c in found] == [("210.32", "amount"), ("0.68", "change_percent")]


def test_a_code_that_begins_like_a_year_stays_whole() -> None:
    assert [c.subject for c in claims("2011301-行政运行 2163.74 万元。")] == ["2011301-行政运行"]


def test_what_an_office_commissions_is_no_part_of_its_name() -> None:
    assert [c.subject for c in claims("本部门安排委托业务费 8.00 万元。")] == ["委托业务费"]
