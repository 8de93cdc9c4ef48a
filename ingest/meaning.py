"""What an amount is: the dimensions that its form, its column, its row and the rows above it give it.

Every word in scope is understood, or the amount states no fact: there is no “other”. What the words mean is in the
ontology; the rules here are only how meanings combine: an inner word narrows an outer one and never contradicts it.
Columns get their meaning in table_reader.py, rows in row_walk.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mingzhang.ontology.lexicon import Concept, Lexicon

CODE_DIMENSIONS = {
    "functional": "functionalClass",
    "dept-economic": "departmentEconomicClass",
    "gov-economic": "governmentEconomicClass",
}
WORD_SCHEMES = frozenset({"fund-source", "expenditure-kind", "three-public", "phase"})
NOT_THREE_PUBLIC = "id/three-public/not-applicable"
ALL_KINDS = "id/expenditure-kind/all"
GRAND_TOTAL = "id/expenditure-kind/grand-total"


@dataclass(frozen=True)
class Meaning:
    """Dimensions of an amount, as concept keys below the base (`id/fund-source/general-public`).

    `origin` and `vintage` are the two facets of the fund source. `unit` is a budget unit's code or name, or `all`;
    `project` a project's name, or `all`; a class is a key or empty for all. `phase` is the phase a column names, or empty;
    `prior` is for the year before.
    """

    flow: str = ""
    origin: str = "id/fund-source/all"
    vintage: str = "any"
    kind: str = "id/expenditure-kind/all"
    three_public: str = "id/three-public/not-applicable"
    functional: str = ""
    dept_economic: str = ""
    gov_economic: str = ""
    unit: str = "all"
    project: str = "all"
    phase: str = ""
    prior: bool = False


class Unclear(Exception):
    """A word that is not understood, or that contradicts what stands around it. No fact is made."""


def combined(meaning: Meaning, concept: Concept, lexicon: Lexicon) -> Meaning:
    """The meaning narrowed by a concept. Raises Unclear where the two exclude one another."""
    if concept.scheme == "fund-source":
        origin = _narrower(meaning.origin, concept.origin, lexicon)
        vintage = concept.vintage if meaning.vintage in ("any", concept.vintage) else meaning.vintage
        if concept.vintage not in ("any", vintage):
            raise Unclear(f"{concept.name} within {meaning.vintage}")
        return replace(meaning, origin=origin, vintage=vintage)
    if concept.scheme == "expenditure-kind":
        if ALL_KINDS not in lexicon.ancestors(concept.key):
            return replace(meaning, kind=concept.key)
        return replace(meaning, kind=_narrower(meaning.kind, concept.key, lexicon))
    if concept.scheme == "three-public":
        outer = concept.key if meaning.three_public == NOT_THREE_PUBLIC else meaning.three_public
        return replace(meaning, three_public=_narrower(outer, concept.key, lexicon))
    if concept.scheme == "flow":
        if meaning.flow not in ("", concept.key):
            raise Unclear(f"{concept.name} within {meaning.flow}")
        return replace(meaning, flow=concept.key)
    if concept.scheme == "phase":
        if concept.notation == "prior":
            return replace(meaning, prior=True)
        if meaning.phase not in ("", concept.notation):
            raise Unclear(f"{concept.name} within {meaning.phase}")
        return replace(meaning, phase=concept.notation)
    raise Unclear(concept.name)


def _narrower(one: str, other: str, lexicon: Lexicon) -> str:
    if one in lexicon.ancestors(other):
        return other
    if other in lexicon.ancestors(one):
        return one
    raise Unclear(f"{one} and {other} exclude one another")


def choose(candidates: Sequence[Concept], meaning: Meaning, lexicon: Lexicon) -> Concept | None:
    """The concept a word denotes here, of those that have the word: within its context, the widest; None if undecided."""
    fitting = []
    for concept in candidates:
        if concept.scheme == "fund-source" and meaning.origin not in lexicon.ancestors(concept.origin):
            continue
        if concept.scheme == "expenditure-kind" and meaning.kind not in lexicon.ancestors(concept.key):
            continue
        fitting.append(concept)
    pool = fitting or list(candidates)
    widest = [c for c in pool if all(c.key in lexicon.ancestors(o.key) for o in pool)]
    return widest[0] if len(widest) == 1 else None
