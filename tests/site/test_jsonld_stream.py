"""The JSON-LD writer: whatever N-Triples goes in comes out the same, read by two parsers."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from rdflib.compare import isomorphic

from mingzhang.site.jsonld_stream import jsonld_pieces
from mingzhang.site.quads import grouped

from .test_turtle import BASE, TRIPLES, lines


def written(triples: list[ox.Triple]) -> bytes:
    return b"".join(jsonld_pieces(grouped(line.encode() for line in lines(triples)), BASE))


@given(TRIPLES)
def test_jsonld_read_back_is_the_same_graph(triples: list[ox.Triple]) -> None:
    parsed = ox.parse(written(triples), format=ox.RdfFormat.JSON_LD, rename_blank_nodes=False)
    # JSON-LD keeps language tags in lower case, and xsd:string is what a plain text is.
    assert lines(quad.triple for quad in parsed) == lines(triples)


@given(TRIPLES)
def test_it_is_json_and_each_subject_is_one_node(triples: list[ox.Triple]) -> None:
    document = json.loads(written(triples))
    nodes = [node["@id"] for node in document["@graph"]]
    assert len(nodes) == len(set(nodes)) == len({triple.subject for triple in triples})


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # by rdflib itself
def test_rdflib_reads_the_same_number_of_triples() -> None:
    subject = ox.NamedNode(f"{BASE}id/x")
    triples = [
        ox.Triple(
            subject, ox.NamedNode("http://purl.org/dc/terms/title"), ox.Literal('两行\n"字"', language="zh")
        ),
        ox.Triple(
            subject, ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), ox.NamedNode(f"{BASE}C")
        ),
        ox.Triple(subject, ox.NamedNode("http://purl.org/dc/terms/extent"), ox.Literal(5)),
        ox.Triple(subject, ox.NamedNode("http://purl.org/dc/terms/extent"), ox.Literal(6)),
    ]
    graph = rdflib.Graph().parse(data=written(triples), format="json-ld")
    expected = rdflib.Graph().parse(data="".join(f"{line} .\n" for line in lines(triples)), format="nt")
    assert isomorphic(graph, expected)


def test_control_characters_and_foreign_escapes_become_json() -> None:
    line = b'<http://x.org/s> <http://x.org/p> "a\x01\\U0001F600\\\'b"'
    document = json.loads(b"".join(jsonld_pieces(grouped([line]), BASE)))
    assert document["@graph"][0]["http://x.org/p"] == ["a\x01\U0001f600'b"]
