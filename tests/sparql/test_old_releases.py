"""Old releases stay queryable beside the current one, and the store's process is started again when it ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from mingzhang.errors import ServiceBusy
from mingzhang.release import Release, open_release
from mingzhang.sparql.archive import Archive
from mingzhang.sparql.engine import Question
from mingzhang.sparql.kept import Answered

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
OLDER = ("2025-01-01-00000000000a", "2025-01-01-00000000000b", "2025-01-01-00000000000c")


def older_release(current: Release, folder: Path, release_id: str, more: int) -> None:
    """A release like the current one with some triples more, under an id of its own."""
    shutil.copytree(current.path, folder / release_id)
    manifest = folder / release_id / "release.json"
    text = manifest.read_text(encoding="utf-8").replace(current.manifest.id, release_id)
    manifest.write_text(text, encoding="utf-8")
    with (folder / release_id / "graphs" / "codelists.nq").open("a", encoding="utf-8") as file:
        for number in range(more):
            file.write(f"<urn:s> <urn:p> <urn:o{number}> <{current.manifest.base_uri}graph/codelists> .\n")


@pytest.fixture(scope="module")
def releases(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of releases: a copy of the fixture's, and three older ones."""
    folder = tmp_path_factory.mktemp("data") / "releases"
    shutil.copytree(release.path, folder / release.manifest.id)
    for number, release_id in enumerate(OLDER, start=1):
        older_release(release, folder, release_id, number)
    return folder


@pytest.fixture(scope="module")
def client(start: Callable[..., str], release: Release, releases: Path) -> Iterator[httpx.Client]:
    url = start(release=open_release(releases / release.manifest.id), old_releases=2)
    with httpx.Client(base_url=url, timeout=30) as opened:
        yield opened


def counted(client: httpx.Client, path: str) -> int:
    response = client.get(path, params={"query": COUNT}, headers={"Accept": "text/csv"})
    assert response.status_code == 200, response.text
    return int(response.text.split()[1])


def test_each_release_answers_from_its_own_data_however_many_there_are(
    client: httpx.Client, release: Release
) -> None:
    now = counted(client, "/sparql")
    assert counted(client, f"/releases/{release.manifest.id}/sparql") == now
    for _ in range(2):  # three take turns in room for two
        for number, release_id in enumerate(OLDER, start=1):
            assert counted(client, f"/releases/{release_id}/sparql") == now + number


def test_the_receipt_and_the_tag_name_the_release_asked(client: httpx.Client) -> None:
    old, now = (
        client.get(path, params={"query": COUNT}) for path in (f"/releases/{OLDER[0]}/sparql", "/sparql")
    )
    assert old.headers["mingzhang-release"] == OLDER[0]
    assert old.headers["etag"] != now.headers["etag"]
    assert old.links["bookmark"]["url"].startswith(f"/releases/{OLDER[0]}/sparql?")


@pytest.mark.parametrize(
    "release_id", ["1999-01-01-000000000000", "current", "2025-01-01-00000000000A", "%2e%2e"]
)
def test_a_release_that_is_not_there_is_404(client: httpx.Client, release_id: str) -> None:
    response = client.get(f"/releases/{release_id}/sparql", params={"query": COUNT})
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_a_release_whose_graphs_are_lost_is_an_error_and_others_go_on(
    client: httpx.Client, release: Release, releases: Path
) -> None:
    broken = "2025-01-01-00000000000d"
    older_release(release, releases, broken, 0)
    (releases / broken / "graphs" / "leaves.nq").unlink()
    response = client.get(f"/releases/{broken}/sparql", params={"query": COUNT})
    assert response.status_code == 503
    assert response.json()["type"].endswith("#release")
    assert counted(client, f"/releases/{OLDER[0]}/sparql") > 0


class NoEngine:
    """Stands for a loaded release, and notes that it was put away."""

    name, graphs = "none", ()
    tellers = None

    def __init__(self) -> None:
        self.closed = False

    def ask_at_once(self, question: Question, client: str, timeout_s: float | None = None) -> None:
        return None

    async def ask(self, question: Question, client: str, timeout_s: float | None = None) -> Answered:
        raise NotImplementedError

    async def is_alive(self) -> bool:
        return not self.closed

    def close(self) -> None:
        self.closed = True


def test_a_release_in_use_is_not_put_away_and_the_longest_unused_goes_first(releases: Path) -> None:
    archive = Archive((releases,), 2, lambda release: NoEngine())
    first, second, third = (open_release(releases / name) for name in OLDER)
    with (
        archive.opened(first) as one,
        archive.opened(second) as two,
        pytest.raises(ServiceBusy),
        archive.opened(third),
    ):
        pytest.fail("there was room for a third")
    with archive.opened(first):
        pass
    with archive.opened(third) as three:
        assert [asyncio.run(engine.is_alive()) for engine in (one, two, three)] == [True, False, True]
    archive.close()
    assert not asyncio.run(three.is_alive())


# --- the process that holds the store ------------------------------------------------------------------------------


def nursery_of(url: str) -> int:
    """The process id of the nursery of the service at a URL: the child, of the process that listens there, that loads."""
    port = httpx.URL(url).port
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if b"mingzhang.sparql.nursery" in command and parent in listeners(port):
                return int(entry.name)
    pytest.fail("there is no such process")


def listeners(port: int | None) -> set[int]:
    """The processes that listen on a port of this machine."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    inodes = {
        f"socket:[{fields[9]}]"
        for fields in (line.split() for line in lines)
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port
    }
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and os.access(entry / "fd", os.R_OK):
            try:
                targets = {str(fd.readlink()) for fd in (entry / "fd").iterdir()}
            except OSError:
                continue
            if targets & inodes:
                found.add(int(entry.name))
    return found


def health_once(client: httpx.Client, ready: bool) -> httpx.Response:
    """What /health says once it is 200, or once it is 503."""
    deadline = time.monotonic() + 20
    while (response := client.get("/health")).status_code != (200 if ready else 503):
        assert time.monotonic() < deadline, response.text
        time.sleep(0.01)
    return response


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="there is no /proc to find the process by")
def test_a_store_whose_process_ends_is_loaded_again(start: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "many.nt"
    file.write_text("".join(f"<urn:s{n}> <urn:p> <urn:o> .\n" for n in range(60_000)), encoding="utf-8")
    url = start(files=(file,))
    with httpx.Client(base_url=url, timeout=30) as client:
        before = counted(client, "/sparql")
        os.kill(nursery_of(url), signal.SIGKILL)
        away = health_once(client, ready=False)
        asked = client.get("/sparql", params={"query": "SELECT * { <urn:s1> ?p ?o }"})
        health_once(client, ready=True)
        assert int(away.headers["retry-after"]) > 0
        assert (asked.status_code, asked.json()["type"].rpartition("#")[2]) == (503, "busy")
        again = "SELECT (COUNT(*) AS ?again) { ?s ?p ?o }"
        response = client.get("/sparql", params={"query": again}, headers={"Accept": "text/csv"})
        assert int(response.text.split()[1]) == before
