"""The process that holds the store, and the workers forked from it, tellers (teller.py) among them. Run as `python -m mingzhang.sparql.nursery FD`.

It loads the store once and then only forks: a worker starts in milliseconds, shares the store's pages, and can be
killed at any moment without harm to the rest. It has one thread, so forking is safe; the server, which has many,
never forks.

A worker gives up everything it does not need before its first query: it cannot open a file or a socket (the free
descriptors are taken by the files it is sent), so neither SERVICE nor FROM <file:…> can reach anything, whatever the
engine does; and its memory is limited.

A small answer goes back as it is. For a large one a worker holds an empty file, sent to it with a task; once it has
written into it the file is the server's, and the next task brings another.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import pyoxigraph as ox

from mingzhang.errors import MingzhangError, QuerySyntaxError
from mingzhang.sparql import engine, rewriting, store
from mingzhang.sparql.frames import receive_frame, send_frame
from mingzhang.sparql.teller import attend_connections

WORKER_CHANNEL = 3
OWN_DESCRIPTORS = 4  # standard input, output and error, and the channel
PR_SET_PDEATHSIG = 1  # Linux prctl(2)


def main() -> None:
    """Loads what the first message says, then forks a worker for each channel that is sent. Ends with the server."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to answer; it closes our channel
    settings, _, _ = receive_frame(control)
    try:
        loaded = store.loaded(store.Source(**settings["source"]))
    except MingzhangError as error:
        send_frame(control, {"error": str(error)})
        return
    gc.freeze()  # what is loaded stays: a collection in a worker would touch, and so copy, its pages
    graphs = sorted(name.value for name in loaded.everything.named_graphs() if isinstance(name, ox.NamedNode))
    send_frame(control, {"quads": len(loaded.everything), "graphs": graphs})
    serve(control, loaded, settings["memory_bytes"], settings["files_at_once"])


def serve(control: socket.socket, loaded: store.Loaded, memory_bytes: int, files_at_once: int) -> None:
    """Answers `fork` and `reap` until the server closes the channel; then ends every worker."""
    workers: set[int] = set()
    while True:
        try:
            message, _, channels = receive_frame(control)
        except EOFError:
            break
        if message["op"] == "fork" and channels:
            pid = os.fork()
            if pid == 0:
                life = attend_connections if message["teller"] else do_tasks
                work(loaded, channels[0], memory_bytes, files_at_once, life)
            os.close(channels[0])
            workers.add(pid)
            send_frame(control, {"pid": pid})
        elif message["op"] == "reap":
            # Only here does a dead worker's id become free: the server never signals a stranger.
            os.waitpid(message["pid"], 0)
            workers.discard(message["pid"])
            send_frame(control, {})
    for pid in workers:
        os.kill(pid, signal.SIGKILL)


def work(
    loaded: store.Loaded,
    channel_fd: int,
    memory_bytes: int,
    files_at_once: int,
    life: Callable[[store.Loaded, socket.socket], None],
) -> None:
    """The life of a worker: confine itself, do tasks one by one, end with the channel. Never returns."""
    try:
        channel = confined(channel_fd, memory_bytes, files_at_once)
        life(loaded, channel)
    except (EOFError, OSError):
        pass
    finally:
        os._exit(0)


def do_tasks(loaded: store.Loaded, channel: socket.socket) -> None:
    """Does what is asked over a channel, until it closes (EOFError, OSError)."""
    target: BinaryIO | None = None
    while True:
        task, _, descriptors = receive_frame(channel)
        files: list[BinaryIO] = [os.fdopen(fd, "w+b") for fd in descriptors]
        if target is None:
            target = files.pop(0)
        message, body = reply(loaded, task, target, files)
        for file in files:
            file.close()
        if body is None:
            with suppress(OSError):  # a full disk: said in the reply already
                target.close()
            target = None
        send_frame(channel, message, attached=body or b"")


def confined(channel_fd: int, memory_bytes: int, files_at_once: int = 1) -> socket.socket:
    """The channel, once this process has given up all other files, the right to open any, and memory without end."""
    in_use = current_address_space()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    kept = os.dup(channel_fd)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.dup2(kept, WORKER_CHANNEL)
    os.closerange(WORKER_CHANNEL + 1, max(kept, nowhere, channel_fd, 64) + 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    descriptors = OWN_DESCRIPTORS + files_at_once
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    if in_use:
        resource.setrlimit(resource.RLIMIT_AS, (in_use + memory_bytes, in_use + memory_bytes))
    return socket.socket(fileno=WORKER_CHANNEL)


def current_address_space() -> int:
    """Bytes of address space this process has now; 0 where the system does not say (no /proc)."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0
    return int(statm.read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def reply(
    loaded: store.Loaded, task: dict[str, Any], target: BinaryIO, given: list[BinaryIO]
) -> tuple[dict[str, Any], bytes | None]:
    """The answer's receipt, or the error in a form that can be raised again on the other side; and the answer's bytes,
    or None where `target` has been written to."""
    try:
        answer = done(loaded, task, target, given)
        return {
            "rows": answer.rows,
            "size_bytes": answer.size_bytes,
            "sha256": answer.sha256,
            "in_file": answer.body is None,
        }, answer.body
    except MemoryError:
        return {"error": "MemoryError", "message": "the query ran out of memory"}, None
    except MingzhangError as error:
        place = (error.line, error.column) if isinstance(error, QuerySyntaxError) else (None, None)
        return {"error": type(error).__name__, "message": str(error), "place": place}, None


def done(
    loaded: store.Loaded, task: dict[str, Any], target: BinaryIO, given: list[BinaryIO]
) -> engine.Answer:
    """Does a task: answers a question from the store, or checks one, or rewrites another engine's answer to it."""
    op = task.pop("op")
    if op == "rewrite":
        return rewriting.rewritten(given[0], rewriting.Rewriting(**task), target)
    question = engine.Question.from_json(task)
    if op == "check":
        rewriting.check(loaded.everything, question)
        return engine.Answer(0, 0, "", b"")
    return engine.answer(loaded.for_question(question), question, target)


if __name__ == "__main__":
    main()
