"""The service in front of another engine: a real one (the oxigraph server), and one made to misbehave."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pyoxigraph as ox
import pytest

from mingzhang.errors import SettingsError
from mingzhang.release import Release
from mingzhang.sparql import formats
from mingzhang.sparql.connections import address_of
from mingzhang.sparql.options import ServiceOptions
from mingzhang.sparql.server import serve_endpoint
from mingzhang.sparql.store import quads, release_source
from mingzhang.sparql.stored import stored_queries

MZ = "PREFIX mz: <https://w3id.org/mingzhang/ontology#>\n"
BASE = "https://data.example.org/"
LEAF_SUM = MZ + (
    "SELECT (SUM(?amount) AS ?yuan) { GRAPH <graph/leaves> "
    "{ ?fact mz:leafOf <id/scheme/functional> ; mz:amount ?amount } }"
)
PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TIMEOUT_S = 1.5


@pytest.fixture(scope="module")
def engine(
    oxigraph: Callable[[Path], str], release: Release, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A real engine holding the release: its graphs, and all but `leaves` in the default graph too."""
    file = tmp_path_factory.mktemp("release") / "release.nq"
    file.write_bytes(ox.serialize(quads(release_source(release)), format=ox.RdfFormat.N_QUADS) or b"")
    return oxigraph(file)


@pytest.fixture(scope="module")
def before(start: Callable[..., str], engine: str, release: Release) -> Iterator[httpx.Client]:
    """The service in front of it."""
    url = start(
        endpoint=engine + "query", base_uri=BASE, release_id=release.manifest.id, timeout_s=TIMEOUT_S,
        result_limit_bytes=1024 * 1024,
    )  # fmt: skip
    with httpx.Client(base_url=url, timeout=30) as opened:
        yield opened


def ask(client: httpx.Client, query: str, accept: str = "text/csv") -> httpx.Response:
    return client.post("/sparql", data={"query": query}, headers={"Accept": accept})


