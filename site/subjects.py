"""The loop that Turtle and JSON-LD are written with: sorted triples in, each subject once with its pairs.

What follows a subject repeats: of a hundred pairs of predicate and object, eighty have been written before. Each pair is
therefore made once and kept, and the loop over the lines does little more than look it up: several times as fast as
taking each triple apart.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from mingzhang.site.namespaces import TYPE

TYPE_TERM = f"<{TYPE}>".encode()
_PAIRS_KEPT = 16_000
"""Pairs kept at a time, about 8 MB; then they are forgotten and begin anew."""

Pair = tuple[bytes, bytes, bytes]
"""What follows a subject, written out: the predicate; predicate and object with what divides them from the pair before;
the object alone, where the predicate is that of the pair before."""


class SubjectWriter(ABC):
    """Writes blocks of sorted `subject predicate object` lines; how, is up to the three methods at the end."""

    def __init__(self) -> None:
        self._pairs: dict[bytes, Pair] = {}

    def text(self, lines: Iterable[bytes]) -> bytes:
        """The text of lines in which no subject is divided from an earlier or later block."""
        out: list[bytes] = []
        append, known = out.append, self._pairs.get
        subject, head, last = b"\n", -1, b""
        types: list[bytes] = []
        for line in lines:
            if not line.startswith(subject):
                if head >= 0:
                    self.close(out, head, types)
                subject = line[: line.index(b" ") + 1]
                cut, head, last, types = len(subject), len(out), b"", []
                append(self.opened(subject[:-1]))
            rest = line[cut:]
            predicate, first, again = known(rest) or self._kept(rest)
            if predicate == last:
                append(again)
            elif predicate == TYPE_TERM:
                types.append(again)
            else:
                append(first)
                last = predicate
        if head >= 0:
            self.close(out, head, types)
        return b"".join(out)

    def _kept(self, rest: bytes) -> Pair:
        if len(self._pairs) >= _PAIRS_KEPT:
            self._pairs.clear()
        predicate, _, value = rest.partition(b" ")
        pair = self._pairs[rest] = self.pair(predicate, value)
        return pair

    @abstractmethod
    def opened(self, subject: bytes) -> bytes:
        """What a subject begins with."""

    @abstractmethod
    def pair(self, predicate: bytes, value: bytes) -> Pair:
        """A predicate and an object in N-Triples, written out. Of a type only the object is asked for."""

    @abstractmethod
    def close(self, out: list[bytes], head: int, types: list[bytes]) -> None:
        """Ends the subject that stands at `head`: puts its types there, which may have come later than other pairs."""
