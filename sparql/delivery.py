"""From an answer's bytes or file to an HTTP response: validators, compression, length, digest.

Everything sent goes through here, errors excepted (problems.py).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from starlette.responses import Response, StreamingResponse
from starlette.types import Scope

from mingzhang.sparql.kept import IN_MEMORY_BYTES
from mingzhang.sparql.negotiate import accepts_gzip, etag_matches, if_match_fails
from mingzhang.sparql.problems import Problem

WORTH_COMPRESSING_BYTES = 1024
PIECE_BYTES = 256 * 1024
GZIP_LEVEL = 5

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".ttl": "text/turtle; charset=utf-8",
    ".nt": "application/n-triples",
    ".nq": "application/n-quads",
    ".trig": "application/trig; charset=utf-8",
    ".rdf": "application/rdf+xml",
    ".gz": "application/gzip",
    ".zst": "application/zstd",
    ".zip": "application/zip",
    "SHA256SUMS": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Asker:
    """What a request says about how it wants its answer."""

    method: str
    headers: Mapping[str, str]

    @property
    def accept(self) -> str | None:
        return self.headers.get("accept")

    @staticmethod
    def of(scope: Scope) -> Asker:
        """Whoever sent a request; several lines of one header are one list (RFC 9110 §5.3)."""
        headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return Asker(scope["method"], headers)


def client_of(scope: Scope) -> str:
    """The address of whoever sent a request."""
    return scope["client"][0] if scope.get("client") else "unknown"


@dataclass(frozen=True)
class Delivery:
    """What is to be sent. `body` is bytes, or a whole file that is closed once sent (files larger than IN_MEMORY_BYTES
    are sent piece by piece and not compressed on the way); `etag` a strong entity tag
    of the uncompressed answer, empty where the next answer may be another."""

    body: bytes | BinaryIO
    content_type: str
    etag: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    sha256: str = ""
    """Hex digest of the body, where it is known."""
    start: int = 0
    """Where in its file a body begins."""


@dataclass(frozen=True)
class Whole:
    """A response that is in memory as a whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def response(self) -> Response:
        return Response(self.body, status_code=self.status, headers=self.headers)


def deliver(asker: Asker, delivery: Delivery) -> Response:
    """The response: 304 where the client has it already, else the whole body with length and digest. Raises Problem 412."""
    given = whole(asker, delivery)
    return given.response() if isinstance(given, Whole) else given


def whole(asker: Asker, delivery: Delivery) -> Whole | Response:
    """What `deliver` gives, as it is in memory; a response of the framework for what is sent from a file. Raises Problem
    412."""
    if not is_as_named(asker, delivery.etag) and delivery.status < 300:
        if not isinstance(delivery.body, bytes):
            delivery.body.close()
        raise not_as_named(delivery.etag)
    headers = {"Vary": "Accept, Accept-Encoding", "Cache-Control": "no-cache"} | delivery.headers
    if isinstance(delivery.body, bytes):
        body, compressed = compressed_for(asker, delivery.body, delivery.content_type)
    else:
        body, compressed = b"", False
    if delivery.etag:
        headers["ETag"] = variant_tag(delivery.etag) if compressed else delivery.etag
    if unchanged(asker, delivery.etag):
        if not isinstance(delivery.body, bytes):
            delivery.body.close()
        return not_modified(delivery.etag, headers)
    if not isinstance(delivery.body, bytes):
        return streamed(delivery, headers)
    if compressed:
        headers["Content-Encoding"] = "gzip"
    known = delivery.sha256 if not compressed else ""
    headers["Content-Digest"] = content_digest(bytes.fromhex(known) or hashlib.sha256(body).digest())
    headers["Content-Type"] = delivery.content_type
    headers["Content-Length"] = str(len(body))
    return Whole(delivery.status, headers, body)


def is_as_named(asker: Asker, etag: str) -> bool:
    """Whether an answer is what the client's If-Match names, if it names anything; compressed or not."""
    return not if_match_fails(asker.headers.get("if-match"), [etag, variant_tag(etag)] if etag else [])


def not_as_named(etag: str) -> Problem:
    """412, with what there is."""
    said = f"If-Match names something else than what is here, which is {etag or 'without an entity tag'}"
    return Problem("precondition", 412, said, headers={"ETag": etag} if etag else {})


def unchanged(asker: Asker, etag: str) -> bool:
    """Whether the client says it holds this answer, compressed or not."""
    given = asker.headers.get("if-none-match")
    if not given or not etag:
        return False
    return etag_matches(given, etag) or etag_matches(given, variant_tag(etag))


