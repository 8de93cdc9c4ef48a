"""Which facts are safe to sum: per classification, the deepest facts that add up to the department's printed total.

For each classification the facts that differ in it alone are compared with the department's total of the same flow. A
set counts when no fact of it contains another and their sum is the total, within what rounding allows; of several
sets an exact one, then the most detailed one is taken. Where none adds up, `leaf_checks` says why not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mingzhang.ingest.amounts import YUAN_PER_UNIT
from mingzhang.ingest.facts import Fact
from mingzhang.ingest.sums import half_unit
from mingzhang.ontology.lexicon import Lexicon

# Classification → (dimension, flow).
CLASSIFICATIONS = {
    "functional": ("functionalClass", "id/flow/expenditure"),
    "dept-economic": ("departmentEconomicClass", "id/flow/expenditure"),
    "gov-economic": ("governmentEconomicClass", "id/flow/expenditure"),
    "expenditure-kind": ("expenditureKind", "id/flow/expenditure"),
    "fund-source": ("fundSource", "id/flow/revenue"),
}
_WHOLE = {
    "budgetUnit": "all",
    "fundSource": "id/fund-source/all",
    "functionalClass": "id/code/functional/all",
    "departmentEconomicClass": "id/code/dept-economic/all",
    "governmentEconomicClass": "id/code/gov-economic/all",
    "expenditureKind": "id/expenditure-kind/all",
    "threePublicItem": "id/three-public/not-applicable",
    "project": "all",
}

# Many forms classify a part of the expenditure alone, as the basic expenditure by economic class.
_PARTS = frozenset({"expenditureKind"})


@dataclass(frozen=True)
class LeafSet:
    """Facts of one classification that together are the department's total. `difference` in yuan is rounding."""

    classification: str
    facts: tuple[Fact, ...]
    total: Fact
    difference: Decimal


@dataclass(frozen=True)
class LeafCheck:
    """Whether the facts along one classification add up to the department's printed total, and if not, how far they go."""

    classification: str
    outcome: str
    """`exact`, `rounding` (the difference is what rounding allows), `partial` (no set adds up; the one that goes
    furthest is told) or `no-total` (no total of the department is printed)."""
    facts: tuple[Fact, ...] = ()
    total: Fact | None = None

    @property
    def sum_yuan(self) -> Decimal:
        """What the facts add up to."""
        return sum((fact.amount_yuan for fact in self.facts), Decimal(0))


def leaf_sets(facts: Sequence[Fact], lexicon: Lexicon) -> list[LeafSet]:
    """The best leaf set of each classification that has one."""
    own = _of_one_phase(facts)
    found = (_best_set(classification, own, lexicon) for classification in CLASSIFICATIONS)
    return [leaf_set for leaf_set in found if leaf_set is not None]


def leaf_checks(facts: Sequence[Fact], lexicon: Lexicon) -> list[LeafCheck]:
    """One for each classification along which the disclosure states any fact."""
    own = _of_one_phase(facts)
    checks = []
    for classification, (dimension, flow) in CLASSIFICATIONS.items():
        pool = [f for f in own if f.dimension("flow") == flow]
        if not any(f.dimension(dimension) not in ("", _WHOLE[dimension]) for f in pool):
            continue  # the disclosure prints nothing along it, so there is nothing to add up
        best = _best_set(classification, own, lexicon)
        total = _department_total(own, flow)
        if best is not None:
            outcome = "exact" if best.difference == 0 else "rounding"
            checks.append(LeafCheck(classification, outcome, best.facts, best.total))
        elif total is None:
            checks.append(LeafCheck(classification, "no-total"))
        else:
            sets = _candidate_sets(classification, dimension, pool, total, lexicon, _PARTS)
            furthest = min(sets, key=lambda s: (abs(s.difference), fact_key(s.facts)), default=None)
            leaves = furthest.facts if furthest else ()
            checks.append(LeafCheck(classification, "partial", leaves, total))
    return checks


def _of_one_phase(facts: Sequence[Fact]) -> list[Fact]:
    phases = {f.dimension("phase") for f in facts}
    # Final accounts print the budget beside them: what is summed is of one phase.
    phase = "id/phase/final" if "id/phase/final" in phases else "id/phase/initial"
    return [f for f in facts if f.dimension("phase") == phase]


