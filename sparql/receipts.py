"""The receipt on an answer: which release, which query, how many rows, and how to ask the same again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from urllib.parse import urlencode

from mingzhang.sparql.engine import Question
from mingzhang.sparql.guard import Outline

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
    parts = [
        release_id, engine, question.query, question.base_iri, content_type,
        question.default_graphs, question.named_graphs,
    ]  # fmt: skip
    text = json.dumps(parts, ensure_ascii=True)
    return f'"{hashlib.sha256(text.encode("ascii")).hexdigest()[:40]}"'


def same_again(release_id: str, question: Question) -> str:
    """The URL path and query string that ask the same of the same release."""
    pairs = [("query", question.query)]
    pairs += [("default-graph-uri", iri) for iri in question.default_graphs or ()]
    pairs += [("named-graph-uri", iri) for iri in question.named_graphs or ()]
    path = f"/releases/{release_id}/sparql"
    link = f"{path}?{urlencode(pairs)}"
    return link if len(link) <= MAX_LINK_BYTES else path


def sum_warnings(about: Outline) -> tuple[str, ...]:
    """Warnings about sums that may count money twice. Judged by the words of the query alone, so it may be too
    careful: a query that picks its facts itself is right without the leaves graph."""
    if "SUM" not in about.words and "AVG" not in about.words:
        return ()
    named = " ".join(about.names)
    if "amount" not in named:
        return ()
    if "graph/leaves" not in named:
        return ("sums facts outside <graph/leaves>: totals and their parts may both be counted",)
    if "leafOf" not in named:
        return (
            "sums <graph/leaves> without mz:leafOf: two classifications of the same money may both be counted",
        )
    return ()
