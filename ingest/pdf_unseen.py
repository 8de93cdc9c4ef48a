"""Text that a PDF page holds and does not show: clipped away, drawn as nothing, white on white, or under a picture.

A workbook printed to PDF keeps all of a cell's text and clips what does not fit; such a line lies over the rows above or
below, where it would be read as theirs. Programs that recognise the text of a scan put it, unchecked, under the picture
or over it as nothing drawn. What nobody sees on the page is not read.
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
_WHITE = 250
# A page is a picture where one picture covers this share of it.
_COVERS = 0.5
# The alpha of what nothing shows through, and how much of a picture has it that hides a page.
_OPAQUE, _MOSTLY = 255, 0.9
# Forms within forms: a page print has one or two.
_DEEPEST_FORM = 8
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
    """What of the text of a pypdfium2 page is not seen; of text inside forms, what draws nothing or is under a picture."""
    probe = _Probe()
    windows: dict[int, Rectangle | None] = {}
    white: list[Any] = []
    below: list[Any] = []
    for item in _in_order(page):
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            if below and _hides_page(item, page, probe):
                windows |= dict.fromkeys(map(_address, below), None)
        elif kind == pdfium_c.FPDF_PAGEOBJ_FORM:
            for inner in _texts_of_form(item, 0):
                below.append(inner)
                if pdfium_c.FPDFTextObj_GetTextRenderMode(inner) in _DRAWS_NOTHING:
                    windows[_address(inner)] = None
        elif kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            below.append(item)
            if pdfium_c.FPDFTextObj_GetTextRenderMode(item) in _DRAWS_NOTHING:
                windows[_address(item)] = None
                continue
            window = probe.window(item)
            if window is not None:
                windows[_address(item)] = window
            if probe.is_white(item):
                white.append(item)
    areas = list(_coloured_areas(page, probe)) if white else []
    for item in white:
        left, bottom, right, top = probe.bounds(item)
        x, y = (left + right) / 2, (bottom + top) / 2
        behind = (a for a in areas if min(a[2] - a[0], a[3] - a[1]) >= (top - bottom) / 2)
        if not any(a[0] <= x <= a[2] and a[1] <= y <= a[3] for a in behind):
            windows[_address(item)] = None
    return Unseen(windows)


def _in_order(page: Any) -> Iterator[Any]:
    """The page's own objects, each drawn over those before it."""
    for index in range(pdfium_c.FPDFPage_CountObjects(page.raw)):
        yield pdfium_c.FPDFPage_GetObject(page.raw, index)


def _texts_of_form(form: Any, depth: int) -> Iterator[Any]:
    """The text objects inside a form, and those inside forms within it."""
    for index in range(pdfium_c.FPDFFormObj_CountObjects(form)):
        inner = pdfium_c.FPDFFormObj_GetObject(form, index)
        kind = pdfium_c.FPDFPageObj_GetType(inner)
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            yield inner
        elif kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth < _DEEPEST_FORM:
            yield from _texts_of_form(inner, depth + 1)


def _hides_page(image: Any, page: Any, probe: _Probe) -> bool:
    """Whether a picture that nothing shines through covers most of the page: the text drawn before it is under it."""
    left, bottom, right, top = page.get_bbox()
    x0, y0, x1, y1 = probe.bounds(image)
    wide, high = min(x1, right) - max(x0, left), min(y1, top) - max(y0, bottom)
    covers = wide > 0 and high > 0 and wide * high >= _COVERS * (right - left) * (top - bottom)
    return covers and not pdfium_c.FPDFPageObj_HasTransparency(image) and _is_opaque(image, page)


def _is_opaque(image: Any, page: Any) -> bool:
    """Whether nothing shows through a picture, its mask applied."""
    bitmap = pdfium_c.FPDFImageObj_GetRenderedBitmap(page.pdf.raw, page.raw, image)
    if not bitmap:
        return False
    try:
        if pdfium_c.FPDFBitmap_GetFormat(bitmap) != pdfium_c.FPDFBitmap_BGRA:
            return True
        size = pdfium_c.FPDFBitmap_GetStride(bitmap) * pdfium_c.FPDFBitmap_GetHeight(bitmap)
        alphas = ctypes.string_at(pdfium_c.FPDFBitmap_GetBuffer(bitmap), size)[3::4]
        return alphas.count(_OPAQUE) >= _MOSTLY * len(alphas)
    finally:
        pdfium_c.FPDFBitmap_Destroy(bitmap)


