"""The same work for many things, spread over processes that share what this one has in memory."""

from __future__ import annotations

import gc
import multiprocessing
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait

from mingzhang.errors import ReleaseError

_REPORT_EVERY = 200
_DONE = "done"


@contextmanager
def spread(
    work: Callable[[str], None], things: Sequence[str], workers: int, progress: Callable[[int], None]
) -> Iterator[None]:
    """Does `work` for every thing while the block runs, and has done it when the block ends.

    With more than one worker, processes are forked that see everything already read without its being read or sent
    again; where a system cannot fork, and for one worker, the work is done here before the block. Raises what
    `work` raises; from another process ReleaseError with the text of the failure.
    """
    progress(0)
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        _do(work, things, progress)
        yield
        return
    forking = multiprocessing.get_context("fork")
    # What is there now is shared for as long as nobody writes to it; collecting garbage would.
    gc.freeze()
    readers, processes = [], []
    for number in range(workers):
        reader, writer = forking.Pipe(duplex=False)
        # Every n-th thing: neighbours are alike, so each process gets some of every kind.
        process = forking.Process(target=_child, args=(work, things[number::workers], writer), daemon=True)
        process.start()
        writer.close()
        readers.append(reader)
        processes.append(process)
    gc.unfreeze()
    try:
        yield
        _gather(readers, progress)
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _do(work: Callable[[str], None], things: Sequence[str], progress: Callable[[int], None]) -> None:
    for done, thing in enumerate(things, start=1):
        work(thing)
        if done % _REPORT_EVERY == 0 or done == len(things):
            progress(done)


def _child(work: Callable[[str], None], things: Sequence[str], writer: Connection) -> None:
    try:
        _do(work, things, writer.send)
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
