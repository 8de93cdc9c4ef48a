"""Every download in every format: three parsers count the same, packages are valid, what is said inside and outside agrees."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pyoxigraph as ox
import pytest
import rdflib
import zstandard

from mingzhang.release import Release
from mingzhang.site.dumps import Dump, read_index
from mingzhang.site.tables import FIGURE_LABELS

RDF = {
    "text/turtle": (ox.RdfFormat.TURTLE, "turtle", "turtle"),
    "application/n-triples": (ox.RdfFormat.N_TRIPLES, "nt", "ntriples"),
    "application/n-quads": (ox.RdfFormat.N_QUADS, "nquads", "nquads"),
    "application/ld+json": (ox.RdfFormat.JSON_LD, "json-ld", ""),
}
"""Media type → pyoxigraph's, rdflib's and Raptor's name of the format; Raptor reads no JSON-LD."""

needs_frictionless = pytest.mark.skipif(
    find_spec("frictionless") is None, reason="frictionless is not installed"
)


def content(release: Release, dump: Dump) -> bytes:
    """A dump as it is without compression."""
    data = (release.dumps / dump.path).read_bytes()
    if dump.path.endswith(".gz"):
        return gzip.decompress(data)
    if dump.path.endswith(".zst"):
        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read()
    return data


def rdf_dumps(release: Release) -> list[Dump]:
    return [dump for dump in read_index(release) if dump.media_type in RDF]


def test_the_whole_and_each_disclosure_come_in_every_format(example: Any) -> None:
    manifest = example.release.manifest
    paths = {dump.path for dump in read_index(example.release)}
    body = manifest.disclosures[0].iri.removeprefix(f"{manifest.base_uri}id/disclosure/")
    for suffix in ("ttl", "nt.gz", "nt.zst", "nq.gz", "nq.zst"):
        assert {f"{manifest.id}.{suffix}", f"disclosures/{body}.{suffix}"} <= paths
    assert {f"{manifest.id}.jsonld.gz", f"disclosures/{body}.jsonld"} <= paths
    assert {"ontology.ttl", "ontology.jsonld", "codelists.ttl", "codelists.jsonld", "catalogue.ttl"} <= paths
    for table in ("facts", "figures", "indicators", "claims", "findings"):
        assert {f"{table}.csv", f"{table}.parquet", f"disclosures/{body}/{table}.csv"} <= paths
    assert f"disclosures/{body}/datapackage.json" in paths


def test_pyoxigraph_counts_what_the_index_says(example: Any) -> None:
    for dump in rdf_dumps(example.release):
        parsed = ox.parse(content(example.release, dump), format=RDF[dump.media_type][0])
        assert sum(1 for _ in parsed) == dump.items, dump.path


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its own ConjunctiveGraph
def test_rdflib_counts_the_same(example: Any) -> None:
    for dump in rdf_dumps(example.release):
        graph = rdflib.Dataset() if dump.media_type == "application/n-quads" else rdflib.Graph()
        graph.parse(data=content(example.release, dump), format=RDF[dump.media_type][1])
        count = sum(1 for _ in graph.quads()) if isinstance(graph, rdflib.Dataset) else len(graph)
        assert count == dump.items, dump.path


@pytest.mark.skipif(shutil.which("rapper") is None, reason="rapper (Raptor) is not installed")
def test_raptor_counts_the_same(example: Any, tmp_path: Path) -> None:
    counted = 0
    for dump in rdf_dumps(example.release):
        form = RDF[dump.media_type][2]
        if not form:
            continue
        file = tmp_path / "dump"
        file.write_bytes(content(example.release, dump))
        command = ["rapper", "--count", "--input", form, str(file), example.base]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        assert f"Parsing returned {dump.items} triple" in said, dump.path
        counted += 1
    assert counted > 10


def test_all_formats_of_a_disclosure_hold_the_same_triples(example: Any) -> None:
    held = {}
    for dump in rdf_dumps(example.release):
        if dump.of == "disclosure":
            parsed = ox.parse(
                content(example.release, dump), format=RDF[dump.media_type][0], rename_blank_nodes=False
            )
            held[dump.path] = {str(quad.triple) for quad in parsed}
    assert len(held) == 6
    assert len({frozenset(triples) for triples in held.values()}) == 1


