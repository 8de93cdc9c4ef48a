"""Projects of one name under several units are several projects."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

from mingzhang.ingest.document import Certainty, Indicator
from mingzhang.ingest.facts import DIMENSIONS, Fact
from mingzhang.ingest.iris import Identity, Names
from mingzhang.ingest.project_names import Project, read_projects
from mingzhang.ontology.lexicon import load_lexicon

LEXICON = load_lexicon()
UNITS = {"市数据中心": "市数据中心", "201001": "甲市某局"}


def fact(project: str, unit: str) -> Fact:
    told = {"project": project, "budgetUnit": unit}
    return Fact(tuple((name, told.get(name, "")) for name in DIMENSIONS), Decimal(1), (), Certainty.PRINTED)


def indicator(line: int, project: str, unit: str, amount: str) -> Indicator:
    return Indicator(line, 1, "project", project, amount, unit, "", "", "", "", "", "", "", "", "")


def test_one_name_under_two_units_is_two_projects_each_with_its_own_money() -> None:
    forms = [indicator(1, "培训费", "甲市某局", "2.40"), indicator(9, "培训费", "甲市数据中心", "0.80")]
    found = read_projects([], forms, UNITS, LEXICON)
    assert found.listed == (
        Project("培训费", Decimal(24000), "201001", "201001"),
        Project("培训费", Decimal(8000), "市数据中心", "市数据中心"),
    )
    assert found.of_indicator(forms[1]) == ("培训费", "市数据中心")


def test_a_unit_that_no_table_knows_tells_projects_apart_by_its_printed_name() -> None:
    forms = [indicator(1, "培训费", "甲市某局", "2.40"), indicator(9, "培训费", "甲市服务中心", "0.80")]
    found = read_projects([], forms, UNITS, LEXICON)
    assert [(p.whose, p.unit) for p in found.listed] == [("201001", "201001"), ("甲市服务中心", "")]


def test_a_name_that_one_unit_has_is_one_project_with_and_without_the_unit() -> None:
    forms = [indicator(1, "培训费", "甲市某局", "2.40"), indicator(2, "培训费", "", "2.40")]
    found = read_projects([fact("培训费", "all")], forms, UNITS, LEXICON)
    assert [(p.whose, p.amount_yuan) for p in found.listed] == [("", Decimal(24000))]
    assert found.of_fact(fact("培训费", "201001")) == ("培训费", "")


def test_what_stands_where_a_unit_would_and_names_no_body_tells_no_projects_apart() -> None:
    forms = [indicator(1, "培训费", "甲市某局", "2.40"), indicator(2, "培训费", "平台租赁费", "2.40")]
    found = read_projects([], forms, UNITS, LEXICON)
    assert [(p.whose, p.amount_yuan, p.unit) for p in found.listed] == [("", Decimal(24000), "")]


def test_two_amounts_of_one_project_leave_it_without_one() -> None:
    forms = [indicator(1, "培训费", "", "2.40"), indicator(2, "培训费", "", "0.80")]
    assert read_projects([], forms, UNITS, LEXICON).listed == (Project("培训费", None),)


def test_the_projects_do_not_depend_on_the_order_of_reading() -> None:
    facts = [
        fact("培训费", "201001"),
        fact("培训费", "市数据中心"),
        fact("会议费", "201001"),
        fact("会议费", "all"),
    ]
    ways = {read_projects(order, [], UNITS, LEXICON).listed for order in permutations(facts)}
    (only,) = ways
    assert [(p.name, p.whose) for p in only] == [
        ("会议费", ""),
        ("培训费", "201001"),
        ("培训费", "市数据中心"),
    ]


def test_projects_of_one_name_have_iris_of_their_own() -> None:
    names = Names("http://x/", Identity("甲市某局", "某局", "510000", "甲市", 2024, "budget"), "0" * 64)
    assert names.project("培训费", "201001") != names.project("培训费", "市数据中心")
    assert names.project("培训费", "201001") != names.project("培训费")
    assert names.project("all") == "http://x/id/project/all"
