"""The pages about the whole: front page, release, downloads, sources, and whatever has no page of its own kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from mingzhang.site.book import Book
from mingzhang.site.dataset_search import dataset_jsonld
from mingzhang.site.dumps import CHECKSUMS, Dump
from mingzhang.site.example import Example
from mingzhang.site.links import Link, href, sparql_href
from mingzhang.site.money import yuan
from mingzhang.site.namespaces import DCTERMS, MZ, RDF, SKOS, TYPE, local_name, split_name
from mingzhang.site.packages import DESCRIPTOR
from mingzhang.site.pages.disclosures import DisclosureRow, by_year, disclosure_row
from mingzhang.site.pages.findings import findings_link
from mingzhang.site.pages.frame import Frame, entity_frame, plain_frame
from mingzhang.site.pages.money import Composition, composition, roll_up
from mingzhang.site.source_cells import CellView
from mingzhang.site.source_pages import PDF, Mark, MarkedPage, Source, is_text, marked_pages, marks
from mingzhang.site.source_text import SourceLine
from mingzhang.site.terms import Term
from mingzhang.site.words import BUDGET_KINDS, KINDS, LEDGER, OUTCOMES, STATEMENTS, Words, either

_SIZE_UNITS = ("B", "kB", "MB", "GB", "TB")
_FRONT_ROWS = 20
"""Disclosures on the front page, where there are more: the list and the comparison have all."""


@dataclass(frozen=True)
class Count:
    """A number about the release, with its name."""

    zh: str
    en: str
    number: int
    href: str = ""


@dataclass(frozen=True)
class FrontPage:
    frame: Frame
    disclosures: tuple[DisclosureRow, ...]
    by_year: Composition | None
    by_function: tuple[Composition, ...]
    """One for each year and kind of disclosure: amounts of different years are never added up."""
    counts: tuple[Count, ...]
    """What was read, what is not certain, what was not read."""
    example: Example | None
    example_href: str
    sample_fact: Link | None


@dataclass(frozen=True)
class ReleasePage:
    frame: Frame
    software: str
    triples: int
    graphs: tuple[tuple[str, Link | None], ...]
    counts: tuple[Count, ...]
    ledger: tuple[Count, ...]


@dataclass(frozen=True)
class DumpRow:
    href: str
    name: str
    media_type: str
    size: str
    items: int
    sha256: str
    subject: Link | None


@dataclass(frozen=True)
class DumpsPage:
    frame: Frame
    whole: tuple[DumpRow, ...]
    parts: tuple[DumpRow, ...]
    tables: tuple[DumpRow, ...]
    disclosures: tuple[DumpRow, ...]
    checksums_href: str


@dataclass(frozen=True)
class SourcePage:
    frame: Frame
    file_name: str
    sha256: str
    size: str
    lines: tuple[SourceLine, ...]
    figures: int
    disclosures: tuple[Link, ...]
    text_href: str


@dataclass(frozen=True)
class PlacedSourcePage:
    """A source that is no plain text: a PDF's pages with boxes, or the places of a workbook."""

    frame: Frame
    file_name: str
    sha256: str
    size: str
    media_type: str
    pages: tuple[MarkedPage, ...]
    elsewhere: tuple[Mark, ...]
    """What was read at places that are on no page image."""
    file_href: str


_OFFICE = "application/vnd.openxmlformats-officedocument."
_SUFFIXES = {
    PDF: "pdf",
    f"{_OFFICE}spreadsheetml.sheet": "xlsx",
    f"{_OFFICE}wordprocessingml.document": "docx",
}
"""Media type of a source → the ending under which the service gives the file; a web page is given as text."""


@dataclass(frozen=True)
class CellSourcePage:
    """A workbook, a Word file or a web page: its paragraphs and tables, each figure in its cell."""

    frame: Frame
    file_name: str
    sha256: str
    size: str
    media_type: str
    view: CellView
    file_href: str


