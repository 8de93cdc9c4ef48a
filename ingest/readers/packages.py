"""Office files as the zip packages they are: what is inside, how large, and why one cannot be read.

The limits bound what a small file that unpacks to a huge one (a zip bomb) can cost. A package must not hold a document
type declaration (ECMA-376 Part 2 §8.2.5), and entities could be declared nowhere else.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path

from mingzhang.errors import Unsupported

# Unpacked bytes of all parts that are read. The largest workbook of a department is far below; a sheet with a million
# formatted rows is above.
MOST_BYTES = 32 * 1024 * 1024
_READ_PARTS = re.compile(r"\.(?:xml|rels|bin|vml)$", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\s*!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HEAD_BYTES = 4096
# Libraries say in paragraphs what a line has room for.
_LONGEST_REASON = 120


def open_package(path: Path, data: bytes) -> zipfile.ZipFile:
    """The zip of an office file. Raises Unsupported where it is damaged, too large or not what it should be."""
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        parts = [part for part in package.infolist() if _READ_PARTS.search(part.filename)]
        if any(part.flag_bits & 1 for part in parts):
            raise locked(path)
        if sum(part.file_size for part in parts) > MOST_BYTES:
            raise Unsupported(
                str(path),
                f"it unpacks to more than {MOST_BYTES // 1024**2} MB",
                "delete empty formatted rows and unused sheets, or split it, and save it again",
            )
        for part in parts:
            with package.open(part) as handle:
                if _DECLARATION.search(handle.read(_HEAD_BYTES)):
                    raise Unsupported(
                        str(path),
                        f"its part {part.filename} declares a document type, which office files must not",
                        "open it in its program and save it again",
                    )
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        EOFError,
        OSError,
        zlib.error,
    ) as error:
        raise damaged(path, error) from error
    return package


def damaged(path: Path, error: object) -> Unsupported:
    """The refusal of a file that its library cannot make sense of."""
    said = " ".join(str(error).split())
    return Unsupported(
        str(path),
        f"it is damaged ({said if len(said) <= _LONGEST_REASON else said[:_LONGEST_REASON] + ' …'})",
        "download it again, or open it in its program and save it again",
    )


def locked(path: Path) -> Unsupported:
    """The refusal of a file that only a password opens."""
    return Unsupported(str(path), "it is protected by a password", "save a copy without a password")
