"""The service's own pages: editor with results, stored queries, and a plain page for a thing without one of its own.

They work without script. Templates get one frozen record each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlencode

import jinja2
import pyoxigraph as ox
from markupsafe import Markup

from mingzhang.sparql.chart import ANY_CHART, Cell, Chart, ChartWish, Table, chart_of
from mingzhang.sparql.columns import Words, readable, words_of
from mingzhang.sparql.engine import PREFIXES
from mingzhang.sparql.problems import Problem
from mingzhang.sparql.receipts import Receipt
from mingzhang.sparql.stored import StoredQuery
from mingzhang.sparql.sums import IN_CHINESE

FIRST_QUERY = """PREFIX mz: <https://w3id.org/mingzhang/ontology#>
PREFIX dcterms: <http://purl.org/dc/terms/>

SELECT ?disclosure ?title ?year
WHERE {
  ?disclosure a mz:Disclosure ;
    dcterms:title ?title ;
    mz:fiscalYear ?year .
}
ORDER BY ?title
LIMIT 100
"""
DOWNLOADS = ("csv", "tsv", "json", "xml")
TOO_LARGE = "too-large"
"""The kind of problem that a download does not have: a page shows less than a file may hold."""
GRAPH_DOWNLOADS = ("turtle", "ntriples", "rdfxml", "jsonld")

EDITOR_FILES = {
    "editor.js": "text/javascript; charset=utf-8",
    "language.js": "text/javascript; charset=utf-8",
    "yasqe.min.js": "text/javascript; charset=utf-8",
    "yasqe.min.css": "text/css; charset=utf-8",
}
"""Files of these pages and their Content-Type. The editor's component (Yasqe) is fetched by scripts/editor where npm is there."""
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
}
"""Our own pages load nothing from anywhere else and run no script that stands in them."""

