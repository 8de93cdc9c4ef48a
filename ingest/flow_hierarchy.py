"""Which rows of a table add up to which: totals, budget units, codes and their sub-codes, numbered labels.

Only what the form implies. Whether a sum holds is seen when it is used; one that holds in no way is not used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mingzhang.ingest.flow_forms import FlowForms, bare_label
from mingzhang.ingest.flow_quantities import is_grand_total, row_headings
from mingzhang.ingest.flow_tables import FlowTable, TableRow
from mingzhang.ontology.lexicon import normal_text

_NUMBERED = re.compile(r"^[一二三四五六七八九十]+、")
_SUBNUMBERED = re.compile(r"^[(（][一二三四五六七八九十]+[)）]")
_SUBTOTAL = re.compile(r"合计$|总计$|小计$")
_OF_WHICH = re.compile(r"^其中")


@dataclass(frozen=True)
class SumDown:
    """In every column, the amount of row `total` is the sum of those of the rows `parts` (indexes)."""

    total: int
    parts: tuple[int, ...]


def sums_down(table: FlowTable, forms: FlowForms) -> tuple[SumDown, ...]:
    """The sums that a table's rows imply."""
    if table.two_sided:
        sides = [[i for i, row in enumerate(table.rows) if row.side == side] for side in ("收入", "支出")]
        return tuple(found for side in sides for found in _numbered_sums(table.rows, side))
    depths = _depths(table, forms)
    found = []
    for index, depth in enumerate(depths):
        parts = _children(index, depths)
        if not parts and index and depth == 0:
            above = [i for i in range(index) if depths[i] > 0]
            parts = [i for i in above if depths[i] == min(depths[k] for k in above)]
        if parts:
            found.append(SumDown(index, tuple(parts)))
    return tuple(found)


def _children(index: int, depths: Sequence[int]) -> list[int]:
    """The rows directly below a row: those deeper, up to the next that is not, without their own children."""
    children: list[int] = []
    for i in range(index + 1, len(depths)):
        if depths[i] <= depths[index]:
            break
        if not children or depths[i] <= depths[children[-1]]:
            children.append(i)
    return children


def _depths(table: FlowTable, forms: FlowForms) -> list[int]:
    """How deep each row stands: the total 0, units from 1, codes from 10 by their length."""
    coded = any(row.codes for row in table.rows)
    depths: list[int] = []
    unit_depth = 0
    unit_code = ""
    for index, row in enumerate(table.rows):
        if is_grand_total(row.label):
            depths.append(0)
            unit_depth, unit_code = 0, ""
        elif row.codes:
            depths.append(10 + len(row.codes[0]))
        elif _is_class(row, forms):
            depths.append(13)
        elif row.unit_code or (coded and index and depths[-1] == 0):
            follows_unit = bool(index) and 0 < depths[-1] < 10
            below = bool(unit_code) and row.unit_code.startswith(unit_code) and row.unit_code != unit_code
            if unit_depth == 0 or follows_unit or below:
                unit_depth += 1
            unit_code = row.unit_code
            depths.append(unit_depth)
        else:
            depths.append(20)
    return depths


def _is_class(row: TableRow, forms: FlowForms) -> bool:
    """Whether a row without a code is named like an economic class (机关工资福利支出)."""
    return any(len(heading.notation) == 3 for heading in row_headings(row, forms))


def _numbered_sums(rows: Sequence[TableRow], side: Sequence[int]) -> list[SumDown]:
    """Sums on one side of a two-sided table: 一、 over （一）, 本年合计 over what is above it, 总计 over all."""
    found: list[SumDown] = []
    open_parts: list[int] = []
    inside: list[int] = []
    head: int | None = None
    for index in side:
        label = normal_text(rows[index].label)
        if _OF_WHICH.match(label):
            continue
        if _SUBTOTAL.search(bare_label(label)):
            if head is not None and inside:
                found.append(SumDown(head, tuple(inside)))
            if open_parts:
                found.append(SumDown(index, tuple(open_parts)))
            open_parts, inside, head = [index], [], None
        elif _NUMBERED.match(label):
            if head is not None and inside:
                found.append(SumDown(head, tuple(inside)))
            head, inside = index, []
            open_parts.append(index)
        elif head is not None and (_SUBNUMBERED.match(label) or _heads_unnumbered(rows, side)):
            inside.append(index)
        else:
            if head is not None and inside:
                found.append(SumDown(head, tuple(inside)))
            head, inside = None, []
            open_parts.append(index)
    return found


def _heads_unnumbered(rows: Sequence[TableRow], side: Sequence[int]) -> bool:
    """Whether a side has few numbered rows over many plain ones (一、本年支出 over the functional classes)."""
    labels = [normal_text(rows[i].label) for i in side]
    numbered = sum(bool(_NUMBERED.match(label)) for label in labels)
    return 0 < numbered <= 3 and len(labels) - numbered > numbered
