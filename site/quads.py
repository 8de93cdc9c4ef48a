"""Sorted N-Quads files as lines of text: what the dumps are written from, without parsing a term.

A release's graph files have one quad a line, sorted, with single spaces and the graph last (docs/model.md), so
subject and predicate end at the first two spaces: neither may contain one (N-Quads, IRIREF).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from mingzhang.errors import ReleaseError

_BLOCK_BYTES = 1 << 18
"""Read of each file at a time: some thousand lines, so that merging ten files takes a few MB."""


def triple_lines(path: Path, graph: str, scope: str = "") -> Iterator[str]:
    """Each line's `subject predicate object`, in the file's order.

    `scope` is put before the labels of blank nodes, which are otherwise only good inside one file. Raises
    ReleaseError for a line of another graph or form.
    """
    return chain.from_iterable(_blocks(path, graph, scope))


def _blocks(path: Path, graph: str, scope: str) -> Iterator[list[str]]:
    """The triples of a file, a block of lines at a time: what is done per block is not done per line."""
    ending = f" <{graph}> .\n"
    cut = -len(ending)
    done = 0
    with path.open(encoding="utf-8", newline="\n") as file:
        while lines := file.readlines(_BLOCK_BYTES):
            for number, line in enumerate(lines, start=done + 1):
                if not line.endswith(ending):
                    raise ReleaseError(
                        f"{path}:{number}: this line does not end in {ending.strip()!r}; build the release again"
                    )
            done += len(lines)
            if scope:
                yield [_scoped(line[:cut], scope) if "_:" in line else line[:cut] for line in lines]
            else:
                yield [line[:cut] for line in lines]


def _scoped(triple: str, scope: str) -> str:
    subject, predicate, value = triple.split(" ", 2)
    if subject.startswith("_:"):
        subject = f"_:{scope}{subject[2:]}"
    if value.startswith("_:"):
        value = f"_:{scope}{value[2:]}"
    return f"{subject} {predicate} {value}"


def merged_triples(folder: Path, graphs: Mapping[str, str]) -> Iterator[str]:
    """The triples of several graphs (graph IRI → file name) in one sorted stream, each once."""
    waiting = [
        (block, blocks)
        for number, (graph, name) in enumerate(sorted(graphs.items()), start=1)
        for blocks in [_blocks(folder / name, graph, f"g{number}")]
        if (block := next(blocks, []))
    ]
    while waiting:
        # Up to the least of the blocks' last lines every file has been read: those lines are complete. Sorting what
        # are a few sorted runs is one pass of C, many times as fast as comparing heads one by one.
        bound = min(block[-1] for block, _ in waiting)
        ready: list[str] = []
        rest = []
        for block, blocks in waiting:
            end = bisect_right(block, bound)
            ready += block[:end]
            left = block[end:] or next(blocks, [])
            if left:
                rest.append((left, blocks))
        waiting = rest
        ready.sort()
        yield from dict.fromkeys(ready)


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
