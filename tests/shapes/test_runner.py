"""The runner's report: counts of focus nodes, findings as data, and the same bytes each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from mingzhang.errors import ValidationError
from mingzhang.ontology import namespaces as ns
from mingzhang.shapes.runner import Report, finding_iri, findings_nquads, idle_shapes, unused_shapes, validate

BASE = "http://example.org/"
GRAPH = f"{BASE}graph/disclosure/510824/caizheng-ju/2023-budget"
FOLDER = Path(__file__).parent

ReportOf = Callable[[str, Path | None], Report]


@pytest.fixture(scope="module")
def sum_report(report_of_example: ReportOf) -> Report:
    return report_of_example("pyshacl-turbo", FOLDER / "sum-relation" / "invalid.parts-do-not-add-up.ttl")


def test_a_finding_is_a_validation_result_of_the_disclosure(sum_report: Report) -> None:
    quads = list(parse("\n".join(findings_nquads(sum_report, GRAPH, BASE)).encode(), RdfFormat.N_QUADS))
    said = {(quad.predicate.value, getattr(quad.object, "value", "")) for quad in quads}

    assert {quad.graph_name.value for quad in quads if hasattr(quad.graph_name, "value")} == {GRAPH}
    assert (f"{ns.RDF}type", f"{ns.MZ}Finding") in said
    assert (f"{ns.RDF}type", f"{ns.SH}ValidationResult") in said
    assert (f"{ns.SH}resultSeverity", f"{ns.SH}Warning") in said
    assert (f"{ns.DCTERMS}isPartOf", f"{BASE}id/disclosure/510824/caizheng-ju/2023-budget") in said
    assert (f"{ns.MZ}expectedValue", "99.99") in said
    assert (f"{ns.MZ}printedValue", "100.01") in said
    assert (f"{ns.MZ}difference", "0.02") in said
    assert (f"{ns.MZ}line", "16") in said


def test_findings_are_written_sorted_and_the_same_each_time(sum_report: Report) -> None:
    lines = list(findings_nquads(sum_report, GRAPH, BASE))

    assert lines == sorted(lines)
    assert lines == list(findings_nquads(sum_report, GRAPH, BASE))


def test_the_findings_of_a_published_graph_pass_the_shapes_themselves(sum_report: Report) -> None:
    example = FOLDER / "sum-relation" / "invalid.parts-do-not-add-up.ttl"
    files = (FOLDER / "disclosure.ttl", example)
    graph = b"".join(
        f"{quad.subject} {quad.predicate} {quad.object} .\n".encode()
        for file in files
        for quad in parse(file.read_bytes(), RdfFormat.TURTLE, base_iri=BASE)
    )
    written = "\n".join(findings_nquads(sum_report, GRAPH, BASE)).encode()

    report = validate(graph + written, BASE)

    assert report.violations == ()
    assert report.focus_counts["finding"] == len(sum_report.findings) == 1


def test_the_iri_of_a_finding_does_not_depend_on_its_wording_or_the_base(sum_report: Report) -> None:
    (finding,) = sum_report.findings
    elsewhere = replace(
        finding,
        message_zh="…",
        message_en="…",
        focus=finding.focus.replace(BASE, "http://other.example/"),
        figures=tuple(figure.replace(BASE, "http://other.example/") for figure in finding.figures),
    )

    here = finding_iri(finding, "0123456789ab", BASE).removeprefix(BASE)
    assert (
        finding_iri(elsewhere, "0123456789ab", "http://other.example/").removeprefix("http://other.example/")
        == here
    )
    assert here.startswith("id/finding/0123456789ab/sum-relation/")


def test_a_shape_without_focus_nodes_is_idle(report_of_example: ReportOf) -> None:
    report = report_of_example("pyshacl-turbo", None)

    assert "share-follows" in idle_shapes([report])
    assert "sum-relation" not in idle_shapes([report])


def test_focus_nodes_are_added_over_disclosures(report_of_example: ReportOf) -> None:
    shares = report_of_example("pyshacl-turbo", FOLDER / "share-follows" / "valid.rounded.ttl")

    assert "share-follows" not in idle_shapes([report_of_example("pyshacl-turbo", None), shares])


def test_a_run_without_figures_has_unused_shapes() -> None:
    report = validate(b"<http://example.org/a> <http://example.org/b> <http://example.org/c> .\n", BASE)

    assert {"fact", "figures-agree", "sum-relation", "table-figure"} <= set(unused_shapes([report]))


def test_a_disclosure_without_indicators_leaves_no_required_shape_unused() -> None:
    report = validate(b"<http://example.org/a> <http://example.org/b> <http://example.org/c> .\n", BASE)

    assert "indicator" in idle_shapes([report])
    assert "indicator" not in unused_shapes([report])


def test_only_the_code_list_entries_in_use_reach_the_engine() -> None:
    from mingzhang.shapes.context import data_graph

    used = data_graph(
        f"<{BASE}f> <{ns.MZ}functionalClass> <{BASE}id/code/functional/2010301> .\n".encode(), BASE
    )

    assert b"id/code/functional/2010301> <http://www.w3.org/2004/02/skos/core#inScheme>" in used.ntriples
    assert b"id/code/functional/2010302" not in used.ntriples


def test_what_is_no_nquads_is_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.nq"
    path.write_bytes(b"<http://example.org/a> nonsense .\n")

    with pytest.raises(ValidationError, match=r"broken\.nq"):
        validate(path, BASE)
