"""A release's pages: every entity, every source, the lists, and the few pages about the whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from itertools import compress, islice
from operator import not_
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from mingzhang.release import Release
from mingzhang.site.book import Book, open_book
from mingzhang.site.dumps import Progress, read_index
from mingzhang.site.example import example
from mingzhang.site.graph import ReleaseGraph, read_graph
from mingzhang.site.kept import KeptPages, Notes, kept_pages, take_notes
from mingzhang.site.links import href, kind_of, page_path
from mingzhang.site.namespaces import DCTERMS, PROV
from mingzhang.site.pages import (
    bodies,
    comparisons,
    concepts,
    coverage,
    disclosures,
    facts,
    findings,
    indicators,
    vocabulary,
    whole,
)
from mingzhang.site.rules import Rule, read_rules
from mingzhang.site.search import FOLDER as SEARCH
from mingzhang.site.search import SearchIndex, records, search_digest
from mingzhang.site.source_pages import PDF, PageImage, Source, draw_pages, open_source
from mingzhang.site.spread import Task, spread, staying
from mingzhang.site.static_host import write_nginx_config, write_rdf_files, write_vocabulary_files
from mingzhang.site.term_documents import write_term_documents
from mingzhang.site.writing import PageWriter

# Kinds of entities whose pages may have charts, beside concepts; see `_may_have_chart`.
_WITH_CHARTS = ("department", "unit", "disclosure", "project", "scheme", "release")
_CONCEPTS = ("code", "fund-source", "expenditure-kind", "three-public", "phase", "flow")
_PICTURES_A_TASK = 4
_ENTITIES_A_TASK = 64
"""Pages that a process takes upon itself at a time: some hundredths of a second."""
_SOURCES_KEPT = 8
_MISSING = "404.html"
# sitemaps.org: at most 50,000 addresses a file.
_SITEMAP_LIMIT = 50_000

_TEMPLATES = {
    whole.FrontPage: "front",
    whole.ReleasePage: "release",
    whole.DumpsPage: "dumps",
    whole.SourcePage: "source",
    whole.PlacedSourcePage: "source_pages",
    whole.CellSourcePage: "source_cells",
    whole.ThingPage: "thing",
    whole.SearchPage: "search",
    whole.MissingPage: "missing",
    disclosures.DisclosurePage: "disclosure",
    disclosures.TablePage: "table",
    bodies.DepartmentPage: "department",
    bodies.UnitPage: "unit",
    bodies.DivisionPage: "division",
    disclosures.DisclosuresPage: "disclosures",
    bodies.DepartmentsPage: "departments",
    findings.FindingPage: "finding",
    findings.FindingsPage: "findings",
    indicators.IndicatorPage: "indicator",
    indicators.ProjectPage: "project",
    concepts.ConceptPage: "concept",
    concepts.SchemePage: "scheme",
    concepts.CodesPage: "codes",
    concepts.FormPage: "form",
    vocabulary.VocabularyPage: "vocabulary",
    vocabulary.TermPage: "term",
    vocabulary.RulePage: "rule",
    facts.FactPage: "fact",
    facts.FigurePage: "figure",
    facts.SumPage: "sum",
    comparisons.ComparisonPage: "comparison",
    coverage.CoveragePage: "coverage",
}
"""Record of a page → its template."""


@dataclass(frozen=True)
class SiteOptions:
    """How pages are written. What is written depends on `rdf_files` alone."""

    rdf_files: bool = False
    """Adds each entity's Turtle and JSON-LD as files, for hosts that run no service."""
    workers: int = 1
    """Processes that render pages."""
    before: Release | None = None
    """An earlier release whose pages are taken over where they are still right."""
    program: str = ""
    """Version of the program: pages written by another one are not taken over."""


def build_site(release: Release, progress: Progress, options: SiteOptions = SiteOptions()) -> int:
    """Writes every page under `release.site` and returns how many. Call it after `build_dumps`.

    The configuration for a static host is written to `site-config/nginx.conf`.

    Raises ReleaseError where a graph or a source file is missing or damaged, OSError where a page cannot be written.
    """
    release.site.mkdir(parents=True, exist_ok=True)
    graph = read_graph(release)
    with staying():
        return _write_site(release, graph, progress, options)


