"""Tasks spread over processes that share what this one has in memory."""

from __future__ import annotations

import gc
import multiprocessing
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait

from mingzhang.errors import ReleaseError

Task = Callable[[], None]
_REPORT_EVERY = 200
_DONE = "done"


@contextmanager
def spread(tasks: Sequence[Task], workers: int, progress: Callable[[int], None]) -> Iterator[None]:
    """Does every task while the block runs, and has done it when the block ends.

    With more than one worker, processes are forked that see everything already read without its being read or sent
    again; where a system cannot fork, and for one worker, the tasks are done here before the block. Raises what a
    task raises; from another process ReleaseError with the text of the failure.
    """
    progress(0)
    # What is there now stays as long as the block: looking for garbage in it would take a tenth of the time, and in a
    # forked process make a copy of all of it.
    gc.freeze()
    try:
        if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
            _do(tasks, progress)
            yield
        else:
            with _processes(tasks, workers) as readers:
                yield
                _gather(readers, progress)
    finally:
        gc.unfreeze()


@contextmanager
def _processes(tasks: Sequence[Task], workers: int) -> Iterator[list[Connection]]:
    """Forked processes that do the tasks and report how far they are; they end with the block."""
    forking = multiprocessing.get_context("fork")
    readers, processes = [], []
    for number in range(workers):
        reader, writer = forking.Pipe(duplex=False)
        # Every n-th task: neighbours are alike, so each process gets some of every kind.
        process = forking.Process(target=_child, args=(tasks[number::workers], writer), daemon=True)
        process.start()
        writer.close()
        readers.append(reader)
        processes.append(process)
    try:
        yield readers
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _do(tasks: Sequence[Task], progress: Callable[[int], None]) -> None:
    for done, task in enumerate(tasks, start=1):
        task()
        if done % _REPORT_EVERY == 0 or done == len(tasks):
            progress(done)


def _child(tasks: Sequence[Task], writer: Connection) -> None:
    try:
        _do(tasks, writer.send)
        writer.send(_DONE)
    except OSError as error:
        writer.send(f"{error.filename or 'a page'}: {error.strerror}")
    except BaseException:
        writer.send(f"a page could not be written; {traceback.format_exc()}")


def _gather(readers: list[Connection], progress: Callable[[int], None]) -> None:
    """Follows the processes to their end. Raises ReleaseError where one failed or died."""
    done = dict.fromkeys(readers, 0)
    going = list(readers)
    while going:
        for reader in wait(going):
            assert isinstance(reader, Connection)
            try:
                message = reader.recv()
            except EOFError:
                raise ReleaseError(
                    "a process that writes pages was ended from outside; build again"
                ) from None
            if isinstance(message, int):
                done[reader] = message
                progress(sum(done.values()))
            elif message == _DONE:
                going.remove(reader)
            else:
                raise ReleaseError(message)
