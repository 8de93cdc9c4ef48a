"""The pages about what was published: disclosures and their tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mingzhang.release import DisclosureEntry
from mingzhang.site.book import Book, is_all, own_period
from mingzhang.site.charts import Bar, bar_chart
from mingzhang.site.flow_chart import flow_chart
from mingzhang.site.jsonld import script_json
from mingzhang.site.links import Link, href
from mingzhang.site.money import wan, yuan
from mingzhang.site.namespaces import DCTERMS, LICENCE_DATA, MZ, local_name
from mingzhang.site.pages.findings import FindingRow, finding_row, printed_order
from mingzhang.site.pages.frame import Frame, entity_frame, plain_frame
from mingzhang.site.pages.indicators import IndicatorGroup, indicator_groups
from mingzhang.site.pages.money import (
    Composition,
    FigureRow,
    MoneyRow,
    composition,
    figure_row,
    figure_rows,
    roll_up,
    rounding_yuan,
    stated_parts,
)
from mingzhang.site.places import spoken
from mingzhang.site.printed import PrintedTable, printed_table
from mingzhang.site.source_pages import is_text
from mingzhang.site.words import BUDGET_KINDS, LEDGER, RELATIONS, Words, either


@dataclass(frozen=True)
class Total:
    """A disclosure's total, where it was read."""

    zh: str
    en: str
    amount_wan: str
    amount_yuan: str
    href: str


@dataclass(frozen=True)
class DisclosureRow:
    """A disclosure in a list."""

    link: Link
    department: Link
    division: Link
    year: int
    kind: Words
    expenditure: Total | None
    figures: int
    ambiguous: int
    unread: int
    findings: int


@dataclass(frozen=True)
class TablePart:
    """A printed table on a disclosure's page."""

    link: Link
    number: int
    unit: str
    figures: int
    empty: bool
    """Published without any amount."""
    form: Link | None
    where: Words
    """The lines it takes up, or the page or sheet it begins on."""
    place: str
    """The address of where it begins in its source, "" where that is not known."""
    printed: PrintedTable


@dataclass(frozen=True)
class ClaimRow:
    """A number in prose."""

    figure: FigureRow
    relation: Words
    fact: Link | None


@dataclass(frozen=True)
class LedgerRow:
    zh: str
    en: str
    count: int
    is_gap: bool


@dataclass(frozen=True)
class DisclosurePage:
    frame: Frame
    row: DisclosureRow
    sources: tuple[Link, ...]
    """Its files, the one with the tables first."""
    totals: tuple[Total, ...]
    flow: str
    """Where the money comes from and goes to, as SVG; "" where the two sides do not balance to the last figure."""
    compositions: tuple[Composition, ...]
    three_public: tuple[MoneyRow, ...]
    beside_three_public: tuple[MoneyRow, ...]
    """Items printed with them that are none of them: meetings, training, procurement."""
    projects: tuple[MoneyRow, ...]
    tables: tuple[TablePart, ...]
    ambiguous: tuple[FigureRow, ...]
    """Figures of the tables whose column is not proven, in the order of the page."""
    claims: tuple[ClaimRow, ...]
    indicators: tuple[IndicatorGroup, ...]
    findings: tuple[FindingRow, ...]
    ledger: tuple[LedgerRow, ...]
    facts: int
    download: str
    """Its whole graph as Turtle: the address of the file."""


@dataclass(frozen=True)
class TablePage:
    frame: Frame
    part: TablePart
    disclosure: Link
    sums: int
    """How many sum relations its form states."""
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True)
class DisclosuresPage:
    """The index of disclosures."""

    frame: Frame
    disclosures: tuple[DisclosureRow, ...]


def total(book: Book, fact: str) -> Total:
    flow = book.link(book.graph.text(fact, MZ + "flow"))
    amount = book.amount_yuan(fact)
    return Total(flow.zh, flow.en, wan(amount), yuan(amount), href(fact, book.base))


