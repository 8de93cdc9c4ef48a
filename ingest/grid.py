"""Tables whose cells survived as tabs: from lines to grids, before anything is known of budgets.

A grid is a run of lines with tabs under a title. Its header rows come first, then its body. Pages that repeat
title and header are parts of one grid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mingzhang.ingest.amounts import fold_digits, is_amount
from mingzhang.ingest.document import Document
from mingzhang.ontology.lexicon import Lexicon, normal_label, normal_text

_UNIT = re.compile(r"单位[:：]\s*[(（]?\s*(万元|千元|亿元|元)")
_BODY_TITLE = re.compile(r"^(?:部门|单位|编制单位|填报单位|预算单位)(?:名称)?[:：]")
_EMPTY_NOTE = re.compile(r"空表|无此项|本表无数据|此表无数据|没有.{0,20}(?:支出|收入|预算)")
_NUMBERED = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|[0-9]+(?:\.[0-9]+)*[、.．])"
)
_CODE = re.compile(r"[0-9]{2,9}")
_INDEX_CELL = re.compile(r"\*+|[0-9]{1,2}(?:=[0-9+\-—~…()（）]+)?|栏\s*次|行\s*次")
# 表1, 公开01表, 预算01-1表, 部门公开表3: the number of a form, not its title.
_TABLE_NUMBER = re.compile(
    r"^[(（]?(?:附件|附表|附|部门|单位|省级|市级|区级|县级|[省市区县财部]|预算|决算|[预决]|批复|公开){0,4}表?"
    r"[(（]?[0-9一二三四五六七八九十]{1,3}(?:[-—][0-9]{1,2})?[)）]?表?[)）]?[.．:：]?$"
)
# A title stands close above its table: more lines than this between them are running text.
_TITLE_REACH = 6


@dataclass(frozen=True)
class GridCell:
    """The text between two tabs, stripped, and the character where it begins on its line (from 1).

    `line` is its own line where that is not its row's (a row printed in parts), else 0. `negative`: its amount was
    printed in brackets and is proven negative (brackets.py).
    """

    text: str
    start: int
    line: int = 0
    negative: bool = False


@dataclass(frozen=True)
class GridRow:
    """A line of a table, cell by cell."""

    line: int
    cells: tuple[GridCell, ...]

    def text(self, column: int) -> str:
        """The cell's text; empty where the line is shorter."""
        return self.cells[column].text if column < len(self.cells) else ""


@dataclass(frozen=True)
class Grid:
    """A table of cells. `spans` are the (first, last) line ranges it takes up, pages one by one."""

    title: str
    unit: str
    header: tuple[GridRow, ...]
    body: tuple[GridRow, ...]
    spans: tuple[tuple[int, int], ...]
    said_empty: bool
    levels: tuple[tuple[str, ...], ...] | None = None
    """Header rows with every heading over all the columns it covers, where the cells are known from how they are drawn."""
    owner: str = ""
    """The body that is printed above the table as its own, where one is."""
    loose: bool = False
    """Whether its cells are known but nobody merged its headings: what they cover has to bear itself out."""
    placed: bool = False
    """Whether its columns and headings were told by where text stands alone: they need a witness (witnesses.py)."""

    @property
    def has_drawn_head(self) -> bool:
        """Whether it is plain which columns each heading covers."""
        return self.levels is not None and not self.loose

    @property
    def width(self) -> int:
        """Number of columns: the widest line's."""
        return max((len(row.cells) for row in (*self.header, *self.body)), default=0)


def split_row(document: Document, number: int) -> GridRow:
    """The cells of a line, by its tabs."""
    cells, start = [], 1
    for part in document.line(number).split("\t"):
        cells.append(GridCell(part.strip(), start + len(part) - len(part.lstrip())))
        start += len(part) + 1
    return GridRow(number, tuple(cells))


def clean_title(text: str) -> str:
    """A title without Markdown marks and outer white space, otherwise as printed."""
    return text.strip().strip("#*").strip()


def is_table_number(label: str) -> bool:
    """Whether a normalised line is nothing but the number of a form."""
    return bool(_TABLE_NUMBER.match(label))


def squeeze(text: str) -> str:
    """The text as printed, without white space: header words are spaced out and wrapped at will."""
    return re.sub(r"\s+", "", text)


