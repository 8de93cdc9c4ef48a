"""Whole responses held ready for whoever sends the very same request: no routing, no parsing, no thread.

Only answers with a strong entity tag are held, since those never change for a release.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

READY_BYTES = 32 * 1024 * 1024
LARGEST_BYTES = 256 * 1024
"""A larger response costs more to send than to find."""
DECIDING = (b"accept", b"accept-encoding", b"accept-language")
"""The request headers that decide what a response is."""
OTHERS = frozenset({b"if-none-match", b"if-range", b"range", b"accept-datetime"})
"""A request with one of these is answered in the ordinary way."""

Key = tuple[bytes, ...]


@dataclass
class Recorded:
    """One response as it was sent."""

    start: Message
    body: Message

    @property
    def size_bytes(self) -> int:
        return len(self.body["body"])


@dataclass
class ReadyAnswers:
    """An application before which the responses asked for lately are held; the one longest unused goes first.

    Runs in the event loop alone, so nothing is locked.
    """

    app: ASGIApp
    release: Callable[[], str] = lambda: ""
    """The id of the release served now: another one gives other responses."""
    limit_bytes: int = READY_BYTES
    size_bytes: int = 0
    held: OrderedDict[Key, Recorded] = field(default_factory=OrderedDict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = request_key(scope)
        if key is not None:
            key = (self.release().encode(), *key)
        if key is None:
            await self.app(scope, receive, send)
            return
        found = self.held.get(key)
        if found is not None:
            self.held.move_to_end(key)
            await send(found.start)
            await send(found.body)
            return
        started: list[Message] = []

        async def recorded(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            elif started and is_whole(message) and is_fixed(started[0]):
                self.hold(key, Recorded(started[0], message))
            await send(message)

        await self.app(scope, receive, recorded)

    def hold(self, key: Key, answer: Recorded) -> None:
        if key in self.held:
            return
        self.held[key] = answer
        self.size_bytes += answer.size_bytes
        while self.size_bytes > self.limit_bytes:
            _, dropped = self.held.popitem(last=False)
            self.size_bytes -= dropped.size_bytes


def request_key(scope: Scope) -> Key | None:
    """What decides the response to a request; None for one that is not answered from here."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    headers = scope["headers"]
    if any(name in OTHERS for name, _ in headers):
        return None
    deciding = [name + b":" + value for name, value in headers if name in DECIDING]
    # The host is part of it: a description names the address it was asked at.
    host = next((value for name, value in headers if name == b"host"), b"")
    return (scope["raw_path"], scope["query_string"], host, *deciding)


def is_whole(message: Message) -> bool:
    """Whether this is a response's whole body, and small enough."""
    return not message.get("more_body") and 0 < len(message.get("body", b"")) <= LARGEST_BYTES


def is_fixed(start: Message) -> bool:
    """Whether a response is complete and has a strong entity tag."""
    tag = next((value for name, value in start["headers"] if name.lower() == b"etag"), b"")
    return bool(start["status"] == 200 and tag.startswith(b'"'))
