"""The commands about releases that are there already: `releases`, `diff`, `rollback`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mingzhang.cli_options import data_option
from mingzhang.errors import ReleaseError
from mingzhang.publish import current_id, make_current, writing
from mingzhang.release import MANIFEST, Release, open_release, releases_in
from mingzhang.verify import verify_release

DIFFERENT = 3
"""Exit status of `diff --exit-code` where something changed: 1 and 2 already say that it could not be found out."""


@click.command(
    epilog="""\b
Examples:
  mingzhang releases --data data
"""
)
@data_option
def releases(data: Path) -> int:
    """List the releases in the data folder, the earliest first; the one that is served has a star."""
    current = current_id(data)
    for release in _all(data):
        manifest = release.manifest
        star = "*" if manifest.id == current else " "
        click.echo(
            f"{star} {manifest.id}  {len(manifest.disclosures)} disclosures  {manifest.triples} triples  "
            f"{manifest.software}"
        )
    return 0


@click.command(
    epilog="""\b
Examples:
  mingzhang rollback --data data
  mingzhang rollback 2026-11-22-0301deb63521 --data data
"""
)
@click.argument("release_id", required=False, metavar="[ID]")
@data_option
def rollback(release_id: str | None, data: Path) -> int:
    """Make an earlier release the current one: the one named, or the one before the current one.

    The release is checked first; `current` is then swapped in one step, and a running service follows within
    seconds, while queries run. Nothing is deleted: the same command with the id printed first goes forward again.
    The beginning of an id will do where it is that of one release. The id of the release now current is printed
    last.
    """
    with writing(data):
        before = current_id(data)
        found = _all(data)
        wanted = _named(release_id, found) if release_id else _before(before, found)
        verify_release(wanted)
        make_current(data, wanted.manifest.id)
    click.echo(f"was {before}", err=True)
    click.echo(wanted.manifest.id)
    return 0


@click.command(
    epilog="""\b
Examples:
  mingzhang diff --data data
  mingzhang diff 2026-11-20-0301deb63521 2026-11-22-0a43edaa1349 --data data --format csv
  mingzhang diff old/releases/2026-11-20-0301deb63521 data/current --format json
"""
)
@click.argument("before", required=False, metavar="[BEFORE]")
@click.argument("after", required=False, metavar="[AFTER]")
@data_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "csv", "atom"]),
    default="text",
    show_default=True,
    help="How the changes are written.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write; default: standard output.",
)
@click.option("--exit-code", is_flag=True, help=f"End with exit status {DIFFERENT} where something changed.")
def diff(
    before: str | None, after: str | None, data: Path, format_: str, output: Path | None, exit_code: bool
) -> int:
    """Say what changed from one release to another: disclosures added, replaced or withdrawn, amounts from what to
    what, findings that came or went, names.

    BEFORE and AFTER are ids of releases in --data (their beginning will do) or folders of releases. Left out, AFTER
    is the current release and BEFORE the one before it.
    """
    from mingzhang.site.changes import changes_between
    from mingzhang.site.changes_report import as_atom, as_csv, as_json, as_text

    found = _all(data)
    newer = _opened(after, found) if after else _named(current_id(data), found)
    older = _opened(before, found) if before else _before(newer.manifest.id, found)
    changes = changes_between(older, newer)
    if format_ == "atom":
        text = as_atom(changes, newer.manifest.base_uri)
    else:
        text = {"text": as_text, "json": as_json, "csv": as_csv}[format_](changes)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    return DIFFERENT if exit_code and changes.count else 0


def _all(data: Path) -> list[Release]:
    return releases_in(data / "releases")


def _opened(name: str, found: Sequence[Release]) -> Release:
    """The release in a folder, or with an id that begins so."""
    if (Path(name) / MANIFEST).is_file():
        return open_release(Path(name).resolve())
    return _named(name, found)


def _named(release_id: str, found: Sequence[Release]) -> Release:
    """The one release whose id begins so. Raises ReleaseError where there is none, or more than one."""
    matching = [release for release in found if release_id and release.manifest.id.startswith(release_id)]
    if len(matching) != 1:
        ids = ", ".join(release.manifest.id for release in matching or found) or "none"
        what = "several releases begin so" if matching else "no such release"
        raise ReleaseError(f"{release_id or 'current'!r}: {what}; there are: {ids}")
    return matching[0]


def _before(release_id: str, found: Sequence[Release]) -> Release:
    """The release before one. Raises ReleaseError where that is the first."""
    ids = [release.manifest.id for release in found]
    if release_id not in ids or ids.index(release_id) == 0:
        raise ReleaseError(
            f"there is no release before {release_id or 'the first'}; see `mingzhang releases`"
        )
    return found[ids.index(release_id) - 1]