def _coloured_areas(page: Any, probe: _Probe) -> Iterator[Rectangle]:
    """Where white text would be seen: on filled areas and pictures."""
    for item in _objects(page, pdfium_c.FPDF_PAGEOBJ_PATH):
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        drawn = pdfium_c.FPDFPath_GetDrawMode(item, fill, stroke) and fill.value
        if drawn and not probe.is_white(item):
            yield probe.bounds(item)
    for item in _objects(page, pdfium_c.FPDF_PAGEOBJ_IMAGE):
        yield probe.bounds(item)


def has_picture(page: Any) -> bool:
    """Whether most of a page is a picture, or it is drawn stroke by stroke (text turned to outlines)."""
    left, bottom, right, top = page.get_bbox()
    whole = (right - left) * (top - bottom)
    probe = _Probe()
    pictures = (probe.bounds(item) for item in _objects(page, pdfium_c.FPDF_PAGEOBJ_IMAGE))
    if sum((b[2] - b[0]) * (b[3] - b[1]) for b in pictures) >= _COVERS * whole:
        return True
    outlines = sum(1 for _ in _objects(page, pdfium_c.FPDF_PAGEOBJ_PATH))
    return outlines >= _OUTLINES or any(_holds_image(f) for f in _objects(page, pdfium_c.FPDF_PAGEOBJ_FORM))


def _holds_image(form: Any) -> bool:
    items = (pdfium_c.FPDFFormObj_GetObject(form, i) for i in range(pdfium_c.FPDFFormObj_CountObjects(form)))
    return any(pdfium_c.FPDFPageObj_GetType(item) == pdfium_c.FPDF_PAGEOBJ_IMAGE for item in items)


def _objects(page: Any, kind: int) -> Iterator[Any]:
    """The page's own objects of a kind; those inside forms are not among them."""
    for item in _in_order(page):
        if pdfium_c.FPDFPageObj_GetType(item) == kind:
            yield item


def _address(item: Any) -> int:
    return ctypes.cast(item, ctypes.c_void_p).value or 0


class _Probe:
    """Asks PDFium about one object after another, with the same few places for its answers: there are thousands."""

    def __init__(self) -> None:
        self._sides = tuple(ctypes.c_float() for _ in range(4))
        self._side_references = tuple(ctypes.byref(side) for side in self._sides)
        self._colours = tuple(ctypes.c_uint() for _ in range(4))
        self._colour_references = tuple(ctypes.byref(colour) for colour in self._colours)

    def bounds(self, item: Any) -> Rectangle:
        pdfium_c.FPDFPageObj_GetBounds(item, *self._side_references)
        left, bottom, right, top = self._sides
        return left.value, bottom.value, right.value, top.value

    def is_white(self, item: Any) -> bool:
        if not pdfium_c.FPDFPageObj_GetFillColor(item, *self._colour_references):
            return False
        red, green, blue, alpha = self._colours
        return alpha.value == 0 or (red.value >= _WHITE and green.value >= _WHITE and blue.value >= _WHITE)

    def window(self, item: Any) -> Rectangle | None:
        """The rectangle that a text object is cut to by its innermost clip, the last; None where all of it is seen."""
        clip = pdfium_c.FPDFPageObj_GetClipPath(item)
        innermost = pdfium_c.FPDFClipPath_CountPaths(clip) - 1
        if innermost < 0 or (
            pdfium_c.FPDFClipPath_CountPathSegments(clip, innermost) not in _RECTANGLE_SEGMENTS
        ):
            return None
        xa, ya = self._corner(clip, innermost, 0)
        xb, yb = self._corner(clip, innermost, 2)
        x0, x1 = (xa, xb) if xa <= xb else (xb, xa)
        y0, y1 = (ya, yb) if ya <= yb else (yb, ya)
        window = (x0 - _SLACK, y0 - _SLACK, x1 + _SLACK, y1 + _SLACK)
        left, bottom, right, top = self.bounds(item)
        inside = window[0] <= left and window[1] <= bottom and window[2] >= right and window[3] >= top
        return None if inside else window

    def _corner(self, clip: Any, path: int, segment: int) -> tuple[float, float]:
        point = pdfium_c.FPDFClipPath_GetPathSegment(clip, path, segment)
        pdfium_c.FPDFPathSegment_GetPoint(point, *self._side_references[:2])
        return self._sides[0].value, self._sides[1].value
