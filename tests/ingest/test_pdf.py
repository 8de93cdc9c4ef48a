"""PDFs made here, from page to fact: what is drawn, what is read, and what must not be guessed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4, landscape  # type: ignore[import-untyped]
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from mingzhang.errors import EmptyFile, NotADisclosure, Unsupported
from mingzhang.ingest.document import Document
from mingzhang.ingest.exports import export_rows
from mingzhang.ingest.facts import Figure
from mingzhang.ingest.graph import reading_nquads
from mingzhang.ingest.readers import read_document
from mingzhang.ingest.reading import Overrides, Reading, read_document_text
from mingzhang.ingest.tab_layout import read_tab_tables
from mingzhang.ontology.lexicon import load_lexicon

FONT = "STSong-Light"
BASE = "http://localhost/"
# (text, column, row, columns, rows)
Cell = tuple[str, int, int, int, int]


class Pages:
    """Draws lines of text and ruled tables from the top of a page down."""

    def __init__(self, size: tuple[float, float] = landscape(A4)) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self.data = io.BytesIO()
        self.canvas = Canvas(self.data, pagesize=size, invariant=True)
        self.height = size[1]
        self.start()

    def start(self) -> None:
        self.y = self.height - 40
        self.canvas.setFont(FONT, 9)

    def turn_page(self) -> None:
        self.canvas.showPage()
        self.start()

    def line(self, text: str) -> None:
        self.canvas.drawString(40, self.y, text)
        self.y -= 18

    def table(
        self, widths: Sequence[float], rows: Sequence[Sequence[str]], head: Sequence[Cell] = ()
    ) -> None:
        """A head of merged cells, then rows of single cells; numbers are set right, words left."""
        xs = [40.0]
        for width in widths:
            xs.append(xs[-1] + width)
        height = max((row + tall for _, _, row, _, tall in head), default=0)
        top = self.y
        for text, column, row, wide, tall in head:
            self.cell(text, xs[column], top - 18 * row, xs[column + wide], top - 18 * (row + tall))
        for number, texts in enumerate(rows, height):
            for column, text in enumerate(texts):
                self.cell(text, xs[column], top - 18 * number, xs[column + 1], top - 18 * (number + 1))
        self.y = top - 18 * (height + len(rows)) - 18

    def cell(self, text: str, left: float, top: float, right: float, bottom: float) -> None:
        self.canvas.rect(left, bottom, right - left, top - bottom)
        for depth, part in enumerate(text.split("\n")):
            place = bottom + 5 if "\n" not in text else top - 8 - 9 * depth
            if part[:1].isdigit() and "." in text:
                self.canvas.drawRightString(right - 2, place, part)
            else:
                self.canvas.drawString(left + 2, place, part)

    def save(self, path: Path) -> Path:
        self.canvas.save()
        path.write_bytes(self.data.getvalue())
        return path


COVER = "某某市示例局2026年部门预算"
SPENDING_HEAD: tuple[Cell, ...] = (
    ("科目编码", 0, 0, 1, 2),
    ("科目名称", 1, 0, 1, 2),
    ("合计", 2, 0, 1, 2),
    ("基本支出", 3, 0, 2, 1),
    ("人员经费", 3, 1, 1, 1),
    ("公用经费", 4, 1, 1, 1),
    ("项目支出", 5, 0, 1, 2),
)
WIDTHS = (70, 160, 80, 80, 80, 80)


def spending(
    pages: Pages, rows: Sequence[Sequence[str]], title: str = "一般公共预算支出表", unit: str = "万元"
) -> None:
    if title:
        pages.line(title)
        pages.line(f"部门名称：兰州市示例局          单位：{unit}")
    pages.table(WIDTHS, rows, SPENDING_HEAD)


def read(pages: Pages, folder: Path) -> Document:
    return read_document(pages.save(folder / "a.pdf"))


def reading(pages: Pages, folder: Path) -> Reading:
    overrides = Overrides(department="兰州市示例局", division="620100", year=2026, kind="budget")
    return read_document_text(read(pages, folder), overrides, load_lexicon())


def figure(found: Reading, token: str) -> Figure:
    (match,) = [f for f in found.figures if f.amount.token == token]
    return match


def test_headings_hold_for_the_columns_their_cells_cover(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "3.00", "2.00", "1.00")])
    found = reading(pages, tmp_path)
    assert figure(found, "2.00").column == ("基本支出", "公用经费")
    assert figure(found, "1.00").column == ("项目支出",)
    assert figure(found, "2.00").codes == ("201",)
    assert figure(found, "2.00").dimension("expenditureKind") == "id/expenditure-kind/public-use"


def test_a_blank_cell_shifts_no_amount(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "6.01")])
    assert figure(reading(pages, tmp_path), "6.01").column == ("项目支出",)


def test_a_label_wrapped_over_lines_is_one_label(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("2080505", "机关事业单位基本养\n老保险缴费支出", "6.00", "", "", "")])
    assert figure(reading(pages, tmp_path), "6.00").label == "机关事业单位基本养老保险缴费支出"


def test_two_amounts_below_one_another_never_become_one(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.50\n7.50", "", "", "1.00")])
    found = reading(pages, tmp_path)
    assert not found.figures
    assert {token for _, token in found.ledger.unread} >= {"6.50", "7.50", "1.00"}


def test_pages_that_repeat_the_head_are_one_table(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    pages.line("- 1 -")
    pages.turn_page()
    spending(pages, [("208", "社会保障和就业支出", "5.00", "", "", "")], title="")
    found = reading(pages, tmp_path)
    assert len(found.tables) == 1
    assert [f.amount.token for f in found.figures] == ["6.00", "5.00"]
    assert found.places.page(figure(found, "5.00").amount.line) == 2


def test_pages_that_go_on_without_a_head_are_one_table(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    pages.turn_page()
    pages.table(WIDTHS, [("208", "社会保障和就业支出", "5.00", "", "4.00", "")])
    found = reading(pages, tmp_path)
    assert len(found.tables) == 1
    assert figure(found, "4.00").column == ("基本支出", "公用经费")


def test_a_table_of_other_widths_does_not_go_on(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    pages.turn_page()
    pages.table((90, 140, 90, 70, 80, 80), [("208", "社会保障和就业支出", "5.00", "", "4.00", "")])
    assert [f.amount.token for f in reading(pages, tmp_path).figures] == ["6.00"]


def test_a_table_with_headings_of_its_own_does_not_go_on(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    pages.turn_page()
    head: tuple[Cell, ...] = tuple(
        (t, i, 0, 1, 1)
        for i, t in enumerate(("科目编码", "科目名称", "金额", "本年收入", "上年结转", "其他"))
    )
    pages.table(WIDTHS, [("208", "社会保障和就业支出", "5.00", "", "4.00", "")], head)
    assert [f.amount.token for f in reading(pages, tmp_path).figures] == ["6.00"]


def test_each_table_has_the_unit_printed_above_it(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    spending(pages, [("201", "一般公共服务支出", "7.00", "", "", "")], "政府性基金预算支出表", "元")
    found = reading(pages, tmp_path)
    assert (figure(found, "6.00").unit, figure(found, "7.00").unit) == ("万元", "元")


def test_an_amount_in_a_cell_over_two_columns_stands_in_neither(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [])
    pages.y += 18
    xs = [40, 110, 270, 350, 430, 510, 590]
    for text, left, right in (
        ("201", 0, 1),
        ("一般公共服务支出", 1, 2),
        ("8.00", 2, 4),
        ("1.00", 4, 5),
        ("", 5, 6),
    ):
        pages.cell(text, xs[left], pages.y, xs[right], pages.y - 18)
    found = reading(pages, tmp_path)
    assert [f.amount.token for f in found.figures] == ["1.00"]
    assert "8.00" in {token for _, token in found.ledger.unread}


def test_a_number_that_runs_over_a_ruling_stays_whole_in_the_cell_it_is_set_against(tmp_path: Path) -> None:
    pages = Pages()
    narrow = (70, 160, 40, 40, 40, 40)
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    pages.table(narrow, [("201", "一般公共服务支出", "", "1,234,567.89", "", "")], SPENDING_HEAD)
    assert figure(reading(pages, tmp_path), "1,234,567.89").column == ("基本支出", "人员经费")


def test_row_and_column_numbers_are_not_money(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("收入支出决算总表")
    pages.line("单位：万元")
    head: tuple[Cell, ...] = (
        ("收入", 0, 0, 3, 1), ("支出", 3, 0, 3, 1),
        ("项目", 0, 1, 1, 1), ("行次", 1, 1, 1, 1), ("决算数", 2, 1, 1, 1),
        ("项目", 3, 1, 1, 1), ("行次", 4, 1, 1, 1), ("决算数", 5, 1, 1, 1),
        ("栏次", 0, 2, 1, 1), ("", 1, 2, 1, 1), ("1", 2, 2, 1, 1),
        ("栏次", 3, 2, 1, 1), ("", 4, 2, 1, 1), ("2", 5, 2, 1, 1),
    )  # fmt: skip
    pages.table(
        (150, 40, 80, 150, 40, 80), [("一、财政拨款收入", "1", "9.00", "一、教育支出", "27", "8.00")], head
    )
    found = reading(pages, tmp_path)
    assert [(f.amount.token, f.column) for f in found.figures] == [
        ("9.00", ("收入", "决算数")),
        ("8.00", ("支出", "决算数")),
    ]
    assert not found.ledger.unread


def test_final_accounts_and_the_budget_beside_them_are_two_phases(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算财政拨款支出决算表")
    pages.line("单位：万元")
    head: tuple[Cell, ...] = tuple(
        (t, i, 0, 1, 1) for i, t in enumerate(("科目编码", "科目名称", "年初预算数", "决算数"))
    )
    pages.table((70, 160, 80, 80), [("201", "一般公共服务支出", "6.00", "5.00")], head)
    overrides = Overrides(department="兰州市示例局", division="620100", year=2019, kind="final")
    found = read_document_text(read(pages, tmp_path), overrides, load_lexicon())
    assert figure(found, "6.00").dimension("phase") == "id/phase/initial"
    assert figure(found, "5.00").dimension("phase") == "id/phase/final"


def test_a_column_of_the_year_before_is_not_of_this_year(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("2026年一般公共预算支出表")
    pages.line("单位：万元")
    names = ("科目编码", "科目名称", "2025年预算数", "2026年预算数", "2024年预算数")
    head: tuple[Cell, ...] = tuple((t, i, 0, 1, 1) for i, t in enumerate(names))
    pages.table((70, 160, 80, 80, 80), [("201", "一般公共服务支出", "6.00", "5.00", "4.00")], head)
    found = reading(pages, tmp_path)
    assert figure(found, "6.00").dimension("fiscalYear") == "2025"
    assert figure(found, "6.00").dimension("phase") == "id/phase/prior"
    assert figure(found, "5.00").dimension("fiscalYear") == "2026"
    assert not figure(found, "4.00").dimensions


def test_rows_of_two_years_are_of_two_years(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("财政拨款“三公”经费支出表")
    pages.line("单位：万元")
    head: tuple[Cell, ...] = tuple((t, i, 0, 1, 1) for i, t in enumerate(("预算单位", "年度", "公务接待费")))
    rows = [("兰州市示例局", "2025年", "6.00"), ("", "2026年", "5.00"), ("", "增减变化金额", "1.00")]
    pages.table((160, 80, 80), rows, head)
    found = reading(pages, tmp_path)
    assert figure(found, "6.00").dimension("fiscalYear") == "2025"
    assert figure(found, "5.00").dimension("fiscalYear") == "2026"
    assert not figure(found, "1.00").dimensions


def test_a_row_without_a_label_among_named_rows_states_nothing(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", ""), ("", "", "5.00", "", "", "")])
    found = reading(pages, tmp_path)
    assert figure(found, "6.00").dimensions
    assert not figure(found, "5.00").dimensions


def test_another_units_table_states_that_units_facts(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    pages.line("一般公共预算支出表")
    pages.line("部门名称：兰州市示例中心          单位：万元")
    pages.table(WIDTHS, [("201", "一般公共服务支出", "2.00", "", "", "")], SPENDING_HEAD)
    found = reading(pages, tmp_path)
    assert len(found.tables) == 2
    assert figure(found, "6.00").dimension("budgetUnit") == "all"
    assert figure(found, "2.00").dimension("budgetUnit") == "兰州市示例中心"


def test_labels_beside_their_own_amounts_keep_them(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算财政拨款基本支出决算表")
    pages.line("单位：万元")
    head: tuple[Cell, ...] = (
        ("人员经费", 0, 0, 3, 1), ("公用经费", 3, 0, 3, 1),
        ("科目编码", 0, 1, 1, 1), ("科目名称", 1, 1, 1, 1), ("金额", 2, 1, 1, 1),
        ("科目编码", 3, 1, 1, 1), ("科目名称", 4, 1, 1, 1), ("金额", 5, 1, 1, 1),
    )  # fmt: skip
    row = ("30101", "基本工资", "6.00", "30201", "办公费", "5.00")
    pages.table((60, 120, 80, 60, 120, 80), [row], head)
    found = reading(pages, tmp_path)
    assert (figure(found, "6.00").label, figure(found, "6.00").codes) == ("基本工资", ("30101",))
    assert (figure(found, "5.00").label, figure(found, "5.00").codes) == ("办公费", ("30201",))


@pytest.mark.parametrize(
    ("printed", "label", "code"),
    [
        ("[2010101]行政运行", "行政运行", ("2010101",)),
        ("2010101行政运行", "行政运行", ("2010101",)),
        ("500万以上设备", "500万以上设备", ()),
    ],
)
def test_a_code_printed_in_the_label_is_a_code(
    tmp_path: Path, printed: str, label: str, code: tuple[str, ...]
) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    head: tuple[Cell, ...] = (("科目名称", 0, 0, 1, 1), ("合计", 1, 0, 1, 1))
    pages.table((200, 80), [(printed, "6.00")], head)
    found = figure(reading(pages, tmp_path), "6.00")
    assert (found.label, found.codes) == (label, code)


def test_a_code_whose_first_part_only_the_row_above_prints_is_whole(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    head: tuple[Cell, ...] = tuple(
        (t, i, 0, 1, 1) for i, t in enumerate(("类", "款", "项", "科目名称", "合计"))
    )
    rows = [("201", "", "", "一般公共服务支出", "6.00"), ("", "11", "", "纪检监察事务", "6.10")]
    pages.table((40, 40, 40, 160, 80), rows, head)
    assert figure(reading(pages, tmp_path), "6.10").codes == ("20111",)


def test_a_place_is_page_and_box(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    found = reading(pages, tmp_path)
    (line,) = [q for q in reading_nquads(found, BASE) if "#place>" in q and "xywh" in q]
    x, y, width, height = map(float, line.split("xywh=")[1].split(">")[0].split(","))
    assert f"{BASE}source/{found.source.sha256}#page=1&xywh=" in line
    assert 270 <= x <= x + width <= 350
    assert 76 + 36 <= y <= y + height <= 76 + 54 + 5
    (row,) = export_rows(found, "figures", BASE)
    assert row["page"] == "1"


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("lean", [0, 90, 180, 270])
def test_a_turned_page_is_read_as_its_text_runs(tmp_path: Path, rotation: int, lean: int) -> None:
    wide, high = landscape(A4)
    size = (wide, high) if lean % 180 == 0 else (high, wide)
    # The library swaps the sides of a page that it turns.
    pages = Pages(size if rotation % 180 == 0 else (size[1], size[0]))
    pages.canvas.setPageRotation(rotation)
    pages.canvas.translate(*{0: (0, 0), 90: (high, 0), 180: (wide, high), 270: (0, wide)}[lean])
    pages.canvas.rotate(lean)
    pages.height = high
    pages.start()
    spending(pages, [("201", "一般公共服务支出", "6.00", "3.00", "2.00", "1.00")])
    found = reading(pages, tmp_path)
    assert figure(found, "2.00").column == ("基本支出", "公用经费")
    box = found.places.boxes[(figure(found, "2.00").amount.line, figure(found, "2.00").amount.start)]
    looked_at_upright = (rotation - lean) % 180 == 0
    assert (box.width > box.height) == looked_at_upright
    if rotation == lean:
        assert 430 <= box.x <= box.x + box.width <= 510


def test_white_lines_and_shading_are_no_rulings(tmp_path: Path) -> None:
    pages = Pages()
    pages.canvas.setStrokeColorRGB(1, 1, 1)
    pages.canvas.line(300, 0, 300, 600)
    pages.canvas.setStrokeColorRGB(0, 0, 0)
    pages.canvas.setFillColorRGB(0.8, 0.9, 1)
    pages.canvas.rect(45, 400, 300, 100, stroke=0, fill=1)
    pages.canvas.setFillColorRGB(0, 0, 0)
    spending(pages, [("201", "一般公共服务支出", "6.00", "3.00", "2.00", "1.00")])
    document = read(pages, tmp_path)
    (region,) = document.regions
    assert len(region.edges) == 7


def test_a_performance_form_is_no_budget_table(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("项目支出绩效目标表")
    pages.line("单位：万元")
    head: tuple[Cell, ...] = tuple((t, i, 0, 1, 1) for i, t in enumerate(("一级指标", "二级指标", "指标值")))
    pages.table((100, 100, 80), [("产出指标", "数量指标", "12.00")], head)
    assert read_tab_tables(read(pages, tmp_path), load_lexicon()) == []


def test_a_list_of_contents_is_no_budget_table(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("目录")
    head: tuple[Cell, ...] = (("报表", 0, 0, 1, 1), ("报表名称", 1, 0, 1, 1), ("页码", 2, 0, 1, 1))
    pages.table((60, 200, 60), [("表1", "收支总表", "12")], head)
    assert read_tab_tables(read(pages, tmp_path), load_lexicon()) == []


def test_a_scan_is_said_to_be_scanned(tmp_path: Path) -> None:
    pages = Pages()
    pages.canvas.rect(40, 40, 300, 300, fill=1)
    with pytest.raises(Unsupported, match="scanned"):
        read(pages, tmp_path)


def test_a_damaged_file_and_an_empty_one_are_said_to_be(tmp_path: Path) -> None:
    damaged, empty = tmp_path / "damaged.pdf", tmp_path / "empty.pdf"
    damaged.write_bytes(b"%PDF-1.7 and nothing more")
    empty.write_bytes(b"")
    with pytest.raises(Unsupported, match="damaged"):
        read_document(damaged)
    with pytest.raises(EmptyFile):
        read_document(empty)


def test_a_pdf_that_is_no_disclosure_is_refused_with_the_reason(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("关于做好学校食堂管理工作的通知，请各学校认真贯彻执行，并及时报告有关情况。")
    document = read(pages, tmp_path)
    with pytest.raises(NotADisclosure, match="nothing here says"):
        read_document_text(document, Overrides(), load_lexicon())


def test_every_page_reads_the_same_twice(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "3.00", "2.00", "1.00")])
    path = pages.save(tmp_path / "a.pdf")
    one, two = read_document(path), read_document(path)
    assert (one.lines, one.regions, one.boxes) == (two.lines, two.regions, two.boxes)
    assert figure_values(one) == [Decimal("6.00"), Decimal("3.00"), Decimal("2.00"), Decimal("1.00")]


def figure_values(document: Document) -> list[Decimal]:
    tables = read_tab_tables(document, load_lexicon())
    return [cell.amount.value for t in tables for row in t.rows for side in row.sides for cell in side.cells]


def test_text_that_nobody_sees_is_not_read(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    # In the blank cells of the row: white on white, drawn as nothing, and clipped away.
    y = pages.y + 18 + 5
    pages.canvas.setFillColorRGB(1, 1, 1)
    pages.canvas.drawString(360, y, "1.11")
    pages.canvas.setFillColorRGB(0, 0, 0)
    text = pages.canvas.beginText(440, y)
    text.setTextRenderMode(3)
    text.textOut("2.22")
    text.setTextRenderMode(0)
    pages.canvas.drawText(text)
    pages.canvas.saveState()
    window = pages.canvas.beginPath()
    window.rect(510, y + 40, 80, 18)
    pages.canvas.clipPath(window, stroke=0, fill=0)
    pages.canvas.drawString(520, y, "3.33")
    pages.canvas.restoreState()
    assert figure_values(read(pages, tmp_path)) == [Decimal("6.00")]


def test_white_text_on_a_coloured_area_is_seen(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    top = pages.y
    pages.table((160, 80), [("一般公共服务支出", "6.00")], (("科目名称", 0, 0, 1, 1), ("", 1, 0, 1, 1)))
    pages.canvas.setFillColorRGB(0, 0, 0.5)
    pages.canvas.rect(201, top - 17, 78, 16, stroke=0, fill=1)
    pages.canvas.setFillColorRGB(1, 1, 1)
    pages.canvas.drawString(210, top - 13, "2026年预算数")
    assert figure(reading(pages, tmp_path), "6.00").column == ("2026年预算数",)


def test_a_page_that_is_a_picture_is_said_to_be_and_the_rest_is_read(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    pages.turn_page()
    pages.canvas.drawImage(ImageReader(Image.new("L", (8, 8), 200)), 0, 0, 800, 590)
    pages.canvas.drawString(400, 20, "- 2 -")
    document = read(pages, tmp_path)
    assert document.notes == ("page 2 is a picture; nothing was read from it",)
    assert figure_values(document) == [Decimal("6.00")]


def test_text_beneath_scanned_pages_is_not_relied_upon(tmp_path: Path) -> None:
    pages = Pages()
    pages.canvas.drawImage(ImageReader(Image.new("L", (8, 8), 200)), 0, 0, 800, 590)
    text = pages.canvas.beginText(40, 300)
    text.setTextRenderMode(3)
    text.textOut("某某市示例局2026年部门预算 一般公共预算支出表 单位：万元 6.00")
    pages.canvas.drawText(text)
    with pytest.raises(Unsupported, match="recognised"):
        read(pages, tmp_path)


LEFT: tuple[Cell, ...] = (("科目编码", 0, 0, 1, 2), ("科目名称", 1, 0, 1, 2), ("合计", 2, 0, 1, 2))
RIGHT: tuple[Cell, ...] = (
    ("基本支出", 0, 0, 2, 1),
    ("人员经费", 0, 1, 1, 1),
    ("公用经费", 1, 1, 1, 1),
    ("项目支出", 2, 0, 1, 2),
)
NAMED = [("201", "一般公共服务支出", "6.00"), ("208", "社会保障和就业支出", "5.00")]


def in_parts(shift: float) -> Pages:
    """A table too wide for its page; the right part stands `shift` points lower than the left from its second row."""
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("部门名称：兰州市示例局")
    pages.table((70, 160, 80), NAMED, LEFT)
    pages.turn_page()
    pages.y -= 18
    pages.canvas.drawRightString(280, pages.y, "单位：万元")
    pages.y -= 18
    pages.table((80, 80, 80), [("3.00", "2.00", "1.00")], RIGHT)
    pages.y += 18 - shift
    xs = [40, 120, 200, 280]
    for text, left, right in zip(("2.50", "1.50", "1.00"), xs, xs[1:], strict=False):
        pages.cell(text, left, pages.y, right, pages.y - 18)
    if shift:
        for x in xs:
            pages.canvas.line(x, pages.y, x, pages.y + shift)
    return pages


def test_a_table_printed_in_two_parts_is_one(tmp_path: Path) -> None:
    found = reading(in_parts(0), tmp_path)
    assert len(found.tables) == 1
    assert (figure(found, "2.50").label, figure(found, "2.50").column) == (
        "社会保障和就业支出",
        ("基本支出", "人员经费"),
    )
    assert figure(found, "2.50").unit == figure(found, "5.00").unit == "万元"
    assert found.places.page(figure(found, "2.50").amount.line) == 2


def test_parts_whose_rows_do_not_stand_alike_are_not_joined(tmp_path: Path) -> None:
    found = reading(in_parts(30), tmp_path)
    assert {f.label for f in found.figures if f.amount.token in ("2.50", "1.50")} <= {""}
    assert not figure(found, "2.50").dimensions


def test_rows_that_no_line_parts_are_told_apart_by_their_text(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [])
    top = pages.y + 18
    xs = [40, 110, 270, 350, 430, 510, 590]
    rows = [
        ("201", "一般公共服务支出", "6.00", "", "", "1.00"),
        ("208", "社会保障和就业支出", "5.00", "", "", "5.00"),
    ]
    for number, row in enumerate(rows):
        for x, text in zip(xs, row, strict=False):
            pages.canvas.drawString(x + 2, top - 13 - 18 * number, text)
    for left, right in pairwise(xs):
        pages.canvas.rect(left, top - 36, right - left, 36)
    found = reading(pages, tmp_path)
    assert (figure(found, "6.00").label, figure(found, "6.00").codes) == ("一般公共服务支出", ("201",))
    assert figure(found, "1.00").column == ("项目支出",)
    assert {f.label for f in found.figures if f.amount.token == "5.00"} == {"社会保障和就业支出"}


def lined(pages: Pages, rows: Sequence[tuple[float, float, float]]) -> None:
    """Level lines: (height below the table's top, left, right)."""
    for depth, left, right in rows:
        pages.canvas.line(left, pages.y - depth, right, pages.y - depth)


def set_texts(pages: Pages, depth: float, *texts: tuple[float, str]) -> None:
    for middle, text in texts:
        pages.canvas.drawCentredString(middle, pages.y - depth, text)


THREE_COLUMNS = (100, 300, 400, 500)


def test_a_table_with_level_lines_alone_is_read(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    names = ("科目名称", "合计", "基本支出", "项目支出")
    set_texts(pages, 12, *zip(THREE_COLUMNS, names, strict=True))
    set_texts(pages, 32, *zip(THREE_COLUMNS, ("一般公共服务支出", "6.00", "5.00", "1.00"), strict=True))
    set_texts(pages, 52, *zip(THREE_COLUMNS, ("社会保障和就业支出", "4.00", "", "4.50"), strict=True))
    lined(pages, [(d, 40, 560) for d in (0, 18, 60)])
    found = reading(pages, tmp_path)
    assert [(f.amount.token, f.label, f.column) for f in found.figures] == [
        ("6.00", "一般公共服务支出", ("合计",)),
        ("5.00", "一般公共服务支出", ("基本支出",)),
        ("1.00", "一般公共服务支出", ("项目支出",)),
        ("4.00", "社会保障和就业支出", ("合计",)),
        ("4.50", "社会保障和就业支出", ("项目支出",)),
    ]


def grouped(pages: Pages, alone: float, *, line_below_group: bool) -> None:
    """A table without upright lines: 基本支出 over three columns, those without a group `alone` below the table's top."""
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    set_texts(pages, 12, (400, "基本支出"))
    set_texts(pages, alone, (100, "科目名称"), (550, "项目支出"))
    set_texts(pages, 32, (300, "小计"), (400, "人员经费"), (480, "公用经费"))
    places = (100, 300, 400, 480, 550)
    set_texts(pages, 52, *zip(places, ("一般公共服务支出", "6.00", "4.00", "2.00", "1.00"), strict=True))
    set_texts(pages, 72, *zip(places, ("社会保障和就业支出", "6.50", "4.50", "2.50", "1.50"), strict=True))
    lined(pages, [(d, 40, 600) for d in (0, 38, 80)])
    if line_below_group:
        lined(pages, [(18, 250, 520)])


@pytest.mark.parametrize(
    ("alone", "line_below_group"),
    [
        (22, True),  # in the middle of the head
        (22, False),
        (12, False),  # at its top
        (32, True),  # at its bottom: only the line tells
    ],
)
def test_heights_or_lines_tell_how_far_a_heading_over_several_columns_reaches(
    tmp_path: Path, alone: float, line_below_group: bool
) -> None:
    pages = Pages()
    grouped(pages, alone, line_below_group=line_below_group)
    found = reading(pages, tmp_path)
    assert figure(found, "4.50").column == ("基本支出", "人员经费")
    assert figure(found, "1.50").column == ("项目支出",)


def test_a_heading_over_several_columns_is_not_read_where_nothing_tells_its_reach(tmp_path: Path) -> None:
    pages = Pages()
    grouped(pages, 32, line_below_group=False)
    assert not read(pages, tmp_path).regions


def test_two_groups_of_a_level_part_where_each_heading_is_in_the_middle_of_its_columns(
    tmp_path: Path,
) -> None:
    pages = Pages()
    pages.line("部门收支总表")
    pages.line("单位：万元")
    set_texts(pages, 12, (175, "收入"), (450, "支出"))
    set_texts(pages, 32, (100, "项目"), (250, "预算数"), (350, "项目"), (450, "上年数"), (550, "预算数"))
    for depth, row in (
        (52, ("一、事业收入", "1.00", "一、教育支出", "2.00", "3.00")),
        (72, ("二、其他收入", "4.00", "二、科学技术支出", "5.00", "6.00")),
    ):
        set_texts(pages, depth, *zip((100, 250, 350, 450, 550), row, strict=True))
    found = reading(pages, tmp_path)
    assert {f.amount.token: (f.label, f.column) for f in found.figures} == {
        "1.00": ("一、事业收入", ("收入", "预算数")),
        "2.00": ("一、教育支出", ("支出", "上年数")),
        "3.00": ("一、教育支出", ("支出", "预算数")),
        "4.00": ("二、其他收入", ("收入", "预算数")),
        "5.00": ("二、科学技术支出", ("支出", "上年数")),
        "6.00": ("二、科学技术支出", ("支出", "预算数")),
    }


def test_an_amount_that_touches_the_next_columns_words_leaves_the_columns_open(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("部门收支总表")
    pages.line("单位：万元")
    set_texts(pages, 12, (100, "收入项目"), (250, "预算数"), (350, "支出项目"), (450, "预算数"))
    for depth, row in (
        (32, ("事业收入", "1.00", "教育支出", "2.00")),
        (52, ("其他收入", "4.00", "科技支出", "5.00")),
    ):
        set_texts(pages, depth, *zip((100, 250, 350, 450), row, strict=True))
    set_texts(pages, 72, (100, "经营收入"), (250, "7.00"), (450, "8.00"))
    pages.canvas.drawString(259.5, pages.y - 72, "农林水支出等各项支出合计与结转结余")
    assert not read(pages, tmp_path).regions


@pytest.mark.parametrize("page_lines", [False, True])
def test_a_table_without_any_line_is_read_where_its_columns_keep_apart(
    tmp_path: Path, page_lines: bool
) -> None:
    pages = Pages()
    if page_lines:
        lined(pages, [(-12, 30, 700), (500, 30, 700)])
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    names = ("科目名称", "合计", "基本支出", "项目支出")
    set_texts(pages, 12, *zip(THREE_COLUMNS, names, strict=True))
    set_texts(pages, 32, *zip(THREE_COLUMNS, ("一般公共服务支出", "6.00", "5.00", "1.00"), strict=True))
    set_texts(pages, 52, *zip(THREE_COLUMNS, ("社会保障和就业支出", "4.00", "", "4.50"), strict=True))
    pages.y -= 80
    pages.line("注：本表按当年财政拨款编列。")
    found = reading(pages, tmp_path)
    assert figure(found, "4.50").column == ("项目支出",)
    assert figure(found, "4.50").label == "社会保障和就业支出"


def test_small_whole_numbers_are_data_and_no_headings(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("单位：元")
    head: tuple[Cell, ...] = (("科目名称", 0, 0, 1, 1), ("预算数", 1, 0, 1, 1))
    pages.table((160, 80), [("行政运行", "5"), ("提租补贴", "7"), ("合计", "12")], head)
    found = reading(pages, tmp_path)
    assert [(f.label, f.column, f.amount.token) for f in found.figures] == [
        ("行政运行", ("预算数",), "5"),
        ("提租补贴", ("预算数",), "7"),
        ("合计", ("预算数",), "12"),
    ]


def test_a_code_that_a_narrow_column_breaks_is_no_label(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    head: tuple[Cell, ...] = tuple(
        (t, i, 0, 1, 1) for i, t in enumerate(("类", "款", "项", "科目名称", "合计"))
    )
    pages.table((16, 16, 16, 160, 80), [("20\n1", "03", "01", "行政运行", "6.00")], head)
    found = figure(reading(pages, tmp_path), "6.00")
    assert (found.label, found.codes) == ("行政运行", ("2010301",))


def test_a_list_of_projects_with_their_goals_is_a_budget_table(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("项目支出绩效表")
    pages.line("兰州市示例局          万元")
    head: tuple[Cell, ...] = tuple(
        (t, i, 0, 1, 1) for i, t in enumerate(("单位名称", "项目名称", "金额", "绩效目标"))
    )
    goal = "2026年办好35件实事，组织12次培训，做好日常工作。"
    pages.table((120, 120, 80, 300), [("兰州市示例局", "日常运行", "6.00", goal)], head)
    found = reading(pages, tmp_path)
    assert (figure(found, "6.00").label, figure(found, "6.00").unit) == ("日常运行", "万元")
    assert not found.ledger.unread


@pytest.mark.parametrize(
    ("second", "unit"), [("项目支出（万元）", "万元"), ("项目支出（元）", ""), ("项目支出", "")]
)
def test_a_unit_in_the_headings_is_the_tables_where_every_column_of_amounts_prints_it(
    tmp_path: Path, second: str, unit: str
) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    head: tuple[Cell, ...] = tuple(
        (t, i, 0, 1, 1) for i, t in enumerate(("科目编码", "科目名称", "合计（万元）", second))
    )
    pages.table((70, 160, 100, 100), [("201", "一般公共服务支出", "6.00", "1.00")], head)
    found = figure(reading(pages, tmp_path), "6.00")
    assert found.unit == unit
    assert bool(found.dimensions) == bool(unit)


def test_tables_beside_one_another_have_each_their_own_title(tmp_path: Path) -> None:
    pages = Pages()
    set_texts(pages, 0, (140, "一般公共预算支出表"), (540, "政府性基金预算支出表"))
    set_texts(pages, 18, (200, "单位：万元"), (600, "单位：元"))
    pages.y -= 30
    for left, amount in ((40, "6.00"), (440, "7.00")):
        for row, texts in enumerate((("科目名称", "合计"), ("一般公共服务支出", amount))):
            for column, text in enumerate(texts):
                x = left + 120 * column
                pages.cell(text, x, pages.y - 18 * row, x + 120, pages.y - 18 * (row + 1))
    found = reading(pages, tmp_path)
    assert [(t.title, t.unit) for t in found.tables] == [
        ("一般公共预算支出表", "万元"),
        ("政府性基金预算支出表", "元"),
    ]
    assert (figure(found, "6.00").unit, figure(found, "7.00").unit) == ("万元", "元")


def test_titles_printed_below_their_tables_are_theirs(tmp_path: Path) -> None:
    pages = Pages()
    tables = (
        ("一般公共预算支出表", "6.00"),
        ("政府性基金预算支出表", "7.00"),
        ("国有资本经营预算支出表", "8.00"),
    )
    for title, amount in tables:
        pages.line("单位：万元")
        pages.table(WIDTHS, [("201", "一般公共服务支出", amount, "", "", "")], SPENDING_HEAD)
        pages.line(title)
    found = reading(pages, tmp_path)
    assert [t.title for t in found.tables] == [title for title, _ in tables]
    assert figure(found, "7.00").dimension("fundSource") == "id/fund-source/government-fund"


def test_the_title_below_the_last_page_of_a_table_is_that_of_all_its_pages(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("单位：万元")
    pages.table(WIDTHS, [("201", "一般公共服务支出", "6.00", "", "", "")], SPENDING_HEAD)
    pages.turn_page()
    pages.table(WIDTHS, [("208", "社会保障和就业支出", "5.00", "", "", "")])
    pages.line("一般公共预算支出表")
    pages.turn_page()
    pages.line("单位：元")
    pages.table(WIDTHS, [("201", "一般公共服务支出", "7.00", "", "", "")], SPENDING_HEAD)
    pages.line("政府性基金预算支出表")
    found = reading(pages, tmp_path)
    assert [(t.title, t.unit) for t in found.tables] == [
        ("一般公共预算支出表", "万元"),
        ("政府性基金预算支出表", "元"),
    ]
    assert figure(found, "5.00").dimension("fundSource") == "id/fund-source/general-public"


def test_a_title_at_the_foot_of_a_page_is_the_next_tables_where_titles_stand_above(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    pages.line("政府性基金预算支出表")
    pages.turn_page()
    pages.line("单位：万元")
    pages.table(WIDTHS, [("201", "一般公共服务支出", "7.00", "", "", "")], SPENDING_HEAD)
    found = reading(pages, tmp_path)
    assert [t.title for t in found.tables] == ["一般公共预算支出表", "政府性基金预算支出表"]


def test_what_heads_every_page_is_no_tables_title(tmp_path: Path) -> None:
    pages = Pages()
    for number, code in enumerate(("201", "208", "210")):
        if number:
            pages.turn_page()
        pages.line("2026年部门预算公开报表")
        row = [(code, "一般公共服务支出", f"{number + 6}.00", "", "", "")]
        if number:
            pages.table(WIDTHS, row)
        else:
            spending(pages, row)
    found = reading(pages, tmp_path)
    (table,) = found.tables
    assert table.title == "一般公共预算支出表"
    assert [f.amount.token for f in found.figures] == ["6.00", "7.00", "8.00"]


@pytest.mark.parametrize(
    "number", ["预算01表", "财决公开01表", "公开部门预算表1", "（表一）", "附表1-1", "省公开05表"]
)
def test_the_number_of_a_form_is_not_its_title(tmp_path: Path, number: str) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line(number)
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")], title="")
    found = reading(pages, tmp_path)
    assert [t.title for t in found.tables] == ["一般公共预算支出表"]


BRACKET_HEAD: tuple[Cell, ...] = tuple(
    (t, i, 0, 1, 1) for i, t in enumerate(("科目名称", "合计", "基本支出", "项目支出"))
)


def with_brackets(pages: Pages, *rows: tuple[str, str, str, str]) -> None:
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    pages.table((160, 90, 90, 90), rows, BRACKET_HEAD)


@pytest.mark.parametrize("printed", ["（2.00）", "(2.00)", "（２．００）"])
def test_an_amount_in_brackets_is_negative_where_only_that_makes_a_sum_hold(
    tmp_path: Path, printed: str
) -> None:
    pages = Pages()
    with_brackets(pages, ("行政运行", "4.00", "6.00", printed))
    found = reading(pages, tmp_path)
    (negative,) = [f for f in found.figures if f.column == ("项目支出",)]
    assert negative.amount.value == Decimal("-2.00")
    assert negative.certainty.value == "reconciled"
    assert not found.ledger.unread
    assert not [relation for relation in found.relations if not relation.sum.holds]


@pytest.mark.parametrize(
    "rows",
    [
        (("行政运行", "6.00", "6.00", "（2.00）"),),  # a part of another amount
        (("行政运行", "8.00", "6.00", "（2.00）"),),  # added
        (("行政运行", "", "", "（2.00）"),),  # nothing says
        (("行政运行", "（2.00）", "", "（2.00）"),),  # negative or not, the sum holds
    ],
)
def test_an_amount_in_brackets_that_nothing_proves_is_unread_and_said_so(
    tmp_path: Path, rows: tuple[tuple[str, str, str, str], ...]
) -> None:
    pages = Pages()
    with_brackets(pages, ("提租补贴", "3.00", "1.00", "2.00"), *rows)
    found = reading(pages, tmp_path)
    assert all(f.amount.value > 0 for f in found.figures)
    assert "2.00" in {token for _, token in found.ledger.unread}
    assert any("in brackets" in note for note in found.notes)
    # A sum over what is left of the table would accuse the publisher of our own gap.
    assert not found.relations


def test_one_proven_negative_proves_the_next(tmp_path: Path) -> None:
    pages = Pages()
    with_brackets(
        pages,
        ("一、行政运行", "4.00", "6.00", "（2.00）"),
        ("二、提租补贴", "5.00", "5.00", ""),
        ("三、住房公积金", "（1.00）", "", "（1.00）"),
        ("合计", "8.00", "11.00", "（3.00）"),
    )
    found = reading(pages, tmp_path)
    assert {str(f.amount.value) for f in found.figures if f.amount.value < 0} == {"-2.00", "-1.00", "-3.00"}


def test_a_head_that_the_end_of_a_page_cuts_is_one_head(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    pages.table(
        (160, 80, 160), [], (("科目名称", 0, 0, 1, 1), ("合计", 1, 0, 1, 1), ("基本支出", 2, 0, 1, 1))
    )
    pages.line("- 1 -")
    pages.turn_page()
    head: tuple[Cell, ...] = (
        ("", 0, 0, 1, 1),
        ("", 1, 0, 1, 1),
        ("人员经费", 2, 0, 1, 1),
        ("公用经费", 3, 0, 1, 1),
    )
    pages.table((160, 80, 80, 80), [("行政运行", "6.00", "4.00", "2.00")], head)
    found = reading(pages, tmp_path)
    (table,) = found.tables
    assert (table.title, table.unit) == ("一般公共预算支出表", "万元")
    assert figure(found, "2.00").column == ("基本支出", "公用经费")
    assert figure(found, "6.00").column == ("合计",)


def test_a_head_alone_at_the_foot_of_a_page_is_no_empty_form(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "", "", "")])
    pages.line("政府性基金预算支出表")
    pages.line("单位：万元")
    pages.table((160, 80), [], (("科目名称", 0, 0, 1, 1), ("合计", 1, 0, 1, 1)))
    pages.turn_page()
    pages.table((90, 200, 80), [("201", "一般公共服务支出", "7.00")])
    found = reading(pages, tmp_path)
    assert [t.title for t in found.tables] == ["一般公共预算支出表"]


def test_a_head_that_fills_the_foot_of_a_page_holds_for_the_next(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [])
    pages.turn_page()
    pages.table(WIDTHS, [("201", "一般公共服务支出", "6.00", "5.00", "5.00", "1.00")])
    found = reading(pages, tmp_path)
    assert figure(found, "1.00").column == ("项目支出",)


def test_lines_drawn_as_pictures_are_rulings(tmp_path: Path) -> None:
    pages = Pages()
    dot = ImageReader(Image.new("RGB", (1, 1)))
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    xs, top = (40, 200, 280, 360), pages.y
    for row, texts in enumerate((("科目名称", "合计", "项目支出"), ("行政运行", "6.00", "1.00"))):
        for x, text in zip(xs, texts, strict=False):
            pages.canvas.drawString(x + 2, top - 13 - 18 * row, text)
    for x in xs:
        pages.canvas.drawImage(dot, x, top - 36, 0.7, 36)
    for row in range(3):
        pages.canvas.drawImage(dot, 40, top - 18 * row, 320, 0.7)
    found = reading(pages, tmp_path)
    assert figure(found, "1.00").column == ("项目支出",)


def test_the_unit_in_the_heading_of_the_only_amounts_is_the_tables(tmp_path: Path) -> None:
    pages = Pages()
    head: tuple[Cell, ...] = tuple(
        (t, i, 0, 1, 1)
        for i, t in enumerate(("二级预算单位名称", "一级项目名称", "预算数（万元）", "绩效目标"))
    )
    rows = [
        ("兰州市示例局", "规划类经费", "6.50", "编制规划。"),
        ("兰州市示例局", "审计管理业务", "506.95", "2项。"),
    ]
    pages.line("项目情况如下：")
    pages.table((120, 120, 80, 200), rows, head)
    assert [(f.amount.token, f.unit) for f in reading(pages, tmp_path).figures] == [
        ("6.50", "万元"),
        ("506.95", "万元"),
    ]


def test_numbers_that_count_the_rows_are_not_money_whatever_their_heading(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    head: tuple[Cell, ...] = (("科目名称", 0, 0, 1, 1), ("次", 1, 0, 1, 1), ("合计", 2, 0, 1, 1))
    rows = [("行政运行", "1", "5.00"), ("提租补贴", "2", "7.00"), ("住房公积金", "3", "9.00")]
    pages.table((160, 40, 80), rows, head)
    assert [f.amount.token for f in reading(pages, tmp_path).figures] == ["5.00", "7.00", "9.00"]


NATIONAL_HEAD: tuple[Cell, ...] = (
    ("项目", 0, 0, 4, 1),
    ("支出功能分类科目编码", 0, 1, 3, 1),
    ("科目名称", 3, 1, 1, 1),
    ("本年支出合计", 4, 0, 1, 2),
    ("基本支出", 5, 0, 1, 2),
    ("项目支出", 6, 0, 1, 2),
    ("类", 0, 2, 1, 2),
    ("款", 1, 2, 1, 2),
    ("项", 2, 2, 1, 2),
    ("栏次", 3, 2, 1, 1),
    ("1", 4, 2, 1, 1),
    ("2", 5, 2, 1, 1),
    ("3", 6, 2, 1, 1),
    ("合计", 3, 3, 1, 1),
    ("6.00", 4, 3, 1, 1),
    ("5.00", 5, 3, 1, 1),
    ("1.00", 6, 3, 1, 1),
)
NATIONAL_WIDTHS = (40, 30, 30, 160, 80, 80, 80)


def test_headings_of_codes_that_reach_down_beside_the_total_are_no_part_of_its_row(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("支出决算表")
    pages.line("部门：兰州市示例局          金额单位：万元")
    rows = [("201", "", "", "一般公共服务支出", "6.00", "5.00", "1.00")]
    pages.table(NATIONAL_WIDTHS, rows, NATIONAL_HEAD)
    found = reading(pages, tmp_path)
    assert [(f.label, f.column, f.codes) for f in found.figures if f.amount.token == "5.00"] == [
        ("合计", ("基本支出",), ()),
        ("一般公共服务支出", ("基本支出",), ("201",)),
    ]
    assert {f.amount.token for f in found.figures} == {"6.00", "5.00", "1.00"}


def test_a_total_with_merged_cells_alone_on_the_last_page_has_the_columns_of_its_table(
    tmp_path: Path,
) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "3.00", "2.00", "1.00")])
    pages.turn_page()
    total = (
        ("合计", 0, 0, 2, 1),
        *((t, i, 0, 1, 1) for i, t in enumerate(("6.00", "3.00", "2.00", "1.00"), 2)),
    )
    pages.table(WIDTHS, [], total)
    found = reading(pages, tmp_path)
    assert [(f.label, f.column) for f in found.figures if f.amount.token == "2.00"] == [
        ("一般公共服务支出", ("基本支出", "公用经费")),
        ("合计", ("基本支出", "公用经费")),
    ]


def test_a_head_of_which_the_next_page_repeats_the_first_row_is_one_head(tmp_path: Path) -> None:
    pages = Pages()
    spending(pages, [("201", "一般公共服务支出", "6.00", "3.00", "2.00", "1.00")])
    pages.turn_page()
    above = tuple((t, c, 0, wide, 1) for t, c, row, wide, _ in SPENDING_HEAD if row == 0)
    pages.table(WIDTHS, [("208", "社会保障和就业支出", "9.00", "", "8.50", "0.50")], above)
    found = reading(pages, tmp_path)
    assert len(found.tables) == 1
    assert figure(found, "8.50").column == ("基本支出", "公用经费")


def test_a_row_with_the_years_of_a_project_is_read(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("部门项目支出预算表")
    pages.line("单位：万元")
    pages.table(
        (160, 80, 80),
        [("项目名称", "起止年限", "金额"), ("道路维修", "2024-2026", "6.00"), ("培训", "2026-2026", "5.00")],
    )
    assert [f.amount.token for f in reading(pages, tmp_path).figures] == ["6.00", "5.00"]


def test_a_code_that_its_narrow_column_breaks_is_one_code(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    pages.table(
        (27, 200, 80),
        [("编码", "科目名称", "合计"), ("20101\n01", "行政运行", "6.00"), ("20801", "人力资源", "5.00")],
    )
    assert figure(reading(pages, tmp_path), "6.00").codes == ("2010101",)


def test_words_and_numbers_too_wide_for_their_cells_are_not_divided(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("一般公共预算支出表")
    pages.line("单位：万元")
    pages.table(
        (70, 160, 30, 30),
        [("科目编码", "科目名称", "合计", "支出"), ("201", "一般公共服务支出", "1,234.00", "1,000.11")],
    )
    read_as = {f.amount.token for f in reading(pages, tmp_path).figures}
    assert read_as <= {"1,234.00", "1,000.11"}


def test_a_description_that_speaks_of_growth_is_no_part_of_a_name(tmp_path: Path) -> None:
    pages = Pages()
    pages.line("部门项目支出预算表")
    pages.line("单位：万元")
    pages.table(
        (160, 80, 360),
        [
            ("项目名称", "金额", "项目简介"),
            ("道路维修", "6.00", "满足群众日益增长的出行需要，保障道路安全，提高服务水平。"),
            ("培训", "5.00", "提高职工的业务能力。"),
        ],
    )
    assert figure(reading(pages, tmp_path), "6.00").label == "道路维修"
