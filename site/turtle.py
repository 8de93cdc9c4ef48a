"""Readable Turtle as a stream: sorted triples in, text out, a few thousand lines in memory at a time.

N-Triples literals and IRIs are Turtle as they stand (their escapes are a part of Turtle's), so a term is only
shortened: to a prefixed name, an IRI relative to `@base`, or a bare number.

What follows a subject repeats: of a hundred pairs of predicate and object, eighty have been written before. Each pair is
therefore made once and kept, and the loop over the lines does little more than look it up: five times as fast as taking
each triple apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mingzhang.site.namespaces import PREFIXES, TYPE, XSD, split_name
from mingzhang.site.quads import Block, whole_subjects

# A subset of PN_LOCAL (Turtle §6.5) that needs no escapes.
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_-])?\Z")
# What resolves against @base to exactly itself (RFC 3986 §5.2): no scheme, no empty or dot segments. It does not begin
# with `=`: rdflib reads `<=` as Notation3's implication.
_RELATIVE = re.compile(rb"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+(?:#[A-Za-z0-9_=-]*)?>\Z")
# Turtle §2.5.2: the shorthand forms, with lexical forms kept to the character.
_BARE = {
    f"<{XSD}integer>".encode(): re.compile(rb"[+-]?[0-9]+\Z"),
    f"<{XSD}decimal>".encode(): re.compile(rb"[+-]?[0-9]*\.[0-9]+\Z"),
    f"<{XSD}boolean>".encode(): re.compile(rb"(?:true|false)\Z"),
}
_PAIRS_KEPT = 16_000
"""Pairs kept at a time, about 8 MB; then they are forgotten and begin anew."""
_NAMES_KEPT = 4_000
"""Shortened names of other namespaces: predicates, classes and datatypes, of which there are some hundred."""
_TYPE = f"<{TYPE}>".encode()
_A = b"a"
_BETWEEN = b" ;\n    "


_Pair = tuple[bytes, bytes, bytes]
"""What follows a subject, written out: the predicate; predicate and object with what divides them from the pair before;
the object alone, where the predicate is that of the pair before."""


class TurtleWriter:
    """Writes blocks of sorted triples as Turtle for one `@base`."""

    def __init__(self, base: str) -> None:
        self._base = b"<" + base.encode()
        self._pairs: dict[bytes, _Pair] = {}
        self._names: dict[bytes, bytes] = {}
        self._places: dict[bytes, bytes] = {}
        """What our IRIs begin with, up to the last `/`, and how that is written."""

    def text(self, lines: Iterable[bytes]) -> bytes:
        """The Turtle of sorted `subject predicate object` lines, each subject after an empty line.

        A subject comes once, its types first, then its predicates in the order they came, which is sorted.
        """
        out: list[bytes] = []
        append, known = out.append, self._pairs.get
        subject, head, last = b"\n", -1, b""
        types: list[bytes] = []
        for line in lines:
            if not line.startswith(subject):
                if head >= 0:
                    _close(out, head, types)
                subject = line[: line.index(b" ") + 1]
                cut, head, last, types = len(subject), len(out), b"", []
                append(b"\n" + self.term(subject[:-1]))
            rest = line[cut:]
            predicate, first, again = known(rest) or self._made(rest)
            if predicate == last:
                append(again)
            elif predicate == _A:
                types.append(again)
            else:
                append(first)
                last = predicate
        if head >= 0:
            _close(out, head, types)
        return b"".join(out)

    def _made(self, rest: bytes) -> _Pair:
        """The pair of a predicate and an object in N-Triples."""
        if len(self._pairs) >= _PAIRS_KEPT:
            self._pairs.clear()
        predicate, _, value = rest.partition(b" ")
        shown = self.term(value)
        if predicate == _TYPE:
            pair = (_A, b"", shown)
        else:
            name = self._names.get(predicate) or self._name(predicate)
            pair = (name, b" ;\n    %b %b" % (name, shown), b", " + shown)
        self._pairs[rest] = pair
        return pair

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
        if not _RELATIVE.match(text, cut):
            return self._name(text)
        if len(place) >= cut and len(self._places) < _NAMES_KEPT:
            self._places[place] = b"<" + place[cut:] + b"/"
        return b"<" + text[cut:]

    def _name(self, text: bytes) -> bytes:
        """An IRI as a prefixed name where there is one, else as it is."""
        name = self._names.get(text)
        if name is None:
            prefix, local = split_name(text[1:-1].decode())
            name = f"{prefix}:{local}".encode() if prefix and _LOCAL.match(local) else text
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


def _close(out: list[bytes], head: int, types: Sequence[bytes]) -> None:
    """Ends a subject whose name stands at `head`: puts its types there, which may have come later than other pairs."""
    if types:
        out[head] += b" a " + b", ".join(types)
    else:
        out[head + 1] = b" " + out[head + 1][len(_BETWEEN) :]
    out.append(b" .\n")


def header(base: str) -> bytes:
    """`@base` and every prefix."""
    lines = [f"@base <{base}> ."]
    lines += [f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in sorted(PREFIXES.items())]
    return ("\n".join(lines) + "\n").encode()


def turtle_pieces(blocks: Iterable[Block], base: str) -> Iterator[bytes]:
    """A Turtle document in pieces from blocks of sorted triples: the header, then some subjects at a time."""
    yield header(base)
    writer = TurtleWriter(base)
    for lines in whole_subjects(blocks):
        yield writer.text(lines)


def turtle(triples: Iterable[str], base: str) -> Iterator[str]:
    """The same from sorted `subject predicate object` lines of text, held in memory together."""
    lines = [triple.encode() for triple in triples]
    return (piece.decode() for piece in turtle_pieces([lines] if lines else [], base))
