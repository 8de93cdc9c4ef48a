"""Characters → pieces: what was set together on one line, without a gap. And pieces → a line of text with its places.

A piece is the smallest thing that is put into a cell: a number is never divided, even where it runs over a ruling.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from mingzhang.ingest.pdf_characters import Char

# In font sizes: a wider gap than this parts two pieces, a character further back than this begins anew.
_GAP = 0.35
_BACK = 0.5
# Digits of one number overlap by less: what overlaps more is another number, too wide for its cell.
_DIGITS_BACK = 0.25
_DIGITS = frozenset("0123456789.,")
# Characters whose middles are nearer than this (font sizes) stand on one line.
_SAME_LINE = 0.5
# A character drawn again within this (font sizes) is one character made bold.
_DOUBLED = 0.3
# Characters of one run follow one another within this (font sizes); where boxes are those of their strokes, within that.
_RUN, _LOOSE_RUN = 0.1, 0.2
# Gaps from here on are printed as one space, as two from there on (font sizes).
_ONE_SPACE, _TWO_SPACES = 0.3, 1.5


@dataclass(frozen=True)
class Piece:
    """Characters side by side on one line, from left to right."""

    chars: tuple[Char, ...]

    @cached_property
    def text(self) -> str:
        return "".join([char.text for char in self.chars])

    @property
    def x0(self) -> float:
        return self.chars[0].x0

    @property
    def x1(self) -> float:
        return self.chars[-1].x1

    @property
    def middle_x(self) -> float:
        return (self.chars[0].x0 + self.chars[-1].x1) / 2

    @cached_property
    def middle_y(self) -> float:
        """The middle of its tallest character: some fonts tell no line height, and 一 is flat then."""
        tallest = max(self.chars, key=lambda char: char.y1 - char.y0)
        return (tallest.y0 + tallest.y1) / 2

    @cached_property
    def size(self) -> float:
        """Font size in points: the height of its tallest character."""
        return max([char.y1 - char.y0 for char in self.chars])


@dataclass(frozen=True)
class PlacedText:
    """A text and, for each of its characters, the one on the page it stands for; None for a space we put in."""

    text: str
    chars: tuple[Char | None, ...]


def pieces_of(characters: Iterable[Char | None]) -> list[Piece]:
    """The pieces of a stream of characters (None: a break), in its order."""
    pieces: list[Piece] = []
    current: list[Char] = []
    for char in without_false_breaks(list(characters)):
        # Most neighbours differ, which is quicker to see than that they are apart.
        if char is not None and current and current[-1].text == char.text and _is_doubled(current[-1], char):
            continue
        if current and (char is None or not _follows(current[-1], char)):
            pieces.append(Piece(tuple(current)))
            current = []
        if char is not None:
            current.append(char)
    if current:
        pieces.append(Piece(tuple(current)))
    return _without_doubles(pieces)


def without_false_breaks(characters: Sequence[Char | None]) -> Sequence[Char | None]:
    """The characters without the breaks inside words, where most of them are such.

    PDFium takes the text of some pages for vertical, short columns of numbers for one, and breaks it after each character.
    """
    words = sum(1 for char in characters if char is not None)
    if len(_within_runs(characters, _RUN)) <= words:
        return characters
    false = _within_runs(characters, _LOOSE_RUN)
    return [char for index, char in enumerate(characters) if index not in false]


def _within_runs(characters: Sequence[Char | None], near: float) -> set[int]:
    """The breaks between characters that follow one another within so many font sizes."""
    found: set[int] = set()
    before: Char | None = None
    breaks: list[int] = []
    for index, char in enumerate(characters):
        if char is None:
            breaks.append(index)
            continue
        if breaks and before is not None and _runs_on(before, char, near):
            found.update(breaks)
        before, breaks = char, []
    return found


def _runs_on(before: Char, char: Char, near: float) -> bool:
    room = near * max(char.size, before.size, 1.0)
    return abs(char.x0 - before.x1) <= room and abs(char.y0 + char.y1 - before.y0 - before.y1) <= room


def _follows(before: Char, char: Char) -> bool:
    _, _, top, right, bottom = before
    _, left, high, _, low = char
    size = max(bottom - top, low - high, 1.0)
    back = _DIGITS_BACK if before.text in _DIGITS and char.text in _DIGITS else _BACK
    if not -back * size <= left - right <= _GAP * size:
        return False
    return abs((high + low) - (top + bottom)) <= _SAME_LINE * size


def _is_doubled(before: Char, char: Char) -> bool:
    near = _DOUBLED * max(char.size, 1.0)
    return before.text == char.text and abs(before.x0 - char.x0) < near and abs(before.y0 - char.y0) < near


def _without_doubles(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces drawn twice in nearly the same place, once."""
    seen: dict[str, list[Piece]] = {}
    kept = []
    for piece in pieces:
        same = seen.setdefault(piece.text, [])
        if any(_is_doubled(other.chars[0], piece.chars[0]) for other in same):
            continue
        same.append(piece)
        kept.append(piece)
    return kept


def lines_of_pieces(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces that stand on one line together, from left to right; lines from the top down."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.middle_y, p.x0)):
        reach = _SAME_LINE * piece.size
        line = next(
            (line for line in reversed(lines[-3:]) if abs(line[0].middle_y - piece.middle_y) <= reach), None
        )
        if line is None:
            lines.append([piece])
        else:
            line.append(piece)
    return [sorted(line, key=lambda p: p.x0) for line in lines]


def placed_line(pieces: Sequence[Piece]) -> PlacedText:
    """The text of a line of pieces. A gap is a space, a wide one two; spaced-out Chinese words close up."""
    chars: list[Char | None] = []
    text = ""
    for before, piece in zip((None, *pieces), pieces, strict=False):
        if before is not None:
            gap = (piece.x0 - before.x1) / max(piece.size, 1.0)
            close = not (before.text[-1].isascii() or piece.text[0].isascii())
            space = "  " if gap >= _TWO_SPACES else " " if gap >= _ONE_SPACE and not close else ""
            text += space
            chars += [None] * len(space)
        for char in piece.chars:
            text += char.text
            chars += [char] * len(char.text)
    return PlacedText(text, tuple(chars))


def joined_texts(parts: Sequence[PlacedText], between: Sequence[str]) -> PlacedText:
    """Texts one after another, `between[i]` before `parts[i + 1]`."""
    text, chars = "", []
    for position, part in enumerate(parts):
        gap = between[position - 1] if position else ""
        text += gap + part.text
        chars += [None] * len(gap) + list(part.chars)
    return PlacedText(text, tuple(chars))
