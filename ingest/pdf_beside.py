"""Tables that stand beside one another on a page: each with the lines of text above it that are its own.

Read line by line across the page, the titles of two tables would be one. From the first line that has text over two of
the tables, text belongs to the table it stands over; what stands above that belongs to all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from mingzhang.ingest.pdf_cells import Frame
from mingzhang.ingest.pdf_pieces import Piece

# Tables beside one another share at least this much of the height of the lower one.
_SHARED = 0.5
# Titles stand at most this far above their table (points).
_REACH = 80.0

# Where a block comes in the order of reading: height of the group it is in, its left side, its height.
Order = tuple[float, float, float]


def groups_beside(frames: Sequence[Frame]) -> list[list[Frame]]:
    """The frames that stand beside others, group by group, each from left to right."""
    groups: list[list[Frame]] = []
    for frame in sorted(frames, key=lambda f: f.xs[0]):
        for group in groups:
            if all(_is_beside(frame, other) for other in group):
                group.append(frame)
                break
        else:
            groups.append([frame])
    return [group for group in groups if len(group) > 1]


def _is_beside(one: Frame, other: Frame) -> bool:
    shared = min(one.ys[-1], other.ys[-1]) - max(one.ys[0], other.ys[0])
    lower = min(one.ys[-1] - one.ys[0], other.ys[-1] - other.ys[0])
    apart = one.xs[0] >= other.xs[-1] or one.xs[-1] <= other.xs[0]
    return apart and shared >= _SHARED * lower


def ordered_lines(
    lines: Sequence[Sequence[Piece]], groups: Sequence[Sequence[Frame]]
) -> tuple[list[tuple[Order, Sequence[Piece]]], dict[Frame, Order]]:
    """The lines of text with their place in the order of reading, divided above tables that stand side by side; and

    the places of those tables.
    """
    found: list[tuple[Order, Sequence[Piece]]] = []
    places: dict[Frame, Order] = {}
    left = list(lines)
    for group in groups:
        top, bottom = min(f.ys[0] for f in group), max(f.ys[-1] for f in group)
        near = [line for line in left if top - _REACH <= line[0].middle_y <= bottom]
        start = next((line[0].middle_y for line in near if len(_parts(line, group)) > 1), top)
        for frame in group:
            places[frame] = (start, frame.xs[0], frame.ys[0])
        for line in near:
            if line[0].middle_y < start:
                continue
            left.remove(line)
            for frame, pieces in _parts(line, group).items():
                found.append(((start, frame.xs[0], line[0].middle_y), pieces))
    found += [((line[0].middle_y, line[0].x0, line[0].middle_y), line) for line in left]
    return found, places


def _parts(line: Sequence[Piece], group: Sequence[Frame]) -> dict[Frame, list[Piece]]:
    """The pieces of a line by the table they stand over, or nearest to."""
    parts: dict[Frame, list[Piece]] = {}
    for piece in line:
        nearest = min(group, key=lambda f: max(f.xs[0] - piece.middle_x, piece.middle_x - f.xs[-1], 0.0))
        parts.setdefault(nearest, []).append(piece)
    return parts
