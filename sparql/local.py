"""A query against a release without a service: what `mingzhang query` runs, in the command's own process."""

from __future__ import annotations

import io
import sys
from typing import Literal

from mingzhang.release import Release
from mingzhang.sparql.engine import Question, answer
from mingzhang.sparql.store import load, release_source

ResultFormat = Literal["csv", "json", "tsv", "xml", "turtle", "ntriples"]


def run_query(release: Release, query: str, fmt: ResultFormat) -> bytes:
    """The whole answer in the format named. Raises QueryError (QuerySyntaxError with line and column), ReleaseError.

    Relative IRIs in the query, as `<id/fund-source/general-public>`, are resolved against the release's base URI.
    """
    target = io.BytesIO()
    question = Question(query, fmt, release.manifest.base_uri, sys.maxsize)
    answer(load(release_source(release)), question, target)
    return target.getvalue()
