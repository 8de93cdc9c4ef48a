"""Settings: the file, the environment, the option, in that order of weight."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mingzhang.cli import cli, option_names
from mingzhang.errors import SettingsError
from mingzhang.settings import read_settings

OPTIONS = {"build": frozenset({"data", "base-uri"}), "serve": frozenset({"data", "port"})}


def written(folder: Path, text: str) -> Path:
    path = folder / "mingzhang.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_setting_at_the_top_counts_for_every_command_that_has_the_option(tmp_path: Path) -> None:
    path = written(tmp_path, 'data = "d"\nbase-uri = "http://x/"\n[serve]\nport = 8080\n')
    assert read_settings(path, OPTIONS) == {
        "build": {"data": "d", "base_uri": "http://x/"},
        "serve": {"data": "d", "port": 8080},
    }


def test_a_section_wins_over_the_top(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, 'data = "a"\n[serve]\ndata = "b"\n'), OPTIONS)["serve"] == {
        "data": "b"
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('dta = "d"', "'dta'"),
        ("[serve]\nprot = 1", "'prot'"),
        ("[server]\nport = 1", "'server'"),
        ("[serve]\nbase-uri = 'http://x/'", "'base-uri'"),
        ("port = ", "toml.io"),
    ],
)
def test_what_no_option_is_called_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read_settings(written(tmp_path, text), OPTIONS)


def test_a_settings_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--config"):
        read_settings(tmp_path / "absent.toml", OPTIONS)


def test_every_command_takes_its_options_from_the_file() -> None:
    names = option_names()
    assert set(names) == set(cli.commands)
    assert {"data", "base-uri", "date", "jobs"} <= names["build"]
    assert {"host", "port", "data"} <= names["serve"]


def shown_port(arguments: list[str], env: dict[str, str]) -> int:
    """The port that `serve` would listen on."""
    seen: list[int] = []

    @click.command("serve")
    @click.option("--port", type=int, default=8000)
    def probe(port: int) -> None:
        seen.append(port)

    before = cli.commands["serve"]
    cli.commands["serve"] = probe
    try:
        result = CliRunner().invoke(cli, arguments, env=env, auto_envvar_prefix="MINGZHANG")
    finally:
        cli.commands["serve"] = before
    assert result.exit_code == 0, result.output
    return seen[0]


def test_an_option_wins_over_the_environment_which_wins_over_the_file(tmp_path: Path) -> None:
    assert shown_port(["serve"], {}) == 8000  # before there is a file in the working folder
    config = ["--config", str(written(tmp_path, "[serve]\nport = 1\n"))]
    assert shown_port([*config, "serve"], {}) == 1
    assert shown_port([*config, "serve"], {"MINGZHANG_SERVE_PORT": "2"}) == 2
    assert shown_port([*config, "serve", "--port", "3"], {"MINGZHANG_SERVE_PORT": "2"}) == 3
