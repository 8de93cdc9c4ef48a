"""A disclosure as the engine gets it: its own triples, and of the code lists only the entries it uses.

Cost must grow with the disclosure, not with everything published: of the 4,000 entries a disclosure uses about fifty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from mingzhang.errors import ValidationError
from mingzhang.ontology import namespaces as ns
from mingzhang.ontology.loader import code_list_triples, load_turtle

_T = TypeVar("_T")
Term = NamedNode | BlankNode | Literal | Triple
_TYPE = NamedNode(f"{ns.RDF}type")
_NEEDED = frozenset(
    NamedNode(iri)
    for iri in (
        f"{ns.RDF}type",
        f"{ns.SKOS}inScheme",
        f"{ns.SKOS}notation",
        f"{ns.SKOS}prefLabel",
        f"{ns.SKOS}altLabel",
        f"{ns.MZ}confidence",
        f"{ns.MZ}vintage",
        f"{ns.MZ}origin",
    )
)
"""What the shapes ask of a code list entry."""


@dataclass(frozen=True)
class DataGraph:
    """N-Triples for the engine, and what the disclosure itself holds, for counting focus nodes."""

    ntriples: bytes
    triples: int
    """Of the disclosure alone."""
    by_predicate: Mapping[str, Sequence[Triple]]
    """Property IRI → the disclosure's triples that have it."""
    superclasses: Mapping[str, Set[str]]
    """Class IRI → itself and every class above it."""

    def instances(self, klass: str) -> int:
        """How many distinct nodes are of a class, or of one below it."""
        return len(
            {
                triple.subject
                for triple in self.by_predicate.get(_TYPE.value, ())
                if klass in self.superclasses.get(_text(triple.object), (_text(triple.object),))
            }
        )

    def subjects_of(self, predicate: str) -> int:
        """How many distinct subjects have a property."""
        return len({triple.subject for triple in self.by_predicate.get(predicate, ())})

    def objects_of(self, predicate: str) -> int:
        """How many distinct objects a property has."""
        return len({triple.object for triple in self.by_predicate.get(predicate, ())})


@dataclass(frozen=True)
class _CodeLists:
    about: Mapping[str, tuple[Triple, ...]]
    """IRI of an entry → the triples the shapes need."""
    by_notation: Mapping[str, tuple[str, ...]]
    by_label: Mapping[str, tuple[str, ...]]


def data_graph(nquads: bytes | Path, base_uri: str) -> DataGraph:
    """What the engine is to validate. Raises ValidationError where the file is no N-Quads."""
    try:
        raw = nquads.read_bytes() if isinstance(nquads, Path) else nquads
        triples = {Triple(quad.subject, quad.predicate, quad.object) for quad in _quads(raw)}
    except (SyntaxError, ValueError) as error:
        name = nquads if isinstance(nquads, Path) else "the disclosure's graph"
        raise ValidationError(f"{name}: {error}; the graph must be N-Quads") from error
    by_predicate: defaultdict[str, list[Triple]] = defaultdict(list)
    for triple in triples:
        by_predicate[triple.predicate.value].append(triple)
    context = set(_context(triples, by_predicate, base_uri))
    written = serialize(triples | context, format=RdfFormat.N_TRIPLES)
    assert written is not None  # Only writing to a file returns None.
    return DataGraph(written, len(triples), by_predicate, _superclasses(base_uri))


def _text(term: Term) -> str:
    """What a term says: an IRI, a label or a literal's text; nothing for a quoted triple, which we never write."""
    return "" if isinstance(term, Triple) else term.value


def _quads(raw: bytes) -> Iterable[Quad]:
    return parse(raw, format=RdfFormat.N_QUADS)


def _context(
    triples: Set[Triple], by_predicate: Mapping[str, Sequence[Triple]], base_uri: str
) -> Iterator[Triple]:
    """The class hierarchy, and the code list entries that the triples name by IRI, printed code or printed label."""
    yield from _hierarchy(base_uri)
    lists = _code_lists(base_uri)
    named = {triple.object.value for triple in triples if isinstance(triple.object, NamedNode)}
    wanted = {iri for iri in named if iri in lists.about}
    for predicate, entries in (("codePrinted", lists.by_notation), ("rowLabel", lists.by_label)):
        for triple in by_predicate.get(f"{ns.MZ}{predicate}", ()):
            wanted.update(entries.get(_text(triple.object), ()))
    # What the disclosure itself describes (a code no list has) keeps the disclosure's own description.
    described = {_text(triple.subject) for triple in by_predicate.get(_TYPE.value, ())}
    for iri in wanted - described:
        yield from lists.about[iri]


@lru_cache(maxsize=8)
def _code_lists(base_uri: str) -> _CodeLists:
    about: defaultdict[str, list[Triple]] = defaultdict(list)
    notation: defaultdict[str, list[str]] = defaultdict(list)
    label: defaultdict[str, list[str]] = defaultdict(list)
    codes = f"{base_uri}id/code/"
    individuals = (
        triple for triple in load_turtle("mingzhang.ttl", base_uri) if _text(triple.subject).startswith(ns.MZ)
    )
    for triple in (*code_list_triples(base_uri), *individuals):
        if triple.predicate not in _NEEDED or not isinstance(triple.subject, NamedNode):
            continue
        iri = _text(triple.subject)
        about[iri].append(triple)
        if not iri.startswith(codes):
            continue
        if triple.predicate.value == f"{ns.SKOS}notation":
            notation[_text(triple.object)].append(iri)
        elif triple.predicate.value == f"{ns.SKOS}prefLabel":
            label[_text(triple.object)].append(iri)
    return _CodeLists(_frozen(about), _frozen(notation), _frozen(label))


def _frozen(lists: Mapping[str, list[_T]]) -> dict[str, tuple[_T, ...]]:
    return {key: tuple(values) for key, values in lists.items()}


@lru_cache(maxsize=8)
def _hierarchy(base_uri: str) -> tuple[Triple, ...]:
    """The subclass triples of the vocabulary: SHACL follows them only where they are in the data graph."""
    above = f"{ns.RDFS}subClassOf"
    return tuple(
        triple for triple in load_turtle("mingzhang.ttl", base_uri) if triple.predicate.value == above
    )


@lru_cache(maxsize=8)
def _superclasses(base_uri: str) -> Mapping[str, Set[str]]:
    """Class → itself and every class above it."""
    direct: defaultdict[str, set[str]] = defaultdict(set)
    for triple in _hierarchy(base_uri):
        direct[_text(triple.subject)].add(_text(triple.object))
    return {klass: _closure(klass, direct) for klass in direct}


def _closure(klass: str, direct: Mapping[str, Set[str]]) -> Set[str]:
    found = {klass}
    pending = [klass]
    while pending:
        for above in direct.get(pending.pop(), ()):
            if above not in found:
                found.add(above)
                pending.append(above)
    return found
