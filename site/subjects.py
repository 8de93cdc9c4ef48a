"""The loop that Turtle and JSON-LD are written with: each subject once with its pairs of predicate and object.

What follows a subject repeats: of a hundred pairs, eighty have been written before. Each pair is therefore made once and
kept, and the loop over the pairs does little more than look it up: several times as fast as taking each triple apart.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from mingzhang.site.namespaces import TYPE
from mingzhang.site.quads import Subject

TYPE_TERM = f"<{TYPE}>".encode()
_PAIRS_KEPT = 32_000
"""Pairs kept at a time, about 10 MB; then they are forgotten and begin anew."""

Pair = tuple[bytes, bytes, int]
"""What follows a subject: the predicate; the pair written out, with what divides it from the one before; where in that
the object begins."""


class SubjectWriter(ABC):
    """Writes subjects; how, is up to the methods at the end."""

    also: ClassVar[bytes]
    """Stands between two objects of the same predicate."""

    def __init__(self) -> None:
        self._pairs: dict[bytes, Pair] = {}

    def text(self, subject: Subject) -> bytes:
        """The text of one subject."""
        out = [self.opened(subject.name)]
        known, last = self._pairs.get, b""
        types: list[bytes] = []
        for given in subject.pairs:
            predicate, text, start = known(given) or self._kept(given)
            if predicate == last:
                out.append(self.also + text[start:])
            elif predicate == TYPE_TERM:
                types.append(text[start:])
            else:
                out.append(text)
                last = predicate
        self.close(out, types)
        return b"".join(out)

    def _kept(self, given: bytes) -> Pair:
        if len(self._pairs) >= _PAIRS_KEPT:
            self._pairs.clear()
        predicate, _, value = given.partition(b" ")
        lead, shown = self.pair(predicate, value)
        pair = self._pairs[given] = (predicate, lead + shown, len(lead))
        return pair

    @abstractmethod
    def opened(self, name: bytes) -> bytes:
        """What a subject begins with."""

    @abstractmethod
    def pair(self, predicate: bytes, value: bytes) -> tuple[bytes, bytes]:
        """A predicate, with what divides it from the pair before, and its object, from their N-Triples."""

    @abstractmethod
    def close(self, out: list[bytes], types: list[bytes]) -> None:
        """Ends the subject whose pieces these are: puts its types into the first, which may have come later."""
