"""The routes of the service, and nothing else: each reads the request, calls one method of Service, returns.

Order of reading: this, then service.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mingzhang.sparql.delivery import Asker
from mingzhang.sparql.problems import Problem, method_not_allowed, not_found, problem_response, wants_page
from mingzhang.sparql.protocol import MAX_BODY_BYTES, Received
from mingzhang.sparql.ready import ReadyAnswers
from mingzhang.sparql.service import Service

LOG = logging.getLogger("mingzhang.sparql")
READ = "GET, HEAD, OPTIONS"
QUERY = "GET, HEAD, POST, OPTIONS"
EXPOSED = (
    "ETag, Link, Location, Retry-After, Content-Digest, Mingzhang-Release, Mingzhang-Query, Mingzhang-Rows, "
    "Mingzhang-Engine, Mingzhang-Milliseconds, Mingzhang-Warning"
)


def create_app(service: Service) -> ASGIApp:
    """The application over a service."""
    app = FastAPI(
        title="Mingzhang 明账", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    add_sparql_routes(app, service)
    add_resource_routes(app, service)
    add_error_handlers(app, service)
    return ReadyAnswers(OpenToOtherSites(app))


def add_sparql_routes(app: FastAPI, service: Service) -> None:
    async def sparql(request: Request) -> Response:
        received, endpoint = await received_of(request), str(request.url.replace(query=""))
        return await run_in_threadpool(
            service.sparql, asker_of(request), received, client_of(request), endpoint
        )

    async def sparql_of_release(request: Request) -> Response:
        received, endpoint = await received_of(request), str(request.url.replace(query=""))
        release_id = request.path_params["release_id"]
        return await run_in_threadpool(
            service.sparql_of, release_id, asker_of(request), received, client_of(request), endpoint
        )

    add_route(app, "/sparql", sparql, QUERY)
    add_route(app, "/sparql/", sparql, QUERY)
    add_route(app, "/releases/{release_id}/sparql", sparql_of_release, QUERY)

    async def queries(request: Request) -> Response:
        return await run_in_threadpool(service.stored_index, asker_of(request))

    async def query(request: Request) -> Response:
        parameters = dict(request.query_params)
        name = request.path_params["name"]
        return await run_in_threadpool(
            service.stored, asker_of(request), name, parameters, client_of(request)
        )

    add_route(app, "/queries", queries, READ)
    add_route(app, "/queries/", queries, READ)
    add_route(app, "/queries/{name}", query, READ)


def add_resource_routes(app: FastAPI, service: Service) -> None:
    def by_path(method: Callable[[Asker, str, str], Response]) -> Callable[[Request], object]:
        async def handler(request: Request) -> Response:
            path = request.path_params["path"]
            return await run_in_threadpool(method, asker_of(request), path, client_of(request))

        return handler

    def by_file(
        method: Callable[[Asker, str], Response], path: str | None = None
    ) -> Callable[[Request], object]:
        async def handler(request: Request) -> Response:
            wanted = request.path_params["path"] if path is None else path
            return await run_in_threadpool(method, asker_of(request), wanted)

        return handler

    async def health(request: Request) -> Response:
        if not await run_in_threadpool(service.engine.is_alive):
            raise Problem(
                "internal",
                503,
                "the data are being loaded, or the engine is away",
                headers={"Retry-After": "5"},
            )
        return JSONResponse({"status": "ready", "release": service.served.id})

    async def void(request: Request) -> Response:
        return await run_in_threadpool(service.void, asker_of(request), client_of(request))

    add_route(app, "/health", health, READ)
    add_route(app, "/.well-known/void", void, READ)
    add_route(app, "/id/{path:path}", by_path(service.thing), READ)
    add_route(app, "/doc/{path:path}", by_path(service.document), READ)
    add_route(app, "/graph/{path:path}", by_path(service.graph), READ)
    add_route(app, "/source/{path:path}", by_file(service.source), READ)
    add_route(app, "/dumps/{path:path}", by_file(service.dump), READ)
    add_route(app, "/ontology", by_file(service.ontology, ""), READ)
    add_route(app, "/ontology.ttl", by_file(service.ontology, "ttl"), READ)
    add_route(app, "/ontology.html", by_file(service.ontology, "html"), READ)
    add_route(app, "/{path:path}", by_file(service.page), READ)


def add_route(app: FastAPI, path: str, handler: Callable[[Request], object], allowed: str) -> None:
    """A route for the methods allowed; the others get 405 with the list."""

    async def checked(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        if request.method not in allowed.split(", "):
            raise method_not_allowed(allowed)
        return await handler(request)  # type: ignore[misc, no-any-return]

    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
    app.add_route(path, checked, methods=methods)


def asker_of(request: Request) -> Asker:
    """The method and headers; several Accept lines are one list (RFC 9110 §5.3)."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Asker(request.method, headers)


async def received_of(request: Request) -> Received:
    """What the protocol looks at. Raises Problem 413."""
    content_type = request.headers.get("content-type", "")
    return Received(request.method, request.scope["query_string"], content_type, await body_of(request))


def client_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def body_of(request: Request) -> bytes:
    """The body. Raises Problem 413 as soon as it is longer than any query may be."""
    too_long = Problem(
        "too-long", 413, f"the body is longer than {MAX_BODY_BYTES} bytes", {"limit": MAX_BODY_BYTES}
    )
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > MAX_BODY_BYTES:
        raise too_long
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise too_long
    return bytes(body)


def add_error_handlers(app: FastAPI, service: Service) -> None:
    """Everything that goes wrong becomes one shape of answer; only "not found" has a page for people."""

    async def problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        if error.kind == "not-found" and wants_page(request.headers.get("accept")):
            return problem_response(error, service.not_found_page())
        return problem_response(error)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return await problem(request, not_found(request.url.path))
        headers = dict(error.headers or {})
        return problem_response(Problem("request", error.status_code, str(error.detail), headers=headers))

    async def failure(request: Request, error: Exception) -> Response:
        LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem_response(
            Problem("internal", 500, "a fault of this service; it has been noted in its log")
        )

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, failure)


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
            (b"access-control-allow-headers", b"Accept, Content-Type, If-None-Match, Range"),
            (b"access-control-max-age", b"86400"),
        ]
    return headers
