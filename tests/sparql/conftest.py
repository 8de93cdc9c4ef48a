"""A small release made by hand, and the service running over it (or over RDF files) on a real socket."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from mingzhang.release import DisclosureEntry, Manifest, Release, open_release

HERE = Path(__file__).resolve().parent
BASE = "https://data.example.org/"
RELEASE_ID = "2026-01-02-0123456789ab"
DISCLOSURE = "510824/shi-fan-ju/2023-budget"
SOURCE = "部门收支总表\n一般公共服务支出 30.00\n社会保障和就业支出 10.00005\n其他 7.00\n支出总计40.5万元。\n"

RUNNER = """
import json, sys
from pathlib import Path
from mingzhang.release import open_release
from mingzhang.sparql.server import ServiceOptions, serve_endpoint, serve_rdf, serve_release

wanted = json.loads(sys.argv[1])
given = {name: Path(value) if name == "kept_folder" else value for name, value in wanted["options"].items()}
options = ServiceOptions(port=0, **given)
ready = lambda url: print(url, flush=True)
if wanted["endpoint"]:
    serve_endpoint(wanted["endpoint"], options, ready, wanted["base_uri"], wanted["release_id"])
elif wanted["release"]:
    serve_release(open_release(Path(wanted["release"])), options, ready)
else:
    serve_rdf([Path(file) for file in wanted["files"]], options, ready)
"""

# number, functional class, dept-economic class, fund source, expenditure kind, three-public item, amount, leaf of
FACTS = (
    (1, "2010101", "all", "all", "all", "not-applicable", "300000.0", "functional"),
    (2, "2080505", "all", "all", "all", "not-applicable", "100000.5", "functional"),
    (3, "all", "all", "all", "all", "not-applicable", "400000.5", ""),
    (4, "all", "301", "all", "all", "not-applicable", "400000.5", "dept-economic"),
    (5, "all", "all", "all", "basic", "not-applicable", "350000.5", "expenditure-kind"),
    (6, "all", "all", "all", "project", "not-applicable", "50000.0", "expenditure-kind"),
    (7, "all", "all", "all", "all", "hospitality", "2000.0", "three-public"),
    (8, "all", "all", "all", "all", "all", "2000.0", ""),
)
REVENUE = (
    (9, "all", "all", "current", "all", "not-applicable", "300000.5", "fund-source"),
    (10, "all", "all", "carryover", "all", "not-applicable", "100000.0", "fund-source"),
    (11, "all", "all", "all", "all", "not-applicable", "400000.5", ""),
)


def fact(number: int, flow: str, codes: tuple[str, str, str, str, str], amount: str) -> str:
    functional, economic, fund, kind, item = codes
    department = "<id/department/510824/shi-fan-ju>"
    return f"""
<id/fact/{DISCLOSURE}/{number:016d}> a mz:Fact, qb:Observation ; qb:dataSet <id/disclosure/{DISCLOSURE}> ;
    mz:department {department} ; mz:budgetUnit <id/unit/all> ; mz:fiscalYear "2023"^^xsd:gYear ;
    mz:phase <id/phase/initial> ; mz:flow <id/flow/{flow}> ; mz:fundSource <id/fund-source/{fund}> ;
    mz:functionalClass <id/code/functional/{functional}> ;
    mz:departmentEconomicClass <id/code/dept-economic/{economic}> ;
    mz:governmentEconomicClass <id/code/gov-economic/all> ; mz:expenditureKind <id/expenditure-kind/{kind}> ;
    mz:threePublicItem <id/three-public/{item}> ; mz:project <id/project/all> ;
    mz:amount {amount} ; mz:certainty mz:Printed ; rdfs:label "示范局 2023 {number}"@zh .
"""


def facts_and_leaves() -> tuple[str, str]:
    """Turtle of all facts, and of those that are leaves with what they are leaves of."""
    head = """
@prefix mz: <https://w3id.org/mingzhang/ontology#> .
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
    facts, leaves = head, head
    for flow, rows in (("expenditure", FACTS), ("revenue", REVENUE)):
        for number, *codes, amount, leaf_of in rows:
            text = fact(number, flow, tuple(codes), amount)  # type: ignore[arg-type]
            facts += text
            if leaf_of:
                leaves += text + f"<id/fact/{DISCLOSURE}/{number:016d}> mz:leafOf <id/scheme/{leaf_of}> .\n"
    return facts, leaves


def write_graph(path: Path, graph: str, *turtles: str) -> int:
    """Writes one sorted N-Quads file; returns its number of triples."""
    name = ox.NamedNode(graph)
    lines = {
        f"{triple.subject} {triple.predicate} {triple.object} {name} .\n"
        for turtle in turtles
        for triple in ox.parse(turtle, format=ox.RdfFormat.TURTLE, base_iri=BASE)
    }
    path.write_text("".join(sorted(lines)), encoding="utf-8")
    return len(lines)


