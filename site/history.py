"""DATA/history: what each release changed, and the list of all of them, as pages, feeds and data.

```
history/index.html index.json feed.atom          all releases, the latest first
history/<id>/changes.html .json .csv .atom       what a release changed against the one before it
```

It lies beside the releases, not in them: what a release changed depends on which one came before, and a release is
the same bytes wherever it is built. It can be deleted at any time; the next build writes it again.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from mingzhang.errors import ReleaseError
from mingzhang.release import Release
from mingzhang.site.changes import (
    Changes,
    CodeChange,
    DisclosureChange,
    FactChange,
    FindingChange,
    changes_between,
)
from mingzhang.site.changes_report import (
    Line,
    as_atom,
    as_csv,
    as_feed_of_releases,
    as_json,
    lines,
    summary,
)
from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.links import Link
from mingzhang.site.pages.frame import HOME, Frame
from mingzhang.site.words import Words
from mingzhang.site.writing import environment

_SHOWN = 500
"""Changes of one kind on a page; the CSV holds all of them."""


@dataclass(frozen=True)
class ChangeRow:
    """One change on a page."""

    kind_zh: str
    kind_en: str
    title: str
    title_en: str
    href: str
    disclosure: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangesPage:
    """What one release changed."""

    frame: Frame
    address: str
    """Where the page and its other forms are, without suffix."""
    disclosures: tuple[ChangeRow, ...]
    facts: tuple[ChangeRow, ...]
    findings: tuple[ChangeRow, ...]
    codes: tuple[ChangeRow, ...]
    shown: int
    counts: dict[str, int]


@dataclass(frozen=True)
class ReleaseRow:
    """One release in the list of all."""

    id: str
    date: str
    href: str
    changes_href: str
    summary_zh: str
    summary_en: str
    disclosures: int
    triples: int


@dataclass(frozen=True)
class ReleasesPage:
    """All releases, the latest first."""

    frame: Frame
    releases: tuple[ReleaseRow, ...]


def write_history(releases: Sequence[Release], folder: Path) -> list[Changes]:
    """Brings the history of these releases (the earliest first) up to date, and returns what each changed.

    What is there already and still compares the same two releases is not written again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    base = releases[-1].manifest.base_uri if releases else ""
    ids = {release.manifest.id for release in releases}
    told = []
    for before, after in zip([None, *releases], releases, strict=False):
        known = _known(folder, before, after)
        if known is None:
            try:
                known = changes_between(before, after)
            except ReleaseError:  # one of the two is damaged: the others' changes are told all the same
                earlier = before.manifest.id if before else ""
                known = Changes(earlier, after.manifest.id, after.manifest.date, compared=False)
            else:
                _write_changes(folder, known, after, base)
        told.append(known)
    for left in folder.iterdir():
        # What a killed run left unfinished, and what was written about releases that were deleted.
        if left.is_dir() and left.name not in ids:
            shutil.rmtree(left, ignore_errors=True)
        elif left.name.startswith(".new-"):
            left.unlink(missing_ok=True)
    if releases:
        _write_list(folder, releases, told, base)
    return told


def _known(folder: Path, before: Release | None, after: Release) -> Changes | None:
    """The changes as written earlier; None where nothing usable is there, or it compares other releases."""
    path = folder / after.manifest.id / "changes.json"
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        changes = changes_from(told)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    expected = ("" if before is None else before.manifest.id, after.manifest.id)
    return changes if (changes.before, changes.after) == expected else None