def disclosure_row(book: Book, entry: DisclosureEntry) -> DisclosureRow:
    """A disclosure with what was read of it. It stands in half a dozen lists: worked out once."""
    return book.once("disclosure row", entry.iri, lambda: _disclosure_row(book, entry))


def _disclosure_row(book: Book, entry: DisclosureEntry) -> DisclosureRow:
    totals = book.totals(entry.iri)
    spent = totals.get("expenditure")
    ledger = {row[0]: row[1] for row in _ledger(book, entry.iri)}
    graph = book.graph
    figures = [
        figure for table in _tables(book, entry.iri) for figure in graph.subjects(MZ + "inTable", table)
    ]
    ambiguous = sum(
        1 for figure in figures if local_name(graph.text(figure, MZ + "certainty")) == "Ambiguous"
    )
    division = f"{book.base}id/division/{entry.division}"
    return DisclosureRow(
        book.link(entry.iri),
        book.link(entry.department),
        book.link(division) if division in graph.about else Link("", entry.division_name),
        entry.year,
        either(BUDGET_KINDS, entry.kind),
        total(book, spent) if spent else None,
        len([figure for figure in figures if graph.is_a(figure, "TableFigure")]),
        ambiguous,
        ledger.get("unread", 0),
        len(disclosure_findings(book, entry.iri)),
    )


def _ledger(book: Book, disclosure: str) -> list[tuple[str, int]]:
    graph = book.graph
    entries = [
        iri for iri in graph.subjects(DCTERMS + "isPartOf", disclosure) if graph.is_a(iri, "LedgerEntry")
    ]
    order = list(LEDGER)
    found = [(graph.text(iri, MZ + "tokenCategory"), graph.integer(iri, MZ + "count")) for iri in entries]
    return sorted(found, key=lambda row: (order.index(row[0]) if row[0] in order else len(order), row[0]))


def _tables(book: Book, disclosure: str) -> list[str]:
    graph = book.graph
    tables = [iri for iri in graph.subjects(DCTERMS + "isPartOf", disclosure) if graph.is_a(iri, "Table")]
    return sorted(tables, key=lambda iri: (graph.integer(iri, MZ + "tableNumber"), iri))


def disclosure_findings(book: Book, disclosure: str) -> list[str]:
    graph = book.graph
    found = [iri for iri in graph.subjects(DCTERMS + "isPartOf", disclosure) if graph.is_a(iri, "Finding")]
    return sorted(found, key=lambda finding: printed_order(book, finding))


def disclosure_page(book: Book, iri: str) -> DisclosurePage:
    graph = book.graph
    entry = book.disclosures[iri]
    row = disclosure_row(book, entry)
    kind_zh, kind_en = row.kind
    about_zh = f"{row.department.zh}公布的 {entry.year} 年部门{kind_zh}，读出表中金额 {row.figures} 个。"
    about_en = f"The {entry.year} {kind_en} published by {row.department.en or row.department.zh}: {row.figures} amounts read from its tables."
    title = (
        graph.name(iri),
        book.name_en(iri),
    )
    frame = entity_frame(
        book,
        iri,
        "disclosure",
        title,
        (about_zh, about_en),
        (disclosures_link(), row.department),
        _dataset(book, entry, title, (about_zh, about_en)),
    )
    totals = book.totals(iri)
    claims = [
        figure for figure in graph.subjects(DCTERMS + "isPartOf", iri) if graph.is_a(figure, "ProseFigure")
    ]
    return DisclosurePage(
        frame,
        row,
        tuple(Link(f"/source/{source.sha256}.html", source.file_name) for source in entry.sources),
        tuple(total(book, fact) for _, fact in sorted(totals.items(), reverse=True)),
        _flow(book, iri),
        disclosure_compositions(book, iri),
        _three_public(book, iri, within=True),
        _three_public(book, iri, within=False),
        _projects(book, iri),
        tuple(table_part(book, table) for table in _tables(book, iri)),
        _ambiguous(book, iri),
        _claims(book, claims),
        indicator_groups(book, iri),
        tuple(finding_row(book, finding) for finding in disclosure_findings(book, iri)),
        tuple(_ledger_row(category, count) for category, count in _ledger(book, iri)),
        len(book.facts.get(iri, ())),
        f"/{_dump(book, iri)}",
    )


