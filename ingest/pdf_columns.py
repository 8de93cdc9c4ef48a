"""Tables drawn without upright lines, or without any: columns from where their text stands → frames of cells.

Only what leaves no choice is read: columns are the strips of a page that body text keeps to, parted by gaps that no row
crosses; every one has a heading of its own, over it alone. A heading over several columns is believed only where a line
drawn below it shows how far it reaches. Anything else is left as lines of text, its numbers unread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mingzhang.ingest.amounts import fold_digits
from mingzhang.ingest.pdf_blocks import (
    ALIKE,
    Block,
    is_data,
    numbers_columns,
    ruled_blocks,
    says_unit,
    unruled_blocks,
)
from mingzhang.ingest.pdf_cells import Frame, FrameCell
from mingzhang.ingest.pdf_heading_texts import closed_up
from mingzhang.ingest.pdf_headings import HeadArea, read_head
from mingzhang.ingest.pdf_pieces import Piece, lines_of_pieces
from mingzhang.ingest.pdf_rulings import Ruling, Rulings

_MONEY = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|-?[0-9]+\.[0-9]+")
_TOTAL = re.compile(r"[\u4e00-\u9fff]{0,6}[合总小]计")
_MONEY_BESIDE_WORD = re.compile(r"[0-9]\.[0-9]{2,6}[\u4e00-\u9fff]|[\u4e00-\u9fff][0-9,]+\.[0-9]{2}")
_WORD = re.compile(r"[\u4e00-\u9fff]")
_DIGITS = re.compile(r"[-−–(（]*[0-9][0-9.,]*[)）]?")
_YEAR = re.compile(r"20[0-9]{2}")
_STAMP = re.compile(r"^(?:编制|填报|预算|公开)?(?:部门|单位|日期|时间)(?:名称)?[:：]")
# What is printed for nothing.
_DASH = re.compile(r"[-—–－]+")
# Columns keep apart by this much (points), in every row.
_RIVER = 1.5
# Fewer rows of money prove no columns.
_ENOUGH_ROWS = 2
# Above its first amount, a body has at most so many lines: those of a label that is broken over lines.
_MOST_LABEL_LINES = 3
_ENOUGH_COLUMNS = 2


@dataclass(frozen=True)
class TextTable:
    """The frame of a table, how many of its rows are those of its head, and the strips its columns keep to."""

    frame: Frame
    head_rows: int
    strips: tuple[tuple[float, float], ...]


def text_frames(rulings: Rulings, frames: Sequence[Frame], pieces: Sequence[Piece]) -> list[Frame]:
    """The frames of the tables among pieces that stand in no drawn frame, from the top down."""
    free = free_rulings(rulings, frames)
    found: list[Frame] = []
    refused: list[Block] = []
    for block in ruled_blocks(free, pieces):
        table = frame_of(block)
        if table is not None:
            found.append(table.frame)
        elif not any(says_unit([piece]) for piece in block.pieces):
            refused.append(block)
    rest = [p for p in pieces if not any(frame.contains(p.middle_x, p.middle_y) for frame in found)]
    for block in unruled_blocks(rest, [*frames, *found], free):
        # What is open with the sides of a table known is not plainer without them.
        if any(block.pieces[0] in other.pieces for other in refused):
            continue
        table = frame_of(block)
        if table is not None:
            found.append(table.frame)
    return sorted(found, key=lambda frame: frame.ys[0])


def free_rulings(rulings: Rulings, frames: Sequence[Frame]) -> list[Ruling]:
    """The level lines that stand in no frame."""
    return [
        r
        for r in rulings.horizontal
        if not any(frame.ys[0] - ALIKE <= r.at <= frame.ys[-1] + ALIKE for frame in frames)
    ]


def frame_of(block: Block) -> TextTable | None:
    """The table of a block; None where its columns or headings leave a choice."""
    lines = [closed_up(line) for line in lines_of_pieces(block.pieces)]
    first = next((i for i, line in enumerate(lines) if is_data(line)), 0)
    rows = sum(1 for line in lines if is_data(line))
    if not first or rows < (1 if _has_head_line(block, lines, first) else _ENOUGH_ROWS):
        return None
    found = {
        (table.frame.xs, table.frame.cells): table
        for start in _body_starts(block, lines, first)
        if (table := _table_from(block, lines, start)) is not None
    }
    return next(iter(found.values())) if len(found) == 1 else None


def _table_from(block: Block, lines: Sequence[Sequence[Piece]], start: int) -> TextTable | None:
    """The table of a block whose first row of the body is on line `start`."""
    head, body = list(lines[:start]), lines[start:]
    numbers: list[Sequence[Piece]] = []
    while head and numbers_columns(head[-1]):
        numbers.insert(0, head.pop())
    while head and _is_stamp(head[0]):
        head.pop(0)
    if not head or any(_is_number(piece) for line in head for piece in line):
        return None
    strips = strips_of([p for line in body for p in line])
    if _mixes_money_with_words(body, strips):
        return None
    # The numbers of columns stand in them as the body does; but one of them may be set over several.
    if numbers:
        table = _table_over(
            block, strips_of([p for ln in (*numbers, *body) for p in ln]), head, numbers, body
        )
        if table is not None:
            return table
    table = _table_over(block, strips, head, numbers, body)
    if table is None or all(_stand_apart(line, table.frame) for line in numbers):
        return table
    # Wide columns with short texts at a side: the numbers in their middles say where they are.
    wide = _with_numbers(table, numbers[0])
    table = _table_over(block, wide, head, numbers, body) if wide else None
    return table if table is not None and all(_stand_apart(ln, table.frame) for ln in numbers) else None


def _stand_apart(line: Sequence[Piece], frame: Frame) -> bool:
    """Whether the numbers of columns stand in a column each; those of all columns, each in its own."""
    columns = [frame.slot(piece.middle_x, frame.ys[0])[1] for piece in line]
    every = len(columns) == len(frame.xs) - 1
    return columns == list(range(len(columns))) if every else columns == sorted(set(columns))


def _with_numbers(table: TextTable, numbers: Sequence[Piece]) -> list[tuple[float, float]]:
    """The strips of a table's columns, each with its number; none where it has not as many numbers, or they overlap."""
    if len(numbers) != len(table.strips):
        return []
    wide = [(min(s[0], p.x0), max(s[1], p.x1)) for s, p in zip(table.strips, numbers, strict=True)]
    return wide if all(one[1] < other[0] for one, other in pairwise(wide)) else []


