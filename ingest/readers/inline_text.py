"""Runs of text as they follow one another in a paragraph or a cell → one line.

What is set apart for the eye (a raised footnote mark, struck text) is set apart here too: beside a number it would make
another number of it.
"""

from __future__ import annotations

from mingzhang.ingest.cell_blocks import joined_lines


class InlineText:
    """Collects runs of text; `joined` is what they are on one line."""

    def __init__(self) -> None:
        self._lines = [""]
        self._parted = False

    def add(self, text: str) -> None:
        if not text:
            return
        before = self._lines[-1]
        if self._parted and before and before[-1].isascii() and text[0].isascii():
            self._lines[-1] += " "
        self._parted = False
        self._lines[-1] += text

    def part(self) -> None:
        """What comes next is no part of the number or word before."""
        self._parted = True

    def end_line(self) -> None:
        self._lines.append("")
        self._parted = False

    def joined(self) -> str:
        """The text on one line."""
        return joined_lines(line.replace("\n", " ").replace("\xa0", " ") for line in self._lines)
