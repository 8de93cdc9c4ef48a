"""Workbooks, Word files and web pages made here: the same tables in each, read the same as the text of them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook  # type: ignore[import-untyped]

from mingzhang.ingest.amounts import is_amount, parse_amount
from mingzhang.ingest.document import Document
from mingzhang.ingest.exports import export_rows
from mingzhang.ingest.graph import reading_nquads
from mingzhang.ingest.readers import read_document
from mingzhang.ingest.reading import Overrides, Reading, read_disclosure, read_document_text
from mingzhang.ingest.tab_layout import read_tab_tables
from mingzhang.ontology.lexicon import load_lexicon

BASE = "http://localhost/"
EXAMPLES = Path(__file__).parents[2] / "examples"
OWN = Overrides(department="兰州市示例局", division="620100", year=2026, kind="budget")
# What does not depend on where in which file a figure stands.
SAID = (
    *("token", "value", "unit", "amount", "table", "row_label", "column", "functional_code", "dept_economic_code"),
    *("gov_economic_code", "unit_code", "unit_name", "fund_source", "expenditure_kind", "flow", "fiscal_year"),
    *("phase", "project", "certainty", "candidates", "three_public_item"),
)


@dataclass(frozen=True)
class Grid:
    """A table: its rows, and the merged ranges in it as (row, column, rows, columns), from 0."""

    rows: Sequence[Sequence[str]]
    merged: Sequence[tuple[int, int, int, int]] = ()

    @property
    def width(self) -> int:
        return max(map(len, self.rows))

    def text(self, row: int, column: int) -> str:
        return self.rows[row][column] if column < len(self.rows[row]) else ""


Page = Sequence[str | Grid]


def write_xlsx(page: Page, path: Path) -> Path:
    """A sheet for each table with the paragraphs before it, amounts as numbers in their format."""
    book = Workbook()
    book.remove(book.active)
    sheet, row = book.create_sheet(), 0
    for part in page:
        if isinstance(part, str):
            row += 1
            sheet.cell(row, 1, part)
            continue
        for depth in range(len(part.rows)):
            for column in range(part.width):
                text = part.text(depth, column)
                cell = sheet.cell(row + depth + 1, column + 1)
                if is_amount(text) and "." in text:
                    cell.value = float(parse_amount(text))
                    cell.number_format = "#,##0." + "0" * len(text.partition(".")[2])
                elif text:
                    cell.value = text
        for top, left, tall, wide in part.merged:
            sheet.merge_cells(
                start_row=row + top + 1,
                start_column=left + 1,
                end_row=row + top + tall,
                end_column=left + wide,
            )
        sheet, row = book.create_sheet(), 0
    book.save(path)
    return path


def write_docx(page: Page, path: Path) -> Path:
    document = docx.Document()
    for part in page:
        if isinstance(part, str):
            document.add_paragraph(part)
            continue
        table = document.add_table(len(part.rows), part.width)
        for top, left, tall, wide in part.merged:
            table.cell(top, left).merge(table.cell(top + tall - 1, left + wide - 1))
        covered = {
            (r, c)
            for top, left, tall, wide in part.merged
            for r in range(top, top + tall)
            for c in range(left, left + wide)
            if (r, c) != (top, left)
        }
        for row in range(len(part.rows)):
            for column in range(part.width):
                if (row, column) not in covered:
                    table.cell(row, column).text = part.text(row, column)
    document.save(str(path))
    return path


def write_html(page: Page, path: Path) -> Path:
    """As an editor in a browser leaves it: noise around every text, spans for merged cells, no thead."""
    parts = ['<html><head><meta charset="gb2312"><style>td {width: 12.50pt}</style></head><body>']
    for part in page:
        if isinstance(part, str):
            parts.append(f'<p style="text-indent:2em"><span lang=EN-US>{html.escape(part)}</span></p>')
            continue
        spans = {(top, left): (tall, wide) for top, left, tall, wide in part.merged}
        covered = {
            (r, c)
            for (top, left), (tall, wide) in spans.items()
            for r in range(top, top + tall)
            for c in range(left, left + wide)
        } - spans.keys()
        parts.append('<table class="MsoNormalTable" border=0>')
        for row in range(len(part.rows)):
            parts.append("<tr>")
            for column in range(part.width):
                if (row, column) not in covered:
                    tall, wide = spans.get((row, column), (1, 1))
                    inside = html.escape(part.text(row, column)) or "&nbsp;"
                    parts.append(
                        f"<td rowspan={tall} colspan='{wide}'><p><span>{inside}<o:p></o:p></span></p></td>"
                    )
            parts.append("</tr>\n")
        parts.append("</table>")
    path.write_bytes("".join([*parts, "</body></html>"]).encode("gb18030"))
    return path


WRITERS: dict[str, Callable[[Page, Path], Path]] = {
    "xlsx": write_xlsx,
    "docx": write_docx,
    "html": write_html,
}
each_kind = pytest.mark.parametrize("kind", sorted(WRITERS))


def written(page: Page, kind: str, folder: Path) -> Path:
    return WRITERS[kind](page, folder / f"a.{kind}")


def read(page: Page, kind: str, folder: Path) -> Reading:
    return read_document_text(read_document(written(page, kind, folder)), OWN, load_lexicon())


def said(reading: Reading) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in SAID) for row in export_rows(reading, "figures", BASE)]


SPENDING = (
    "一般公共预算支出表",
    "部门名称：兰州市示例局",
    "单位：万元",
    Grid(
        [
            ["科目编码", "科目名称", "合计", "基本支出", "", "项目支出"],
            ["", "", "", "人员经费", "公用经费", ""],
            ["", "合计", "1,234.50", "834.50", "100.00", "300.00"],
            ["208", "社会保障和就业支出", "234.50", "234.50", "", ""],
            ["20805", "行政事业单位养老支出", "234.50", "234.50", "", ""],
            ["2080505", "机关事业单位基本养老保险缴费支出", "234.50", "234.50", "", ""],
            ["221", "住房保障支出", "1,000.00", "600.00", "100.00", "300.00"],
            ["22102", "住房改革支出", "1,000.00", "600.00", "100.00", "300.00"],
            ["2210201", "住房公积金", "1,000.00", "600.00", "100.00", "300.00"],
        ],
        [(0, 0, 2, 1), (0, 1, 2, 1), (0, 2, 2, 1), (0, 3, 1, 2), (0, 5, 2, 1)],
    ),
    "注：本表反映部门本年度一般公共预算财政拨款支出情况。",
)


@each_kind
def test_merged_headings_hold_for_the_columns_they_cover(kind: str, tmp_path: Path) -> None:
    (table,) = read(SPENDING, kind, tmp_path).tables
    assert [column.path for column in table.columns] == [
        ("合计",),
        ("基本支出", "人员经费"),
        ("基本支出", "公用经费"),
        ("项目支出",),
    ]
    assert table.unit == "万元"
    assert table.title == "一般公共预算支出表"


@each_kind
def test_headings_that_nobody_merged_hold_for_the_columns_they_cover(kind: str, tmp_path: Path) -> None:
    page = [Grid(part.rows) if isinstance(part, Grid) else part for part in SPENDING]
    assert said(read(page, kind, tmp_path)) == said(read(SPENDING, kind, tmp_path))


@each_kind
def test_the_sums_of_a_table_bear_its_reading_out(kind: str, tmp_path: Path) -> None:
    found = read(SPENDING, kind, tmp_path)
    assert len(found.figures) == 22
    assert all(figure.dimensions for figure in found.figures)
    assert found.relations
    assert all(relation.sum.holds for relation in found.relations)
    assert found.ledger.unread == ()


@pytest.mark.parametrize(
    ("kind", "place"),
    [("xlsx", "#sheet=Sheet&cell=E6"), ("docx", "#table=1&cell=3,5"), ("html", "#table=1&cell=3,5")],
)
def test_a_figure_stands_in_its_cell(kind: str, place: str, tmp_path: Path) -> None:
    found = read(SPENDING, kind, tmp_path)
    names = found.names(BASE)
    (figure,) = [f for f in found.figures if f.amount.token == "100.00" and f.label == "合计"]
    assert names.place(found.places.fragment(figure.amount.line, figure.amount.start)).endswith(place)
    assert any(f"{names.source}{place}> <" in line for line in reading_nquads(found, BASE))


LOST = ["", "", "", "", "", "", "小计", "基本支出", "项目支出", "", "小计", "基本支出", "项目支出", ""]


def example_page(name: str) -> Page:
    """An example as paragraphs and tables. Of one head text extraction lost a row and moved a heading: they are put right."""
    page: list[str | Grid] = []
    rows: list[list[str]] = []
    for line in [*(EXAMPLES / name).read_text(encoding="utf-8").splitlines(), ""]:
        if "\t" in line:
            rows.append([cell.strip() for cell in line.split("\t")])
            if rows[-1][-1] == "上年应返还额度结转":
                place = rows[0].index("上年结转安排")
                rows[0].insert(place, rows[0].pop())
                rows.append(LOST)
            continue
        if rows:
            page.append(Grid(rows))
            rows = []
        if line.strip():
            page.append(re.sub(r"^[#*\s]+|[*\s]+$", "", line))
    return page


@pytest.mark.parametrize("name", ["cangxi-2023.txt", "nanyang-2021.txt"])
@pytest.mark.parametrize("kind", ["docx", "html"])
def test_the_figures_of_an_example_are_those_of_its_text(name: str, kind: str, tmp_path: Path) -> None:
    text = read_disclosure(EXAMPLES / name, Overrides())
    found = read_disclosure(written(example_page(name), kind, tmp_path), Overrides())
    assert found.identity == text.identity
    # Text extraction lost headings, so that arithmetic had to settle what is printed here.
    settled = [tuple("printed" if v == "reconciled" else v for v in row) for row in said(text)]
    assert said(found) == settled
