"""Starting and stopping the service: what the command line calls.

`serve_release` serves a release with its pages, `serve_rdf` any RDF files, `serve_endpoint` an engine elsewhere; each
runs until SIGINT or SIGTERM.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import anyio.to_thread
import uvicorn

from mingzhang.errors import SettingsError
from mingzhang.release import Release
from mingzhang.sparql.app import create_app
from mingzhang.sparql.archive import Archive
from mingzhang.sparql.connections import Credentials
from mingzhang.sparql.current import Current, Follower
from mingzhang.sparql.kept import KeptAnswers, kept_folder
from mingzhang.sparql.options import ServiceOptions
from mingzhang.sparql.protocol import MAX_REQUEST_HEAD_BYTES
from mingzhang.sparql.quick import QuickAnswers
from mingzhang.sparql.remote import NOBODY, RemoteEngine
from mingzhang.sparql.service import Service
from mingzhang.sparql.store import rdf_source, release_source
from mingzhang.sparql.stored import stored_queries
from mingzhang.sparql.sums import Overlaps
from mingzhang.sparql.terms import Served, served_release
from mingzhang.sparql.workers import Engine, WorkerPool

GARBAGE_AFTER = (20_000, 20, 50)
"""When Python looks for garbage in cycles, of which requests leave hardly any; its defaults look 30 times as often."""
GRACE_S = 5.0
"""What is sent may take so much longer than the query: then the engine of a release no longer current ends."""


def serve_release(
    release: Release,
    options: ServiceOptions,
    on_ready: Callable[[str], None],
    older: Sequence[Path] = (),
    look: Callable[[], Release | None] | None = None,
) -> None:
    """Serves a release until SIGINT or SIGTERM. `on_ready` gets the URL once the service answers.

    The releases beside it stay queryable, and those in the folders `older`. `look` is asked every second for the
    release to go on with, and says None while that is still the same.
    Raises SettingsError where the port is taken, ReleaseError where the release is incomplete, QueryError where its
    graphs cannot be loaded.
    """
    with bound_socket(options) as listener:
        pool = WorkerPool(release_source(release), options.limits)

        def load(other: Release) -> Engine:
            return WorkerPool(release_source(other), options.limits, pool.places)

        folders = dict.fromkeys([release.path.parent, *older])
        archive = Archive(tuple(folders), options.old_releases, load)
        run(served_release(release), pool, options, listener, on_ready, archive, look, load)


def serve_rdf(files: Sequence[Path], options: ServiceOptions, on_ready: Callable[[str], None]) -> None:
    """Serves RDF files (N-Quads, Turtle, TriG, N-Triples, RDF/XML, JSON-LD) until SIGINT or SIGTERM.

    Raises InputError for a file that cannot be used, SettingsError where the port is taken.
    """
    source = rdf_source(files)
    with bound_socket(options) as listener:
        digest = hashlib.sha256()
        for file in source.files:
            digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
        title = ", ".join(file.name for file in files)
        served = Served(
            f"rdf-{digest.hexdigest()[:12]}", title, url_of(listener, options), None, True, Overlaps.of(None)
        )
        run(served, WorkerPool(source, options.limits), options, listener, on_ready)


def serve_endpoint(
    url: str,
    options: ServiceOptions,
    on_ready: Callable[[str], None],
    base_uri: str = "",
    release_id: str = "",
    credentials: Credentials = NOBODY,
) -> None:
    """The same service in front of the SPARQL 1.1 engine at `url`, until SIGINT or SIGTERM.

    `base_uri` is what the names in the engine's data begin with (the service's own URL where not given). With a
    `release_id` the caller vouches that the engine holds that release and nothing else: answers then have validators
    and are kept; else the data may change at any time, and they are not. `credentials` sign in to the engine.
    Raises SettingsError where the port is taken or no engine answers at the URL.
    """
    with bound_socket(options) as listener:
        engine = RemoteEngine(url, options.limits, credentials)
        base = base_uri or url_of(listener, options)
        served = Served(release_id or "live", engine.name, base, None, bool(release_id), Overlaps.of(None))
        run(served, engine, options, listener, on_ready)


@contextmanager
def bound_socket(options: ServiceOptions) -> Iterator[socket.socket]:
    """A socket at the address asked for: taken before anything slow is done. Raises SettingsError."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # The protocol is named, or asyncio would not know it for TCP and leave Nagle's algorithm on: 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((options.host, options.port))
        except OSError as error:
            raise SettingsError(
                f"{options.host}:{options.port} cannot be used ({error.strerror}); choose another with --port"
            ) from error
        yield listener
    finally:
        listener.close()


def url_of(listener: socket.socket, options: ServiceOptions) -> str:
    """The URL at which the socket is reached from this machine, ending in `/`."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(options.host, options.host)
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"http://{host}:{listener.getsockname()[1]}/"


def run(
    served: Served,
    engine: Engine,
    options: ServiceOptions,
    listener: socket.socket,
    on_ready: Callable[[str], None],
    archive: Archive | None = None,
    look: Callable[[], Release | None] | None = None,
    load: Callable[[Release], Engine] | None = None,
) -> None:
    """Answers requests until told to stop; then closes the engine and the archive."""
    with ExitStack() as opened:
        opened.callback(engine.close)
        if archive is not None:
            opened.callback(archive.close)
        folder = opened.enter_context(kept_folder(options.kept_folder))
        kept = KeptAnswers(folder, options.kept_bytes, options.kept_memory_bytes)
        opened.callback(kept.close)
        service = Service(
            served,
            engine,
            options.result_limit_bytes,
            kept,
            dict(stored_queries()),
            archive,
        )
        current = Current(service)
        opened.callback(lambda: current.service.engine.close())
        if look is not None and load is not None:
            opened.callback(Follower(current, look, load, options.timeout_s + GRACE_S).close)
        if engine.tellers is not None:
            engine.tellers.prepare()
        application = create_app(current)
        config = uvicorn.Config(
            application.app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            http=http_parser(application.quick),
            ws="none",
            h11_max_incomplete_event_size=MAX_REQUEST_HEAD_BYTES,
            timeout_graceful_shutdown=5,
        )
        # Waiting queries never keep a page from its thread.
        threads = options.workers + options.queue_length + 40
        gc.freeze()  # modules and routes stay: there is no point in looking through them for garbage again and again
        gc.set_threshold(*GARBAGE_AFTER)
        QuietServer(config, threads, lambda: on_ready(url_of(listener, options))).run(sockets=[listener])


def http_parser(quick: QuickAnswers) -> type[asyncio.Protocol] | Literal["h11"]:
    """The fast parser where httptools is installed, else the one in Python: a third of the speed, the same answers."""
    if find_spec("httptools") is None:
        return "h11"
    from mingzhang.sparql.heads import bounded_http

    return bounded_http(quick)


class QuietServer(uvicorn.Server):
    """uvicorn, but it says when it is ready, and a signal ends it without being raised again afterwards."""

    def __init__(self, config: uvicorn.Config, threads: int, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.threads = threads
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        anyio.to_thread.current_default_thread_limiter().total_tokens = self.threads
        # Of its own: the threads above may all be waiting for what these do.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(self.threads))
        if self.started:
            # In a thread, so that whoever is told may ask the service something at once.
            await anyio.to_thread.run_sync(self.ready)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        stopping = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in stopping}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
