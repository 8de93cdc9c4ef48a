"""Stretches of a page that may be tables without upright lines.

They stand between level lines of one width, or below a line that says the unit of money.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mingzhang.ingest.amounts import fold_digits, is_amount
from mingzhang.ingest.pdf_cells import Frame
from mingzhang.ingest.pdf_pieces import Piece, lines_of_pieces
from mingzhang.ingest.pdf_rulings import Ruling

_MONEY = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|-?[0-9]+\.[0-9]+")
_INDEX = re.compile(r"\*+|[0-9]{1,2}(?:=[0-9+\-—~…()（）]+)?|栏次|行次")
_UNIT = re.compile(r"单位[:：]\s*[(（]?\s*(?:人民币)?\s*(?:万元|千元|亿元|元)")
_ENDS = re.compile(
    r"^(?:注|备注|说明)[:：]|。$|表(?:[(（].*[)）])?$|^[\u4e00-\u9fff]{0,6}表[0-9一二三四五六七八九十]{1,3}(?:[-—][0-9]{1,2})?$"
)
_PAGE_NUMBER = re.compile(r"^[-—–－]+[0-9]{1,3}[-—–－]+$|^第[0-9]{1,3}页(?:[,，/]?共[0-9]{1,3}页)?$")
# Alone, a number is a page's where it is the last line.
_BARE_NUMBER = re.compile(r"^[0-9]{1,3}$")
# Rows keep at least this share of the distance that they usually have.
_USUAL = 0.9
# Lines of one cell are no further apart than this (font sizes).
_LINES_OF_A_CELL = 2.0
# Lines of one table begin and end alike (points).
ALIKE = 4.0


@dataclass(frozen=True)
class Block:
    """A stretch of a page that may be a table: its pieces, its extent, and the level lines drawn in it."""

    pieces: tuple[Piece, ...]
    left: float
    top: float
    right: float
    bottom: float
    lines: tuple[Ruling, ...]
    ruled: bool
    """Whether its sides are those of its lines; else they are where its text ends."""

    def is_whole(self, ruling: Ruling) -> bool:
        """Whether a line runs from side to side; where no sides are drawn, over all of the text."""
        room = ALIKE if self.ruled else ALIKE + self.margin
        return ruling.start <= self.left + room and ruling.end >= self.right - room

    @property
    def margin(self) -> float:
        """How far its sides stand outside its text, in points, where they are not drawn."""
        return max((p.size for p in self.pieces), default=0.0) / 2


def ruled_blocks(free: Sequence[Ruling], pieces: Sequence[Piece]) -> list[Block]:
    """The blocks between level lines of one width."""
    blocks: list[Block] = []
    left = list(free)
    while left:
        widest = max(left, key=lambda r: r.end - r.start)
        alike = [r for r in left if is_alike(r, widest)]
        inside = [r for r in left if r.start >= widest.start - ALIKE and r.end <= widest.end + ALIKE]
        left = [r for r in left if r not in inside and r not in alike]
        for top, bottom in _stretches(sorted(r.at for r in alike), widest, pieces):
            own = [
                p for p in pieces if top < p.middle_y < bottom and widest.start <= p.middle_x <= widest.end
            ]
            lines = tuple(r for r in inside if top - 1 <= r.at <= bottom + 1)
            blocks.append(Block(tuple(own), widest.start, top, widest.end, bottom, lines, ruled=True))
    return blocks


def is_alike(one: Ruling, other: Ruling) -> bool:
    """Whether two level lines begin and end at the same places across."""
    return abs(one.start - other.start) <= ALIKE and abs(one.end - other.end) <= ALIKE


def _stretches(ys: Sequence[float], widest: Ruling, pieces: Sequence[Piece]) -> list[tuple[float, float]]:
    """(top, bottom) of each table among lines of one width: a caption between two of them parts two tables."""
    found: list[tuple[float, float]] = []
    start = 0
    for index in range(1, len(ys) + 1):
        if index < len(ys):
            between = [p for p in pieces if ys[index - 1] < p.middle_y < ys[index]]
            if not any(captions_table(line) for line in lines_of_pieces(between)):
                continue
        if index - start > 1:
            found.append((ys[start], ys[index - 1]))
        start = index
    return found


def unruled_blocks(pieces: Sequence[Piece], frames: Sequence[Frame], free: Sequence[Ruling]) -> list[Block]:
    """The blocks below a line that says the unit of money, down to the next line of another kind."""
    blocks: list[Block] = []
    lines = lines_of_pieces(pieces)
    tops = [frame.ys[0] for frame in frames]
    for index, line in enumerate(lines):
        if not says_unit(line):
            continue
        own: list[list[Piece]] = []
        for following in lines[index + 1 :]:
            above = own[-1][0].middle_y if own else line[0].middle_y
            crosses = any(above < top < following[0].middle_y for top in tops)
            if crosses or says_unit(following) or ends_table(following, following is lines[-1]):
                break
            own.append(following)
        own = without_text_below(own)
        if own:
            blocks.append(block_of_text(own, free))
    return blocks


def block_of_text(own: Sequence[Sequence[Piece]], free: Sequence[Ruling]) -> Block:
    """The block of lines of text whose sides no line shows: half a character beyond its text."""
    inside = tuple(p for each in own for p in each)
    size = max(p.size for p in inside)
    left, right = min(p.x0 for p in inside) - size / 2, max(p.x1 for p in inside) + size / 2
    top, bottom = own[0][0].middle_y - size, own[-1][0].middle_y + size
    lines = tuple(r for r in free if top < r.at < bottom and r.start < right and r.end > left)
    return Block(inside, left, top, right, bottom, lines, ruled=False)


def says_unit(line: Sequence[Piece]) -> bool:
    """Whether a line says the unit of money."""
    return bool(_UNIT.search("".join(piece.text for piece in line)))


def captions_table(line: Sequence[Piece]) -> bool:
    """Whether a line between two tables parts them: it says a unit, a title, or a note."""
    return says_unit(line) or bool(_ENDS.search("".join(piece.text for piece in line)))


def is_page_number(line: Sequence[Piece]) -> bool:
    """Whether a line is nothing but a page's number, in however many pieces."""
    return bool(_PAGE_NUMBER.search("".join(piece.text for piece in line)))


