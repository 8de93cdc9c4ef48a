"""A teller: a worker that answers the small queries of one connection by itself, while one follows the other.

More than half of what a small query costs is two processes waking each other and finding their caches cold. So a
connection that asks one small query after the other is lent to a teller for a moment: it reads the requests from the
socket and writes the answers into it, and the server sleeps.

It is a bet that the next query is small too, and losing it costs little. A request stays in the socket until its answer is
made. What is no plain request with the very same header lines, what is wrong, large or takes more than LONGEST_S of the
processor (the system then ends the process: nothing in it has to notice) is left where it is, for the server to answer in
the ordinary way, with all limits and all errors. So a teller knows no errors, and its end loses nothing.
"""

from __future__ import annotations

import io
import select
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from mingzhang.errors import QueryError
from mingzhang.sparql import engine, store
from mingzhang.sparql.delivery import Asker, Whole, whole
from mingzhang.sparql.errand import LENT_S, LONGEST_S, Errand
from mingzhang.sparql.formats import HTML
from mingzhang.sparql.frames import receive_frame, send_frame
from mingzhang.sparql.kept import WORTH_A_FILE_MS, Held
from mingzhang.sparql.plain import LONGEST_PLAIN_BYTES, PLAIN
from mingzhang.sparql.problems import Problem
from mingzhang.sparql.protocol import plain_operation
from mingzhang.sparql.ready import recorded_of
from mingzhang.sparql.terms import Served, Terms

IDLE_MS = 100
"""A client that takes longer to ask again is not waited for."""
LARGEST_BYTES = 16 * 1024
MOST_READY = 256
"""So many responses at most are held for who asks the same again, each of at most LARGEST_BYTES and its head."""


@dataclass(frozen=True)
class Response:
    """A response without its first lines; with its entity tag and answer where that took so long to make that the server
    is to keep it."""

    text: bytes
    worth_a_file: tuple[str, Held] | None = None


class OurEngine:
    """The engine as receipts name it."""

    name = engine.ENGINE


class Teller:
    """Answers queries over a store for the connections it is lent, one after the other."""

    def __init__(self, loaded: store.Loaded) -> None:
        self.loaded = loaded
        self.errand: Errand | None = None
        self.ready: dict[bytes, Response] = {}
        """The responses to query strings of this errand."""

    def attend(self, connection: socket.socket, errand: Errand) -> tuple[dict[str, Any], bytes]:
        """Answers requests until there is one that is not ours, or the time is up.

        Gives how many were answered, and what the server is to go on with: the rest of a response that did not go out at
        once, or an answer to be kept. Raises OSError where the client has gone.
        """
        if errand != self.errand:
            self.errand = errand
            self.ready.clear()
        lines = errand.lines.encode("latin-1")
        poller = select.poll()
        poller.register(connection, select.POLLIN)
        answered, until = 0, time.monotonic() + LENT_S
        while time.monotonic() < until and poller.poll(IDLE_MS):
            request = connection.recv(LONGEST_PLAIN_BYTES, socket.MSG_PEEK)
            found = PLAIN.fullmatch(request)
            response = self.response(errand, found[1]) if found is not None and found[2] == lines else None
            if response is None:
                break
            connection.recv(len(request))  # now it is ours to answer
            unsent = sent(connection, first_lines(int(time.time())) + response.text)
            answered += 1
            if unsent:
                return {"answered": answered}, unsent
            if response.worth_a_file is not None:
                etag, held = response.worth_a_file
                about = {"rows": held.rows, "elapsed_ms": held.elapsed_ms, "sha256": held.sha256}
                return {"answered": answered, "etag": etag} | about, held.body
        return {"answered": answered}, b""

    def response(self, errand: Errand, query_string: bytes) -> Response | None:
        """The response to a plain request; None where it is the server's to give. Ends the process after LONGEST_S
        of processor time."""
        ready = self.ready.get(query_string)
        if ready is not None:
            return ready
        signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
        try:
            return self.made(errand, query_string)
        except (Problem, QueryError, MemoryError):
            return None
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def made(self, errand: Errand, query_string: bytes) -> Response | None:
        """The response to a query string; None where it is not ours to give. Raises Problem, QueryError, MemoryError."""
        operation = plain_operation(query_string)
        if operation is None:
            return None
        terms, asker = terms_of(errand), Asker("GET", errand.headers)
        wanted = terms.wanted(asker, operation)
        if wanted.chosen is HTML:
            return None
        started, busy = time.perf_counter(), time.process_time()
        answer = engine.answer(self.loaded.for_question(wanted.question), wanted.question, io.BytesIO())
        elapsed_ms, busy_ms = (time.perf_counter() - started) * 1000, (time.process_time() - busy) * 1000
        assert answer.body is not None  # LARGEST_BYTES is below engine.SMALL_BYTES
        held = Held(answer.body, answer.rows, elapsed_ms, answer.sha256)
        given = whole(asker, terms.delivery(wanted, held))
        if not isinstance(given, Whole):
            return None
        recorded = recorded_of(given, (errand.defaults + errand.surroundings).encode("latin-1"))
        text = recorded.head + b"\r\n" + recorded.body
        if wanted.etag and busy_ms >= WORTH_A_FILE_MS:
            return Response(text, (wanted.etag, held))
        if recorded.is_fixed:
            if len(self.ready) >= MOST_READY:
                self.ready.clear()
            self.ready[query_string] = Response(text)
        return Response(text)


def terms_of(errand: Errand) -> Terms:
    """What is said about the queries of a connection, and about their answers."""
    served = Served(errand.release_id, "", errand.base_uri, None, errand.fixed, errand.overlaps)
    return Terms(served, OurEngine(), min(LARGEST_BYTES, errand.largest_bytes))


@lru_cache(maxsize=1)
def first_lines(second: int) -> bytes:
    """The first line of a response, and its date, in seconds since 1970."""
    return f"HTTP/1.1 200 OK\r\ndate: {formatdate(second, usegmt=True)}\r\n".encode("ascii")


def sent(connection: socket.socket, response: bytes) -> bytes:
    """Sends as much of a response as goes at once, and gives the rest."""
    with suppress(BlockingIOError):
        response = response[connection.send(response) :]
    return response


def attend_connections(loaded: store.Loaded, channel: socket.socket) -> None:
    """Attends to what is lent over a channel, until it closes (EOFError, OSError)."""
    teller = Teller(loaded)
    while True:
        errand, _, descriptors = receive_frame(channel)
        message: dict[str, Any] = {"answered": 0}
        rest = b""
        with socket.socket(fileno=descriptors[0]) as connection, suppress(OSError):
            message, rest = teller.attend(connection, Errand.from_json(errand))
        send_frame(channel, message, attached=rest)
