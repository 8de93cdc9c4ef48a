"""The graphs of a release in memory are what their files say, and a damaged file is named."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from mingzhang.errors import ReleaseError
from mingzhang.release import open_release
from mingzhang.site.graph import ReleaseGraph, read_graph
from mingzhang.site.namespaces import MZ
from mingzhang.site.terms import Pairs, Term, unescaped

from .conftest import Example

STRING = "http://www.w3.org/2001/XMLSchema#string"


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("<http://a/b#c>", Term("http://a/b#c", "iri")),
        ("_:b0", Term("_:b0", "blank")),
        ('"医疗"@zh-hans', Term("医疗", "literal", "", "zh-hans")),
        ('"1.10"^^<http://x#decimal>', Term("1.10", "literal", "http://x#decimal")),
        ('"plain"', Term("plain", "literal", STRING)),
        ('""', Term("", "literal", STRING)),
        (r'"a \"b\"\n\tc\\d \u0041\U0001F600"', Term('a "b"\n\tc\\d A😀', "literal", STRING)),
        (r"<http://a/\u00E9>", Term("http://a/é", "iri")),
    ],
)
def test_a_term_is_what_it_stands_for(written: str, term: Term) -> None:
    assert Pairs().read(f"<http://p> {written}".encode()) == ("http://p", (term,))


@pytest.mark.parametrize(
    "pair", ["<http://p>", "<http://p> ", '<http://p> "open', "<http://p> <a b>", 'p "x"', '<http://p> "x"@', '<http://p> "x" "y"']
)  # fmt: skip
def test_what_is_no_pair_is_refused(pair: str) -> None:
    with pytest.raises(ValueError, match="no predicate with an object"):
        Pairs().read(pair.encode())


def test_an_unknown_escape_is_refused() -> None:
    with pytest.raises(ValueError, match="no escape"):
        unescaped(r"\q")


def test_a_release_is_read_as_a_parser_reads_it(example: Example) -> None:
    graph = read_graph(example.release)
    read = {
        (subject, predicate, term.value, term.datatype, term.language)
        for subject, statements in graph.about.items()
        for predicate, terms in statements.items()
        for term in terms
        if term.kind != "blank" and not subject.startswith("_:")
    }
    parsed = set()
    for name, file in example.release.manifest.graphs.items():
        if name == example.release.leaves_graph:
            continue
        for quad in ox.parse(path=str(example.release.graphs / file), format=ox.RdfFormat.N_QUADS):
            value = quad.object
            if isinstance(quad.subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
                continue
            assert isinstance(quad.subject, ox.NamedNode)
            assert isinstance(value, ox.NamedNode | ox.Literal)
            language = (value.language or "") if isinstance(value, ox.Literal) else ""
            datatype = value.datatype.value if isinstance(value, ox.Literal) and not language else ""
            parsed.add((quad.subject.value, quad.predicate.value, value.value, datatype, language))
    assert read == parsed


@pytest.mark.parametrize(
    "line",
    ['<http://a> <http://p> "open <G> .\n', '<http://a> <http://p> "x" <G>', 'a <http://p> "x" <G> .\n'],
)
def test_a_damaged_graph_file_is_named(example: Example, tmp_path: Path, line: str) -> None:
    folder = tmp_path / example.release.path.name
    shutil.copytree(example.release.path, folder, ignore=shutil.ignore_patterns("site", "dumps"))
    release = open_release(folder)
    name, file = sorted(release.manifest.graphs.items())[0]
    with (release.graphs / file).open("a", encoding="utf-8") as handle:
        handle.write(line.replace("G>", f"{name}>"))
    with pytest.raises(ReleaseError, match=file):
        read_graph(release)


def test_what_several_graphs_say_is_held_once() -> None:
    graph = ReleaseGraph("https://data.example/")
    one, two = Term("https://data.example/id/one", "iri"), Term("https://data.example/id/two", "iri")
    graph.say("s", (("p", (one,)), ("p", (two,)), ("q", (one,))))
    graph.say("s", (("p", (two,)), ("r", (two,))))
    assert graph.about == {"s": {"p": (one, two), "q": (one,), "r": (two,)}}
    assert graph.incoming == {one.value: {"p": ["s"], "q": ["s"]}, two.value: {"p": ["s"], "r": ["s"]}}


def test_what_files_repeat_is_one_object_in_memory(example: Example) -> None:
    graph = read_graph(example.release)
    years = {
        id(statements[MZ + "fiscalYear"])
        for statements in graph.about.values()
        if MZ + "fiscalYear" in statements
    }
    facts = graph.instances("Fact")
    assert len(facts) > len(years)
    assert gc.isenabled()
