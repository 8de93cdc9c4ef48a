"""N-Quads, written straight from values: terms, and the one writer that collects a graph's lines.

https://www.w3.org/TR/n-quads/ §2.2-2.4. Lines come out sorted and once each, so the bytes depend on the content alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from mingzhang.ingest.amounts import plain
from mingzhang.ontology.namespaces import PREFIXES, RDF, XSD

_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b"}
)


def iri(value: str) -> str:
    """An IRI as a term."""
    return f"<{value}>"


def term(curie: str) -> str:
    """A prefixed name of `ontology/namespaces.py` as a term: `mz:amount`."""
    prefix, _, name = curie.partition(":")
    return f"<{PREFIXES[prefix]}{name}>"


def text(value: str, language: str = "") -> str:
    """A string literal, with its language where it is words."""
    quoted = f'"{value.translate(_ESCAPES)}"'
    return f"{quoted}@{language}" if language else quoted


def typed(value: str, datatype: str) -> str:
    """A literal of an XSD datatype: `typed("2023", "gYear")`."""
    return f'"{value}"^^<{XSD}{datatype}>'


def decimal(value: Decimal) -> str:
    """An exact `xsd:decimal`, without exponent or trailing zeros."""
    return typed(f"{plain(value):f}", "decimal")


def integer(value: int) -> str:
    """An `xsd:integer`."""
    return typed(str(value), "integer")


def boolean(value: bool) -> str:
    """An `xsd:boolean`."""
    return typed("true" if value else "false", "boolean")


@dataclass
class GraphWriter:
    """Collects the triples of one named graph."""

    graph: str
    _lines: set[str] = field(default_factory=set)

    def add(self, subject: str, predicate: str, value: str) -> None:
        """One triple: subject IRI, predicate as a prefixed name, value as a term."""
        self._lines.add(f"<{subject}> {term(predicate)} {value} <{self.graph}> .")

    def add_type(self, subject: str, *classes: str) -> None:
        """The classes of a subject, as prefixed names."""
        for name in classes:
            self._lines.add(f"<{subject}> <{RDF}type> {term(name)} <{self.graph}> .")

    def add_all(self, subject: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Several predicates and values of one subject; empty values are left out."""
        for predicate, value in pairs:
            if value:
                self.add(subject, predicate, value)

    def lines(self) -> list[str]:
        """The N-Quads lines, sorted, without line ends."""
        return sorted(self._lines)
