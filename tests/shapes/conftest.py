"""The examples, and the two engines that read them, as the fixture `report_lines`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from pyoxigraph import RdfFormat, Triple, parse, serialize
from rdflib import Graph
from rdflib.plugins.sparql import processor

from mingzhang.shapes.catalogue import load_catalogue
from mingzhang.shapes.context import data_graph
from mingzhang.shapes.runner import Report, report_of, validate

BASE = "http://example.org/"
FOLDER = Path(__file__).parent
_NUMBER = re.compile(r"-?[0-9]+\.[0-9]+")


def _triples_of(example: Path | None) -> bytes:
    """The small disclosure and an example as N-Triples (which are N-Quads of the default graph)."""
    files = [FOLDER / "disclosure.ttl", *([example] if example else [])]
    quads = [quad for file in files for quad in parse(file.read_bytes(), RdfFormat.TURTLE, base_iri=BASE)]
    written = serialize(
        [Triple(quad.subject, quad.predicate, quad.object) for quad in quads], format=RdfFormat.N_TRIPLES
    )
    assert written is not None
    return written


def _with_turbo(ntriples: bytes) -> Report:
    return validate(ntriples, BASE)


def _with_pyshacl(ntriples: bytes) -> Report:
    data = data_graph(ntriples, BASE)
    catalogue = load_catalogue(BASE)
    graph = Graph().parse(data=data.ntriples, format="nt")
    _, results, _ = pyshacl.validate(graph, shacl_graph=catalogue.graph, inference="none")
    assert isinstance(results, Graph)
    return report_of(results, catalogue, data)


_ENGINES: dict[str, Callable[[bytes], Report]] = {"pyshacl-turbo": _with_turbo, "pyshacl": _with_pyshacl}


def _plain(match: re.Match[str]) -> str:
    return f"{Decimal(match.group()).normalize():f}"


def _lines(report: Report) -> list[str]:
    """A report as lines one can compare: no blank node labels, numbers without closing zeros."""
    found = [
        "\t".join(("Violation", item.rule, item.focus, item.path, item.message)) for item in report.violations
    ]
    for item in report.findings:
        involved = " ".join(figure.removeprefix(BASE) for figure in item.figures)
        numbers = (
            f"expected={item.expected} printed={item.printed} difference={item.difference} line={item.line}"
        )
        texts = (_NUMBER.sub(_plain, text) for text in (item.message_zh, item.message_en))
        found.append("\t".join((item.severity, item.rule, item.focus, involved, numbers, *texts)))
    return sorted(line.replace(BASE, "") for line in found)


@pytest.fixture(scope="session", autouse=True)
def queries_are_parsed_once() -> Iterator[None]:
    """rdflib parses a constraint's query anew for each focus node, which is nine tenths of pySHACL's time here.

    A prepared query may be used again, so parsing is put off to the (remembered) preparation.
    """
    patch = pytest.MonkeyPatch()
    parse_query, translate_query = (vars(processor)[name] for name in ("parseQuery", "translateQuery"))
    prepared = cache(lambda text: translate_query(parse_query(text)))
    patch.setattr(processor, "parseQuery", lambda text: text)
    patch.setattr(processor, "translateQuery", lambda text, base=None, namespaces=None: prepared(text))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def report_of_example() -> Callable[[str, Path | None], Report]:
    """What an engine reports on the small disclosure together with an example, if one is given."""

    @cache
    def report(engine: str, example: Path | None) -> Report:
        return _ENGINES[engine](_triples_of(example))

    return report


@pytest.fixture(scope="session")
def report_lines(
    report_of_example: Callable[[str, Path | None], Report],
) -> Callable[[str, Path | None], list[str]]:
    """The same report as lines that can be compared."""
    return lambda engine, example: _lines(report_of_example(engine, example))
