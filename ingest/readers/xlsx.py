"""Workbooks (.xlsx, .xlsm): sheets → cells as they are shown, and the place of each.

What is read is what a reader of the workbook sees: a number in the format of its cell, a formula by the value it had
when the file was saved. Hidden sheets, rows and columns are left out, and said to be; macros are never run.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from mingzhang.errors import EmptyFile, Unsupported
from mingzhang.ingest.amounts import number_tokens
from mingzhang.ingest.cell_blocks import Block, CellFile, CellTable, PlacedCell, Sheet, TextLine, joined_lines
from mingzhang.ingest.cell_document import cell_document
from mingzhang.ingest.document import Document, Source
from mingzhang.ingest.readers.packages import damaged, open_package
from mingzhang.ingest.sheet_numbers import shown_date, shown_number

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# More places than this in one merged range are none that a person merged.
_MOST_MERGED = 1_000_000
_MERGED = re.compile(rb"""mergeCell\s[^>]*?ref=["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")


def read_xlsx(path: Path, data: bytes) -> Document:
    """The sheets of a workbook as one document. Raises EmptyFile, or Unsupported for a locked or damaged file."""
    package = open_package(path, data)
    workbook, parts = _opened(path, data, package)
    source = Source(path.name, hashlib.sha256(data).hexdigest(), len(data), XLSX)
    sheets, notes = [], []
    for worksheet in workbook.worksheets:
        part = parts.get(worksheet.title, "")
        uncalculated = _uncalculated(package, part) if part else {}
        view = _SheetView(worksheet, uncalculated)
        notes += view.notes()
        if view.cells:
            sheets.append(Sheet(view.blocks()))
    if not sheets:
        raise EmptyFile(
            str(path), "none of its visible sheets has anything in it", "give the workbook with the tables"
        )
    return cell_document(CellFile(source, tuple(sheets), tuple(notes)))


def _opened(path: Path, data: bytes, package: zipfile.ZipFile) -> tuple[Any, dict[str, str]]:
    """The workbook, and the part of the package that holds each of its sheets."""
    from openpyxl.reader.excel import ExcelReader  # type: ignore[import-untyped]

    _refuse_huge_merges(path, package)
    try:
        with warnings.catch_warnings():
            # What openpyxl leaves out (charts, validation lists, print settings) is nothing that is read here.
            warnings.simplefilter("ignore")
            reader = ExcelReader(io.BytesIO(data), data_only=True, keep_links=False)
            reader.read()
    except Exception as error:
        # Its parsers raise whatever a broken part provokes: KeyError, TypeError, ParseError, BadZipFile …
        raise damaged(path, error) from error
    return reader.wb, {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}


def _refuse_huge_merges(path: Path, package: zipfile.ZipFile) -> None:
    """Raises Unsupported for merged ranges that no sheet needs: each place of one would be made in memory."""
    from openpyxl.utils import column_index_from_string  # type: ignore[import-untyped]

    for name in package.namelist():
        if not name.lower().startswith("xl/worksheets/") or not name.lower().endswith(".xml"):
            continue
        total = 0
        for left, top, right, bottom in _MERGED.findall(_part(path, package, name)):
            wide = column_index_from_string(right.decode()) - column_index_from_string(left.decode()) + 1
            total += wide * (int(bottom) - int(top) + 1)
        if total > _MOST_MERGED:
            raise Unsupported(
                str(path),
                f"{name} merges {total:,} cells",
                "undo the merging of whole rows and columns in it, and save it again",
            )


def _part(path: Path, package: zipfile.ZipFile, name: str) -> bytes:
    try:
        return package.read(name)
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, NotImplementedError, zlib.error) as error:
        raise damaged(path, error) from error


