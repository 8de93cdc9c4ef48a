"""The server's side of the process that holds the store (nursery.py): starting it, forking workers, ending them."""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO, cast

from mingzhang.errors import QueryError, ServiceBusy
from mingzhang.sparql.frames import Exchange, receive_frame, send_frame
from mingzhang.sparql.store import Source

LOG = logging.getLogger("mingzhang.sparql")
LOAD_TIMEOUT_S = 3600.0
GIVE_WAY_NICENESS = 10


class StoreLoading(ServiceBusy):
    """The data are being loaded; nothing can be asked until they are."""

    def __init__(self) -> None:
        super().__init__("the data are being loaded; come back shortly", 5)


@dataclass
class Worker:
    """A forked worker: its process id, our end of its channel, the process it was forked from, and the file it holds
    for a large answer. `yielding` is True once it was made to give way, which only a privileged process could undo,
    `expired` once its time was up."""

    pid: int
    channel: socket.socket
    nursery: Nursery
    file: BinaryIO | None = None
    yielding: bool = False
    expired: bool = False
    poller: select.poll = field(default_factory=select.poll)
    """Watches the channel."""

    def __post_init__(self) -> None:
        self.poller.register(self.channel, select.POLLIN)

    def asked(self, task: dict[str, Any], files: Sequence[int]) -> Exchange:
        """The exchange that a task begins, given further open files to read. Raises OSError where the worker has ended."""
        descriptors = list(files)
        if self.file is None:
            file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - handed on, closed by who sends it
            self.file = cast(BinaryIO, file)
            descriptors.insert(0, self.file.fileno())
        return Exchange(self.channel, task, descriptors)

    def taken_file(self) -> BinaryIO:
        """The file that holds the answer, which is the caller's from now on."""
        assert self.file is not None
        file, self.file = self.file, None
        return file

    def expire(self) -> None:
        """Ends the wait for its reply."""
        self.expired = True
        with suppress(OSError):
            self.channel.shutdown(socket.SHUT_RDWR)

    def give_way(self) -> None:
        self.yielding = True
        os.setpriority(os.PRIO_PROCESS, self.pid, GIVE_WAY_NICENESS)

    def close(self) -> None:
        """Closes what we hold of it. Its process ends when it notices."""
        self.channel.close()
        if self.file is not None:
            self.file.close()
            self.file = None


class Nursery:
    """The process that loaded the store and forks workers. Its channel is used by one thread at a time."""

    def __init__(self, source: Source, memory_bytes: int, files_at_once: int) -> None:
        """Starts the process and waits until the store is loaded. Raises QueryError where that fails.

        `files_at_once` is how many files a worker has open during a task, its answer's own among them: it can hold no
        more than these.
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
            message, _, _ = receive_frame(ours)
        except (EOFError, OSError) as error:
            self.close()
            raise QueryError("the process that loads the store ended; is there memory enough?") from error
        if "error" in message:
            self.close()
            raise QueryError(message["error"])
        ours.settimeout(None)
        self.quads = int(message["quads"])
        self.graphs: tuple[str, ...] = tuple(message["graphs"])

    def fork(self, teller: bool = False) -> Worker:
        """A new worker; one that attends to connections (teller.py) where that is wanted. Raises StoreLoading where this
        process has ended."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, self.lock:
                send_frame(self.control, {"op": "fork", "teller": teller}, [theirs.fileno()])
                message, _, _ = receive_frame(self.control)
        except (EOFError, OSError) as error:
            ours.close()
            raise StoreLoading from error
        ours.setblocking(False)
        return Worker(message["pid"], ours, self)

    def end(self, worker: Worker) -> None:
        """Kills a worker. Where this process has ended, the system has done so already."""
        worker.close()
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