def changes_from(told: dict[str, Any]) -> Changes:
    """`Changes` again from what `as_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""

    def amount(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    facts = tuple(
        FactChange(
            **item | {"before_yuan": amount(item["before_yuan"]), "after_yuan": amount(item["after_yuan"])}
        )
        for item in told["facts"]
    )
    return Changes(
        told["before"],
        told["after"],
        told["date"],
        tuple(DisclosureChange(**item) for item in told["disclosures"]),
        facts,
        tuple(FindingChange(**item) for item in told["findings"]),
        tuple(CodeChange(**item) for item in told["codes"]),
    )


def _write_changes(folder: Path, changes: Changes, after: Release, base: str) -> None:
    """Writes a release's files into a folder of another name first, so that it appears whole."""
    unfinished = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        unfinished.chmod(0o755)
        files = {
            "changes.json": as_json(changes),
            "changes.csv": as_csv(changes),
            "changes.atom": as_atom(changes, base),
            "changes.html": _rendered(after, "changes", changes_page(changes, base)),
        }
        for name, text in files.items():
            (unfinished / name).write_text(text, encoding="utf-8")
        target = folder / changes.after
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _write_list(folder: Path, releases: Sequence[Release], told: Sequence[Changes], base: str) -> None:
    page = releases_page(releases, told, base)
    rows = [
        {"id": row.id, "date": row.date, "disclosures": row.disclosures, "triples": row.triples}
        for row in page.releases
    ]
    files = {
        "index.html": _rendered(releases[-1], "releases", page),
        "index.json": json.dumps(rows, ensure_ascii=False, indent=1) + "\n",
        "feed.atom": as_feed_of_releases(list(told), base),
    }
    for name, text in files.items():
        unfinished = folder / f".new-{os.getpid()}-{name}"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(folder / name)


def changes_page(changes: Changes, base: str) -> ChangesPage:
    """The record of a release's page of changes."""
    zh, en = summary(changes)
    address = f"/releases/{changes.after}/changes"
    title = (f"发布 {changes.after} 的变化", f"What release {changes.after} changed")
    told = list(lines(changes))

    def rows(what: str) -> tuple[ChangeRow, ...]:
        return tuple(_row(line, changes) for line in told if line.what == what)[:_SHOWN]

    counts = {what: sum(line.what == what for line in told) for what in ("fact", "finding", "code")}
    before = f"与 {changes.before} 相比。" if changes.before else ""
    compared = f"Compared with {changes.before}." if changes.before else ""
    return ChangesPage(
        _frame(f"{address}.html", title, (f"{zh}。{before}", f"{en}. {compared}".strip()), base),
        address,
        rows("disclosure"),
        rows("fact"),
        rows("finding"),
        rows("code"),
        _SHOWN,
        counts,
    )


def _row(line: Line, changes: Changes) -> ChangeRow:
    gone = line.change in ("withdrawn", "went")
    start = f"/releases/{changes.before}" if gone else ""
    page = f"{start}/doc/{line.path.removeprefix('id/')}.html" if line.path.startswith("id/") else ""
    return ChangeRow(*line.words, line.title, line.title_en, page, line.disclosure, line.before, line.after)


def releases_page(releases: Sequence[Release], told: Sequence[Changes], base: str) -> ReleasesPage:
    """The record of the list of releases."""
    rows = []
    for release, changes in zip(releases, told, strict=True):
        manifest = release.manifest
        address = f"/releases/{manifest.id}/"
        rows.append(
            ReleaseRow(
                manifest.id,
                manifest.date,
                address,
                f"{address}changes.html",
                *summary(changes),
                len(manifest.disclosures),
                manifest.triples,
            )
        )
    about = (
        "每次发布都保留原样，可以查询、引用、下载，并与前一次比较。",
        "Every release stays as it was: it can be queried, cited, downloaded and compared with the one before.",
    )
    frame = _frame("/releases/", ("历次发布", "Releases"), about, base)
    return ReleasesPage(frame, tuple(reversed(rows)))


def _frame(path: str, title: Words, about: Words, base: str) -> Frame:
    crumbs = (HOME,) if path == "/releases/" else (HOME, Link("/releases/", "历次发布", "Releases"))
    return Frame("", "", "", *title, *about, path, canonical=base.rstrip("/") + path, crumbs=crumbs)


def _rendered(release: Release, template: str, page: ChangesPage | ReleasesPage) -> str:
    graph = ReleaseGraph(release.manifest.base_uri)
    graph.about[f"{graph.base}id/release/{release.manifest.id}"] = {}
    values = {name: getattr(page, name) for name in page.__dataclass_fields__}
    return environment(release, graph).get_template(f"{template}.html").render(values)
