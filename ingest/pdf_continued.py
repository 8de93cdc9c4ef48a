"""Tables without upright lines that go on over pages: the pages laid one below the other are one table.

A table that runs to the end of its page goes on at the top of the next where no caption stands between. Its columns are
told from the text of all its pages together, as on one long page; and on every page amounts must be set against the same
edge of their column as on the first. Where either fails, the next page is no page of this table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mingzhang.ingest.amounts import is_amount
from mingzhang.ingest.pdf_blocks import (
    ALIKE,
    Block,
    block_of_text,
    captions_table,
    ends_table,
    is_alike,
    is_bare_number,
    is_data,
    is_page_number,
    says_unit,
    without_text_below,
)
from mingzhang.ingest.pdf_cells import Frame, FrameCell
from mingzhang.ingest.pdf_columns import (
    TextTable,
    frame_of,
    free_rulings,
    strips_of,
    text_frames,
)
from mingzhang.ingest.pdf_pieces import Piece, lines_of_pieces
from mingzhang.ingest.pdf_rulings import Ruling, Rulings

# Text set against one edge of a column differs by at most this (points).
_SAME_EDGE = 1.5
# What stands at the same place on two pages is there within this (points).
_SAME_PLACE = 2.0
_WORD = re.compile(r"[\u4e00-\u9fff]")

Line = list[Piece]


@dataclass(frozen=True)
class UnframedPage:
    """What a page draws: its rulings, the frames that they make, and the pieces outside these."""

    rulings: Rulings
    frames: tuple[Frame, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class _Part:
    """The lines of a page that a table goes on with, and the level lines among them; `head` lines repeat its head."""

    head: tuple[Line, ...]
    lines: tuple[Line, ...]
    rulings: tuple[Ruling, ...]
    reaches_end: bool

    @property
    def top(self) -> float:
        """Above all of its text and lines."""
        first = self.lines[0][0]
        ruled = [r.at for r in self.rulings]
        return min([first.middle_y - first.size, *(y - 1 for y in ruled)])

    @property
    def bottom(self) -> float:
        """Below all of its text and lines."""
        last = self.lines[-1][0]
        return max([last.middle_y + last.size, *(r.at + 1 for r in self.rulings)])


def frames_over_pages(pages: Sequence[UnframedPage]) -> list[list[Frame]]:
    """For each page the frames of its tables that stand in no drawn frame, from the top down."""
    found = [text_frames(page.rulings, page.frames, page.pieces) for page in pages]
    going_on: list[list[Frame]] = [[] for _ in pages]
    for index in range(len(pages) - 1):
        for block in _open_blocks(pages[index]):
            if any(_overlap(frame, block.top, block.bottom) for frame in going_on[index]):
                continue
            chain = _chain(pages, index, block, found[index])
            for number, frame in enumerate(chain, index):
                kept = [f for f in found[number] if not _overlap(f, frame.ys[0], frame.ys[-1])]
                found[number] = sorted([*kept, frame], key=lambda frame: frame.ys[0])
                going_on[number].append(frame)
            if chain:
                break
    return found


def _overlap(frame: Frame, top: float, bottom: float) -> bool:
    return frame.ys[0] < bottom and top < frame.ys[-1]


def _open_blocks(page: UnframedPage) -> Iterator[Block]:
    """The stretches of a page that may be tables and run to its end."""
    lines = _without_page_number(lines_of_pieces(page.pieces))
    if not lines or any(frame.ys[0] > lines[-1][0].middle_y for frame in page.frames):
        return
    free = free_rulings(page.rulings, page.frames)
    ruled = list(_open_ruled(lines, free))
    yield from ruled
    for index in range(len(lines) - 1, 0, -1):
        if says_unit(lines[index - 1]):
            own = lines[index:]
            block = block_of_text(own, free)
            if without_text_below(own) == own and not any(block.pieces[0] in other.pieces for other in ruled):
                yield block
            return
        if ends_table(lines[index], is_last=False):
            return


def _without_page_number(lines: list[Line]) -> list[Line]:
    """The lines of a page without the number at its foot."""
    while lines and (is_page_number(lines[-1]) or is_bare_number(lines[-1])):
        lines = lines[:-1]
    return lines


def _open_ruled(lines: Sequence[Line], free: Sequence[Ruling]) -> Iterator[Block]:
    """The stretches from a level line to the page's end that keep to its width, the widest first."""
    left = list(free)
    while left:
        widest = max(left, key=lambda r: r.end - r.start)
        alike = [r for r in left if is_alike(r, widest)]
        inside = [r for r in left if r.start >= widest.start - ALIKE and r.end <= widest.end + ALIKE]
        left = [r for r in left if r not in inside]
        caption = max((ln[0].middle_y for ln in lines if captions_table(ln)), default=0.0)
        top = min((r.at for r in alike if r.at > caption), default=None)
        own = [line for line in lines if top is not None and line[0].middle_y > top]
        if top is None or not own:
            continue
        if all(widest.start <= p.x0 and p.x1 <= widest.end for line in own for p in line):
            bottom = max(own[-1][0].middle_y + own[-1][0].size, *(r.at + 1 for r in inside))
            within = tuple(r for r in inside if r.at >= top - 1)
            pieces = tuple(p for line in own for p in line)
            yield Block(pieces, widest.start, top, widest.end, bottom, within, ruled=True)


