"""Sorted N-Quads files as triples: what the dumps are written from, a block of lines at a time, without parsing a term.

A release's graph files have one quad a line, sorted, with single spaces and the graph last (docs/model.md), so
subject and predicate end at the first two spaces: neither may contain one (N-Quads, IRIREF). Lines are bytes in blocks of
some thousand: what is done to a block is not done to each line, and nothing is decoded that is only passed on.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby, pairwise
from pathlib import Path

from mingzhang.errors import ReleaseError

_BLOCK_BYTES = 1 << 18
"""Read of a file at a time: some thousand lines."""
_MERGED_BYTES = 1 << 23
"""Read of all files together that are being merged, so that a thousand of them take no more memory than ten …"""
_LEAST_BYTES = 1 << 13
"""… as long as reading stays worth its while."""

Block = list[bytes]
"""Lines `subject predicate object`, sorted, without graph and line end."""


def triple_lines(path: Path, graph: str, scope: str = "") -> Iterator[str]:
    """Each line's `subject predicate object`, in the file's order.

    `scope` is put before the labels of blank nodes, which are otherwise only good inside one file. Raises
    ReleaseError for a line of another graph or form.
    """
    return (line.decode() for line in chain.from_iterable(triple_blocks(path, graph, scope)))


def triple_blocks(
    path: Path, graph: str, scope: str = "", block_bytes: int = _BLOCK_BYTES
) -> Iterator[Block]:
    """The same as bytes, a block at a time."""
    ending = f" <{graph}> .\n".encode()
    done = 0
    for data in _whole_lines(path, block_bytes):
        # The ending holds a line feed, which stands in no term, so it ends every line or some line lacks it.
        lines = data.split(ending)
        if lines.pop() or data.count(b"\n") != len(lines):
            number = done + _first_without(data, ending)
            raise ReleaseError(
                f"{path}:{number}: this line does not end in {ending.decode().strip()!r}; build the release again"
            )
        done += len(lines)
        yield [_scoped(line, scope) for line in lines] if scope and b"_:" in data else lines


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


def _first_without(data: bytes, ending: bytes) -> int:
    """The number, from 1, of the first line that ends otherwise."""
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        if not line.endswith(ending):
            return number
    return 1


def _scoped(triple: bytes, scope: str) -> bytes:
    subject, predicate, value = triple.split(b" ", 2)
    if subject.startswith(b"_:"):
        subject = b"_:" + scope.encode() + subject[2:]
    if value.startswith(b"_:"):
        value = b"_:" + scope.encode() + value[2:]
    return b" ".join((subject, predicate, value))


def merged_triples(folder: Path, graphs: Mapping[str, str]) -> Iterator[str]:
    """The triples of several graphs (graph IRI → file name) in one sorted stream, each once."""
    return (line.decode() for line in chain.from_iterable(merged_blocks(folder, graphs)))


def merged_blocks(folder: Path, graphs: Mapping[str, str]) -> Iterator[Block]:
    """The same in blocks of bytes."""
    each = max(_LEAST_BYTES, min(_BLOCK_BYTES, _MERGED_BYTES // max(1, len(graphs))))
    waiting = [
        (block, blocks)
        for number, (graph, name) in enumerate(sorted(graphs.items()), start=1)
        for blocks in [triple_blocks(folder / name, graph, f"g{number}", each)]
        if (block := next(blocks, []))
    ]
    while waiting:
        # Up to the least of the blocks' last lines every file has been read: those lines are complete.
        bound = min(block[-1] for block, _ in waiting)
        runs: list[Block] = []
        rest = []
        for block, blocks in waiting:
            end = bisect_right(block, bound)
            if end:
                runs.append(block[:end])
            left = block[end:] or next(blocks, [])
            if left:
                rest.append((left, blocks))
        waiting = rest
        yield _merged(runs)


def _merged(runs: list[Block]) -> Block:
    """Sorted runs as one, each line once. Where they do not overlap, as disclosures mostly do not, none is compared."""
    runs.sort(key=lambda run: run[0])
    lines = list(chain.from_iterable(runs))
    if any(run[-1] >= after[0] for run, after in pairwise(runs)):
        # Sorting what are a few sorted runs is one pass of C, many times as fast as comparing heads one by one.
        lines.sort()
        return [line for line, _ in groupby(lines)]
    return lines


def whole_subjects(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same lines in blocks between which no subject is divided."""
    left: Block = []
    for block in blocks:
        lines = left + block
        # No line of the subject sorts before its name and a space.
        start = bisect_left(lines, lines[-1].partition(b" ")[0] + b" ")
        left = lines[start:]
        if start:
            yield lines[:start]
    if left:
        yield left


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
