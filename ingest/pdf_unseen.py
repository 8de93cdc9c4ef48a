"""Text that a PDF page holds and does not show: clipped away, drawn as nothing, or white on white.

A workbook printed to PDF keeps all of a cell's text and clips what does not fit; such a line lies over the rows above or
below, where it would be read as theirs. What nobody sees on the page is not read.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium_c

Rectangle = tuple[float, float, float, float]

# ISO 32000-1 §9.3.6: text rendering modes 3 and 7 draw nothing.
_DRAWS_NOTHING = (3, 7)
# A text may stand out of its clip by its font's side bearing (points).
_SLACK = 1.0
# The corners of a rectangle, with and without the segment that closes it.
_RECTANGLE_SEGMENTS = (4, 5)
_EVERYWHERE: Rectangle = (float("-inf"), float("-inf"), float("inf"), float("inf"))
_WHITE = 250
# A page is a picture where one picture covers this share of it.
_COVERS = 0.5
# A blank form's rulings are fewer strokes than a page of outlined characters.
_OUTLINES = 500


@dataclass(frozen=True)
class Unseen:
    """Address of a text object → the rectangle it is seen in, in page space; None where it is not seen at all."""

    windows: dict[int, Rectangle | None]

    def hides(self, text_page: Any, index: int, x: float, y: float) -> bool:
        """Whether the character of this index, with its middle at (x, y), is not seen."""
        address = _address(pdfium_c.FPDFText_GetTextObject(text_page, index))
        if address not in self.windows:
            return False
        window = self.windows[address]
        return window is None or not (window[0] <= x <= window[2] and window[1] <= y <= window[3])


def unseen_text(page: Any) -> Unseen:
    """What of the text of a pypdfium2 page is not seen; of text inside forms only what draws nothing is known."""
    windows: dict[int, Rectangle | None] = {}
    white: list[Any] = []
    for item in _objects(page, pdfium_c.FPDF_PAGEOBJ_TEXT):
        if pdfium_c.FPDFTextObj_GetTextRenderMode(item) in _DRAWS_NOTHING:
            windows[_address(item)] = None
            continue
        window = _window(item)
        if window is not None:
            windows[_address(item)] = window
        if _is_white(item):
            white.append(item)
    areas = list(_coloured_areas(page)) if white else []
    for item in white:
        left, bottom, right, top = _bounds(item)
        x, y = (left + right) / 2, (bottom + top) / 2
        behind = (a for a in areas if min(a[2] - a[0], a[3] - a[1]) >= (top - bottom) / 2)
        if not any(a[0] <= x <= a[2] and a[1] <= y <= a[3] for a in behind):
            windows[_address(item)] = None
    return Unseen(windows)


def _coloured_areas(page: Any) -> Iterator[Rectangle]:
    """Where white text would be seen: on filled areas and pictures."""
    for item in _objects(page, pdfium_c.FPDF_PAGEOBJ_PATH):
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        drawn = pdfium_c.FPDFPath_GetDrawMode(item, fill, stroke) and fill.value
        if drawn and not _is_white(item):
            yield _bounds(item)
    for item in _objects(page, pdfium_c.FPDF_PAGEOBJ_IMAGE):
        yield _bounds(item)


def has_picture(page: Any) -> bool:
    """Whether most of a page is a picture, or it is drawn stroke by stroke (text turned to outlines)."""
    left, bottom, right, top = page.get_bbox()
    whole = (right - left) * (top - bottom)
    pictures = (_bounds(item) for item in _objects(page, pdfium_c.FPDF_PAGEOBJ_IMAGE))
    if sum((b[2] - b[0]) * (b[3] - b[1]) for b in pictures) >= _COVERS * whole:
        return True
    outlines = sum(1 for _ in _objects(page, pdfium_c.FPDF_PAGEOBJ_PATH))
    return outlines >= _OUTLINES or any(_holds_image(f) for f in _objects(page, pdfium_c.FPDF_PAGEOBJ_FORM))


def _holds_image(form: Any) -> bool:
    items = (pdfium_c.FPDFFormObj_GetObject(form, i) for i in range(pdfium_c.FPDFFormObj_CountObjects(form)))
    return any(pdfium_c.FPDFPageObj_GetType(item) == pdfium_c.FPDF_PAGEOBJ_IMAGE for item in items)


def _objects(page: Any, kind: int) -> Iterator[Any]:
    """The page's own objects of a kind; those inside forms are not among them."""
    for index in range(pdfium_c.FPDFPage_CountObjects(page.raw)):
        item = pdfium_c.FPDFPage_GetObject(page.raw, index)
        if pdfium_c.FPDFPageObj_GetType(item) == kind:
            yield item


def _address(item: Any) -> int:
    return ctypes.cast(item, ctypes.c_void_p).value or 0


def _window(item: Any) -> Rectangle | None:
    """The rectangle that a text object is cut to; None where all of it is seen."""
    clip = pdfium_c.FPDFPageObj_GetClipPath(item)
    count = pdfium_c.FPDFClipPath_CountPaths(clip)
    if count < 1:
        return None
    window = _EVERYWHERE
    # The innermost clips are the last; a cell's is one of them.
    for index in range(max(0, count - 2), count):
        if pdfium_c.FPDFClipPath_CountPathSegments(clip, index) in _RECTANGLE_SEGMENTS:
            (xa, ya), (xb, yb) = _corner(clip, index, 0), _corner(clip, index, 2)
            window = (
                max(window[0], min(xa, xb) - _SLACK),
                max(window[1], min(ya, yb) - _SLACK),
                min(window[2], max(xa, xb) + _SLACK),
                min(window[3], max(ya, yb) + _SLACK),
            )
    left, bottom, right, top = _bounds(item)
    inside = window[0] <= left and window[1] <= bottom and window[2] >= right and window[3] >= top
    return None if inside else window


def _corner(clip: Any, path: int, segment: int) -> tuple[float, float]:
    x, y = ctypes.c_float(), ctypes.c_float()
    pdfium_c.FPDFPathSegment_GetPoint(pdfium_c.FPDFClipPath_GetPathSegment(clip, path, segment), x, y)
    return x.value, y.value


def _bounds(item: Any) -> Rectangle:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium_c.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    return left.value, bottom.value, right.value, top.value


def _is_white(item: Any) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium_c.FPDFPageObj_GetFillColor(item, red, green, blue, alpha):
        return False
    return alpha.value == 0 or min(red.value, green.value, blue.value) >= _WHITE
