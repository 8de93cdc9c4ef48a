"""JSON-LD 1.1 as a stream: one document of any size, `@context` first, then the nodes of `@graph` one a line.

Values are written in full (`@value`, `@type`), since JSON's own numbers would turn 15708300.0 into a double; every
literal keeps its lexical form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from mingzhang.site.namespaces import PREFIXES, XSD, split_name
from mingzhang.site.quads import Subject
from mingzhang.site.subjects import TYPE_TERM, SubjectWriter
from mingzhang.site.turtle import LOCAL, RELATIVE

_STRING = f"<{XSD}string>".encode()
# N-Triples §2.4 has \', \U and, in a literal, control characters as they are: JSON (RFC 8259 §7) has none of them.
_FOREIGN = re.compile(rb"\\['U]|[\x00-\x1f]")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


class JsonLdWriter(SubjectWriter):
    """Writes each subject as a node object in a line of its own, after a comma."""

    also = b","

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = b"<" + base.encode()

    def opened(self, name: bytes) -> bytes:
        return b',\n{"@id":' + self._id(name)

    def pair(self, predicate: bytes, value: bytes) -> tuple[bytes, bytes]:
        if predicate == TYPE_TERM:
            return b"", _name(value) if value.startswith(b"<") else self._id(value)
        return b"]," + _name(predicate) + b":[", self._value(value)

    def close(self, out: list[bytes], types: list[bytes]) -> None:
        if len(out) > 1:
            out[1] = out[1][1:]
            out.append(b"]}")
        else:
            out.append(b"}")
        if types:
            out[0] += b',"@type":[' + b",".join(types) + b"]"

    def _id(self, term: bytes) -> bytes:
        """An IRI, relative to the base where that reads back as itself, or a blank node."""
        if not term.startswith(b"<"):
            return _json(term.decode())
        if term.startswith(self._base) and RELATIVE.match(term, len(self._base)):
            return b'"' + term[len(self._base) : -1] + b'"'
        return _json(_unescaped(term[1:-1].decode()))

    def _value(self, term: bytes) -> bytes:
        if not term.startswith(b'"'):
            return b'{"@id":' + self._id(term) + b"}"
        end = term.rindex(b'"')
        text, after = term[: end + 1], term[end + 1 :]
        if _FOREIGN.search(text):
            text = _json(_unescaped(text[1:-1].decode()))
        if after.startswith(b"@"):
            return b'{"@value":' + text + b',"@language":"' + after[1:] + b'"}'
        if after and after[2:] != _STRING:
            return b'{"@value":' + text + b',"@type":' + _name(after[2:]) + b"}"
        return text


def _name(term: bytes) -> bytes:
    """A property, class or datatype as JSON-LD writes it: compact where there is a prefix."""
    iri = _unescaped(term[1:-1].decode())
    prefix, local = split_name(iri)
    return _json(f"{prefix}:{local}" if prefix and LOCAL.match(local) else iri)


def _json(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode()


def _unescaped(text: str) -> str:
    """The characters of an N-Triples literal or IRI."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _PLAIN_ESCAPES[match[3]]


def jsonld_pieces(subjects: Iterable[Subject], base: str) -> Iterator[bytes]:
    """A JSON-LD document in pieces: the context, then each subject."""
    context: dict[str, str] = {"@base": base} | dict(sorted(PREFIXES.items()))
    yield b'{"@context":' + json.dumps(context).encode() + b',\n"@graph":[\n'
    writer = JsonLdWriter(base)
    start = len(b",\n")
    for subject in subjects:
        # No comma stands before the first node.
        yield writer.text(subject)[start:]
        start = 0
    yield b"\n]}\n"
