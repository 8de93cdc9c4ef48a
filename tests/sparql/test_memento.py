"""Releases under their own address, an address on a day (RFC 7089), and what was withdrawn: over real sockets."""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from mingzhang.release import Release, open_release
from mingzhang.sparql.memento import Memento, http_date, nearest, timemap, wanted_moment
from mingzhang.sparql.problems import Problem

from .conftest import SOURCE

DEPARTMENT = "department/510824/shi-fan-ju"
DATES = {"2025-01-01-00000000000a": "2025-01-01", "2025-06-01-00000000000b": "2025-06-01"}
FIRST, SECOND = DATES
SHA256 = hashlib.sha256(SOURCE.encode()).hexdigest()
ELSEWHERE = "https://example.gov.cn/report.txt"
WITHDRAWN = "department/510824/che-xiao-ju"


def copy_of(current: Release, folder: Path, release_id: str) -> Path:
    """The current release under another id and date, with a page that only old ones have."""
    path = Path(shutil.copytree(current.path, folder / release_id))
    text = (path / "release.json").read_text("utf-8")
    text = text.replace(current.manifest.id, release_id)
    text = text.replace(f'"date": "{current.manifest.date}"', f'"date": "{DATES[release_id]}"')
    if release_id == FIRST:
        text = text.replace('"source_urls": {}', f'"source_urls": {{"{SHA256}": "{ELSEWHERE}"}}')
    (path / "release.json").write_text(text, "utf-8")
    page = "<!doctype html><title>旧</title><main id=content><a href='/'>x</a><a href=\"/doc/x.html\">x</a></main>"
    (path / f"site/doc/{WITHDRAWN}.html").write_text(page, "utf-8")
    (path / "dumps" / f"{release_id}.txt").write_text(release_id, "utf-8")
    graphs = (path / "graphs/codelists.nq").open("a", encoding="utf-8")
    base = current.manifest.base_uri
    with graphs:
        graphs.write(f'<{base}id/{WITHDRAWN}> <urn:name> "撤销局"@zh <{base}graph/codelists> .\n')
    return path


@pytest.fixture(scope="module")
def data(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("remembered")
    for release_id in DATES:
        copy_of(release, folder / "releases", release_id)
    shutil.copytree(release.path, folder / "releases" / release.manifest.id)
    (folder / "history" / FIRST).mkdir(parents=True)
    (folder / "history/index.html").write_text("<!doctype html><title>历次发布</title>", "utf-8")
    (folder / "history/feed.atom").write_text("<feed/>", "utf-8")
    (folder / "history" / FIRST / "changes.json").write_text("{}", "utf-8")
    return folder


@pytest.fixture(scope="module")
def client(start: Callable[..., str], release: Release, data: Path) -> Iterator[httpx.Client]:
    url = start(release=open_release(data / "releases" / release.manifest.id))
    with httpx.Client(base_url=url, timeout=30) as opened:
        yield opened


def links(response: httpx.Response) -> dict[str, str]:
    """Relation → target, of all Link headers and all relation words."""
    found: dict[str, str] = {}
    for target, parameters in re.findall(r"<([^>]*)>((?:;\s*[a-z]+=\"[^\"]*\")*)", response.headers["link"]):
        relation = re.search(r'rel="([^"]*)"', parameters)
        for word in relation[1].split() if relation else ():
            found.setdefault(word, target)
    return found


# --- under its own address ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        ("", "text/html", "text/html"),
        (f"doc/{DEPARTMENT}.html", "text/html", "text/html"),
        (f"doc/{DEPARTMENT}.ttl", "", "text/turtle"),
        (f"doc/{WITHDRAWN}.nt", "", "application/n-triples"),
        ("graph/codelists", "text/turtle", "text/turtle"),
        (".well-known/void", "text/turtle", "text/turtle"),
        ("ontology.ttl", "", "text/turtle"),
        ("queries", "text/html", "text/html"),
        ("queries/disclosures.csv", "", "text/csv"),
        ("sparql?query=ASK{}", "application/sparql-results+json", "application/sparql-results+json"),
        (f"dumps/{FIRST}.txt", "", "text/plain"),
        ("static/style.css", "", "text/css"),
    ],
)
def test_everything_a_release_answers_is_under_its_address(
    client: httpx.Client, path: str, accept: str, media_type: str
) -> None:
    response = client.get(f"/releases/{FIRST}/{path}", headers={"Accept": accept} if accept else {})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith(media_type)