def _chain(pages: Sequence[UnframedPage], index: int, block: Block, alone: Sequence[Frame]) -> list[Frame]:
    """The frames of a table on the page where it begins and on those it goes on over; none where it does not."""
    parts: list[_Part] = []
    for before, page in zip(pages[index:], pages[index + 1 :], strict=False):
        part = _continuation(page, before, block)
        if part is None:
            break
        parts.append(part)
        if not part.reaches_end:
            break
    # All pages at once tell most; where one of them is no page of this table, those before it may be.
    for count in dict.fromkeys((len(parts), min(len(parts), 1))):
        frames = _joint(block, parts[:count]) if count else []
        if frames and _agrees(frames[0], alone):
            return frames
    return []


def _agrees(frame: Frame, alone: Sequence[Frame]) -> bool:
    """Whether a table has the same head as where its first page was read alone."""
    others = [other for other in alone if _overlap(other, frame.ys[0], frame.ys[-1])]
    return all(_head_cells(other) == _head_cells(frame) for other in others)


def _head_cells(frame: Frame) -> tuple[int, list[FrameCell]]:
    return len(frame.xs), [c for c in frame.cells if c.column_span > 1 or c.row_span > 1]


def _continuation(page: UnframedPage, before: UnframedPage, block: Block) -> _Part | None:
    """What stands at the top of a page and may be the rest of a table; None where nothing may."""
    lines = _without_page_number(lines_of_pieces(page.pieces))
    running = lines_of_pieces(before.pieces)[:2]
    while lines and (is_page_number(lines[0]) or is_bare_number(lines[0]) or _stands_in(lines[0], running)):
        lines = [] if says_unit(lines[0]) else lines[1:]
    end = next((i for i, line in enumerate(lines) if not _may_be_row(line, block, page)), len(lines))
    reaches_end = end == len(lines) and not any(
        lines and frame.ys[0] > lines[-1][0].middle_y for frame in page.frames
    )
    whole = [
        r
        for r in free_rulings(page.rulings, page.frames)
        if r.start >= block.left - ALIKE
        and r.end <= block.right + ALIKE
        and (end == len(lines) or r.at < lines[end][0].middle_y)
        and (not lines or r.at > lines[0][0].middle_y - 4 * lines[0][0].size)
    ]
    sides = [r.at for r in whole if block.is_whole(r)]
    own = lines[:end]
    if block.ruled and not reaches_end:
        # The last line drawn from side to side closes it: without one the text below the table may be anything.
        own = [line for line in own if sides and line[0].middle_y < max(sides)]
    if not block.ruled and without_text_below(own) != own:
        own, reaches_end = without_text_below(own), False
    repeated = _repeated(own, block)
    body = own[repeated:]
    if not body or not is_data(body[0]) or not _names_row(body[0]):
        return None
    low = own[repeated - 1][0].middle_y if repeated else -1.0
    rulings = tuple(r for r in whole if r.at > low)
    return _Part(tuple(own[:repeated]), tuple(body), rulings, reaches_end)


def _stands_in(line: Line, others: Sequence[Line]) -> bool:
    """Whether the same text stands at the same place on another page: what heads every page."""
    return any(
        _is_same(line, other) and abs(line[0].middle_y - other[0].middle_y) <= _SAME_PLACE for other in others
    )


def _is_same(line: Line, other: Line) -> bool:
    """Whether two lines have the same texts at the same places across."""
    return len(line) == len(other) and all(
        a.text == b.text and abs(a.x0 - b.x0) <= _SAME_PLACE for a, b in zip(line, other, strict=True)
    )


def _may_be_row(line: Line, block: Block, page: UnframedPage) -> bool:
    """Whether a line may be of the table: it keeps to its width, below no other table, and captions none."""
    if captions_table(line) and (len(line) == 1 or says_unit(line)):
        return False
    if any(frame.ys[0] < line[0].middle_y for frame in page.frames):
        return False
    return not block.ruled or (block.left - ALIKE <= line[0].x0 and line[-1].x1 <= block.right + ALIKE)


def _repeated(lines: Sequence[Line], block: Block) -> int:
    """How many lines repeat those that the table begins with, its head."""
    count = 0
    for line, first in zip(lines, lines_of_pieces(block.pieces), strict=False):
        if is_data(line) or not _is_same(line, first):
            break
        count += 1
    return count


def _names_row(line: Line) -> bool:
    """Whether a line has a name: what comes before its amounts on the page before names no row of this one."""
    return any(map(_is_word, line))


