"""A table of cells → captions, the table proper, and notes.

Workbooks and web pages print title, body and unit (表1 收支总表, 部门：…, 单位：万元) in the first rows of the table, and
notes in the last ones. These become lines, as they are on a page, so that what follows finds them where it looks for them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import replace

from mingzhang.ingest.amounts import is_amount
from mingzhang.ingest.cell_blocks import Block, CellTable, PlacedCell, TextLine
from mingzhang.ingest.cell_heads import head_of
from mingzhang.ingest.grid import squeeze
from mingzhang.ingest.pdf_captions import is_bare_unit

# A table larger than this many places is none that a person reads: its cells are kept as lines.
MOST_PLACES = 500_000
_UNIT = re.compile(r"^.{0,8}单位[:：]?[(（]?(?:人民币)?(?:万元|千元|亿元|元).{0,12}$")
_OWNER = re.compile(
    r"^(?:编制|填报|预算|公开|主管)?(?:部门|单位)(?:名称|编码|代码)?(?:[(（][^)）]*[)）])?[:：]"
)
_STAMP = re.compile(r"^(?:编制|填报|填表|公开|批复|制表)?(?:日期|时间|人)[:：]|^(?:20[0-9]{2}年)[0-9]{1,2}月")
_NUMBER = re.compile(
    r"^(?=.*[表附])(?:附件?|附表|(?:部门|单位|省级|市级|区级|县级|财|部)?(?:预算|决算|预|决|批复)?(?:公开)?)?(?:表|附件)?[0-9一二三四五六七八九十]{1,3}(?:[-—][0-9]{1,2})?(?:表)?[:：]?$"
)
_TITLE = re.compile(r"表(?:[(（].*[)）])?$")
_OF_AMOUNTS = re.compile(r"^.{0,12}(?:[预决]算数?|执行数|金额)(?:[(（](?:单位[:：])?(?:万元|元)[)）])?$")
_NOTE = re.compile(r"^(?:注|备注|说明|附注)(?:[0-9一二三四五六七八九十]*)[:：、.]|^[*※]|。$")
_MONEY = re.compile(r"[.,．，]")
_WORDS = re.compile(r"[\u4e00-\u9fff]\s*[\u4e00-\u9fff]")
# So many rows below its money at most, a form of targets names its indicators.
_FORM_ROWS = 25
# A row's label is shorter.
_LONGEST_LABEL = 40
# Numbers in a dress that is not read: (12.50) for a negative one, ¥12.50, two in one cell.
_DRESSED = re.compile(r"[¥￥$(（△▲*]*\s*-?[0-9０-９][0-9０-９,，.．\s]*[)）元*]*")


def table_blocks(table: CellTable) -> list[Block]:
    """The lines and tables that a table of cells is made of, from the top down."""
    rows: dict[int, list[PlacedCell]] = defaultdict(list)
    for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
        rows[cell.row].append(cell)
    left = min((cell.column for cell in table.cells), default=0)
    blocks: list[Block] = []
    current: list[list[PlacedCell]] = []
    money: set[int] = set()
    every = list(rows.values())
    for number, cells in enumerate(every):
        if _is_caption(cells, left, inside=bool(current)):
            blocks += [*_table_proper(table, current), *_caption_lines(cells)]
            current, money = [], set()
            continue
        apart = bool(current) and cells[0].row > current[-1][0].row + 1
        if _begins_head(cells, money, apart=apart) and (
            apart or not _tells_targets([*current, *every[number:][:_FORM_ROWS]])
        ):
            end = _end_before_titles(current)
            blocks += _table_proper(table, current[:end])
            blocks += [line for row in current[end:] for line in _lines(row)]
            current, money = [], set()
        current.append(cells)
        money |= {cell.column for cell in cells if _MONEY.search(cell.text) and is_amount(cell.text)}
    return blocks + _table_proper(table, current)


def _begins_head(cells: Sequence[PlacedCell], money: Set[int], *, apart: bool) -> bool:
    """Whether a row heads another table: it has words where money stood above it, in the columns `money`.

    One word may be a remark, unless the row stands `apart`, below a blank one, and has other words beside it.
    """
    words = sum(1 for cell in cells if cell.column in money and _WORDS.search(cell.text))
    if apart and words and len(cells) > 1:
        return not any(is_amount(cell.text) for cell in cells)
    return words > 1


def _tells_targets(rows: Sequence[Sequence[PlacedCell]]) -> bool:
    """Whether rows are of a form of targets (指标), which puts other things into its columns as it goes on."""
    return any("指标" in cell.text for cells in rows for cell in cells)


def _end_before_titles(rows: Sequence[Sequence[PlacedCell]]) -> int:
    """Where a table ends whose last rows may be titles of the next: one text each, and no amount."""
    end = len(rows)
    while end and len(rows[end - 1]) == 1 and not is_amount(rows[end - 1][0].text):
        end -= 1
    return end


def _is_caption(cells: Sequence[PlacedCell], left: int, *, inside: bool) -> bool:
    """Whether a row stands above a table. `inside`: rows of a table stand right before it."""
    texts = [squeeze(cell.text) for cell in cells]
    if any(is_amount(text) for text in texts):
        return False
    names_unit = any(_UNIT.search(text) for text in texts)
    if inside:
        is_title = len(texts) == 1 and bool(_TITLE.search(texts[0]))
        return is_title or (names_unit and all(map(_is_stamp, texts)))
    if len(cells) == 1:
        # A heading over some columns only is the head's: 支出 over all but the first. So is one over all: 2024年预算数.
        return _is_stamp(texts[0]) or bool(_TITLE.search(texts[0])) or _is_apart(cells[0], left)
    # Beside the unit stands whose table it is, for which year, in any words.
    return all(map(_is_stamp, texts)) or (len(texts) < 4 and is_bare_unit(texts[-1]))


def _is_stamp(text: str) -> bool:
    """Whether a text is what stands between a title and its table: 部门：…, 单位：万元, 公开01表."""
    return any(pattern.search(text) for pattern in (_UNIT, _OWNER, _STAMP, _NUMBER))


def _is_apart(cell: PlacedCell, left: int) -> bool:
    """Whether a cell alone in its row is no heading: it begins at the left, and names no amounts to come."""
    return cell.column == left and not (cell.column_span > 1 and _OF_AMOUNTS.search(squeeze(cell.text)))


def _caption_lines(cells: Sequence[PlacedCell]) -> list[Block]:
    """The lines of a row above a table: one for each cell, or one for all where one alone would say nothing."""
    if all(_is_stamp(squeeze(cell.text)) for cell in cells[1:]) and len(cells) > 1:
        first = squeeze(cells[0].text)
        if not _is_stamp(first) and not _TITLE.search(first):
            return [TextLine("  ".join(cell.text for cell in cells), cells[0].place)]
    return _lines(cells)


def _lines(cells: Sequence[PlacedCell]) -> list[Block]:
    return [TextLine(cell.text, cell.place) for cell in cells]


def _table_proper(table: CellTable, rows: Sequence[Sequence[PlacedCell]]) -> list[Block]:
    """Rows as a table, and the notes that end it as lines; all of them as lines where they are no table."""
    end = len(rows)
    while end and _is_note(rows[end - 1]):
        end -= 1
    notes = [line for cells in rows[end:] for line in _lines(cells)]
    kept = [cell for cells in rows[:end] for cell in cells]
    if len({cell.column for cell in kept}) < 2:
        return [*_lines(kept), *notes]
    cells = _close_up(kept)
    if end * max(cell.column + cell.column_span for cell in cells) > MOST_PLACES:
        return [*_lines(kept), *notes]
    incomplete = table.incomplete or any(_is_dressed_amount(cell.text) for cell in cells)
    return [CellTable(cells, incomplete, head_of(cells)), *notes]


def _is_dressed_amount(text: str) -> bool:
    """Whether a cell shows money that is not read as an amount, so that sums over it are not to be judged."""
    return bool(re.search(r"[.,¥￥$\s]", text)) and bool(_DRESSED.fullmatch(text)) and not is_amount(text)


def _is_note(cells: Sequence[PlacedCell]) -> bool:
    if len(cells) != 1 or is_amount(cells[0].text):
        return False
    text = squeeze(cells[0].text)
    return bool(_NOTE.search(text)) or len(text) > _LONGEST_LABEL


def _close_up(cells: Sequence[PlacedCell]) -> tuple[PlacedCell, ...]:
    """The cells without the rows and columns in which no cell begins, counted from 0."""
    rows = sorted({cell.row for cell in cells})
    columns = sorted({cell.column for cell in cells})
    return tuple(
        replace(
            cell,
            row=bisect_left(rows, cell.row),
            column=bisect_left(columns, cell.column),
            row_span=bisect_left(rows, cell.row + cell.row_span) - bisect_left(rows, cell.row),
            column_span=bisect_left(columns, cell.column + cell.column_span)
            - bisect_left(columns, cell.column),
        )
        for cell in cells
    )
