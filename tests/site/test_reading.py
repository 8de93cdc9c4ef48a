"""What makes a page readable: parts of nothing folded, long lists folded, sums that say what they come to."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from mingzhang.site.book import Book, open_book
from mingzhang.site.graph import ReleaseGraph, read_graph
from mingzhang.site.namespaces import MZ, SKOS
from mingzhang.site.pages.concepts import scheme_page
from mingzhang.site.pages.facts import sum_page
from mingzhang.site.pages.money import composition, figure_row, stated_parts
from mingzhang.site.terms import Term


@pytest.fixture
def book(example: Any) -> Book:
    """The example's book, read anew: tests may change it."""
    return open_book(read_graph(example.release), example.release.manifest)


def _codes(book: Book, count: int) -> list[str]:
    return [f"{book.base}id/code/functional/{900 + number}" for number in range(count)]


def test_many_parts_of_nothing_are_folded_and_lose_no_row(book: Book) -> None:
    codes = _codes(book, 5)
    part = composition(book, "k", ("甲", "A"), dict.fromkeys(codes, Decimal(0)) | {codes[0]: Decimal(10000)})
    assert part is not None
    assert [row.amount_wan for row in part.rows] == ["1.00"]
    assert [row.amount_wan for row in part.zeros] == ["0.00"] * 4


def test_few_parts_of_nothing_stand_among_the_others(book: Book) -> None:
    codes = _codes(book, 3)
    part = composition(book, "k", ("甲", "A"), dict.fromkeys(codes, Decimal(0)) | {codes[0]: Decimal(10000)})
    assert part is not None
    assert (len(part.rows), part.zeros) == (3, ())


def test_parts_that_are_all_nothing_are_not_folded_away(book: Book) -> None:
    part = composition(book, "k", ("甲", "A"), dict.fromkeys(_codes(book, 4), Decimal(0)))
    assert part is not None
    assert len(part.rows) == 4


def test_a_part_leads_to_the_fact_that_says_as_much_and_to_none_that_says_otherwise(
    example: Any, book: Book
) -> None:
    facts = [
        fact for fact in book.leaves(example.disclosure, "functional") if book.flow(fact) == "expenditure"
    ]
    found = stated_parts(book, example.disclosure, "functionalClass", "expenditure", facts)
    sums: dict[str, Decimal] = {}
    for fact in facts:
        top = book.ancestors(book.graph.text(fact, MZ + "functionalClass"))[0]
        sums[top] = sums.get(top, Decimal(0)) + book.amount_yuan(fact)
    assert found
    assert {concept: book.amount_yuan(fact) for concept, fact in found.items()} == {
        concept: sums[concept] for concept in found
    }


def test_a_sum_says_what_its_parts_come_to(example: Any, book: Book) -> None:
    relation = book.graph.instances("SumRelation")[0]
    total = book.graph.text(relation, MZ + "total")
    parts = book.graph.texts(relation, MZ + "part")
    amounts = [book.graph.number(part, MZ + "figureAmount") or Decimal(0) for part in parts]
    whole = book.graph.number(total, MZ + "figureAmount")
    said = sum_page(book, relation).added
    assert ("which is the total" in said[1]) == (sum(amounts) == whole)
    book.graph.about[total][MZ + "figureAmount"] = (Term(str(sum(amounts) + 10000), "literal"),)
    assert "相差 1.00 万元" in sum_page(book, relation).added[0]
    del book.graph.about[parts[0]][MZ + "figureAmount"]
    assert sum_page(book, relation).added == ("", "")


def test_an_indicator_in_a_finding_is_shown_by_its_target() -> None:
    graph = ReleaseGraph("https://data.example/")
    indicator = "https://data.example/id/indicator/ab/l1n1"
    graph.add(indicator, MZ + "level3", Term("满意度", "literal"))
    graph.add(indicator, MZ + "printed", Term("≥90%", "literal"))

    class Shelf:
        base = graph.base

        def __init__(self) -> None:
            self.graph = graph

    row = figure_row(Shelf(), indicator)  # type: ignore[arg-type]
    assert (row.token, row.row_label) == ("≥90%", "满意度")


@pytest.mark.parametrize(("size", "folded"), [(10, False), (100, True)])
def test_what_lies_below_a_class_is_folded_in_a_long_list(book: Book, size: int, folded: bool) -> None:
    scheme = f"{book.base}id/scheme/functional"
    top, *below = _codes(book, size)
    for code in (top, *below):
        book.graph.add(code, SKOS + "inScheme", Term(scheme, "iri"))
    for code in below:
        book.graph.add(code, SKOS + "broader", Term(top, "iri"))
    page = scheme_page(book, scheme)
    node = next(node for node in page.nodes if node.link.href.endswith("/900.html"))
    assert (node.below, node.folded, len(node.children)) == (size - 1, folded, size - 1)
    assert int(re.findall(r"[0-9]+", page.frame.about_en)[0]) >= size
