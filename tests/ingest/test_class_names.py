"""Codes of rows that print names only: by the order of the list, and only where one is left."""

from __future__ import annotations

import pytest

from mingzhang.ingest.class_names import codes_by_order, may_follow
from mingzhang.ingest.codebook import Codebook
from mingzhang.ontology.lexicon import load_lexicon


def codes(scheme: str, *labels: str | None) -> list[str]:
    return codes_by_order(labels, scheme, Codebook((), load_lexicon()))


def test_a_name_of_many_classes_is_the_one_below_the_row_above() -> None:
    assert codes(
        "functional", "公共安全支出", "司法", "行政运行", "社会保障和就业支出", "行政事业单位养老支出"
    ) == [
        "204",
        "20406",
        "2040601",
        "208",
        "20805",
    ]


def test_a_class_and_its_only_part_of_the_same_name_are_told_apart() -> None:
    found = codes("functional", "卫生健康支出", "老龄卫生健康事务", "老龄卫生健康事务", "住房保障支出")
    assert found == ["210", "21016", "2101601", "221"]


def test_a_name_without_anything_above_it_is_not_decided() -> None:
    assert codes("functional", "行政运行", "一般行政管理事务") == ["", ""]


def test_below_a_name_that_is_not_known_nothing_is_decided_by_order() -> None:
    assert codes("functional", "公共安全支出", "不知名的事务", "行政运行") == ["204", "", ""]


def test_a_repeated_total_does_not_end_the_list() -> None:
    assert codes("functional", "公共安全支出", "司法", None, "行政运行")[-1] == "2040601"


def test_where_codes_rise_a_former_name_is_not_taken() -> None:
    found = codes("dept-economic", "工资福利支出", "职工基本医疗保险缴费", "其他社会保障缴费", "住房公积金")
    assert found == ["301", "30110", "30112", "30113"]


@pytest.mark.parametrize(
    ("above", "below", "fits"),
    [
        ("204", "20406", True),
        ("204", "2040601", False),
        ("20406", "2040601", True),
        ("20406", "2040701", False),
        ("2040699", "20407", True),
        ("2040699", "20805", False),
        ("2040699", "208", True),
        ("20406", "20406", False),
    ],
)
def test_a_class_follows_its_parent_or_a_part_of_it(above: str, below: str, fits: bool) -> None:
    assert may_follow(above, below) is fits
