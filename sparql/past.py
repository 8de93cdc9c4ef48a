"""The past of an address: `Accept-Datetime`, the list of its mementos, and the pages about the releases.

memento.py has the rules (RFC 7089) as pure functions.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mingzhang.release import RELEASE_ID
from mingzhang.sparql import memento
from mingzhang.sparql.current import Current
from mingzhang.sparql.delivery import Asker, deliver_file
from mingzhang.sparql.problems import Problem, not_found, problem_response


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
