"""Charts as SVG at build time: bars under ledger lines, label on the left, amount on the right.

The layout is fixed in advance (no automatic sizing), so it does not depend on which fonts the building machine
has; text stays text. The same bars, drawn once, are reused: rendering one takes about 0.1 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

import altair as alt
import vl_convert

from mingzhang.site.money import wan

_WIDTH = 440
_STEP = 46
"""Pixels a bar takes up with its line of text."""
INK, ACCENT, _TRACK = "#211f1b", "#9c2f1f", "#e9e3d6"
FONT = "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_LABEL_LIMIT = 24
"""Chinese characters that fit beside an amount at 14 px."""


@dataclass(frozen=True)
class Bar:
    """One bar: its name and its amount in yuan, or a number of other things. Links are in the table beside the chart."""

    label: str
    amount_yuan: Decimal
    text: str = ""
    """What is written at its end; the amount in 万元 where nothing else is."""


def bar_chart(bars: Sequence[Bar], title: str, description: str, key: str) -> str:
    """An SVG element with the bars in the order given, "" where there are none.

    `key` makes the ids of title and description unique on the page.
    """
    if not bars:
        return ""
    drawing = _drawing(tuple(bars))
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {_WIDTH} {_STEP * len(bars)}" '
        f'font-family="{FONT}" role="img" aria-labelledby="{key}-t {key}-d">'
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(description)}</desc>'
    )
    return opening + drawing + "</svg>"


@lru_cache(maxsize=4096)
def _drawing(bars: tuple[Bar, ...]) -> str:
    """What stands inside the SVG element."""
    svg: str = vl_convert.vegalite_to_svg(_chart(bars).to_dict())
    inner = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    # The SVG element names the font once; the converter repeats it on every text.
    return inner.replace(f' font-family="{FONT}"', "")


def _chart(bars: tuple[Bar, ...]) -> Any:
    largest = max(float(bar.amount_yuan) for bar in bars) or 1.0
    rows = alt.Chart(alt.InlineData(values=[_row(number, bar, largest) for number, bar in enumerate(bars)]))
    height = _STEP * len(bars)

    def y(field: str) -> Any:
        return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, height], range=[0, height]))

    x = alt.X("size:Q", axis=None, scale=alt.Scale(domain=[0, _WIDTH], range=[0, _WIDTH]))
    start, end = alt.value(0), alt.value(_WIDTH)
    words: dict[str, Any] = {"baseline": "bottom", "fontSize": 14, "color": INK, "aria": False}
    layers = alt.layer(
        rows.mark_rect(color=_TRACK, aria=False).encode(x=start, x2=end, y=y("top"), y2="bottom:Q"),
        rows.mark_rect(color=ACCENT, aria=False).encode(x=x, x2=start, y=y("top"), y2="bottom:Q"),
        rows.mark_text(align="left", **words).encode(x=start, y=y("text"), text="label:N"),
        rows.mark_text(align="right", **words).encode(x=end, y=y("text"), text="amount:N"),
    )
    fixed = alt.AutoSizeParams(type="none")
    return (
        layers.properties(width=_WIDTH, height=height, padding=0, autosize=fixed)
        .configure(font=FONT, background="transparent")
        .configure_view(stroke=None)
    )


def _row(number: int, bar: Bar, largest: float) -> dict[str, Any]:
    """The numbers that place one bar. Floats only place pixels: what is written comes from the exact amount."""
    top = number * _STEP
    return {
        "size": max(float(bar.amount_yuan), 0.0) / largest * _WIDTH,
        "text": top + 22,
        "top": top + 27,
        "bottom": top + 32,
        "label": _shortened(bar.label),
        "amount": bar.text or wan(bar.amount_yuan),
    }


def _shortened(label: str) -> str:
    return label if len(label) <= _LABEL_LIMIT else label[: _LABEL_LIMIT - 1] + "…"
