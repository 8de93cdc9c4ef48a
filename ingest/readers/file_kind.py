"""What a file is, by its bytes: departments publish web pages and new workbooks under the names of old ones."""

from __future__ import annotations

import re
import zipfile
from enum import Enum
from io import BytesIO

_HEAD_BYTES = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(
    r"<\s*(?:!doctype\s+html|html|head|body|table|div|meta|style|p|span|title)\b", re.IGNORECASE
)
_XML_SHEET = re.compile(
    r'progid\s*=\s*"(?:Excel|Word)\.|schemas-microsoft-com:office:(?:spreadsheet|word)|w:wordDocument'
)


class FileKind(Enum):
    """Kinds of files that a name may hide; the value is what to call it."""

    XLSX = "a workbook"
    DOCX = "a Word document"
    HTML = "a web page"
    MHTML = "a web page in one file (MHTML)"
    OLD_XLS = "an old workbook (.xls)"
    OLD_DOC = "an old Word document (.doc)"
    OLD_OTHER = "a file of an old office program"
    LOCKED = "an office file protected by a password"
    BINARY_XLSX = "a binary workbook (.xlsb)"
    OPEN_DOCUMENT = "an OpenDocument file (.ods, .odt)"
    XML_OFFICE = "an office file of 2003 (XML)"
    RTF = "a text in RTF"
    PDF = "a PDF"
    OTHER = "none of the kinds known"


def kind_of(data: bytes) -> FileKind:
    """The kind of file that the bytes are."""
    if data.startswith(b"PK\x03\x04"):
        return _packaged(data)
    if data.startswith(_OLE):
        return _old_office(data)
    if data.startswith(b"%PDF-"):
        return FileKind.PDF
    if data.startswith(b"{\\rtf"):
        return FileKind.RTF
    head = _text_of(data[:_HEAD_BYTES]).lstrip("\ufeff \t\r\n")
    if re.match(r"(?:mime-version|from|date|content-type|subject)\s*:", head, re.IGNORECASE) and re.search(
        r"multipart/related|text/html", head, re.IGNORECASE
    ):
        return FileKind.MHTML
    if head.startswith("<?xml") and _XML_SHEET.search(head) and not re.search("<html", head, re.IGNORECASE):
        return FileKind.XML_OFFICE
    return FileKind.HTML if head.startswith("<") and _MARKUP.search(head) else FileKind.OTHER


def _packaged(data: bytes) -> FileKind:
    try:
        names = zipfile.ZipFile(BytesIO(data)).namelist()
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError):
        return FileKind.OTHER
    lowered = [name.lower().lstrip("/") for name in names]
    for start, kind in (
        ("xl/workbook.bin", FileKind.BINARY_XLSX),
        ("xl/", FileKind.XLSX),
        ("word/", FileKind.DOCX),
        ("content.xml", FileKind.OPEN_DOCUMENT),
    ):
        if any(name.startswith(start) for name in lowered):
            return kind
    return FileKind.OTHER


def _old_office(data: bytes) -> FileKind:
    """The kind of an OLE compound file, by the names of the streams in it ([MS-CFB] §2.6.1: UTF-16)."""
    for name, kind in (
        ("EncryptedPackage", FileKind.LOCKED),
        ("Workbook", FileKind.OLD_XLS),
        ("Book", FileKind.OLD_XLS),
        ("WordDocument", FileKind.OLD_DOC),
    ):
        if name.encode("utf-16-le") in data:
            return kind
    return FileKind.OLD_OTHER


def _text_of(head: bytes) -> str:
    """The head of a file as text, enough of it to find markup."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="replace")
    return head.decode("utf-8-sig", errors="replace")
