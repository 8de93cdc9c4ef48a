"""Which pages of the release before are still right, so that only what changed is rendered again.

A page about a fact, a figure, a sum, an indicator shows what its own disclosure's graph says, and what other graphs
say about the same things. Each release therefore notes, for every disclosure, a digest of both (`site-config/pages.json`).
Where the next release comes to the same digest with the same program, the pages about whatever that disclosure alone
speaks of can only differ in the name and date of the release, and these are replaced as text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import FileIO

from mingzhang.errors import ReleaseError
from mingzhang.release import Manifest, Release
from mingzhang.site.graph import ReleaseGraph, Statements

NOTES = "pages.json"
FOLDER = "site-config"


@dataclass(frozen=True)
class Notes:
    """What a release notes about its pages."""

    program: str
    """Version of everything that shapes a page: code, templates, words, libraries."""
    disclosures: Mapping[str, str]
    """Graph of a disclosure → digest of what pages about its own things show."""

    def write(self, release: Release) -> None:
        folder = release.path / FOLDER
        folder.mkdir(exist_ok=True)
        content = {"program": self.program, "disclosures": dict(sorted(self.disclosures.items()))}
        (folder / NOTES).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_notes(release: Release) -> Notes | None:
    """The notes of a release; None where it has none or they are damaged, and then nothing of it is kept."""
    try:
        raw = json.loads((release.path / FOLDER / NOTES).read_text(encoding="utf-8"))
        return Notes(str(raw["program"]), {str(key): str(value) for key, value in raw["disclosures"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def take_notes(release: Release, graph: ReleaseGraph, program: str) -> Notes:
    """The notes for a release whose graphs were read. Raises ReleaseError where a graph file cannot be read."""
    digests = {}
    for entry in release.manifest.disclosures:
        try:
            with (release.graphs / entry.graph_file).open("rb") as handle:
                digests[entry.graph] = hashlib.file_digest(handle, "sha256")
        except OSError as error:
            raise ReleaseError(f"{release.graphs / entry.graph_file}: {error.strerror}") from error
        digests[entry.graph].update(f"{release.manifest.base_uri}\n{release.manifest.title}\n".encode())
    for subject, homes in sorted(graph.homes.items()):
        mine = [digests[home] for home in homes if home in digests]
        if mine:
            said = "".join(f"{line}\n" for line in _said_elsewhere(graph, subject, homes)).encode()
            for digest in mine:
                digest.update(said)
    for scheme, facts in sorted(graph.leaves.items()):
        for fact in facts:
            for home in graph.homes.get(fact, ()):
                if home in digests:
                    digests[home].update(f"{fact} leaf of {scheme}\n".encode())
    return Notes(program, {name: digest.hexdigest() for name, digest in digests.items()})


def _said_elsewhere(graph: ReleaseGraph, subject: str, homes: tuple[str, ...]) -> Iterable[str]:
    """What other graphs say of something a disclosure speaks of; all of it where several graphs do.

    The catalogue is left out: it names the release and so always differs. Only pages that are never taken over,
    since their subject is spoken of by two graphs, show what it says.
    """
    catalogue = f"{graph.base}graph/catalogue"
    if len(set(homes) - {catalogue}) > 1:
        yield from sorted(_lines(subject, graph.about[subject]))
    for predicate, others in sorted(graph.incoming.get(subject, {}).items()):
        for other in sorted(others):
            if graph.homes.get(other) not in (homes, (catalogue,)):
                yield f"{other} {predicate} {subject}"


def _lines(subject: str, statements: Statements) -> Iterable[str]:
    for predicate, values in statements.items():
        for value in values:
            yield f"{subject} {predicate} {' '.join(value)}"


class KeptPages:
    """The pages of an earlier release that can be taken over."""

    def __init__(
        self, before: Release, graphs: frozenset[str], replacements: tuple[tuple[bytes, bytes], ...]
    ) -> None:
        """`graphs`: the disclosures' graphs whose pages are still right; `replacements`: what differs, as text."""
        self._site = str(before.site)
        self._graphs = graphs
        self._replacements = replacements

    def page(self, graph: ReleaseGraph, iri: str, path: str) -> bytes | None:
        """The page about an entity under the new release's name; None where it has to be rendered."""
        homes = graph.homes.get(iri, ())
        if len(homes) != 1 or homes[0] not in self._graphs:
            return None
        try:
            with FileIO(f"{self._site}/{path}") as handle:
                data = handle.readall()
        except OSError:
            return None
        for old, new in self._replacements:
            data = data.replace(old, new)
        return data


def kept_pages(before: Release | None, now: Manifest, notes: Notes) -> KeptPages | None:
    """What can be taken over from the release before; None where nothing can."""
    known = read_notes(before) if before else None
    if before is None or known is None or known.program != notes.program:
        return None
    same = frozenset(
        name for name, digest in notes.disclosures.items() if known.disclosures.get(name) == digest
    )
    return KeptPages(before, same, _replacements(before.manifest, now)) if same else None


def _replacements(before: Manifest, now: Manifest) -> tuple[tuple[bytes, bytes], ...]:
    """The places where a page names its release: the id, and the date in BibTeX and CSL-JSON (`pages.frame`)."""
    pairs = [
        (before.id, now.id),
        (_csl_date(before), _csl_date(now)),
        (_bibtex_year(before), _bibtex_year(now)),
    ]
    return tuple((old.encode(), new.encode()) for old, new in pairs if old != new)


def _csl_date(manifest: Manifest) -> str:
    return "[[" + ",".join(str(int(part)) for part in manifest.date.split("-")) + "]]"


def _bibtex_year(manifest: Manifest) -> str:
    return f"year = {{{manifest.date[:4]}}}"
