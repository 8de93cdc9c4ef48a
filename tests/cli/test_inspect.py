"""The page of `inspect`: every number with its reading, what a person should look at first, and nothing needed beside it."""

from __future__ import annotations

import ast
import io
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from reportlab.lib.pagesizes import A4, landscape  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from mingzhang import ingest
from mingzhang.cli import run
from mingzhang.cli_inspect import chosen_pages
from mingzhang.errors import SettingsError
from mingzhang.inspection_reasons import reason_in_chinese

from .conftest import small_disclosure

Capture = pytest.CaptureFixture[str]
CHROMIUM = Path("/usr/bin/chromium")
FONT = "STSong-Light"
HEAD = ("科目编码", "科目名称", "合计", "基本支出", "项目支出")
ROWS = (
    ("", "合计", "300.00", "200.00", "100.00"),
    ("208", "社会保障和就业支出", "120.00", "80.00", "40.00"),
    ("20805", "行政事业单位养老支出", "120.00", "80.00", "40.00"),
    ("2080505", "机关事业单位基本养老保险缴费支出", "120.00", "80.00", "41.50"),
    ("210", "卫生健康支出", "180.00", "120.00", "60.00"),
    ("21015", "医疗保障管理事务", "180.00", "120.00", "60.00"),
    ("2101501", "行政运行", "180.00", "120.00", "60.00"),
)


NAME = "苍溪县医疗保障局"
TABLES = (
    f"{NAME}2026年部门预算\n{NAME}2026年部门预算公开表\n\n## 支出总表\n\n单位：万元\n\n"
    "科目编码\t科目名称\t合计\t基本支出\t项目支出\n\t合计\t300.00\t200.00\t100.00\n208\t社会保障和就业支出\t300.00\t200.00\t100.00\n"
)
PROSE = f"{NAME}2026年部门预算\n{NAME}2026年部门预算说明\n2026年支出预算300.00万元，其中：基本支出200.00万元，项目支出100.00万元。\n"


class Page(HTMLParser):
    """The parts of a page that tests look at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        self.ids.update([found["id"] or ""] if "id" in found else [])
        if tag == "a":
            self.links.append(found["href"] or "")
        self.loaded += [found[name] or "" for name in ("src", "srcset") if name in found]

    def marks(self, state: str) -> list[dict[str, str | None]]:
        return [a for tag, a in self.elements if tag == "a" and f"mark {state}" in (a.get("class") or "")]


def budget_pdf(path: Path) -> Path:
    """A cover, and a page with a ruled table in which one row does not add up."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=landscape(A4), invariant=True)
    canvas.setFont(FONT, 9)
    canvas.drawString(40, 500, "苍溪县医疗保障局2026年部门预算")
    canvas.showPage()
    canvas.setFont(FONT, 9)
    canvas.drawString(40, 540, "苍溪县医疗保障局2026年部门预算 一般公共预算支出表")
    canvas.drawString(40, 522, "一般公共预算支出表")
    canvas.drawString(40, 504, "部门名称：苍溪县医疗保障局          单位：万元")
    edges = (40, 110, 300, 400, 500, 600)
    for number, row in enumerate((HEAD, *ROWS)):
        bottom = 470 - 18 * number
        for text, left, right in zip(row, edges, edges[1:], strict=False):
            canvas.rect(left, bottom, right - left, 18)
            canvas.drawString(left + 3, bottom + 5, text)
    canvas.save()
    path.write_bytes(data.getvalue())
    return path


@pytest.fixture(scope="module")
def pdf_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inspection of a PDF."""
    folder = tmp_path_factory.mktemp("inspected")
    target = folder / "a.html"
    assert run(["inspect", str(budget_pdf(folder / "budget.pdf")), "-o", str(target)]) == 0
    return target


@pytest.fixture(scope="module")
def text_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inspection of a text."""
    folder = tmp_path_factory.mktemp("inspected-text")
    target = folder / "a.html"
    assert run(["inspect", str(small_disclosure(folder / "a.txt")), "-o", str(target)]) == 0
    return target


