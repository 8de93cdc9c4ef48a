"""One reader per kind of file; each turns a path into a `Document`."""

from __future__ import annotations

from pathlib import Path

from mingzhang.errors import NotFound, Unsupported
from mingzhang.ingest.document import Document
from mingzhang.ingest.readers.pdf import read_pdf
from mingzhang.ingest.readers.text import read_text

_READERS = {".pdf": read_pdf, ".txt": read_text, ".md": read_text, ".tsv": read_text, "": read_text}


def read_document(path: Path) -> Document:
    """The document in a file. Raises an InputError that names the file, the reason and what to do."""
    if not path.is_file():
        reason = "is a folder" if path.is_dir() else "no such file"
        raise NotFound(str(path), reason, "check the name; give files, not folders")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise Unsupported(
            str(path),
            f"files of type {path.suffix} are not read yet",
            "give the disclosure as .pdf, or its text as .txt",
        )
    return reader(path)
