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
from mingzhang.ingest.pdf_cells import Frame, FrameCell
from mingzhang.ingest.pdf_pieces import Piece, lines_of_pieces
from mingzhang.ingest.pdf_rulings import Ruling, Rulings

_MONEY = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|-?[0-9]+\.[0-9]+")
_TOTAL = re.compile(r"[\u4e00-\u9fff]{0,6}[合总小]计")
_WORD = re.compile(r"[\u4e00-\u9fff]")
_INDEX = re.compile(r"\*+|[0-9]{1,2}|栏次|行次")
_UNIT = re.compile(r"单位[:：]\s*[(（]?\s*(?:人民币)?\s*(?:万元|千元|亿元|元)")
_ENDS = re.compile(
    r"^(?:注|备注|说明)[:：]|。$|表(?:[(（].*[)）])?$|^[-—–\s]*(?:第\s*)?[0-9]{1,3}(?:\s*页)?[-—–\s]*$"
)
# Lines of one table begin and end alike (points).
_ALIKE = 4.0
# Columns keep apart by this much (points), in every row.
_RIVER = 1.5
# Fewer rows of money prove no columns.
_ENOUGH_ROWS = 2
# The lines of a heading keep this close (font sizes), and headings side by side stand at the same height within this.
_LINE_GAP, _SAME_HEIGHT = 0.9, 0.45


@dataclass(frozen=True)
class _Block:
    """A stretch of a page that may be a table: its pieces, its extent, and the level lines drawn in it."""

    pieces: tuple[Piece, ...]
    left: float
    top: float
    right: float
    bottom: float
    lines: tuple[Ruling, ...]

    def is_whole(self, ruling: Ruling) -> bool:
        """Whether a line runs from side to side."""
        return ruling.start <= self.left + _ALIKE and ruling.end >= self.right - _ALIKE


def text_frames(rulings: Rulings, frames: Sequence[Frame], pieces: Sequence[Piece]) -> list[Frame]:
    """The frames of the tables among pieces that stand in no drawn frame, from the top down."""
    free = [r for r in rulings.horizontal if not any(_in_frame(r, frame) for frame in frames)]
    found = [frame for block in _ruled_blocks(free, pieces) if (frame := _frame(block)) is not None]
    rest = [p for p in pieces if not any(frame.contains(p.middle_x, p.middle_y) for frame in found)]
    for block in _unruled_blocks(rest, [*frames, *found], free):
        frame = _frame(block)
        if frame is not None:
            found.append(frame)
    return sorted(found, key=lambda frame: frame.ys[0])


def _in_frame(ruling: Ruling, frame: Frame) -> bool:
    return frame.ys[0] - _ALIKE <= ruling.at <= frame.ys[-1] + _ALIKE


def _ruled_blocks(free: Sequence[Ruling], pieces: Sequence[Piece]) -> list[_Block]:
    """The blocks between level lines of one width."""
    blocks: list[_Block] = []
    left = list(free)
    while left:
        widest = max(left, key=lambda r: r.end - r.start)
        alike = [
            r for r in left if abs(r.start - widest.start) <= _ALIKE and abs(r.end - widest.end) <= _ALIKE
        ]
        inside = [r for r in left if r.start >= widest.start - _ALIKE and r.end <= widest.end + _ALIKE]
        left = [r for r in left if r not in inside and r not in alike]
        for top, bottom in _stretches(sorted(r.at for r in alike), widest, pieces):
            own = [
                p for p in pieces if top < p.middle_y < bottom and widest.start <= p.middle_x <= widest.end
            ]
            lines = tuple(r for r in inside if top - 1 <= r.at <= bottom + 1)
            blocks.append(_Block(tuple(own), widest.start, top, widest.end, bottom, lines))
    return blocks


def _stretches(ys: Sequence[float], widest: Ruling, pieces: Sequence[Piece]) -> list[tuple[float, float]]:
    """(top, bottom) of each table among lines of one width: a caption between two of them parts two tables."""
    found: list[tuple[float, float]] = []
    start = 0
    for index in range(1, len(ys) + 1):
        if index < len(ys):
            between = [p for p in pieces if ys[index - 1] < p.middle_y < ys[index]]
            texts = ["".join(p.text for p in line) for line in lines_of_pieces(between)]
            if not any(_UNIT.search(text) or _ENDS.search(text) for text in texts):
                continue
        if index - start > 1:
            found.append((ys[start], ys[index - 1]))
        start = index
    return found


