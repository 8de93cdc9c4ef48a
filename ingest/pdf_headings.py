"""Headings of a table whose columns no line parts → which columns each of them stands over.

A heading that stands over one column alone and is the lowest there names that column. Every other one names a group. How
deep a column lies is told by the lines drawn in the head, or else by heights: headings of one level stand alike, and one
that has no group over it stands higher than one that has. The columns that lie deeper than a level are divided among
the groups of that level, each in the middle of its own or over a line just as long; where several ways of dividing them
remain, nothing is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median

from mingzhang.ingest.pdf_cells import FrameCell
from mingzhang.ingest.pdf_heading_texts import APART, Heading, Strip, headings_of, with_headings_beside
from mingzhang.ingest.pdf_pieces import Piece
from mingzhang.ingest.pdf_rulings import Ruling

# 类, 款, 项 of a functional code.
_NAMES_CODES = "类款项"

# Lines of one heading follow one another within this (font sizes, from middle to middle), tried one after the other.
_LINE_PITCHES = (1.3, 1.0, 1.6, 2.0)
# Headings of one level differ in height by at most this (font sizes).
_ALIKE = 0.3
# How far (font sizes) text set in the middle of its columns may miss it.
_OFF_MIDDLE = 0.1
# Headings that stand over no printed text may be over blank columns, or name groups: of so many, every choice is tried;
# of more, that all are over blank columns but for a few.
_MOST_OPEN, _FEW_GROUPS = 6, 2
# The head of a table of three levels is deep; a deeper one is no head.
_DEEPEST = 4


@dataclass(frozen=True)
class HeadArea:
    """Where a head stands: the table's sides, the head's upper and lower edge, and the level lines inside it.

    `sides` says whether left and right are drawn; else they are where the text ends.
    """

    left: float
    top: float
    right: float
    bottom: float
    lines: tuple[Ruling, ...]
    sides: bool


@dataclass(frozen=True)
class Head:
    """A head that leaves no choice: the strips of all columns, blank ones included; the upper edges of its rows; and

    its cells. `between` has (from, to) for each edge between two columns: wherever it is there, it cuts no text.
    """

    strips: tuple[Strip, ...]
    between: tuple[Strip, ...]
    edges: tuple[float, ...]
    cells: tuple[FrameCell, ...]


@dataclass(frozen=True)
class _Group:
    """A heading over the strips `first` up to and with `last`; `depth` is its level, from 0."""

    heading: Heading
    first: int
    last: int
    depth: int


def read_head(pieces: Sequence[Piece], strips: Sequence[Strip], area: HeadArea) -> Head | None:
    """The head of the columns whose body text keeps to `strips`; None where its headings leave a choice."""
    for pitch in _LINE_PITCHES:
        headings = headings_of(pieces, pitch, area.lines)
        strips_here = with_headings_beside(headings, strips)
        found = {
            head.cells: head
            for all_strips in _with_blank_columns(headings, strips_here)
            if (head := _head(headings, all_strips, area)) is not None
        }
        if found:
            return next(iter(found.values())) if len(found) == 1 else None
    return None


def _with_blank_columns(headings: Sequence[Heading], strips: Sequence[Strip]) -> Iterator[list[Strip]]:
    """The strips, with every choice of the headings that stand over none of them as columns of their own."""
    over_none = [h for h in headings if not h.over(strips) and _may_name(h)]
    fewest = 0 if len(over_none) <= _MOST_OPEN else len(over_none) - _FEW_GROUPS
    for count in range(fewest, len(over_none) + 1):
        for chosen in combinations(over_none, count):
            yield sorted([*strips, *((h.left, h.right) for h in chosen)])


def _may_name(heading: Heading) -> bool:
    """Whether a heading may be a blank column's: a lone character is part of a word, but for those that name codes."""
    text = "".join(piece.text for piece in heading.pieces)
    return len(text) > 1 or text in _NAMES_CODES


def _head(headings: Sequence[Heading], strips: Sequence[Strip], area: HeadArea) -> Head | None:
    """The head over these strips; None where there is none, or several."""
    leaves = _leaves(headings, strips)
    if leaves is None:
        return None
    reach = tuple(
        (min(s[0], leaf.left), max(s[1], leaf.right)) for s, leaf in zip(strips, leaves, strict=True)
    )
    groups = [h for h in headings if h not in leaves]
    for options in _depths(leaves, groups, strips, area):
        trees: dict[tuple[_Group, ...], None] = {}
        for depths, levels in options:
            tree = _divided(depths, levels, groups, strips, reach, area)
            if tree is None:
                return None
            if tree or not groups:
                trees[tuple(tree)] = None
        if trees:
            break
    else:
        return None
    if len(trees) != 1:
        return None
    return _as_cells(next(iter(trees)), leaves, tuple(strips), reach, area)


