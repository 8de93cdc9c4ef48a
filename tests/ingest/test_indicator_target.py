"""One printed target → operator, value, unit."""

from __future__ import annotations

import pytest

from mingzhang.ingest.indicator_target import read_target, split_overprinted
from mingzhang.ingest.indicator_words import indicator_words


@pytest.mark.parametrize(
    ("text", "operator", "value", "unit"),
    [
        ("≥90%", ">=", "90", "%"),
        ("≧ 80％", ">=", "80", "%"),
        (">=90%%", ">=", "90", "%"),
        ("≤20%", "<=", "20", "%"),
        ("<5%", "<", "5", "%"),
        (">90", ">", "90", ""),
        ("＝100%", "=", "100", "%"),
        ("=53 人数", "=", "53", "人数"),
        ("58元/人", "", "58", "元/人"),
        ("10,000册", "", "10,000", "册"),
        ("不低于836万人", ">=", "836", "万人"),
        ("大于等于80%", ">=", "80", "%"),
        ("救助比例不低于70%", ">=", "救助比例不低于70%", ""),
        ("100%", "", "100", "%"),
        ("1年", "", "1", "年"),
        ("=2021年12月31日前", "=", "2021年12月31日前", ""),
        ("2021年12月31日前完成", "", "2021年12月31日前完成", ""),
        ("全市一体化率100%", "", "全市一体化率100%", ""),
        ("全覆盖", "定性", "全覆盖", ""),
        ("显著提升 提升", "定性", "显著提升 提升", ""),
        ("逐步扩大范围，6个病种纳入；有序推进", "定性", "逐步扩大范围，6个病种纳入；有序推进", ""),
        ("定性", "定性", "", ""),
    ],
)
def test_a_target_is_taken_apart(text: str, operator: str, value: str, unit: str) -> None:
    target = read_target(text, indicator_words())
    assert (target.operator, target.value, target.measure_unit) == (operator, value, unit)
    assert target.printed == text


def test_cells_for_sign_and_unit_come_before_what_the_target_itself_says() -> None:
    target = read_target("优", indicator_words(), sign="定性")
    assert (target.operator, target.value) == ("定性", "优")
    target = read_target("5", indicator_words(), sign="≥", unit="万册")
    assert (target.operator, target.value, target.measure_unit) == (">=", "5", "万册")


def test_a_lost_sign_is_read_only_where_the_direction_bears_it_out() -> None:
    words = indicator_words()
    borne_out = read_target("5", words, sign="≠", unit="次", direction="反向指标")
    assert (borne_out.operator, borne_out.likely_operator, borne_out.printed) == ("<=", "<=", "≠ 5 次")
    for direction in ("", "正向指标"):
        open_ = read_target("5", words, sign="≠", unit="次", direction=direction)
        assert (open_.operator, open_.likely_operator) == ("", "<=")


@pytest.mark.parametrize(
    ("label", "text", "operator", "unit"),
    [
        ("宣传次数 (≥**次)", "20", ">=", "次"),
        ("办公耗材（≤**万元）", "4", "<=", "万元"),
        ("参加人员数 (≥**%)", "50", ">=", ""),
        ("参加率 (≥**%)", "100%", ">=", "%"),
        ("受益情况 (≥**%)", "工作积极", "定性", ""),
        ("食宿费用 (**万元/场) *", "0.2", "", "万元/场"),
        ("车辆数 (辆)", "1", "", "辆"),
        ("运行时间 (年月)", "1年", "", "年"),
    ],
)
def test_a_template_in_the_label_lends_its_sign_and_unit_to_a_number(
    label: str, text: str, operator: str, unit: str
) -> None:
    target = read_target(text, indicator_words(), label=label)
    assert (target.operator, target.measure_unit) == (operator, unit)


def test_a_target_printed_over_the_open_bracket_of_its_label_is_cut_off() -> None:
    assert split_overprinted("按期完成率 (≥100%") == ("按期完成率 (≥", "100%")
    assert split_overprinted("按期完成率 (≥90%)") is None
    assert split_overprinted("2021年完成率") is None
