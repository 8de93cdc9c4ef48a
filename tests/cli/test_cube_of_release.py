"""A release of real disclosures is a well-formed RDF data cube and can be read by itself."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, parse

from mingzhang.ontology import namespaces as ns
from mingzhang.release import current_release
from mingzhang.shapes.cube import broken_constraints


def test_a_real_release_breaks_none_of_ic_1_to_ic_21(built: Path) -> None:
    graphs = [path for path in current_release(built).graphs.glob("*.nq") if path.name != "leaves.nq"]

    assert len(graphs) > 3
    assert broken_constraints(graphs) == ()


def test_every_term_of_others_that_a_release_uses_stands_in_it_with_its_labels(built: Path) -> None:
    used: set[str] = set()
    labelled: set[str] = set()
    for path in current_release(built).graphs.glob("*.nq"):
        for quad in parse(path.read_bytes(), RdfFormat.N_QUADS):
            used.add(quad.predicate.value)
            if quad.predicate.value == f"{ns.RDF}type" and isinstance(quad.object, NamedNode):
                used.add(quad.object.value)
            if quad.predicate.value == f"{ns.RDFS}label" and isinstance(quad.subject, NamedNode):
                labelled.add(quad.subject.value)

    assert len(used) > 100
    assert sorted(used - labelled) == []
