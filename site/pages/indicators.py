"""Performance indicators (绩效指标) and the projects they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from mingzhang.site.book import Book
from mingzhang.site.links import Link, href
from mingzhang.site.money import wan, yuan
from mingzhang.site.namespaces import DCTERMS, MZ
from mingzhang.site.pages.frame import Frame, entity_frame
from mingzhang.site.pages.money import FactRow, fact_row, widest_first
from mingzhang.site.places import spoken
from mingzhang.site.words import Words

_SIGNS = {">=": "≥", "<=": "≤"}
"""What people write for an operator of the graph, where it is not the same."""


@dataclass(frozen=True)
class IndicatorRow:
    href: str
    levels: tuple[str, ...]
    """The three levels of its kind, as printed."""
    printed: str
    target: str
    """What is aimed at, as `≥ 95 %`."""
    weight: str
    line: int
    line_href: str
    where: Words
    """The line, page or cell in words."""


@dataclass(frozen=True)
class IndicatorGroup:
    """The indicators of one project, or of the whole department."""

    project: Link | None
    rows: tuple[IndicatorRow, ...]


@dataclass(frozen=True)
class IndicatorPage:
    frame: Frame
    row: IndicatorRow
    direction: str
    project: Link | None
    disclosure: Link


@dataclass(frozen=True)
class ProjectPage:
    frame: Frame
    department: Link | None
    unit: Link | None
    amount_wan: str
    amount_yuan: str
    facts: tuple[FactRow, ...]
    indicators: tuple[IndicatorRow, ...]


def indicator_row(book: Book, iri: str) -> IndicatorRow:
    graph = book.graph
    place = graph.text(iri, MZ + "place")
    return IndicatorRow(
        href(iri, book.base),
        tuple(text for text in (graph.text(iri, MZ + f"level{level}") for level in (1, 2, 3)) if text),
        graph.text(iri, MZ + "printed"),
        _target(book, iri),
        graph.text(iri, MZ + "weight"),
        graph.integer(iri, MZ + "line"),
        href(place, book.base),
        spoken(place.partition("#")[2]),
    )


def _target(book: Book, iri: str) -> str:
    text = book.graph.text
    operator = text(iri, MZ + "operator")
    parts = (_SIGNS.get(operator, operator), text(iri, MZ + "targetValue"), text(iri, MZ + "measureUnit"))
    return " ".join(part for part in parts if part)


def indicator_groups(book: Book, disclosure: str) -> tuple[IndicatorGroup, ...]:
    graph = book.graph
    groups: dict[str, list[IndicatorRow]] = {}
    for iri in graph.subjects(DCTERMS + "isPartOf", disclosure):
        if graph.is_a(iri, "Indicator"):
            groups.setdefault(graph.text(iri, MZ + "ofProject"), []).append(indicator_row(book, iri))
    return tuple(
        IndicatorGroup(book.link(project) if project else None, _in_order(rows))
        for project, rows in sorted(
            groups.items(), key=lambda item: min((row.line, row.href) for row in item[1])
        )
    )


def _in_order(rows: list[IndicatorRow]) -> tuple[IndicatorRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.line, row.href)))


def indicator_page(book: Book, iri: str) -> IndicatorPage:
    graph = book.graph
    row = indicator_row(book, iri)
    project = graph.text(iri, MZ + "ofProject")
    disclosure = graph.text(iri, DCTERMS + "isPartOf")
    name = row.levels[-1] if row.levels else row.printed
    crumbs = (book.link(disclosure),) + ((book.link(project),) if project else ())
    about = ("绩效目标表中的一项指标。", "One target of a performance form.")
    return IndicatorPage(
        entity_frame(book, iri, "indicator", (f"{name} {row.printed}".strip(), ""), about, crumbs),
        row,
        graph.text(iri, MZ + "direction"),
        book.link(project) if project else None,
        book.link(disclosure),
    )


def project_page(book: Book, iri: str) -> ProjectPage:
    graph = book.graph
    department = graph.text(iri, MZ + "department")
    unit = graph.text(iri, MZ + "budgetUnit")
    amount = graph.number(iri, MZ + "projectAmount")
    link = book.link(department) if department else None
    if link:
        about = (f"{link.zh}的一个项目。", f"A project of {link.en or link.zh}.")
    else:
        about = ("表示不分项目。", "Stands for “no particular project”.")
    facts = (
        [fact for fact in graph.subjects(MZ + "project", iri) if graph.is_a(fact, "Fact")]
        if department
        else []
    )
    return ProjectPage(
        entity_frame(
            book, iri, "project", (graph.name(iri), graph.label(iri, "en")), about, (link,) if link else ()
        ),
        link,
        book.link(unit) if unit else None,
        "" if amount is None else wan(amount),
        "" if amount is None else yuan(amount),
        tuple(fact_row(book, fact) for fact in widest_first(book, facts)),
        _in_order([indicator_row(book, target) for target in graph.subjects(MZ + "ofProject", iri)]),
    )
