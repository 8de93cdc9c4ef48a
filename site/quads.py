"""Sorted N-Quads files as triples: what the dumps are written from, a subject at a time, without parsing a term.

A release's graph files have one quad a line, sorted, with single spaces and the graph last (docs/model.md), so
subject and predicate end at the first two spaces: neither may contain one (N-Quads, IRIREF). What is said of a subject
stands in consecutive lines, ten and more of them; taking them together, only the pairs of predicate and object are cut
out, and nothing is decoded that is only passed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from mingzhang.errors import ReleaseError

_BLOCK_BYTES = 1 << 16
"""Read of a file at a time: some hundred lines, which fit the processor's cache."""
_MERGED_BYTES = 1 << 23
"""Read of all files together that are being merged, so that a thousand of them take no more memory than ten …"""
_LEAST_BYTES = 1 << 13
"""… as long as reading stays worth its while."""


class Subject(NamedTuple):
    """What is said of one subject: terms as N-Triples has them."""

    name: bytes
    pairs: list[bytes]
    """`predicate object`, sorted, each once."""

    def triples(self) -> list[str]:
        """Its lines `subject predicate object`."""
        name = self.name.decode()
        return [f"{name} {pair.decode()}" for pair in self.pairs]

    def statements(self) -> list[tuple[str, str]]:
        """Its predicates and objects."""
        return [(predicate, value) for predicate, _, value in (p.decode().partition(" ") for p in self.pairs)]

    def lines(self, ending: bytes = b" .\n") -> bytes:
        """Its lines of N-Triples, or of N-Quads where the ending names a graph."""
        start = self.name + b" "
        return start + (ending + start).join(self.pairs) + ending


def grouped(lines: Iterable[bytes]) -> Iterator[Subject]:
    """Subjects from sorted lines `subject predicate object`."""
    for name, own in groupby((line.partition(b" ") for line in lines), key=lambda parts: parts[0]):
        yield Subject(name, [pair for _, _, pair in own])


def subjects(path: Path, graph: str, scope: str = "", block_bytes: int = _BLOCK_BYTES) -> Iterator[Subject]:
    """The subjects of a graph's file, in its order.

    `scope` is put before the labels of blank nodes, which are otherwise only good inside one file. Raises
    ReleaseError for a line of another graph or form.
    """
    ending = f" <{graph}> .".encode()
    cut, end, done = 0, -len(ending), 0
    start, pairs = b"\n", list[bytes]()
    for data in _whole_lines(path, block_bytes):
        lines = data.split(b"\n")
        if lines.pop():
            raise _damaged(path, done + len(lines) + 1, ending)
        if scope and b"_:" in data:
            lines = [_scoped(line, scope.encode()) for line in lines]
        for line in lines:
            if not line.endswith(ending):
                raise _damaged(path, done + lines.index(line) + 1, ending)
            if line.startswith(start):
                pairs.append(line[cut:end])
                continue
            if pairs:
                yield Subject(start[:-1], pairs)
            cut = line.index(b" ") + 1
            start, pairs = line[:cut], [line[cut:end]]
        done += len(lines)
    if pairs:
        yield Subject(start[:-1], pairs)


def _damaged(path: Path, number: int, ending: bytes) -> ReleaseError:
    return ReleaseError(
        f"{path}:{number}: this line does not end in {ending.decode().strip()!r}; build the release again"
    )


def _whole_lines(path: Path, block_bytes: int) -> Iterator[bytes]:
    """A file in pieces that end where lines do, the last one as it is.

    It is opened for each piece: more files are merged than a process may hold open.
    """
    at, wanted = 0, block_bytes
    while True:
        with path.open("rb") as file:
            file.seek(at)
            piece = file.read(wanted)
        end = piece.rfind(b"\n") + 1
        if len(piece) < wanted:
            if piece:
                yield piece
            return
        if end:
            yield piece[:end]
            at, wanted = at + end, block_bytes
        else:
            wanted *= 2


def _scoped(line: bytes, scope: bytes) -> bytes:
    subject, predicate, value = line.split(b" ", 2)
    if subject.startswith(b"_:"):
        subject = b"_:" + scope + subject[2:]
    if value.startswith(b"_:"):
        value = b"_:" + scope + value[2:]
    return b" ".join((subject, predicate, value))


def merged_subjects(folder: Path, graphs: Mapping[str, str]) -> Iterator[Subject]:
    """The subjects of several graphs (graph IRI → file name), each once with all that is said of it, sorted."""
    each = max(_LEAST_BYTES, min(_BLOCK_BYTES, _MERGED_BYTES // max(1, len(graphs))))
    streams = [
        subjects(folder / name, graph, f"g{number}", each)
        for number, (graph, name) in enumerate(sorted(graphs.items()), start=1)
    ]
    by_name = attrgetter("name")
    for name, same in groupby(merge(*streams, key=by_name), key=by_name):
        first, *others = same
        if others:
            yield Subject(name, sorted({*first.pairs}.union(*(other.pairs for other in others))))
        else:
            yield first


def triple_lines(path: Path, graph: str) -> Iterator[str]:
    """Each line's `subject predicate object`, in the file's order. Raises ReleaseError as `subjects` does."""
    for subject in subjects(path, graph):
        yield from subject.triples()


def merged_triples(folder: Path, graphs: Mapping[str, str]) -> Iterator[str]:
    """The triples of several graphs (graph IRI → file name) in one sorted stream, each once."""
    for subject in merged_subjects(folder, graphs):
        yield from subject.triples()


def count_lines(path: Path) -> int:
    """How many quads a file holds."""
    with path.open("rb") as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b""))
