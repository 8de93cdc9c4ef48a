"""The catalogue as others check it: DCAT-AP's rules as shapes, checksums that hold, VoID that counts, PROV that names."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib.namespace import SH

SHAPES = Path(__file__).parent / "dcat_ap.ttl"
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCTERMS = rdflib.Namespace("http://purl.org/dc/terms/")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
VOID = rdflib.Namespace("http://rdfs.org/ns/void#")
PROV = rdflib.Namespace("http://www.w3.org/ns/prov#")


@pytest.fixture(scope="module")
def catalogue(example: Any) -> rdflib.Graph:
    """What `/.well-known/void` answers, with the disclosures' own titles and classes."""
    graph = rdflib.Graph().parse(example.release.dumps / "catalogue.ttl", format="turtle")
    for entry in example.release.manifest.disclosures:
        text = (example.release.graphs / entry.graph_file).read_text("utf-8")
        graph_end = f" <{entry.graph}> ."
        own = "".join(
            f"{line.removesuffix(graph_end)} .\n"
            for line in text.splitlines()
            if line.startswith(f"<{entry.iri}> ")
        )
        graph.parse(data=own, format="nt")
    return graph


def broken(graph: rdflib.Graph) -> set[str]:
    """Severity, node and path of everything that the shapes object to."""
    _, report, _ = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(SHAPES))
    return {
        " ".join(str(report.value(result, path)) for path in (SH.resultSeverity, SH.focusNode, SH.resultPath))
        for result in report.subjects(rdflib.RDF.type, SH.ValidationResult)
    }


def test_the_catalogue_keeps_every_mandatory_and_recommended_rule(catalogue: rdflib.Graph) -> None:
    assert broken(catalogue) == set()


@pytest.mark.parametrize(
    ("node", "path"),
    [
        (DCAT.Catalog, DCTERMS.publisher),
        (DCAT.Dataset, DCTERMS.description),
        (DCAT.Dataset, DCTERMS.temporal),
        (DCAT.DatasetSeries, DCTERMS.title),
        (DCAT.DataService, DCAT.endpointURL),
        (DCAT.Distribution, DCAT.accessURL),
        (DCAT.Distribution, SPDX.checksum),
        (SPDX.Checksum, SPDX.checksumValue),
    ],
)
def test_the_shapes_notice_what_is_left_out(
    catalogue: rdflib.Graph, node: rdflib.URIRef, path: rdflib.URIRef
) -> None:
    graph = rdflib.Graph()
    graph += catalogue
    subject = min(graph.subjects(rdflib.RDF.type, node), key=str)
    graph.remove((subject, path, None))
    assert any(str(subject) in said and str(path) in said for said in broken(graph))


def test_every_download_is_a_distribution_with_its_size_and_checksum(
    example: Any, catalogue: rdflib.Graph
) -> None:
    start = f"{example.base}dumps/"
    told = set()
    for node in catalogue.subjects(rdflib.RDF.type, DCAT.Distribution):
        path = str(catalogue.value(node, DCAT.downloadURL)).removeprefix(start)
        data = (example.release.dumps / path).read_bytes()
        assert int(str(catalogue.value(node, DCAT.byteSize))) == len(data)
        digest = catalogue.value(catalogue.value(node, SPDX.checksum), SPDX.checksumValue)
        assert str(digest).lower() == hashlib.sha256(data).hexdigest()
        assert catalogue.value(predicate=DCAT.distribution, object=node) is not None
        told.add(path)
    files = {
        str(path.relative_to(example.release.dumps))
        for path in example.release.dumps.rglob("*")
        if path.is_file()
    }
    assert told == files - {"catalogue.ttl", "index.json", "SHA256SUMS", "index.html"}


def test_the_release_is_one_of_a_series_and_each_disclosure_a_part_of_it(
    example: Any, catalogue: rdflib.Graph
) -> None:
    release = rdflib.URIRef(f"{example.base}id/release/{example.release.manifest.id}")
    series = catalogue.value(release, DCAT.inSeries)
    assert (series, rdflib.RDF.type, DCAT.DatasetSeries) in catalogue
    for entry in example.release.manifest.disclosures:
        disclosure = rdflib.URIRef(entry.iri)
        assert (release, DCTERMS.hasPart, disclosure) in catalogue
        assert catalogue.value(disclosure, DCTERMS.temporal) is not None


def test_a_linkset_counts_the_links_of_the_release(example: Any, catalogue: rdflib.Graph) -> None:
    whole = example.release.dumps / f"{example.release.manifest.id}.ttl"
    triples = list(ox.parse(path=str(whole), format=ox.RdfFormat.TURTLE))
    linksets = list(catalogue.subjects(rdflib.RDF.type, VOID.Linkset))
    matching = [
        quad
        for quad in triples
        if re.search(r"core#(exact|close|broad|narrow|related)Match", quad.predicate.value)
    ]
    assert sum(int(str(catalogue.value(node, VOID.triples))) for node in linksets) == len(matching) > 0
    for node in linksets:
        target = catalogue.value(node, VOID.objectsTarget)
        space = str(catalogue.value(target, VOID.uriSpace))
        predicate = str(catalogue.value(node, VOID.linkPredicate))
        found = [
            q
            for q in matching
            if q.predicate.value == predicate and getattr(q.object, "value", "").startswith(space)
        ]
        assert len(found) == int(str(catalogue.value(node, VOID.triples)))


def test_provenance_names_software_forms_rules_and_sources(example: Any, catalogue: rdflib.Graph) -> None:
    manifest = example.release.manifest
    release = rdflib.URIRef(f"{example.base}id/release/{manifest.id}")
    build = catalogue.value(release, PROV.wasGeneratedBy)
    assert (build, rdflib.RDF.type, PROV.Activity) in catalogue
    assert str(catalogue.value(build, PROV.endedAtTime)).startswith(manifest.date)
    software = catalogue.value(build, PROV.wasAssociatedWith)
    assert str(catalogue.value(software, rdflib.RDFS.label)) == manifest.software
    used = {str(thing) for thing in catalogue.objects(build, PROV.used)}
    for entry in manifest.disclosures:
        assert f"{example.base}source/{entry.source_sha256}" in used
    for part in set(manifest.made_with) - {"program"}:
        assert f"{release}#{part}" in used


def test_the_front_page_describes_the_dataset_as_dataset_search_wants_it(example: Any) -> None:
    page = (example.release.site / "index.html").read_text("utf-8")
    match = re.search(r'<script type="application/ld\+json" id="dataset">(.*?)</script>', page, re.DOTALL)
    assert match
    dataset = json.loads(match[1])
    # Required: name and description of 50 to 5,000 characters; recommended: the others.
    assert dataset["@type"] == "Dataset"
    assert 50 <= len(dataset["description"]) <= 5000
    for recommended in (
        "creator", "distribution", "identifier", "includedInDataCatalog", "isAccessibleForFree", "keywords",
        "license", "name", "spatialCoverage", "temporalCoverage", "url", "version",
    ):  # fmt: skip
        assert dataset[recommended], recommended
    for download in dataset["distribution"]:
        path = download["contentUrl"].removeprefix(f"{example.base}dumps/")
        assert (example.release.dumps / path).is_file()
        assert download["encodingFormat"]
