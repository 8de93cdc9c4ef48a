"""Header text in pieces → the words it was before the extraction broke it.

A header cell may arrive as `一般公 / 共预算 / 拨款 / 收入`, one fragment a line, without a mark where the next cell
begins. The fragments are run together and cut into known wordings again, so that every character is used; what cannot
be cut stays unknown and is reported as such.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mingzhang.ingest.flow_sheets import SheetLine
from mingzhang.ontology.lexicon import normal_text

_YEAR = re.compile(r"(?:19|20)[0-9]{2}年?度?")
_UNKNOWN_COST = 12
_SPACE_INSIDE_COST = 1
_WORD_COST = 4


@dataclass(frozen=True)
class Word:
    """A word of a header: as printed without spaces, its wording as known (without a year), and its place.

    `order` counts words of the panel in print order, `stream` tells header lines before the rows from those after.
    """

    text: str
    wording: str
    order: int
    stream: int
    line: int


@dataclass(frozen=True)
class HeaderWords:
    """The words of one panel's header, and the stretches that no wording explains."""

    words: tuple[Word, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class _Character:
    text: str
    line: int
    space_before: bool


def header_words(
    streams: Sequence[Sequence[SheetLine]], known: Collection[str], stubs: Collection[str]
) -> HeaderWords:
    """The header cut into wordings. Stub words (over labels and codes) are left out of the result."""
    vocabulary = frozenset(known) | frozenset(stubs)
    longest = max((len(wording) for wording in vocabulary), default=0)
    words: list[Word] = []
    unknown: list[str] = []
    for number, stream in enumerate(streams):
        characters = _characters(stream)
        for start, stop, wording in _cut(characters, vocabulary, longest):
            text = "".join(character.text for character in characters[start:stop])
            if not wording:
                unknown.append(text)
            elif wording in known:
                words.append(Word(text, wording, len(words), number, characters[start].line))
    return HeaderWords(tuple(words), tuple(unknown))


def _characters(lines: Sequence[SheetLine]) -> list[_Character]:
    """Every printed character in its normal form, with whether a space on its line stands before it."""
    found: list[_Character] = []
    for line in lines:
        space = False
        first = True
        for printed in line.text:
            text = normal_text(printed)
            if not text:
                space = True
                continue
            found.extend(
                _Character(c, line.number, space and not first and i == 0) for i, c in enumerate(text)
            )
            space = first = False
    return found


def _cut(
    characters: Sequence[_Character], vocabulary: frozenset[str], longest: int
) -> list[tuple[int, int, str]]:
    """The cheapest way to cut the text into wordings: (start, stop, wording), wording empty for unknown stretches."""
    text = "".join(character.text for character in characters)
    best: list[tuple[int, int, str] | None] = [None] * (len(text) + 1)
    cost = [0] + [10**9] * len(text)
    for start in range(len(text)):
        if cost[start] >= 10**9:
            continue
        _offer(best, cost, start, start + 1, "", cost[start] + _UNKNOWN_COST)
        year = _YEAR.match(text, start)
        for begin in {start, year.end() if year else start}:
            spaces = sum(character.space_before for character in characters[start + 1 : begin])
            for stop in range(begin + 1, min(len(text), begin + longest) + 1):
                spaces += stop - 1 > start and characters[stop - 1].space_before
                wording = text[begin:stop]
                if wording in vocabulary:
                    _offer(
                        best,
                        cost,
                        start,
                        stop,
                        wording,
                        cost[start] + _WORD_COST + spaces * _SPACE_INSIDE_COST,
                    )
    return _pieces(best, len(text))


def _offer(
    best: list[tuple[int, int, str] | None], cost: list[int], start: int, stop: int, wording: str, price: int
) -> None:
    if price < cost[stop]:
        cost[stop] = price
        best[stop] = (start, stop, wording)


def _pieces(best: Sequence[tuple[int, int, str] | None], end: int) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    while end > 0:
        piece = best[end]
        if piece is None:
            break
        start, stop, wording = piece
        if not wording and found and not found[-1][2] and found[-1][0] == stop:
            found[-1] = (start, found[-1][1], "")
        else:
            found.append(piece)
        end = start
    return found[::-1]
