"""Where disclosures are read makes no difference to what is read, and a worker that dies takes nothing else with it."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mingzhang.cli import run
from mingzhang.errors import ClusterError, OtherVersion
from mingzhang.executors import DaskCluster, LocalProcesses, Lost
from mingzhang.ingest.reading import Overrides
from mingzhang.prepared import Failed, Prepared
from mingzhang.work import Done, InputFile, Task, work_on, worker_version

from .conftest import DATE, small_disclosure

Capture = pytest.CaptureFixture[str]

pytest.importorskip("distributed", reason="Dask is not installed (pip install 'mingzhang[dask]')")


@dataclass
class Dask:
    """A process of Dask's command line, which says on standard error, kept in a file, where it listens."""

    process: subprocess.Popen[bytes]
    said: Path

    @classmethod
    def started(cls, folder: Path, *arguments: str) -> Dask:
        said = folder / f"{arguments[0]}-{time.monotonic_ns()}.log"
        command = [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--no-dashboard"]
        with said.open("wb") as log:
            return cls(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log), said)

    @classmethod
    def scheduler(cls, folder: Path) -> Dask:
        return cls.started(folder, "scheduler", "--port", "0")

    @classmethod
    def worker(cls, folder: Path, address: str) -> Dask:
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
        return cls.started(folder, "worker", address, *options)

    def address_after(self, words: str) -> str:
        """The address on the line that has these words, once there is one. They come within a minute or never."""
        for _ in range(600):
            for line in self.said.read_text(encoding="utf-8").splitlines():
                if words in line:
                    return "tcp://" + line.rpartition("tcp://")[2].strip()
            time.sleep(0.1)
        raise AssertionError(self.said.read_text(encoding="utf-8"))

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Cluster:
    """A scheduler and two workers, each a process of its own, on real sockets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes = [Dask.scheduler(folder)]
        self.address = self.processes[0].address_after("Scheduler at:")
        for _ in range(2):
            self.add_worker()

    def add_worker(self) -> None:
        """Starts a worker and waits until the scheduler has it."""
        self.processes.append(Dask.worker(self.folder, self.address))
        self.processes[-1].address_after("Registered to")

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    running = Cluster(tmp_path_factory.mktemp("dask"))
    yield running
    running.stop()


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path, with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def task_of(path: Path, version: str | None = None) -> Task:
    data = path.read_bytes()
    return Task(
        (InputFile(str(path), hashlib.sha256(data).hexdigest(), data),),
        Overrides(),
        "http://x/",
        version or worker_version(),
    )


def test_a_cluster_builds_the_same_bytes_as_this_machine(
    cluster: Cluster, small: Path, tmp_path: Path
) -> None:
    arguments = ["build", "examples", "--date", DATE]
    assert run([*arguments, "--data", str(tmp_path / "there"), "--scheduler", cluster.address]) == 0
    ours, theirs = tree(small / "data/current"), tree(tmp_path / "there/current")
    assert set(ours) == set(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_a_cluster_says_the_same_of_files_good_and_bad(
    cluster: Cluster, small: Path, tmp_path: Path, capsys: Capture
) -> None:
    (small / "examples/letter.txt").write_text("a letter about the weather in 2023\n", encoding="utf-8")
    shown = {}
    for name, where in (("here", []), ("there", ["--scheduler", cluster.address])):
        assert run(["ingest", "examples", "--unread", "--data", str(tmp_path / name), *where]) == 1
        shown[name] = capsys.readouterr()
    assert shown["here"].out == shown["there"].out
    told = {name: [x for x in s.err.splitlines() if "letter.txt" in x] for name, s in shown.items()}
    assert told["here"] == told["there"] != []


def killing_once(task: Task) -> Done:
    """Ends its process the first time that it sees a file, as running out of memory would."""
    mark = Path(task.files[0].path + ".seen")
    if not mark.exists():
        mark.touch()
        time.sleep(0.5)  # until the mark and the start of the task are known to the other side
        os.kill(os.getpid(), signal.SIGKILL)
    return work_on(task)


def killing(task: Task) -> Done:
    """Ends its process for one file, every time."""
    if "deadly" in task.files[0].path:
        os.kill(os.getpid(), signal.SIGKILL)
    return Done(Failed(task.label, "read"))


def test_a_dask_worker_that_dies_is_replaced_by_another(cluster: Cluster, tmp_path: Path) -> None:
    first, second = (small_disclosure(tmp_path / f"{year}.txt", year) for year in (2022, 2023))
    (tmp_path / "2023.txt.seen").touch()
    tasks = enumerate(map(task_of, (first, second)))
    import cloudpickle  # type: ignore[import-untyped]

    # A worker can import this program, and not this test.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        found = dict(DaskCluster(cluster.address).results(killing_once, tasks, 2))
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    assert (tmp_path / "2022.txt.seen").exists()
    outcomes = [result.outcome if isinstance(result, Done) else result for _, result in sorted(found.items())]
    assert [isinstance(outcome, Prepared) for outcome in outcomes] == [True, True], outcomes
    cluster.add_worker()


def test_a_file_that_kills_every_process_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    names = ("a.txt", "deadly.txt", "b.txt", "c.txt", "d.txt")
    for name in names:
        (tmp_path / name).write_text("x", encoding="utf-8")
    tasks = enumerate(task_of(tmp_path / name) for name in names)
    found = dict(LocalProcesses(2).results(killing, tasks, len(names)))
    assert {number for number, result in found.items() if isinstance(result, Lost)} == {1}
    assert len(found) == len(names)


def test_no_more_files_are_taken_up_than_workers_can_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    task, taken = task_of(tmp_path / "a.txt"), 0

    def tasks() -> Iterator[tuple[int, Task]]:
        nonlocal taken
        for taken in range(1, 41):
            yield taken, task

    ahead = [taken - done for done, _ in enumerate(LocalProcesses(2).results(killing, tasks(), 40), 1)]
    assert len(ahead) == 40
    assert max(ahead) <= 4


def test_a_worker_of_another_version_is_refused(tmp_path: Path) -> None:
    task = task_of(small_disclosure(tmp_path / "a.txt"), "f" * 64)
    with pytest.raises(OtherVersion, match="another version"):
        work_on(task)


def test_a_cluster_of_another_version_is_refused_before_anything_is_sent(
    cluster: Cluster, tmp_path: Path
) -> None:
    task = task_of(small_disclosure(tmp_path / "a.txt"))
    with pytest.raises(OtherVersion, match="workers have another Mingzhang than this one"):
        list(DaskCluster(cluster.address, version="f" * 64).results(work_on, [(0, task)], 1))


def test_where_no_scheduler_answers_the_address_is_named(small: Path, capsys: Capture) -> None:
    with pytest.raises(ClusterError, match="no Dask scheduler answers"):
        list(
            DaskCluster("tcp://127.0.0.1:9", connect_s=0.2).results(
                work_on, [(0, task_of(small / "examples/cangxi-2023.txt"))], 1
            )
        )
    assert run(["ingest", "examples", "--data", "fresh", "--scheduler", "127.0.0.1"]) == 1
    assert "mingzhang: 127.0.0.1: " in capsys.readouterr().err


def test_a_cluster_without_workers_is_given_up_after_a_while(tmp_path: Path) -> None:
    scheduler = Dask.scheduler(tmp_path)
    try:
        cluster = DaskCluster(scheduler.address_after("Scheduler at:"), patience_s=1.0)
        task = task_of(small_disclosure(tmp_path / "a.txt"))
        with pytest.raises(ClusterError, match="no worker"):
            list(cluster.results(work_on, [(0, task)], 1))
    finally:
        scheduler.stop()
