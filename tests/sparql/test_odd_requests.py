"""Requests that a careful reader of the RFCs would send to find a fault."""

from __future__ import annotations

import socket
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ALL = "SELECT * { ?s ?p ?o }"


@pytest.mark.parametrize("accept", ["*", ";;;,,,/", "nonsense", ",", "text"])
def test_an_accept_header_without_a_media_range_says_nothing(client: httpx.Client, accept: str) -> None:
    response = client.get("/sparql", params={"query": "ASK {}"}, headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (
        200,
        "application/sparql-results+json",
    )


def test_if_none_match_with_a_star_is_304_only_where_there_is_an_answer(client: httpx.Client) -> None:
    star = {"If-None-Match": "*"}
    assert client.get("/sparql", params={"query": ALL}, headers=star).status_code == 304
    assert client.get("/sparql", params={"query": "SELECT * { ?s"}, headers=star).status_code == 400


@pytest.mark.parametrize("name", ["format", "timeout", "query"])
def test_a_parameter_given_twice_is_refused(client: httpx.Client, name: str) -> None:
    values = {"format": ("csv", "json"), "timeout": ("1", "2"), "query": (ALL, "ASK {}")}[name]
    pairs = [("query", ALL)] * (name != "query") + [(name, value) for value in values]
    assert client.get("/sparql?" + urlencode(pairs)).status_code == 400


def test_415_names_what_is_taken(client: httpx.Client) -> None:
    response = client.post("/sparql", content=ALL, headers={"Content-Type": "text/plain"})
    assert response.status_code == 415
    assert "application/sparql-query" in response.headers["accept-post"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT * { ?s ?p", 400), ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 403), ("CLEAR ALL", 403),
        ("ASK {" + "{" * 60 + "}" * 61, 400), ("", 400),
    ],
)  # fmt: skip
def test_a_browser_is_shown_what_is_wrong_in_the_editor(
    client: httpx.Client, query: str, status: int
) -> None:
    response = client.get("/sparql", params={"query": query}, headers={"Accept": BROWSER})
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert 'role="alert"' in response.text


def received(service: str, head: bytes) -> bytes:
    """What comes back to a request's raw bytes, all of them sent first."""
    address = urlsplit(service)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall(head)
        said = b""
        while b"\r\n\r\n" not in said and (piece := connection.recv(65536)):
            said += piece
    return said


@pytest.mark.parametrize("size", [70_000, 200_000, 3_000_000])
def test_a_url_of_any_length_gets_its_414(service: str, size: int) -> None:
    said = received(service, b"GET /sparql?query=" + b"x" * size + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 414 ")
    assert b"application/problem+json" in said


def test_headers_without_end_get_431(service: str) -> None:
    said = received(service, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Y: " + b"z" * 200_000)
    assert said.startswith(b"HTTP/1.1 431 ")


def test_an_answer_is_sent_whole_whatever_range_is_asked_for(client: httpx.Client) -> None:
    whole = client.get("/sparql", params={"query": ALL}, headers={"Accept": "text/csv"})
    part = client.get("/sparql", params={"query": ALL}, headers={"Accept": "text/csv", "Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (200, whole.content)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_refused_with_the_list(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/sparql", params={"query": "ASK {}"})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


def test_head_says_what_get_would(client: httpx.Client) -> None:
    for params, headers in (({"query": ALL}, {"Accept": "text/csv"}), ({}, {"Accept": "text/turtle"})):
        got, head = (client.request(m, "/sparql", params=params, headers=headers) for m in ("GET", "HEAD"))
        same = ("content-type", "content-length", "content-digest", "etag", "vary")
        assert [got.headers.get(name) for name in same] == [head.headers.get(name) for name in same]
        assert head.content == b""
