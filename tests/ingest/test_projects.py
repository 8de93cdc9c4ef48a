"""Which rows of a list of projects are projects."""

from __future__ import annotations

from decimal import Decimal

from mingzhang.ingest.document import Amount
from mingzhang.ingest.projects import ProjectLine, doubts


def line(kind: str, label: str, value: str, unit: str = "甲局", body: bool = False) -> ProjectLine:
    return ProjectLine(kind, unit, label, Amount(value, Decimal(value), 2, 1, 1), body)


def test_a_flat_list_that_adds_up_has_no_doubts() -> None:
    assert doubts(
        [line("total", "合计", "30.00"), line("item", "甲", "10.00"), line("item", "乙", "20.00")]
    ) == [
        "",
        "",
        "",
    ]


def test_a_kind_of_projects_above_its_projects_is_no_project() -> None:
    found = doubts(
        [
            line("total", "合计", "30.00"),
            line("item", "专用项目", "30.00"),
            line("item", "其他专项", "30.00"),
            line("item", "甲", "10.00"),
            line("item", "乙", "20.00"),
        ]
    )
    assert [bool(reason) for reason in found] == [False, True, True, False, False]


def test_two_projects_of_equal_amounts_are_no_heading_where_the_list_adds_up() -> None:
    found = doubts([line("total", "合计", "20.00"), line("item", "甲", "10.00"), line("item", "乙", "10.00")])
    assert found == ["", "", ""]


def test_a_name_like_a_units_is_a_project_only_where_the_list_adds_up_with_it() -> None:
    sound = [
        line("unit", "甲局", "30.00"),
        line("item", "体验中心", "10.00", body=True),
        line("item", "乙", "20.00"),
    ]
    assert doubts(sound) == ["", "", ""]
    broken = [line("unit", "甲局", "31.00"), *sound[1:]]
    assert [bool(reason) for reason in doubts(broken)] == [False, True, True]


def test_a_project_on_several_rows_of_one_unit_is_in_doubt_and_of_two_units_is_not() -> None:
    twice = [line("total", "合计", "3.00"), line("item", "定额", "1.00"), line("item", "定额", "2.00")]
    assert [bool(reason) for reason in doubts(twice)] == [False, True, True]
    apart = [*twice[:2], line("item", "定额", "2.00", unit="乙局")]
    assert doubts(apart) == ["", "", ""]


def test_a_description_is_no_name() -> None:
    found = doubts([line("total", "合计", "1.00"), line("item", "用于开展培训。", "1.00")])
    assert "description" in found[1]
