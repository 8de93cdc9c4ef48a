"""Rows of money and of figures, as most pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from mingzhang.site.book import Book, own_period
from mingzhang.site.charts import Bar, bar_chart
from mingzhang.site.links import Link, href
from mingzhang.site.money import share, wan, yuan
from mingzhang.site.namespaces import MZ, QB, local_name
from mingzhang.site.places import spoken
from mingzhang.site.words import Words

FACTS_SHOWN = 120
"""More rows than anyone reads; the rest is one query away."""
_NAMED_BY = ("rowLabel", "claimSubject", "level3")
"""What says of a figure in a table, a figure in prose or an indicator what it is of."""
_ZEROS_FOLDED = 3
"""So many parts of 0.00 are folded into a line of their own: some forms print every class there is."""


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
    zeros: tuple[MoneyRow, ...]
    """Parts that are printed as nothing, where there are so many that they would hide the others."""
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
    where: Words
    """The line, page or cell in words."""
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
        tuple(book.coded_link(graph.text(fact, MZ + name)) for name in book.broken_down(fact)),
        wan(book.amount_yuan(fact)),
        local_name(graph.text(fact, MZ + "certainty")),
        len(graph.texts(fact, MZ + "statedBy")),
    )


def widest_first(book: Book, facts: Iterable[str]) -> list[str]:
    """Facts from those narrowed down least to those narrowed down most."""
    return sorted(facts, key=lambda fact: (len(book.broken_down(fact)), fact))


def figure_row(book: Book, figure: str, with_disclosure: bool = False) -> FigureRow:
    graph = book.graph
    table = graph.text(figure, MZ + "inTable")
    column = graph.text(figure, MZ + "columnPath")
    disclosure = graph.text(table or figure, "http://purl.org/dc/terms/isPartOf")
    place = graph.text(figure, MZ + "place")
    return FigureRow(
        href(figure, book.base),
        # Findings also involve indicators: what is printed of them is their target.
        graph.text(figure, MZ + "token") or graph.text(figure, MZ + "printed") or "—",
        graph.text(figure, MZ + "printedUnit"),
        next((text for name in _NAMED_BY if (text := graph.text(figure, MZ + name))), ""),
        column,
        book.link(table) if table else None,
        graph.integer(figure, MZ + "line"),
        href(place, book.base),
        spoken(place.partition("#")[2]),
        local_name(graph.text(figure, MZ + "certainty")),
        book.link(disclosure) if with_disclosure and disclosure else None,
    )


def figure_rows(book: Book, figures: Iterable[str], with_disclosure: bool = False) -> tuple[FigureRow, ...]:
    """Figures in the order of the page."""
    rows = [figure_row(book, figure, with_disclosure) for figure in figures]
    return tuple(sorted(rows, key=lambda row: (row.line_href.split("#")[0], row.line, row.href)))


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


def roll_up(book: Book, facts: Sequence[str], dimension: str, to_top: bool = True) -> dict[str, Decimal]:
    """Amounts in yuan by concept: by the top ones of the code list (类), or by those the facts name themselves."""
    sums: dict[str, Decimal] = {}
    for fact in facts:
        concept = book.graph.text(fact, MZ + dimension)
        if to_top:
            concept = book.ancestors(concept)[0]
        sums[concept] = sums.get(concept, Decimal(0)) + book.amount_yuan(fact)
    return sums


def stated_parts(
    book: Book, disclosure: str, dimension: str, flow: str, facts: Sequence[str], to_top: bool = True
) -> dict[str, str]:
    """Concept → the fact that says just what `roll_up` of these facts comes to, where there is one.

    So that from a sum, too, one comes to a printed line: the subtotal that the form prints, else the only part there is.
    """
    parts: dict[str, list[str]] = {}
    for fact in facts:
        concept = book.graph.text(fact, MZ + dimension)
        parts.setdefault(book.ancestors(concept)[0] if to_top else concept, []).append(fact)
    sums = roll_up(book, facts, dimension, to_top)
    printed = book.once("stated parts", disclosure, lambda: _printed_parts(book, disclosure))
    found = {}
    for concept, own in parts.items():
        fact = printed.get((dimension, flow, concept), "")
        if fact and book.amount_yuan(fact) == sums[concept]:
            found[concept] = fact
        elif len(own) == 1:
            found[concept] = own[0]
    return found


def _printed_parts(book: Book, disclosure: str) -> dict[tuple[str, str, str], str]:
    """(dimension, flow, concept) → the fact of the disclosure's own period that is narrowed down by this alone."""
    found = {}
    for fact in book.facts.get(disclosure, ()):
        narrowed = book.broken_down(fact)
        if len(narrowed) == 1 and own_period(book.graph, fact, disclosure):
            concept = book.graph.text(fact, MZ + narrowed[0])
            found[narrowed[0], book.flow(fact), concept] = fact
    return found


