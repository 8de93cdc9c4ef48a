"""Responses held ready: the very same response to the very same request, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from mingzhang.sparql.ready import ENTRY_BYTES, LARGEST_BYTES, ReadyAnswers

Header = tuple[bytes, bytes]


def scope(path: bytes = b"/a", query: bytes = b"q=1", method: str = "GET", *headers: Header) -> Scope:
    return {
        "type": "http", "method": method, "raw_path": path, "query_string": query, "headers": list(headers),
    }  # fmt: skip


class Counting:
    """An application that counts how often it is asked."""

    def __init__(self, status: int = 200, tag: bytes = b'"x"', body: bytes = b"body") -> None:
        self.asked, self.status, self.tag, self.body = 0, status, tag, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"etag", self.tag)]})
        await send({"type": "http.response.body", "body": self.body})


def sent(app: ReadyAnswers, request: Scope) -> list[Message]:
    messages: list[Message] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(app(request, receive, send))
    return messages


def test_the_same_request_gets_the_same_response_without_asking_again() -> None:
    inner = Counting()
    app = ReadyAnswers(inner)
    assert sent(app, scope()) == sent(app, scope())
    assert inner.asked == 1


@pytest.mark.parametrize(
    "other",
    [
        scope(b"/b"), scope(b"/a", b"q=2"), scope(b"/a", b"q=1", "HEAD"), scope(b"/a", b"q=1", "POST"),
        scope(b"/a", b"q=1", "GET", (b"accept", b"text/csv")), scope(b"/a", b"q=1", "GET", (b"host", b"x")),
        scope(b"/a", b"q=1", "GET", (b"accept-encoding", b"gzip")), scope(b"/a", b"q=1", "GET", (b"range", b"bytes=0-1")),
        scope(b"/a", b"q=1", "GET", (b"if-none-match", b'"x"')),
    ],
)  # fmt: skip
def test_a_request_that_differs_in_what_matters_is_asked(other: Scope) -> None:
    inner = Counting()
    app = ReadyAnswers(inner)
    sent(app, scope())
    sent(app, other)
    assert inner.asked == 2


@pytest.mark.parametrize(
    "inner",
    [Counting(status=404), Counting(tag=b""), Counting(tag=b'W/"x"'), Counting(body=b"x" * (LARGEST_BYTES + 1))],
)  # fmt: skip
def test_errors_what_may_change_and_what_is_large_is_not_held(inner: Counting) -> None:
    app = ReadyAnswers(inner)
    sent(app, scope())
    sent(app, scope())
    assert inner.asked == 2


def test_what_is_held_is_bounded_and_the_longest_unused_goes_first() -> None:
    inner = Counting(body=b"x" * 100)
    app = ReadyAnswers(inner, limit_bytes=10 * (ENTRY_BYTES + 200))
    for number in range(20):
        sent(app, scope(b"/%d" % number))
        sent(app, scope(b"/0"))
    assert len(app.held) == 10
    assert app.size_bytes <= app.limit_bytes
    assert inner.asked == 20
    sent(app, scope(b"/1"))
    assert inner.asked == 21
