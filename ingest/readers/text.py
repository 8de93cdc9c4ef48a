"""Plain text: bytes → lines, exactly as printed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mingzhang.errors import EmptyFile, NotText
from mingzhang.ingest.document import Document, Source

# GB18030 is the encoding mainland Chinese files fall back to (GB 18030-2022); it takes nearly any bytes,
# so it comes last and its result is looked at.
_ENCODINGS = ("utf-8-sig", "gb18030")
_CONTROL_SHARE = 0.01


def read_text(path: Path) -> Document:
    """The lines of a text file. Raises EmptyFile or NotText."""
    data = path.read_bytes()
    if not data.strip():
        raise EmptyFile(str(path), "the file is empty", "give the disclosure's text")
    text = decode(data)
    if text is None:
        raise NotText(
            str(path), "this is binary data, or text in an unknown encoding", "save it as UTF-8 text"
        )
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    source = Source(path.name, hashlib.sha256(data).hexdigest(), len(data))
    return Document(source, tuple(lines), page_numbers(lines))


def decode(data: bytes) -> str | None:
    """The text in the bytes; None where they are no text in UTF-8 or GB18030."""
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _looks_like_text(text):
            return text
    return None


def _looks_like_text(text: str) -> bool:
    """Whether control and unassigned characters are as rare as they are in text."""
    odd = sum(
        1
        for char in text
        if (char < " " and char not in "\t\n\r\f") or char in "\x7f\ufffd" or "\ue000" <= char <= "\uf8ff"
    )
    return odd <= len(text) * _CONTROL_SHARE


def page_numbers(lines: list[str]) -> tuple[int, ...]:
    """The page of each line: a form feed in a line puts it on the next page."""
    page, pages = 1, []
    for line in lines:
        page += line.count("\f")
        pages.append(page)
    return tuple(pages)