def _dump(book: Book, disclosure: str) -> str:
    """The file with a disclosure's graph, below the publisher's address."""
    return f"dumps/disclosures/{disclosure.removeprefix(f'{book.base}id/disclosure/')}.ttl"


def _ledger_row(category: str, count: int) -> LedgerRow:
    return LedgerRow(*either(LEDGER, category), count, category == "unread" and count > 0)


# Code list, dimension, flow, title. Fund sources are a net rather than a tree (财政拨款 and 本年收入 overlap), so they
# are shown as printed, not rolled up.
_COMPOSITIONS = (
    (
        "functional",
        "functionalClass",
        "expenditure",
        ("支出按功能分类（类）", "Expenditure by functional class"),
    ),
    (
        "expenditure-kind",
        "expenditureKind",
        "expenditure",
        ("基本支出与项目支出", "Basic and project expenditure"),
    ),
    (
        "dept-economic",
        "departmentEconomicClass",
        "expenditure",
        ("支出按部门经济分类（类）", "Expenditure by department-economic class"),
    ),
    (
        "gov-economic",
        "governmentEconomicClass",
        "expenditure",
        ("支出按政府经济分类（类）", "Expenditure by government-economic class"),
    ),
    ("fund-source", "fundSource", "revenue", ("收入来源", "Where the money comes from")),
    ("fund-source", "fundSource", "expenditure", ("支出的资金来源", "What the expenditure is financed by")),
)


def disclosure_compositions(book: Book, iri: str) -> tuple[Composition, ...]:
    """What the money is for and where it comes from, from facts that count it once."""
    totals = book.totals(iri)
    found = []
    for scheme, dimension, flow, title in _COMPOSITIONS:
        facts = [fact for fact in book.leaves(iri, scheme) if book.flow(fact) == flow]
        total = totals.get(flow)
        whole = book.amount_yuan(total) if total else None
        sums = roll_up(book, facts, dimension, to_top=scheme != "fund-source")
        tolerance = rounding_yuan(book, [*facts, *([total] if total else [])])
        stated = stated_parts(book, iri, dimension, flow, facts, to_top=scheme != "fund-source")
        part = composition(book, f"{scheme}-{flow}", title, sums, whole, tolerance, stated)
        if part:
            found.append(part)
    return tuple(found)


def _flow(book: Book, iri: str) -> str:
    """Revenue by source and expenditure by purpose, from the facts that count money once."""
    sides = []
    for scheme, dimension, flow in (
        ("fund-source", "fundSource", "revenue"),
        ("functional", "functionalClass", "expenditure"),
    ):
        facts = [fact for fact in book.leaves(iri, scheme) if book.flow(fact) == flow]
        sums = roll_up(book, facts, dimension, to_top=scheme != "fund-source")
        ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
        sides.append(
            [
                Bar(book.graph.name(concept), amount, label_en=book.graph.label(concept, "en"))
                for concept, amount in ordered
                if amount
            ]
        )
    title = "钱从哪里来，到哪里去（万元） Where the money comes from and goes to, in 10,000 yuan"
    return flow_chart(sides[0], sides[1], title, "flow")


def _three_public(book: Book, iri: str, within: bool) -> tuple[MoneyRow, ...]:
    """The “三公” items of the disclosure's own year and phase, where nothing else narrows them down.

    `within`: those that the “三公” total takes in; else the others of the same list.
    """
    rows = []
    for fact in book.facts.get(iri, ()):
        item = book.graph.text(fact, MZ + "threePublicItem")
        parts = [name for name in book.broken_down(fact) if name not in ("threePublicItem", "fundSource")]
        if (
            item
            and item != book.neutral["threePublicItem"]
            and not parts
            and book.is_within_all(item) is within
            and own_period(book.graph, fact, iri)
        ):
            place = () if is_all(item) else tuple(book.ancestors(item))
            rows.append((place, fact, _money_row(book, fact, item, len(place))))
    return tuple(row for _, _, row in sorted(rows, key=lambda found: found[:2]))


