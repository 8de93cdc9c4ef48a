"""The W3C SPARQL 1.1 query evaluation tests (and 1.0's, which 1.1 keeps), run against a live service.

All data files are loaded as named graphs, and each test names its dataset by `default-graph-uri` and `named-graph-uri`:
so the merge of several default graphs is tested too. What fails is listed with its reason and must fail.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import cast

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from _pytest.mark.structures import ParameterSet
from rdflib.compare import isomorphic
from rdflib.namespace import RDF
from rdflib.query import Result
from rdflib.term import BNode, Identifier, Literal, Node, URIRef, Variable

SUITE = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "rdf-tests" / "sparql"
MANIFESTS = {
    "1.1": (
        "sparql11/manifest-sparql11-query.ttl",
        "sparql11/manifest-sparql11-results.ttl",
    ),
    "1.0": ("sparql10/manifest-evaluation.ttl",),
}
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
RS = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
EVALUATED = {MF.QueryEvaluationTest, MF.CSVResultFormatTest}

CANONICAL = "the store keeps numbers in one canonical form, so 1, 01 and +1 are one term"
PUSHED = "the engine pushes the variable of GRAPH ?g into the patterns, so what stands beside them does not see it bound"
ZERO_LENGTH = "the engine finds no zero-length path at a term that is not in the data"
TAGGED = "the engine keeps a common language tag in GROUP_CONCAT, as later drafts of SPARQL do"
FAILING = {
    "1.1 agg-groupconcat-04": TAGGED,
    "1.1 agg-groupconcat-06": TAGGED,
    "1.1 agg-empty-group-count-graph": PUSHED,
    "1.1 graph": PUSHED,
    "1.1 graph-minus": PUSHED,
    "1.1 bnode01": "the engine gives BNODE(text) the same blank node in every solution",
    "1.1 zero_or_more_set_start": ZERO_LENGTH,
    "1.1 zero_or_more_set_end": ZERO_LENGTH,
    "1.1 zero_or_one_set_start": ZERO_LENGTH,
    "1.1 zero_or_one_set_end": ZERO_LENGTH,
    "1.1 tsv03": "the store keeps the integer types (xsd:negativeInteger) as xsd:integer",
    "1.0 open-eq-01": CANONICAL,
    "1.0 date-2": "the engine holds a date without time zone to differ from one with",
    "1.0 graph-variable-scope": PUSHED,
    "1.0 graph-optional": PUSHED,
    "1.0 dawg-str-1": CANONICAL,
    "1.0 dawg-str-2": CANONICAL,
    "1.0 sameTerm-simple": CANONICAL,
    "1.0 sameTerm-eq": CANONICAL,
    "1.0 sameTerm-not-eq": CANONICAL,
    "1.0 case-insensitive-booleans": "the engine reads `true` in lower case only",
    "1.0 eq-graph-1": CANONICAL,
    "1.0 eq-graph-2": CANONICAL,
    "1.0 distinct-1": CANONICAL,
    "1.0 distinct-9": CANONICAL,
}
"""Version and name of the test → why the engine fails it."""


@dataclass(frozen=True)
class Evaluation:
    """One test: its query file, the files of its default graph and its named graphs, its expected result."""

    iri: str
    query: Path
    default: tuple[Path, ...]
    named: tuple[Path, ...]
    result: Path
    lax: bool
    """REDUCED: repeated solutions may be left out."""


def file_of(node: object) -> Path:
    return Path(str(node).removeprefix("file://"))


def evaluations(manifest: Path) -> Iterator[Evaluation]:
    """The evaluation tests of a manifest and of those it includes."""
    graph = rdflib.Graph().parse(manifest, format="turtle", publicID=manifest.as_uri())
    about = URIRef(manifest.as_uri())
    for included in graph.objects(about, MF.include):
        for entry in graph.items(included):
            yield from evaluations(file_of(entry))
    for entries in graph.objects(about, MF.entries):
        for test in graph.items(entries):
            if EVALUATED & set(graph.objects(test, RDF.type)):
                action = graph.value(test, MF.action)
                yield Evaluation(
                    str(test),
                    file_of(graph.value(action, QT.query)),
                    tuple(sorted(file_of(node) for node in graph.objects(action, QT.data))),
                    tuple(sorted(file_of(node) for node in graph.objects(action, QT.graphData))),
                    file_of(graph.value(test, MF.result)),
                    (test, MF.resultCardinality, MF.LaxCardinality) in graph,
                )


def parameters() -> list[ParameterSet]:
    if not SUITE.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason="../shared is not here"))]
    found = []
    for version, manifests in MANIFESTS.items():
        for manifest in manifests:
            for test in evaluations(SUITE / manifest):
                reason = FAILING.get(f"{version} {test.iri.rpartition('#')[2]}")
                marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
                name = f"{version}-{test.query.parent.name}-{test.iri.rpartition('#')[2]}"
                found.append(pytest.param(test, id=name, marks=marks))
    return found


TESTS = parameters()


@pytest.fixture(scope="module")
def endpoint(start: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The service over every data file of the suite, each as a graph named by its file URI."""
    if not SUITE.is_dir():
        pytest.skip("../shared is not here")
    tests = [cast(Evaluation, parameter.values[0]) for parameter in TESTS]
    files = sorted({file for test in tests for file in (*test.default, *test.named, *from_files(test))})
    lines = []
    for file in files:
        # Not rdflib, which would write numbers its own way.
        for quad in ox.parse(path=str(file), base_iri=file.as_uri(), rename_blank_nodes=True):
            lines.append(f"{quad.subject} {quad.predicate} {quad.object} <{file.as_uri()}> .\n")
    dataset = tmp_path_factory.mktemp("suite") / "suite.nq"
    dataset.write_text("".join(lines), encoding="utf-8")
    return start(files=(dataset,))


