"""Requests answered past the HTTP parser: the same bytes as by the ordinary way, in the order asked, and nothing else is taken
for one of them."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from urllib.parse import quote_plus, urlsplit

import pytest
from starlette.responses import Response

from mingzhang.sparql.delivery import Asker
from mingzhang.sparql.plain import PLAIN
from mingzhang.sparql.quick import Head, QuickAnswers
from mingzhang.sparql.ready import ReadyAnswers
from mingzhang.sparql.terms import Served

BASE = "https://data.example.org/"
LINES = b"Host: example.org\r\nAccept: text/csv\r\n"
TAKEN_APART = b"X-Once: %d\r\n"
NUMBERS = itertools.count()
"""A header line that no other request has: such a request goes the ordinary way."""
CHANGING = re.compile(rb"^(date|mingzhang-milliseconds): .*\r\n", re.MULTILINE)
EXAMPLES = [
    "SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 5", "ASK {}", "SELECT * { ?s ?p", "SELECT * { SERVICE <http://x/> {} }",
    "CLEAR ALL", "SELECT (NOW() AS ?now) {}", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "PREFIX mz: <https://w3id.org/mingzhang/ontology#> SELECT (SUM(?a) AS ?s) { ?f mz:amount ?a }", " ",
    "SELECT ?s ?p ?o ?a ?b ?c { ?s ?p ?o . ?a ?b ?c } LIMIT 9000",
]  # fmt: skip


def asking(query: str, lines: bytes = LINES, more: str = "") -> bytes:
    return f"GET /sparql?query={quote_plus(query)}{more} HTTP/1.1\r\n".encode() + lines + b"\r\n"


class Wire:
    """A connection that sends bytes as they are and reads whole responses."""

    def __init__(self, opened: socket.socket) -> None:
        self.opened = opened
        self.waiting = b""

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.opened.sendall(piece)

    def response(self) -> tuple[bytes, bytes]:
        """The head and the body of the next response."""
        while b"\r\n\r\n" not in self.waiting:
            self.more()
        head, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: ([0-9]+)", head)
        assert length is not None, head
        while len(self.waiting) < int(length[1]):
            self.more()
        body, self.waiting = self.waiting[: int(length[1])], self.waiting[int(length[1]) :]
        return head + b"\r\n", body

    def more(self) -> None:
        piece = self.opened.recv(1 << 20)
        assert piece, "the connection was closed"
        self.waiting += piece


@contextmanager
def wire(service: str) -> Iterator[Wire]:
    address = urlsplit(service)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=20) as opened:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Wire(opened)


@pytest.fixture(scope="module")
def known(service: str) -> str:
    """The service, which has taken these header lines apart once."""
    with wire(service) as asked:
        asked.send(asking("ASK { <urn:x> a <urn:y> }"))
        asked.response()
    return service


def comparable(response: tuple[bytes, bytes]) -> tuple[set[bytes], bytes]:
    """The lines of a response's head without those that differ from moment to moment, and its body."""
    return set(CHANGING.sub(b"", response[0]).splitlines()), response[1]


@pytest.mark.parametrize("query", EXAMPLES)
@pytest.mark.parametrize(
    "more", ["", "&format=json", "&timeout=5", "&format=nonsense", "&default-graph-uri=urn:g"]
)
def test_the_answer_is_the_same_as_by_the_ordinary_way(known: str, query: str, more: str) -> None:
    with wire(known) as asked:
        asked.send(asking(query, LINES, more))
        first = asked.response()
        asked.send(asking(query, LINES, more))
        again = asked.response()
        asked.send(asking(query, LINES + TAKEN_APART % next(NUMBERS), more))
        ordinary = asked.response()
    if b"NOW" not in query.encode():
        assert comparable(first) == comparable(again) == comparable(ordinary)
    assert first[0].split()[1] == ordinary[0].split()[1]


def test_answers_come_in_the_order_asked_whatever_is_sent_together(known: str) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
    queries = [f"SELECT (%s AS ?n) {{}} #{number}" % number for number in range(30)]
    with wire(known) as asked:
        asked.send(b"".join([asking(slow), *(asking(query) for query in queries)]))
        assert asked.response()[0].startswith(b"HTTP/1.1 200")
        bodies = [asked.response()[1] for _ in queries]
        assert bodies == [b"n\r\n%d\r\n" % number for number in range(30)]
        asked.send(asking(slow + " #2"), asking(queries[7]), asking(queries[8]))
        assert asked.response()[0].startswith(b"HTTP/1.1 200")
        assert [asked.response()[1] for _ in range(2)] == bodies[7:9]


