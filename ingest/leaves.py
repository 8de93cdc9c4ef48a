"""Which facts are safe to sum: per classification, the deepest facts that add up to the department's printed total.

For each classification the facts that differ in it alone are compared with the department's total of the same flow. A
set counts when no fact of it contains another and their sum is the total, within what rounding allows; of several
sets an exact one, then the most detailed one is taken. Where none adds up, the graph holds nothing for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mingzhang.ingest.amounts import YUAN_PER_UNIT
from mingzhang.ingest.facts import Fact
from mingzhang.ingest.graph import describe_fact, fact_iri
from mingzhang.ingest.quads import GraphWriter, iri
from mingzhang.ingest.reading import Reading
from mingzhang.ingest.sums import half_unit
from mingzhang.ontology.lexicon import Lexicon, load_lexicon

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


@dataclass(frozen=True)
class LeafSet:
    """Facts of one classification that together are the department's total. `difference` in yuan is rounding."""

    classification: str
    facts: tuple[Fact, ...]
    total: Fact
    difference: Decimal


def leaf_sets(facts: Sequence[Fact], lexicon: Lexicon) -> list[LeafSet]:
    """The best leaf set of each classification that has one."""
    phases = {f.dimension("phase") for f in facts}
    # Final accounts print the budget beside them: what is summed is of one phase.
    phase = "id/phase/final" if "id/phase/final" in phases else "id/phase/initial"
    own = [f for f in facts if f.dimension("phase") == phase]
    found = []
    for classification, (dimension, flow) in CLASSIFICATIONS.items():
        total = _department_total(own, flow)
        if total is None:
            continue
        pool = [f for f in own if f.dimension("flow") == flow]
        sets = _candidate_sets(classification, dimension, pool, total, lexicon)
        if sets:
            found.append(
                min(
                    sets,
                    key=lambda s: (s.difference != 0, -len(s.facts), abs(s.difference), fact_key(s.facts)),
                )
            )
    return found


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
    classification: str, dimension: str, facts: Sequence[Fact], total: Fact, lexicon: Lexicon
) -> list[LeafSet]:
    """Every set that adds up: of the whole department, or of all its units together."""
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
        if not _spans_everything(dict(context), dimension):
            continue
        for members in (
            units.get("all", []),
            [f for unit, own in units.items() if unit != "all" for f in own],
        ):
            leaves = _deepest(members, dimension, lexicon)
            if leaves:
                difference = sum((f.amount_yuan for f in leaves), Decimal(0)) - total.amount_yuan
                if abs(difference) <= _tolerance([*leaves, total]):
                    sets.append(LeafSet(classification, tuple(leaves), total, difference))
    return sets


def _spans_everything(context: Mapping[str, str], dimension: str) -> bool:
    """Whether a context leaves out nothing but, perhaps, funds: then the total decides whether it is the whole."""
    free = {"fundSource", dimension, "budgetUnit"}
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


def leaves_nquads(reading: Reading, base_uri: str) -> list[str]:
    """The quads of this disclosure in the graph `leaves`: copies of its leaf facts, each with `mz:leafOf`."""
    names = reading.names(base_uri)
    graph = GraphWriter(f"{base_uri}graph/leaves")
    for found in leaf_sets(reading.facts, load_lexicon()):
        for fact in found.facts:
            describe_fact(graph, names, fact, reading)
            graph.add(fact_iri(names, fact), "mz:leafOf", iri(f"{base_uri}id/scheme/{found.classification}"))
    return graph.lines()
