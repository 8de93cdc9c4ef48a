"""One file, from its bytes to everything a release holds of it. Files share nothing, so they run side by side.

Order of reading: `prepare` (what happens to one file), `prepare_all` (many, in worker processes).
"""

from __future__ import annotations

import multiprocessing
import re
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mingzhang.cache import Cache
from mingzhang.errors import InputError, MingzhangError, NotFound
from mingzhang.fingerprint import PREPARING_PARTS, READING_PARTS, code_version, digest, sha256_of
from mingzhang.progress import Progress
from mingzhang.release import DisclosureEntry

if TYPE_CHECKING:
    from mingzhang.ingest.reading import Overrides, Reading
    from mingzhang.shapes.runner import Report

TABLE_KINDS = ("figures", "indicators", "claims", "findings")
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_MZ = "https://w3id.org/mingzhang/ontology#"
_COUNTED_CLASSES = {
    "figures": "TableFigure",
    "facts": "Fact",
    "indicators": "Indicator",
    "claims": "ProseFigure",
    "findings": "Finding",
}


@dataclass(frozen=True)
class Job:
    """One file to prepare: its name as given, and what the user says of it."""

    path: Path
    overrides: Overrides


@dataclass(frozen=True)
class Prepared:
    """What one file contributes, small enough to keep for every file of a run."""

    path: str
    """As given on the command line."""
    sha256: str
    overrides: tuple[str, ...]
    entry: DisclosureEntry
    tokens: dict[str, int]
    """The ledger: numeric tokens by category."""
    unread: tuple[tuple[int, str], ...]
    """Line and characters of each number that was not read."""
    report: Report
    """What the shapes say; with any violation, the disclosure is not published."""
    content_key: str
    """Where the cache keeps `Content`."""


@dataclass(frozen=True)
class Content:
    """The bulk of one file: its quads and rows, taken up one file at a time."""

    quads: tuple[str, ...]
    """Sorted N-Quads lines of the disclosure's graph, findings included, without line ends."""
    leaves: tuple[str, ...]
    tables: dict[str, tuple[dict[str, str], ...]]
    """Export kind → rows (DESIGN section 9)."""


@dataclass(frozen=True)
class Failed:
    """A file that could not be prepared, and why, in one line. `trace` is there where the fault is ours."""

    path: str
    message: str
    trace: str = ""


Outcome = Prepared | Failed


def open_cache(folder: Path) -> Cache:
    """The cache in a folder, for this version of the program. Worker processes are handed the same one."""
    reading, preparing = code_version(READING_PARTS), code_version(PREPARING_PARTS)
    return Cache(folder, {"reading": reading, "prepared": preparing, "content": preparing})


def prepare_all(
    jobs: Sequence[Job], base_uri: str, cache: Cache, workers: int, progress: Progress
) -> list[Outcome]:
    """What became of each file, in the order given; finished ones are taken from the cache.

    A file that cannot be read fails alone. With more than one file to work on and more than one worker, files
    are worked on in processes, which end with this call, whatever ends it.
    """
    outcomes: dict[int, Outcome] = {}
    fresh = []
    for number, job in enumerate(jobs):
        known = _cached(job, base_uri, cache)
        if known is None:
            fresh.append(number)
        else:
            outcomes[number] = known
    if fresh:
        progress("read and validate", 0, len(fresh))
    todo = [(number, jobs[number]) for number in fresh]
    attempt = partial(attempt_one, base_uri=base_uri, cache=cache)
    run = _in_processes(todo, attempt, workers) if min(len(fresh), workers) > 1 else _in_turn(todo, attempt)
    for done, (number, outcome) in enumerate(run, start=1):
        outcomes[number] = outcome
        progress("read and validate", done, len(fresh))
    return [outcomes[number] for number in range(len(jobs))]


def read_content(prepared: Prepared, cache: Cache) -> Content:
    """The quads and rows of a prepared file. Raises MingzhangError where the cache has lost them."""
    content = cache.load("content", prepared.content_key)
    if not isinstance(content, Content):
        raise MingzhangError(f"{prepared.path}: its cache entry is gone; run the same command again")
    return content


