"""The receipt on an answer: which release, which query, how many rows, and how to ask the same again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode

from mingzhang.sparql.engine import Question

MAX_LINK_BYTES = 4000
"""Proxies and clients cut or refuse long headers; a longer question gets the link to the endpoint alone."""


@dataclass(frozen=True)
class Receipt:
    """What the headers of an answer say. `digest` is the query's SHA-256 in hex; `elapsed_ms` what the engine took
    when the answer was made."""

    release_id: str
    engine: str
    digest: str
    rows: int
    elapsed_ms: float
    again: str
    """URL path that asks the same of the same release."""
    warnings: tuple[str, ...] = ()

    def headers(self) -> dict[str, str]:
        said = {
            "Mingzhang-Release": self.release_id,
            "Mingzhang-Query": f"sha256:{self.digest}",
            "Mingzhang-Rows": str(self.rows),
            "Mingzhang-Engine": self.engine,
            "Mingzhang-Milliseconds": f"{self.elapsed_ms:.1f}",
            "Link": f'<{self.again}>; rel="bookmark"',
        }
        if self.warnings:
            said["Mingzhang-Warning"] = " | ".join(self.warnings)
        return said


def query_digest(query: str) -> str:
    """SHA-256 of the query's text, in hex."""
    return hashlib.sha256(query.encode("utf-8")).hexdigest()


def entity_tag(release_id: str, engine: str, question: Question, content_type: str) -> str:
    """A strong entity tag: same release, engine, query, dataset and format, same answer."""
    # None of the others has a line end in it, so no two questions give the same text.
    text = (
        f"{release_id}\n{engine}\n{content_type}\n{question.base_iri}\n{question.default_graphs}\n"
        f"{question.named_graphs}\n{question.query}"
    )
    return f'"{hashlib.sha256(text.encode("utf-8")).hexdigest()[:40]}"'


def same_again(release_id: str, question: Question, encoded: str = "") -> str:
    """The URL path and query string that ask the same of the same release; `encoded` is the query string where it is
    known already."""
    path = f"/releases/{release_id}/sparql"
    if encoded:
        return f"{path}?{encoded}" if len(encoded) <= MAX_LINK_BYTES else path
    pairs = [("query", question.query)]
    pairs += [("default-graph-uri", iri) for iri in question.default_graphs or ()]
    pairs += [("named-graph-uri", iri) for iri in question.named_graphs or ()]
    link = f"{path}?{urlencode(pairs)}"
    return link if len(link) <= MAX_LINK_BYTES else path
