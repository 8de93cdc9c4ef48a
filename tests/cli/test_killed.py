"""A build killed, or out of disk, at many points: the release before is served whole at each, and the next build goes on.

The points are counted in what a build does to the disk (files opened for writing, renames, links), by an audit hook
(PEP 578) in the build's own process: they are the same in each run, and lie where a half-done thing would show.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mingzhang.cli import run
from mingzhang.publish import current_id, make_current
from mingzhang.release import current_release, open_release, releases_in
from mingzhang.verify import verify_release

from .conftest import DATE, small_disclosure

KILLS = 32
FULL_DISKS = 12

# Forks a build for each line it reads, "how point", with everything imported before; says how each ended.
HARNESS = """
import os, signal, sys
from pathlib import Path
import mingzhang.build, mingzhang.cli, mingzhang.ingest.graph, mingzhang.shapes.runner, mingzhang.work
import mingzhang.site.build, mingzhang.site.dumps, mingzhang.site.history, mingzhang.site.catalogue

data = str(Path(sys.argv[1]).resolve())
arguments = sys.argv[2:]
DOES = {"os.rename": 0, "os.symlink": 1, "os.mkdir": 0, "os.rmdir": 0, "os.remove": 0}
done = 0

def spoil(how, point):
    def hook(event, given):
        global done
        if event == "open":
            path, mode, flags = given
            if not isinstance(path, (str, bytes)) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
        elif event in DOES:
            path = given[DOES[event]]
        else:
            return
        if data not in os.path.abspath(os.fsdecode(path)):
            return
        done += 1
        if done != point:
            return
        if how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if event == "open":
            raise OSError(28, os.strerror(28), path)
    sys.addaudithook(hook)

print("ready", flush=True)
for line in sys.stdin:
    how, point = line.split()
    child = os.fork()
    if child == 0:
        os.close(0)
        sys.stdout = sys.stderr
        spoil(how, int(point))
        status = mingzhang.cli.run(arguments)
        Path(data, "..", "done").write_text(str(done))
        os._exit(status)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


class Harness:
    """Builds of the small files and one more, each spoilt at a point."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.done = folder / "done"
        build = ["build", "examples", "c.txt", "--data", "data", "--date", "2026-02-28"]
        environment = os.environ | {"MINGZHANG_JOBS": "1", "PYTHONWARNINGS": "ignore"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", HARNESS, str(self.data), *build],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def build(self, how: str, point: int) -> int:
        """The exit status of a build that is spoilt at a point; negative where a signal ended it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{how} {point}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self) -> str:
        """Ends it; what the builds said."""
        return self.process.communicate(timeout=60)[1]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def points(total: int, number: int) -> list[int]:
    """Points all over a build, the same in each run, and six near its end, where the new release appears.

    Not the very last: what a build finds in the cache makes it do some thirty things more or less.
    """
    end = total - 60
    return sorted([*random.Random(20260122).sample(range(1, end), number - 6), *range(end, total - 30, 5)])


def work_of(folder: Path) -> int:
    """How much a build that nobody disturbs does to the disk at the least, on a copy of the folder: with every file
    read before. (One that has to read does more.)"""
    copy = Path(shutil.copytree(folder, folder.parent / "undisturbed", symlinks=True))
    before = current_id(copy / "data")
    harness = Harness(copy)
    assert harness.build("never", 0) == 0
    new = current_release(copy / "data")
    make_current(copy / "data", before)
    shutil.rmtree(new.path)
    assert harness.build("never", 0) == 0
    harness.close()
    return int((copy / "done").read_text())


