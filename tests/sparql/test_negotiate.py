"""The Accept header as one table: header → what is chosen. RFC 9110 §12.5.1."""

from __future__ import annotations

import pytest

from mingzhang.sparql import formats
from mingzhang.sparql.negotiate import accepts_gzip, best_format, etag_matches, media_ranges
from mingzhang.sparql.resources import DOCUMENT_FORMATS

SELECT = formats.offered("SELECT")
GRAPH = formats.offered("CONSTRUCT")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/sparql-results+json"),
        ("", "application/sparql-results+json"),
        ("   ", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/*", "application/sparql-results+json"),
        ("text/*", "text/csv"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        (" text/csv ", "text/csv"),
        ("text/csv;charset=utf-8", "text/csv"),
        ('text/csv; charset="utf-8"', "text/csv"),
        ("text/csv;header=present", "text/csv"),
        ("text/tab-separated-values", "text/tab-separated-values"),
        ("application/json", "application/json"),
        ("application/xml", "application/xml"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;q=0.1, text/tab-separated-values;q=0.9", "text/tab-separated-values"),
        ("text/csv, text/tab-separated-values;q=0.9", "text/csv"),
        ("text/csv;q=0.5, */*;q=0.1", "text/csv"),
        ("*/*;q=0.1, text/csv", "text/csv"),
        ("text/*;q=0.9, text/csv;q=0.1", "text/tab-separated-values"),
        ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
        ("application/sparql-results+json;q=0, application/json;q=0.5, text/csv;q=0.1", "text/csv"),
        ("application/*;q=0, */*", "text/csv"),
        ("text/csv;q=0", None),
        ("*/*;q=0", None),
        ("image/png", None),
        ("text/turtle", None),
        ("image/png, */*;q=0.01", "application/sparql-results+json"),
        ("text/csv;q=0.000", None),
        ("text/csv;q=0.001", "text/csv"),
        ("text/csv;q=1.000", "text/csv"),
        ("text/csv;q=nonsense", "text/csv"),
        ("text/csv;q=7, application/sparql-results+xml;q=0.9", "text/csv"),
        (",, ,text/csv,,", "text/csv"),
        ("nonsense, text/csv", "text/csv"),
        ("*/csv", "application/sparql-results+json"),
        ('text/x;a="b,c;q=0", text/csv', "text/csv"),
        ("application/json, text/csv", "text/csv"),
        ("application/json;q=1, text/csv;q=0.9", "application/json"),
        (BROWSER, "text/html"),
    ],
)
def test_a_select_is_answered_in_what_the_client_likes_best(accept: str | None, expected: str | None) -> None:
    found = best_format(accept, SELECT)
    assert (found[1] if found else None) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/*", "text/turtle"),
        ("application/*", "application/n-triples"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"),
        ("application/json", "application/json"),
        ("application/ld+json;profile=http://www.w3.org/ns/json-ld#compacted", "application/ld+json"),
        ("application/trig", "application/trig"),
        ("application/n-quads", "application/n-quads"),
        ("text/turtle;q=0.1, application/n-triples", "application/n-triples"),
        ("application/rdf+xml;q=0.8, text/turtle;q=0.8", "text/turtle"),
        ("application/sparql-results+json", None),
        ("text/csv", None),
        (BROWSER, "text/html"),
        ("text/turtle, */*;q=0.1", "text/turtle"),
    ],
)
def test_a_graph_is_answered_in_what_the_client_likes_best(accept: str | None, expected: str | None) -> None:
    found = best_format(accept, GRAPH)
    assert (found[1] if found else None) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [(None, "html"), ("*/*", "html"), (BROWSER, "html"), ("text/turtle", "turtle"), ("application/ld+json", "jsonld"),
     ("text/html;q=0.1, application/rdf+xml", "rdfxml"), ("application/n-triples", "ntriples"), ("text/csv", None)],
)  # fmt: skip
def test_a_thing_leads_to_its_page_unless_rdf_is_asked_for(accept: str | None, expected: str | None) -> None:
    found = best_format(accept, DOCUMENT_FORMATS)
    assert (found[0].key if found else None) == expected


def test_a_range_keeps_its_parameters_and_weight() -> None:
    (found,) = media_ranges("Text/HTML;Level=1;q=0.4")
    assert (found.type, found.subtype, found.quality) == ("text", "html", 0.4)
    assert found.parameters == {("level", "1")}


@pytest.mark.parametrize(
    ("header", "expected"),
    [(None, False), ("", False), ("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("*", True),
     ("*;q=0", False), ("identity", False), ("x-gzip", True), ("br", False), ("gzip;q=0, *", False)],
)  # fmt: skip
def test_gzip_is_used_only_where_it_is_accepted(header: str | None, expected: bool) -> None:
    assert accepts_gzip(header) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False),
        ('"a"', True),
        ('"b"', False),
        ('"b", "a"', True),
        ('W/"a"', True),
        ("*", True),
        ("a", False),
    ],
)
def test_if_none_match_is_a_list_of_entity_tags(header: str | None, expected: bool) -> None:
    assert etag_matches(header, '"a"') is expected