def test_a_name_in_an_old_release_leads_to_its_document_there(client: httpx.Client) -> None:
    response = client.get(f"/releases/{FIRST}/id/{WITHDRAWN}", headers={"Accept": "text/turtle"})
    assert response.status_code == 303
    assert response.headers["location"] == f"/releases/{FIRST}/doc/{WITHDRAWN}.ttl"
    document = client.get(response.headers["location"])
    assert "撤销局" in document.text
    assert f"/releases/{FIRST}/id/{WITHDRAWN}" in links(document)["describes"]


def test_links_of_an_old_page_stay_in_its_release_and_it_says_that_it_is_old(client: httpx.Client) -> None:
    page = client.get(f"/releases/{FIRST}/doc/{WITHDRAWN}.html", headers={"Accept-Encoding": "gzip"})
    assert f'href="/releases/{FIRST}/doc/x.html"' in page.text
    assert f'<a href="/doc/{WITHDRAWN}.html">' in page.text, "the way to the present"
    assert "旧的发布" in page.text
    assert int(page.headers["content-length"]) == len(page.content)
    again = client.get(page.url.path, headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_downloads_of_an_old_release_can_be_resumed(client: httpx.Client) -> None:
    address = f"/releases/{FIRST}/dumps/all.nq.gz"
    whole = client.get(address).content
    rest = client.get(address, headers={"Range": f"bytes={len(whole) // 2}-"})
    assert rest.status_code == 206
    assert whole[: len(whole) // 2] + rest.content == whole


@pytest.mark.parametrize(
    "path", ["nothing.html", "doc/nothing.html", "health", "../release.json", "dumps/nothing"]
)
def test_what_an_old_release_has_not_is_404_there(client: httpx.Client, path: str) -> None:
    assert client.get(f"/releases/{FIRST}/{path}").status_code == 404


def test_the_history_is_served_beside_the_releases(client: httpx.Client) -> None:
    assert "历次发布" in client.get("/releases/").text
    assert client.get("/releases/feed.atom").headers["content-type"] == "application/atom+xml"
    assert client.get(f"/releases/{FIRST}/changes.json").json() == {}
    assert client.get(f"/releases/{SECOND}/changes.json").status_code == 404
    assert client.get(f"/releases/{FIRST}").headers["location"] == f"/releases/{FIRST}/"
    for outside in ("/releases/%2e%2e/release.json", f"/releases/{FIRST}/changes.html%2f..%2f..%2fx"):
        assert client.get(outside).status_code == 404


def test_a_source_that_its_publisher_alone_gives_out_is_303_to_where_it_is(client: httpx.Client) -> None:
    address = f"/releases/{FIRST}/source/{SHA256}"
    file = client.get(address, headers={"Accept": "text/plain"})
    assert (file.status_code, file.headers["location"]) == (303, ELSEWHERE)
    assert client.get(f"{address}.txt").headers["location"] == ELSEWHERE
    assert client.get(address, headers={"Accept": "text/html"}).status_code == 200
    assert client.get(f"/source/{SHA256}.txt").status_code == 200, "in the current release it is given on"


# --- on a day -------------------------------------------------------------------------------------------------------


def test_every_address_says_where_its_past_is(client: httpx.Client) -> None:
    response = client.get(f"/doc/{DEPARTMENT}.html")
    origin = str(client.base_url).rstrip("/")
    assert links(response)["original"] == links(response)["timegate"] == f"{origin}/doc/{DEPARTMENT}.html"
    assert "accept-datetime" in response.headers["vary"].lower()
    assert client.get(links(response)["timemap"]).status_code == 200


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("Wed, 01 Jan 2025 00:00:00 GMT", FIRST),
        ("Sat, 31 May 2025 23:59:59 GMT", FIRST),
        ("Sun, 01 Jun 2025 00:00:00 GMT", SECOND),
        ("Mon, 01 Jan 1990 00:00:00 GMT", FIRST),
        ("Fri, 01 Jan 2100 00:00:00 GMT", ""),
    ],
)
def test_accept_datetime_leads_to_the_release_of_that_day(
    client: httpx.Client, release: Release, moment: str, expected: str
) -> None:
    for path in (f"doc/{DEPARTMENT}.html", "", "sparql?query=ASK%7B%7D", "dumps/all.nq.gz"):
        response = client.get(f"/{path}", headers={"Accept-Datetime": moment})
        assert response.status_code == 302
        assert response.headers["location"] == f"/releases/{expected or release.manifest.id}/{path}"
        assert "accept-datetime" in response.headers["vary"].lower()
        memento = client.get(response.headers["location"])
        assert memento.status_code == 200
        assert memento.headers["memento-datetime"] == http_date(
            datetime.fromisoformat(DATES.get(expected, release.manifest.date)).replace(tzinfo=UTC)
        )
        assert links(memento)["original"] == links(response)["original"]
        assert links(memento)["timegate"] == links(response)["timegate"]
        assert f"/releases/{FIRST}/" in links(memento)["first"]


