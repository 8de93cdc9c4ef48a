"""The data folder: one writer, whole entries, `current` swapped in one step."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from pickle import PicklingError
from types import MappingProxyType

import pytest
import zstandard

from mingzhang.cache import Cache
from mingzhang.errors import ReleaseError
from mingzhang.publish import current_id, make_current, publish, unfinished_release, writing

V1, V2 = {"reading": "v1", "prepared": "v1"}, {"reading": "v2", "prepared": "v1"}


def test_what_was_stored_is_found_again_by_the_same_version_alone(tmp_path: Path) -> None:
    Cache(tmp_path, V1).store("reading", "k", {"a": 1})
    assert Cache(tmp_path, V1).load("reading", "k") == {"a": 1}
    assert Cache(tmp_path, V2).load("reading", "k") is None
    assert Cache(tmp_path, V1).load("prepared", "k") is None


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\x28\xb5\x2f\xfd",
        b"not compressed",
        *(
            zstandard.compress(data)
            for data in (b"", b"\x80\x05", b"no pickle", b"cno.such.module\nThing\n.")
        ),
    ],
)
def test_a_damaged_entry_counts_as_missing(tmp_path: Path, damage: bytes) -> None:
    cache = Cache(tmp_path, V1)
    cache.store("reading", "k", [1])
    (tmp_path / "reading/v1/k.pickle.zst").write_bytes(damage)
    assert cache.load("reading", "k") is None


def test_a_value_that_cannot_be_stored_leaves_no_half_entry(tmp_path: Path) -> None:
    with pytest.raises((AttributeError, TypeError, PicklingError)):
        Cache(tmp_path, V1).store("reading", "k", lambda: None)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_leaves_no_half_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        Cache(tmp_path, V1).store("reading", "k", [1])
    assert list((tmp_path / "reading/v1").iterdir()) == []


def test_entries_of_other_versions_are_forgotten(tmp_path: Path) -> None:
    old, new = Cache(tmp_path, V1), Cache(tmp_path, V2)
    old.store("reading", "k", 1)
    old.store("prepared", "k", 2)
    new.store("reading", "k", 3)
    new.forget_other_versions()
    assert old.load("reading", "k") is None
    assert new.load("reading", "k") == 3
    assert new.load("prepared", "k") == 2


def test_a_read_only_mapping_is_kept_as_one(tmp_path: Path) -> None:
    cache = Cache(tmp_path, V1)
    cache.store("reading", "k", [MappingProxyType({"a": 1})])
    (found,) = cache.load("reading", "k") or [None]
    assert found == {"a": 1}
    assert isinstance(found, MappingProxyType)


def test_a_cache_without_a_folder_keeps_nothing() -> None:
    cache = Cache(None, V1)
    cache.store("reading", "k", 1)
    assert cache.load("reading", "k") is None


def test_an_error_inside_leaves_no_folder_behind(tmp_path: Path) -> None:
    def stopped() -> None:
        with writing(tmp_path), unfinished_release(tmp_path) as folder:
            (folder / "half").write_text("x", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert list((tmp_path / "releases").iterdir()) == []


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path\n"
        "from mingzhang.publish import unfinished_release, writing\n"
        "with writing(Path(sys.argv[1])), unfinished_release(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'half').write_text('x')\n"
        "    os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == 9
    assert len(list((tmp_path / "releases").iterdir())) == 1
    with writing(tmp_path):
        assert list((tmp_path / "releases").iterdir()) == []


def test_two_builds_do_not_write_at_once(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(ReleaseError, match="another build"), writing(tmp_path):
        pass
    with writing(tmp_path):
        assert (tmp_path / "releases").is_dir()


def test_a_published_release_is_current_and_the_one_before_stays(tmp_path: Path) -> None:
    for release_id in ("2026-01-01-aaaaaaaaaaaa", "2026-01-02-bbbbbbbbbbbb"):
        with writing(tmp_path), unfinished_release(tmp_path) as folder:
            (folder / "release.json").write_text(release_id, encoding="utf-8")
            publish(folder, tmp_path, release_id)
        assert current_id(tmp_path) == release_id
        assert (tmp_path / "current/release.json").read_text(encoding="utf-8") == release_id
    assert len(list((tmp_path / "releases").iterdir())) == 2
    make_current(tmp_path, "2026-01-01-aaaaaaaaaaaa")
    assert (tmp_path / "current/release.json").read_text(encoding="utf-8").endswith("a")


def test_the_link_still_holds_when_the_data_folder_is_moved(tmp_path: Path) -> None:
    data = tmp_path / "a"
    with writing(data), unfinished_release(data) as folder:
        publish(folder, data, "2026-01-01-aaaaaaaaaaaa")
    moved = data.rename(tmp_path / "b")
    assert (moved / "current").resolve() == (moved / "releases/2026-01-01-aaaaaaaaaaaa").resolve()


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ReleaseError, match="--data"), writing(tmp_path / "file"):
        pass
