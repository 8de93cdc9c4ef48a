"""Which pages of the release before are still right, so that only what changed is rendered again.

A page about a fact, a figure, a sum, an indicator shows what its own disclosure's graph says, and what other graphs
say about the same things. Each release therefore notes, for every disclosure, a digest of both (`site-config/pages.json`).
Where the next release comes to the same digest with the same program, the pages about whatever that disclosure alone
speaks of can only differ in the name and date of the release, and these are replaced as text.

A page about a code shows what the code lists say of it and the facts that use it. Each release notes for each code a
digest of the code lists, of who speaks of it, and of the disclosures they belong to. The search index is the same where
what can be found is the same, and the picture of a page where the file is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from mingzhang.errors import ReleaseError
from mingzhang.release import Manifest, Release
from mingzhang.site.graph import ReleaseGraph, Statements
from mingzhang.site.links import kind_of

NOTES = "pages.json"
FOLDER = "site-config"
_SHORT = 16
"""Hex digits of a concept's digest: there are a thousand of them."""
_FROM_AFAR = ("scheme", "division", "unit", "project")
"""Kinds whose pages show more than what speaks of them: all that is below them."""


@dataclass(frozen=True)
class Notes:
    """What a release notes about its pages."""

    program: str
    """Version of everything that shapes a page: code, templates, words, libraries."""
    disclosures: Mapping[str, str]
    """Graph of a disclosure → digest of what pages about its own things show."""
    concepts: Mapping[str, str]
    """What the code lists speak of → digest of what its page shows."""
    search: str
    """Digest of what can be found."""

    def write(self, release: Release) -> None:
        folder = release.path / FOLDER
        folder.mkdir(exist_ok=True)
        (folder / NOTES).write_text(
            json.dumps(asdict(self), indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )


def read_notes(release: Release) -> Notes | None:
    """The notes of a release; None where it has none or they are damaged, and then nothing of it is kept."""
    try:
        raw = json.loads((release.path / FOLDER / NOTES).read_text(encoding="utf-8"))
        disclosures, concepts = (
            {str(key): str(value) for key, value in raw[part].items()} for part in ("disclosures", "concepts")
        )
        return Notes(str(raw["program"]), disclosures, concepts, str(raw["search"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def wrote(before: Release, program: str) -> bool:
    """Whether this version of the program wrote an earlier release."""
    notes = read_notes(before)
    return notes is not None and notes.program == program


def take_notes(release: Release, graph: ReleaseGraph, program: str, search: str) -> Notes:
    """The notes for a release whose graphs were read. Raises ReleaseError where a graph file cannot be read."""
    disclosures = _disclosure_digests(release, graph)
    return Notes(program, disclosures, _concept_digests(release, graph, disclosures), search)


def _disclosure_digests(release: Release, graph: ReleaseGraph) -> dict[str, str]:
    digests = {}
    for entry in release.manifest.disclosures:
        digest = digests[entry.graph] = _file_digest(release, entry.graph)
        digest.update(f"{release.manifest.base_uri}\n{release.manifest.title}\n".encode())
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
    return {name: digest.hexdigest() for name, digest in digests.items()}


def _concept_digests(release: Release, graph: ReleaseGraph, disclosures: Mapping[str, str]) -> dict[str, str]:
    """A digest for whatever the code lists alone speak of, and is spoken of by code lists and disclosures alone."""
    lists = f"{graph.base}graph/codelists"
    if lists not in release.manifest.graphs:
        return {}
    known = {lists: _file_digest(release, lists).hexdigest(), **disclosures}
    digests = {}
    for subject, homes in graph.homes.items():
        spoken_of = graph.incoming.get(subject, {})
        speakers = {other for others in spoken_of.values() for other in others}
        graphs = {home for other in speakers for home in _own_homes(graph, other)} | {lists}
        if homes != (lists,) or not graphs <= known.keys() or kind_of(subject, graph.base) in _FROM_AFAR:
            continue
        said = [f"{other} {predicate}" for predicate, others in spoken_of.items() for other in others]
        lines = [graph.base, release.manifest.title, *sorted(known[name] for name in graphs), *sorted(said)]
        digests[subject] = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_SHORT]
    return digests


def _own_homes(graph: ReleaseGraph, subject: str) -> Collection[str]:
    """The graphs that speak of it; the catalogue, which speaks of all disclosures, only where nothing else does."""
    homes = graph.homes[subject]
    return set(homes) - {f"{graph.base}graph/catalogue"} or homes


def _file_digest(release: Release, graph: str) -> hashlib._Hash:
    """The digest of a graph's file, to be gone on with. Raises ReleaseError where it cannot be read."""
    path = release.graphs / release.manifest.graphs[graph]
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256")
    except OSError as error:
        raise ReleaseError(f"{path}: {error.strerror}") from error


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
    """What of an earlier release's site can be taken over."""

    def __init__(self, before: Release, then: Notes, now: Notes, manifest: Manifest) -> None:
        """`then` and `now`: the notes of the earlier release and of the new one, whose manifest is `manifest`."""
        self._site = before.site
        self._disclosures = _same(then.disclosures, now.disclosures)
        self._concepts = _same(then.concepts, now.concepts)
        self._search = then.search == now.search
        self._replacements = _replacements(before.manifest, manifest)

    def page(self, graph: ReleaseGraph, iri: str, path: str) -> bytes | None:
        """The page about an entity under the new release's name; None where it has to be rendered."""
        homes = graph.homes.get(iri, ())
        if iri not in self._concepts and not (len(homes) == 1 and homes[0] in self._disclosures):
            return None
        data = self.file(path)
        if data is not None:
            for old, new in self._replacements:
                data = data.replace(old, new)
        return data

    def file(self, path: str) -> bytes | None:
        """A file of the earlier site as it is; None where there is none. Pictures of pages never change."""
        try:
            with FileIO(f"{self._site}/{path}") as handle:
                return handle.readall()
        except OSError:
            return None

    def search(self, folder: str) -> Path | None:
        """The earlier search index; None where something else can be found now."""
        return self._site / folder if self._search and (self._site / folder).is_dir() else None


def _same(then: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name, digest in now.items() if then.get(name) == digest)


def kept_pages(before: Release | None, now: Manifest, notes: Notes) -> KeptPages | None:
    """What can be taken over from the release before; None where another program wrote it."""
    known = read_notes(before) if before else None
    if before is None or known is None or known.program != notes.program:
        return None
    return KeptPages(before, known, notes, now)


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
