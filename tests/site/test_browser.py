"""The pages in a real browser: from a fact to its printed line, at phone and desktop width."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not here")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the test output clean."""


@pytest.fixture(scope="module")
def address(example: Any) -> Iterator[str]:
    handler = partial(_Quiet, directory=str(example.release.site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_reaches_over_the_edge(example: Any, address: str, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    wide = []
    for file in sorted(example.release.site.rglob("*.html")):
        path = str(file.relative_to(example.release.site))
        page.goto(f"{address}/{path}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)
    page.close()
    assert wide == []


@pytest.mark.parametrize("width", [390, 1280])
def test_two_clicks_lead_from_a_fact_to_the_highlighted_line(
    example: Any, address: str, browser: Browser, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{address}/{example.page(example.fact(7)).relative_to(example.release.site)}")
    page.locator("table a[href*='/doc/figure/']").first.click()
    page.locator("a.button[href*='#line=']").click()
    line = page.locator("[id='line=11']")
    plain = page.locator("[id='line=10']")
    background = "element => getComputedStyle(element).backgroundColor"
    assert "卫生健康支出" in line.inner_text()
    assert line.evaluate(background) != plain.evaluate(background)
    box = line.bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 900
    page.close()


def test_the_keyboard_reaches_the_skip_link_first(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.close()


def test_a_page_reads_without_script(example: Any, address: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{example.page(example.fact(1)).relative_to(example.release.site)}")
    assert "12,000,000 元" in page.inner_text("main")
    context.close()


def test_figures_stand_right_aligned_in_tabular_numerals(
    example: Any, address: str, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(f"{address}/{example.page(example.disclosure).relative_to(example.release.site)}")
    style = page.locator("td.n").first.evaluate(
        "cell => { const s = getComputedStyle(cell); return [s.textAlign, s.fontVariantNumeric] }"
    )
    assert style[0] == "right"
    assert "tabular-nums" in style[1]
    page.close()