def _unruled_blocks(pieces: Sequence[Piece], frames: Sequence[Frame], free: Sequence[Ruling]) -> list[_Block]:
    """The blocks below a line that says the unit of money, down to the next line of another kind."""
    blocks: list[_Block] = []
    lines = lines_of_pieces(pieces)
    tops = [frame.ys[0] for frame in frames]
    for index, line in enumerate(lines):
        if not _UNIT.search("".join(p.text for p in line)):
            continue
        own: list[list[Piece]] = []
        for following in lines[index + 1 :]:
            text = "".join(p.text for p in following)
            above = own[-1][0].middle_y if own else line[0].middle_y
            crosses = any(above < top < following[0].middle_y for top in tops)
            if crosses or _UNIT.search(text) or (len(following) == 1 and _ENDS.search(text)):
                break
            own.append(following)
        if own:
            inside = tuple(p for each in own for p in each)
            size = max(p.size for p in inside)
            left, right = min(p.x0 for p in inside) - size / 2, max(p.x1 for p in inside) + size / 2
            top, bottom = own[0][0].middle_y - size, own[-1][0].middle_y + size
            lines_in = tuple(r for r in free if top < r.at < bottom and r.start < right and r.end > left)
            blocks.append(_Block(inside, left, top, right, bottom, lines_in))
    return blocks


def _frame(block: _Block) -> Frame | None:
    """The frame of a block; None where its columns or headings leave a choice."""
    lines = lines_of_pieces(block.pieces)
    first = next((i for i, line in enumerate(lines) if _has_money(line)), 0)
    rows = sum(1 for line in lines if _has_money(line))
    if not first or rows < _ENOUGH_ROWS:
        return None
    body_top = _body_top(block, lines, first)
    head = [line for line in lines if line[0].middle_y < body_top]
    body = [p for line in lines if line[0].middle_y >= body_top for p in line]
    while head and _numbers_columns(head[-1]):
        head = head[:-1]
    strips = _strips(body, [p for line in head for p in line])
    if not head or strips is None or len(strips) < 2:
        return None
    head_bottom = max(p.middle_y + p.size / 2 for line in head for p in line)
    between = [r.at for r in block.lines if block.is_whole(r) and head_bottom - 1 <= r.at <= body_top]
    head_end = min(between, default=min(body_top, head_bottom + 1))
    reach = _reach(strips, [p for line in head for p in line if _over(p, strips) == 1])
    if any(b[0] - a[1] < _RIVER / 2 for a, b in pairwise(reach)):
        return None
    xs = [block.left, *((a[1] + b[0]) / 2 for a, b in pairwise(reach)), block.right]
    headings = _headings(block, head, strips, head_end)
    if headings is None:
        return None
    levels, cells = headings
    ys = [*levels, *_row_edges(block, head_end)]
    width, height = len(strips), len(levels)
    cells += [FrameCell(row, column, 1, 1) for row in range(height, len(ys) - 1) for column in range(width)]
    return Frame(tuple(xs), tuple(ys), tuple(sorted(cells, key=lambda c: (c.row, c.column))))


def _has_money(line: Sequence[Piece]) -> bool:
    return any(_MONEY.fullmatch(fold_digits(piece.text)) for piece in line)


def _numbers_columns(line: Sequence[Piece]) -> bool:
    return all(_INDEX.fullmatch(fold_digits(piece.text)) for piece in line)


def _body_top(block: _Block, lines: Sequence[Sequence[Piece]], first: int) -> float:
    """Where the head ends: at the last line from side to side above the first amount, else halfway to it."""
    whole = [
        r.at for r in block.lines if block.is_whole(r) and block.top + 1 < r.at < lines[first][0].middle_y
    ]
    if whole:
        return max(whole) if len(whole) == 1 else min(whole)
    return (lines[first - 1][0].middle_y + lines[first][0].middle_y) / 2


def _strips(body: Sequence[Piece], head: Sequence[Piece]) -> list[tuple[float, float]] | None:
    """The strips (left, right) that the text of the body keeps to, and those of headings over blank columns."""
    spans = sorted((p.x0, p.x1) for p in body if not _TOTAL.fullmatch(p.text))
    strips: list[tuple[float, float]] = []
    for x0, x1 in spans:
        if strips and x0 < strips[-1][1] + _RIVER:
            strips[-1] = (strips[-1][0], max(strips[-1][1], x1))
        else:
            strips.append((x0, x1))
    for piece in head:
        if not any(_overlap(piece, strip) for strip in strips):
            strips.append((piece.x0, piece.x1))
    strips.sort()
    apart = all(b[0] - a[1] >= _RIVER for a, b in pairwise(strips))
    return strips if apart else None


def _overlap(piece: Piece, strip: tuple[float, float]) -> bool:
    return piece.x0 < strip[1] and piece.x1 > strip[0]


