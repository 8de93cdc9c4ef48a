"""The downloads of a release, written as streams: never a graph held whole in memory.

`dumps/index.json` lists them with size, checksum and number of triples or rows; the page about them is made from
it. The same release gives the same bytes: everything is sorted and no time of day is written.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import zstandard

from mingzhang.release import Release
from mingzhang.site.quads import merged_triples, triple_lines
from mingzhang.site.tables import FACT_COLUMNS, fact_rows, write_csv, write_parquet
from mingzhang.site.turtle import turtle

Progress = Callable[[str, int, int], None]
"""Called with the stage's name, how much is done, and of how much."""

INDEX = "index.json"
CHECKSUMS = "SHA256SUMS"
TABLES = ("figures", "indicators", "claims", "findings")
# Level 6 is where gzip stops getting smaller on N-Quads; zstd 10 is smaller still at the same speed.
_GZIP_LEVEL = 6
_ZSTD_LEVEL = 10


@dataclass(frozen=True)
class Dump:
    """One downloadable file."""

    path: str
    """Inside dumps/, with `/`."""
    media_type: str
    items: int
    """Triples, quads or rows."""
    of: str
    """What it holds: `release`, `disclosure`, `ontology`, `codelists`, `catalogue` or `table`."""
    iri: str = ""
    """The disclosure it holds, if it holds one."""
    size_bytes: int = 0
    sha256: str = ""


def build_dumps(release: Release, progress: Progress) -> None:
    """Writes every download under `release.dumps`, with `index.json` and `SHA256SUMS`.

    Raises ReleaseError where a graph file is damaged or missing.
    """
    release.dumps.mkdir(parents=True, exist_ok=True)
    makers = list(_makers(release))
    dumps = []
    for done, make in enumerate(makers):
        progress("dumps", done, len(makers))
        dumps += [_measured(release, dump) for dump in make()]
    dumps.sort(key=lambda dump: dump.path)
    index = json.dumps([asdict(dump) for dump in dumps], ensure_ascii=False, indent=1) + "\n"
    (release.dumps / INDEX).write_text(index, encoding="utf-8")
    sums = {dump.path: dump.sha256 for dump in dumps} | {INDEX: _sha256(release.dumps / INDEX)}
    lines = [f"{digest}  {path}\n" for path, digest in sorted(sums.items())]
    (release.dumps / CHECKSUMS).write_text("".join(lines), encoding="utf-8")
    progress("dumps", len(makers), len(makers))


def read_index(release: Release) -> list[Dump]:
    """The downloads that were written; none where `build_dumps` has not run."""
    path = release.dumps / INDEX
    if not path.exists():
        return []
    return [Dump(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def _makers(release: Release) -> Iterator[Callable[[], list[Dump]]]:
    """One function a step, each returning what it wrote."""
    manifest = release.manifest
    whole = {iri: name for iri, name in manifest.graphs.items() if iri != release.leaves_graph}
    yield partial(_write_turtle, release, f"{manifest.id}.ttl", whole, "release")
    yield partial(_write_ntriples, release, f"{manifest.id}.nt.gz", whole)
    yield partial(_write_nquads, release, manifest.id)
    for part in ("ontology", "codelists", "catalogue"):
        graph = f"{manifest.base_uri}graph/{part}"
        if graph in manifest.graphs:
            yield partial(_write_turtle, release, f"{part}.ttl", {graph: manifest.graphs[graph]}, part)
    for entry in manifest.disclosures:
        path = f"disclosures/{entry.iri.removeprefix(f'{manifest.base_uri}id/disclosure/')}.ttl"
        yield partial(_write_turtle, release, path, {entry.graph: entry.graph_file}, "disclosure", entry.iri)
    yield partial(_write_facts, release)
    for table in TABLES:
        if (release.tables / f"{table}.csv").exists():
            yield partial(_copy_table, release, table)


def _write_turtle(release: Release, path: str, graphs: dict[str, str], of: str, iri: str = "") -> list[Dump]:
    target = _target(release, path)
    counter = _Counter(merged_triples(release.graphs, graphs))
    with target.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"# Mingzhang release {release.manifest.id}\n")
        out.writelines(turtle(counter, release.manifest.base_uri))
    return [Dump(path, "text/turtle", counter.count, of, iri)]


def _write_ntriples(release: Release, path: str, graphs: dict[str, str]) -> list[Dump]:
    counter = _Counter(merged_triples(release.graphs, graphs))
    with _gzip(_target(release, path)) as out:
        out.writelines(f"{triple} .\n".encode() for triple in counter)
    return [Dump(path, "application/n-triples", counter.count, "release")]


def _write_nquads(release: Release, name: str) -> list[Dump]:
    """Every named graph, leaves included, graph by graph; compressed in two ways from one reading."""
    count = 0
    gzipped, zstded = _target(release, f"{name}.nq.gz"), _target(release, f"{name}.nq.zst")
    compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL)
    with _gzip(gzipped) as gz, zstded.open("wb") as raw, compressor.stream_writer(raw) as zst:
        for number, (graph, file) in enumerate(sorted(release.manifest.graphs.items()), start=1):
            for triple in triple_lines(release.graphs / file, graph, scope=f"g{number}"):
                line = f"{triple} <{graph}> .\n".encode()
                gz.write(line)
                zst.write(line)
                count += 1
    return [
        Dump(f"{name}.nq.gz", "application/n-quads", count, "release"),
        Dump(f"{name}.nq.zst", "application/n-quads", count, "release"),
    ]


def _write_facts(release: Release) -> list[Dump]:
    rows = fact_rows(release)
    write_csv(_target(release, "facts.csv"), FACT_COLUMNS, rows)
    write_parquet(release.dumps / "facts.csv", _target(release, "facts.parquet"))
    return _table_dumps("facts", len(rows))


def _copy_table(release: Release, table: str) -> list[Dump]:
    shutil.copyfile(release.tables / f"{table}.csv", _target(release, f"{table}.csv"))
    rows = write_parquet(release.dumps / f"{table}.csv", _target(release, f"{table}.parquet"))
    return _table_dumps(table, rows)


def _table_dumps(name: str, rows: int) -> list[Dump]:
    return [
        Dump(f"{name}.csv", "text/csv", rows, "table"),
        Dump(f"{name}.parquet", "application/vnd.apache.parquet", rows, "table"),
    ]


class _Counter:
    """Hands triples through and counts them."""

    def __init__(self, triples: Iterable[str]) -> None:
        self._triples = triples
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        for triple in self._triples:
            self.count += 1
            yield triple


def _target(release: Release, path: str) -> Path:
    target = release.dumps / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


@contextmanager
def _gzip(path: Path) -> Iterator[gzip.GzipFile]:
    """A gzip file whose bytes depend on its content alone: no name, no time (RFC 1952 §2.3.1: MTIME = 0)."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0) as out:
        yield out


def _measured(release: Release, dump: Dump) -> Dump:
    path = release.dumps / dump.path
    return replace(dump, size_bytes=path.stat().st_size, sha256=_sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
