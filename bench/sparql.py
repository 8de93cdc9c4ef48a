"""The service side by side with `oxigraph serve-read-only` and rdflib-endpoint, on the same data, in one run.

    .venv/bin/python bench/sparql.py data/current [--seconds 3] [--without rdflib-endpoint]

Each server answers the same questions over one kept-alive connection, one after the other: small, medium and large
results, each asked anew every time (a comment makes the text another one) and again and again. The servers take turns,
a fifth of a second each, so that a busy machine is as busy for all. Printed: requests a second, requests a CPU-second of
the server and all its processes, median and 99th percentile, time to the first byte; at the end memory (PSS), and the
ratios to oxigraph.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox

from mingzhang.release import open_release
from mingzhang.sparql.store import quads, release_source

MZ = "PREFIX mz: <https://w3id.org/mingzhang/ontology#>\n"
OURS, OXIGRAPH, RDFLIB = "mingzhang", "oxigraph", "rdflib-endpoint"
START_S = 300.0
TURN_S = 0.2
TICKS = os.sysconf("SC_CLK_TCK")

SERVE_OURS = """
import sys
from pathlib import Path
from mingzhang.release import open_release
from mingzhang.sparql.server import ServiceOptions, serve_release
serve_release(open_release(Path(sys.argv[1])), ServiceOptions(port=int(sys.argv[2])), lambda url: None)
"""
SERVE_RDFLIB = """
import sys
import rdflib, uvicorn
from rdflib_endpoint import SparqlEndpoint
graph = rdflib.Dataset(default_union=True)
graph.parse(sys.argv[1], format="nquads")
uvicorn.run(SparqlEndpoint(graph=graph, path="/"), port=int(sys.argv[2]), log_level="warning")
"""


@dataclass(frozen=True)
class Server:
    """A running server: its name, process, port, and the path that answers queries."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    path: str


@dataclass(frozen=True)
class Measured:
    """What one server did with one kind of question; times in milliseconds."""

    requests: int
    rate: float
    rate_per_cpu: float
    median: float
    worst: float
    first_byte: float
    size_bytes: int


