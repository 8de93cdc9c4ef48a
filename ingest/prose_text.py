"""Running text of a document: lines broken by the page, joined again, every character knowing where it stands.

Text is matched without white space and with digits and punctuation folded; what is published is cut from the
lines themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mingzhang.ingest.document import Document

_FOLD = str.maketrans("０１２３４５６７８９，．；：％（）－−！？", "0123456789,.;:%()--!?")
_HEADING = re.compile(
    r"^[#*\s]*(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|[0-9０-９]+[.、．](?![0-9０-９])"
    r"|第[一二三四五六七八九十]+(?:部分|章|节)|附件)"
)
SECTION = re.compile(r"^[#*\s\f]*[一二三四五六七八九十]+、")
"""How a section of the explanations begins: 一、…"""
_PAGE_FOOT = re.compile(r"^[\s\f—–\-第页共/]*[0-9]{0,3}[\s—–\-第页共/]*$")
_MARKED_PAGE_FOOT = re.compile(r"^[\s\f]*(?:[—–\-]+\s*[0-9]{1,3}\s*[—–\-]+|第\s*[0-9]{1,3}\s*页.*)\s*$")
_HEADING_LINES = 3
"""A heading is broken into at most this many lines."""
# （详见表5） behind a heading.
_SEE_TABLE = re.compile(r"\((?:详?见)[^()]*\)$")
_DIGIT = re.compile(r"[0-9０-９]")
_MARKUP = "#*\f"
_SENTENCE = re.compile(r"[。!?！？]")
_MONEY_IN_SENTENCE = re.compile(r"[0-9]\s*(?:万元|亿元|元|%).*[。;:]\s*$")


@dataclass(frozen=True)
class Passage:
    """A stretch of running text. `text[i]` is the folded character at `places[i]` = (line, character), from 1."""

    text: str
    places: tuple[tuple[int, int], ...]
    shown: str
    """The same characters as printed."""

    def sentences(self) -> Iterator[tuple[int, int]]:
        """(begin, end) of every sentence; 其中 after a full stop goes on with the sentence before."""
        begin = 0
        for match in _SENTENCE.finditer(self.text):
            if self.text.startswith("其中", match.end()):
                continue
            yield begin, match.end()
            begin = match.end()
        if begin < len(self.text):
            yield begin, len(self.text)


def is_page_foot(line: str, *, marked: bool = False) -> bool:
    """Whether a line holds a page number and nothing else; `marked`: one with dashes or 第…页 about it."""
    return bool((_MARKED_PAGE_FOOT if marked else _PAGE_FOOT).match(line))


def section_numbers(document: Document) -> tuple[int, ...]:
    """For every line the number of the section 一、… that it stands in; 0 before the first."""
    number = 0
    found: list[int] = []
    for line in document.lines:
        number += bool(SECTION.match(line))
        found.append(number)
    return tuple(found)


def passages(document: Document, taken: frozenset[int], heading_ends: tuple[str, ...]) -> list[Passage]:
    """The running text of a document, cut at headings and numbered items and where tables stand between.

    Of the taken lines only whole sentences about money count: notes that a table's extent takes in.
    """
    found: list[Passage] = []
    lines: list[int] = []
    for number, line in enumerate(document.lines, 1):
        is_note = (
            number in taken and "\t" not in line and bool(_MONEY_IN_SENTENCE.search(line.translate(_FOLD)))
        )
        if "\t" in line or (number in taken and not is_note):
            found += _passage(document, lines)
            lines = []
        elif not is_page_foot(line):
            if _HEADING.match(line):
                found += _passage(document, lines)
                lines = []
            lines.append(number)
            is_short = len(lines) <= _HEADING_LINES
            if is_short and _is_whole_heading("".join(document.line(n).strip() for n in lines), heading_ends):
                found += _passage(document, lines)
                lines = []
    return found + _passage(document, lines)


def _is_whole_heading(text: str, endings: tuple[str, ...]) -> bool:
    """Whether the lines so far are a numbered heading that ends here: the next line is no continuation of it."""
    folded = _SEE_TABLE.sub("", text.translate(_FOLD).strip(_MARKUP + " "))
    return bool(_HEADING.match(text)) and folded.endswith(endings) and not re.search(r"[,;:。]", folded)


def _passage(document: Document, lines: list[int]) -> list[Passage]:
    """The passage of these lines; none where no number stands in them, since then nothing is stated."""
    if not any(_DIGIT.search(document.line(number)) for number in lines):
        return []
    text: list[str] = []
    shown: list[str] = []
    places: list[tuple[int, int]] = []
    for number in lines:
        line = document.line(number)
        gap = True
        for column, (character, folded) in enumerate(zip(line, line.translate(_FOLD), strict=True), 1):
            if character.isspace() or character in _MARKUP:
                gap = True
                continue
            if (
                gap
                and text
                and folded.isascii()
                and folded.isalnum()
                and text[-1].isascii()
                and text[-1].isalnum()
            ):
                # Two numbers or words do not become one because white space is not looked at.
                text.append(" ")
                shown.append(" ")
                places.append((number, column))
            text.append(folded)
            shown.append(character)
            places.append((number, column))
            gap = False
    return [Passage("".join(text), tuple(places), "".join(shown))]
