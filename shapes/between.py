"""Rules between disclosures: last year's figures printed again, money carried over, one unit under two departments.

Run over a release, after each disclosure has been validated by itself. Only disclosures that have something to do with
one another meet: those of one department and two years running, and those of departments that name the same unit. So
the cost grows with the number of disclosures.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from mingzhang.ontology import namespaces as ns
from mingzhang.shapes.catalogue import RELEASE_FOLDERS
from mingzhang.shapes.context import data_graph
from mingzhang.shapes.runner import Finding, run, source_sha12

_UNIT_CODE = f"<{ns.MZ}unitCode>"
_UNIT_LINE = re.compile(r"<[^>]*id/department/([0-9]+)/([^/>]+)/unit/[^>]*> \S+ (\"[^\"]*\")")
_NEEDED_NAMES = (
    *(
        "department",
        "division",
        "fiscalYear",
        "phase",
        "unitCode",
        "budgetUnit",
        "flow",
        "fundSource",
        "project",
    ),
    *("functionalClass", "departmentEconomicClass", "governmentEconomicClass", "expenditureKind"),
    *(
        "threePublicItem",
        "amount",
        "statedBy",
        "inTable",
        "figureAmount",
        "value",
        "token",
        "printedUnit",
        "line",
    ),
)
_NEEDED = frozenset(
    f"<{name}>"
    for name in (
        f"{ns.RDF}type",
        f"{ns.RDFS}label",
        f"{ns.SKOS}prefLabel",
        f"{ns.ORG}unitOf",
        f"{ns.QB}dataSet",
        *(f"{ns.MZ}{name}" for name in _NEEDED_NAMES),
    )
)
"""What the rules ask of a disclosure: about half of its triples."""


@dataclass(frozen=True)
class Published:
    """A disclosure of a release: its IRI, the N-Quads file of its graph, whose it is and of which year."""

    iri: str
    path: Path
    department: str
    """IRI."""
    year: int
    sources: tuple[str, ...]
    """The first 12 hex digits of the SHA-256 of each of its files."""
    file_name: str = ""


@dataclass(frozen=True)
class Between:
    """What the rules between disclosures came to."""

    findings: list[tuple[Finding, Published]]
    """Each with the disclosure that prints the figure in question."""
    focus_counts: Mapping[str, int]
    """Rule → how many things it looked at; none where no two disclosures can be compared."""


def findings_between(release: Sequence[Published], base_uri: str) -> Between:
    """Holds the disclosures of a release against one another."""
    by_source = {sha12: one for one in release for sha12 in one.sources}
    found: set[Finding] = set()
    counts: Counter[str] = Counter()
    for group in (*_two_years(release), *_shared_units(release)):
        report = run(data_graph(_triples(group), base_uri), base_uri, RELEASE_FOLDERS)
        found.update(report.findings)
        counts.update(dict(report.focus_counts))
    placed = [(finding, _printed_in(finding, by_source, base_uri)) for finding in found]
    placed.sort(key=lambda pair: (pair[1].iri, pair[0].line or 0, pair[0].rule, pair[0].focus))
    return Between(placed, counts)


def _printed_in(finding: Finding, by_source: dict[str, Published], base_uri: str) -> Published:
    """The newest of the disclosures whose figures a finding names."""
    sources = {iri.removeprefix(base_uri).split("/")[2] for iri in finding.figures}
    return max(
        (by_source[sha12] for sha12 in sources or {source_sha12(finding, base_uri)}),
        key=lambda p: (p.year, p.iri),
    )


def _two_years(release: Sequence[Published]) -> Iterator[list[Published]]:
    """The disclosures of one department for one year and the year before, where there are both."""
    by_year: defaultdict[tuple[str, int], list[Published]] = defaultdict(list)
    for one in release:
        by_year[one.department, one.year].append(one)
    for (department, year), now in sorted(by_year.items()):
        before = by_year.get((department, year - 1))
        if before:
            yield [*before, *now]


def _shared_units(release: Sequence[Published]) -> Iterator[list[Published]]:
    """Pairs of disclosures of one division and year whose departments name a unit with the same code."""
    found: defaultdict[tuple[str, str, int], dict[str, Published]] = defaultdict(dict)
    for one in release:
        for division, code in _unit_codes(one.path):
            found[division, code, one.year].setdefault(one.department, one)
    pairs = {
        tuple(sorted((one.iri, other.iri)))
        for departments in found.values()
        for one, other in combinations(departments.values(), 2)
    }
    by_iri = {one.iri: one for one in release}
    yield from ([by_iri[iri] for iri in pair] for pair in sorted(pairs))


def _unit_codes(path: Path) -> set[tuple[str, str]]:
    """(division, unit code) of the budget units a graph names."""
    with path.open(encoding="utf-8") as lines:
        named = (_UNIT_LINE.match(line) for line in lines if _UNIT_CODE in line)
        return {(match[1], match[3]) for match in named if match}


def _triples(group: Sequence[Published]) -> bytes:
    """What the rules need of several disclosures, as N-Quads."""
    kept: list[str] = []
    for one in group:
        with one.path.open(encoding="utf-8") as lines:
            kept += [line for line in lines if line.split(" ", 2)[1] in _NEEDED]
    return "".join(kept).encode()