def test_a_build_killed_at_any_point_leaves_the_release_before_and_the_next_goes_on(small: Path) -> None:
    small_disclosure(small / "c.txt", 2024)
    total = work_of(small)
    before = current_id(small / "data")
    content = tree(small / "data/current")
    harness = Harness(small)
    killed = 0
    for number, point in enumerate(points(total, KILLS)):
        if number % 8 == 0:  # what is killed then is reading, too
            shutil.rmtree(small / "data/cache", ignore_errors=True)
        status = harness.build("kill", point)
        current = current_release(small / "data")
        if current.manifest.id != before:
            verify_release(current)
            make_current(small / "data", before)
            shutil.rmtree(current.path)
        assert tree(small / "data/current") == content, f"after a kill at point {point}"
        killed += status == -signal.SIGKILL
    assert killed >= 30
    assert harness.build("never", 0) == 0
    harness.close()
    after = current_release(small / "data")
    assert after.manifest.id != before
    verify_release(after)
    assert tree(after.path) == tree(small.parent / "undisturbed/data/current")
    left = [path.name for path in (small / "data/releases").iterdir() if path.name.startswith(".")]
    assert (
        left + [path.name for path in (small / "data/history").iterdir() if path.name.startswith(".")] == []
    )


def test_a_disk_that_is_full_at_any_point_leaves_the_release_before_and_says_so(small: Path) -> None:
    small_disclosure(small / "c.txt", 2024)
    total = work_of(small)
    before = current_id(small / "data")
    content = tree(small / "data/current")
    harness = Harness(small)
    for point in points(total, FULL_DISKS)[: FULL_DISKS - 6]:
        shutil.rmtree(small / "data/cache", ignore_errors=True)
        status = harness.build("full", point)
        # Where the point is no opening of a file, nothing was in the way.
        if current_id(small / "data") == before:
            assert status == 1
        else:
            assert status == 0
            new = current_release(small / "data")
            assert len(new.manifest.disclosures) == 3, "a full disk is no reason to leave a disclosure out"
            make_current(small / "data", before)
            shutil.rmtree(new.path)
        assert tree(small / "data/current") == content, f"after a full disk at point {point}"
        assert [p.name for p in (small / "data/releases").iterdir()] == [before]
    said = harness.close()
    assert "No space left on device" in said
    assert "Traceback" not in said


def test_a_file_that_cannot_be_written_whole_leaves_the_release_before(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = current_id(small / "data")
    small_disclosure(small / "c.txt", 2024)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        assert run(["build", "examples", "c.txt", "--data", "data"]) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert "File too large" in capsys.readouterr().err
    assert current_id(small / "data") == before
    assert run(["build", "examples", "c.txt", "--data", "data"]) == 0


def test_a_real_build_killed_after_any_time_leaves_the_release_before(small: Path) -> None:
    """By the clock, workers included: the other tests' builds run in one process."""
    small_disclosure(small / "c.txt", 2024)
    before, content = current_id(small / "data"), tree(small / "data/current")
    command = [
        sys.executable,
        "-m",
        "mingzhang",
        "build",
        "examples",
        "c.txt",
        "--data",
        "data",
        "--jobs",
        "2",
    ]
    for delay_s in (0.3, 0.9, 1.7, 2.6):
        process = subprocess.Popen(command, cwd=small, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay_s)
        process.kill()
        process.wait(timeout=30)
        if current_id(small / "data") != before:
            verify_release(current_release(small / "data"))
            make_current(small / "data", before)
        assert tree(small / "data/current") == content
    assert run(["build", "examples", "c.txt", "--data", "data"]) == 0
    verify_release(current_release(small / "data"))


@pytest.mark.parametrize(
    ("workers", "environment"),
    [
        ("1", {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C"}),
        ("2", {"PYTHONHASHSEED": "4242", "TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8"}),
        ("3", {"PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "de_DE.UTF-8", "PYTHONUTF8": "1"}),
    ],
)
def test_the_same_bytes_whatever_the_workers_the_hash_seed_the_clock_and_the_language(
    small_built: Path, tmp_path: Path, workers: str, environment: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "mingzhang", "build", str(small_built / "examples")]
    command += ["--data", str(tmp_path / "data"), "--date", DATE, "--jobs", workers]
    subprocess.run(command, env=os.environ | environment, check=True, capture_output=True)
    ours, theirs = tree(current_release(tmp_path / "data").path), tree(small_built / "data/current")
    assert set(ours) == set(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_only_whole_releases_are_listed(small: Path) -> None:
    (small / "data/releases/2026-05-05-0123456789ab").mkdir()
    assert [release.manifest.id for release in releases_in(small / "data/releases")] == [
        open_release(small / "data/current").manifest.id
    ]