def prepare(job: Job, base_uri: str, cache: Cache) -> tuple[Prepared, Content]:
    """Reads, states, validates. Raises InputError for a file that is no use, ValidationError for a broken rule set."""
    from mingzhang.ingest.exports import export_rows
    from mingzhang.ingest.graph import reading_nquads
    from mingzhang.ingest.leaves import leaves_nquads
    from mingzhang.ingest.reading import department_iri, disclosure_iri, graph_iri
    from mingzhang.shapes.runner import finding_iri, findings_nquads, validate

    reading = _reading(job, cache)
    stated = reading_nquads(reading, base_uri)
    report = validate("".join(f"{line}\n" for line in stated).encode(), base_uri)
    graph = graph_iri(reading, base_uri)
    found = findings_nquads(report, graph, base_uri)
    quads = tuple(sorted({line.rstrip("\n") for lines in (stated, found) for line in lines}))
    named = [(finding_iri(f, reading.source.sha256[:12], base_uri), f) for f in report.findings]
    tables = {kind: tuple(export_rows(reading, kind, base_uri, findings=named)) for kind in TABLE_KINDS}
    entry = DisclosureEntry(
        iri=disclosure_iri(reading, base_uri),
        graph=graph,
        graph_file=graph.rpartition("graph/")[2].replace("/", "-") + ".nq",
        title=reading.title,
        department=department_iri(reading, base_uri),
        department_name=reading.department_name,
        division=reading.division,
        division_name=reading.division_name,
        year=reading.year,
        kind=reading.kind,
        source_sha256=reading.source.sha256,
        file_name=reading.source.name,
        counts=_counts(quads, reading.ledger.counts.get("unread", 0)),
    )
    key = _key(job, base_uri, reading.source.sha256)
    prepared = Prepared(
        path=str(job.path),
        sha256=reading.source.sha256,
        overrides=_override_texts(job.overrides),
        entry=entry,
        tokens=dict(sorted(reading.ledger.counts.items())),
        unread=tuple(reading.ledger.unread),
        report=replace(report, focus_counts=dict(report.focus_counts)),
        content_key=key,
    )
    content = Content(quads, tuple(leaves_nquads(reading, base_uri)), tables)
    # The bulk first: an entry in the index promises that its content is there.
    cache.store("content", key, content)
    cache.store("prepared", key, prepared)
    return prepared, content


def _reading(job: Job, cache: Cache) -> Reading:
    """The file as read, which is the same whatever the base URI."""
    from mingzhang.ingest.reading import Reading, read_disclosure

    sha256 = sha256_of(job.path) if job.path.is_file() else ""
    key = digest((sha256, job.path.name, *_override_texts(job.overrides)))
    known = cache.load("reading", key) if sha256 else None
    if isinstance(known, Reading):
        return known
    reading = read_disclosure(job.path, job.overrides)
    cache.store("reading", key, reading)
    return reading


def _cached(job: Job, base_uri: str, cache: Cache) -> Prepared | None:
    if cache.folder is None or not job.path.is_file():
        return None
    known = cache.load("prepared", _key(job, base_uri, sha256_of(job.path)))
    return replace(known, path=str(job.path)) if isinstance(known, Prepared) else None


def _key(job: Job, base_uri: str, sha256: str) -> str:
    return digest((sha256, job.path.name, base_uri, *_override_texts(job.overrides)))


def _override_texts(overrides: Overrides) -> tuple[str, ...]:
    values = (overrides.department, overrides.division, overrides.year, overrides.kind, overrides.unit)
    return tuple("" if value is None else str(value) for value in values)


def _counts(quads: Sequence[str], unread: int) -> dict[str, int]:
    counts = dict.fromkeys((*_COUNTED_CLASSES, "ambiguous"), 0) | {"unread": unread}
    endings = {f"{_TYPE} <{_MZ}{name}>": kind for kind, name in _COUNTED_CLASSES.items()}
    ambiguous = f"<{_MZ}certainty> <{_MZ}Ambiguous>"
    for line in quads:
        statement = re.split(r" (?=<https?://[^ ]*> \.$)", line.partition(" ")[2])[0]
        if statement in endings:
            counts[endings[statement]] += 1
        elif statement == ambiguous:
            counts["ambiguous"] += 1
    return counts


def attempt_one(job: Job, base_uri: str, cache: Cache) -> Outcome:
    """The rim of a worker: whatever one file provokes is reported with its name, and the others go on."""
    try:
        if not job.path.exists():
            raise NotFound(str(job.path), "no such file", "check the name")
        return prepare(job, base_uri, cache)[0]
    except InputError as error:
        return Failed(str(job.path), f"{job.path}: {error.reason}; {error.advice}")
    except MingzhangError as error:
        return Failed(str(job.path), f"{job.path}: {error}")
    except OSError as error:
        return Failed(
            str(job.path), f"{job.path}: {error.strerror or error}; check the file and its permissions"
        )
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        advice = "this is a fault of Mingzhang, not of the file; see the trace with --debug"
        return Failed(str(job.path), f"{job.path}: stopped by {reason}; {advice}", traceback.format_exc())


Attempt = Callable[[Job], Outcome]


def _in_turn(todo: Sequence[tuple[int, Job]], attempt: Attempt) -> Iterator[tuple[int, Outcome]]:
    for number, job in todo:
        yield number, attempt(job)


def _in_processes(
    todo: Sequence[tuple[int, Job]], attempt: Attempt, workers: int
) -> Iterator[tuple[int, Outcome]]:
    # spawn: a forked child would inherit the progress display's threads and locks.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(todo)), mp_context=context, initializer=_end_on_interrupt)
    try:
        futures = {pool.submit(attempt, job): (number, job) for number, job in todo}
        for future in as_completed(futures):
            number, job = futures[future]
            try:
                yield number, future.result()
            except BrokenProcessPool:
                advice = "a worker process was ended (out of memory?); try again with --jobs 1"
                yield number, Failed(str(job.path), f"{job.path}: not finished; {advice}")
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _end_on_interrupt() -> None:
    """Ctrl-C ends a worker at once and without a trace; the process that started it tells the user."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
