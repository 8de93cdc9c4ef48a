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
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, Protocol

from mingzhang import errors
from mingzhang.errors import QueryError, QuerySyntaxError, QueryTimeout
from mingzhang.sparql import engine, guard, rewriting
from mingzhang.sparql.engine import Question
from mingzhang.sparql.frames import Exchange, Frame
from mingzhang.sparql.kept import Answered, Held, Spooled
from mingzhang.sparql.nurseries import Nursery, StoreLoading, Worker
from mingzhang.sparql.options import Limits
from mingzhang.sparql.places import Places
from mingzhang.sparql.store import Source
from mingzhang.sparql.tellers import Tellers

LOG = logging.getLogger("mingzhang.sparql")
GIVE_WAY_AFTER_S = 0.3
"""A query that runs longer yields the processor to those that do not."""
READY_WORKERS = 2
AT_ONCE_MS = 2.0
"""Where nobody else is being answered, a reply is waited for so long in the event loop itself: half of a small query's
cost would be going to sleep and waking up again."""
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

    def ask_at_once(
        self, question: Question, client: str, timeout_s: float | None = None
    ) -> Answered | Coroutine[Any, Any, Answered] | None:
        """The answer if it is there at once, else what to await for it; None where `ask` is to be used. Raises
        QueryError."""

    @property
    def tellers(self) -> Tellers | None:
        """Those that may be lent a connection; None where there are none."""

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


class Task:
    """One task in one worker, from the moment it is sent until the worker is kept or ended.

    Ask `at_once` first; where that gives None, await `finished`. Both raise QueryError.
    """

    def __init__(
        self, pool: WorkerPool, worker: Worker, message: dict[str, Any], files: Sequence[int], limit_s: float
    ) -> None:
        self.pool = pool
        self.worker = worker
        self.limit_s = limit_s
        self.started = time.perf_counter()
        self.exchange: Exchange | None = None
        with suppress(OSError):  # the worker has ended: `finished` says so
            self.exchange = worker.asked(message, files)

    def at_once(self) -> Answered | None:
        """The answer, where it is there within AT_ONCE_MS and nobody else is being answered."""
        if self.exchange is None or not self.pool.has_one_at_most:
            return None
        try:
            frame = self.exchange.within(self.worker.poller, AT_ONCE_MS)
        except (EOFError, OSError):
            return None
        if frame is None:
            return None
        try:
            return self.answered(frame)
        finally:
            if not self.pool.keep(self.worker):
                asyncio.get_running_loop().run_in_executor(None, self.worker.nursery.end, self.worker)

    async def finished(self) -> Answered:
        """The answer. The worker is then free for the next task, or has ended and its memory is free."""
        sound = False
        try:
            frame = await self.replied()
            sound = True
            return self.answered(frame)
        finally:
            if not (sound and self.pool.keep(self.worker)):
                await asyncio.get_running_loop().run_in_executor(None, self.worker.nursery.end, self.worker)

    def answered(self, frame: Frame) -> Answered:
        """The answer that a reply brings. Raises QueryError where it brings none."""
        message, body = frame
        elapsed_ms = (time.perf_counter() - self.started) * 1000
        if "error" in message:
            self.worker.taken_file().close()
            raise raised_again(message)
        rows, sha256 = message["rows"], message["sha256"]
        if message["in_file"]:
            return Spooled(self.worker.taken_file(), rows, message["size_bytes"], sha256, elapsed_ms)
        return Held(body, rows, elapsed_ms, sha256)

    async def replied(self) -> Frame:
        """The worker's reply. Raises QueryTimeout, WorkerBroke, StoreLoading."""
        left_s = max(0.0, self.limit_s - (time.perf_counter() - self.started))
        alarm = Alarm(asyncio.get_running_loop(), self.worker, left_s)
        try:
            if self.exchange is None:
                raise EOFError
            return await self.exchange.finished()
        except (EOFError, OSError) as error:
            if self.worker.expired:
                raise QueryTimeout(
                    f"the query was stopped at its time limit of {self.limit_s:g} s; narrow it, or take the dumps"
                ) from error
            if self.worker.nursery.has_ended():
                raise StoreLoading from error
            raise WorkerBroke(
                f"the query was stopped: it passed its memory limit of {self.pool.limits.memory_bytes} bytes, "
                "or broke the engine; narrow it, or take the dumps"
            ) from error
        finally:
            alarm.cancel()


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
        self.tellers = Tellers(self.nursery, limits.timeout_s)
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
            self.tellers.close()
            self.nursery.close()
            try:
                nursery = self.started_nursery()
            except QueryError as error:
                LOG.error("%s", error)
                self.closing.wait(RESTART_PAUSE_S)
                continue
            self.nursery = nursery
            self.tellers = Tellers(nursery, self.limits.timeout_s)
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
            return await self.done(answer_task(question), (), self.limits.time_limit_s(timeout_s))
        finally:
            self.places.leave(client)

    def ask_at_once(
        self, question: Question, client: str, timeout_s: float | None = None
    ) -> Answered | Coroutine[Any, Any, Answered] | None:
        """What `ask` gives: the answer where it is there within AT_ONCE_MS, else what to await for it. None, and nothing
        is asked, where there is no free place and worker just now. Raises QueryError.
        """
        worker = self.idle_worker()
        if worker is None:
            return None
        if not self.places.enter_at_once(client):
            self.keep(worker)
            return None
        task = Task(self, worker, answer_task(question), (), self.limits.time_limit_s(timeout_s))
        under_way = False
        try:
            answered = task.at_once()
            under_way = answered is None
        finally:
            if not under_way:
                self.places.leave(client)
        return answered or self.finished(task, client)

    async def finished(self, task: Task, client: str) -> Answered:
        """The answer of a task for which the client has a place."""
        try:
            return await task.finished()
        finally:
            self.places.leave(client)

    async def done(self, message: dict[str, Any], files: Sequence[int], limit_s: float) -> Answered:
        """What a worker makes of a task, given further open files to read. Raises what `ask` raises."""
        worker = self.idle_worker()
        if worker is None:
            worker = await asyncio.get_running_loop().run_in_executor(None, self.nursery.fork)
        task = Task(self, worker, message, files, limit_s)
        return task.at_once() or await task.finished()

    def idle_worker(self) -> Worker | None:
        with self.lock:
            return self.idle.pop() if self.idle else None

    def keep(self, worker: Worker) -> bool:
        """Keeps a worker for the next task, if it is fit for one; says whether."""
        with self.lock:
            fit = not worker.yielding and worker.nursery is self.nursery
            if fit:
                self.idle.append(worker)
        return fit

    @property
    def has_one_at_most(self) -> bool:
        """Whether no more than one query is under way."""
        return self.places.running <= 1

    async def is_alive(self) -> bool:
        """Whether queries can be answered: the process that holds the store runs."""
        return not self.nursery.has_ended()

    def close(self) -> None:
        """Ends the nursery, and with it every worker."""
        self.closing.set()
        self.forget_workers()
        self.tellers.close()
        self.nursery.close()


def answer_task(question: Question) -> dict[str, Any]:
    """The message that asks a worker to answer a question."""
    return {"op": "answer"} | question.to_json()


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
