"""The cube is well-formed: IC-1 to IC-21 hold, and those that can break here do break when the data are broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse

from mingzhang.ontology import namespaces as ns
from mingzhang.ontology.loader import code_list_triples, load_turtle
from mingzhang.shapes.cube import broken_constraints, broken_constraints_of, constraint_names

BASE = "http://example.org/"
FACT = NamedNode(f"{BASE}id/fact/510824/caizheng-ju/2023-budget/aaaaaaaaaaaaaaaa")
DISCLOSURE = NamedNode(f"{BASE}id/disclosure/510824/caizheng-ju/2023-budget")


@pytest.fixture
def store() -> Store:
    small = (Path(__file__).parent / "disclosure.ttl").read_bytes()
    found = Store()
    found.extend(
        Quad(q.subject, q.predicate, q.object) for q in parse(small, RdfFormat.TURTLE, base_iri=BASE)
    )
    lists: list[Triple] = [*code_list_triples(BASE, frozenset()), *load_turtle("mingzhang.ttl", BASE)]
    found.extend(Quad(t.subject, t.predicate, t.object) for t in lists)
    return found


def mz(name: str) -> NamedNode:
    return NamedNode(f"{ns.MZ}{name}")


def remove(store: Store, predicate: NamedNode) -> None:
    for quad in list(store.quads_for_pattern(FACT, predicate, None)):
        store.remove(quad)


def test_there_are_twenty_one_constraints() -> None:
    assert [name[:5] for name in constraint_names()] == [f"ic-{number:02}" for number in range(1, 22)]


def test_the_small_disclosure_is_a_well_formed_cube(store: Store) -> None:
    assert broken_constraints_of(store) == ()


def test_an_observation_of_two_data_sets_breaks_ic_1(store: Store) -> None:
    store.add(Quad(FACT, NamedNode(f"{ns.QB}dataSet"), NamedNode(f"{BASE}other")))

    assert "ic-01-unique-data-set" in broken_constraints_of(store)


def test_a_disclosure_without_structure_breaks_ic_2(store: Store) -> None:
    store.remove(Quad(DISCLOSURE, NamedNode(f"{ns.QB}structure"), mz("dsd")))

    assert broken_constraints_of(store) == ("ic-02-unique-structure",)


def test_a_missing_dimension_breaks_ic_11(store: Store) -> None:
    remove(store, mz("fundSource"))

    assert broken_constraints_of(store) == ("ic-11-all-dimensions-required",)


def test_two_facts_with_the_same_dimensions_break_ic_12(store: Store) -> None:
    twin = NamedNode(f"{FACT.value}b")
    for quad in list(store.quads_for_pattern(FACT, None, None)):
        store.add(Quad(twin, quad.predicate, quad.object))

    assert broken_constraints_of(store) == ("ic-12-no-duplicate-observations",)


def test_a_missing_amount_breaks_ic_14(store: Store) -> None:
    remove(store, mz("amount"))

    assert broken_constraints_of(store) == ("ic-14-all-measures-present",)


def test_a_code_of_another_list_breaks_ic_19(store: Store) -> None:
    remove(store, mz("functionalClass"))
    store.add(Quad(FACT, mz("functionalClass"), NamedNode(f"{BASE}id/code/dept-economic/301")))

    assert broken_constraints_of(store) == ("ic-19-codes-from-code-list",)


def test_files_of_a_release_are_read_together(tmp_path: Path) -> None:
    path = tmp_path / "graph.nq"
    data_set = NamedNode(f"{ns.QB}dataSet")
    path.write_text(
        f"{FACT} {data_set} {DISCLOSURE} .\n{FACT} {data_set} <{BASE}other> .\n", encoding="utf-8"
    )

    assert "ic-01-unique-data-set" in broken_constraints([path])
