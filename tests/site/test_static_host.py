"""The release as plain files behind a real nginx, with the configuration the build writes."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture(scope="module")
def host(example: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of nginx serving the release's own folder on a free port."""
    folder = tmp_path_factory.mktemp("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    written = (example.release.path / "site-config" / "nginx.conf").read_text(encoding="utf-8")
    config = folder / "nginx.conf"
    config.write_text(written.replace("127.0.0.1:8080", f"127.0.0.1:{port}"), encoding="utf-8")
    directives = f"daemon off; pid {folder}/pid; error_log {folder}/log;"
    assert NGINX is not None
    process = subprocess.Popen(
        [NGINX, "-p", str(_readable(example.release.path)), "-c", str(config), "-g", directives]
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            _wait(client, process)
            yield client
    finally:
        process.terminate()
        process.wait(timeout=10)


def _readable(release: Path) -> Path:
    """nginx started as root reads as another user, to whom pytest's folders are closed."""
    for folder in (release, *release.parents):
        if folder.name.startswith("pytest-") or folder.name == release.name or "release" in folder.name:
            folder.chmod(folder.stat().st_mode | 0o055)
    return release


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        assert process.poll() is None, "nginx refused the configuration"
        try:
            client.get("/robots.txt")
            return
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("nginx did not come up")


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("text/html", "html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("*/*", "html"),
        ("", "html"),
        ("text/turtle", "ttl"),
        ("text/turtle, text/html;q=0.5", "ttl"),
        ("application/ld+json", "jsonld"),
        ("application/rdf+xml, text/turtle;q=0.8", "ttl"),
        ("text/html;q=0.5, text/turtle;q=0.9", "ttl"),
        ("text/html;q=0.9, text/turtle;q=0.5", "html"),
        ("TEXT/TURTLE", "ttl"),
        ("text/turtle; charset=utf-8; q=1.0, text/html;q=0.9", "ttl"),
        ("text/html;q=0.75,application/ld+json;q=0.8,*/*;q=0.1", "jsonld"),
        ("text/html, */*", "html"),
        ("*/*, text/html", "html"),
        ("text/html;q=0, */*;q=0.5", "ttl"),
        ("text/html;q=0.1, */*", "ttl"),
        ("text/turtle;q=0, */*", "html"),
        ("text/turtle;q=0.001", "ttl"),
        ("text/*", "html"),
        ("image/png, */*;q=0.1", "html"),
    ],
)
def test_a_thing_leads_to_the_document_that_was_asked_for(
    example: Any, host: httpx.Client, accept: str, suffix: str
) -> None:
    path = example.fact(1).removeprefix(example.base)
    answer = host.get(f"/{path}", headers={"Accept": accept})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/doc/{path.removeprefix('id/')}.{suffix}"
    assert "Accept" in answer.headers["Vary"]
    assert host.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html", "text/html"),
        ("", "text/html"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
    ],
)
def test_the_vocabulary_answers_by_accept_too(host: httpx.Client, accept: str, media_type: str) -> None:
    answer = host.get("/ontology", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(media_type)
    assert host.get("/ontology", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html", "text/html"),
        ("", "text/html"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
    ],
)
def test_a_term_answers_by_accept_and_by_suffix(host: httpx.Client, accept: str, media_type: str) -> None:
    answer = host.get("/terms/class/Fact", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(media_type)
    assert host.get("/terms/class/Fact", headers={"Accept": "image/png"}).status_code == 406
    for suffix in ("html", "ttl", "nt", "jsonld", "rdf"):
        assert host.get(f"/terms/class/Fact.{suffix}").status_code == 200


@pytest.mark.parametrize(
    "accept", ["image/png", "text/turtle;q=0", "text/html;q=0.0", "text/turtles", "x/text/html"]
)
def test_what_cannot_be_given_is_refused(example: Any, host: httpx.Client, accept: str) -> None:
    answer = host.get(f"/{example.fact(1).removeprefix(example.base)}", headers={"Accept": accept})
    assert answer.status_code == 406


def test_turtle_and_jsonld_files_hold_the_same_triples_for_every_entity(example: Any) -> None:
    files = sorted((example.release.site / "doc").rglob("*.ttl"))
    assert len(files) > 60
    for file in files:
        turtle = _triples(file.read_bytes(), ox.RdfFormat.TURTLE)
        jsonld = _triples(file.with_suffix(".jsonld").read_bytes(), ox.RdfFormat.JSON_LD)
        subject = f"<{example.base}id/{file.relative_to(example.release.site / 'doc').with_suffix('')}>"
        assert {triple for triple in turtle if triple.startswith(subject)} == jsonld


def _triples(data: bytes, form: ox.RdfFormat) -> set[str]:
    return {f"{quad.subject} {quad.predicate} {quad.object}" for quad in ox.parse(data, format=form)}


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/ontology", "text/html; charset=utf-8"),
        ("/ontology.ttl", "text/turtle; charset=utf-8"),
        ("/doc/disclosure.html", "text/html; charset=utf-8"),
        ("/doc/code/functional/205", "text/html; charset=utf-8"),
        ("/doc/code/functional/205.ttl", "text/turtle; charset=utf-8"),
        ("/doc/code/functional/205.jsonld", "application/ld+json"),
        ("/dumps/", "text/html; charset=utf-8"),
        ("/dumps/SHA256SUMS", "application/octet-stream"),
        ("/dumps/facts.csv", "text/csv; charset=utf-8"),
        ("/.well-known/void", "text/turtle; charset=utf-8"),
        ("/search/", "text/html; charset=utf-8"),
        ("/pagefind/pagefind.js", "text/javascript; charset=utf-8"),
        ("/static/seal.svg", "image/svg+xml"),
    ],
)
def test_files_have_their_types(host: httpx.Client, path: str, media_type: str) -> None:
    answer = host.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_source_is_a_page_or_the_file_itself(example: Any, host: httpx.Client) -> None:
    path = f"/source/{example.sha256}"
    assert "line=7" in host.get(path, headers={"Accept": "text/html"}).text
    plain = host.get(path, headers={"Accept": "text/plain"})
    assert plain.content == (example.release.sources / example.sha256).read_bytes()
    pdf = host.get(f"/source/{example.pdf_sha256}.pdf")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.content == (example.release.sources / example.pdf_sha256).read_bytes()


def test_pages_are_compressed_and_not_sent_twice(host: httpx.Client) -> None:
    first = host.get("/", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    again = host.get("/", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_a_part_of_a_download_can_be_asked_for(example: Any, host: httpx.Client) -> None:
    path = f"/dumps/{example.release.manifest.id}.nq.gz"
    answer = host.get(path, headers={"Range": "bytes=0-9"})
    assert answer.status_code == 206
    assert answer.content == (example.release.path / path.lstrip("/")).read_bytes()[:10]


def test_what_is_not_there_is_404_with_a_page(host: httpx.Client) -> None:
    answer = host.get("/doc/fact/none.html")
    assert answer.status_code == 404
    assert "找不到" in answer.text
