"""Whether a table of expenditure holds this year's money only, or also what was carried over: proven, or left unsaid.

“一般公共预算支出表” prints no year's division. Some departments mean the appropriations of the year, others all that will be
spent of that budget. Where nothing was carried over, both are the same. Where something was, the table's total equals
the revenue of the year or that revenue with what was carried over, and so says which; where it equals neither, no fact
is made of its amounts. What is carried forward again (结转下年) is revenue that is not spent. Final accounts need no proof:
they report all that was spent, of the year's money and of older.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from mingzhang.ingest.amounts import YUAN_PER_UNIT, in_yuan
from mingzhang.ingest.facts import Figure
from mingzhang.ingest.sums import half_unit

_BUDGETS = ("general-public", "government-fund", "state-capital", "fiscal")
_CODES = ("functionalClass", "departmentEconomicClass", "governmentEconomicClass")
_PARTS = ("basic", "project")
_KINDS = ("all", "grand-total", *_PARTS)
_NO_ITEM = "id/three-public/not-applicable"
# The second column of a ministry's amounts is of the same money as the first.
_OF_ITS_TABLE = (_NO_ITEM, "id/three-public/without-central-construction")
_TOP_CLASS = re.compile(r"/[0-9]{3}$")
_REASON = "with or without what was carried over"


@dataclass(frozen=True)
class _Sum:
    """An amount in yuan, and by how much rounding may have moved it."""

    yuan: Decimal
    tolerance: Decimal

    def equals(self, other: _Sum) -> bool:
        return abs(self.yuan - other.yuan) <= self.tolerance + other.tolerance

    def minus(self, other: _Sum) -> _Sum:
        return _Sum(self.yuan - other.yuan, self.tolerance + other.tolerance)

    def plus(self, other: _Sum) -> _Sum:
        return _Sum(self.yuan + other.yuan, self.tolerance + other.tolerance)


def of_proven_years(figures: Sequence[Figure]) -> list[Figure]:
    """The figures, those of expenditure from a budget with the years that their table is proven to hold."""
    found = list(figures)
    for budget in _BUDGETS:
        current, carried = (_revenue(figures, f"{budget}-{v}") for v in ("current", "carryover"))
        carried = carried or (_revenue(figures, "fiscal-carryover") if budget == "general-public" else None)
        if current is None or carried is None or carried.yuan <= carried.tolerance:
            continue
        every = current.plus(carried)
        spent = [every, *(every.minus(forward) for forward in _carried_forward(figures, budget))]
        verdicts = _verdicts(figures, budget, current, spent)
        found = [_with_verdict(f, budget, verdicts) for f in found]
    return found


def _is_whole(figure: Figure) -> bool:
    """Whether a figure is of all units, classes and projects."""
    return (
        all(figure.dimension(name).endswith("/all") for name in _CODES)
        and figure.dimension("budgetUnit") == "all"
        and figure.dimension("project") == "all"
        and figure.dimension("phase") != "id/phase/prior"
    )


def _revenue(figures: Iterable[Figure], source: str) -> _Sum | None:
    """The revenue from a source; None where none or several amounts are printed."""
    found = {
        in_yuan(f.amount.value, f.unit): _of(f)
        for f in figures
        if f.dimension("fundSource") == f"id/fund-source/{source}"
        and f.dimension("flow") == "id/flow/revenue"
        and _is_whole(f)
    }
    return next(iter(found.values())) if len(found) == 1 else None


def _carried_forward(figures: Iterable[Figure], budget: str) -> list[_Sum]:
    """What is carried forward to the next year of a budget, or of all appropriations."""
    sources = (f"id/fund-source/{budget}", "id/fund-source/fiscal")
    kind = "id/expenditure-kind/carried-forward"
    return [
        _of(f)
        for f in figures
        if f.dimension("fundSource") in sources and f.dimension("expenditureKind") == kind
    ]


def _of(figure: Figure) -> _Sum:
    half = half_unit(figure.amount) * YUAN_PER_UNIT[figure.unit]
    return _Sum(in_yuan(figure.amount.value, figure.unit), half)


def _concerned(figure: Figure, budget: str, items: Sequence[str] = (_NO_ITEM,)) -> bool:
    """Whether a figure is expenditure of a budget that may hold older money too."""
    return (
        figure.dimension("fundSource") == f"id/fund-source/{budget}"
        and figure.dimension("flow") == "id/flow/expenditure"
        and figure.dimension("threePublicItem") in items
        and figure.dimension("phase") in ("id/phase/initial", "id/phase/adjusted")
    )


def _verdicts(
    figures: Sequence[Figure], budget: str, current: _Sum, spent: Sequence[_Sum]
) -> Mapping[int, str]:
    """Table → `current` or `any`; tables that are not proven are not there. `spent`: what a whole table may add up to."""
    by_table: dict[int, list[Figure]] = defaultdict(list)
    for figure in figures:
        if _concerned(figure, budget):
            by_table[figure.table].append(figure)
    totals = {table: _totals(own) for table, own in by_table.items()}
    verdicts: dict[int, str] = {}
    for table, kinds in totals.items():
        grand = kinds.get("grand-total")
        if grand is not None and grand.equals(spent[0]) and not grand.equals(current):
            # Its grand total, with what is carried forward, is all that there is: the table holds all of it.
            verdicts[table] = "any"
            continue
        whole = kinds.get("all") or kinds.get("grand-total")
        if whole is None:
            continue
        holds_all = any(whole.equals(one) for one in spent)
        if whole.equals(current) != holds_all:
            verdicts[table] = "any" if holds_all else "current"
    witnesses = [*_witnesses(figures, budget)]
    witnesses += [(kind, total, verdicts[t]) for t in verdicts for kind, total in totals[t].items()]
    for table, kinds in totals.items():
        kind = next((kind for kind in _PARTS if kind in kinds), "")
        if table not in verdicts and kind and not {"all", "grand-total"} & kinds.keys():
            said = {verdict for k, total, verdict in witnesses if k == kind and total.equals(kinds[kind])}
            # Both: of this kind nothing was carried over, so that the table holds all of it.
            verdicts |= {table: "any" if "any" in said else "current"} if said else {}
    return verdicts


def _witnesses(figures: Sequence[Figure], budget: str) -> Iterator[tuple[str, _Sum, str]]:
    """(kind, total, verdict): what a table that holds basic or project expenditure alone may be compared with.

    The whole of a kind from all sources holds all years'; and an amount may be printed as this year's.
    """
    for figure in figures:
        kind = figure.dimension("expenditureKind").rpartition("/")[2]
        if kind not in _PARTS or not _is_whole(figure) or figure.dimension("threePublicItem") != _NO_ITEM:
            continue
        source = figure.dimension("fundSource").rpartition("/")[2]
        if source == "all":
            yield kind, _of(figure), "any"
        elif source == f"{budget}-current":
            yield kind, _of(figure), "current"


def _totals(figures: Sequence[Figure]) -> dict[str, _Sum]:
    """Kind → the table's total of it: printed, else the sum of its classes of three digits in one classification."""
    found: dict[str, _Sum] = {}
    for kind in _KINDS:
        own = [f for f in figures if f.dimension("expenditureKind") == f"id/expenditure-kind/{kind}"]
        printed = [_of(f) for f in own if _is_whole(f)]
        if printed:
            found[kind] = printed[0]
            continue
        for name in _CODES:
            classes = {f.dimension(name): _of(f) for f in own if _TOP_CLASS.search(f.dimension(name))}
            if classes:
                total = _Sum(Decimal(0), Decimal(0))
                for part in classes.values():
                    total = total.plus(part)
                found[kind] = total
                break
    return found


def _with_verdict(figure: Figure, budget: str, verdicts: Mapping[int, str]) -> Figure:
    if not _concerned(figure, budget, _OF_ITS_TABLE) or verdicts.get(figure.table) == "any":
        return figure
    if figure.table not in verdicts:
        return replace(figure, dimensions=(), unclear=_REASON)
    dimensions = dict(figure.dimensions) | {"fundSource": f"id/fund-source/{budget}-current"}
    return replace(figure, dimensions=tuple(dimensions.items()))
