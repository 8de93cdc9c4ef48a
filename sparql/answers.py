"""Answers to queries: made or found among those kept, with their receipt and validators. Nothing here knows of routes or
pages.

Order of reading: `wanted` (terms.py: what a query comes to), `answered` (having it answered), `delivery` (terms.py: how it is
sent).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from anyio import from_thread
from starlette.responses import Response

from mingzhang.errors import QueryError
from mingzhang.sparql.delivery import Asker, Whole, holds, whole
from mingzhang.sparql.engine import Question
from mingzhang.sparql.formats import HTML
from mingzhang.sparql.kept import Answered, Held, KeptAnswers, Spooled, in_memory_if_small, size_of
from mingzhang.sparql.problems import Problem, problem_of, problem_response
from mingzhang.sparql.protocol import (
    Received,
    plain_operation,
    query_operation,
)
from mingzhang.sparql.terms import Terms, Wanted
from mingzhang.sparql.workers import Engine

AT_ONCE_BYTES = 16 * 1024
"""What is longer than this is read, looked at and compressed in a thread, so that nobody else waits for it."""

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Answers(Terms):
    """What answers queries over one release."""

    engine: Engine
    kept: KeptAnswers

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


async def computed(
    size: int, function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs
) -> Result:
    """What a function gives, from a thread where what it works on has more than AT_ONCE_BYTES."""
    if size <= AT_ONCE_BYTES:
        return function(*given, **named)
    return await asyncio.to_thread(function, *given, **named)
