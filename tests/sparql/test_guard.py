"""What is refused before the engine sees it, and what must not be refused."""

from __future__ import annotations

import pytest

from mingzhang.errors import QueryError, QuerySyntaxError
from mingzhang.sparql.guard import MAX_NESTING, QueryTooLong, ServiceRefused, UpdateRefused, outline


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("  # SELECT\n ask {}", "ASK"),
        ("PREFIX select: <http://e/> CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("BASE <http://e/ASK> DESCRIBE <x>", "DESCRIBE"),
        ("nonsense", ""),
    ],
)
def test_the_form_of_a_query_is_its_first_form_keyword(query: str, form: str) -> None:
    assert outline(query).form == form


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://e/> {} }",
        "SELECT * { SERVICE ?where {} }",
        "SELECT * {{{ SeRvIcE <http://e/> {} }}}",
        "SELECT * { ?s ?p '\\'' . SERVICE <http://e/> {} } # '",
    ],
)
def test_service_is_refused_however_it_is_written(query: str) -> None:
    with pytest.raises(ServiceRefused):
        outline(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p 'SERVICE <x>' }",
        "SELECT * { ?s ?p <http://e/SERVICE> } # SERVICE",
        "PREFIX SERVICE: <http://e/> SELECT ?SERVICE { ?SERVICE SERVICE:SERVICE 'x'@service }",
        'SELECT * { ?s ?p """a " SERVICE""" }',
    ],
)
def test_the_word_service_elsewhere_is_no_service_call(query: str) -> None:
    assert outline(query).form == "SELECT"


@pytest.mark.parametrize(
    "query", ["INSERT DATA { <a> <b> <c> }", "CLEAR ALL", "DROP GRAPH <g>", "delete where {}"]
)
def test_an_update_is_refused(query: str) -> None:
    with pytest.raises(UpdateRefused):
        outline(query)


def test_brackets_nest_only_so_deep() -> None:
    deepest = "ASK " + "{" * MAX_NESTING + "}" * MAX_NESTING
    assert outline(deepest).form == "ASK"
    with pytest.raises(QuerySyntaxError) as caught:
        outline("ASK\n" + "{" * (MAX_NESTING + 1))
    assert (caught.value.line, caught.value.column) == (2, MAX_NESTING + 1)


def test_brackets_in_text_and_comments_do_not_nest() -> None:
    assert outline(f"ASK {{ FILTER('{'(' * 500}' = \"{'{' * 500}\") }} # {'[' * 500}").form == "ASK"


def test_a_query_may_be_long_but_not_endless() -> None:
    assert outline("ASK {} #" + "x" * 300_000).form == "ASK"
    with pytest.raises(QueryTooLong):
        outline("ASK {} #" + "x" * 1_000_000)


def test_many_path_steps_are_refused_but_slashes_in_names_are_not_steps() -> None:
    with pytest.raises(QuerySyntaxError):
        outline("ASK { ?s " + "/".join(["<urn:a>"] * 1000) + " ?o }")
    assert outline("ASK { ?s <" + "a/" * 1000 + "> ?o }").form == "ASK"


def test_dataset_clauses_are_found_as_written() -> None:
    found = outline("PREFIX e: <http://e/>\nSELECT * FROM <a> FROM NAMED e:n from e:b { ?s ?p 'FROM <c>' }")
    assert found.from_clauses is not None
    assert found.from_clauses.graphs == ("<a>", "e:b")
    assert found.from_clauses.named == ("e:n",)
    assert found.from_clauses.prologue.strip() == "PREFIX e: <http://e/>"
    assert outline("SELECT ?from { ?s <FROM> 'FROM <a>' }").from_clauses is None


@pytest.mark.parametrize("function", ["RAND()", "now()", "UUID()", "STRUUID()"])
def test_a_query_whose_answer_changes_is_known(function: str) -> None:
    assert outline(f"SELECT ({function} AS ?x) {{}}").changing
    assert not outline("SELECT ?now { ?now <rand> 'UUID' }").changing


def test_every_refusal_is_a_query_error() -> None:
    assert all(issubclass(kind, QueryError) for kind in (QueryTooLong, ServiceRefused, UpdateRefused))
