"""Tables without upright lines that go on over pages: read as one where that is plain, left alone where it is not."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4, landscape  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from mingzhang.ingest.document import Document
from mingzhang.ingest.pdf_characters import Char
from mingzhang.ingest.pdf_pieces import pieces_of
from mingzhang.ingest.readers import read_document

FONT = "STSong-Light"
HEAD = ("科目编码", "科目名称", "合计", "基本支出", "项目支出")
RIGHT = (120.0, 300.0, 400.0, 500.0, 600.0)
ROWS = (
    ("201", "一般公共服务支出", "6.00", "5.00", "1.00"),
    ("20101", "人大事务", "6.00", "5.00", "1.00"),
    ("208", "社会保障和就业支出", "1,234.50", "1,234.50", ""),
    ("20805", "行政事业单位养老支出", "1,234.50", "1,234.50", ""),
)


@dataclass
class Sheets:
    """Draws rows of text, without upright lines, from the top of a page down."""

    data: io.BytesIO = field(default_factory=io.BytesIO)

    def __post_init__(self) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self.canvas = Canvas(self.data, pagesize=landscape(A4), invariant=True)
        self.start()

    def start(self) -> None:
        self.y = 540.0
        self.canvas.setFont(FONT, 9)

    def turn_page(self) -> None:
        self.canvas.showPage()
        self.start()

    def caption(self) -> None:
        for text in ("一般公共预算支出表", "单位：万元"):
            self.canvas.drawString(40, self.y, text)
            self.y -= 18

    def row(self, texts: Sequence[str], shift: float = 0.0) -> None:
        """Codes and names set left, amounts right."""
        for index, (text, right) in enumerate(zip(texts, RIGHT, strict=True)):
            if index < 2:
                self.canvas.drawString((40, 130)[index], self.y, text)
            else:
                self.canvas.drawRightString(right + shift, self.y, text)
        self.y -= 18

    def line(self) -> None:
        self.canvas.line(36, self.y + 12, 610, self.y + 12)

    def document(self, folder: Path) -> Document:
        self.canvas.save()
        path = folder / "a.pdf"
        path.write_bytes(self.data.getvalue())
        return read_document(path)


def cells(document: Document) -> list[list[tuple[str, ...]]]:
    """For each table its rows of texts."""
    return [
        [
            tuple(c.text for c in sorted(region.cells, key=lambda c: c.column) if c.row == row)
            for row in range(region.rows)
        ]
        for region in document.regions
    ]


@pytest.mark.parametrize("lines", [True, False])
def test_a_page_without_a_head_has_the_columns_of_the_page_before(tmp_path: Path, lines: bool) -> None:
    sheets = Sheets()
    sheets.caption()
    if lines:
        sheets.line()
    sheets.row(HEAD)
    if lines:
        sheets.line()
    for row in ROWS[:2]:
        sheets.row(row)
    sheets.turn_page()
    for row in ROWS[2:]:
        sheets.row(row)
    if lines:
        sheets.line()
    document = sheets.document(tmp_path)
    assert cells(document) == [[HEAD, *ROWS[:2]], [*ROWS[2:]]]
    first, second = document.regions
    assert first.edges == second.edges


def test_a_head_repeated_on_the_next_page_is_a_head_there(tmp_path: Path) -> None:
    sheets = Sheets()
    sheets.caption()
    for page in (ROWS[:2], ROWS[2:]):
        sheets.row(HEAD)
        for row in page:
            sheets.row(row)
        sheets.turn_page()
    assert cells(sheets.document(tmp_path)) == [[HEAD, *ROWS[:2]], [HEAD, *ROWS[2:]]]


def test_one_row_on_a_page_is_enough_where_the_next_has_more(tmp_path: Path) -> None:
    sheets = Sheets()
    sheets.caption()
    sheets.row(HEAD)
    sheets.row(ROWS[0])
    sheets.turn_page()
    for row in ROWS[1:]:
        sheets.row(row)
    assert cells(sheets.document(tmp_path)) == [[HEAD, ROWS[0]], [*ROWS[1:]]]


def test_amounts_that_do_not_stand_below_those_of_the_page_before_are_no_part_of_its_table(
    tmp_path: Path,
) -> None:
    sheets = Sheets()
    sheets.caption()
    sheets.row(HEAD)
    for row in ROWS[:2]:
        sheets.row(row)
    sheets.turn_page()
    for row in ROWS[2:]:
        sheets.row(row, shift=9)
    assert cells(sheets.document(tmp_path)) == [[HEAD, *ROWS[:2]]]


def test_rows_below_a_caption_are_another_table(tmp_path: Path) -> None:
    sheets = Sheets()
    sheets.caption()
    sheets.row(HEAD)
    for row in ROWS[:2]:
        sheets.row(row)
    sheets.turn_page()
    sheets.caption()
    for row in ROWS[2:]:
        sheets.row(row)
    assert cells(sheets.document(tmp_path)) == [[HEAD, *ROWS[:2]]]


def test_a_page_that_begins_with_the_rest_of_a_label_is_not_guessed_at(tmp_path: Path) -> None:
    sheets = Sheets()
    sheets.caption()
    sheets.row(HEAD)
    for row in ROWS[:2]:
        sheets.row(row)
    sheets.turn_page()
    sheets.row(("", "（含参照公务员法管理）", "", "", ""))
    for row in ROWS[2:]:
        sheets.row(row)
    assert cells(sheets.document(tmp_path)) == [[HEAD, *ROWS[:2]]]


@pytest.mark.parametrize(
    "below", ["第三部分 2026年度部门预算情况说明", "制表人：张三 联系电话：83400000", "某某市示例局"]
)
def test_text_below_a_table_leaves_its_columns_as_they_are(tmp_path: Path, below: str) -> None:
    sheets = Sheets()
    sheets.caption()
    sheets.row(HEAD)
    for row in ROWS:
        sheets.row(row)
    sheets.canvas.drawString(100, sheets.y - 6, below)
    assert cells(sheets.document(tmp_path)) == [[HEAD, *ROWS]]


def test_numbers_of_columns_stand_in_their_own_columns(tmp_path: Path) -> None:
    sheets = Sheets()
    sheets.caption()
    sheets.row(HEAD)
    for middle, number in zip((80, 215, 350, 450, 550), "12345", strict=True):
        sheets.canvas.drawCentredString(middle, sheets.y, number)
    sheets.y -= 18
    for row in ROWS:
        sheets.row(row)
    (table,) = cells(sheets.document(tmp_path))
    assert table[1] == ("1", "2", "3", "4", "5")


def test_one_row_between_level_lines_is_a_table(tmp_path: Path) -> None:
    sheets = Sheets()
    sheets.caption()
    for row in (HEAD, ROWS[0]):
        sheets.line()
        sheets.row(row)
    sheets.line()
    assert cells(sheets.document(tmp_path)) == [[HEAD, ROWS[0]]]


def test_breaks_after_every_character_part_no_word() -> None:
    text = "合计1,234.56"
    chars: list[Char | None] = []
    for index, char in enumerate(text):
        x = 40 + 9.0 * index
        chars += [Char(char, x, 100, x + 9, 109), None, None]
    apart = [Char("7", 200, 100, 209, 109), None, None, Char("8", 230, 100, 239, 109)]
    assert [piece.text for piece in pieces_of([*chars, *apart])] == [text, "7", "8"]


def test_numbers_that_overlap_are_two() -> None:
    one = [Char(c, 40 + 5.0 * i, 100, 45 + 5.0 * i, 109) for i, c in enumerate("12.00")]
    other = [Char(c, 61 + 5.0 * i, 100, 66 + 5.0 * i, 109) for i, c in enumerate("34.00")]
    assert [piece.text for piece in pieces_of([*one, *other])] == ["12.00", "34.00"]
