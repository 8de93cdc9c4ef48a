"""A release opened for reading: its graph, and the few questions every page asks of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from mingzhang.release import DisclosureEntry, Manifest
from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.links import Link, href
from mingzhang.site.namespaces import MZ, QB, SKOS, local_name
from mingzhang.site.rules import Rule
from mingzhang.site.words import BUDGET_KINDS, DIMENSIONS, Words, either

T = TypeVar("T")
_NOT_APPLICABLE = "not-applicable"
_EVERYTHING = ("all", _NOT_APPLICABLE, "grand-total")


@dataclass(frozen=True)
class Book:
    """The graph with what was worked out once for all pages."""

    graph: ReleaseGraph
    manifest: Manifest
    disclosures: Mapping[str, DisclosureEntry]
    """By IRI, in the order of the manifest."""
    neutral: Mapping[str, str]
    """Dimension → the value that means “not broken down along this one”."""
    facts: Mapping[str, tuple[str, ...]]
    """Disclosure → its facts, sorted."""
    leaves_by_disclosure: Mapping[tuple[str, str], tuple[str, ...]]
    """(disclosure, code list's scheme) → the facts of its own year and phase that may be summed along it."""
    leaf_schemes: Mapping[str, tuple[str, ...]]
    """Fact → the code lists along which it may be summed."""
    placed: Mapping[str, tuple[str, ...]]
    """Source → whatever was read at a place of it."""
    rules: Mapping[str, Words]
    """Name of a rule → what a finding by it says, in a few words."""
    _links: dict[str, Link] = field(default_factory=dict, repr=False)
    """Links handed out before: a few hundred concepts are named on thousands of pages."""
    _worked_out: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    _coded_links: dict[str, Link] = field(default_factory=dict, repr=False)
    _breakdowns: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Fact → what it is a part along, worked out before."""

    @property
    def base(self) -> str:
        return self.graph.base

    def link(self, iri: str, note: str = "") -> Link:
        """A link to an entity under its names."""
        known = self._links.get(iri)
        if known is None:
            where = href(iri, self.base) if iri in self.graph.about else ""
            known = self._links[iri] = Link(where, self.name(iri), self.name_en(iri))
        return Link(known.href, known.zh, known.en, note) if note else known

    def coded_link(self, concept: str) -> Link:
        """A link to a concept with its code beside it, where it has one."""
        known = self._coded_links.get(concept)
        if known is None:
            known = self._coded_links[concept] = self.link(concept, self.code(concept))
        return known

    def code(self, concept: str) -> str:
        """A classification code's digits, "" for concepts that are no codes."""
        notation = self.graph.text(concept, SKOS + "notation")
        return notation if notation.isdigit() else ""

    def name(self, iri: str) -> str:
        """What to call an entity: its label, else what it prints or adds up to, else the end of its IRI."""
        graph = self.graph
        token = graph.text(iri, MZ + "token")
        if token:
            subject = graph.text(iri, MZ + "rowLabel") or graph.text(iri, MZ + "claimSubject")
            amount = f"{token} {graph.text(iri, MZ + 'printedUnit')}".strip()
            return f"{subject}：{amount}" if subject else amount
        total = graph.text(iri, MZ + "total")
        if total:
            return f"合计 {self.name(total)}"
        return graph.name(iri)

    def name_en(self, iri: str) -> str:
        """Its English name, "" where there is none. A disclosure's title is Chinese; it is called by body and year."""
        label = self.graph.label(iri, "en")
        entry = self.disclosures.get(iri)
        if label or entry is None:
            return label
        kind = either(BUDGET_KINDS, entry.kind)[1]
        return f"{self.graph.label(entry.department, 'en') or entry.department_name}, {entry.year} {kind}"

    def once(self, what: str, iri: str, work: Callable[[], T]) -> T:
        """What `work` comes to, worked out the first time that this is asked for of this thing."""
        if (what, iri) not in self._worked_out:
            self._worked_out[what, iri] = work()
        found: T = self._worked_out[what, iri]
        return found

    def links(self, iris: Iterable[str]) -> tuple[Link, ...]:
        return tuple(self.link(iri) for iri in iris)

    def amount_yuan(self, fact: str) -> Decimal:
        """A fact's amount in yuan."""
        return self.graph.number(fact, MZ + "amount") or Decimal(0)

    def broken_down(self, fact: str) -> tuple[str, ...]:
        """The dimensions along which this fact is a part, in reading order."""
        known = self._breakdowns.get(fact)
        if known is None:
            text = self.graph.text
            known = self._breakdowns[fact] = tuple(
                name for name, neutral in self.neutral.items() if text(fact, MZ + name) not in ("", neutral)
            )
        return known

    def flow(self, fact: str) -> str:
        """`revenue` or `expenditure`."""
        return local_name(self.graph.text(fact, MZ + "flow"))

    def totals(self, disclosure: str) -> dict[str, str]:
        """Flow → the fact that is the disclosure's total for its own year and phase, where it was read."""
        return {
            self.flow(fact): fact
            for fact in self.facts.get(disclosure, ())
            if own_period(self.graph, fact, disclosure) and not self.broken_down(fact)
        }

    def leaves(self, disclosure: str, scheme: str) -> list[str]:
        """The facts of a disclosure's own year and phase that may be summed along a code list."""
        return list(self.leaves_by_disclosure.get((disclosure, f"{self.base}id/scheme/{scheme}"), ()))

    def ancestors(self, concept: str) -> list[str]:
        """A concept's broader concepts from the top down, itself last; the `all` concept left out."""
        chain = [concept]
        while True:
            broader = [
                iri
                for iri in self.graph.texts(chain[0], SKOS + "broader")
                if iri not in chain and not is_all(iri)
            ]
            if not broader:
                return chain
            chain.insert(0, broader[0])

    def is_within_all(self, concept: str) -> bool:
        """Whether a concept is its list's `all`, or a part of it: some lists hold items that the `all` does not take in."""
        seen, waiting = {concept}, [concept]
        while waiting:
            iri = waiting.pop()
            if local_name(iri) == "all":
                return True
            above = [broader for broader in self.graph.texts(iri, SKOS + "broader") if broader not in seen]
            seen.update(above)
            waiting += above
        return False


def is_all(iri: str) -> bool:
    """Whether a concept stands for “everything” in its code list."""
    return local_name(iri) in _EVERYTHING


def open_book(graph: ReleaseGraph, manifest: Manifest, rules: Iterable[Rule] = ()) -> Book:
    """The release's book; findings are called by their rules, where these are given."""
    facts: dict[str, list[str]] = {}
    for fact in graph.instances("Fact"):
        facts.setdefault(graph.text(fact, QB + "dataSet"), []).append(fact)
    schemes: dict[str, list[str]] = {}
    for scheme, leaves in sorted(graph.leaves.items()):
        for fact in leaves:
            schemes.setdefault(fact, []).append(scheme)
    return Book(
        graph,
        manifest,
        {entry.iri: entry for entry in manifest.disclosures},
        _neutral(graph),
        {disclosure: tuple(found) for disclosure, found in facts.items()},
        _leaves_by_disclosure(graph),
        {fact: tuple(found) for fact, found in schemes.items()},
        _placed(graph),
        {rule.name: (rule.zh, rule.en) for rule in rules},
    )


def _placed(graph: ReleaseGraph) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for place, subjects in graph.incoming.items():
        if place.startswith(f"{graph.base}source/"):
            source = place.partition("#")[0]
            found.setdefault(source, []).extend(subjects.get(MZ + "place", ()))
    return {source: tuple(subjects) for source, subjects in found.items()}


def _leaves_by_disclosure(graph: ReleaseGraph) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for scheme, leaves in graph.leaves.items():
        for fact in leaves:
            disclosure = graph.text(fact, QB + "dataSet")
            if own_period(graph, fact, disclosure):
                found.setdefault((disclosure, scheme), []).append(fact)
    return {key: tuple(facts) for key, facts in found.items()}


def own_period(graph: ReleaseGraph, fact: str, disclosure: str) -> bool:
    """Whether a fact is of the year and phase its disclosure is about, not a figure for comparison."""
    return all(
        graph.text(fact, MZ + name) == graph.text(disclosure, MZ + name) for name in ("fiscalYear", "phase")
    )


def _neutral(graph: ReleaseGraph) -> dict[str, str]:
    """Which value of each dimension is no breakdown: `not-applicable` where a list has one, else `all`."""
    paths = {
        "budgetUnit": "unit",
        "fundSource": "fund-source",
        "functionalClass": "code/functional",
        "departmentEconomicClass": "code/dept-economic",
        "governmentEconomicClass": "code/gov-economic",
        "expenditureKind": "expenditure-kind",
        "threePublicItem": "three-public",
        "project": "project",
    }
    neutral = {}
    for name in DIMENSIONS:
        if name in paths:
            start = f"{graph.base}id/{paths[name]}/"
            inapplicable = start + _NOT_APPLICABLE
            neutral[name] = inapplicable if inapplicable in graph.about else start + "all"
    return neutral