def _projects(book: Book, iri: str) -> tuple[MoneyRow, ...]:
    """Projects with an amount, largest first. Each is named once, with its widest fact."""
    best: dict[str, str] = {}
    for fact in book.facts.get(iri, ()):
        project = book.graph.text(fact, MZ + "project")
        if not project or project == book.neutral["project"] or not own_period(book.graph, fact, iri):
            continue
        known = best.get(project)
        if known is None or _width(book, fact) < _width(book, known):
            best[project] = fact
    ordered = sorted(best.items(), key=lambda item: (-book.amount_yuan(item[1]), item[0]))
    return tuple(_money_row(book, fact, project) for project, fact in ordered)


def _width(book: Book, fact: str) -> tuple[int, str]:
    return len(book.broken_down(fact)), fact


def _money_row(book: Book, fact: str, concept: str, level: int = 0) -> MoneyRow:
    amount = book.amount_yuan(fact)
    return MoneyRow(book.link(concept), "", wan(amount), yuan(amount), "", href(fact, book.base), level)


def table_part(book: Book, iri: str) -> TablePart:
    graph = book.graph
    figures = [figure for figure in graph.subjects(MZ + "inTable", iri) if graph.is_a(figure, "TableFigure")]
    form = graph.text(iri, MZ + "form")
    place = _place(book, iri, figures)
    return TablePart(
        book.link(iri),
        graph.integer(iri, MZ + "tableNumber"),
        graph.text(iri, MZ + "printedUnit"),
        len(figures),
        graph.text(iri, MZ + "publishedEmpty") in ("true", "1"),
        book.link(form) if form else None,
        _where(book, iri, place),
        href(place, book.base),
        printed_table(graph, iri),
    )


def _place(book: Book, table: str, figures: list[str]) -> str:
    """The IRI of where a table begins: its first line in a text, else its first figure's page or cell; "" for neither."""
    graph = book.graph
    source = graph.text(graph.text(table, DCTERMS + "isPartOf"), DCTERMS + "source")
    first = min(
        figures,
        key=lambda one: (graph.integer(one, MZ + "line"), graph.integer(one, MZ + "nth"), one),
        default="",
    )
    place = graph.text(first, MZ + "place")
    line = graph.text(table, MZ + "firstLine")
    in_text = "#line=" in place or (not place and is_text(book, source))
    return f"{place.partition('#')[0] or source}#line={line}" if in_text and line else place


def _where(book: Book, table: str, place: str) -> Words:
    """The lines of a table in a text, else the page or sheet that it begins on; "" for both where that is not known."""
    fragment = place.partition("#")[2]
    if not fragment.startswith("line="):
        return spoken(fragment)
    first, last = (book.graph.text(table, MZ + name) for name in ("firstLine", "lastLine"))
    return f"第 {first}–{last} 行", f"lines {first}–{last}"


def table_page(book: Book, iri: str) -> TablePage:
    graph = book.graph
    part = table_part(book, iri)
    disclosure = graph.text(iri, DCTERMS + "isPartOf")
    title = (
        graph.name(iri),
        graph.label(iri, "en") or (part.form.en if part.form else "") or f"Table {part.number}",
    )
    about = (f"公开文件中的第 {part.number} 张表。", f"Table {part.number} of the disclosure.")
    frame = entity_frame(book, iri, "table", title, about, (book.link(disclosure),))
    figures = graph.subjects(MZ + "inTable", iri)
    findings = {finding for figure in figures for finding in graph.subjects(MZ + "involves", figure)}
    return TablePage(
        frame,
        part,
        book.link(disclosure),
        sum(1 for figure in figures if graph.is_a(figure, "SumRelation")),
        tuple(finding_row(book, finding) for finding in sorted(findings)),
    )


def _ambiguous(book: Book, disclosure: str) -> tuple[FigureRow, ...]:
    graph = book.graph
    return figure_rows(
        book,
        (
            figure
            for table in _tables(book, disclosure)
            for figure in graph.subjects(MZ + "inTable", table)
            if local_name(graph.text(figure, MZ + "certainty")) == "Ambiguous"
        ),
    )


