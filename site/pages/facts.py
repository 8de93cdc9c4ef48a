"""The pages about what is counted: facts, figures, sums, and the lines they stand on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from mingzhang.site.book import Book
from mingzhang.site.links import Link, href
from mingzhang.site.money import wan, yuan
from mingzhang.site.namespaces import DCTERMS, MZ, PROV, QB, local_name
from mingzhang.site.pages.findings import FindingRow, finding_row
from mingzhang.site.pages.frame import Frame, entity_frame
from mingzhang.site.pages.money import (
    FactRow,
    FigureRow,
    fact_row,
    figure_row,
    figure_rows,
    label_parts,
)
from mingzhang.site.source_cells import CellExcerpt, cell_excerpt
from mingzhang.site.source_pages import Excerpt, Source, excerpt
from mingzhang.site.source_text import SourceLine
from mingzhang.site.words import CERTAINTY, DIMENSIONS, RELATIONS, Words, either

_CONTEXT_LINES = 3


@dataclass(frozen=True)
class Certainty:
    """How sure the column of an amount is, in words."""

    name: str
    zh: str
    en: str
    why_zh: str
    why_en: str


@dataclass(frozen=True)
class Dimension:
    zh: str
    en: str
    value: Link
    is_part: bool
    """Whether the value narrows the fact down."""


@dataclass(frozen=True)
class FactPage:
    frame: Frame
    amount_wan: str
    amount_yuan: str
    label_en: str
    disclosure: Link
    dimensions: tuple[Dimension, ...]
    certainty: Certainty
    figures: tuple[FigureRow, ...]
    """Every place that states it."""
    proofs: tuple[str, ...]
    """Equations, where a figure's column was found by arithmetic."""
    leaf_of: tuple[Link, ...]
    """The code lists along which it may be summed."""
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True)
class FigurePage:
    frame: Frame
    figure: FigureRow
    amount_wan: str
    """"" for what is no money."""
    amount_yuan: str
    disclosure: Link
    relation: Words | None
    """What a number in prose says: an amount, a share …"""
    year: str
    certainty: Certainty | None
    proofs: tuple[str, ...]
    candidates: tuple[str, ...]
    """Header paths that remain possible."""
    fact: FactRow | None
    why_no_fact: Words
    """Said where `fact` is None."""
    context: tuple[SourceLine, ...]
    """The lines around it, where its source is a text."""
    excerpt: Excerpt | None
    """The stretch of the page around it, where its source is a PDF."""
    cells: CellExcerpt | None
    """The rows or the paragraph around it, where its source is a workbook, a Word file or a web page."""
    sums: tuple[Link, ...]
    """Sum relations it takes part in."""
    findings: tuple[FindingRow, ...]
    source: Link


@dataclass(frozen=True)
class SumPage:
    frame: Frame
    relation: str
    total: FigureRow | None
    parts: tuple[FigureRow, ...]
    disclosure: Link
    added: Words
    """What the parts add up to, and whether that is the total; "" for both where they are not all amounts of money."""


def certainty_of(graph_value: str) -> Certainty:
    name = local_name(graph_value)
    return Certainty(name, *CERTAINTY.get(name, (name, name, "", "")))


def proofs(found: Iterable[str]) -> tuple[str, ...]:
    """Each equation once: first those that add up to something, the longest first, then where else it is printed."""
    return tuple(sorted(set(found), key=lambda text: (-text.count(" + "), " = " not in text, text)))


def fact_page(book: Book, iri: str) -> FactPage:
    graph = book.graph
    disclosure = graph.text(iri, QB + "dataSet")
    figures = graph.texts(iri, MZ + "statedBy")
    amount = book.amount_yuan(iri)
    zh, en = label_parts(book, iri)
    about_zh = f"一个事实：公开文件中有 {len(figures)} 处印出它。"
    about_en = f"One quantity, stated by {len(figures)} printed figure{'s' if len(figures) != 1 else ''}."
    frame = entity_frame(
        book, iri, "fact", (graph.name(iri) or zh, en), (about_zh, about_en), (book.link(disclosure),)
    )
    return FactPage(
        frame,
        wan(amount),
        yuan(amount),
        en,
        book.link(disclosure),
        tuple(_dimension(book, iri, name) for name in DIMENSIONS),
        certainty_of(graph.text(iri, MZ + "certainty")),
        figure_rows(book, figures),
        proofs(proof for figure in figures for proof in graph.texts(figure, MZ + "proof")),
        book.links(book.leaf_schemes.get(iri, ())),
        _findings_of(book, figures),
    )