def _leaves(headings: Sequence[Heading], strips: Sequence[Strip]) -> list[Heading] | None:
    """The heading of each strip: the lowest over it alone. None where one has none."""
    found: list[Heading] = []
    for index in range(len(strips)):
        own = [h for h in headings if h.over(strips) == [index]]
        if not own:
            return None
        found.append(max(own, key=lambda h: h.middle_y))
    return found


_Depths = tuple[list[int], list[int]]


def _depths(
    leaves: Sequence[Heading], groups: Sequence[Heading], strips: Sequence[Strip], area: HeadArea
) -> Iterator[list[_Depths]]:
    """Every (depth of each strip, level of each group) that lines allow; or heights: of text set in the middle of its

    cell, then of text set at its top.
    """
    if area.lines:
        deep = [_lines_above(area, (s[0] + s[1]) / 2, area.bottom) for s in strips]
        levels = [_lines_above(area, group.middle_x, group.middle_y) for group in groups]
        if max(deep) <= _DEEPEST and bool(max(deep)) == bool(groups):
            yield [(deep, levels)]
        return
    # Font boxes of digits and of words differ a little: heights are compared in points, by one size for all.
    size = median(heading.size for heading in leaves)
    if not groups:
        if set(_classes([h.middle_y for h in leaves], size) or ()) == {0}:
            yield [([0] * len(strips), [])]
        return
    yield _depths_by_height([h.middle_y for h in leaves], [h.middle_y for h in groups], size)
    yield _depths_by_height([h.top for h in leaves], [h.top for h in groups], size)


def _depths_by_height(leaves: Sequence[float], groups: Sequence[float], size: float) -> list[_Depths]:
    """The depths that heights allow: those of one depth are alike, and deeper ones are lower."""
    leaf_classes, group_classes = _classes(leaves, size), _classes(groups, size)
    if leaf_classes is None or group_classes is None:
        return []
    deepest, kinds = max(group_classes) + 1, max(leaf_classes) + 1
    if deepest > _DEEPEST or kinds > deepest + 1:
        return []
    return [
        ([(*above, deepest)[c] for c in leaf_classes], group_classes)
        for above in combinations(range(deepest), kinds - 1)
    ]


def _lines_above(area: HeadArea, x: float, y: float) -> int:
    return sum(1 for r in area.lines if r.at < y and r.start - 1 <= x <= r.end + 1)


def _classes(heights: Sequence[float], size: float) -> list[int] | None:
    """The number of its level for each height, from the top; None where two are neither alike nor apart."""
    ordered = sorted(set(heights))
    number, numbers, first = 0, {}, ordered[0] if ordered else 0.0
    for before, height in zip([None, *ordered], ordered, strict=False):
        if before is not None and height - first > _ALIKE * size:
            if height - before < APART * size:
                return None
            number, first = number + 1, height
        numbers[height] = number
    return [numbers[height] for height in heights]


def _divided(
    depths: Sequence[int],
    levels: Sequence[int],
    groups: Sequence[Heading],
    strips: Sequence[Strip],
    reach: Sequence[Strip],
    area: HeadArea,
) -> list[_Group] | None:
    """The groups with the strips they stand over; empty where these depths fit no groups, None where several ways do."""
    found: list[_Group] = []
    spans = [(0, len(strips) - 1)]
    for depth in range(max(depths)):
        own = sorted(
            (g for g, level in zip(groups, levels, strict=True) if level == depth), key=lambda g: g.middle_x
        )
        below: list[tuple[int, int]] = []
        for run in [r for span in spans for r in _runs(depths, depth, span)]:
            inside = [g for g in own if reach[run[0]][0] <= g.middle_x <= reach[run[1]][1]]
            if len(inside) == 1 and run == (0, len(strips) - 1) and not area.lines:
                # A heading over all columns, the names of the rows among them, would be the table's title.
                return []
            ways = [
                way
                for way in _ways(run, len(inside))
                if all(_may_stand(g, span, strips, area) for g, span in zip(inside, way, strict=True))
                and all(_is_in_middle(g, span, reach, area) for g, span in zip(inside, way, strict=True))
            ]
            if len(ways) > 1:
                return None
            if not ways:
                return []
            found += [_Group(g, *span, depth) for g, span in zip(inside, ways[0], strict=True)]
            below += ways[0]
        spans = below
    return found if len(found) == len(groups) else []


