"""A frame of cells and the pieces on the page → a table of texts, row by row.

A number belongs to one cell whole. Where it runs over a ruling, the cell it is set against (right or left) has it; where
that is not plain it is left between the cells, joined to nothing, and is read as no amount.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mingzhang.ingest.amounts import fold_digits, is_amount
from mingzhang.ingest.pdf_cells import Frame, FrameCell
from mingzhang.ingest.pdf_pieces import Piece, PlacedText, joined_texts, lines_of_pieces, placed_line

_NUMBER_CHAR = re.compile(r"[0-9.,\-]")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?|-?[0-9]+\.[0-9]+")
_ONE_PLACE = re.compile(r"-?[0-9,]+\.[0-9]")
_DIGIT = re.compile(r"[0-9]")
_TWO = 2
# Codes of functions begin with 2, economic ones with 3 and 5; they have 3, 5 or 7 digits.
_CODE = re.compile(r"[235](?:[0-9]{4}|[0-9]{6})")
_CODE_LENGTHS = (3, 5, 7)
# How near (font sizes) text set against a cell's side comes to it.
_SET_AGAINST = 0.8


@dataclass(frozen=True)
class TableText:
    """A ruled table of one page: the frame, and the text of each of its cells (in the order of `frame.cells`)."""

    frame: Frame
    texts: tuple[PlacedText, ...]


def read_table(frame: Frame, pieces: Iterable[Piece]) -> TableText:
    """The cells of a frame with their text; `pieces` are those inside its outer lines."""
    owners = frame.owners()
    inside: dict[FrameCell, list[Piece]] = defaultdict(list)
    pieces = list(pieces)
    for piece in pieces:
        for cell, part in _by_cell(piece, frame, owners, pieces):
            inside[cell].append(part)
    return TableText(frame, tuple(_cell_text(cell, inside[cell], frame) for cell in frame.cells))


def _by_cell(
    piece: Piece, frame: Frame, owners: dict[tuple[int, int], FrameCell], others: Sequence[Piece]
) -> list[tuple[FrameCell, Piece]]:
    """A piece, or its parts, each with the cell it belongs to; `others` are all pieces of the table."""

    def cell_at(x: float) -> FrameCell:
        return owners[frame.slot(x, piece.middle_y)]

    if cell_at(piece.x0 + 0.5) is cell_at(piece.x1 - 0.5):
        return [(cell_at(piece.middle_x), piece)]
    if not _DIGIT.search(fold_digits(piece.text)) and any(_lies_over(piece, other) for other in others):
        # Words too wide for their cell run into the next one, over what stands there.
        return [(cell_at(piece.x0 + 0.5), piece)]
    found: list[tuple[FrameCell, Piece]] = []
    for part in _numbers_apart(piece):
        if _NUMBER_CHAR.match(fold_digits(part.text)) and _DIGIT.search(fold_digits(part.text)):
            # Digits without a gap are never divided: parts of a number are other numbers.
            found.append((_cell_of_number(part, frame, owners), part))
        else:
            found += _split_at_rulings(part, frame, owners)
    return found


def _lies_over(piece: Piece, other: Piece) -> bool:
    """Whether a piece ends over another on the same line."""
    near = abs(piece.middle_y - other.middle_y) < other.size / 2
    return near and piece.x0 < other.x0 < piece.x1 - 0.5 < other.x1


def _numbers_apart(piece: Piece) -> list[Piece]:
    """A piece cut where a number begins or ends."""
    parts: list[list[int]] = []
    kinds = [bool(_NUMBER_CHAR.fullmatch(fold_digits(char.text))) for char in piece.chars]
    for index, kind in enumerate(kinds):
        if parts and kinds[parts[-1][-1]] == kind:
            parts[-1].append(index)
        else:
            parts.append([index])
    return [Piece(tuple(piece.chars[i] for i in part)) for part in parts]


def _split_at_rulings(
    piece: Piece, frame: Frame, owners: dict[tuple[int, int], FrameCell]
) -> list[tuple[FrameCell, Piece]]:
    found: list[tuple[FrameCell, Piece]] = []
    for char in piece.chars:
        cell = owners[frame.slot((char.x0 + char.x1) / 2, piece.middle_y)]
        if found and found[-1][0] is cell:
            found[-1] = (cell, Piece((*found[-1][1].chars, char)))
        else:
            found.append((cell, Piece((char,))))
    return found


def _cell_of_number(piece: Piece, frame: Frame, owners: dict[tuple[int, int], FrameCell]) -> FrameCell:
    """The cell that a number running over a ruling is set against: its right side, else its left, else the middle."""
    last = owners[frame.slot(piece.x1 - 0.5, piece.middle_y)]
    first = owners[frame.slot(piece.x0 + 0.5, piece.middle_y)]
    near = _SET_AGAINST * piece.size
    if abs(frame.xs[last.column + last.column_span] - piece.x1) <= near:
        return last
    if abs(piece.x0 - frame.xs[first.column]) <= near:
        return first
    return owners[frame.slot(piece.middle_x, piece.middle_y)]


def _cell_text(cell: FrameCell, pieces: Sequence[Piece], frame: Frame) -> PlacedText:
    """The text of a cell, its lines joined."""
    lines = lines_of_pieces(pieces)
    parts = [placed_line(line) for line in lines]
    right = frame.xs[cell.column + cell.column_span]
    fills = [right - line[-1].x1 < 1.2 * line[-1].size for line in lines]
    between = [_joint(a.text, b.text, full) for a, b, full in zip(parts, parts[1:], fills, strict=False)]
    if len(lines) == _TWO and _is_broken_code(lines[0], lines[1], frame.xs[cell.column], right):
        between = [""]
    return joined_texts(parts, between)


def _is_broken_code(above: Sequence[Piece], below: Sequence[Piece], left: float, right: float) -> bool:
    """Whether two lines are a code that its narrow cell breaks: 20108 over 01, where not one digit more has room.

    The halves are no two codes, since one of them has another number of digits than codes have; and no two amounts below
    one another, which are set right.
    """
    if len(above) != 1 or len(below) != 1:
        return False
    one, other = fold_digits(above[0].text), fold_digits(below[0].text)
    if not _CODE.fullmatch(one + other) or (len(one) in _CODE_LENGTHS and len(other) in _CODE_LENGTHS):
        return False
    digit = (above[0].x1 - above[0].x0) / len(one)
    is_full = right - above[0].x1 < digit + max(above[0].x0 - left, 0.0)
    middles = abs(above[0].middle_x - below[0].middle_x)
    return is_full and min(abs(above[0].x0 - below[0].x0), middles) < 1


def _joint(before: str, after: str, fills_cell: bool) -> str:
    """What stands between two lines of a cell: nothing within a wrapped word or number, else a space.

    Two amounts below one another must never become one: only a number that fills its line and goes on as a number does
    is joined.
    """
    if not (before[-1:].isascii() and after[:1].isascii()):
        return ""
    folded = fold_digits(before + after)
    wrapped = fills_cell and not is_amount(before) and bool(_GROUPED.fullmatch(folded))
    goes_on = fills_cell and after[:1] in ".," and bool(_GROUPED.fullmatch(folded))
    # 21,118.5 over 1: money has two places (or none), so the last digit alone is the rest of the first.
    cents = fills_cell and bool(_ONE_PLACE.fullmatch(fold_digits(before))) and bool(_DIGIT.fullmatch(after))
    return "" if wrapped or goes_on or cents else " "
