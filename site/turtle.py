"""Readable Turtle as a stream: subjects in, text out, some hundred lines in memory at a time.

N-Triples literals and IRIs are Turtle as they stand (their escapes are a part of Turtle's), so a term is only
shortened: to a prefixed name, an IRI relative to `@base`, or a bare number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mingzhang.site.namespaces import PREFIXES, XSD, split_name
from mingzhang.site.quads import Subject, grouped
from mingzhang.site.subjects import SubjectWriter

# A subset of PN_LOCAL (Turtle §6.5) that needs no escapes.
LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_-])?\Z")
# What resolves against @base to exactly itself (RFC 3986 §5.2): no scheme, no empty or dot segments. It does not begin
# with `=`: rdflib reads `<=` as Notation3's implication.
RELATIVE = re.compile(rb"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+(?:#[A-Za-z0-9_=-]*)?>\Z")
# Turtle §2.5.2: the shorthand forms, with lexical forms kept to the character.
_BARE = {
    f"<{XSD}integer>".encode(): re.compile(rb"[+-]?[0-9]+\Z"),
    f"<{XSD}decimal>".encode(): re.compile(rb"[+-]?[0-9]*\.[0-9]+\Z"),
    f"<{XSD}boolean>".encode(): re.compile(rb"(?:true|false)\Z"),
}
_NAMES_KEPT = 4_000
"""Shortened names of other namespaces: predicates, classes and datatypes, of which there are some hundred."""
_BETWEEN = b" ;\n    "


class TurtleWriter(SubjectWriter):
    """Writes each subject after an empty line: its types first, then its predicates in the order they came."""

    also = b", "

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = b"<" + base.encode()
        self._leads: dict[bytes, bytes] = {}
        """Predicates as they are written, with what stands before and after."""
        self._names: dict[bytes, bytes] = {}
        self._places: dict[bytes, bytes] = {}
        """What our IRIs begin with, up to the last `/`, and how that is written."""

    def opened(self, name: bytes) -> bytes:
        return b"\n" + self.term(name)

    def pair(self, predicate: bytes, value: bytes) -> tuple[bytes, bytes]:
        lead = self._leads.get(predicate)
        if lead is None:
            lead = self._leads[predicate] = _BETWEEN + self._name(predicate) + b" "
        return lead, self.term(value)

    def close(self, out: list[bytes], types: list[bytes]) -> None:
        if types:
            out[0] += b" a " + b", ".join(types)
        else:
            out[1] = b" " + out[1][len(_BETWEEN) :]
        out.append(b" .\n")

    def term(self, text: bytes) -> bytes:
        """The Turtle for a term in N-Triples."""
        if text.startswith(self._base):
            return self._own(text)
        if text.startswith(b"<"):
            return self._names.get(text) or self._name(text)
        return self._literal(text) if text.endswith(b">") else text

    def _own(self, text: bytes) -> bytes:
        """An IRI of ours, relative to the base where that reads back as itself."""
        place, _, end = text.rpartition(b"/")
        short = self._places.get(place)
        if short is not None and end[:-1].isalnum():
            return short + end
        cut = len(self._base)
        if not RELATIVE.match(text, cut):
            return self._name(text)
        if len(place) >= cut and len(self._places) < _NAMES_KEPT:
            self._places[place] = b"<" + place[cut:] + b"/"
        return b"<" + text[cut:]

    def _name(self, text: bytes) -> bytes:
        """An IRI as a prefixed name where there is one, else as it is."""
        name = self._names.get(text)
        if name is None:
            prefix, local = split_name(text[1:-1].decode())
            name = f"{prefix}:{local}".encode() if prefix and LOCAL.match(local) else text
            if len(self._names) < _NAMES_KEPT:
                self._names[text] = name
        return name

    def _literal(self, text: bytes) -> bytes:
        cut = text.rfind(b'"^^<')
        if cut < 0:
            return text
        value, datatype = text[1:cut], text[cut + 3 :]
        bare = _BARE.get(datatype)
        if bare is not None and bare.match(value):
            return value
        return text[: cut + 1] + b"^^" + self.term(datatype)


def header(base: str) -> bytes:
    """`@base` and every prefix."""
    lines = [f"@base <{base}> ."]
    lines += [f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in sorted(PREFIXES.items())]
    return ("\n".join(lines) + "\n").encode()


def turtle_pieces(subjects: Iterable[Subject], base: str) -> Iterator[bytes]:
    """A Turtle document in pieces: the header, then each subject."""
    yield header(base)
    yield from map(TurtleWriter(base).text, subjects)


def turtle(triples: Iterable[str], base: str) -> Iterator[str]:
    """The same from sorted `subject predicate object` lines of text."""
    return (piece.decode() for piece in turtle_pieces(grouped(line.encode() for line in triples), base))
