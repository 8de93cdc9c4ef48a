"""The command `doctor`: what is installed, what is missing, and whether the data folder is sound."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import click

from mingzhang import __version__
from mingzhang.cli_options import data_option
from mingzhang.errors import MingzhangError

# Programs that something of ours uses when they are there, and what for.
OPTIONAL_PROGRAMS = {
    "chromium": "the browser tests",
    "rapper": "the tests that count triples with a second parser",
    "nginx": "the tests of plain files behind a web server",
}


@click.command(
    epilog="""\b
Examples:
  mingzhang doctor
  mingzhang doctor --data data
"""
)
@data_option
def doctor(data: Path) -> int:
    """Say what is installed, what is missing, and whether the current release is sound.

    The exit status is 1 where something needed is missing or the release is damaged.
    """
    click.echo(f"mingzhang {__version__}, Python {platform.python_version()} at {sys.executable}")
    missing = [line for line in _libraries() if line.endswith("missing")]
    click.echo("\n".join(_libraries()))
    for program, purpose in OPTIONAL_PROGRAMS.items():
        place = shutil.which(program)
        click.echo(f"  {program}: {place or f'not installed; only needed for {purpose}'}")
    sound = _release_is_sound(data)
    return 0 if sound and not missing else 1


def _libraries() -> list[str]:
    """One line for each library that the installed package asks for, with its version or “missing”."""
    lines = []
    for requirement in requires("mingzhang") or []:
        if "extra ==" in requirement:
            continue
        # PEP 508: the name ends where extras, a version or a marker begin.
        name = re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]
        try:
            lines.append(f"  {name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"  {name} missing")
    return lines


def _release_is_sound(data: Path) -> bool:
    from mingzhang.release import current_release
    from mingzhang.verify import verify_release

    if not (data / "current").exists():
        click.echo(f"  {data}: no release yet; `mingzhang build FILE… --data {data}` makes one")
        return True
    try:
        release = current_release(data)
        verify_release(release)
    except MingzhangError as error:
        click.echo(f"  {error}")
        return False
    manifest = release.manifest
    click.echo(
        f"  {data}: release {manifest.id}, {manifest.triples} triples, sound; base URI {manifest.base_uri}"
    )
    return True