def is_bare_number(line: Sequence[Piece]) -> bool:
    """Whether a line is a short number: a page's where it is the first or the last one."""
    return bool(_BARE_NUMBER.search("".join(piece.text for piece in line)))


def ends_table(line: Sequence[Piece], is_last: bool) -> bool:
    """Whether a line stands below a table: a note, a title, or a page's number, in however many pieces."""
    if is_page_number(line) or (is_last and is_bare_number(line)):
        return True
    return len(line) == 1 and bool(_ENDS.search(line[0].text))


def without_text_below(lines: list[list[Piece]]) -> list[list[Piece]]:
    """The lines of a table without what stands below its last amounts and further off than its rows are from another.

    Such lines are notes, titles and paragraphs; what stands nearer may be the rest of a label.
    """
    data = [index for index, line in enumerate(lines) if is_data(line)]
    if not data or data[-1] == len(lines) - 1:
        return lines
    last, below = lines[data[-1]], lines[data[-1] + 1]
    apart = below[0].middle_y - last[0].middle_y
    usual = [lines[b][0].middle_y - lines[a][0].middle_y for a, b in pairwise(data)]
    enough = _USUAL * min(usual) if usual else _LINES_OF_A_CELL * last[0].size
    return lines[: data[-1] + 1] if apart >= enough else lines


def is_data(line: Sequence[Piece]) -> bool:
    """Whether a line is of the body: it has an amount or a code, or a total's name beside blanks."""
    texts = [fold_digits(piece.text) for piece in line]
    if any(_MONEY.fullmatch(text) for text in texts):
        return True
    return not numbers_columns(line) and any(is_amount(text) for text in texts)


def numbers_columns(line: Sequence[Piece]) -> bool:
    texts = [fold_digits(piece.text) for piece in line]
    return all(_INDEX.fullmatch(text) for text in texts)
