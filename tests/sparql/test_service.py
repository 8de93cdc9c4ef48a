"""The service over a small release made by hand, on a real socket: answers, receipts, names, files, errors."""

from __future__ import annotations

import base64
import contextlib
import csv
import gzip
import hashlib
import http.client
import io
import socket
from decimal import Decimal

import httpx
import pyoxigraph as ox
import pytest
from markupsafe import escape
from SPARQLWrapper import JSON, SPARQLWrapper

from mingzhang.release import Release
from mingzhang.sparql import resources
from mingzhang.sparql.local import run_query
from mingzhang.sparql.stored import bound_query, stored_queries

MZ = "PREFIX mz: <https://w3id.org/mingzhang/ontology#>\n"
BASE = "https://data.example.org/"
DEPARTMENT = "department/510824/shi-fan-ju"
FACT = "fact/510824/shi-fan-ju/2023-budget/0000000000000001"
LEAF_SUM = MZ + (
    "SELECT (SUM(?amount) AS ?yuan) { GRAPH <graph/leaves> "
    "{ ?fact mz:leafOf <id/scheme/functional> ; mz:amount ?amount } }"
)


def ask(client: httpx.Client, query: str, **headers: str) -> httpx.Response:
    wanted = {"Accept": "text/csv"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/sparql", params={"query": query}, headers=wanted)


def rows(response: httpx.Response) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text)))


# --- answers -----------------------------------------------------------------------------------------------------


def test_the_default_graph_holds_each_triple_once_and_no_leaves(client: httpx.Client) -> None:
    counted = rows(ask(client, MZ + "SELECT (COUNT(*) AS ?n) (SUM(?a) AS ?sum) { ?fact mz:amount ?a }"))
    assert counted[0]["n"] == "11"
    assert rows(ask(client, MZ + "SELECT ?fact { ?fact mz:leafOf ?scheme }")) == []


def test_leaves_of_one_classification_add_up_to_the_total_exactly(client: httpx.Client) -> None:
    assert Decimal(rows(ask(client, LEAF_SUM))[0]["yuan"]) == Decimal("400000.5")


def test_a_triple_of_two_graphs_named_together_counts_once(client: httpx.Client) -> None:
    graphs = f"{BASE}graph/leaves", f"{BASE}graph/disclosure/510824/shi-fan-ju/2023-budget"
    query = MZ + "SELECT (COUNT(?a) AS ?n) {} WHERE {{ ?fact mz:amount ?a }}"
    by_from = query.format(" ".join(f"FROM <{graph}>" for graph in graphs))
    assert rows(ask(client, by_from))[0]["n"] == "11"
    response = client.get(
        "/sparql",
        params={"query": query.format(""), "default-graph-uri": list(graphs)},
        headers={"Accept": "text/csv"},
    )
    assert rows(response)[0]["n"] == "11"
    prefixed = "PREFIX g: <graph/>\n" + query.format("FROM g:leaves FROM g:codelists")
    assert int(rows(ask(client, prefixed))[0]["n"]) == 8


def test_the_printed_token_survives_as_it_was_printed(client: httpx.Client) -> None:
    found = rows(ask(client, MZ + "SELECT ?token { ?figure mz:token ?token } ORDER BY ?token"))
    assert {"30.00", "10.00005"} <= {row["token"] for row in found}


def test_a_construct_holds_each_triple_once(client: httpx.Client) -> None:
    query = MZ + "CONSTRUCT { <urn:a> <urn:b> <urn:c> } WHERE { ?fact a mz:Fact }"
    response = ask(client, query, Accept="application/n-triples")
    assert response.text == "<urn:a> <urn:b> <urn:c> .\n"
    assert response.headers["mingzhang-rows"] == "1"


