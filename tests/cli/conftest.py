"""The example disclosures, and one release built from them for all tests that only look at it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mingzhang.cli import run

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLES = CHECKOUT / "examples"
DATE = "2026-01-31"


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Starting workers takes longer than reading a small file; one fixture below uses two.

    What is kept between runs is kept below the working folder, which is the test's own.
    """
    monkeypatch.setenv("MINGZHANG_JOBS", "1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a release of the examples. Not to be changed."""
    data = tmp_path_factory.mktemp("built") / "data"
    assert run(["build", str(EXAMPLES), "--data", str(data), "--date", DATE]) == 0
    return data


# The least that is a disclosure. Tests of how building goes use it: the examples take several times as long.
SMALL = """{name} {year} 年部门预算

{name} {year} 年部门预算公开表

部门收支总表

部门：{name}

单位：万元

收 入\t\t支 出\t
项 目\t预算数\t项 目\t预算数
一、一般公共预算拨款收入\t100.00\t一、卫生健康支出\t{health}
二、上年结转\t20.00\t二、住房保障支出\t60.00
收入总计\t120.00\t支出总计\t{total}
"""


def small_disclosure(
    path: Path, year: int = 2023, name: str = "苍溪县医疗保障局", health: str = "60.00", total: str = "120.00"
) -> Path:
    """Writes a disclosure of one table with six figures."""
    path.write_text(SMALL.format(name=name, year=year, health=health, total=total), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `examples/`, small files under the names of the real ones, and in `data` a release of them.

    Not to be changed.
    """
    folder = tmp_path_factory.mktemp("small")
    (folder / "examples").mkdir()
    small_disclosure(folder / "examples/cangxi-2023.txt", 2023)
    small_disclosure(folder / "examples/nanyang-2021.txt", 2021, "南阳市医疗保障局")
    arguments = [
        "build",
        str(folder / "examples"),
        "--data",
        str(folder / "data"),
        "--date",
        DATE,
        "--jobs",
        "2",
    ]
    assert run(arguments) == 0
    return folder


@pytest.fixture
def small(small_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that may be changed, as the working folder."""
    folder = Path(shutil.copytree(small_built, tmp_path / "small", symlinks=True))
    monkeypatch.chdir(folder)
    return folder
