"""The Turtle is read with the publisher's base and handed out as the same bytes each time."""

from __future__ import annotations

import pytest

from mingzhang.errors import VocabularyError
from mingzhang.ontology.loader import code_list_quads, load_turtle, ontology_nquads, turtle_names

BASE = "http://example.org/"


def test_lines_are_sorted_and_each_is_there_once() -> None:
    lines = list(code_list_quads(BASE, frozenset()))

    assert lines == sorted(set(lines))


def test_two_readings_give_the_same_lines() -> None:
    first = list(code_list_quads(BASE))
    load_turtle.cache_clear()

    assert list(code_list_quads(BASE)) == first


def test_every_line_is_in_the_graph_of_code_lists() -> None:
    assert {line.rsplit(" ", 2)[1] for line in code_list_quads(BASE)} == {f"<{BASE}graph/codelists>"}


def test_every_line_of_the_vocabulary_is_in_its_graph() -> None:
    assert {line.rsplit(" ", 2)[1] for line in ontology_nquads(BASE)} == {f"<{BASE}graph/ontology>"}


def test_only_divisions_in_use_and_those_above_them_are_published() -> None:
    lines = list(code_list_quads(BASE, {f"{BASE}id/division/510824"}))
    published = {
        line.split(" ")[0].rstrip(">").rsplit("/", 1)[1]
        for line in lines
        if line.startswith(f"<{BASE}id/division/")
    }

    assert published == {"510000", "510800", "510824"}


def test_what_a_division_was_called_before_is_published_with_it_and_of_no_other() -> None:
    lines = list(code_list_quads(BASE, {f"{BASE}id/division/421088"}))
    former = {
        line.split(" ")[0] for line in lines if "/id/division/" in line.split(" ")[0] and "/name/" in line
    }
    about = "\n".join(line for line in lines if line.startswith(f"<{BASE}id/division/421088/name/2019> "))

    assert former == {f"<{BASE}id/division/421088>", f"<{BASE}id/division/421088/name/2019>"}
    assert '"监利县"@zh' in about
    assert '"421023"' in about


def test_the_scheme_of_divisions_is_published_even_where_none_is_in_use() -> None:
    assert any(line.startswith(f"<{BASE}id/scheme/division>") for line in code_list_quads(BASE, frozenset()))


def test_without_a_selection_all_divisions_are_published() -> None:
    in_scheme = f"<http://www.w3.org/2004/02/skos/core#inScheme> <{BASE}id/scheme/division>"

    assert (
        sum(in_scheme in line for line in code_list_quads(BASE)) == 3214 + 1
    )  # those of GB/T 2260, and the central level


def test_another_base_changes_every_instance_and_no_term() -> None:
    here = "\n".join(ontology_nquads("http://a.example/"))
    there = "\n".join(ontology_nquads("http://b.example/"))

    assert here != there
    assert here.replace("http://a.example/", "http://b.example/") == there


def test_a_file_that_does_not_exist_is_named_in_the_error() -> None:
    with pytest.raises(VocabularyError, match=r"codelists/nothing\.ttl"):
        load_turtle("codelists/nothing.ttl", BASE)


def test_all_code_lists_of_the_model_are_there() -> None:
    expected = (
        "functional dept-economic gov-economic fund-source expenditure-kind three-public phase flow division"
    )

    assert {f"codelists/{name}.ttl" for name in expected.split()} <= set(turtle_names())
