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


@pytest.mark.parametrize(
    ("name", "division"),
    [
        ("共青团河北省委员会", "130000"),
        ("中国共产党保山市委员会组织部", "530500"),
        ("政协安乡县委员会", "430721"),
        ("九三学社陕西省委员会", "610000"),
        ("国家税务总局福建省税务局", "000000"),
        ("湖南大学", "000000"),
        ("凉山州生态环境局", "513400"),
        ("广西医科大学", "450000"),
        ("济南高新技术产业开发区管理委员会", "370100"),
        ("环江毛南族自治县水源镇中心小学", "451226"),
        ("中山市小榄镇", "442000"),
        ("梁平县教育委员会", "500155"),
    ],
)
@pytest.mark.parametrize(
    "lines",
    [
        ("{}2024年部门预算", "目录", "第一部分部门概况", "部门预算公开表"),
        ("2024年度", "{}", "部门预算", "目录", "部门预算公开说明"),
        (
            "2024年收支预算总表",
            "单位名称：{}    单位：万元",
            "2024年收入预算总表",
            "单位名称：{}    单位：万元",
        ),
    ],
)
def test_a_body_keeps_all_of_its_name(lines: tuple[str, ...], name: str, division: str) -> None:
    found = read_identity(document(*(line.format(name) for line in lines)), NOTHING_SAID, load_lexicon())
    assert (found.department_name, found.division) == (name, division)


def test_the_last_of_two_names_on_a_cover_is_the_titles() -> None:
    lines = ("徐州市铜山区财政局批复", "徐州市铜山区审计局2024年部门预算", "部门预算表")
    assert (
        read_identity(document(*lines), NOTHING_SAID, load_lexicon()).department_name == "徐州市铜山区审计局"
    )


def test_an_office_elsewhere_belongs_to_the_place_that_its_name_begins_with() -> None:
    lines = ("江苏省人民政府驻上海市办事处2024年部门预算", "部门预算表")
    found = read_identity(document(*lines), NOTHING_SAID, load_lexicon())
    assert (found.department_name, found.division) == ("江苏省人民政府驻上海市办事处", "320000")


def test_a_township_is_of_the_county_that_the_text_names_it_with() -> None:
    lines = (
        "北留镇人民政府2024年部门预算",
        "部门预算表",
        "阳城县财政局",
        "阳城县财政局",
        "阳城县北留镇人民政府位于",
    )
    found = read_identity(document(*lines), NOTHING_SAID, load_lexicon())
    assert (found.department_name, found.division) == ("阳城县北留镇人民政府", "140522")


def test_a_township_is_not_taken_for_a_body_that_its_text_names_more_often() -> None:
    lines = ("北留镇人民政府2024年部门预算", "部门预算表", "阳城县财政局", "阳城县财政局", "阳城县财政局")
    with pytest.raises(NotADisclosure, match="北留镇人民政府, but does not say of which division"):
        read_identity(document(*lines), NOTHING_SAID, load_lexicon())


def test_a_body_is_the_longer_name_where_that_is_what_is_said() -> None:
    said = "福州市公安局治安管理支队负责全市工作。"
    found = read_identity(
        document(said, "在福州市公安局的领导下，", said, said, "2026年单位预算", "单位预算表"),
        NOTHING_SAID,
        load_lexicon(),
    )
    assert found.department_name == "福州市公安局治安管理支队"


def test_a_name_that_several_divisions_have_is_theirs_that_the_text_speaks_of() -> None:
    lines = ("鼓楼区民政局2024年部门预算", "部门预算表", "徐州市的补助", "徐州市财政局批复")
    assert read_identity(document(*lines), NOTHING_SAID, load_lexicon()).division == "320302"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("鼓楼区民政局", "南京市与徐州市"),
        ("淮北师范大学", "安徽省教育厅与淮北市教育局"),
    ],
)
def test_a_body_that_may_be_of_several_divisions_is_asked_about(name: str, said: str) -> None:
    lines = (f"{name}2024年部门预算", "部门预算表", said, said, said)
    with pytest.raises(NotADisclosure, match=f"{name}, but does not say of which division"):
        read_identity(document(*lines), NOTHING_SAID, load_lexicon())


def test_a_province_is_known_by_its_offices_that_a_school_names() -> None:
    lines = ("淮北师范大学2024年部门预算", "部门预算表", "安徽省教育厅批准", "安徽省财政厅拨款")
    assert read_identity(document(*lines), NOTHING_SAID, load_lexicon()).division == "340000"


def test_a_division_has_one_name_in_addresses_however_long_it_is_written() -> None:
    long, short = (
        read_identity(
            document(f"{name}教育局2024年部门预算", "部门预算表"), NOTHING_SAID, load_lexicon()
        ).slug
        for name in ("金平苗族瑶族傣族自治县", "金平县")
    )
    assert long == short == "532530/jiao-yu-ju"


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


@pytest.mark.parametrize(
    "cover",
    [
        "关于苍溪县2024年预算执行情况和2025年预算草案的报告",
        "2025年苍溪县政府预算公开",
        "苍溪县医疗保障局2024年度整体支出绩效自评报告",
    ],
)
def test_a_governments_budget_or_a_report_is_no_departments_disclosure(cover: str) -> None:
    lines = (cover, "一、总体情况" * 40, "苍溪县医疗保障局2025年部门预算", "部门预算公开")
    with pytest.raises(NotADisclosure, match="not one department's budget"):
        read_identity(document(*lines), NOTHING_SAID, load_lexicon())
    assert read_identity(document(*lines), Overrides(kind="budget"), load_lexicon()).year == 2025


def test_tables_alone_say_that_they_are_a_budget() -> None:
    lines = (
        "2025年收支总表",
        "部门：苍溪县医疗保障局  单位：万元",
        "收入总表",
        "部门：苍溪县医疗保障局  单位：万元",
    )
    found = read_identity(document(*lines), NOTHING_SAID, load_lexicon())
    assert (found.department_name, found.year, found.kind) == ("苍溪县医疗保障局", 2025, "budget")


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
