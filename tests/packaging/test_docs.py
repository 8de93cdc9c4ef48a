"""What the documents say is what the program does."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mingzhang.cli import cli, option_names, run

CHECKOUT = Path(__file__).resolve().parents[2]
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
    shutil.copytree(CHECKOUT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
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
