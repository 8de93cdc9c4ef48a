"""Ruled tables → the grids that the rest of reading works on: title, unit, header levels, body rows of cells.

Where the rulings are known, so are the spans: a heading holds for the columns its cell covers, and nothing is guessed. A
table that goes on over pages, with or without its head repeated, is one grid.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import replace

from mingzhang.ingest.amounts import fold_digits, is_amount
from mingzhang.ingest.cell_blocks import Head, PlacedCell
from mingzhang.ingest.cell_heads import head_of
from mingzhang.ingest.document import Document, Region
from mingzhang.ingest.dressed import undressed
from mingzhang.ingest.grid import Grid, GridCell, GridRow, is_body_row, is_index_row
from mingzhang.ingest.pdf_captions import (
    Caption,
    caption_in,
    caption_of,
    is_bare_unit,
    is_page_number,
    running_lines,
    stand_below,
    title_below,
)
from mingzhang.ingest.pdf_cut_heads import above_columns, next_page_of, same_sides
from mingzhang.ingest.pdf_parts import joined_parts, names_rows
from mingzhang.ingest.sheet import Sheet, same_columns, sheet_of
from mingzhang.ontology.lexicon import Lexicon, normal_label, normal_text

_PLAIN_MONEY = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|-?[0-9]+\.[0-9]+")
# Money, with a minus sign of any kind or in brackets: what such an amount means is not asked here.
_BARE_MONEY = re.compile(rf"[(（]?[-−–]?(?:{_PLAIN_MONEY.pattern})[)）]?")
# Whole numbers with blanks or dashes between them: the numbers of several rows.
_NUMBERS_IN_A_ROW = re.compile(r"[0-9]{2,}(?:[\s\-—–]+[0-9]{2,})+")
# From one year to another: 2024-2026.
_YEARS = re.compile(r"(?:19|20)[0-9]{2}\s*[-—–~～至]+\s*(?:19|20)[0-9]{2}")
# Edges of two pages of one table are the same within this (points).
_SAME_EDGE = 2.0
# Of so few rows all may have merged cells.
_FEW_ROWS = 3
# The number of a column, or how it is reckoned from others: 3, 3=4+5.
_COLUMN_NUMBER = re.compile(r"([0-9]{1,2})(?:=[0-9+\-—~…()（）]+)?")
_NUMBERING = ("栏次", "行次")
_CODE_PARTS = ("类", "款", "项")
# Printed for nothing.
_DASH = re.compile(r"[-—–－]+")
# Or in a dress that is not read: 1'000.25, ¥1,000.25, △12.00, 12.50元.
_BROKEN_MONEY = re.compile(
    r"(?=.*(?:[.,'’·\s]|[0-9]{5}))[-−–(（¥￥$△▲*]*\s*[0-9][0-9,.'’·\s]*(?:万元|千元|亿元|元)?[)）]?"
)
_YEAR = re.compile(r"20[0-9]{2}")
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z]")
_FORM_WORDS = re.compile(r"绩效|指标")
_INDICATOR_HEADING = re.compile(r"(?:[一二三]级|绩效)指标(?:内容|名称)?")
_HEADING_ROLES = ("code", "unit-code", "label", "amount", "index", "note")
_NOT_MONEY = ("code", "unit-code", "label", "index", "note")
_HEAD_UNIT = re.compile(r"[(（](?:单位[:：])?(?:人民币)?(万元|千元|亿元|元)[)）]")
_EMPTY_NOTE = re.compile(r"空表|无此项|本表无数据|此表无数据|没有.{0,20}(?:支出|收入|预算|安排)")


def read_region_grids(document: Document, lexicon: Lexicon) -> list[Grid]:
    """Every budget table that is drawn with rulings, in order; indicator forms and other tables are left to others."""
    grids: list[Grid] = []
    before: Sheet | None = None
    owner = ""
    floor = 0
    heads_cut: dict[int, tuple[Sheet, Caption]] = {}
    running = running_lines(document, lexicon) if document.boxes else frozenset()
    below = _titles_below(document, lexicon) if document.boxes else None
    for region in map(_with_loose_head, document.regions) if document.boxes else document.regions:
        if before is not None and document.boxes:
            region = _in_columns_of(before.region, region)
        sheet = sheet_of(region)
        caption, top = _caption(document, sheet, max(floor, region.floor), lexicon, running)
        floor = region.last_line
        if below is not None:
            title, floor = below[region.first_line]
            caption = replace(caption, title=title)
        if region.head == "unclear":
            before = None
            continue
        follows = before is not None and bool(grids) and _may_follow(before.region, region, caption, document)
        same_owner = not caption.body or not owner or caption.body == owner
        grid = None
        if (
            follows
            and before is not None
            and same_owner
            and _goes_on(document, grids[-1], before, sheet, top, caption, lexicon)
        ):
            grids[-1] = _extended(grids[-1], sheet, top, caption, lexicon)
            before = sheet
            continue
        cut = heads_cut.pop(region.first_line, None)
        if cut is not None and not top:
            above, caption = cut
            grid = _grid(document, sheet, top, caption, lexicon, above_columns(above, sheet))
        else:
            grid = _grid(document, sheet, top, caption, lexicon)
        following = next_page_of(document, region)
        if grid is not None and not grid.body and following is not None:
            # The rest of it is on the next page, or it cannot be read: it is not an empty form.
            whole = same_columns(region, following) and not _head_height(sheet_of(following), 0, lexicon)
            is_head = _head_height(sheet, top, lexicon) >= region.rows - top
            if not whole and is_head and same_sides(region, following):
                heads_cut[following.first_line] = (sheet, caption)
            grid = grid if whole else None
        before = sheet if grid is not None else None
        owner = caption.body if grid is not None else ""
        grids += [grid] if grid is not None else []
    return joined_parts(grids, document, lexicon)


def _with_loose_head(region: Region) -> Region:
    """The table, its head called loose where blanks drawn beside a heading stand for the rest of its columns.

    So a sheet looks in print whose headings nobody merged: 支出功能科目 | (blank) | (blank) above 类 | 款 | 项.
    """
    if region.head != "drawn":
        return region
    cells = sorted((c for c in region.cells if c.text), key=lambda c: (c.row, c.column))
    placed = [PlacedCell(c.row, c.column, c.row_span, c.column_span, c.text, "") for c in cells]
    head = head_of(placed) if placed and placed[0].row == 0 else Head(0, "drawn")
    if head.kind != "loose":
        return region
    return replace(region, head="loose", cells=tuple(c for c in region.cells if c.text or c.row >= head.rows))


def _in_columns_of(before: Region, region: Region) -> Region:
    """The last rows of a table, alone on its last page, in the columns of the page before.

    Cells that are merged there leave no trace of the edges between them: where all its edges are edges of the page
    before, the outer ones among them, it has the columns of that page.
    """
    few = len(region.edges) < len(before.edges) and region.rows <= _FEW_ROWS
    if not few or region.page != before.page + 1 or region.head != "drawn" or before.head != "drawn":
        return region
    places = [min(range(len(before.edges)), key=lambda i: abs(before.edges[i] - x)) for x in region.edges]
    alike = all(abs(before.edges[i] - x) <= _SAME_EDGE for i, x in zip(places, region.edges, strict=True))
    if not alike or places[0] != 0 or places[-1] != len(before.edges) - 1 or len(set(places)) < len(places):
        return region
    cells = tuple(
        replace(c, column=places[c.column], column_span=places[c.column + c.column_span] - places[c.column])
        for c in region.cells
    )
    return replace(region, edges=before.edges, cells=cells)


def _titles_below(document: Document, lexicon: Lexicon) -> dict[int, tuple[str, int]] | None:
    """First line of each table → (its title, the line up to which what stands there is its own); None where titles stand

    above. The title of a table that goes on over pages stands below its last page: its first page has it then.
    """
    if not stand_below(document, lexicon):
        return None
    found: dict[int, tuple[str, int]] = {}
    pages: list[Region] = []
    for region in document.regions:
        if pages and not (same_columns(pages[-1], region) and region.page == pages[-1].page + 1):
            pages = []
        title, line = title_below(document, region.last_line, lexicon)
        found[region.first_line] = ("", line)
        pages.append(region)
        if title:
            found[pages[0].first_line] = (title, found[pages[0].first_line][1])
            pages = []
    return found


def _may_follow(before: Region, region: Region, caption: Caption, document: Document) -> bool:
    """Whether a table stands where the next page of the one before would.

    Workbooks, Word files and web pages are not cut where a page ends: only the same title (on the next sheet, as
    converters leave it), or nothing between but a page's number, makes one table of two.
    """
    between = range(before.last_line + 1, region.first_line)
    if document.fragments and not caption.title and not all(map(is_page_number, map(document.line, between))):
        return False
    return region.page - before.page <= 1


def _caption(
    document: Document, sheet: Sheet, floor: int, lexicon: Lexicon, running: Set[int]
) -> tuple[Caption, int]:
    """The caption of a table, and the row its header begins with: titles drawn inside the frame stand above it."""
    top = 0
    while top < sheet.region.rows - 1 and (_is_banner(sheet, top) or _states_unit(sheet, top)):
        top += 1
    if top:
        first = sheet.region.first_line
        inside = [(first + row, "  ".join(c.text for c in sheet.starts(row))) for row in range(top)][::-1]
        caption = caption_in(inside, first, lexicon)
        if caption.title:
            return caption, top
        outside = caption_of(document, first, floor, lexicon, running)
        return replace(outside, unit=outside.unit or caption.unit, body=outside.body or caption.body), top
    return caption_of(document, sheet.region.first_line, floor, lexicon, running), 0


def _is_banner(sheet: Sheet, row: int) -> bool:
    """Whether a row is one cell from side to side."""
    cells = sheet.starts(row)
    return len(cells) == 1 and cells[0].column_span == sheet.width and cells[0].row_span == 1


def _states_unit(sheet: Sheet, row: int) -> bool:
    """Whether a row is what stands between a title and its table: 部门：… | 单位：万元."""
    texts = [normal_text(cell.text) for cell in sheet.starts(row) if cell.text]
    return 0 < len(texts) < 4 and is_bare_unit(texts[-1]) and not any(map(is_amount, texts))


def _goes_on(
    document: Document,
    grid: Grid,
    before: Sheet,
    sheet: Sheet,
    top: int,
    caption: Caption,
    lexicon: Lexicon,
) -> bool:
    """Whether a table is the next page of the one before."""
    if caption.unit and grid.unit and caption.unit != grid.unit:
        return False
    if caption.title and _same_title(caption.title, grid.title):
        return _repeats_head(grid, sheet, top, lexicon) > 0
    alike = same_columns(before.region, sheet.region)
    if caption.title or not alike:
        return False
    if _repeats_head(grid, sheet, top, lexicon):
        return True
    # Where pages are not drawn, what stands right below is what a person sees as the rest of it.
    next_page = sheet.region.page == before.region.page + (0 if document.fragments else 1)
    return next_page and not caption.unit and not _has_own_head(sheet, top, lexicon)


def _has_own_head(sheet: Sheet, top: int, lexicon: Lexicon) -> bool:
    """Whether a table begins with headings: one that goes on without its head begins with data."""
    levels = sheet.levels(top)
    return sum(1 for level in set(levels) if lexicon.role(level) in ("code", "label", "amount", "index")) > 1


def _same_title(one: str, other: str) -> bool:
    def bare(title: str) -> str:
        return re.sub(r"[(（]续表?[)）]$|续表?$", "", normal_text(title))

    return bare(one) == bare(other)


def _repeats_head(grid: Grid, sheet: Sheet, top: int, lexicon: Lexicon) -> int:
    """How many rows of a table repeat the head of a grid; 0 where they do not."""
    head = grid.levels or ()
    height = len(head)
    if not height:
        return 0
    levels = [sheet.levels(row) for row in range(top, min(top + height, sheet.region.rows))]
    printed = _without_numbers(levels, sheet, top, lexicon)
    for rows in range(height, 0, -1):
        # Word and browsers repeat as many rows of a head as are marked so: the rows below are data then.
        if rows > len(printed) or (rows < height and top + rows >= sheet.region.rows):
            continue
        whole = rows == height or _is_data(sheet, top + rows, True, lexicon)
        if whole and head[:rows] in (printed[:rows], tuple(map(_without_unit, printed[:rows]))):
            return rows
    return 0


def _extended(grid: Grid, sheet: Sheet, top: int, caption: Caption, lexicon: Lexicon) -> Grid:
    """The grid with the rows of its next page."""
    start = top + _repeats_head(grid, sheet, top, lexicon)
    rows = _body(sheet, start, grid.unit)
    span = (min(caption.line, sheet.region.first_line), sheet.region.last_line)
    return replace(grid, body=grid.body + rows, spans=(*grid.spans, span))


def _grid(
    document: Document,
    sheet: Sheet,
    top: int,
    caption: Caption,
    lexicon: Lexicon,
    above: tuple[tuple[str, ...], ...] = (),
) -> Grid | None:
    """The grid of a table; None where it is no budget table. `above`: levels of its head on the page before."""
    height = _head_height(sheet, top, lexicon)
    if not height:
        return None
    head = (*above, *(sheet.levels(row) for row in range(top, top + height)))
    unit = _unit_of_columns(head, _body(sheet, top + height, caption.unit), lexicon)
    if unit and caption.unit in ("", unit):
        head, caption = tuple(map(_without_unit, head)), replace(caption, unit=unit)
    rows = _body(sheet, top + height, caption.unit)
    sets_targets = _is_performance_form(caption.title, head, lexicon) or _lists_indicators(rows)
    if lexicon.form_of_title(caption.title) is None and sets_targets:
        return None
    # Without a title a head must be known; without a unit as well it can only be the right part of a wide table.
    if not caption.title and not (_knows(head, lexicon) and (caption.unit or not names_rows(head, lexicon))):
        return None
    if not caption.unit and not any(
        _PLAIN_MONEY.fullmatch(fold_digits(c.text)) for r in rows for c in r.cells
    ):
        return None
    last = sheet.region.last_line
    loose = sheet.region.head == "loose"
    header = tuple(sheet.grid_row(row) for row in range(top, top + height))
    return Grid(
        caption.title,
        caption.unit,
        tuple(row for row in header if not (loose and is_index_row(row))),
        rows,
        ((min(caption.line, sheet.region.first_line), last),),
        _said_empty(document, last),
        levels=_without_numbers(head, sheet, top - len(above), lexicon),
        owner=caption.body if lexicon.names_a_body(caption.body) else "",
        loose=loose,
        placed=sheet.region.head == "placed",
    )


def _counts_columns(sheet: Sheet, row: int) -> bool:
    """Whether a row has nothing but the numbers from 1 on, however they are divided among its cells."""
    texts = [text for cell in sheet.starts(row) for text in fold_digits(cell.text).split()]
    return len(texts) > 2 and texts == [str(number) for number in range(1, len(texts) + 1)]


def _lists_indicators(rows: Sequence[GridRow]) -> bool:
    """Whether a table has the headings of indicators further down, as forms of targets for a whole department do."""
    return any(_INDICATOR_HEADING.fullmatch(cell.text) for row in rows for cell in row.cells)


def _without_numbers(
    head: Sequence[tuple[str, ...]], sheet: Sheet, top: int, lexicon: Lexicon
) -> tuple[tuple[str, ...], ...]:
    """The levels of a head that begins with row `top` (rows before 0 are on the page before), less those that number

    the columns; where such a row names the parts of codes as well, only these are taken from it.
    """
    found: list[tuple[str, ...]] = []
    for row, level in enumerate(head, top):
        if row >= 0 and is_index_row(sheet.grid_row(row)):
            continue
        if row >= 0 and found and _numbers_beside_codes(sheet, row, lexicon):
            above = found[-1]
            level = tuple(
                over if text in _NUMBERING or _COLUMN_NUMBER.fullmatch(fold_digits(text)) else text
                for text, over in zip(level, above, strict=True)
            )
        found.append(level)
    return tuple(found)


def _numbers_beside_codes(sheet: Sheet, row: int, lexicon: Lexicon) -> bool:
    """Whether a row numbers the columns from 1 and has headings of codes beside: 类 | 款 | 项 | 栏次 | 1 | 2 | 3.

    So the Ministry of Finance sets the forms of final accounts (公开02表 and others).
    """
    texts = [fold_digits(cell.text) for cell in sheet.grid_row(row).cells if cell.text]
    numbers = [int(match[1]) for text in texts if (match := _COLUMN_NUMBER.fullmatch(text))]
    others = [text for text in texts if not _COLUMN_NUMBER.fullmatch(text)]
    return (
        bool(others)
        and bool(numbers)
        and numbers == list(range(1, len(numbers) + 1))
        and all(text in (*_NUMBERING, *_CODE_PARTS) or lexicon.role(text) == "code" for text in others)
    )


def _without_unit(level: Sequence[str]) -> tuple[str, ...]:
    """Headings without the unit of money in brackets."""
    return tuple(_HEAD_UNIT.sub("", text) for text in level)


def _unit_of_columns(head: Sequence[Sequence[str]], rows: Sequence[GridRow], lexicon: Lexicon) -> str:
    """The unit of money that the heading of every column of amounts prints (金额（万元）); empty where not all do."""
    units: set[str] = set()
    for index, column in enumerate(zip(*head, strict=True)):
        if any(lexicon.role(_HEAD_UNIT.sub("", text)) in _NOT_MONEY for text in column):
            continue
        # Names and remarks, whatever their heading is.
        texts = [text for row in rows if (text := row.text(index))]
        if texts and not any(is_amount(text) for text in texts):
            continue
        found = {match.group(1) for text in column if (match := _HEAD_UNIT.search(text))}
        units |= found or {""}
    return units.pop() if len(units) == 1 else ""


def _is_performance_form(title: str, head: Sequence[Sequence[str]], lexicon: Lexicon) -> bool:
    """Whether a table sets targets (绩效目标, 指标); a budget table may have one column that tells of them."""
    columns = list(zip(*head, strict=True))
    telling = [column for column in columns if any(_FORM_WORDS.search(level) for level in column)]
    if len(telling) > 1:
        return True
    # A list of projects, each with its money and its goal, is a budget table whatever it is called.
    is_list = any(level and lexicon.role(level) == "amount" for row in head for level in row)
    is_list = is_list and not any("指标" in level for row in head for level in row)
    return bool(_FORM_WORDS.search(title)) and not is_list


def _said_empty(document: Document, last: int) -> bool:
    below = [document.line(n).strip() for n in range(last + 1, min(last + 4, len(document.lines) + 1))]
    return any(len(text) < 60 and _EMPTY_NOTE.search(text) for text in below)


def _knows(head: Sequence[Sequence[str]], lexicon: Lexicon) -> bool:
    """Whether a head names a column that budget tables have."""
    return any(lexicon.role(level) or lexicon.concepts_named(level) for row in head for level in row if level)


def _head_height(sheet: Sheet, top: int, lexicon: Lexicon) -> int:
    """How many rows the header takes up: those before the first row of data, with all that their cells reach into."""
    end = top
    for row in range(top, sheet.region.rows):
        numbered = row > top + 1 and (
            is_index_row(sheet.grid_row(row - 1)) or _numbers_beside_codes(sheet, row - 1, lexicon)
        )
        if numbered or _is_data(sheet, row, row > top, lexicon):
            break
        reach = max((c.row + c.row_span for c in sheet.starts(row)), default=row + 1)
        end = max(end, row + 1, reach if row == top else row + 1)
    return end - top if end < sheet.region.rows or end > top else 0


def _is_data(sheet: Sheet, row: int, has_header: bool, lexicon: Lexicon) -> bool:
    """Whether a row is data: as for any table, or mostly blank where a heading would fill its cells."""
    texts = [cell.text for cell in sheet.grid_row(row).cells]
    printed = [text for text in texts if text]
    if is_body_row(sheet.grid_row(row), has_header, lexicon):
        return True
    if is_index_row(sheet.grid_row(row)):
        return False
    if any(_BARE_MONEY.fullmatch(fold_digits(text)) for text in printed) or _is_blurred(sheet, row):
        return True
    # Over all columns stands no heading below other headings: rows that could not be told apart do (pdf_bands).
    if has_header and _is_banner(sheet, row):
        return True
    # An amount broken over lines (154947 77.13) is no heading either, whatever it is.
    if any(_BROKEN_MONEY.fullmatch(fold_digits(text)) for text in printed):
        return True
    # Headings hold no number of their own but a year's.
    if not has_header and any(is_amount(text) and not _YEAR.fullmatch(fold_digits(text)) for text in printed):
        return True
    # A label and whole numbers behind it, as small as they may be.
    named = printed[:1] and not is_amount(printed[0]) and lexicon.role(printed[0]) not in _HEADING_ROLES
    filled = [text for text in printed[1:] if not _DASH.fullmatch(text)]
    if has_header and named and len(printed) > 1 and all(is_amount(text) for text in filled):
        return True
    totals = any(lexicon.role(text) == "total" for text in printed[:1])
    if has_header and totals and any(is_amount(text) for text in printed):
        return True
    starting = sheet.starts(row)
    if has_header and named and len(starting) > 1 and starting[0].text == printed[0] and len(printed) == 1:
        return True
    blank = sum(1 for cell in starting if not cell.text)
    return has_header and blank * 2 > len(starting)


def _is_blurred(sheet: Sheet, row: int) -> bool:
    """Whether a cell that reaches into a row holds several amounts, one below the other or side by side."""
    texts = [_YEARS.sub("", fold_digits(c.text)) for c in dict.fromkeys(sheet.cover[row]) if c is not None]
    return any(
        not _NAME.search(text) and (len(_PLAIN_MONEY.findall(text)) > 1 or _NUMBERS_IN_A_ROW.search(text))
        for text in texts
    )


def _body(sheet: Sheet, start: int, unit: str) -> tuple[GridRow, ...]:
    """The data rows: notes across the table left out, labels that cover several rows given to each of them.

    An amount in a cell that covers several columns stands in none of them and is left out: it stays unread. So does a
    row of which a cell holds several amounts: its rows are not all drawn apart, and which label is whose is open.
    """
    rows = []
    for row in range(start, sheet.region.rows):
        if _is_banner(sheet, row) or is_index_row(sheet.grid_row(row)) or _counts_columns(sheet, row):
            continue
        if _is_blurred(sheet, row):
            continue
        cells = list(sheet.grid_row(row).cells)
        for column, cell in enumerate(sheet.cover[row]):
            if cell is None:
                continue
            if (
                start <= cell.row < row
                and cell.column == column
                and not is_amount(cell.text)
                and normal_label(cell.text)
            ):
                cells[column] = GridCell(cell.text, 1)
            if cell.column_span > 1 and cell.column == column and "." in cell.text and is_amount(cell.text):
                cells[column] = GridCell("", 1)
        rows.append(GridRow(sheet.region.first_line + row, tuple(undressed(cell, unit) for cell in cells)))
    return tuple(rows)