def kind(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["type"].rpartition("#")[2]


# --- a real engine -----------------------------------------------------------------------------------------------


def test_an_answer_is_that_of_the_engine_with_our_receipt(before: httpx.Client, release: Release) -> None:
    response = ask(before, LEAF_SUM)
    assert Decimal(response.text.split()[1]) == Decimal("400000.5")
    assert response.headers["mingzhang-engine"].startswith("endpoint Oxigraph/")
    assert response.headers["mingzhang-release"] == release.manifest.id
    assert response.headers["mingzhang-rows"] == "1"
    again = before.get(
        "/sparql",
        params={"query": LEAF_SUM},
        headers={"If-None-Match": response.headers["etag"], "Accept": "text/csv"},
    )
    assert again.status_code == 304


def test_without_a_release_named_the_data_may_change_so_nothing_is_kept(
    start: Callable[..., str], engine: str
) -> None:
    url = start(endpoint=engine + "query", base_uri=BASE)
    response = httpx.get(url + "sparql", params={"query": LEAF_SUM})
    assert response.status_code == 200
    assert "etag" not in response.headers


@pytest.mark.parametrize("name", sorted(stored_queries()))
def test_a_stored_query_gives_what_our_own_engine_gives(
    before: httpx.Client, client: httpx.Client, name: str
) -> None:
    def rows(asked: httpx.Client) -> list[list[list[str]]]:
        # SPARQL does not say in which order GROUP_CONCAT joins.
        table = csv.reader(io.StringIO(asked.get(f"/queries/{name}.csv").text))
        return sorted([sorted(cell.split(" | ")) for cell in row] for row in table)

    assert rows(before) == rows(client)


@pytest.mark.parametrize("key", sorted({f.key for f in (*formats.TABLES, *formats.GRAPHS)}))
def test_every_format_is_there_whatever_the_engine_offers(
    before: httpx.Client, client: httpx.Client, key: str
) -> None:
    query = MZ + "SELECT ?t { ?f mz:token ?t } ORDER BY ?t"
    if key in formats.RDF:
        query = MZ + "CONSTRUCT { ?f mz:token ?t } WHERE { ?f mz:token ?t }"
    elsewhere, here = (c.get("/sparql", params={"query": query, "format": key}) for c in (before, client))
    assert elsewhere.headers["content-type"] == here.headers["content-type"]
    assert elsewhere.headers["mingzhang-rows"] == here.headers["mingzhang-rows"]
    if key in formats.RDF:
        parsed = [set(ox.parse(r.content, format=formats.RDF[key])) for r in (elsewhere, here)]
        assert parsed[0] == parsed[1]
        assert parsed[0]
    else:
        assert elsewhere.content == here.content


@pytest.mark.parametrize(
    "query",
    [
        "INSERT DATA { <urn:s> <urn:p> <urn:o> }", "insert data { <urn:s> <urn:p> <urn:o> }", "CLEAR ALL",
        "# a comment\nDELETE WHERE { ?s ?p ?o }", "PREFIX a: <urn:a> DROP ALL", "LOAD <http://127.0.0.1:1/x>",
        "INSERT { <urn:s> <urn:p> <urn:o> } WHERE { SELECT * { ?s ?p ?o } LIMIT 1 }", r"\u0043LEAR ALL",
        "ASK {} ; CLEAR ALL", "SELECT * { ?s ?p ?o } ; DROP ALL", "BASE <urn:x> CREATE GRAPH <urn:g>",
    ],
)  # fmt: skip
def test_an_update_in_any_disguise_is_refused_and_changes_nothing(
    before: httpx.Client, engine: str, query: str
) -> None:
    count = {"query": "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"}
    held = httpx.post(engine + "query", data=count).text
    for data in ({"query": query}, {"update": query}):
        status, name = kind(before.post("/sparql", data=data))
        assert (status, name) in ((403, "update"), (400, "syntax"))
    assert httpx.post(engine + "query", data=count).text == held


@pytest.mark.parametrize(
    "word", ["SERVICE", "service", r"\u0053ERVICE", r"SER\U00000056ICE", "SERVICE SILENT"]
)
def test_service_never_reaches_the_engine(before: httpx.Client, word: str) -> None:
    status, name = kind(ask(before, f"SELECT * {{ {word} <http://127.0.0.1:1/> {{ ?s ?p ?o }} }}"))
    assert (status, name) in ((403, "service"), (400, "syntax"))
    if not word.startswith("SER\\"):
        assert (status, name) == (403, "service")


def test_a_malformed_query_is_told_line_and_column_of_the_clients_own_text(before: httpx.Client) -> None:
    problem = ask(before, "SELECT *\nWHERE { ?s ?p }").json()
    assert (problem["status"], problem["line"]) == (400, 2)


def test_a_query_is_ended_at_its_time_limit(before: httpx.Client) -> None:
    started = time.monotonic()
    assert kind(ask(before, PRODUCT)) == (504, "timeout")
    assert time.monotonic() - started < TIMEOUT_S + 1.5
    assert ask(before, LEAF_SUM).status_code == 200


def test_an_answer_past_the_size_limit_is_an_error(before: httpx.Client) -> None:
    assert kind(ask(before, "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 100000")) == (403, "too-large")


def test_pages_and_names_work_without_a_release(before: httpx.Client) -> None:
    editor = before.get("/sparql", headers={"Accept": "text/html"})
    assert "<form" in editor.text
    assert before.get("/queries").status_code == 200
    document = before.get("/doc/department/510824/shi-fan-ju.ttl")
    assert "示范局" in document.text
    assert before.get("/graph/codelists", headers={"Accept": "text/turtle"}).status_code == 200
    assert before.get("/graph/nothing").status_code == 404
    assert before.get("/id/nothing/here").status_code == 404
    assert before.get("/health").status_code == 200


# --- an engine that misbehaves -----------------------------------------------------------------------------------

WHOLE = b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"1"}}]}}'
JSON = "application/sparql-results+json"


