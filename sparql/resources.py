"""What a path of the service stands for: pure functions from a path to what is to be done about it.

/id/…               the thing itself: 303 to the document about it
/doc/….{suffix}     the document: HTML from the release's pages, RDF from the store
/source/{sha256}    a source file: its page, or the file as given
everything else     a file of the release's site
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from mingzhang.sparql import formats
from mingzhang.sparql.formats import HTML, Format
from mingzhang.sparql.negotiate import best_format
from mingzhang.sparql.problems import not_acceptable

DOCUMENT_FORMATS = (HTML, *formats.DOCUMENTS)
"""A client without a wish gets the page."""
SUFFIXES = {f.suffix: f for f in DOCUMENT_FORMATS}
SOURCE = re.compile(r"^([0-9a-f]{64})(?:\.(html|txt|pdf|xlsx|docx|bin))?$")
TEXT = Format("text", "text/plain", "txt", "text/plain; charset=utf-8")
PDF = Format("pdf", "application/pdf", "pdf", "application/pdf")
_OFFICE = "application/vnd.openxmlformats-officedocument."
XLSX = Format("xlsx", f"{_OFFICE}spreadsheetml.sheet", "xlsx", f"{_OFFICE}spreadsheetml.sheet")
DOCX = Format("docx", f"{_OFFICE}wordprocessingml.document", "docx", f"{_OFFICE}wordprocessingml.document")
BYTES = Format("bytes", "application/octet-stream", "bin", "application/octet-stream")
# A web page that somebody else wrote is given as text: its scripts must not run under our name.
SOURCE_FORMATS = (HTML, TEXT, PDF, XLSX, DOCX, BYTES)
HEAD_BYTES = 4096
"""How much of a source file tells what it is."""


@dataclass(frozen=True)
class Named:
    """A path under /id/ or /doc/ taken apart: what it names, and the format its suffix asks for, if any."""

    name: str
    format: Format | None


def named(path: str) -> Named:
    """`code/functional/208.ttl` → name `code/functional/208`, Turtle. Only our own suffixes are suffixes."""
    stem, dot, suffix = path.rpartition(".")
    if dot and stem and suffix in SUFFIXES:
        return Named(stem, SUFFIXES[suffix])
    return Named(path, None)


def document_format(what: Named, accept: str | None) -> Format:
    """The format of the document a thing's URI leads to: its suffix, else Accept. Raises Problem 406."""
    if what.format is not None:
        return what.format
    found = best_format(accept, DOCUMENT_FORMATS)
    if found is None:
        raise not_acceptable([f.media_type for f in DOCUMENT_FORMATS])
    return found[0]


def is_iri(text: str) -> bool:
    """Whether a text can stand between `<` and `>` in a query and mean just itself."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return not re.search(r'[<>"{}|^`\\\x00-\x20]', text)


def description_query(iri: str) -> str:
    """The query for a thing's document: all triples about it, those of its blank nodes included.

    The IRI is a URL's path, so `is_iri` must have said yes.
    """
    return f"DESCRIBE {ox.NamedNode(iri)}"


def graph_query(iri: str) -> str:
    """The query for all of one named graph."""
    return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {ox.NamedNode(iri)} {{ ?s ?p ?o }} }}"


def graph_exists_query(iri: str) -> str:
    """The query for whether a named graph holds anything."""
    return f"ASK {{ GRAPH {ox.NamedNode(iri)} {{ ?s ?p ?o }} }}"


def site_file(root: Path, path: str) -> Path | None:
    """The file of a folder that a URL path names; an `index.html` for a path ending in `/`. None where there is none.

    Never a file outside the folder, however the path is written, and no hidden file.
    """
    parts = path.split("/")
    if any(part.startswith(".") or "\\" in part or "\x00" in part for part in parts):
        return None
    wanted = root.joinpath(*[part for part in parts if part])
    if path == "" or path.endswith("/"):
        wanted = wanted / "index.html"
    resolved = wanted.resolve()
    if not resolved.is_relative_to(root.resolve()) or not resolved.is_file():
        return None
    return resolved


def alternates(document: str, chosen: Format) -> str:
    """A Link header value for a document: itself in the other formats, the thing it is about, and itself."""
    links = [f'</doc/{document}.{chosen.suffix}>; rel="canonical"', f'</id/{document}>; rel="describes"']
    links += [
        f'</doc/{document}.{other.suffix}>; rel="alternate"; type="{other.media_type}"'
        for other in DOCUMENT_FORMATS
        if other is not chosen
    ]
    return ", ".join(links)


def source_request(name: str) -> tuple[str, Format | None] | None:
    """SHA-256 and format of a path under /source/; None where it is no such path."""
    match = SOURCE.match(name)
    if match is None:
        return None
    return match[1], next((f for f in SOURCE_FORMATS if f.suffix == match[2]), None)


def own_format(head: bytes) -> Format:
    """The format of a source file, by its first bytes (ISO 32000-1 §7.5.2 for PDF; APPNOTE.TXT §4.3.7 for zip packages,

    whose first parts name what is in them).
    """
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return XLSX if b"xl/" in head else DOCX if b"word/" in head else BYTES
    return TEXT


def source_format(asked: Format | None, accept: str | None, own: Format) -> Format | None:
    """The page of a source or the file in its own format; None where another was asked for. Raises Problem 406."""
    if asked is not None:
        return asked if asked in (HTML, own) else None
    found = best_format(accept, (HTML, own))
    if found is None:
        raise not_acceptable([HTML.media_type, own.media_type])
    return found[0]
