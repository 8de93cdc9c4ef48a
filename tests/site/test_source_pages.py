"""Sources that are no text: a PDF's pages drawn, a box around each figure, and a place for everything else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mingzhang.errors import ReleaseError
from mingzhang.release import open_release
from mingzhang.site.book import open_book
from mingzhang.site.graph import read_graph
from mingzhang.site.places import box, counted_in, short, spoken
from mingzhang.site.source_pages import PageImage, draw_pages, page_images


@pytest.mark.parametrize(
    ("fragment", "zh", "en", "margin"),
    [
        ("line=12", "第 12 行", "line 12", "12"),
        ("page=3", "第 3 页", "page 3", "3"),
        ("page=3&xywh=1,2.5,3,4", "第 3 页", "page 3", "3"),
        ("sheet=%E8%A1%A81&cell=B4", "表“表1”B4 格", "cell B4 of sheet “表1”", "B4"),
        ("table=2&cell=5,3", "第 2 张表第 5 行第 3 列", "table 2, row 5, column 3", "5"),
        ("paragraph=7", "第 7 段", "paragraph 7", "paragraph=7"),
        ("footnote=1", "第 1 条脚注", "footnote 1", "footnote=1"),
        ("xpath=/html/body/p%5B2%5D", "/html/body/p[2]", "/html/body/p[2]", "xpath=/html/body/p[2]"),
        ("sheet=%E8%A1%A81", "表1", "表1", "sheet=表1"),
        ("chapter=2", "chapter=2", "chapter=2", "chapter=2"),
        ("", "", "", ""),
    ],
)
def test_a_place_is_named_in_words(fragment: str, zh: str, en: str, margin: str) -> None:
    assert spoken(fragment) == (zh, en)
    assert short(fragment) == margin


@pytest.mark.parametrize(
    ("fragment", "zh", "en"),
    [
        ("line=12", "行", "Line"),
        ("page=3&xywh=1,2.5,3,4", "页", "Page"),
        ("sheet=%E8%A1%A81&cell=B4", "格", "Cell"),
        ("table=2&cell=5,3", "行", "Line"),
        ("", "行", "Line"),
    ],
)
def test_the_margin_of_a_table_says_what_its_numbers_count(fragment: str, zh: str, en: str) -> None:
    assert counted_in(fragment) == (zh, en)


@pytest.mark.parametrize("fragment", ["page=3", "line=3", "page=3&xywh=1,2,3", "page=3&xywh=1,2,3,-4"])
def test_what_is_no_rectangle_makes_no_box(fragment: str) -> None:
    assert box(fragment) is None


def test_the_image_of_a_page_is_as_large_as_the_page_says_and_not_blank(example: Any) -> None:
    html = (example.release.site / "source" / f"{example.pdf_sha256}.html").read_text(encoding="utf-8")
    address, width, height = re.findall(r'<img src="/([^"]+)" width="(\d+)" height="(\d+)"', html)[0]
    with Image.open(example.release.site / address) as image:
        assert image.size == (int(width), int(height))
        assert len(image.getcolors() or ()) > 1


def test_each_figure_of_a_pdf_has_a_box_and_each_place_its_id_once(example: Any) -> None:
    html = (example.release.site / "source" / f"{example.pdf_sha256}.html").read_text(encoding="utf-8")
    assert html.count("<rect ") == 3
    ids = re.findall(r'<a id="([^"]+)" class="spot', html)
    assert ids == ["page=1&amp;xywh=100,182.5,90,20", "page=1&amp;xywh=20,300,60,12"]
    assert '<rect x="100" y="182.5" width="90" height="20"/>' in html


def test_a_figure_of_a_pdf_shows_the_stretch_of_the_page_around_it(example: Any) -> None:
    iri = f"{example.base}id/figure/{example.pdf_sha256[:12]}/l1n1"
    html = example.page(iri).read_text(encoding="utf-8")
    assert 'viewBox="0 122.5 300 140.0"' in html
    assert f'href="/source/{example.pdf_sha256}.html#page=1&amp;xywh=100,182.5,90,20"' in html
    assert "第 1 页" in html


def test_the_places_of_a_workbook_are_listed_under_their_own_ids(example: Any) -> None:
    html = (example.release.site / "source" / f"{example.sheet_sha256}.html").read_text(encoding="utf-8")
    assert 'id="sheet=%E8%A1%A81&amp;cell=B4"' in html
    assert "表“表1”B4 格" in html


def test_a_pdf_that_cannot_be_drawn_is_named(example: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"%PDF-1.4 and nothing more")
    release = open_release(example.release.path)
    book = open_book(read_graph(release), release.manifest)
    with pytest.raises(ReleaseError, match="broken: its pages cannot be drawn"):
        page_images(book, f"{example.base}source/{example.pdf_sha256}", broken)
    image = PageImage(1, "/source/broken/1.png", "595", "842", 1100, 1557)
    with pytest.raises(ReleaseError, match="broken: its pages cannot be drawn"):
        draw_pages(broken, [image], tmp_path)
