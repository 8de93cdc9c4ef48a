"""Documents about one term or one rule of the vocabulary, beside its page, in the formats every entity answers in.

A term is a name with a fragment (`…/ontology#Fact`), so a client that follows it gets the whole vocabulary. What is said
of the one term stands at the address of its page, `/terms/class/Fact`, with `.ttl`, `.nt`, `.jsonld` or `.rdf`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from mingzhang.release import Release
from mingzhang.site.book import Book
from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.jsonld import entity_jsonld
from mingzhang.site.namespaces import PREFIXES, split_name
from mingzhang.site.pages.vocabulary import own_terms, term_address
from mingzhang.site.rules import Rule, rule_href
from mingzhang.site.terms import Term


@dataclass(frozen=True)
class TermDocument:
    """What is said of a term or a rule, and where: `stem` is its page's address without `.html`."""

    stem: str
    triples: tuple[ox.Triple, ...]
    jsonld: str
    turtle: str = ""
    """As its author wrote it; "" where it is to be written from the triples."""


def write_term_documents(release: Release, book: Book, rules: Iterable[Rule]) -> None:
    """Writes the documents about every term and rule below `site/terms`. Raises OSError where one cannot be written."""
    for document in term_documents(book, rules):
        for suffix, data in _forms(document):
            path = Path(release.site, f"{document.stem.lstrip('/')}.{suffix}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def term_documents(book: Book, rules: Iterable[Rule]) -> Iterator[TermDocument]:
    """The documents of a release: its terms by name, then its rules."""
    graph = book.graph
    for iri in own_terms(graph):
        stem = term_address(graph, iri).removesuffix(".html")
        yield TermDocument(stem, tuple(_about(graph, iri)), entity_jsonld(graph, iri))
    for rule in rules:
        stem = rule_href(rule.name).removesuffix(".html")
        yield TermDocument(stem, rule.triples, rule.jsonld, rule.turtle)


def _forms(document: TermDocument) -> Iterator[tuple[str, bytes]]:
    """Suffix and bytes of each form."""
    prefixes = _prefixes(document.triples)
    yield "jsonld", f"{document.jsonld}\n".encode()
    forms = {"nt": ox.RdfFormat.N_TRIPLES, "rdf": ox.RdfFormat.RDF_XML, "ttl": ox.RdfFormat.TURTLE}
    for suffix, form in forms.items():
        if suffix == "ttl" and document.turtle:
            yield suffix, document.turtle.encode()
        else:
            yield suffix, ox.serialize(document.triples, format=form, prefixes=prefixes) or b""


def _prefixes(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """The prefixes that a document has a use for."""
    used = set()
    for triple in triples:
        for node in (triple.subject, triple.predicate, triple.object):
            if isinstance(node, ox.NamedNode):
                used.add(split_name(node.value)[0])
            elif isinstance(node, ox.Literal):
                used.add(split_name(node.datatype.value)[0])
    return {prefix: namespace for prefix, namespace in PREFIXES.items() if prefix in used}


def _about(graph: ReleaseGraph, iri: str) -> Iterator[ox.Triple]:
    """Every triple with this subject, and with the blank nodes it leads to, in the order of the graph."""
    told, waiting = {iri}, [iri]
    while waiting:
        subject = waiting.pop(0)
        node = ox.BlankNode(subject[2:]) if subject.startswith("_:") else ox.NamedNode(subject)
        for predicate, values in graph.about.get(subject, {}).items():
            for value in values:
                yield ox.Triple(node, ox.NamedNode(predicate), _node(value))
                if value.kind == "blank" and value.value not in told:
                    told.add(value.value)
                    waiting.append(value.value)


def _node(term: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if term.kind == "iri":
        return ox.NamedNode(term.value)
    if term.kind == "blank":
        return ox.BlankNode(term.value[2:])
    if term.language:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype))