@dataclass(frozen=True)
class Statement:
    """A predicate and its values in words."""

    predicate: Link
    values: tuple[Link, ...]


@dataclass(frozen=True)
class ThingPage:
    """An entity that has no kind of page of its own: its statements as they are."""

    frame: Frame
    statements: tuple[Statement, ...]
    mentioned_by: tuple[Link, ...]
    mentions: int


@dataclass(frozen=True)
class SearchPage:
    """Search; without script, the lists from which everything can be reached."""

    frame: Frame
    lists: tuple[Link, ...]


@dataclass(frozen=True)
class MissingPage:
    """Page not found."""

    frame: Frame


def human_size(size_bytes: int) -> str:
    """Bytes as people read them, in powers of 1000: 1234567 → "1.2 MB"."""
    size = Decimal(size_bytes)
    for unit in _SIZE_UNITS:
        if size < 1000 or unit == _SIZE_UNITS[-1]:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("the last unit always fits")


def front_page(book: Book, example: Example | None) -> FrontPage:
    entries = book.manifest.disclosures
    title = ("明账", "Mingzhang, clear accounts")
    about = (
        "政府部门预算公开的每一个数，都连到印出它的那一行。",
        "Budget disclosures of Chinese government departments as linked data: every figure traceable to the line it was printed on.",
    )
    facts = [
        fact
        for entry in entries
        for fact in book.leaves(entry.iri, "functional")
        if book.flow(fact) == "expenditure"
    ]
    largest = max(facts, key=lambda fact: (book.amount_yuan(fact), fact), default=None)
    return FrontPage(
        plain_frame(book, "/", title, about, dataset_jsonld(book.manifest)),
        tuple(disclosure_row(book, entry) for entry in entries[:_FRONT_ROWS]),
        by_year(book, entries, with_department=True, most=_FRONT_ROWS),
        _by_function(book),
        counts(book),
        example,
        sparql_href(example.query) if example else "",
        book.link(largest) if largest else None,
    )


def _by_function(book: Book) -> tuple[Composition, ...]:
    """Expenditure by functional class: the disclosures of one year and kind added up, the latest year first."""
    found = []
    for year, kind in sorted({(entry.year, entry.kind) for entry in book.manifest.disclosures}, reverse=True):
        entries = [entry for entry in book.manifest.disclosures if (entry.year, entry.kind) == (year, kind)]
        facts = [
            fact
            for entry in entries
            for fact in book.leaves(entry.iri, "functional")
            if book.flow(fact) == "expenditure"
        ]
        zh, en = either(BUDGET_KINDS, kind)
        title = (
            f"{year}年{zh}支出按功能分类（{len(entries)} 份公开文件）",
            f"{year} {en} by functional class, {len(entries)} disclosure{'s' if len(entries) != 1 else ''}",
        )
        sums = roll_up(book, facts, "functionalClass")
        # Some disclosures print every class, with zeros; their own pages have them.
        spent = {concept: amount for concept, amount in sums.items() if amount}
        part = composition(book, f"function-{year}-{kind}", title, spent)
        if part:
            found.append(part)
    return tuple(found)


def counts(book: Book) -> tuple[Count, ...]:
    """What makes the release trustworthy, gaps first among equals."""
    graph = book.graph
    figures = graph.instances("TableFigure")
    by_certainty = {"Printed": 0, "Reconciled": 0, "Ambiguous": 0}
    for figure in figures:
        name = local_name(graph.text(figure, MZ + "certainty"))
        by_certainty[name] = by_certainty.get(name, 0) + 1
    ledger = {count.zh: count.number for count in ledger_counts(book)}
    return (
        Count("读出的表中金额", "amounts read from tables", len(figures)),
        Count("位置即证", "plain from their position", by_certainty["Printed"]),
        Count("加总核定", "settled by arithmetic", by_certainty["Reconciled"]),
        Count("列未定，不作事实", "ambiguous: no fact made", by_certainty["Ambiguous"]),
        Count("未读", "not read", ledger.get(LEDGER["unread"][0], 0)),
        Count("事实", "facts", len(graph.instances("Fact"))),
        Count("不合之处", "findings", len(graph.instances("Finding")), findings_link().href),
    )


