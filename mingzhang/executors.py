"""Where work is done: in this process, in processes of this machine, or on a Dask cluster. One interface, one kind of
work: a pure function from a task to a result, both of which can be sent anywhere.

At most a few tasks a worker are under way at once, so that memory does not grow with their number. A worker that dies
takes no other task with it.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import queue
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from mingzhang.errors import ClusterError, OtherVersion
from mingzhang.work import Done, Task, worker_version

if TYPE_CHECKING:
    import distributed

Work = Callable[[Task], Done]
Tasks = Iterable[tuple[int, Task]]
"""(number, task): the number comes back with the result."""

_AHEAD = 2
"""Tasks a worker: one being worked on, one waiting for it to be done."""


@dataclass(frozen=True)
class Lost:
    """A task that ended the processes which worked on it. `reason` says so and what to do."""

    reason: str


class Executor(Protocol):
    """Does work somewhere."""

    def results(self, work: Work, tasks: Tasks, count: int) -> Iterator[tuple[int, Done | Lost]]:
        """(number, result) of every task as it is done. `count` is how many tasks there are at most.

        Whatever `work` raises ends it, and leaves nothing running.
        """
        ...


@dataclass(frozen=True)
class LocalProcesses:
    """Processes of this machine, at most `workers`; with one worker, or one task, this process itself."""

    workers: int

    def results(self, work: Work, tasks: Tasks, count: int) -> Iterator[tuple[int, Done | Lost]]:
        """See `Executor`."""
        workers = min(self.workers, count)
        if workers < 2:
            for number, task in tasks:
                yield number, work(task)
            return
        waiting = iter(tasks)
        suspects: list[tuple[int, Task]] = []
        while True:
            # After a crash nobody can tell which of the tasks under way caused it: each is tried again alone.
            for number, task in suspects:
                yield number, _alone(work, task)
            try:
                yield from _in_pool(work, waiting, workers)
            except _Crashed as crashed:
                suspects = crashed.under_way
            else:
                return


class _Crashed(Exception):
    """A process of the pool died. `under_way` are the tasks whose results went with it."""

    def __init__(self, under_way: list[tuple[int, Task]]) -> None:
        super().__init__(f"{len(under_way)} tasks under way")
        self.under_way = under_way


def _in_pool(work: Work, waiting: Iterator[tuple[int, Task]], workers: int) -> Iterator[tuple[int, Done]]:
    """The results of the tasks still waiting. Raises _Crashed where a process dies."""
    under_way: dict[Future[Done], tuple[int, Task]] = {}
    with _pool(workers) as pool:
        while True:
            while len(under_way) < workers * _AHEAD:
                following = next(waiting, None)
                if following is None:
                    break
                try:
                    under_way[pool.submit(work, following[1])] = following
                except BrokenProcessPool as error:
                    raise _Crashed([*under_way.values(), following]) from error
            if not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    result = future.result()
                except BrokenProcessPool as error:
                    raise _Crashed(list(under_way.values())) from error
                yield under_way.pop(future)[0], result


def _alone(work: Work, task: Task) -> Done | Lost:
    """The result of a task in a process of its own."""
    with _pool(1) as pool:
        try:
            return pool.submit(work, task).result()
        except BrokenProcessPool:
            return Lost(
                "the process that read it was ended (out of memory?); try this file on a larger machine"
            )


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    # spawn: a forked child would inherit the progress display's threads and locks.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin_worker() -> None:
    """Ctrl-C ends a worker at once and without a trace; the process that started it tells the user.

    Where that process is gone, killed or crashed, its workers end too: they would wait for ever for more work.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


