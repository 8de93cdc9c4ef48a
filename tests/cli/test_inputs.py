"""Which files a command line means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mingzhang.inputs import named_files


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    for name in ("b.txt", "a.txt", "deep/c.TXT", ".hidden.txt", ".git/d.txt", "notes.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x", encoding="utf-8")
    return tmp_path


def test_a_folder_stands_for_its_text_files_sorted_and_without_hidden_ones(pile: Path) -> None:
    assert named_files([str(pile)]) == (pile / "a.txt", pile / "b.txt", pile / "deep/c.TXT")


def test_a_pattern_the_shell_left_alone_is_expanded(pile: Path) -> None:
    assert named_files([f"{pile}/*.txt"]) == (pile / "a.txt", pile / "b.txt")


def test_a_file_named_outright_is_taken_whatever_it_is_called(pile: Path) -> None:
    assert named_files([str(pile / "notes.md")]) == (pile / "notes.md",)


def test_a_name_given_twice_counts_once(pile: Path) -> None:
    assert named_files([str(pile / "a.txt"), str(pile), f"{pile}/./a.txt"])[0] == pile / "a.txt"
    assert len(named_files([str(pile / "a.txt"), str(pile)])) == 3


@pytest.mark.parametrize("name", ["absent.txt", "nothing-*.txt"])
def test_a_name_that_matches_nothing_stays_to_be_reported(pile: Path, name: str) -> None:
    assert named_files([str(pile / name)]) == (pile / name,)


def test_an_empty_folder_stays_to_be_reported(tmp_path: Path) -> None:
    assert named_files([str(tmp_path)]) == (tmp_path,)


def test_a_folder_that_may_not_be_opened_stays_to_be_reported(
    pile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = os.scandir

    def closed(path: str) -> object:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", path)
        return sound(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert named_files([str(pile)]) == (pile / "a.txt", pile / "b.txt", pile / "deep")
