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
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mingzhang.release import RELEASE_ID
from mingzhang.sparql import memento, older
from mingzhang.sparql.current import Current
from mingzhang.sparql.delivery import Asker, client_of, deliver_file
from mingzhang.sparql.problems import (
    Problem,
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
QUERY = "GET, HEAD, POST, OPTIONS"
EXPOSED = (
    "ETag, Link, Location, Retry-After, Content-Digest, Mingzhang-Release, Mingzhang-Query, Mingzhang-Rows, "
    "Mingzhang-Engine, Mingzhang-Milliseconds, Mingzhang-Warning, Memento-Datetime"
)


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
        if scope["type"] != "http" or scope["path"] not in ("/sparql", "/sparql/"):
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
    add_route(app, "/ontology", by_file("ontology", ""), READ)
    add_route(app, "/ontology.ttl", by_file("ontology", "ttl"), READ)
    add_route(app, "/ontology.html", by_file("ontology", "html"), READ)
    add_route(app, "/{path:path}", by_file("page"), READ)


def history_file(current: Current, asker: Asker, path: str) -> Response:
    """A page, feed or list about the releases. Raises Problem 404 for what there is not."""
    archive = current.service.archive
    stem = path.rpartition(".")[0] or path
    tried = (path or "index.html", f"{path}.html") if stem == path else (path,)
    for name in tried:
        file = archive.history_file(name) if archive is not None and ".." not in name else None
        if file is not None:
            # Written again with every release, so its time is its version.
            tag = f'"{file.stat().st_mtime_ns:x}-{file.stat().st_size:x}"'
            content_type = "application/atom+xml" if file.suffix == ".atom" else ""
            return deliver_file(asker, file, tag, content_type)
    if path and archive is not None and archive.find(path) is not None:
        return Response(status_code=308, headers={"Location": f"/releases/{path}/"})
    raise not_found(f"releases/{path}")


def timemap_of(current: Current, path: str, origin: str) -> Response:
    """The mementos of a path. Raises Problem 404 where no release has it."""
    found = remembered(current, path)
    if not found:
        raise not_found(path)
    return Response(memento.timemap(found, path, origin), media_type=memento.LINK_FORMAT)


def remembered(current: Current, path: str) -> list[memento.Memento]:
    """The mementos of a path; none for what is not remembered, or where there is only one release without a past."""
    archive = current.service.archive
    if archive is None or not memento.is_remembered(path):
        return []
    return memento.mementos(archive.releases(), path)


def origin_of(scope: Scope) -> str:
    """The address at which the service was asked, without the last `/`."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    if not host:
        host = "{}:{}".format(*scope["server"])
    return f"{scope['scheme']}://{host}"


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
    """What the protocol looks at. Raises Problem 413."""
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
    return problem_response(Problem("internal", 500, "a fault of this service; it has been noted in its log"))


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


class Remembered:
    """Every address is its own TimeGate (RFC 7089 §4.1): with `Accept-Datetime` it answers 302 to how it was then,
    without it says where its past is."""

    def __init__(self, app: ASGIApp, current: Current) -> None:
        self.app = app
        self.current = current

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "").removeprefix("/")
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not self.has_past(path):
            await self.app(scope, receive, send)
            return
        wanted = next((v.decode("latin-1") for n, v in scope["headers"] if n == b"accept-datetime"), None)
        start = f"releases/{path.split('/')[1]}/" if path.startswith("releases/") else ""
        original, origin = path.removeprefix(start), origin_of(scope)
        if wanted is not None and not start:
            response = await run_in_threadpool(self.then, original, wanted, origin, scope["query_string"])
            if response is not None:
                await response(scope, receive, send)
                return
        if start:
            found = await run_in_threadpool(remembered, self.current, original)
            lines = [(b"link", memento.links(found, original, origin).encode())]
        else:
            lines = self.present_links(scope, original)

        async def send_linked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                message["headers"] = [*message["headers"], *lines]
            await send(message)

        await self.app(scope, receive, send_linked)

    def present_links(self, scope: Scope, path: str) -> list[tuple[bytes, bytes]]:
        """The headers of what a path is now: that it has a past, and where."""
        links = memento.links([], path, origin_of(scope))
        return [(b"vary", b"Accept-Datetime"), (b"link", links.encode())]

    def has_past(self, path: str) -> bool:
        """Whether a path is one that releases have, or is that under a release's address."""
        if self.current.service.archive is None:
            return False
        first, _, rest = path.partition("/")
        release_id, slash, inner = rest.partition("/")
        if first == "releases":
            is_release = bool(RELEASE_ID.match(release_id)) and bool(slash)
            return is_release and memento.is_remembered(inner) and not inner.startswith("changes")
        return memento.is_remembered(path)

    def then(self, path: str, wanted: str, origin: str, query: bytes) -> Response | None:
        """302 to the memento nearest to a moment; None where no release has the path."""
        try:
            moment = memento.wanted_moment(wanted)
        except Problem as problem:
            return problem_response(problem)
        found = remembered(self.current, path)
        if not found:
            return None
        target = memento.nearest(found, moment).address + (f"?{query.decode('ascii')}" if query else "")
        headers = {"Location": target, "Vary": "Accept-Datetime", "Link": memento.links(found, path, origin)}
        return Response(status_code=302, headers=headers)


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