def write_release(folder: Path) -> Release:
    """The fixture release: the Turtle of `release/` with its facts, the source, some pages and dumps."""
    sha256 = hashlib.sha256(SOURCE.encode()).hexdigest()
    for name in (
        "graphs",
        "sources",
        "tables",
        "dumps",
        "site/doc/id",
        "site/source",
        "site/static",
        "reports",
    ):
        (folder / name).mkdir(parents=True)
    (folder / "sources" / sha256).write_text(SOURCE, encoding="utf-8")
    disclosure = (HERE / "release/disclosure.ttl").read_text(encoding="utf-8")
    disclosure = disclosure.replace("SHA256", sha256).replace("SHA12", sha256[:12])
    facts, leaves = facts_and_leaves()
    graphs = {
        f"{BASE}graph/disclosure/{DISCLOSURE}": ("disclosure.nq", disclosure, facts),
        f"{BASE}graph/codelists": (
            "codelists.nq",
            (HERE / "release/codelists.ttl").read_text(encoding="utf-8"),
        ),
        f"{BASE}graph/catalogue": (
            "catalogue.nq",
            (HERE / "release/catalogue.ttl").read_text(encoding="utf-8"),
        ),
        f"{BASE}graph/leaves": ("leaves.nq", leaves),
    }
    triples = sum(
        write_graph(folder / "graphs" / file, graph, *text) for graph, (file, *text) in graphs.items()
    )
    site = folder / "site"
    site.joinpath("index.html").write_text("<!doctype html><title>示范</title>", encoding="utf-8")
    site.joinpath("source", f"{sha256}.html").write_text(
        "<!doctype html><title>来源</title>", encoding="utf-8"
    )
    site.joinpath("ontology.html").write_text("<!doctype html><title>词汇</title>", encoding="utf-8")
    site.joinpath("static/style.css").write_text("body { margin: 0 }\n" * 100, encoding="utf-8")
    page = site / "doc" / "department/510824/shi-fan-ju.html"
    page.parent.mkdir(parents=True)
    page.write_text("<!doctype html><title>示范局</title>", encoding="utf-8")
    folder.joinpath("dumps/ontology.ttl").write_text(
        "<https://example.org/o> a <http://www.w3.org/2002/07/owl#Ontology> .\n"
    )
    folder.joinpath("dumps/all.nq.gz").write_bytes(bytes(range(256)) * 40)
    entry = DisclosureEntry(
        f"{BASE}id/disclosure/{DISCLOSURE}", f"{BASE}graph/disclosure/{DISCLOSURE}", "disclosure.nq",
        "示范局2023年部门预算", f"{BASE}id/department/510824/shi-fan-ju", "示范局", "510824", "苍溪县", 2023, "budget",
        sha256, "示范.txt", {},
    )  # fmt: skip
    manifest = Manifest(
        RELEASE_ID, "2026-01-02", "mingzhang test", BASE, True, "示范版本", triples, (entry,),
        {graph: file for graph, (file, *_) in graphs.items()},
    )  # fmt: skip
    folder.joinpath("release.json").write_text(manifest.to_json(), encoding="utf-8")
    return open_release(folder)


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return write_release(tmp_path_factory.mktemp("release"))


Start = Callable[..., str]


@pytest.fixture(scope="session")
def start() -> Iterator[Start]:
    """Starts the service in a process of its own, over a release, RDF files or an engine; gives its URL. Each must end
    cleanly when told to."""
    processes: list[subprocess.Popen[str]] = []

    def started(
        release: Release | None = None,
        files: tuple[Path, ...] = (),
        endpoint: str = "",
        base_uri: str = "",
        release_id: str = "",
        **options: object,
    ) -> str:
        wanted = {
            "release": str(release.path) if release else "",
            "files": [str(file) for file in files],
            "endpoint": endpoint,
            "base_uri": base_uri,
            "release_id": release_id,
            "options": options,
        }
        process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, json.dumps(wanted)], stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url.startswith("http://"):
            process.stdout.close()
            processes.remove(process)
            pytest.fail(f"the service did not start (exit status {process.wait(10)})")
        return url

    yield started
    for process in processes:
        process.send_signal(signal.SIGTERM)
        if process.stdout is not None:
            process.stdout.close()
    assert [process.wait(15) for process in processes] == [0] * len(processes), (
        "a service did not end cleanly"
    )


@pytest.fixture(scope="session")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """Starts `oxigraph serve`, a real SPARQL engine that also takes updates, over an N-Quads file; gives its URL, ending
    in `/`: it answers queries at `query`, updates at `update`."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        pytest.fail("the oxigraph server is not here; install the test requirements")
    processes: list[subprocess.Popen[bytes]] = []

    def started(file: Path) -> str:
        location = tmp_path_factory.mktemp("oxigraph")
        load = [str(program), "load", "--location", str(location), "--file", str(file)]
        subprocess.run(load, check=True, capture_output=True, timeout=60)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        serve = [str(program), "serve", "--location", str(location), "--bind", f"127.0.0.1:{port}"]
        processes.append(subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return f"http://127.0.0.1:{port}/"
            except OSError:
                time.sleep(0.05)
        pytest.fail("the oxigraph server does not start")

    yield started
    for process in processes:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def service(start: Start, release: Release) -> str:
    """URL of a service over the fixture release, ending in `/`."""
    return start(release=release)


@pytest.fixture(scope="session")
def client(service: str) -> Iterator[httpx.Client]:
    """A client of that service."""
    with httpx.Client(base_url=service, timeout=30, follow_redirects=False) as opened:
        yield opened
