"""Which rows of a list of projects are projects: proven by the sums of the list, or left without a fact.

Lists of projects mix in rows of another kind: kinds of projects (专用项目) above their projects, and budget units. A row
whose amount is the sum of the rows below it is a heading. A name that ends like a unit's is a project's only where the
unit above it adds up with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mingzhang.ingest.document import Amount
from mingzhang.ingest.sums import Sum

_LONGEST_NAME = 80


@dataclass(frozen=True)
class ProjectLine:
    """A row of the list. `kind` is `total`, `unit` (known elsewhere in the document) or `item`; `unit` is whose it is."""

    kind: str
    unit: str
    label: str
    amount: Amount | None
    like_a_body: bool = False


def doubts(lines: Sequence[ProjectLine]) -> list[str]:
    """For each line why it is not certain to be one project; empty where it is, and for totals and units."""
    named = Counter((line.unit, line.label) for line in lines if line.kind == "item")
    found = [""] * len(lines)
    for head, members in _blocks(lines):
        headings, whole = _without_headings(head, members, lines)
        unit_is_known = True
        for index in members:
            line = lines[index]
            unit_is_known = unit_is_known and (whole or not line.like_a_body)
            if index in headings:
                found[index] = f"{line.label!r} is the sum of the rows below it"
            elif not unit_is_known:
                found[index] = "a budget unit or a project: the list does not add up"
            elif named[line.unit, line.label] > 1:
                found[index] = f"{line.label!r} is on several rows"
            elif len(line.label) > _LONGEST_NAME or "。" in line.label:
                found[index] = "a description, not a name"
    return found


def _blocks(lines: Sequence[ProjectLine]) -> list[tuple[int | None, list[int]]]:
    """(the total's or the unit's own line, its items) from the top down."""
    blocks: list[tuple[int | None, list[int]]] = []
    for index, line in enumerate(lines):
        if line.kind != "item":
            blocks.append((index, []))
        elif blocks:
            blocks[-1][1].append(index)
        else:
            blocks.append((None, [index]))
    return blocks


def _adds_up(head: int | None, members: Sequence[int], lines: Sequence[ProjectLine]) -> bool:
    total = lines[head].amount if head is not None else None
    parts = [amount for index in members if (amount := lines[index].amount) is not None]
    return total is not None and bool(parts) and Sum("column", total, tuple(parts)).holds


def _without_headings(
    head: int | None, members: Sequence[int], lines: Sequence[ProjectLine]
) -> tuple[set[int], bool]:
    """The headings among the items, and whether the others add up: no more of them than the total asks for."""
    headings: set[int] = set()
    whole = _adds_up(head, members, lines)
    for index in sorted(_headings(members, lines)):
        if whole:
            break
        headings.add(index)
        whole = _adds_up(head, [i for i in members if i not in headings], lines)
    return headings, whole


def _headings(members: Sequence[int], lines: Sequence[ProjectLine]) -> set[int]:
    """The items whose amount is exactly the sum of one or more items directly below them."""
    values = [amount.value if (amount := lines[i].amount) is not None else Decimal(0) for i in members]
    found = set()
    for place, index in enumerate(members):
        left = values[place]
        for value in values[place + 1 :]:
            left -= value
            if left <= 0:
                break
        if values[place] > 0 and left == 0:
            found.add(index)
    return found
