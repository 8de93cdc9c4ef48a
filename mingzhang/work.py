"""One disclosure, from the bytes of its files to everything a release holds of it: what a worker does, wherever it runs.

Bytes go in and bytes come out: a worker needs this program and nothing else, neither the user's files nor the cache.
"""

from __future__ import annotations

import json
import re
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mingzhang.cache import packed, unpacked
from mingzhang.errors import InputError, MingzhangError, OtherVersion
from mingzhang.fingerprint import PREPARING_PARTS, code_version, digest
from mingzhang.prepared import TABLE_KINDS, TOGETHER, Content, Failed, Outcome, Prepared, SourceFile
from mingzhang.release import DisclosureEntry, SourceEntry

if TYPE_CHECKING:
    from mingzhang.ingest.reading import Overrides, Reading
    from mingzhang.shapes.report import Finding

_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_MZ = "https://w3id.org/mingzhang/ontology#"
_COUNTED_CLASSES = {
    "figures": "TableFigure",
    "facts": "Fact",
    "indicators": "Indicator",
    "claims": "ProseFigure",
    "findings": "Finding",
}
# PDFium's library may be used by one thread at a time (pypdfium2's README, “Thread safety”), and a Dask worker may
# have several.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class InputFile:
    """A file as a worker gets it: its path as given (for messages), its bytes, and their SHA-256 in hex."""

    path: str
    sha256: str
    data: bytes

    @property
    def name(self) -> str:
        """Its name without folder, which is part of what is published."""
        return Path(self.path).name


@dataclass(frozen=True)
class Task:
    """Everything a worker needs to know. `version` is that of the program which asks."""

    files: tuple[InputFile, ...]
    overrides: Overrides
    base_uri: str
    version: str
    known_reading: bytes | None = None
    """The reading of an earlier run, packed; it is the same whatever the base URI."""

    @property
    def label(self) -> str:
        """The files' names as given, for messages."""
        return TOGETHER.join(file.path for file in self.files)


@dataclass(frozen=True)
class Done:
    """What came of a task, and what to keep of it: (kind, key, packed value), the bulk before what refers to it."""

    outcome: Outcome
    entries: tuple[tuple[str, str, bytes], ...] = ()


def work_on(task: Task) -> Done:
    """Reads, states, validates. Whatever the files provoke is the outcome, with their name, and no error.

    Raises OtherVersion where this process runs another version of the program than the one that asks.
    """
    own = worker_version()
    if own != task.version:
        raise OtherVersion(
            f"a worker runs another version of Mingzhang ({own[:12]}, not {task.version[:12]}): its files were changed "
            "while it ran, or it is another one; run the same command again, with one version everywhere"
        )
    with _ONE_AT_A_TIME:
        return _attempt(task)


def worker_version() -> str:
    """The version of whatever shapes a prepared disclosure, as this process has it."""
    return code_version(PREPARING_PARTS)


def _attempt(task: Task) -> Done:
    """The rim of a worker: whatever one disclosure provokes is reported with its name, and the others go on."""
    try:
        return prepare(task)
    except InputError as error:
        return _failed(task, f"{error.reason}; {error.advice}")
    except MingzhangError as error:
        return _failed(task, str(error))
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return _failed(task, f"{error.strerror or error}{where}; check the disk of the machine that reads")
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        advice = "this is a fault of Mingzhang, not of the file; see the trace with --debug"
        return _failed(task, f"stopped by {reason}; {advice}", traceback.format_exc())


def _failed(task: Task, message: str, trace: str = "") -> Done:
    return Done(Failed(task.label, f"{task.label}: {message}", trace))