def _table_over(
    block: Block,
    strips: Sequence[tuple[float, float]],
    head: Sequence[Sequence[Piece]],
    numbers: Sequence[Sequence[Piece]],
    body: Sequence[Sequence[Piece]],
) -> TextTable | None:
    """The table whose body keeps to these strips, below lines of headings and lines that number the columns."""
    bottom = _edge_below(block, head, (*numbers, *body)[0])
    top = max([r.at for r in block.lines if block.is_whole(r) and r.at < _top(head[0])], default=block.top)
    inside = tuple(
        r for r in block.lines if top + ALIKE < r.at < bottom - 1 and not _underlines_text(r, head)
    )
    area = HeadArea(block.left, top, block.right, bottom, inside, block.ruled)
    found = read_head([p for line in head for p in line], strips, area)
    if found is None or len(found.strips) < _ENOUGH_COLUMNS:
        return None
    if any(high - low < _RIVER / 2 for low, high in found.between):
        return None
    xs = (block.left, *((low + high) / 2 for low, high in found.between), block.right)
    rows = [bottom]
    for line, following in pairwise((*numbers, body[0])):
        rows.append(_edge_below(block, [line], following))
    ys = (*found.edges, *_row_edges(block, rows))
    height, width = len(found.edges), len(found.strips)
    cells = [FrameCell(row, column, 1, 1) for row in range(height, len(ys) - 1) for column in range(width)]
    ordered = tuple(sorted((*found.cells, *cells), key=lambda c: (c.row, c.column)))
    return TextTable(Frame(xs, ys, ordered, by_text=True), height + len(numbers), found.strips)


def _is_number(piece: Piece) -> bool:
    """Whether a text of the head is a number or the beginning of one, and no year: then it is no head."""
    text = fold_digits(piece.text)
    return bool(_DIGITS.fullmatch(text)) and not _YEAR.fullmatch(text)


def _is_stamp(line: Sequence[Piece]) -> bool:
    """Whether a line says whose the table is, or when it was made."""
    return bool(_STAMP.search("".join(piece.text for piece in line)))


def _body_starts(block: Block, lines: Sequence[Sequence[Piece]], first: int) -> list[int]:
    """The lines that the body may begin with: below a line drawn from side to side, or any so near above its amounts.

    Above the first amount there may be rows without any, and the first lines of a label.
    """
    above = _lines_between(block, lines, first)
    if above:
        below = [next(i for i, line in enumerate(lines) if line[0].middle_y > y) for y in above[-2:]]
        # What numbers the columns is of the head, wherever a line is drawn.
        numbered = [
            next(i for i in range(start, first + 1) if not numbers_columns(lines[i])) for start in below
        ]
        return sorted(set(numbered))
    starts = [first]
    while starts[-1] > 1 and first - starts[-1] < _MOST_LABEL_LINES and len(lines[starts[-1] - 1]) == 1:
        starts.append(starts[-1] - 1)
    return starts


