"""Heads that a page's end cuts in two: their upper rows at the foot of one page, the others at the top of the next."""

from __future__ import annotations

from mingzhang.ingest.document import Document, Region
from mingzhang.ingest.pdf_captions import is_page_number
from mingzhang.ingest.sheet import Sheet

# Both parts of a table end at the same places (points).
_ALIKE = 2.0


def next_page_of(document: Document, region: Region) -> Region | None:
    """The table that begins the next page, where nothing but page numbers stands between it and this one."""
    following = min(
        (r for r in document.regions if r.first_line > region.last_line),
        key=lambda r: r.first_line,
        default=None,
    )
    if following is None or following.page != region.page + 1 or not document.boxes:
        return None
    between = (document.line(n) for n in range(region.last_line + 1, following.first_line))
    return following if all(not text.strip() or is_page_number(text) for text in between) else None


def same_sides(one: Region, other: Region) -> bool:
    """Whether two tables have the same outer edges."""
    left, right = abs(one.edges[0] - other.edges[0]), abs(one.edges[-1] - other.edges[-1])
    return left <= _ALIKE and right <= _ALIKE


def above_columns(upper: Sheet, lower: Sheet) -> tuple[tuple[str, ...], ...]:
    """What the rows of the upper part say over each column of the lower."""
    edges = upper.region.edges
    found = []
    for row in range(upper.region.rows):
        levels = upper.levels(row)
        texts = []
        for left, right in zip(lower.region.edges, lower.region.edges[1:], strict=False):
            middle = (left + right) / 2
            column = sum(1 for edge in edges[1:-1] if edge <= middle)
            texts.append(levels[column])
        found.append(tuple(texts))
    return tuple(found)
