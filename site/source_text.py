"""A source document as numbered lines in which every figure read is a link to its page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mingzhang.errors import ReleaseError
from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.links import href
from mingzhang.site.namespaces import MZ, PROV, local_name

# The encodings the reader takes, in its order: a line must have the same number here as in the graph.
_ENCODINGS = ("utf-8-sig", "gb18030")
_COLUMN = re.compile(r"l[0-9]+c([0-9]+)\Z")
_PART_OF_NUMBER = re.compile(r"[0-9.,]")


@dataclass(frozen=True)
class Piece:
    """A stretch of a line. `href` is "" for plain text."""

    text: str
    href: str = ""
    certainty: str = ""
    """`Printed`, `Reconciled`, `Ambiguous`, or "" for a number in prose."""


@dataclass(frozen=True)
class SourceLine:
    number: int
    pieces: tuple[Piece, ...]
    page_starts: int = 0
    """The page that begins with this line; 0 where none does."""


@dataclass(frozen=True)
class Spot:
    """A figure on its line. `start` counts characters from 1; 0 where only the order on the line is known."""

    token: str
    nth: int
    start: int
    href: str
    certainty: str


def source_lines(path: Path) -> list[str]:
    """The lines of a source file. Raises ReleaseError where it is missing or in no known encoding."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReleaseError(f"{path}: the source file is missing; build the release again") from error
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return lines[:-1] if lines[-1] == "" else lines
    raise ReleaseError(f"{path}: not text in UTF-8 or GB18030; this version has pages for text sources only")


def marked_lines(graph: ReleaseGraph, source: str, lines: Sequence[str]) -> tuple[SourceLine, ...]:
    """Every line of the source with its figures marked."""
    spots: dict[int, list[Spot]] = {}
    for figure in graph.subjects(PROV + "wasDerivedFrom", source):
        line = graph.integer(figure, MZ + "line")
        if line:
            spots.setdefault(line, []).append(_spot(graph, figure))
    marked, page = [], 1
    for number, text in enumerate(lines, start=1):
        breaks = text.count("\f")
        page += breaks
        pieces = mark_line(text.replace("\f", ""), spots.get(number, ()))
        marked.append(SourceLine(number, pieces, page if breaks else 0))
    return tuple(marked)


def _spot(graph: ReleaseGraph, figure: str) -> Spot:
    column = _COLUMN.search(figure)
    return Spot(
        graph.text(figure, MZ + "token"),
        graph.integer(figure, MZ + "nth"),
        int(column[1]) if column else 0,
        href(figure, graph.base),
        local_name(graph.text(figure, MZ + "certainty")),
    )


def mark_line(text: str, spots: Iterable[Spot]) -> tuple[Piece, ...]:
    """The line cut into plain stretches and figures. A figure that is not found on the line is left unmarked."""
    found: dict[int, Spot] = {}
    cursor = 0
    for spot in sorted(spots, key=lambda spot: (spot.start, spot.nth)):
        at = _where(text, spot, cursor)
        if at >= 0 and spot.token:
            found[at] = spot
            cursor = max(cursor, at + len(spot.token))
    pieces, done = [], 0
    for at, spot in sorted(found.items()):
        if at < done:
            continue
        if at > done:
            pieces.append(Piece(text[done:at]))
        done = at + len(spot.token)
        pieces.append(Piece(text[at:done], spot.href, spot.certainty))
    if done < len(text):
        pieces.append(Piece(text[done:]))
    return tuple(pieces)


def _where(text: str, spot: Spot, cursor: int) -> int:
    """The character, from 0, where the figure's token stands; -1 where it does not."""
    if spot.start and text.startswith(spot.token, spot.start - 1):
        return spot.start - 1
    at = text.find(spot.token, cursor)
    while at >= 0 and _inside_number(text, at, at + len(spot.token)):
        at = text.find(spot.token, at + 1)
    return at


def _inside_number(text: str, start: int, end: int) -> bool:
    """Whether these characters are only a part of a longer number, as `70` is of `1,570`."""
    before = text[start - 1 : start]
    return bool(_PART_OF_NUMBER.match(before)) or text[end : end + 1].isdigit()
