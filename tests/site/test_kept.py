"""Pages taken over from the release before are the pages that would be written anew."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from mingzhang.errors import ReleaseError
from mingzhang.release import Release, open_release
from mingzhang.site import build as site_build
from mingzhang.site import search
from mingzhang.site.build import SiteOptions, build_site
from mingzhang.site.charts import Bar, bar_chart
from mingzhang.site.kept import read_notes
from mingzhang.site.links import kind_of
from mingzhang.site.spread import Task, spread

from .conftest import Example


def _quiet(stage: str, done: int, total: int) -> None: ...


def _next_release(
    example: Release, folder: Path, release_id: str, change: tuple[str, str] | None = None
) -> Release:
    """The same content under another id and date, with one text of its first disclosure's graph changed."""
    shutil.copytree(example.path, folder, ignore=shutil.ignore_patterns("site", "site-config"))
    renamed = replace(example.manifest, id=release_id, date=release_id[:10])
    (folder / "release.json").write_text(renamed.to_json(), encoding="utf-8")
    catalogue = folder / "graphs" / "catalogue.nq"
    text = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(text.replace(example.manifest.id, release_id), encoding="utf-8")
    if change:
        graph = folder / "graphs" / renamed.disclosures[0].graph_file
        text = graph.read_text(encoding="utf-8")
        assert change[0] in text
        graph.write_text(text.replace(*change), encoding="utf-8")
    return open_release(folder)


