"""Safe to sum: for every disclosure and classification the leaves are the printed total, exactly, or a record says why not.

On the examples, and on the shared disclosures where they are.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from mingzhang.ingest.graph import reading_nquads
from mingzhang.ingest.leaf_sets import CLASSIFICATIONS
from mingzhang.ingest.leaves import leaves_nquads
from mingzhang.ingest.reading import Overrides, read_disclosure

CHECKOUT = Path(__file__).resolve().parents[2]
FILES = sorted((CHECKOUT / "examples").glob("*.txt")) + sorted(
    (CHECKOUT.parent / "shared" / "disclosures").glob("*.txt")
)
BASE = "http://data.example/"
MZ = "https://w3id.org/mingzhang/ontology#"
Statements = dict[str, dict[str, list[str]]]


def statements(lines: list[str]) -> Statements:
    found: Statements = defaultdict(lambda: defaultdict(list))
    for quad in ox.parse("\n".join(lines).encode(), format=ox.RdfFormat.N_QUADS):
        value = quad.object.value if isinstance(quad.object, ox.NamedNode | ox.Literal) else ""
        subject = quad.subject.value if isinstance(quad.subject, ox.NamedNode) else ""
        found[subject][quad.predicate.value.removeprefix(MZ)].append(value)
    return found


@cache
def graphs(file: Path) -> tuple[Statements, Statements]:
    """What is said of the disclosure, and its leaves."""
    reading = read_disclosure(file, Overrides())
    return statements(reading_nquads(reading, BASE)), statements(leaves_nquads(reading, BASE))


def checks(said: Statements) -> dict[str, dict[str, list[str]]]:
    """Classification → its record."""
    found = {}
    for subject, about in said.items():
        if subject.startswith(f"{BASE}id/leaves/"):
            found[subject.rpartition("/")[2]] = about
    return found


def amount(about: dict[str, list[str]]) -> Decimal:
    return Decimal(about["amount"][0])


def leaves_of(leaves: Statements, classification: str) -> dict[str, dict[str, list[str]]]:
    scheme = f"{BASE}id/scheme/{classification}"
    return {fact: about for fact, about in leaves.items() if scheme in about["leafOf"]}


@pytest.mark.parametrize("classification", sorted(CLASSIFICATIONS))
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_leaves_are_the_printed_total_or_a_record_says_why_not(file: Path, classification: str) -> None:
    said, leaves = graphs(file)
    record = checks(said).get(classification)
    facts = leaves_of(leaves, classification)
    if record is None:
        dimension, flow = CLASSIFICATIONS[classification]
        along = [
            about
            for about in said.values()
            if about.get("flow") == [f"{BASE}{flow}"]
            and about.get("amount")
            and not about[dimension][0].endswith("/all")
        ]
        assert along == [], "facts along a classification, and nothing said of whether they add up"
        assert facts == {}
        return
    (outcome,) = record["leafOutcome"]
    words = record["http://www.w3.org/2000/01/rdf-schema#comment"]
    assert len(words) == 2
    assert all(len(text) > 20 for text in words)
    if outcome in ("exact", "rounding"):
        total = amount(said[record["leafTotal"][0]])
        summed = sum((amount(about) for about in facts.values()), Decimal(0))
        assert len(facts) == int(record["leafCount"][0]) > 0
        assert summed == Decimal(record["leafSum"][0])
        assert summed - total == Decimal(record["leafDifference"][0])
        assert (summed == total) == (outcome == "exact")
    else:
        assert outcome in ("partial", "no-total")
        assert facts == {}, "what does not add up is no leaf"


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_no_leaf_holds_another_by_its_code(file: Path) -> None:
    _, leaves = graphs(file)
    for classification in ("functional", "dept-economic", "gov-economic"):
        dimension = CLASSIFICATIONS[classification][0]
        by_unit: dict[str, list[str]] = defaultdict(list)
        for about in leaves_of(leaves, classification).values():
            by_unit[about["budgetUnit"][0]].append(about[dimension][0])
        for codes in by_unit.values():
            assert [(a, b) for a in codes for b in codes if a != b and b.startswith(a)] == []
            assert len(codes) == len(set(codes))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_whoever_sums_all_facts_counts_money_many_times(file: Path) -> None:
    said, leaves = graphs(file)
    facts = {subject: about for subject, about in said.items() if about.get("amount")}
    spent = sum(
        (amount(about) for about in facts.values() if about["flow"][0].endswith("/expenditure")), Decimal(0)
    )
    functional = leaves_of(leaves, "functional")
    total = sum((amount(about) for about in functional.values()), Decimal(0))
    assert functional
    assert spent > 2 * total, "the trap that the page on summing warns of"
    assert functional.keys() <= facts.keys(), "a leaf is a fact of its disclosure, said again"
