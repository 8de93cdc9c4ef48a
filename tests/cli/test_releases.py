"""What releases are there, what changed between them, and going back to one."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from mingzhang.cli import run
from mingzhang.cli_releases import DIFFERENT
from mingzhang.publish import current_id
from mingzhang.release import Release, current_release, open_release, releases_in
from mingzhang.site.changes import Changes, changes_between
from mingzhang.site.changes_report import as_atom, as_csv, as_json
from mingzhang.site.history import changes_from, write_history
from mingzhang.verify import verify_release

from .conftest import small_disclosure

Capture = pytest.CaptureFixture[str]
ATOM = "{http://www.w3.org/2005/Atom}"


def build(folder: Path, date: str, *more: str) -> int:
    return run(["build", "examples", "--data", "data", "--date", date, *more])


@pytest.fixture(scope="session")
def edited_built(small_built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second release: one disclosure replaced by an edition with other amounts that do not add up, one withdrawn,
    one added. Not to be changed."""
    folder = Path(shutil.copytree(small_built, tmp_path_factory.mktemp("edited") / "e", symlinks=True))
    small_disclosure(folder / "examples/cangxi-2023.txt", 2023, health="70.00", total="130.00")
    (folder / "examples/nanyang-2021.txt").unlink()
    small_disclosure(folder / "examples/new.txt", 2024)
    arguments = ["--data", str(folder / "data"), "--date", "2026-02-28", "--jobs", "1"]
    assert run(["build", str(folder / "examples"), *arguments]) == 0
    return folder


