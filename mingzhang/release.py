"""A release on disk: one immutable folder, and the pointer to the current one.

Reading side and layout only: what a release holds and where. Building one is `mingzhang.cli`'s job
(`mingzhang/build.py`), since building needs every room.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mingzhang.errors import ReleaseError

MANIFEST = "release.json"
RELEASE_ID = re.compile(r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{12}$")


@dataclass(frozen=True)
class SourceEntry:
    """A further file of a disclosure."""

    sha256: str
    file_name: str


@dataclass(frozen=True)
class DisclosureEntry:
    """One disclosure of a release, as its manifest lists it."""

    iri: str
    graph: str
    """IRI of its named graph."""
    graph_file: str
    """N-Quads file under graphs/."""
    title: str
    department: str
    department_name: str
    division: str
    """GB/T 2260 code, six digits."""
    division_name: str
    year: int
    kind: str
    """`budget` or `final`."""
    source_sha256: str
    file_name: str
    counts: dict[str, int]
    """How many figures, facts, indicators, claims, findings, ambiguous and unread amounts."""
    further_sources: tuple[SourceEntry, ...] = ()
    """Where it was published in several files: those beside `source_sha256`."""

    @property
    def sources(self) -> tuple[SourceEntry, ...]:
        """All its files, the one with the tables first."""
        return (SourceEntry(self.source_sha256, self.file_name), *self.further_sources)


@dataclass(frozen=True)
class Manifest:
    """What `release.json` says. Two builds from the same input write the same bytes."""

    id: str
    date: str
    """ISO date of the release."""
    software: str
    """Name and version of the program that built it."""
    base_uri: str
    """Ends in `/`."""
    base_uri_given: bool
    """False where nobody chose it: the service may then rebuild for the address it runs on."""
    title: str
    triples: int
    disclosures: tuple[DisclosureEntry, ...]
    graphs: dict[str, str]
    """Graph IRI → N-Quads file under graphs/, disclosures included."""
    made_with: dict[str, str] = field(default_factory=dict)
    """What made it, with digests: `program`, `reading`, `forms`, `rules`."""
    source_urls: dict[str, str] = field(default_factory=dict)
    """SHA-256 of a source file that is not given on → where its publisher has it."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


@dataclass(frozen=True)
class Release:
    """A release folder that has been opened: its manifest and the paths inside it."""

    path: Path
    manifest: Manifest

    @property
    def graphs(self) -> Path:
        return self.path / "graphs"

    @property
    def sources(self) -> Path:
        return self.path / "sources"

    @property
    def views(self) -> Path:
        """What pages show of sources made of cells and paragraphs, one JSON file each."""
        return self.path / "views"

    @property
    def tables(self) -> Path:
        return self.path / "tables"

    @property
    def dumps(self) -> Path:
        return self.path / "dumps"

    @property
    def site(self) -> Path:
        return self.path / "site"

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    @property
    def leaves_graph(self) -> str:
        return f"{self.manifest.base_uri}graph/leaves"


def open_release(path: Path) -> Release:
    """The release in a folder. Raises ReleaseError where there is none or its manifest is damaged."""
    try:
        raw: dict[str, Any] = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        disclosures = tuple(map(_entry, raw.pop("disclosures")))
        return Release(path.resolve(), Manifest(disclosures=disclosures, **raw))
    except FileNotFoundError as error:
        raise ReleaseError(
            f"{path}: no release here ({MANIFEST} is missing); run `mingzhang build`"
        ) from error
    except (json.JSONDecodeError, TypeError, KeyError) as error:
        raise ReleaseError(f"{path / MANIFEST}: damaged ({error}); build the release again") from error


def _entry(raw: dict[str, Any]) -> DisclosureEntry:
    further = tuple(SourceEntry(**source) for source in raw.pop("further_sources", ()))
    return DisclosureEntry(**raw, further_sources=further)


def releases_in(folder: Path) -> list[Release]:
    """Every release of a folder that can be opened, the earliest first.

    Releases of one day come in the order in which they were written; where a copy has lost the times, by id.
    """
    found = []
    for path in folder.glob("[0-9]*"):
        if RELEASE_ID.match(path.name):
            try:
                written = (path / MANIFEST).stat().st_mtime_ns
                found.append((written, open_release(path)))
            except (ReleaseError, OSError):
                continue  # not whole: whoever asks for it by name is told why
    found.sort(key=lambda item: (item[1].manifest.date, item[0], item[1].manifest.id))
    return [release for _, release in found]


def current_release(data: Path) -> Release:
    """The release that `DATA/current` points to. Raises ReleaseError where none was built yet."""
    if not (data / "current").exists():
        raise ReleaseError(f"{data}: no release yet; run `mingzhang build FILE… --data {data}`")
    return open_release((data / "current").resolve())