def _over(piece: Piece, strips: Sequence[tuple[float, float]]) -> int:
    return sum(1 for strip in strips if _overlap(piece, strip))


def _reach(strips: Sequence[tuple[float, float]], head: Sequence[Piece]) -> list[tuple[float, float]]:
    """The strips with the headings that stand over them alone."""
    found = []
    for strip in strips:
        own = [piece for piece in head if _overlap(piece, strip)]
        found.append((min([strip[0], *(p.x0 for p in own)]), max([strip[1], *(p.x1 for p in own)])))
    return found


def _row_edges(block: _Block, head_end: float) -> list[float]:
    """The edges of the body's rows that are drawn, and its end."""
    drawn = sorted(r.at for r in block.lines if block.is_whole(r) and r.at > head_end + 1)
    ends = [] if drawn and abs(drawn[-1] - block.bottom) <= _ALIKE else [block.bottom]
    return [head_end, *drawn, *ends]


def _headings(
    block: _Block, head: Sequence[Sequence[Piece]], strips: Sequence[tuple[float, float]], end: float
) -> tuple[list[float], list[FrameCell]] | None:
    """(upper edges of the head's rows, its cells); None where a heading's reach is open."""
    partial = sorted(r for r in block.lines if not block.is_whole(r) and block.top < r.at < end - 1)
    if not partial:
        if not _stand_over_one_each(head, strips):
            return None
        return [block.top], [FrameCell(0, column, 1, 1) for column in range(len(strips))]
    if max(r.at for r in partial) - min(r.at for r in partial) > _ALIKE:
        return None
    middle = partial[0].at
    upper = [p for line in head for p in line if p.middle_y < middle]
    lower = [p for line in head for p in line if p.middle_y >= middle]
    cells: list[FrameCell] = []
    grouped: set[int] = set()
    for ruling in partial:
        own = [i for i, s in enumerate(strips) if ruling.start - 1 <= (s[0] + s[1]) / 2 <= ruling.end + 1]
        over = [p for p in upper if ruling.start <= p.middle_x <= ruling.end]
        if not own or len(lines_of_pieces(over)) != 1 or len(over) != 1:
            return None
        below = [p for p in lower if ruling.start <= p.middle_x <= ruling.end]
        if not _stand_over_one_each(lines_of_pieces(below), [strips[i] for i in own]):
            return None
        cells += [FrameCell(0, own[0], 1, len(own)), *(FrameCell(1, i, 1, 1) for i in own)]
        grouped.update(own)
    alone = [i for i in range(len(strips)) if i not in grouped]
    inside = [p for p in (*upper, *lower) if not any(r.start <= p.middle_x <= r.end for r in partial)]
    if alone and not _stand_over_one_each(lines_of_pieces(inside), [strips[i] for i in alone]):
        return None
    cells += [FrameCell(0, i, 2, 1) for i in alone]
    return [block.top, middle], cells


def _stand_over_one_each(head: Sequence[Sequence[Piece]], strips: Sequence[tuple[float, float]]) -> bool:
    """Whether each strip has one heading over it alone, and all of them stand at the same height.

    A heading over several columns stands higher than those below it: then the heights differ.
    """
    stacks: list[list[Piece]] = [[] for _ in strips]
    for line in head:
        for piece in line:
            over = [i for i, strip in enumerate(strips) if _overlap(piece, strip)]
            if len(over) != 1:
                return False
            stacks[over[0]].append(piece)
    heights = []
    for stack in stacks:
        if not stack:
            return False
        ys = [p.middle_y for p in stack]
        gaps = [b - a for a, b in pairwise(ys)]
        size = stack[0].size
        if any(gap < size / 2 or gap > (1 + _LINE_GAP) * size for gap in gaps):
            return False
        heights.append((ys[0] + ys[-1]) / 2 / size)
    return max(heights) - min(heights) <= _SAME_HEIGHT


def named_totals(frame: Frame, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with a total's name that is set over several columns moved into the one of names."""
    words = [0] * (len(frame.xs) - 1)
    for piece in pieces:
        if _WORD.search(piece.text):
            words[frame.slot(piece.middle_x, piece.middle_y)[1]] += 1
    column = words.index(max(words))
    found = []
    for piece in pieces:
        first = frame.slot(piece.x0, piece.middle_y)[1]
        last = frame.slot(piece.x1, piece.middle_y)[1]
        if first != last and _TOTAL.fullmatch(piece.text):
            shift = frame.xs[column] + 1 - piece.x0
            moved = (c._replace(x0=c.x0 + shift, x1=c.x1 + shift) for c in piece.chars)
            found.append(Piece(tuple(moved)))
        else:
            found.append(piece)
    return found
