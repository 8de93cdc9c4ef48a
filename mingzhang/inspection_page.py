"""The page of `mingzhang inspect`: one HTML file that needs nothing beside it, neither a script nor a network.

Each number on the picture of its page (or in its line) is a link to its reading beside it, and back. What a person
should look at comes first.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pypdfium2
from jinja2 import Environment, PackageLoader, StrictUndefined

from mingzhang import __version__
from mingzhang.ingest.document import Box
from mingzhang.ingest.places import PDF
from mingzhang.inspection import STATES, InspectedFile, Inspection, Number, State, part_prefix
from mingzhang.site.bilingual import Bilingual
from mingzhang.site.page_picture import grey_png

_WIDTH_PX = 1100
"""Of a page's picture: small print stays legible where it is shown 70rem wide."""
_LINES_A_SHEET = 80
"""Lines shown together of a file without pages: about as many numbers as a page has."""
_PARTS_SHOWN = 12

_WORDS: dict[State, tuple[str, str]] = {
    "unread": ("未读", "unread"),
    "contradicts": ("与表不符", "contradicts a table"),
    "ambiguous": ("未定", "ambiguous"),
    "no-fact": ("无事实", "no fact"),
    "certain": ("确定", "certain"),
    "prose": ("文字表述", "in the text"),
    "indicator": ("绩效指标", "indicator"),
    "other": ("其他数字", "other number"),
}


@dataclass(frozen=True)
class Mark:
    """A number on a picture: its rectangle in per cent of the page."""

    number: Number
    left: str
    top: str
    width: str
    height: str


@dataclass(frozen=True)
class Cell:
    """A cell of a line, as pieces of text and the numbers between them."""

    pieces: tuple[str | Number, ...]


@dataclass(frozen=True)
class Line:
    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Block:
    """Lines of one table, or lines that are none."""

    columns: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Group:
    """Readings of one table, or of what stands outside tables (title empty)."""

    title: str
    number: int
    readings: tuple[Number, ...]


@dataclass(frozen=True)
class Sheet:
    """A page with its picture, or a stretch of lines, with the readings beside it."""

    name: str
    anchor: str
    """Its name within the page."""
    file_name: str
    """Of the file it is of, where the disclosure has several; else empty."""
    page: int | None
    first_line: int
    last_line: int
    picture: str
    """A data URI; empty for lines."""
    width_px: int
    height_px: int
    marks: tuple[Mark, ...]
    blocks: tuple[Block, ...]
    groups: tuple[Group, ...]


def inspection_page(inspection: Inspection, paths: Sequence[Path]) -> str:
    """The page as HTML. `paths` are its files in order; those of PDFs are read again for their pictures.

    Raises OSError, PdfiumError.
    """
    several = len(inspection.files) > 1
    sheets = [
        replace(sheet, file_name=file.name if several else "")
        for file, path in zip(inspection.files, paths, strict=True)
        for sheet in (_pictured(file, path) if file.media_type == PDF else _lined(file))
    ]
    environment = Environment(
        loader=PackageLoader("mingzhang", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Bilingual],
    )
    environment.filters["money"] = money
    return environment.get_template("inspection.html").render(
        inspection=inspection,
        sheets=sheets,
        states=STATES,
        words=_WORDS,
        to_look_at=inspection.in_state("unread", "contradicts", "ambiguous"),
        without_fact=inspection.in_state("no-fact"),
        parts_shown=_PARTS_SHOWN,
        version=__version__,
    )


def page_count(file: Path, media_type: str) -> int:
    """How many pages a PDF has; 0 for a file of another kind."""
    if media_type != PDF:
        return 0
    with pypdfium2.PdfDocument(file.read_bytes()) as document:
        return len(document)


