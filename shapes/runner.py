"""Validates one disclosure's graph and reports: N-Quads in, violations and findings out.

Structure shapes that fail are violations (a fault of ours or of the input; the disclosure is to be quarantined).
Accounting shapes that fail are findings about the disclosure. Nothing is shared between runs but caches, so disclosures
can be validated in parallel processes. The engine is pyshacl-turbo: pySHACL gives the same results (the tests compare
them on every example) but does not finish on joins; see docs/shapes.md for the measurements.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from pyoxigraph import Literal as Text
from pyoxigraph import NamedNode, Quad, RdfFormat, serialize
from pyshacl_turbo import CompiledShapes
from rdflib import SH, BNode, Graph, URIRef
from rdflib.term import Node

from mingzhang.errors import ValidationError
from mingzhang.ontology import namespaces as ns
from mingzhang.shapes.catalogue import FOLDERS, Catalogue, Rule, load_catalogue
from mingzhang.shapes.context import DataGraph, data_graph
from mingzhang.shapes.engine import compiled_shapes, results_graph
from mingzhang.shapes.report import Finding as Finding
from mingzhang.shapes.report import Report as Report
from mingzhang.shapes.report import Violation as Violation

DATA_FIELDS = ("line", "expected", "printed", "difference", "figures")
"""The variables of the untagged message that each accounting shape has beside its zh and en ones."""


def validate(disclosure_nquads: bytes | Path, base_uri: str) -> Report:
    """The report on one disclosure. Raises ValidationError where the graph is no N-Quads or the engine gives up."""
    return run(data_graph(disclosure_nquads, base_uri), base_uri, FOLDERS)


def run(data: DataGraph, base_uri: str, folders: tuple[str, ...]) -> Report:
    """What the shapes of some folders say about a graph."""
    results = results_graph(_compiled(base_uri, folders), data.ntriples.decode("utf-8"))
    return report_of(results, load_catalogue(base_uri, folders), data)


def report_of(results: Graph, catalogue: Catalogue, data: DataGraph) -> Report:
    """A SHACL results graph, from whatever engine, as records in a fixed order."""
    violations: list[Violation] = []
    findings: list[Finding] = []
    for result in results.subjects(SH.resultSeverity):
        rule = _rule_of(results, result, catalogue)
        if rule.kind == "structure" and results.value(result, SH.resultSeverity) == SH.Violation:
            violations.append(_violation(results, result, rule))
        else:
            findings.append(_finding(results, result, rule, catalogue))
    counts = {rule.name: _focus_count(rule, data) for rule in catalogue.rules.values()}
    return Report(tuple(sorted(violations)), tuple(sorted(findings, key=_order)), counts, data.triples)


def idle_shapes(reports: Iterable[Report]) -> tuple[str, ...]:
    """The rules that found no focus node in any of the reports, sorted."""
    totals: Counter[str] = Counter()
    for report in reports:
        totals.update(dict(report.focus_counts))
    return tuple(sorted(name for name, count in totals.items() if count == 0))


def unused_shapes(reports: Iterable[Report]) -> tuple[str, ...]:
    """The rules that found no focus node although every run has some: the run has then not passed.

    Left out are the shapes marked `mzs:mayFindNothing`: a disclosure need not hold indicators, for instance.
    """
    rules = load_catalogue("http://base.invalid/").rules
    return tuple(name for name in idle_shapes(reports) if not rules[name].may_find_nothing)


def finding_iri(finding: Finding, source_sha12: str, base_uri: str) -> str:
    """`{base}id/finding/{sha12}/{rule}/{hash16}`, from what is found where and not from how it is worded."""
    relative = (_below(iri, base_uri) for iri in (finding.focus, *finding.figures))
    stable = "\n".join((finding.rule, *relative))
    return f"{base_uri}id/finding/{source_sha12}/{finding.rule}/{hashlib.sha256(stable.encode()).hexdigest()[:16]}"


def findings_nquads(report: Report, graph: str, base_uri: str) -> Iterator[str]:
    """The findings as sorted N-Quads lines of a disclosure's graph, `{base}graph/disclosure/…`."""
    disclosure = f"{base_uri}id/{_below(graph, base_uri).removeprefix('graph/')}"
    yield from quads_of_findings(((finding, disclosure) for finding in report.findings), graph, base_uri)


def quads_of_findings(findings: Iterable[tuple[Finding, str]], graph: str, base_uri: str) -> Iterator[str]:
    """Findings, each with the disclosure it is about, as sorted N-Quads lines of a graph."""
    name = NamedNode(graph)
    quads = [
        quad
        for finding, disclosure in findings
        for quad in _finding_quads(finding, disclosure, name, base_uri)
    ]
    written = serialize(quads, format=RdfFormat.N_QUADS)
    assert written is not None  # Only writing to a file returns None.
    yield from sorted(written.decode("utf-8").splitlines())


@lru_cache(maxsize=8)
def _compiled(base_uri: str, folders: tuple[str, ...]) -> CompiledShapes:
    return compiled_shapes(load_catalogue(base_uri, folders).graph)


def _rule_of(results: Graph, result: Node, catalogue: Catalogue) -> Rule:
    shape = results.value(result, SH.sourceShape)
    name = catalogue.rule_of.get(shape) if shape is not None else None
    if name is None:
        raise ValidationError(
            f"a result names the shape {shape!r}, which is none of shapes/; is the engine current?"
        )
    return catalogue.rules[name]


