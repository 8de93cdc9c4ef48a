"""Writes docs/cli.md from the commands' own --help, so that the two cannot drift apart."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mingzhang.cli import cli

TARGET = Path(__file__).resolve().parents[1] / "docs/cli.md"
WIDTH = 100
HEAD = """# Command line 命令行

Written from `--help` by `scripts/docs`; a test fails where it is out of date. Every option is also an environment
variable and a line of the settings file: see [the guide](guide.md#settings).
"""


def reference() -> str:
    """The page as Markdown."""
    parts = [HEAD, section("mingzhang", cli, None)]
    root = click.Context(cli, info_name="mingzhang")
    parts += [section(f"mingzhang {name}", command, root) for name, command in sorted(cli.commands.items())]
    return "\n".join(parts)


def section(name: str, command: click.Command, parent: click.Context | None) -> str:
    """A heading and the help text of one command."""
    context = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent)
    # Two settings, since click takes the smaller of the terminal's width and the largest one allowed.
    context.terminal_width = context.max_content_width = WIDTH
    lines = (line.rstrip() for line in command.get_help(context).splitlines())
    return f"## {name}\n\n```text\n" + "\n".join(lines) + "\n```\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(TARGET.read_text(encoding="utf-8") != reference())
    TARGET.write_text(reference(), encoding="utf-8")
