"""What a result depends on, as short hashes: the program's own files, the libraries that shape output, the input.

A cached reading is good for as long as its fingerprint holds; a release's id ends in one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).parent
# A new version of one of these may write other bytes from the same input.
SHAPING_LIBRARIES = (
    "jinja2",
    "lxml",
    "openpyxl",
    "pyarrow",
    "pyoxigraph",
    "pypdfium2",
    "pypinyin",
    "pyshacl-turbo",
    "python-docx",
    "rdflib",
    "vl-convert-python",
    "zstandard",
)
READING_PARTS = ("ingest", "ontology", "errors.py")
_NOT_OURS = ("__pycache__", "editor")
PREPARING_PARTS = (*READING_PARTS, "shapes", "cache.py", "prepared.py", "work.py")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex. Raises OSError where it cannot be read."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def digest(parts: Iterable[str]) -> str:
    """SHA-256 in hex of a sequence of texts. Their limits count: ("ab", "c") and ("a", "bc") differ."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode()
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()


@cache
def code_version(parts: tuple[str, ...] = ()) -> str:
    """SHA-256 in hex over this program's files (Python, Turtle, templates …) and the libraries that shape output.

    `parts` names the rooms or files of the package that matter; empty for all of them.
    """
    texts = [f"{library} {version(library)}" for library in SHAPING_LIBRARIES]
    for path in _own_files(parts):
        texts += [path.relative_to(PACKAGE).as_posix(), sha256_of(path)]
    return digest(texts)


def _own_files(parts: tuple[str, ...]) -> list[Path]:
    """Files of the package, without those that are there or not by what the machine could fetch (`scripts/editor`)."""
    found = []
    # followlinks: in a checkout the rooms are links (docs/decisions/0001-rooms-are-linked.md).
    for folder, folders, names in os.walk(PACKAGE, followlinks=True):
        folders[:] = [name for name in folders if name not in _NOT_OURS and not name.startswith(".")]
        found += [Path(folder, name) for name in names if not name.startswith(".")]
    return sorted(path for path in found if not parts or path.relative_to(PACKAGE).parts[0] in parts)
