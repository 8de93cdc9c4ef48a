"""A query that names no graph is answered from the default graph alone, and gets the same answer."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

import pyoxigraph as ox
import pytest

from mingzhang.release import Release
from mingzhang.sparql.engine import Question, answer, names_a_graph
from mingzhang.sparql.guard import outline
from mingzhang.sparql.store import Loaded, loaded, release_source
from mingzhang.sparql.stored import StoredQuery, stored_queries

BASE = "https://data.example.org/"


@pytest.fixture(scope="module")
def held(release: Release) -> Loaded:
    return loaded(release_source(release))


def question(query: str, **more: object) -> Question:
    return Question(query, "csv", BASE, 1 << 20, from_clauses=outline(query).from_clauses, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { GRAPH ?g { ?s ?p ?o } }", "SELECT * { graph<graph/leaves>{ ?s ?p ?o } }",
        "SELECT * { gRaPh ?g { ?s ?p ?o } }", "SELECT * FROM <graph/leaves> { ?s ?p ?o }",
        "SELECT * FROM NAMED <graph/leaves> { ?s ?p ?o }", "SELECT * { \\u0047RAPH ?g { ?s ?p ?o } }",
        "SELECT ?s { ?s ?p 'a graph' }",
    ],
)  # fmt: skip
def test_a_query_that_may_name_a_graph_is_known(query: str) -> None:
    assert names_a_graph(question(query))


def test_a_request_that_names_a_graph_is_known() -> None:
    assert not names_a_graph(question("SELECT * { ?s ?p ?o }"))
    assert names_a_graph(question("SELECT * { ?s ?p ?o }", default_graphs=("urn:g",), named_graphs=()))
    assert names_a_graph(question("SELECT * { ?s ?p ?o }", default_graphs=(), named_graphs=("urn:g",)))


def test_the_default_graph_is_held_alone_where_there_are_others(held: Loaded) -> None:
    default = set(held.everything.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    assert set(held.default) == default
    assert len(held.everything) > 2 * len(default)


@pytest.mark.parametrize(
    "query",
    [query for query in stored_queries().values() if not names_a_graph(question(query.text))],
    ids=lambda q: q.name,
)
def test_the_answer_is_the_same_from_either(held: Loaded, query: StoredQuery) -> None:
    asked = question(query.text)
    with cast(BinaryIO, tempfile.TemporaryFile("w+b")) as target:
        bodies = [answer(store, asked, target).body for store in (held.everything, held.default)]
    assert bodies[0]
    # Rows, and what GROUP_CONCAT joins, may come in another order.
    first, second = (sorted(sorted(line) for line in (body or b"").splitlines()) for body in bodies)
    assert first == second