PAGES = jinja2.Environment(
    loader=jinja2.PackageLoader("mingzhang.sparql"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def editor_file(name: str) -> bytes | None:
    """A file of the editor; None where there is none, or where it was not fetched."""
    file = files("mingzhang.sparql") / "editor" / name
    return file.read_bytes() if name in EDITOR_FILES and file.is_file() else None


@lru_cache(maxsize=1)
def has_component() -> bool:
    """Whether the editor's component was fetched before the service started."""
    return editor_file("yasqe.min.js") is not None


@dataclass(frozen=True)
class Download:
    """A link to the same result as a file."""

    label: str
    link: str


@dataclass(frozen=True)
class EditorPage:
    """What `editor.html` shows. Of `table`, `boolean`, `graph_text` and `problem` at most one is there."""

    query: str
    examples: tuple[StoredQuery, ...]
    table: Table | None
    chart: Chart | None
    boolean: str
    graph_text: str
    problem: Problem | None
    receipt: Receipt | None
    downloads: tuple[Download, ...]
    prefixes: str = json.dumps(PREFIXES)
    """Prefixes and their namespaces, as JSON: what the editor completes."""
    completes: bool = field(default_factory=has_component)
    """Whether the editor's component is there; without it the form is plain."""


@dataclass(frozen=True)
class QueriesPage:
    """What `queries.html` shows."""

    queries: tuple[StoredQuery, ...]


Choices = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class StoredPage:
    """What `query.html` shows: the query, the value of each parameter ("" for none), those given, and the result, or why
    there is none."""

    query: StoredQuery
    values: Mapping[str, str]
    given: tuple[tuple[str, str], ...]
    table: Table | None
    chart: Chart | None
    receipt: Receipt | None
    problem: Problem | None
    downloads: tuple[Download, ...]
    choices: Choices
    """Parameter → what may be given for it, with what that is called."""


@dataclass(frozen=True)
class Statement:
    """One triple about a thing: its property shortened, its value."""

    property: Cell
    value: Cell


@dataclass(frozen=True)
class ThingPage:
    """What `thing.html` shows."""

    iri: str
    name: str
    statements: tuple[Statement, ...]
    downloads: tuple[Download, ...]


Page = EditorPage | QueriesPage | StoredPage | ThingPage


def rendered(template: str, page: Page, has_site: bool) -> bytes:
    """`has_site`: whether the pages of a release are here too, to which the head of the page leads."""
    text: str = PAGES.get_template(template).render(page=page, has_site=has_site)
    return text.encode("utf-8")


def bi(zh: str, en: str) -> Markup:
    """The same in Chinese and English, each in its own element; which of them is shown is for the style sheet."""
    return Markup('<span class="zh">{}</span> <span class="en" lang="en">{}</span>').format(zh, en)


PAGES.globals["bi"] = bi
PAGES.globals["in_chinese"] = IN_CHINESE
PAGES.globals["words_of"] = words_of


def editor_page(
    examples: tuple[StoredQuery, ...],
    query: str = FIRST_QUERY,
    *,
    answer: bytes = b"",
    graph: bool = False,
    receipt: Receipt | None = None,
    problem: Problem | None = None,
    base_uri: str = "",
    wish: ChartWish = ANY_CHART,
    has_site: bool = False,
) -> bytes:
    """The editor, with a result or a problem below it where there is one."""
    table, boolean = None, ""
    if answer and not graph:
        table, boolean = result_of(answer, base_uri)
    keys = GRAPH_DOWNLOADS if graph else DOWNLOADS
    downloads = tuple(Download(key, "/sparql?" + urlencode({"query": query, "format": key})) for key in keys)
    page = EditorPage(
        query, examples, table, chart_of(table, wish) if table else None, boolean,
        answer.decode("utf-8") if graph else "", problem, receipt,
        downloads if answer or (problem is not None and problem.kind == TOO_LARGE) else (),
    )  # fmt: skip
    return rendered("editor.html", page, has_site)


def queries_page(queries: tuple[StoredQuery, ...], has_site: bool = False) -> bytes:
    """The list of stored queries."""
    return rendered("queries.html", QueriesPage(queries), has_site)


def stored_page(
    query: StoredQuery,
    values: Mapping[str, str],
    *,
    answer: bytes = b"",
    receipt: Receipt | None = None,
    problem: Problem | None = None,
    base_uri: str = "",
    names: Mapping[str, Words] = MappingProxyType({}),
    choices: Choices = MappingProxyType({}),
    has_site: bool = False,
) -> bytes:
    """One stored query with its form and its result, or the problem in its place. `names`: IRI → what it is called."""
    given = {p.name: values.get(p.name, "") for p in query.parameters}
    table = result_of(answer, base_uri)[0] if answer else None
    if table is not None:
        by_link = {iri_cell(iri, base_uri).link: words for iri, words in names.items()}
        table = readable(table, by_link)
    suffix = (
        "?" + urlencode({name: value for name, value in given.items() if value})
        if any(given.values())
        else ""
    )
    links = tuple(Download(key, f"/queries/{query.name}.{key}{suffix}") for key in DOWNLOADS)
    downloads = links if problem is None or problem.kind == TOO_LARGE else ()
    drawn = chart_of(table, ChartWish.of(values)) if table else None
    named = tuple((name, value) for name, value in given.items() if value)
    page = StoredPage(query, given, named, table, drawn, receipt, problem, downloads, choices)
    return rendered("query.html", page, has_site)


def result_of(answer: bytes, base_uri: str) -> tuple[Table | None, str]:
    """A JSON result as a table, or as `true` or `false`. Names of this site are shown without the base URI."""
    result = json.loads(answer)
    if "boolean" in result:
        return None, "true" if result["boolean"] else "false"
    columns = tuple(result["head"]["vars"])
    rows = tuple(
        tuple(cell_of(binding.get(column), column, base_uri) for column in columns)
        for binding in result["results"]["bindings"]
    )
    return Table(columns, rows), ""


def cell_of(value: Mapping[str, str] | None, column: str, base_uri: str) -> Cell:
    if value is None:
        return Cell("")
    if value["type"] == "uri":
        return iri_cell(value["value"], base_uri)
    if value["type"] == "triple":
        return Cell(json.dumps(value["value"], ensure_ascii=False))
    numeric = value.get("datatype", "").rpartition("#")[2] in ("integer", "decimal", "double", "float")
    text = value["value"]
    if numeric and column.endswith("Yuan"):
        text = grouped(text)
    return Cell(text, number=numeric)


def grouped(amount: str) -> str:
    """`43024500.5` → `43,024,500.5`; digits are never rounded. Anything but a plain decimal comes back unchanged."""
    match = re.fullmatch(r"(-?)([0-9]+)(\.[0-9]+)?", amount)
    return f"{match[1]}{int(match[2]):,}{match[3] or ''}" if match else amount


def iri_cell(iri: str, base_uri: str) -> Cell:
    """A name: of this site by its path, linked so that it works at whatever address the site is read."""
    if base_uri and iri.startswith(base_uri):
        path = iri.removeprefix(base_uri)
        return Cell(path or "/", "/" + path)
    return Cell(shortened(iri), iri)


def thing_page(iri: str, name: str, ntriples: bytes, base_uri: str, has_site: bool = False) -> bytes:
    """A plain page for a thing that the release has no page for: what the RDF says, as a table."""
    statements = []
    for triple in ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES):
        if isinstance(triple.subject, ox.NamedNode) and triple.subject.value == iri:
            predicate = triple.predicate.value
            value = term_cell(triple.object, base_uri)
            statements.append(Statement(Cell(shortened(predicate), predicate), value))
    statements.sort(key=lambda statement: (statement.property.text, statement.value.text))
    downloads = tuple(Download(suffix, f"/doc/{name}.{suffix}") for suffix in ("ttl", "nt", "jsonld", "rdf"))
    return rendered("thing.html", ThingPage(iri, name, tuple(statements), downloads), has_site)


def term_cell(term: object, base_uri: str) -> Cell:
    if isinstance(term, ox.NamedNode):
        return iri_cell(term.value, base_uri)
    if isinstance(term, ox.Literal):
        return Cell(f"{term.value} @{term.language}" if term.language else term.value)
    return Cell(str(term))


def shortened(iri: str) -> str:
    """An IRI with a known prefix in its place."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def text_type(file: Path) -> str:
    """The Content-Type of a source file given as it is: PDF, text where it is UTF-8 or GB 18030, else bytes."""
    head = file.read_bytes()
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if b"\x00" in head[:4096]:
        return "application/octet-stream"
    for charset in ("utf-8", "gb18030"):
        try:
            head.decode(charset)
        except UnicodeDecodeError:
            continue
        return f"text/plain; charset={charset}"
    return "application/octet-stream"
