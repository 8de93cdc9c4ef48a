"""The flow: heights in proportion, words exact, and nothing drawn that does not balance."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest

from mingzhang.site.charts import Bar
from mingzhang.site.flow_chart import flow_chart

SVG = "{http://www.w3.org/2000/svg}"


def _bars(*amounts: str) -> list[Bar]:
    return [Bar(f"第<{number}>项", Decimal(amount)) for number, amount in enumerate(amounts, start=1)]


def _thickness(path: str) -> float:
    found = re.search(r"v([0-9.]+)C", path)
    assert found is not None
    return float(found[1])


def test_bands_are_as_thick_as_the_amounts_say() -> None:
    tree = ElementTree.fromstring(flow_chart(_bars("7500000", "2500000"), _bars("10000000"), "t", "k"))
    bands = [_thickness(path.get("d", "")) for path in tree.iter(f"{SVG}path")]
    assert bands == [180.0, 60.0, 240.0]


def test_every_amount_is_written_to_the_last_figure_and_spoken() -> None:
    tree = ElementTree.fromstring(flow_chart(_bars("15708300.5", "1"), _bars("15708301.5"), "t<", "k"))
    words = "".join(tree.itertext())
    assert "1,570.83005" in words
    assert "0.0001" in words
    assert "1,570.83015" in words
    assert tree.findtext(f"{SVG}title") == "t<"


@pytest.mark.parametrize(
    ("sources", "purposes"),
    [(["100"], ["99.99"]), ([], ["1"]), (["1"], []), (["0"], ["0"]), (["2", "-1"], ["1"])],
)
def test_sides_that_do_not_balance_are_not_drawn(sources: list[str], purposes: list[str]) -> None:
    assert flow_chart(_bars(*sources), _bars(*purposes), "t", "k") == ""


def test_a_disclosure_without_read_revenue_has_no_flow(example: Any) -> None:
    assert 'class="flow"' not in example.page(example.disclosure).read_text(encoding="utf-8")
