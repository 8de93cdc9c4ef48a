"""Which sums may count money twice, and which may not: a warning too many is as bad as one too few."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mingzhang.release import Release
from mingzhang.sparql.stored import StoredQuery, stored_queries
from mingzhang.sparql.sums import (
    DISTINCT_AMOUNTS,
    IN_CHINESE,
    NO_CLASSIFICATION,
    OUTSIDE_LEAVES,
    PRINTED_FIGURES,
    REPEATED,
    SEVERAL_CLASSIFICATIONS,
    SEVERAL_DEPARTMENTS,
    SEVERAL_PHASES,
    SEVERAL_YEARS,
    Overlaps,
    sum_warnings,
)

BASE = "https://data.example.org/"
MZ = "PREFIX mz: <https://w3id.org/mingzhang/ontology#>\n"
FUNCTIONAL, FUND = "<id/scheme/functional>", "<id/scheme/fund-source>"
SUMMED = "SELECT (SUM(?a) AS ?yuan)"
XSD = "http://www.w3.org/2001/XMLSchema#"
CORE = "http://www.w3.org/2004/02/skos/core#"
SKOS_LABEL = f"?c <{CORE}prefLabel> ?n ."

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
    "chosen in the leaves, read elsewhere": f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} }} ?f mz:amount ?a }}",
    "chosen by a test": f"{SUMMED} {{ ?f mz:amount ?a FILTER EXISTS {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} }} }} }}",
    "chosen in a sub-select": (
        f"{SUMMED} {{ {{ SELECT ?f {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} }} }} }} ?f mz:amount ?a }}"
    ),
    "whatever graph has leaves": f"{SUMMED} {{ GRAPH ?g {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} }}",
    "another name for it": f"SELECT (SUM(?b) AS ?yuan) {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} BIND(?a / 10000 AS ?b) }}",
    "a path from the classification": f"{SUMMED} {{ GRAPH <graph/leaves> {{ {FUNCTIONAL} ^mz:leafOf/mz:amount ?a }} }}",
    "a sum of sums of one classification": (
        f"SELECT (SUM(?x) AS ?all) {{ {{ SELECT ?d (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:department ?d ; mz:amount ?a }} }} GROUP BY ?d }} }}"
    ),
    "two halves of one classification": (
        f"SELECT (?x + ?y AS ?both) {{ {{ {SUMMED.replace('yuan', 'x')} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:fiscalYear '2023' ; mz:amount ?a }} }} }}"
        f" {{ {SUMMED.replace('yuan', 'y')} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:fiscalYear '2024' ; mz:amount ?a }} }} }} }}"
    ),
    "the difference of two classifications": (
        f"SELECT (?x - ?y AS ?gap) {{ {{ {SUMMED.replace('yuan', 'x')} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} }} }}"
        f" {{ {SUMMED.replace('yuan', 'y')} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUND} ; mz:amount ?a }} }} }} }}"
    ),
    "labels of one language": (
        f"SELECT ?n (SUM(?a) AS ?yuan) {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:functionalClass ?c ; mz:amount ?a }} {SKOS_LABEL} FILTER(LANG(?n) = 'zh') }} GROUP BY ?n"
    ),
    "labels that are grouped by": (
        f"SELECT ?n (SUM(?a) AS ?yuan) {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:functionalClass ?c ; mz:amount ?a }} {SKOS_LABEL} }} GROUP BY ?n"
    ),
    "rolled up to each broader code": (
        f"SELECT ?b (SUM(?a) AS ?yuan) {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:functionalClass ?c ; mz:amount ?a }} ?c <{CORE}broader>* ?b }} GROUP BY ?b"
    ),
    "a count": "SELECT (COUNT(?a) AS ?n) { ?f mz:amount ?a }",
    "a sum of counts": "SELECT (SUM(?n) AS ?all) { { SELECT ?d (COUNT(?a) AS ?n) { ?f mz:department ?d ; mz:amount ?a } GROUP BY ?d } }",
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
    "leaves beside everything": (
        f"{SUMMED} {{ {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} }} UNION {{ ?f mz:amount ?a }} }}", OUTSIDE_LEAVES,
    ),
    "leaves where there are any": (
        f"{SUMMED} {{ ?f mz:amount ?a OPTIONAL {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} }} }} }}", OUTSIDE_LEAVES,
    ),
    "all but the leaves": (
        f"{SUMMED} {{ ?f mz:amount ?a FILTER NOT EXISTS {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} }} }} }}", OUTSIDE_LEAVES,
    ),
    "leaves of another fact": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?g mz:leafOf {FUNCTIONAL} }} ?f mz:amount ?a }}", OUTSIDE_LEAVES,
    ),
    "in every graph that has it": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} }} GRAPH ?g {{ ?f mz:amount ?a }} }}", OUTSIDE_LEAVES,
    ),
    "every graph": (f"{SUMMED} {{ GRAPH ?g {{ ?f mz:amount ?a }} }}", OUTSIDE_LEAVES),
    "any property": (f"{SUMMED} {{ ?f ?p ?a FILTER(STRENDS(STR(?p), 'amount')) }}", OUTSIDE_LEAVES),
    "all properties but one": (f"{SUMMED} {{ ?f !mz:value ?a }}", PRINTED_FIGURES),
    "another name": ("SELECT (SUM(?b) AS ?x) { ?f mz:amount ?a BIND(?a * 2 AS ?b) }", OUTSIDE_LEAVES),
    "in a sub-select": ("SELECT ?x { { SELECT (SUM(?a) AS ?x) { ?f mz:amount ?a } } }", OUTSIDE_LEAVES),
    "of a sub-select": ("SELECT (SUM(?a) AS ?x) { { SELECT DISTINCT ?f ?a { ?f mz:amount ?a } } }", OUTSIDE_LEAVES),
    "mean times count": ("SELECT (AVG(?a) * COUNT(?a) AS ?x) { ?f mz:amount ?a }", OUTSIDE_LEAVES),
    "what is printed": (f"{SUMMED} {{ ?f mz:figureAmount ?a }}", PRINTED_FIGURES),
    "equal amounts once": (
        f"SELECT (SUM(DISTINCT ?a) AS ?x) {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} }}", DISTINCT_AMOUNTS,
    ),
    "each time it is stated": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} ?f mz:statedBy ?figure }}", REPEATED,
    ),
    "once for each label": (
        f"SELECT ?c (SUM(?a) AS ?yuan) (SAMPLE(?n) AS ?name) {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:functionalClass ?c ; mz:amount ?a }} {SKOS_LABEL} }} GROUP BY ?c",
        REPEATED,
    ),
    "once for each broader code": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:functionalClass ?c ; mz:amount ?a }} ?c <{CORE}broader>* ?b }}", REPEATED,
    ),
    "sums of two classifications added": (
        (f"SELECT (?x + ?y AS ?both) {{ {{ {SUMMED.replace('yuan', 'x')} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} }} }}"
        f" {{ {SUMMED.replace('yuan', 'y')} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUND} ; mz:amount ?a }} }} }} }}"),
        SEVERAL_CLASSIFICATIONS,
    ),
    "a sum over the classifications": (
        "SELECT (SUM(?x) AS ?all) { { SELECT ?s (SUM(?a) AS ?x) { GRAPH <graph/leaves> { ?f mz:leafOf ?s ; mz:amount ?a } } GROUP BY ?s } }",
        SEVERAL_CLASSIFICATIONS,
    ),
    "a union of two sums": (
        (f"SELECT (SUM(?x) AS ?all) {{ {{ {SUMMED.replace('yuan', 'x')} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a }} }} }}"
        f" UNION {{ {SUMMED.replace('yuan', 'x')} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf {FUND} ; mz:amount ?a }} }} }} }}"),
        SEVERAL_CLASSIFICATIONS,
    ),
    "one of two": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf ?s ; mz:amount ?a }} FILTER(?s IN ({FUNCTIONAL}, {FUND})) }}",
        SEVERAL_CLASSIFICATIONS,
    ),
    "all but one": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ ?f mz:leafOf ?s ; mz:amount ?a }} FILTER(?s != {FUND}) }}",
        SEVERAL_CLASSIFICATIONS,
    ),
}  # fmt: skip


@pytest.mark.parametrize("base", [BASE, "http://127.0.0.1:8000/", "https://w3id.org/x/"])
def test_it_does_not_matter_what_the_names_begin_with(base: str) -> None:
    careless, careful = CARELESS["everything"], SAFE["one classification"]
    assert sum_warnings(MZ + careless[0], base) == (careless[1],)
    assert sum_warnings(MZ + careful, base) == ()


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


@pytest.mark.parametrize("query", stored_queries().values(), ids=lambda q: q.name)
def test_no_stored_query_is_warned_of_whatever_a_release_holds(query: StoredQuery) -> None:
    assert sum_warnings(query.body, BASE, (), Overlaps(True, True, True)) == ()


ONE = f"?f mz:leafOf {FUNCTIONAL} ; mz:amount ?a"
DATA_SET = "<http://purl.org/linked-data/cube#dataSet>"
ALL_THREE = {SEVERAL_PHASES, SEVERAL_YEARS, SEVERAL_DEPARTMENTS}
TOGETHER = {
    "nothing": (f"{SUMMED} {{ GRAPH <graph/leaves> {{ {ONE} }} }}", ALL_THREE),
    "by year alone": (
        f"SELECT ?y (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ {ONE} ; mz:fiscalYear ?y }} }} GROUP BY ?y",
        ALL_THREE - {SEVERAL_YEARS},
    ),
    "one year alone": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ {ONE} ; mz:fiscalYear '2023'^^<{XSD}gYear> }} }}", ALL_THREE - {SEVERAL_YEARS},
    ),
    "one year by a filter": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ {ONE} ; mz:fiscalYear ?y }} FILTER(STR(?y) = '2023') }}",
        ALL_THREE - {SEVERAL_YEARS},
    ),
    "one year by VALUES": (
        f"{SUMMED} {{ VALUES ?y {{ '2023'^^<{XSD}gYear> }} GRAPH <graph/leaves> {{ {ONE} ; mz:fiscalYear ?y }} }}",
        ALL_THREE - {SEVERAL_YEARS},
    ),
    "two years by VALUES": (
        f"{SUMMED} {{ VALUES ?y {{ '2023'^^<{XSD}gYear> '2024'^^<{XSD}gYear> }} GRAPH <graph/leaves> {{ {ONE} ; mz:fiscalYear ?y }} }}",
        ALL_THREE,
    ),
    "since a year": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ {ONE} ; mz:fiscalYear ?y }} FILTER(?y >= '2023'^^<{XSD}gYear>) }}", ALL_THREE,
    ),
    "by the year of the disclosure": (
        f"SELECT ?y (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ {ONE} ; {DATA_SET} ?s }} ?s mz:fiscalYear ?y }} GROUP BY ?y",
        ALL_THREE - {SEVERAL_YEARS},
    ),
    "by the year of the disclosure, in a path": (
        f"SELECT ?y (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ {ONE} }} ?f {DATA_SET}/mz:fiscalYear ?y }} GROUP BY ?y",
        ALL_THREE - {SEVERAL_YEARS},
    ),
    "the mean of the years": (
        (f"SELECT ?p ?d (AVG(?x) AS ?mean) {{ {{ SELECT ?y ?p ?d (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ {ONE} ; mz:fiscalYear ?y ;"
        " mz:phase ?p ; mz:department ?d } } GROUP BY ?y ?p ?d } } GROUP BY ?p ?d"), set(),
    ),
    "the sum of the years": (
        (f"SELECT ?p ?d (SUM(?x) AS ?all) {{ {{ SELECT ?y ?p ?d (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ {ONE} ; mz:fiscalYear ?y ;"
        " mz:phase ?p ; mz:department ?d } } GROUP BY ?y ?p ?d } } GROUP BY ?p ?d"), {SEVERAL_YEARS},
    ),
    "named": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ {ONE} ; mz:phase <id/phase/initial> ; mz:department <id/department/x> ; mz:fiscalYear '2023' }} }}",
        set(),
    ),
    "read but not grouped by": (
        f"{SUMMED} {{ GRAPH <graph/leaves> {{ {ONE} ; mz:phase ?p ; mz:department ?d ; mz:fiscalYear ?y }} }}", ALL_THREE,
    ),
    "grouped by": (
        f"SELECT ?p ?d ?y (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ {ONE} ; mz:phase ?p ; mz:department ?d ; mz:fiscalYear ?y }} }} GROUP BY ?p ?d ?y",
        set(),
    ),
    "grouped by their names": (
        (f"SELECT ?n ?m (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ {ONE} ; mz:phase ?p ; mz:department ?d }}"
        f" ?p <{CORE}prefLabel> ?n . ?d <{CORE}prefLabel> ?m FILTER(LANG(?n) = 'zh') }} GROUP BY ?n ?m"), {SEVERAL_YEARS},
    ),
    "grouped by disclosure": (
        f"SELECT ?s (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ {ONE} ; {DATA_SET} ?s }} }} GROUP BY ?s", set(),
    ),
    "grouped by the title of the disclosure": (
        f"SELECT ?t (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ {ONE} }} ?f {DATA_SET}/<http://purl.org/dc/terms/title> ?t }} GROUP BY ?t", set(),
    ),
    "one disclosure": (f"{SUMMED} {{ GRAPH <graph/leaves> {{ {ONE} ; {DATA_SET} <id/disclosure/x> }} }}", set()),
    "in the sub-select, not outside": (
        (f"SELECT ?d ?y (SUM(?x) AS ?all) {{ {{ SELECT ?p ?d ?y (SUM(?a) AS ?x) {{ GRAPH <graph/leaves> {{ {ONE} ; mz:phase ?p ; mz:department ?d ;"
        " mz:fiscalYear ?y } } GROUP BY ?p ?d ?y } } GROUP BY ?d ?y"), {SEVERAL_PHASES},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOGETHER)
def test_budgets_and_final_accounts_years_and_departments_are_kept_apart(name: str) -> None:
    query, warnings = TOGETHER[name]
    assert set(sum_warnings(MZ + query, BASE, (), Overlaps(True, True, True))) == warnings
    assert sum_warnings(MZ + query, BASE) == ()


@pytest.mark.parametrize("several", [True, False])
def test_years_are_warned_of_only_where_there_are_several(release: Release, several: bool) -> None:
    (entry,) = release.manifest.disclosures
    entries = (entry, replace(entry, year=entry.year + several))
    held = replace(release, manifest=replace(release.manifest, disclosures=entries))
    assert Overlaps.of(held) == Overlaps(False, several, False)


@pytest.mark.parametrize(
    "query", ["SELECT (SUM(?a) AS ?x) { ?f mz:amount", "SELECT ( { mz:amount", "SUM mz:amount", "}"]
)
def test_a_query_that_is_not_understood_is_judged_by_its_names(query: str) -> None:
    assert sum_warnings(MZ + query, BASE) == ((OUTSIDE_LEAVES,) if "mz:amount" in query else ())


def test_every_warning_fits_a_header_and_is_there_in_chinese() -> None:
    for english, chinese in IN_CHINESE.items():
        assert english.isascii()
        assert not chinese.isascii()