def test_the_same_question_gives_the_same_bytes_from_a_fresh_service(
    start: object, release: Release, client: httpx.Client
) -> None:
    query = MZ + "CONSTRUCT { ?s ?p [ mz:value ?o ] } WHERE { ?s ?p ?o ; a mz:TableFigure }"
    other = start(release=release)  # type: ignore[operator]
    first = ask(client, query, Accept="text/turtle")
    second = httpx.get(other + "sparql", params={"query": query}, headers={"Accept": "text/turtle"})
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]


@pytest.mark.parametrize("key", ["json", "xml", "csv", "tsv"])
def test_the_receipt_counts_the_rows_in_every_format(client: httpx.Client, key: str) -> None:
    query = 'SELECT ?x ?y { VALUES (?x ?y) { ("a\\nb" UNDEF) (UNDEF UNDEF) ("[{\\"x\\":{}},{" <urn:x>) } }'
    response = client.get("/sparql", params={"query": query, "format": key})
    assert response.status_code == 200
    assert response.headers["mingzhang-rows"] == "3"


# --- receipts, validators, compression ---------------------------------------------------------------------------


def test_every_answer_has_a_receipt_that_asks_the_same_again(client: httpx.Client, release: Release) -> None:
    response = ask(client, LEAF_SUM)
    assert response.headers["mingzhang-release"] == release.manifest.id
    assert response.headers["mingzhang-query"] == "sha256:" + hashlib.sha256(LEAF_SUM.encode()).hexdigest()
    assert response.headers["mingzhang-engine"].startswith("pyoxigraph ")
    assert float(response.headers["mingzhang-milliseconds"]) >= 0
    again = response.links["bookmark"]["url"]
    assert again.startswith(f"/releases/{release.manifest.id}/sparql?")
    assert client.get(again, headers={"Accept": "text/csv"}).content == response.content


def test_an_answer_the_client_has_is_not_sent_again(client: httpx.Client) -> None:
    first = ask(client, LEAF_SUM)
    etag = first.headers["etag"]
    assert not etag.startswith("W/")
    again = ask(client, LEAF_SUM, If_None_Match=etag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert ask(client, LEAF_SUM + " LIMIT 1", If_None_Match=etag).status_code == 200
    assert ask(client, LEAF_SUM, If_None_Match=etag, Accept="text/tab-separated-values").status_code == 200


def test_an_answer_that_changes_has_no_entity_tag(client: httpx.Client) -> None:
    first, second = (ask(client, "SELECT (STRUUID() AS ?x) {}") for _ in range(2))
    assert "etag" not in first.headers
    assert first.content != second.content


def test_length_and_digest_say_that_the_answer_is_whole(client: httpx.Client) -> None:
    response = ask(client, "SELECT * { ?s ?p ?o }", Accept_Encoding="identity")
    assert int(response.headers["content-length"]) == len(response.content)
    digest = base64.b64encode(hashlib.sha256(response.content).digest()).decode()
    assert response.headers["content-digest"] == f"sha-256=:{digest}:"


def test_a_compressed_answer_is_the_same_answer_under_another_tag(client: httpx.Client) -> None:
    query = "SELECT * { ?s ?p ?o }"
    plain = ask(client, query, Accept_Encoding="identity")
    request = client.build_request(
        "GET", "/sparql", params={"query": query}, headers={"Accept": "text/csv", "Accept-Encoding": "gzip"}
    )
    response = client.send(request, stream=True)
    raw = b"".join(response.iter_raw())
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert response.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in response.headers["vary"]


def test_a_sum_over_all_facts_is_answered_with_a_warning(client: httpx.Client) -> None:
    careless = ask(client, MZ + "SELECT (SUM(?a) AS ?x) { ?fact mz:amount ?a }")
    assert "both be counted" in careless.headers["mingzhang-warning"]
    assert "mingzhang-warning" not in ask(client, LEAF_SUM).headers


# --- things, documents, files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [("text/html", "html"), ("*/*", "html"), ("text/turtle", "ttl"), ("application/ld+json", "jsonld"),
     ("application/n-triples", "nt"), ("application/rdf+xml", "rdf")],
)  # fmt: skip
def test_a_thing_leads_to_the_document_in_the_form_asked_for(
    client: httpx.Client, accept: str, suffix: str
) -> None:
    response = client.get(f"/id/{DEPARTMENT}", headers={"Accept": accept})
    assert (response.status_code, response.headers["location"]) == (303, f"/doc/{DEPARTMENT}.{suffix}")
    assert "Accept" in response.headers["vary"]
    document = client.get(response.headers["location"])
    assert document.status_code == 200
    assert f'</doc/{DEPARTMENT}.{suffix}>; rel="canonical"' in document.headers["link"]


