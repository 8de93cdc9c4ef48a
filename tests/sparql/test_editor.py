"""The SPARQL editor in a real browser: completion, running, sharing, the keyboard; and nothing loaded from elsewhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

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


def test_only_the_editors_own_files_are_served(service: str) -> None:
    assert httpx.get(service + "sparql/editor.js").headers["content-type"].startswith("text/javascript")
    for name in ("package.json", "NOTICE", "..%2Fapp.py", "nothing.js"):
        assert httpx.get(service + "sparql/" + name).status_code == 404


def test_the_locked_versions_name_no_registry() -> None:
    lock = (EDITOR / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert json.loads(lock)["packages"]["node_modules/@zazuko/yasqe"]["integrity"]
