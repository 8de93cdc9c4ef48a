"""The cases of the shared conformance folder's sparql-protocol, sent byte for byte to a live service.

`cases.json` is the W3C suite, transcribed; `extra-cases.json` adds what it leaves open; both judge a read-only endpoint.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pyoxigraph as ox
import pytest

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "sparql-protocol"
SD = "http://www.w3.org/ns/sparql-service-description#"
Case = dict[str, Any]


def cases(file: str, *groups: str) -> list[Any]:
    """The requests of a file's cases, one parameter a request, in order."""
    if not (FOLDER / file).is_file():
        return [pytest.param({}, marks=pytest.mark.skip(reason="../shared is not here"))]
    content = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    return [
        pytest.param(request, id=f"{case['id']}-{number}" if number else case["id"])
        for group in groups
        for case in content[group]
        for number, request in enumerate(case["requests"])
    ]


@pytest.fixture(scope="module", params=["own store", "engine elsewhere"])
def endpoint(
    request: pytest.FixtureRequest,
    start: Callable[..., str],
    oxigraph: Callable[[Path], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The service over the cases' own dataset: in its own store, or in front of a real engine that holds it."""
    if not FOLDER.is_dir():
        pytest.skip("../shared is not here")
    file = tmp_path_factory.mktemp("cases") / "dataset.nq"
    content = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
    lines = []
    for entry in content["dataset"]:
        for triple in ox.parse(entry["content"], format=ox.RdfFormat.N_TRIPLES):
            lines.append(f"{triple.subject} {triple.predicate} {triple.object} <{entry['graph']}> .\n")
    file.write_text("".join(lines), encoding="utf-8")
    if request.param == "engine elsewhere":
        return start(endpoint=oxigraph(file) + "query", timeout_s=4.0)
    return start(files=(file,), timeout_s=4.0)


@pytest.fixture(scope="module")
def connection() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as opened:
        yield opened


def answer(endpoint: str, connection: httpx.Client, case: Case) -> httpx.Response:
    """The response to a case's request, sent with the headers listed and no others that matter."""
    if case.get("body_base64"):
        body = base64.b64decode(case["body_base64"])
    else:
        body = (case.get("body") or "").encode(case.get("body_encoding") or "utf-8")
    url = endpoint.rstrip("/") + case["path"] + ("?" + case["query_string"] if case["query_string"] else "")
    request = httpx.Request(case["method"], url, headers=case["headers"], content=body or None)
    for name in ("accept", "content-type"):
        if name not in {key.lower() for key, _ in case["headers"]} and name in request.headers:
            del request.headers[name]
    return connection.send(request)


def status_matches(status: int, wanted: list[str]) -> bool:
    return any(str(status) == code or (code.endswith("xx") and str(status)[0] == code[0]) for code in wanted)


def boolean_of(response: httpx.Response) -> bool:
    if "json" in response.headers["content-type"]:
        return bool(response.json()["boolean"])
    element = ElementTree.fromstring(response.content).find("{http://www.w3.org/2005/sparql-results#}boolean")
    assert element is not None
    return element.text == "true"


def judge(response: httpx.Response, expect: Case, url: str) -> None:
    assert status_matches(response.status_code, expect["status"]), response.text[:300]
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
    if "content_types" in expect:
        assert response.headers["content-type"].partition(";")[0] in expect["content_types"]
    if "vary_contains" in expect:
        assert expect["vary_contains"] in response.headers["vary"].lower()
    if expect.get("empty_body"):
        assert response.content == b""
    elif "boolean" in expect and response.status_code == 200:
        assert boolean_of(response) == expect["boolean"]
    for name in expect.get("headers_present", ()):
        assert name in response.headers
    for name, value in expect.get("headers_absent_value", {}).items():
        assert response.headers.get(name) != value
    if expect.get("sd_endpoint_is_self"):
        triples = list(ox.parse(response.content, format=ox.RdfFormat.TURTLE))
        assert ox.NamedNode(url) in [t.object for t in triples if t.predicate.value == SD + "endpoint"]


@pytest.mark.parametrize("case", cases("cases.json", "query_cases"))
def test_the_w3c_query_case_holds(endpoint: str, connection: httpx.Client, case: Case) -> None:
    response = answer(endpoint, connection, case)
    judge(response, case["expect"], str(response.request.url))


@pytest.mark.parametrize("case", cases("cases.json", "update_cases"))
def test_the_w3c_update_case_is_refused_and_changes_nothing(
    endpoint: str, connection: httpx.Client, case: Case
) -> None:
    response = answer(endpoint, connection, case)
    judge(response, case.get("read_only_expect") or case["expect"], str(response.request.url))
    rows = connection.get(
        endpoint + "sparql",
        params={"query": "SELECT ?g { GRAPH ?g { ?s ?p ?o } }"},
        headers={"Accept": "application/sparql-results+json"},
    ).json()
    assert len(rows["results"]["bindings"]) == 3


@pytest.mark.parametrize("case", cases("extra-cases.json", "cases"))
def test_the_extra_case_holds(
    request: pytest.FixtureRequest, endpoint: str, connection: httpx.Client, case: Case
) -> None:
    name = request.node.name
    if "engine elsewhere-x_unknown_function" in name:
        reason = "the engine answers 500 to a function it does not know, and its fault is passed on as 502"
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    expect = case["expect"]
    started = time.monotonic()
    response = answer(endpoint, connection, case)
    assert time.monotonic() - started < expect.get("max_seconds", 20)
    judge(response, expect, str(response.request.url))
    if "boolean_if_200" in expect and response.status_code == 200:
        assert boolean_of(response) == expect["boolean_if_200"]
    if expect.get("alive_after"):
        alive = connection.get(endpoint + "sparql", params={"query": "ASK {}"})
        assert alive.status_code == 200
        assert boolean_of(alive)