def tab_runs(document: Document) -> list[tuple[int, int]]:
    """(first, last) of each unbroken run of lines with tabs; tables whose cells are known otherwise are left out."""
    runs: list[tuple[int, int]] = []
    drawn = {n for region in document.regions for n in range(region.first_line, region.last_line + 1)}
    for number, line in enumerate(document.lines, 1):
        if "\t" not in line or number in drawn:
            continue
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


@dataclass(frozen=True)
class Caption:
    """What stands above a run: title, unit of money, and the line of the title."""

    title: str
    unit: str
    line: int


def caption_above(document: Document, first: int, floor: int, lexicon: Lexicon) -> Caption | None:
    """The caption of a run that begins on line `first`; nothing above line `floor` belongs to it.

    None where no title of a table is near: then the run is no budget table (a form, a list).
    """
    unit, seen = "", 0
    for number in range(first - 1, floor, -1):
        text = clean_title(document.line(number))
        if not text:
            continue
        seen += 1
        found = _UNIT.search(text)
        unit = unit or (found.group(1) if found else "")
        if not _BODY_TITLE.match(text) and not _UNIT.match(text):
            label = normal_label(_UNIT.sub("", text))
            if is_table_number(label):
                continue
            if lexicon.form_of_title(label) or re.search(r"表(?:[(（].*[)）])?$", label):
                return Caption(text, unit, number)
            if found is None:
                return None
        if seen >= _TITLE_REACH:
            return None
    return None


def is_body_row(row: GridRow, has_header: bool, lexicon: Lexicon) -> bool:
    """Whether a row is data rather than header: it has an amount, a code, numbering, or is a total alone."""
    texts = [fold_digits(cell.text) for cell in row.cells if cell.text]
    if any(_NUMBERED.match(t) for t in texts) or any("." in t and is_amount(t) for t in texts):
        return True
    if any(_CODE.fullmatch(t) for t in texts) and not is_index_row(row):
        return True
    return has_header and len(texts) == 1 and lexicon.role(texts[0]) == "total"


def is_index_row(row: GridRow) -> bool:
    """Whether a row only numbers the columns: `** ** 1 2 3`."""
    texts = [fold_digits(cell.text) for cell in row.cells if cell.text]
    return bool(texts) and all(_INDEX_CELL.fullmatch(t) for t in texts)


def read_grids(document: Document, lexicon: Lexicon) -> list[Grid]:
    """Every tab-separated budget table, in order; indicator forms and captionless runs are left to others."""
    grids: list[Grid] = []
    floor = 0
    runs = tab_runs(document)
    for position, (first, last) in enumerate(runs):
        caption = caption_above(document, first, floor, lexicon)
        floor = last
        if caption is None or is_indicator_run(document, caption, first, lexicon):
            continue
        ceiling = runs[position + 1][0] if position + 1 < len(runs) else len(document.lines) + 1
        grid = _grid(document, caption, first, last, ceiling, lexicon)
        if grids and _continues(grids[-1], grid):
            before = grids.pop()
            grid = replace(
                before,
                body=before.body + grid.body,
                spans=before.spans + grid.spans,
                said_empty=before.said_empty and grid.said_empty,
            )
        grids.append(grid)
    return grids


def is_indicator_run(document: Document, caption: Caption, first: int, lexicon: Lexicon) -> bool:
    """Whether a run is a performance form (绩效目标) rather than a budget table."""
    if lexicon.form_of_title(caption.title):
        return False
    return "绩效" in caption.title or "指标" in normal_text(document.line(first))


def _grid(
    document: Document, caption: Caption, first: int, last: int, ceiling: int, lexicon: Lexicon
) -> Grid:
    header: list[GridRow] = []
    body: list[GridRow] = []
    for number in range(first, last + 1):
        row = split_row(document, number)
        if body or is_body_row(row, bool(header), lexicon):
            body.append(row)
        elif not is_index_row(row):
            header.append(row)
    end = last
    said_empty = False
    for number in range(last + 1, min(ceiling, last + 4)):
        text = document.line(number).strip()
        if text and _EMPTY_NOTE.search(text) and len(text) < 40:
            said_empty, end = True, number
    return Grid(caption.title, caption.unit, tuple(header), tuple(body), ((caption.line, end),), said_empty)


def _continues(before: Grid, after: Grid) -> bool:
    """Whether a grid is the next page of the one before: same title, same header."""
    heads = [[[cell.text for cell in row.cells] for row in grid.header] for grid in (before, after)]
    return normal_text(before.title) == normal_text(after.title) and heads[0] == heads[1]