def test_a_client_that_follows_gets_the_thing_as_it_was(client: httpx.Client) -> None:
    headers = {"Accept-Datetime": "Wed, 01 Jan 2025 00:00:00 GMT", "Accept": "text/turtle"}
    response = client.get(f"/id/{WITHDRAWN}", headers=headers, follow_redirects=True)
    assert response.status_code == 200
    assert "撤销局" in response.text
    assert response.headers["memento-datetime"].endswith("2025 00:00:00 GMT")


def test_mementos_are_sought_among_the_releases_that_have_the_thing(client: httpx.Client) -> None:
    late = {"Accept-Datetime": "Fri, 01 Jan 2100 00:00:00 GMT"}
    response = client.get(f"/doc/{WITHDRAWN}.html", headers=late)
    assert response.headers["location"] == f"/releases/{SECOND}/doc/{WITHDRAWN}.html"


@pytest.mark.parametrize(
    "moment",
    ["yesterday", "2025-01-01", "Wed, 32 Jan 2025 00:00:00 GMT", "Wed, 01 Jan 2025 00:00:00 CET", ""],
)
def test_a_date_that_is_none_is_refused(client: httpx.Client, moment: str) -> None:
    response = client.get("/", headers={"Accept-Datetime": moment})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


def test_the_timemap_lists_every_memento_in_link_format(client: httpx.Client, release: Release) -> None:
    response = client.get(f"/releases/timemap/doc/{DEPARTMENT}.html")
    assert response.headers["content-type"].startswith("application/link-format")
    found = re.findall(r'<([^>]*)>; rel="([^"]*memento)"; datetime="([^"]*)"', response.text)
    releases = [FIRST, SECOND, release.manifest.id]
    assert [re.search("/releases/([^/]*)/", target)[1] for target, _, _ in found] == releases  # type: ignore[index]
    assert [relation for _, relation, _ in found] == ["first memento", "memento", "last memento"]
    for target, _, moment in found:
        assert client.get(target).headers["memento-datetime"] == moment
    assert client.get("/releases/timemap/doc/nothing.html").status_code == 404


def test_only_one_memento_is_first_and_last() -> None:
    only = Memento("2025-01-01-00000000000a", datetime(2025, 1, 1, tzinfo=UTC), "x")
    assert 'rel="first last memento"' in timemap([only], "x", "https://data.example")
    assert nearest([only], datetime(1999, 1, 1, tzinfo=UTC)) is only


def test_dates_do_not_depend_on_the_locale_and_come_back_as_they_were() -> None:
    moment = datetime(2025, 6, 1, 12, 30, 5, tzinfo=UTC)
    assert http_date(moment) == "Sun, 01 Jun 2025 12:30:05 GMT"
    assert wanted_moment(http_date(moment)) == moment
    with pytest.raises(Problem):
        wanted_moment("Sun, 01 Juin 2025 12:30:05 GMT")


