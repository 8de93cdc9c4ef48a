"""Every term of ours that is used is defined, in both languages; every term of others exists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from rdflib import (
    DCAT,
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    QB,
    RDF,
    RDFS,
    SH,
    SKOS,
    VANN,
    VOID,
    XSD,
    Graph,
    Literal,
    URIRef,
)
from rdflib.namespace import DCAM, DefinedNamespace
from rdflib.term import Node

from mingzhang.ontology import namespaces as ns
from mingzhang.ontology.loader import turtle_names

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("ontology", "shapes", "ingest", "sparql", "site", "mingzhang")
BASE = "http://example.org/"
CLOSED: dict[str, type[DefinedNamespace]] = {
    str(namespace): namespace
    for namespace in (DCAT, DCTERMS, DCAM, FOAF, ORG, OWL, PROV, QB, RDF, RDFS, SH, SKOS, VANN, VOID, XSD)
}
# Of DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/), where rdflib's list is of DCAT 2.
NEWER = {f"{DCAT}{name}" for name in ("DatasetSeries", "inSeries", "previousVersion", "version")}
# rdflib has no list of these; the terms are those of the published vocabularies.
OTHERS = {
    ns.DQV: {"QualityAnnotation"},
    # https://semiceu.github.io/DCAT-AP/
    "http://data.europa.eu/r5r/": {"availability"},
    ns.XKOS: {"ClassificationLevel", "depth", "notationPattern", "numberOfLevels"},
    ns.OBEU_MEASURE: {"amount"},
    ns.OBEU_ATTRIBUTE: {"currency"},
    # https://github.com/openbudgets/data-model, components.ttl; budgetaryUnit is deprecated there and left out.
    ns.OBEU_DIMENSION: {
        "administrativeClassification",
        "budgetPhase",
        "classification",
        "economicClassification",
        "fiscalYear",
        "functionalClassification",
        "operationCharacter",
        "organization",
        "programmeClassification",
        "project",
    },
}


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    return Graph().parse(CHECKOUT / "ontology" / "mingzhang.ttl", publicID=BASE)


@pytest.fixture(scope="module")
def everything() -> Graph:
    graph = Graph()
    for name in turtle_names():
        graph.parse(CHECKOUT / "ontology" / name, publicID=BASE)
    for path in sorted((CHECKOUT / "shapes").glob("*/*.ttl")):
        graph.parse(path, publicID=BASE)
    return graph


def own_terms(nodes: Iterable[Node]) -> set[str]:
    return {str(n).removeprefix(ns.MZ) for n in nodes if isinstance(n, URIRef) and n.startswith(ns.MZ)}


def defined(graph: Graph) -> set[str]:
    return own_terms(graph.subjects(RDFS.isDefinedBy, URIRef(ns.ONTOLOGY)))


def test_every_term_in_the_model_page_is_defined(vocabulary: Graph) -> None:
    used = set(
        re.findall(
            r"\bmz:([A-Za-z][A-Za-z0-9]*)", (CHECKOUT / "docs" / "model.md").read_text(encoding="utf-8")
        )
    )

    assert used - defined(vocabulary) == set()


def test_every_term_in_our_turtle_is_defined(vocabulary: Graph, everything: Graph) -> None:
    used = own_terms(node for triple in everything for node in triple)

    assert used - defined(vocabulary) == set()


@pytest.mark.parametrize("room", ROOMS)
def test_every_term_written_in_a_room_is_defined(room: str, vocabulary: Graph) -> None:
    files = [
        path
        for kind in ("py", "rq", "ttl", "html", "md")
        for path in sorted((CHECKOUT / room).rglob(f"*.{kind}"))
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files if "static" not in path.parts)
    used = set(re.findall(r"(?<![A-Za-z0-9-])mz:([A-Za-z][A-Za-z0-9-]*)", text))
    used |= set(re.findall(r"w3id\.org/mingzhang/ontology#([A-Za-z][A-Za-z0-9]*)", text))

    assert used - defined(vocabulary) == set()


def test_every_term_has_label_and_definition_in_both_languages(vocabulary: Graph) -> None:
    def languages(subject: Node, predicate: URIRef) -> set[str | None]:
        return {text.language for text in vocabulary.objects(subject, predicate) if isinstance(text, Literal)}

    lacking = [
        str(term)
        for term in vocabulary.subjects(RDFS.isDefinedBy, URIRef(ns.ONTOLOGY))
        for predicate in (RDFS.label, SKOS.definition)
        if languages(term, predicate) != {"zh", "en"}
    ]

    assert lacking == []


def test_every_term_but_the_components_has_an_example_and_a_source(vocabulary: Graph) -> None:
    lacking = [
        str(term)
        for term in vocabulary.subjects(RDFS.isDefinedBy, URIRef(ns.ONTOLOGY))
        if (term, RDF.type, QB.ComponentSpecification) not in vocabulary
        for predicate in (SKOS.example, DCTERMS.source)
        if (term, predicate, None) not in vocabulary
    ]

    assert lacking == []


def test_every_external_term_exists_in_its_vocabulary(everything: Graph) -> None:
    used = {str(node) for triple in everything for node in triple if isinstance(node, URIRef)}
    unknown = []
    for iri in sorted(used):
        namespace = next(
            (known for known in (*CLOSED, *OTHERS) if iri.startswith(known) and iri != known), None
        )
        if namespace is None:
            continue
        name = iri.removeprefix(namespace)
        exists = name in OTHERS[namespace] if namespace in OTHERS else URIRef(iri) in CLOSED[namespace]
        if not exists and iri not in NEWER:
            unknown.append(iri)

    assert unknown == []


def test_the_copy_of_external_terms_names_each_in_both_languages_and_where_it_is_defined() -> None:
    copy = Graph().parse(CHECKOUT / "ontology" / "external.ttl")
    faulty = [
        str(term)
        for term in set(copy.subjects())
        if {label.language for label in copy.objects(term, RDFS.label) if isinstance(label, Literal)}
        != {"zh", "en"}
        or not str(term).startswith(str(copy.value(term, RDFS.isDefinedBy)))
    ]

    assert faulty == []
    assert set(copy.predicates()) == {RDFS.label, RDFS.isDefinedBy}


def test_the_structure_has_twelve_dimensions_one_measure_and_a_currency(vocabulary: Graph) -> None:
    components = set(vocabulary.objects(URIRef(f"{ns.MZ}dsd"), QB.component))
    dimensions = {target for part in components for target in vocabulary.objects(part, QB.dimension)}
    measures = {target for part in components for target in vocabulary.objects(part, QB.measure)}
    attributes = {target for part in components for target in vocabulary.objects(part, QB.attribute)}

    assert len(dimensions) == 12
    assert {(d, RDF.type, QB.DimensionProperty) in vocabulary for d in dimensions} == {True}
    assert measures == {URIRef(f"{ns.MZ}amount")}
    assert attributes == {URIRef(f"{ns.OBEU_ATTRIBUTE}currency")}
