"""The fast HTTP parser, with the bounds it lacks: on the length of a URL, the size of a request's head, the time that a
client takes to send a request or to take an answer; and a short way for queries (quick.py), past parser and application. Keeping connections open, answering in the order asked, and
ending with the server stay uvicorn's, whichever way a request goes.

A connection that asks one small query after the other is lent to a teller (teller.py): we read nothing from it until it
comes back.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Coroutine
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mingzhang.sparql.cors import cors_headers
from mingzhang.sparql.framing import malformed
from mingzhang.sparql.plain import ENDPOINT, LONGEST_PLAIN_BYTES, PLAIN
from mingzhang.sparql.problems import Problem, problem_response
from mingzhang.sparql.protocol import MAX_REQUEST_HEAD_BYTES, MAX_URL_BYTES
from mingzhang.sparql.quick import Head, Quick, QuickAnswers
from mingzhang.sparql.ready import Recorded
from mingzhang.sparql.tellers import Returned

LONGEST_URL_BYTES = MAX_URL_BYTES + 900
"""What is passed on of a longer URL: enough to be seen to be too long, and within what the parser can take apart
(65,535 bytes; it would answer a bare 400)."""
LISTENED_S = 2.0
"""Who is refused in the middle of sending is listened to for so long: closing at once would take the refusal back, since
a system throws away what it has received when the other side goes on sending to a closed connection."""


REQUEST_WITHIN_S = 60.0
"""A request that is not there after this time, its first byte or its last, is not waited for."""
TAKEN_WITHIN_S = 60.0
"""Who takes nothing of an answer for so long gets no more of it."""
REASONS = {
    400: b"Bad Request", 408: b"Request Timeout", 414: b"URI Too Long", 431: b"Request Header Fields Too Large",
    501: b"Not Implemented", 505: b"HTTP Version Not Supported",
}  # fmt: skip
LENT_AFTER = 2
"""So many small queries in a row speak for a third. A connection whose next one was not small is not lent again."""
SOON_S = 0.05
LARGEST_BYTES = 16 * 1024
"""A small query is one whose answer is no larger, and there this soon."""


class BoundedHttp(HttpToolsProtocol):
    """One connection."""

    head_bytes = 0
    url_bytes = 0
    in_head = True
    under_way: RequestResponseCycle
    """The request that is being answered, or was last."""
    refused = False
    fault: Problem | None = None
    """What is wrong with the head of the request that is being parsed."""
    deadline: asyncio.TimerHandle | None = None
    """When a request has to be there."""
    stuck: asyncio.TimerHandle | None = None
    """When something of an answer has to have been taken."""
    quick: QuickAnswers | None = None
    """What may answer before the application is asked; set by `bounded_http`."""
    in_message = False
    """Whether the parser is in the middle of a request."""
    lines: bytes | None = None
    """The header lines of the plain request that the parser is being given."""
    given: Quick | Coroutine[Any, Any, Quick] | None = None
    """The answer to that request, where it is being made already."""
    answered_at = 0.0
    """When a request was last answered past the parser, by the loop's clock."""
    small_in_a_row = 0
    """How many plain requests were answered quickly, by a worker, and nothing else asked meanwhile."""
    may_be_lent = True

    def on_message_begin(self) -> None:
        self.head_bytes, self.url_bytes, self.in_head, self.in_message = 0, 0, True, True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self.url_bytes += len(url)
        super().on_url(url)
        self.url = self.url[:LONGEST_URL_BYTES]

    def on_headers_complete(self) -> None:
        self.fault = malformed(self.parser.get_http_version(), self.url, self.headers)
        if self.fault is not None:
            # This ends the parsing; what is wrong is sent by `send_400_response`.
            raise ValueError(self.fault.detail)
        self.in_head = False
        super().on_headers_complete()
        if self.parser.should_upgrade():
            # We speak nothing else, and the parser reads nothing after such a request (RFC 9110 §7.8 lets us answer it).
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        self.in_message = False
        super().on_message_complete()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.expect_by(REQUEST_WITHIN_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self.expect_by(None)
        super().connection_lost(exc)
        if self.stuck is not None:
            self.stuck.cancel()

    def data_received(self, data: bytes) -> None:
        if self.refused:
            return
        if self.deadline is not None and not self.in_message:
            self.expect_by(None)
        if self.answered_at_once(data):
            return
        super().data_received(data)
        self.lines = None
        if self.in_head and not self.refused:
            self.head_bytes += len(data)
            if self.head_bytes > MAX_REQUEST_HEAD_BYTES:
                self.refuse(self.too_long())
        if not self.in_message:
            self.expect_by(None)
        elif self.deadline is None:
            self.expect_by(REQUEST_WITHIN_S)

    def expect_by(self, seconds: float | None) -> None:
        """Expects a whole request within this time; None for no end of it."""
        if self.deadline is not None:
            self.deadline.cancel()
        self.deadline = self.loop.call_later(seconds, self.too_slow) if seconds is not None else None

    def too_slow(self) -> None:
        """Ends a connection on which no request has come, or none to its end (408, RFC 9110 §15.5.9)."""
        self.deadline = None
        if self.answering:
            # We may be the slow ones: what is being answered was asked in time.
            self.expect_by(REQUEST_WITHIN_S)
        elif self.in_message:
            said = f"the request was not there after {REQUEST_WITHIN_S:g} s; send it in one go"
            self.refuse(Problem("request", 408, said))
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.stuck = self.loop.call_later(
            TAKEN_WITHIN_S, self.not_taken, self.transport.get_write_buffer_size()
        )

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.stuck is not None:
            self.stuck.cancel()
            self.stuck = None

    def not_taken(self, before: int) -> None:
        """Cuts a connection whose client has taken nothing of an answer for TAKEN_WITHIN_S."""
        left = self.transport.get_write_buffer_size()
        if left >= before:
            self.transport.abort()
        else:
            self.stuck = self.loop.call_later(TAKEN_WITHIN_S, self.not_taken, left)

    @property
    def answering(self) -> bool:
        """Whether a request is being answered, other than the one whose body is still coming."""
        in_body = self.in_message and not self.in_head
        under_way = self.cycle is not None and not self.cycle.response_complete
        return under_way and (bool(self.pipeline) or not in_body)

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP; the parser calls it."""
        said = "this is no request of HTTP/1.1 (RFC 9112)"
        self.refuse(self.fault or Problem("request", 400, said))

    def too_long(self) -> Problem:
        """The problem with a head that is longer than may be: 414, or 431 (RFC 6585 §5)."""
        if self.url_bytes > MAX_URL_BYTES:
            return Problem(
                "too-long", 414, f"the URL is longer than {MAX_URL_BYTES} bytes; send the query by POST"
            )
        said = f"the head of the request is longer than {MAX_REQUEST_HEAD_BYTES} bytes; send fewer headers"
        return Problem("too-long", 431, said)

    def refuse(self, problem: Problem) -> None:
        """Answers with a problem, reads no more, and closes the connection. While requests before this one are being
        answered nothing is sent, or it would be taken for the answer to one of them: the connection then ends after these.
        """
        self.refused = True
        if self.answering:
            if self.pipeline and self.in_message and not self.in_head:
                self.pipeline.popleft()  # the one whose body is wrong
            last = self.pipeline[0][0] if self.pipeline else self.under_way
            last.keep_alive = False
            return
        response = problem_response(problem)
        headers = [
            *self.server_state.default_headers,
            *response.raw_headers,
            *cors_headers({"method": "GET"}),
        ]
        lines = [b"HTTP/1.1 %d %s" % (problem.status, REASONS[problem.status]), b"connection: close"]
        lines += [name + b": " + value for name, value in headers]
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + bytes(response.body))
        self.loop.call_later(LISTENED_S, self.transport.close)

    def answered_at_once(self, data: bytes) -> bool:
        """Whether these bytes were a plain request, and it has been answered."""
        if self.quick is None or self.in_message or self.answering or len(data) > LONGEST_PLAIN_BYTES:
            return False
        found = PLAIN.fullmatch(data)
        if found is None or self.flow.write_paused or self.transport.is_closing():
            return False
        self.lines = found[2]
        head = self.quick.head(self.lines)
        if head is None:
            return False
        given = self.quick.held(head, found[1])
        if given is None:
            made = self.quick.answer(head, found[1], self.client[0] if self.client else "unknown")
            if not isinstance(made, Recorded):
                self.given = made
                return False
            given = made
            self.answered_soon(head, self.lines)
        self.send_whole(given, keep_alive=True)
        self.answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_handler()
        return True

    def timeout_keep_alive_handler(self) -> None:
        """Closes a connection that has been idle for long enough."""
        left_s = self.answered_at + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left_s, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def answered_soon(self, head: Head, lines: bytes) -> None:
        """Counts a plain request that took a worker little time; lends the connection after some."""
        self.small_in_a_row += 1
        if self.small_in_a_row >= LENT_AFTER and self.may_be_lent:
            self.small_in_a_row = 0
            # What is written now goes out at the end of this round of the loop, so after the next one it has gone.
            self.loop.call_soon(self.loop.call_soon, self.lend, head, lines)

    def lend(self, head: Head, lines: bytes) -> None:
        """Lends the connection to a teller, if there is one free and nothing is under way here."""
        under_way = (
            self.in_message or self.answering or self.pipeline or self.transport.get_write_buffer_size()
        )
        if under_way or self.flow.read_paused or self.transport.is_closing() or self.scheme != "http":
            return
        assert self.quick is not None
        # A handle of our own: the transport may be closed meanwhile, and its number be another connection's.
        connection = socket.socket(fileno=os.dup(self.transport.get_extra_info("socket").fileno()))
        lent = self.quick.lend(lines, head, self.server_state.default_headers, connection.fileno())
        if lent is None:
            connection.close()
            return
        self.flow.pause_reading()
        task = self.loop.create_task(self.until_returned(lent, connection))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def until_returned(self, lent: Coroutine[Any, Any, Returned], connection: socket.socket) -> None:
        """Takes the connection back from a teller, and reads on."""
        with connection:
            returned = await lent
            # A teller that ended has left the request it was at. Where there is none we cannot know that there was
            # none: the client then sees a connection closed, and asks again.
            lost = returned.answered is None and not is_asking(connection)
        if lost:
            self.transport.close()
        if self.transport.is_closing():
            return
        self.answered_at = self.loop.time()
        self.may_be_lent = returned.answered is not None
        if returned.unsent:
            self.transport.write(returned.unsent)
        self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Begins to answer the request whose turn it is."""
        self.under_way = cycle
        given, self.given = self.given, None
        if given is not None:
            super()._start_asgi_task(cycle, self.sender(cycle, given))
            return
        self.small_in_a_row = 0
        if self.quick is not None and self.lines is not None and cycle.scope["raw_path"] == ENDPOINT:
            self.quick.remember(self.lines, dict(cycle.scope))
        super()._start_asgi_task(cycle, app)

    def sender(
        self, cycle: RequestResponseCycle, given: Quick | Coroutine[Any, Any, Quick]
    ) -> ASGI3Application:
        """An application that sends a response once it is there."""
        begun, lines = self.loop.time(), self.lines or b""
        head = self.quick.head(lines) if self.quick is not None else None

        async def app(scope: Any, receive: Any, send: Any) -> None:
            response = await given if isinstance(given, Coroutine) else given
            if not isinstance(response, Recorded):
                await response(scope, receive, send)
                return
            if cycle.flow.write_paused and not cycle.disconnected:
                await cycle.flow.drain()
            cycle.response_started = cycle.response_complete = True
            if cycle.disconnected:
                return
            self.send_whole(response, cycle.keep_alive)
            cycle.on_response()
            is_small = len(response.body) <= LARGEST_BYTES and self.loop.time() - begun < SOON_S
            if head is not None and is_small:
                self.answered_soon(head, lines)
            else:
                self.small_in_a_row = 0

        return app

    def send_whole(self, answer: Recorded, keep_alive: bool) -> None:
        """Sends a response that is in memory."""
        lines = [STATUS_LINE[answer.status]]
        for name, value in self.server_state.default_headers:
            lines += (name, b": ", value, b"\r\n")
        lines += (answer.head, b"\r\n" if keep_alive else b"connection: close\r\n\r\n", answer.body)
        self.transport.write(b"".join(lines))
        if not keep_alive:
            self.transport.close()


def is_asking(connection: socket.socket) -> bool:
    """Whether a client has sent something that nobody has read yet."""
    try:
        return bool(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except OSError:
        return False


def bounded_http(quick: QuickAnswers) -> type[BoundedHttp]:
    """The protocol class of a server that has these answers."""
    return type("QuickHttp", (BoundedHttp,), {"quick": quick})
