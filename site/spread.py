"""Tasks spread over processes that share what this one has in memory."""

from __future__ import annotations

import gc
import multiprocessing
import os
import struct
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from mingzhang.errors import ReleaseError

_TICKETS = 4_096
"""At most so many are handed out: all of them fit into a pipe (64 KiB on Linux) before anyone reads."""
_TICKET = struct.Struct("=I")
_DONE = "done"


@dataclass(frozen=True)
class Task:
    """Some work, and how much of the whole it is."""

    run: Callable[[], Any]
    """What it returns has to be small, and something that can be sent between processes."""
    weight: int = 1


def spread(
    here: Sequence[Task], anywhere: Sequence[Task], workers: int, progress: Callable[[int], None]
) -> list[Any]:
    """Does every task and returns what those of `here` and then those of `anywhere` returned, each in its order.

    With more than one worker, this process does the tasks of `here` while others that were forked from it begin with
    those of `anywhere`, and then helps them: who is done with a task takes the next one. The others see everything
    already read without its being read or sent again. Where a system cannot fork, and for one worker, all is done in
    this process. Raises what a task raises; from another process ReleaseError with the text of the failure.
    """
    progress(0)
    with staying():
        if workers < 2 or not anywhere or "fork" not in multiprocessing.get_all_start_methods():
            return _alone([*here, *anywhere], progress)
        with _Crew(anywhere, workers - 1, progress) as crew:
            first = [crew.own(task) for task in here]
            return first + crew.finish()


@contextmanager
def staying() -> Iterator[None]:
    """What is in memory when the block begins stays until it ends: no garbage is looked for in it.

    That would take a tenth of the time, and in a forked process make a copy of all of it.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _alone(tasks: Sequence[Task], progress: Callable[[int], None]) -> list[Any]:
    results, done = [], 0
    for task in tasks:
        results.append(task.run())
        done += task.weight
        progress(done)
    return results


class _Crew:
    """This process and others forked from it, at the same tasks. The others end with the block."""

    def __init__(self, tasks: Sequence[Task], others: int, progress: Callable[[int], None]) -> None:
        self._tasks = tasks
        self._progress = progress
        self._results: dict[int, Any] = {}
        self._done = 0
        self._tickets = _Tickets(len(tasks))
        forking = multiprocessing.get_context("fork")
        self._processes = []
        self._going: list[Connection] = []
        for _ in range(others):
            reader, writer = forking.Pipe(duplex=False)
            process = forking.Process(target=_child, args=(tasks, self._tickets, writer), daemon=True)
            process.start()
            writer.close()
            self._processes.append(process)
            self._going.append(reader)

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *error: object) -> None:
        self._tickets.close()
        for process in self._processes:
            process.terminate()
            process.join()

    def own(self, task: Task) -> Any:
        """What a task of this process alone comes to."""
        result = task.run()
        self._count(task)
        self._listen(0)
        return result

    def finish(self) -> list[Any]:
        """What all tasks came to, once the last of them is done. Raises ReleaseError where a process failed or died."""
        for number in self._tickets:
            self._results[number] = self.own(self._tasks[number])
        while self._going:
            self._listen(None)
        return [self._results[number] for number in range(len(self._tasks))]

    def _count(self, task: Task) -> None:
        self._done += task.weight
        self._progress(self._done)

    def _listen(self, timeout_s: float | None) -> None:
        """Takes what the others have to say; None waits until one of them says something."""
        for reader in wait(self._going, timeout_s):
            assert isinstance(reader, Connection)
            try:
                message = reader.recv()
            except EOFError:
                raise ReleaseError(
                    "a process that writes pages was ended from outside; build again"
                ) from None
            if message == _DONE:
                self._going.remove(reader)
            elif isinstance(message, str):
                raise ReleaseError(message)
            else:
                number, self._results[number] = message
                self._count(self._tasks[number])


class _Tickets:
    """Numbers of tasks, each for whoever takes it first, in whatever process: a pipe that was filled beforehand.

    Nothing is held while a task is done, so a process that is killed keeps no other from going on.
    """

    def __init__(self, count: int) -> None:
        self._bounds = (
            [number * count // _TICKETS for number in range(_TICKETS + 1)] if count > _TICKETS else []
        )
        self._reader, writer = os.pipe()
        for number in range(min(count, _TICKETS)):
            os.write(writer, _TICKET.pack(number))
        os.close(writer)

    def __iter__(self) -> Iterator[int]:
        while ticket := os.read(self._reader, _TICKET.size):
            (number,) = _TICKET.unpack(ticket)
            yield from range(*self._bounds[number : number + 2]) if self._bounds else (number,)

    def close(self) -> None:
        os.close(self._reader)


def _child(tasks: Sequence[Task], tickets: _Tickets, writer: Connection) -> None:
    threading.Thread(target=_end_with_first, daemon=True).start()
    try:
        for number in tickets:
            writer.send((number, tasks[number].run()))
        writer.send(_DONE)
    except ReleaseError as error:
        writer.send(str(error))
    except BaseException as error:
        if isinstance(error, OSError) and error.strerror:
            writer.send(f"{error.filename or 'a page'}: {error.strerror}")
        else:
            writer.send(f"a page could not be written; {traceback.format_exc()}")


def _end_with_first() -> None:
    """Ends this process when the first one is gone, killed or crashed: what it writes would be in the way of the next."""
    first = multiprocessing.parent_process()
    if first is not None:
        wait([first.sentinel])
        os._exit(1)
