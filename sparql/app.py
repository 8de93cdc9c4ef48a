"""The routes of the service, and nothing else: each reads the request, calls one method of Service, returns.

Order of reading: this, then service.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mingzhang.sparql import older
from mingzhang.sparql.cors import QUERY, OpenToOtherSites, cors_headers
from mingzhang.sparql.current import Current
from mingzhang.sparql.delivery import Asker, client_of
from mingzhang.sparql.past import Remembered, history_file, origin_of, remembered, timemap_of
from mingzhang.sparql.problems import (
    Problem,
    fault,
    gone,
    method_not_allowed,
    not_found,
    problem_response,
    wants_page,
    with_nearest,
)
from mingzhang.sparql.protocol import MAX_BODY_BYTES, Received
from mingzhang.sparql.quick import QuickAnswers
from mingzhang.sparql.ready import ReadyAnswers

LOG = logging.getLogger("mingzhang.sparql")
READ = "GET, HEAD, OPTIONS"


def create_app(current: Current) -> Application:
    """The application over the service that answers now."""
    app = FastAPI(
        title="Mingzhang 明账", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    add_sparql_routes(app, current)
    add_resource_routes(app, current)
    add_error_handlers(app, current)
    inner = Remembered(QueryEndpoint(app, current), current)
    ready = ReadyAnswers(OpenToOtherSites(inner), lambda: current.release_id)

    def surroundings(scope: Scope, status: int) -> list[tuple[bytes, bytes]]:
        past = inner.present_links(scope, "sparql") if status < 400 and inner.has_past("sparql") else []
        return [*past, *cors_headers(scope)]

    return Application(ready, QuickAnswers(current, ready, surroundings))


@dataclass(frozen=True)
class Application:
    """What a server runs: an application for all requests, and what may answer some of them before it is asked."""

    app: ASGIApp
    quick: QuickAnswers


@dataclass(frozen=True)
class QueryEndpoint:
    """`/sparql`, ahead of all other routes and in the event loop: of a small query's cost the framework's would be
    half. Everything else is passed on."""

    app: ASGIApp
    current: Current

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # `OPTIONS *` asks the server itself what it can do (RFC 9110 §9.3.7).
        is_ours = scope["type"] == "http" and (
            scope["path"] in ("/sparql", "/sparql/") or (scope["method"], scope["path"]) == ("OPTIONS", "*")
        )
        if not is_ours:
            await self.app(scope, receive, send)
            return
        try:
            response = await self.response(scope, receive)
        except Problem as problem:
            response = problem_response(problem)
        except ClientDisconnect:
            return
        except Exception as error:
            response = failed(scope, error)
        await response(scope, receive, send)

    async def response(self, scope: Scope, receive: Receive) -> Response:
        """The answer to one request. Raises Problem."""
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers={"Allow": QUERY})
        if scope["method"] not in ("GET", "HEAD", "POST"):
            raise method_not_allowed(QUERY)
        asker = Asker.of(scope)
        received = await received_of(scope, receive, asker)

        def endpoint() -> str:
            return endpoint_of(Request(scope))

        return await self.current.service.sparql(asker, received, client_of(scope), endpoint)


def add_sparql_routes(app: FastAPI, current: Current) -> None:
    async def sparql_of_release(request: Request) -> Response:
        asker = Asker.of(request.scope)
        received = await received_of(request.scope, request.receive, asker)
        service = await run_in_threadpool(current.service.of_release, request.path_params["release_id"])
        response = await service.sparql(
            asker, received, client_of(request.scope), lambda: endpoint_of(request)
        )
        return older.marked(response, service, "sparql", current.release_id)

    async def editor_file(request: Request) -> Response:
        name = request.path_params["name"]
        return await run_in_threadpool(current.service.editor_file, Asker.of(request.scope), name)

    add_route(app, "/releases/{release_id}/sparql", sparql_of_release, QUERY)
    add_route(app, "/sparql/{name}", editor_file, READ)

    async def queries(request: Request) -> Response:
        return await run_in_threadpool(current.service.stored_index, Asker.of(request.scope))

    async def query(request: Request) -> Response:
        parameters = dict(request.query_params)
        name = request.path_params["name"]
        return await run_in_threadpool(
            current.service.stored, Asker.of(request.scope), name, parameters, client_of(request.scope)
        )

    add_route(app, "/queries", queries, READ)
    add_route(app, "/queries/", queries, READ)
    add_route(app, "/queries/{name}", query, READ)


def add_resource_routes(app: FastAPI, current: Current) -> None:
    def by_path(name: str) -> Callable[[Request], object]:
        async def handler(request: Request) -> Response:
            method, path = getattr(current.service, name), request.path_params["path"]
            return await run_in_threadpool(method, Asker.of(request.scope), path, client_of(request.scope))

        return handler

    def by_file(name: str, path: str | None = None) -> Callable[[Request], object]:
        async def handler(request: Request) -> Response:
            method, wanted = (
                getattr(current.service, name),
                request.path_params["path"] if path is None else path,
            )
            return await run_in_threadpool(method, Asker.of(request.scope), wanted)

        return handler

    async def health(request: Request) -> Response:
        if not await current.service.engine.is_alive():
            raise Problem(
                "internal",
                503,
                "the data are being loaded, or the engine is away",
                headers={"Retry-After": "5"},
            )
        return JSONResponse({"status": "ready", "release": current.release_id})

    async def void(request: Request) -> Response:
        return await run_in_threadpool(
            current.service.void, Asker.of(request.scope), client_of(request.scope)
        )

    async def history(request: Request) -> Response:
        path = request.path_params.get("path", "")
        return await run_in_threadpool(history_file, current, Asker.of(request.scope), path)

    async def timemap(request: Request) -> Response:
        path = request.path_params["path"]
        return await run_in_threadpool(timemap_of, current, path, origin_of(request.scope))

    async def of_release(request: Request) -> Response:
        release_id, path = request.path_params["release_id"], request.path_params["path"]
        if path == "changes" or path.startswith("changes."):
            return await run_in_threadpool(
                history_file, current, Asker.of(request.scope), f"{release_id}/{path}"
            )
        service = await run_in_threadpool(current.service.of_release, release_id)
        arguments = (
            Asker.of(request.scope),
            path,
            dict(request.query_params),
            client_of(request.scope),
            current.release_id,
        )
        return await run_in_threadpool(older.answer, service, *arguments)

    add_route(app, "/releases", history, READ)
    add_route(app, "/releases/", history, READ)
    add_route(app, "/releases/timemap/{path:path}", timemap, READ)
    add_route(app, "/releases/{path:str}", history, READ)
    add_route(app, "/releases/{release_id}/{path:path}", of_release, READ)
    add_route(app, "/health", health, READ)
    add_route(app, "/.well-known/void", void, READ)
    add_route(app, "/id/{path:path}", by_path("thing"), READ)
    add_route(app, "/doc/{path:path}", by_path("document"), READ)
    add_route(app, "/graph/{path:path}", by_path("graph"), READ)
    add_route(app, "/source/{path:path}", by_file("source"), READ)
    add_route(app, "/dumps/{path:path}", by_file("dump"), READ)
    add_route(app, "/terms/{path:path}", by_file("term"), READ)
    add_route(app, "/ontology", by_file("ontology", ""), READ)
    add_route(app, "/ontology.ttl", by_file("ontology", "ttl"), READ)
    add_route(app, "/ontology.html", by_file("ontology", "html"), READ)
    add_route(app, "/{path:path}", by_file("page"), READ)


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


async def received_of(scope: Scope, receive: Receive, asker: Asker) -> Received:
    """What the protocol looks at. Raises Problem 413, 415."""
    coding = asker.headers.get("content-encoding", "identity").strip().lower()
    if asker.method == "POST" and coding != "identity":
        said = f"the body is encoded as {coding!r}; send it as it is"
        raise Problem("media-type", 415, said, headers={"Accept-Encoding": "identity"})
    body = await body_of(asker, receive) if asker.method == "POST" else b""
    return Received(asker.method, scope["query_string"], asker.headers.get("content-type", ""), body)


def endpoint_of(request: Request) -> str:
    """The URL asked, without its query."""
    return str(request.url.replace(query=""))


async def body_of(asker: Asker, receive: Receive) -> bytes:
    """The body. Raises Problem 413 as soon as it is longer than any query may be."""
    too_long = Problem(
        "too-long", 413, f"the body is longer than {MAX_BODY_BYTES} bytes", {"limit": MAX_BODY_BYTES}
    )
    declared = asker.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > MAX_BODY_BYTES:
        raise too_long
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise too_long
    return bytes(body)


def failed(scope: Scope, error: Exception) -> Response:
    """The answer for a fault of ours, which is noted."""
    LOG.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
    return problem_response(fault())


def add_error_handlers(app: FastAPI, current: Current) -> None:
    """Everything that goes wrong becomes one shape of answer; only "not found" has a page for people."""

    async def problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        if error.kind == "not-found":
            path = request.url.path.removeprefix("/")
            found = await run_in_threadpool(remembered, current, path)
            if found:
                error = gone(path, found[-1].release_id)
            else:
                error = with_nearest(error, current.service.nearest(path))
            if wants_page(request.headers.get("accept")):
                return problem_response(error, current.service.not_found_page(error.members))
        return problem_response(error)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return await problem(request, not_found(request.url.path))
        headers = dict(error.headers or {})
        return problem_response(Problem("request", error.status_code, str(error.detail), headers=headers))

    async def failure(request: Request, error: Exception) -> Response:
        return failed(request.scope, error)

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, failure)
