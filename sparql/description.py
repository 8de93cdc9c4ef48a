"""The service description: what a bare GET of the endpoint answers a machine (SPARQL 1.1 Service Description)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from mingzhang.sparql import formats
from mingzhang.sparql.engine import PREFIXES, write_triples
from mingzhang.sparql.stored import StoredQuery

SD = PREFIXES["sd"]
FORMATS = "http://www.w3.org/ns/formats/"
FORMAT_NAMES = {
    "json": "SPARQL_Results_JSON", "xml": "SPARQL_Results_XML", "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV", "turtle": "Turtle", "ntriples": "N-Triples", "rdfxml": "RDF_XML",
    "jsonld": "JSON-LD", "nquads": "N-Quads", "trig": "TriG",
}  # fmt: skip


@dataclass(frozen=True)
class Described:
    """What the description says: the endpoint's own URL, what it serves, where its VoID is ("" for none), and the
    names of its graphs."""

    endpoint: str
    title: str
    void: str
    graphs: tuple[str, ...]


def description(service: Described) -> Iterator[ox.Triple]:
    """The triples of the service description."""
    about, dataset, default = ox.BlankNode("service"), ox.BlankNode("dataset"), ox.BlankNode("default")
    yield typed(about, SD + "Service")
    yield linked(about, SD + "endpoint", service.endpoint)
    yield linked(about, SD + "supportedLanguage", SD + "SPARQL11Query")
    for key in (*(f.key for f in formats.TABLES), *(f.key for f in formats.GRAPHS)):
        yield linked(about, SD + "resultFormat", FORMATS + FORMAT_NAMES[key])
    yield ox.Triple(about, ox.NamedNode(SD + "defaultDataset"), dataset)
    yield typed(dataset, SD + "Dataset")
    yield ox.Triple(dataset, ox.NamedNode(PREFIXES["dcterms"] + "title"), ox.Literal(service.title))
    if service.void:
        yield linked(dataset, PREFIXES["rdfs"] + "seeAlso", service.void)
    yield ox.Triple(dataset, ox.NamedNode(SD + "defaultGraph"), default)
    yield typed(default, SD + "Graph")
    yield from named_graphs(dataset, service.graphs)


def named_graphs(dataset: ox.BlankNode, graphs: Iterable[str]) -> Iterator[ox.Triple]:
    for number, name in enumerate(sorted(graphs), start=1):
        graph = ox.BlankNode(f"graph{number}")
        yield ox.Triple(dataset, ox.NamedNode(SD + "namedGraph"), graph)
        yield typed(graph, SD + "NamedGraph")
        yield linked(graph, SD + "name", name)


def executables(queries: Iterable[StoredQuery], base_uri: str) -> Iterator[ox.Triple]:
    """The stored queries as `sh:SPARQLSelectExecutable`, each named by its page."""
    for query in queries:
        about = ox.NamedNode(f"{base_uri}queries/{query.name}")
        yield typed(about, PREFIXES["sh"] + "SPARQLExecutable")
        yield typed(about, PREFIXES["sh"] + "SPARQLSelectExecutable")
        texts = (
            ("rdfs", "label", query.title_en, query.title_zh),
            ("dcterms", "description", query.question_en, query.question_zh),
        )
        for prefix, name, english, chinese in texts:
            predicate = ox.NamedNode(PREFIXES[prefix] + name)
            yield ox.Triple(about, predicate, ox.Literal(english, language="en"))
            yield ox.Triple(about, predicate, ox.Literal(chinese, language="zh"))
        # Whoever runs it elsewhere needs the base its relative IRIs are resolved against.
        select = ox.Literal(f"BASE <{base_uri}>\n{query.body}")
        yield ox.Triple(about, ox.NamedNode(PREFIXES["sh"] + "select"), select)


def typed(subject: ox.BlankNode | ox.NamedNode, kind: str) -> ox.Triple:
    return linked(subject, PREFIXES["rdf"] + "type", kind)


def linked(subject: ox.BlankNode | ox.NamedNode, predicate: str, target: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.NamedNode(target))


def serialized(triples: Iterable[ox.Triple], format_key: str) -> bytes:
    """Triples in one of our RDF formats."""
    target = io.BytesIO()
    write_triples(list(triples), format_key, target)
    return target.getvalue()
