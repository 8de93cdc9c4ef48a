"""Whole responses held ready for whoever sends the very same request: no routing, no parsing, no thread.

Only answers with a strong entity tag are held, since those never change for a release.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mingzhang.sparql.delivery import Whole

READY_BYTES = 32 * 1024 * 1024
LARGEST_BYTES = 256 * 1024
"""A larger response costs more to send than to find."""
ENTRY_BYTES = 1024
"""What the objects of one response take beside their texts."""
DECIDING = (b"accept", b"accept-encoding")
"""The request headers that decide what a response is."""
OTHERS = frozenset({b"if-match", b"if-none-match", b"if-range", b"range", b"accept-datetime"})
"""A request with one of these is answered in the ordinary way."""

Key = tuple[bytes, ...]


@dataclass(frozen=True)
class Recorded:
    """One response as it is sent: its status, the lines of its head after the first, with their line ends, and its body."""

    status: int
    head: bytes
    body: bytes

    @property
    def messages(self) -> tuple[Message, Message]:
        """The response as an application sends it."""
        lines = self.head.splitlines()
        headers = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
        return (
            {"type": "http.response.start", "status": self.status, "headers": headers},
            {"type": "http.response.body", "body": self.body},
        )

    @property
    def is_fixed(self) -> bool:
        """Whether it is complete, has a strong entity tag, and is small enough to be held."""
        return self.status == 200 and 0 < len(self.body) <= LARGEST_BYTES and b'etag: "' in self.head


def recorded_of(given: Whole, surroundings: bytes) -> Recorded:
    """A response with the header lines that all answers of the endpoint have."""
    own = "".join([f"{name.lower()}: {value}\r\n" for name, value in given.headers.items()])
    return Recorded(given.status, own.encode("latin-1") + surroundings, given.body)


def head_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as lines. Raises ValueError where one has a line end in it and would be two."""
    lines = [b"%s: %s\r\n" % (name.lower(), value) for name, value in headers]
    head = b"".join(lines)
    if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines):
        raise ValueError("a header has a line end in it")
    return head


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
        key = self.key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        found = self.found(key)
        if found is not None:
            for message in found.messages:
                await send(message)
            return
        started: list[Message] = []

        async def recorded(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            elif started and not message.get("more_body"):
                head = head_of(started[0]["headers"])
                self.hold(key, Recorded(started[0]["status"], head, message.get("body", b"")))
            await send(message)

        await self.app(scope, receive, recorded)

    def key(self, scope: Scope) -> Key | None:
        """What decides the response to a request now; None for one that is not answered from here."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        deciding = deciding_headers(scope["headers"])
        if deciding is None:
            return None
        return (self.release().encode(), scope["raw_path"], scope["query_string"], *deciding)

    def found(self, key: Key) -> Recorded | None:
        """The response held for a key."""
        found = self.held.get(key)
        if found is not None:
            self.held.move_to_end(key)
        return found

    def hold(self, key: Key, answer: Recorded) -> None:
        """Holds a response, if it is one that never changes."""
        if key in self.held or not answer.is_fixed:
            return
        self.held[key] = answer
        self.size_bytes += size_of(key, answer)
        while self.size_bytes > self.limit_bytes:
            self.size_bytes -= size_of(*self.held.popitem(last=False))


def size_of(key: Key, answer: Recorded) -> int:
    """What holding a response takes, roughly."""
    return len(answer.body) + len(answer.head) + sum(map(len, key)) + ENTRY_BYTES


def deciding_headers(headers: Iterable[tuple[bytes, bytes]]) -> Key | None:
    """What of a request's headers decides the response; None where it is not answered from here.

    The host is part of it: a description names the address it was asked at.
    """
    deciding, host = [], b""
    for name, value in headers:
        if name in OTHERS:
            return None
        if name in DECIDING:
            deciding.append(name + b":" + value)
        elif name == b"host":
            host = value
    return (host, *deciding)
