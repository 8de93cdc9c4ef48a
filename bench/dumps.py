"""How fast triples are written, beside rdflib and pyoxigraph writing the same triples, and beside the disk.

    python bench/dumps.py RELEASE_FOLDER [TIMES]

Prints triples per CPU second and peak memory of the process, each writer in a process of its own; TIMES the best of so
many runs (5). Ours read and merge the release's graph files as they write (`text` is their writing alone, from lines that
are in memory); the others are given the triples parsed and in memory, and only their writing is timed. All write to a
file in the folder for temporary files. `disk` copies bytes that are there already into such a file, as the most that can be had.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mingzhang.release import open_release
from mingzhang.site.jsonld_stream import jsonld_pieces
from mingzhang.site.quads import merged_subjects, merged_triples
from mingzhang.site.turtle import TurtleWriter, turtle_pieces

TIMES = 5
Measured = tuple[int, float, int]
"""Triples, CPU seconds, bytes written."""


class Given:
    """The release that is written."""

    def __init__(self, folder: Path) -> None:
        release = open_release(folder)
        self.base = release.manifest.base_uri
        self.place = release.graphs
        self.graphs = {
            iri: name for iri, name in release.manifest.graphs.items() if iri != release.leaves_graph
        }
        self.triples = release.manifest.triples

    def ntriples(self) -> str:
        return "".join(f"{triple} .\n" for triple in merged_triples(self.place, self.graphs))


@contextmanager
def target() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as out:
        yield out


def best(write: Callable[[BinaryIO], None], triples: int, times: int) -> Measured:
    """The least CPU time of several runs: the others were disturbed."""
    seconds, size = float("inf"), 0
    for _ in range(times):
        with target() as out:
            start = time.process_time()
            write(out)
            out.flush()
            seconds = min(seconds, time.process_time() - start)
            size = out.tell()
    return triples, seconds, size


def ours_ntriples(given: Given, times: int) -> Measured:
    def write(out: BinaryIO) -> None:
        for subject in merged_subjects(given.place, given.graphs):
            out.write(subject.lines())

    return best(write, given.triples, times)


def ours_turtle(given: Given, times: int) -> Measured:
    return best(
        lambda out: out.writelines(turtle_pieces(merged_subjects(given.place, given.graphs), given.base)),
        given.triples,
        times,
    )


def ours_turtle_text(given: Given, times: int) -> Measured:
    subjects = list(merged_subjects(given.place, given.graphs))

    def write(out: BinaryIO) -> None:
        writer = TurtleWriter(given.base)
        for subject in subjects:
            out.write(writer.text(subject))

    return best(write, given.triples, times)


def ours_jsonld(given: Given, times: int) -> Measured:
    return best(
        lambda out: out.writelines(jsonld_pieces(merged_subjects(given.place, given.graphs), given.base)),
        given.triples,
        times,
    )


def pyoxigraph_streamed(given: Given, times: int) -> Measured:
    """Reading and writing in one stream, as ours do."""
    import pyoxigraph as ox

    def triples() -> Iterator[ox.Triple]:
        for subject in merged_subjects(given.place, given.graphs):
            for quad in ox.parse(subject.lines(), format=ox.RdfFormat.N_TRIPLES, lenient=True):
                yield quad.triple

    return best(
        lambda out: _pour(ox.serialize(triples(), format=ox.RdfFormat.TURTLE), out), given.triples, times
    )


def pyoxigraph_turtle(given: Given, times: int) -> Measured:
    import pyoxigraph as ox

    triples = [quad.triple for quad in ox.parse(given.ntriples().encode(), format=ox.RdfFormat.N_TRIPLES)]
    return best(
        lambda out: _pour(ox.serialize(triples, format=ox.RdfFormat.TURTLE), out), given.triples, times
    )


def _pour(data: bytes | None, out: BinaryIO) -> None:
    out.write(data or b"")


def rdflib_turtle(given: Given, times: int) -> Measured:
    import rdflib

    graph = rdflib.Graph()
    graph.parse(data=given.ntriples(), format="nt")
    return best(
        lambda out: _pour(graph.serialize(encoding="utf-8", format="turtle"), out),
        given.triples,
        min(times, 1),
    )


def disk(given: Given, times: int) -> Measured:
    data = given.ntriples().encode()

    def write(out: BinaryIO) -> None:
        source = io.BytesIO(data)
        while piece := source.read(1 << 20):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())

    return best(write, given.triples, times)


WRITERS = (
    ours_ntriples,
    ours_turtle,
    ours_turtle_text,
    ours_jsonld,
    pyoxigraph_streamed,
    pyoxigraph_turtle,
    rdflib_turtle,
    disk,
)


def _report(writer: Callable[[Given, int], Measured], folder: Path, times: int) -> None:
    count, seconds, size = writer(Given(folder), times)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"{writer.__name__:20} {count:9,} triples  {count / seconds:11,.0f} a CPU second  "
        f"{size / seconds / 1e6:7,.0f} MB/s  peak {peak_mb:6,.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    spawning = multiprocessing.get_context("spawn")
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else TIMES
    for each in WRITERS:
        process = spawning.Process(target=_report, args=(each, Path(sys.argv[1]), runs))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(process.exitcode)
