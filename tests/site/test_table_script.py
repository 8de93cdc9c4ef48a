"""Sorting and filtering tables: by value, blanks last, said to screen readers, and nothing lost without script."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page

_TABLE = """<!doctype html><html data-language="both"><table><caption><span class="vh">t</span></caption>
<thead><tr><th scope="col">名称</th><th scope="col" class="n">万元</th><th scope="col" class="n">占比</th></tr></thead>
<tbody>{rows}</tbody><tfoot><tr><th>合计</th><td>1</td><td></td></tr></tfoot></table></html>"""
_ROWS = (
    ("乙", "1,570.83", "9.5%"),
    ("甲", "", ""),
    ("丙", "99.00", "10.1%"),
    ("丁", "-3", "—"),
)


def _page(browser: Browser, rows: tuple[tuple[str, ...], ...]) -> Page:
    page = browser.new_page()
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f'<td class="n">{cell}</td>' for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    page.set_content(_TABLE.format(rows=body))
    script = (files("mingzhang.site") / "static" / "tables.js").read_text(encoding="utf-8")
    page.add_script_tag(content=script)
    return page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = _page(browser, _ROWS)
    yield page
    page.close()


def _column(page: Page, at: int) -> list[str]:
    return [row.split("\t")[at] for row in page.locator("tbody tr").all_inner_texts()]


def test_amounts_are_sorted_by_value_and_blanks_come_last_both_ways(page: Page) -> None:
    button = page.get_by_role("button", name="万元")
    button.click()
    assert _column(page, 1) == ["1,570.83", "99.00", "-3", ""]
    button.click()
    assert _column(page, 1) == ["-3", "99.00", "1,570.83", ""]


def test_percentages_are_numbers_and_a_dash_is_blank(page: Page) -> None:
    page.get_by_role("button", name="占比").click()
    assert _column(page, 2)[:2] == ["10.1%", "9.5%"]
    assert set(_column(page, 2)[2:]) == {"", "—"}


def test_names_are_sorted_by_sound(page: Page) -> None:
    page.get_by_role("button", name="名称").click()
    assert _column(page, 0) == ["丙", "丁", "甲", "乙"]


def test_the_sorted_column_is_said_and_no_other(page: Page) -> None:
    page.get_by_role("button", name="名称").click()
    page.get_by_role("button", name="万元").press("Enter")
    states = page.locator("th[scope=col]").evaluate_all(
        "heads => heads.map(h => h.getAttribute('aria-sort'))"
    )
    assert states == [None, "descending", None]


def test_the_row_of_totals_stays_at_the_foot(page: Page) -> None:
    page.get_by_role("button", name="万元").click()
    assert page.locator("tfoot tr").count() == 1
    assert page.locator("tbody tr").count() == len(_ROWS)


def test_a_long_table_can_be_filtered_and_says_how_many_are_left(browser: Browser) -> None:
    page = _page(browser, tuple((f"第{number}项", str(number), "") for number in range(1, 31)))
    page.get_by_role("searchbox").fill("第1")
    assert page.locator("tbody tr:visible").count() == 11
    assert page.get_by_role("status").inner_text() == "11 / 30"
    page.close()