# --- withdrawn ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [f"id/{WITHDRAWN}", f"doc/{WITHDRAWN}.html", f"doc/{WITHDRAWN}.ttl"])
def test_what_a_later_release_withdrew_is_410_with_the_way_to_where_it_was(
    client: httpx.Client, path: str
) -> None:
    response = client.get(f"/{path}")
    assert response.status_code == 410
    assert response.json()["last"] == f"/releases/{SECOND}/{path}"
    assert links(response)["memento"] == f"/releases/{SECOND}/{path}"
    assert client.get(response.json()["last"], follow_redirects=True).status_code == 200


def test_the_page_of_what_was_withdrawn_says_so(client: httpx.Client, release: Release, data: Path) -> None:
    missing = data / "releases" / release.manifest.id / "site" / "404.html"
    missing.write_text("<html><main><h1>找不到 Not found</h1></main></html>", encoding="utf-8")
    page = client.get(f"/doc/{WITHDRAWN}.html", headers={"Accept": "text/html"})
    missing.unlink()
    assert page.status_code == 410
    assert "Withdrawn" in page.text
    assert "Not found" not in page.text


def test_a_dated_download_stays_at_its_address_and_a_stable_address_leads_to_the_current_one(
    client: httpx.Client, release: Release
) -> None:
    dated = client.get(f"/dumps/{FIRST}.txt", follow_redirects=True)
    assert (dated.status_code, dated.text) == (200, FIRST)
    stable = client.get("/dumps/current.ttl")
    assert (stable.status_code, stable.headers["location"]) == (302, f"/dumps/{release.manifest.id}.ttl")


def test_what_never_was_is_404(client: httpx.Client) -> None:
    assert client.get("/id/department/510824/nobody").status_code == 404


# --- the current release changes while it is served ------------------------------------------------------------------

FOLLOWING = """
import sys, threading
from pathlib import Path
from mingzhang.cli_serve import Looking
from mingzhang.sparql.server import ServiceOptions, serve_release

data = Path(sys.argv[1])
look = Looking(data, "127.0.0.1", 1)
options = ServiceOptions(port=0, workers=4)
serve_release(look.first(), options, lambda url: print(url, flush=True), (data / "releases",), look)
"""


def test_a_running_service_follows_a_swap_and_no_request_fails(
    release: Release, data: Path, tmp_path: Path
) -> None:
    import signal
    import subprocess
    import sys

    from mingzhang.publish import make_current

    copied = Path(shutil.copytree(data, tmp_path / "data"))
    make_current(copied, release.manifest.id)
    process = subprocess.Popen(
        [sys.executable, "-c", FOLLOWING, str(copied)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    seen: list[tuple[int, str]] = []
    stop = threading.Event()

    def ask(number: int) -> None:
        with httpx.Client(base_url=url, timeout=30) as client:
            while not stop.is_set():
                question = f"SELECT (COUNT(*) AS ?n{len(seen)}) {{ ?s ?p ?o }} # {number}"
                response = client.get("/sparql", params={"query": question})
                seen.append((response.status_code, response.headers.get("mingzhang-release", "")))
                page = client.get("/")
                seen.append((page.status_code, ""))

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for asker in askers:
        asker.start()
    try:
        for release_id in (FIRST, SECOND, release.manifest.id):
            make_current(copied, release_id)
            deadline = time.monotonic() + 30
            with httpx.Client(base_url=url, timeout=30) as client:
                while client.get("/health").json()["release"] != release_id:
                    assert time.monotonic() < deadline, f"{release_id} is not followed"
                    time.sleep(0.05)
                answered = client.get("/sparql", params={"query": f"ASK {{ <urn:{release_id}> ?p ?o }}"})
                assert answered.headers["mingzhang-release"] == release_id
    finally:
        stop.set()
        for asker in askers:
            asker.join()
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        assert process.wait(20) == 0
    assert {status for status, _ in seen} == {200}
    assert {name for _, name in seen if name} == {FIRST, SECOND, release.manifest.id}
