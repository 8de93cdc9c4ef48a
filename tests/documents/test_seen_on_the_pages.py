"""Figures, indicators and statements that a person read on the pages, held against what is published.

The CSV files beside this were typed from the pages of real disclosures, not from any export: each row is one amount,
one target or one statement and all that the page says of it. `*` stands where the page leaves it open.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from mingzhang.ingest.exports import export_rows
from mingzhang.ingest.reading import Overrides, Reading, read_disclosure

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1].parent / "shared"
BASE = "http://127.0.0.1:8000/"
DIMENSIONS = ("fund_source", "expenditure_kind", "functional_code", "three_public_item", "phase")
WHERE_A_FIGURE_STANDS = ("page", "row", "column", "token")

pytestmark = pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="../shared/corpus is not here")

Row = dict[str, str]


def seen(name: str) -> dict[str, list[Row]]:
    """The rows of a CSV file beside this one, by the number that the document's name begins with."""
    documents: dict[str, list[Row]] = {}
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            documents.setdefault(row.pop("document"), []).append(row)
    return documents


FIGURES = seen("seen_on_the_pages.csv")
INDICATORS = seen("seen_indicators.csv")
STATEMENTS = seen("seen_statements.csv")


@cache
def reading(document: str) -> Reading:
    """The PDF or text whose name begins with this number, read once."""
    files = (*SHARED.glob(f"corpus/{document}_*.pdf"), *SHARED.glob(f"disclosures/{document}_*.txt"))
    (path,) = files
    return read_disclosure(path, Overrides())


@cache
def published(document: str, kind: str) -> list[Row]:
    """The rows of the document's export; the row label is named as in the CSV."""
    return [{**row, "row": row.get("row_label", "")} for row in export_rows(reading(document), kind, BASE)]


def where(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in WHERE_A_FIGURE_STANDS)


def agrees(published_row: Row, seen_row: Row) -> bool:
    return all(value in ("*", published_row[name]) for name, value in seen_row.items())


def said(document: str, statement: Row) -> list[Row]:
    """What is published of a statement: the same number with the same unit and relation, about the same thing."""
    same = ("token", "unit", "relation")
    return [
        row
        for row in published(document, "claims")
        if statement["about"] in row["subject"] and all(row[name] == statement[name] for name in same)
    ]


def is_of(fact: Row, statement: Row) -> bool:
    """Whether the fact has every dimension that the statement gives; money of this year is money of its source."""
    source = statement["fund_source"]
    narrower = fact["fund_source"].startswith(f"{source}-")
    return all(
        not statement[name] or fact[name] == statement[name] or (name == "fund_source" and narrower)
        for name in DIMENSIONS
    )


@pytest.mark.parametrize("document", sorted(FIGURES))
def test_a_figure_says_what_a_person_reads_on_its_page(document: str) -> None:
    rows = published(document, "figures")
    wrong = [row for row in FIGURES[document] if not any(agrees(other, row) for other in rows)]
    assert wrong == []


@pytest.mark.parametrize("document", sorted(FIGURES))
def test_a_figure_that_a_person_reads_without_doubt_states_a_fact(document: str) -> None:
    rows = {where(row): row for row in published(document, "figures")}
    stated = [rows.get(where(row), {}).get("fact", "") for row in FIGURES[document]]
    assert all(stated)


@pytest.mark.parametrize("document", sorted(INDICATORS))
def test_an_indicator_says_what_a_person_reads_on_its_page(document: str) -> None:
    rows = published(document, "indicators")
    wrong = [row for row in INDICATORS[document] if not any(agrees(other, row) for other in rows)]
    assert wrong == []


@pytest.mark.parametrize("document", sorted(STATEMENTS))
def test_a_statement_says_what_a_person_reads_in_the_text(document: str) -> None:
    for statement in STATEMENTS[document]:
        rows = said(document, statement)
        assert rows, statement
        for row in rows:
            assert row["year"] == statement["year"], statement
            assert statement["direction"] in ("", row["direction"]), statement


@pytest.mark.parametrize("document", sorted(STATEMENTS))
def test_a_statement_is_tied_to_no_other_fact_than_it_speaks_of(document: str) -> None:
    facts = {row["fact"]: row for row in published(document, "figures") if row["fact"]}
    for statement in STATEMENTS[document]:
        tied = [facts[row["fact"]] for row in said(document, statement) if row["fact"] in facts]
        assert all(is_of(fact, statement) for fact in tied), statement
