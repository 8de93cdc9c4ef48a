"""What is known of column headings, as Turtle in the ontology room says (`forms/flow-*.ttl`).

A new wording or a new form of columns is a change there, not here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import pyoxigraph as ox

from mingzhang.errors import VocabularyError
from mingzhang.ontology.lexicon import normal_text

_MZ = "https://w3id.org/mingzhang/ontology#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_BASE = "http://base.invalid/"
_FILES = ("flow-columns.ttl", "flow-economic.ttl")

TOTAL_TAG = "role:total"

_ENUMERATION = re.compile(
    r"^(?:其中[:：]|[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]、?|[0-9]+[、.．]|[(（][0-9]+[)）])"
)


@dataclass(frozen=True)
class Heading:
    """A column heading: its wordings (normal text), what an amount below it is part of, what that implies."""

    key: str
    wordings: frozenset[str]
    tags: frozenset[str]
    implies: frozenset[str]
    notation: str = ""
    feeds: str = ""
    """The government-economic code that this department-economic code is counted under in a body of the state."""

    @property
    def is_total(self) -> bool:
        """Whether the column adds up the other columns of its group."""
        return TOTAL_TAG in self.tags


@dataclass(frozen=True)
class ColumnNode:
    """A column of a form, or a group of columns. A wrapper's heading may be absent while its columns are there."""

    heading: Heading
    parts: tuple[ColumnNode, ...] = ()
    wrapper: bool = False


@dataclass(frozen=True)
class ColumnForm:
    """The columns of a form from left to right, each of which may be absent."""

    key: str
    columns: tuple[ColumnNode, ...]


class FlowForms:
    """All that the Turtle says about tables without cells."""

    def __init__(
        self,
        headings: Mapping[str, Heading],
        stubs: frozenset[str],
        forms: tuple[ColumnForm, ...],
        side_endings: Mapping[str, frozenset[str]],
        title_tags: tuple[tuple[str, frozenset[str]], ...],
    ) -> None:
        self.headings = headings
        self.stubs = stubs
        self.forms = forms
        self._side_endings = side_endings
        self._title_tags = title_tags
        self.wordings = frozenset(wording for heading in headings.values() for wording in heading.wordings)
        index: dict[str, list[Heading]] = defaultdict(list)
        for heading in headings.values():
            for wording in heading.wordings:
                index[wording].append(heading)
        self._by_wording = MappingProxyType(index)
        # A department code spent within the class 502 is counted under one code of that class, and so on.
        self.correspondences = tuple(
            (frozenset({f"gov:{heading.feeds[:3]}", f"dept:{heading.notation}"}), f"gov:{heading.feeds}")
            for heading in headings.values()
            if heading.feeds
        )

    def tags_of_title(self, title: str) -> frozenset[str]:
        """What all amounts of a table with that title are part of."""
        text = normal_text(title)
        return frozenset(tag for wording, tags in self._title_tags if wording in text for tag in tags)

    def side_of_label(self, label: str) -> str:
        """收入, 支出, or empty where the label does not tell."""
        text = bare_label(label)
        found = {s for s, endings in self._side_endings.items() if any(text.endswith(e) for e in endings)}
        return found.pop() if len(found) == 1 else ""

    def headings_worded(self, label: str) -> tuple[Heading, ...]:
        """Every heading with that wording, enumeration aside."""
        return tuple(self._by_wording.get(bare_label(label), ()))

    def code_heading(self, scheme: str, code: str) -> Heading | None:
        """The heading of a classification code, as `code_heading("dept", "30231")`."""
        return self.headings.get(f"{scheme}-{code}")


def bare_label(label: str) -> str:
    """A label as it is compared: normal text without enumeration in front and without a closing colon."""
    text = normal_text(label)
    previous = ""
    while previous != text:
        previous, text = text, _ENUMERATION.sub("", text)
    return text.rstrip(":：")


