"""What changed from one release to another, in terms of the domain: disclosures, amounts, findings, names of codes.

Releases are compared by what their names say after the base URI, so two builds for different addresses can be
compared too. Of a disclosure that is new or gone only the disclosure itself is told; the facts and findings compared
are those of disclosures that both releases hold. Graph files that are equal are never parsed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pyoxigraph as ox

from mingzhang.errors import ReleaseError
from mingzhang.release import DisclosureEntry, Release
from mingzhang.site.namespaces import LABEL, MZ, PREF_LABEL, SH, local_name

_LINES = re.compile(r"第[0-9]+(?=[行页])")


@dataclass(frozen=True)
class DisclosureChange:
    """A disclosure that came, went, or was made from something else than before."""

    kind: str
    """`added`, `replaced` (another source file), `reread` (the same file read otherwise) or `withdrawn`."""
    path: str
    """Its IRI without the base URI: `id/disclosure/…`."""
    title: str
    department: str
    year: int
    budget_or_final: str
    file_before: str = ""
    """SHA-256 of the source file in the release before; empty where it was not there."""
    file_after: str = ""


@dataclass(frozen=True)
class FactChange:
    """A fact whose amount is another one now, or that came or went with its disclosure staying."""

    kind: str
    """`changed`, `added` or `withdrawn`."""
    path: str
    label: str
    disclosure: str
    """Title of its disclosure."""
    before_yuan: Decimal | None = None
    after_yuan: Decimal | None = None


@dataclass(frozen=True)
class FindingChange:
    """A finding that came or went."""

    kind: str
    """`came` or `went`."""
    path: str
    rule: str
    severity: str
    message_zh: str
    message_en: str
    disclosure: str


@dataclass(frozen=True)
class CodeChange:
    """A code, body or other concept that is called otherwise than before."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """Everything that differs between two releases, each list sorted."""

    before: str
    """Id of the earlier release; empty for a first release, of which everything is new."""
    after: str
    date: str
    """ISO date of the later release."""
    disclosures: tuple[DisclosureChange, ...] = ()
    facts: tuple[FactChange, ...] = ()
    findings: tuple[FindingChange, ...] = ()
    codes: tuple[CodeChange, ...] = ()
    compared: bool = True
    """False where one of the two is damaged, so that nothing can be said."""

    @property
    def count(self) -> int:
        return len(self.disclosures) + len(self.facts) + len(self.findings) + len(self.codes)


@dataclass
class _Told:
    """What one disclosure's graph says, as far as it is compared."""

    amounts: dict[str, Decimal] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    findings: dict[str, dict[str, str]] = field(default_factory=dict)


def changes_between(before: Release | None, after: Release) -> Changes:
    """What a reader of `before` has to know of `after`. Raises ReleaseError where a graph file cannot be read."""
    old = {} if before is None else _entries(before)
    new = _entries(after)
    disclosures: list[DisclosureChange] = []
    facts: list[FactChange] = []
    findings: list[FindingChange] = []
    for path in sorted(old.keys() | new.keys()):
        if before is None or path not in old:
            disclosures.append(_disclosure_change("added", path, None, new[path]))
        elif path not in new:
            disclosures.append(_disclosure_change("withdrawn", path, old[path], None))
        else:
            same = _same_graph(before, old[path], after, new[path])
            told = None if same else (_told(before, old[path]), _told(after, new[path]))
            if told:
                facts += _fact_changes(*told, new[path].title)
                findings += _finding_changes(*told, new[path].title)
            if old[path].source_sha256 != new[path].source_sha256:
                disclosures.append(_disclosure_change("replaced", path, old[path], new[path]))
            elif told and _differs(*told):
                disclosures.append(_disclosure_change("reread", path, old[path], new[path]))
    codes = () if before is None else tuple(_renamed(before, after))
    return Changes(
        "" if before is None else before.manifest.id,
        after.manifest.id,
        after.manifest.date,
        tuple(disclosures),
        tuple(facts),
        tuple(findings),
        codes,
    )


def _entries(release: Release) -> dict[str, DisclosureEntry]:
    base = release.manifest.base_uri
    return {entry.iri.removeprefix(base): entry for entry in release.manifest.disclosures}


def _disclosure_change(
    kind: str, path: str, before: DisclosureEntry | None, after: DisclosureEntry | None
) -> DisclosureChange:
    entry = after or before
    assert entry is not None
    return DisclosureChange(
        kind,
        path,
        entry.title,
        entry.department_name,
        entry.year,
        entry.kind,
        before.source_sha256 if before else "",
        after.source_sha256 if after else "",
    )


def _differs(before: _Told, after: _Told) -> bool:
    """Whether something a reader relies on is said otherwise; a line number in a message is nothing of the kind."""
    return before.amounts != after.amounts or _finding_keys(before) != _finding_keys(after)


