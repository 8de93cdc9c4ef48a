"""The process that holds the store, and the workers forked from it. Run as `python -m mingzhang.sparql.nursery FD`.

It loads the store once and then only forks: a worker starts in milliseconds, shares the store's pages, and can be
killed at any moment without harm to the rest. It has one thread, so forking is safe; the server, which has many,
never forks.

A worker gives up everything it does not need before its first query: it cannot open a file or a socket (the one free
descriptor is taken by the file its answer goes into), so neither SERVICE nor FROM <file:…> can reach anything, whatever
the engine does; and its memory is limited.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from mingzhang.errors import MingzhangError, QuerySyntaxError
from mingzhang.sparql import engine, store
from mingzhang.sparql.frames import receive_frame, send_frame

WORKER_CHANNEL = 3
WORKER_DESCRIPTORS = 5  # standard input, output and error, the channel, and the file of the answer
PR_SET_PDEATHSIG = 1  # Linux prctl(2)


def main() -> None:
    """Loads what the first message says, then forks a worker for each channel that is sent. Ends with the server."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to answer; it closes our channel
    settings, _ = receive_frame(control)
    try:
        loaded = store.load(store.Source(**settings["source"]))
    except MingzhangError as error:
        send_frame(control, {"error": str(error)})
        return
    gc.freeze()  # what is loaded stays: a collection in a worker would touch, and so copy, its pages
    graphs = sorted(name.value for name in loaded.named_graphs() if isinstance(name, ox.NamedNode))
    send_frame(control, {"quads": len(loaded), "graphs": graphs})
    serve(control, loaded, settings["memory_bytes"])


def serve(control: socket.socket, loaded: ox.Store, memory_bytes: int) -> None:
    """Answers `fork` and `reap` until the server closes the channel; then ends every worker."""
    workers: set[int] = set()
    while True:
        try:
            message, channel = receive_frame(control)
        except EOFError:
            break
        if message["op"] == "fork" and channel is not None:
            pid = os.fork()
            if pid == 0:
                work(loaded, channel, memory_bytes)
            os.close(channel)
            workers.add(pid)
            send_frame(control, {"pid": pid})
        elif message["op"] == "reap":
            # Only here does a dead worker's id become free: the server never signals a stranger.
            _, status = os.waitpid(message["pid"], 0)
            workers.discard(message["pid"])
            send_frame(control, {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0})
    for pid in workers:
        os.kill(pid, signal.SIGKILL)


def work(loaded: ox.Store, channel_fd: int, memory_bytes: int) -> None:
    """The life of a worker: confine itself, answer questions one by one, end with the channel. Never returns."""
    try:
        channel = confined(channel_fd, memory_bytes)
        while True:
            question, target = receive_frame(channel)
            if target is None:
                break
            send_frame(channel, reply(loaded, question, target))
    except (EOFError, OSError):
        pass
    finally:
        os._exit(0)


def confined(channel_fd: int, memory_bytes: int) -> socket.socket:
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
    resource.setrlimit(resource.RLIMIT_NOFILE, (WORKER_DESCRIPTORS, WORKER_DESCRIPTORS))
    if in_use:
        resource.setrlimit(resource.RLIMIT_AS, (in_use + memory_bytes, in_use + memory_bytes))
    return socket.socket(fileno=WORKER_CHANNEL)


def current_address_space() -> int:
    """Bytes of address space this process has now; 0 where the system does not say (no /proc)."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0
    return int(statm.read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def reply(loaded: ox.Store, message: dict[str, Any], target_fd: int) -> dict[str, Any]:
    """The answer's receipt, or the error in a form that can be raised again on the other side."""
    with os.fdopen(target_fd, "w+b") as target:
        try:
            written = engine.answer(loaded, engine.Question.from_json(message), target)
        except MemoryError:
            return {"error": "MemoryError", "message": "the query ran out of memory"}
        except MingzhangError as error:
            place = (error.line, error.column) if isinstance(error, QuerySyntaxError) else (None, None)
            return {"error": type(error).__name__, "message": str(error), "place": place}
    return {"rows": written.rows, "size_bytes": written.size_bytes, "sha256": written.sha256}


if __name__ == "__main__":
    main()
