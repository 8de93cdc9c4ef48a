"""Any SPARQL 1.1 engine elsewhere, asked as if it were our own: same limits, same formats, whole answers or errors.

A query is checked here first (read-only, well-formed), sent on, its answer spooled up to the size limit and rewritten
by a worker process, which also finds out whether it is whole. At the time limit the connection is cut, which is how an
engine learns that nobody waits any longer; an engine that goes on regardless needs a time limit of its own.
"""

from __future__ import annotations

import asyncio
import http.client
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, replace
from typing import BinaryIO, cast
from urllib.parse import urlencode

from mingzhang.errors import QueryError, QueryTimeout, QueryTooLarge, ServiceBusy, SettingsError
from mingzhang.sparql import formats
from mingzhang.sparql.connections import Connections, Credentials, DroppedWhileIdle, address_of
from mingzhang.sparql.engine import Question
from mingzhang.sparql.kept import Answered
from mingzhang.sparql.options import Limits
from mingzhang.sparql.rewriting import EngineFailed, Rewriting
from mingzhang.sparql.store import Source
from mingzhang.sparql.workers import WorkerPool

TABLE_TYPES = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
GRAPH_TYPES = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
RAW_SHARE = 4
"""JSON repeats every variable's name in every row: what an engine sends may be this many times the answer's limit."""
PIECE_BYTES = 64 * 1024
MESSAGE_BYTES = 2000
"""How much of an engine's own error message is read and passed on."""
PROBE_S = 5.0
NOBODY = Credentials()


@dataclass(frozen=True)
class Reply:
    """The head of an engine's answer."""

    media_type: str
    server: str


class RemoteEngine:
    """An engine elsewhere. `name` is what it calls itself. Close it to end the workers that rewrite its answers."""

    graphs = None
    tellers = None

    def __init__(self, url: str, limits: Limits, credentials: Credentials = NOBODY) -> None:
        """Raises SettingsError where there is no SPARQL engine at that URL."""
        self.address = address_of(url)
        self.credentials = credentials
        self.connections = Connections(self.address)
        self.limits = limits
        # The workers' store is empty: they check and rewrite. A task brings two files, the engine's answer and ours.
        self.pool = WorkerPool(Source((), False), limits, files_at_once=2)
        try:
            self.name = f"endpoint {asyncio.run(self.probe(PROBE_S)) or 'unnamed'}"
        except QueryError as error:
            self.close()
            raise SettingsError(
                f"{url}: no SPARQL engine answers there ({error}); check --endpoint"
            ) from error

    async def probe(self, limit_s: float) -> str:
        """The engine's name for itself, from an answer to the smallest query. Raises QueryError."""
        question = Question("ASK {}", "json", "", MESSAGE_BYTES)
        with cast(BinaryIO, tempfile.TemporaryFile("w+b")) as raw:
            reply = await asyncio.to_thread(self.fetch, question, raw, limit_s)
            task = {"op": "rewrite"} | asdict(Rewriting(reply.media_type, "json", MESSAGE_BYTES))
            await self.pool.done(task, [raw.fileno()], limit_s)
        return reply.server

    async def ask(self, question: Question, client: str, timeout_s: float | None = None) -> Answered:
        """The whole answer. Raises what WorkerPool.ask raises, and EngineFailed."""
        limit_s = self.limits.time_limit_s(timeout_s)
        await self.pool.places.enter(client)
        try:
            return await self.asked(question, limit_s)
        except QueryTimeout as error:
            raise timed_out(limit_s) from error  # not of what was left of it
        finally:
            self.pool.places.leave(client)

    async def asked(self, question: Question, limit_s: float) -> Answered:
        """Check, fetch, rewrite: together in the time given."""
        started = time.monotonic()
        await self.pool.done({"op": "check"} | question.to_json(), (), limit_s)
        with cast(BinaryIO, tempfile.TemporaryFile("w+b")) as raw:
            reply = await asyncio.to_thread(self.fetch, question, raw, left_of(limit_s, started))
            how = Rewriting(reply.media_type, question.format_key, question.limit_bytes)
            task = {"op": "rewrite"} | asdict(how)
            answered = await self.pool.done(task, [raw.fileno()], left_of(limit_s, started))
        return replace(answered, elapsed_ms=(time.monotonic() - started) * 1000)

    def fetch(self, question: Question, raw: BinaryIO, limit_s: float) -> Reply:
        """Sends the question and spools what comes back. Raises QueryTimeout, QueryTooLarge, EngineFailed, and
        QueryError for what the engine refuses."""
        body = urlencode(parameters(question)).encode("ascii")
        is_graph = question.format_key in formats.RDF
        headers = {
            "Accept": GRAPH_TYPES if is_graph else TABLE_TYPES,
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "mingzhang",
        }
        headers |= self.credentials.headers
        started, expired = time.monotonic(), threading.Event()
        try:
            try:
                return self.fetched(question, raw, limit_s, expired, body, headers)
            except DroppedWhileIdle:
                # A question changes nothing, so it may be asked twice; once more is enough, on a connection of its own.
                self.connections.close()
                raw.seek(0)
                raw.truncate()
                return self.fetched(question, raw, left_of(limit_s, started), expired, body, headers)
        except EngineFailed as error:
            if expired.is_set():  # we broke it off, not the engine
                raise timed_out(limit_s) from error
            raise
        except (OSError, http.client.HTTPException, DroppedWhileIdle) as error:
            if expired.is_set() or isinstance(error, TimeoutError):
                raise timed_out(limit_s) from error
            reason = str(error) or type(error).__name__
            raise EngineFailed(
                f"the engine behind this service broke off or cannot be reached ({reason})"
            ) from error

    def fetched(
        self,
        question: Question,
        raw: BinaryIO,
        limit_s: float,
        expired: threading.Event,
        body: bytes,
        headers: dict[str, str],
    ) -> Reply:
        """One attempt of `fetch`, which says what its errors mean."""
        with self.connections.connection(limit_s, expired) as connection:
            connection.request("POST", self.address.path, body, headers)
            response = connection.getresponse()
            if response.status != 200:
                raise refused(response, limit_s)
            spool(response, raw, question.limit_bytes * RAW_SHARE)
        # Cut in the very moment in which the last byte came: what was read may look whole and not be.
        if expired.is_set():
            raise timed_out(limit_s)
        content_type = response.headers.get("Content-Type", "")
        return Reply(content_type.partition(";")[0].strip().lower(), response.headers.get("Server", ""))

    def ask_at_once(self, question: Question, client: str, timeout_s: float | None = None) -> None:
        """Nothing: an engine elsewhere takes its time."""

    async def is_alive(self) -> bool:
        """Whether the engine answers now."""
        try:
            await self.probe(PROBE_S)
        except QueryError:
            return False
        return True

    def close(self) -> None:
        self.pool.close()
        self.connections.close()