def _fact_changes(before: _Told, after: _Told, title: str) -> Iterator[FactChange]:
    for path in sorted(before.amounts.keys() | after.amounts.keys()):
        was, now = before.amounts.get(path), after.amounts.get(path)
        if was == now:
            continue
        kind = "changed" if was is not None and now is not None else "withdrawn" if now is None else "added"
        label = after.labels.get(path) or before.labels.get(path) or local_name(path)
        yield FactChange(kind, path, label, title, was, now)


def _finding_keys(told: _Told) -> Counter[tuple[str, str]]:
    return Counter(_finding_key(said) for said in told.findings.values())


def _finding_key(said: dict[str, str]) -> tuple[str, str]:
    """What makes it the same finding in another edition of the file: the rule and what it says, lines aside."""
    return said.get("rule", ""), _LINES.sub("第", said.get("zh") or said.get("en", ""))


def _finding_changes(before: _Told, after: _Told, title: str) -> list[FindingChange]:
    had, has = _finding_keys(before), _finding_keys(after)
    went = _beyond(before, has, "went", title)
    return sorted([*_beyond(after, had, "came", title), *went], key=lambda found: (found.kind, found.path))


def _beyond(told: _Told, others: Counter[tuple[str, str]], kind: str, title: str) -> Iterator[FindingChange]:
    """The findings that the other side does not have, or has fewer of."""
    left = Counter(others)
    for path, said in sorted(told.findings.items()):
        key = _finding_key(said)
        if left[key]:
            left[key] -= 1
            continue
        yield FindingChange(
            kind,
            path,
            said.get("rule", ""),
            said.get("severity", ""),
            said.get("zh", ""),
            said.get("en", ""),
            title,
        )


def _same_graph(before: Release, old: DisclosureEntry, after: Release, new: DisclosureEntry) -> bool:
    return _graph_digest(before, old.graph_file) == _graph_digest(after, new.graph_file)


def _graph_digest(release: Release, name: str) -> bytes:
    """SHA-256 of a graph file as it would be for an empty base URI."""
    base = f"<{release.manifest.base_uri}".encode()
    digest = hashlib.sha256()
    for line in _lines(release, name):
        digest.update(line.replace(base, b"<"))
    return digest.digest()


def _lines(release: Release, name: str) -> Iterator[bytes]:
    path = release.graphs / name
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be read ({error.strerror}); build the release again") from error


def _told(release: Release, entry: DisclosureEntry) -> _Told:
    """Amounts, labels and findings of a disclosure. The rest of its graph is not parsed."""
    base = release.manifest.base_uri
    told = _Told()
    starts = (f"<{base}id/fact/".encode(), f"<{base}id/finding/".encode())
    for quad in _selected(release, entry.graph_file, lambda line: line.startswith(starts)):
        assert isinstance(quad.subject, ox.NamedNode)
        path = quad.subject.value.removeprefix(base)
        value = quad.object.value if isinstance(quad.object, ox.Literal | ox.NamedNode) else ""
        match quad.predicate.value.replace(MZ, "mz:").replace(SH, "sh:"):
            case "mz:amount":
                told.amounts[path] = Decimal(value)
            case "mz:rule":
                told.findings.setdefault(path, {})["rule"] = value
            case "sh:resultSeverity":
                told.findings.setdefault(path, {})["severity"] = local_name(value)
            case "sh:resultMessage":
                language = quad.object.language if isinstance(quad.object, ox.Literal) else None
                told.findings.setdefault(path, {})["en" if language == "en" else "zh"] = value
            case predicate if predicate == LABEL:
                told.labels[path] = value
    return told


def _selected(release: Release, name: str, wanted: Callable[[bytes], bool]) -> Iterator[ox.Quad]:
    """The quads of a graph file whose lines are wanted."""
    data = b"".join(line for line in _lines(release, name) if wanted(line))
    try:
        yield from ox.parse(data, format=ox.RdfFormat.N_QUADS)
    except SyntaxError as error:
        raise ReleaseError(
            f"{release.graphs / name}: not the N-Quads it should be ({error}); build again"
        ) from error


def _renamed(before: Release, after: Release) -> Iterator[CodeChange]:
    """The concepts, departments, units and projects that both releases name, and name differently."""
    old, new = _names(before), _names(after)
    for path in sorted(old.keys() & new.keys()):
        if old[path] != new[path]:
            yield CodeChange(path, " / ".join(sorted(old[path])), " / ".join(sorted(new[path])))


def _names(release: Release) -> dict[str, set[str]]:
    """Path of everything with a `skos:prefLabel` → its labels."""
    base = release.manifest.base_uri
    naming = f" <{PREF_LABEL}> ".encode()
    found: dict[str, set[str]] = {}
    for graph, name in release.manifest.graphs.items():
        if graph in (f"{base}graph/ontology", f"{base}graph/catalogue", release.leaves_graph):
            continue
        for quad in _selected(release, name, lambda line: naming in line):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                found.setdefault(quad.subject.value.removeprefix(base), set()).add(quad.object.value)
    return found
