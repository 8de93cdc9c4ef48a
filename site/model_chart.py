"""Diagrams of the vocabulary: the model as a whole, and one class with its neighbours.

The places of the boxes of the whole are chosen here, so that its lines read well; what the classes are called and how
many things of each a release holds comes from the release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from mingzhang.site.ink import ACCENT, INK, cut, opening, themed, words

_WIDTH = 760
_BOX_WIDTH, _BOX_HEIGHT = 190, 46
_COLUMNS = (0, 285, 570)
_ROW = 108
_CLASS_COLUMNS = (0, 395, 790)
_LABEL_WIDTH = 138
"""Pixels that a label beside a neighbour takes up."""


@dataclass(frozen=True)
class ClassBox:
    """A class as a box shows it."""

    name: str
    """Local name, or prefix and name of another vocabulary's."""
    zh: str
    en: str
    count: str = ""
    """How many things of it there are, with separators."""


@dataclass(frozen=True)
class Arrow:
    """From a class to another, with the properties that lead there."""

    start: str
    properties: str
    end: str


MODEL_PLACES: Mapping[str, tuple[int, int]] = {
    "Division": (0, 0),
    "Department": (1, 0),
    "Project": (2, 0),
    "SourceDocument": (0, 1),
    "Disclosure": (1, 1),
    "Indicator": (2, 1),
    "Finding": (0, 2),
    "Table": (1, 2),
    "SumRelation": (2, 2),
    "ProseFigure": (0, 3),
    "TableFigure": (1, 3),
    "Concept": (2, 4),
    "Fact": (1, 4),
}
"""Class → column and row of its box. `Concept` stands for the concepts of all code lists."""

MODEL_ARROWS = (
    Arrow("Department", "division", "Division"),
    Arrow("Project", "department", "Department"),
    Arrow("Disclosure", "department", "Department"),
    Arrow("Disclosure", "dcterms:source", "SourceDocument"),
    Arrow("Indicator", "ofProject", "Project"),
    Arrow("Indicator", "dcterms:isPartOf", "Disclosure"),
    Arrow("Table", "dcterms:isPartOf", "Disclosure"),
    Arrow("Finding", "dcterms:isPartOf", "Disclosure"),
    Arrow("SumRelation", "inTable", "Table"),
    Arrow("SumRelation", "total, part", "TableFigure"),
    Arrow("TableFigure", "inTable", "Table"),
    Arrow("Finding", "involves", "TableFigure"),
    Arrow("ProseFigure", "states", "Fact"),
    Arrow("TableFigure", "states", "Fact"),
    Arrow("Fact", "functionalClass …", "Concept"),
)


def model_chart(boxes: Mapping[str, ClassBox], title: str, description: str) -> str:
    """The model as SVG: the boxes that are given, and the arrows between them."""
    height = (max(row for _, row in MODEL_PLACES.values()) + 1) * _ROW - (_ROW - _BOX_HEIGHT) + 12
    arrows = "".join(
        _arrow(MODEL_PLACES[arrow.start], MODEL_PLACES[arrow.end], arrow.properties)
        for arrow in MODEL_ARROWS
        if arrow.start in boxes and arrow.end in boxes
    )
    drawn = "".join(
        _box(box, _COLUMNS[MODEL_PLACES[name][0]], 2 + MODEL_PLACES[name][1] * _ROW)
        for name, box in boxes.items()
    )
    return (
        opening("model", _WIDTH, height, title, description, "model")
        + themed(_HEAD + arrows + drawn)
        + "</svg>"
    )


def class_chart(
    this: ClassBox,
    above: Sequence[ClassBox],
    incoming: Sequence[tuple[str, ClassBox]],
    outgoing: Sequence[tuple[str, ClassBox]],
    title: str,
    description: str,
) -> str:
    """A class between those that lead to it (left) and those it leads to (right), under what it is a kind of.

    `incoming` and `outgoing` pair the properties that lead there with the class at the other end.
    """
    step = _BOX_HEIGHT + 12
    top = 84 if above else 2
    rows = max(len(incoming), len(outgoing), 1)
    height = top + rows * step
    # Without anything on its left the class stands there itself.
    left, middle, right = _CLASS_COLUMNS if incoming or len(above) > 1 else (0, *_CLASS_COLUMNS[:2])
    columns = (left, middle, right)
    width = (right if outgoing or len(above) > 2 else middle) + _BOX_WIDTH
    middle_y = top + (rows * step - step) // 2
    lines, boxes = [], [_box(this, middle, middle_y, strong=True)]
    for at, box in enumerate(above[:3]):
        x = columns[at] if len(above) > 1 else middle
        lines.append(_line(middle + 95, middle_y, x + 95, 2 + _BOX_HEIGHT, "⊂"))
        boxes.append(_box(box, x, 2))
    for at, (properties, box) in enumerate(incoming):
        lines.append(_branch(left + _BOX_WIDTH, top + at * step, middle, middle_y, properties, into=True))
        boxes.append(_box(box, left, top + at * step))
    for at, (properties, box) in enumerate(outgoing):
        lines.append(_branch(right, top + at * step, middle + _BOX_WIDTH, middle_y, properties, into=False))
        boxes.append(_box(box, right, top + at * step))
    return (
        opening("model", width, height, title, description, "model")
        + themed(_HEAD + "".join(lines + boxes))
        + "</svg>"
    )


