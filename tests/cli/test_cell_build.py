"""A folder with a workbook, a Word file, a web page, and files that cannot be read: one release, every figure reachable."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import docx
import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from mingzhang.cli import run
from mingzhang.release import current_release

from .conftest import DATE

ROWS = [
    ["科目编码", "科目名称", "合计", "基本支出", "项目支出"],
    ["", "合计", "300.00", "100.00", "200.00"],
    ["208", "社会保障和就业支出", "100.00", "100.00", ""],
    ["221", "住房保障支出", "200.00", "", "200.00"],
]


def lines_for(name: str) -> list[str]:
    return [f"{name}2026年部门预算", f"{name}2026年部门预算公开", "一般公共预算支出表", "单位：万元"]


def pile(folder: Path) -> Path:
    """A folder of three disclosures, one of each kind, with an old and a torn file beside them."""
    folder.mkdir()
    book = Workbook()
    for row in [*([line] for line in lines_for("兰州市教育局")), *ROWS]:
        book.active.append(row)
    book.save(folder / "a.xlsx")
    word = docx.Document()
    for line in lines_for("兰州市审计局"):
        word.add_paragraph(line)
    table = word.add_table(len(ROWS), len(ROWS[0]))
    for number, texts in enumerate(ROWS):
        for column, text in enumerate(texts):
            table.cell(number, column).text = text
    word.save(str(folder / "b.docx"))
    paragraphs = "".join(f"<p>{line}</p>" for line in lines_for("兰州市财政局"))
    cells = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in ROWS)
    (folder / "c.htm").write_text(
        f"<meta charset=utf-8>{paragraphs}<table>{cells}</table><script>alert(1)</script>", encoding="utf-8"
    )
    (folder / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"))
    (folder / "torn.xlsx").write_bytes(b"PK\x03\x04 and no more")
    (folder / "~$a.xlsx").write_bytes(b"what a program leaves while a file is open")
    return folder


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the release of the pile."""
    home = tmp_path_factory.mktemp("cells")
    run(["build", str(pile(home / "pile")), "--data", str(home / "data"), "--date", DATE, "--jobs", "1"])
    return home / "data"


def test_files_that_cannot_be_read_are_named_and_the_others_are_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["build", str(pile(tmp_path / "pile")), "--data", str(tmp_path / "data")]) == 1
    said = capsys.readouterr().err
    assert "old.doc: it is an old Word document (.doc); open it in" in said
    assert "torn.xlsx: it is damaged" in said
    assert "~$a" not in said
    published = {entry.file_name for entry in current_release(tmp_path / "data").manifest.disclosures}
    assert published == {"a.xlsx", "b.docx", "c.htm"}


@pytest.mark.parametrize(
    ("name", "place"),
    [("a.xlsx", "sheet=Sheet&cell=C6"), ("b.docx", "table=1&cell=2,3"), ("c.htm", "table=1&cell=2,3")],
)
def test_a_figure_has_a_page_that_shows_its_cell_and_leads_to_it(told: Path, name: str, place: str) -> None:
    release = current_release(told)
    (entry,) = [entry for entry in release.manifest.disclosures if entry.file_name == name]
    source = (release.site / "source" / f"{entry.source_sha256}.html").read_text(encoding="utf-8")
    cell = re.search(rf'<td id="{re.escape(place.replace("&", "&amp;"))}"[^>]*>(.*?)</td>', source)
    assert cell is not None
    link = re.search(r'href="/doc/(figure/[^"]+)"', cell[1])
    assert link is not None
    page = (release.site / "doc" / link[1]).read_text(encoding="utf-8")
    here = re.search(r'<td class="n here">(.*?)</td>', page)
    assert here is not None
    assert re.sub("<[^>]+>", "", here[1]) == "300.00"
    assert "科目名称" in page
    assert f"/source/{entry.source_sha256}.html#{place}" in unescape(page)


def test_nothing_of_a_publishers_page_runs_on_ours(told: Path) -> None:
    release = current_release(told)
    pages = [path.read_text(encoding="utf-8") for path in (release.site / "source").glob("*.html")]
    assert len(pages) == 3
    assert not any("alert(1)" in page for page in pages)