@pytest.fixture
def edited(edited_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that may be changed, as the working folder."""
    folder = Path(shutil.copytree(edited_built, tmp_path / "edited", symlinks=True))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def changes(edited: Path) -> Changes:
    before, after = releases_in(edited / "data/releases")
    return changes_between(before, after)


def test_disclosures_are_told_as_added_replaced_or_withdrawn(changes: Changes) -> None:
    told = {(change.kind, change.year) for change in changes.disclosures}
    assert told == {("replaced", 2023), ("withdrawn", 2021), ("added", 2024)}
    (replaced,) = (change for change in changes.disclosures if change.kind == "replaced")
    assert len({replaced.file_before, replaced.file_after, ""}) == 3


def test_an_amount_that_changed_is_told_from_what_to_what(changes: Changes) -> None:
    told = {(fact.before_yuan, fact.after_yuan): fact for fact in changes.facts if fact.kind == "changed"}
    assert set(told) == {(Decimal(600_000), Decimal(700_000)), (Decimal(1_200_000), Decimal(1_300_000))}
    assert "卫生健康支出" in told[Decimal(600_000), Decimal(700_000)].label
    assert len({fact.disclosure for fact in changes.facts}) == 1, "only of what stayed"


def test_a_finding_that_came_is_told_and_going_back_tells_that_it_went(edited: Path) -> None:
    before, after = releases_in(edited / "data/releases")
    came = changes_between(before, after).findings
    went = changes_between(after, before).findings
    assert {finding.kind for finding in came} == {"came"}
    assert {finding.kind for finding in went} == {"went"}
    assert sorted(f.message_zh for f in came) == sorted(f.message_zh for f in went)


def test_a_release_and_itself_for_another_address_differ_in_nothing(small: Path) -> None:
    (one,) = releases_in(small / "data/releases")
    assert build(small, "2026-02-28", "--base-uri", "https://budget.example.org/") == 0
    other = current_release(small / "data")
    assert other.manifest.base_uri != one.manifest.base_uri
    assert changes_between(one, other).count == 0


def test_a_code_with_another_name_is_told_by_both_names(small: Path) -> None:
    (one,) = releases_in(small / "data/releases")
    codes = one.graphs / "codelists.nq"
    copy = small / "data/releases/2026-03-01-0123456789ab"
    copy.mkdir()
    (copy / "release.json").write_text(
        (one.path / "release.json").read_text("utf-8").replace(one.manifest.id, copy.name), "utf-8"
    )
    (copy / "graphs").mkdir()
    for graph in one.graphs.iterdir():
        (copy / "graphs" / graph.name).write_bytes(graph.read_bytes())
    text = codes.read_text("utf-8")
    label = re.search(r'id/code/functional/210> <[^>]*prefLabel> "([^"]+)"@zh', text)
    assert label
    (copy / "graphs/codelists.nq").write_text(text.replace(f'"{label[1]}"@zh', '"卫生"@zh'), "utf-8")
    renamed = changes_between(one, open_release(copy)).codes
    assert [change.path for change in renamed if "功能" not in change.path][:1] == ["id/code/functional/210"]
    assert label[1] in renamed[0].before
    assert "卫生" in renamed[0].after


def test_diff_writes_the_same_changes_in_every_format(edited: Path, capsys: Capture) -> None:
    before, after = (release.manifest.id for release in releases_in(edited / "data/releases"))
    out = {}
    for form in ("text", "json", "csv", "atom"):
        assert run(["diff", before, after, "--data", "data", "--format", form]) == 0
        out[form] = capsys.readouterr().out
    told = json.loads(out["json"])
    count = sum(len(told[key]) for key in ("disclosures", "facts", "findings", "codes"))
    assert count == len(list(csv.DictReader(io.StringIO(out["csv"])))) > 3
    assert len(ElementTree.fromstring(out["atom"]).findall(f"{ATOM}entry")) == count
    assert "60.00 万元 → 70.00 万元" in out["text"]
    assert changes_from(told) == changes_between(*releases_in(edited / "data/releases")), (
        "what JSON says is all there is"
    )


def test_without_names_diff_compares_the_current_release_with_the_one_before(
    edited: Path, capsys: Capture
) -> None:
    assert run(["diff", "--data", "data", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [told["before"], told["after"]] == [r.manifest.id for r in releases_in(edited / "data/releases")]


@pytest.mark.parametrize(("same", "status"), [(True, 0), (False, DIFFERENT)])
def test_with_exit_code_diff_says_by_its_status_whether_anything_changed(
    edited: Path, same: bool, status: int
) -> None:
    before, after = (release.manifest.id for release in releases_in(edited / "data/releases"))
    arguments = [before if same else after, before, "--data", "data", "--output", "out.txt", "--exit-code"]
    assert run(["diff", *arguments]) == status


@pytest.mark.parametrize("name", ["2026", "1999-01-01", "nonsense"])
def test_a_name_of_no_release_or_of_several_is_refused_with_the_names_there_are(
    edited: Path, capsys: Capture, name: str
) -> None:
    assert run(["diff", name, "--data", "data"]) == 1
    said = capsys.readouterr().err
    assert [r.manifest.id for r in releases_in(edited / "data/releases") if r.manifest.id not in said] == []


def test_folders_of_releases_are_compared_too(edited: Path, capsys: Capture) -> None:
    before, after = releases_in(edited / "data/releases")
    assert run(["diff", str(before.path), str(after.path), "--data", "nowhere", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["after"] == after.manifest.id


# --- Atom -----------------------------------------------------------------------------------------------------------


def problems_of_feed(text: str) -> list[str]:
    """What RFC 4287 forbids: §4.1.1 and §4.1.2 (elements of a feed and an entry), §3.3 (dates), §4.2.6 (ids),
    §4.2.7 (links), §3.1.1 (text)."""
    root = ElementTree.fromstring(text)
    found = [] if root.tag == f"{ATOM}feed" else ["the root is no feed"]
    seen: set[str] = set()
    for element, needed in [(root, ("id", "title", "updated", "author"))] + [
        (entry, ("id", "title", "updated", "content")) for entry in root.findall(f"{ATOM}entry")
    ]:
        for name in needed:
            if len(element.findall(f"{ATOM}{name}")) != 1:
                found.append(f"{element.tag} has not exactly one {name}")
        key = element.findtext(f"{ATOM}id", "")
        if not urlsplit(key).scheme or key in seen:
            found.append(f"{key}: not an absolute IRI, or twice there")
        seen.add(key)
        updated = element.findtext(f"{ATOM}updated", "")
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", updated) or not datetime.fromisoformat(
            updated
        ):
            found.append(f"{updated}: not a date of RFC 3339")
        links = element.findall(f"{ATOM}link")
        if not any(link.get("rel") == "alternate" for link in links):
            found.append(f"{key}: no alternate link")
        found += [f"{key}: a link without address" for link in links if not link.get("href")]
    if not any(link.get("rel") == "self" for link in root.findall(f"{ATOM}link")):
        found.append("no link to itself")
    authors = [author.findtext(f"{ATOM}name") for author in root.findall(f"{ATOM}author")]
    return found + [f"author {name!r} has no name" for name in authors if not name]


def test_the_feeds_are_valid_atom(edited: Path) -> None:
    history = edited / "data/history"
    feeds = sorted(history.rglob("*.atom"))
    assert len(feeds) == 3
    assert [
        (str(path), problem) for path in feeds for problem in problems_of_feed(path.read_text("utf-8"))
    ] == []


def test_the_checker_of_feeds_notices_what_is_missing(changes: Changes) -> None:
    sound = as_atom(changes, "https://data.example/")
    assert problems_of_feed(sound) == []
    for broken in (
        re.sub("<updated>.*?</updated>", "", sound, count=1),
        sound.replace("T00:00:00Z", " 00:00"),
        re.sub("<id>https", "<id>", sound),
        re.sub(r'rel="alternate"', 'rel="related"', sound),
    ):
        assert problems_of_feed(broken), broken[:300]


def test_each_release_has_a_page_and_data_of_its_changes(edited: Path) -> None:
    history = edited / "data/history"
    releases = releases_in(edited / "data/releases")
    front = (history / "index.html").read_text("utf-8")
    for release in releases:
        assert f"/releases/{release.manifest.id}/changes.html" in front
        folder = history / release.manifest.id
        assert {path.name for path in folder.iterdir()} == {
            f"changes.{suffix}" for suffix in ("html", "json", "csv", "atom")
        }
    page = (history / releases[1].manifest.id / "changes.html").read_text("utf-8")
    assert "70.00 万元" in page
    assert f'href="/releases/{releases[0].manifest.id}/doc/disclosure/' in page, (
        "what is gone is in the old release"
    )


def test_a_release_that_came_in_between_changes_what_the_next_one_is_compared_with(edited: Path) -> None:
    first, last = releases_in(edited / "data/releases")
    small_disclosure(edited / "examples/between.txt", 2022)
    assert build(edited, "2026-02-01") == 0
    between = current_release(edited / "data").manifest.id
    told = json.loads((edited / f"data/history/{last.manifest.id}/changes.json").read_text("utf-8"))
    assert told["before"] == between
    told = json.loads((edited / f"data/history/{between}/changes.json").read_text("utf-8"))
    assert told["before"] == first.manifest.id


def test_a_damaged_release_does_not_keep_the_others_from_being_told(edited: Path) -> None:
    first, last = releases_in(edited / "data/releases")
    for graph in first.graphs.iterdir():
        graph.unlink()
    told = write_history([first, last], edited / "history")
    assert [changes.compared for changes in told] == [True, False]
    assert "不能比较" in (edited / "history/index.html").read_text("utf-8")


# --- rollback -------------------------------------------------------------------------------------------------------


def test_releases_lists_them_and_stars_the_current_one(edited: Path, capsys: Capture) -> None:
    first, last = (release.manifest.id for release in releases_in(edited / "data/releases"))
    assert run(["releases", "--data", "data"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [[first, "2"], ["*", last]]


def test_rollback_goes_back_to_the_release_before_and_by_name_forward_again(
    edited: Path, capsys: Capture
) -> None:
    first, last = (release.manifest.id for release in releases_in(edited / "data/releases"))
    assert run(["rollback", "--data", "data"]) == 0
    assert capsys.readouterr().out.strip() == first == current_id(edited / "data")
    assert run(["rollback", last[:-3], "--data", "data"]) == 0
    assert current_id(edited / "data") == last
    assert run(["rollback", "--data", "data"]) == 0
    assert run(["rollback", "--data", "data"]) == 1, "there is none before the first"
    assert current_id(edited / "data") == first


def test_rollback_to_a_damaged_release_is_refused(edited: Path, capsys: Capture) -> None:
    first, last = releases_in(edited / "data/releases")
    (first.dumps / "figures.csv").write_text("cut", "utf-8")
    assert run(["rollback", "--data", "data"]) == 1
    assert "figures.csv" in capsys.readouterr().err
    assert current_id(edited / "data") == last.manifest.id


def test_whoever_looks_while_current_is_swapped_finds_a_whole_release(edited: Path) -> None:
    ids = {release.manifest.id for release in releases_in(edited / "data/releases")}
    stop, wrong, looked = threading.Event(), list[str](), list[str]()

    def look() -> None:
        while not stop.is_set():
            try:
                looked.append(current_release(edited / "data").manifest.id)
            except Exception as error:  # whatever it is, it is what a reader would have met
                wrong.append(repr(error))

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for name in [*sorted(ids)] * 5:
        assert run(["rollback", name, "--data", "data"]) == 0
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert set(looked) <= ids


def test_going_back_does_not_touch_the_releases(
    edited: Path, tree_of: Callable[[Path], dict[str, bytes]]
) -> None:
    before = tree_of(edited / "data/releases")
    assert run(["rollback", "--data", "data"]) == 0
    assert tree_of(edited / "data/releases") == before
    verify_release(current_release(edited / "data"))


@pytest.fixture
def tree_of() -> Callable[[Path], dict[str, bytes]]:
    def read(folder: Path) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    return read


def test_csv_and_json_say_nothing_about_nothing(edited: Path) -> None:
    one: Release = current_release(edited / "data")
    nothing = changes_between(one, one)
    assert nothing.count == 0
    assert len(as_csv(nothing).splitlines()) == 1
    assert json.loads(as_json(nothing))["facts"] == []
