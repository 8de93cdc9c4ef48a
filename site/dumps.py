"""The downloads of a release, written as streams: never a graph held whole in memory.

`dumps/index.json` lists them with size, checksum and number of triples or rows; the page about them is made from
it. The same release gives the same bytes: everything is sorted and no time of day is written.

```
dumps/<id>.ttl .nt.gz .nt.zst .nq.gz .nq.zst .jsonld.gz      the whole; N-Quads with every named graph
dumps/facts.csv facts.parquet figures.csv …                   tables, labels beside codes
dumps/disclosures/<place>/<body>/<year>-<kind>.ttl .nt.gz …   each disclosure
dumps/disclosures/<place>/<body>/<year>-<kind>/datapackage.json facts.csv …
dumps/ontology.ttl codelists.ttl (.jsonld)  catalogue.ttl     on their own
dumps/index.json SHA256SUMS
```
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from filecmp import cmp
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import zstandard

from mingzhang.release import DisclosureEntry, Release
from mingzhang.site.jsonld_stream import jsonld_pieces
from mingzhang.site.kept import wrote
from mingzhang.site.packages import DESCRIPTOR, PackageWriter
from mingzhang.site.quads import Subject, merged_subjects, subjects
from mingzhang.site.spread import Task, spread
from mingzhang.site.tables import (
    FACT_COLUMNS,
    FIGURE_LABELS,
    Labels,
    fact_rows,
    leaf_schemes,
    write_parquet,
)
from mingzhang.site.turtle import turtle_pieces

Progress = Callable[[str, int, int], None]
"""Called with the stage's name, how much is done, and of how much."""

INDEX = "index.json"
CHECKSUMS = "SHA256SUMS"
CATALOGUE = "catalogue.ttl"
TABLES = ("figures", "indicators", "claims", "findings")
# Past these levels both take twice as long for a tenth less.
_GZIP_LEVEL = 5
_ZSTD_LEVEL = 6
_SHA12 = len("0123456789ab")


@dataclass(frozen=True)
class Dump:
    """One downloadable file."""

    path: str
    """Inside dumps/, with `/`."""
    media_type: str
    items: int
    """Triples, quads or rows; in a data package, tables."""
    of: str
    """What it holds: `release`, `disclosure`, `package`, `ontology`, `codelists`, `catalogue` or `table`."""
    iri: str = ""
    """The disclosure it holds, if it holds one."""
    size_bytes: int = 0
    sha256: str = ""