def test_id_date_and_software_inside_and_outside_agree(example: Any) -> None:
    manifest = example.release.manifest
    whole = next(dump for dump in read_index(example.release) if dump.path == f"{manifest.id}.nt.gz")
    graph = {
        (str(quad.predicate.value), getattr(quad.object, "value", ""))
        for quad in ox.parse(content(example.release, whole), format=ox.RdfFormat.N_TRIPLES)
        if getattr(quad.subject, "value", "").endswith(f"id/release/{manifest.id}")
    }
    assert ("http://www.w3.org/ns/dcat#version", manifest.id) in graph
    assert ("http://purl.org/dc/terms/issued", manifest.date) in graph
    head = (example.release.dumps / f"{manifest.id}.ttl").read_text("utf-8").partition("\n")[0]
    assert manifest.id in head
    assert manifest.date in head
    for descriptor in example.release.dumps.rglob("datapackage.json"):
        package = json.loads(descriptor.read_text("utf-8"))
        assert (package["version"], package["created"][:10]) == (manifest.id, manifest.date)


@needs_frictionless
def test_each_data_package_is_valid_for_frictionless(example: Any) -> None:
    descriptors = sorted(example.release.dumps.rglob("datapackage.json"))
    assert len(descriptors) == len(example.release.manifest.disclosures)
    for descriptor in descriptors:
        # In a process of its own: it warns of its own dependencies, and warnings are errors here.
        command = [sys.executable, "-m", "frictionless", "validate", "--json", descriptor.name]
        ended = subprocess.run(command, cwd=descriptor.parent, capture_output=True, text=True, check=False)
        report = json.loads(ended.stdout)
        assert report["valid"], report
        assert report["stats"]["tasks"] == 5


@needs_frictionless
def test_frictionless_notices_a_wrong_amount_and_a_changed_file(example: Any, tmp_path: Path) -> None:
    (descriptor,) = example.release.dumps.rglob("datapackage.json")
    copy = Path(shutil.copytree(descriptor.parent, tmp_path / "package"))
    facts = copy / "facts.csv"
    facts.write_text(facts.read_text("utf-8").replace(",8000000.0,", ",八百万,"), "utf-8")
    command = [sys.executable, "-m", "frictionless", "validate", "--json", "datapackage.json"]
    ended = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    errors = {error["type"] for task in json.loads(ended.stdout)["tasks"] for error in task["errors"]}
    assert {"hash-count", "type-error"} & errors


def test_the_package_names_the_amount_year_and_classifications_for_fiscal_tools(example: Any) -> None:
    (descriptor,) = example.release.dumps.rglob("datapackage.json")
    package = json.loads(descriptor.read_text("utf-8"))
    facts = next(resource for resource in package["resources"] if resource["name"] == "facts")
    types = {field["columnType"]: field for field in facts["schema"]["fields"] if "columnType" in field}
    for wanted in ("value", "date:fiscal-year", "direction", "functional-classification:generic:code"):
        assert wanted in types
    assert types["value"] == {"name": "amount", "type": "number", "columnType": "value"}
    rows = list(csv.DictReader(io.StringIO((descriptor.parent / "facts.csv").read_text("utf-8"))))
    assert {row["currency"] for row in rows} == {"CNY"}
    assert {row["flow"] for row in rows} <= {"expenditure", "revenue"}
    assert all("/" not in row["functional_class"] for row in rows), "a code, not an IRI"


def test_figures_have_labels_beside_their_codes(example: Any) -> None:
    columns = pyarrow.parquet.read_schema(example.release.dumps / "figures.parquet").names
    source = (example.release.tables / "figures.csv").read_text("utf-8").splitlines()[0].split(",")
    coded = [name for name in source if name in FIGURE_LABELS]
    assert coded
    assert columns[: len(source)] == source, "the export's own columns stay first"
    assert sorted(columns[len(source) :]) == sorted(f"{name}_label" for name in coded)