def holds(asker: Asker, etag: str) -> bool:
    """Whether the client names this very answer as one that it holds. `*` says nothing of an answer that may be none."""
    return unchanged(asker, etag) and asker.headers["if-none-match"].strip() != "*"


def not_modified(etag: str, headers: dict[str, str]) -> Response:
    """304 with the headers that RFC 9110 §15.4.5 wants on it."""
    kept = {name: value for name, value in headers.items() if not name.startswith("Content-")}
    return Response(status_code=304, headers={"ETag": etag, "Vary": "Accept, Accept-Encoding"} | kept)


def variant_tag(etag: str) -> str:
    """The entity tag of the gzip variant: a strong tag names exact bytes."""
    return f'{etag[:-1]}-gzip"'


def content_digest(digest: bytes) -> str:
    """RFC 9530 Content-Digest of the bytes sent."""
    return f"sha-256=:{base64.b64encode(digest).decode('ascii')}:"


def compressed_for(asker: Asker, body: bytes, content_type: str) -> tuple[bytes, bool]:
    """The body, in gzip where the client takes it and it is worth it, and whether it was."""
    texts = ("text/", "application/json", "application/ld+json", "application/n-", "application/rdf+xml",
             "application/sparql-results", "application/trig", "application/xml", "image/svg")  # fmt: skip
    if (
        len(body) < WORTH_COMPRESSING_BYTES
        or not content_type.startswith(texts)
        or not accepts_gzip(asker.headers.get("accept-encoding"))
    ):
        return body, False
    return gzip.compress(body, GZIP_LEVEL, mtime=0), True


def streamed(delivery: Delivery, headers: dict[str, str]) -> Response:
    """A file's whole content, sent in pieces; its length is known, so a cut connection is noticed."""
    file = delivery.body
    assert not isinstance(file, bytes)
    size = file.seek(0, 2) - delivery.start
    headers |= {"Content-Length": str(size), "Content-Type": delivery.content_type}
    if delivery.sha256:
        headers["Content-Digest"] = content_digest(bytes.fromhex(delivery.sha256))
    return StreamingResponse(pieces(file, delivery.start, size), status_code=delivery.status, headers=headers)


def pieces(file: BinaryIO, start: int, size: int) -> Iterator[bytes]:
    """`size` bytes of a file from `start`, piece by piece; closes it at the end."""
    with file:
        file.seek(start)
        while size > 0 and (piece := file.read(min(size, PIECE_BYTES))):
            size -= len(piece)
            yield piece


def byte_range(asker: Asker, etag: str, size: int) -> tuple[int, int] | None:
    """First byte and length of the one range asked for; None for the whole: also where several are asked for, the
    header makes no sense, or If-Range names another version (RFC 9110 §14.2 lets us). Raises Problem 416."""
    match = re.fullmatch(r"bytes=([0-9]*)-([0-9]*)", asker.headers.get("range", "").strip())
    if match is None or not (match[1] or match[2]) or asker.headers.get("if-range", etag) != etag:
        return None
    if not match[1]:  # the last n bytes
        start, end = max(0, size - int(match[2])), size - 1
    else:
        start, end = int(match[1]), min(int(match[2] or size - 1), size - 1)
    if start > end or start >= size:
        raise Problem(
            "range", 416, f"the file has {size} bytes", headers={"Content-Range": f"bytes */{size}"}
        )
    return start, end - start + 1


def deliver_file(
    asker: Asker, path: Path, etag: str, content_type: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """A file of the release; the range asked for, if one is, else whole. Raises Problem 412, 416."""
    if not is_as_named(asker, etag):
        raise not_as_named(etag)
    kind = content_type or CONTENT_TYPES.get(path.suffix.lower() or path.name, "application/octet-stream")
    size = path.stat().st_size
    extra = {"Accept-Ranges": "bytes"} | dict(headers or {})
    asked = byte_range(asker, etag, size)
    if asked is None or unchanged(asker, etag):
        if size <= IN_MEMORY_BYTES:
            return deliver(asker, Delivery(path.read_bytes(), kind, etag, extra))
        return deliver(asker, Delivery(path.open("rb"), kind, etag, extra))
    start, length = asked
    partial = {
        "Vary": "Accept, Accept-Encoding",
        "Cache-Control": "no-cache",
        "ETag": etag,
        "Content-Type": kind,
        "Content-Length": str(length),
        "Content-Range": f"bytes {start}-{start + length - 1}/{size}",
    }
    return StreamingResponse(pieces(path.open("rb"), start, length), status_code=206, headers=extra | partial)


def file_tag(release_id: str, path: str) -> str:
    """A strong entity tag of a file of a release: releases never change."""
    digest = hashlib.sha256(f"{release_id}\n{path}".encode()).hexdigest()
    return f'"{digest[:40]}"'
