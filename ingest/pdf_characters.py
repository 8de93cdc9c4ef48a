"""A PDF page → its characters and rulings, in points from the page's top left corner as it is looked at.

Only what PDFium says of the page; nothing is grouped yet. A page whose text runs upwards or downwards (a landscape table
printed on a portrait page) is turned until its text is upright, and `turned_back` gives a place on the page as it stands.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c

from mingzhang.ingest.pdf_radicals import unified
from mingzhang.ingest.pdf_unseen import Unseen, unseen_text

Place = Callable[[float, float], tuple[float, float]]

# A watermark runs askew; text that leans less than this is upright (radians).
_ASKEW = 0.1


class Char(NamedTuple):
    """A character and its font box: left, top, right, bottom, in points."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def size(self) -> float:
        """Height of the font box, in points."""
        return self.y1 - self.y0


@dataclass(frozen=True)
class PageText:
    """The characters of a page in the order of its content stream, None for each break between words.

    `askew` are those that do not run with the rest (a watermark); `turn` is how often the page is turned by 90° to the
    right until its text is upright; width and height are those of the turned page. `hides_text` says that some of the
    page's text is not seen (pdf_unseen) and not among the characters.
    """

    characters: tuple[Char | None, ...]
    askew: tuple[Char | None, ...]
    hides_text: bool
    width: float
    height: float
    turn: int
    place: Place

    def turned_back(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """A box of the turned page on the page as it stands: left, top, right, bottom."""
        width, height = self.width, self.height
        if self.turn == 1:
            return (y0, width - x1, y1, width - x0)
        if self.turn == 2:
            return (width - x1, height - y1, width - x0, height - y0)
        if self.turn == 3:
            return (height - y1, x0, height - y0, x1)
        return (x0, y0, x1, y1)


def page_text(page: Any) -> PageText:
    """The text of a pypdfium2 page."""
    text_page = page.get_textpage()
    try:
        unseen = unseen_text(page)
        raw = list(_raw_characters(text_page.raw, unseen, page.get_bbox()))
    finally:
        text_page.close()
    lean = _commonest_quarter(raw)
    # PDFium measures a character's angle clockwise on the page as stored, before the page's own rotation.
    quarters = -lean % 4
    turn = (quarters - page.get_rotation() // 90) % 4
    bounds = page.get_bbox()
    page_left, page_top = bounds[0], bounds[3]
    place, width, height = _placing(bounds, quarters)
    upright: list[Char | None] = []
    askew: list[Char | None] = []
    known_angle: float | None = None
    leans = False
    for item in raw:
        if item is None:
            upright.append(None)
            askew.append(None)
            continue
        char, left, bottom, right, top, angle = item
        if angle != known_angle:
            known_angle = angle
            leans = abs(math.remainder(angle - lean * math.pi / 2, 2 * math.pi)) > _ASKEW
        if not quarters and left <= right and bottom <= top:
            # A page as it stands, as most are: there are thousands of characters.
            placed = Char(char, left - page_left, page_top - top, right - page_left, page_top - bottom)
        else:
            xa, ya = place(left, bottom)
            xb, yb = place(right, top)
            placed = Char(char, min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb))
        (askew if leans else upright).append(placed)
    return PageText(tuple(upright), tuple(askew), bool(unseen.windows), width, height, turn, place)


def _raw_characters(
    text_page: Any, unseen: Unseen, bounds: tuple[float, float, float, float]
) -> Iterator[tuple[str, float, float, float, float, float] | None]:
    """(character, left, bottom, right, top, angle) in page space, None for white space and for generated breaks.

    What stands outside the page's bounds nobody sees; it is left out.
    """
    page_left, page_bottom, page_right, page_top = bounds
    box = pdfium_c.FS_RECTF()
    reference = ctypes.byref(box)
    # There are thousands of characters on a page: what is asked of each is looked up once.
    unicode_of, box_of, angle_of = (
        pdfium_c.FPDFText_GetUnicode,
        pdfium_c.FPDFText_GetLooseCharBox,
        pdfium_c.FPDFText_GetCharAngle,
    )
    for index in range(pdfium_c.FPDFText_CountChars(text_page)):
        code = unicode_of(text_page, index)
        char = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if not char or char.isspace() or code in (0xAD, 0x200B, 0xFEFF, 0xFFFE):
            yield None
            continue
        box_of(text_page, index, reference)
        if box.right < page_left or box.left > page_right or box.top < page_bottom or box.bottom > page_top:
            yield None
            continue
        if unseen.windows:
            x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
            if unseen.hides(text_page, index, x, y):
                yield None
                continue
        yield unified(char), box.left, box.bottom, box.right, box.top, angle_of(text_page, index)


def _commonest_quarter(raw: list[tuple[str, float, float, float, float, float] | None]) -> int:
    """How many quarter turns most characters lean: 0 for upright text."""
    angles = Counter(item[5] for item in raw if item is not None)
    quarters: Counter[int] = Counter()
    for angle, count in angles.items():
        quarters[round(angle / (math.pi / 2)) % 4] += count
    return quarters.most_common(1)[0][0] if quarters else 0


def _placing(bounds: tuple[float, float, float, float], quarters: int) -> tuple[Place, float, float]:
    """(page space → looked-at space, width, height) for a page box turned clockwise by so many quarters."""
    left, bottom, right, top = bounds
    width, height = right - left, top - bottom
    if quarters == 1:
        return (lambda x, y: (y - bottom, x - left)), height, width
    if quarters == 2:
        return (lambda x, y: (right - x, y - bottom)), width, height
    if quarters == 3:
        return (lambda x, y: (top - y, right - x)), height, width
    return (lambda x, y: (x - left, top - y)), width, height
