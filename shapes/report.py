"""What the shapes say about a disclosure, as records. Light to import: what was kept is read without the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, order=True)
class Violation:
    """Something in the graph that the vocabulary does not allow."""

    rule: str
    focus: str
    path: str
    """IRI of the property, or empty where the node as a whole is wrong."""
    value: str
    message: str


@dataclass(frozen=True, order=True)
class Finding:
    """A published inconsistency. Numbers are in the printed unit; None where the rule has no such number."""

    rule: str
    severity: str
    """`Warning` or `Info`."""
    focus: str
    figures: tuple[str, ...]
    """IRIs of the figures involved, sorted."""
    expected: Decimal | None
    printed: Decimal | None
    difference: Decimal | None
    message_zh: str
    message_en: str
    line: int | None
    """Of the source file, from 1; None where no single line is at fault."""


@dataclass(frozen=True)
class Report:
    """What the shapes say about one disclosure."""

    violations: tuple[Violation, ...]
    findings: tuple[Finding, ...]
    focus_counts: Mapping[str, int]
    """Rule → how many focus nodes it found."""
    triples: int
    """Of the disclosure's own graph."""
