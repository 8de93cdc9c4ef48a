"""Rows of money and of figures, as most pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mingzhang.site.book import Book, is_all
from mingzhang.site.charts import Bar, bar_chart
from mingzhang.site.links import Link, href
from mingzhang.site.money import share, wan, yuan
from mingzhang.site.namespaces import MZ, QB, SKOS, local_name
from mingzhang.site.words import DIMENSIONS, Words, either


@dataclass(frozen=True)
class MoneyRow:
    """One line of a table of amounts."""

    name: Link
    code: str
    amount_wan: str
    """In 万元, with separators."""
    amount_yuan: str
    share: str
    """Of the table's total, with a percent sign; "" where it makes no sense."""
    href: str = ""
    """The fact's page, where the row is one fact."""
    level: int = 0
    """How deep in the code tree, from 0."""
    facts: int = 1


@dataclass(frozen=True)
class Composition:
    """Parts of one total, as a chart and as the table beside it."""

    key: str
    title_zh: str
    title_en: str
    chart: str
    """SVG; "" where there is nothing to draw."""
    rows: tuple[MoneyRow, ...]
    total_wan: str
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class FactRow:
    """A fact in a list: what it is about and how much."""

    href: str
    disclosure: Link
    year: str
    phase: Link
    flow: Link
    parts: tuple[Link, ...]
    """The values of the dimensions along which it is a part; empty for a total."""
    amount_wan: str
    certainty: str
    figures: int


@dataclass(frozen=True)
class FigureRow:
    """A figure in a list: as printed, where, and how sure its column is."""

    href: str
    token: str
    unit: str
    row_label: str
    column: str
    table: Link | None
    line: int
    line_href: str
    certainty: str
    """Local name of the certainty, "" for figures in prose."""
    disclosure: Link | None = None


def fact_row(book: Book, fact: str) -> FactRow:
    graph = book.graph
    return FactRow(
        href(fact, book.base),
        book.link(graph.text(fact, QB + "dataSet")),
        graph.text(fact, MZ + "fiscalYear"),
        book.link(graph.text(fact, MZ + "phase")),
        book.link(graph.text(fact, MZ + "flow")),
        tuple(_part(book, fact, name) for name in book.broken_down(fact)),
        wan(book.amount_yuan(fact)),
        local_name(graph.text(fact, MZ + "certainty")),
        len(graph.texts(fact, MZ + "statedBy")),
    )


def _part(book: Book, fact: str, dimension: str) -> Link:
    value = book.graph.text(fact, MZ + dimension)
    return book.link(value, code(book, value))


def figure_row(book: Book, figure: str, with_disclosure: bool = False) -> FigureRow:
    graph = book.graph
    table = graph.text(figure, MZ + "inTable")
    column = graph.text(figure, MZ + "columnPath")
    disclosure = graph.text(table or figure, "http://purl.org/dc/terms/isPartOf")
    return FigureRow(
        href(figure, book.base),
        graph.text(figure, MZ + "token"),
        graph.text(figure, MZ + "printedUnit"),
        graph.text(figure, MZ + "rowLabel") or graph.text(figure, MZ + "claimSubject"),
        column,
        book.link(table) if table else None,
        graph.integer(figure, MZ + "line"),
        href(graph.text(figure, MZ + "place"), book.base),
        local_name(graph.text(figure, MZ + "certainty")),
        book.link(disclosure) if with_disclosure and disclosure else None,
    )


def figure_rows(book: Book, figures: Iterable[str], with_disclosure: bool = False) -> tuple[FigureRow, ...]:
    """Figures in the order of the page."""
    rows = [figure_row(book, figure, with_disclosure) for figure in figures]
    return tuple(sorted(rows, key=lambda row: (row.line_href.split("#")[0], row.line, row.href)))


def code(book: Book, concept: str) -> str:
    """A classification code's digits, "" for concepts that are no codes."""
    notation = book.graph.text(concept, SKOS + "notation")
    return notation if notation.isdigit() else ""


def label_parts(book: Book, fact: str) -> Words:
    """A fact in words, Chinese and English: body, year, phase, flow and what part of it."""
    graph = book.graph
    iris = [graph.text(fact, MZ + "department")]
    iris += [graph.text(fact, MZ + name) for name in ("phase", "flow")]
    iris += [graph.text(fact, MZ + name) for name in book.broken_down(fact)]
    year = graph.text(fact, MZ + "fiscalYear")
    zh = [graph.name(iri) for iri in iris]
    en = [graph.label(iri, "en") or graph.name(iri) for iri in iris]
    zh.insert(1, f"{year}年")
    en.insert(1, year)
    return " · ".join(zh), " · ".join(en)


def roll_up(book: Book, facts: Sequence[str], dimension: str, depth: int) -> dict[str, Decimal]:
    """Amounts in yuan by the concept `depth` levels below the top of the code list (0 = top)."""
    sums: dict[str, Decimal] = {}
    for fact in facts:
        chain = book.ancestors(book.graph.text(fact, MZ + dimension))
        concept = chain[min(depth, len(chain) - 1)]
        sums[concept] = sums.get(concept, Decimal(0)) + book.amount_yuan(fact)
    return sums


def composition(
    book: Book, key: str, title: Words, sums: dict[str, Decimal], total: Decimal | None = None
) -> Composition | None:
    """A chart and a table of parts, largest first. None where there are fewer than one part.

    `total` is the printed total; where the parts do not reach it, a note says so.
    """
    if not sums:
        return None
    added = sum(sums.values(), Decimal(0))
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    rows = tuple(
        MoneyRow(book.link(iri), code(book, iri), wan(amount), yuan(amount), share(amount, added))
        for iri, amount in ordered
    )
    bars = [Bar(book.graph.name(iri), amount) for iri, amount in ordered]
    zh, en = title
    spoken = "；".join(f"{bar.label} {wan(bar.amount_yuan)} 万元" for bar in bars)
    note = _difference(added, total)
    return Composition(key, zh, en, bar_chart(bars, zh, spoken, key), rows, wan(added), *note)


def _difference(added: Decimal, total: Decimal | None) -> Words:
    if total is None or added == total:
        return "", ""
    return (
        f"各部分相加 {wan(added)} 万元，印出的总计是 {wan(total)} 万元，相差 {wan(total - added)} 万元。",
        f"The parts add up to {wan(added)}, the printed total is {wan(total)}; the difference is {wan(total - added)}.",
    )


def dimension_name(dimension: str) -> Words:
    return either(DIMENSIONS, dimension)


def is_breakdown(value: str) -> bool:
    """Whether a dimension's value says something narrower than “all”."""
    return bool(value) and not is_all(value)
