"""Codes as printed → whole codes: `208 05 05` on one row, or `05` below `208` and `20805`.

A fragment alone may be a 款 or a 项. It is joined only where names, order and sums leave one way; else the row has
no code.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from mingzhang.ingest.align import tolerance
from mingzhang.ingest.document import Amount
from mingzhang.ingest.flow_forms import FlowForms, bare_label
from mingzhang.ingest.flow_rows import class_code, full_code

_FRAGMENT = re.compile(r"[0-9]{2}")
_MAX_STEPS = 50_000


class CodedRow(Protocol):
    """What is needed of a row: its printed codes, its label and its amounts by panel."""

    @property
    def codes(self) -> tuple[str, ...]: ...
    @property
    def label(self) -> str: ...
    @property
    def amounts(self) -> tuple[tuple[Amount | None, ...], ...]: ...


def codes_by_name(rows: Iterable[tuple[tuple[str, ...], str]]) -> Mapping[str, frozenset[str]]:
    """Row label → the whole codes that the document prints beside it, from (printed codes, label) pairs."""
    found: dict[str, set[str]] = defaultdict(set)
    for codes, label in rows:
        whole = _on_row(codes)
        if whole and full_code(whole[0]) and label:
            found[bare_label(label)].add(whole[0])
    return {name: frozenset(codes) for name, codes in found.items()}


def joined_codes(
    rows: Sequence[CodedRow], names: Mapping[str, frozenset[str]], forms: FlowForms
) -> list[tuple[str, ...]]:
    """For every row its printed codes, fragments joined where that is certain; unit codes stay, at the end."""
    found = [_on_row(row.codes) for row in rows]
    start = 0
    while start < len(rows):
        stop = start + 1
        if class_code(found[start]) and len(found[start][0]) == 3:
            while stop < len(rows) and is_fragment(found[stop]):
                stop += 1
            below = [codes[0] for codes in found[start + 1 : stop]]
            whole = _joined_below(found[start][0], below, rows[start:stop], names, forms) if below else []
            for index, code in enumerate(whole, start=start + 1):
                if code:
                    found[index] = (code, *found[index][1:])
        start = stop
    for index, row in enumerate(rows):
        known = names.get(bare_label(row.label), frozenset())
        if is_fragment(found[index]) and len(known) == 1 and next(iter(known)).endswith(found[index][0]):
            found[index] = (next(iter(known)), *found[index][1:])
    return found


def is_fragment(codes: tuple[str, ...]) -> bool:
    """Whether the first code of a row is only the last two digits of one."""
    return bool(codes) and bool(_FRAGMENT.fullmatch(codes[0]))


def _on_row(codes: tuple[str, ...]) -> tuple[str, ...]:
    """`("208", "05", "05", "323002")` → `("2080505", "323002")`."""
    if not class_code(codes):
        return codes
    code, *rest = codes
    while rest and _FRAGMENT.fullmatch(rest[0]) and len(code) < 7:
        code += rest.pop(0)
    return (code, *rest)


def _joined_below(
    top: str,
    parts: Sequence[str],
    rows: Sequence[CodedRow],
    names: Mapping[str, frozenset[str]],
    forms: FlowForms,
) -> list[str]:
    """Whole codes for the fragments below a class row (`rows[0]`), "" for all where there is no one way."""
    totals = [_first_amount(row) for row in rows]
    named = [_named_codes(row.label, names, forms) for row in rows[1:]]
    ways: list[list[str]] = []
    steps = 0

    def search(at: int, codes: list[str]) -> None:
        nonlocal steps
        steps += 1
        if len(ways) > 1 or steps > _MAX_STEPS:
            return
        if at == len(parts):
            if _adds_up([top, *codes], totals):
                ways.append(list(codes))
            return
        group = next((code for code in reversed(codes) if len(code) == 5), "")
        choices = [top + parts[at]] + (
            [group + parts[at]] if group and not top.startswith(("3", "5")) else []
        )
        # A name with a code of its own decides, as far as it allows any of the choices.
        for code in [c for c in choices if c in named[at]] or choices:
            peers = [c for c in codes if len(c) == len(code) and (len(code) == 5 or c.startswith(code[:5]))]
            if peers and peers[-1] >= code:
                continue
            if len(code) == 5 and codes and not _closed([top, *codes], totals):
                continue
            codes.append(code)
            search(at + 1, codes)
            codes.pop()

    search(0, [])
    return ways[0] if len(ways) == 1 and steps <= _MAX_STEPS else [""] * len(parts)


def _named_codes(label: str, names: Mapping[str, frozenset[str]], forms: FlowForms) -> frozenset[str]:
    """The codes that a label has elsewhere in the document, or as an economic code."""
    listed = frozenset(heading.notation for heading in forms.headings_worded(label) if heading.notation)
    return names.get(bare_label(label), frozenset()) | listed


def _first_amount(row: CodedRow) -> Decimal | None:
    return next((amount.value for panel in row.amounts for amount in panel if amount is not None), None)


def _closed(codes: Sequence[str], totals: Sequence[Decimal | None]) -> bool:
    """Whether the 项 below the last 款 add up to it, or it has none."""
    last = max(i for i, code in enumerate(codes) if len(code) <= 5)
    return len(codes[last]) == 3 or _sum_holds(totals[last], [totals[i] for i in range(last + 1, len(codes))])


def _adds_up(codes: Sequence[str], totals: Sequence[Decimal | None]) -> bool:
    """Whether every 款 is the sum of its 项 and the class the sum of its 款."""
    second = [i for i, code in enumerate(codes) if len(code) == 5]
    ends = [*second[1:], len(codes)] if second else []
    below = all(
        _sum_holds(totals[i], [totals[k] for k in range(i + 1, end)])
        for i, end in zip(second, ends, strict=True)
    )
    return below and _sum_holds(totals[0], [totals[i] for i in second])


def _sum_holds(total: Decimal | None, parts: Sequence[Decimal | None]) -> bool:
    if not parts:
        return True
    printed = [part for part in parts if part is not None]
    places = min(
        (Decimal(v.as_tuple().exponent) for v in (total, *printed) if v is not None), default=Decimal(0)
    )
    unit = Decimal(1).scaleb(int(places))
    return abs((total or Decimal(0)) - sum(printed, Decimal(0))) <= unit * tolerance(len(printed))


def split_units(codes: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Classification codes and the budget unit's code among the codes of a row: `("2080505", "323002")` → both."""
    whole = tuple(code for code in codes if full_code(code))
    others = [code for code in codes if not full_code(code) and not _FRAGMENT.fullmatch(code)]
    return whole, others[-1] if others else ""
