"""PDF: pages → lines, ruled tables, and the place of every number. Text only: nothing is recognised from pictures."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pypdfium2

from mingzhang.errors import EmptyFile, Unsupported
from mingzhang.ingest.document import Box, Document, Region, Source
from mingzhang.ingest.pdf_pages import PageLines, PageReader
from mingzhang.ingest.places import PDF

# Fewer characters than this on every page: what is seen there is a picture.
_SCARCELY_TEXT = 20
# A document of which more than this share of characters cannot be named is not to be read.
_ODD_SHARE = 0.1


def read_pdf(path: Path) -> Document:
    """The lines of a PDF. Raises EmptyFile, or Unsupported for a scan, a locked or a damaged file."""
    data = path.read_bytes()
    if not data.strip():
        raise EmptyFile(str(path), "the file is empty", "download it again")
    pages = _pages(path, data)
    characters = sum(len(line.replace("\t", "")) for page in pages for line in page.lines)
    if all(sum(len(line) for line in page.lines) < _SCARCELY_TEXT for page in pages):
        beneath = any(page.hides_text for page in pages)
        raise Unsupported(
            str(path),
            f"all of its {len(pages)} pages are scanned: pictures "
            + ("with text beneath that a machine recognised, unchecked" if beneath else "without text"),
            "run text recognition (OCR) over it, or ask the department for the file it was printed from",
        )
    if sum(page.odd_characters for page in pages) > _ODD_SHARE * characters:
        raise Unsupported(
            str(path),
            "its fonts do not say which characters they draw",
            "run text recognition (OCR) over it, or ask the department for the file it was printed from",
        )
    source = Source(path.name, hashlib.sha256(data).hexdigest(), len(data), PDF)
    return _document(source, pages)


def _pages(path: Path, data: bytes) -> list[PageLines]:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise Unsupported(
            str(path),
            "it is protected by a password" if locked else f"it is damaged or no PDF ({error})",
            "save a copy without a password" if locked else "download it again",
        ) from error
    pages = PageReader()
    seen = 0
    try:
        for seen in range(len(pdf)):
            page = pdf[seen]
            pages.see(page)
            page.close()
        return pages.lines()
    except pypdfium2.PdfiumError as error:
        # What is on such a page nobody knows: the others alone would not be the document.
        raise Unsupported(
            str(path), f"its page {seen + 1} is damaged ({error})", "download it again"
        ) from error
    finally:
        pdf.close()


def _document(source: Source, pages: list[PageLines]) -> Document:
    """The pages one after another, their lines counted through."""
    lines: list[str] = []
    numbers: list[int] = []
    regions: list[Region] = []
    boxes: dict[tuple[int, int], Box] = {}
    for number, page in enumerate(pages, 1):
        before = len(lines)
        lines += page.lines
        numbers += [number] * len(page.lines)
        regions += [replace(region, first_line=region.first_line + before) for region in page.regions]
        boxes |= {(line + before, start): box for (line, start), box in page.boxes.items()}
    notes = tuple(
        f"page {number} is a picture; nothing was read from it"
        for number, page in enumerate(pages, 1)
        if page.is_picture
    )
    return Document(source, tuple(lines), tuple(numbers), tuple(regions), boxes, notes=notes)