def questions(facts: list[str]) -> dict[str, Callable[[int], str]]:
    """The questions by name, each a function from a running number to a query."""

    def small(number: int) -> str:
        return f"SELECT ?p ?o {{ <{facts[number % len(facts)]}> ?p ?o }} #{number // len(facts)}"

    def medium(number: int) -> str:
        return MZ + (
            "SELECT ?department ?class (SUM(?amount) AS ?yuan) (COUNT(*) AS ?facts)"
            "{ ?fact a mz:Fact ; mz:department ?department ; mz:functionalClass ?class ; mz:amount ?amount }"
            f" GROUP BY ?department ?class ORDER BY ?department ?class #{number}"
        )

    def large(number: int) -> str:
        return MZ + f"SELECT ?s ?p ?o {{ ?s ?p ?o }} LIMIT 50000 #{number}"

    return {
        "small, first time": small, "medium, first time": medium, "large, first time": large,
        "small, repeated": lambda _: small(0), "medium, repeated": lambda _: medium(-1),
        "large, repeated": lambda _: large(-1),
    }  # fmt: skip


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def started(name: str, command: list[str], port: int, path: str) -> Server:
    """A server once it takes connections. Raises SystemExit where it does not."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return Server(name, process, port, path)
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{name} does not start: {' '.join(command[:2])}")


def servers(release_path: Path, work: Path, without: list[str]) -> Iterator[Server]:
    """The servers over a release. `oxigraph` reads its data from disk, as it always does."""
    source = release_source(open_release(release_path))
    everything, default = work / "all.nq", work / "default.nq"
    everything.write_bytes(ox.serialize(quads(source), format=ox.RdfFormat.N_QUADS) or b"")
    merged = (quad.triple for quad in quads(source) if quad.graph_name == ox.DefaultGraph())
    default.write_bytes(ox.serialize(dict.fromkeys(merged), format=ox.RdfFormat.N_TRIPLES) or b"")
    port = free_port()
    yield started(OURS, [sys.executable, "-c", SERVE_OURS, str(release_path), str(port)], port, "/sparql")
    if OXIGRAPH not in without:
        program, location, port = str(Path(sys.executable).with_name("oxigraph")), work / "store", free_port()
        load = [program, "load", "--location", str(location), "--file", str(everything)]
        subprocess.run(load, check=True, capture_output=True)
        serve = [program, "serve-read-only", "--location", str(location), "--bind", f"127.0.0.1:{port}"]
        yield started(OXIGRAPH, serve, port, "/query")
    if RDFLIB not in without:
        port = free_port()
        yield started(RDFLIB, [sys.executable, "-c", SERVE_RDFLIB, str(default), str(port)], port, "/")


def family(pid: int) -> Iterator[int]:
    """A process and all its descendants."""
    yield pid
    children = Path(f"/proc/{pid}/task")
    for task in children.iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that ended just now
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def cpu_seconds(pid: int) -> float:
    """CPU time of a process, its living descendants, and those it has waited for."""
    total = 0
    for member in family(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def memory_mib(pid: int) -> float:
    """Memory of a process and its descendants; what they share is counted once."""
    total = 0
    for member in family(pid):
        rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


class Run:
    """One server being asked one kind of question, a while at a time."""

    def __init__(self, server: Server, question: Callable[[int], str], offset: int) -> None:
        self.server = server
        self.question = question
        self.offset = offset
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        self.times: list[float] = []
        self.firsts: list[float] = []
        self.wall = 0.0
        self.cpu_before = cpu_seconds(server.process.pid)
        self.size = 0

    def is_done(self, seconds: float) -> bool:
        return len(self.times) >= 3 and self.wall >= seconds

    def ask_for(self, seconds: float) -> None:
        """Asks for so long, at least once; on a connection that nobody has closed while others had their turn."""
        self.connection.close()
        self.connection.connect()
        begun = time.perf_counter()
        asked = 0
        while not asked or time.perf_counter() - begun < seconds:
            self.ask()
            asked += 1
        self.wall += time.perf_counter() - begun

    def ask(self) -> None:
        query = self.question(self.offset + len(self.times))
        path = f"{self.server.path}?{urlencode({'query': query})}"
        start = time.perf_counter()
        self.connection.request("GET", path, headers={"Accept": "application/sparql-results+json"})
        response = self.connection.getresponse()
        head = response.read(1)
        self.firsts.append(time.perf_counter() - start)
        self.size = len(head + response.read())
        self.times.append(time.perf_counter() - start)
        if response.status != 200:
            raise SystemExit(f"{self.server.name} answers {response.status} to {query}")

    def measured(self) -> Measured:
        self.connection.close()
        times, cpu = sorted(self.times), cpu_seconds(self.server.process.pid) - self.cpu_before
        return Measured(
            len(times), len(times) / self.wall, len(times) / max(cpu, 1 / TICKS), statistics.median(times) * 1000,
            times[min(len(times) - 1, int(len(times) * 0.99))] * 1000, statistics.median(self.firsts) * 1000, self.size,
        )  # fmt: skip


def measured(
    running: list[Server], question: Callable[[int], str], seconds: float, offset: int
) -> dict[str, Measured]:
    """All servers asked one kind of question for so many seconds each, at least three times, taking turns."""
    runs = [Run(server, question, offset) for server in running]
    while any(not run.is_done(seconds) for run in runs):
        for run in runs:
            if not run.is_done(seconds):
                run.ask_for(TURN_S)
    return {run.server.name: run.measured() for run in runs}


def printed(name: str, results: dict[str, Measured]) -> None:
    base = results.get(OXIGRAPH)
    for server, m in results.items():
        ratios = f"{m.rate / base.rate:9.2f} {m.rate_per_cpu / base.rate_per_cpu:9.2f}" if base else ""
        print(
            f"{name:20} {server:16} {m.requests:7} {m.rate:10.1f} {m.rate_per_cpu:10.1f} {m.median:9.2f} "
            f"{m.worst:9.2f} {m.first_byte:9.2f} {m.size_bytes:10} {ratios}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("release", type=Path, help="a release folder, such as data/current")
    parser.add_argument("--seconds", type=float, default=3.0, help="per server and question")
    parser.add_argument("--without", action="append", default=[], choices=[OXIGRAPH, RDFLIB])
    given = parser.parse_args()
    release = given.release.resolve()
    store = quads(release_source(open_release(release)))
    amount = ox.NamedNode("https://w3id.org/mingzhang/ontology#amount")
    facts = sorted({q.subject.value for q in store if q.predicate == amount})  # type: ignore[union-attr]
    with tempfile.TemporaryDirectory() as folder:
        running: list[Server] = []
        try:
            for server in servers(release, Path(folder), given.without):
                running.append(server)
            print(
                f"{'question':20} {'server':16} {'asked':>7} {'a second':>10} {'a CPU-s':>10} {'p50 ms':>9} "
                f"{'p99 ms':>9} {'first ms':>9} {'bytes':>10} {'rate×':>9} {'CPU×':>9}"
            )
            for number, (name, question) in enumerate(questions(facts).items()):
                printed(name, measured(running, question, given.seconds, number * 10**7))
            for server in running:
                print(f"memory of {server.name}: {memory_mib(server.process.pid):.0f} MiB")
        finally:
            for server in running:
                server.process.terminate()
                server.process.wait(30)


if __name__ == "__main__":
    main()
