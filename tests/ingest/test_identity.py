"""Whose budget it is: found in the document, or said by the user, never guessed."""

from __future__ import annotations

import pytest

from mingzhang.errors import NotADisclosure
from mingzhang.ingest.document import Document, Source
from mingzhang.ingest.identity import Overrides, read_identity
from mingzhang.ontology.lexicon import load_lexicon

NOTHING_SAID = Overrides()


def document(*lines: str) -> Document:
    return Document(Source("some.txt", "0" * 64, 1), lines, (1,) * len(lines))


@pytest.mark.parametrize(
    ("lines", "name", "division", "year", "kind"),
    [
        (
            ("2023年苍溪县医疗保障局部门预算", "苍溪县医疗保障局2023年部门预算表"),
            "苍溪县医疗保障局",
            "510824",
            2023,
            "budget",
        ),
        (
            ("濮阳市华龙区财政局2021年部门预算", "2021年部门预算报表"),
            "濮阳市华龙区财政局",
            "410902",
            2021,
            "budget",
        ),
        (("杭州市司法局 2026 年部门预算", "部门预算公开"), "杭州市司法局", "330100", 2026, "budget"),
        (
            ("佛山市轨道交通局2019年度部门决算", "收入支出决算总表"),
            "佛山市轨道交通局",
            "440600",
            2019,
            "final",
        ),
        (
            ("青海省卫生健康委员会", "2021 年部门预算", "部门预算公开表"),
            "青海省卫生健康委员会",
            "630000",
            2021,
            "budget",
        ),
        (
            ("水利部", "2025年部门预算", "北京市水务局协助办理", "部门预算表"),
            "水利部",
            "000000",
            2025,
            "budget",
        ),
        (("2025年财政部部门预算", "部门预算表"), "财政部", "000000", 2025, "budget"),
        (
            ("根据财政部2025年部门预算的要求", "苍溪县医疗保障局2025年部门预算", "部门预算表"),
            "苍溪县医疗保障局",
            "510824",
            2025,
            "budget",
        ),
        (
            ("杭州市西湖区北山街道办事处2025年部门预算", "部门预算表"),
            "杭州市西湖区北山街道办事处",
            "330106",
            2025,
            "budget",
        ),
    ],
)
def test_department_division_year_and_kind_are_read(
    lines: tuple[str, ...], name: str, division: str, year: int, kind: str
) -> None:
    found = read_identity(document(*lines), NOTHING_SAID, load_lexicon())
    assert (found.department_name, found.division, found.year, found.kind) == (name, division, year, kind)


def test_what_the_user_says_counts_more_than_what_is_printed() -> None:
    said = Overrides(department="甲县乙局", division="510824", year=2020, kind="final")
    found = read_identity(document("2023年苍溪县医疗保障局部门预算", "部门预算"), said, load_lexicon())
    assert (found.department_name, found.year, found.kind) == ("甲县乙局", 2020, "final")


@pytest.mark.parametrize(
    "lines", [("关于下达补助资金的通知", "2023年12月"), ("部门预算公开", "部门预算表"), ("",)]
)
def test_a_text_that_names_no_budget_of_a_year_is_refused_with_advice(lines: tuple[str, ...]) -> None:
    with pytest.raises(NotADisclosure, match="--year"):
        read_identity(document(*lines), NOTHING_SAID, load_lexicon())


def test_the_same_department_has_the_same_slug_however_its_division_is_written() -> None:
    lexicon = load_lexicon()
    short = read_identity(document("苍溪县医疗保障局2023年部门预算", "部门预算"), NOTHING_SAID, lexicon)
    assert short.slug == "510824/yi-liao-bao-zhang-ju"
    assert short.period == "2023-budget"


@pytest.mark.parametrize(
    ("lines", "scope"),
    [
        (("苍溪县医疗保障局2023年单位预算", "单位预算公开", "所属部门预算"), "unit"),
        (("苍溪县医疗保障局2023年部门预算", "部门预算公开", "各单位预算"), "department"),
        (("苍溪县医疗保障局2023年部门综合预算", "部门综合预算公开", "各单位预算"), "department"),
        (("苍溪县人民医院2023年单位决算", "单位决算公开"), "unit"),
    ],
)
def test_a_single_units_budget_is_told_from_a_departments(lines: tuple[str, ...], scope: str) -> None:
    assert read_identity(document(*lines), NOTHING_SAID, load_lexicon()).scope == scope


@pytest.mark.parametrize(
    ("cover", "own_level", "slug"),
    [
        ("苍溪县医疗保障局2026年部门预算", False, "510824/yi-liao-bao-zhang-ju"),
        ("苍溪县医疗保障局2026年单位预算", True, "510824/yi-liao-bao-zhang-ju-ben-ji"),
        ("2026年度苍溪县医疗保障局单位预算公开", True, "510824/yi-liao-bao-zhang-ju-ben-ji"),
        # A unit that is no department has no 部门预算 that it could be taken for.
        ("苍溪县医疗保障事务中心2026年单位预算", False, "510824/yi-liao-bao-zhang-shi-wu-zhong-xin"),
    ],
)
def test_the_unit_budget_of_a_department_is_of_its_own_level(cover: str, own_level: bool, slug: str) -> None:
    found = read_identity(
        document(cover, cover, "单位预算公开", "部门预算说明"), NOTHING_SAID, load_lexicon()
    )
    assert (found.own_level, found.slug) == (own_level, slug)
    assert found.body_name.endswith("（本级）") is own_level


def test_words_further_on_do_not_make_a_department_its_own_level() -> None:
    lines = ("苍溪县医疗保障局2026年部门预算", *("本单位预算公开",) * 9)
    found = read_identity(document(*lines), NOTHING_SAID, load_lexicon())
    assert (found.scope, found.own_level) == ("department", False)


def test_a_central_body_is_known_by_its_cover_alone() -> None:
    found = read_identity(document("国家示例局2026年部门预算", "部门预算公开"), NOTHING_SAID, load_lexicon())
    assert (found.department_name, found.division) == ("国家示例局", "000000")


def test_a_year_that_others_are_compared_with_is_not_the_year_of_the_document() -> None:
    prose = "".join(
        f"({n})收入{n}.5万元，较2020年度决算数减少1.5万元，比2020年预算下降3%。" for n in range(1, 9)
    )
    lines = ("兰州市财政局2021年度部门决算", "兰州市财政局2021年度部门决算公开", prose)
    assert read_identity(document(*lines), NOTHING_SAID, load_lexicon()).year == 2021
