"""Several totals side by side, each cut into the same parts: one bar for each, in the order given, under a legend.

Bars are as long as their totals (`share=False`) or all equally long (`share=True`, for comparing compositions).
Parts beyond the number of shades are drawn together as the rest; the table beside the chart has each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mingzhang.site.ink import INK, SHADES, TRACK, opening, themed, words
from mingzhang.site.money import wan
from mingzhang.site.rectangles import Rectangle, rectangles

_WIDTH = 760
_STEP = 48
"""Pixels a bar takes up with its line of text."""
_BASELINE, _TOP, _BOTTOM = 19, 26, 38
_LEGEND_ROW = 26
_LEGEND_COLUMNS = 3
_SHORT, _SHORT_EN = 14, 28
"""Letters of the longest names that fit into a third of the width; longer ones have half of it."""
_REST = ("其余", "All others")


@dataclass(frozen=True)
class Part:
    """A part that every bar may have."""

    zh: str
    en: str


@dataclass(frozen=True)
class Stack:
    """One bar: its name, and the amounts in yuan of the parts, in their order."""

    zh: str
    en: str
    amounts_yuan: tuple[Decimal, ...]

    @property
    def total_yuan(self) -> Decimal:
        return sum(self.amounts_yuan, Decimal(0))


def stacked_chart(parts: Sequence[Part], stacks: Sequence[Stack], title: str, key: str, share: bool) -> str:
    """An SVG element; "" where no bar has a length, or a part is less than nothing, which no length can show."""
    drawn = [stack for stack in stacks if stack.total_yuan > 0]
    if not drawn or any(amount < 0 for stack in drawn for amount in stack.amounts_yuan):
        return ""
    shown, gathered = _gathered(parts, drawn)
    columns = _legend_columns(shown)
    legend_height = -(-len(shown) // columns) * _LEGEND_ROW + 6
    height = legend_height + _STEP * len(gathered)
    spoken = "。".join(_spoken(parts, stack) for stack in drawn)
    bars = rectangles(_segments(gathered, legend_height, share), _WIDTH, height)
    texts = "".join(_names(number, stack, legend_height) for number, stack in enumerate(gathered))
    return (
        opening("stacks", _WIDTH, height, title, spoken, key)
        + themed(_legend(shown, columns) + texts)
        + bars
        + "</svg>"
    )


def _gathered(parts: Sequence[Part], stacks: Sequence[Stack]) -> tuple[list[Part], list[Stack]]:
    """The parts that get a shade of their own, largest over all bars first, and the bars cut that way."""
    sums = [sum((stack.amounts_yuan[at] for stack in stacks), Decimal(0)) for at in range(len(parts))]
    order = sorted((at for at in range(len(parts)) if sums[at]), key=lambda at: (-sums[at], at))
    room = len(SHADES)
    own, rest = (order, []) if len(order) <= room else (order[: room - 1], order[room - 1 :])
    shown = [parts[at] for at in own] + ([Part(*_REST)] if rest else [])
    cut = []
    for stack in stacks:
        amounts = [stack.amounts_yuan[at] for at in own]
        if rest:
            amounts.append(sum((stack.amounts_yuan[at] for at in rest), Decimal(0)))
        cut.append(Stack(stack.zh, stack.en, tuple(amounts)))
    return shown, cut


def _spoken(parts: Sequence[Part], stack: Stack) -> str:
    named = "；".join(
        f"{part.zh} {wan(amount)}" for part, amount in zip(parts, stack.amounts_yuan, strict=True) if amount
    )
    return f"{stack.zh} {wan(stack.total_yuan)} 万元：{named}"


def _segments(stacks: Sequence[Stack], start: int, share: bool) -> list[Rectangle]:
    """Each bar's track, and on it the parts from left to right. Floats only place pixels."""
    largest = max(float(stack.total_yuan) for stack in stacks)
    segments = []
    for number, stack in enumerate(stacks):
        whole = float(stack.total_yuan) if share else largest
        top, bottom = start + number * _STEP + _TOP, start + number * _STEP + _BOTTOM
        segments.append(Rectangle(0, _WIDTH, top, bottom, TRACK))
        left = 0.0
        for at, amount in enumerate(stack.amounts_yuan):
            length = float(amount) / whole * _WIDTH
            if length:
                segments.append(Rectangle(left, left + length, top, bottom, SHADES[at]))
            left += length
    return segments


def _legend_columns(parts: Sequence[Part]) -> int:
    fits = all(len(part.zh) <= _SHORT and len(part.en) <= _SHORT_EN for part in parts)
    return _LEGEND_COLUMNS if fits else 2


def _legend(parts: Sequence[Part], columns: int) -> str:
    """A square of its shade before each part's name."""
    drawn = []
    room = _SHORT + 2 if columns == _LEGEND_COLUMNS else 24
    for at, part in enumerate(parts):
        x = at % columns * (_WIDTH // columns)
        y = at // columns * _LEGEND_ROW
        drawn.append(f'<rect x="{x}" y="{y + 5}" width="11" height="11" fill="{SHADES[at]}"/>')
        drawn.append(words(part.zh, part.en, f'x="{x + 18}" y="{y + 15}" font-size="13" fill="{INK}"', room))
    return "".join(drawn)


def _names(number: int, stack: Stack, start: int) -> str:
    """The name of a bar at its left, its total at its right."""
    y = start + number * _STEP + _BASELINE
    return (
        words(stack.zh, stack.en, f'x="0" y="{y}" font-size="14" fill="{INK}"', 42)
        + f'<text x="{_WIDTH}" y="{y}" font-size="14" text-anchor="end" fill="{INK}">{wan(stack.total_yuan)}</text>'
    )
