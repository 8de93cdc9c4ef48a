"""What follows from what in running text: linked where wording or the text's own arithmetic leaves no doubt."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.ingest.document import Claim, Document, Source
from mingzhang.ingest.prose import ProseReading, read_prose
from mingzhang.ingest.prose_links import ClaimLink, is_share


def read(text: str) -> ProseReading:
    lines = tuple(text.split("\n"))
    return read_prose(Document(Source("prose.txt", "0" * 64, 1), lines, (1,) * len(lines)), frozenset(), 2022)


def links(text: str, kind: str) -> list[tuple[str | None, ...]]:
    """The tokens of (claim, part, whole, change, base) of every link of a kind that names a whole, change or base."""
    reading = read(text)

    def token(index: int | None) -> str | None:
        return None if index is None else reading.claims[index].token

    def tokens(link: ClaimLink) -> tuple[str | None, ...]:
        return tuple(
            token(i) for i in (link.claim, link.part, link.whole, link.change, link.base) if i is not None
        )

    return [tokens(link) for link in reading.links if link.kind == kind]


LIST = "社会保障支出 25.97 万元，占 5.00%；卫生健康支出 474.29 万元，占 91.26%；住房保障支出 19.48 万元，占 {}%。"


@pytest.mark.parametrize("share", ["3.75", "3.74"])
def test_a_list_that_adds_up_to_an_amount_of_its_section_is_a_list_of_its_parts(share: str) -> None:
    text = f"五、当年拨款情况说明\n某局当年拨款 519.74 万元。\n（二）结构情况\n{LIST.format(share)}"

    assert links(text, "share")[-1] == (share, "19.48", "519.74")


def test_an_amount_of_another_section_is_no_whole() -> None:
    text = f"四、收支情况说明\n某局收入 519.74 万元。\n五、当年拨款情况说明\n{LIST.format('3.74')}"

    assert links(text, "share")[-1] == ("3.74", "19.48")


def test_a_share_of_a_part_is_not_held_against_the_whole() -> None:
    text = "支出合计 100 万元，其中：基本支出 80 万元，占 80%；项目支出 20 万元，占 20%；人员经费 60 万元，占 75%。"

    assert links(text, "share") == [("80", "80", "100"), ("20", "20", "100"), ("75", "60")]


def test_a_rate_belongs_to_the_amount_its_clause_goes_on_from() -> None:
    text = "出国费 4.1 万元，减少 1.08 万元，下降 20.85%；接待费 1.25 万元，减少 0.43 万元，下降 25.6%。"

    assert links(text, "growth") == [("20.85", "4.1", "1.08"), ("25.6", "1.25", "0.43")]


def test_a_rate_belongs_to_an_amount_of_the_same_name_in_the_passage() -> None:
    text = "公务用车费支出 13.40 万元。2022年公务用车费支出较2021年增加 13.40 万元，增长 100%。"

    assert links(text, "growth") == [("100", "13.40", "13.40")]


@pytest.mark.parametrize(
    "text",
    [
        "甲支出 5 万元，乙支出 3 万元，丙支出比上年增加 1 万元，增长 10%。",
        "甲支出 5 万元，比上年增加 1 万元，增幅比上年收窄，下降 3%。",
    ],
)
def test_a_rate_of_something_else_is_not_linked(text: str) -> None:
    assert links(text, "growth") == []


def test_a_rate_against_its_change_is_linked_where_only_its_verb_stands_between() -> None:
    assert links("甲支出 5 万元，比上年增加 1 万元，下降 25%。", "growth") == [("25", "5", "1")]


def test_what_stands_behind_of_which_is_a_part() -> None:
    text = "“三公”经费 9.82 万元，其中：出国费 4.1 万元，用车费 4.48 万元，接待费 1.25 万元。"

    assert links(text, "part") == [(part, part, "9.82") for part in ("4.1", "4.48", "1.25")]


@pytest.mark.parametrize(
    "text",
    [
        "收入 100 万元，其中：拨款 80 万元（一般 70 万元，基金 10 万元），其他 20 万元。",
        "收入 100 万元，其中：拨款 80 万元，包括一般 70 万元、基金 10 万元，其他 20 万元。",
        "收入 100 万元，其中：拨款 80 万元，其中一般 70 万元，基金 10 万元。",
        "收入 100 万元。拨款 80 万元，其他 20 万元。",
    ],
)
def test_a_list_within_a_list_names_no_parts(text: str) -> None:
    assert links(text, "part") == []


ITEMS = """五、当年拨款情况说明
某局2022年当年拨款 300 万元，比上年增加 {} 万元。
1.甲科目2022年预算数为 200 万元，比上年增加 50 万元。
2.乙科目2022年预算数为 60 万元，比上年减少 10 万元。
3.丙科目2022年预算数为 40 万元，与上年一致。"""


def test_the_changes_of_all_items_are_linked_to_the_change_of_their_total() -> None:
    assert links(ITEMS.format(70), "item-change") == [("50", "300", "70"), ("10", "300", "70")]


def test_items_that_leave_something_out_are_not_linked() -> None:
    assert links(ITEMS.format(70).replace("40 万元", "30 万元"), "item-change") == []
    assert links(ITEMS.format(70).replace("，与上年一致", ""), "item-change") == []


def test_a_year_in_a_reason_is_not_the_year_of_what_follows() -> None:
    reading = read("甲支出 2 万元，较上年增加 2 万元，原因是2020年无此内容；乙支出 5 万元。")

    assert [claim.year for claim in reading.claims] == [2022, 2022, 2022]


def test_a_code_that_begins_like_a_year_is_none() -> None:
    (claim,) = read("养老保险缴费支出（2080505）145.00万元。").claims

    assert claim.subject == "养老保险缴费支出（2080505）"


def printed(value: Fraction, places: int) -> Decimal:
    """A number as printed with so many places, rounded half up."""
    scaled = value * 10**places
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(-places)


def claim(value: Decimal, unit: str, relation: str) -> Claim:
    return Claim(1, 1, f"{value:f}", value, unit, "甲", 2022, relation)


@given(
    part=st.fractions(min_value=0, max_value=10_000),
    rest=st.fractions(min_value=0, max_value=10_000),
    places=st.integers(min_value=0, max_value=4),
    share_places=st.integers(min_value=0, max_value=4),
    unit=st.sampled_from(["元", "万元", "亿元"]),
)
def test_a_share_rounded_from_the_true_amounts_always_follows(
    part: Fraction, rest: Fraction, places: int, share_places: int, unit: str
) -> None:
    whole = part + rest
    if printed(whole, places) == 0 or whole == 0:
        return
    share = claim(printed(100 * part / whole, share_places), "%", "share")
    amounts = (claim(printed(value, places), unit, "amount") for value in (part, whole))

    assert is_share(share, *amounts)


@given(
    part=st.integers(min_value=0, max_value=10_000_000),
    rest=st.integers(min_value=0, max_value=10_000_000),
    steps=st.integers(min_value=2, max_value=50),
)
def test_a_share_off_by_two_steps_of_its_last_place_never_follows_from_exact_looking_amounts(
    part: int, rest: int, steps: int
) -> None:
    whole = part + rest
    if whole < 1_000_000:
        return
    # Amounts of a million and more move the share by less than a thousandth; two hundredths are beyond them.
    share = printed(Fraction(100 * part, whole), 2) + Decimal(steps) / 100
    amounts = (claim(Decimal(value), "元", "amount") for value in (part, whole))

    assert not is_share(claim(share, "%", "share"), *amounts)


def test_shares_behind_respectively_are_of_the_amounts_before_in_turn() -> None:
    text = "某局支出总额 0.62 亿元。其中基本支出 5076 万元，项目支出 1156 万元，分别占 81.4%和 18.6%。"
    assert [link.part for link in read(text).links if link.kind == "share"] == [1]


def test_shares_behind_respectively_are_of_nothing_where_the_amounts_are_too_few() -> None:
    assert links("项目支出 20 万元，分别占 80%、15%和 5%。", "share") == []
