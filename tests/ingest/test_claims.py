"""What the text of final accounts speaks of: what was spent, unless it says 预算."""

from __future__ import annotations

from pathlib import Path

import pytest

from .standard_forms import read_text

HEAD = "苍溪县示例局2023年度部门决算\n苍溪县示例局2023年度部门决算\n"
TABLE = "一般公共预算财政拨款“三公”经费支出决算表\n单位：万元\n项目|年初预算数|决算数\n公务接待费|2.00|1.90\n"


@pytest.mark.parametrize(
    ("text", "phases"),
    [
        ("公务接待费1.90万元。", ["final"]),
        ("公务接待费支出预算为2.00万元，支出决算为1.90万元。", ["", "final"]),
        ("公务接待费年初预算2.00万元。", [""]),
    ],
)
def test_text_of_accounts_is_held_against_what_was_spent(
    text: str, phases: list[str], tmp_path: Path
) -> None:
    heading = "七、一般公共预算财政拨款“三公”经费支出决算情况说明"
    reading = read_text(f"{HEAD}{TABLE}{heading}\n{text}\n", tmp_path)
    facts = [reading.prose.facts.get((claim.line, claim.start)) for claim in reading.prose.claims]
    assert [fact.dimension("phase").rsplit("/", 1)[-1] if fact else "" for fact in facts] == phases
