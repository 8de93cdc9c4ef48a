"""What the documents say is what the program does."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mingzhang.cli import cli, option_names, run

CHECKOUT = Path(__file__).resolve().parents[2]
SMALL = """{name} {year} 年部门预算

{name} {year} 年部门预算公开表

部门收支总表

单位：万元

收 入\t\t支 出\t
项 目\t预算数\t项 目\t预算数
一、一般公共预算拨款收入\t100.00\t一、卫生健康支出\t60.00
二、上年结转\t20.00\t二、住房保障支出\t60.00
收入总计\t120.00\t支出总计\t120.00
"""
PAGES = ("README.md", "docs/guide.md")


def console_commands(page: str) -> list[str]:
    """The `mingzhang` command lines of a page's console blocks."""
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [
        line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")
    ]
    return [line for line in lines if line.startswith("mingzhang ")]


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_in_its_order(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # Small files under the examples' names: what is tested is that the commands are right, not what they read.
    (tmp_path / "examples").mkdir()
    for name, department in (("cangxi-2023", "苍溪县医疗保障局"), ("nanyang-2021", "南阳市医疗保障局")):
        text = SMALL.format(name=department, year=name[-4:])
        (tmp_path / f"examples/{name}.txt").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINGZHANG_JOBS", "1")
    commands = console_commands(page)
    assert len(commands) >= 5
    for command in commands:
        assert run(shlex.split(command)[1:]) == 0, f"{command}\n{capfd.readouterr().err}"


def test_the_reference_of_the_command_line_is_up_to_date() -> None:
    script = CHECKOUT / "scripts/cli_reference.py"
    done = subprocess.run([sys.executable, str(script), "--check"])
    assert done.returncode == 0, "run scripts/docs"


def test_every_command_is_named_in_the_readme() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert [name for name in cli.commands if f"`{name}`" not in readme] == []


def test_the_settings_in_the_guide_are_settings() -> None:
    guide = (CHECKOUT / "docs/guide.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    known = option_names()
    for name, value in tomllib.loads(block).items():
        if isinstance(value, dict):
            assert set(value) <= known[name]
        else:
            assert any(name in options for options in known.values())


def test_links_between_documents_lead_somewhere() -> None:
    pages = [CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted(
        (CHECKOUT / "docs").rglob("*.md")
    )
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []
