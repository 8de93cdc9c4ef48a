"""Answers to queries: made or found among those kept, with their receipt and validators. Nothing here knows of routes or
pages.

Order of reading: `wanted` (what a query comes to), `answered` (having it answered), `delivery` (how it is sent).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from anyio import from_thread
from starlette.responses import Response

from mingzhang.errors import QueryError
from mingzhang.release import Release
from mingzhang.sparql import formats
from mingzhang.sparql.delivery import Asker, Delivery, Whole, holds, whole
from mingzhang.sparql.engine import Question
from mingzhang.sparql.formats import HTML, Format
from mingzhang.sparql.guard import Outline, outline
from mingzhang.sparql.kept import Answered, Held, KeptAnswers, Spooled, in_memory_if_small, size_of
from mingzhang.sparql.origins import ADDING
from mingzhang.sparql.problems import Problem, problem_of, problem_response
from mingzhang.sparql.protocol import (
    QueryOperation,
    Received,
    answer_format,
    plain_operation,
    query_operation,
)
from mingzhang.sparql.receipts import Receipt, entity_tag, query_digest, same_again
from mingzhang.sparql.sums import NO_OVERLAPS, Overlaps, sum_warnings
from mingzhang.sparql.workers import Engine

SHOWN_ON_PAGE_BYTES = 2 * 1024 * 1024
"""A result page shows a table of at most this size; the whole is one click away."""
AT_ONCE_BYTES = 16 * 1024
"""What is longer than this is read, looked at and compressed in a thread, so that nobody else waits for it."""

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Served:
    """What is served: its id and title, and the base URI its names begin with; `release` is None for plain RDF files
    and for an engine elsewhere, which have no pages of their own. `fixed` is False where the data may change without
    our knowing: answers then have no validators and are not kept. `overlaps` is what in it a sum may count twice."""

    id: str
    title: str
    base_uri: str
    release: Release | None
    fixed: bool = True
    overlaps: Overlaps = NO_OVERLAPS


def served_release(release: Release) -> Served:
    """A release as it is served."""
    manifest = release.manifest
    return Served(manifest.id, manifest.title, manifest.base_uri, release, overlaps=Overlaps.of(release))


@dataclass(frozen=True)
class Wanted:
    """What a query comes to: the question for the engine, the format and Content-Type of the answer, its entity tag (""
    for none), what is to be said about its sums, and the query string it came in, where that may stand in a link."""

    question: Question
    chosen: Format
    content_type: str
    etag: str
    warnings: tuple[str, ...]
    encoded: str


@dataclass(frozen=True)
class Answers:
    """What answers queries over one release."""

    served: Served
    engine: Engine
    kept: KeptAnswers
    result_limit_bytes: int

    def at_once(
        self, asker: Asker, received: Received, client: str
    ) -> Whole | Response | Coroutine[Any, Any, Whole | Response] | None:
        """What `sparql` gives to a plain GET of a program, which wants no pages: the answer where it is there at once,
        else what to await for it. None, and nothing has been asked, where `sparql` is to be used."""
        if len(received.query_string) > AT_ONCE_BYTES:
            return None
        try:
            operation = plain_operation(received.query_string) or query_operation(received)
            if operation is None:
                return None
            wanted = self.wanted(asker, operation)
        except Problem as problem:
            return problem_response(problem)
        question, etag = wanted.question, wanted.etag
        if wanted.chosen is HTML or holds(asker, etag):
            return None
        answered: Answered | None = self.kept.held(etag) if etag else None
        if answered is None and etag and self.kept.has_file(etag):
            return None
        if answered is None:
            try:
                asked = self.engine.ask_at_once(question, client, operation.timeout_s)
            except QueryError as error:
                return problem_response(problem_of(error))
            if not isinstance(asked, Held | Spooled):
                return self.later(asker, wanted, asked) if asked is not None else None
            answered = self.keep(asked, etag)
        if size_of(answered) > AT_ONCE_BYTES:
            return self.delivered(asker, wanted, answered)
        return whole(asker, self.delivery(wanted, answered))

    async def later(
        self, asker: Asker, wanted: Wanted, asked: Coroutine[Any, Any, Answered]
    ) -> Whole | Response:
        """The answer that is being made, or the problem with it."""
        try:
            answered = self.keep(await asked, wanted.etag)
        except QueryError as error:
            return problem_response(problem_of(error))
        return await self.delivered(asker, wanted, answered)

    async def delivered(self, asker: Asker, wanted: Wanted, answered: Answered) -> Whole | Response:
        """The response for an answer."""
        return await computed(size_of(answered), whole, asker, self.delivery(wanted, answered))

    def wanted(self, asker: Asker, operation: QueryOperation) -> Wanted:
        """What a query operation comes to. Raises Problem."""
        try:
            about = outline(operation.query)
        except QueryError as error:
            raise problem_of(error) from error
        chosen, content_type = answer_format(formats.offered(about.form), operation.format_key, asker.accept)
        question = self.question(operation, about, chosen)
        etag = "" if about.changing else self.tag(question, content_type)
        warnings = self.warnings(question, about)
        return Wanted(question, chosen, content_type, etag, warnings, operation.encoded)

    def delivery(self, wanted: Wanted, answered: Answered) -> Delivery:
        """An answer as it is sent, with its receipt."""
        receipt = self.receipt(wanted.question, answered, wanted.warnings, wanted.encoded).headers()
        kind, etag, sha256 = wanted.content_type, wanted.etag, answered.sha256
        if isinstance(answered, Held):
            return Delivery(answered.body, kind, etag, receipt, sha256=sha256)
        return Delivery(answered.file, kind, etag, receipt, sha256=sha256, start=answered.start)

    def warnings(self, question: Question, about: Outline) -> tuple[str, ...]:
        """What is to be said about the sums of a query."""
        if about.words.isdisjoint(ADDING):
            return ()
        named = (*(question.default_graphs or ()), *(question.named_graphs or ()))
        return sum_warnings(question.query, question.base_iri, named, self.served.overlaps)

    def question(self, operation: QueryOperation, about: Outline, chosen: Format) -> Question:
        """What the engine is asked; for a page, in a format that the page is made from."""
        page = chosen is HTML
        graph = about.form in ("CONSTRUCT", "DESCRIBE")
        return Question(
            query=operation.query,
            format_key=("turtle" if graph else "json") if page else chosen.key,
            base_iri=self.served.base_uri,
            limit_bytes=SHOWN_ON_PAGE_BYTES if page else self.result_limit_bytes,
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
            from_clauses=about.from_clauses,
        )

    async def answered(
        self, question: Question, client: str, etag: str, timeout_s: float | None = None
    ) -> Answered:
        """The answer, kept or new; small answers are in memory, large ones in a file. Raises Problem."""
        found: Answered | None = self.kept.held(etag) if etag else None
        if found is None and etag and self.kept.has_file(etag):
            found = await asyncio.to_thread(self.kept.get, etag)
        if found is not None:
            return found
        try:
            answered = await self.engine.ask(question, client, timeout_s)
        except QueryError as error:
            raise problem_of(error) from error
        return self.keep(answered, etag)

    def keep(self, answered: Answered, etag: str) -> Answered:
        """Keeps an answer for the next who asks, if it has a tag; a small one is then in memory."""
        return self.kept.put(etag, answered) if etag else in_memory_if_small(answered)

    def ask(self, question: Question, client: str, etag: str, timeout_s: float | None = None) -> Answered:
        """What `answered` gives, for a thread."""
        return from_thread.run(self.answered, question, client, etag, timeout_s)

    def tag(self, question: Question, content_type: str) -> str:
        """The entity tag of an answer; empty where the data may change without our knowing."""
        return (
            entity_tag(self.served.id, self.engine.name, question, content_type) if self.served.fixed else ""
        )

    def receipt(
        self, question: Question, answered: Answered, warnings: tuple[str, ...], encoded: str = ""
    ) -> Receipt:
        """The receipt of an answer."""
        return Receipt(
            self.served.id,
            self.engine.name,
            query_digest(question.query),
            answered.rows,
            answered.elapsed_ms,
            same_again(self.served.id, question, encoded),
            warnings,
        )


async def computed(
    size: int, function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs
) -> Result:
    """What a function gives, from a thread where what it works on has more than AT_ONCE_BYTES."""
    if size <= AT_ONCE_BYTES:
        return function(*given, **named)
    return await asyncio.to_thread(function, *given, **named)
