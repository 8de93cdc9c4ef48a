"""The findings of a disclosure for people to read: what is wrong, in both languages, and the lines that print it.

The same wrong name on ten lines is told once, with the lines; of a long line only what stands around the figures is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Row = dict[str, str]
"""A row of the `findings` export."""

_WIDTH = 110
"""Characters of a line that are quoted; a line of Chinese prose may have a thousand."""
_QUOTES = 8
"""Lines quoted for one finding; a sum may have a hundred parts."""
_LINE_IN_MESSAGE = re.compile(r"第[0-9]+行|line [0-9]+")
_GROUPS = {"Warning": ("does not add up", "对不上"), "Info": ("to note", "提示")}


@dataclass(frozen=True)
class Quote:
    """A printed line: the file, the line's number, its text, and the characters (from 1) that figures begin at."""

    path: str
    line: int
    text: str
    starts: tuple[int, ...] = ()

    def shown(self) -> str:
        """`path:line: text`, white space run together; of a long line the part around the figures."""
        begin, end = self._window()
        part = " ".join(self.text[begin:end].split())
        before, after = "…" if begin else "", "…" if end < len(self.text) else ""
        return f"{self.path}:{self.line}: {before}{part}{after}"

    def _window(self) -> tuple[int, int]:
        if len(self.text) <= _WIDTH or not self.starts:
            return 0, min(len(self.text), _WIDTH)
        first, last = min(self.starts) - 1, max(self.starts) - 1
        room = max(_WIDTH - (last - first), _WIDTH // 2) // 2
        return max(0, first - room), min(len(self.text), last + room)


def report_lines(
    heading: str, rows: Sequence[Row], quotes: Callable[[Row], Sequence[Quote]]
) -> Iterator[str]:
    """The report on one disclosure, contradictions first, then what is only to be noted."""
    yield f"{heading}: {_counted(rows)}"
    number = 0
    for severity, (english, chinese) in _GROUPS.items():
        groups = _alike([row for row in rows if row["severity"] == severity])
        if groups:
            yield ""
            yield f"  {chinese}　{english}"
        for group in groups:
            number += 1
            yield ""
            yield from _finding_lines(number, group, quotes)


def _counted(rows: Sequence[Row]) -> str:
    """`3 findings (2 contradictions, 1 note)`."""
    if not rows:
        return "0 findings"
    notes = sum(1 for row in rows if row["severity"] == "Info")
    parts = [_plural(len(rows) - notes, "contradiction"), _plural(notes, "note")]
    return f"{_plural(len(rows), 'finding')} ({', '.join(parts)})"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _alike(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows, those that say the same of different lines together."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        said = _LINE_IN_MESSAGE.sub("", row["message_zh"])
        groups.setdefault((row["rule"], said), []).append(row)
    return list(groups.values())


def _finding_lines(
    number: int, group: Sequence[Row], quotes: Callable[[Row], Sequence[Quote]]
) -> Iterator[str]:
    first = group[0]
    difference = f", difference {first['difference']}" if first["difference"] else ""
    yield f"  {number}. {first['rule']}{difference}"
    yield f"     {first['message_zh']}"
    yield f"     {first['message_en']}"
    if len(group) > 1:
        lines = ", ".join(row["line"] for row in group[1:])
        yield f"     另见第 {lines} 行　also on line{'s' if len(group) > 2 else ''} {lines}"
    quoted = quotes(first)
    yield from (f"       {quote.shown()}" for quote in quoted[:_QUOTES])
    if len(quoted) > _QUOTES:
        yield f"       … {_plural(len(quoted) - _QUOTES, 'more line')}"
