"""What holds between disclosures: for a release, written beside them as a graph of its own, rows, a report; for `check`, rows."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mingzhang.cache import Cache
from mingzhang.prepare import read_content
from mingzhang.prepared import Prepared
from mingzhang.release import DisclosureEntry

if TYPE_CHECKING:
    from mingzhang.shapes.between import Published
    from mingzhang.shapes.report import Finding

GRAPH = "graph/findings"
FILE = "findings.nq"
COUNTS = "shapes-between.json"
"""In the reports: rule between disclosures → how many things it looked at."""


def write_findings_between(folder: Path, base_uri: str, entries: Sequence[DisclosureEntry]) -> dict[str, str]:
    """Validates the graphs written to `folder` against one another and writes what is found.

    Returns the graph it wrote and its file, for the manifest; nothing where nothing was found. The graphs of the
    disclosures stay as they are, so that one more disclosure changes no other.
    """
    from mingzhang.ingest.exports import EXPORT_COLUMNS
    from mingzhang.shapes.between import findings_between
    from mingzhang.site.turtle import turtle

    release = [_published(entry, folder / "graphs" / entry.graph_file) for entry in entries]
    between = findings_between(release, base_uri)
    counts = json.dumps(between.focus_counts, indent=1, sort_keys=True) + "\n"
    (folder / "reports" / COUNTS).write_text(counts, encoding="utf-8")
    found = between.findings
    if not found:
        return {}
    quads = quads_between(found, base_uri)
    (folder / "graphs" / FILE).write_text(
        "".join(f"{line}\n" for line in quads), encoding="utf-8", newline="\n"
    )
    with (folder / "reports" / "between.ttl").open("w", encoding="utf-8", newline="\n") as report:
        report.writelines(turtle(_without_graph(quads, base_uri), base_uri))
    with (folder / "tables" / "findings.csv").open("a", encoding="utf-8", newline="") as table:
        rows = csv.DictWriter(table, EXPORT_COLUMNS["findings"], lineterminator="\n")
        rows.writerows(rows_between(found, base_uri))
    return {f"{base_uri}{GRAPH}": FILE}


def found_between(
    prepared: Sequence[Prepared], base_uri: str, cache: Cache
) -> list[tuple[Finding, Published]]:
    """What the rules between disclosures find in disclosures that are not a release (yet)."""
    from mingzhang.shapes.between import findings_between

    if len(prepared) < 2:
        return []
    with tempfile.TemporaryDirectory(prefix="mingzhang-") as folder:
        release = []
        for number, one in enumerate(prepared):
            graph = Path(folder) / f"{number}.nq"
            with graph.open("w", encoding="utf-8", newline="\n") as lines:
                lines.writelines(f"{quad}\n" for quad in read_content(one, cache).quads)
            release.append(_published(one.entry, graph))
        return findings_between(release, base_uri).findings


def rows_between(found: Sequence[tuple[Finding, Published]], base_uri: str) -> list[dict[str, str]]:
    """The findings as rows of the `findings` export."""
    from mingzhang.ingest.exports import finding_row
    from mingzhang.shapes.runner import finding_iri, source_sha12

    return [
        finding_row(place.file_name, finding_iri(finding, source_sha12(finding, base_uri), base_uri), finding)
        for finding, place in found
    ]


def triples_between(found: Sequence[tuple[Finding, Published]], base_uri: str) -> set[str]:
    """The triples about these findings, as N-Triples without the closing dot."""
    return set(_without_graph(quads_between(found, base_uri), base_uri))


def quads_between(found: Sequence[tuple[Finding, Published]], base_uri: str) -> list[str]:
    """The findings as sorted N-Quads lines of the graph `{base}graph/findings`."""
    from mingzhang.shapes.runner import quads_of_findings

    about = ((finding, place.iri) for finding, place in found)
    return list(quads_of_findings(about, f"{base_uri}{GRAPH}", base_uri))


def _without_graph(quads: Sequence[str], base_uri: str) -> list[str]:
    return [line.removesuffix(f" <{base_uri}{GRAPH}> .") for line in quads]


def _published(entry: DisclosureEntry, graph: Path) -> Published:
    from mingzhang.shapes.between import Published

    return Published(
        iri=entry.iri,
        path=graph,
        department=entry.department,
        year=entry.year,
        sources=tuple(source.sha256[:12] for source in entry.sources),
        file_name=entry.file_name,
    )