class Misbehaving(BaseHTTPRequestHandler):
    """Behaves as the query's variable says; answers the first probe properly."""

    protocol_version = "HTTP/1.1"
    server_version = "Misbehaving/1"
    broken = False

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = parse_qs(body)["query"][0]
        if "ASK {}" in query:
            status = 500 if type(self).broken else 200
            self.answer(status, b'{"head":{},"boolean":true}')
            return
        self.close_connection = True
        getattr(self, query.partition("?")[2].partition(" ")[0])()

    def answer(self, status: int, body: bytes, length: int | None = None, media_type: str = JSON) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def whole(self) -> None:
        self.answer(200, WHOLE)

    def cut(self) -> None:
        self.answer(200, WHOLE[:-10], len(WHOLE))

    def cut_in_a_chunk(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n" % len(WHOLE) + WHOLE[:20])

    def half_with_full_length(self) -> None:
        self.answer(200, WHOLE[:-3])

    def error_in_the_middle(self) -> None:
        self.answer(200, WHOLE[:60] + b"\nOut of memory")

    def page(self) -> None:
        self.answer(200, b"<html>sign in</html>", media_type="text/html")

    def of_no_length(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.end_headers()
        self.wfile.write(WHOLE)

    def elsewhere(self) -> None:
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def failure(self) -> None:
        self.answer(500, b"stack trace")

    def busy(self) -> None:
        self.answer(503, b"")

    def silence(self) -> None:
        time.sleep(TIMEOUT_S + 1)

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(30):
            time.sleep(0.1)
            try:
                self.wfile.write(b" ")
            except OSError:
                return

    def endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" " * 65536)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: what it is told to do is noise on standard error."""


@pytest.fixture(scope="module")
def badly(start: Callable[..., str]) -> Iterator[httpx.Client]:
    """The service in front of it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = start(
            endpoint=f"http://127.0.0.1:{server.server_port}/sparql", timeout_s=TIMEOUT_S,
            result_limit_bytes=1024 * 1024,
        )  # fmt: skip
        with httpx.Client(base_url=url, timeout=30) as opened:
            yield opened
        server.shutdown()


@pytest.mark.parametrize(
    ("behaviour", "status", "name"),
    [
        ("cut", 502, "engine"), ("cut_in_a_chunk", 502, "engine"), ("half_with_full_length", 502, "engine"),
        ("error_in_the_middle", 502, "engine"), ("page", 502, "engine"), ("of_no_length", 502, "engine"),
        ("elsewhere", 502, "engine"), ("failure", 502, "engine"), ("busy", 503, "busy"),
        ("silence", 504, "timeout"), ("drip", 504, "timeout"), ("endless", 403, "too-large"),
    ],
)  # fmt: skip
def test_what_is_no_whole_answer_is_an_error(
    badly: httpx.Client, behaviour: str, status: int, name: str
) -> None:
    started = time.monotonic()
    assert kind(ask(badly, f"SELECT ?{behaviour} WHERE {{ ?s ?p ?o }}")) == (status, name)
    assert time.monotonic() - started < TIMEOUT_S + 1.5
    assert ask(badly, "SELECT ?whole WHERE { ?s ?p ?o }").text == "a\r\n1\r\n"


def test_health_says_when_the_engine_is_away(badly: httpx.Client) -> None:
    assert badly.get("/health").status_code == 200
    Misbehaving.broken = True
    try:
        assert badly.get("/health").status_code == 503
    finally:
        Misbehaving.broken = False


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/sparql", "ftp://x/", "engine", "http://u:p@127.0.0.1/", "http://h:x/"]
)
def test_an_engine_that_is_not_there_is_said_at_the_start(url: str) -> None:
    with pytest.raises(SettingsError, match="--endpoint"):
        serve_endpoint(url, ServiceOptions(port=0), lambda _: pytest.fail("it started"))


def test_the_query_url_may_have_a_port_a_path_and_parameters() -> None:
    address = address_of("https://example.org:8443/repositories/x?infer=false")
    assert (address.scheme, address.host, address.port) == ("https", "example.org", 8443)
    assert address.path == "/repositories/x?infer=false"
