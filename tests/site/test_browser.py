"""The pages in a real browser: from a fact to its printed line, at phone and desktop width."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Route

from .conftest import served


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


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("both", 1280, "light"), ("en", 390, "dark"), ("zh", 1280, "dark")]
)
def test_axe_finds_nothing_serious_on_any_kind_of_page(
    example: Any, address: str, browser: Browser, language: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.add_init_script(f"try {{ localStorage.setItem('language', '{language}') }} catch {{ }}")
    page = context.new_page()
    found = []
    paths = _one_of_each_kind(example.release.site)
    for path in paths:
        page.goto(f"{address}/{path}", wait_until="domcontentloaded")
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found += [(path, violation["id"], node["html"][:200]) for node in violation["nodes"][:3]]
    context.close()
    assert len(paths) > 25
    assert found == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "light"), (1280, "dark")])
def test_every_kind_of_page_draws_itself_without_an_error(
    example: Any,
    address: str,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    """Leaves its pictures in pytest's base folder, to be looked at."""
    pictures = tmp_path_factory.mktemp(f"pictures-{width}-{scheme}", numbered=False)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("requestfailed", lambda request: faults.append(f"{page.url}: {request.url}"))
    for path in _one_of_each_kind(example.release.site):
        page.goto(f"{address}/{path}", wait_until="load")
        name = path.removesuffix(".html").replace("/", "_")[:80]
        picture = page.screenshot(path=pictures / f"{name}.png")
        assert len(picture) > 5_000, f"{path}: nothing is drawn"
    context.close()
    assert faults == []


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
    ("start", "number"),
    [
        ("index.html", ".composition td.n a"),
        ("index.html", ".wide td.n a[href*='/doc/fact/']"),
        ("disclosure", ".counts .big a"),
        ("disclosure", ".composition td.n a"),
        ("doc/disclosure.html", ".wide td.n a[href*='/doc/fact/']"),
        ("coverage/index.html", ".wide td.n a[href*='/doc/fact/']"),
        ("compare/index.html", ".comparison td.n a"),
        ("compare/functional.html", ".comparison td.n a"),
    ],
)
def test_two_clicks_lead_from_any_amount_to_its_line(
    example: Any, address: str, browser: Browser, start: str, number: str
) -> None:
    own = str(example.page(example.disclosure).relative_to(example.release.site))
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{address}/{own if start == 'disclosure' else start}")
    link = page.locator(number).first
    amount = link.inner_text()
    link.click()
    page.locator(".places a[href*='#line=']").first.click()
    line = page.locator(".l:target")
    assert line.count() == 1
    assert amount.replace(",", "") in line.inner_text().replace(",", "")
    page.close()


def test_a_cell_of_a_printed_table_is_two_clicks_from_its_line(
    example: Any, address: str, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{address}/{example.page(example.disclosure).relative_to(example.release.site)}")
    cell = page.locator("table.printed td.n a").first
    amount = cell.inner_text()
    cell.click()
    page.locator("a.button[href*='#line=']").click()
    assert amount in page.locator(".l:target").inner_text()
    page.close()


@pytest.mark.parametrize("kind", ["facts", "places"])
def test_on_a_phone_a_list_of_amounts_is_read_without_scrolling_sideways(
    example: Any, address: str, browser: Browser, kind: str
) -> None:
    start = {
        "facts": example.page(f"{example.base}id/code/functional/205"),
        "places": example.page(example.fact(1)),
    }
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{address}/{start[kind].relative_to(example.release.site)}")
    row = page.locator(f"table.{kind} tbody tr").first
    for cell in row.locator("td").all():
        box = cell.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    page.close()


def test_the_words_of_fields_follow_the_language(address: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/")
    said = {}
    for choice in ("zh", "en", "both"):
        page.locator(f"#language-{choice}").check(force=True)
        said[choice] = page.locator("header input[type=search]").get_attribute("placeholder")
    context.close()
    assert said == {"zh": "搜索名称、编码", "en": "Search names, codes", "both": "搜索名称、编码 Search"}


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
        ("印出的数", "/terms/class/Figure.html"),
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


def test_the_search_of_an_old_release_searches_that_release(
    example: Any, browser: Browser, tmp_path: Path
) -> None:
    """An old release is served under its own address with the links of its pages moved there; the root has no index."""
    old = "/releases/2020-01-01-0123456789ab/"
    site = tmp_path / old.strip("/")
    site.parent.mkdir()
    site.symlink_to(example.release.site)
    page = browser.new_page()

    def moved(route: Route) -> None:
        body = (site / "search" / "index.html").read_text(encoding="utf-8")
        route.fulfill(
            content_type="text/html; charset=utf-8", body=re.sub(r'(href|src|action)="/', rf'\1="{old}', body)
        )

    with served(tmp_path) as address:
        page.route(f"**{old}search/*", moved)
        page.goto(f"{address}{old}search/?q=校舍")
        page.wait_for_selector("#search-results li")
        links = page.locator("#search-results a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        page.close()
    assert links
    assert all(link.startswith(f"{old}doc/") for link in links)


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
