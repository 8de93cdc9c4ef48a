"""The service before an engine that wants a name and a password, and that drops connections: a proxy in front of a real one."""

from __future__ import annotations

import base64
import http.client
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from mingzhang.errors import SettingsError
from mingzhang.sparql.connections import Credentials, address_of, checked_credentials

SECRET = "hunter2-和-geheim"
TOKEN = "tok3n.with-signs_~"
BASIC = "Basic " + base64.b64encode(f"reader:{SECRET}".encode()).decode("ascii")
BEARER = f"Bearer {TOKEN}"


class Guarded(BaseHTTPRequestHandler):
    """Passes on what is signed in; with `drop` it closes each connection after its answer without a word."""

    protocol_version = "HTTP/1.1"
    engine = ""
    wanted = ""
    drop = False
    redirect = ""
    connections = 0
    seen: tuple[str, ...] = ()

    def setup(self) -> None:
        super().setup()
        type(self).connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).seen += (self.headers.get("Authorization", ""),)
        if self.redirect:
            self.answer(307, b"", ("Location", self.redirect))
            return
        if self.headers.get("Authorization", "") != self.wanted:
            said = f"denied: {self.headers.get('Authorization')}".encode()
            self.answer(401, said, ("WWW-Authenticate", 'Basic realm="engine"'))
            return
        host = urlsplit(self.engine)
        passed_on = {name: self.headers[name] for name in ("Content-Type", "Accept")}
        connection = http.client.HTTPConnection(host.hostname or "", host.port)
        connection.request("POST", "/query", body, passed_on)
        response = connection.getresponse()
        self.answer(response.status, response.read(), ("Content-Type", response.headers["Content-Type"]))
        connection.close()
        if self.drop:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def engine(oxigraph: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("engine") / "data.nq"
    file.write_text("".join(f"<urn:s{i}> <urn:p> <urn:o> .\n" for i in range(50)), encoding="utf-8")
    return oxigraph(file)


@contextmanager
def guarded(engine: str, **behaviour: object) -> Iterator[tuple[str, type[Guarded]]]:
    """A proxy before the engine; its address, and what it has seen."""
    kind: type[Guarded] = type("Kind", (Guarded,), {"engine": engine, **behaviour})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/sparql", kind
        server.shutdown()


@contextmanager
def serving(*arguments: str, secret: str = "") -> Iterator[httpx.Client]:
    """`mingzhang serve --endpoint …`, as it is typed."""
    command = [sys.executable, "-m", "mingzhang", "serve", "--port", "0", "--endpoint", *arguments]
    environment = dict(os.environ) | ({"MINGZHANG_ENDPOINT_SECRET": secret} if secret else {})
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("Serving at "), said
        with httpx.Client(base_url=said.split()[2], timeout=30) as client:
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=15)


def count(client: httpx.Client, number: int = 0) -> str:
    query = f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }} # {number}"
    response = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"})
    return response.text.split()[-1]


def test_a_password_from_a_file_signs_in_and_connections_are_used_again(engine: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n", encoding="utf-8")
    with (
        guarded(engine, wanted=BASIC) as (url, seen),
        serving(url, "--endpoint-user", "reader", "--endpoint-secret-file", str(file)) as client,
    ):
        assert [count(client, number) for number in range(8)] == ["50"] * 8
        assert set(seen.seen) == {BASIC}
        assert seen.connections == 1


def test_a_token_from_the_environment_signs_in(engine: str) -> None:
    with guarded(engine, wanted=BEARER) as (url, seen), serving(url, secret=TOKEN) as client:
        assert count(client) == "50"
        assert set(seen.seen) == {BEARER}


def test_a_connection_that_was_dropped_while_idle_costs_no_answer(engine: str) -> None:
    with guarded(engine, wanted=BEARER, drop=True) as (url, seen), serving(url, secret=TOKEN) as client:
        assert [count(client, number) for number in range(8)] == ["50"] * 8
        assert seen.connections == 9  # one for the probe at the start


def test_who_is_not_let_in_is_told_so_at_the_start_and_the_secret_is_in_no_message(engine: str) -> None:
    command = [sys.executable, "-m", "mingzhang", "serve", "--port", "0", "--endpoint"]
    with guarded(engine, wanted=BASIC) as (url, _):
        environment = dict(os.environ) | {"MINGZHANG_ENDPOINT_SECRET": TOKEN}
        done = subprocess.run([*command, url], capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode != 0
    assert "--endpoint-secret-file" in done.stderr
    assert TOKEN not in done.stdout + done.stderr


def test_a_secret_that_becomes_invalid_is_an_error_of_the_engine_without_the_secret(engine: str) -> None:
    with guarded(engine, wanted=BEARER) as (url, seen), serving(url, secret=TOKEN) as client:
        seen.wanted = "Bearer another"
        response = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }"})
        assert response.status_code == 502
        assert TOKEN not in response.text
        assert "authorization" not in {name.lower() for name in response.headers}
        assert client.get("/health").status_code == 503


def test_a_redirect_is_not_followed_so_the_secret_goes_nowhere_else(engine: str) -> None:
    with (
        guarded(engine, wanted=BEARER) as (elsewhere, other),
        guarded(engine, wanted=BEARER) as (url, seen),
        serving(url, secret=TOKEN) as client,
    ):
        seen.redirect = elsewhere
        assert client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}).status_code == 502
        assert other.connections == 0


def test_a_secret_shows_in_no_log() -> None:
    assert SECRET not in repr(Credentials("reader", SECRET))
    with pytest.raises(SettingsError) as caught:
        address_of(f"http://reader:{TOKEN}@127.0.0.1/")
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "secret"),
    [("reader", ""), ("a:b", "x"), ("", "two words"), ("", "a\nb"), ("a", "x\r\ny"), ("", "中")],
)
def test_what_cannot_sign_in_is_refused(user: str, secret: str) -> None:
    with pytest.raises(SettingsError, match="endpoint"):
        checked_credentials(user, secret)
