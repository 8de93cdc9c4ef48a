"""Rules between disclosures: what passes, what is found, and that both engines find the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph

from mingzhang.findings_between import write_findings_between
from mingzhang.ontology import namespaces as ns
from mingzhang.release import DisclosureEntry
from mingzhang.shapes.between import Published, findings_between
from mingzhang.shapes.catalogue import RELEASE_FOLDERS, load_catalogue
from mingzhang.shapes.context import data_graph
from mingzhang.shapes.runner import report_of, run

BASE = "http://example.org/"
DIMENSIONS = {
    "fundSource": "id/fund-source/all",
    "functionalClass": "id/code/functional/all",
    "departmentEconomicClass": "id/code/dept-economic/all",
    "governmentEconomicClass": "id/code/gov-economic/all",
    "expenditureKind": "id/expenditure-kind/all",
    "threePublicItem": "id/three-public/not-applicable",
    "project": "id/project/all",
}


@dataclass(frozen=True)
class Fact:
    """One fact of a made disclosure, printed once. `values` are dimensions that differ from “all expenditure”."""

    token: str
    year: int
    phase: str
    flow: str = "expenditure"
    unit: str = ""
    values: tuple[tuple[str, str], ...] = ()


def term(value: str) -> str:
    return f"<{value if value.startswith('http') else BASE + value}>"


def made(
    folder: Path, body: str, year: int, kind: str, number: int, facts: list[Fact], code: str = ""
) -> Published:
    """A disclosure of a body with these facts, written as a graph."""
    sha12 = f"{number:012x}"
    department, disclosure = f"id/department/510824/{body}", f"id/disclosure/510824/{body}/{year}-{kind}"
    unit = f"{department}/unit/{code}"
    lines = [
        (department, f"{ns.SKOS}prefLabel", f'"{body}"@zh'),
        (department, f"{ns.MZ}division", term("id/division/510824")),
        (disclosure, f"{ns.MZ}fiscalYear", f'"{year}"^^<{ns.XSD}gYear>'),
    ]
    if code:
        lines += [
            (unit, f"{ns.RDF}type", term(f"{ns.MZ}BudgetUnit")),
            (unit, f"{ns.MZ}unitCode", f'"{code}"'),
            (unit, f"{ns.SKOS}prefLabel", '"示例中心"@zh'),
            (unit, f"{ns.ORG}unitOf", term(department)),
        ]
    for n, fact in enumerate(facts, 1):
        iri, figure = f"id/fact/510824/{body}/{year}-{kind}/{n}", f"id/figure/{sha12}/l{n}n1"
        values = DIMENSIONS | {
            "flow": f"id/flow/{fact.flow}",
            "phase": f"id/phase/{fact.phase}",
            "department": department,
        }
        values |= {"budgetUnit": unit if fact.unit else "id/unit/all"} | dict(fact.values)
        yuan = f"{Decimal(fact.token) * 10_000:.1f}"
        lines += [(iri, f"{ns.MZ}{name}", term(value)) for name, value in values.items()]
        lines += [
            (iri, f"{ns.RDF}type", term(f"{ns.MZ}Fact")),
            (iri, f"{ns.RDFS}label", '"支出：总计"@zh'),
            (iri, f"{ns.QB}dataSet", term(disclosure)),
            (iri, f"{ns.MZ}fiscalYear", f'"{fact.year}"^^<{ns.XSD}gYear>'),
            (iri, f"{ns.MZ}amount", f'"{yuan}"^^<{ns.XSD}decimal>'),
            (iri, f"{ns.MZ}statedBy", term(figure)),
            (figure, f"{ns.MZ}inTable", term(f"id/table/{sha12}/1")),
            (figure, f"{ns.MZ}figureAmount", f'"{yuan}"^^<{ns.XSD}decimal>'),
            (figure, f"{ns.MZ}value", f'"{fact.token}"^^<{ns.XSD}decimal>'),
            (figure, f"{ns.MZ}token", f'"{fact.token}"'),
            (figure, f"{ns.MZ}printedUnit", '"万元"'),
            (figure, f"{ns.MZ}line", f'"{n}"^^<{ns.XSD}integer>'),
        ]
    path = folder / f"{body}-{year}-{kind}.nq"
    text = "".join(f"{term(s)} <{p}> {o} <{BASE}graph/{disclosure}> .\n" for s, p, o in sorted(lines))
    path.write_text(text, encoding="utf-8")
    return Published(f"{BASE}{disclosure}", path, f"{BASE}{department}", year, (sha12,), f"{number}.txt")


CARRIED = (("fundSource", "id/fund-source/carryover"),)
FORWARD = (("expenditureKind", "id/expenditure-kind/carried-forward"),)


def two_years(
    folder: Path, now: Fact, before: Fact, kinds: tuple[str, str] = ("budget", "budget")
) -> list[Published]:
    return [
        made(folder, "caizheng-ju", 2024, kinds[0], 1, [now]),
        made(folder, "caizheng-ju", 2023, kinds[1], 2, [before]),
    ]


def found(release: list[Published]) -> list[tuple[str, str, Decimal | None, str]]:
    return [
        (one.rule, one.severity, one.difference, place.iri.rsplit("/", 1)[-1])
        for one, place in findings_between(release, BASE).findings
    ]


@pytest.mark.parametrize(
    ("printed_again", "expected"), [("10.20", []), ("9.80", [Decimal("-0.4")]), ("10.2", [])]
)
def test_last_years_budget_is_what_last_year_printed(
    tmp_path: Path, printed_again: str, expected: list[Decimal]
) -> None:
    release = two_years(tmp_path, Fact(printed_again, 2023, "prior"), Fact("10.20", 2023, "initial"))

    assert found(release) == [
        ("year-on-year", "Warning", difference, "2024-budget") for difference in expected
    ]


def test_a_budget_of_another_unit_or_source_is_not_compared(tmp_path: Path) -> None:
    other = Fact("9.80", 2023, "prior", values=(("fundSource", "id/fund-source/fiscal"),))

    assert found(two_years(tmp_path, other, Fact("10.20", 2023, "initial"))) == []


@pytest.mark.parametrize(("carried_over", "expected"), [("3.00", []), ("3.50", [Decimal("0.5")])])
def test_money_carried_over_is_what_the_accounts_before_carried_forward(
    tmp_path: Path, carried_over: str, expected: list[Decimal]
) -> None:
    now = Fact(carried_over, 2024, "initial", "revenue", values=CARRIED)
    before = Fact("3.00", 2023, "final", values=FORWARD)

    release = two_years(tmp_path, now, before, ("budget", "final"))

    assert found(release) == [("carried-over", "Info", difference, "2024-budget") for difference in expected]


@pytest.mark.parametrize(("other_code", "count"), [("318001", 1), ("318002", 0)])
def test_a_unit_stands_under_one_department(tmp_path: Path, other_code: str, count: int) -> None:
    fact = Fact("5.00", 2024, "initial", unit="own")
    release = [
        made(tmp_path, "caizheng-ju", 2024, "budget", 1, [fact], "318001"),
        made(tmp_path, "yibao-ju", 2024, "budget", 2, [fact], other_code),
    ]

    assert [rule for rule, *_ in found(release)] == ["unit-of-two-departments"] * count


def test_a_unit_that_moved_to_another_department_is_no_finding(tmp_path: Path) -> None:
    release = [
        made(
            tmp_path, "caizheng-ju", 2023, "budget", 1, [Fact("5.00", 2023, "initial", unit="own")], "318001"
        ),
        made(tmp_path, "yibao-ju", 2024, "budget", 2, [Fact("5.00", 2024, "initial", unit="own")], "318001"),
    ]

    assert found(release) == []


def test_both_engines_find_the_same_between_disclosures(tmp_path: Path) -> None:
    release = [
        made(
            tmp_path,
            "caizheng-ju",
            2024,
            "budget",
            1,
            [
                Fact("9.80", 2023, "prior"),
                Fact("3.50", 2024, "initial", "revenue", values=CARRIED),
                Fact("5.00", 2024, "initial", unit="own"),
            ],
            "318001",
        ),
        made(tmp_path, "caizheng-ju", 2023, "final", 2, [Fact("3.00", 2023, "final", values=FORWARD)]),
        made(tmp_path, "caizheng-ju", 2023, "budget", 3, [Fact("10.20", 2023, "initial")]),
        made(tmp_path, "yibao-ju", 2024, "budget", 4, [Fact("5.00", 2024, "initial", unit="own")], "318001"),
    ]
    data = data_graph(b"".join(one.path.read_bytes() for one in release), BASE)
    catalogue = load_catalogue(BASE, RELEASE_FOLDERS)

    _, results, _ = pyshacl.validate(
        Graph().parse(data=data.ntriples, format="nt"), shacl_graph=catalogue.graph, inference="none"
    )
    assert isinstance(results, Graph)
    by_pyshacl, ours = report_of(results, catalogue, data), run(data, BASE, RELEASE_FOLDERS)

    assert {finding.rule for finding in ours.findings} == set(catalogue.rules)
    assert [(f.rule, f.focus, f.figures, f.difference) for f in by_pyshacl.findings] == [
        (f.rule, f.focus, f.figures, f.difference) for f in ours.findings
    ]
    assert [rule for rule, *_ in found(release)].count("year-on-year") == 1


def test_what_is_found_is_written_beside_the_disclosures_and_changes_none_of_them(tmp_path: Path) -> None:
    for name in ("graphs", "tables", "reports"):
        (tmp_path / name).mkdir()
    (tmp_path / "tables" / "findings.csv").write_text("document,line\n", encoding="utf-8")
    release = two_years(tmp_path / "graphs", Fact("9.80", 2023, "prior"), Fact("10.20", 2023, "initial"))
    before = [one.path.read_bytes() for one in release]
    entries = [
        DisclosureEntry(
            iri=one.iri,
            graph=one.iri,
            graph_file=one.path.name,
            title="",
            department=one.department,
            department_name="",
            division="510824",
            division_name="",
            year=one.year,
            kind="budget",
            source_sha256=one.sources[0],
            file_name=one.file_name,
            counts={},
        )
        for one in release
    ]

    graphs = write_findings_between(tmp_path, BASE, entries)

    assert graphs == {f"{BASE}graph/findings": "findings.nq"}
    written = (tmp_path / "graphs" / "findings.nq").read_text(encoding="utf-8")
    assert all(line.endswith(f" <{BASE}graph/findings> .") for line in written.splitlines())
    assert f"<{BASE}id/disclosure/510824/caizheng-ju/2024-budget>" in written
    rows = (tmp_path / "tables" / "findings.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[:5] for row in rows[1:]] == [["1.txt", "1", "year-on-year", "Warning", "-0.4"]]
    assert "year-on-year" in (tmp_path / "reports" / "between.ttl").read_text(encoding="utf-8")
    assert [one.path.read_bytes() for one in release] == before
    looked_at = json.loads((tmp_path / "reports" / "shapes-between.json").read_text(encoding="utf-8"))
    assert looked_at["year-on-year"] > 0
    assert write_findings_between(tmp_path, BASE, entries[:1]) == {}


def test_every_rule_between_disclosures_is_described() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "shapes.md"

    for rule in load_catalogue(BASE, RELEASE_FOLDERS).rules:
        assert f"| `{rule}` |" in page.read_text(encoding="utf-8")
