"""A release with many disclosures, made from one with few: each several times, under other names."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from mingzhang.release import DisclosureEntry, Release, SourceEntry
from mingzhang.site.catalogue import catalogue_graph


def write_copies(release: Release, folder: Path, times: int) -> None:
    """Writes such a release into a new folder: everything but dumps and pages."""
    for name in ("graphs", "sources", "views", "tables"):
        (folder / name).mkdir(parents=True)
    for name in ("shapes", "reports"):
        shutil.copytree(release.path / name, folder / name)
    manifest = release.manifest
    tables = {
        path.name: path.read_text(encoding="utf-8").splitlines(True) for path in release.tables.iterdir()
    }
    rows: dict[str, list[tuple[str, str]]] = {name: [] for name in tables}
    leaves = (
        (release.graphs / manifest.graphs[release.leaves_graph]).read_text(encoding="utf-8").splitlines(True)
    )
    entries, copied = [], []
    for entry, other, renamed in _copies(release, times):
        body = _body(release, entry)
        text = (release.graphs / entry.graph_file).read_text(encoding="utf-8")
        lines = sorted(renamed(text).splitlines(True))
        (folder / "graphs" / other.graph_file).write_text("".join(lines), encoding="utf-8")
        copied += [renamed(line) for line in leaves if body in line.partition(" ")[0]]
        for source, copy in zip(entry.sources, other.sources, strict=True):
            shutil.copyfile(release.sources / source.sha256, folder / "sources" / copy.sha256)
        for name, (_, *own) in tables.items():
            own = [renamed(row) for row in own if any(one.sha256[:12] in row for one in entry.sources)]
            rows[name].append((other.iri, "".join(own)))
        entries.append(other)
    for name, (head, *_) in tables.items():
        body_rows = "".join(text for _, text in sorted(rows[name]))
        (folder / "tables" / name).write_text(head + body_rows, encoding="utf-8")
    graphs = dict(manifest.graphs)
    for entry in manifest.disclosures:
        del graphs[entry.graph]
    for file in graphs.values():
        shutil.copyfile(release.graphs / file, folder / "graphs" / file)
    (folder / "graphs" / manifest.graphs[release.leaves_graph]).write_text(
        "".join(sorted(copied)), encoding="utf-8"
    )
    graphs |= {entry.graph: entry.graph_file for entry in entries}
    entries.sort(key=lambda entry: entry.iri)
    many = replace(manifest, disclosures=tuple(entries), graphs=graphs)
    catalogue = catalogue_graph(many, folder / "graphs")
    (folder / "graphs" / "catalogue.nq").write_text("".join(catalogue.lines), encoding="utf-8")
    many = replace(many, triples=catalogue.triples)
    (folder / "release.json").write_text(many.to_json(), encoding="utf-8")


def _copies(
    release: Release, times: int
) -> Iterator[tuple[DisclosureEntry, DisclosureEntry, Callable[[str], str]]]:
    """Each disclosure, a copy of it, and what puts the copy's names in the place of the original's."""
    for entry in release.manifest.disclosures:
        for number in range(times):
            pairs = [(_body(release, entry), f"{_body(release, entry)}-{number:04}")]
            pairs.append((entry.department_name, f"{entry.department_name}{number}"))
            sources = []
            for source in entry.sources:
                sha256 = hashlib.sha256(f"{source.sha256} {number}".encode()).hexdigest()
                pairs += [(source.sha256, sha256), (source.sha256[:12], sha256[:12])]
                sources.append(SourceEntry(sha256, source.file_name))

            def renamed(text: str, pairs: list[tuple[str, str]] = pairs) -> str:
                for old, new in pairs:
                    text = text.replace(old, new)
                return text

            other = replace(
                entry,
                iri=renamed(entry.iri),
                graph=renamed(entry.graph),
                graph_file=f"{number:04}-{entry.graph_file}",
                title=renamed(entry.title),
                department=renamed(entry.department),
                department_name=renamed(entry.department_name),
                source_sha256=sources[0].sha256,
                further_sources=tuple(sources[1:]),
            )
            yield entry, other, renamed


def _body(release: Release, entry: DisclosureEntry) -> str:
    """The division and the department in a disclosure's names."""
    return entry.department.removeprefix(f"{release.manifest.base_uri}id/department/")
