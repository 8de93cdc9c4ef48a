"""What workbooks, Word files and web pages are made of: paragraphs, and tables whose cells are known.

Their readers write these records; `cell_tables` sets captions and notes apart, `cell_document` makes the `Document`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mingzhang.ingest.document import Source


@dataclass(frozen=True)
class TextLine:
    """A paragraph, or a cell outside tables. `place` is the fragment of its IRI."""

    text: str
    place: str


@dataclass(frozen=True)
class PlacedCell:
    """A cell that has text: its first row and column (from 0), how many of each it covers, and its place."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    place: str


@dataclass(frozen=True)
class Head:
    """The first `rows` of a table, which are headings beyond doubt: blank cells in them are no data.

    `kind` is `drawn` where every heading covers its columns, `loose` where blanks to its right stand for the rest of them,
    and `unclear` where a heading may belong to the columns on either side: it was set in the middle of them, say.
    """

    rows: int
    kind: str


@dataclass(frozen=True)
class CellTable:
    """A table by its cells; cells without text are left out.

    `incomplete`: some of its amounts cannot be seen. `head`: its headings, known once captions and notes are set apart.
    """

    cells: tuple[PlacedCell, ...]
    incomplete: bool = False
    head: Head = Head(0, "drawn")


Block = TextLine | CellTable


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, or the whole of a file that has none."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class CellFile:
    """A file as its reader found it. `notes` say, for people, what in it was not read and why."""

    source: Source
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()


def joined_lines(lines: Iterable[str]) -> str:
    """Lines of one cell or paragraph as one text: Chinese closes up, what could make one number of two stays apart."""
    text = ""
    for line in (re.sub(r"[\t\r\f\v ]+", " ", line).strip() for line in lines):
        if text and line:
            text += " " if text[-1].isascii() and line[0].isascii() else ""
        text += line
    return text
