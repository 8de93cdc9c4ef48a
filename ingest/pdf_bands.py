"""Rows of a drawn table that no line parts: told apart by where their text stands.

A frame's row that holds several numbers below one another in a cell is several rows of the table. Each line with numbers
is one; a line of words alone belongs to the row that it touches or clearly stands nearer to. Where that is not clear the
row is made one cell from side to side, so that nothing in it is read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from mingzhang.ingest.amounts import fold_digits, is_amount
from mingzhang.ingest.pdf_cells import Frame, FrameCell
from mingzhang.ingest.pdf_pieces import Piece, lines_of_pieces
from mingzhang.ingest.pdf_tables import TableText, read_table

# Lines of one text overlap or touch by this much (font sizes); rows keep apart.
_TOUCHES = 0.25
# A gap is clearly smaller than another where it is at most this share of it.
_CLEARLY = 0.6
# A row that has no amounts keeps the usual distance from its neighbours, but for this share.
_USUAL = 0.8
# Lines of one cell are no further apart than this (font sizes).
_LINES_OF_A_CELL = 0.6
_BEGINS_ROW = re.compile(
    r"[\[【(（]?[0-9]{3,9}(?![0-9.,])|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）]|.{0,6}[合总小]计$"
)
_NOT_ZERO = re.compile(r"[1-9]")
_WORD = re.compile(r"[\u4e00-\u9fff]")
_AMOUNT = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
# What stands between amounts on lines of their own: a break, a bracket, a dash for nothing.
_BETWEEN = re.compile(r"(?=.*[\s()（）])[\s()（）\-−–—*]+")
_ENDS_IN_INDEX = re.compile(r"(?:^|[^0-9.,])(?:\*+|[0-9]{1,2})$")
_INDEX = re.compile(r"\*+|[0-9]{1,2}|栏次|行次")
_ENOUGH_INDEXES = 2
# Digits of a part of a code: 类 has three, 款 and 项 two each.
_SHORT = 3


@dataclass(frozen=True)
class _Line:
    """A line of text of a band: its pieces, its upper and lower edge, and whether numbers stand on it."""

    pieces: tuple[Piece, ...]
    top: float
    bottom: float
    numbers: bool

    @property
    def begins_row(self) -> bool:
        """Whether its first text is how a row begins: a code, a number, a total's name."""
        return bool(_BEGINS_ROW.match(fold_digits(self.pieces[0].text)))

    @property
    def size(self) -> float:
        return max(piece.size for piece in self.pieces)


def read_rows_of_text(frame: Frame, pieces: Sequence[Piece]) -> TableText:
    """The table of a frame, with a row for each row of text where its rulings leave several together."""
    table = read_table(frame, pieces)
    rows = {c.row for c, t in zip(frame.cells, table.texts, strict=True) if _holds_several(t.text)}
    heads = _rows_with_index(table) - rows
    if not rows and not heads:
        return table
    by_row: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_row[frame.slot(piece.middle_x, piece.middle_y)[0]].append(piece)
    ys, cells = list(frame.ys), list(frame.cells)
    for row in sorted(rows | heads, reverse=True):
        cuts = _cuts(by_row[row]) if row in rows else _cut_above_index(by_row[row])
        if cuts is None:
            cells = _one_cell(cells, row, len(frame.xs) - 1)
        elif cuts:
            ys[row + 1 : row + 1] = cuts
            cells = _divided(cells, row, len(cuts), ends=row not in rows)
    divided = replace(frame, ys=tuple(ys), cells=tuple(sorted(cells, key=lambda c: (c.row, c.column))))
    return read_table(divided, pieces)


def _holds_several(text: str) -> bool:
    """Whether a cell's text is several amounts and nothing else; a code that a narrow column breaks is none."""
    amounts = _AMOUNT.findall(fold_digits(text))
    long = [amount for amount in amounts if len(amount) > _SHORT]
    is_money = any("." in amount or "," in amount for amount in amounts) or len(long) > 1
    return len(amounts) > 1 and is_money and bool(_BETWEEN.fullmatch(_AMOUNT.sub("", fold_digits(text))))


def _rows_with_index(table: TableText) -> set[int]:
    """The rows of the frame whose cells all end in a number of a column, below their heading."""
    ending: dict[int, list[str]] = defaultdict(list)
    for cell, text in zip(table.frame.cells, table.texts, strict=True):
        if text.text:
            ending[cell.row + cell.row_span - 1].append(text.text)
    return {
        row
        for row, texts in ending.items()
        if len(texts) >= _ENOUGH_INDEXES
        and all(_ENDS_IN_INDEX.search(text) for text in texts)
        and any(_WORD.search(text) for text in texts)
    }


def _is_index(last: Sequence[Sequence[Piece]]) -> bool:
    """Whether the last line of a row numbers the columns."""
    texts = [fold_digits(piece.text) for line in last for piece in line]
    return len(texts) >= _ENOUGH_INDEXES and all(_INDEX.fullmatch(text) for text in texts)


