"""Building: the same bytes for the same input, nothing done twice, nothing half-written, nothing unsound published."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mingzhang.cli import run
from mingzhang.errors import ReleaseError
from mingzhang.release import Release, current_release
from mingzhang.verify import verify_release

from .conftest import DATE, EXAMPLES

Capture = pytest.CaptureFixture[str]


def build(data: Path, *files: Path, date: str = DATE, more: tuple[str, ...] = ()) -> int:
    return run(["build", *map(str, files), "--data", str(data), "--date", date, *more])


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path, with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_id_comes_last_and_alone_on_standard_output(tmp_path: Path, capsys: Capture) -> None:
    data = tmp_path / "data"
    assert build(data, EXAMPLES) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{current_release(data).manifest.id}\n"
    assert shown.out.startswith(DATE)


def test_the_same_input_gives_the_same_bytes_in_any_order_and_with_any_number_of_workers(
    built: Path, tmp_path: Path
) -> None:
    files = sorted(EXAMPLES.glob("*-20*.txt"), reverse=True)
    assert build(tmp_path, *files, more=("--jobs", "1")) == 0
    ours, theirs = tree(tmp_path / "current"), tree(built / "current")
    assert set(ours) == set(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_a_second_run_with_nothing_changed_writes_nothing_whatever_the_date(
    built: Path, tmp_path: Path, capsys: Capture
) -> None:
    data = tmp_path / "data"
    shutil.copytree(built, data, symlinks=True)
    before = {path: path.stat().st_mtime_ns for path in (data / "releases").rglob("*")}
    began = time.monotonic()
    assert build(data, EXAMPLES, date="2027-01-01") == 0
    assert time.monotonic() - began < 3, "nothing is read, validated or rendered again"
    assert {path: path.stat().st_mtime_ns for path in (data / "releases").rglob("*")} == before
    assert capsys.readouterr().out.startswith(DATE)


def test_one_more_file_is_a_new_release_and_only_that_file_is_read(built: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(built, data, symlinks=True)
    first = current_release(data)
    cangxi = tmp_path / "another.txt"
    text = (EXAMPLES / "cangxi-2023.txt").read_text(encoding="utf-8")
    cangxi.write_text(text.replace("2023", "2024"), encoding="utf-8")
    readings = set((data / "cache/reading").rglob("*.pickle"))
    assert build(data, EXAMPLES, cangxi) == 0
    second = current_release(data)
    assert second.manifest.id != first.manifest.id
    assert len(second.manifest.disclosures) == 3
    assert len(set((data / "cache/reading").rglob("*.pickle")) - readings) == 1
    assert first.path.is_dir(), "the release before stays"
    unchanged = first.manifest.disclosures[0].graph_file
    assert (first.graphs / unchanged).read_bytes() == (second.graphs / unchanged).read_bytes()


def test_going_back_to_earlier_files_makes_their_release_current_again(built: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(built, data, symlinks=True)
    first = current_release(data).manifest.id
    assert build(data, EXAMPLES / "cangxi-2023.txt") == 0
    assert current_release(data).manifest.id != first
    assert build(data, EXAMPLES, date="2027-01-01") == 0
    assert current_release(data).manifest.id == first


def test_a_second_file_of_one_disclosure_is_refused_by_name(tmp_path: Path, capsys: Capture) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_bytes((EXAMPLES / "cangxi-2023.txt").read_bytes() + b"\n")
    assert build(tmp_path / "data", EXAMPLES / "cangxi-2023.txt", copy) == 1
    shown = capsys.readouterr()
    assert f"{copy}: the same disclosure as {EXAMPLES / 'cangxi-2023.txt'}" in shown.err
    (entry,) = current_release(tmp_path / "data").manifest.disclosures
    assert entry.file_name == "cangxi-2023.txt"


def test_bad_files_are_left_out_and_the_release_holds_the_others(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    assert build(tmp_path / "data", tmp_path / "empty.txt", EXAMPLES / "cangxi-2023.txt") == 1
    shown = capsys.readouterr()
    assert "empty.txt" in shown.err
    assert shown.out.strip() == current_release(tmp_path / "data").manifest.id


def test_a_base_uri_begins_every_name_of_a_release(tmp_path: Path) -> None:
    base = "https://budget.example.org/"
    assert build(tmp_path, EXAMPLES / "cangxi-2023.txt", more=("--base-uri", base.rstrip("/"))) == 0
    release = current_release(tmp_path)
    assert release.manifest.base_uri == base
    assert release.manifest.base_uri_given
    assert all(graph.startswith(base) for graph in release.manifest.graphs)
    wrong = [name for name, data in tree(release.path).items() if b"http://127.0.0.1:8000/" in data]
    assert wrong == []


def test_a_release_is_complete_as_the_model_says(built: Path) -> None:
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
    ledger = json.loads((release.reports / "ledger.json").read_text(encoding="utf-8"))
    assert set(ledger) == {entry.iri for entry in release.manifest.disclosures}


@pytest.mark.parametrize(
    "damage",
    ["graphs/leaves.nq", "tables/figures.csv", "dumps/SHA256SUMS", "site/index.html", "dumps/figures.csv"],
)
def test_a_release_that_lacks_something_is_not_sound(built: Path, tmp_path: Path, damage: str) -> None:
    shutil.copytree((built / "current").resolve(), tmp_path / "release")
    release = Release(tmp_path / "release", current_release(built).manifest)
    verify_release(release)
    path = release.path / damage
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 1])
    if damage != "site/index.html":
        with pytest.raises(ReleaseError, match=path.name):
            verify_release(release)
    path.unlink()
    with pytest.raises((ReleaseError, FileNotFoundError)):
        verify_release(release)


def test_a_build_stopped_at_any_moment_leaves_the_release_before_and_nothing_half_written(
    built: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(built, data, symlinks=True)
    before, content = current_release(data).manifest.id, tree(data / "current")
    # The file name is part of a release, so this is a new one, read from the start.
    new = tmp_path / "new.txt"
    shutil.copyfile(EXAMPLES / "cangxi-2023.txt", new)
    arguments = [sys.executable, "-m", "mingzhang", "build", str(new), "--data", str(data), "--date", DATE]
    for delay_s, how in ((0.6, signal.SIGKILL), (1.5, signal.SIGINT), (2.5, signal.SIGKILL)):
        process = subprocess.Popen(
            arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
        )
        time.sleep(delay_s)
        process.send_signal(how)
        if process.wait(timeout=60) == 0:
            break  # a fast machine was done before; then there is nothing to stop
        assert current_release(data).manifest.id == before
        assert tree(data / "current") == content
    assert run(arguments[3:]) == 0
    assert current_release(data).manifest.id != before
    assert [path.name for path in (data / "releases").iterdir() if path.name.startswith(".")] == []
    verify_release(current_release(data))
