"""What holds between the disclosures of a release, written beside them: a graph of its own, rows, a report."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from mingzhang.release import DisclosureEntry

GRAPH = "graph/findings"
FILE = "findings.nq"


def write_findings_between(folder: Path, base_uri: str, entries: Sequence[DisclosureEntry]) -> dict[str, str]:
    """Validates the graphs written to `folder` against one another and writes what is found.

    Returns the graph it wrote and its file, for the manifest; nothing where nothing was found. The graphs of the
    disclosures stay as they are, so that one more disclosure changes no other.
    """
    from mingzhang.ingest.exports import EXPORT_COLUMNS, number
    from mingzhang.shapes.between import Published, findings_between
    from mingzhang.shapes.runner import finding_iri, quads_of_findings, source_sha12
    from mingzhang.site.turtle import turtle

    release = [
        Published(
            iri=entry.iri,
            path=folder / "graphs" / entry.graph_file,
            department=entry.department,
            year=entry.year,
            sources=tuple(source.sha256[:12] for source in entry.sources),
            file_name=entry.file_name,
        )
        for entry in entries
    ]
    found = findings_between(release, base_uri)
    if not found:
        return {}
    graph = f"{base_uri}{GRAPH}"
    quads = list(quads_of_findings(((finding, place.iri) for finding, place in found), graph, base_uri))
    (folder / "graphs" / FILE).write_text(
        "".join(f"{line}\n" for line in quads), encoding="utf-8", newline="\n"
    )
    with (folder / "reports" / "between.ttl").open("w", encoding="utf-8", newline="\n") as report:
        report.writelines(turtle((line.removesuffix(f" <{graph}> .") for line in quads), base_uri))
    with (folder / "tables" / "findings.csv").open("a", encoding="utf-8", newline="") as table:
        rows = csv.DictWriter(table, EXPORT_COLUMNS["findings"], lineterminator="\n")
        for finding, place in found:
            rows.writerow(
                {
                    "document": place.file_name,
                    "line": "" if finding.line is None else str(finding.line),
                    "rule": finding.rule,
                    "severity": finding.severity,
                    "difference": number(finding.difference),
                    "message_zh": finding.message_zh,
                    "message_en": finding.message_en,
                    "figures": " ".join(finding.figures),
                    "finding": finding_iri(finding, source_sha12(finding, base_uri), base_uri),
                }
            )
    return {graph: FILE}
