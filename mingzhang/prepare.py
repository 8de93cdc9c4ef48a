"""Many disclosures: what is known already is taken from the cache, the rest is given to workers, and each result is kept
as it comes, so that a run which was stopped goes on where it was.

Order of reading: prepared.py (the records), work.py (what happens to one disclosure, in a worker), executors.py (where
workers are), `prepare_all` here. Files share nothing; only a prose file and a tables file of one disclosure are brought
together afterwards (pairs.py).
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mingzhang.cache import Cache
from mingzhang.errors import MingzhangError
from mingzhang.executors import Executor, Lost
from mingzhang.fingerprint import PREPARING_PARTS, READING_PARTS, code_version, sha256_of
from mingzhang.pairs import halves_of_one
from mingzhang.prepared import TABLE_KINDS, Content, Failed, Job, Outcome, Prepared
from mingzhang.progress import Progress
from mingzhang.work import Done, InputFile, Task, content_key, reading_key, work_on, worker_version

__all__ = ["TABLE_KINDS", "Content", "Failed", "Job", "Prepared", "open_cache", "prepare_all", "read_content"]

_STAGE = "read and validate"
_JOINING = "join prose and tables"


def open_cache(folder: Path | None) -> Cache:
    """The cache in a folder, for this version of the program."""
    reading, preparing = code_version(READING_PARTS), code_version(PREPARING_PARTS)
    return Cache(folder, {"reading": reading, "prepared": preparing, "content": preparing})


def prepare_all(
    jobs: Sequence[Job], base_uri: str, cache: Cache, executor: Executor, progress: Progress
) -> list[Outcome]:
    """What became of each disclosure, in the order given; finished ones are taken from the cache.

    A file that cannot be read fails alone. Two files of one disclosure, one with its tables and one with its text, are
    one outcome, in the place of the first of them.
    """
    outcomes: list[Outcome | None] = list(_each(jobs, base_uri, cache, executor, progress, _STAGE))
    halves = halves_of_one(jobs, outcomes)
    together = [half.job for half in halves]
    for half, outcome in zip(
        halves, _each(together, base_uri, cache, executor, progress, _JOINING), strict=True
    ):
        first, *others = sorted(half.places)
        outcomes[first] = outcome
        for other in others:
            outcomes[other] = None
    return [outcome for outcome in outcomes if outcome is not None]


def _each(
    jobs: Sequence[Job],
    base_uri: str,
    cache: Cache,
    executor: Executor,
    progress: Progress,
    stage: str,
) -> list[Outcome]:
    """What became of each job, in the order given."""
    outcomes: dict[int, Outcome] = {}
    fresh: list[int] = []
    for number, job in enumerate(jobs):
        known = _known(job, base_uri, cache)
        if known is None:
            fresh.append(number)
        else:
            outcomes[number] = known
    if fresh:
        progress(stage, 0, len(fresh))
    waiting = _Waiting(jobs, fresh, base_uri, cache, outcomes)
    for number, result in executor.results(work_on, waiting.tasks(), len(fresh)):
        outcomes[number] = _kept(jobs[number], result, cache)
        progress(stage, len(outcomes) - (len(jobs) - len(fresh)), len(fresh))
    return [outcomes[number] for number in range(len(jobs))]


@dataclass(frozen=True)
class _Waiting:
    """The jobs that are not known yet; a file's bytes are taken up when a worker is free for it."""

    jobs: Sequence[Job]
    fresh: Sequence[int]
    base_uri: str
    cache: Cache
    outcomes: dict[int, Outcome]

    def tasks(self) -> Iterator[tuple[int, Task]]:
        """(place among the jobs, task) of each; what cannot be opened is an outcome at once."""
        version = worker_version()
        for number in self.fresh:
            job = self.jobs[number]
            try:
                files = tuple(_input(path) for path in job.paths)
            except _Unusable as error:
                self.outcomes[number] = Failed(job.label, str(error))
                continue
            key = reading_key([f.name for f in files], [f.sha256 for f in files], job.overrides)
            reading = self.cache.load_packed("reading", key)
            yield number, Task(files, job.overrides, self.base_uri, version, reading)


class _Unusable(Exception):
    """A path whose bytes cannot be had: what is wrong with it and what to do, in one line."""


def _input(path: Path) -> InputFile:
    """A file's bytes. Raises _Unusable."""
    if not _is_named(path):
        # As an archive made on Windows leaves it, unpacked here: the bytes of its name are those of GBK, say.
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise _Unusable(
            f"{shown}: its name is not in UTF-8; rename it (convmv -f gbk -t utf-8 --notest FILE)"
        )
    try:
        if path.is_dir():
            next(path.iterdir(), None)  # a folder that is not empty but closed is another fault
            raise _Unusable(
                f"{path}: a folder without a file that can be read; give files, or a folder that holds some"
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        pattern = any(sign in path.name for sign in "*?[")
        reason = "no file matches this pattern" if pattern else "no such file"
        raise _Unusable(f"{path}: {reason}; check the name") from error
    except PermissionError as error:
        raise _Unusable(f"{path}: permission denied; allow yourself to read it (chmod u+r)") from error
    except OSError as error:
        raise _Unusable(f"{path}: {error.strerror or error}; check the file and its disk") from error
    return InputFile(str(path), hashlib.sha256(data).hexdigest(), data)


def _is_named(path: Path) -> bool:
    """Whether a file's name is text; on Linux any bytes may be a name, and those that are none cannot be written."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _known(job: Job, base_uri: str, cache: Cache) -> Prepared | None:
    """The outcome of an earlier run, under the names the files have now; None where there is none."""
    if cache.folder is None or not all(map(_is_named, job.paths)):
        return None
    try:
        hashes = [sha256_of(path) for path in job.paths]
    except OSError:
        return None  # told when its bytes are needed
    key = content_key([path.name for path in job.paths], hashes, job.overrides, base_uri)
    known = cache.load("prepared", key)
    if not isinstance(known, Prepared):
        return None
    paths = {(sha256, path.name): str(path) for sha256, path in zip(hashes, job.paths, strict=True)}
    sources = tuple(replace(source, path=paths[source.sha256, source.name]) for source in known.sources)
    return replace(known, sources=sources)


def _kept(job: Job, result: Done | Lost, cache: Cache) -> Outcome:
    """The outcome, after what it needs later was written down."""
    if isinstance(result, Lost):
        return Failed(job.label, f"{job.label}: not finished; {result.reason}")
    try:
        for kind, key, entry in result.entries:
            cache.store_packed(kind, key, entry)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        advice = "free some space" if full else "make it writable"
        message = f"was read, but the result cannot be kept in {cache.folder} ({error.strerror or error}); {advice}, or name another folder with --data, and run the same again"
        return Failed(job.label, f"{job.label}: {message}", disk_full=full)
    return result.outcome


def read_content(prepared: Prepared, cache: Cache) -> Content:
    """The quads and rows of a prepared disclosure. Raises MingzhangError where the cache has lost them."""
    content = cache.load("content", prepared.content_key)
    if not isinstance(content, Content):
        raise MingzhangError(f"{prepared.path}: its cache entry is gone; run the same command again")
    return content
