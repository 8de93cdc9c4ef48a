"""The pages in a real browser: from a fact to its printed line, at phone and desktop width."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
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


def test_nothing_reaches_over_the_edge(example: Any, address: str, browser: Browser) -> None:
    page = browser.new_page()
    wide = []
    for file in sorted(example.release.site.rglob("*.html")):
        path = str(file.relative_to(example.release.site))
        page.goto(f"{address}/{path}", wait_until="domcontentloaded")
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wide.append((path, width))
    page.close()
    assert wide == []


def _one_of_each_kind(site: Path) -> list[str]:
    """The largest page under each folder: what a kind of page can show, it shows there."""
    largest: dict[str, Path] = {}
    for file in sorted(site.rglob("*.html")):
        path = file.relative_to(site)
        name = (
            "unit"
            if "unit" in path.parts
            else "/".join(path.parts[:2] if path.parts[0] == "doc" else path.parts)
        )
        known = largest.get(name)
        if known is None or file.stat().st_size > known.stat().st_size:
            largest[name] = file
    return [str(file.relative_to(site)) for file in largest.values()]


def test_axe_finds_nothing_serious_on_any_kind_of_page(example: Any, address: str, browser: Browser) -> None:
    page = browser.new_page()
    found = []
    paths = _one_of_each_kind(example.release.site)
    for path in paths:
        page.goto(f"{address}/{path}", wait_until="domcontentloaded")
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found += [(path, violation["id"], node["html"][:200]) for node in violation["nodes"][:3]]
    page.close()
    assert len(paths) > 25
    assert found == []


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


@pytest.mark.parametrize(
    ("asked", "address_found"),
    [
        ("校舍维修", "/doc/project/519901/jiao-yu-ju/00000000000000aa.html"),
        ("舍维", "/doc/project/519901/jiao-yu-ju/00000000000000aa.html"),
        ("维修校舍", "/doc/indicator/"),
        ("2050101", "/doc/code/functional/2050101.html"),
        ("Health", "/doc/code/functional/210.html"),
        ("卫生健康", "/doc/code/functional/210.html"),
        ("322001", "/doc/department/519901/jiao-yu-ju/unit/322001.html"),
    ],
)
def test_names_and_codes_are_found(address: str, browser: Browser, asked: str, address_found: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/")
    page.locator("header input[type=search]").fill(asked)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li")
    found = page.locator("#search-results a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert any(link.startswith(address_found) for link in found), found
    page.close()


def test_amounts_and_what_is_nowhere_find_nothing(address: str, browser: Browser) -> None:
    page = browser.new_page()
    for asked in ("1,200.00", "航天"):
        page.goto(f"{address}/search/?q={asked}")
        page.wait_for_function("document.querySelector('#search-status').textContent != ''")
        assert page.locator("#search-status").inner_text().startswith("0 ")
    page.close()


def test_what_was_found_is_narrowed_by_kind(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/search/?q=支出")
    page.wait_for_selector("#search-kinds li + li")
    everything = page.locator("#search-results li").count()
    page.locator("#search-kinds a").last.click()
    page.wait_for_selector("#search-kinds [aria-current]")
    assert 0 < page.locator("#search-results li").count() < everything
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_box_of_a_pdf_figure_is_scrolled_to_and_highlighted_without_script(
    example: Any, address: str, browser: Browser, width: int
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 500})
    page = context.new_page()
    page.goto(f"{address}/doc/figure/{example.pdf_sha256[:12]}/l1n3.html")
    page.locator("a.button[href*='#page=1']").click()
    box = page.locator("[id='page=1&xywh=20,300,60,12']")
    other = page.locator("[id='page=1&xywh=100,182.5,90,20']")
    fill = "element => getComputedStyle(element.firstElementChild).fill"
    place = box.bounding_box()
    assert place is not None
    assert 0 <= place["y"] <= 500
    assert box.evaluate(fill) != other.evaluate(fill)
    context.close()


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
