"""The Turtle writer: whatever N-Triples goes in comes out the same, read by two parsers."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.site.turtle import turtle

BASE = "https://data.example/"
XSD = "http://www.w3.org/2001/XMLSchema#"

_PATHS = st.text(alphabet="abZ09_-./:;~!$&'()*+,=%@#?中é", max_size=12)
_NAMESPACES = (
    BASE,
    f"{BASE}id/",
    "https://w3id.org/mingzhang/ontology#",
    "http://www.w3.org/2004/02/skos/core#",
    "http://example.org/",
)


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


IRIS = st.builds(str.__add__, st.sampled_from(_NAMESPACES), _PATHS).filter(_is_iri).map(ox.NamedNode)
# N-Triples is Unicode text without surrogates; U+0000 is no character of RDF 1.1 literals that parsers agree on.
_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_LEXICAL = st.from_regex(r"\A[+-]?[0-9]{0,4}(\.[0-9]{0,4})?([eE][0-9])?\Z")
LITERALS = st.one_of(
    st.builds(ox.Literal, _TEXTS),
    st.builds(
        lambda text, tag: ox.Literal(text, language=tag), _TEXTS, st.sampled_from(["zh", "en", "zh-hans"])
    ),
    st.builds(
        lambda text, name: ox.Literal(text, datatype=ox.NamedNode(XSD + name)),
        st.one_of(_LEXICAL, _TEXTS, st.sampled_from(["true", "false", "1", "."])),
        st.sampled_from(["integer", "decimal", "boolean", "double", "gYear", "date"]),
    ),
)
BLANKS = st.sampled_from(["a", "b1", "g1x"]).map(ox.BlankNode)
TRIPLES = st.lists(
    st.builds(ox.Triple, st.one_of(IRIS, BLANKS), IRIS, st.one_of(IRIS, LITERALS, BLANKS)), max_size=8
)


def lines(triples: Iterable[ox.Triple]) -> list[str]:
    """Sorted N-Triples without the closing dot, as the graph files have them."""
    return sorted({f"{triple.subject} {triple.predicate} {triple.object}" for triple in triples})


def written(triples: Iterable[ox.Triple]) -> str:
    return "".join(turtle(lines(triples), BASE))


@given(TRIPLES)
def test_turtle_read_back_is_the_same_graph(triples: list[ox.Triple]) -> None:
    parsed = ox.parse(written(triples).encode(), format=ox.RdfFormat.TURTLE, rename_blank_nodes=False)
    assert lines(quad.triple for quad in parsed) == lines(triples)


@given(TRIPLES)
def test_rdflib_reads_as_many_triples_as_were_written(triples: list[ox.Triple]) -> None:
    graph = rdflib.Graph().parse(data=written(triples), format="turtle")
    distinct = rdflib.Graph().parse(data="".join(f"{line} .\n" for line in lines(triples)), format="nt")
    assert len(graph) == len(distinct)


@pytest.mark.parametrize(
    ("triple", "expected"),
    [
        ("<https://data.example/id/fact/a1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/mingzhang/ontology#Fact>", "<id/fact/a1> a mz:Fact ."),
        (f'<http://x.org/s> <http://x.org/p> "1570.830"^^<{XSD}decimal>', "<http://x.org/s> <http://x.org/p> 1570.830 ."),
        (f'<http://x.org/s> <http://x.org/p> "1570"^^<{XSD}decimal>', '<http://x.org/s> <http://x.org/p> "1570"^^xsd:decimal .'),
        (f'<http://x.org/s> <http://x.org/p> "1."^^<{XSD}decimal>', '<http://x.org/s> <http://x.org/p> "1."^^xsd:decimal .'),
        (f'<http://x.org/s> <http://x.org/p> "007"^^<{XSD}integer>', "<http://x.org/s> <http://x.org/p> 007 ."),
        ('<http://x.org/s> <http://x.org/p> "a"@zh', '<http://x.org/s> <http://x.org/p> "a"@zh .'),
        ("<https://data.example//x> <http://x.org/p> <https://data.example/a/../b>", "<https://data.example//x> <http://x.org/p> <https://data.example/a/../b> ."),
        ("<https://data.example/=x> <http://x.org/p> <https://data.example/source/a#line=1>", "<https://data.example/=x> <http://x.org/p> <source/a#line=1> ."),
        ("<https://data.example/> <http://x.org/p> <http://www.w3.org/2004/02/skos/core#>", "<https://data.example/> <http://x.org/p> <http://www.w3.org/2004/02/skos/core#> ."),
    ],
)  # fmt: skip
def test_a_term_is_shortened_only_where_it_reads_back_unchanged(triple: str, expected: str) -> None:
    assert "".join(turtle([triple], BASE)).splitlines()[-1] == expected


def test_a_subject_is_written_once_with_its_types_first() -> None:
    subject = "<https://data.example/id/x>"
    text = "".join(
        turtle(
            [
                f'{subject} <http://purl.org/dc/terms/title> "t"',
                f"{subject} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/mingzhang/ontology#A>",
                f"{subject} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/mingzhang/ontology#B>",
            ],
            BASE,
        )
    )
    assert text.endswith('\n<id/x> a mz:A, mz:B ;\n    dcterms:title "t" .\n')