def parameters(question: Question) -> list[tuple[str, str]]:
    """The form to send. The base comes on the query's first line, so that line numbers stay those of the client."""
    query = f"BASE <{question.base_iri}> {question.query}" if question.base_iri else question.query
    sent = [("query", query)]
    sent += [("default-graph-uri", iri) for iri in question.default_graphs or ()]
    sent += [("named-graph-uri", iri) for iri in question.named_graphs or ()]
    return sent


def spool(response: http.client.HTTPResponse, raw: BinaryIO, limit_bytes: int) -> None:
    """Writes the body into `raw`. Raises QueryTooLarge past the limit, EngineFailed where it is not whole."""
    announced = response.length  # None where it comes in chunks, whose end is marked
    if announced is None and not response.chunked:
        raise EngineFailed(
            "the engine says nothing of its answer's length, so nobody can know that it is whole"
        )
    size = 0
    while piece := response.read(PIECE_BYTES):
        size += len(piece)
        if size > limit_bytes:
            raise QueryTooLarge(
                f"the engine's answer passes {limit_bytes} bytes; add LIMIT, ask for fewer columns, or take the dumps"
            )
        raw.write(piece)
    if announced is not None and size != announced:
        raise EngineFailed(f"the engine broke off after {size} of {announced} bytes")
    raw.flush()


def refused(response: http.client.HTTPResponse, limit_s: float) -> QueryError:
    """The error that an engine's status stands for."""
    said = response.read(MESSAGE_BYTES).decode("utf-8", "replace").strip()
    match response.status:
        case 400 | 422:
            return QueryError(f"the engine refuses the query: {said}")
        case 408 | 504:
            return timed_out(limit_s)
        case 413:
            return QueryTooLarge(f"the engine refuses the query for its size: {said}")
        case 429 | 503:
            wait = response.headers.get("Retry-After", "")
            return ServiceBusy("the engine behind this service is busy", int(wait) if wait.isdecimal() else 5)
        case 401 | 403 | 407:
            return EngineFailed(
                f"the engine behind this service does not let it in (status {response.status}); "
                "who runs it has to look at --endpoint-user and --endpoint-secret-file"
            )
        case status:
            return EngineFailed(f"the engine behind this service answers with status {status}: {said}")


def timed_out(limit_s: float) -> QueryTimeout:
    return QueryTimeout(
        f"the query was stopped at its time limit of {limit_s:g} s; narrow it, or take the dumps"
    )


def left_of(limit_s: float, started: float) -> float:
    """Seconds left of a limit. Raises QueryTimeout where none are."""
    left = limit_s - (time.monotonic() - started)
    if left <= 0:
        raise timed_out(limit_s)
    return left
