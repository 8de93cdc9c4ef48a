"""Pieces of text in a table's head → headings, each its lines together; and the columns they stand over or beside."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mingzhang.ingest.pdf_pieces import Piece
from mingzhang.ingest.pdf_rulings import Ruling

Strip = tuple[float, float]

# The beginnings of words that are set with spaces between their characters.
_SPACED = re.compile(
    r"合计?|总计?|小计?|项目?|金额?|收入?|支出?|名称?|编码?|类别?|栏次?|行次?|单位?|序号?|备注?|科(?:目(?:名称?|编码?)?)?"
)
# Characters of one word set next to one another are no further apart than this (font sizes).
_ONE_WORD = 0.2
# Headings of two levels differ in height by at least this (font sizes).
APART = 0.5


@dataclass(frozen=True)
class Heading:
    """The text of a heading: its pieces, one line or several, from the top down."""

    pieces: tuple[Piece, ...]
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle_x(self) -> float:
        return (self.left + self.right) / 2

    @property
    def middle_y(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def size(self) -> float:
        """Font size in points."""
        return self.pieces[0].size

    def over(self, strips: Sequence[Strip]) -> list[int]:
        """The strips that the text reaches into."""
        return [i for i, (left, right) in enumerate(strips) if self.left < right and self.right > left]


def closed_up(line: Sequence[Piece]) -> list[Piece]:
    """The pieces of a line with words in several pieces made one: set character by character (合  计), or broken where

    a program began anew.
    """
    found: list[Piece] = []
    for piece in line:
        before = found[-1] if found else None
        if before is not None and (_is_spaced(before, piece) or _runs_on(before, piece)):
            found[-1] = Piece((*before.chars, *piece.chars))
        else:
            found.append(piece)
    return found


def _is_spaced(before: Piece, piece: Piece) -> bool:
    return len(piece.text) == 1 and bool(_SPACED.fullmatch(before.text + piece.text))


def _runs_on(before: Piece, piece: Piece) -> bool:
    """Whether two pieces of Chinese text follow one another without a gap."""
    words = not before.text[-1].isascii() and not piece.text[0].isascii()
    return words and 0 <= piece.x0 - before.x1 + 0.1 * piece.size <= (_ONE_WORD + 0.1) * piece.size


def headings_of(pieces: Sequence[Piece], pitch: float, lines: Sequence[Ruling] = ()) -> list[Heading]:
    """Pieces below one another within a line's pitch as one heading each; none goes on across one of the level lines."""
    stacks: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.middle_y, p.x0)):
        over = [stack for stack in stacks if _goes_on(stack, piece, pitch, lines)]
        merged = [p for stack in over for p in stack]
        stacks = [stack for stack in stacks if stack not in over]
        stacks.append([*merged, piece])
    return [
        Heading(
            tuple(stack),
            min(p.x0 for p in stack),
            min(p.middle_y - p.size / 2 for p in stack),
            max(p.x1 for p in stack),
            max(p.middle_y + p.size / 2 for p in stack),
        )
        for stack in stacks
    ]


def _goes_on(stack: Sequence[Piece], piece: Piece, pitch: float, lines: Sequence[Ruling]) -> bool:
    near = pitch * piece.size
    return any(
        piece.middle_y - above.middle_y <= near
        and piece.x0 < above.x1
        and piece.x1 > above.x0
        and not _is_parted(above, piece, lines)
        for above in stack
    )


def _is_parted(above: Piece, below: Piece, lines: Sequence[Ruling]) -> bool:
    """Whether a level line runs between two pieces, one under the other."""
    left, right = max(above.x0, below.x0), min(above.x1, below.x1)
    return any(above.middle_y < r.at < below.middle_y and r.start < right and r.end > left for r in lines)


def with_headings_beside(headings: Sequence[Heading], strips: Sequence[Strip]) -> list[Strip]:
    """The strips; those without any heading over them reach to the ones beside them, where it is plain which.

    Short numbers set to the right of a wide column stand beside the heading in its middle. Between columns with headings
    over them there must be as many such strips as such headings, group headings above these left aside.
    """
    found = list(strips)
    loose = [h for h in headings if not h.over(strips)]
    headed = [_is_headed(index, strips, headings, loose) for index in range(len(strips))]
    start = 0
    while start < len(strips):
        end = start
        while end < len(strips) and not headed[end]:
            end += 1
        if end > start:
            low = strips[start - 1][1] if start else -math.inf
            high = strips[end][0] if end < len(strips) else math.inf
            between = [h for h in loose if low < h.left and h.right < high]
            own = _lowest(between, end - start)
            joined = [
                (min(s[0], h.left), max(s[1], h.right)) for s, h in zip(strips[start:end], own, strict=False)
            ]
            bounds = [(-math.inf, low), *joined, (high, math.inf)]
            if len(own) == end - start and all(a[1] < b[0] for a, b in pairwise(bounds)):
                found[start:end] = joined
        start = end + 1
    return found


def _is_headed(
    index: int, strips: Sequence[Strip], headings: Sequence[Heading], loose: Sequence[Heading]
) -> bool:
    """Whether a heading stands over a strip alone, and none beside it stands lower: the upper one names a group then."""
    own = [h for h in headings if h.over(strips) == [index]]
    low = strips[index - 1][1] if index else -math.inf
    high = strips[index + 1][0] if index + 1 < len(strips) else math.inf
    lowest = max((h.middle_y for h in own), default=-math.inf)
    return bool(own) and not any(
        low < h.left and h.right < high and h.middle_y - lowest >= APART * h.size for h in loose
    )


def _lowest(headings: Sequence[Heading], count: int) -> list[Heading]:
    """So many headings from the lowest up, from left to right; none where it is open which."""
    ordered = sorted(headings, key=lambda h: -h.middle_y)
    if len(ordered) < count:
        return []
    if (
        len(ordered) > count
        and ordered[count - 1].middle_y - ordered[count].middle_y < APART * ordered[0].size
    ):
        return []
    return sorted(ordered[:count], key=lambda h: h.left)
