"""Predicates and objects of N-Quads as Python values, each pair taken apart once however often it stands in the files."""

from __future__ import annotations

import re
from typing import NamedTuple


class Term(NamedTuple):
    """An object of a triple. `kind` is `iri`, `literal` or `blank`; IRIs and blank nodes have no datatype."""

    value: str
    kind: str
    datatype: str = ""
    language: str = ""


_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
# Characters first, escapes after them: an alternative for each character would take five times as long.
_IRI_CHARACTERS = r'[^\x00-\x20<>"{}|^`\\]*'
_IRI = rf"<({_IRI_CHARACTERS}(?:\\[uU]{_IRI_CHARACTERS})*)>"
_TEXT = r'"([^"\\\n\r]*(?:\\.[^"\\\n\r]*)*)"'
_PREDICATE = re.compile(_IRI)
_OBJECT = re.compile(rf"{_IRI}|(_:\S+)|{_TEXT}(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^{_IRI})?")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


Said = tuple[str, tuple[Term, ...]]
"""A predicate and its objects."""


class Pairs:
    """What is said of subjects, as `predicate object` in N-Quads.

    What one file says over and over is one object in memory, and so is what the next file says again. What only the
    file before the last said is forgotten: nothing here grows with the number of files.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Said] = {}
        self._before: dict[bytes, Said] = {}
        self._predicates: dict[bytes, str] = {}
        self._objects: dict[bytes, tuple[Term]] = {}
        self._iris: dict[str, str] = {}

    def next_file(self) -> None:
        """Says that another file begins."""
        self._before, self._known = self._known, {}
        self._objects, self._iris = {}, {}

    def read(self, pair: bytes) -> Said:
        """The predicate and the object, as the only one so far. Raises ValueError for what is no N-Quads."""
        known = self._known.get(pair)
        if known is None:
            known = self._known[pair] = self._before.get(pair) or self._taken_apart(pair)
        return known

    def iri(self, text: str) -> str:
        """The same characters as one object, however often the file has them."""
        return self._iris.setdefault(text, text)

    def _taken_apart(self, pair: bytes) -> Said:
        name, _, value = pair.partition(b" ")
        predicate = self._predicates.get(name)
        if predicate is None:
            predicate = self._predicates[name] = unescaped(_matched(_PREDICATE, name, pair)[1])
        objects = self._objects.get(value)
        if objects is None:
            objects = self._objects[value] = (self._term(_matched(_OBJECT, value, pair)),)
        return predicate, objects

    def _term(self, found: re.Match[str]) -> Term:
        iri, blank, text, language, datatype = found.groups()
        if iri is not None:
            return Term(self.iri(unescaped(iri)), "iri")
        if blank is not None:
            return Term(blank, "blank")
        if language:
            return Term(unescaped(text), "literal", "", self.iri(language))
        return Term(unescaped(text), "literal", self.iri(unescaped(datatype or _XSD_STRING)))


def _matched(pattern: re.Pattern[str], text: bytes, pair: bytes) -> re.Match[str]:
    found = pattern.fullmatch(text.decode())
    if found is None:
        raise ValueError(f"{pair.decode()!r} is no predicate with an object")
    return found


def unescaped(text: str) -> str:
    """The characters that a text of N-Quads stands for. Raises ValueError for an escape that it does not know."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    if code:
        return chr(int(code, 16))
    if escape[3] not in _PLAIN:
        raise ValueError(f"{escape[0]!r} is no escape")
    return _PLAIN[escape[3]]


_ESCAPES = str.maketrans({character: f"\\{letter}" for letter, character in _PLAIN.items() if letter != "'"})


def ntriples(term: Term) -> str:
    """A term as N-Triples has it."""
    if term.kind == "iri":
        return f"<{term.value}>"
    if term.kind == "blank":
        return term.value
    text = f'"{term.value.translate(_ESCAPES)}"'
    if term.language:
        return f"{text}@{term.language}"
    return text if term.datatype == _XSD_STRING else f"{text}^^<{term.datatype}>"
