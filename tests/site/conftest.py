"""A small release, written by hand in release/ and laid out on disk as docs/model.md says, with dumps and pages."""

from __future__ import annotations

import csv
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, sync_playwright

from mingzhang.release import DisclosureEntry, Manifest, Release, open_release
from mingzhang.site.build import SiteOptions, build_site
from mingzhang.site.catalogue import catalogue_nquads
from mingzhang.site.dumps import build_dumps

BASE = "https://data.example/"
ID = "2026-01-02-0123456789ab"
BODY = "519901/jiao-yu-ju"
DISCLOSURE = f"{BASE}id/disclosure/{BODY}/2023-budget"
GRAPH = f"{BASE}graph/disclosure/{BODY}/2023-budget"
HERE = Path(__file__).parent / "release"
SHA256 = hashlib.sha256((HERE / "source.txt").read_bytes()).hexdigest()
SHORT = SHA256[:12]


def _pdf() -> bytes:
    """A page of 300 by 400 points with `123.45` at its middle, written by hand: objects, their offsets, a trailer."""
    drawing = b"BT /F1 24 Tf 100 200 Td (123.45) Tj ET"
    bodies = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return data + end % (table, len(data))


PDF = _pdf()
PDF_SHA256 = hashlib.sha256(PDF).hexdigest()
PDF_PLACES = ("page=1&xywh=100,182.5,90,20", "page=1&xywh=100,182.5,90,20", "page=1&xywh=20,300,60,12")
"""The first two figures stand in the same box, as a number and the claim that is made of it do."""
SHEET_SHA256 = hashlib.sha256(b"a workbook").hexdigest()
SHEET_PLACES = ("sheet=%E8%A1%A81&cell=B4",)

_PREFIXES = f"""@base <{BASE}> .
@prefix mz: <https://w3id.org/mingzhang/ontology#> .
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@dataclass(frozen=True)
class Example:
    """The built release and the names its tests need."""

    release: Release
    base: str = BASE
    disclosure: str = DISCLOSURE
    department: str = f"{BASE}id/department/{BODY}"
    sha256: str = SHA256
    pdf_sha256: str = PDF_SHA256
    sheet_sha256: str = SHEET_SHA256

    def fact(self, number: int) -> str:
        """The IRI of a fact of facts.csv."""
        return fact(number)

    def figure(self, name: str) -> str:
        """The IRI of a figure, as `l9n1`."""
        return f"{BASE}id/figure/{SHORT}/{name}"

    def page(self, iri: str) -> Path:
        """The file of an entity's page."""
        return self.release.site / "doc" / f"{iri.removeprefix(f'{BASE}id/')}.html"


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """The hand-written release with its dumps and pages, built once. Tests only read it."""
    return build_example(tmp_path_factory.mktemp("release") / ID)


CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the test output clean."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder behind a plain server; gives its address without the last slash."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def address(example: Example) -> Iterator[str]:
    """The example's pages behind a plain server."""
    with served(example.release.site) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Ended with the module: while its event loop runs, no test of another room can start one."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        yield browser
        browser.close()


def build_example(folder: Path) -> Example:
    """Makes, dumps and renders the release in a folder."""
    release = make_release(folder)
    build_dumps(release, _quiet)
    build_site(release, _quiet, SiteOptions(rdf_files=True))
    return Example(release)


def _quiet(stage: str, done: int, total: int) -> None:
    """No progress bar."""