def from_files(test: Evaluation) -> list[Path]:
    """The files that a query may name in FROM."""
    if not re.search(r"\bFROM\b", test.query.read_text(encoding="utf-8")):
        return []
    return [
        file for file in test.query.parent.glob("*.ttl") if not file.name.startswith(("manifest", "result"))
    ]


def rdf_format(file: Path) -> str:
    return {".rdf": "xml", ".nt": "nt"}.get(file.suffix, "turtle")


@pytest.fixture(scope="module")
def connection() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as opened:
        yield opened


@pytest.mark.parametrize("test", TESTS)
def test_the_w3c_query_gives_the_expected_result(
    endpoint: str, connection: httpx.Client, test: Evaluation
) -> None:
    query = f"BASE <{test.query.as_uri()}>\n" + test.query.read_text(encoding="utf-8")
    expected_kind = test.result.suffix
    accept = {".csv": "text/csv", ".tsv": "text/tab-separated-values"}.get(
        expected_kind, "application/sparql-results+json, text/turtle;q=0.9"
    )
    dataset = [("default-graph-uri", file.as_uri()) for file in test.default]
    dataset += [("named-graph-uri", file.as_uri()) for file in test.named]
    if re.search(r"\bFROM\b", query):
        dataset = []
    elif not dataset:
        dataset = [("default-graph-uri", "urn:empty")]
    response = connection.post(
        endpoint + "sparql",
        params=httpx.QueryParams(tuple(dataset)),
        content=query.encode(),
        headers={"Content-Type": "application/sparql-query", "Accept": accept},
    )
    assert response.status_code == 200, response.text
    if expected_kind in (".csv", ".tsv"):
        expected = test.result.read_text(encoding="utf-8")
        separator = "," if expected_kind == ".csv" else "\t"
        assert table_rows(response.text, separator) == table_rows(expected, separator)
        return
    kind = response.headers["content-type"].partition(";")[0]
    expected_result = expected_of(test.result)
    if kind == "text/turtle":
        assert isinstance(expected_result, rdflib.Graph)
        got = rdflib.Graph().parse(data=response.content, format="turtle")
        assert isomorphic(normal_graph(got), normal_graph(expected_result))
        return
    assert isinstance(expected_result, Result)
    got_result = Result.parse(io.BytesIO(response.content), format="json")
    if test.lax:
        assert set(rows_of(got_result)) == set(rows_of(expected_result))
        return
    compare(got_result, expected_result, getattr(expected_result, "ordered", False))


def expected_of(file: Path) -> Result | rdflib.Graph:
    """The expected result: a result set (also in its RDF form) or a graph."""
    if file.suffix in (".srx", ".srj"):
        with file.open("rb") as opened:
            return Result.parse(opened, format="xml" if file.suffix == ".srx" else "json")
    graph = rdflib.Graph().parse(file, format=rdf_format(file), publicID=file.as_uri())
    about = graph.value(None, RDF.type, RS.ResultSet)
    return graph if about is None else result_of_graph(graph, about)


