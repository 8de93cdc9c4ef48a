"""The fast HTTP parser, with the bounds it lacks: on the length of a URL and on the size of a request's head."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mingzhang.sparql.problems import Problem, problem_response
from mingzhang.sparql.protocol import MAX_REQUEST_HEAD_BYTES, MAX_URL_BYTES

LONGEST_URL_BYTES = MAX_URL_BYTES + 900
"""What is passed on of a longer URL: enough to be seen to be too long, and within what the parser can take apart
(65,535 bytes; it would answer a bare 400)."""
LISTENED_S = 2.0
"""Who is refused in the middle of sending is listened to for so long: closing at once would take the refusal back, since
a system throws away what it has received when the other side goes on sending to a closed connection."""


class BoundedHttp(HttpToolsProtocol):
    """One connection."""

    head_bytes = 0
    url_bytes = 0
    in_head = True
    refused = False

    def on_message_begin(self) -> None:
        self.head_bytes, self.url_bytes, self.in_head = 0, 0, True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self.url_bytes += len(url)
        super().on_url(url)
        self.url = self.url[:LONGEST_URL_BYTES]

    def on_headers_complete(self) -> None:
        self.in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        if self.refused:
            return
        super().data_received(data)
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