def build_dumps(
    release: Release, progress: Progress, workers: int = 1, before: Release | None = None, program: str = ""
) -> None:
    """Writes every download under `release.dumps`, with `index.json` and `SHA256SUMS`.

    `workers`: processes that write them. `before`: an earlier release whose files of unchanged disclosures are taken
    over, where the same `program` (its version) wrote them. Whatever these are, the bytes are the same. Raises
    ReleaseError where a graph file is damaged or missing.
    """
    # Not at the top: the catalogue describes what is listed here.
    from mingzhang.site.catalogue import catalogue_subjects

    release.dumps.mkdir(parents=True, exist_ok=True)
    # Parquet's library has threads, which do not live on in a forked process.
    here = [Task(partial(_made, release, partial(_write_tables, release)))]
    earlier = EarlierDumps(before) if before and wrote(before, program) else None
    anywhere = [Task(partial(_made, release, make)) for make in _makers(release, earlier)]
    steps = len(here) + len(anywhere)
    written = spread(here, anywhere, workers, lambda done: progress("dumps", done, steps))
    dumps = sorted((dump for some in written for dump in some), key=lambda dump: dump.path)
    # Last, since it says how large all others are and what their checksums; its own is in SHA256SUMS.
    counter = _Counter(catalogue_subjects(release, dumps))
    _write(release, CATALOGUE, turtle_pieces(counter, release.manifest.base_uri))
    dumps.append(_measured(release, Dump(CATALOGUE, "text/turtle", counter.count, "catalogue")))
    dumps.sort(key=lambda dump: dump.path)
    index = json.dumps([asdict(dump) for dump in dumps], ensure_ascii=False, indent=1) + "\n"
    (release.dumps / INDEX).write_text(index, encoding="utf-8")
    sums = {dump.path: dump.sha256 for dump in dumps} | {INDEX: _sha256(release.dumps / INDEX)}
    lines = [f"{digest}  {path}\n" for path, digest in sorted(sums.items())]
    (release.dumps / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def _made(release: Release, make: Callable[[], list[Dump]]) -> list[Dump]:
    return [_measured(release, dump) for dump in make()]


def read_index(release: Release) -> list[Dump]:
    """The downloads that were written; none where `build_dumps` has not run."""
    path = release.dumps / INDEX
    if not path.exists():
        return []
    return [Dump(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def _makers(release: Release, earlier: EarlierDumps | None) -> Iterator[Callable[[], list[Dump]]]:
    """One function a step, each returning what it wrote; the longest first."""
    manifest = release.manifest
    whole = {iri: name for iri, name in manifest.graphs.items() if iri != release.leaves_graph}
    yield lambda: _write_triples(release, manifest.id, _merged(release, whole), "release")
    yield lambda: _write_jsonld(release, f"{manifest.id}.jsonld.gz", _merged(release, whole), "release")
    yield lambda: _write_quads(release, manifest.id, manifest.graphs, "release")
    for entry in manifest.disclosures:
        yield partial(_write_disclosure, release, entry, earlier)
    for part in ("ontology", "codelists"):
        graph = f"{manifest.base_uri}graph/{part}"
        if graph in manifest.graphs:
            yield partial(_write_part, release, part, {graph: manifest.graphs[graph]})


def _merged(release: Release, graphs: Mapping[str, str]) -> Iterator[Subject]:
    return merged_subjects(release.graphs, graphs)


def package_folder(release: Release, entry: DisclosureEntry) -> str:
    """The folder of a disclosure's data package inside dumps/; its RDF files are beside it under the same name."""
    return f"disclosures/{entry.iri.removeprefix(f'{release.manifest.base_uri}id/disclosure/')}"


def _write_disclosure(release: Release, entry: DisclosureEntry, earlier: EarlierDumps | None) -> list[Dump]:
    """The files of a disclosure: those of an earlier release, else all from one reading."""
    kept = earlier.take(release, entry) if earlier else None
    if kept is not None:
        return kept
    path, graphs = package_folder(release, entry), {entry.graph: entry.graph_file}
    given = list(_merged(release, graphs))
    return [
        *_write_triples(release, path, given, "disclosure", entry.iri),
        *_write_jsonld(release, f"{path}.jsonld", given, "disclosure", entry.iri),
        *_write_quads(release, path, graphs, "disclosure", entry.iri),
    ]


class EarlierDumps:
    """The downloads of disclosures in an earlier release, for those whose graph has not changed since."""

    def __init__(self, before: Release) -> None:
        self._before = before
        self._entries = {entry.iri: entry for entry in before.manifest.disclosures}
        self._dumps: dict[str, list[Dump]] = {}
        for dump in read_index(before):
            if dump.of == "disclosure":
                self._dumps.setdefault(dump.iri, []).append(dump)

    def take(self, release: Release, entry: DisclosureEntry) -> list[Dump] | None:
        """Takes over the files of a disclosure; None where they are not what would be written, or are damaged."""
        old, dumps = self._entries.get(entry.iri), self._dumps.get(entry.iri)
        if old is None or not dumps or old.graph != entry.graph:
            return None
        try:
            if not cmp(
                self._before.graphs / old.graph_file, release.graphs / entry.graph_file, shallow=False
            ):
                return None
            for dump in dumps:
                source = self._before.dumps / dump.path
                if _sha256(source) != dump.sha256:
                    return None
                _copy(source, _target(release, dump.path), release)
        except OSError:
            return None
        return dumps


def _copy(source: Path, target: Path, release: Release) -> None:
    """Copies a download; the first line of Turtle names its release."""
    with source.open("rb") as old, target.open("wb") as new:
        if source.suffix == ".ttl":
            old.readline()
            new.write(_first_line(release))
        shutil.copyfileobj(old, new, 1 << 20)


def _first_line(release: Release) -> bytes:
    return f"# Mingzhang release {release.manifest.id} of {release.manifest.date}\n".encode()


def _write_part(release: Release, part: str, graphs: Mapping[str, str]) -> list[Dump]:
    """The vocabulary or the code lists on their own."""
    return [
        *_write_turtle(release, f"{part}.ttl", _merged(release, graphs), part),
        *_write_jsonld(release, f"{part}.jsonld", _merged(release, graphs), part),
    ]


def _write_triples(
    release: Release, name: str, given: Iterable[Subject], of: str, iri: str = ""
) -> list[Dump]:
    """Turtle and N-Triples of the same triples."""
    counter = _Counter(given)
    paths = [f"{name}.ttl", f"{name}.nt.gz", f"{name}.nt.zst"]
    with (
        _target(release, paths[0]).open("wb") as turtle,
        _gzip(_target(release, paths[1])) as gz,
        _zstd(_target(release, paths[2])) as zst,
    ):
        turtle.write(_first_line(release))
        teed = _tee(counter, (gz, zst))
        turtle.writelines(turtle_pieces(teed, release.manifest.base_uri))
    kinds = ["text/turtle", "application/n-triples", "application/n-triples"]
    return [Dump(path, kind, counter.count, of, iri) for path, kind in zip(paths, kinds, strict=True)]


def _tee(given: Iterable[Subject], outs: Sequence[IO[bytes]]) -> Iterator[Subject]:
    """Hands subjects through and writes the N-Triples of each."""
    for subject in given:
        data = subject.lines()
        for out in outs:
            out.write(data)
        yield subject


def _write_turtle(release: Release, path: str, given: Iterable[Subject], of: str) -> list[Dump]:
    counter = _Counter(given)
    _write(release, path, turtle_pieces(counter, release.manifest.base_uri))
    return [Dump(path, "text/turtle", counter.count, of)]


def _write(release: Release, path: str, pieces: Iterable[bytes]) -> None:
    with _target(release, path).open("wb") as out:
        out.write(_first_line(release))
        out.writelines(pieces)


def _write_jsonld(
    release: Release, path: str, given: Iterable[Subject], of: str, iri: str = ""
) -> list[Dump]:
    counter = _Counter(given)
    pieces = jsonld_pieces(counter, release.manifest.base_uri)
    target = _target(release, path)
    with _gzip(target) if path.endswith(".gz") else target.open("wb") as out:
        out.writelines(pieces)
    return [Dump(path, "application/ld+json", counter.count, of, iri)]


def _write_quads(
    release: Release, name: str, graphs: Mapping[str, str], of: str, iri: str = ""
) -> list[Dump]:
    """Every named graph given, graph by graph; compressed in two ways from one reading."""
    count = 0
    paths = [f"{name}.nq.gz", f"{name}.nq.zst"]
    with _gzip(_target(release, paths[0])) as gz, _zstd(_target(release, paths[1])) as zst:
        for number, (graph, file) in enumerate(sorted(graphs.items()), start=1):
            ending = f" <{graph}> .\n".encode()
            for subject in subjects(release.graphs / file, graph, scope=f"g{number}"):
                data = subject.lines(ending)
                gz.write(data)
                zst.write(data)
                count += len(subject.pairs)
    return [Dump(path, "application/n-quads", count, of, iri) for path in paths]


def _write_tables(release: Release) -> list[Dump]:
    """The tables of the whole and, from the same rows, each disclosure's data package."""
    labels, leaf_of = Labels(release), leaf_schemes(release)
    entries = sorted(release.manifest.disclosures, key=lambda entry: entry.iri)
    packages = {
        entry.iri: PackageWriter(release.dumps / package_folder(release, entry), release.manifest.base_uri)
        for entry in entries
    }
    with ExitStack() as stack:
        facts = _table(stack, _target(release, "facts.csv"), FACT_COLUMNS)
        for entry in entries:
            rows = list(fact_rows(labels.turn_to(entry), labels, leaf_of))
            facts.writerows(rows)
            packages[entry.iri].write_facts(rows)
    for kind in TABLES:
        if (release.tables / f"{kind}.csv").exists():
            _write_table(release, kind, labels, entries, packages)
    written = []
    for entry in entries:
        folder = package_folder(release, entry)
        rows_of = packages[entry.iri].close(entry, release.manifest)
        written.append(Dump(f"{folder}/{DESCRIPTOR}", "application/json", len(rows_of), "package", entry.iri))
        written += [
            Dump(f"{folder}/{name}.csv", "text/csv", rows, "package", entry.iri)
            for name, rows in rows_of.items()
        ]
    for name in ("facts", *TABLES):
        if (release.dumps / f"{name}.csv").exists():
            count = write_parquet(release.dumps / f"{name}.csv", release.dumps / f"{name}.parquet")
            written += _table_dumps(name, count)
    return written


def _write_table(
    release: Release,
    kind: str,
    labels: Labels,
    entries: Iterable[DisclosureEntry],
    packages: Mapping[str, PackageWriter],
) -> None:
    """One export, with labels beside its codes; its rows come disclosure by disclosure, as they were written."""
    by_source = {source.sha256[:_SHA12]: entry for entry in entries for source in entry.sources}
    with ExitStack() as stack:
        source = stack.enter_context((release.tables / f"{kind}.csv").open(encoding="utf-8", newline=""))
        reader = csv.DictReader(source)
        columns = list(reader.fieldnames or ())
        coded = {
            name: scheme for name, scheme in FIGURE_LABELS.items() if kind == "figures" and name in columns
        }
        wide = (*columns, *(f"{name}_label" for name in coded))
        whole = _table(stack, _target(release, f"{kind}.csv"), wide)
        subject = "figure" if kind in ("figures", "claims") else kind.removesuffix("s")
        told = set()
        for entry, rows in groupby(reader, key=lambda row: by_source.get(_source_of(row.get(subject) or ""))):
            if entry is not None and coded:
                labels.turn_to(entry)
            filled = [
                (*row.values(), *(labels.of_code(scheme, row[name]) for name, scheme in coded.items()))
                for row in rows
            ]
            whole.writerows(filled)
            if entry is not None:
                told.add(entry.iri)
                packages[entry.iri].write(kind, wide, filled)
        for iri in packages.keys() - told:
            packages[iri].write(kind, wide, ())


def _source_of(iri: str) -> str:
    """The first digits of the source file's SHA-256 in the IRI of a figure, indicator or finding."""
    return iri.partition("/id/")[2].partition("/")[2].partition("/")[0]


def _table(stack: ExitStack, path: Path, columns: Iterable[str]) -> Any:
    """A CSV writer (RFC 4180, UTF-8, lines ending in LF) that has written its header."""
    out = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    return writer


def _table_dumps(name: str, rows: int) -> list[Dump]:
    return [
        Dump(f"{name}.csv", "text/csv", rows, "table"),
        Dump(f"{name}.parquet", "application/vnd.apache.parquet", rows, "table"),
    ]


class _Counter:
    """Hands subjects through and counts their triples."""

    def __init__(self, given: Iterable[Subject]) -> None:
        self._given = given
        self.count = 0

    def __iter__(self) -> Iterator[Subject]:
        for subject in self._given:
            self.count += len(subject.pairs)
            yield subject


def _target(release: Release, path: str) -> Path:
    target = release.dumps / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


@contextmanager
def _gzip(path: Path) -> Iterator[IO[bytes]]:
    """A gzip file whose bytes depend on its content alone: no name, no time (RFC 1952 §2.3.1: MTIME = 0)."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0) as out:
        yield out  # type: ignore[misc]


@contextmanager
def _zstd(path: Path) -> Iterator[IO[bytes]]:
    compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL)
    with path.open("wb") as raw, compressor.stream_writer(raw) as out:
        yield out


def _measured(release: Release, dump: Dump) -> Dump:
    path = release.dumps / dump.path
    return replace(dump, size_bytes=path.stat().st_size, sha256=_sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
