"""Sorted N-Quads files as lines of text: what the dumps are written from, without parsing a term.

A release's graph files have one quad a line, sorted, with single spaces and the graph last (docs/model.md), so
subject and predicate end at the first two spaces: neither may contain one (N-Quads, IRIREF).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mingzhang.errors import ReleaseError


def triple_lines(path: Path, graph: str, scope: str = "") -> Iterator[str]:
    """Each line's `subject predicate object`, in the file's order.

    `scope` is put before the labels of blank nodes, which are otherwise only good inside one file. Raises
    ReleaseError for a line of another graph or form.
    """
    ending = f" <{graph}> .\n"
    cut = -len(ending)
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(ending):
                raise ReleaseError(
                    f"{path}:{number}: this line does not end in {ending.strip()!r}; build the release again"
                )
            triple = line[:cut]
            yield _scoped(triple, scope) if scope and "_:" in triple else triple


def _scoped(triple: str, scope: str) -> str:
    subject, predicate, value = triple.split(" ", 2)
    if subject.startswith("_:"):
        subject = f"_:{scope}{subject[2:]}"
    if value.startswith("_:"):
        value = f"_:{scope}{value[2:]}"
    return f"{subject} {predicate} {value}"


def merged_triples(folder: Path, graphs: Mapping[str, str]) -> Iterator[str]:
    """The triples of several graphs (graph IRI → file name) in one sorted stream, each once."""
    streams = [
        triple_lines(folder / name, graph, scope=f"g{number}")
        for number, (graph, name) in enumerate(sorted(graphs.items()), start=1)
    ]
    last = None
    for triple in heapq.merge(*streams):
        if triple != last:
            yield triple
        last = triple


def count_lines(path: Path) -> int:
    """How many quads a file holds."""
    with path.open("rb") as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b""))


def by_subject(triples: Iterable[str]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each subject with its (predicate, object) pairs. The triples come sorted by subject."""
    current, pairs = None, list[tuple[str, str]]()
    for triple in triples:
        subject, predicate, value = triple.split(" ", 2)
        if subject != current:
            if current is not None:
                yield current, pairs
            current, pairs = subject, []
        pairs.append((predicate, value))
    if current is not None:
        yield current, pairs
