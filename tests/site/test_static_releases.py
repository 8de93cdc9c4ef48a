"""Old releases behind a real nginx, with the configuration the build writes, and downloads taken in pieces."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mingzhang.release import releases_in
from mingzhang.site.history import write_history

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
OLD = "2025-01-01-0123456789ab"


@pytest.fixture(scope="module")
def host(example: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of nginx over a data folder with an old release, the current one and the history of both."""
    data = tmp_path_factory.mktemp("static")
    current = example.release.manifest
    for release_id, date in ((OLD, "2025-01-01"), (current.id, current.date)):
        folder = Path(shutil.copytree(example.release.path, data / "releases" / release_id))
        text = (folder / "release.json").read_text("utf-8").replace(current.id, release_id)
        (folder / "release.json").write_text(text.replace(f'"{current.date}"', f'"{date}"'), "utf-8")
    (data / "releases" / OLD / "site/doc/only-old.html").write_text(
        '<!doctype html><a href="/doc/x.html">x</a><a href="/releases/">all</a>', "utf-8"
    )
    write_history(releases_in(data / "releases"), data / "history")
    for folder in (data, *data.parents):
        if folder.name.startswith(("pytest-", "static")):
            folder.chmod(folder.stat().st_mode | 0o055)  # nginx started as root reads as another user
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = data / "releases" / current.id
    written = (home / "site-config" / "nginx.conf").read_text(encoding="utf-8")
    (data / "nginx.conf").write_text(written.replace("127.0.0.1:8080", f"127.0.0.1:{port}"), encoding="utf-8")
    directives = f"daemon off; pid {data}/pid; error_log {data}/log;"
    assert NGINX is not None
    process = subprocess.Popen([NGINX, "-p", str(home), "-c", str(data / "nginx.conf"), "-g", directives])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            for _ in range(100):
                assert process.poll() is None, "nginx refused the configuration"
                try:
                    client.get("/robots.txt")
                    break
                except httpx.ConnectError:
                    time.sleep(0.05)
            yield client
    finally:
        process.terminate()
        process.wait(timeout=10)


def test_an_old_release_answers_under_its_address_and_its_links_stay_there(host: httpx.Client) -> None:
    page = host.get(f"/releases/{OLD}/doc/only-old.html")
    assert page.status_code == 200
    assert f'href="/releases/{OLD}/doc/x.html"' in page.text
    assert host.get("/doc/only-old.html").status_code == 404
    assert host.get(f"/releases/{OLD}/").status_code == 200
    assert host.get(f"/releases/{OLD}/static/mingzhang.css").headers["content-type"].startswith("text/css")
    assert host.get(f"/releases/{OLD}/releases/").headers["location"] == "/releases/"


def test_names_turtle_sources_and_downloads_of_an_old_release_answer(
    host: httpx.Client, example: Any
) -> None:
    body = example.department.removeprefix(f"{example.base}id/")
    answer = host.get(f"/releases/{OLD}/id/{body}", headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/releases/{OLD}/doc/{body}.ttl")
    assert host.get(answer.headers["location"]).headers["content-type"].startswith("text/turtle")
    source = host.get(f"/releases/{OLD}/source/{example.sha256}.txt")
    assert hashlib.sha256(source.content).hexdigest() == example.sha256
    assert host.get(f"/releases/{OLD}/dumps/SHA256SUMS").status_code == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/releases/", "text/html"),
        ("/releases/feed.atom", "application/atom+xml"),
        ("/releases/index.json", "application/json"),
        (f"/releases/{OLD}/changes.html", "text/html"),
        (f"/releases/{OLD}/changes.json", "application/json"),
        (f"/releases/{OLD}/changes.atom", "application/atom+xml"),
    ],
)
def test_the_history_is_there(host: httpx.Client, path: str, kind: str) -> None:
    answer = host.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)


def test_a_stable_address_leads_to_the_current_download(host: httpx.Client, example: Any) -> None:
    answer = host.get("/dumps/current.nt.gz")
    assert answer.headers["location"] == f"/dumps/{example.release.manifest.id}.nt.gz"
    assert host.get(answer.headers["location"]).status_code == 200


def test_a_download_that_broke_off_is_resumed_and_its_checksum_holds(
    host: httpx.Client, example: Any
) -> None:
    lines = [line.partition("  ") for line in host.get("/dumps/SHA256SUMS").text.splitlines()]
    sums = {name: digest for digest, _, name in lines}
    name = f"{example.release.manifest.id}.nq.zst"
    first = host.get(f"/dumps/{name}", headers={"Range": "bytes=0-999"})
    assert (first.status_code, len(first.content)) == (206, 1000)
    resume = {"Range": "bytes=1000-", "If-Range": first.headers["etag"]}
    rest = host.get(f"/dumps/{name}", headers=resume)
    assert rest.status_code == 206
    assert hashlib.sha256(first.content + rest.content).hexdigest() == sums[name]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_resumes_a_download(host: httpx.Client, example: Any, tmp_path: Path) -> None:
    name = f"{example.release.manifest.id}.ttl"
    whole = (example.release.dumps / name).read_bytes()
    (tmp_path / name).write_bytes(whole[:5000])
    command = ["curl", "-sS", "-C", "-", "-O", f"{str(host.base_url).rstrip('/')}/dumps/{name}"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert (tmp_path / name).read_bytes() == whole