def _write_site(release: Release, graph: ReleaseGraph, progress: Progress, options: SiteOptions) -> int:
    rules = read_rules(release)
    book = open_book(graph, release.manifest, rules)
    findable = tuple(records(book))
    noting = partial(take_notes, release, graph, options.program, search_digest(findable))
    # Without a release before, nothing waits for the notes.
    notes = noting() if options.before else None
    kept = kept_pages(options.before, release.manifest, notes) if notes else None
    site = _Site(release, book, rules, PageWriter(release, graph, _TEMPLATES), kept, options.rdf_files)
    index = SearchIndex(findable, release.site, kept.search(SEARCH) if kept else None)
    here = [Task(index.start, 0)]
    if options.workers < 2:
        here.append(Task(index.finish, 0))  # one process, one thing at a time
    here += _whole_pages(site, _pages_with_charts(site))
    anywhere = [Task(partial(_write_notes, release, notes or noting), 0), *_files(site)]
    anywhere += _whole_pages(site, _pages_without_charts(site))
    anywhere += _pictures(site)
    entities = [_Entity(iri, kind_of(iri, book.base)) for iri in graph.entities()]
    charted = [_may_have_chart(book, entity) for entity in entities]
    here += _entity_pages(site, compress(entities, charted))
    anywhere += _entity_pages(site, compress(entities, map(not_, charted)))
    total = sum(task.weight for task in (*here, *anywhere))
    with index:
        found = spread(here, anywhere, options.workers, lambda done: progress("pages", done, total))
        index.finish()
    addresses = [book.base.rstrip("/") + href(entity.iri, book.base) for entity in entities]
    addresses += sorted(address for some in found for address in some or ())
    _write_sitemap(release.site, book.base, addresses)
    return len(addresses) + 1


@dataclass(frozen=True)
class _Site:
    """What everything that is written is written from."""

    release: Release
    book: Book
    rules: tuple[Rule, ...]
    writer: PageWriter
    kept: KeptPages | None
    rdf_files: bool
    sources: dict[str, Source] = field(default_factory=dict)

    def source(self, iri: str) -> Source:
        """A source with what its pages show. A few are kept: who asks, asks for the same one many times in a row."""
        known = self.sources.get(iri)
        if known is None:
            if len(self.sources) >= _SOURCES_KEPT:
                self.sources.clear()
            is_source = self.book.graph.is_a(iri, "SourceDocument")
            known = open_source(self.book, iri, self.release) if is_source else Source()
            self.sources[iri] = known
        return known

    def write(self, pages: Callable[[], Iterable[tuple[str, Any]]]) -> list[str]:
        """Writes pages about no single entity; returns the addresses of those to be found."""
        addresses = []
        for path, page in pages():
            self.writer.write(path, page)
            if path != _MISSING:
                addresses.append(page.frame.canonical)
        return addresses

    def write_entities(self, entities: Iterable[_Entity]) -> None:
        """Writes the pages of entities: those of the release before, where they are still right."""
        for entity in entities:
            path = page_path(entity.iri, self.book.base)
            before = self.kept.page(self.book.graph, entity.iri, path) if self.kept else None
            if before is None:
                self.writer.write(path, entity_page(self.book, entity, self.source))
            else:
                self.writer.write_bytes(path, before)
            if self.rdf_files:
                write_rdf_files(self.release.site, self.book.graph, entity.iri)


@dataclass(frozen=True)
class _Entity:
    """Something with an IRI of its own, and what that IRI says it is."""

    iri: str
    kind: str


def _may_have_chart(book: Book, entity: _Entity) -> bool:
    """Whether a page has to be written by the first process.

    The charting library has threads, which do not live on in a forked process: a chart drawn there would be waited for
    for ever (`rectangles` raises RuntimeError instead).
    """
    if entity.kind in _CONCEPTS:
        # A chart has two bars and more: two facts that name it.
        return sum(map(len, book.graph.incoming.get(entity.iri, {}).values())) > 1
    return entity.kind in _WITH_CHARTS


def _entity_pages(site: _Site, entities: Iterable[_Entity]) -> Iterator[Task]:
    """The tasks of writing the pages of entities, some at a time."""
    waiting = iter(entities)
    while some := tuple(islice(waiting, _ENTITIES_A_TASK)):
        yield Task(partial(site.write_entities, some), len(some))


def _pictures(site: _Site) -> Iterator[Task]:
    """The tasks of drawing the pages of PDFs, a few pages each."""
    for iri in site.book.graph.instances("SourceDocument"):
        if site.book.graph.text(iri, DCTERMS + "format") == PDF:
            source = site.source(iri)
            for at in range(0, len(source.images), _PICTURES_A_TASK):
                images = source.images[at : at + _PICTURES_A_TASK]
                yield Task(partial(_write_pictures, source, images, site.writer, site.kept))


def _write_pictures(
    source: Source, images: tuple[PageImage, ...], writer: PageWriter, kept: KeptPages | None
) -> None:
    """Writes pictures of pages of a PDF: those of the release before, where it has them, since a file never changes."""
    missing = []
    for image in images:
        path = image.href.lstrip("/")
        before = kept.file(path) if kept else None
        if before is None:
            missing.append(image)
        else:
            writer.write_bytes(path, before)
    if missing and source.file:
        draw_pages(source.file, missing, writer.site)


def _files(site: _Site) -> Iterator[Task]:
    """The tasks of writing what is no page."""
    release = site.release
    yield Task(partial(write_vocabulary_files, release), 0)
    yield Task(partial(write_term_documents, release, site.book, site.rules), 0)
    yield Task(partial(write_nginx_config, release, site.writer.environment, site.rdf_files), 0)
    yield Task(partial(_write_static, release.site), 0)


