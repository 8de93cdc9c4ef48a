"""How many solutions a SELECT answer holds, counted from its bytes while it is written.

Counting bytes is far cheaper than passing every row through Python: 11 MB take 6 ms, the rows themselves 500.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from mmap import mmap

# A string of JSON as a whole, or what separates two solutions.
STRING_OR_SEPARATOR = re.compile(rb'"(?:[^"\\]|\\.)*"|\},\{')


@dataclass
class Needle:
    """A text and how often it has come by in pieces of any size. It must not overlap itself."""

    text: bytes
    count: int = 0
    tail: bytes = b""

    def feed(self, piece: bytes) -> None:
        reach = len(self.text) - 1
        if reach:
            # What lies across the edge of two pieces: neither side alone is long enough to hold it.
            self.count += (self.tail + piece[:reach]).count(self.text)
            self.tail = (self.tail + piece[-reach:])[-reach:]
        self.count += piece.count(self.text)


class SolutionCount:
    """The solutions of an answer in the format of this key (of formats.RESULTS), fed piece by piece."""

    def __init__(self, format_key: str) -> None:
        self.format_key = format_key
        self.needles = [Needle(text) for text in NEEDLES[format_key]]
        self.in_quotes = 0
        self.tail = b""

    def feed(self, piece: bytes) -> None:
        if self.format_key == "csv":
            self.feed_csv(piece)
            return
        for needle in self.needles:
            needle.feed(piece)
        self.tail = (self.tail + piece[-len(NO_SOLUTIONS) :])[-len(NO_SOLUTIONS) :]

    def feed_csv(self, piece: bytes) -> None:
        """Line ends inside quotes belong to a value. A quote in a value is doubled, and so changes nothing."""
        parts = piece.split(b'"')
        self.needles[0].count += sum(part.count(b"\n") for part in parts[self.in_quotes :: 2])
        self.in_quotes = (self.in_quotes + len(parts) - 1) % 2

    @property
    def is_sure(self) -> bool:
        """False for JSON that may hold a solution without any value: `{}` is then a solution, or part of a text."""
        return self.format_key != "json" or not self.needles[3].count

    @property
    def total(self) -> int:
        """The count, where it `is_sure`."""
        counted = [needle.count for needle in self.needles]
        if self.format_key in ("csv", "tsv"):
            return counted[0] - 1  # the first line names the columns
        if self.format_key == "json":
            return 0 if self.tail == NO_SOLUTIONS else counted[0] - counted[1] - counted[2] + 1
        return counted[0] + counted[1]


NO_SOLUTIONS = b'"bindings":[]}}'
"""How a JSON answer without solutions ends."""
NEEDLES = {
    # A quote inside a string of JSON has a backslash before it: what looks like the beginning of a solution is one, or
    # the end of a string. After a string's end stands one of these two, after a solution's first quote a name.
    "json": (b'},{"', b'},{"}', b'},{",', b"{}"),
    "xml": (b"<result>", b"<result/>"),
    "csv": (b"\n",),
    "tsv": (b"\n",),
}


def solutions_in(body: bytes, format_key: str) -> int:
    """How many solutions a whole answer in memory holds."""
    if format_key == "json" and b"{}" not in body:
        first, second, third, _ = NEEDLES["json"]
        if body.endswith(NO_SOLUTIONS):
            return 0
        return body.count(first) - body.count(second) - body.count(third) + 1
    count = SolutionCount(format_key)
    count.feed(body)
    return count.total if count.is_sure else json_solutions(body)


def json_solutions(body: bytes | mmap) -> int:
    """How many solutions a JSON answer holds, of which one at least; for those whose SolutionCount is not sure."""
    return 1 + sum(match[0] == b"},{" for match in STRING_OR_SEPARATOR.finditer(body))