def composition(
    book: Book,
    key: str,
    title: Words,
    sums: dict[str, Decimal],
    total: Decimal | None = None,
    tolerance: Decimal = Decimal(0),
    stated: Mapping[str, str] = MappingProxyType({}),
) -> Composition | None:
    """A chart and a table of parts, largest first. None where there are no parts. `stated`: part → the fact that is it.

    `total` is the printed total in yuan; where the parts do not add up to it, a note says by how much, and
    whether that is no more than rounding can explain (`tolerance`, in yuan).
    """
    if not sums:
        return None
    added = sum(sums.values(), Decimal(0))
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    several = len(ordered) > 1
    rows = tuple(
        MoneyRow(
            book.link(iri),
            book.code(iri),
            wan(amount),
            yuan(amount),
            share(amount, added) if several else "",
            href(stated[iri], book.base) if iri in stated else "",
        )
        for iri, amount in ordered
    )
    zeros = tuple(row for row, (_, amount) in zip(rows, ordered, strict=True) if not amount)
    if len(zeros) < _ZEROS_FOLDED or len(zeros) == len(rows):
        zeros = ()
    shown = tuple(row for row in rows if row not in zeros)
    # What is nothing has no length; its 0.00 is in the table. One bar would only say that everything is everything.
    drawn = [
        Bar(book.graph.name(iri), amount, label_en=book.graph.label(iri, "en"))
        for iri, amount in ordered
        if amount
    ]
    bars = drawn if len(drawn) > 1 else []
    zh, en = title
    spoken = "；".join(f"{bar.label} {wan(bar.amount_yuan)} 万元" for bar in bars)
    note = _difference(added, total, tolerance)
    return Composition(
        key,
        zh,
        en,
        bar_chart(bars, f"{zh} {en}", spoken, key),
        shown,
        zeros,
        wan(added) if several else "",
        *note,
    )


def _difference(added: Decimal, total: Decimal | None, tolerance: Decimal) -> Words:
    if total is None or added == total:
        return "", ""
    explained = abs(total - added) <= tolerance
    zh, en = ("，在四舍五入之内", ", within rounding") if explained else ("", "")
    return (
        f"各部分相加 {wan(added)} 万元，印出的总计是 {wan(total)} 万元，相差 {wan(total - added)} 万元{zh}。",
        f"The parts add up to {wan(added)}, the printed total is {wan(total)}: a difference of {wan(total - added)}{en}.",
    )


def rounding_yuan(book: Book, facts: Iterable[str]) -> Decimal:
    """By how much printed amounts may be off together: half a unit of the last digit for each, in yuan."""
    return sum((_half_unit_yuan(book, fact) for fact in facts), Decimal(0))


def _half_unit_yuan(book: Book, fact: str) -> Decimal:
    """Half a unit of the last digit of a fact's most precise figure."""
    graph = book.graph
    halves = []
    for figure in graph.texts(fact, MZ + "statedBy"):
        value, amount = graph.number(figure, MZ + "value"), graph.number(figure, MZ + "figureAmount")
        if value and amount is not None:
            decimals = len(graph.text(figure, MZ + "token").partition(".")[2])
            halves.append(amount / value / 2 / 10**decimals)
    return min(halves, default=Decimal(0))
