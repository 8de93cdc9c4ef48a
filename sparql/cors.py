"""Letting pages of other sites ask and read (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

QUERY = "GET, HEAD, POST, OPTIONS"
EXPOSED = (
    "ETag, Link, Location, Retry-After, Content-Digest, Mingzhang-Release, Mingzhang-Query, Mingzhang-Rows, "
    "Mingzhang-Engine, Mingzhang-Milliseconds, Mingzhang-Warning, Memento-Datetime"
)


class OpenToOtherSites:
    """Lets pages of any site read every answer, errors included (CORS), without credentials."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_opened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *cors_headers(scope)]
            await send(message)

        await self.app(scope, receive, send_opened)


def cors_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"access-control-allow-origin", b"*"),
        (b"access-control-expose-headers", EXPOSED.encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    if scope["method"] == "OPTIONS":
        headers += [
            (b"access-control-allow-methods", QUERY.encode()),
            (b"access-control-allow-headers", b"Accept, Accept-Datetime, Content-Type, If-None-Match, Range"),
            (b"access-control-max-age", b"86400"),
        ]
    return headers
