"""A source that may not be given on: the release links to it and holds nothing of it but what was read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mingzhang.cli import run
from mingzhang.release import current_release
from mingzhang.verify import verify_release

from .conftest import DATE, small_disclosure

URL = "https://example.gov.cn/2023/report.txt"
SENTENCE = "此句只在原文之中"


@pytest.fixture(scope="module")
def withheld(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a release of two files, one of which stays with its publisher."""
    folder = tmp_path_factory.mktemp("withheld")
    report = small_disclosure(folder / "report.txt", 2023)
    report.write_text(f"{SENTENCE}。\n\n" + report.read_text("utf-8"), "utf-8")
    small_disclosure(folder / "given.txt", 2024)
    arguments = [
        "--data",
        str(folder / "data"),
        "--date",
        DATE,
        "--jobs",
        "1",
        "--source-url",
        f"report.txt={URL}",
    ]
    assert run(["build", str(folder / "report.txt"), str(folder / "given.txt"), *arguments]) == 0
    return folder / "data"


def test_the_release_holds_neither_the_file_nor_its_text(withheld: Path) -> None:
    release = current_release(withheld)
    verify_release(release)
    sources = {entry.file_name: entry.source_sha256 for entry in release.manifest.disclosures}
    assert {path.name for path in release.sources.iterdir()} == {sources["given.txt"]}
    holding = [
        str(path)
        for path in release.path.rglob("*")
        if path.is_file() and SENTENCE.encode() in path.read_bytes()
    ]
    assert holding == []
    assert release.manifest.source_urls == {sources["report.txt"]: URL}


def test_its_figures_are_published_and_its_page_and_the_catalogue_say_where_it_is(withheld: Path) -> None:
    release = current_release(withheld)
    (sha256,) = release.manifest.source_urls
    entry = next(entry for entry in release.manifest.disclosures if entry.source_sha256 == sha256)
    assert entry.counts["figures"] == 6
    page = (release.site / "source" / f"{sha256}.html").read_text("utf-8")
    assert f'href="{URL}"' in page
    statement = f"<{release.manifest.base_uri}source/{sha256}> <http://www.w3.org/ns/prov#atLocation> <{URL}>"
    assert statement in (release.graphs / "catalogue.nq").read_text("utf-8")


def test_whether_a_file_is_given_on_is_a_part_of_what_a_release_is(withheld: Path, tmp_path: Path) -> None:
    files = [str(withheld.parent / name) for name in ("report.txt", "given.txt")]
    other = ["--data", str(tmp_path / "data"), "--date", DATE, "--jobs", "1"]
    # The readings are the same, and so need not be made again.
    shutil.copytree(withheld / "cache", tmp_path / "data/cache")
    assert run(["build", *files, *other]) == 0
    given = current_release(tmp_path / "data")
    assert given.manifest.id != current_release(withheld).manifest.id
    assert len(list(given.sources.iterdir())) == 2


def test_a_release_can_be_rebuilt_for_another_address_from_what_is_kept_aside(withheld: Path) -> None:
    from mingzhang.rebase import release_for_address

    before = current_release(withheld)
    rebuilt = release_for_address(before, withheld, "127.0.0.1", 8123, 1, lambda stage, done, total: None)
    assert rebuilt.manifest.id == before.manifest.id
    assert rebuilt.manifest.base_uri == "http://127.0.0.1:8123/"
    assert rebuilt.manifest.source_urls == before.manifest.source_urls
    assert len(list(rebuilt.sources.iterdir())) == 1


@pytest.mark.parametrize(
    "text", ["other.txt=https://x.org/", "c.txt", "c.txt=ftp://x.org/a", "c.txt=https://x.org/a b"]
)
def test_what_names_no_file_or_no_address_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    small_disclosure(tmp_path / "c.txt", 2024)
    assert (
        run(["build", str(tmp_path / "c.txt"), "--data", str(tmp_path / "data"), "--source-url", text]) == 1
    )
    assert "--source-url" in capsys.readouterr().err
    assert not (tmp_path / "data/releases").exists()
