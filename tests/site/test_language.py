"""Switching language in a real browser: by mouse and keyboard, kept from page to page, with script and without."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

_SWITCH = '<span lang="en">English</span>'
_SHOWN = "element => getComputedStyle(element).display !== 'none'"


def _path(example: Any) -> str:
    return str(example.page(example.disclosure).relative_to(example.release.site))


def _choose(page: Page, value: str) -> None:
    page.locator(f"#language-{value}").check(force=True)


def _shown(page: Page, selector: str) -> set[bool]:
    return {bool(element.evaluate(_SHOWN)) for element in page.locator(selector).all()}


@pytest.mark.parametrize("width", [390, 1280])
def test_english_alone_leaves_no_chinese_words_of_ours(
    example: Any, address: str, browser: Browser, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{address}/{_path(example)}")
    _choose(page, "en")
    assert _shown(page, "main .zh") == {False}
    assert (
        page.inner_text("header nav")
        == "Disclosures\nDepartments\nCompare\nCodes\nFindings\nQueries\nDownloads"
    )
    assert re.search(r"[\u4e00-\u9fff]", " ".join(page.locator("h2").all_inner_texts())) is None
    assert page.evaluate("document.documentElement.lang") == "en"
    assert re.search(r"2023 budget · Mingzhang$", page.title())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_chinese_alone_leaves_no_english_and_the_choice_is_kept_on_the_next_page(
    example: Any, address: str, browser: Browser
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/")
    _choose(page, "zh")
    page.locator("header nav a").first.click()
    page.wait_for_url("**/doc/disclosure.html")
    assert page.locator("#language-zh").is_checked()
    assert _shown(page, ".en") == {False}
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    context.close()


def test_what_has_no_translation_stays_in_either_language(
    example: Any, address: str, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(f"{address}/{_path(example)}")
    for choice in ("en", "zh", "both"):
        _choose(page, choice)
        assert "校舍维修" in page.inner_text("main")
        assert "1,200.00" in page.inner_text("main")
    page.close()


def test_the_keyboard_changes_the_language(address: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/")
    page.locator("#language-both").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.locator("#language-en").is_checked()
    assert page.get_by_role("radio", name="English").is_checked()
    assert page.evaluate("document.documentElement.lang") == "en"
    context.close()


def test_without_script_the_choice_holds_on_its_page(example: Any, address: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{_path(example)}")
    assert _shown(page, "main .zh") == {True}
    _choose(page, "en")
    assert _shown(page, "main .zh") == {False}
    _choose(page, "zh")
    assert _shown(page, "main .en") == {False}
    context.close()


def test_print_follows_the_choice(example: Any, address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/{_path(example)}")
    _choose(page, "en")
    page.emulate_media(media="print")
    assert _shown(page, "main .zh") == {False}
    assert _shown(page, ".language, .search") == {False}
    page.close()


@pytest.mark.parametrize("choice", ["both", "en"])
def test_nothing_moves_while_a_page_is_loaded(
    example: Any, address: str, browser: Browser, choice: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(
        f"try {{ localStorage.setItem('language', '{choice}') }} catch {{ }} window.moved = 0;"
        "new PerformanceObserver(list => list.getEntries().forEach(entry => { window.moved += entry.value; }))"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    page = context.new_page()
    moved = {}
    for file in ("index.html", _path(example), "compare/index.html", "ontology.html"):
        page.goto(f"{address}/{file}", wait_until="load")
        page.wait_for_timeout(150)
        moved[file] = page.evaluate("window.moved")
    assert {file: shift for file, shift in moved.items() if shift > 0.01} == {}
    context.close()


def test_no_template_writes_english_that_could_not_be_switched_off() -> None:
    """Apart from the language switch itself, English stands in a pair, or says that it is one (`class="en"`)."""
    folder = files("mingzhang.site") / "templates"
    found = {
        template.name
        for template in folder.iterdir()
        if template.name.endswith(".html")
        and re.search(r'<span lang="en">', template.read_text(encoding="utf-8").replace(_SWITCH, ""))
    }
    assert found == set()


def test_every_text_in_english_is_marked_as_such(example: Any) -> None:
    """`.en` and `lang` come together, and a pair has both its halves."""
    for file in sorted(Path(example.release.site).rglob("*.html")):
        html = file.read_text(encoding="utf-8")
        marked = re.findall(r'<\w+ [^>]*class="(?:[\w-]+ )*en(?: [\w-]+)*"[^>]*>', html)
        assert [tag for tag in marked if 'lang="en"' not in tag] == [], file
        assert html.count('class="zh"') <= len(marked), file
        assert '<body class="' in html, file
        assert re.search(r'<body [^>]*lang="zh-Hans"', html), file
