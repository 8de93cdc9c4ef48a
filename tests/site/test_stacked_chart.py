"""Stacked bars: segments in proportion, everything spoken to the last figure, the rest gathered and not lost."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

from mingzhang.site.ink import SHADES
from mingzhang.site.stacked_chart import Part, Stack, stacked_chart

_PARTS = [Part("甲", "A"), Part("乙", "B")]


def _stack(*amounts: str) -> Stack:
    return Stack("某局", "An office", tuple(Decimal(amount) for amount in amounts))


def _lengths(svg: str, shade: int) -> list[float]:
    return [
        float(length)
        for length in re.findall(rf'd="M[0-9.,]+h([0-9.]+)v[^"]*" fill="var\(--c{shade}\)"', svg)
    ]


def test_shares_fill_the_width_and_totals_are_lengths() -> None:
    stacks = [_stack("3", "1"), _stack("1", "1")]
    equal = stacked_chart(_PARTS, stacks, "t", "k", share=True)
    assert _lengths(equal, 1) == [570.0, 380.0]
    assert _lengths(equal, 2) == [190.0, 380.0]
    long = stacked_chart(_PARTS, stacks, "t", "k", share=False)
    assert sum(_lengths(long, 1)[1:] + _lengths(long, 2)[1:]) == 380.0


def test_every_amount_is_in_the_text_alternative_exactly() -> None:
    svg = stacked_chart(_PARTS, [_stack("15708300.5", "20000")], "t<", "k", share=True)
    tree = ElementTree.fromstring(svg)
    spoken = tree.findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert "甲 1,570.83005" in spoken
    assert "乙 2.00" in spoken
    assert "某局 1,572.83005 万元" in spoken
    assert tree.findtext("{http://www.w3.org/2000/svg}title") == "t<"


def test_what_has_no_shade_of_its_own_is_drawn_as_the_rest() -> None:
    parts = [Part(f"第{number}类", "") for number in range(10)]
    svg = stacked_chart(parts, [_stack(*["10"] * 10)], "t", "k", share=True)
    assert "其余" in svg
    assert len(_lengths(svg, len(SHADES))) == 1
    assert round(_lengths(svg, len(SHADES))[0]) == round(760 / 10 * 5)


def test_negative_parts_and_nothing_at_all_are_not_drawn() -> None:
    assert stacked_chart(_PARTS, [_stack("-1", "3")], "t", "k", share=True) == ""
    assert stacked_chart(_PARTS, [_stack("0", "0")], "t", "k", share=True) == ""
    assert stacked_chart(_PARTS, [], "t", "k", share=True) == ""
