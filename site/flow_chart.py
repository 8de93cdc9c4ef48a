"""Where the money comes from and where it goes to: parts on the left, their total in the middle, parts on the right.

Drawn as an SVG of our own, since Vega has no such chart. Heights are in proportion to the amounts; what is written
is the exact amount. Nothing says which source pays for which purpose, so no band crosses the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from mingzhang.site.charts import Bar
from mingzhang.site.ink import INK, SHADES, opening, themed, words
from mingzhang.site.money import wan

_WIDTH = 860
_HEIGHT = 240
"""Pixels the total is tall."""
_SLOT = 40
"""Pixels the two lines of a label need."""
_LEFT, _RIGHT, _MIDDLE, _BAR = 290, 570, 430, 14
_LABEL_LIMIT = 20
"""Chinese characters beside a band, at 13 px."""


def flow_chart(sources: Sequence[Bar], purposes: Sequence[Bar], title: str, key: str) -> str:
    """An SVG element; "" unless both sides have parts and add up to the same amount, which is more than nothing."""
    total = _sum(sources)
    if not sources or not purposes or total <= 0 or total != _sum(purposes):
        return ""
    if min(bar.amount_yuan for bar in (*sources, *purposes)) < 0:
        return ""
    left, left_height = _side(sources, total, _LEFT, "end")
    right, right_height = _side(purposes, total, _RIGHT, "start")
    height = max(left_height, right_height, _HEIGHT + _SLOT)
    spoken = f"{_spoken(sources)} → {_spoken(purposes)}"
    start = opening("flow", _WIDTH, round(height), title, spoken, key)
    return themed(
        f'{start}<g font-size="13">{left}{right}'
        f'<rect x="{_MIDDLE - _BAR / 2:.0f}" y="{_SLOT}" width="{_BAR}" height="{_HEIGHT}" fill="{INK}"/>'
        f'<text x="{_MIDDLE}" y="{_SLOT - 10}" text-anchor="middle" font-weight="600" fill="{INK}">{wan(total)}</text></g></svg>'
    )


def _sum(bars: Sequence[Bar]) -> Decimal:
    return sum((bar.amount_yuan for bar in bars), Decimal(0))


def _spoken(bars: Sequence[Bar]) -> str:
    return "；".join(f"{bar.label} {wan(bar.amount_yuan)} 万元" for bar in bars)


def _side(bars: Sequence[Bar], total: Decimal, x: int, anchor: str) -> tuple[str, float]:
    """One side's bands and labels, and the pixels it needs. Floats place pixels; the words are exact."""
    drawn, outer, inner = [], float(_SLOT), float(_SLOT)
    middle = _MIDDLE - _BAR / 2 if anchor == "end" else _MIDDLE + _BAR / 2
    text_x = x - 10 if anchor == "end" else x + 10
    for number, bar in enumerate(bars):
        height = float(bar.amount_yuan / total) * _HEIGHT
        slot = max(height, float(_SLOT))
        top = outer + (slot - height) / 2
        centre = outer + slot / 2
        drawn.append(
            f'<path d="{_band(x, top, middle, inner, height)}" fill="{SHADES[number % len(SHADES)]}" fill-opacity=".6"/>'
            + words(bar.label, bar.label_en, _at(text_x, centre - 2, anchor), _LABEL_LIMIT)
            + f"<text {_at(text_x, centre + 14, anchor)}>{wan(bar.amount_yuan)}</text>"
        )
        outer += slot
        inner += height
    return "".join(drawn), outer + 10


def _band(x: float, top: float, middle: float, inner: float, height: float) -> str:
    """A band from the outer edge to the middle, of the same height at both ends."""
    half = (x + middle) / 2
    thick = max(height, 1.0)
    return (
        f"M{x:.1f},{top:.1f}C{half:.1f},{top:.1f} {half:.1f},{inner:.1f} {middle:.1f},{inner:.1f}v{thick:.1f}"
        f"C{half:.1f},{inner + thick:.1f} {half:.1f},{top + thick:.1f} {x:.1f},{top + thick:.1f}z"
    )


def _at(x: int, y: float, anchor: str) -> str:
    return f'x="{x}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}"'
