"""The query workers as the server sees them: take one, ask it, and end it when it takes too long.

Queries run in processes of their own (see nursery.py). The engine cannot stop a query, so a query is stopped by killing
the process it runs in; the next one is forked in milliseconds. There are more workers than processors on purpose: a few
long queries then do not stand in the way of short ones, and whatever runs long is made to give way.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, cast

from mingzhang import errors
from mingzhang.errors import QueryError, QuerySyntaxError, QueryTimeout, ServiceBusy
from mingzhang.sparql import engine, guard
from mingzhang.sparql.engine import Question
from mingzhang.sparql.frames import receive_frame, send_frame
from mingzhang.sparql.store import Source

GIVE_WAY_AFTER_S = 0.3
"""A query that runs longer yields the processor to those that do not."""
GIVE_WAY_NICENESS = 10
LOAD_TIMEOUT_S = 3600.0
READY_WORKERS = 2


class WorkerBroke(QueryError):
    """The engine's process ended by itself: out of memory, or broken by the query."""


class TooManyAtOnce(ServiceBusy):
    """This client has as many queries running as one client may."""


@dataclass(frozen=True)
class Limits:
    """What a query may use. `workers` may run at once; `queue_length` more wait, at most `queue_wait_s`;
    one client may have `per_client` running or waiting."""

    timeout_s: float
    memory_bytes: int
    workers: int
    queue_length: int
    queue_wait_s: float
    per_client: int


@dataclass(frozen=True)
class Spooled:
    """A whole answer in an unnamed file, with its row count, size, digest and the time it took."""

    file: BinaryIO
    rows: int
    size_bytes: int
    sha256: str
    elapsed_ms: float


@dataclass(frozen=True)
class Worker:
    """A forked worker: its process id and our end of its channel."""

    pid: int
    channel: socket.socket


class Nursery:
    """The process that loaded the store and forks workers. Its channel is used by one thread at a time."""

    def __init__(self, source: Source, memory_bytes: int) -> None:
        """Starts the process and waits until the store is loaded. Raises QueryError where that fails."""
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
        send_frame(ours, {"source": asdict(source), "memory_bytes": memory_bytes})
        ours.settimeout(LOAD_TIMEOUT_S)
        try:
            message, _ = receive_frame(ours)
        except EOFError as error:
            raise QueryError("the process that loads the store ended; is there memory enough?") from error
        if "error" in message:
            raise QueryError(message["error"])
        ours.settimeout(None)
        self.quads = int(message["quads"])
        self.graphs: tuple[str, ...] = tuple(message["graphs"])

    def fork(self) -> Worker:
        ours, theirs = socket.socketpair()
        with theirs, self.lock:
            send_frame(self.control, {"op": "fork"}, theirs.fileno())
            message, _ = receive_frame(self.control)
        return Worker(message["pid"], ours)

    def end(self, worker: Worker) -> int:
        """Kills a worker; returns the signal it died of (it may have died before by itself), 0 for none."""
        worker.channel.close()
        with self.lock:
            # Not yet waited for, so the id is still this worker's.
            os.kill(worker.pid, signal.SIGKILL)
            send_frame(self.control, {"op": "reap", "pid": worker.pid})
            message, _ = receive_frame(self.control)
        return int(message["signal"])

    def close(self) -> None:
        """Ends the process and with it all workers: it ends when its channel closes."""
        self.control.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class WorkerPool:
    """Workers for any number of threads. Close it to end them all."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.limits = limits
        self.nursery = Nursery(source, limits.memory_bytes)
        self.free = threading.Condition()
        # Some workers wait from the start, so that the first who ask need not wait for a fork.
        self.idle = [self.nursery.fork() for _ in range(min(READY_WORKERS, limits.workers))]
        self.running = 0
        self.waiting = 0
        self.clients: Counter[str] = Counter()

    def ask(self, question: Question, client: str, timeout_s: float | None = None) -> Spooled:
        """The whole answer. Raises QueryTimeout, WorkerBroke, QueryTooLarge, QuerySyntaxError, QueryError,
        ServiceBusy, TooManyAtOnce. `timeout_s` may shorten the time limit, never lengthen it."""
        limit_s = min(timeout_s or self.limits.timeout_s, self.limits.timeout_s)
        with self.place(client):
            return self.ask_worker(question, limit_s)

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """One of the places at which a query may run; waits for it in the queue."""
        with self.free:
            if self.clients[client] >= self.limits.per_client:
                raise TooManyAtOnce(
                    f"{self.limits.per_client} queries of yours are running; wait for one to end", 2
                )
            if self.running >= self.limits.workers and self.waiting >= self.limits.queue_length:
                raise ServiceBusy("all workers are taken and the queue is full; come back shortly", 5)
            self.clients[client] += 1
            try:
                self.wait_for_place()
            except ServiceBusy:
                self.leave(client)
                raise
            self.running += 1
        try:
            yield
        finally:
            with self.free:
                self.running -= 1
                self.leave(client)
                self.free.notify()

    def wait_for_place(self) -> None:
        self.waiting += 1
        try:
            if not self.free.wait_for(
                lambda: self.running < self.limits.workers, timeout=self.limits.queue_wait_s
            ):
                raise ServiceBusy("no worker became free in time; come back shortly", 5)
        finally:
            self.waiting -= 1

    def leave(self, client: str) -> None:
        self.clients[client] -= 1
        if self.clients[client] <= 0:
            del self.clients[client]

    def ask_worker(self, question: Question, limit_s: float) -> Spooled:
        with self.free:
            worker = self.idle.pop() if self.idle else None
        worker = worker or self.nursery.fork()
        target = cast(BinaryIO, tempfile.TemporaryFile("w+b"))  # noqa: SIM115 - handed on, closed by who sends it
        started = time.perf_counter()
        keep = False
        try:
            message, keep = self.exchange(worker, question, target, limit_s)
            elapsed_ms = (time.perf_counter() - started) * 1000
            if "error" in message:
                raise raised_again(message)
            return Spooled(target, message["rows"], message["size_bytes"], message["sha256"], elapsed_ms)
        except BaseException:
            target.close()
            raise
        finally:
            if keep:
                with self.free:
                    self.idle.append(worker)
            else:
                self.nursery.end(worker)

    def exchange(
        self, worker: Worker, question: Question, target: BinaryIO, limit_s: float
    ) -> tuple[dict[str, Any], bool]:
        """The worker's reply, and whether the worker may be used again. One that was made to give way may not:
        only a privileged process could take that back."""
        channel = worker.channel
        try:
            channel.settimeout(limit_s)
            send_frame(channel, question.to_json(), target.fileno())
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
            raise WorkerBroke(
                f"the query was stopped: it passed its memory limit of {self.limits.memory_bytes} bytes, "
                "or broke the engine; narrow it, or take the dumps"
            ) from error

    def is_alive(self) -> bool:
        """Whether queries can be answered: the process that holds the store runs."""
        return self.nursery.process.poll() is None

    def close(self) -> None:
        """Ends the nursery, and with it every worker."""
        self.nursery.close()


def raised_again(message: dict[str, Any]) -> QueryError:
    """The error a worker met, as an exception here."""
    text, kind = str(message["message"]), message["error"]
    if kind == "QuerySyntaxError":
        line, column = message["place"]
        return QuerySyntaxError(text, line, column)
    if kind == "MemoryError":
        return WorkerBroke(text)
    for module in (errors, guard, engine):
        found = getattr(module, str(kind), None)
        if isinstance(found, type) and issubclass(found, QueryError):
            return found(text)
    return QueryError(text)
