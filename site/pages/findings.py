"""Findings: what does not add up, by whom, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mingzhang.site.book import Book
from mingzhang.site.charts import Bar, bar_chart
from mingzhang.site.links import Link, href
from mingzhang.site.namespaces import DCTERMS, MZ, SH, local_name
from mingzhang.site.pages.frame import Frame, entity_frame, plain_frame
from mingzhang.site.pages.money import FigureRow, figure_rows
from mingzhang.site.words import SEVERITIES, Words, either

_MESSAGE = SH + "resultMessage"


@dataclass(frozen=True)
class FindingRow:
    href: str
    rule: str
    rule_name: Words
    """What it finds, in a few words."""
    severity: Words
    """How much it weighs."""
    zh: str
    en: str
    difference: str
    """In the printed unit; "" where the rule has none."""
    disclosure: Link


@dataclass(frozen=True)
class FindingPage:
    frame: Frame
    finding: FindingRow
    expected: str
    printed: str
    figures: tuple[FigureRow, ...]
    focus: Link | None


@dataclass(frozen=True)
class RuleGroup:
    """The findings of one rule."""

    rule: str
    zh: str
    en: str
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True)
class FindingsPage:
    """The index of findings."""

    frame: Frame
    total: int
    chart: str
    """How many of each rule, as SVG."""
    rules: tuple[RuleGroup, ...]


def finding_row(book: Book, iri: str) -> FindingRow:
    graph = book.graph
    rule = graph.text(iri, MZ + "rule")
    return FindingRow(
        href(iri, book.base),
        rule,
        book.rules.get(rule, (rule, rule)),
        either(SEVERITIES, local_name(graph.text(iri, SH + "resultSeverity"))),
        graph.in_language(iri, _MESSAGE, "zh"),
        graph.in_language(iri, _MESSAGE, "en"),
        _plain(graph.text(iri, MZ + "difference")),
        book.link(graph.text(iri, DCTERMS + "isPartOf")),
    )


def finding_page(book: Book, iri: str) -> FindingPage:
    graph = book.graph
    row = finding_row(book, iri)
    focus = graph.text(iri, SH + "focusNode")
    about = (
        "公开文件印出的内容彼此不合。这是对印出内容的核对，不是对任何人的指控。",
        "What was printed contradicts itself or the official lists. A check of the print, and no accusation.",
    )
    return FindingPage(
        entity_frame(book, iri, "finding", (row.zh, row.en), about, (findings_link(), row.disclosure)),
        row,
        _plain(graph.text(iri, MZ + "expectedValue")),
        _plain(graph.text(iri, MZ + "printedValue")),
        figure_rows(book, graph.texts(iri, MZ + "involves")),
        book.link(focus) if focus else None,
    )


def findings_page(book: Book) -> FindingsPage:
    groups: dict[str, list[FindingRow]] = {}
    for iri in sorted(book.graph.instances("Finding"), key=lambda finding: printed_order(book, finding)):
        row = finding_row(book, iri)
        groups.setdefault(row.rule, []).append(row)
    total = sum(len(rows) for rows in groups.values())
    frame = plain_frame(
        book,
        "/doc/finding.html",
        ("不合之处", "What does not add up"),
        (
            f"{len(book.disclosures)} 份公开文件中，有 {total} 处彼此不合。",
            f"{total} places where {len(book.disclosures)} disclosures contradict themselves or the official lists.",
        ),
    )
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    bars = [
        Bar(rows[0].rule_name[0], Decimal(len(rows)), f"{len(rows):,}", rows[0].rule_name[1])
        for _, rows in ordered
    ]
    spoken = "；".join(f"{bar.label} {bar.text}" for bar in bars)
    return FindingsPage(
        frame,
        total,
        bar_chart(bars, "不合之处，按规则 Findings by rule", spoken, "rules"),
        tuple(RuleGroup(rule, *rows[0].rule_name, tuple(rows)) for rule, rows in ordered),
    )


def printed_order(book: Book, finding: str) -> tuple[str, int, str]:
    """Findings of one disclosure together, from its first line to its last."""
    graph = book.graph
    lines = [graph.integer(figure, MZ + "line") for figure in graph.texts(finding, MZ + "involves")]
    return graph.text(finding, DCTERMS + "isPartOf"), min(lines, default=0), finding


def findings_link() -> Link:
    return Link("/doc/finding.html", "不合之处", "Findings")


def _plain(number: str) -> str:
    """A decimal without trailing zeros: `120.00` → `120`."""
    return number.rstrip("0").rstrip(".") if "." in number else number
