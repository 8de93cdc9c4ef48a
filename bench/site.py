"""How fast pages are written, beside the speed of writing the same bytes again.

    python bench/site.py RELEASE_FOLDER

Works on a copy. Prints pages per CPU second, peak memory, and for comparison the files per CPU second of writing the
same bytes with nothing thought about. One process.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from mingzhang.release import open_release
from mingzhang.site.build import build_site


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "release"
        shutil.copytree(folder.resolve(), copy, ignore=shutil.ignore_patterns("site"))
        release = open_release(copy)
        start = time.process_time()
        pages = build_site(release, lambda stage, done, total: None)
        seconds = time.process_time() - start
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(
            f"pages: {pages:,} in {seconds:.1f} CPU s, {pages / seconds:,.0f} a CPU second, peak {peak_mb:,.0f} MB"
        )
        rewritten, seconds = _write_again(release.site, Path(name) / "again")
        print(f"the same bytes: {rewritten:,} files, {rewritten / seconds:,.0f} a CPU second")


def _write_again(site: Path, target: Path) -> tuple[int, float]:
    """Number of pages written again, and the CPU seconds that took."""
    contents = [(path.relative_to(site), path.read_bytes()) for path in sorted(site.rglob("*.html"))]
    start = time.process_time()
    for path, data in contents:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(data)
    return len(contents), time.process_time() - start


if __name__ == "__main__":
    main(Path(sys.argv[1]))
