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
_IRI = r'<((?:[^\x00-\x20<>"{}|^`\\]|\\[uU])*)>'
_PAIR = re.compile(
    rf'{_IRI} (?:{_IRI}|(_:\S+)|"((?:[^"\\\n\r]|\\.)*)"(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^{_IRI})?)'
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


class Pairs:
    """What is said of subjects, as `predicate object` in N-Quads."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[str, Term]] = {}

    def read(self, pair: bytes) -> tuple[str, Term]:
        """The predicate and the object. Raises ValueError for what is no N-Quads."""
        known = self._known.get(pair)
        if known is None:
            known = self._known[pair] = _taken_apart(pair.decode())
        return known


def _taken_apart(pair: str) -> tuple[str, Term]:
    found = _PAIR.fullmatch(pair)
    if found is None:
        raise ValueError(f"{pair!r} is no predicate with an object")
    predicate, iri, blank, text, language, datatype = found.groups()
    if iri is not None:
        term = Term(unescaped(iri), "iri")
    elif blank is not None:
        term = Term(blank, "blank")
    elif language:
        term = Term(unescaped(text), "literal", "", language)
    else:
        term = Term(unescaped(text), "literal", unescaped(datatype or _XSD_STRING))
    return unescaped(predicate), term


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