def ledger_counts(book: Book) -> tuple[Count, ...]:
    """Numeric tokens by category, over all disclosures."""
    graph = book.graph
    sums: dict[str, int] = {}
    for entry in graph.instances("LedgerEntry"):
        category = graph.text(entry, MZ + "tokenCategory")
        sums[category] = sums.get(category, 0) + graph.integer(entry, MZ + "count")
    order = list(LEDGER)
    ordered = sorted(
        sums.items(), key=lambda item: (order.index(item[0]) if item[0] in order else 99, item[0])
    )
    return tuple(Count(*either(LEDGER, category), number) for category, number in ordered)


def release_page(book: Book, iri: str) -> ReleasePage:
    manifest = book.manifest
    title = (f"发布 {manifest.id}", f"Release {manifest.id}")
    about = (
        f"{manifest.date} 的发布，{len(manifest.disclosures)} 份公开文件，{manifest.triples:,} 条陈述。",
        f"Of {manifest.date}: {len(manifest.disclosures)} disclosures, {manifest.triples:,} triples.",
    )
    named = {entry.graph: book.link(entry.iri) for entry in manifest.disclosures}
    return ReleasePage(
        entity_frame(book, iri, "release", title, about, (), dataset_jsonld(book.manifest)),
        manifest.software,
        manifest.triples,
        tuple((graph, named.get(graph)) for graph in sorted(manifest.graphs)),
        counts(book),
        ledger_counts(book),
    )


def dumps_page(book: Book, dumps: list[Dump]) -> DumpsPage:
    about = (
        "整个发布可以整份下载，无须查询接口。许可：CC BY 4.0。",
        "The whole release, to take away without asking the endpoint. Licence: CC BY 4.0.",
    )

    def rows(*kinds: str) -> tuple[DumpRow, ...]:
        return tuple(_dump_row(book, dump) for dump in dumps if dump.of in kinds)

    of_disclosures = ("disclosure", "package")

    def shown(dump: Dump) -> bool:
        """Of each disclosure its Turtle and its data package; index.json lists the other forms."""
        return dump.path.endswith((".ttl", DESCRIPTOR))

    return DumpsPage(
        plain_frame(book, "/dumps/", ("下载", "Downloads"), about, dataset_jsonld(book.manifest)),
        rows("release"),
        rows("ontology", "codelists", "catalogue"),
        rows("table"),
        tuple(_dump_row(book, dump) for dump in dumps if dump.of in of_disclosures and shown(dump)),
        f"/dumps/{CHECKSUMS}",
    )


def _dump_row(book: Book, dump: Dump) -> DumpRow:
    return DumpRow(
        f"/dumps/{dump.path}",
        dump.path,
        dump.media_type,
        human_size(dump.size_bytes),
        dump.items,
        dump.sha256,
        book.link(dump.iri) if dump.iri else None,
    )


def source_page(book: Book, iri: str, source: Source) -> SourcePage | PlacedSourcePage | CellSourcePage:
    """The page of a source: its lines where it is a text, its cells where it has any, else its pages or places."""
    if source.cells is not None:
        return _cell_page(book, iri, source.cells)
    return _text_page(book, iri, source.lines) if is_text(book, iri) else _placed_page(book, iri, source)


