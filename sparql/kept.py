"""Answers kept for the next client who asks the same. An answer of a release never changes, so none goes stale.

They lie on disk under their entity tag, which is a digest of release, engine, query, dataset and format: they survive
a restart, and several services may share one folder. A file appears whole or not at all (it is renamed into place),
and what is read is checked against the digest in its first line. The ones asked for lately are held in memory too.
Files are written by a thread of its own, so that nobody waits for one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LOG = logging.getLogger("mingzhang.sparql")
LAYOUT = "v1"
"""Changes when the files' first line does: a service of another version then finds nothing, instead of nonsense."""
LARGEST_SHARE = 8
"""No single answer takes more than this part of the room."""
COUNTED_SHARE = 16
"""After adding this part of the room, what others have added to the folder is counted too."""
SWEPT_TO = 0.9
"""A full folder is emptied to this part of its room, so that not every answer has to make room for itself."""
HEAD_BYTES = 256
WORTH_A_FILE_MS = 10.0
"""Writing and finding a file takes about 0.4 ms, several on a busy machine; what is made nearly as quickly is held in
memory only."""
IN_MEMORY_BYTES = 4 * 1024 * 1024
"""Larger answers are never read whole."""
ENTRY_BYTES = 1024
"""What holding an answer in memory takes beside its body: many small ones would else pass the bound by far."""
MOST_TO_WRITE_BYTES = 64 * 1024 * 1024
"""Where the disk cannot follow, answers past this are not kept on it."""
LOOKED_EVERY_S = 60.0
"""How often a service looks what others have put into the folder it shares with them."""
COPIED_AT_ONCE_BYTES = 1024 * 1024
TOUCHED_EVERY_S = 60.0
UNFINISHED_AFTER_S = 3600.0
"""An unfinished file this old is of a service that was killed."""


@dataclass(frozen=True)
class Held:
    """A whole answer in memory and what its receipt needs."""

    body: bytes
    rows: int
    elapsed_ms: float
    sha256: str


@dataclass(frozen=True)
class Spooled:
    """A whole answer in a file from `start`, with its row count, size, digest and the time it took."""

    file: BinaryIO
    rows: int
    size_bytes: int
    sha256: str
    elapsed_ms: float
    start: int = 0


Answered = Held | Spooled


