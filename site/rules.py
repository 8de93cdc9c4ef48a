"""The SHACL rules of a release, read from its `shapes/` folder: what each looks at, says, and which terms it names."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from mingzhang.errors import ReleaseError
from mingzhang.release import Release
from mingzhang.site.jsonld import script_text
from mingzhang.site.namespaces import LABEL, MZ, SH
from mingzhang.site.words import Words

KINDS = ("accounting", "release", "structure")
"""What adds up in a disclosure, what holds between several, and what the graph must look like: the rules' folders."""
_TERM = re.compile(r"\bmz:([A-Za-z][A-Za-z0-9]*)")
_TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf")


@dataclass(frozen=True)
class Rule:
    """One shape."""

    name: str
    """Its file's name, which findings give as their rule."""
    kind: str
    """One of `KINDS`."""
    zh: str
    """What it finds, or what it is about, in a few words."""
    en: str
    comment: str
    """What its author says of it, in English."""
    messages: tuple[Words, ...]
    """What it says where it is not met, Chinese and English; gaps as `{?name}`."""
    targets: tuple[str, ...]
    """The classes and properties that lead it to what it looks at."""
    terms: frozenset[str]
    """Every term of the vocabulary it names."""
    looked_at: int
    """How many things of this release it looked at."""
    turtle: str
    """The file as it is."""
    triples: tuple[ox.Triple, ...] = ()
    """What the file says, sorted, its blank nodes named by what is said of them (RDFC-1.0)."""
    jsonld: str = ""
    """The same as JSON-LD, safe inside a script element."""


def rule_href(name: str) -> str:
    """The page of a rule."""
    return f"/terms/rule/{name}.html"


def rule_names(release: Release) -> list[str]:
    """The names of a release's rules, which are those of their files."""
    return [file.stem for kind in KINDS for file in sorted((release.path / "shapes" / kind).glob("*.ttl"))]


def read_rules(release: Release) -> tuple[Rule, ...]:
    """Every rule of a release by kind and name; none for a release from before rules were kept.

    Raises ReleaseError where one is no Turtle.
    """
    counts = _counts(release.reports / "shapes.json") | _counts(release.reports / "shapes-between.json")
    return tuple(
        _rule(file, kind, release.manifest.base_uri, counts.get(file.stem, 0))
        for kind in KINDS
        for file in sorted((release.path / "shapes" / kind).glob("*.ttl"))
    )


def _counts(report: Path) -> dict[str, int]:
    if not report.exists():
        return {}
    counts: dict[str, int] = json.loads(report.read_text(encoding="utf-8"))
    return counts


def _rule(file: Path, kind: str, base: str, looked_at: int) -> Rule:
    text = file.read_text(encoding="utf-8")
    try:
        triples = list(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=base))
    except SyntaxError as error:
        raise ReleaseError(f"{file}: cannot be read as Turtle ({error}); build the release again") from error
    named = {
        node.value
        for triple in triples
        for node in (triple.predicate, triple.object)
        if isinstance(node, ox.NamedNode) and node.value.startswith(MZ)
    }
    said = _canonical(triples)
    queries = " ".join(triple.object.value for triple in triples if isinstance(triple.object, ox.Literal))
    return Rule(
        file.stem,
        kind,
        *_labels(triples, file.stem),
        _comment(text),
        _messages(triples),
        tuple(
            sorted(
                triple.object.value
                for triple in triples
                if triple.predicate.value.removeprefix(SH) in _TARGETS
                and isinstance(triple.object, ox.NamedNode)
            )
        ),
        frozenset(named | {MZ + name for name in _TERM.findall(queries)}),
        looked_at,
        text,
        said,
        script_text((ox.serialize(said, format=ox.RdfFormat.JSON_LD) or b"").decode()),
    )


def _canonical(triples: list[ox.Triple]) -> tuple[ox.Triple, ...]:
    """The triples with names for their blank nodes that are the same in every build."""
    dataset = ox.Dataset(
        ox.Quad(triple.subject, triple.predicate, triple.object, ox.DefaultGraph()) for triple in triples
    )
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return tuple(sorted((quad.triple for quad in dataset), key=str))


def _labels(triples: list[ox.Triple], name: str) -> Words:
    """Its labels; its name where it has none."""
    found = {
        triple.object.language: triple.object.value
        for triple in triples
        if triple.predicate.value == LABEL and isinstance(triple.object, ox.Literal)
    }
    return found.get("zh", name), found.get("en", name)


def _messages(triples: list[ox.Triple]) -> tuple[Words, ...]:
    """The messages, those of one constraint together, in the order of the file."""
    by_node: dict[str, dict[str, str]] = {}
    for triple in triples:
        if triple.predicate.value == f"{SH}message" and isinstance(triple.object, ox.Literal):
            by_node.setdefault(str(triple.subject), {})[triple.object.language or ""] = triple.object.value
    return tuple(
        dict.fromkeys((found.get("zh", ""), found["en"]) for found in by_node.values() if found.get("en"))
    )


def _comment(text: str) -> str:
    """The lines of explanation a file begins with."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return " ".join(lines)