@pytest.fixture(scope="module")
def pair_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inspection of a disclosure in two files, the text given first."""
    folder = tmp_path_factory.mktemp("inspected-pair")
    tables, prose = folder / "tables.txt", folder / "prose.txt"
    tables.write_text(TABLES, encoding="utf-8")
    prose.write_text(PROSE, encoding="utf-8")
    target = folder / "a.html"
    assert run(["inspect", str(prose), str(tables), "-o", str(target)]) == 0
    return target


@pytest.fixture(params=["pdf_page", "text_page", "pair_page"])
def page_file(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def test_the_page_needs_nothing_beside_it(page_file: Path) -> None:
    text = page_file.read_text(encoding="utf-8")
    page = Page(text)
    assert "<script" not in text
    assert not re.search(r"url\(|@import|<link", text)
    assert all(source.startswith("data:image/png;base64,") for source in page.loaded)


def test_every_link_leads_somewhere_and_every_name_is_given_once(page_file: Path) -> None:
    page = Page(page_file.read_text(encoding="utf-8"))
    assert [name for name, count in page.ids.items() if count > 1] == []
    assert [link for link in page.links if link.removeprefix("#") not in page.ids] == []
    assert len(page.links) > 12


def test_a_number_on_the_picture_lies_where_it_is_printed(pdf_page: Path) -> None:
    page = Page(pdf_page.read_text(encoding="utf-8"))
    marks = page.marks("certain")
    assert len(marks) == 3 * len(ROWS)
    assert [tag for tag, _ in page.elements].count("img") == 2
    (total,) = (mark for mark in marks if (mark["aria-label"] or "").startswith("300.00 万元: 合计"))
    place = dict(part.split(":") for part in (total["style"] or "").split(";"))
    # Drawn 303 points from the left of 842, in the row that begins 452 above the bottom of 595.
    assert float(place["left"].rstrip("%")) == pytest.approx(100 * 303 / 842, abs=0.5)
    assert float(place["top"].rstrip("%")) == pytest.approx(100 * (595 - 452 - 13) / 595, abs=1.5)


def test_a_sum_that_fails_comes_before_everything_else(pdf_page: Path, text_page: Path) -> None:
    text = pdf_page.read_text(encoding="utf-8")
    first = text[text.index('id="first"') : text.index('id="tables"')]
    assert re.findall(r'href="#b-[^"]*">([0-9.]+)</a>', first) == ["120.00", "80.00", "41.50"]
    assert ">-1.5<" in first
    other = text_page.read_text(encoding="utf-8")
    assert "没有要看的" in other[other.index('id="first"') : other.index('id="tables"')]


def test_a_reading_says_table_row_column_and_fact(text_page: Path) -> None:
    text = re.sub(r"<[^>]*>", " ", text_page.read_text(encoding="utf-8"))
    for said in ("部门收支总表", "一、一般公共预算拨款收入", "收入 / 预算数", "1,000,000 元", "2023年 收入"):
        assert said in text


def test_a_number_stands_in_its_line_with_the_words_around_it(text_page: Path) -> None:
    text = text_page.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if '<th scope="row">13</th>' in line)
    cells = [re.sub(r"<span class=\"tip\".*?</span>|<[^>]*>", "", cell) for cell in row.split("</td>")]
    assert cells[:4] == ["13一、一般公共预算拨款收入", "100.00", "一、卫生健康支出", "60.00"]


def test_only_the_pages_asked_for_are_shown(tmp_path: Path, capsys: Capture) -> None:
    pdf = budget_pdf(tmp_path / "budget.pdf")
    assert run(["inspect", str(pdf), "--pages", "2"]) == 0
    assert capsys.readouterr().out == "budget.inspect.html\n"
    page = Page((tmp_path / "budget.inspect.html").read_text(encoding="utf-8"))
    assert {"s-2"} == {name for name in page.ids if re.fullmatch("s-[0-9]+", name)}


def test_pages_are_named_as_ranges() -> None:
    assert chosen_pages("3, 5-7", 9) == {3, 5, 6, 7}


@pytest.mark.parametrize(("text", "last"), [("0", 9), ("3-2", 9), ("8-10", 9), ("x", 9), ("", 9), ("1", 0)])
def test_pages_that_are_not_there_are_refused(text: str, last: int) -> None:
    with pytest.raises(SettingsError, match="--pages"):
        chosen_pages(text, last)


def test_a_file_that_is_no_disclosure_is_refused_by_name(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "letter.txt").write_text("a letter about the weather in 2023\n", encoding="utf-8")
    assert run(["inspect", str(tmp_path / "letter.txt")]) == 1
    assert "letter.txt" in capsys.readouterr().err
    assert run(["inspect", str(tmp_path / "absent.pdf")]) == 1
    assert "absent.pdf: no such file" in capsys.readouterr().err


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not here")
def test_the_page_is_sound_in_a_browser_at_two_widths(pdf_page: Path, text_page: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(java_script_enabled=True)
        page = context.new_page()
        for file in (pdf_page, text_page):
            page.goto(file.as_uri())
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            mark = page.locator("a.mark.certain").first
            mark.focus()
            assert mark.locator(".tip").is_visible()
            mark.press("Enter")
            assert page.locator(".reading:target").count() == 1
            page.locator("#language-en").check()
            assert not page.locator("h1 + p + p .zh").first.is_visible()
        browser.close()


def test_two_files_of_one_disclosure_are_shown_together_the_tables_first(pair_page: Path) -> None:
    text = pair_page.read_text(encoding="utf-8")
    page = Page(text)
    assert "tables.txt + prose.txt" in text
    assert text.index('id="s-1–') < text.index('id="s-p2-1–')
    assert len(page.marks("certain")) == 6
    said = [mark["id"] or "" for mark in page.marks("prose")]
    assert said
    assert all(name.startswith("b-p2-l") for name in said)


def test_joined_says_the_same_as_two_files(pair_page: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.html"
    files = [str(pair_page.with_name(name)) for name in ("tables.txt", "prose.txt")]
    assert run(["inspect", "--join", *files, "-o", str(target)]) == 0
    assert target.read_bytes() == pair_page.read_bytes()


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b", "c"], ["a", "--join", "b", "c"], ["a", "b", "--pages", "1"]]
)
def test_other_than_one_disclosure_is_refused(arguments: list[str], capsys: Capture) -> None:
    assert run(["inspect", *arguments]) == 2
    assert "file" in capsys.readouterr().err


def reasons_given() -> list[str]:
    """Every reason that reading can give for an amount without a fact, with a word for what it quotes."""
    found = []
    for path in sorted(Path(ingest.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Unclear" and node.args:
                found.append(node.args[0])
            if isinstance(node, ast.keyword) and node.arg == "unclear":
                found.append(node.value)
    return [text for node in found if (text := said_by(node))]


def said_by(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(said_by, node.values))
    if isinstance(node, ast.FormattedValue):
        return "'甲'" if node.conversion == ord("r") else "30101"
    return ""


def test_every_reason_is_said_in_chinese_too() -> None:
    given = reasons_given()
    assert len(given) > 15
    assert [reason for reason in given if not reason_in_chinese(reason)] == []
