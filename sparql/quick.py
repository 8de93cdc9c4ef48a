"""Queries by GET, answered without an application's messages and without a task of the event loop: most of what a small
query costs is neither its parsing nor its answer. A connection that asks one after the other is lent to a process that answers
them without us (teller.py).

A client sends the same header lines with each request. Once the HTTP parser has taken them apart, a request whose
header lines are the very same bytes, and whose first line has nothing but a query string in it, needs no parsing again. All
others go the ordinary way, by app.py: other methods and paths, pages, conditions, bodies, queries that would have to wait for a
place. The answers are the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.types import Scope

from mingzhang.sparql.current import Current
from mingzhang.sparql.delivery import Asker, Whole
from mingzhang.sparql.errand import Errand
from mingzhang.sparql.plain import ENDPOINT
from mingzhang.sparql.problems import fault, problem_response, wants_page
from mingzhang.sparql.protocol import Received
from mingzhang.sparql.ready import Key, ReadyAnswers, Recorded, deciding_headers, head_of, recorded_of
from mingzhang.sparql.tellers import Returned

LOG = logging.getLogger("mingzhang.sparql")
NOT_PLAIN = frozenset(
    (b"content-length", b"transfer-encoding", b"content-type", b"expect", b"upgrade", b"connection", b"te",
     b"x-forwarded-for", b"x-forwarded-proto")
)  # fmt: skip
"""Header lines with one of these are not remembered, unless they say `Connection: keep-alive`."""
MOST_HEADS = 1000
LONGEST_HEAD_BYTES = 2048

Quick = Recorded | Response
"""A response: one that is in memory as a whole, or one that an application's server has to send."""


@dataclass(frozen=True)
class Head:
    """What header lines come to while a release is served: who asks, what of them decides the answer, and the lines that all
    answers of the endpoint have, and all its errors."""

    release_id: str
    asker: Asker
    deciding: Key
    surroundings: bytes
    around_errors: bytes


@dataclass(frozen=True)
class QuickAnswers:
    """What answers some requests before the application is asked; `surroundings` gives the headers that all answers of
    the endpoint have that have this status. For one event loop."""

    current: Current
    ready: ReadyAnswers
    surroundings: Callable[[Scope, int], list[tuple[bytes, bytes]]]
    heads: dict[bytes, Head] = field(default_factory=dict)

    def remember(self, lines: bytes, scope: Scope) -> None:
        """Remembers header lines that the parser took apart into this scope, where they are plain."""
        headers = scope["headers"]
        asker, deciding = Asker.of(scope), deciding_headers(headers)
        plain = all(
            name not in NOT_PLAIN or (name, value.lower()) == (b"connection", b"keep-alive")
            for name, value in headers
        )
        if deciding is None or not plain or len(lines) > LONGEST_HEAD_BYTES or wants_page(asker.accept):
            return
        if len(self.heads) >= MOST_HEADS:
            self.heads.clear()
        around, around_errors = (head_of(self.surroundings(scope, status)) for status in (200, 400))
        self.heads[lines] = Head(self.current.service.served.id, asker, deciding, around, around_errors)

    def head(self, lines: bytes) -> Head | None:
        """What header lines come to; None where that is not known, or was of another release."""
        head = self.heads.get(lines)
        return head if head is not None and head.release_id == self.current.service.served.id else None

    def key(self, head: Head, query_string: bytes) -> Key:
        """What decides the response to a request now."""
        return (self.current.service.served.id.encode(), ENDPOINT, query_string, *head.deciding)

    def held(self, head: Head, query_string: bytes) -> Recorded | None:
        """The response to a request, where it is held."""
        return self.ready.found(self.key(head, query_string))

    def answer(
        self, head: Head, query_string: bytes, client: str
    ) -> Quick | Coroutine[Any, Any, Quick] | None:
        """The response to a request for which none is held, or what to await for it; None where the application is to be
        asked."""
        service = self.current.service
        key = self.key(head, query_string)
        try:
            given = service.at_once(head.asker, Received("GET", query_string, "", b""), client)
        except Exception as error:  # a fault of ours: the ordinary way answers, with 500 if it meets it too
            LOG.error("a query was not answered at once", exc_info=error)
            return None
        if given is None:
            return None
        if isinstance(given, Whole | Response):
            return self.recorded(key, head, given)
        return self.later(key, head, given)

    async def later(self, key: Key, head: Head, given: Coroutine[Any, Any, Whole | Response]) -> Quick:
        """The response that is being made."""
        try:
            return self.recorded(key, head, await given)
        except Exception as error:
            LOG.error("a query failed", exc_info=error)
            return self.recorded(key, head, problem_response(fault()))

    def lend(
        self, lines: bytes, head: Head, defaults: Iterable[tuple[bytes, bytes]], connection: int
    ) -> Coroutine[Any, Any, Returned] | None:
        """Lends a connection (its file descriptor) whose requests have these header lines to a teller; None where there is
        none free. `defaults` are the headers of all the server's responses."""
        service = self.current.service
        tellers = service.engine.tellers
        teller = tellers.taken() if tellers is not None else None
        if tellers is None or teller is None:
            return None
        served = service.served
        fixed = head_of((name, value) for name, value in defaults if name != b"date")
        errand = Errand(
            lines.decode("latin-1"), dict(head.asker.headers), head.surroundings.decode("latin-1"),
            fixed.decode("latin-1"), served.id, served.base_uri, served.fixed, service.result_limit_bytes, served.overlaps,
        )  # fmt: skip
        return self.returned(tellers.lent(teller, connection, errand))

    async def returned(self, lent: Coroutine[Any, Any, Returned]) -> Returned:
        """A connection come back; what is to be kept is."""
        returned = await lent
        if returned.to_keep is not None:
            self.current.service.kept.put(*returned.to_keep)
        return returned

    def recorded(self, key: Key, head: Head, given: Whole | Response) -> Quick:
        """A response with what all answers have; held, if it never changes."""
        if isinstance(given, Response):
            lines = (head.surroundings if given.status_code < 400 else head.around_errors).splitlines()
            given.raw_headers += [
                (name, value) for name, _, value in (line.partition(b": ") for line in lines)
            ]
            return given
        recorded = recorded_of(given, head.surroundings)
        self.ready.hold(key, recorded)
        return recorded
