"""Connections lent to a process that answers small queries by itself: the same bytes, nothing lost when it ends, and everything
that is not a small plain query is the server's."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

import pytest

from mingzhang.release import Release
from mingzhang.sparql import teller
from mingzhang.sparql.errand import Errand
from mingzhang.sparql.options import ServiceOptions
from mingzhang.sparql.store import Loaded, loaded, release_source
from mingzhang.sparql.sums import NO_OVERLAPS
from mingzhang.sparql.teller import LARGEST_BYTES, Teller
from mingzhang.sparql.tellers import Returned
from mingzhang.sparql.workers import READY_WORKERS, WorkerPool

BASE = "https://data.example.org/"
LINES = b"Host: example.org\r\nAccept: text/csv\r\n"
ERRAND = Errand(
    LINES.decode(), {"host": "example.org", "accept": "text/csv"}, "x-around: all\r\n", "server: x\r\n", "r1", BASE, True,
    1 << 20, NO_OVERLAPS,
)  # fmt: skip
ROWS = "SELECT ?a { VALUES ?a { " + " ".join(str(number) for number in range(1500)) + " } }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r }"
CHANGING = re.compile(rb"^(date|mingzhang-milliseconds): .*\r\n", re.MULTILINE)
NOT_OURS = {
    "another method": b"HEAD /sparql?query=ASK+%7B%7D HTTP/1.1\r\n" + LINES + b"\r\n",
    "other header lines": b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n",
    "another parameter": b"GET /sparql?query=ASK+%7B%7D&format=json HTTP/1.1\r\n" + LINES + b"\r\n",
    "a malformed query": b"GET /sparql?query=SELECT HTTP/1.1\r\n" + LINES + b"\r\n",
    "an update": b"GET /sparql?query=CLEAR+ALL HTTP/1.1\r\n" + LINES + b"\r\n",
    "not acceptable": b"GET /sparql?query=DESCRIBE+%3Curn:x%3E HTTP/1.1\r\n" + LINES + b"\r\n",
    "half a request": b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\n" + LINES,
    "nothing of HTTP": b"\x16\x03\x01\x02\x00\x01",
    "two at once": (b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\n" + LINES + b"\r\n") * 2,
}  # fmt: skip


def asking(query: str) -> bytes:
    return f"GET /sparql?query={quote_plus(query)} HTTP/1.1\r\n".encode() + LINES + b"\r\n"


def received(opened: socket.socket, size: int) -> bytes:
    """So many bytes."""
    found = b""
    while len(found) < size:
        piece = opened.recv(size - len(found))
        assert piece, "the connection was closed"
        found += piece
    return found


def response(opened: socket.socket) -> tuple[bytes, bytes]:
    """The head of the next response without what differs from moment to moment, and its body."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += received(opened, 1)
    length = re.search(rb"content-length: ([0-9]+)", head)
    assert length is not None, head
    return CHANGING.sub(b"", head), received(opened, int(length[1]))