def _branch(x: int, y: int, middle_x: int, middle_y: int, label: str, into: bool) -> str:
    """From a neighbour's edge level as far as its label is long, then in a curve to the class; or the other way."""
    side = 1 if into else -1
    y, middle_y = y + _BOX_HEIGHT // 2, middle_y + _BOX_HEIGHT // 2
    bend = x + side * _LABEL_WIDTH
    half = (bend + middle_x) // 2
    path = (
        f"M{x},{y}H{bend}C{half},{y} {half},{middle_y} {middle_x},{middle_y}"
        if into
        else f"M{middle_x},{middle_y}C{half},{middle_y} {half},{y} {bend},{y}H{x}"
    )
    anchor = "start" if into else "end"
    return (
        f'<path d="{path}" fill="none" stroke="{INK}" stroke-opacity=".55" marker-end="url(#head)"/>'
        f'<text x="{x + side * 8}" y="{y - 5}" font-size="11" text-anchor="{anchor}" fill="{INK}">'
        f"{escape(cut(label, 24))}</text>"
    )


_HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    f'<path d="M0,1L7,4L0,7" fill="none" stroke="{INK}"/></marker></defs>'
)


def _box(box: ClassBox, x: int, y: int, strong: bool = False) -> str:
    """A box with the class's name and, where they are known, its labels and count."""
    width = 2 if strong else 1
    edge = ACCENT if strong else INK
    centre = x + _BOX_WIDTH // 2
    named_at = f'x="{x + 10}"' if box.count else f'x="{centre}" text-anchor="middle"'
    called = f'{named_at} y="{y + 38}" font-size="12" fill="{INK}"'
    count = f'<text x="{x + _BOX_WIDTH - 8}" y="{y + 19}" font-size="11" text-anchor="end" fill="{INK}">{box.count}</text>'
    return (
        f'<g><rect x="{x + 1}" y="{y}" width="{_BOX_WIDTH - 2}" height="{_BOX_HEIGHT}" rx="3" fill="var(--sheet)" '
        f'stroke="{edge}" stroke-width="{width}"/>'
        f'<text {named_at} y="{y + 19}" font-size="13" font-weight="600" fill="{INK}">{escape(box.name)}</text>'
        f"{words(box.zh, box.en, called, 14)}{count if box.count else ''}</g>"
    )


def _arrow(start: tuple[int, int], end: tuple[int, int], label: str) -> str:
    """A line between two boxes of the whole, from edge to edge."""
    x1, y1 = _COLUMNS[start[0]], 2 + start[1] * _ROW
    x2, y2 = _COLUMNS[end[0]], 2 + end[1] * _ROW
    half = _BOX_WIDTH // 2
    if start[0] == end[0]:
        down = y2 > y1
        return _line(x1 + half, y1 + (_BOX_HEIGHT if down else 0), x2 + half, y2 + (0 if down else 46), label)
    right = x2 > x1
    if start[1] == end[1]:
        return _line(
            x1 + (_BOX_WIDTH if right else 0), y1 + 23, x2 + (0 if right else _BOX_WIDTH), y2 + 23, label
        )
    down = y2 > y1
    return _line(
        x1 + (_BOX_WIDTH - 30 if right else 30),
        y1 + (_BOX_HEIGHT if down else 0),
        x2 + (30 if right else _BOX_WIDTH - 30),
        y2 + (0 if down else _BOX_HEIGHT),
        label,
    )


def _line(x1: int, y1: int, x2: int, y2: int, label: str) -> str:
    """A line with an arrow's head and, half way along it, its label on a patch of paper."""
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{INK}" stroke-opacity=".55" marker-end="url(#head)"/>'
        f'<text x="{x:.0f}" y="{y + 4:.0f}" font-size="11" text-anchor="middle" fill="{INK}" stroke="var(--paper)" '
        f'stroke-width="5" paint-order="stroke">{escape(label)}</text>'
    )
