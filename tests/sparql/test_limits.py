"""Limits that bite: hostile queries are ended, nobody else notices, and no answer is ever half an answer."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, cast

import httpx
import pyoxigraph as ox
import pytest

from mingzhang.sparql.engine import AnswerNotWritten, Question, answer
from mingzhang.sparql.problems import problem_of

TIMEOUT_S = 2.0
NUMBERS = "VALUES ?{0} {{ " + " ".join(str(number) for number in range(60)) + " }} "
HOSTILE = {
    "cartesian product": "SELECT (COUNT(*) AS ?n) { " + "".join(NUMBERS.format(name) for name in "abcdefg") + "}",
    "huge group by": (
        "SELECT ?a ?b ?c ?d (COUNT(*) AS ?n) { " + "".join(NUMBERS.format(n) for n in "abcd") + "} GROUP BY ?a ?b ?c ?d"
    ),
    "regex over a product": (
        "SELECT * { " + "".join(NUMBERS.format(name) for name in "abcde")
        + 'FILTER(REGEX(CONCAT(STR(?a), STR(?b), STR(?c), STR(?d), STR(?e)), "(x+x+)+y")) }'
    ),
    "deep path": "SELECT (COUNT(*) AS ?n) { ?a (<p:x>|!<p:x>)* ?b . ?c (<p:y>|!<p:y>)* ?d . ?e (!<p:z>)* ?f }",
    "3,000 braces": "ASK " + "{" * 3000 + "}" * 3000,
    "200 lists": "ASK { ?s ?p " + "(" * 200 + ")" * 200 + " }",
    "a megabyte": "ASK {} #" + "x" * 1_000_000,
    "gigabytes of answer": "SELECT * { " + "".join(NUMBERS.format(name) for name in "abcde") + "}",
}  # fmt: skip


@pytest.fixture(scope="module")
def small(start: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A service with tight limits over a chain of a thousand triples."""
    file = tmp_path_factory.mktemp("chain") / "chain.nt"
    file.write_text(
        "".join(f"<urn:n{i}> <urn:next> <urn:n{i + 1}> .\n" for i in range(1000)), encoding="utf-8"
    )
    return start(
        files=(file,), timeout_s=TIMEOUT_S, memory_bytes=128 * 1024 * 1024, result_limit_bytes=4 * 1024 * 1024
    )


@pytest.fixture
def connection() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as opened:
        yield opened


def post(connection: httpx.Client, url: str, query: str, **parameters: str) -> httpx.Response:
    return connection.post(
        url + "sparql",
        params=parameters,
        content=query.encode(),
        headers={"Content-Type": "application/sparql-query", "Accept": "text/csv"},
    )


def test_while_hostile_queries_run_a_simple_one_is_answered_within_a_second(
    small: str, connection: httpx.Client
) -> None:
    post(connection, small, "ASK {}")
    with ThreadPoolExecutor(len(HOSTILE)) as threads, httpx.Client(timeout=60) as enemy:
        sent = {name: threads.submit(post, enemy, small, query) for name, query in HOSTILE.items()}
        waits = []
        for number in range(5):
            time.sleep(0.3)
            started = time.monotonic()
            response = post(connection, small, f"SELECT ?o {{ <urn:n{number}> <urn:next> ?o }}")
            waits.append(time.monotonic() - started)
            assert response.status_code == 200
            assert f"urn:n{number + 1}" in response.text
        answers = {name: future.result() for name, future in sent.items()}
    assert max(waits) < 1.0, waits
    for name, response in answers.items():
        assert response.status_code in (400, 403, 413, 503, 504), (name, response.text[:200])
        assert response.headers["content-type"] == "application/problem+json"
    assert connection.get(small + "health").status_code == 200


def test_a_query_is_ended_at_its_time_limit(small: str, connection: httpx.Client) -> None:
    started = time.monotonic()
    response = post(connection, small, HOSTILE["cartesian product"])
    assert response.status_code == 504
    assert time.monotonic() - started < TIMEOUT_S + 1.5


def test_a_client_may_ask_for_less_time_but_not_more(small: str, connection: httpx.Client) -> None:
    started = time.monotonic()
    assert post(connection, small, HOSTILE["cartesian product"], timeout="0.2").status_code == 504
    assert time.monotonic() - started < 1.5
    assert post(connection, small, HOSTILE["cartesian product"], timeout="600").status_code == 504
    assert time.monotonic() - started < 2 * TIMEOUT_S + 2


