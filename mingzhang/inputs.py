"""Which files a command line means: folders and patterns become the files in them, in one fixed order."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

# What a folder is searched for. A file named outright is tried whatever it is called.
READABLE_SUFFIXES = (".pdf", ".txt")


def named_files(names: Iterable[str]) -> tuple[Path, ...]:
    """The files that names, folders and patterns stand for, each once, in the order given.

    A folder stands for the readable files in it and below, sorted; hidden ones are left out. A pattern that
    the shell did not expand (`"pile/*.txt"` in quotes) is expanded here. A name that matches nothing stays
    as it is, so that reading can report it by name.
    """
    found: dict[Path, Path] = {}
    for name in names:
        for path in _files_behind(name):
            found.setdefault(path.resolve(), path)
    return tuple(found.values())


def _files_behind(name: str) -> list[Path]:
    path = Path(name)
    if path.is_dir():
        inside = _files_in(path)
        return inside or [path]
    if not path.exists() and glob.has_magic(name):
        matches = [Path(match) for match in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207
        return [file for match in matches for file in (_files_in(match) if match.is_dir() else [match])] or [
            path
        ]
    return [path]


def _files_in(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix.lower() in READABLE_SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