def _uncalculated(package: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Cell → formula of those that hold no value: the program that wrote them calculated nothing."""
    data = package.read(part.lstrip("/"))
    if not _FORMULA.search(data):
        return {}
    found = {}
    for _, element in ElementTree.iterparse(io.BytesIO(data)):
        if _local(element.tag) == "c":
            inside = {_local(child.tag): child.text or "" for child in element}
            # A formula that gave an empty text holds a value of that type (ECMA-376 Part 1 §18.18.11).
            if "f" in inside and not inside.get("v") and element.get("t") != "str":
                found[element.get("r", "")] = inside["f"]
        elif _local(element.tag) == "row":
            element.clear()
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


@dataclass(frozen=True)
class _Shown:
    """A cell that shows something. Rows and columns count from 1, as the workbook counts them."""

    row: int
    column: int
    text: str
    name: str


class _SheetView:
    """What one sheet shows."""

    def __init__(self, sheet: Any, uncalculated: dict[str, str]) -> None:
        self._sheet = sheet
        self._title = str(sheet.title)
        self._hidden_sheet = sheet.sheet_state != "visible"
        self._hidden_rows = {n for n, d in sheet.row_dimensions.items() if d.hidden or d.height == 0}
        self._hidden_columns = set(_hidden_columns(sheet))
        self._uncalculated = uncalculated
        every = list(self._every_cell())
        self.cells = [cell for cell in every if self._is_visible(cell)]
        self._hidden = [cell for cell in every if not self._is_visible(cell)]

    def _every_cell(self) -> Iterator[_Shown]:
        # Not `iter_rows`, which makes every cell up to the last: one stray space in XFD1048576 is 17 billion of them.
        for _, cell in sorted(self._sheet._cells.items()):
            name = cell.coordinate
            formula = self._uncalculated.get(name)
            text = _shown(cell) if formula is None else f"={joined_lines([formula])}"
            if text:
                yield _Shown(cell.row, cell.column, text, name)

    def _is_visible(self, cell: _Shown) -> bool:
        return (
            not self._hidden_sheet
            and cell.row not in self._hidden_rows
            and cell.column not in self._hidden_columns
        )

    def notes(self) -> list[str]:
        """What of the sheet was not read, with the reason."""
        notes = []
        numbers = sum(len(number_tokens(cell.text)) for cell in self._hidden)
        if numbers:
            zh, en = (
                ("已隐藏", "is hidden")
                if self._hidden_sheet
                else ("有隐藏的行或列", "has hidden rows or columns")
            )
            notes.append(
                f"工作表“{self._title}”{zh}，其中 {numbers} 个数未读。 "
                f"Sheet {self._title!r} {en}; {numbers} numbers in it were not read."
            )
        open_ = [cell.name for cell in self.cells if cell.name in self._uncalculated]
        if open_:
            places = ", ".join(open_[:5]) + (" …" if len(open_) > 5 else "")
            notes.append(
                f"工作表“{self._title}”有 {len(open_)} 个公式没有保存结果（{places}），未读；请用办公软件打开并保存。 "
                f"Sheet {self._title!r}: {len(open_)} formulas without a value ({places}) were not read; "
                "open the workbook in its program and save it, so that it holds their values."
            )
        return notes

    def blocks(self) -> tuple[Block, ...]:
        """The name of the sheet, which may be all the title its table has, and its cells."""
        place = quote(self._title, safe="")
        spans = self._spans()
        cells = tuple(
            PlacedCell(
                cell.row,
                cell.column,
                *spans.get((cell.row, cell.column), (1, 1)),
                cell.text,
                f"sheet={place}&cell={cell.name}",
            )
            for cell in self.cells
        )
        incomplete = any(number_tokens(cell.text) for cell in self._hidden) or any(
            cell.name in self._uncalculated for cell in self.cells
        )
        return (TextLine(self._title, f"sheet={place}"), CellTable(cells, incomplete))

    def _spans(self) -> dict[tuple[int, int], tuple[int, int]]:
        """(row, column) of the first cell of a merged range → rows and columns it covers."""
        return {
            (merged.min_row, merged.min_col): (
                merged.max_row - merged.min_row + 1,
                merged.max_col - merged.min_col + 1,
            )
            for merged in self._sheet.merged_cells.ranges
        }


def _hidden_columns(sheet: Any) -> Iterable[int]:
    """The columns that are hidden; one dimension may stand for a run of columns."""
    for dimension in sheet.column_dimensions.values():
        if (dimension.hidden or dimension.width == 0) and dimension.min and dimension.max:
            yield from range(dimension.min, dimension.max + 1)


def _shown(cell: Any) -> str:
    """What a cell shows; empty for one without a value."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return shown_number(value, cell.number_format or "General")
    if isinstance(value, datetime | date | time):
        return shown_date(value, cell.number_format or "")
    if isinstance(value, timedelta):
        return str(value)
    return joined_lines(str(value).replace("_x000D_", "\n").splitlines())
