"""Characters that a PDF's font names by their radical: ⼀ (U+2F00) is drawn, and meant, as 一.

Fonts that share one glyph between a radical and the character it stands for often map it back to the radical. Both look
the same on the page; what is printed is the character.
"""

from __future__ import annotations

import unicodedata

# CJK Radicals Supplement: only the simplified forms that are characters of their own (Unicode gives two of them a mapping).
_SUPPLEMENT = dict(
    zip(
        "⺁⺊⺓⺝⺟⺠⺡⺩⺬⺮⻁⻄⻅⻆⻉⻋⻑⻒⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "厂卜幺月母民氵王示竹虎西见角贝车長镸长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)


def unified(char: str) -> str:
    """The character itself for a radical's code point; any other character as it is."""
    if "\u2f00" <= char <= "\u2fdf":
        return unicodedata.normalize("NFKC", char)
    if "\u2e80" <= char <= "\u2eff":
        return _SUPPLEMENT.get(char, char)
    return char