def make_release(folder: Path) -> Release:
    """Writes the release's input (graphs, tables, source) under a folder and opens it."""
    for part in ("graphs", "tables", "sources", "reports"):
        (folder / part).mkdir(parents=True)
    (folder / "sources" / SHA256).write_bytes((HERE / "source.txt").read_bytes())
    (folder / "sources" / PDF_SHA256).write_bytes(PDF)
    (folder / "sources" / SHEET_SHA256).write_bytes(b"a workbook")
    disclosure = _turtle("disclosure") + _figures() + _facts("qb:dataSet")
    disclosure += _placed(PDF_SHA256, "example.pdf", "application/pdf", PDF_PLACES)
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    disclosure += _placed(SHEET_SHA256, "example.xlsx", sheet, SHEET_PLACES)
    names = {
        GRAPH: ("disclosure.nq", disclosure),
        f"{BASE}graph/codelists": ("codelists.nq", _turtle("codelists")),
        f"{BASE}graph/ontology": ("ontology.nq", _turtle("ontology")),
        f"{BASE}graph/leaves": ("leaves.nq", _facts("mz:leafOf")),
    }
    for graph, (name, text) in names.items():
        _write_graph(folder / "graphs" / name, graph, text)
    manifest = _manifest({graph: name for graph, (name, _) in names.items()})
    lines = list(catalogue_nquads(manifest, folder / "graphs"))
    (folder / "graphs" / "catalogue.nq").write_text("".join(lines), encoding="utf-8")
    manifest = _manifest(manifest.graphs | {f"{BASE}graph/catalogue": "catalogue.nq"})
    (folder / "release.json").write_text(manifest.to_json(), encoding="utf-8")
    _write_tables(folder / "tables")
    rules = folder / "shapes" / "accounting"
    rules.mkdir(parents=True)
    (rules / "columns-add-up.ttl").write_text((HERE / "columns-add-up.ttl").read_text("utf-8"), "utf-8")
    (folder / "reports" / "shapes.json").write_text('{"columns-add-up": 7}\n', encoding="utf-8")
    return open_release(folder)


def _manifest(graphs: dict[str, str]) -> Manifest:
    entry = DisclosureEntry(
        iri=DISCLOSURE,
        graph=GRAPH,
        graph_file="disclosure.nq",
        title="示例县教育局2023年部门预算",
        department=f"{BASE}id/department/{BODY}",
        department_name="示例县教育局",
        division="519901",
        division_name="示例县",
        year=2023,
        kind="budget",
        source_sha256=SHA256,
        file_name="example.txt",
        counts={},
    )
    return Manifest(
        id=ID,
        date="2026-01-02",
        software="mingzhang 0.1.0",
        base_uri=BASE,
        base_uri_given=True,
        title="明账 Mingzhang",
        triples=0,
        disclosures=(entry,),
        graphs=graphs,
    )


def _turtle(name: str) -> str:
    text = (HERE / f"{name}.ttl").read_text(encoding="utf-8")
    return text.replace("SHA", SHA256).replace("SHORT", SHORT) + "\n" + _PREFIXES


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def fact(number: int | str) -> str:
    """The IRI of a fact of facts.csv."""
    return f"{BASE}id/fact/{BODY}/2023-budget/{int(number):016d}"


def _figures() -> str:
    return "".join(_figure(row) for row in _rows("figures"))


def _figure(row: dict[str, str]) -> str:
    value = row["token"].replace(",", "")
    iri = f"<id/figure/{SHORT}/l{row['line']}n{row['nth']}>"
    parts = [
        "a mz:TableFigure, mz:Figure",
        f'mz:token "{row["token"]}"',
        f"mz:value {value}",
        'mz:printedUnit "万元"',
        f"mz:figureAmount {Decimal(value) * 10000}",
        f'mz:rowLabel "{row["row_label"]}"',
        f"mz:inTable <id/table/{SHORT}/{row['table']}>",
        f"mz:line {row['line']}",
        f"mz:nth {row['nth']}",
        f"mz:place <source/{SHA256}#line={row['line']}>",
        f"mz:certainty mz:{row['certainty']}",
        f"prov:wasDerivedFrom <source/{SHA256}>",
    ]
    if row["code"]:
        parts.append(f'mz:codePrinted "{row["code"]}"')
    if row["certainty"] == "Ambiguous":
        parts.append('mz:candidate "支出 / 基本支出", "支出 / 项目支出"')
    else:
        parts.append(f'mz:columnPath "{row["column"]}"')
    if row["certainty"] == "Reconciled":
        parts.append('mz:proof "行政运行 800.00 = 基本支出 800.00 + 项目支出 0"')
    if row["fact"]:
        parts.append(f"mz:states <{fact(row['fact'])}>")
    return f"{iri} {' ; '.join(parts)} .\n"


