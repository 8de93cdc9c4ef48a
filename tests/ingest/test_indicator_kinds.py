"""Printed levels and operators lead to their entries in the code lists, and what is not known to none."""

from __future__ import annotations

import pytest

from mingzhang.ingest.indicator_words import indicator_words


@pytest.mark.parametrize(
    ("level1", "level2", "kind"),
    [
        ("产出指标", "数量指标", "id/indicator-word/level2/quantity"),
        ("满意度 指标", "服务对象满意度指标", "id/indicator-word/level2/satisfaction"),
        ("产出指标", "", "id/indicator-word/level1/output"),
        ("成本指标", "别的指标", "id/indicator-word/level1/cost"),
        ("", "", ""),
        ("别的", "别的指标", ""),
    ],
)
def test_an_indicator_is_of_the_kind_its_finest_known_level_names(
    level1: str, level2: str, kind: str
) -> None:
    assert indicator_words().kind(level1, level2) == kind


def test_every_operator_has_its_entry() -> None:
    assert set(indicator_words().operators) == {"=", ">=", "<=", ">", "<", "定性"}
    assert indicator_words().operators[">="] == "id/indicator-word/sign/at-least"
