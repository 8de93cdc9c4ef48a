"""A query against a release without a service: what `mingzhang query` runs, in the command's own process."""

from __future__ import annotations

import sys
import tempfile
from typing import BinaryIO, Literal, cast

from mingzhang.release import Release
from mingzhang.sparql.engine import Question, answer
from mingzhang.sparql.guard import outline
from mingzhang.sparql.store import load, release_source

ResultFormat = Literal["csv", "json", "tsv", "xml", "turtle", "ntriples"]


def run_query(release: Release, query: str, fmt: ResultFormat) -> bytes:
    """The whole answer in the format named. Raises QueryError (QuerySyntaxError with line and column), ReleaseError.

    Relative IRIs in the query, as `<id/fund-source/general-public>`, are resolved against the release's base URI.
    """
    about = outline(query)
    question = Question(query, fmt, release.manifest.base_uri, sys.maxsize, from_clauses=about.from_clauses)
    with cast(BinaryIO, tempfile.TemporaryFile("w+b")) as target:
        whole = answer(load(release_source(release)), question, target)
        if whole.body is not None:
            return whole.body
        target.seek(0)
        return target.read()
