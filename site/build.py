"""A release's pages: every entity, every source, the lists, and the few pages about the whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from mingzhang.release import Release
from mingzhang.site.book import Book, open_book
from mingzhang.site.dumps import Progress, read_index
from mingzhang.site.example import example
from mingzhang.site.graph import read_graph
from mingzhang.site.kept import KeptPages, kept_pages, take_notes
from mingzhang.site.links import href, kind_of, page_path
from mingzhang.site.namespaces import PROV
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
from mingzhang.site.search import records, search_digest, write_search
from mingzhang.site.source_pages import PageImage, Source, draw_pages, open_source
from mingzhang.site.spread import Task, spread
from mingzhang.site.static_host import write_nginx_config, write_rdf_files, write_vocabulary_files
from mingzhang.site.writing import PageWriter

# Kinds of entities whose pages may have charts, beside concepts; see `_may_have_chart`.
_WITH_CHARTS = ("department", "unit", "disclosure", "project", "scheme", "release")
_CONCEPTS = ("code", "fund-source", "expenditure-kind", "three-public", "phase", "flow")
_PICTURES_A_TASK = 4
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
    graph = read_graph(release)
    rules = read_rules(release)
    book = open_book(graph, release.manifest, rules)
    sources = {iri: open_source(book, iri, release) for iri in graph.instances("SourceDocument")}
    findable = tuple(records(book))
    notes = take_notes(release, graph, options.program, search_digest(findable))
    kept = kept_pages(options.before, release.manifest, notes)
    writer = PageWriter(release, graph, _TEMPLATES)

    def write_entity(entity: _Entity) -> None:
        path = page_path(entity.iri, book.base)
        before = kept.page(graph, entity.iri, path) if kept else None
        if before is None:
            writer.write(path, entity_page(book, entity, sources))
        else:
            writer.write_bytes(path, before)

    entities = [_Entity(iri, kind_of(iri, book.base)) for iri in graph.entities()]
    charted = [entity for entity in entities if _may_have_chart(book, entity)]
    tasks = list(_pictures(sources, writer, kept))
    tasks += [partial(write_entity, entity) for entity in entities if not _may_have_chart(book, entity)]
    with spread(tasks, options.workers, lambda done: progress("pages", done, len(tasks))):
        write_search(findable, release.site, kept.search(SEARCH) if kept else None)
        for entity in charted:
            write_entity(entity)
        others = _write_other_pages(release, book, rules, sources, writer)
        write_vocabulary_files(release)
        write_nginx_config(release, writer.environment, options.rdf_files)
        notes.write(release)
        _write_static(release.site)
    if options.rdf_files:
        write_rdf_files(release, book)
    addresses = [book.base.rstrip("/") + href(entity.iri, book.base) for entity in entities] + others
    _write_sitemap(release.site, book.base, addresses)
    return len(addresses) + 1


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


def _pictures(sources: Mapping[str, Source], writer: PageWriter, kept: KeptPages | None) -> Iterator[Task]:
    """The tasks of drawing the pages of PDFs, a few pages each."""
    for source in sources.values():
        for at in range(0, len(source.images), _PICTURES_A_TASK):
            yield partial(_write_pictures, source, source.images[at : at + _PICTURES_A_TASK], writer, kept)


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


def entity_page(book: Book, entity: _Entity, sources: dict[str, Source]) -> Any:
    """The record of an entity's page."""
    iri, kind = entity.iri, entity.kind
    if kind == "figure":
        source = book.graph.text(iri, PROV + "wasDerivedFrom")
        return facts.figure_page(book, iri, sources.get(source, Source()))
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


def _write_other_pages(
    release: Release, book: Book, rules: tuple[Rule, ...], sources: dict[str, Source], writer: PageWriter
) -> list[str]:
    """Writes the pages about no single entity, and about sources; returns the addresses of those to be found."""
    compared = comparisons.comparison_pages(book)
    for part in (page.part for page in compared):
        writer.write_bytes(part.csv.lstrip("/"), comparisons.comparison_csv(part).encode())
    addresses = []
    for path, page in _other_pages(release, book, rules, sources, compared):
        writer.write(path, page)
        addresses.append(page.frame.canonical)
    writer.write("404.html", whole.missing_page(book))
    return addresses


def _other_pages(
    release: Release,
    book: Book,
    rules: tuple[Rule, ...],
    sources: dict[str, Source],
    compared: list[comparisons.ComparisonPage],
) -> Iterator[tuple[str, Any]]:
    for iri, source in sources.items():
        page = whole.source_page(book, iri, source)
        yield f"source/{page.sha256}.html", page
    yield "index.html", whole.front_page(book, example(book.graph))
    yield "doc/disclosure.html", disclosures.disclosures_page(book)
    yield "doc/department.html", bodies.departments_page(book)
    yield "doc/finding.html", findings.findings_page(book)
    yield "doc/scheme.html", concepts.codes_page(book)
    yield from vocabulary.vocabulary_pages(book, rules)
    yield "dumps/index.html", whole.dumps_page(book, read_index(release))
    yield "search/index.html", whole.search_page(book)
    yield "coverage/index.html", coverage.coverage_page(book)
    for comparison in compared:
        path = comparison.frame.path.lstrip("/")
        yield (f"{path}index.html" if path.endswith("/") else path), comparison


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