def _cut_above_index(pieces: Sequence[Piece]) -> list[float] | None:
    """Where a row of headings is to be cut so that its last line, the column numbers, is a row of its own."""
    *above, last = lines_of_pieces(pieces)
    if not above or not _is_index([last]):
        return []
    bottom = max(p.middle_y + p.size / 2 for line in above for p in line)
    top = min(p.middle_y - p.size / 2 for p in last)
    return [(bottom + top) / 2] if bottom <= top + _TOUCHES * last[0].size else None


def _cuts(pieces: Sequence[Piece]) -> list[float] | None:
    """Where a row is to be cut, from the top down; None where its rows cannot be told apart."""
    lines = [
        _Line(
            tuple(line),
            min(p.middle_y - p.size / 2 for p in line),
            max(p.middle_y + p.size / 2 for p in line),
            any(is_amount(p.text) for p in line),
        )
        for line in lines_of_pieces(pieces)
    ]
    if any(_may_be_one_amount(above, below) for above, below in pairwise(lines)):
        return None
    groups = _groups(lines)
    if groups is None or not all(_is_named(group) for group in groups):
        return None
    cuts = []
    for above, below in pairwise(groups):
        bottom, top = max(line.bottom for line in above), min(line.top for line in below)
        if bottom - top > _TOUCHES * above[0].size:
            return None
        cuts.append((bottom + top) / 2)
    return cuts


def _may_be_one_amount(above: _Line, below: _Line) -> bool:
    """Whether amounts on two lines close to one another may be one that a narrow cell breaks: 987,526.94 over 42.

    Such halves never have the same number of decimal places; of two without any nothing tells.
    """
    if below.top - above.bottom > _LINES_OF_A_CELL * above.size or below.begins_row:
        return False
    for one in above.pieces:
        for other in below.pieces:
            texts = fold_digits(one.text), fold_digits(other.text)
            beside = one.x0 < other.x1 and other.x0 < one.x1
            if beside and all(is_amount(text) and _NOT_ZERO.search(text) for text in texts):
                places = [len(text.partition(".")[2]) for text in texts]
                if places[0] != places[1] or not places[0]:
                    return True
    return False


def _is_named(group: Sequence[_Line]) -> bool:
    """Whether a row of text has words: amounts without a name of their own may be anyone's."""
    return any(_WORD.search(piece.text) for line in group for piece in line.pieces)


def _groups(lines: Sequence[_Line]) -> list[list[_Line]] | None:
    """The lines of each row of text; None where a line of words could belong to either neighbour."""
    gaps = [below.top - above.bottom for above, below in pairwise(lines)]
    between = [g for g, a, b in zip(gaps, lines[:-1], lines[1:], strict=True) if a.numbers and b.numbers]
    usual = sorted(between)[len(between) // 2] if between else None
    joined = [False] * len(gaps)
    for index, line in enumerate(lines):
        if line.numbers:
            continue
        before = gaps[index - 1] if index else float("inf")
        after = gaps[index] if index < len(gaps) else float("inf")
        near = min(before, after)
        if near <= -_TOUCHES * line.size or near < _CLEARLY * max(before, after) != float("inf"):
            joined[index - 1 if before <= after else index] = True
        elif usual is None or near < _USUAL * usual:
            return None
    groups = [[lines[0]]]
    for line, with_above in zip(lines[1:], joined, strict=True):
        if with_above:
            groups[-1].append(line)
        else:
            groups.append([line])
    within = [g for g, with_above in zip(gaps, joined, strict=True) if with_above]
    apart = [g for g, with_above in zip(gaps, joined, strict=True) if not with_above]
    # Boxes of lines may overlap, so that gaps are below zero: rows keep apart by more than lines of one text all the same.
    clear = min(min(apart) - _TOUCHES * lines[0].size, _USUAL * min(apart)) if apart else 0.0
    if within and apart and max(within) > clear:
        return None
    if any(sum(line.numbers for line in group) > 1 for group in groups):
        return None
    return groups


def _one_cell(cells: Sequence[FrameCell], row: int, width: int) -> list[FrameCell]:
    """The cells with those of a row made one; cells that reach into it from other rows end before or begin after it."""
    kept: list[FrameCell] = [FrameCell(row, 0, 1, width)]
    for cell in cells:
        above, below = row - cell.row, cell.row + cell.row_span - row - 1
        if above < 0 or below < 0:
            kept.append(cell)
            continue
        if above:
            kept.append(replace(cell, row_span=above))
        if below:
            kept.append(replace(cell, row=row + 1, row_span=below))
    return kept


def _divided(cells: Sequence[FrameCell], row: int, cuts: int, *, ends: bool) -> list[FrameCell]:
    """The cells with those of a row divided into one more than `cuts`.

    A cell that reaches into the row from above reaches over all its parts; over the first alone where it `ends` there.
    """
    kept: list[FrameCell] = []
    for cell in cells:
        last = cell.row + cell.row_span - 1
        if cell.row > row:
            kept.append(replace(cell, row=cell.row + cuts))
        elif cell.row == row and cell.row_span == 1:
            kept += [replace(cell, row=row + part) for part in range(cuts + 1)]
        elif ends and last == row:
            kept += [cell, *(replace(cell, row=row + part, row_span=1) for part in range(1, cuts + 1))]
        elif last >= row:
            kept.append(replace(cell, row_span=cell.row_span + cuts))
        else:
            kept.append(cell)
    return kept
