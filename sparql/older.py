"""A release under its own address, `/releases/{id}/…`: the same answers as from the root, with links that stay in it.

Pages are written with links that begin with `/`, so that a release reads the same on any host; under
`/releases/{id}/` these would lead into the current release. They are moved when the page is sent.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from html import escape

from starlette.responses import Response, StreamingResponse

from mingzhang.sparql import memento
from mingzhang.sparql.delivery import Asker, content_digest
from mingzhang.sparql.problems import not_found
from mingzhang.sparql.service import Service, quoted

_ATTRIBUTE = re.compile(rb'\b(href|src|action)="/(?!/|releases/)')
_TARGET = re.compile(r"<(/(?!/|releases/)[^>]*)>")
_MAIN = re.compile(rb"<main\b[^>]*>")


def answer(
    service: Service, asker: Asker, path: str, parameters: Mapping[str, str], client: str, now: str
) -> Response:
    """What a path is in a release. `service` is over that release, `now` the id of the current one.

    Raises Problem 404 for what that release has not.
    """
    response = _dispatched(service, asker, path, dict(parameters), client)
    return marked(response, service, path, now)


def marked(response: Response, service: Service, path: str, now: str) -> Response:
    """The response as one of a release under its own address: with that release's moment, its links moved."""
    release = service.served.release
    if release is None or response.status_code >= 400:
        return response
    response.headers["Memento-Datetime"] = memento.http_date(memento.moment_of(release))
    return moved(response, path, service.served.id, now)


def _dispatched(
    service: Service, asker: Asker, path: str, parameters: dict[str, str], client: str
) -> Response:
    first, slash, rest = path.partition("/")
    match first:
        case "id" if rest:
            return service.thing(asker, rest, client)
        case "doc" if rest:
            return service.document(asker, rest, client)
        case "graph" if rest:
            return service.graph(asker, rest, client)
        case "source" if rest:
            return service.source(asker, rest)
        case "dumps":
            if not slash:
                return Response(status_code=308, headers={"Location": "/dumps/"})
            return service.dump(asker, rest)
        case "queries":
            if rest:
                return service.stored(asker, rest, parameters, client)
            return service.stored_index(asker)
        case "sparql" if rest:
            return service.editor_file(asker, rest)
        case "ontology" | "ontology.ttl" | "ontology.html" if not slash:
            return service.ontology(asker, first.removeprefix("ontology").removeprefix("."))
        case "terms" if rest:
            return service.term(asker, rest)
        case ".well-known" if rest == "void":
            return service.void(asker, client)
        case "health" | "releases":
            raise not_found(path)
        case _:
            return service.page(asker, path)


def moved(response: Response, path: str, release_id: str, now: str) -> Response:
    """The response with its links under `/releases/{id}/`; a page says that it is of an old release, if it is."""
    start = f"/releases/{release_id}"
    location = response.headers.get("Location", "")
    if location.startswith("/") and not location.startswith(("//", "/releases/")):
        response.headers["Location"] = start + location
    if "Link" in response.headers:
        response.headers["Link"] = _TARGET.sub(rf"<{start}\1>", response.headers["Link"])
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    if not is_page or isinstance(response, StreamingResponse) or response.status_code != 200:
        return response
    headers = dict(response.headers)
    body = bytes(response.body)
    if headers.pop("content-encoding", "") == "gzip":
        body = gzip.decompress(body)
    body = _ATTRIBUTE.sub(rb'\1="' + start.encode() + b"/", body)
    if release_id != now:
        body = _MAIN.sub(lambda tag: tag[0] + notice(path, release_id), body, count=1)
    headers.pop("content-length", None)
    headers["content-digest"] = content_digest(hashlib.sha256(body).digest())
    return Response(body, response.status_code, headers)


def notice(path: str, release_id: str) -> bytes:
    """The sentence on every page of an old release, with the way to the page as it is now."""
    address = escape(f"/{quoted(path)}", quote=True)
    text = (
        f'<p class="remark" role="note">这是旧的发布 <b>{release_id}</b>。<a href="{address}">看现在的版本</a> '
        f'<span class="en" lang="en">This is the old release {release_id}. '
        f'<a href="{address}">See it as it is now</a>.</span></p>'
    )
    return text.encode()
