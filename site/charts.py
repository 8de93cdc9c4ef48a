"""Charts as SVG at build time: bars under ledger lines, label on the left, amount on the right.

The layout is fixed in advance (no automatic sizing), so it does not depend on which fonts the building machine
has; text stays text. The same bars, drawn once, are reused: rendering one takes about 0.1 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import vl_convert

from mingzhang.site.ink import ACCENT, FONT, INK, TRACK, opening, themed, words
from mingzhang.site.money import wan

_WIDTH = 440
_STEP = 46
"""Pixels a bar takes up with its line of text."""
_BASELINE = 19
"""Pixels from a bar's top to the line its words stand on."""
_LABEL_LIMIT = 24
"""Chinese characters that fit beside an amount at 14 px."""


@dataclass(frozen=True)
class Bar:
    """One bar: its name and its amount in yuan, or a number of other things. Links are in the table beside the chart."""

    label: str
    amount_yuan: Decimal
    text: str = ""
    """What is written at its end; the amount in 万元 where nothing else is."""
    label_en: str = ""
    """Its English name, where there is one."""


def bar_chart(bars: Sequence[Bar], title: str, description: str, key: str) -> str:
    """An SVG element with the bars in the order given, "" where there are none.

    `key` makes the ids of title and description unique on the page.
    """
    if not bars:
        return ""
    start = opening("chart", _WIDTH, _STEP * len(bars), title, description, key)
    return start + _drawing(tuple(bars)) + "</svg>"


@lru_cache(maxsize=4096)
def _drawing(bars: tuple[Bar, ...]) -> str:
    """What stands inside the SVG element."""
    svg: str = vl_convert.vegalite_to_svg(_vega_lite(bars))
    inner = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    # The SVG element names the font once; the converter repeats it on every text.
    labels = "".join(_label(number, bar) for number, bar in enumerate(bars))
    return themed(inner.replace(f' font-family="{FONT}"', "") + labels)


def _label(number: int, bar: Bar) -> str:
    place = f'x="0" y="{number * _STEP + _BASELINE}" font-size="14" fill="{INK}"'
    return words(bar.label, bar.label_en, place, _LABEL_LIMIT)


def _vega_lite(bars: tuple[Bar, ...]) -> dict[str, Any]:
    """The chart's specification (Vega-Lite 6). Written out: a library that builds it took longer than drawing it."""
    largest = max(float(bar.amount_yuan) for bar in bars) or 1.0
    height = _STEP * len(bars)
    y = {"type": "quantitative", "axis": None, "scale": {"domain": [0, height], "range": [0, height]}}
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [0, _WIDTH], "range": [0, _WIDTH]}}
    start, end = {"value": 0}, {"value": _WIDTH}
    across = {"y": y | {"field": "top"}, "y2": {"field": "bottom"}}
    amounts = {
        "type": "text",
        "align": "right",
        "baseline": "alphabetic",
        "fontSize": 14,
        "color": INK,
        "aria": False,
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": _WIDTH,
        "height": height,
        "padding": 0,
        "autosize": {"type": "none"},
        "config": {"background": "transparent", "font": FONT, "view": {"stroke": None}},
        "data": {"values": [_row(number, bar, largest) for number, bar in enumerate(bars)]},
        "layer": [
            _layer({"type": "rect", "color": TRACK, "aria": False}, {"x": start, "x2": end} | across),
            _layer(
                {"type": "rect", "color": ACCENT, "aria": False},
                {"x": x | {"field": "size"}, "x2": start} | across,
            ),
            _layer(amounts, {"x": end, "text": {"field": "amount"}, "y": y | {"field": "text"}}),
        ],
    }


def _layer(mark: dict[str, Any], encoding: dict[str, Any]) -> dict[str, Any]:
    return {"mark": mark, "encoding": encoding}


def _row(number: int, bar: Bar, largest: float) -> dict[str, Any]:
    """The numbers that place one bar. Floats only place pixels: what is written comes from the exact amount."""
    top = number * _STEP
    return {
        "size": max(float(bar.amount_yuan), 0.0) / largest * _WIDTH,
        "text": top + _BASELINE,
        "top": top + 27,
        "bottom": top + 32,
        "amount": bar.text or wan(bar.amount_yuan),
    }
