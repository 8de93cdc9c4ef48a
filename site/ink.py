"""What the drawings have in common: their colours, and words in two languages.

A charting library knows colours by their number; the page knows them by their name, so that they follow its light or
dark paper. `themed` puts the names in the place of the numbers once a drawing is done.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

INK, ACCENT, TRACK = "#211f1b", "#9c2f1f", "#e9e3d6"
SHADES: Final = (ACCENT, "#b08a4a", "#4f6d5e", "#5b6b86", "#8c5a72", "#77705f")
"""Told apart also by those who see no red or green: they differ in lightness as well."""
FONT = "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_VARIABLES = {INK: "currentColor", TRACK: "var(--track)"} | {
    shade: f"var(--c{number})" for number, shade in enumerate(SHADES, start=1)
}
_COLOUR = re.compile("|".join(_VARIABLES))
# The converter writes 27.000000000000004; a hundredth of a pixel is finer than any screen. Only what places and shapes
# is rounded: what is written is the exact amount.
_SHAPE = re.compile(r' (?:d|transform)="[^"]*"')
_SIZE = re.compile(r'font-size="([0-9]+)"')
_LONG_NUMBER = re.compile(r"[0-9]+\.[0-9]{3,}")


def themed(drawing: str) -> str:
    """The drawing with the page's colours, its coordinates to a hundredth of a pixel."""
    rounded = _SHAPE.sub(lambda shape: _LONG_NUMBER.sub(_hundredths, shape[0]), drawing)
    return _COLOUR.sub(lambda found: _VARIABLES[found[0]], rounded)


def _hundredths(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def opening(kind: str, width: int, height: int, title: str, description: str, key: str) -> str:
    """The start tag of an SVG element with its title and description; `key` makes their ids unique on the page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT}" role="img" aria-labelledby="{key}-t {key}-d">'
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(description)}</desc>'
    )


def words(zh: str, en: str, attributes: str, longest: int) -> str:
    """A text element, or one for each language where there are two; the page shows the one that was chosen.

    `longest` is the room there is, in Chinese characters; Latin letters are half as wide.
    """
    chinese, room = _fitting(zh, attributes, longest)
    if not en or en == zh:
        return f"<text {room}>{chinese}</text>"
    english, room_en = _fitting(en, attributes, longest * 2)
    return (
        f'<text class="zh" {room}>{chinese}</text><text class="en alone" lang="en" {room_en}>{english}</text>'
    )


def _fitting(text: str, attributes: str, longest: int) -> tuple[str, str]:
    """The text as markup and the attributes to write it with: two pixels smaller where it is too long, then cut."""
    if len(text) <= longest:
        return escape(text), attributes
    smaller = _SIZE.sub(lambda size: f'font-size="{int(size[1]) - 2}"', attributes)
    return escape(cut(text, longest * 7 // 6)), smaller


def cut(text: str, longest: int) -> str:
    """The text, with … where it is longer than there is room for."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