def test_a_request_may_come_in_pieces_cut_anywhere(known: str) -> None:
    request = asking("SELECT (7 AS ?n) {}")
    with wire(known) as asked:
        for cut in range(1, len(request), 7):
            asked.send(request[:cut])
            asked.send(request[cut:])
            assert asked.response()[1] == b"n\r\n7\r\n"
            asked.send(request)
            assert asked.response()[1] == b"n\r\n7\r\n"


def test_what_follows_a_request_is_the_next_request(known: str) -> None:
    query = "SELECT (8 AS ?n) {}"
    with wire(known) as asked:
        asked.send(
            asking(query) + asking(query)[:20],
            asking(query)[20:] + b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        )
        assert [asked.response()[1] for _ in range(2)] == [b"n\r\n8\r\n"] * 2
        assert b'"ready"' in asked.response()[1]


def test_a_body_is_never_taken_for_a_request(known: str) -> None:
    inner = asking("SELECT (1 AS ?inner) {}")
    form = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: %d\r\n\r\n"
    with wire(known) as asked:
        asked.send(form % len(inner))
        asked.send(inner)
        assert asked.response()[0].startswith(b"HTTP/1.1 400")
        chunked = b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\n" + LINES + b"Transfer-Encoding: chunked\r\n\r\n"
        asked.send(chunked + b"%x\r\n" % len(inner))
        asked.send(inner)
        asked.send(b"\r\n0\r\n\r\n")
        assert asked.response()[0].startswith(b"HTTP/1.1 200")
        asked.send(asking("SELECT (2 AS ?n) {}"))
        assert asked.response()[1] == b"n\r\n2\r\n"


def test_expect_connection_close_and_old_versions_are_heeded(known: str) -> None:
    with wire(known) as asked:
        asked.send(asking("ASK {}", LINES + b"Connection: close\r\n"))
        assert b"connection: close" in asked.response()[0]
        assert asked.opened.recv(10) == b""
    with wire(known) as asked:
        asked.send(asking("ASK {}").replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert b"connection: close" in asked.response()[0]
    post = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nExpect: 100-continue\r\n"
    with wire(known) as asked:
        asked.send(post + b"Content-Length: 6\r\n\r\n")
        assert asked.opened.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        asked.send(b"ASK {}")
        assert asked.response()[0].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /sparql?query=x HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /sparql?query=x HTTP/1.0\r\nHost: x\r\n\r\n",
        b"GET /sparql?query=x HTTP/1.1\nHost: x\n\n", b"GET /sparql?query=x HTTP/1.1\r\n\r\n",
        b"GET /sparql?query=x y HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /sparql HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /sparql?query=x HTTP/1.1\r\nHost: x\r\n\r\nG", b"GET /sparql?query=x#y HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /sparql?query=\xe4 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /sparql?query=x HTTP/1.1\r\nHost: x\n\r\n\r\n",
        b" GET /sparql?query=x HTTP/1.1\r\nHost: x\r\n\r\n", b"GET //sparql?query=x HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)  # fmt: skip
def test_only_whole_plain_requests_are_recognised(request_bytes: bytes) -> None:
    assert PLAIN.fullmatch(b"GET /sparql?query=x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert PLAIN.fullmatch(request_bytes) is None


class Faulty:
    """A service that fails."""

    served = Served("r", "", BASE, None)

    def __init__(self, later: bool) -> None:
        self.is_later = later

    @property
    def service(self) -> Faulty:
        return self

    def at_once(self, *_: object) -> Coroutine[None, None, None]:
        if not self.is_later:
            raise RuntimeError("at once")
        return self.later()

    async def later(self) -> None:
        raise RuntimeError("later")


def test_a_fault_of_ours_is_noted_and_never_breaks_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    head = Head("r", Asker("GET", {}), (b"h",), b"x-around: all\r\n", b"x-around: errors\r\n")
    ready = ReadyAnswers(None)  # type: ignore[arg-type]
    at_once, later = (QuickAnswers(Faulty(late), ready, lambda *_: []) for late in (False, True))  # type: ignore[arg-type]
    assert at_once.answer(head, b"query=x", "somebody") is None
    given = later.answer(head, b"query=x", "somebody")
    assert isinstance(given, Coroutine)
    response = asyncio.run(given)
    assert isinstance(response, Response)
    assert response.status_code == 500
    assert (b"x-around", b"errors") in response.raw_headers
    assert [record.exc_info is not None for record in caplog.records] == [True, True]
    assert not ready.held


def test_header_lines_taken_apart_for_another_release_are_taken_apart_anew() -> None:
    quick = QuickAnswers(Faulty(False), ReadyAnswers(None), lambda *_: [])  # type: ignore[arg-type]
    for release_id in ("r", "before"):
        quick.heads[release_id.encode()] = Head(release_id, Asker("GET", {}), (), b"", b"")
    assert quick.head(b"r") is not None
    assert quick.head(b"before") is None
    assert quick.head(b"never seen") is None
