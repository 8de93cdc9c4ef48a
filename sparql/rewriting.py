"""Another engine's answer, checked for wholeness and written in the format that was asked for; and its questions,
checked before they are sent.

Every answer of another engine is parsed to its end: one that breaks off or has an error message in the middle is then
an error, not half an answer. It also means that every format is there, whatever that engine offers.

Runs inside a worker process, whose memory is bounded.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

import pyoxigraph as ox

from mingzhang.errors import QueryError
from mingzhang.sparql import formats
from mingzhang.sparql.engine import (
    Answer,
    BoundedWriter,
    Question,
    syntax_error,
    write_graph,
    written,
)


class EngineFailed(QueryError):
    """The engine behind this service cannot be reached, failed, or sent something that is no whole answer."""


@dataclass(frozen=True)
class Rewriting:
    """`media_type` is what the answer came in, `format_key` what it is to be written in, `limit_bytes` bounds that."""

    media_type: str
    format_key: str
    limit_bytes: int


def check(store: ox.Store, question: Question) -> None:
    """Nothing, for a SPARQL 1.1 query. Raises QuerySyntaxError for anything else, with its place.

    An update is no query, however it is written, so none gets past this. The store is empty: parsing is all there is.
    """
    # What else is wrong (an unknown function, say) is for the engine that answers to judge.
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        try:
            store.query(question.query, base_iri=question.base_iri or None)
        except SyntaxError as error:
            raise syntax_error(str(error)) from error


def rewritten(given: BinaryIO, how: Rewriting, target: BinaryIO) -> Answer:
    """An engine's answer in another format; one that is not small is written into `target`. Raises EngineFailed where
    it is not whole, QueryTooLarge at the limit, AnswerNotWritten."""
    writer = BoundedWriter(target, how.limit_bytes)
    given.seek(0)
    try:
        if how.format_key in formats.RDF:
            return writer.finished(write_graph(parsed_graph(given, how.media_type), how.format_key, writer))
        return written(parsed_results(given, how.media_type), how.format_key, writer)
    except (SyntaxError, ValueError, OSError) as error:
        raise EngineFailed(f"the engine's answer is not whole: {error}") from error


def parsed_graph(given: BinaryIO, media_type: str) -> list[ox.Triple]:
    kind = ox.RdfFormat.from_media_type(media_type)
    if kind is None:
        raise EngineFailed(f"the engine answered in {media_type!r}, which is no RDF format we know")
    return [quad.triple for quad in ox.parse(cast(IO[bytes], given), format=kind)]


def parsed_results(given: BinaryIO, media_type: str) -> ox.QuerySolutions | ox.QueryBoolean:
    kind = ox.QueryResultsFormat.from_media_type(media_type)
    if kind is None:
        raise EngineFailed(f"the engine answered in {media_type!r}, which is no results format we know")
    return ox.parse_query_results(cast(IO[bytes], given), format=kind)
