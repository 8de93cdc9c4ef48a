"""Building: the same bytes for the same input, nothing done twice, nothing half-written, nothing unsound published."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mingzhang import build as building
from mingzhang import work
from mingzhang.cli import run
from mingzhang.errors import ReleaseError
from mingzhang.release import Release, current_release
from mingzhang.shapes.runner import Report, Violation
from mingzhang.verify import verify_release

from .conftest import DATE, EXAMPLES, small_disclosure

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


def build(folder: Path, *files: Path, date: str = DATE, more: tuple[str, ...] = ()) -> int:
    """Builds into `folder/data`, in this process."""
    return run(["build", *map(str, files), "--data", str(folder / "data"), "--date", date, *more])


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path, with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_same_input_gives_the_same_bytes_in_any_order_and_with_any_number_of_workers(
    small_built: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert (
        build(tmp_path, small_built / "examples/nanyang-2021.txt", small_built / "examples/cangxi-2023.txt")
        == 0
    )
    release = current_release(tmp_path / "data")
    assert capsys.readouterr().out == f"{release.manifest.id}\n"
    ours, theirs = tree(release.path), tree(small_built / "data/current")
    assert set(ours) == set(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_a_second_run_with_nothing_changed_writes_nothing_whatever_the_date(
    small: Path, capsys: Capture
) -> None:
    releases = small / "data/releases"
    before = {path: path.stat().st_mtime_ns for path in releases.rglob("*")}
    began = time.monotonic()
    assert build(small, small / "examples", date="2027-01-01") == 0
    assert time.monotonic() - began < 3, "nothing is read, validated or rendered again"
    assert {path: path.stat().st_mtime_ns for path in releases.rglob("*")} == before
    assert capsys.readouterr().out.startswith(DATE)


def test_one_more_file_is_a_new_release_and_only_that_file_is_read_and_going_back_finds_the_old(
    small: Path,
) -> None:
    first = current_release(small / "data")
    readings = set((small / "data/cache/reading").rglob("*.pickle.zst"))
    assert build(small, small / "examples", small_disclosure(small / "c.txt", 2024)) == 0
    second = current_release(small / "data")
    assert second.manifest.id != first.manifest.id
    assert len(second.manifest.disclosures) == 3
    assert len(set((small / "data/cache/reading").rglob("*.pickle.zst")) - readings) == 1
    unchanged = first.manifest.disclosures[0].graph_file
    assert (first.graphs / unchanged).read_bytes() == (second.graphs / unchanged).read_bytes()
    assert build(small, small / "examples", date="2027-01-01") == 0
    assert current_release(small / "data").manifest.id == first.manifest.id


def test_a_second_file_of_one_disclosure_is_refused_by_name_and_the_first_is_taken(
    small: Path, capsys: Capture
) -> None:
    copy = small_disclosure(small / "copy.txt", 2023, health="60.0")
    assert build(small, small / "examples", copy) == 1
    assert f"{copy}: the same disclosure as {small / 'examples/cangxi-2023.txt'}" in capsys.readouterr().err
    names = {entry.file_name for entry in current_release(small / "data").manifest.disclosures}
    assert names == {"cangxi-2023.txt", "nanyang-2021.txt"}


def test_bad_files_are_left_out_and_the_release_holds_the_others(small: Path, capsys: Capture) -> None:
    (small / "empty.txt").write_bytes(b"")
    assert build(small, small / "empty.txt", small / "examples") == 1
    shown = capsys.readouterr()
    assert f"{small / 'empty.txt'}: " in shown.err
    assert shown.out.strip() == current_release(small / "data").manifest.id


def test_a_disclosure_that_breaks_a_structure_rule_is_quarantined_and_the_others_are_published(
    small: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    from mingzhang.shapes import runner

    sound = runner.validate
    violation = Violation("table", "http://x/table", "", "", "a table without a number")

    def strict(quads: bytes | Path, base_uri: str) -> Report:
        report = sound(quads, base_uri)
        return replace(report, violations=(violation,)) if b"/2024-budget" in quads else report  # type: ignore[operator]

    monkeypatch.setattr(runner, "validate", strict)
    before = current_release(small / "data").manifest.id
    assert build(small, small_disclosure(small / "c.txt", 2024)) == 1
    assert current_release(small / "data").manifest.id == before, "with nothing sound there is no new release"
    assert build(small, small / "examples/nanyang-2021.txt", small / "c.txt") == 1
    assert "a table without a number" in capsys.readouterr().err
    assert [entry.year for entry in current_release(small / "data").manifest.disclosures] == [2021]
    (report,) = (small / "data/quarantine").iterdir()
    assert json.loads(report.read_text(encoding="utf-8"))["violations"][0]["rule"] == "table"


def test_a_rule_that_looked_at_nothing_is_named_and_the_run_did_not_pass(
    small: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    from mingzhang.shapes import runner

    monkeypatch.setattr(runner, "unused_shapes", lambda reports: ("table",) if list(reports) else ())
    assert build(small, small / "examples") == 1
    shown = capsys.readouterr()
    assert "found nothing to check: table" in shown.err
    assert shown.out.strip() == current_release(small / "data").manifest.id


def test_a_fault_of_ours_in_one_file_is_told_as_such_and_the_others_go_on(
    small: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    sound = work.prepare

    def faulty(task: work.Task) -> work.Done:
        if task.files[0].name == "c.txt":
            raise RuntimeError("oops")
        return sound(task)

    monkeypatch.setattr(work, "prepare", faulty)
    small_disclosure(small / "c.txt", 2024)
    assert build(small, small / "examples", small / "c.txt") == 1
    shown = capsys.readouterr().err
    assert "c.txt: stopped by RuntimeError: oops; this is a fault of Mingzhang" in shown
    assert "Traceback" not in shown
    assert len(current_release(small / "data").manifest.disclosures) == 2


def test_graphs_written_disclosure_by_disclosure_are_sorted_as_a_whole(tmp_path: Path) -> None:
    names = ("苍溪县医疗保障局", "南阳市医疗保障局", "苍溪县医疗保障事务中心", "苍溪县财政局")
    files = [
        small_disclosure(tmp_path / f"{name}-{year}.txt", year, name, total="121.00")
        for name in names
        for year in (2022, 2023)
    ]
    assert build(tmp_path, *files) in (0, 1)
    release = current_release(tmp_path / "data")
    assert len(release.manifest.disclosures) == len(files)
    for name in ("leaves.nq", "codelists.nq"):
        lines = (release.graphs / name).read_text(encoding="utf-8").splitlines()
        assert lines == sorted(set(lines))
        assert len(lines) > 100
    subjects = re.findall(
        r"^<(id/finding/\S+)>", (release.reports / "validation.ttl").read_text("utf-8"), re.M
    )
    assert len(subjects) >= len(files)
    assert subjects == sorted(set(subjects))


def test_a_base_uri_begins_every_name_of_a_release(small: Path) -> None:
    base = "https://budget.example.org/"
    assert build(small, small / "examples/nanyang-2021.txt", more=("--base-uri", base.rstrip("/"))) == 0
    release = current_release(small / "data")
    assert release.manifest.base_uri == base
    assert release.manifest.base_uri_given
    assert all(graph.startswith(base) for graph in release.manifest.graphs)
    wrong = [name for name, data in tree(release.path).items() if b"http://127.0.0.1:8000/" in data]
    assert wrong == []


def test_a_release_of_the_examples_is_complete_as_the_model_says(built: Path) -> None:
    release = current_release(built)
    verify_release(release)
    assert not release.manifest.base_uri_given
    lines = {
        line.rsplit(" ", 2)[0]
        for graph, name in release.manifest.graphs.items()
        if graph != release.leaves_graph
        for line in (release.graphs / name).read_text(encoding="utf-8").splitlines()
    }
    assert len(lines) == release.manifest.triples
    for entry in release.manifest.disclosures:
        assert (release.sources / entry.source_sha256).read_bytes() == (
            EXAMPLES / entry.file_name
        ).read_bytes()
        assert entry.counts["facts"] > 100
    ledger = json.loads((release.reports / "ledger.json").read_text(encoding="utf-8"))
    assert set(ledger) == {entry.iri for entry in release.manifest.disclosures}


@pytest.mark.parametrize(
    "damaged", ["graphs/leaves.nq", "tables/figures.csv", "dumps/SHA256SUMS", "dumps/figures.csv"]
)
def test_a_release_that_was_cut_or_lost_a_file_is_not_sound(small: Path, damaged: str) -> None:
    release = current_release(small / "data")
    path = release.path / damaged
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(ReleaseError, match=path.name):
        verify_release(release)
    path.unlink()
    with pytest.raises((ReleaseError, FileNotFoundError)):
        verify_release(release)


def test_a_disk_that_fills_up_leaves_the_release_before(
    small: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    before, content = current_release(small / "data").manifest.id, tree(small / "data/current")

    def full(path: Path, lines: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(building, "write_lines", full)
    assert build(small, small / "examples/nanyang-2021.txt") == 1
    assert "No space left on device" in capsys.readouterr().err
    assert current_release(small / "data").manifest.id == before
    assert tree(small / "data/current") == content
    assert [path.name for path in (small / "data/releases").iterdir()] == [before]


@pytest.mark.parametrize(
    ("delay_s", "how"), [(1.2, signal.SIGINT), (2.0, signal.SIGKILL), (3.0, signal.SIGKILL)]
)
def test_a_build_stopped_at_any_moment_leaves_the_release_before(
    small: Path, delay_s: float, how: int
) -> None:
    before, content = current_release(small / "data").manifest.id, tree(small / "data/current")
    small_disclosure(small / "c.txt", 2024)
    arguments = [
        "build",
        str(small / "examples"),
        str(small / "c.txt"),
        "--data",
        str(small / "data"),
    ]
    command = [sys.executable, "-m", "mingzhang", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(delay_s)
    process.send_signal(how)
    if process.wait(timeout=60) == 0:
        verify_release(current_release(small / "data"))  # a fast machine was done before
        return
    assert current_release(small / "data").manifest.id == before
    assert tree(small / "data/current") == content
    assert run(arguments) == 0
    assert current_release(small / "data").manifest.id != before
    assert [path.name for path in (small / "data/releases").iterdir() if path.name.startswith(".")] == []


def test_a_release_in_a_folder_of_its_own_can_be_opened(small: Path, tmp_path: Path) -> None:
    release = current_release(small / "data")
    moved = Path(shutil.copytree(release.path, tmp_path / "elsewhere"))
    verify_release(Release(moved, release.manifest))