def _cell_page(book: Book, iri: str, view: CellView) -> CellSourcePage:
    graph = book.graph
    count = len(book.placed.get(iri, ()))
    about = (
        f"公开文件中可见的文字和表格；读出的 {count} 处各连到自己的页面。",
        f"The text and tables that the file shows; each of the {count} places read links to its page.",
    )
    sha256 = graph.text(iri, MZ + "sha256") or local_name(iri)
    name = graph.text(iri, MZ + "fileName")
    disclosures = book.links(sorted(graph.subjects(DCTERMS + "source", iri)))
    return CellSourcePage(
        entity_frame(
            book, iri, "source", (name, "") if name else ("原件", "Source document"), about, disclosures
        ),
        name,
        sha256,
        human_size(graph.integer(iri, DCTERMS + "extent")),
        graph.text(iri, DCTERMS + "format"),
        view,
        _file_href(book, iri, sha256),
    )


def _placed_page(book: Book, iri: str, source: Source) -> PlacedSourcePage:
    graph = book.graph
    found = marks(book, iri)
    pages, elsewhere = marked_pages(source.images, found)
    about = (
        f"公开文件原件；读出的 {len(found)} 处各连到自己的页面。",
        f"The disclosure itself; each of the {len(found)} places read links to its page.",
    )
    sha256 = graph.text(iri, MZ + "sha256") or local_name(iri)
    name = graph.text(iri, MZ + "fileName")
    disclosures = book.links(sorted(graph.subjects(DCTERMS + "source", iri)))
    return PlacedSourcePage(
        entity_frame(
            book, iri, "source", (name, "") if name else ("原件", "Source document"), about, disclosures
        ),
        name,
        sha256,
        human_size(graph.integer(iri, DCTERMS + "extent")),
        graph.text(iri, DCTERMS + "format"),
        pages,
        elsewhere,
        _file_href(book, iri, sha256),
    )


def _file_href(book: Book, iri: str, sha256: str) -> str:
    """The address of a source file itself."""
    return f"/source/{sha256}.{_SUFFIXES.get(book.graph.text(iri, DCTERMS + 'format'), 'txt')}"


def _text_page(book: Book, iri: str, lines: tuple[SourceLine, ...]) -> SourcePage:
    graph = book.graph
    sha256 = graph.text(iri, MZ + "sha256") or local_name(iri)
    name = graph.text(iri, MZ + "fileName")
    marked = sum(1 for line in lines for piece in line.pieces if piece.href)
    about = (
        f"公开文件全文，{len(lines)} 行；读出的 {marked} 个数各连到自己的页面。",
        f"The disclosure's whole text, {len(lines)} lines; each of the {marked} figures read links to its page.",
    )
    disclosures = book.links(sorted(graph.subjects(DCTERMS + "source", iri)))
    frame = entity_frame(
        book, iri, "source", (name, "") if name else ("原文", "Source document"), about, disclosures
    )
    return SourcePage(
        frame,
        name,
        sha256,
        human_size(graph.integer(iri, DCTERMS + "extent")),
        lines,
        marked,
        disclosures,
        f"/source/{sha256}.txt",
    )


def thing_page(book: Book, iri: str, kind: str) -> ThingPage:
    graph = book.graph
    statements = tuple(
        Statement(_named(book, predicate), _values(book, predicate, list(values)))
        for predicate, values in graph.about[iri].items()
    )
    mentions = sorted({subject for subjects in graph.incoming.get(iri, {}).values() for subject in subjects})
    about = ("以下是图中关于它的全部陈述。", "Everything the graph says of it.")
    frame = entity_frame(book, iri, kind, _thing_title(book, iri), about)
    if kind not in KINDS:
        kind_zh, kind_en = _class_name(book, iri)
        frame = replace(frame, kind_zh=kind_zh, kind_en=kind_en)
    return ThingPage(frame, statements, book.links(mentions[:100]), len(mentions))


def _thing_title(book: Book, iri: str) -> Words:
    """Its name; without one, what it counts or leads from and to; else its class and the end of its IRI."""
    graph = book.graph
    if graph.label(iri):
        return graph.label(iri), graph.label(iri, "en")
    counted = graph.text(iri, MZ + "tokenCategory")
    if counted:
        return either(LEDGER, counted)
    ends = [
        book.link(graph.text(iri, MZ + name)) for name in ("mapsFrom", "mapsTo") if graph.text(iri, MZ + name)
    ]
    if ends:
        return " → ".join(end.zh for end in ends), " → ".join(end.en or end.zh for end in ends)
    zh, en = _class_name(book, iri)
    return f"{zh}：{local_name(iri)}", f"{en}: {local_name(iri)}"


