"""预算数 in final accounts is the budget that the document says it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingzhang.ingest.reading import Overrides, read_disclosure

TABLE = """苍溪县示例局2023年部门决算

苍溪县示例局2023年部门决算公开表

## 一般公共预算财政拨款“三公”经费支出决算表

金额单位：万元

单位名称|预算数||决算数|
|合计|公务接待费|合计|公务接待费
合计|3.00|3.00|2.00|2.00

""".replace("|", "\t")


def phases(folder: Path, note: str) -> list[str]:
    path = folder / "final.txt"
    path.write_text(f"{TABLE}{note}\n", encoding="utf-8")
    return [f.dimension("phase").rpartition("/")[2] for f in read_disclosure(path, Overrides()).figures]


@pytest.mark.parametrize(
    ("note", "phase"),
    [
        ("注：本表中，预算数为“三公”经费年初预算数，决算数是实际支出。", "initial"),
        ("注：本表中，预算数为“三公”经费全年预算数，反映按规定程序调整后的预算数。", "adjusted"),
        ("注：本表反映“三公”经费支出情况。", ""),
    ],
)
def test_the_budget_is_the_one_that_the_note_names_and_no_fact_without_it(
    note: str, phase: str, tmp_path: Path
) -> None:
    assert phases(tmp_path, note) == [phase, phase, "final", "final"]