def prepare(task: Task) -> Done:
    """What the files hold. Raises InputError for one that is no use, ValidationError for a broken rule set."""
    from mingzhang.ingest.graph import reading_nquads
    from mingzhang.ingest.leaves import leaves_nquads
    from mingzhang.ingest.reading import graph_iri
    from mingzhang.shapes.runner import findings_nquads, validate

    base_uri = task.base_uri
    reading, entries = _reading(task)
    stated = reading_nquads(reading, base_uri)
    report = validate("".join(f"{line}\n" for line in stated).encode(), base_uri)
    found = findings_nquads(report, graph_iri(reading, base_uri), base_uri)
    quads = tuple(sorted({line.rstrip("\n") for lines in (stated, found) for line in lines}))
    tokens = Counter[str]()
    for part in reading.parts:
        tokens.update(dict(part.ledger.counts))
    key = content_key([file.name for file in task.files], _hashes(task), task.overrides, base_uri)
    prepared = Prepared(
        sources=tuple(SourceFile(file.path, file.sha256, file.name) for file in _in_order(task, reading)),
        overrides=override_texts(task.overrides),
        entry=_entry(reading, base_uri, _counts(quads, tokens["unread"])),
        tokens=dict(sorted(tokens.items())),
        unread=tuple(
            (part.source.name, line, token) for part in reading.parts for line, token in part.ledger.unread
        ),
        report=replace(report, focus_counts=dict(report.focus_counts)),
        content_key=key,
        notes=tuple(f"{part.source.name}: {note}" for part in reading.parts for note in part.notes),
    )
    tables = {kind: tuple(_rows(reading, kind, report.findings, base_uri)) for kind in TABLE_KINDS}
    content = Content(quads, tuple(leaves_nquads(reading, base_uri)), tables)
    kept = (("content", key, packed(content)), ("prepared", key, packed(prepared)))
    return Done(prepared, (*entries, *kept))


def override_texts(overrides: Overrides) -> tuple[str, ...]:
    """What the user says of a file, as texts to be hashed and written down; empty where nothing is said."""
    values = (overrides.department, overrides.division, overrides.year, overrides.kind, overrides.unit)
    added = json.dumps([[one.name, one.text] for one in overrides.forms], ensure_ascii=False)
    return (*("" if value is None else str(value) for value in values), added if overrides.forms else "")


def reading_key(names: Sequence[str], hashes: Sequence[str], overrides: Overrides) -> str:
    """Where the cache keeps the reading of files with these names and SHA-256."""
    return digest((*_named(names, hashes), *override_texts(overrides)))


def content_key(names: Sequence[str], hashes: Sequence[str], overrides: Overrides, base_uri: str) -> str:
    """Where the cache keeps what a reading becomes under a base URI."""
    return digest((*_named(names, hashes), base_uri, *override_texts(overrides)))


def _named(names: Sequence[str], hashes: Sequence[str]) -> list[str]:
    return [text for pair in zip(hashes, names, strict=True) for text in pair]


def _hashes(task: Task) -> list[str]:
    return [file.sha256 for file in task.files]


def _reading(task: Task) -> tuple[Reading, tuple[tuple[str, str, bytes], ...]]:
    """The files as read, which is the same whatever the base URI; and the entry to keep, where it was read now."""
    from mingzhang.ingest.joining import read_joined
    from mingzhang.ingest.reading import Reading, read_disclosure

    known = None if task.known_reading is None else unpacked(task.known_reading)
    if isinstance(known, Reading):
        return known, ()
    with tempfile.TemporaryDirectory(prefix="mingzhang-") as folder:
        paths = [_written(file, Path(folder) / str(number)) for number, file in enumerate(task.files)]
        if len(paths) == 1:
            reading = read_disclosure(paths[0], task.overrides)
        else:
            reading = read_joined(paths, task.overrides)
    key = reading_key([file.name for file in task.files], _hashes(task), task.overrides)
    return reading, (("reading", key, packed(reading)),)


def _written(file: InputFile, folder: Path) -> Path:
    """The file under its own name in a folder of its own: readers go by its ending and keep its name."""
    folder.mkdir()
    path = folder / file.name
    path.write_bytes(file.data)
    return path


def _in_order(task: Task, reading: Reading) -> list[InputFile]:
    """The task's files in the order of the reading's parts: the one with the tables first."""
    order = [part.source.sha256 for part in reading.parts]
    return sorted(task.files, key=lambda file: order.index(file.sha256))


def _entry(reading: Reading, base_uri: str, counts: dict[str, int]) -> DisclosureEntry:
    from mingzhang.ingest.reading import department_iri, disclosure_iri, graph_iri

    graph = graph_iri(reading, base_uri)
    return DisclosureEntry(
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
        counts=counts,
        further_sources=tuple(SourceEntry(p.source.sha256, p.source.name) for p in reading.joined),
    )


def _rows(
    reading: Reading, kind: str, findings: Sequence[Finding], base_uri: str
) -> Iterator[dict[str, str]]:
    """The rows of an export, file by file; a finding stands with the file that prints what it is about."""
    from mingzhang.ingest.exports import export_rows
    from mingzhang.shapes.runner import finding_iri, source_sha12

    for part in reading.parts:
        sha12 = part.source.sha256[:12]
        own = [f for f in findings if source_sha12(f, base_uri) == sha12]
        yield from export_rows(part, kind, base_uri, [(finding_iri(f, sha12, base_uri), f) for f in own])


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
