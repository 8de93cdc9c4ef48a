"""The pages about who published: departments, their units, and the divisions they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mingzhang.site.book import Book, own_period
from mingzhang.site.links import Link
from mingzhang.site.namespaces import MZ, ORG, QB, SKOS, local_name
from mingzhang.site.pages.disclosures import (
    DisclosureRow,
    by_year,
    departments_link,
    disclosure_compositions,
    disclosure_findings,
    disclosure_row,
)
from mingzhang.site.pages.findings import FindingRow, finding_row
from mingzhang.site.pages.frame import Frame, entity_frame, plain_frame
from mingzhang.site.pages.money import (
    FACTS_SHOWN,
    Composition,
    FactRow,
    composition,
    fact_row,
    widest_first,
)


@dataclass(frozen=True)
class DepartmentPage:
    frame: Frame
    division: Link
    disclosures: tuple[DisclosureRow, ...]
    by_year: Composition | None
    compositions: tuple[Composition, ...]
    units: tuple[Link, ...]
    projects: tuple[Link, ...]
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True)
class UnitPage:
    frame: Frame
    department: Link | None
    code: str
    compositions: tuple[Composition, ...]
    disclosures: tuple[Link, ...]
    projects: tuple[Link, ...]
    facts: tuple[FactRow, ...]
    """The widest ones; `facts_total` says how many there are."""
    facts_total: int


@dataclass(frozen=True)
class DivisionPage:
    frame: Frame
    code: str
    parent: Link | None
    children: tuple[Link, ...]
    departments: tuple[Link, ...]
    """Those of the places it contains too; so with the disclosures."""
    disclosures: tuple[DisclosureRow, ...]


@dataclass(frozen=True)
class DepartmentsPage:
    frame: Frame
    places: tuple[tuple[Link, tuple[Link, ...]], ...]
    """Division → its departments."""


def department_page(book: Book, iri: str) -> DepartmentPage:
    graph = book.graph
    division = book.link(graph.text(iri, MZ + "division"))
    entries = [entry for entry in book.manifest.disclosures if entry.department == iri]
    rows = tuple(disclosure_row(book, entry) for entry in entries)
    en = graph.label(iri, "en")
    about_zh = f"{division.zh}的政府部门，本站收有它的 {len(rows)} 份预算公开。"
    about_en = f"A government department of {division.en or division.zh}, with {len(rows)} disclosure{'s' if len(rows) != 1 else ''} here."
    units = graph.subjects(ORG + "unitOf", iri)
    projects = [
        project for project in graph.subjects(MZ + "department", iri) if graph.is_a(project, "Project")
    ]
    latest = max(entries, key=lambda entry: (entry.year, entry.iri), default=None)
    return DepartmentPage(
        entity_frame(
            book,
            iri,
            "department",
            (graph.name(iri), en),
            (about_zh, about_en),
            (departments_link(), division),
        ),
        division,
        rows,
        by_year(book, entries),
        disclosure_compositions(book, latest.iri) if latest else (),
        book.links(sorted(units)),
        book.links(sorted(projects, key=lambda project: (graph.name(project), project))),
        tuple(
            finding_row(book, finding)
            for entry in entries
            for finding in disclosure_findings(book, entry.iri)
        ),
    )


def unit_page(book: Book, iri: str) -> UnitPage:
    graph = book.graph
    department = graph.text(iri, ORG + "unitOf")
    facts = [fact for fact in graph.subjects(MZ + "budgetUnit", iri) if graph.is_a(fact, "Fact")]
    link = book.link(department) if department else None
    if link:
        about = (f"{link.zh}的预算单位。", f"A budget unit of {link.en or link.zh}.")
    else:
        about = ("表示部门的全部预算单位。", "Stands for all budget units of a department.")
    sums: dict[str, Decimal] = {}
    for fact in facts:
        if book.broken_down(fact) == ("budgetUnit",):
            disclosure = graph.text(fact, QB + "dataSet")
            if book.flow(fact) == "expenditure" and own_period(graph, fact, disclosure):
                sums[disclosure] = book.amount_yuan(fact)
    part = composition(book, "unit", ("支出总计", "Total expenditure"), sums)
    return UnitPage(
        entity_frame(
            book, iri, "unit", (graph.name(iri), graph.label(iri, "en")), about, (link,) if link else ()
        ),
        link,
        graph.text(iri, MZ + "unitCode"),
        (part,) if part else (),
        book.links(sorted({graph.text(fact, QB + "dataSet") for fact in facts})) if link else (),
        book.links(
            sorted(body for body in graph.subjects(MZ + "budgetUnit", iri) if graph.is_a(body, "Project"))
        )
        if link
        else (),
        tuple(fact_row(book, fact) for fact in widest_first(book, facts)[:FACTS_SHOWN]) if link else (),
        len(facts),
    )


def division_page(book: Book, iri: str) -> DivisionPage:
    graph = book.graph
    parent = graph.text(iri, SKOS + "broader")
    below = _below(book, iri)
    departments = [
        body
        for place in below
        for body in graph.subjects(MZ + "division", place)
        if graph.is_a(body, "Department")
    ]
    codes = {local_name(place) for place in below}
    entries = [entry for entry in book.manifest.disclosures if entry.division in codes]
    about = (
        f"GB/T 2260 行政区划，代码 {local_name(iri)}。",
        f"Administrative division {local_name(iri)} of GB/T 2260.",
    )
    return DivisionPage(
        entity_frame(
            book, iri, "division", (graph.name(iri), graph.label(iri, "en")), about, (departments_link(),)
        ),
        local_name(iri),
        book.link(parent) if parent else None,
        book.links(sorted(graph.subjects(SKOS + "broader", iri))),
        book.links(sorted(departments)),
        tuple(disclosure_row(book, entry) for entry in entries),
    )


def _below(book: Book, division: str) -> list[str]:
    """A division and all it contains, from the top down."""
    found = [division]
    for place in found:
        found += [
            child for child in sorted(book.graph.subjects(SKOS + "broader", place)) if child not in found
        ]
    return found


def departments_page(book: Book) -> DepartmentsPage:
    places: dict[str, list[str]] = {}
    for department in book.graph.instances("Department"):
        places.setdefault(book.graph.text(department, MZ + "division"), []).append(department)
    frame = plain_frame(
        book,
        "/doc/department.html",
        ("部门", "Departments"),
        ("按行政区划排列。", "By administrative division."),
    )
    return DepartmentsPage(
        frame, tuple((book.link(place), book.links(found)) for place, found in sorted(places.items()))
    )
