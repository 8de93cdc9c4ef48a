"""Readable Turtle as a stream: sorted triples in, text out, one subject in memory at a time.

N-Triples literals and IRIs are Turtle as they stand (their escapes are a part of Turtle's), so a term is only
shortened: to a prefixed name, an IRI relative to `@base`, or a bare number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mingzhang.site.namespaces import PREFIXES, TYPE, XSD, split_name
from mingzhang.site.quads import by_subject

# A subset of PN_LOCAL (Turtle §6.5) that needs no escapes.
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_-])?\Z")
# What resolves against @base to exactly itself (RFC 3986 §5.2): no scheme, no empty or dot segments. It does not begin
# with `=`: rdflib reads `<=` as Notation3's implication.
_RELATIVE = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+(?:#[A-Za-z0-9_=-]*)?\Z")
# Turtle §2.5.2: the shorthand forms, with lexical forms kept to the character.
_BARE = {
    f"<{XSD}integer>": re.compile(r"[+-]?[0-9]+\Z"),
    f"<{XSD}decimal>": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
    f"<{XSD}boolean>": re.compile(r"(?:true|false)\Z"),
}
_CACHE_LIMIT = 50_000
"""Shortened IRIs kept: about 10 MB, and the vocabulary and code lists stay in it."""
_TYPE = f"<{TYPE}>"


class Shortener:
    """Turns N-Triples terms into Turtle terms for one `@base`."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._names: dict[str, str] = {}

    def term(self, text: str) -> str:
        """The Turtle for a term in N-Triples."""
        if text[0] == "<":
            name = self._names.get(text)
            if name is None:
                name = self._name(text)
                if len(self._names) < _CACHE_LIMIT:
                    self._names[text] = name
            return name
        return self._literal(text) if text[-1] == ">" else text

    def _name(self, text: str) -> str:
        iri = text[1:-1]
        prefix, local = split_name(iri)
        if prefix and _LOCAL.match(local):
            return f"{prefix}:{local}"
        if iri.startswith(self._base) and _RELATIVE.match(iri, len(self._base)):
            return f"<{iri[len(self._base) :]}>"
        return text

    def _literal(self, text: str) -> str:
        cut = text.rfind('"^^<')
        if cut < 0:
            return text
        value, datatype = text[1:cut], text[cut + 3 :]
        bare = _BARE.get(datatype)
        if bare is not None and bare.match(value):
            return value
        return f"{text[: cut + 1]}^^{self.term(datatype)}"


def header(base: str) -> str:
    """`@base` and every prefix."""
    lines = [f"@base <{base}> ."]
    lines += [f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in sorted(PREFIXES.items())]
    return "\n".join(lines) + "\n"


def turtle(triples: Iterable[str], base: str) -> Iterator[str]:
    """Pieces of a Turtle document from sorted `subject predicate object` lines: the header, then one a subject."""
    yield header(base)
    shortener = Shortener(base)
    for subject, pairs in by_subject(triples):
        yield f"\n{block(shortener, subject, pairs)}\n"


def block(shortener: Shortener, subject: str, pairs: list[tuple[str, str]]) -> str:
    """One subject: its types first, then its predicates in the order they came, which is sorted."""
    term = shortener.term
    types: list[str] = []
    lines: list[str] = []
    last = ""
    for predicate, value in pairs:
        if predicate == _TYPE:
            types.append(term(value))
        elif predicate == last:
            lines[-1] += f", {term(value)}"
        else:
            lines.append(f"{term(predicate)} {term(value)}")
            last = predicate
    if types:
        lines.insert(0, f"a {', '.join(types)}")
    return f"{term(subject)} " + " ;\n    ".join(lines) + " ."
