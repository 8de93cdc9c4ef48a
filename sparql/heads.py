"""The fast HTTP parser, with the bounds it lacks: on the length of a URL and on the size of a request's head."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mingzhang.sparql.protocol import MAX_REQUEST_HEAD_BYTES, MAX_URL_BYTES

LONGEST_URL_BYTES = MAX_URL_BYTES + 900
"""What is passed on of a longer URL: enough to be seen to be too long, and within what the parser can take apart
(65,535 bytes; it would answer a bare 400)."""


class BoundedHttp(HttpToolsProtocol):
    """One connection."""

    head_bytes = 0
    in_head = True

    def on_message_begin(self) -> None:
        self.head_bytes, self.in_head = 0, True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self.url = self.url[:LONGEST_URL_BYTES]

    def on_headers_complete(self) -> None:
        self.in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.in_head:
            self.head_bytes += len(data)
            if self.head_bytes > MAX_REQUEST_HEAD_BYTES:
                self.send_400_response("The head of the request is too long.")