def _claims(book: Book, figures: Iterable[str]) -> tuple[ClaimRow, ...]:
    graph = book.graph
    rows = []
    for figure in figures:
        fact = graph.text(figure, MZ + "states")
        relation = either(RELATIONS, local_name(graph.text(figure, MZ + "relation")))
        rows.append(ClaimRow(figure_row(book, figure), relation, book.link(fact) if fact else None))
    return tuple(sorted(rows, key=lambda row: (row.figure.line, row.figure.href)))


def _dataset(book: Book, entry: DisclosureEntry, title: Words, about: Words) -> str:
    """schema.org's Dataset, for dataset search engines."""
    base = book.base
    document: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": entry.iri,
        "name": title[0],
        "alternateName": title[1],
        "description": " ".join(about),
        "url": entry.iri,
        "identifier": entry.iri,
        "inLanguage": "zh-Hans",
        "license": LICENCE_DATA,
        "isAccessibleForFree": True,
        "version": book.manifest.id,
        "temporalCoverage": str(entry.year),
        "spatialCoverage": {"@type": "Place", "name": entry.division_name},
        "creator": {
            "@type": "GovernmentOrganization",
            "name": entry.department_name,
            "@id": entry.department,
        },
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": "text/turtle",
                "contentUrl": f"{base}{_dump(book, entry.iri)}",
            }
        ],
    }
    return script_json(document)


def by_year(
    book: Book, entries: Sequence[DisclosureEntry], with_department: bool = False, most: int = 0
) -> Composition | None:
    """Total expenditure of disclosures, as a chart and a table in the order of department and year.

    `most`: where there are more than so many, only the largest; 0 for all of them.
    """
    bars, rows = [], []
    spent = {entry.iri: book.totals(entry.iri).get("expenditure", "") for entry in entries}
    known = [entry for entry in entries if spent[entry.iri]]
    is_cut = bool(most) and len(known) > most
    if is_cut:
        known = sorted(known, key=lambda entry: (-book.amount_yuan(spent[entry.iri]), entry.iri))[:most]
    for entry in sorted(known, key=lambda entry: (entry.department, entry.year, entry.kind)):
        fact = spent[entry.iri]
        zh, en = either(BUDGET_KINDS, entry.kind)
        amount = book.amount_yuan(fact)
        department = f"{entry.department_name} " if with_department else ""
        department_en = book.graph.label(entry.department, "en") if with_department else ""
        name = f"{department}{entry.year}年{zh}"
        name_en = f"{department_en or department} {entry.year} {en}".strip()
        bars.append(Bar(name, amount, label_en=name_en))
        link = Link(href(entry.iri, book.base), name, name_en)
        rows.append(MoneyRow(link, "", wan(amount), yuan(amount), "", href(fact, book.base)))
    if not rows:
        return None
    spoken = "；".join(f"{bar.label} {wan(bar.amount_yuan)} 万元" for bar in bars)
    zh, en = "支出总计", "Total expenditure"
    if is_cut:
        zh, en = f"支出总计最大的 {most} 份", f"Total expenditure, the {most} largest"
    drawing = bar_chart(bars, f"{zh} {en}", spoken, "by-year") if len(bars) > 1 else ""
    return Composition("by-year", zh, en, drawing, tuple(rows), (), "")


def disclosures_page(book: Book) -> DisclosuresPage:
    entries = book.manifest.disclosures
    frame = plain_frame(
        book,
        "/doc/disclosure.html",
        ("预算公开", "Disclosures"),
        (f"本次发布收有 {len(entries)} 份公开文件。", f"This release holds {len(entries)} disclosures."),
    )
    return DisclosuresPage(frame, tuple(disclosure_row(book, entry) for entry in entries))


def disclosures_link() -> Link:
    return Link("/doc/disclosure.html", "预算公开", "Disclosures")


def departments_link() -> Link:
    return Link("/doc/department.html", "部门", "Departments")
