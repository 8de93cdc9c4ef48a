"""The query workers as the server sees them: take one, ask it, and end it when it takes too long.

Queries run in processes of their own (see nursery.py). The engine cannot stop a query, so a query is stopped by killing
the process it runs in; the next one is forked in milliseconds. There are more workers than processors on purpose: a few
long queries then do not stand in the way of short ones, and whatever runs long is made to give way.

Should the process that holds the store itself end, it is started again; until it has loaded, the service is not ready.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Protocol, cast

from mingzhang import errors
from mingzhang.errors import QueryError, QuerySyntaxError, QueryTimeout, ServiceBusy
from mingzhang.sparql import engine, guard, rewriting
from mingzhang.sparql.engine import Question
from mingzhang.sparql.frames import receive_frame, send_frame
from mingzhang.sparql.kept import Spooled
from mingzhang.sparql.places import Limits, Places
from mingzhang.sparql.store import Source

LOG = logging.getLogger("mingzhang.sparql")
GIVE_WAY_AFTER_S = 0.3
"""A query that runs longer yields the processor to those that do not."""
GIVE_WAY_NICENESS = 10
LOAD_TIMEOUT_S = 3600.0
READY_WORKERS = 2
RESTART_PAUSE_S = 2.0
"""Between two attempts to load a store that could not be loaded: the machine may be short of memory just now."""


class WorkerBroke(QueryError):
    """The engine's process ended by itself: out of memory, or broken by the query."""


class StoreLoading(ServiceBusy):
    """The data are being loaded; nothing can be asked until they are."""

    def __init__(self) -> None:
        super().__init__("the data are being loaded; come back shortly", 5)


class Engine(Protocol):
    """Whatever answers queries for the service: our own workers over a store, or an engine elsewhere."""

    @property
    def name(self) -> str:
        """Engine and version, for receipts."""

    @property
    def graphs(self) -> tuple[str, ...] | None:
        """The names of its graphs; None where that is not known."""

    def ask(self, question: Question, client: str, timeout_s: float | None = None) -> Spooled:
        """The whole answer. Raises QueryError."""

    def is_alive(self) -> bool:
        """Whether queries can be answered now."""

    def close(self) -> None:
        """Ends everything it runs."""


@dataclass(frozen=True)
class Worker:
    """A forked worker: its process id, our end of its channel, and the process it was forked from."""

    pid: int
    channel: socket.socket
    nursery: Nursery


