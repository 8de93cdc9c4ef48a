"""How fast triples are merged and written, beside rdflib and pyoxigraph writing the same triples.

    python bench/dumps.py RELEASE_FOLDER

Prints triples per CPU second and peak memory of the process, each writer in a process of its own. Ours reads and
merges the graph files as it writes; the others are given the triples parsed and in memory, and only their writing is
timed.
"""

from __future__ import annotations

import io
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import rdflib

from mingzhang.release import open_release
from mingzhang.site.quads import merged_triples
from mingzhang.site.turtle import turtle

Measured = tuple[int, float]
"""Triples, CPU seconds."""


def _graphs(folder: Path) -> tuple[Path, dict[str, str], str]:
    release = open_release(folder)
    graphs = {iri: name for iri, name in release.manifest.graphs.items() if iri != release.leaves_graph}
    return release.graphs, graphs, release.manifest.base_uri


def ours_ntriples(folder: Path) -> Measured:
    place, graphs, _ = _graphs(folder)
    start, count = time.process_time(), 0
    with Path("/dev/null").open("w", encoding="utf-8") as out:
        for triple in merged_triples(place, graphs):
            out.write(f"{triple} .\n")
            count += 1
    return count, time.process_time() - start


def ours_turtle(folder: Path) -> Measured:
    place, graphs, base = _graphs(folder)
    count = sum(1 for _ in merged_triples(place, graphs))
    start = time.process_time()
    with Path("/dev/null").open("w", encoding="utf-8") as out:
        out.writelines(turtle(merged_triples(place, graphs), base))
    return count, time.process_time() - start


def pyoxigraph_turtle(folder: Path) -> Measured:
    place, graphs, _ = _graphs(folder)
    text = "".join(f"{triple} .\n" for triple in merged_triples(place, graphs))
    triples = [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.N_TRIPLES)]
    start = time.process_time()
    ox.serialize(triples, io.BytesIO(), ox.RdfFormat.TURTLE)
    return len(triples), time.process_time() - start


def rdflib_turtle(folder: Path) -> Measured:
    place, graphs, _ = _graphs(folder)
    graph = rdflib.Graph()
    graph.parse(data="".join(f"{triple} .\n" for triple in merged_triples(place, graphs)), format="nt")
    start = time.process_time()
    graph.serialize(format="turtle")
    return len(graph), time.process_time() - start


def _report(writer: Callable[[Path], Measured], folder: Path) -> None:
    count, seconds = writer(folder)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"{writer.__name__:18} {count:9,} triples  {count / seconds:11,.0f} a CPU second  peak {peak_mb:6,.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    spawning = multiprocessing.get_context("spawn")
    for each in (ours_ntriples, ours_turtle, pyoxigraph_turtle, rdflib_turtle):
        process = spawning.Process(target=_report, args=(each, Path(sys.argv[1])))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(process.exitcode)
