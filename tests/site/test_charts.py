"""Charts: the bars are as long as the amounts say, text stays text, and nothing in them is markup by accident."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

from mingzhang.site.charts import Bar, bar_chart

SVG = "{http://www.w3.org/2000/svg}"


def _bars(*amounts: str) -> list[Bar]:
    return [Bar(f"第{number}项", Decimal(amount)) for number, amount in enumerate(amounts, start=1)]


def _lengths(svg: str) -> list[float]:
    accent = re.findall(r'd="M0,[0-9.]+h([0-9.]+)v[^"]*" fill="var\(--c1\)"', svg)
    return [float(length) for length in accent]


def test_lengths_are_in_proportion_to_the_amounts() -> None:
    lengths = _lengths(bar_chart(_bars("4000000", "1000000"), "t", "d", "k"))
    assert lengths[0] / lengths[1] == 4


def test_every_label_and_amount_is_text() -> None:
    tree = ElementTree.fromstring(bar_chart(_bars("4000000", "15708300"), "t", "d", "k"))
    texts = [element.text for element in tree.iter(f"{SVG}text")]
    assert sorted(filter(None, texts)) == ["1,570.83", "400.00", "第1项", "第2项"]


def test_a_bar_with_two_names_has_each_in_its_language() -> None:
    bars = [Bar("卫生健康支出", Decimal(1), label_en="Health")]
    texts = list(ElementTree.fromstring(bar_chart(bars, "t", "d", "k")).iter(f"{SVG}text"))
    assert [(text.text, text.get("class")) for text in texts if text.get("class")] == [
        ("卫生健康支出", "zh"),
        ("Health", "en alone"),
    ]


def test_coordinates_are_rounded_and_what_is_written_is_not() -> None:
    svg = bar_chart(_bars("30000", "15708300.5"), "t", "d", "k")
    assert "1,570.83005" in svg
    assert re.search(r' d="[^"]*[0-9]\.[0-9]{3}', svg) is None


def test_title_and_description_are_for_screen_readers_and_escaped() -> None:
    tree = ElementTree.fromstring(bar_chart([Bar("<a> & b", Decimal(1))], "a < b", "c & d", "k"))
    assert [tree.findtext(f"{SVG}title"), tree.findtext(f"{SVG}desc")] == ["a < b", "c & d"]
    assert tree.get("aria-labelledby") == "k-t k-d"
    assert "<a> & b" in [element.text for element in tree.iter(f"{SVG}text")]


def test_amounts_of_nothing_draw_nothing_and_do_not_fail() -> None:
    assert "0.00" in bar_chart(_bars("0", "0"), "t", "d", "k")
    assert bar_chart([], "t", "d", "k") == ""


def test_the_same_data_gives_the_same_bytes() -> None:
    first = bar_chart(_bars("3", "2"), "t", "d", "k")
    bar_chart(_bars("1", "2"), "t", "d", "k")
    assert bar_chart(_bars("3", "2"), "t", "d", "k") == first