@cache
def load_flow_forms() -> FlowForms:
    """The forms of this installation, read once. Raises VocabularyError where the Turtle is wrong."""
    graph = _read()
    headings = {_short(s): _heading(graph, s) for s in _of_class(graph, "ColumnHeading")}
    stubs = frozenset(w for s in _of_class(graph, "StubHeading") for w in _wordings(graph, s))
    forms = tuple(
        ColumnForm(s.rpartition("/")[2], _nodes(graph, _one(graph, s, _MZ + "columns"), headings))
        for s in _of_class(graph, "ColumnForm")
    )
    sides = {_one(graph, s, _SKOS + "notation"): _wordings(graph, s) for s in _of_class(graph, "SideWording")}
    titles = tuple(
        (wording, frozenset(graph[s][_MZ + "tag"]))
        for s in _of_class(graph, "TitleWording")
        for wording in sorted(_wordings(graph, s))
    )
    return FlowForms(MappingProxyType(headings), stubs, forms, MappingProxyType(sides), titles)


_Graph = dict[str, dict[str, list[str]]]


def _read() -> _Graph:
    """Subject → predicate → objects in the order of the files, all as plain strings."""
    graph: _Graph = defaultdict(lambda: defaultdict(list))
    for name in _FILES:
        try:
            text = (files("mingzhang.ontology") / "forms" / name).read_bytes()
            for triple in ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=_BASE):
                graph[_name(triple.subject)][triple.predicate.value].append(_name(triple.object))
        except (SyntaxError, FileNotFoundError) as error:
            raise VocabularyError(f"ontology/forms/{name}: {error}; correct the Turtle") from error
    return graph


def _name(node: object) -> str:
    if isinstance(node, ox.BlankNode):
        return f"_:{node.value}"
    if isinstance(node, (ox.NamedNode, ox.Literal)):
        return node.value.removeprefix(_BASE)
    raise VocabularyError(f"ontology/forms: unexpected node {node}; use IRIs, blank nodes and literals")


def _of_class(graph: _Graph, name: str) -> list[str]:
    """Subjects of a class, in the order of the files: earlier forms are tried first."""
    return [s for s in list(graph) if _MZ + name in graph[s].get(_RDF + "type", ())]


def _one(graph: _Graph, subject: str, predicate: str) -> str:
    values = graph[subject].get(predicate, [])
    if len(values) != 1:
        raise VocabularyError(
            f"ontology/forms: {subject} has {len(values)} values of {predicate}; it needs one"
        )
    return values[0]


def _wordings(graph: _Graph, subject: str) -> frozenset[str]:
    found = graph[subject].get(_SKOS + "prefLabel", []) + graph[subject].get(_SKOS + "hiddenLabel", [])
    return frozenset(normal_text(wording) for wording in found)


def _short(subject: str) -> str:
    return subject.rpartition("/")[2]


def _heading(graph: _Graph, subject: str) -> Heading:
    properties = graph[subject]
    return Heading(
        key=_short(subject),
        wordings=_wordings(graph, subject),
        tags=frozenset(properties.get(_MZ + "tag", ())),
        implies=frozenset(properties.get(_MZ + "implies", ())),
        notation="".join(properties.get(_SKOS + "notation", ())),
        feeds="".join(_short(o).removeprefix("gov-") for o in properties.get(_MZ + "feeds", ())),
    )


def _nodes(graph: _Graph, list_node: str, headings: Mapping[str, Heading]) -> tuple[ColumnNode, ...]:
    """The members of an RDF list as column nodes."""
    found = []
    while list_node != _RDF + "nil":
        member = _one(graph, list_node, _RDF + "first")
        list_node = _one(graph, list_node, _RDF + "rest")
        if member.startswith("_:"):
            heading = _known(headings, _one(graph, member, _MZ + "heading"))
            parts = _nodes(graph, _one(graph, member, _MZ + "columns"), headings)
            found.append(ColumnNode(heading, parts, "true" in graph[member].get(_MZ + "wrapper", ())))
        else:
            found.append(ColumnNode(_known(headings, member)))
    return tuple(found)


def _known(headings: Mapping[str, Heading], subject: str) -> Heading:
    heading = headings.get(_short(subject))
    if heading is None:
        raise VocabularyError(
            f"ontology/forms: {subject} heads a column but is no mz:ColumnHeading; describe it"
        )
    return heading