def _joint(block: Block, parts: Sequence[_Part]) -> list[Frame]:
    """The frames of a table page by page, from the text of all its pages; none where that leaves a choice."""
    pieces, rulings = list(block.pieces), list(block.lines)
    starts: list[float] = []
    shifts: list[float] = []
    bottom = block.bottom
    for part in parts:
        shift = bottom - part.top
        starts.append(bottom)
        shifts.append(shift)
        pieces += [_moved(piece, shift) for line in part.lines for piece in line]
        rulings += [r._replace(at=r.at + shift) for r in part.rulings]
        bottom += part.bottom - part.top
    whole = replace(block, pieces=tuple(pieces), bottom=bottom, lines=tuple(rulings))
    if not block.ruled:
        left, right = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
        whole = replace(whole, left=left - block.margin, right=right + block.margin)
    table = frame_of(whole)
    if table is None:
        return []
    frame, head = table.frame, table.head_rows
    printed = sum(1 for line in lines_of_pieces(block.pieces) if line[0].middle_y < frame.ys[head])
    if frame.ys[head] >= starts[0] or any(len(part.head) not in (0, printed) for part in parts):
        return []
    if not all(_set_alike(block, part, table) for part in parts):
        return []
    frames = [_first_page(table, starts[0])]
    for part, start, end, shift in zip(parts, starts, [*starts[1:], bottom], shifts, strict=True):
        edges = [y - shift for y in frame.ys if start + 1 < y < end - 1]
        frames.append(_next_page(table, part, edges, block))
    return frames


def _first_page(table: TextTable, end: float) -> Frame:
    """The part of the table on its first page."""
    ys = (*(y for y in table.frame.ys if y < end), end)
    return _with_rows(table, ys, table.head_rows)


def _next_page(table: TextTable, part: _Part, edges: Sequence[float], block: Block) -> Frame:
    """The part of the table on a later page, with the edges of its rows there."""
    if not part.head:
        return _with_rows(table, (part.top, *edges, part.bottom), 0)
    shift = part.head[0][0].middle_y - lines_of_pieces(block.pieces)[0][0].middle_y
    head = [y + shift for y in table.frame.ys[: table.head_rows + 1]]
    ys = (*head, *(y for y in edges if y > head[-1] + 1), part.bottom)
    return _with_rows(table, ys, table.head_rows)


def _with_rows(table: TextTable, ys: tuple[float, ...], head: int) -> Frame:
    """A frame of the table's columns with rows at these edges, the first `head` of them those of its head."""
    width = len(table.frame.xs) - 1
    cells = [cell for cell in table.frame.cells if cell.row < head]
    cells += [FrameCell(row, column, 1, 1) for row in range(head, len(ys) - 1) for column in range(width)]
    return replace(table.frame, ys=ys, cells=tuple(cells))


def _set_alike(block: Block, part: _Part, table: TextTable) -> bool:
    """Whether the amounts of a page are set against the same edge of their columns as those of the first page."""
    below = [p for p in block.pieces if p.middle_y > table.frame.ys[table.head_rows]]
    if not below:
        # The head alone stands on the first page.
        return any(_has_sides(r, block) for r in part.rulings) or _is_headed(block, part)
    first, later = (
        _by_column(below, table.frame),
        _by_column([p for ln in part.lines for p in ln], table.frame),
    )
    naming = [c for found in (first, later) for c, pieces in found.items() if any(map(_is_word, pieces))]
    told = 0
    for column, pieces in later.items():
        both = [*first.get(column, ()), *pieces]
        if not first.get(column) or column <= min(naming, default=0) or any(map(_is_word, both)):
            continue
        if not any(
            max(places) - min(places) <= _SAME_EDGE
            for places in ([p.x1 for p in both], [p.x0 for p in both], [p.middle_x for p in both])
        ):
            return False
        told += 1
    return told > 0


def _is_headed(block: Block, part: _Part) -> bool:
    """Whether each column of a page has a heading or a number on the page before over it and no other."""
    columns = strips_of([p for line in part.lines for p in line])
    over = [
        [i for i, (left, right) in enumerate(columns) if piece.x0 < right and piece.x1 > left]
        for piece in block.pieces
    ]
    return len(columns) > 1 and all([i] in over for i in range(len(columns)))


def _has_sides(ruling: Ruling, block: Block) -> bool:
    """Whether a level line has the same ends as those of a block."""
    apart = max(abs(ruling.start - block.left), abs(ruling.end - block.right))
    return block.ruled and apart <= _SAME_EDGE


def _by_column(pieces: Sequence[Piece], frame: Frame) -> dict[int, list[Piece]]:
    """Column → the words and numbers printed in it; dashes for nothing left out."""
    found: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if is_amount(piece.text) or _is_word(piece):
            found[frame.slot(piece.middle_x, frame.ys[0])[1]].append(piece)
    return found


def _is_word(piece: Piece) -> bool:
    return bool(_WORD.search(piece.text))


def _moved(piece: Piece, shift: float) -> Piece:
    return Piece(tuple(c._replace(y0=c.y0 + shift, y1=c.y1 + shift) for c in piece.chars))