def money(value: Decimal) -> str:
    """An amount for reading: thousands parted, no exponent, no closing zeros."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _pictured(file: InspectedFile, path: Path) -> Iterator[Sheet]:
    by_page: dict[int, list[Number]] = defaultdict(list)
    for number in file.numbers:
        if number.page is not None:
            by_page[number.page].append(number)
    with pypdfium2.PdfDocument(path.read_bytes()) as document:
        for page_number in file.pages:
            page = document[page_number - 1]
            width, height = page.get_size()
            picture = page.render(scale=_WIDTH_PX / width, grayscale=True).to_pil()
            page.close()
            numbers = by_page[page_number]
            lines = [n for n, p in enumerate(file.line_pages, 1) if p == page_number]
            yield Sheet(
                name=str(page_number),
                anchor=f"{part_prefix(file.part)}{page_number}",
                file_name="",
                page=page_number,
                first_line=min(lines, default=0),
                last_line=max(lines, default=0),
                picture="data:image/png;base64," + base64.b64encode(grey_png(picture)).decode("ascii"),
                width_px=picture.size[0],
                height_px=picture.size[1],
                marks=tuple(_mark(n, n.box, width, height) for n in numbers if n.box is not None),
                blocks=(),
                groups=_groups(numbers),
            )


_ROOM = 1.2
"""Points around a number, so that its frame does not touch the digits."""


def _mark(number: Number, box: Box, width: float, height: float) -> Mark:
    def share(points: float, whole: float) -> str:
        return f"{100 * points / whole:.2f}"

    return Mark(
        number,
        share(box.x - _ROOM, width),
        share(box.y - _ROOM, height),
        share(box.width + 2 * _ROOM, width),
        share(box.height + 2 * _ROOM, height),
    )


def _lined(file: InspectedFile) -> Iterator[Sheet]:
    """The lines in stretches, a page of the file (where it has any) beginning a new one."""
    by_line: dict[int, list[Number]] = defaultdict(list)
    for number in file.numbers:
        by_line[number.line].append(number)
    for first, last in _stretches(file):
        lines = [_line(number, file.lines[number - 1], by_line[number]) for number in range(first, last + 1)]
        numbers = [n for line in range(first, last + 1) for n in by_line[line]]
        yield Sheet(
            name=f"{first}–{last}",
            anchor=f"{part_prefix(file.part)}{first}–{last}",
            file_name="",
            page=None,
            first_line=first,
            last_line=last,
            picture="",
            width_px=0,
            height_px=0,
            marks=(),
            blocks=tuple(_blocks(lines)),
            groups=_groups(numbers),
        )


def _stretches(file: InspectedFile) -> Iterator[tuple[int, int]]:
    pages = file.line_pages
    first = 1
    for line in range(1, len(pages) + 1):
        at_end = line == len(pages)
        full = line - first + 1 >= _LINES_A_SHEET and not file.lines[line - 1].strip()
        if at_end or pages[line] != pages[line - 1] or full or line - first + 1 >= 2 * _LINES_A_SHEET:
            yield first, line
            first = line + 1


def _blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """Lines that are parted into cells by themselves, and the others."""
    for _, run in groupby(lines, key=lambda line: len(line.cells) > 1):
        own = tuple(run)
        yield Block(max(len(line.cells) for line in own), own)


def _line(number: int, text: str, numbers: Sequence[Number]) -> Line:
    """A line as its cells, parted by tabs, with the numbers in them."""
    cells = []
    begin = 1
    for part in text.split("\t"):
        end = begin + len(part)
        inside = [n for n in numbers if begin <= n.start and n.end <= end]
        cells.append(Cell(tuple(_pieces(part, begin, inside))))
        begin = end + 1
    return Line(number, tuple(cells))


def _pieces(text: str, begin: int, numbers: Sequence[Number]) -> Iterator[str | Number]:
    """The text of a cell that begins at a character of its line, cut where its numbers stand."""
    at = begin
    for number in sorted(numbers, key=lambda one: one.start):
        if number.start < at:
            continue  # two readings of one place: the first has it
        if number.start > at:
            yield text[at - begin : number.start - begin]
        yield number
        at = number.end
    if at - begin < len(text):
        yield text[at - begin :]


def _groups(numbers: Sequence[Number]) -> tuple[Group, ...]:
    """The readings by table, in the order of the file; ordinals, dates and the like are only marked."""
    found: dict[tuple[int, str], list[Number]] = {}
    for number in numbers:
        if number.state != "other":
            found.setdefault((number.table_number, number.table), []).append(number)
    return tuple(Group(title, number, tuple(own)) for (number, title), own in found.items())