def test_a_suffix_wins_over_accept(client: httpx.Client) -> None:
    response = client.get(f"/id/{DEPARTMENT}.ttl", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["location"]) == (303, f"/doc/{DEPARTMENT}.ttl")


def test_a_thing_in_no_acceptable_form_is_406_with_the_list(client: httpx.Client) -> None:
    response = client.get(f"/id/{DEPARTMENT}", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/turtle" in response.json()["offered"]


def test_all_rdf_forms_of_a_document_hold_the_same_triples(client: httpx.Client) -> None:
    graphs = []
    for suffix, kind in (("ttl", ox.RdfFormat.TURTLE), ("nt", ox.RdfFormat.N_TRIPLES),
                         ("rdf", ox.RdfFormat.RDF_XML), ("jsonld", ox.RdfFormat.JSON_LD)):  # fmt: skip
        response = client.get(f"/doc/{FACT}.{suffix}")
        assert response.status_code == 200
        graphs.append({quad.triple for quad in ox.parse(response.content, format=kind)})
    assert len(graphs[0]) > 15
    assert all(graph == graphs[0] for graph in graphs)


def test_a_thing_without_a_page_of_its_own_gets_a_plain_one(client: httpx.Client) -> None:
    response = client.get(f"/doc/{FACT}.html")
    assert response.status_code == 200
    assert "mz:amount" in response.text
    assert 'href="/id/department/510824/shi-fan-ju"' in response.text


def test_a_document_is_not_sent_twice(client: httpx.Client) -> None:
    first = client.get(f"/doc/{FACT}.ttl")
    again = client.get(f"/doc/{FACT}.ttl", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_source_is_a_page_or_the_very_bytes_of_the_file(client: httpx.Client, release: Release) -> None:
    sha256 = release.manifest.disclosures[0].source_sha256
    page = client.get(f"/source/{sha256}", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    text = client.get(f"/source/{sha256}", headers={"Accept": "text/plain"})
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert hashlib.sha256(text.content).hexdigest() == sha256
    assert client.get(f"/source/{sha256}.txt").content == text.content
    assert client.get(f"/source/{sha256}", headers={"Accept": "image/png"}).status_code == 406


def test_dumps_come_whole_or_in_ranges(client: httpx.Client, release: Release) -> None:
    whole = client.get("/dumps/all.nq.gz")
    assert whole.content == (release.dumps / "all.nq.gz").read_bytes()
    assert whole.headers["content-type"] == "application/gzip"
    part = client.get("/dumps/all.nq.gz", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["etag"] == whole.headers["etag"]
    end = client.get("/dumps/all.nq.gz", headers={"Range": "bytes=-5"})
    assert (end.status_code, end.content) == (206, whole.content[-5:])
    other = client.get("/dumps/all.nq.gz", headers={"Range": "bytes=0-1", "If-Range": '"another version"'})
    assert (other.status_code, other.content) == (200, whole.content)


def test_the_site_is_served_with_its_validators(client: httpx.Client) -> None:
    front = client.get("/")
    assert (front.status_code, "示范" in front.text) == (200, True)
    style = client.get("/static/style.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    again = client.get("/static/style.css", headers={"If-None-Match": style.headers["etag"]})
    assert again.status_code == 304


def test_the_vocabulary_is_a_page_or_turtle(client: httpx.Client) -> None:
    assert (
        client.get("/ontology", headers={"Accept": "text/html"})
        .headers["content-type"]
        .startswith("text/html")
    )
    assert (
        client.get("/ontology", headers={"Accept": "text/turtle"}).content
        == client.get("/ontology.ttl").content
    )


def test_void_and_the_service_description_are_rdf(client: httpx.Client) -> None:
    void = client.get("/.well-known/void", headers={"Accept": "text/turtle"})
    assert "void:Dataset" in void.text
    description = client.get("/sparql", headers={"Accept": "text/turtle"})
    assert ".well-known/void" in description.text
    assert "graph/leaves" in description.text


@pytest.mark.parametrize(
    "path",
    ["/static/../release.json", "/static/%2e%2e/%2e%2e/release.json", "/%2e%2e/release.json", "/static/..%2f..%2frelease.json",
     "//etc/passwd", "/dumps/..%5c..%5crelease.json", "/.git/config", "/dumps/%00", "/release.json"],
)  # fmt: skip
def test_no_path_leads_out_of_the_release(service: str, path: str) -> None:
    response = httpx.get(service.rstrip("/") + path)
    assert response.status_code in (400, 404)


# --- stored queries ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(stored_queries()))
def test_a_stored_query_gives_its_columns_as_csv_json_and_page(client: httpx.Client, name: str) -> None:
    query = stored_queries()[name]
    table = client.get(f"/queries/{name}.csv")
    assert table.status_code == 200, table.text
    assert tuple(next(csv.reader(io.StringIO(table.text)))) == query.columns
    assert tuple(client.get(f"/queries/{name}.json").json()["head"]["vars"]) == query.columns
    page = client.get(f"/queries/{name}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "mingzhang-warning" not in table.headers or not query.safe_to_sum


NOT_IN_THE_FIXTURE = {"year-on-year", "empty-forms", "best-corroborated", "where-printed"}


@pytest.mark.parametrize("name", sorted(set(stored_queries()) - NOT_IN_THE_FIXTURE))
def test_a_stored_query_finds_something_in_the_release(release: Release, name: str) -> None:
    found = run_query(release, stored_queries()[name].text, "csv")
    assert len(found.splitlines()) > 1


SUMMED_TO_400000_5 = {
    "spending-by-functional-class", "spending-by-functional-item", "spending-by-economic-class",
    "basic-and-project", "revenue-by-fund-source", "spending-by-unit", "share-of-functions",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SUMMED_TO_400000_5))
def test_the_rows_of_a_query_safe_to_sum_add_up_to_the_total(client: httpx.Client, name: str) -> None:
    assert stored_queries()[name].safe_to_sum
    found = rows(client.get(f"/queries/{name}.csv"))
    assert sum(Decimal(row["amountYuan"]) for row in found) == Decimal("400000.5")


def test_the_share_carried_over_is_that_of_the_leaves(client: httpx.Client) -> None:
    (row,) = rows(client.get("/queries/carry-over-share.csv"))
    assert Decimal(row["carriedOverYuan"]) == 100000
    assert Decimal(row["revenueYuan"]) == Decimal("400000.5")
    assert Decimal(row["sharePercent"]) == 25


def test_a_parameter_narrows_the_answer(client: httpx.Client) -> None:
    def found(year: str) -> int:
        return len(rows(client.get("/queries/spending-by-functional-class.csv", params={"year": year})))

    assert (found("2023"), found("2022"), found("")) == (2, 0, 2)
    by_path = {"department": f"id/{DEPARTMENT}"}
    assert len(rows(client.get("/queries/largest-projects.csv", params=by_path))) == 1


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [("disclosures", "year", "2023 } UNION { ?s ?p ?o"), ("disclosures", "year", "２０２３"),
     ("largest-projects", "department", "id/x> } ?s ?p ?o { <y"), ("largest-projects", "department", "no iri")],
)  # fmt: skip
def test_a_value_that_is_not_of_its_type_is_refused(
    client: httpx.Client, name: str, parameter: str, value: str
) -> None:
    response = client.get(f"/queries/{name}.csv", params={parameter: value})
    assert response.status_code == 400
    assert parameter in response.json()["detail"]


def test_a_bad_value_is_explained_on_the_page_of_the_query(client: httpx.Client) -> None:
    page = client.get("/queries/disclosures", params={"year": "<b>"}, headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert "<form" in page.text
    assert "<b>" not in page.text


def test_text_of_the_user_never_becomes_text_of_the_query() -> None:
    query = stored_queries()["indicators-by-kind"]
    text = bound_query(query, {"scope": 'x" } ?s ?p ?o . { "'})
    assert '"x\\" } ?s ?p ?o . { \\""' in text


def test_stored_queries_are_described_as_executables(client: httpx.Client) -> None:
    response = client.get("/queries", headers={"Accept": "text/turtle"})
    assert response.text.count("sh:SPARQLSelectExecutable") >= 20
    assert len(stored_queries()) >= 20
    for name, query in stored_queries().items():
        alone = client.get(f"/queries/{name}", headers={"Accept": "application/n-triples"})
        (select,) = (
            triple.object.value
            for triple in ox.parse(alone.content, format=ox.RdfFormat.N_TRIPLES)
            if triple.predicate.value == "http://www.w3.org/ns/shacl#select"
            and isinstance(triple.object, ox.Literal)
        )
        found = ox.Store().query(select)  # with its own base and prefixes, so that any engine can run it
        assert isinstance(found, ox.QuerySolutions)
        assert tuple(variable.value for variable in found.variables) == query.columns


def test_a_stored_query_says_in_both_languages_whether_it_may_be_summed(client: httpx.Client) -> None:
    for name, query in stored_queries().items():
        page = client.get(f"/queries/{name}", headers={"Accept": "text/html"}).text
        for text in (query.title_zh, query.title_en, query.question_zh, query.about_sums_zh):
            assert escape(text) in page
        assert not query.about_sums_zh.isascii()


# --- errors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sparql?query=SELECT", 400), ("GET", "/sparql?query=SELECT&format=nonsense", 400),
        ("GET", "/sparql?query=ASK{}&timeout=never", 400), ("GET", "/sparql?query=CLEAR%20ALL", 403),
        ("GET", "/sparql?query=SELECT*{SERVICE<x:y>{}}", 403), ("GET", "/id/nothing/here", 404),
        ("GET", "/doc/nothing/here.ttl", 404), ("GET", "/source/nothing", 404), ("GET", "/graph/nothing", 404),
        ("GET", "/dumps/nothing", 404), ("GET", "/queries/nothing", 404), ("GET", "/nothing", 404),
        ("GET", "/releases/1999-01-01-000000000000/sparql", 404), ("DELETE", "/sparql", 405), ("PUT", "/", 405),
        ("POST", "/queries", 405), ("POST", f"/id/{DEPARTMENT}", 405), ("PATCH", "/dumps/all.nq.gz", 405),
        ("DELETE", "/health", 405), ("POST", "/.well-known/void", 405), ("POST", "/ontology", 405),
        ("POST", "/sparql", 415),
        ("GET", "/sparql?query=ASK{}&format=turtle", 406), ("GET", "/dumps/all.nq.gz#range", 416),
    ],
)  # fmt: skip
def test_every_error_has_the_one_shape(client: httpx.Client, method: str, path: str, status: int) -> None:
    headers = {"Range": "bytes=99999999-"} if path.endswith("#range") else {}
    response = client.request(method, path, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == "*"
    problem = response.json()
    assert problem["status"] == status
    assert all(problem[name] for name in ("type", "title", "title_zh", "detail"))
    if status == 405:
        assert "GET" in response.headers["allow"]


def test_a_malformed_query_is_told_line_and_column(client: httpx.Client) -> None:
    problem = ask(client, "SELECT *\nWHERE { ?s ?p }").json()
    assert problem["line"] == 2
    assert 15 <= problem["column"] <= 16


def test_a_url_too_long_is_414(service: str) -> None:
    # http.client, since httpx itself sends no such URL.
    address = httpx.URL(service)
    connection = http.client.HTTPConnection(address.host, address.port)
    connection.request("GET", "/sparql?query=" + "x" * 70_000)
    response = connection.getresponse()
    assert response.status == 414
    assert response.headers["content-type"] == "application/problem+json"
    connection.close()


def test_a_head_without_end_is_not_waited_for(service: str) -> None:
    address = httpx.URL(service)
    with socket.create_connection((address.host, address.port or 80), timeout=10) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 4_000_000)
        with contextlib.suppress(ConnectionError):
            assert connection.recv(100).startswith(b"HTTP/1.1 431")
    assert httpx.get(service + "health").status_code == 200


def test_a_body_too_long_is_413(client: httpx.Client) -> None:
    response = client.post(
        "/sparql", content=b"x" * 2_000_000, headers={"Content-Type": "application/sparql-query"}
    )
    assert response.status_code == 413


def test_head_is_get_without_the_body(client: httpx.Client) -> None:
    for path in ("/", "/sparql", f"/doc/{FACT}.ttl", "/dumps/all.nq.gz", "/queries", "/health"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-type"] == get.headers["content-type"]


# --- clients and pages -------------------------------------------------------------------------------------------


def test_sparqlwrapper_works_unconfigured(service: str) -> None:
    wrapper = SPARQLWrapper(service + "sparql")
    wrapper.setQuery(LEAF_SUM)
    wrapper.setReturnFormat(JSON)
    answer = wrapper.query().convert()
    assert isinstance(answer, dict)
    assert Decimal(answer["results"]["bindings"][0]["yuan"]["value"]) == Decimal("400000.5")


def test_the_editor_works_without_script(client: httpx.Client) -> None:
    page = client.get("/sparql", headers={"Accept": "text/html"})
    assert "<form" in page.text
    assert "<script>" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "执行" in page.text
    assert "Run" in page.text
    result = client.get(
        "/sparql", params={"query": LEAF_SUM, "format": "html"}, headers={"Accept": "text/html"}
    )
    assert "400000.5" in result.text


def test_the_editor_shows_what_is_wrong_without_running_it_as_markup(client: httpx.Client) -> None:
    query = "SELECT <script>alert(1)</script>"
    page = client.get("/sparql", params={"query": query}, headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert "<script>" not in page.text


def test_a_query_from_the_command_line_gives_the_same_answer(client: httpx.Client, release: Release) -> None:
    assert run_query(release, LEAF_SUM, "csv") == ask(client, LEAF_SUM).content


def test_a_source_is_offered_in_its_own_format() -> None:
    assert resources.own_format(b"%PDF-1.7") is resources.PDF
    assert resources.own_format("收入".encode()) is resources.TEXT
    assert resources.own_format(b"PK\x03\x04[Content_Types].xml xl/workbook.xml") is resources.XLSX
    assert resources.own_format(b"PK\x03\x04[Content_Types].xml word/document.xml") is resources.DOCX
    assert resources.own_format(b"PK\x03\x04mimetype") is resources.BYTES
    assert resources.own_format(b"<html><script>") is resources.TEXT
    assert resources.source_format(None, "application/pdf", resources.PDF) is resources.PDF
    assert resources.source_format(resources.TEXT, None, resources.PDF) is None
    assert resources.source_request("0" * 64 + ".pdf") == ("0" * 64, resources.PDF)
