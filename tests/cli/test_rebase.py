"""Serving at another address than the release was built for: every name then begins with that address."""

from __future__ import annotations

from pathlib import Path

from mingzhang.progress import silent
from mingzhang.rebase import release_for_address
from mingzhang.release import current_release


def test_a_release_is_rebuilt_for_another_address_from_what_it_holds_and_the_current_one_stays(
    small: Path,
) -> None:
    before = current_release(small / "data")
    for path in (small / "examples").iterdir():
        path.unlink()  # the files it was built from need not be there any more
    release = release_for_address(before, small / "data", "127.0.0.1", 8123, 1, silent)
    assert release.path.is_relative_to((small / "data/local").resolve())
    assert release.manifest.id == before.manifest.id
    assert release.manifest.base_uri == "http://127.0.0.1:8123/"
    old, new = before.manifest, release.manifest
    moved = {iri.replace(old.base_uri, new.base_uri): name for iri, name in old.graphs.items()}
    assert new.graphs == moved
    assert [entry.counts for entry in new.disclosures] == [entry.counts for entry in old.disclosures]
    assert [entry.file_name for entry in new.disclosures] == [entry.file_name for entry in old.disclosures]
    left = [
        path
        for path in release.path.rglob("*")
        if path.is_file() and old.base_uri.encode() in path.read_bytes()
    ]
    assert left == []
    assert current_release(small / "data").path == before.path
    again = release_for_address(before, small / "data", "127.0.0.1", 8123, 1, silent)
    assert again == release