def _best_set(classification: str, own: Sequence[Fact], lexicon: Lexicon) -> LeafSet | None:
    """The set to sum along a classification, of the facts of one phase; None where none adds up."""
    dimension, flow = CLASSIFICATIONS[classification]
    total = _department_total(own, flow)
    if total is None:
        return None
    pool = [f for f in own if f.dimension("flow") == flow]
    sets = filter(_adds_up, _candidate_sets(classification, dimension, pool, total, lexicon))
    return min(
        sets,
        key=lambda s: (s.difference != 0, -len(s.facts), abs(s.difference), fact_key(s.facts)),
        default=None,
    )


def fact_key(facts: Sequence[Fact]) -> tuple[tuple[tuple[str, str], ...], ...]:
    """A stable order for sets of facts."""
    return tuple(f.dimensions for f in facts)


def _department_total(facts: Sequence[Fact], flow: str) -> Fact | None:
    """The whole department's total: of all sources, or of the current year where the forms print no other."""
    for source in (_WHOLE["fundSource"], "id/fund-source/current"):
        whole = {**_WHOLE, "fundSource": source}
        for fact in facts:
            if fact.dimension("flow") == flow and all(fact.dimension(n) == v for n, v in whole.items()):
                return fact
    return None


def _candidate_sets(
    classification: str,
    dimension: str,
    facts: Sequence[Fact],
    total: Fact,
    lexicon: Lexicon,
    also_free: frozenset[str] = frozenset(),
) -> list[LeafSet]:
    """Every set of deepest facts: of the whole department, or of all its units together. Some of them add up."""
    by_context: dict[tuple[tuple[str, str], ...], dict[str, list[Fact]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for fact in facts:
        values = dict(fact.dimensions)
        unit = values.pop("budgetUnit")
        values.pop(dimension)
        by_context[tuple(sorted(values.items()))][unit].append(fact)
    sets = []
    for context, units in by_context.items():
        if not _spans_everything(dict(context), dimension, also_free):
            continue
        for members in (
            units.get("all", []),
            [f for unit, own in units.items() if unit != "all" for f in own],
        ):
            leaves = _deepest(members, dimension, lexicon)
            if leaves:
                difference = sum((f.amount_yuan for f in leaves), Decimal(0)) - total.amount_yuan
                sets.append(LeafSet(classification, tuple(leaves), total, difference))
    return sets


def _adds_up(found: LeafSet) -> bool:
    return abs(found.difference) <= _tolerance([*found.facts, found.total])


def _spans_everything(context: Mapping[str, str], dimension: str, also_free: frozenset[str]) -> bool:
    """Whether a context leaves out nothing but, perhaps, funds: then the total decides whether it is the whole."""
    free = {"fundSource", dimension, "budgetUnit", *also_free}
    return all(
        context[name] == whole for name, whole in _WHOLE.items() if name in context and name not in free
    )


def _deepest(facts: Sequence[Fact], dimension: str, lexicon: Lexicon) -> list[Fact]:
    """The facts that contain no other fact of the same unit."""
    keys: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        keys[fact.dimension("budgetUnit")].add(fact.dimension(dimension))
    leaves = []
    for fact in facts:
        key = fact.dimension(dimension)
        others = keys[fact.dimension("budgetUnit")] - {key}
        if key != _WHOLE[dimension] and not any(_contains(key, other, lexicon) for other in others):
            leaves.append(fact)
    return leaves


def _contains(key: str, other: str, lexicon: Lexicon) -> bool:
    """Whether a concept holds all of another: by the code lists, as the beginning of its code, or by both facets."""
    one, two = lexicon.concepts.get(key), lexicon.concepts.get(other)
    if one and two and one.origin and two.origin:
        # A source that is not divided by year is of the current one unless it says otherwise.
        same_years = one.vintage in ("any", two.vintage) or (one.vintage, two.vintage) == ("current", "any")
        return same_years and one.origin in lexicon.ancestors(two.origin)
    return key in lexicon.ancestors(other) or (key.startswith("id/code/") and other.startswith(key))


def _tolerance(facts: Sequence[Fact]) -> Decimal:
    """Half a unit of the last printed place for each fact, in yuan."""
    return sum((half_unit(f.figures[0].amount) * YUAN_PER_UNIT[f.figures[0].unit] for f in facts), Decimal(0))