def result_of_graph(graph: rdflib.Graph, about: Node) -> Result:
    """The DAWG result-set vocabulary, read."""
    boolean = graph.value(about, RS.boolean)
    if boolean is not None:
        result = Result("ASK")
        result.askAnswer = str(boolean) == "true"
        return result
    result = Result("SELECT")
    result.vars = [rdflib.Variable(str(name)) for name in graph.objects(about, RS.resultVariable)]
    rows = []
    for solution in graph.objects(about, RS.solution):
        row: dict[Variable, Identifier] = {}
        for binding in graph.objects(solution, RS.binding):
            value = graph.value(binding, RS.value)
            assert value is not None
            row[rdflib.Variable(str(graph.value(binding, RS.variable)))] = cast(Identifier, value)
        rows.append((int(str(graph.value(solution, RS["index"]) or 0)), row))
    result.bindings = [row for _, row in sorted(rows, key=lambda pair: pair[0])]
    result.ordered = any(index for index, _ in rows)  # type: ignore[attr-defined]
    return result


def table_rows(text: str, separator: str) -> Counter[tuple[tuple[str, str], ...]]:
    """A table's rows, each as its columns by name: `SELECT *` leaves their order open."""
    header, *rows = csv.reader(
        io.StringIO(text),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if separator == "," else csv.QUOTE_NONE,
    )
    return Counter(tuple(sorted(zip(header, map(normal_text, row), strict=True))) for row in rows)


def normal_text(value: str) -> str:
    if value.startswith("_:"):
        return "_:b"
    try:
        return str(Decimal(value).normalize())
    except InvalidOperation:
        return value


NUMERIC = ("integer", "decimal", "double", "float", "int", "long", "short", "byte", "nonNegativeInteger",
           "positiveInteger", "unsignedInt", "nonPositiveInteger", "negativeInteger", "unsignedShort",
           "unsignedByte", "unsignedLong")  # fmt: skip


def normal(term: Identifier | None) -> object:
    """A term in a form in which equal values are equal: the engine writes numbers and dates its own way."""
    if isinstance(term, Literal):
        kind = str(term.datatype).rpartition("#")[2] if term.datatype else ""
        if kind in NUMERIC:
            family = "double" if kind in ("double", "float") else "exact"
            try:
                return family, Decimal(str(term)).normalize()
            except InvalidOperation:
                return kind, str(term)
        language = term.language.lower() if term.language else ""
        return "literal", str(term), "" if kind == "string" else kind, language
    return (type(term).__name__, str(term)) if term is not None else None


def normal_graph(graph: rdflib.Graph) -> rdflib.Graph:
    normalized = rdflib.Graph()
    for s, p, o in graph:
        normalized.add((s, p, Literal(str(normal(o))) if isinstance(o, Literal) else o))
    return normalized


Row = tuple[tuple[str, object], ...]


def rows_of(result: Result) -> list[Row]:
    rows = []
    for binding in result.bindings:
        row = [(str(name), term) for name, term in binding.items() if term is not None]
        rows.append(
            tuple(sorted((name, term if isinstance(term, BNode) else normal(term)) for name, term in row))
        )
    return rows


def compare(got: Result, expected: Result, ordered: bool) -> None:
    """Asserts that two results hold the same, in the same order where the test is about order."""
    assert got.type == expected.type
    if got.type == "ASK":
        assert got.askAnswer == expected.askAnswer
        return
    assert {str(name) for name in got.vars or ()} == {str(name) for name in expected.vars or ()}
    ours, theirs = rows_of(got), rows_of(expected)
    assert len(ours) == len(theirs)
    if ordered:
        assert [without_blanks(row) for row in ours] == [without_blanks(row) for row in theirs]
    assert Counter(map(without_blanks, ours)) == Counter(map(without_blanks, theirs))
    assert same_but_for_labels(ours, theirs, {})


def without_blanks(row: Row) -> Row:
    return tuple((name, "blank" if isinstance(value, BNode) else value) for name, value in row)


def same_but_for_labels(ours: list[Row], theirs: list[Row], mapping: dict[BNode, BNode]) -> bool:
    """Whether some one-to-one renaming of blank nodes makes our rows theirs."""
    if not ours:
        return not theirs
    first, *rest = ours
    for at, candidate in enumerate(theirs):
        if without_blanks(candidate) != without_blanks(first):
            continue
        extended = dict(mapping)
        fits = True
        for (_, mine), (_, other) in zip(first, candidate, strict=True):
            if isinstance(mine, BNode) and isinstance(other, BNode):
                fits = fits and extended.setdefault(mine, other) == other
        one_to_one = len(set(extended.values())) == len(extended)
        if fits and one_to_one and same_but_for_labels(rest, theirs[:at] + theirs[at + 1 :], extended):
            return True
    return False