def _write_notes(release: Release, notes: Notes | Callable[[], Notes]) -> None:
    (notes if isinstance(notes, Notes) else notes()).write(release)


def entity_page(book: Book, entity: _Entity, source_of: Callable[[str], Source]) -> Any:
    """The record of an entity's page. `source_of`: the source of an IRI, with what its pages show."""
    iri, kind = entity.iri, entity.kind
    if kind == "figure":
        return facts.figure_page(book, iri, source_of(book.graph.text(iri, PROV + "wasDerivedFrom")))
    if kind in _CONCEPTS:
        return concepts.concept_page(book, iri, kind)
    if kind == "disclosure" and iri not in book.disclosures:
        return whole.thing_page(book, iri, kind)
    maker = _MAKERS.get(kind)
    return maker(book, iri) if maker else whole.thing_page(book, iri, kind)


_MAKERS: dict[str, Callable[[Book, str], Any]] = {
    "department": bodies.department_page,
    "unit": bodies.unit_page,
    "division": bodies.division_page,
    "disclosure": disclosures.disclosure_page,
    "table": disclosures.table_page,
    "fact": facts.fact_page,
    "sum": facts.sum_page,
    "finding": findings.finding_page,
    "indicator": indicators.indicator_page,
    "project": indicators.project_page,
    "scheme": concepts.scheme_page,
    "form": concepts.form_page,
    "release": whole.release_page,
}


_Pages = Callable[[], Iterable[tuple[str, Any]]]
"""Makes pages, each with its path below the site folder."""


def _whole_pages(site: _Site, makers: Iterable[_Pages]) -> Iterator[Task]:
    """The tasks of writing pages about no single entity."""
    return (Task(partial(site.write, maker)) for maker in makers)


def _pages_with_charts(site: _Site) -> Iterator[_Pages]:
    """Pages about no single entity that have to be written by the first process: see `_may_have_chart`."""
    book = site.book
    yield lambda: [("index.html", whole.front_page(book, example(book.graph)))]
    yield lambda: [("doc/finding.html", findings.findings_page(book))]
    yield partial(_comparisons, site)


def _comparisons(site: _Site) -> Iterator[tuple[str, Any]]:
    """The pages that compare; the tables beside them are written at once."""
    for page in comparisons.comparison_pages(site.book):
        site.writer.write_bytes(page.part.csv.lstrip("/"), comparisons.comparison_csv(page.part).encode())
        path = page.frame.path.lstrip("/")
        yield (f"{path}index.html" if path.endswith("/") else path), page


def _pages_without_charts(site: _Site) -> Iterator[_Pages]:
    book = site.book
    yield lambda: vocabulary.vocabulary_pages(book, site.rules)
    for iri in book.graph.instances("SourceDocument"):
        yield partial(_source_page, site, iri)
    yield lambda: [("doc/disclosure.html", disclosures.disclosures_page(book))]
    yield lambda: [("doc/department.html", bodies.departments_page(book))]
    yield lambda: [("doc/scheme.html", concepts.codes_page(book))]
    yield lambda: [("dumps/index.html", whole.dumps_page(book, read_index(site.release)))]
    yield lambda: [("search/index.html", whole.search_page(book))]
    yield lambda: [("coverage/index.html", coverage.coverage_page(book))]
    yield lambda: [(_MISSING, whole.missing_page(book))]


def _source_page(site: _Site, iri: str) -> Iterator[tuple[str, Any]]:
    page = whole.source_page(site.book, iri, site.source(iri))
    yield f"source/{page.sha256}.html", page


def _write_static(site: Path) -> None:
    folder = files("mingzhang.site") / "static"
    (site / "static").mkdir(parents=True, exist_ok=True)
    for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if item.is_file():
            with item.open("rb") as source, (site / "static" / item.name).open("wb") as target:
                shutil.copyfileobj(source, target)


def _write_sitemap(site: Path, base: str, addresses: list[str]) -> None:
    """`sitemap.xml` (an index of parts where there are too many addresses) and `robots.txt`."""
    parts = [addresses[at : at + _SITEMAP_LIMIT] for at in range(0, len(addresses), _SITEMAP_LIMIT)]
    if len(parts) <= 1:
        (site / "sitemap.xml").write_text(_urlset(addresses), encoding="utf-8")
    else:
        names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
        for name, part in zip(names, parts, strict=True):
            (site / name).write_text(_urlset(part), encoding="utf-8")
        entries = "".join(f"<sitemap><loc>{escape(base + name)}</loc></sitemap>\n" for name in names)
        (site / "sitemap.xml").write_text(_sitemap("sitemapindex", entries), encoding="utf-8")
    robots = f"User-agent: *\nDisallow: /sparql\nAllow: /\n\nSitemap: {base}sitemap.xml\n"
    (site / "robots.txt").write_text(robots, encoding="utf-8")


def _urlset(addresses: list[str]) -> str:
    return _sitemap("urlset", "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses))


def _sitemap(element: str, body: str) -> str:
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{element} xmlns="{namespace}">\n{body}</{element}>\n'
