"""Charts as SVG at build time: bars under ledger lines, label on the left, amount on the right.

The layout is fixed in advance (no automatic sizing), so it does not depend on which fonts the building machine
has; text stays text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from html import escape

from mingzhang.site.ink import ACCENT, INK, TRACK, opening, themed, words
from mingzhang.site.money import wan
from mingzhang.site.rectangles import Rectangle, rectangles

_WIDTH = 440
_STEP = 46
"""Pixels a bar takes up with its line of text."""
_BASELINE, _TOP, _BOTTOM = 19, 27, 32
"""Pixels from where a bar's room begins to the line its words stand on, and to the bar itself."""
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
    # Floats only place pixels: what is written comes from the exact amount.
    largest = max(float(bar.amount_yuan) for bar in bars) or 1.0
    tops = [number * _STEP for number in range(len(bars))]
    tracks = [Rectangle(0, _WIDTH, top + _TOP, top + _BOTTOM, TRACK) for top in tops]
    lengths = [max(float(bar.amount_yuan), 0.0) / largest * _WIDTH for bar in bars]
    drawn = [
        Rectangle(0, length, top + _TOP, top + _BOTTOM, ACCENT)
        for top, length in zip(tops, lengths, strict=True)
    ]
    texts = "".join(_words(bar, top) for bar, top in zip(bars, tops, strict=True))
    return rectangles(tracks + drawn, _WIDTH, _STEP * len(bars)) + themed(texts)


def _words(bar: Bar, top: int) -> str:
    """Its name at its left, its amount at its right."""
    style = f'y="{top + _BASELINE}" font-size="14" fill="{INK}"'
    amount = bar.text or wan(bar.amount_yuan)
    return (
        words(bar.label, bar.label_en, f'x="0" {style}', _LABEL_LIMIT)
        + f'<text x="{_WIDTH}" {style} text-anchor="end">{escape(amount)}</text>'
    )
