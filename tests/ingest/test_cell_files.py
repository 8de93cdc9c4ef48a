"""Workbooks, Word files and web pages made here: the same tables in each, read the same as the text of them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook  # type: ignore[import-untyped]

from mingzhang.ingest.amounts import is_amount, parse_amount
from mingzhang.ingest.exports import export_rows
from mingzhang.ingest.graph import reading_nquads
from mingzhang.ingest.readers import read_document
from mingzhang.ingest.reading import Overrides, Reading, read_disclosure, read_document_text
from mingzhang.ontology.lexicon import load_lexicon

BASE = "http://localhost/"
EXAMPLES = Path(__file__).parents[2] / "examples"
OWN = Overrides(department="兰州市示例局", division="620100", year=2026, kind="budget")
# What does not depend on where in which file a figure stands.
SAID = (
    *(
        "token",
        "value",
        "unit",
        "amount",
        "table",
        "row_label",
        "column",
        "functional_code",
        "dept_economic_code",
    ),
    *(
        "gov_economic_code",
        "unit_code",
        "unit_name",
        "fund_source",
        "expenditure_kind",
        "flow",
        "fiscal_year",
    ),
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


def write_xlsx(page: Page, path: Path, *, one_sheet: bool = False) -> Path:
    """A sheet for each table with the paragraphs before it, or one for all; amounts as numbers in their format."""
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
        row += len(part.rows)
        if not one_sheet:
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
    """An example as paragraphs and tables. In one text extraction lost a heading row, and moved a heading and two amounts:

    they are put right here, since cells that are known do not slip.
    """
    page: list[str | Grid] = []
    rows: list[list[str]] = []
    for line in [*(EXAMPLES / name).read_text(encoding="utf-8").splitlines(), ""]:
        if "\t" in line:
            rows.append([cell.strip() for cell in line.split("\t")])
            if "上年应返还额度结转" in rows[-1]:
                place = rows[0].index("上年结转安排")
                rows[0].insert(place, rows[0].pop())
                rows.append(LOST)
            if rows[-1][-3:-1] == ["0.77", "1.58"]:
                del rows[-1][-4]
            continue
        if rows:
            page.append(Grid(rows))
            rows = []
        if line.strip():
            page.append(re.sub(r"^[#*\s]+|[*\s]+$", "", line))
    return page


@pytest.mark.parametrize("name", ["cangxi-2023.txt", "nanyang-2021.txt"])
@each_kind
def test_the_figures_of_an_example_are_those_of_its_text(name: str, kind: str, tmp_path: Path) -> None:
    text = read_disclosure(EXAMPLES / name, Overrides())
    page, path = example_page(name), tmp_path / f"a.{kind}"
    write = partial(write_xlsx, one_sheet=True) if kind == "xlsx" else WRITERS[kind]
    found = read_disclosure(write(page, path), Overrides())
    assert found.identity == text.identity
    # Text extraction lost headings, so that arithmetic had to settle what is printed here.
    settled = [tuple("printed" if v == "reconciled" else v for v in row) for row in said(text)]
    assert said(found) == settled


INDICATORS = (
    "部门预算项目绩效目标表",
    Grid(
        [
            ["项目名称", "年度目标", "一级指标", "二级指标", "三级指标", "指标值"],
            ["医保转移", "", "产出指标", "数量指标", "转移人数", "≥520人"],
            ["", "", "", "质量指标", "支付合规率", "=100%"],
            ["", "", "满意度指标", "服务对象满意度指标", "群众满意度", "≥95%"],
        ],
        [(1, 0, 3, 1), (1, 2, 2, 1)],
    ),
)


@each_kind
def test_a_form_of_targets_goes_through_the_readers_of_forms(kind: str, tmp_path: Path) -> None:
    found = read((*SPENDING, *INDICATORS), kind, tmp_path)
    assert [
        (i.level1, i.level2, i.level3, i.operator, i.value, i.measure_unit) for i in found.indicators
    ] == [
        ("产出指标", "数量指标", "转移人数", ">=", "520", "人"),
        ("产出指标", "质量指标", "支付合规率", "=", "100", "%"),
        ("满意度指标", "服务对象满意度指标", "群众满意度", ">=", "95", "%"),
    ]


@each_kind
def test_prose_is_tied_to_the_tables_beside_it(kind: str, tmp_path: Path) -> None:
    prose = "2026年一般公共预算支出1,234.50万元，其中项目支出300.00万元，占24.30%。"
    found = read((prose, *SPENDING), kind, tmp_path)
    assert [(c.token, c.relation) for c in found.prose.claims] == [
        ("1,234.50", "amount"),
        ("300.00", "amount"),
        ("24.30", "share"),
    ]
    (place,) = {found.places.fragment(claim.line, claim.start) for claim in found.prose.claims}
    assert (
        place
        == {"xlsx": "sheet=Sheet&cell=A1", "docx": "paragraph=1", "html": "xpath=/html/body/p%5B1%5D"}[kind]
    )


@each_kind
def test_whose_and_for_which_year_is_found_in_the_file(kind: str, tmp_path: Path) -> None:
    page = ("兰州市审计局2026年部门预算", "兰州市审计局2026年部门预算说明", *SPENDING)
    identity = read_disclosure(written(page, kind, tmp_path), Overrides()).identity
    assert (identity.department_name, identity.division, identity.year, identity.kind) == (
        "兰州市审计局",
        "620100",
        2026,
        "budget",
    )


CODES = st.lists(
    st.sampled_from(["201", "204", "205", "208", "210", "211", "212", "221"]), min_size=2, unique=True
)
AMOUNTS = st.decimals(min_value=0, max_value=10**7, places=2)


@st.composite
def spending_tables(draw: st.DrawFn) -> Grid:
    """A table by functional class whose rows and columns add up; a zero is printed, left blank, or a dash."""
    rows = []
    totals = [Decimal(0)] * 3
    for code in sorted(draw(CODES)):
        parts = [draw(AMOUNTS), draw(AMOUNTS)]
        numbers = [sum(parts, Decimal(0)), *parts]
        totals = [total + number for total, number in zip(totals, numbers, strict=True)]
        name = load_lexicon().concepts[f"id/code/functional/{code}"].name
        blank = draw(st.sampled_from(["", "—", "0.00"]))
        rows.append([code, name, *(f"{number:,.2f}" if number else blank for number in numbers)])
    head = [["科目编码", "科目名称", "2026年预算数", "", ""], ["", "", "合计", "基本支出", "项目支出"]]
    total = ["", "合计", *(f"{number:,.2f}" for number in totals)]
    return Grid([*head, total, *rows], [(0, 0, 2, 1), (0, 1, 2, 1), (0, 2, 1, 3)])


@settings(max_examples=12, deadline=None)
@given(grid=spending_tables())
def test_any_table_reads_the_same_in_every_kind_of_file(
    grid: Grid, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = ("一般公共预算支出表", "单位：万元", grid)
    folder = tmp_path_factory.mktemp("same")
    readings = [read(page, kind, folder) for kind in sorted(WRITERS)]
    printed = [text for row in grid.rows[2:] for text in row[2:] if is_amount(text)]
    for found in readings:
        assert [figure.amount.token for figure in found.figures] == printed
        assert all(relation.sum.holds for relation in found.relations)
        assert said(found) == said(readings[0])