def _class_name(book: Book, iri: str) -> Words:
    """The name of its class in the vocabulary."""
    named = (kind for kind in book.graph.types(iri) if book.graph.label(kind))
    found = next(named, "")
    return book.graph.label(found) or "条目", book.graph.label(found, "en") or "Entry"


def _named(book: Book, iri: str) -> Link:
    prefix, local = split_name(iri)
    name = f"{prefix}:{local}" if prefix else iri
    own = href(iri, book.base)
    # A term that the release's vocabulary does not describe has no place on its page.
    where = (own if iri in book.graph.about else "") if own else iri
    zh, en = STATEMENTS.get(name, (book.graph.label(iri), book.graph.label(iri, "en")))
    return Link(where, zh or name, en)


def _values(book: Book, predicate: str, terms: list[Term]) -> tuple[Link, ...]:
    """The values of a predicate; one text in two languages is one value."""
    by_language = {term.language.split("-")[0]: term.value for term in terms}
    if len(terms) == 2 and set(by_language) == {"zh", "en"}:
        return (Link("", by_language["zh"], by_language["en"]),)
    return tuple(_value(book, predicate, term) for term in terms)


def _value(book: Book, predicate: str, term: Term) -> Link:
    if predicate in (MZ + "leafSum", MZ + "leafDifference"):
        amount = yuan(Decimal(term.value))
        return Link("", f"{amount} 元", f"{amount} yuan")
    if predicate == MZ + "tokenCategory":
        return Link("", *either(LEDGER, term.value))
    if predicate == MZ + "leafOutcome":
        return Link("", *either(OUTCOMES, term.value))
    if term.kind == "blank":
        return Link("", "；".join(_inside(book, term.value, set())))
    if term.kind != "iri":
        return Link("", term.value)
    if href(term.value, book.base):
        return book.link(term.value)
    return _named(book, term.value)


def search_page(book: Book) -> SearchPage:
    about = (
        "按名称或编码找部门、单位、公开文件、项目、科目、绩效指标。",
        "Find departments, units, disclosures, projects, codes and indicators by name or code.",
    )
    schemes = book.links(sorted(book.graph.subjects(TYPE, SKOS + "ConceptScheme")))
    lists = (
        Link("/doc/disclosure.html", "预算公开", "Disclosures"),
        Link("/doc/department.html", "部门", "Departments"),
        Link("/coverage/", "谁公布了什么", "Coverage"),
        Link("/compare/", "比较", "Compare"),
        findings_link(),
        Link("/doc/scheme.html", "分类与代码", "Code lists"),
        *schemes,
    )
    return SearchPage(plain_frame(book, "/search/", ("搜索", "Search"), about), lists)


def _inside(book: Book, node: str, told: set[str]) -> list[str]:
    """What a blank node and those below it say, in words: their own labels would mean nothing to anyone."""
    told.add(node)
    words = []
    for predicate, values in book.graph.about.get(node, {}).items():
        for term in values:
            if term.kind == "blank":
                words += _inside(book, term.value, told) if term.value not in told else []
            elif not predicate.startswith(RDF):
                value = book.name(term.value) if term.kind == "iri" else term.value
                words.append(f"{book.name(predicate)} {value}")
            elif predicate.endswith("#first"):
                words.append(book.name(term.value) if term.kind == "iri" else term.value)
    return words


def missing_page(book: Book) -> MissingPage:
    about = ("此地址没有页面。", "There is no page at this address.")
    return MissingPage(plain_frame(book, "/404.html", ("找不到", "Not found"), about))
