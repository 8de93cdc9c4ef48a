"""A release looked at as a stranger would: does it hold what its manifest says, byte for byte?"""

from __future__ import annotations

import csv
from pathlib import Path

import pyoxigraph as ox

from mingzhang.errors import ReleaseError
from mingzhang.findings_between import FILE
from mingzhang.fingerprint import sha256_of
from mingzhang.release import Release

_ROWS_OF = {"figures": "figures", "indicators": "indicators", "claims": "claims", "findings": "findings"}


def verify_release(release: Release) -> None:
    """Checks graphs, sources, tables and dumps against the manifest. Raises ReleaseError at the first fault."""
    for graph, name in release.manifest.graphs.items():
        _verify_graph(release.graphs / name, graph)
    for entry in (source for disclosure in release.manifest.disclosures for source in disclosure.sources):
        if entry.sha256 in release.manifest.source_urls:
            continue  # its publisher has it
        source = release.sources / entry.sha256
        if not source.is_file() or sha256_of(source) != entry.sha256:
            raise ReleaseError(
                f"{source}: the source of {entry.file_name} is missing or changed; build again"
            )
    for kind, counted in _ROWS_OF.items():
        _verify_rows(release, kind, counted)
    verify_checksums(release.dumps)
    if not (release.site / "index.html").is_file():
        raise ReleaseError(f"{release.site}: the front page is missing; build again")


def verify_checksums(folder: Path) -> int:
    """How many files `SHA256SUMS` vouches for. Raises ReleaseError where one is missing or differs."""
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        raise ReleaseError(f"{sums}: missing; build again")
    lines = sums.read_text(encoding="utf-8").splitlines()
    for line in lines:
        expected, _, name = line.partition("  ")
        if not (folder / name).is_file() or sha256_of(folder / name) != expected:
            raise ReleaseError(
                f"{folder / name}: missing, or not the bytes that SHA256SUMS names; build again"
            )
    return len(lines)


def _verify_graph(path: Path, graph: str) -> None:
    """Every line parses, and stands in the graph that the manifest says."""
    try:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS):
            if str(quad.graph_name) != f"<{graph}>":
                raise ReleaseError(f"{path}: holds a quad of {quad.graph_name}; build again")
    except (SyntaxError, OSError) as error:
        raise ReleaseError(f"{path}: not the N-Quads it should be ({error}); build again") from error


def _findings_between(release: Release) -> int:
    """How many findings are about several disclosures together; they stand in a graph of their own."""
    path = release.graphs / FILE
    if FILE not in release.manifest.graphs.values():
        return 0
    with path.open(encoding="utf-8") as lines:
        return sum(1 for line in lines if "/ontology#rule> " in line)


def _verify_rows(release: Release, kind: str, counted: str) -> None:
    path = release.tables / f"{kind}.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = sum(1 for _ in csv.DictReader(handle))
    stated = sum(entry.counts[counted] for entry in release.manifest.disclosures)
    if kind == "findings":
        stated += _findings_between(release)
    if rows != stated:
        raise ReleaseError(
            f"{path}: {rows} rows, but the graphs hold {stated} {kind}; this is a fault of Mingzhang"
        )
