"""How long validation takes: per disclosure, for 1, 10 and 100 disclosures, and for pySHACL on one graph.

    python bench/shapes.py DATA [--copies 1 10 100] [--pyshacl-limit-s 60]

DATA is a folder built by `mingzhang build`. Copies of its disclosures under other names make up the larger numbers.
Printed as tab-separated lines; CPU seconds of this process, on one core, with the shapes already loaded.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pyshacl
from rdflib import Graph

from mingzhang.release import current_release
from mingzhang.shapes.catalogue import load_catalogue
from mingzhang.shapes.context import data_graph
from mingzhang.shapes.runner import validate

_SOURCE = re.compile(rb"/source/([0-9a-f]{12})")


def copy_of(nquads: bytes, slug: str, number: int) -> bytes:
    """The same disclosure of another department and from another source."""
    text = nquads.replace(slug.encode(), f"{slug}-{number}".encode())
    found = _SOURCE.search(text)
    return text.replace(found.group(1), f"{number:012x}".encode()) if found else text


def disclosures(data: Path) -> list[tuple[str, bytes]]:
    """The department's part of the name, and the graph without findings, of every disclosure of the release."""
    release = current_release(data)
    found = []
    for entry in release.manifest.disclosures:
        lines = (release.graphs / entry.graph_file).read_bytes().splitlines()
        slug = entry.department.rsplit("/", 1)[1]
        found.append((slug, b"\n".join(line for line in lines if b"/id/finding/" not in line) + b"\n"))
    return found


def copies(originals: list[tuple[str, bytes]], count: int) -> Iterator[bytes]:
    for number in range(count):
        slug, graph = originals[number % len(originals)]
        yield graph if number < len(originals) else copy_of(graph, slug, number)


def each_by_itself(graphs: Iterator[bytes], base_uri: str) -> tuple[int, float]:
    """Triples validated, and the CPU seconds that took; making the copies is not counted."""
    triples, spent = 0, 0.0
    for graph in graphs:
        start = time.process_time()
        triples += validate(graph, base_uri).triples
        spent += time.process_time() - start
    return triples, spent


def whole_with_pyshacl(graphs: list[bytes], base_uri: str) -> None:
    data = data_graph(b"".join(graphs), base_uri)
    pyshacl.validate(
        Graph().parse(data=data.ntriples, format="nt"), shacl_graph=load_catalogue(base_uri).graph
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--pyshacl-limit-s", type=float, default=60)
    options = parser.parse_args()

    base_uri = current_release(options.data).manifest.base_uri
    originals = disclosures(options.data)
    validate(originals[0][1], base_uri)
    print("what\tdisclosures\ttriples\tcpu_s\tcpu_s_per_10000_triples")
    for slug, graph in originals:
        start = time.process_time()
        report = validate(graph, base_uri)
        spent = time.process_time() - start
        print(f"one, {slug}\t1\t{report.triples}\t{spent:.2f}\t{spent / report.triples * 10_000:.2f}")
    for count in options.copies:
        triples, spent = each_by_itself(copies(originals, count), base_uri)
        print(f"each by itself\t{count}\t{triples}\t{spent:.2f}\t{spent / triples * 10_000:.2f}", flush=True)
    reference = multiprocessing.Process(
        target=whole_with_pyshacl, args=([graph for _, graph in originals], base_uri)
    )
    start = time.monotonic()
    reference.start()
    reference.join(options.pyshacl_limit_s)
    spent = time.monotonic() - start
    if reference.is_alive():
        reference.kill()
        reference.join()
        print(f"pySHACL, one graph\t{len(originals)}\t\tstopped after {options.pyshacl_limit_s:.0f} s\t")
    else:
        print(f"pySHACL, one graph\t{len(originals)}\t\t{spent:.2f} (wall)\t")


if __name__ == "__main__":
    main()
