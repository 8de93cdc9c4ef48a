"""The straight lines drawn on a page: path objects → rulings, joined and snapped.

A ruling may be a stroked line, an edge of a stroked rectangle, a thin filled rectangle or a thin picture; all look alike
on paper.
Shading (a filled area) is none, and neither is what is drawn in white.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c

from mingzhang.ingest.pdf_characters import Place

# Thicker than this (points), a filled rectangle is an area and no line.
_THIN = 3.0
# Lines nearer than this (points) are one line drawn twice: rows and columns of print are wider.
_SNAP = 2.5
# Pieces of a dashed or cell-by-cell line, end to end (points).
_GAP = 3.0
# Nothing shorter (points) divides cells once joined.
_SHORTEST = 4.0
# Forms within forms: a page print has one or two.
_DEEPEST_FORM = 8

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Ruling(NamedTuple):
    """A line: `at` is its y (horizontal) or x (vertical), `start` to `end` its extent, in points."""

    at: float
    start: float
    end: float


class Rulings(NamedTuple):
    """The rulings of a page, each line once."""

    horizontal: tuple[Ruling, ...]
    vertical: tuple[Ruling, ...]


def page_rulings(page: Any, place: Place) -> Rulings:
    """The rulings of a pypdfium2 page; `place` takes page space to where it is looked at."""
    count = pdfium_c.FPDFPage_CountObjects(page.raw)
    objects = (pdfium_c.FPDFPage_GetObject(page.raw, index) for index in range(count))
    horizontal: list[Ruling] = []
    vertical: list[Ruling] = []
    for xa, ya, xb, yb in _segments(objects, _IDENTITY, 0):
        (x0, y0), (x1, y1) = place(xa, ya), place(xb, yb)
        if abs(y1 - y0) <= _THIN and abs(x1 - x0) > abs(y1 - y0):
            horizontal.append(Ruling((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        elif abs(x1 - x0) <= _THIN and abs(y1 - y0) > abs(x1 - x0):
            vertical.append(Ruling((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
    return Rulings(joined(horizontal), joined(vertical))


def joined(rulings: Iterable[Ruling]) -> tuple[Ruling, ...]:
    """Rulings with near ones snapped to one line and what touches end to end made one."""
    found: list[Ruling] = []
    lines: dict[float, list[Ruling]] = defaultdict(list)
    ordered = sorted(rulings)
    for at, ruling in zip(snapped([r.at for r in ordered]), ordered, strict=True):
        lines[at].append(ruling)
    for at, pieces in lines.items():
        start, end = None, 0.0
        for piece in sorted(pieces, key=lambda r: r.start):
            if start is None:
                start, end = piece.start, piece.end
            elif piece.start <= end + _GAP:
                end = max(end, piece.end)
            else:
                found.append(Ruling(at, start, end))
                start, end = piece.start, piece.end
        if start is not None:
            found.append(Ruling(at, start, end))
    return tuple(sorted(r for r in found if r.end - r.start >= _SHORTEST))


def snapped(ordered: list[float]) -> list[float]:
    """Positions in ascending order, those within _SNAP of the first of them replaced by their mean."""
    means: list[float] = []
    start = 0
    for index in range(len(ordered) + 1):
        if index == len(ordered) or ordered[index] - ordered[start] > _SNAP:
            group = ordered[start:index]
            means += [sum(group) / len(group)] * len(group) if group else []
            start = index
    return means


def _segments(
    objects: Iterable[Any], matrix: Matrix, depth: int
) -> Iterator[tuple[float, float, float, float]]:
    """(x, y, x, y) of everything that may be a ruling, in page space."""
    for item in objects:
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            yield from _path_segments(item, matrix)
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            yield from _thin_picture(item, matrix)
        elif kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth < _DEEPEST_FORM:
            count = pdfium_c.FPDFFormObj_CountObjects(item)
            inner = (pdfium_c.FPDFFormObj_GetObject(item, index) for index in range(count))
            yield from _segments(inner, _times(_matrix_of(item), matrix), depth + 1)


def _thin_picture(image: Any, outer: Matrix) -> Iterator[tuple[float, float, float, float]]:
    """The line that a picture is which is thin enough: some programs draw lines so."""
    a, b, c, d, e, f = _times(_matrix_of(image), outer)
    xs, ys = (e, e + a + c), (f, f + b + d)
    wide, high = abs(xs[1] - xs[0]), abs(ys[1] - ys[0])
    if high <= _THIN < wide:
        yield (xs[0], sum(ys) / 2, xs[1], sum(ys) / 2)
    elif wide <= _THIN < high:
        yield (sum(xs) / 2, ys[0], sum(xs) / 2, ys[1])


def _path_segments(path: Any, outer: Matrix) -> Iterator[tuple[float, float, float, float]]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(path, fill, stroke)
    stroked = bool(stroke.value) and not _is_white(path, pdfium_c.FPDFPageObj_GetStrokeColor)
    filled = bool(fill.value) and not _is_white(path, pdfium_c.FPDFPageObj_GetFillColor)
    if not stroked and not filled:
        return
    matrix = _times(_matrix_of(path), outer)
    for points in _subpaths(path, matrix):
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        box = (min(xs), min(ys), max(xs), max(ys))
        thin = min(box[2] - box[0], box[3] - box[1]) <= _THIN
        if thin and (stroked or filled):
            if box[2] - box[0] <= box[3] - box[1]:
                middle = (box[0] + box[2]) / 2
                yield (middle, box[1], middle, box[3])
            else:
                middle = (box[1] + box[3]) / 2
                yield (box[0], middle, box[2], middle)
        elif stroked:
            for (xa, ya), (xb, yb) in pairwise(points):
                yield (xa, ya, xb, yb)


def _subpaths(path: Any, matrix: Matrix) -> Iterator[list[tuple[float, float]]]:
    """The corner points of each part of a path; parts with curves are no rulings and are left out."""
    points: list[tuple[float, float]] = []
    curved = False
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(pdfium_c.FPDFPath_CountSegments(path)):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, index)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            if len(points) > 1 and not curved:
                yield points
            points, curved = [], False
        curved = curved or kind == pdfium_c.FPDF_SEGMENT_BEZIERTO
        a, b, c, d, e, f = matrix
        points.append((a * x.value + c * y.value + e, b * x.value + d * y.value + f))
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if len(points) > 1 and not curved:
        yield points


def _matrix_of(item: Any) -> Matrix:
    found = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(item, found):
        return _IDENTITY
    return (found.a, found.b, found.c, found.d, found.e, found.f)


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """First the inner transformation, then the outer (ISO 32000-1 §8.3.4)."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _is_white(path: Any, colour_of: Any) -> bool:
    """Whether a colour cannot be seen on paper: white, or fully transparent."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not colour_of(path, red, green, blue, alpha):
        return False
    return alpha.value == 0 or min(red.value, green.value, blue.value) >= 250
