"""One reader per kind of file; each turns a path into a `Document`.

The libraries for workbooks, Word and web pages are loaded when the first such file is read: starting the program does
not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mingzhang.errors import EmptyFile, NotFound, NotText, Unsupported
from mingzhang.ingest.document import Document
from mingzhang.ingest.readers.docx import read_docx
from mingzhang.ingest.readers.file_kind import FileKind, kind_of
from mingzhang.ingest.readers.html import read_html, read_mhtml
from mingzhang.ingest.readers.packages import damaged, locked
from mingzhang.ingest.readers.pdf import read_pdf
from mingzhang.ingest.readers.text import read_text
from mingzhang.ingest.readers.xlsx import read_xlsx

_BY_NAME: dict[str, Callable[[Path], Document]] = {
    ".pdf": read_pdf,
    ".txt": read_text,
    ".md": read_text,
    ".tsv": read_text,
    "": read_text,
}
# Departments publish web pages and new workbooks under the names of old ones: these are read by what they hold.
_BY_CONTENT = (
    ".xlsx",
    ".xlsm",
    ".xls",
    ".et",
    ".docx",
    ".docm",
    ".doc",
    ".wps",
    ".html",
    ".htm",
    ".xhtml",
    ".mht",
    ".mhtml",
)
_CONTENT_READERS: dict[FileKind, Callable[[Path, bytes], Document]] = {
    FileKind.XLSX: read_xlsx,
    FileKind.DOCX: read_docx,
    FileKind.HTML: read_html,
    FileKind.MHTML: read_mhtml,
    FileKind.PDF: lambda path, data: read_pdf(path),
}
# The header of a PDF stands in its first 1024 bytes (PDF Reference 1.7, Appendix H.3.4.1, note 13).
_HEAD_BYTES = 1024
# A disclosure with all its pictures is smaller; what is larger would cost more memory than it is worth.
_MOST_BYTES = 128 * 1024 * 1024
_IN_ITS_PROGRAM = "open it in Excel, Word, WPS or LibreOffice and save it as"
_ADVICE = {
    FileKind.OLD_XLS: f"{_IN_ITS_PROGRAM} .xlsx (or run: soffice --headless --convert-to xlsx FILE)",
    FileKind.OLD_DOC: f"{_IN_ITS_PROGRAM} .docx (or run: soffice --headless --convert-to docx FILE)",
    FileKind.OLD_OTHER: f"{_IN_ITS_PROGRAM} .xlsx, .docx or .pdf",
    FileKind.BINARY_XLSX: f"{_IN_ITS_PROGRAM} .xlsx",
    FileKind.OPEN_DOCUMENT: f"{_IN_ITS_PROGRAM} .xlsx or .docx",
    FileKind.XML_OFFICE: f"{_IN_ITS_PROGRAM} .xlsx or .docx",
    FileKind.RTF: f"{_IN_ITS_PROGRAM} .docx",
}


def has_cells(path: Path) -> bool:
    """Whether a file may be one of cells and paragraphs: a workbook, a Word file, a web page, whatever its name."""
    suffix = path.suffix.lower()
    return suffix in _BY_CONTENT or (suffix in _BY_NAME and _is_misnamed(path, suffix))


def read_document(path: Path) -> Document:
    """The document in a file. Raises an InputError that names the file, the reason and what to do."""
    if not path.is_file():
        reason = "is a folder" if path.is_dir() else "no such file"
        raise NotFound(str(path), reason, "check the name; give files, not folders")
    suffix = path.suffix.lower()
    if has_cells(path):
        return _read_content(path, suffix)
    reader = _BY_NAME.get(suffix)
    if reader is None:
        raise Unsupported(
            str(path),
            f"files of type {path.suffix} are not read",
            "give the disclosure as .pdf, .xlsx, .docx or .html, or its text as .txt",
        )
    return reader(path)


def _is_misnamed(path: Path, suffix: str) -> bool:
    """Whether a file named as a PDF or as text is plainly of another kind: a page that a server sent instead, say."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if suffix == ".pdf" and b"%PDF-" in head:
        return False
    return kind_of(head) is not FileKind.OTHER or head.startswith(b"PK\x03\x04")


def _read_content(path: Path, suffix: str) -> Document:
    """The document in a file of an office program or a web page, by what its bytes are."""
    if path.stat().st_size > _MOST_BYTES:
        raise Unsupported(
            str(path),
            f"it is larger than {_MOST_BYTES // 1024**2} MB",
            "take the pictures out of it, or split it",
        )
    data = path.read_bytes()
    if not data.strip():
        raise EmptyFile(str(path), "the file is empty", "download it again")
    kind = kind_of(data)
    if kind is FileKind.LOCKED:
        raise locked(path)
    reader = _CONTENT_READERS.get(kind)
    if reader is not None:
        return reader(path, data)
    if kind in _ADVICE:
        raise Unsupported(str(path), f"it is {kind.value}", _ADVICE[kind])
    if suffix in (".html", ".htm", ".xhtml"):
        return read_html(path, data)
    try:
        # Some programs write a table as text with tabs under the name of a workbook.
        return read_text(path)
    except NotText as error:
        raise damaged(path, f"no {suffix} file, whatever its name says") from error
