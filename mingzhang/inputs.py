"""Which files a command line means: folders and patterns become the files in them, in one fixed order."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path

# What a folder is searched for. A file named outright is tried whatever it is called.
# Old workbooks and Word files are among them: some hold what can be read, and of the others it must be said.
READABLE_SUFFIXES = (
    *(".pdf", ".txt"),
    *(".xlsx", ".xlsm", ".xls", ".et", ".docx", ".docm", ".doc", ".wps"),
    *(".html", ".htm", ".xhtml", ".mht", ".mhtml"),
)
# What an office program leaves beside a file while it is open.
_OPEN_MARK = "~$"


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
    """The readable files in a folder and below; a folder that may not be opened stays, to be reported by name."""
    found: list[Path] = []

    def closed(error: OSError) -> None:
        found.append(Path(error.filename))

    for place, folders, names in os.walk(folder, onerror=closed):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if _is_readable(name)]
    return sorted(found)


def _is_readable(name: str) -> bool:
    hidden = name.startswith((".", _OPEN_MARK))
    return not hidden and Path(name).suffix.lower() in READABLE_SUFFIXES