class KeptAnswers:
    """At most `limit_bytes` of answers in a folder and `memory_bytes` of them in memory; what is longest unused goes
    first. Several services that share a folder may pass its limit by a sixteenth each. Safe among threads."""

    def __init__(self, folder: Path, limit_bytes: int, memory_bytes: int) -> None:
        self.folder = folder / LAYOUT
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.limit_bytes = limit_bytes
        self.memory_bytes = memory_bytes
        self.lock = threading.Lock()
        self.hot: OrderedDict[str, Held] = OrderedDict()
        self.hot_bytes = 0
        self.folder_bytes = 0
        self.added_bytes = 0
        self.to_write_bytes = 0
        self.names: set[str] = set()
        self.looked_at = time.monotonic()
        self.writer = ThreadPoolExecutor(1, "kept answers")
        self.sweep()

    def close(self) -> None:
        """Returns once every answer that is to be on disk is there."""
        self.writer.shutdown()

    def path(self, etag: str) -> Path:
        name = name_of(etag)
        return self.folder / name[:2] / name

    def held(self, etag: str) -> Held | None:
        """The answer of this tag where it lies in memory."""
        with self.lock:
            found = self.hot.get(etag)
            if found is not None:
                self.hot.move_to_end(etag)
            return found

    def has_file(self, etag: str) -> bool:
        """Whether there was a file for this tag when the folder was last looked at; another service may have written one
        since, and the answer is then made again."""
        if time.monotonic() - self.looked_at > LOOKED_EVERY_S:
            self.looked_at = time.monotonic()
            self.writer.submit(self.sweep)
        return name_of(etag) in self.names

    def get(self, etag: str) -> Answered | None:
        """The answer of this tag, a large one in its open file; None where it is not kept."""
        found = self.held(etag)
        if found is not None:
            return found
        read = self.read(self.path(etag))
        if isinstance(read, Held):
            self.heat(etag, read)
        return read

    def read(self, path: Path) -> Answered | None:
        """An answer from its file; None where there is none, or not a sound one."""
        try:
            file = path.open("rb")
        except OSError:
            return None
        try:
            head = json.loads(file.readline(HEAD_BYTES))
            size, sha256 = int(head["size"]), str(head["sha256"])
            rows, elapsed_ms, start = int(head["rows"]), float(head["elapsed_ms"]), file.tell()
            small = size <= IN_MEMORY_BYTES
            body = file.read() if small else b""
            actual = hashlib.sha256(body) if small else hashlib.file_digest(file, "sha256")
            if actual.hexdigest() != sha256:
                raise ValueError("its content is not what its first line says")
            self.touch(path, file)
        except (OSError, ValueError, KeyError, TypeError) as error:
            file.close()
            LOG.warning("%s: a kept answer is damaged (%s); it is made again", path, error)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        if small:
            file.close()
            return Held(body, rows, elapsed_ms, sha256)
        return Spooled(file, rows, size, sha256, elapsed_ms, start)

    def touch(self, path: Path, file: BinaryIO) -> None:
        """Notes that an answer was used: by its file's time, and seldom, since that is a write."""
        if time.time() - os.fstat(file.fileno()).st_mtime > TOUCHED_EVERY_S:
            with contextlib.suppress(OSError):
                os.utime(path)

    def put(self, etag: str, answer: Answered) -> Answered:
        """Keeps an answer where there is room; returns it, a small one read into memory."""
        answer = in_memory_if_small(answer)
        if isinstance(answer, Held):
            self.heat(etag, answer)
        size = size_of(answer)
        if answer.elapsed_ms < WORTH_A_FILE_MS or size > self.limit_bytes // LARGEST_SHARE:
            return answer
        with self.lock:
            if self.to_write_bytes and self.to_write_bytes + size > MOST_TO_WRITE_BYTES:
                return answer
            self.to_write_bytes += size
        # Whoever sends the answer closes its file; this is a second handle to it.
        second = os.dup(answer.file.fileno()) if isinstance(answer, Spooled) else -1
        self.writer.submit(self.write, etag, answer, second)
        return answer

    def heat(self, etag: str, answer: Held) -> None:
        """Holds an answer in memory, as the one used last."""
        if len(answer.body) > self.memory_bytes // LARGEST_SHARE:
            return
        with self.lock:
            if etag in self.hot:
                return
            self.hot[etag] = answer
            self.hot_bytes += len(answer.body) + ENTRY_BYTES
            while self.hot_bytes > self.memory_bytes:
                _, dropped = self.hot.popitem(last=False)
                self.hot_bytes -= len(dropped.body) + ENTRY_BYTES

    def write(self, etag: str, answer: Answered, handle: int) -> None:
        """Writes an answer's file. A full disk is no reason not to answer: it is noted, and nothing is kept."""
        path = self.path(etag)
        head = {
            "rows": answer.rows,
            "elapsed_ms": round(answer.elapsed_ms, 3),
            "size": size_of(answer),
            "sha256": answer.sha256,
        }
        unfinished = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
        try:
            path.parent.mkdir(exist_ok=True, mode=0o700)
            with unfinished.open("wb") as file:
                file.write(json.dumps(head).encode("ascii") + b"\n")
                for piece in [answer.body] if isinstance(answer, Held) else pieces_of(handle, answer.start):
                    file.write(piece)
            unfinished.replace(path)
        except OSError as error:
            LOG.warning("%s: an answer is not kept (%s)", path, error)
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
            return
        finally:
            if handle >= 0:
                os.close(handle)
            with self.lock:
                self.to_write_bytes -= size_of(answer)
        self.names.add(path.name)
        self.count(HEAD_BYTES + size_of(answer))

    def count(self, size_bytes: int) -> None:
        """Adds to what is known to lie in the folder; looks, and makes room, when it is time to."""
        with self.lock:
            self.folder_bytes += size_bytes
            self.added_bytes += size_bytes
            if (
                self.folder_bytes <= self.limit_bytes
                and self.added_bytes <= self.limit_bytes // COUNTED_SHARE
            ):
                return
            self.added_bytes = 0
        self.sweep()

    def sweep(self) -> None:
        """Counts what lies in the folder, whoever put it there; removes the longest unused where it is too much."""
        entries = sorted(self.entries(), key=lambda entry: entry[0])
        size = sum(entry[1] for entry in entries)
        names = {path.name for _, _, path in entries}
        wanted = self.limit_bytes * SWEPT_TO if size > self.limit_bytes else self.limit_bytes
        for _, entry_bytes, path in entries:
            if size <= wanted:
                break
            path.unlink(missing_ok=True)
            names.discard(path.name)
            size -= entry_bytes
        with self.lock:
            self.folder_bytes = size
            self.names = names

    def entries(self) -> Iterator[tuple[float, int, Path]]:
        """Time of last use, size and path of every kept answer; removes what others left unfinished."""
        for path in self.folder.glob("??/*"):
            try:
                status = path.stat()
            except OSError:  # another service has removed it
                continue
            if path.suffix != ".part":
                yield status.st_mtime, status.st_size, path
            elif time.time() - status.st_mtime > UNFINISHED_AFTER_S:
                path.unlink(missing_ok=True)


def name_of(etag: str) -> str:
    """The name of the file of an entity tag."""
    return hashlib.sha256(etag.encode("utf-8")).hexdigest()


def in_memory_if_small(answer: Answered) -> Answered:
    """The answer, read from its file where it is small enough to be held in memory."""
    if isinstance(answer, Held) or answer.size_bytes > IN_MEMORY_BYTES:
        return answer
    with answer.file as file:
        file.seek(answer.start)
        return Held(file.read(), answer.rows, answer.elapsed_ms, answer.sha256)


def size_of(answer: Answered) -> int:
    """The length of its body in bytes."""
    return len(answer.body) if isinstance(answer, Held) else answer.size_bytes


def pieces_of(handle: int, start: int) -> Iterator[bytes]:
    """The content of an open file from a place on, without moving the place that its handles share."""
    while piece := os.pread(handle, COPIED_AT_ONCE_BYTES, start):
        start += len(piece)
        yield piece


@contextlib.contextmanager
def kept_folder(given: Path | None) -> Iterator[Path]:
    """The folder given, or one that is removed afterwards."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="mingzhang-answers-") as temporary:
        yield Path(temporary)
