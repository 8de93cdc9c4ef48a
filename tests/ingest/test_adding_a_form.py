"""The worked example of docs/adding-a-form.md, as a user would run it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mingzhang.ingest.graph import reading_nquads
from mingzhang.ingest.reading import Overrides, Reading, read_disclosure
from mingzhang.ontology.added_forms import AddedForms

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = DOCS / "examples" / "own-form.txt"
TURTLE = DOCS / "examples" / "own-form.ttl"
BASE = "http://example.org/"


def added() -> AddedForms:
    return AddedForms(TURTLE.name, TURTLE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def taught() -> Reading:
    return read_disclosure(EXAMPLE, Overrides(forms=(added(),)))


def test_without_the_added_turtle_no_amount_of_the_form_states_a_fact() -> None:
    found = read_disclosure(EXAMPLE, Overrides())
    assert len(found.figures) == 11
    assert {f.unclear for f in found.figures} == {"the form is not known"}


def test_with_the_added_turtle_every_amount_states_the_right_fact(taught: Reading) -> None:
    said = {
        (
            fact.dimension("functionalClass"),
            fact.dimension("fundSource"),
            fact.dimension("expenditureKind"),
        ): (fact.amount_yuan)
        for fact in taught.facts
    }
    everything, basic, project = (f"id/expenditure-kind/{kind}" for kind in ("all", "basic", "project"))
    general, fund, any_fund = (f"id/fund-source/{s}" for s in ("general-public", "government-fund", "all"))
    pensions, health, land, whole = (
        f"id/code/functional/{code}" for code in ("2080505", "2101101", "2120899", "all")
    )
    assert said == {
        (whole, any_fund, everything): Decimal(300000),
        (whole, general, basic): Decimal(200000),
        (whole, general, project): Decimal(80000),
        (whole, fund, everything): Decimal(20000),
        (pensions, any_fund, everything): Decimal(120000),
        (pensions, general, basic): Decimal(120000),
        (health, any_fund, everything): Decimal(160000),
        (health, general, basic): Decimal(80000),
        (health, general, project): Decimal(80000),
        (land, any_fund, everything): Decimal(20000),
        (land, fund, everything): Decimal(20000),
    }


def test_the_sums_of_the_taught_form_hold(taught: Reading) -> None:
    assert taught.relations
    assert all(relation.sum.holds for relation in taught.relations)


def test_the_graph_says_what_the_added_form_is_called(taught: Reading) -> None:
    form = f"<{BASE}id/form/resources-by-function>"
    lines = [line for line in reading_nquads(taught, BASE) if line.startswith(form)]
    assert any("部门财力安排明细表" in line for line in lines)


def test_the_page_shows_the_turtle_of_the_example() -> None:
    page, turtle = (DOCS / "adding-a-form.md").read_text(encoding="utf-8"), added().text
    shown = [block.split("```")[0] for block in page.split("```turtle\n")[1:]]
    lines = [line.strip() for block in shown for line in block.splitlines() if line.strip()]
    printed = {line.strip().rstrip(";.").strip() for line in turtle.splitlines()}
    assert lines
    assert [line for line in lines if line.rstrip(";.").strip() not in printed] == []
