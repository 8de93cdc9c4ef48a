"""Which sums may count money twice, and which may not: a warning too many is as bad as one too few."""

from __future__ import annotations

import pytest

from mingzhang.sparql.stored import StoredQuery, stored_queries
from mingzhang.sparql.sums import NO_CLASSIFICATION, OUTSIDE_LEAVES, SEVERAL_CLASSIFICATIONS, sum_warnings

BASE = "https://data.example.org/"
MZ = "PREFIX mz: <https://w3id.org/mingzhang/ontology#>\n"
FUNCTIONAL, FUND = "<id/scheme/functional>", "<id/scheme/fund-source>"
SUMMED = "SELECT (SUM(?a) AS ?yuan)"

SAFE = {
    "one classification": f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} }}",
    "absolute names": f"{SUMMED} {{ GRAPH <{BASE}graph/leaves> {{ ?f mz:leafOf <{BASE}id/scheme/functional> ; mz:amount ?a }} }}",
    "prefixed graph": f"PREFIX g: <{BASE}graph/> {SUMMED} {{ GRAPH g:leaves {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} }}",
    "another base": f"BASE <{BASE}graph/> {SUMMED} {{ GRAPH <leaves> {{ ?f mz:leafOf <../id/scheme/functional> ; mz:amount ?a }} }}",
    "from": f"{SUMMED} FROM <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }}",
    "grouped by classification": (
        "SELECT ?s (SUM(?a) AS ?yuan) { GRAPH <graph/leaves> { ?f mz:leafOf ?s ; mz:amount ?a } } GROUP BY ?d ?s"
    ),
    "one value": f"{SUMMED} {{ VALUES ?s {{ {FUNCTIONAL} }} GRAPH <graph/leaves> {{ ?f mz:leafOf ?s ; mz:amount ?a }} }}",
    "filtered to one": f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf ?s ; mz:amount ?a }} FILTER(?s = {FUNCTIONAL}) }}",
    "inverse": f"{SUMMED} {{ GRAPH <graph/leaves> {{ {FUNCTIONAL} ^mz:leafOf ?f . ?f mz:amount ?a }} }}",
    "two sums of two classifications": (
        f"SELECT ?x ?y {{ {{ {SUMMED.replace('yuan', 'x')} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} }} }}"
        f" {{ {SUMMED.replace('yuan', 'y')} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUND} ; mz:amount ?a }} }} }} }}"
    ),
    "no sum": "SELECT ?a { ?f mz:amount ?a }",
    "sum of something else": "SELECT (SUM(?n) AS ?all) { ?l mz:count ?n ; mz:figureAmount ?amount }",
    "amount of another vocabulary": "PREFIX e: <http://e/> SELECT (SUM(?a) AS ?all) { ?f e:amount ?a }",
    "sum in a comment and a text": "SELECT ?a { ?f mz:amount ?a FILTER(?a != 'SUM(x)') } # SUM(?a)",
    "largest": "SELECT (MAX(?a) AS ?most) { ?f mz:amount ?a }",
}  # fmt: skip
CARELESS = {
    "everything": (f"{SUMMED} {{ ?f mz:amount ?a }}", OUTSIDE_LEAVES),
    "average": ("SELECT (avg(?a) AS ?mean) { ?f mz:amount ?a }", OUTSIDE_LEAVES),
    "full name": (f"{SUMMED} {{ ?f <https://w3id.org/mingzhang/ontology#amount> ?a }}", OUTSIDE_LEAVES),
    "another prefix": (f"PREFIX x: <https://w3id.org/mingzhang/ontology#> {SUMMED} {{ ?f x:amount ?a }}", OUTSIDE_LEAVES),
    "in a path": (f"{SUMMED} {{ ?d ^mz:department/mz:amount ?a }}", OUTSIDE_LEAVES),
    "leaves only in a comment": (f"{SUMMED} {{ ?f mz:amount ?a }} # <graph/leaves> mz:leafOf", OUTSIDE_LEAVES),
    "leaves only in a text": (f"{SUMMED} {{ ?f mz:amount ?a FILTER('<graph/leaves>' != '') }}", OUTSIDE_LEAVES),
    "no classification": (f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:amount ?a }} }}", NO_CLASSIFICATION),
    "any classification": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf ?s ; mz:amount ?a }} }}", SEVERAL_CLASSIFICATIONS,
    ),
    "any, grouped by another": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf ?s ; mz:amount ?a }} }} GROUP BY ?f ORDER BY ?s",
        SEVERAL_CLASSIFICATIONS,
    ),
    "two values": (
        f"{SUMMED} {{ VALUES ?s {{ {FUNCTIONAL} {FUND} }} GRAPH <graph/leaves> {{ ?f mz:leafOf ?s ; mz:amount ?a }} }}",
        SEVERAL_CLASSIFICATIONS,
    ),
    "union": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ {{ ?f mz:leafOf {FUNCTIONAL} }} UNION {{ ?f mz:leafOf {FUND} }} ?f mz:amount ?a }} }}",
        SEVERAL_CLASSIFICATIONS,
    ),
    "all but one": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf ?s ; mz:amount ?a }} FILTER(?s != {FUND}) }}",
        SEVERAL_CLASSIFICATIONS,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAFE)
def test_a_sum_that_counts_once_is_not_warned_of(name: str) -> None:
    assert sum_warnings(MZ + SAFE[name], BASE) == ()


@pytest.mark.parametrize("name", CARELESS)
def test_a_sum_that_may_count_twice_is_warned_of(name: str) -> None:
    query, warning = CARELESS[name]
    assert sum_warnings(MZ + query, BASE) == (warning,)


def test_a_graph_named_by_the_request_counts() -> None:
    query = f"{MZ}{SUMMED} {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }}"
    assert sum_warnings(query, BASE) == (OUTSIDE_LEAVES,)
    assert sum_warnings(query, BASE, [BASE + "graph/leaves"]) == ()


@pytest.mark.parametrize(
    "query", [q for q in stored_queries().values() if q.safe_to_sum], ids=lambda q: q.name
)
def test_the_stored_queries_that_are_safe_are_not_warned_of(query: StoredQuery) -> None:
    assert sum_warnings(query.body, BASE) == ()
