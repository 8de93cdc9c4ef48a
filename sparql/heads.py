"""The fast HTTP parser, with the bounds it lacks, on the length of a URL and on the size of a request's head; and a short
way for queries (quick.py), past parser and application. Keeping connections open, answering in the order asked, and
ending with the server stay uvicorn's, whichever way a request goes.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mingzhang.sparql.problems import Problem, problem_response
from mingzhang.sparql.protocol import MAX_REQUEST_HEAD_BYTES, MAX_URL_BYTES
from mingzhang.sparql.quick import ENDPOINT, PLAIN, Quick, QuickAnswers
from mingzhang.sparql.ready import Recorded

LONGEST_URL_BYTES = MAX_URL_BYTES + 900
"""What is passed on of a longer URL: enough to be seen to be too long, and within what the parser can take apart
(65,535 bytes; it would answer a bare 400)."""
LONGEST_PLAIN_BYTES = 16 * 1024
LISTENED_S = 2.0
"""Who is refused in the middle of sending is listened to for so long: closing at once would take the refusal back, since
a system throws away what it has received when the other side goes on sending to a closed connection."""


class BoundedHttp(HttpToolsProtocol):
    """One connection."""

    head_bytes = 0
    url_bytes = 0
    in_head = True
    refused = False
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

    def on_message_begin(self) -> None:
        self.head_bytes, self.url_bytes, self.in_head, self.in_message = 0, 0, True, True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self.url_bytes += len(url)
        super().on_url(url)
        self.url = self.url[:LONGEST_URL_BYTES]

    def on_headers_complete(self) -> None:
        self.in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.in_message = False
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        if self.refused or self.answered_at_once(data):
            return
        super().data_received(data)
        self.lines = None
        if self.in_head:
            self.head_bytes += len(data)
            if self.head_bytes > MAX_REQUEST_HEAD_BYTES:
                self.refuse()

    def refuse(self) -> None:
        """Answers 414 or 431 (RFC 6585 §5), and reads no more of the request."""
        self.refused = True
        if self.url_bytes > MAX_URL_BYTES:
            said = f"the URL is longer than {MAX_URL_BYTES} bytes; send the query by POST"
            problem, reason = Problem("too-long", 414, said), "URI Too Long"
        else:
            said = (
                f"the head of the request is longer than {MAX_REQUEST_HEAD_BYTES} bytes; send fewer headers"
            )
            problem, reason = Problem("too-long", 431, said), "Request Header Fields Too Large"
        response = problem_response(problem)
        lines = [b"HTTP/1.1 %d %s" % (problem.status, reason.encode()), b"connection: close"]
        lines += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + bytes(response.body))
        self.loop.call_later(LISTENED_S, self.transport.close)

    def answered_at_once(self, data: bytes) -> bool:
        """Whether these bytes were a plain request, and it has been answered."""
        free = self.cycle is None or self.cycle.response_complete
        if self.quick is None or self.in_message or not free or len(data) > LONGEST_PLAIN_BYTES:
            return False
        found = PLAIN.fullmatch(data)
        if found is None or self.flow.write_paused or self.transport.is_closing():
            return False
        self.lines = found[2]
        head = self.quick.heads.get(self.lines)
        if head is None:
            return False
        given = self.quick.answer(head, found[1], self.client[0] if self.client else "unknown")
        if not isinstance(given, Recorded):
            self.given = given
            return False
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

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Begins to answer the request whose turn it is."""
        given, self.given = self.given, None
        if given is not None:
            super()._start_asgi_task(cycle, self.sender(cycle, given))
            return
        if self.quick is not None and self.lines is not None and cycle.scope["raw_path"] == ENDPOINT:
            self.quick.remember(self.lines, dict(cycle.scope))
        super()._start_asgi_task(cycle, app)

    def sender(
        self, cycle: RequestResponseCycle, given: Quick | Coroutine[Any, Any, Quick]
    ) -> ASGI3Application:
        """An application that sends a response once it is there."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            response = await given if isinstance(given, Coroutine) else given
            if not isinstance(response, Recorded):
                await response(scope, receive, send)
                return
            if cycle.flow.write_paused and not cycle.disconnected:
                await cycle.flow.drain()
            cycle.response_started = cycle.response_complete = True
            if not cycle.disconnected:
                self.send_whole(response, cycle.keep_alive)
                cycle.on_response()

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


def bounded_http(quick: QuickAnswers) -> type[BoundedHttp]:
    """The protocol class of a server that has these answers."""
    return type("QuickHttp", (BoundedHttp,), {"quick": quick})
