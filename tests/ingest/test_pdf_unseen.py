"""Text that a page holds and nobody sees on it: recognised under a scan, outside the page, drawn as nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from mingzhang.errors import Unsupported
from mingzhang.ingest.readers import read_document

FONT = "STSong-Light"
TEXT = "某某市示例局2026年部门预算，合计一千二百三十四万元"


def drawn(draw: Callable[[Canvas], None], crop: tuple[float, float, float, float] | None = None) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=A4, invariant=True)
    canvas.setFont(FONT, 9)
    draw(canvas)
    canvas.save()
    if crop is None:
        return data.getvalue()
    pdf = pypdfium2.PdfDocument(data.getvalue())
    pdf[0].set_cropbox(*crop)
    cropped = io.BytesIO()
    pdf.save(cropped)
    pdf.close()
    return cropped.getvalue()


def lines(data: bytes, folder: Path) -> tuple[str, ...]:
    path = folder / "a.pdf"
    path.write_bytes(data)
    return read_document(path).lines


def picture(mode: str, colour: tuple[int, ...]) -> ImageReader:
    return ImageReader(Image.new(mode, (8, 8), colour))


def test_text_under_a_picture_of_the_page_is_not_relied_upon(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(40, 700, TEXT)
        canvas.drawImage(picture("RGB", (255, 255, 255)), 0, 0, *A4)

    with pytest.raises(Unsupported, match="recognised"):
        lines(drawn(draw), tmp_path)


def test_text_under_a_picture_that_shows_it_is_read(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(40, 700, TEXT)
        canvas.drawImage(picture("RGBA", (255, 0, 0, 20)), 0, 0, *A4, mask="auto")

    assert lines(drawn(draw), tmp_path) == (TEXT,)


def test_text_over_a_picture_is_read(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawImage(picture("RGB", (255, 255, 255)), 0, 0, *A4)
        canvas.drawString(40, 700, TEXT)

    assert lines(drawn(draw), tmp_path) == (TEXT,)


def test_text_that_a_form_draws_as_nothing_is_not_read(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.beginForm("hidden")
        canvas.setFont(FONT, 9)
        text = canvas.beginText(40, 600)
        text.setTextRenderMode(3)
        text.textOut("99.99")
        canvas.drawText(text)
        canvas.endForm()
        canvas.drawString(40, 700, TEXT)
        canvas.doForm("hidden")

    assert lines(drawn(draw), tmp_path) == (TEXT,)


def test_what_stands_outside_the_page_is_not_read(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(40, 700, TEXT)
        canvas.drawString(40, 40, "99.99")

    assert lines(drawn(draw, crop=(0, 300, 595, 842)), tmp_path) == (TEXT,)