@pytest.fixture
def connection() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The client's end, and the server's as it is lent."""
    client, server = socket.socketpair()
    server.setblocking(False)
    client.settimeout(20)
    with client, server:
        yield client, server


# --- what a teller does with a connection -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(release: Release) -> Loaded:
    return loaded(release_source(release))


@pytest.fixture
def patient(store: Loaded, monkeypatch: pytest.MonkeyPatch) -> Teller:
    """A teller in this process, which must not end it."""
    monkeypatch.setattr(teller, "LONGEST_S", 600.0)
    monkeypatch.setattr(teller, "WORTH_A_FILE_MS", 600_000.0)
    return Teller(store)


def test_it_answers_one_request_after_the_other_until_none_comes(
    patient: Teller, connection: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teller, "IDLE_MS", 20_000)
    monkeypatch.setattr(teller, "LENT_S", 600.0)
    client, server = connection
    answers: list[tuple[bytes, bytes]] = []

    def ask() -> None:
        for number in (1, 2, 1):
            client.sendall(asking(f"SELECT ({number} AS ?n) {{}}"))
            answers.append(response(client))
        client.shutdown(socket.SHUT_WR)

    asks = threading.Thread(target=ask)
    asks.start()
    message, rest = patient.attend(server, ERRAND)
    asks.join()
    assert (message, rest) == ({"answered": 3}, b"")
    assert [body for _, body in answers] == [b"n\r\n1\r\n", b"n\r\n2\r\n", b"n\r\n1\r\n"]
    assert answers[0] == answers[2]
    for line in (b"HTTP/1.1 200 OK", b"server: x", b"x-around: all", b"mingzhang-release: r1"):
        assert line in answers[0][0].splitlines()


@pytest.mark.parametrize("odd", NOT_OURS.values(), ids=NOT_OURS)
def test_what_is_not_its_own_stays_in_the_socket(
    patient: Teller, connection: tuple[socket.socket, socket.socket], odd: bytes
) -> None:
    client, server = connection
    client.sendall(odd)
    assert patient.attend(server, ERRAND) == ({"answered": 0}, b"")
    assert server.recv(1 << 16) == odd


@pytest.mark.parametrize(("allowed", "rows"), [(1 << 20, LARGEST_BYTES), (100, 99)])
def test_a_large_answer_is_not_its_own(
    patient: Teller, connection: tuple[socket.socket, socket.socket], allowed: int, rows: int
) -> None:
    client, server = connection
    values = "VALUES ?{} { " + "1 " * 200 + "}"
    request = asking(f"SELECT ?a {{ {values.replace('{}', 'a')} {values.replace('{}', 'b')} }} LIMIT {rows}")
    client.sendall(request)
    assert patient.attend(server, Errand(**vars(ERRAND) | {"largest_bytes": allowed})) == (
        {"answered": 0},
        b"",
    )
    assert server.recv(1 << 16) == request


def test_what_a_client_does_not_read_at_once_is_given_back(
    patient: Teller, connection: tuple[socket.socket, socket.socket]
) -> None:
    client, server = connection
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    client.sendall(asking(ROWS))
    message, rest = patient.attend(server, ERRAND)
    assert message == {"answered": 1}
    assert rest
    server.setblocking(True)
    writes = threading.Thread(target=server.sendall, args=(rest,))
    writes.start()
    head, body = response(client)
    writes.join()
    assert head.startswith(b"HTTP/1.1 200")
    assert body.startswith(b"a\r\n0\r\n1\r\n")


def test_an_answer_that_took_long_is_given_back_to_be_kept(
    patient: Teller, connection: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teller, "WORTH_A_FILE_MS", 0.0)
    client, server = connection
    client.sendall(asking("SELECT (1 AS ?n) {}"))
    message, body = patient.attend(server, ERRAND)
    assert body == b"n\r\n1\r\n"
    assert f"etag: {message['etag']}\r\n".encode() in response(client)[0]
    client.sendall(asking("SELECT (NOW() AS ?n) {}"))
    assert patient.attend(server, ERRAND) == ({"answered": 1}, b"")


def test_a_client_that_has_gone_harms_nobody(
    patient: Teller, connection: tuple[socket.socket, socket.socket]
) -> None:
    client, server = connection
    client.close()
    assert patient.attend(server, ERRAND) == ({"answered": 0}, b"")


def test_answers_of_another_errand_are_not_given(
    patient: Teller, connection: tuple[socket.socket, socket.socket]
) -> None:
    client, server = connection
    for errand in (ERRAND, Errand(**vars(ERRAND) | {"release_id": "r2"}), ERRAND):
        client.sendall(asking("SELECT (1 AS ?n) {}"))
        patient.attend(server, errand)
        assert f"mingzhang-release: {errand.release_id}\r\n".encode() in response(client)[0]


# --- tellers in processes of their own ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pool(release: Release) -> Iterator[WorkerPool]:
    with closing(WorkerPool(release_source(release), ServiceOptions().limits)) as opened:
        yield opened


def lent(pool: WorkerPool, connection: socket.socket) -> tuple[int, Returned]:
    """The process that a connection was lent to, and how it came back."""

    async def lend() -> tuple[int, Returned]:
        while (taken := pool.tellers.taken()) is None:
            await asyncio.sleep(0.01)
        return taken.pid, await pool.tellers.lent(taken, connection.fileno(), ERRAND)

    return asyncio.run(lend())


def test_a_query_that_takes_long_ends_the_teller_and_is_left_to_be_asked_again(
    pool: WorkerPool, connection: tuple[socket.socket, socket.socket]
) -> None:
    client, server = connection
    pids = set()
    for _ in range(3):
        client.sendall(asking(ENDLESS))
        pid, returned = lent(pool, server)
        assert returned == Returned(None)
        assert server.recv(1 << 16) == asking(ENDLESS)
        pids.add(pid)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert len(pids) == 3


def test_a_teller_answers_in_its_own_process(
    pool: WorkerPool, connection: tuple[socket.socket, socket.socket]
) -> None:
    client, server = connection
    for _ in range(20):  # on a busy machine a small query may take too long now and then
        client.sendall(asking("SELECT (1 AS ?n) {}"))
        _, returned = lent(pool, server)
        if returned.answered:
            break
        server.recv(1 << 16)
    assert returned.answered == 1
    assert response(client)[1] == b"n\r\n1\r\n"


# --- through the service ------------------------------------------------------------------------------------------


def asked(
    opened: http.client.HTTPConnection, query: str, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    opened.request("GET", f"/sparql?query={quote_plus(query)}", headers={"Accept": "text/csv"} | headers)
    got = opened.getresponse()
    body = got.read()
    lines = {name.lower(): value for name, value in got.getheaders()}
    for name in ("date", "mingzhang-milliseconds"):
        lines.pop(name, None)
    return got.status, lines, body


@pytest.fixture
def opened(service: str) -> Iterator[http.client.HTTPConnection]:
    address = urlsplit(service)
    with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)) as connection:
        yield connection


def small_ones(opened: http.client.HTTPConnection, number: int, mark: str) -> None:
    for value in range(number):
        status, _, body = asked(opened, f"SELECT ({value} AS ?n) {{}} # {mark}")
        assert (status, body) == (200, f"n\r\n{value}\r\n".encode())


def test_a_run_of_small_queries_gets_the_same_responses_as_each_alone(
    service: str, opened: http.client.HTTPConnection
) -> None:
    queries = [f"SELECT ?s {{ ?s ?p ?o }} ORDER BY ?s LIMIT {number}" for number in range(1, 60)]
    run = [asked(opened, query) for query in queries]
    address = urlsplit(service)
    for query, given in zip(queries, run, strict=True):
        with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)) as alone:
            assert asked(alone, query, **{"X-Once": str(time.monotonic_ns())}) == given


def test_anything_may_be_asked_in_between(opened: http.client.HTTPConnection) -> None:
    for turn in range(3):
        small_ones(opened, 12, f"turn {turn}")
        opened.request(
            "POST", "/sparql", "ASK {}", {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
        )
        posted = opened.getresponse()
        assert (posted.status, posted.read()) == (200, b"true")
        small_ones(opened, 12, f"again {turn}")
        status, headers, _ = asked(opened, "SELECT ?s {")
        assert (status, headers["content-type"]) == (400, "application/problem+json")
        small_ones(opened, 12, f"more {turn}")
        status, headers, body = asked(opened, f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {9000 + turn}")
        assert (status, len(body) > 10 * LARGEST_BYTES) == (200, True)
        small_ones(opened, 12, f"tag {turn}")
        again = asked(opened, f"SELECT (0 AS ?n) {{}} # tag {turn}")
        status, _, body = asked(
            opened, f"SELECT (0 AS ?n) {{}} # tag {turn}", **{"If-None-Match": again[1]["etag"]}
        )
        assert (status, body) == (304, b"")


def test_a_long_query_after_small_ones_has_all_its_time_and_then_its_504(
    start: Callable[..., str], release: Release
) -> None:
    address = urlsplit(start(release=release, timeout_s=1.0))
    with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)) as opened:
        small_ones(opened, 12, "before")
        status, headers, body = asked(opened, ENDLESS)
        assert (status, headers["content-type"]) == (504, "application/problem+json"), body
        small_ones(opened, 12, "after")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc to find the processes by")
def test_nothing_is_lost_when_the_teller_is_killed(start: Callable[..., str], release: Release) -> None:
    url = start(release=release)
    address = urlsplit(url)
    with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)) as opened:
        asked(opened, "ASK {}")
        before = time.monotonic()
        tellers: list[int] = []
        number = 0
        while not tellers:
            assert time.monotonic() - before < 30, "no teller was ever taken"
            number += 1
            small_ones(opened, 5, f"run {number}")
            tellers = workers_of(url)[READY_WORKERS:]
        for _ in range(5):
            for pid in workers_of(url)[READY_WORKERS:]:
                os.kill(pid, signal.SIGKILL)
            number += 1
            try:
                small_ones(opened, 1, f"run {number}")
            except (
                http.client.RemoteDisconnected,
                ConnectionResetError,
            ):  # a connection is closed, never half an answer
                opened.close()
            small_ones(opened, 8, f"after {number}")


def workers_of(url: str) -> list[int]:
    """The processes of the service at this URL that were forked from the one that holds its store, the oldest first."""
    port = f":{urlsplit(url).port:04X} "
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines() if port in line[:34]]
    inode = next(fields[9] for fields in listening if fields[3] == "0A")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            names = [str(handle.readlink()) for handle in (process / "fd").iterdir()]
        except OSError:
            continue
        if f"socket:[{inode}]" in names:
            nurseries = children(int(process.name))
            return sorted(pid for nursery in nurseries for pid in children(nursery))
    raise AssertionError(f"nobody listens at {url}")


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]
