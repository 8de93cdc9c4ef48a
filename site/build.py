"""A release's pages: every entity, every source, the lists, and the few pages about the whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mingzhang.release import Release
from mingzhang.site.bilingual import Bilingual
from mingzhang.site.book import Book, open_book
from mingzhang.site.dumps import Progress, read_index
from mingzhang.site.example import example
from mingzhang.site.graph import ReleaseGraph, read_graph
from mingzhang.site.links import page_path
from mingzhang.site.namespaces import PROV
from mingzhang.site.pages import bodies, concepts, disclosures, facts, findings, indicators, whole
from mingzhang.site.search import write_search
from mingzhang.site.source_pages import Source, open_source
from mingzhang.site.static_host import write_nginx_config, write_rdf_files
from mingzhang.site.words import CERTAINTY

_PROGRESS_EVERY = 200
_CONCEPTS = ("code", "fund-source", "expenditure-kind", "three-public", "phase", "flow")
# sitemaps.org: at most 50,000 addresses a file.
_SITEMAP_LIMIT = 50_000

_TEMPLATES = {
    whole.FrontPage: "front",
    whole.ReleasePage: "release",
    whole.DumpsPage: "dumps",
    whole.SourcePage: "source",
    whole.PlacedSourcePage: "source_pages",
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
    concepts.VocabularyPage: "vocabulary",
    facts.FactPage: "fact",
    facts.FigurePage: "figure",
    facts.SumPage: "sum",
}
"""Record of a page → its template."""


def build_site(release: Release, progress: Progress, rdf_files: bool = False) -> int:
    """Writes every page under `release.site` and returns how many. Call it after `build_dumps`.

    `rdf_files` adds each entity's Turtle and JSON-LD as files, for hosts that run no service; either way the
    configuration for such a host is written to `site-config/nginx.conf`.

    Raises ReleaseError where a graph or a source file is missing or damaged.
    """
    graph = read_graph(release)
    book = open_book(graph, release.manifest)
    writer = _Writer(release, book)
    sources = {iri: open_source(book, iri, release) for iri in graph.instances("SourceDocument")}
    entities = list(graph.entities())
    for done, iri in enumerate(entities):
        if done % _PROGRESS_EVERY == 0:
            progress("pages", done, len(entities))
        writer.write(page_path(iri, book.base), entity_page(book, iri, sources))
    for iri, source in sources.items():
        page = whole.source_page(book, iri, source)
        writer.write(f"source/{page.sha256}.html", page)
    for path, page in _whole_pages(release, book):
        writer.write(path, page)
    if rdf_files:
        write_rdf_files(release, book)
    write_nginx_config(release, writer.environment, rdf_files)
    _write_static(release.site)
    progress("search", 0, 1)
    write_search(book, release.site)
    progress("search", 1, 1)
    _write_sitemap(release.site, book.base, writer.addresses)
    progress("pages", len(entities), len(entities))
    return writer.count


def entity_page(book: Book, iri: str, sources: dict[str, Source]) -> Any:
    """The record of an entity's page, by what its IRI says it is."""
    body = iri.removeprefix(f"{book.base}id/")
    kind = body.partition("/")[0]
    if kind == "department" and "/unit/" in body:
        kind = "unit"
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


def _whole_pages(release: Release, book: Book) -> Iterator[tuple[str, Any]]:
    yield "index.html", whole.front_page(book, example(release))
    yield "doc/disclosure.html", disclosures.disclosures_page(book)
    yield "doc/department.html", bodies.departments_page(book)
    yield "doc/finding.html", findings.findings_page(book)
    yield "doc/scheme.html", concepts.codes_page(book)
    yield "ontology.html", concepts.vocabulary_page(book)
    yield "dumps/index.html", whole.dumps_page(book, read_index(release))
    yield "search/index.html", whole.search_page(book)
    yield "404.html", whole.missing_page(book)


class _Writer:
    """Renders records into files and remembers their addresses."""

    def __init__(self, release: Release, book: Book) -> None:
        self._site = release.site
        self.environment = environment(release, book.graph)
        self._templates: dict[type, Template] = {}
        self._folders: set[Path] = set()
        self.addresses: list[str] = []
        self.count = 0

    def write(self, path: str, page: Any) -> None:
        kind = type(page)
        template = self._templates.get(kind)
        if template is None:
            template = self._templates[kind] = self.environment.get_template(f"{_TEMPLATES[kind]}.html")
        target = self._site / path
        if target.parent not in self._folders:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(target.parent)
        values = {field.name: getattr(page, field.name) for field in fields(page)}
        target.write_bytes(template.render(values).encode())
        self.count += 1
        if path != "404.html":
            self.addresses.append(page.frame.canonical)


def environment(release: Release, graph: ReleaseGraph) -> Environment:
    """The templates, with what every page may name."""
    found = Environment(
        loader=PackageLoader("mingzhang.site"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[Bilingual],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals["manifest"] = release.manifest
    found.globals["release_href"] = f"/doc/release/{release.manifest.id}.html"
    found.globals["has_release_page"] = f"{graph.base}id/release/{release.manifest.id}" in graph.about
    found.globals["certainties"] = CERTAINTY
    return found


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
