"""`mingzhang check` of several files: what one year prints of the year before is held against that year's own file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from mingzhang.cli import run

NAME = "苍溪县医疗保障局"
DOCUMENT = """{name} {year} 年部门预算

{name} {year} 年部门预算公开表

部门收支总表

部门：{name}

单位：万元

收 入\t\t支 出\t
项 目\t预算数\t项 目\t预算数
一、一般公共预算拨款收入\t100.00\t一、卫生健康支出\t60.00
二、上年结转\t20.00\t二、住房保障支出\t60.00
收入总计\t120.00\t支出总计\t120.00

一般公共预算“三公”经费支出表

部门：{name}

单位：万元

项 目\t{before}年预算数\t{year}年预算数
合计\t{totals[0]}\t{totals[1]}
1、因公出国（境）费用\t0.00\t0.00
2、公务接待费\t{guests[0]}\t{guests[1]}
3、公务用车购置及运行费\t3.00\t3.00
"""


def written(path: Path, year: int, totals: tuple[str, str], guests: tuple[str, str]) -> str:
    path.parent.mkdir(exist_ok=True)
    text = DOCUMENT.format(name=NAME, year=year, before=year - 1, totals=totals, guests=guests)
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def two_years(tmp_path: Path) -> list[str]:
    """2022 prints 6.00; 2023 prints 4.50 for 2022."""
    return [
        written(tmp_path / "old/budget.txt", 2022, ("5.00", "6.00"), ("2.00", "3.00")),
        written(tmp_path / "new/budget.txt", 2023, ("4.50", "5.40"), ("1.50", "2.40")),
    ]


def checked(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["check", *arguments]) == 0
    return capsys.readouterr().out


def test_what_does_not_hold_between_two_years_is_reported_with_the_lines_of_both_files(
    two_years: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = checked(two_years, capsys)

    assert "between these disclosures: 2 findings (2 contradictions, 0 notes)" in shown
    assert "year-on-year, difference -1.5" in shown
    assert f"{two_years[0]}:24: 合计 5.00 6.00" in shown
    assert f"{two_years[1]}:24: 合计 4.50 5.40" in shown


def test_a_year_alone_has_nothing_to_be_held_against(
    two_years: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "between these disclosures" not in checked(two_years[1:], capsys)


def test_years_that_agree_give_no_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [
        written(tmp_path / "2022.txt", 2022, ("5.00", "6.00"), ("2.00", "3.00")),
        written(tmp_path / "2023.txt", 2023, ("6.00", "5.40"), ("3.00", "2.40")),
    ]

    assert "between these disclosures: 0 findings" in checked(files, capsys)


def test_findings_between_files_are_rows_and_triples_too(
    two_years: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(csv.DictReader(io.StringIO(checked([*two_years, "--format", "csv"], capsys))))
    turtle = checked([*two_years, "--format", "turtle"], capsys)

    assert [(row["rule"], row["line"], row["difference"]) for row in rows] == [
        ("year-on-year", "24", "-1.5"),
        ("year-on-year", "26", "-1.5"),
    ]
    assert turtle.count('mz:rule "year-on-year"') == len(rows)
