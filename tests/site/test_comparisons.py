"""Comparing departments and years: amounts of facts and nothing else, blanks left blank, the table also as a file."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from mingzhang.site.book import Book, open_book
from mingzhang.site.graph import read_graph
from mingzhang.site.namespaces import MZ, SKOS
from mingzhang.site.pages.comparisons import Comparison, comparison_csv, comparison_pages
from mingzhang.site.terms import Term


@pytest.fixture
def book(example: Any) -> Book:
    """A book of its own, which a test may write into."""
    return open_book(read_graph(example.release), example.release.manifest)


def _part(book: Book, key: str) -> Comparison:
    return next(page.part for page in comparison_pages(book) if page.part.key == key)


def _amounts(part: Comparison) -> list[list[str]]:
    return [[cell.amount_wan if cell else "" for cell in row.cells] for row in part.rows]


def test_totals_and_kinds_are_those_of_the_facts(book: Book) -> None:
    part = _part(book, "index")
    assert next(column.zh for column in part.columns) == "支出"
    assert _amounts(part) == [["1,200.00", "840.00", "360.00"]]
    assert all(cell is not None and cell.href.startswith("/doc/fact/") for cell in part.rows[0].cells)


def test_functional_classes_add_up_to_their_sum_and_lead_to_a_fact_where_one_says_so(
    example: Any, book: Book
) -> None:
    part = _part(book, "functional")
    assert _amounts(part) == [["1,200.00", "1,100.00", "100.00"]]
    links = [cell.href for cell in part.rows[0].cells if cell]
    assert links[0] == f"/doc/fact/{example.fact(1).removeprefix(f'{example.base}id/fact/')}.html"
    assert links[1].startswith("/doc/fact/")


def test_three_public_items_stand_beside_their_total(book: Book) -> None:
    part = _part(book, "three-public")
    assert [column.zh for column in part.columns]
    assert _amounts(part) == [["3.50", "3.50"]]
    assert "3.50" in part.chart


def test_items_that_do_not_make_up_their_total_are_drawn_undivided(example: Any, book: Book) -> None:
    book.graph.about[example.fact(9)][MZ + "amount"] = (Term("30000.0", "literal"),)
    part = _part(book, "three-public")
    assert _amounts(part) == [["3.50", "3.00"]]
    assert "公务接待" not in part.chart
    assert "3.50" in part.chart


def test_the_year_before_is_held_against_the_same_phase_only(example: Any, book: Book) -> None:
    total = example.fact(1)
    statements = dict(book.graph.about[total])
    statements[MZ + "fiscalYear"] = (Term("2022", "literal"),)
    statements[MZ + "amount"] = (Term("10000000.0", "literal"),)
    before = f"{total}b"
    for name, values in statements.items():
        for value in values:
            book.graph.add(before, name, value)
    facts = {disclosure: (*found, before) for disclosure, found in book.facts.items()}
    rows = _part(replace(book, facts=facts), "index").rows
    assert [(row.year, row.change) for row in rows] == [("2023", "+20.0%"), ("2022", "")]
    book.graph.about[before][MZ + "phase"] = (Term(f"{example.base}id/phase/final", "iri"),)
    rows = _part(replace(book, facts=facts), "index").rows
    assert [row.change for row in rows] == ["", ""]


def test_the_file_beside_the_table_has_its_amounts_in_yuan(example: Any, book: Book) -> None:
    part = _part(book, "functional")
    rows = list(csv.reader(comparison_csv(part).splitlines()))
    assert rows[0][:5] == ["department", "year", "phase", "fund_source", "disclosure"]
    assert rows[1][4] == example.disclosure
    assert [Decimal(value) for value in rows[1][5:]] == [12_000_000, 11_000_000, 1_000_000]
    written = (example.release.site / part.csv.lstrip("/")).read_text(encoding="utf-8")
    assert written == comparison_csv(part)


def test_a_release_without_facts_still_has_the_page(book: Book) -> None:
    empty = replace(book, facts={}, leaves_by_disclosure={})
    pages = comparison_pages(empty)
    assert [page.part.key for page in pages] == ["index"]
    assert pages[0].part.rows == ()


def test_columns_come_after_what_they_are_part_of(book: Book) -> None:
    part = _part(book, "three-public")
    whole, item = (column.href for column in part.columns)
    iri = f"{book.base}id/" + item.removeprefix("/doc/").removesuffix(".html")
    above = f"{book.base}id/" + whole.removeprefix("/doc/").removesuffix(".html")
    assert above in book.graph.texts(iri, SKOS + "broader")


def test_items_that_the_three_public_total_does_not_take_in_are_not_among_them(
    example: Any, book: Book
) -> None:
    procurement = Term(f"{book.base}id/three-public/procurement", "iri")
    book.graph.about[example.fact(9)][MZ + "threePublicItem"] = (procurement,)
    part = _part(book, "three-public")
    assert _amounts(part) == [["3.50"]]
    assert book.is_within_all(f"{book.base}id/three-public/hospitality")
    assert not book.is_within_all(f"{book.base}id/three-public/procurement")