def _pages(release: Release) -> dict[str, bytes]:
    return {
        str(path.relative_to(release.site)): path.read_bytes()
        for path in sorted(release.site.rglob("*"))
        if path.is_file() and "pagefind" not in path.parts
    }


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The entities whose pages were rendered since the test began."""
    seen: list[str] = []
    original = site_build.entity_page

    def noted(book: object, entity: object, sources: object) -> object:
        seen.append(entity.iri)  # type: ignore[attr-defined]
        return original(book, entity, sources)  # type: ignore[arg-type]

    monkeypatch.setattr(site_build, "entity_page", noted)
    return seen


def test_pages_taken_over_are_those_a_full_build_writes(
    example: Example, tmp_path: Path, rendered: list[str]
) -> None:
    before = _next_release(example.release, tmp_path / "before", "2026-01-02-aaaaaaaaaaaa")
    build_site(before, _quiet, SiteOptions(program="1"))
    count = len(rendered)
    rendered.clear()
    full = _next_release(example.release, tmp_path / "full", "2031-11-30-bbbbbbbbbbbb")
    build_site(full, _quiet, SiteOptions(program="1"))
    assert len(rendered) == count
    rendered.clear()
    taken = _next_release(example.release, tmp_path / "taken", "2031-11-30-bbbbbbbbbbbb")
    build_site(taken, _quiet, SiteOptions(program="1", before=before))
    assert rendered, "pages about the whole are written anew"
    kinds = {kind_of(iri, taken.manifest.base_uri) for iri in rendered}
    assert not kinds & {"figure", "fact", "sum", "code", "phase"}
    assert _pages(taken) == _pages(full)


def test_pictures_and_the_search_index_are_made_once(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _next_release(example.release, tmp_path / "before", "2026-01-02-aaaaaaaaaaaa")
    build_site(before, _quiet, SiteOptions(program="1"))
    made: list[str] = []
    monkeypatch.setattr(site_build, "draw_pages", lambda *given: made.append("pictures"))
    monkeypatch.setattr(search, "_pagefind", lambda *given: made.append("index"))
    later = _next_release(example.release, tmp_path / "later", "2026-01-03-bbbbbbbbbbbb")
    build_site(later, _quiet, SiteOptions(program="1", before=before))
    assert made == []
    for pattern in ("pagefind/**/*", "source/**/*.png"):
        files = [path for path in before.site.glob(pattern) if path.is_file()]
        assert files
        for path in files:
            assert (later.site / path.relative_to(before.site)).read_bytes() == path.read_bytes()


def test_a_new_name_is_found_after_a_second_build(example: Example, tmp_path: Path) -> None:
    before = _next_release(example.release, tmp_path / "before", "2026-01-02-aaaaaaaaaaaa")
    build_site(before, _quiet, SiteOptions(program="1"))
    lists = (before.graphs / before.manifest.graphs[f"{example.base}graph/codelists"]).read_text("utf-8")
    name = re.findall(r'/id/code/functional/\d+> <[^>]*prefLabel> "([^"]+)"@zh', lists)[0]
    later = _next_release(example.release, tmp_path / "later", "2026-01-03-bbbbbbbbbbbb")
    graph = later.graphs / later.manifest.graphs[f"{example.base}graph/codelists"]
    graph.write_text(lists.replace(name, f"{name}新"), encoding="utf-8")
    build_site(later, _quiet, SiteOptions(program="1", before=before))
    found = [gzip.decompress(path.read_bytes()) for path in later.site.glob("pagefind/fragment/*")]
    assert any(f"{name}新".encode() in fragment for fragment in found)


def test_what_a_changed_disclosure_says_is_rendered_anew(
    example: Example, tmp_path: Path, rendered: list[str]
) -> None:
    before = _next_release(example.release, tmp_path / "before", "2026-01-02-aaaaaaaaaaaa")
    build_site(before, _quiet, SiteOptions(program="1"))
    token = next(
        line.split('"')[1]
        for line in (before.graphs / before.manifest.disclosures[0].graph_file)
        .read_text(encoding="utf-8")
        .split("\n")
        if "ontology#token>" in line
    )
    change = (f'ontology#token> "{token}"', 'ontology#token> "98765.43"')
    full = _next_release(example.release, tmp_path / "full", "2026-01-03-bbbbbbbbbbbb", change)
    build_site(full, _quiet, SiteOptions(program="1"))
    rendered.clear()
    taken = _next_release(example.release, tmp_path / "taken", "2026-01-03-bbbbbbbbbbbb", change)
    build_site(taken, _quiet, SiteOptions(program="1", before=before))
    assert _pages(taken) == _pages(full)
    assert any("/id/figure/" in iri for iri in rendered)


def test_pages_of_another_program_are_not_taken_over(
    example: Example, tmp_path: Path, rendered: list[str]
) -> None:
    before = _next_release(example.release, tmp_path / "before", "2026-01-02-aaaaaaaaaaaa")
    build_site(before, _quiet, SiteOptions(program="1"))
    count = len(rendered)
    rendered.clear()
    later = _next_release(example.release, tmp_path / "later", "2026-01-02-bbbbbbbbbbbb")
    build_site(later, _quiet, SiteOptions(program="2", before=before))
    assert len(rendered) == count


def test_damaged_notes_only_cost_time(example: Example, tmp_path: Path, rendered: list[str]) -> None:
    before = _next_release(example.release, tmp_path / "before", "2026-01-02-aaaaaaaaaaaa")
    build_site(before, _quiet, SiteOptions(program="1"))
    count = len(rendered)
    rendered.clear()
    (before.path / "site-config" / "pages.json").write_text(
        '{"program": "1", "disclosures": [', encoding="utf-8"
    )
    assert read_notes(before) is None
    later = _next_release(example.release, tmp_path / "later", "2026-01-02-bbbbbbbbbbbb")
    build_site(later, _quiet, SiteOptions(program="1", before=before))
    assert len(rendered) == count


def test_any_number_of_processes_writes_the_same_pages(example: Example, tmp_path: Path) -> None:
    alone = _next_release(example.release, tmp_path / "alone", "2026-01-02-aaaaaaaaaaaa")
    several = _next_release(example.release, tmp_path / "several", "2026-01-02-aaaaaaaaaaaa")
    assert build_site(alone, _quiet, SiteOptions()) == build_site(several, _quiet, SiteOptions(workers=3))
    assert _pages(alone) == _pages(several)


def test_processes_are_forked_after_charts_were_drawn_too(example: Example, tmp_path: Path) -> None:
    """The charting library's threads do not live on in a forked process: a chart drawn there would never come."""
    assert bar_chart([Bar("甲", Decimal(1))], "甲", "甲", "x")
    release = _next_release(example.release, tmp_path / "release", "2026-01-02-aaaaaaaaaaaa")
    assert build_site(release, _quiet, SiteOptions(workers=2)) > 50


def test_a_chart_in_a_forked_process_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    assert bar_chart([Bar("甲", Decimal(1))], "甲", "甲", "x")

    drawn = tmp_path / "drawn"
    first = os.getpid()

    def draw() -> None:
        if os.getpid() != first:
            drawn.touch()
            bar_chart([Bar("乙", Decimal(2))], "乙", "乙", "y")

    def wait() -> None:
        while not drawn.exists():
            time.sleep(0.01)

    with pytest.raises(ReleaseError, match="waited for for ever"):
        spread([Task(wait)], [Task(draw)] * 2, 2, lambda done: None)


def test_notes_name_each_disclosure(example: Example, tmp_path: Path) -> None:
    release = _next_release(example.release, tmp_path / "release", "2026-01-02-aaaaaaaaaaaa")
    build_site(release, _quiet, SiteOptions(program="1"))
    notes = json.loads((release.path / "site-config" / "pages.json").read_text(encoding="utf-8"))
    assert set(notes["disclosures"]) == {entry.graph for entry in release.manifest.disclosures}