def _violation(results: Graph, result: Node, rule: Rule) -> Violation:
    messages = sorted(str(message) for message in results.objects(result, SH.resultMessage))
    return Violation(
        rule.name,
        str(results.value(result, SH.focusNode)),
        _text(results, result, SH.resultPath),
        _text(results, result, SH.value),
        " / ".join(messages),
    )


def _text(results: Graph, result: Node, predicate: URIRef) -> str:
    """An IRI or a literal's text; empty where there is none, or a property path that has no name."""
    value = results.value(result, predicate)
    return "" if value is None or isinstance(value, BNode) else str(value)


def _finding(results: Graph, result: Node, rule: Rule, catalogue: Catalogue) -> Finding:
    source = results.value(result, SH.sourceConstraint) or results.value(result, SH.sourceShape)
    by_language: dict[str, str] = {}
    fields: dict[str, str] = {}
    for message in map(str, results.objects(result, SH.resultMessage)):
        for template in catalogue.templates.get(source, ()) if source is not None else ():
            match = template.pattern.fullmatch(message)
            if match and template.language:
                by_language[template.language] = message
            elif match:
                fields = match.groupdict()
    if set(by_language) != {"zh", "en"}:
        raise ValidationError(
            f"shapes/{rule.kind}/{rule.name}.ttl: a result came without its zh or en message"
        )
    line = fields.get("line", "")
    return Finding(
        rule.name,
        str(results.value(result, SH.resultSeverity)).removeprefix(ns.SH),
        str(results.value(result, SH.focusNode)),
        tuple(sorted({iri for iri in fields.get("figures", "").split(",") if iri})),
        _decimal(fields.get("expected")),
        _decimal(fields.get("printed")),
        _decimal(fields.get("difference")),
        by_language["zh"],
        by_language["en"],
        int(line) if line.isdigit() else None,
    )


def _decimal(text: str | None) -> Decimal | None:
    """A number the engine wrote, without closing zeros (engines differ in them); None where it wrote none."""
    try:
        value = Decimal(text) if text else None
    except InvalidOperation:
        return None
    if value is None:
        return None
    whole = value == value.to_integral_value()
    return value.quantize(Decimal(1)) if whole else value.normalize()


def _order(finding: Finding) -> tuple[int, str, str, tuple[str, ...]]:
    return (finding.line or 0, finding.rule, finding.focus, finding.figures)


def _focus_count(rule: Rule, data: DataGraph) -> int:
    counted = {
        "targetClass": data.instances,
        "targetSubjectsOf": data.subjects_of,
        "targetObjectsOf": data.objects_of,
    }
    return sum(counted[kind](iri) for kind, iri in rule.targets)


def _below(iri: str, base_uri: str) -> str:
    return iri.removeprefix(base_uri)


def source_sha12(finding: Finding, base_uri: str) -> str:
    """The short hash of the source a finding is about, which every figure's IRI holds: `id/figure/{sha12}/…`.

    What it focuses on decides: of a disclosure in two files, the figures may stand in both.
    """
    for iri in (finding.focus, *finding.figures):
        pieces = _below(iri, base_uri).split("/")
        if len(pieces) > 2 and pieces[:2] in (
            ["id", "figure"],
            ["id", "sum"],
            ["id", "table"],
            ["id", "indicator"],
        ):
            return pieces[2]
    raise ValidationError(
        f"{finding.focus}: a finding of {finding.rule!r} names no figure, so its source is unknown"
    )


def _finding_quads(finding: Finding, disclosure: str, graph: NamedNode, base_uri: str) -> Iterator[Quad]:
    subject = NamedNode(finding_iri(finding, source_sha12(finding, base_uri), base_uri))

    def iri(predicate: str, target: str) -> Quad:
        return Quad(subject, NamedNode(predicate), NamedNode(target), graph)

    def text(predicate: str, value: str, *, language: str | None = None, datatype: str | None = None) -> Quad:
        kind = NamedNode(datatype) if datatype else None
        return Quad(subject, NamedNode(predicate), Text(value, datatype=kind, language=language), graph)

    for klass in (f"{ns.MZ}Finding", f"{ns.SH}ValidationResult", f"{ns.DQV}QualityAnnotation"):
        yield iri(f"{ns.RDF}type", klass)
    yield text(f"{ns.MZ}rule", finding.rule)
    yield iri(f"{ns.SH}resultSeverity", f"{ns.SH}{finding.severity}")
    yield iri(f"{ns.SH}focusNode", finding.focus)
    yield iri(f"{ns.DCTERMS}isPartOf", disclosure)
    yield text(f"{ns.SH}resultMessage", finding.message_zh, language="zh")
    yield text(f"{ns.SH}resultMessage", finding.message_en, language="en")
    for figure in finding.figures:
        yield iri(f"{ns.MZ}involves", figure)
    numbers = {
        "expectedValue": finding.expected,
        "printedValue": finding.printed,
        "difference": finding.difference,
    }
    for name, value in numbers.items():
        if value is not None:
            yield text(f"{ns.MZ}{name}", f"{value:f}", datatype=f"{ns.XSD}decimal")
    if finding.line is not None:
        yield text(f"{ns.MZ}line", str(finding.line), datatype=f"{ns.XSD}integer")
