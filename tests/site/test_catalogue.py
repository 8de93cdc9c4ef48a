"""The catalogue: what a machine learns of the release agrees with the release."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from mingzhang.site.catalogue import catalogue_graph, catalogue_nquads
from mingzhang.site.quads import merged_triples

PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX mz: <https://w3id.org/mingzhang/ontology#>
"""


@pytest.fixture(scope="module")
def store(example: Any) -> ox.Store:
    store = ox.Store()
    for quad in ox.parse(path=str(example.release.graphs / "catalogue.nq"), format=ox.RdfFormat.N_QUADS):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
    return store


def _values(store: ox.Store, query: str) -> list[str]:
    solutions = store.query(PREFIXES + query)
    assert isinstance(solutions, ox.QuerySolutions)
    return sorted(solution[0].value for solution in solutions)


def test_every_download_it_names_exists(example: Any, store: ox.Store) -> None:
    addresses = _values(
        store, "SELECT ?url WHERE { { ?d dcat:downloadURL ?url } UNION { ?d void:dataDump ?url } }"
    )
    start = f"{example.base}dumps/"
    assert len(addresses) > 10
    assert [url for url in addresses if not (example.release.dumps / url.removeprefix(start)).is_file()] == []


def test_it_counts_the_triples_of_the_graphs_it_describes(example: Any, store: ox.Store) -> None:
    graphs = {
        iri: name
        for iri, name in example.release.manifest.graphs.items()
        if not iri.endswith(("graph/catalogue", "graph/leaves"))
    }
    counted = len(list(merged_triples(example.release.graphs, graphs)))
    assert _values(store, "SELECT ?n WHERE { ?d a dcat:Dataset ; void:triples ?n }") == [str(counted)]


def test_its_class_partition_counts_the_facts(store: ox.Store) -> None:
    assert _values(store, "SELECT ?n WHERE { ?p void:class mz:Fact ; void:entities ?n }") == ["10"]


def test_property_partitions_add_up_to_all_triples(store: ox.Store) -> None:
    parts = _values(store, "SELECT (SUM(?n) AS ?sum) WHERE { ?d void:propertyPartition/void:triples ?n }")
    assert parts == _values(store, "SELECT ?n WHERE { ?d a dcat:Dataset ; void:triples ?n }")


def test_it_names_licence_place_and_time(example: Any, store: ox.Store) -> None:
    assert _values(store, "SELECT ?x WHERE { ?d a dcat:Dataset ; dcterms:license ?x }") == [
        "https://creativecommons.org/licenses/by/4.0/"
    ]
    assert _values(store, "SELECT ?x WHERE { ?d dcat:version ?v ; dcterms:spatial ?x }") == [
        f"{example.base}id/division/519901"
    ]
    assert _values(store, "SELECT ?x WHERE { ?d dcat:version ?v ; dcterms:temporal/dcat:startDate ?x }") == [
        "2023-01-01"
    ]


def test_it_is_sorted_and_the_same_each_time(example: Any) -> None:
    release = example.release
    lines = list(catalogue_nquads(release.manifest, release.graphs))
    assert lines == sorted(lines)
    assert "".join(lines) == (release.graphs / "catalogue.nq").read_text(encoding="utf-8")


def test_the_triples_of_the_release_are_each_counted_once(example: Any, tmp_path: Path) -> None:
    release = example.release
    manifest = release.manifest
    folder = tmp_path / "graphs"
    shutil.copytree(release.graphs, folder)
    entry = manifest.disclosures[0]
    with (folder / entry.graph_file).open(encoding="utf-8") as handle:
        lines = handle.readlines()
    # The disclosure's own graph says one of the things that the catalogue says too.
    said = next(
        line for line in catalogue_graph(manifest, folder).lines if line.startswith(f"<{entry.iri}> ")
    )
    lines.append(said.replace("graph/catalogue>", entry.graph.removeprefix(manifest.base_uri) + ">"))
    (folder / entry.graph_file).write_text("".join(sorted(lines)), encoding="utf-8")
    catalogue = catalogue_graph(manifest, folder)
    (folder / "catalogue.nq").write_text("".join(catalogue.lines), encoding="utf-8")
    graphs = {iri: name for iri, name in manifest.graphs.items() if iri != release.leaves_graph}
    assert catalogue.triples == len(list(merged_triples(folder, graphs)))
