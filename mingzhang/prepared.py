"""The records of preparing disclosures: what is asked (`Job`), what came of it (`Prepared` or `Failed`), the bulk (`Content`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mingzhang.release import DisclosureEntry

if TYPE_CHECKING:
    from mingzhang.ingest.reading import Overrides
    from mingzhang.shapes.report import Report

TABLE_KINDS = ("figures", "indicators", "claims", "findings")
TOGETHER = " + "
"""Stands between the names of files that are one disclosure."""


@dataclass(frozen=True)
class Job:
    """One disclosure to prepare: its file as given, further files of the same, and what the user says of them."""

    path: Path
    overrides: Overrides
    others: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files, the one with the tables first."""
        return (self.path, *self.others)

    @property
    def label(self) -> str:
        """The files' names as given, for messages."""
        return TOGETHER.join(map(str, self.paths))


@dataclass(frozen=True)
class SourceFile:
    """A file of a disclosure: its path as given, the SHA-256 of its bytes in hex, its name without folder."""

    path: str
    sha256: str
    name: str


@dataclass(frozen=True)
class Prepared:
    """What one disclosure contributes, small enough to keep for every one of a run."""

    sources: tuple[SourceFile, ...]
    """Its files, the one with the tables first."""
    overrides: tuple[str, ...]
    entry: DisclosureEntry
    tokens: dict[str, int]
    """The ledger: numeric tokens by category."""
    unread: tuple[tuple[str, int, str], ...]
    """File name, line and characters of each number that was not read."""
    report: Report
    """What the shapes say; with any violation, the disclosure is not published."""
    content_key: str
    """Where the cache keeps `Content`."""
    notes: tuple[str, ...] = ()
    """What of its files could not be read, and why."""

    @property
    def path(self) -> str:
        """Its files as given on the command line."""
        return TOGETHER.join(source.path for source in self.sources)

    @property
    def sha256(self) -> str:
        """Of its first file."""
        return self.sources[0].sha256


@dataclass(frozen=True)
class Content:
    """The bulk of one disclosure: its quads and rows, taken up one at a time."""

    quads: tuple[str, ...]
    """Sorted N-Quads lines of the disclosure's graph, findings included, without line ends."""
    leaves: tuple[str, ...]
    tables: dict[str, tuple[dict[str, str], ...]]
    """Export kind → rows (`mingzhang.ingest.exports`)."""


@dataclass(frozen=True)
class Failed:
    """A file that could not be prepared, and why, in one line. `trace` is there where the fault is ours."""

    path: str
    message: str
    trace: str = ""
    disk_full: bool = False
    """True where it was read and there was no room to keep the result: nothing is the matter with the file."""


Outcome = Prepared | Failed
