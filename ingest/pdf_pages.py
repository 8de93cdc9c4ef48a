"""A page of a PDF → its lines of text in reading order, and the ruled tables among them.

Each row of a ruled table is one line, its cells parted by tabs; a merged cell stands where it begins. Everything else is
the line as printed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mingzhang.ingest.amounts import number_tokens
from mingzhang.ingest.document import Box, Region, RegionCell
from mingzhang.ingest.pdf_bands import read_rows_of_text
from mingzhang.ingest.pdf_beside import Order, groups_beside, ordered_lines
from mingzhang.ingest.pdf_cells import Frame, read_frames
from mingzhang.ingest.pdf_characters import Char, PageText, page_text
from mingzhang.ingest.pdf_columns import named_totals
from mingzhang.ingest.pdf_continued import UnframedPage, frames_over_pages
from mingzhang.ingest.pdf_pieces import (
    Piece,
    PlacedText,
    joined_texts,
    lines_of_pieces,
    pieces_of,
    placed_line,
)
from mingzhang.ingest.pdf_rulings import Rulings, page_rulings
from mingzhang.ingest.pdf_tables import TableText
from mingzhang.ingest.pdf_unseen import has_picture

# Fewer characters than this (a page number, a stamp): what is seen on a page is a picture.
_SCARCELY_TEXT = 20


@dataclass(frozen=True)
class PageLines:
    """The lines of a page; `boxes` has (line, start) of every number, lines and characters counted from 1 on the page;

    `regions` are its ruled tables, their lines counted likewise.
    """

    lines: tuple[str, ...]
    regions: tuple[Region, ...]
    boxes: dict[tuple[int, int], Box]
    odd_characters: int
    is_picture: bool
    """Whether it shows a picture and hardly any text: then nothing was read from it."""
    hides_text: bool
    """Whether some text of it is not seen on the page; that was not read."""


@dataclass(frozen=True)
class _SeenPage:
    """What is seen on a page before anything is read of it; `owned` are the pieces in each drawn frame."""

    text: PageText
    unframed: UnframedPage
    owned: tuple[tuple[Piece, ...], ...]
    has_picture: bool


class PageReader:
    """Pages one after another: `see` each while it is open, then `lines` of all, since tables go on over pages."""

    def __init__(self) -> None:
        self._pages: list[_SeenPage] = []

    def see(self, page: Any) -> None:
        """Take in the next pypdfium2 page of a document."""
        self._pages.append(_seen(page))

    def lines(self) -> list[PageLines]:
        """The lines and tables of all pages seen."""
        frames = frames_over_pages([page.unframed for page in self._pages])
        return [
            _page_lines(page, own, number)
            for number, (page, own) in enumerate(zip(self._pages, frames, strict=True), 1)
        ]


def _seen(page: Any) -> _SeenPage:
    text = page_text(page)
    pieces = pieces_of(text.characters)
    rulings = page_rulings(page, text.place) if pieces else Rulings((), ())
    frames = read_frames(rulings)
    owned: dict[int, list[Piece]] = defaultdict(list)
    outside: list[Piece] = []
    for piece in pieces:
        home = next((i for i, f in enumerate(frames) if f.contains(piece.middle_x, piece.middle_y)), None)
        (outside if home is None else owned[home]).append(piece)
    scarce = sum(1 for char in text.characters if char is not None) < _SCARCELY_TEXT
    return _SeenPage(
        text,
        UnframedPage(rulings, tuple(frames), tuple(outside)),
        tuple(tuple(owned[i]) for i in range(len(frames))),
        scarce and has_picture(page),
    )


def _page_lines(page: _SeenPage, text_frames: Sequence[Frame], number: int) -> PageLines:
    """The lines of page `number` (from 1), with the tables without upright lines that were found on it."""
    lines: list[PlacedText] = []
    regions: list[Region] = []
    for block in _blocks(page, text_frames):
        if isinstance(block, PlacedText):
            lines.append(block)
        else:
            region, rows = _region(block, len(lines) + 1, number)
            lines += rows
            regions.append(region)
    text = page.text
    lines += [placed_line([piece]) for piece in pieces_of(text.askew)]
    return PageLines(
        tuple(line.text for line in lines),
        tuple(regions),
        _boxes(lines, text, number),
        sum(1 for char in text.characters if char is not None and _is_odd(char.text)),
        page.has_picture,
        text.hides_text,
    )


def _blocks(page: _SeenPage, text_frames: Sequence[Frame]) -> list[PlacedText | TableText]:
    """The lines and tables of a page in the order they are read."""
    frames, outside = list(page.unframed.frames), list(page.unframed.pieces)
    owned = [list(pieces) for pieces in page.owned]
    for frame in text_frames:
        own = [piece for piece in outside if frame.contains(piece.middle_x, piece.middle_y)]
        outside = [piece for piece in outside if not frame.contains(piece.middle_x, piece.middle_y)]
        frames.append(frame)
        owned.append(named_totals(frame, own))
    blocks: list[tuple[Order, PlacedText | TableText]] = []
    written, places = ordered_lines(lines_of_pieces(outside), groups_beside(frames))
    for order, line in written:
        blocks.append((order, placed_line(line)))
    for frame, pieces in zip(frames, owned, strict=True):
        if pieces:
            order = places.get(frame, (frame.ys[0], frame.xs[0], frame.ys[0]))
            blocks.append((order, read_rows_of_text(frame, pieces)))
    return [block for _, block in sorted(blocks, key=lambda block: block[0])]


def _is_odd(char: str) -> bool:
    """Whether a character says that its font does not tell what it draws."""
    return "\ue000" <= char <= "\uf8ff" or char < " " or char == "\ufffd"


def _region(table: TableText, first_line: int, page: int) -> tuple[Region, list[PlacedText]]:
    """The table with its rows as lines from `first_line`; rows without any text are left out."""
    frame = table.frame
    starting: dict[int, dict[int, PlacedText]] = defaultdict(dict)
    for cell, text in zip(frame.cells, table.texts, strict=True):
        starting[cell.row][cell.column] = text
    filled = [row for row in range(len(frame.ys) - 1) if any(t.text for t in starting[row].values())]
    place = {row: index for index, row in enumerate(filled)}
    nothing = PlacedText("", ())
    rows, starts = [], {}
    for row in filled:
        texts = [starting[row].get(column, nothing) for column in range(len(frame.xs) - 1)]
        position = 1
        for column, text in enumerate(texts):
            starts[row, column] = position
            position += len(text.text) + 1
        rows.append(joined_texts(texts, ["\t"] * (len(texts) - 1)))
    cells = []
    for cell, text in zip(frame.cells, table.texts, strict=True):
        covered = [r for r in range(cell.row, cell.row + cell.row_span) if r in place]
        if covered:
            start = starts.get((cell.row, cell.column), 1)
            span = (len(covered), cell.column_span)
            cells.append(RegionCell(place[covered[0]], cell.column, *span, text.text, start))
    head = "placed" if frame.by_text else "drawn"
    return Region(first_line, len(filled), frame.xs, tuple(cells), page, head=head), rows


def _boxes(lines: Sequence[PlacedText], text: PageText, page: int) -> dict[tuple[int, int], Box]:
    found: dict[tuple[int, int], Box] = {}
    for number, line in enumerate(lines, 1):
        for token in number_tokens(line.text):
            chars = [c for c in line.chars[token.start - 1 : token.end - 1] if c is not None]
            if chars:
                found[number, token.start] = _box(chars, text, page)
    return found


def _box(chars: Sequence[Char], text: PageText, page: int) -> Box:
    x0, y0, x1, y1 = text.turned_back(
        min(c.x0 for c in chars), min(c.y0 for c in chars), max(c.x1 for c in chars), max(c.y1 for c in chars)
    )
    return Box(page, round(x0, 1), round(y0, 1), round(x1 - x0, 1), round(y1 - y0, 1))


__all__ = ["PageLines", "PageReader"]
