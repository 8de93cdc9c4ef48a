"""The query workers as the server sees them: take one, ask it, and end it when it takes too long.

Queries run in processes of their own (see nursery.py). The engine cannot stop a query, so a query is stopped by killing
the process it runs in; the next one is forked in milliseconds. There are more workers than processors on purpose: a few
long queries then do not stand in the way of short ones, and whatever runs long is made to give way.

Asking happens in the server's event loop, without threads: a small query costs more to hand over than to answer. What
blocks (forking, ending, loading) is done in threads.

Should the process that holds the store itself end, it is started again; until it has loaded, the service is not ready.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

from mingzhang import errors
from mingzhang.errors import QueryError, QuerySyntaxError, QueryTimeout
from mingzhang.sparql import engine, guard, rewriting
from mingzhang.sparql.engine import Question
from mingzhang.sparql.frames import Frame
from mingzhang.sparql.kept import Answered, Held, Spooled
from mingzhang.sparql.nurseries import Nursery, StoreLoading, Worker
from mingzhang.sparql.options import Limits
from mingzhang.sparql.places import Places
from mingzhang.sparql.store import Source

LOG = logging.getLogger("mingzhang.sparql")
GIVE_WAY_AFTER_S = 0.3
"""A query that runs longer yields the processor to those that do not."""
READY_WORKERS = 2
RESTART_PAUSE_S = 2.0
"""Between two attempts to load a store that could not be loaded: the machine may be short of memory just now."""


class WorkerBroke(QueryError):
    """The engine's process ended by itself: out of memory, or broken by the query."""


class Engine(Protocol):
    """Whatever answers queries for the service: our own workers over a store, or an engine elsewhere."""

    @property
    def name(self) -> str:
        """Engine and version, for receipts."""

    @property
    def graphs(self) -> tuple[str, ...] | None:
        """The names of its graphs; None where that is not known."""

    async def ask(self, question: Question, client: str, timeout_s: float | None = None) -> Answered:
        """The whole answer. Raises QueryError."""

    async def is_alive(self) -> bool:
        """Whether queries can be answered now."""

    def close(self) -> None:
        """Ends everything it runs."""


class Alarm:
    """Makes a worker give way when its task takes long, and ends the wait for it when its time is up. One timer, since
    hardly any task lives to see it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, worker: Worker, limit_s: float) -> None:
        self.loop = loop
        self.worker = worker
        self.left_s = limit_s - GIVE_WAY_AFTER_S
        first = worker.expire if self.left_s <= 0 else self.half_way
        self.timer = loop.call_later(min(limit_s, GIVE_WAY_AFTER_S), first)

    def half_way(self) -> None:
        self.worker.give_way()
        self.timer = self.loop.call_later(self.left_s, self.worker.expire)

    def cancel(self) -> None:
        self.timer.cancel()


class WorkerPool:
    """Workers for one event loop at a time. Close it to end them all."""

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
            worker.close()

    async def ask(self, question: Question, client: str, timeout_s: float | None = None) -> Answered:
        """The whole answer. Raises QueryTimeout, WorkerBroke, QueryTooLarge, QuerySyntaxError, QueryError,
        ServiceBusy, TooManyAtOnce. `timeout_s` may shorten the time limit, never lengthen it."""
        await self.places.enter(client)
        try:
            task = {"op": "answer"} | question.to_json()
            return await self.done(task, (), self.limits.time_limit_s(timeout_s))
        finally:
            self.places.leave(client)

    async def done(self, task: dict[str, Any], files: Sequence[int], limit_s: float) -> Answered:
        """What a worker makes of a task, given further open files to read. Raises what `ask` raises."""
        worker = await self.taken_worker()
        started = time.perf_counter()
        sound = False
        try:
            message, body = await self.replied(worker, task, files, limit_s)
            sound = True
            elapsed_ms = (time.perf_counter() - started) * 1000
            if "error" in message:
                worker.taken_file().close()
                raise raised_again(message)
            rows, sha256 = message["rows"], message["sha256"]
            if message["in_file"]:
                return Spooled(worker.taken_file(), rows, message["size_bytes"], sha256, elapsed_ms)
            return Held(body, rows, elapsed_ms, sha256)
        finally:
            await self.give_back(worker, sound)

    async def taken_worker(self) -> Worker:
        with self.lock:
            if self.idle:
                return self.idle.pop()
        return await asyncio.get_running_loop().run_in_executor(None, self.nursery.fork)

    async def give_back(self, worker: Worker, sound: bool) -> None:
        """Keeps a worker for the next task, or ends it; it has then ended, and its memory is free."""
        with self.lock:
            keep = sound and not worker.yielding and worker.nursery is self.nursery
            if keep:
                self.idle.append(worker)
        if not keep:
            await asyncio.get_running_loop().run_in_executor(None, worker.nursery.end, worker)

    async def replied(
        self, worker: Worker, task: dict[str, Any], files: Sequence[int], limit_s: float
    ) -> Frame:
        """The worker's reply to a task. Raises QueryTimeout, WorkerBroke, StoreLoading."""
        alarm = Alarm(asyncio.get_running_loop(), worker, limit_s)
        try:
            return await worker.asked(task, files)
        except (EOFError, OSError) as error:
            if worker.expired:
                raise QueryTimeout(
                    f"the query was stopped at its time limit of {limit_s:g} s; narrow it, or take the dumps"
                ) from error
            if worker.nursery.has_ended():
                raise StoreLoading from error
            raise WorkerBroke(
                f"the query was stopped: it passed its memory limit of {self.limits.memory_bytes} bytes, "
                "or broke the engine; narrow it, or take the dumps"
            ) from error
        finally:
            alarm.cancel()

    async def is_alive(self) -> bool:
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
