"""The shapes in this room: which there are, what they target, and their messages by language.

One file, one shape, one rule: the rule's name is the file's name and the shape's IRI is `…/shapes#<rule>`. Files are
read with the publisher's base, since code lists are relative to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from mingzhang.errors import VocabularyError

SHAPES = "https://w3id.org/mingzhang/shapes#"
FOLDERS = ("structure", "accounting")
"""The shapes that look at one disclosure at a time."""
RELEASE_FOLDERS = ("release",)
"""The shapes that look at several disclosures together."""
_MAY_FIND_NOTHING = URIRef(f"{SHAPES}mayFindNothing")
_VARIABLE = re.compile(r"\{[?$](\w+)\}")


@dataclass(frozen=True)
class Template:
    """One `sh:message`. Engines drop its language when they fill it in, so the text is matched back to it."""

    language: str
    pattern: re.Pattern[str]
    variables: tuple[str, ...]

    @staticmethod
    def of(message: Literal) -> Template:
        """The template of a message: its fixed words as a pattern, one group for each `{?variable}`."""
        pieces = _VARIABLE.split(str(message))
        pattern = "".join(
            f"(?P<{piece}>.*?)" if odd and pieces.index(piece) == at else ".*?" if odd else re.escape(piece)
            for at, piece in enumerate(pieces)
            for odd in [at % 2 == 1]
        )
        return Template(
            message.language or "", re.compile(pattern, re.DOTALL), tuple(dict.fromkeys(pieces[1::2]))
        )


@dataclass(frozen=True)
class Rule:
    """One shape. `kind` is `structure`, `accounting` or `release`, `targets` pairs of a kind of target and an IRI."""

    name: str
    kind: str
    targets: tuple[tuple[str, str], ...]
    may_find_nothing: bool
    """True where a disclosure may lawfully hold nothing of the kind, such as indicators."""


@dataclass(frozen=True)
class Catalogue:
    """All shapes, as a graph for the engine and as records for the report."""

    graph: Graph
    rules: Mapping[str, Rule]
    rule_of: Mapping[Node, str]
    """Any shape node, nested property shapes included → the rule it belongs to."""
    templates: Mapping[Node, tuple[Template, ...]]
    """Shape or constraint → its messages."""


@lru_cache(maxsize=8)
def load_catalogue(base_uri: str, folders: tuple[str, ...] = FOLDERS) -> Catalogue:
    """Every shape of these folders. Raises VocabularyError where a file does not hold the shape it is named after."""
    graph = Graph()
    root = files("mingzhang.shapes")
    graph.parse(data=(root / "prefixes.ttl").read_text(encoding="utf-8"), format="turtle", publicID=base_uri)
    rules: dict[str, Rule] = {}
    for folder in folders:
        for entry in _turtle_files(root / folder):
            graph.parse(data=entry.read_text(encoding="utf-8"), format="turtle", publicID=base_uri)
            name = entry.name.removesuffix(".ttl")
            if name in rules:
                raise VocabularyError(
                    f"shapes/{folder}/{entry.name}: the rule {name!r} exists twice; rename one"
                )
            rules[name] = _rule(graph, name, folder)
    rule_of = {node: name for name in rules for node in _nodes_of(graph, URIRef(f"{SHAPES}{name}"))}
    templates = {
        node: tuple(
            Template.of(message)
            for message in graph.objects(node, SH.message)
            if isinstance(message, Literal)
        )
        for node in set(graph.subjects(SH.message))
    }
    return Catalogue(graph, MappingProxyType(rules), MappingProxyType(rule_of), MappingProxyType(templates))


def _turtle_files(folder: Traversable) -> list[Traversable]:
    return sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".ttl")), key=lambda entry: entry.name
    )


def _rule(graph: Graph, name: str, kind: str) -> Rule:
    shape = URIRef(f"{SHAPES}{name}")
    if (shape, RDF.type, SH.NodeShape) not in graph:
        raise VocabularyError(
            f"shapes/{kind}/{name}.ttl: holds no shape mzs:{name}; name the shape as the file"
        )
    kinds = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
    targets = tuple(
        sorted(
            (str(kind_of).removeprefix(str(SH)), str(target))
            for kind_of in kinds
            for target in graph.objects(shape, kind_of)
        )
    )
    if not targets:
        raise VocabularyError(f"shapes/{kind}/{name}.ttl: the shape has no target and would check nothing")
    return Rule(name, kind, targets, (shape, _MAY_FIND_NOTHING, None) in graph)


def _nodes_of(graph: Graph, shape: URIRef) -> Iterator[Node]:
    """The shape and the blank nodes below it: property shapes, constraints, members of sh:or lists."""
    pending: list[Node] = [shape]
    seen: set[Node] = set()
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        yield node
        pending += [below for below in graph.objects(node) if isinstance(below, BNode)]
