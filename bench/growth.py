"""How building grows with the number of disclosures: CPU seconds a disclosure, and memory.

    python bench/growth.py RELEASE_FOLDER [TIMES…]          (default: 2 4 10)

The disclosures of the release are copied so many times under other names, dumps and pages of all of them are written, one
measurement in a process of its own, by one process and by two. Printed: CPU seconds a disclosure (all processes), pages a
CPU second, the most memory that the process and the largest of those it started took, both as the system counts them:
what forked processes share is counted in each of them.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

from copies import write_copies

from mingzhang.release import open_release
from mingzhang.site.build import SiteOptions, build_site
from mingzhang.site.dumps import build_dumps


def _cpu() -> float:
    """CPU seconds of this process and of those it has started and seen end."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _memory() -> str:
    """The most memory so far, MiB: this process's, and that of the largest it started."""
    return " + ".join(
        f"{resource.getrusage(who).ru_maxrss / 1024:,.0f}"
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def _measure(folder: Path, workers: int) -> None:
    release = open_release(folder)
    count = len(release.manifest.disclosures)
    start = _cpu()
    build_dumps(release, lambda stage, done, total: None, workers)
    dumps, dumps_memory, middle = _cpu() - start, _memory(), _cpu()
    wall = time.monotonic()
    pages = build_site(
        release, lambda stage, done, total: None, SiteOptions(program="bench", workers=workers)
    )
    site, wall = _cpu() - middle, time.monotonic() - wall
    print(
        f"{count:5} disclosures, {workers} processes: dumps {dumps / count:.2f} CPU s each, {dumps_memory} MiB;"
        f" pages {site / count:.2f} CPU s each, {pages / site:,.0f} a CPU s (Pagefind included), {_memory()} MiB, {wall:.0f} s",
        flush=True,
    )


def main() -> None:
    release = open_release(Path(sys.argv[1]).resolve())
    for times in map(int, sys.argv[2:] or ("2", "4", "10")):
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as name:
                write_copies(release, Path(name, "many"), times)
                process = multiprocessing.get_context("spawn").Process(
                    target=_measure, args=(Path(name, "many"), workers)
                )
                process.start()
                process.join()
                if process.exitcode:
                    sys.exit(process.exitcode)


if __name__ == "__main__":
    main()