@dataclass(frozen=True)
class DaskCluster:
    """The workers of a Dask scheduler at `address` (`tcp://host:port`, or `tls://…` with Dask's own settings).

    Files go there as bytes and results come back as bytes: no disk is shared. A worker needs this version of the
    program and of its libraries. `patience_s` is how long a cluster may be without any worker before it is given up.
    """

    address: str
    connect_s: float = 15.0
    patience_s: float = 60.0
    version: str = field(default_factory=worker_version)

    def results(self, work: Work, tasks: Tasks, count: int) -> Iterator[tuple[int, Done | Lost]]:
        """See `Executor`. Raises ClusterError where the cluster cannot be reached, or has no worker for too long."""
        if not count:
            return
        waiting = iter(tasks)
        finished: queue.SimpleQueue[Any] = queue.SimpleQueue()
        under_way: dict[str, tuple[int, Any]] = {}
        with self._client() as client:
            self._check_versions(client)
            while True:
                room = _AHEAD * max(_threads(client), 1) - len(under_way)
                for number, task in islice(waiting, max(room, 0)):
                    future = _submitted(client, work, task)
                    under_way[future.key] = (number, future)
                    future.add_done_callback(finished.put)
                if not under_way:
                    return
                future = self._next(client, finished)
                number, _ = under_way.pop(future.key)
                yield number, self._result(future)
                future.release()

    @contextmanager
    def _client(self) -> Iterator[distributed.Client]:
        try:
            import distributed
        except ImportError as error:
            raise ClusterError(
                "--scheduler needs Dask, which is not installed; pip install 'mingzhang[dask]'"
            ) from error
        try:
            client = distributed.Client(  # type: ignore[no-untyped-call]
                self.address, timeout=self.connect_s, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"{self.address}: no Dask scheduler answers ({error}); start one with `dask scheduler`, or check --scheduler"
            ) from error
        try:
            yield client
        finally:
            client.close()  # type: ignore[no-untyped-call]

    def _check_versions(self, client: distributed.Client) -> None:
        """Raises OtherVersion where a worker has another version of the program, or none."""
        found = client.run(worker_version, on_error="return")
        wrong = sorted(name for name, version in found.items() if version != self.version)
        if wrong:
            version = found[wrong[0]]
            what = f"version {version[:12]}" if isinstance(version, str) else f"none ({version})"
            raise OtherVersion(
                f"{self.address}: {len(wrong)} of {len(found)} workers have another Mingzhang than this one "
                f"({wrong[0]}: {what}; here {self.version[:12]}); install the same version, with the same constraints.txt, on every worker"
            )

    def _next(self, client: distributed.Client, finished: queue.SimpleQueue[Any]) -> Any:
        """The next future that is done. Raises ClusterError where there is nobody left to do it."""
        deserted = 0.0
        while True:
            before = time.monotonic()
            try:
                return finished.get(timeout=1.0)
            except queue.Empty:
                deserted = 0.0 if _threads(client) else deserted + time.monotonic() - before
            if client.status != "running":
                raise ClusterError(
                    f"{self.address}: the scheduler is gone; what was read is kept: the same command goes on from there"
                )
            if deserted > self.patience_s:
                raise ClusterError(
                    f"{self.address}: no worker for {self.patience_s:.0f} s; start some (`dask worker {self.address}`) and "
                    "run the same command: it goes on where it was"
                )

    def _result(self, future: Any) -> Done | Lost:
        import distributed
        from distributed.scheduler import KilledWorker

        try:
            result: Done = future.result()
            return result
        except KilledWorker:
            return Lost(
                "it ended one worker after another (out of memory?); try this file on a machine with more"
            )
        except (distributed.CancelledError, distributed.client.FuturesCancelledError) as error:
            raise ClusterError(
                f"{self.address}: the scheduler is gone; what was read is kept: the same command goes on from there"
            ) from error


def _threads(client: distributed.Client) -> int:
    """How many tasks the cluster can work on at once, now; 0 where it has no workers."""
    return sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values())


def _submitted(client: distributed.Client, work: Work, task: Task) -> Any:
    with warnings.catch_warnings():
        # Dask would rather have large data on the workers beforehand. There they would be lost with a worker that
        # dies; the scheduler keeps what it was sent, and gives it to another.
        warnings.filterwarnings("ignore", message="Sending large graph", category=UserWarning)
        return client.submit(work, task, pure=False)
