"""A printed table, put together again from its figures: the same rows, columns and header levels.

The graph keeps each figure's row label, header path, line and position in the line; empty cells and the columns'
order are not in it. The order follows from the rows: what stands left of what on some line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.links import href
from mingzhang.site.namespaces import MZ, local_name
from mingzhang.site.places import counted_in, short
from mingzhang.site.words import Words

_LEVELS = " / "
_SIDES = ("收入", "支出")


@dataclass(frozen=True)
class Mark:
    """A figure as it stands in a cell."""

    href: str
    token: str
    certainty: str
    """`Printed`, `Reconciled` or `Ambiguous`."""


@dataclass(frozen=True)
class HeaderCell:
    text: str
    columns: int
    rows: int
    is_label: bool = False
    """Heads the row labels, not amounts."""


@dataclass(frozen=True)
class Side:
    """One labelled part of a row: its label and a cell for each of the side's columns."""

    label: str
    codes: str
    cells: tuple[tuple[Mark, ...], ...]


@dataclass(frozen=True)
class PrintedRow:
    line: int
    line_href: str
    where: str
    """The line's number, or the page."""
    sides: tuple[Side, ...]
    unplaced: tuple[Mark, ...]
    """Figures whose column is not proven."""


@dataclass(frozen=True)
class PrintedTable:
    header: tuple[tuple[HeaderCell, ...], ...]
    rows: tuple[PrintedRow, ...]
    has_unplaced: bool
    has_reconciled: bool
    margin: Words
    """What the places in its margin are: lines, pages or cells."""


@dataclass(frozen=True)
class _Placed:
    """A figure with what places it."""

    mark: Mark
    line: int
    nth: int
    label: str
    codes: str
    path: str
    side: int
    line_href: str


def printed_table(graph: ReleaseGraph, table: str) -> PrintedTable:
    """The table with the figures that were read from it; without rows where there are none."""
    figures = sorted(
        (
            _placed(graph, iri)
            for iri in graph.subjects(MZ + "inTable", table)
            if graph.is_a(iri, "TableFigure")
        ),
        key=lambda figure: (figure.line, figure.nth),
    )
    starts = {figure.path.split(_LEVELS)[0] for figure in figures if figure.path}
    two_sided = starts >= set(_SIDES)
    sides = _SIDES if two_sided else ("",)
    columns = [
        _column_order([f for f in figures if f.path and (not two_sided or f.side == s)])
        for s in range(len(sides))
    ]
    rows = tuple(_rows(figures, columns, two_sided))
    return PrintedTable(
        _header(columns, two_sided),
        rows,
        any(row.unplaced for row in rows),
        any(figure.mark.certainty == "Reconciled" for figure in figures),
        counted_in(figures[0].line_href.partition("#")[2] if figures else ""),
    )


def _placed(graph: ReleaseGraph, iri: str) -> _Placed:
    certainty = local_name(graph.text(iri, MZ + "certainty"))
    ambiguous = certainty == "Ambiguous"
    path = "" if ambiguous else graph.text(iri, MZ + "columnPath")
    hint = path or graph.text(iri, MZ + "candidate")
    return _Placed(
        Mark(href(iri, graph.base), graph.text(iri, MZ + "token"), certainty),
        graph.integer(iri, MZ + "line"),
        graph.integer(iri, MZ + "nth"),
        graph.text(iri, MZ + "rowLabel"),
        " ".join(sorted(graph.texts(iri, MZ + "codePrinted"))),
        path,
        1 if hint.startswith(_SIDES[1]) else 0,
        href(graph.text(iri, MZ + "place"), graph.base),
    )


def _column_order(figures: Sequence[_Placed]) -> list[str]:
    """Header paths from left to right, as the rows show them."""
    by_row: dict[int, list[str]] = {}
    seen: dict[str, int] = {}
    for figure in figures:
        by_row.setdefault(figure.line, []).append(figure.path)
        seen.setdefault(figure.path, len(seen))
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(seen, ()))
    for paths in by_row.values():
        for left, right in pairwise(paths):
            if left != right:
                sorter.add(right, left)
    try:
        sorter.prepare()
    except CycleError:
        # Two rows disagree: a row reaches over two lines, say. Then the order of first appearance is all there is.
        return list(seen)
    order: list[str] = []
    ready = set(sorter.get_ready())
    while ready:
        # Among the columns that may come next, the one whose header is nearest to the last one's.
        path = min(ready, key=lambda name: (-_shared_levels(order, name), seen[name]))
        ready.remove(path)
        order.append(path)
        sorter.done(path)
        ready |= set(sorter.get_ready())
    return order


def _shared_levels(order: Sequence[str], path: str) -> int:
    """How many header levels a column has in common with the last one placed."""
    if not order:
        return 0
    count = 0
    for left, right in zip(order[-1].split(_LEVELS), path.split(_LEVELS), strict=False):
        if left != right:
            break
        count += 1
    return count


def _rows(figures: Sequence[_Placed], columns: list[list[str]], two_sided: bool) -> list[PrintedRow]:
    groups: dict[tuple[int, str], list[_Placed]] = {}
    for figure in figures:
        groups.setdefault((figure.line, "" if two_sided else figure.label), []).append(figure)
    return [_row(group, columns, two_sided) for group in groups.values()]


def _row(figures: list[_Placed], columns: list[list[str]], two_sided: bool) -> PrintedRow:
    sides = []
    for number, paths in enumerate(columns):
        own = [figure for figure in figures if not two_sided or figure.side == number]
        cells = tuple(tuple(figure.mark for figure in own if figure.path == path) for path in paths)
        label, codes = (own[0].label, own[0].codes) if own else ("", "")
        sides.append(Side(label, codes, cells))
    unplaced = tuple(figure.mark for figure in figures if not figure.path)
    where = short(figures[0].line_href.partition("#")[2])
    return PrintedRow(figures[0].line, figures[0].line_href, where, tuple(sides), unplaced)


def _header(columns: list[list[str]], two_sided: bool) -> tuple[tuple[HeaderCell, ...], ...]:
    """The header levels, cells spanning the columns they have in common."""
    paths = [[path.split(_LEVELS) for path in side] for side in columns]
    depth = max((len(path) for side in paths for path in side), default=0)
    levels: list[list[HeaderCell]] = [[] for _ in range(depth)]
    for number, side in enumerate(paths):
        name = _SIDES[number] if two_sided else ""
        if depth:
            levels[0].append(HeaderCell(name and f"{name}项目", 1, depth, is_label=True))
        for level in range(depth):
            levels[level] += _level(side, level, depth)
    return tuple(tuple(level) for level in levels)


def _level(paths: list[list[str]], level: int, depth: int) -> list[HeaderCell]:
    """One header row of one side: neighbours with the same beginning share a cell."""
    cells: list[HeaderCell] = []
    position = 0
    while position < len(paths):
        path = paths[position]
        start = position
        position += 1
        if len(path) <= level:
            continue
        while position < len(paths) and paths[position][: level + 1] == path[: level + 1]:
            position += 1
        rows = depth - level if len(path) == level + 1 else 1
        cells.append(HeaderCell(path[level], position - start, rows))
    return cells
