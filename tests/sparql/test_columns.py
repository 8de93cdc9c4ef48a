"""The result of a stored query as people read it: words for columns, names for things, amounts that lead to their facts."""

from __future__ import annotations

import json

import httpx
import pyoxigraph as ox
import pytest

from mingzhang.sparql.chart import Cell, Table
from mingzhang.sparql.columns import WORDS, names_of, names_query, readable, things_in, words_of
from mingzhang.sparql.stored import stored_queries

BASE = "https://data.example.org/"


@pytest.mark.parametrize("name", list(stored_queries()))
def test_every_column_of_every_stored_query_has_words(name: str) -> None:
    assert set(stored_queries()[name].columns) <= set(WORDS)


def test_a_column_nobody_named_is_called_by_its_variable() -> None:
    assert words_of("myOwn") == ("myOwn", "myOwn")


def test_a_thing_stands_with_its_name_and_an_amount_leads_to_its_fact() -> None:
    table = Table(
        ("department", "departmentName", "fact", "amountYuan"),
        (
            (
                Cell("id/department/1", "/id/department/1"),
                Cell("示范局"),
                Cell("id/fact/2", "/id/fact/2"),
                Cell("1,200", number=True),
            ),
        ),
    )
    shown = readable(table, {"/id/department/1": ("示范局", "Model bureau")})
    assert shown.columns == ("departmentName", "amountYuan")
    department, amount = shown.rows[0]
    assert (department.text, department.en, department.link) == ("示范局", "Model bureau", "/id/department/1")
    assert (amount.text, amount.link, amount.number) == ("1,200", "/id/fact/2", True)


def test_a_thing_without_a_column_of_its_own_name_is_named() -> None:
    table = Table(("phase",), ((Cell("id/phase/initial", "/id/phase/initial"),), (Cell("id/x", "/id/x"),)))
    shown = readable(table, {"/id/phase/initial": ("年初预算", "Initial budget")})
    assert [row[0].text for row in shown.rows] == ["年初预算", "id/x"]
    assert shown.rows[0][0].en == "Initial budget"


@pytest.mark.parametrize(
    ("link", "zh", "en"),
    [
        ("/source/ab#line=12", "第 12 行", "line 12"),
        ("/source/ab#page=3&xywh=1,2,3,4", "第 3 页", "page 3"),
    ],
)
def test_a_place_is_said_in_words(link: str, zh: str, en: str) -> None:
    cell = readable(Table(("place",), ((Cell("source/ab#…", link),),)), {}).rows[0][0]
    assert (cell.text, cell.en, cell.link) == (zh, en, link)


def test_a_blank_name_leaves_the_thing() -> None:
    table = Table(("project", "projectName"), ((Cell("id/project/1", "/id/project/1"), Cell("")),))
    assert readable(table, {}).rows[0][0].text == "id/project/1"


def test_messages_in_two_languages_are_one_column() -> None:
    table = Table(("messageZh", "messageEn"), ((Cell("不合"), Cell("differs")),))
    shown = readable(table, {})
    assert shown.columns == ("messageZh",)
    assert (shown.rows[0][0].text, shown.rows[0][0].en) == ("不合", "differs")


def test_the_names_of_an_answers_things_are_asked_for_once_each() -> None:
    store = ox.Store()
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    thing = ox.NamedNode(f"{BASE}id/phase/initial")
    for text, language in (("年初预算", "zh"), ("Initial budget", "en")):
        store.add(ox.Quad(thing, label, ox.Literal(text, language=language)))
    row = {"phase": {"type": "uri", "value": thing.value}, "other": {"type": "uri", "value": "urn:x"}}
    things = things_in(json.dumps({"results": {"bindings": [row, row]}}).encode(), BASE)
    assert things == (thing.value,)
    answer = store.query(names_query(things))
    assert isinstance(answer, ox.QuerySolutions)
    named = names_of(answer.serialize(format=ox.QueryResultsFormat.JSON) or b"")
    assert named == {thing.value: ("年初预算", "Initial budget")}


def test_the_page_of_a_stored_query_speaks_in_words_and_its_csv_in_variables(service: str) -> None:
    page = httpx.get(f"{service}queries/department-totals", headers={"Accept": "text/html"}).text
    assert '<span class="zh">金额（元）</span> <span class="en" lang="en">Amount (yuan)</span>' in page
    assert "departmentName</th>" not in page
    assert 'href="/id/fact/' in page
    csv = httpx.get(f"{service}queries/department-totals.csv").text
    assert csv.splitlines()[0].startswith("department,departmentName,year")
