"""JSON-LD of an entity: its own triples and those of the blank nodes it leads to, each once."""

from __future__ import annotations

import pyoxigraph as ox

from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.jsonld import entity_jsonld
from mingzhang.site.terms import Term

P = "http://example.org/p"


def _triples(text: str) -> list[tuple[str, str, str]]:
    quads = ox.parse(text.encode(), format=ox.RdfFormat.JSON_LD, rename_blank_nodes=False)
    return sorted((str(quad.subject), quad.predicate.value, str(quad.object)) for quad in quads)


def test_blank_nodes_are_told_with_the_entity_that_leads_to_them() -> None:
    graph = ReleaseGraph("https://data.example/")
    graph.add("https://data.example/id/x", P, Term("_:a", "blank"))
    graph.add("_:a", P, Term("_:b", "blank"))
    graph.add("_:b", P, Term("end", "literal", "http://www.w3.org/2001/XMLSchema#string"))
    assert _triples(entity_jsonld(graph, "https://data.example/id/x")) == [
        ("<https://data.example/id/x>", P, "_:a"),
        ("_:a", P, "_:b"),
        ("_:b", P, '"end"'),
    ]


def test_blank_nodes_in_a_circle_are_told_once() -> None:
    graph = ReleaseGraph("https://data.example/")
    graph.add("https://data.example/id/x", P, Term("_:a", "blank"))
    graph.add("_:a", P, Term("_:a", "blank"))
    assert len(_triples(entity_jsonld(graph, "https://data.example/id/x"))) == 2
