"""Coverage: who published what, and which forms each disclosure has, has empty, or lacks."""

from __future__ import annotations

from typing import Any

from mingzhang.site.book import open_book
from mingzhang.site.graph import read_graph
from mingzhang.site.namespaces import MZ
from mingzhang.site.pages.coverage import EMPTY, FULL, coverage_page
from mingzhang.site.terms import Term


def test_each_disclosure_stands_under_its_year(example: Any) -> None:
    page = coverage_page(open_book(read_graph(example.release), example.release.manifest))
    assert page.years == (2023,)
    ((_, department, cells),) = page.departments
    assert department.zh == "示例县教育局"
    assert [link.zh for link in cells[0]] == ["预算"]


def test_a_form_with_amounts_and_one_published_empty_are_told_apart(example: Any) -> None:
    graph = read_graph(example.release)
    empty = f"{example.base}id/table/{example.sha256[:12]}/2"
    graph.add(empty, MZ + "form", Term(f"{example.base}id/form/government-fund", "iri"))
    page = coverage_page(open_book(graph, example.release.manifest))
    states = dict(
        zip((form.zh for form in page.forms), (state for state, _ in page.rows[0].cells), strict=True)
    )
    assert sorted(states.values()) == [EMPTY, FULL]
    assert page.rows[0].cells[0][1].startswith("/doc/table/")


def test_tables_of_no_known_form_are_counted(example: Any) -> None:
    page = coverage_page(open_book(read_graph(example.release), example.release.manifest))
    assert page.rows[0].unknown >= 1