def test_a_query_is_ended_at_its_memory_limit(small: str, connection: httpx.Client) -> None:
    distinct = "SELECT DISTINCT ?a ?b ?c { ?a <urn:next> ?x . ?b <urn:next> ?y . ?c <urn:next> ?z }"
    response = post(connection, small, f"SELECT (COUNT(*) AS ?n) {{ {{ {distinct} }} }}")
    assert (response.status_code, response.json()["type"].rpartition("#")[2]) in (
        (503, "memory"),
        (504, "timeout"),
    )


def test_an_answer_past_the_size_limit_is_an_error_that_points_to_the_dumps(
    small: str, connection: httpx.Client
) -> None:
    response = post(connection, small, "SELECT ?a ?b { ?a <urn:next> ?x . ?b <urn:next> ?y }")
    assert response.status_code == 403
    assert "dumps" in response.json()["detail"]


def test_the_queue_is_bounded_and_a_client_has_its_share(
    start: Callable[..., str], small: str, tmp_path: Path
) -> None:
    file = tmp_path / "one.nt"
    file.write_text("<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    url = start(files=(file,), timeout_s=1.5, workers=1, queue_length=1, queue_wait_s=0.2, per_client=3)
    with ThreadPoolExecutor(6) as threads, httpx.Client(timeout=30) as client:
        answers = [
            f.result()
            for f in [threads.submit(post, client, url, HOSTILE["cartesian product"]) for _ in range(6)]
        ]
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {429, 503, 504}
    assert statuses & {429, 503}
    for response in answers:
        if response.status_code in (429, 503):
            assert int(response.headers["retry-after"]) > 0


def test_from_never_reads_a_file(small: str, connection: httpx.Client, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ttl"
    secret.write_text("<urn:s> <urn:p> <urn:o> .", encoding="utf-8")
    response = post(connection, small, f"SELECT ?s ?p ?o FROM <{secret.as_uri()}> {{ ?s ?p ?o }}")
    assert response.text.strip() == "s,p,o"


CONFINED = """
import json, os, socket, sys
import pyoxigraph
from mingzhang.sparql.nursery import confined

store, failed = pyoxigraph.Store(), []
channel = confined(int(sys.argv[1]), 256 * 1024 * 1024)
answer_file = os.dup(1)  # as while a query runs: the last descriptor is taken
for attempt in (
    lambda: open(sys.argv[2]),
    lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3]))),
    lambda: list(store.query("SELECT * { SERVICE <http://127.0.0.1:%s/> { ?s ?p ?o } }" % sys.argv[3])),
    lambda: store.load(path=sys.argv[2], format=pyoxigraph.RdfFormat.TURTLE),
):
    try:
        attempt()
        failed.append("")
    except OSError as error:
        failed.append(str(error))
channel.sendall(json.dumps(failed).encode())
"""


def test_a_worker_can_open_no_file_and_no_connection_whatever_the_engine_does(tmp_path: Path) -> None:
    file = tmp_path / "file.ttl"
    file.write_text("", encoding="utf-8")
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        arguments = [str(theirs.fileno()), str(file), port]
        command = [sys.executable, "-c", CONFINED, *arguments]
        assert subprocess.run(command, pass_fds=[theirs.fileno()], timeout=30, check=False).returncode == 0
        attempts = json.loads(ours.recv(65536))
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert len(attempts) == 4
    assert all(attempts), attempts


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is not here to stand for a full disk")
def test_a_full_disk_is_our_fault_and_gives_no_half_answer() -> None:
    store = ox.Store()
    store.extend(
        ox.Quad(ox.NamedNode(f"urn:{i}"), ox.NamedNode("urn:p"), ox.Literal("x" * 100)) for i in range(5000)
    )
    question = Question("SELECT * { ?s ?p ?o }", "csv", "", 10**9)
    with Path("/dev/full").open("w+b", buffering=0) as full, pytest.raises(AnswerNotWritten) as caught:
        answer(store, question, cast(BinaryIO, full))
    assert problem_of(caught.value).status == 503