def _dimension(book: Book, fact: str, name: str) -> Dimension:
    value = book.graph.text(fact, MZ + name)
    zh, en = DIMENSIONS[name]
    if name == "fiscalYear":
        return Dimension(zh, en, Link("", value), True)
    return Dimension(zh, en, book.coded_link(value), value != book.neutral.get(name))


def _findings_of(book: Book, figures: list[str]) -> tuple[FindingRow, ...]:
    found = {finding for figure in figures for finding in book.graph.subjects(MZ + "involves", figure)}
    return tuple(finding_row(book, finding) for finding in sorted(found))


def figure_page(book: Book, iri: str, source: Source) -> FigurePage:
    """The page of a figure, with the lines or the stretch of the page around it."""
    graph = book.graph
    row = figure_row(book, iri)
    table = graph.text(iri, MZ + "inTable")
    disclosure = graph.text(table or iri, DCTERMS + "isPartOf")
    fact = graph.text(iri, MZ + "states")
    amount = graph.number(iri, MZ + "figureAmount")
    relation = local_name(graph.text(iri, MZ + "relation"))
    certainty = graph.text(iri, MZ + "certainty")
    crumbs = (book.link(disclosure),) + ((book.link(table),) if table else ())
    about_zh = f"印在{row.where[0]}的数，一字不改。"
    about_en = f"A number exactly as printed on {row.where[1]}."
    title = (book.name(iri), f"{row.token} {row.unit}, {row.where[1]}")
    return FigurePage(
        entity_frame(book, iri, "figure", title, (about_zh, about_en), crumbs),
        row,
        "" if amount is None else wan(amount),
        "" if amount is None else yuan(amount),
        book.link(disclosure),
        either(RELATIONS, relation) if relation else None,
        graph.text(iri, MZ + "claimYear"),
        certainty_of(certainty) if certainty else None,
        proofs(graph.texts(iri, MZ + "proof")),
        tuple(graph.texts(iri, MZ + "candidate")),
        fact_row(book, fact) if fact else None,
        _why_no_fact(certainty, amount is not None, bool(row.table)),
        source.lines[max(row.line - 1 - _CONTEXT_LINES, 0) : row.line + _CONTEXT_LINES],
        excerpt(source.images, graph.text(iri, MZ + "place")),
        cell_excerpt(source.cells, graph.text(iri, MZ + "place"), row.line),
        book.links(sorted({*graph.subjects(MZ + "total", iri), *graph.subjects(MZ + "part", iri)})),
        _findings_of(book, [iri]),
        Link(href(graph.text(iri, PROV + "wasDerivedFrom"), book.base), "原文", "Source document"),
    )


def _why_no_fact(certainty: str, is_money: bool, in_table: bool) -> Words:
    if local_name(certainty) == "Ambiguous":
        return "它的列未定，所以没有据此作出事实。", "Its column is not certain, so no fact was made of it."
    if not is_money:
        return "它不是金额；事实只记金额。", "It is no amount of money, and facts are amounts."
    if in_table:
        return (
            "它说的是什么不能完全确定，没有据此作出事实。",
            "What it is an amount of is not certain in every respect, so no fact was made of it.",
        )
    return "没有与它对应的事实。", "It was not tied to any fact."


def sum_page(book: Book, iri: str) -> SumPage:
    graph = book.graph
    disclosure = graph.text(iri, DCTERMS + "isPartOf")
    total = graph.text(iri, MZ + "total")
    parts = graph.texts(iri, MZ + "part")
    label = graph.text(total, MZ + "rowLabel") if total else ""
    title = (f"合计关系：{label}", f"Sum relation of {len(parts)} parts")
    about = ("表样规定这些数相加等于合计。", "The form says that these figures add up to their total.")
    return SumPage(
        entity_frame(book, iri, "sum", title, about, (book.link(disclosure),)),
        graph.text(iri, MZ + "relationKind"),
        figure_row(book, total) if total else None,
        figure_rows(book, parts),
        book.link(disclosure),
        _added(book, total, parts),
    )


def _added(book: Book, total: str, parts: list[str]) -> Words:
    graph = book.graph
    whole = graph.number(total, MZ + "figureAmount") if total else None
    amounts = [graph.number(part, MZ + "figureAmount") for part in parts]
    known = [amount for amount in amounts if amount is not None]
    if whole is None or len(known) != len(amounts):
        return "", ""
    added = sum(known, Decimal(0))
    if added == whole:
        return (
            f"相加 {wan(added)} 万元，与合计相等。",
            f"They add up to {wan(added)} × 10,000 yuan, which is the total.",
        )
    return (
        f"相加 {wan(added)} 万元，合计印作 {wan(whole)} 万元，相差 {wan(whole - added)} 万元。",
        f"They add up to {wan(added)} × 10,000 yuan; the total is printed as {wan(whole)}, a difference of {wan(whole - added)}.",
    )
