"""Reading many files: what was read is kept whatever ends the run, and nothing of it is read again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mingzhang.cache import Cache
from mingzhang.cli import run

from .conftest import small_disclosure

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
YEARS = range(2001, 2009)


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    folder = tmp_path / "pile"
    folder.mkdir()
    for year in YEARS:
        small_disclosure(folder / f"{year}.txt", year)
    return folder


def kept(folder: Path) -> dict[str, int]:
    """Every entry of the cache, by its path, and when it was written."""
    return {str(path): path.stat().st_mtime_ns for path in (folder / "data/cache").rglob("*.zst")}


@pytest.mark.parametrize(
    ("how", "jobs"),
    [(signal.SIGINT, "1"), (signal.SIGINT, "2"), (signal.SIGKILL, "1"), (signal.SIGKILL, "2")],
)
def test_a_run_that_was_stopped_goes_on_where_it_was(
    how: signal.Signals, jobs: str, pile: Path, tmp_path: Path, capsys: Capture
) -> None:
    command = [sys.executable, "-m", "mingzhang", "ingest", str(pile), "--jobs", jobs]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and len(kept(tmp_path)) < 3:
        time.sleep(0.005)
    process.send_signal(how)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL), said
    if how == signal.SIGINT:
        assert "Traceback" not in said
        assert "goes on where it was" in said
    before = kept(tmp_path)
    assert 3 <= len(before) < 3 * len(YEARS)
    assert run(["ingest", str(pile)]) == 0
    assert capsys.readouterr().out.count("6 figures in tables") == len(YEARS)
    after = kept(tmp_path)
    assert {path: after[path] for path in before} == before
    assert len(after) == 3 * len(YEARS)


def test_only_what_changed_is_read_again(pile: Path, tmp_path: Path) -> None:
    assert run(["ingest", str(pile)]) == 0
    before = kept(tmp_path)
    small_disclosure(pile / "2008.txt", 2008, health="60.0")
    (pile / "2001.txt").touch()
    assert run(["check", str(pile)]) == 0
    assert len(kept(tmp_path)) == len(before) + 3
    assert run(["ingest", str(pile), "--unit", "元"]) == 0
    assert len(kept(tmp_path)) == len(before) + 3 + 3 * len(YEARS)


def test_files_that_cannot_be_had_are_told_each_with_what_to_do(
    pile: Path, tmp_path: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    (tmp_path / "empty").mkdir()
    sound = Path.read_bytes

    def closed(path: Path) -> bytes:
        if path.name == "2002.txt":
            raise PermissionError(13, "Permission denied", str(path))
        if path.name == "2003.txt":
            raise OSError(5, "Input/output error", str(path))
        return sound(path)

    monkeypatch.setattr(Path, "read_bytes", closed)
    assert run(["ingest", str(tmp_path / "empty"), "no-*.pdf", "absent.txt", str(pile)]) == 1
    shown = capsys.readouterr()
    told = [line for line in shown.err.splitlines() if line.startswith("mingzhang: ")]
    assert [line.removeprefix("mingzhang: ").replace(str(tmp_path), "") for line in told] == [
        "/empty: a folder without a file that can be read; give files, or a folder that holds some",
        "no-*.pdf: no file matches this pattern; check the name",
        "absent.txt: no such file; check the name",
        "/pile/2002.txt: permission denied; allow yourself to read it (chmod u+r)",
        "/pile/2003.txt: Input/output error; check the file and its disk",
    ]
    assert shown.out.count("6 figures in tables") == len(YEARS) - 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every file name is text")
def test_a_file_whose_name_is_no_text_is_told_and_the_others_are_read(pile: Path, capsys: Capture) -> None:
    """So archives made on Windows leave them: the bytes of the name are GBK."""
    named = os.fsdecode(os.fsencode(pile) + "/表.txt".encode("gbk"))
    (pile / "2001.txt").rename(named)
    assert run(["ingest", str(pile)]) == 1
    shown = capsys.readouterr()
    (told,) = [line for line in shown.err.splitlines() if "its name is not in UTF-8; rename it" in line]
    assert told.startswith(f"mingzhang: {pile}/\\xb1\\xed.txt: ")
    assert shown.out.count("6 figures in tables") == len(YEARS) - 1


def test_a_disk_that_fills_up_is_told_and_what_was_kept_stays(
    pile: Path, tmp_path: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    sound = Cache.store_packed

    def filling(cache: Cache, kind: str, key: str, entry: bytes) -> None:
        if len(kept(tmp_path)) >= 9:
            raise OSError(28, "No space left on device", str(cache.folder))
        sound(cache, kind, key, entry)

    monkeypatch.setattr(Cache, "store_packed", filling)
    assert run(["ingest", str(pile)]) == 1
    shown = capsys.readouterr()
    assert shown.out.count("6 figures in tables") == 3
    told = [line for line in shown.err.splitlines() if "No space left on device" in line]
    assert len(told) == len(YEARS) - 3
    assert all("free some space, or name another folder with --data" in line for line in told)
    monkeypatch.setattr(Cache, "store_packed", sound)
    before = kept(tmp_path)
    assert run(["ingest", str(pile)]) == 0
    assert before.items() <= kept(tmp_path).items()


def test_where_nothing_can_be_kept_the_files_are_read_all_the_same(pile: Path, capsys: Capture) -> None:
    Path("taken").write_text("a file, so that no folder can be made of it", encoding="utf-8")
    assert run(["facts", str(pile / "2001.txt"), "--data", "taken/data"]) == 0
    shown = capsys.readouterr()
    assert shown.out.count("2001.txt") == 6
    assert "results are not kept for the next run" in shown.err
