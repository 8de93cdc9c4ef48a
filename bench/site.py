"""How fast pages are written and served, beside the speed of writing the same bytes and beside nginx.

    .venv/bin/python bench/site.py data/current [--seconds 3]

Works on copies of the release, in the folder for temporary files (TMPDIR): where others write to the same disk, a folder
in memory tells more. Printed, all from one run:

- pages a CPU-second of one process (the middle of several runs, the slowest and the fastest), its peak memory, and files
  a CPU-second of writing the same bytes again, measured between the runs: a machine that is busy with other work slows
  both, so their ratio tells more; what Pagefind, a program of its own that makes the search index, takes beside it;
- the time two processes take on two processors against one on one, Pagefind with it (else it would have the other one for
  itself), by the clock, which other work on the machine disturbs; and the most that the CPU time of each allows on two
  free processors, where the one that works longest decides;
- the time of a second build with one disclosure changed, against the first;
- GET requests a second for pages over one kept-alive connection: nginx (where it is installed) and our own server.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from mingzhang.release import Release, open_release
from mingzhang.site.build import SiteOptions, build_site

SERVE_OURS = """
import sys
from pathlib import Path
from mingzhang.release import open_release
from mingzhang.sparql.server import ServiceOptions, serve_release
serve_release(open_release(Path(sys.argv[1])), ServiceOptions(port=int(sys.argv[2])), lambda url: None)
"""


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("release", type=Path)
    arguments.add_argument("--seconds", type=float, default=3.0, help="how long each server is asked")
    arguments.add_argument("--runs", type=int, default=5, help="how often each is measured")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        work.chmod(0o755)  # nginx started as root reads as another user
        release = _copy(given.release.resolve(), work / "one")
        _one_process(release, work, given.runs)
        _two_processes(release, given.runs)
        _second_build(release, work / "second")
        _serving(release, given.seconds)


def _copy(folder: Path, target: Path) -> Release:
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("site", "site-config"))
    return open_release(target)


def _timed(release: Release, options: SiteOptions) -> tuple[int, float, float]:
    """Pages written, CPU seconds of this process, seconds by the clock."""
    wall, cpu = time.monotonic(), time.process_time()
    pages = build_site(release, lambda stage, done, total: None, options)
    return pages, time.process_time() - cpu, time.monotonic() - wall


def _one_process(release: Release, work: Path, runs: int) -> None:
    rates, floors, ratios = [], [], []
    for _ in range(runs):
        before = _of_children()
        pages, seconds, _wall = _timed(release, SiteOptions(program="bench"))
        pagefind = _of_children() - before
        floor = _files_a_second(release, work / "again")
        rates.append(pages / seconds)
        floors.append(floor)
        ratios.append(floor * seconds / pages)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"pages: {pages:,}, {median(rates):,.0f} a CPU second ({min(rates):,.0f} to {max(rates):,.0f} in {runs} runs),"
        f" peak {peak_mb:,.0f} MB; Pagefind {pagefind:.1f} CPU s"
    )
    print(
        f"the same bytes: {median(floors):,.0f} files a CPU second, {median(ratios):.1f} times as many"
        f" ({min(ratios):.1f} to {max(ratios):.1f})"
    )


def _files_a_second(release: Release, target: Path) -> float:
    """Files a CPU second of writing the pages that are there into another folder."""
    contents = [(path.relative_to(release.site), path.read_bytes()) for path in release.site.rglob("*.html")]
    shutil.rmtree(target, ignore_errors=True)
    start = time.process_time()
    for path, data in contents:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(data)
    return len(contents) / (time.process_time() - start)


def _of_children() -> float:
    """CPU seconds of the processes this one has started and seen end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _two_processes(release: Release, runs: int) -> None:
    """One right after the other, on pages that are there already."""
    clocks, bounds = [], []
    for _ in range(runs):
        before = _of_children()
        with _one_processor():
            _, alone, one = _timed(release, SiteOptions(program="bench"))
        pagefind = _of_children() - before
        before = _of_children()
        _, first, two = _timed(release, SiteOptions(program="bench", workers=2))
        others = _of_children() - before
        clocks.append(one / two)
        bounds.append((alone + pagefind) / max(first, others - pagefind, (first + others) / 2))
    print(
        f"two processes on two processors: {median(clocks):.2f} times as fast as one on one by the clock"
        f" ({min(clocks):.2f} to {max(clocks):.2f});"
        f" at most {median(bounds):.2f} by CPU time ({min(bounds):.2f} to {max(bounds):.2f})"
    )


@contextmanager
def _one_processor() -> Iterator[None]:
    """Keeps this process, and those it starts, to one processor, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usual)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usual)


def _second_build(first: Release, folder: Path) -> None:
    """The same release with one number of its first disclosure changed."""
    changed = _copy(first.path, folder)
    graph = changed.graphs / changed.manifest.disclosures[0].graph_file
    lines = graph.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if "ontology#token>" in line)
    subject, predicate, _ = lines[at].split(" ", 2)
    lines[at] = f'{subject} {predicate} "1.23" <{changed.manifest.disclosures[0].graph}> .\n'
    graph.write_text("".join(lines), encoding="utf-8")
    changed = replace(changed, manifest=replace(changed.manifest, id="2000-01-01-000000000000"))
    _, whole, _ = _timed(changed, SiteOptions(program="bench"))
    _, part, _ = _timed(changed, SiteOptions(program="bench", before=first))
    share = 1 / len(changed.manifest.disclosures)
    print(
        f"one disclosure of {1 / share:.0f} changed: {part:.1f} CPU s instead of {whole:.1f} ({part / whole:.2f})"
    )


def _serving(release: Release, seconds: float) -> None:
    paths = [
        f"/{path.relative_to(release.site)}" for path in sorted(release.site.glob("doc/fact/**/*.html"))[:500]
    ]
    ours = [sys.executable, "-c", SERVE_OURS, str(release.path)]
    with _running(ours) as port:
        print(f"own server: {_rate(port, paths, seconds):,.0f} pages a second")
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if nginx:
        config = release.path / "site-config" / "nginx.conf"
        with _running([nginx, "-p", str(release.path), "-c", str(config), "-g", "daemon off;"], 8080) as port:
            print(f"nginx: {_rate(port, paths, seconds):,.0f} pages a second")


@contextmanager
def _running(command: list[str], fixed_port: int = 0) -> Iterator[int]:
    """A server from its start to its end; gives its port, which is the last argument unless it is fixed."""
    if fixed_port:
        number = fixed_port
    else:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            number = int(listener.getsockname()[1])
        command = [*command, str(number)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", number), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield number
    finally:
        process.terminate()
        process.wait()


def _rate(port: int, paths: list[str], seconds: float) -> float:
    """Whole answers a second."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    start = time.monotonic()
    for count, path in enumerate(itertools.cycle(paths), start=1):
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200, f"{path}: {answer.status}"
        answer.read()
        if time.monotonic() - start > seconds:
            return count / (time.monotonic() - start)
    raise SystemExit("the release has no facts")


if __name__ == "__main__":
    main()