class Nursery:
    """The process that loaded the store and forks workers. Its channel is used by one thread at a time."""

    def __init__(self, source: Source, memory_bytes: int, files_at_once: int) -> None:
        """Starts the process and waits until the store is loaded. Raises QueryError where that fails.

        `files_at_once` is how many files a worker is sent with one task: it can hold no more than these open.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mingzhang.sparql.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C in the terminal reaches the server alone
            )
        self.control = ours
        self.lock = threading.Lock()
        send_frame(
            ours, {"source": asdict(source), "memory_bytes": memory_bytes, "files_at_once": files_at_once}
        )
        ours.settimeout(LOAD_TIMEOUT_S)
        try:
            message, _ = receive_frame(ours)
        except (EOFError, OSError) as error:
            self.close()
            raise QueryError("the process that loads the store ended; is there memory enough?") from error
        if "error" in message:
            self.close()
            raise QueryError(message["error"])
        ours.settimeout(None)
        self.quads = int(message["quads"])
        self.graphs: tuple[str, ...] = tuple(message["graphs"])

    def fork(self) -> Worker:
        """A new worker. Raises StoreLoading where this process has ended."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, self.lock:
                send_frame(self.control, {"op": "fork"}, [theirs.fileno()])
                message, _ = receive_frame(self.control)
        except (EOFError, OSError) as error:
            ours.close()
            raise StoreLoading from error
        return Worker(message["pid"], ours, self)

    def end(self, worker: Worker) -> None:
        """Kills a worker. Where this process has ended, the system has done so already."""
        worker.channel.close()
        if self.has_ended():
            return
        try:
            with self.lock:
                # Not yet waited for, so the id is still this worker's.
                os.kill(worker.pid, signal.SIGKILL)
                send_frame(self.control, {"op": "reap", "pid": worker.pid})
                receive_frame(self.control)
        except (EOFError, OSError):
            LOG.warning("worker %d ended with the process that forked it", worker.pid)

    def has_ended(self) -> bool:
        """Whether the process is gone. Its channel says so at once; its exit status is known a little later."""
        with self.lock:
            try:
                return self.control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
            except BlockingIOError:
                return False
            except OSError:
                return True

    def close(self) -> None:
        """Ends the process and with it all workers: it ends when its channel closes."""
        with self.lock:
            self.control.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class WorkerPool:
    """Workers for any number of threads. Close it to end them all."""

    name = engine.ENGINE

    def __init__(
        self, source: Source, limits: Limits, places: Places | None = None, files_at_once: int = 1
    ) -> None:
        self.source = source
        self.limits = limits
        self.places = places or Places(limits)
        self.files_at_once = files_at_once
        self.lock = threading.Lock()
        self.idle: list[Worker] = []
        self.closing = threading.Event()
        self.nursery = self.started_nursery()
        threading.Thread(target=self.keep_alive, name="nursery keeper", daemon=True).start()

    @property
    def graphs(self) -> tuple[str, ...]:
        return self.nursery.graphs

    def started_nursery(self) -> Nursery:
        """A process with the store loaded. Some workers wait from the start, so that the first who ask need not wait
        for a fork. Raises QueryError."""
        nursery = Nursery(self.source, self.limits.memory_bytes, self.files_at_once)
        ready = [nursery.fork() for _ in range(min(READY_WORKERS, self.limits.workers))]
        with self.lock:
            self.idle = ready
        return nursery

    def keep_alive(self) -> None:
        """Starts the process that holds the store again whenever it has ended, until the pool is closed."""
        while not self.closing.is_set():
            status = self.nursery.process.wait()
            if self.closing.is_set():
                return
            LOG.error("the process that holds the store ended (status %d); loading again", status)
            self.forget_workers()
            self.nursery.close()
            try:
                nursery = self.started_nursery()
            except QueryError as error:
                LOG.error("%s", error)
                self.closing.wait(RESTART_PAUSE_S)
                continue
            self.nursery = nursery
            if self.closing.is_set():
                nursery.close()

    def forget_workers(self) -> None:
        with self.lock:
            idle, self.idle = self.idle, []
        for worker in idle:
            worker.channel.close()

    def ask(self, question: Question, client: str, timeout_s: float | None = None) -> Spooled:
        """The whole answer. Raises QueryTimeout, WorkerBroke, QueryTooLarge, QuerySyntaxError, QueryError,
        ServiceBusy, TooManyAtOnce. `timeout_s` may shorten the time limit, never lengthen it."""
        with self.places.place(client):
            task = {"op": "answer"} | question.to_json()
            return self.spooled(task, (), self.limits.time_limit_s(timeout_s))

    def spooled(self, task: dict[str, Any], files: Sequence[int], limit_s: float) -> Spooled:
        """What a worker writes for a task, given further open files to read. Raises what `ask` raises."""
        worker = self.taken_worker()
        target = cast(BinaryIO, tempfile.TemporaryFile("w+b"))  # noqa: SIM115 - handed on, closed by who sends it
        started = time.perf_counter()
        keep = False
        try:
            message, keep = self.exchange(worker, task, [target.fileno(), *files], limit_s)
            elapsed_ms = (time.perf_counter() - started) * 1000
            if "error" in message:
                raise raised_again(message)
            return Spooled(target, message["rows"], message["size_bytes"], message["sha256"], elapsed_ms)
        except BaseException:
            target.close()
            raise
        finally:
            self.give_back(worker, keep)

    def taken_worker(self) -> Worker:
        with self.lock:
            if self.idle:
                return self.idle.pop()
        return self.nursery.fork()

    def give_back(self, worker: Worker, keep: bool) -> None:
        """Keeps a worker for the next task, or ends it."""
        with self.lock:
            keep = keep and worker.nursery is self.nursery
            if keep:
                self.idle.append(worker)
        if not keep:
            worker.nursery.end(worker)

    def exchange(
        self, worker: Worker, task: dict[str, Any], files: Sequence[int], limit_s: float
    ) -> tuple[dict[str, Any], bool]:
        """The worker's reply, and whether the worker may be used again. One that was made to give way may not:
        only a privileged process could take that back."""
        channel = worker.channel
        try:
            channel.settimeout(limit_s)
            send_frame(channel, task, files)
            if limit_s > GIVE_WAY_AFTER_S:
                channel.settimeout(GIVE_WAY_AFTER_S)
                try:
                    return receive_frame(channel)[0], True
                except TimeoutError:
                    os.setpriority(os.PRIO_PROCESS, worker.pid, GIVE_WAY_NICENESS)
                    channel.settimeout(limit_s - GIVE_WAY_AFTER_S)
                    return receive_frame(channel)[0], False
            return receive_frame(channel)[0], True
        except TimeoutError as error:
            raise QueryTimeout(
                f"the query was stopped at its time limit of {limit_s:g} s; narrow it, or take the dumps"
            ) from error
        except (EOFError, OSError) as error:
            if worker.nursery.has_ended():
                raise StoreLoading from error
            raise WorkerBroke(
                f"the query was stopped: it passed its memory limit of {self.limits.memory_bytes} bytes, "
                "or broke the engine; narrow it, or take the dumps"
            ) from error

    def is_alive(self) -> bool:
        """Whether queries can be answered: the process that holds the store runs."""
        return not self.nursery.has_ended()

    def close(self) -> None:
        """Ends the nursery, and with it every worker."""
        self.closing.set()
        self.forget_workers()
        self.nursery.close()


def raised_again(message: dict[str, Any]) -> QueryError:
    """The error a worker met, as an exception here."""
    text, kind = str(message["message"]), message["error"]
    if kind == "QuerySyntaxError":
        line, column = message["place"]
        return QuerySyntaxError(text, line, column)
    if kind == "MemoryError":
        return WorkerBroke(text)
    for module in (errors, guard, engine, rewriting):
        found = getattr(module, str(kind), None)
        if isinstance(found, type) and issubclass(found, QueryError):
            return found(text)
    return QueryError(text)
