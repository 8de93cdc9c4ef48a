"""The SPARQL editor in a real browser: completion, running, sharing, the keyboard; and nothing loaded from elsewhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

EDITOR = Path(__file__).resolve().parents[2] / "sparql" / "editor"
CHROMIUM = Path("/usr/bin/chromium")
FETCHED = (EDITOR / "yasqe.min.js").is_file()
needs_browser = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not here")
needs_component = pytest.mark.skipif(
    not FETCHED, reason="the editor's component is not here; scripts/editor fetches it where npm is"
)
MZ = "PREFIX mz: <https://w3id.org/mingzhang/ontology#>\n"


@pytest.fixture(scope="module")
def pages() -> Iterator[tuple[Page, list[str]]]:
    """A page of a browser and everything that goes wrong or is asked for in it."""
    noted: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(locale="en-GB", accept_downloads=False).new_page()
        page.on("console", lambda message: noted.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: noted.append(f"error: {error}"))
        page.on("request", lambda request: noted.append(f"request {request.url}"))
        yield page, noted
        browser.close()


@pytest.fixture
def editor(pages: tuple[Page, list[str]], service: str) -> Page:
    """The editor, ready and empty."""
    page, noted = pages
    noted.clear()
    page.goto(service + "sparql")
    page.wait_for_selector("#editor[data-ready=yes]")
    page.click(".CodeMirror")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    return page


@needs_browser
@needs_component
def test_a_query_is_typed_with_completion_run_and_shared(editor: Page, service: str) -> None:
    editor.keyboard.type(MZ + "SELECT ?fact ?yuan { ?fact a mz:Fac")
    editor.keyboard.press("Control+ ")
    editor.wait_for_selector(".CodeMirror-hints li")
    assert "mz:Fact" in editor.locator(".CodeMirror-hints li").all_inner_texts()
    editor.keyboard.press("Enter")
    editor.keyboard.type(" ; mz:amoun")
    editor.keyboard.press("Control+ ")
    editor.wait_for_selector(".CodeMirror-hints li")
    editor.keyboard.press("Enter")
    editor.keyboard.type(" ?yuan } ORDER BY ?fact")
    editor.keyboard.press("Control+Enter")
    editor.wait_for_selector("table tbody tr")
    assert len(editor.locator("table tbody tr").all()) == 11
    shared = parse_qs(urlsplit(editor.url).query)["query"][0]
    assert shared.replace("\r\n", "\n") == (
        MZ + "SELECT ?fact ?yuan { ?fact a mz:Fact ; mz:amount ?yuan } ORDER BY ?fact"
    )
    # The link alone brings the same table, and its CSV holds the same rows.
    rows = editor.locator("table tbody tr").all_inner_texts()
    editor.goto(editor.url)
    assert editor.locator("table tbody tr").all_inner_texts() == rows
    link = editor.locator(".downloads a", has_text="csv").get_attribute("href")
    assert link is not None
    assert len(list(csv.reader(io.StringIO(httpx.get(service + link[1:]).text)))) == 12


@needs_browser
@needs_component
def test_a_malformed_query_puts_the_cursor_where_it_is_wrong(editor: Page) -> None:
    editor.keyboard.type("SELECT *\nWHERE [")
    editor.keyboard.press("Control+Enter")
    editor.wait_for_selector(".problem")
    editor.wait_for_selector("#editor[data-ready=yes]")
    cursor = editor.evaluate("document.querySelector('.CodeMirror').CodeMirror.getCursor()")
    assert (cursor["line"], cursor["ch"]) == (1, 6)


@needs_browser
@needs_component
def test_nothing_is_loaded_from_elsewhere_and_nothing_breaks_the_policy(
    editor: Page, pages: tuple[Page, list[str]], service: str
) -> None:
    editor.keyboard.type("PREFIX ")
    editor.keyboard.press("Control+ ")
    editor.keyboard.type("ASK { ?s a ")
    editor.keyboard.press("Control+ ")
    noted = pages[1]
    strange = [line for line in noted if not line.startswith(f"request {service}")]
    assert [line for line in strange if not line.startswith("request data:")] == []


@needs_browser
@needs_component
def test_the_keyboard_leads_out_of_the_editor_and_names_what_it_finds(editor: Page) -> None:
    editor.keyboard.press("Tab")
    assert editor.evaluate("document.activeElement.closest('.CodeMirror') === null")
    editor.keyboard.press("Shift+Tab")
    assert editor.evaluate("document.activeElement.closest('.CodeMirror') !== null")
    violations = Axe().run(editor).response["violations"]
    assert violations == [], json.dumps(violations, indent=1)[:3000]


@needs_browser
def test_the_form_works_without_script(pages: tuple[Page, list[str]], service: str) -> None:
    browser = pages[0].context.browser
    assert browser is not None
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(service + "sparql")
    page.fill("#query", MZ + "SELECT ?fact { ?fact a mz:Fact }")
    page.click("button[type=submit]")
    assert len(page.locator("table tbody tr").all()) == 11


SPENT = "SELECT ?name ?yuan { VALUES (?name ?yuan) { ('教育' 300.50) ('卫生' 100) ('收回' -20.25) } }"
YEARS = """SELECT ?unit ?year ?yuan {
  VALUES (?unit ?year ?yuan) { ('甲' '2021' 3) ('甲' '2023' 5) ('乙' '2021' 4) ('乙' '2022' 1) ('乙' '2023' 2) }
}"""


@needs_browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("query", [SPENT, YEARS])
def test_a_result_has_a_chart_that_fits_and_says_where_its_numbers_are(
    pages: tuple[Page, list[str]], service: str, query: str, width: int
) -> None:
    page, noted = pages
    noted.clear()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(service + "sparql?" + urlencode({"query": query, "format": "html"}))
    drawn = page.locator(".chart [role=img]")
    assert "the table below" in (drawn.get_attribute("aria-label") or "")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [line for line in noted if line.startswith(("console", "error"))] == []
    violations = Axe().run(page).response["violations"]
    assert violations == [], json.dumps(violations, indent=1)[:3000]


@needs_browser
def test_bars_are_as_long_as_their_numbers_and_can_be_chosen(
    pages: tuple[Page, list[str]], service: str
) -> None:
    page = pages[0]
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(service + "sparql?" + urlencode({"query": SPENT, "format": "html"}))
    tracks = page.locator(".bars .track > span").all()
    boxes = [track.bounding_box() for track in tracks]
    lengths = [box["width"] for box in boxes if box]
    assert len(lengths) == 3
    assert lengths[0] / lengths[1] == pytest.approx(3.005, rel=0.02)
    assert boxes[0]
    assert boxes[2]
    assert boxes[2]["x"] + boxes[2]["width"] == pytest.approx(boxes[0]["x"], abs=2)
    page.goto(service + "sparql?" + urlencode({"query": YEARS, "format": "html"}))
    assert [text.strip() for text in page.locator(".legend li").all_inner_texts()] == ["甲", "乙"]
    assert page.locator(".axis span").all_inner_texts() == ["2021", "2022", "2023"]
    page.select_option("select[name=chart]", "bars")
    page.click(".chart button")
    page.wait_for_selector(".bars")
    assert len(page.locator(".bars > div").all()) == 5
    assert page.locator("select[name=chart]").input_value() == "bars"
    assert "chart=bars" in page.url


@needs_browser
def test_the_language_is_chosen_as_on_the_other_pages_and_kept(
    pages: tuple[Page, list[str]], service: str
) -> None:
    page = pages[0]
    for path in ("queries", "queries/disclosures", "sparql"):
        page.goto(service + path)
        for choice, shown in (("en", [".en"]), ("zh", [".zh"]), ("both", [".zh", ".en"])):
            page.check(f"#language-{choice}", force=True)
            for kind in (".zh", ".en"):
                seen = page.locator(f"main {kind}").first.evaluate("e => getComputedStyle(e).display")
                assert (seen != "none") == (kind in shown)
    page.check("#language-en", force=True)
    page.goto(service + "queries")
    assert page.locator("#language-en").is_checked()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("h1").inner_text() == "Stored queries"
    page.check("#language-both", force=True)


@needs_browser
@pytest.mark.parametrize(
    "path", ["queries", "queries/spending-by-functional-class?year=2023", "queries/year-on-year"]
)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_of_stored_queries_are_sound(
    pages: tuple[Page, list[str]], service: str, path: str, width: int
) -> None:
    page = pages[0]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(service + path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    violations = Axe().run(page).response["violations"]
    assert violations == [], json.dumps(violations, indent=1)[:3000]


@needs_browser
def test_a_stored_query_is_narrowed_by_its_form(pages: tuple[Page, list[str]], service: str) -> None:
    page = pages[0]
    page.goto(service + "queries/spending-by-functional-class")
    rows = len(page.locator("table tbody tr").all())
    assert rows > 0
    page.fill("input[name=year]", "1999")
    page.click("form.row button")
    page.wait_for_url("**year=1999*")
    assert len(page.locator("table tbody tr").all()) == 0
    assert page.locator("input[name=year]").input_value() == "1999"
    assert "year=1999" in (page.locator(".downloads a").first.get_attribute("href") or "")
    page.fill("input[name=year]", "99")
    page.click("form.row button")
    page.wait_for_selector(".problem")
    assert "a year of four digits" in page.locator(".problem").inner_text()


def test_the_switch_of_language_is_that_of_the_other_pages() -> None:
    ours, theirs = EDITOR / "language.js", EDITOR.parents[1] / "site" / "static" / "language.js"
    assert ours.read_bytes() == theirs.read_bytes()


def test_only_the_editors_own_files_are_served(service: str) -> None:
    assert httpx.get(service + "sparql/editor.js").headers["content-type"].startswith("text/javascript")
    for name in ("package.json", "NOTICE", "..%2Fapp.py", "nothing.js"):
        assert httpx.get(service + "sparql/" + name).status_code == 404


def test_the_locked_versions_name_no_registry() -> None:
    lock = (EDITOR / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert json.loads(lock)["packages"]["node_modules/@zazuko/yasqe"]["integrity"]
