"""An entity's statements as JSON-LD 1.1, for the page about it and equal to its Turtle."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.namespaces import PREFIXES, TYPE, XSD, split_name
from mingzhang.site.terms import Term

_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
# JSON's own types would turn 15708300.0 into a double; every literal keeps its lexical form.
_PLAIN = XSD + "string"


def entity_jsonld(graph: ReleaseGraph, subject: str) -> str:
    """Every triple with this subject, and with the blank nodes it leads to, as JSON for a `<script>` element."""
    members, used = [f'"@id":{script_json(subject)}'], set[str]()
    for predicate, values in graph.about.get(subject, {}).items():
        if any(value.kind == "blank" for value in values):
            return _nested(graph, subject)
        member, prefixes = _member(predicate, values)
        members.append(member)
        used |= prefixes
    return f'{{"@context":{_context(frozenset(used))},{",".join(members)}}}'


@lru_cache(maxsize=8_192)
def _member(predicate: str, values: tuple[Term, ...]) -> tuple[str, frozenset[str]]:
    """A predicate with its values as a member of a node object, and the prefixes used in it.

    Of twenty things said of an entity fifteen are said of others too.
    """
    used: set[str] = set()
    if predicate == TYPE:
        name, shown = "@type", [_name(value.value, used) for value in values]
    else:
        name, shown = _name(predicate, used), [_simple(value, used) for value in values]
    return script_json({name: shown})[1:-1], frozenset(used)


def _nested(graph: ReleaseGraph, subject: str) -> str:
    """The same for an entity with blank nodes, which may lead to one another."""
    used: set[str] = set()
    node = script_json(_node(graph, subject, used, {subject}))
    return f'{{"@context":{_context(frozenset(used))},{node.removeprefix("{")}'


@lru_cache
def _context(used: frozenset[str]) -> str:
    """The prefixes and their namespaces. Entities of a kind use the same ones."""
    return script_json({prefix: PREFIXES[prefix] for prefix in sorted(used)})


def _node(graph: ReleaseGraph, subject: str, used: set[str], told: set[str]) -> dict[str, Any]:
    """A node object. Blank nodes are nested where they are first met (`told` are those that were)."""
    node: dict[str, Any] = {"@id": subject}
    for predicate, values in graph.about.get(subject, {}).items():
        if predicate == TYPE:
            node["@type"] = [_name(value.value, used) for value in values]
        else:
            node[_name(predicate, used)] = [_value(graph, value, used, told) for value in values]
    return node


def script_json(value: Any) -> str:
    """JSON without the characters that could end a `<script>` (HTML §4.12.1.3)."""
    return script_text(_JSON(value))


def script_text(json_text: str) -> str:
    """JSON that is text already, without those characters."""
    return json_text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _name(iri: str, used: set[str]) -> str:
    prefix, name = _compact(iri)
    if prefix:
        used.add(prefix)
    return name


@lru_cache(maxsize=4096)
def _compact(iri: str) -> tuple[str, str]:
    """The prefix and the compact IRI; "" and the IRI itself where it has none."""
    prefix, local = split_name(iri)
    # JSON-LD 1.1 §5.2.2: a compact IRI whose suffix starts with // would be taken for an absolute one.
    if not prefix or not local or local.startswith("/"):
        return "", iri
    return prefix, f"{prefix}:{local}"


def _value(graph: ReleaseGraph, term: Term, used: set[str], told: set[str]) -> Any:
    if term.kind == "blank" and term.value not in told:
        told.add(term.value)
        return _node(graph, term.value, used, told)
    return _simple(term, used)


def _simple(term: Term, used: set[str]) -> Any:
    """A value that is not nested."""
    if term.kind != "literal":
        return {"@id": term.value}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    if term.datatype == _PLAIN:
        return term.value
    return {"@value": term.value, "@type": _name(term.datatype, used)}
