"""What a file is, by its bytes."""

from __future__ import annotations

import io
import zipfile

import pytest

from mingzhang.ingest.readers.file_kind import FileKind, kind_of


def package(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name in names:
            made.writestr(name, "")
    return data.getvalue()


def ole(*streams: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"".join(name.encode("utf-16-le") for name in streams)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (package("[Content_Types].xml", "xl/workbook.xml"), FileKind.XLSX),
        (package("word/document2.xml"), FileKind.DOCX),
        (package("xl/workbook.bin", "xl/styles.xml"), FileKind.BINARY_XLSX),
        (package("mimetype", "content.xml"), FileKind.OPEN_DOCUMENT),
        (package("a.txt"), FileKind.OTHER),
        (b"PK\x03\x04 torn", FileKind.OTHER),
        (ole("Root Entry", "Workbook"), FileKind.OLD_XLS),
        (ole("Root Entry", "WordDocument"), FileKind.OLD_DOC),
        (ole("EncryptionInfo", "EncryptedPackage"), FileKind.LOCKED),
        (ole("PowerPoint Document"), FileKind.OLD_OTHER),
        (b"%PDF-1.4", FileKind.PDF),
        (b"{\\rtf1\\ansi", FileKind.RTF),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE HTML><title>x", FileKind.HTML),
        (b"\xff\xfe" + "<table><tr>".encode("utf-16-le"), FileKind.HTML),
        (b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>', FileKind.HTML),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', FileKind.HTML),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>', FileKind.XML_OFFICE),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x", FileKind.MHTML),
        ("收入\t支出".encode("gb18030"), FileKind.OTHER),
    ],
)
def test_a_kind_is_known_by_its_bytes(data: bytes, kind: FileKind) -> None:
    assert kind_of(data) is kind
