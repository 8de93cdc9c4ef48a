"""The W3C SHACL suites, core and SPARQL, through the engine and the way in that the runner uses."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import RdfFormat, Triple, parse, serialize
from pyshacl_turbo import ValidationFailure
from rdflib import RDF, SH, Graph, Namespace, URIRef
from rdflib.term import BNode, Node

from mingzhang.shapes.engine import compiled_shapes, results_graph

SUITE = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "shacl-tests"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
COMPARED = (SH.focusNode, SH.resultPath, SH.value, SH.resultSeverity, SH.sourceConstraintComponent)

FAILING: dict[str, str] = {
    "core/property/uniqueLang-002": 'given shapes as an rdflib graph, the engine takes "1"^^xsd:boolean for true, as rdflib does',
}
"""Case → why it fails; strict, so that a fix is noticed."""


def name_of(path: Path) -> str:
    return path.relative_to(SUITE).with_suffix("").as_posix()


CASES = [path for path in sorted(SUITE.rglob("*.ttl")) if b"sht:Validate" in path.read_bytes()]


def parameters() -> list[object]:
    return [
        pytest.param(
            path,
            id=name_of(path),
            marks=[pytest.mark.xfail(reason=FAILING[name_of(path)])] if name_of(path) in FAILING else [],
        )
        for path in CASES
    ]


def file_of(iri: Node | None) -> Path:
    return Path(str(iri).removeprefix("file://"))


def as_ntriples(path: Path) -> str:
    """A file as the runner would hand it over: spellings of literals kept."""
    quads = parse(path.read_bytes(), RdfFormat.TURTLE, base_iri=path.as_uri())
    written = serialize((Triple(q.subject, q.predicate, q.object) for q in quads), format=RdfFormat.N_TRIPLES)
    assert written is not None
    return written.decode("utf-8")


def path_text(graph: Graph, path: Node | None) -> str:
    """A property path in words of its own: reports may share the nodes of one path, the suite's files do not."""
    if not isinstance(path, BNode):
        return "" if path is None else path.n3()
    if graph.value(path, RDF.first) is not None:
        return "/".join(path_text(graph, step) for step in graph.items(path))
    for predicate, step in graph.predicate_objects(path):
        alternatives = list(graph.items(step)) if predicate == SH.alternativePath else [step]
        return f"{predicate}({'|'.join(sorted(path_text(graph, part) for part in alternatives))})"
    return ""


def term_text(graph: Graph, result: Node, predicate: URIRef) -> str:
    value = graph.value(result, predicate)
    if predicate == SH.resultPath:
        return path_text(graph, value)
    return "_:" if isinstance(value, BNode) else "" if value is None else value.n3()


def reduced(report: Graph, root: Node) -> tuple[str, Counter[tuple[str, ...]]]:
    """What a report says: whether it conforms, and of each result all but the shape and the message."""
    results = Counter(
        tuple(term_text(report, result, predicate) for predicate in COMPARED)
        for result in report.objects(root, SH.result)
    )
    return str(report.value(root, SH.conforms)), results


def outcome(shapes: Path, data: Path) -> Graph | None:
    """The engine's report, or None where it refuses the shapes."""
    try:
        compiled = compiled_shapes(Graph().parse(shapes, publicID=shapes.as_uri()))
        return results_graph(compiled, as_ntriples(data))
    except (ValidationFailure, ValueError):
        return None


@pytest.fixture(autouse=True)
def spellings_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite tells `"1"^^xsd:boolean` from `true`, and ill-typed dates from well-typed ones; rdflib would not."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


@pytest.mark.skipif(not CASES, reason="../shared is not here")
def test_the_suites_are_whole() -> None:
    assert sum(name_of(path).startswith("core/") for path in CASES) == 98
    assert sum(name_of(path).startswith("sparql/") for path in CASES) >= 22


@pytest.mark.parametrize("path", parameters())
def test_a_case_of_the_w3c_suite(path: Path) -> None:
    manifest = Graph().parse(path, publicID=path.as_uri())
    case = manifest.value(predicate=RDF.type, object=SHT.Validate)
    action = manifest.value(case, MF.action)
    expected = manifest.value(case, MF.result)
    shapes, data = (file_of(manifest.value(action, name)) for name in (SHT.shapesGraph, SHT.dataGraph))

    report = outcome(shapes, data)

    if expected == SHT.Failure:
        assert report is None
        return
    assert report is not None
    assert expected is not None
    root = report.value(predicate=RDF.type, object=SH.ValidationReport)
    assert root is not None
    assert reduced(report, root) == reduced(manifest, expected)
