"""Who published what, for which year, and what is missing: of the disclosures, and of each the forms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mingzhang.release import DisclosureEntry
from mingzhang.site.book import Book
from mingzhang.site.links import Link, href
from mingzhang.site.namespaces import DCTERMS, MZ
from mingzhang.site.pages.disclosures import DisclosureRow, disclosure_row, disclosures_link
from mingzhang.site.pages.frame import Frame, plain_frame
from mingzhang.site.words import BUDGET_KINDS, either

FULL, EMPTY, ABSENT = "full", "empty", "absent"
"""A form of a disclosure: with amounts, published empty, or not found in it."""


@dataclass(frozen=True)
class FormsRow:
    """A disclosure, and for each form whether it has it."""

    disclosure: Link
    cells: tuple[tuple[str, str], ...]
    """State (`FULL`, `EMPTY` or `ABSENT`), and the table's page."""
    unknown: int
    """Tables whose form was not recognised."""


@dataclass(frozen=True)
class CoveragePage:
    frame: Frame
    years: tuple[int, ...]
    departments: tuple[tuple[Link, Link, tuple[tuple[Link, ...], ...]], ...]
    """Division, department, and for each of the years its disclosures."""
    forms: tuple[Link, ...]
    """The forms that some disclosure of this release has."""
    rows: tuple[FormsRow, ...]
    read: tuple[DisclosureRow, ...]
    """How much of each disclosure was read."""


def coverage_page(book: Book) -> CoveragePage:
    entries = book.manifest.disclosures
    years = tuple(sorted({entry.year for entry in entries}))
    departments = sorted({(entry.division, entry.department) for entry in entries})
    forms, rows = _forms(book, entries)
    about = (
        f"{len(departments)} 个部门，{len(entries)} 份公开文件，{len(years)} 个年度。空格表示本次发布没有收到。",
        f"{len(departments)} departments, {len(entries)} disclosures, {len(years)} years. A blank: not in this release.",
    )
    return CoveragePage(
        plain_frame(book, "/coverage/", ("谁公布了什么", "Coverage"), about, crumbs=(disclosures_link(),)),
        years,
        tuple(
            (_division(book, division), book.link(department), _by_year(book, entries, department, years))
            for division, department in departments
        ),
        book.links(forms),
        rows,
        tuple(disclosure_row(book, entry) for entry in entries),
    )


def coverage_link() -> Link:
    return Link("/coverage/", "谁公布了什么", "Coverage")


def _division(book: Book, code: str) -> Link:
    iri = f"{book.base}id/division/{code}"
    return book.link(iri) if iri in book.graph.about else Link("", code)


def _by_year(
    book: Book, entries: Iterable[DisclosureEntry], department: str, years: tuple[int, ...]
) -> tuple[tuple[Link, ...], ...]:
    own = [entry for entry in entries if entry.department == department]
    return tuple(
        tuple(
            Link(href(entry.iri, book.base), *either(BUDGET_KINDS, entry.kind))
            for entry in own
            if entry.year == year
        )
        for year in years
    )


def _forms(book: Book, entries: Iterable[DisclosureEntry]) -> tuple[tuple[str, ...], tuple[FormsRow, ...]]:
    """The forms in use, in the order in which disclosures print them, and each disclosure's."""
    graph = book.graph
    first: dict[str, int] = {}
    found: dict[str, dict[str, tuple[str, str]]] = {}
    unknown: dict[str, int] = {}
    for entry in entries:
        own = found.setdefault(entry.iri, {})
        tables = [iri for iri in graph.subjects(DCTERMS + "isPartOf", entry.iri) if graph.is_a(iri, "Table")]
        for table in tables:
            form = graph.text(table, MZ + "form")
            if not form:
                unknown[entry.iri] = unknown.get(entry.iri, 0) + 1
                continue
            number = graph.integer(table, MZ + "tableNumber")
            first[form] = min(first.get(form, number), number)
            state = EMPTY if graph.text(table, MZ + "publishedEmpty") in ("true", "1") else FULL
            if own.get(form, (EMPTY, ""))[0] == EMPTY:
                own[form] = (state, href(table, book.base))
    forms = tuple(sorted(first, key=lambda form: (first[form], form)))
    rows = tuple(
        FormsRow(
            book.link(entry.iri),
            tuple(found[entry.iri].get(form, (ABSENT, "")) for form in forms),
            unknown.get(entry.iri, 0),
        )
        for entry in entries
    )
    return forms, rows