def _runs(depths: Sequence[int], depth: int, span: tuple[int, int]) -> list[tuple[int, int]]:
    """(first, last) of each run of strips in a span that lie deeper than `depth`."""
    runs: list[tuple[int, int]] = []
    for index in range(span[0], span[1] + 1):
        if depths[index] <= depth:
            continue
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def _ways(run: tuple[int, int], count: int) -> Iterator[list[tuple[int, int]]]:
    """Every way to divide a run among so many groups of two strips or more, from left to right."""
    first, last = run
    if not count:
        return
    for cuts in combinations(range(first + 1, last + 1), count - 1):
        bounds = [first, *cuts, last + 1]
        parts = [(a, b - 1) for a, b in pairwise(bounds)]
        if all(b > a for a, b in parts):
            yield parts


def _may_stand(group: Heading, span: tuple[int, int], strips: Sequence[Strip], area: HeadArea) -> bool:
    """Whether a heading may be that of a span: its text keeps to it, and a line, where lines are drawn, runs below it."""
    first, last = span
    if any(not first <= index <= last for index in group.over(strips)):
        return False
    if not strips[first][0] - group.size <= group.middle_x <= strips[last][1] + group.size:
        return False
    left, right = (strips[first][0] + strips[first][1]) / 2, (strips[last][0] + strips[last][1]) / 2
    return not area.lines or any(
        r.at > group.middle_y and r.start - 1 <= left and r.end + 1 >= right for r in area.lines
    )


def _underlined(group: Heading, span: tuple[int, int], reach: Sequence[Strip], area: HeadArea) -> bool:
    """Whether a line below a heading runs over the columns of a span and no others."""
    left, right = reach[span[0]][0], reach[span[1]][1]
    before = reach[span[0] - 1][1] if span[0] else -math.inf
    after = reach[span[1] + 1][0] if span[1] + 1 < len(reach) else math.inf
    return any(
        r.at > group.middle_y and before <= r.start <= left + 1 and right - 1 <= r.end <= after
        for r in area.lines
    )


def _is_in_middle(group: Heading, span: tuple[int, int], reach: Sequence[Strip], area: HeadArea) -> bool:
    """Whether a heading may stand in the middle of a span, wherever between its columns the edges are."""
    first, last = span
    if area.lines and _underlined(group, span, reach, area):
        return True
    room = 0.0 if area.sides else 2 * group.size
    lowest = (reach[first - 1][1] if first else area.left - room, reach[last][1])
    highest = (reach[first][0], reach[last + 1][0] if last + 1 < len(reach) else area.right + room)
    off = _OFF_MIDDLE * group.size
    return sum(lowest) / 2 - off <= group.middle_x <= sum(highest) / 2 + off


def _as_cells(
    groups: Sequence[_Group],
    leaves: Sequence[Heading],
    strips: tuple[Strip, ...],
    reach: tuple[Strip, ...],
    area: HeadArea,
) -> Head | None:
    """The head as cells; None where no edge parts the rows of its levels."""
    depth = [sum(1 for g in groups if g.first <= i <= g.last) for i in range(len(strips))]
    rows = max(depth) + 1
    edges = [area.top]
    for level in range(1, rows):
        above = [g.heading.bottom for g in groups if g.depth == level - 1]
        below = [g.heading.top for g in groups if g.depth == level]
        below += [leaf.top for leaf, d in zip(leaves, depth, strict=True) if d == level]
        if not above or not below or max(above) > min(below) + _ALIKE * leaves[0].size:
            return None
        edges.append((max(above) + min(below)) / 2)
    between = []
    for i, (one, other) in enumerate(pairwise(reach)):
        low = max([one[1], *(g.heading.right for g in groups if g.last == i)])
        high = min([other[0], *(g.heading.left for g in groups if g.first == i + 1)])
        if low > high:
            return None
        between.append((low, high))
    cells = [FrameCell(g.depth, g.first, 1, g.last - g.first + 1) for g in groups]
    cells += [FrameCell(d, i, rows - d, 1) for i, d in enumerate(depth)]
    return Head(strips, tuple(between), tuple(edges), tuple(sorted(cells, key=lambda c: (c.row, c.column))))