def _placed(sha256: str, name: str, media_type: str, places: tuple[str, ...]) -> str:
    """A source that is no text, and a table with a figure at each of its places."""
    short = sha256[:12]
    text = (
        f'<source/{sha256}> a mz:SourceDocument ; mz:sha256 "{sha256}" ; mz:fileName "{name}" ; '
        f'<http://purl.org/dc/terms/extent> 10 ; <http://purl.org/dc/terms/format> "{media_type}" .\n'
        f'<id/table/{short}/9> a mz:Table ; <http://purl.org/dc/terms/title> "附表"@zh ; mz:tableNumber 9 ; '
        f'mz:printedUnit "万元" ; mz:firstLine 1 ; mz:lastLine 3 ; mz:publishedEmpty false ; '
        f"<http://purl.org/dc/terms/isPartOf> <{DISCLOSURE}> .\n"
    )
    for nth, place in enumerate(places, start=1):
        text += (
            f'<id/figure/{short}/l1n{nth}> a mz:TableFigure, mz:Figure ; mz:token "123.45" ; mz:value 123.45 ; '
            f'mz:printedUnit "万元" ; mz:figureAmount 1234500.0 ; mz:rowLabel "合计{nth}" ; mz:columnPath "合计" ; '
            f"mz:inTable <id/table/{short}/9> ; mz:line {nth} ; mz:nth 1 ; mz:page 1 ; "
            f"mz:place <source/{sha256}#{place}> ; mz:certainty mz:Printed ; prov:wasDerivedFrom <source/{sha256}> .\n"
        )
    return text


def _facts(link: str) -> str:
    """The facts as Turtle: as they stand in the disclosure's graph, or (`mz:leafOf`) the leaves' copies."""
    stated: dict[str, list[str]] = {}
    for row in _rows("figures"):
        if row["fact"]:
            stated.setdefault(row["fact"], []).append(f"<id/figure/{SHORT}/l{row['line']}n{row['nth']}>")
    stated["1"].append(f"<id/figure/{SHORT}/l3c15>")
    stated["10"] = [f"<id/figure/{SHORT}/l11n3>"]
    blocks = [_PREFIXES]
    for row in _rows("facts"):
        if link == "mz:leafOf" and not row["leaf_of"]:
            continue
        leaf = f"mz:leafOf <id/scheme/{row['leaf_of']}> ; " if link == "mz:leafOf" else ""
        blocks.append(
            f"<{fact(row['number'])}> {leaf}{_dimensions(row)} ; mz:statedBy {', '.join(stated[row['number']])} .\n"
        )
    return "".join(blocks)


def _dimensions(row: dict[str, str]) -> str:
    return (
        f"a mz:Fact, qb:Observation ; qb:dataSet <{DISCLOSURE}> ; mz:department <id/department/{BODY}> ; "
        f'mz:budgetUnit <id/unit/all> ; mz:fiscalYear "2023"^^xsd:gYear ; mz:phase <id/phase/initial> ; '
        f"mz:flow <id/flow/expenditure> ; mz:fundSource <id/fund-source/all> ; "
        f"mz:functionalClass <id/code/functional/{row['functional']}> ; "
        f"mz:departmentEconomicClass <id/code/dept-economic/all> ; mz:governmentEconomicClass <id/code/gov-economic/all> ; "
        f"mz:expenditureKind <id/expenditure-kind/{row['kind']}> ; mz:threePublicItem <id/three-public/{row['three_public']}> ; "
        f"mz:project <id/project/{row['project']}> ; mz:amount {row['amount']} ; mz:certainty mz:Printed ; "
        f'rdfs:label "示例县教育局 2023年 支出 {row["number"]}"@zh'
    )


def _write_graph(path: Path, graph: str, turtle: str) -> None:
    target = ox.NamedNode(graph)
    lines = {
        str(ox.Quad(quad.subject, quad.predicate, quad.object, target)) + " .\n"
        for quad in ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE, rename_blank_nodes=False)
    }
    path.write_text("".join(sorted(lines)), encoding="utf-8")


def _write_tables(folder: Path) -> None:
    (folder / "figures.csv").write_text(
        'document,line,nth,page,token,value,unit,amount,functional_code\nexample.txt,7,1,1,"1,200.00",1200.00,万元,12000000.00,\n',
        encoding="utf-8",
    )
    (folder / "findings.csv").write_text(
        'document,line,rule,severity,difference,message_zh,message_en\nexample.txt,7,columns-add-up,Warning,0.50,"两行\n文字",two lines\n',
        encoding="utf-8",
    )
    (folder / "claims.csv").write_text("document,line,token,value\n", encoding="utf-8")
    (folder / "indicators.csv").write_text(
        "document,line,page,scope\nexample.txt,19,1,project\n", encoding="utf-8"
    )