def _lines_between(block: Block, lines: Sequence[Sequence[Piece]], first: int) -> list[float]:
    """Where level lines run from side to side between the top of a block and its line of text `first`."""
    whole = sorted(r.at for r in block.lines if block.is_whole(r))
    return [y for y in whole if _top(lines[0]) < y < lines[first][0].middle_y]


def _has_head_line(block: Block, lines: Sequence[Sequence[Piece]], first: int) -> bool:
    """Whether lines drawn from side to side frame a head, with the first row of the body below it: one row is enough."""
    return block.ruled and bool(_lines_between(block, lines, first))


def _top(line: Sequence[Piece]) -> float:
    return min(piece.middle_y for piece in line)


def _edge_below(block: Block, above: Sequence[Sequence[Piece]], below: Sequence[Piece]) -> float:
    """The edge between lines of text: the line drawn there, else halfway."""
    high = max(p.middle_y for line in above for p in line)
    low = _top(below)
    drawn = [r.at for r in block.lines if block.is_whole(r) and high < r.at < low]
    return drawn[0] if drawn else (high + low) / 2


def _underlines_text(ruling: Ruling, head: Sequence[Sequence[Piece]]) -> bool:
    """Whether a short line only underlines a heading."""
    own = [p for line in head for p in line if 0 < ruling.at - p.middle_y < p.size]
    return any(abs(p.x0 - ruling.start) < 1 and abs(p.x1 - ruling.end) < 1 for p in own)


def strips_of(body: Sequence[Piece]) -> list[tuple[float, float]]:
    """The strips (left, right) that the text of the body keeps to.

    A dash for nothing proves no column of its own, and a total's name may be set over several columns.
    """
    spans = sorted((p.x0, p.x1) for p in body if not (_TOTAL.fullmatch(p.text) or _DASH.fullmatch(p.text)))
    strips: list[tuple[float, float]] = []
    for x0, x1 in spans:
        if strips and x0 < strips[-1][1] + _RIVER:
            strips[-1] = (strips[-1][0], max(strips[-1][1], x1))
        else:
            strips.append((x0, x1))
    return strips


def _mixes_money_with_words(body: Sequence[Sequence[Piece]], strips: Sequence[tuple[float, float]]) -> bool:
    """Whether money and words keep to one strip: two columns that the text does not part, or one that is no column."""
    kinds: list[set[str]] = [set() for _ in strips]
    for piece in (p for line in body for p in line):
        text = fold_digits(piece.text)
        if _MONEY_BESIDE_WORD.search(text):
            return True
        kind = "money" if _MONEY.fullmatch(text) else "word" if _WORD.search(text) else ""
        if kind and not _TOTAL.fullmatch(text):
            column = next((i for i, s in enumerate(strips) if s[0] <= piece.middle_x <= s[1]), 0)
            kinds[column].add(kind)
    return any(len(found) > 1 for found in kinds)


def _row_edges(block: Block, edges: Sequence[float]) -> list[float]:
    """The edges given, those of the body's rows that are drawn, and its end."""
    drawn = sorted(r.at for r in block.lines if block.is_whole(r) and r.at > edges[-1] + 1)
    ends = [] if drawn and abs(drawn[-1] - block.bottom) <= ALIKE else [block.bottom]
    return [*edges, *drawn, *ends]


def named_totals(frame: Frame, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with a total's name that is set over several columns moved into the one of names.

    That is the column with most words among those it stands over, or of all where it stands over codes alone. Names that
    would meet in one cell stay where they are.
    """
    words = [0] * (len(frame.xs) - 1)
    for piece in pieces:
        if _WORD.search(piece.text):
            words[frame.slot(piece.middle_x, piece.middle_y)[1]] += 1
    homes: dict[Piece, int] = {}
    for piece in pieces:
        first = frame.slot(piece.x0, piece.middle_y)[1]
        last = frame.slot(piece.x1, piece.middle_y)[1]
        if first != last and _TOTAL.fullmatch(piece.text):
            over = max(range(first, last + 1), key=lambda column: words[column])
            homes[piece] = over if words[over] > 1 else words.index(max(words))
    found = []
    for piece in pieces:
        home = homes.get(piece)
        if home is None or any(
            other is not piece and column == home and abs(other.middle_y - piece.middle_y) < piece.size
            for other, column in homes.items()
        ):
            found.append(piece)
            continue
        shift = frame.xs[home] + 1 - piece.x0
        found.append(Piece(tuple(c._replace(x0=c.x0 + shift, x1=c.x1 + shift) for c in piece.chars)))
    return found
