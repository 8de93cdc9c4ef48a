"""What is no request, or a doubtful one, is refused in the order asked, and a client that dawdles is not waited for; all on real
sockets."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from mingzhang.release import Release
from mingzhang.sparql.framing import malformed

ASK = b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\n"
HOST = b"Host: example.org\r\nAccept: text/csv\r\n"
POST = b"POST /sparql HTTP/1.1\r\n" + HOST + b"Content-Type: application/sparql-query\r\n"
SLOW = (
    b"GET /sparql?query=SELECT+(COUNT(*)+AS+%3Fn)+%7B%3Fa+%3Fb+%3Fc.%3Fd+%3Fe+%3Ff%7D+LIMIT+1 HTTP/1.1\r\n"
    + HOST + b"\r\n"
)  # fmt: skip
REFUSED = {
    "no Host": (ASK + b"Accept: text/csv\r\n\r\n", 400),
    "two Hosts": (ASK + HOST + b"Host: other.example\r\n\r\n", 400),
    "a Host that is none": (ASK + b"Host: a b/\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 6\r\nContent-Length: 7\r\n\r\nASK {}x", 400),
    "one length twice": (POST + b"Content-Length: 6\r\nContent-Length: 6\r\n\r\nASK {}", 400),
    "a list of lengths": (POST + b"Content-Length: 6, 6\r\n\r\nASK {}", 400),
    "a signed length": (POST + b"Content-Length: +6\r\n\r\nASK {}", 400),
    "length and chunks": (POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n", 400),
    "an unknown coding": (POST + b"Transfer-Encoding: xchunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n", 501),
    "a compressed body in chunks": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n", 501),
    "chunks in two lines": (
        POST + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n", 501,
    ),
    "a chunk without end": (POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nASK {}", 400),
    "a chunk size with a bare LF": (POST + b"Transfer-Encoding: chunked\r\n\r\n6\nASK {}\r\n0\r\n\r\n", 400),
    "a folded line": (ASK + HOST + b"X-A: b,\r\n c\r\n\r\n", 400),
    "bare line feeds": (ASK.replace(b"\r", b"") + HOST.replace(b"\r", b"") + b"\n", 400),
    "one bare line feed": (ASK + b"Host: x\nAccept: text/csv\r\n\r\n", 400),
    "a bare carriage return": (ASK + b"Host: x\rX-A: b\r\n\r\n", 400),
    "a space before the colon": (ASK + HOST + b"Content-Length : 5\r\n\r\n", 400),
    "a zero byte": (ASK + HOST + b"X-A: a\0b\r\n\r\n", 400),
    "a line without a colon": (ASK + HOST + b"nonsense\r\n\r\n", 400),
    "a fragment": (ASK.replace(b" HTTP", b"#x HTTP") + HOST + b"\r\n", 400),
    "a space in the target": (b"GET /sparql?query=ASK {} HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "another protocol": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a later version": (ASK.replace(b"1.1", b"2.0") + HOST + b"\r\n", 505),
    "a method in small letters": (ASK.lower() + HOST + b"\r\n", 400),
}  # fmt: skip


class Wire:
    """A connection that sends bytes as they are."""

    def __init__(self, opened: socket.socket) -> None:
        self.opened = opened
        self.said = bytearray()

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.opened.sendall(piece)

    def response(self) -> tuple[int, bytes, bytes]:
        """Status, head in small letters, and body of the next response."""
        while b"\r\n\r\n" not in self.said:
            self.more()
        raw, _, self.said = self.said.partition(b"\r\n\r\n")
        head = bytes(raw)
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        while len(self.said) < length:
            self.more()
        body, self.said = bytes(self.said[:length]), self.said[length:]
        return int(head.split()[1]), head.lower(), body

    def more(self) -> None:
        piece = self.opened.recv(1 << 20)
        assert piece, f"the connection was closed after {self.said[:200]!r}"
        self.said += piece

    def is_closed(self) -> bool:
        return not self.said and self.opened.recv(1) == b""


@contextmanager
def wire(service: str) -> Iterator[Wire]:
    address = urlsplit(service)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as opened:
        yield Wire(opened)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_request_is_refused_and_the_connection_closed(service: str, name: str) -> None:
    request, status = REFUSED[name]
    with wire(service) as asked:
        asked.send(request)
        got, head, body = asked.response()
        assert got == status
        assert b"\r\ncontent-type: application/problem+json" in head
        assert b"\r\nconnection: close" in head
        assert b"\r\naccess-control-allow-origin: *" in head
        assert b'"type": "https://w3id.org/mingzhang/errors#request"' in body


@pytest.mark.parametrize("name", [*REFUSED, "too long"])
def test_what_is_refused_is_never_taken_for_the_answer_to_a_request_before_it(
    service: str, name: str
) -> None:
    request, refusal = REFUSED.get(name, (b"GET /" + b"x" * 200_000, 414))
    with wire(service) as asked:
        asked.send(SLOW + request)
        status, head, body = asked.response()
        assert (status, body[:3]) == (200, b"n\r\n")
        if b"\r\nconnection: close" not in head:  # answered before all of the other had come
            status, head, _ = asked.response()
            assert status == refusal
            assert b"\r\nconnection: close" in head
        assert asked.is_closed()


@pytest.mark.parametrize(
    "request_line",
    [b"GET http://example.org/sparql?query=ASK+%7B%7D HTTP/1.1\r\n", b"GET /%73parql?query=ASK+%7B%7D HTTP/1.1\r\n",
     b"\r\n\r\n" + ASK, ASK.replace(b"1.1", b"1.0")],
)  # fmt: skip
def test_what_is_a_request_in_another_form_is_answered(service: str, request_line: bytes) -> None:
    with wire(service) as asked:
        asked.send(request_line + HOST + b"\r\n")
        status, _, body = asked.response()
        assert (status, body) == (200, b"true")


def test_a_body_is_never_read_as_a_request(service: str) -> None:
    inner = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    with wire(service) as asked:
        for _ in range(2):
            asked.send(ASK + HOST + b"Content-Length: %d\r\n\r\n" % len(inner) + inner + ASK + HOST + b"\r\n")
            assert [asked.response()[2] for _ in range(2)] == [b"true", b"true"]


def test_an_upgrade_is_answered_in_http_and_the_connection_ends_rather_than_going_deaf(service: str) -> None:
    for upgrade in (b"websocket", b"h2c"):
        with wire(service) as asked:
            asked.send(ASK + HOST + b"Connection: Upgrade\r\nUpgrade: " + upgrade + b"\r\n\r\n")
            status, head, body = asked.response()
            assert (status, body) == (200, b"true")
            assert b"\r\nconnection: close" in head
            assert asked.is_closed()


def test_the_server_itself_says_what_it_can_do(service: str) -> None:
    with wire(service) as asked:
        asked.send(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n")
        status, head, _ = asked.response()
        assert status == 204
        assert b"\r\nallow: get, head, post, options" in head


def test_a_compressed_body_is_415_and_says_so(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"}
    response = client.post("/sparql", content=b"\x1f\x8b\x08", headers=headers)
    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("path", ["/sparql?query=ASK+%7B%7D", "/static/style.css", "/"])
def test_if_match_is_heeded(client: httpx.Client, path: str) -> None:
    plain = {"Accept": "application/sparql-results+json, */*;q=0.1", "Accept-Encoding": "identity"}
    etag = client.get(path, headers=plain).headers["etag"]
    for given, status in (
        (etag, 200), (f'"x", {etag}', 200), ("*", 200), ('"x"', 412), (f"W/{etag}", 412), ("", 412),
    ):  # fmt: skip
        for method in ("GET", "HEAD"):
            response = client.request(method, path, headers=plain | {"If-Match": given})
            assert response.status_code == status, given
            assert response.headers["etag"] == etag
    both = client.get(path, headers=plain | {"If-Match": '"x"', "If-None-Match": etag})
    assert both.status_code == 412
    part = client.get(path, headers=plain | {"If-Match": '"x"', "Range": "bytes=0-1"})
    assert part.status_code == 412


IMPATIENT = """
import sys
from pathlib import Path
from mingzhang.release import open_release
from mingzhang.sparql import heads
from mingzhang.sparql.server import ServiceOptions, serve_release
heads.REQUEST_WITHIN_S, heads.TAKEN_WITHIN_S = 0.5, 1.5
serve_release(open_release(Path(sys.argv[1])), ServiceOptions(port=0), lambda url: print(url, flush=True))
"""


@pytest.fixture(scope="module")
def impatient(release: Release) -> Iterator[str]:
    """A service that waits half a second for a request, and one and a half for an answer to be taken."""
    command = [sys.executable, "-c", IMPATIENT, str(release.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.mark.parametrize(
    "begun", [ASK[:20], ASK + HOST, POST + b"Content-Length: 6\r\n\r\nASK", POST + b"Transfer-Encoding: chunked\r\n\r\n6\r\nA"]
)  # fmt: skip
def test_who_does_not_finish_a_request_gets_408(impatient: str, begun: bytes) -> None:
    with wire(impatient) as asked:
        asked.send(ASK + HOST + b"\r\n")
        assert asked.response()[0] == 200
        asked.send(begun)
        status, head, body = asked.response()
        assert status == 408
        assert b"\r\nconnection: close" in head
        assert b"errors#request" in body
        assert asked.is_closed()


def test_who_says_nothing_at_all_is_not_kept(impatient: str) -> None:
    with wire(impatient) as asked:
        assert asked.is_closed()


def test_who_takes_nothing_of_an_answer_is_cut_off_and_who_takes_it_slowly_is_not(impatient: str) -> None:
    large = (
        b"GET /sparql?query=SELECT+*+%7B%3Fa+%3Fb+%3Fc.%3Fd+%3Fe+%3Ff%7D+LIMIT+30000 HTTP/1.1\r\n"
        + HOST
        + b"\r\n"
    )
    with wire(impatient) as idle, wire(impatient) as slow:
        for asked in (idle, slow):
            asked.opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            asked.send(large)
        begun = time.monotonic()
        while time.monotonic() - begun < 4 and len(slow.said) < 5_000_000:
            time.sleep(0.05)
            slow.more()
        status, _, body = slow.response()
        assert (status, body.count(b"\r\n")) == (200, 30_001)
        received = 0
        with pytest.raises((ConnectionResetError, AssertionError)):  # noqa: PT012 - how a cut shows depends on the system
            while True:
                idle.more()
                received = len(idle.said)
        assert received < len(body)


@pytest.mark.parametrize(
    "host", [b"example.org", b"example.org:80", b"[::1]:8000", b"127.0.0.1", b"", b"a_b.example"]
)
def test_a_host_may_be_any_that_uris_know(host: bytes) -> None:
    assert malformed("1.1", b"/", [(b"host", host)]) is None
