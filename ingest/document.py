"""The records that pass from step to step of reading. No logic, and nothing of budgets' meaning.

Order of use: `Document` (readers/) → `ReadTable` (layout and alignment) → `Figure`, `Fact` (facts) ;
`Indicator` (indicators) and `Claim` (prose) are read from the same `Document`.
Every record knows where it stands: lines and characters count from 1, as an editor shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum


@dataclass(frozen=True)
class Source:
    """The file as given: its name without folder, the SHA-256 of its bytes in hex, its size in bytes."""

    name: str
    sha256: str
    size_bytes: int
    media_type: str = "text/plain"


@dataclass(frozen=True)
class Box:
    """A place on a page (from 1): left, top, width and height in points from the page's top left corner."""

    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class RegionCell:
    """A cell of a region: its first row and column (from 0), how many of each it covers, its text, and the character

    where that begins on the line of its first row (from 1).
    """

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    start: int


@dataclass(frozen=True)
class Region:
    """A table whose cells are known from how it is drawn. Row i stands on line `first_line + i`, cells parted by tabs.

    `edges` are the left edges of its columns and the right edge of the last, in points (of a page that is not drawn, in
    columns). What stands up to line `floor` is of another sheet and never its caption. `head` is `drawn` where every
    heading covers its columns, `loose` where blanks to its right may be its too, `unclear` where those to its left may be, and `placed` where no line
    parts the columns: where text stands says what is over what.
    """

    first_line: int
    rows: int
    edges: tuple[float, ...]
    cells: tuple[RegionCell, ...]
    page: int
    floor: int = 0
    head: str = "drawn"

    @property
    def last_line(self) -> int:
        """The line of its last row."""
        return self.first_line + self.rows - 1


@dataclass(frozen=True)
class Document:
    """A text that has been read: its lines exactly as printed, without line ends.

    `lines[0]` is line 1. A form feed inside a line starts a new page; `pages[i]` is the page of `lines[i]`
    (1 throughout where the file has no form feeds). Of a file with pages that are drawn (PDF), `regions` are the tables
    whose cells are known, and `boxes` the place of each number, by its line and the character it begins at. Of a file
    made of cells and paragraphs (workbook, Word, web page) `fragments[line]` has the places on a line, by the character
    each begins at; `incomplete` are lines of tables of which not every amount can be seen, and `notes` say why.
    """

    source: Source
    lines: tuple[str, ...]
    pages: tuple[int, ...]
    regions: tuple[Region, ...] = ()
    boxes: Mapping[tuple[int, int], Box] = field(default_factory=dict, compare=False)
    fragments: Mapping[int, tuple[tuple[int, str], ...]] = field(default_factory=dict, compare=False)
    incomplete: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()

    def line(self, number: int) -> str:
        """The text of a line, counted from 1."""
        return self.lines[number - 1]


class Certainty(Enum):
    """How sure the column of an amount is (docs/model.md)."""

    PRINTED = "printed"
    """Its position on the page makes it plain."""
    RECONCILED = "reconciled"
    """Arithmetic leaves one possibility; the equations are kept as `proof`."""
    AMBIGUOUS = "ambiguous"
    """Several columns remain; `candidates` lists them and no fact is made."""


@dataclass(frozen=True)
class Amount:
    """One amount as printed in a table: `1,570.83` on line 193, the first amount of that line.

    `value` is in the printed unit, `decimals` how many decimal places were printed, `start` the character
    on the line where the token begins (from 1).
    """

    token: str
    value: Decimal
    decimals: int
    line: int
    nth: int
    start: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Column:
    """One leaf column of a table: its header levels from the outermost in, as `("支出", "2021年预算", "总计")`."""

    path: tuple[str, ...]


@dataclass(frozen=True)
class TableCell:
    """An amount and the column it stands in.

    `column` indexes `ReadTable.columns`; None where `certainty` is AMBIGUOUS, and then `candidates` holds at
    least two column indexes. `proof` has one equation in words a line for RECONCILED cells.
    """

    amount: Amount
    column: int | None
    certainty: Certainty
    candidates: tuple[int, ...] = ()
    proof: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowSide:
    """One labelled part of a row. Ordinary rows have one; a two-sided row (收入 | 支出) has one a side.

    `label` is joined over line breaks, white space inside removed only where extraction broke a word;
    `codes` are the classification codes printed, in full digits, in order (`("2080505",)`, or
    `("30101", "50501")` where the row carries a department-economic and a government-economic code);
    `unit_code` is a budget unit's code printed on the row (`322001`), `unit_name` its name where a column of units stands
    beside the one of labels. `level` is the depth of the label's
    indentation or numbering where one is known, else 0.
    """

    label: str
    cells: tuple[TableCell, ...]
    codes: tuple[str, ...] = ()
    unit_code: str = ""
    level: int = 0
    unit_name: str = ""


@dataclass(frozen=True)
class ReadRow:
    """One row of a table, from the line of its label (or of its first amount).

    A two-sided table's rows have both sides, 收入 first; a side may be blank (no label, no cells).
    """

    line: int
    sides: tuple[RowSide, ...]


@dataclass(frozen=True)
class ReadTable:
    """A budget table as read. Continuation pages and column groups of one table are one ReadTable.

    `number` is its running number in the document from 1 (tables published empty count). `unit` is 万元 or 元,
    as printed. `columns` are leaf columns from left to right; for a two-sided table their paths begin with
    收入 or 支出. `published_empty` is True for a form that is there without any amount.
    `first_line`..`last_line` (from 1, inclusive) is what the table takes up, title and notes included.
    """

    number: int
    title: str
    unit: str
    columns: tuple[Column, ...]
    rows: tuple[ReadRow, ...]
    first_line: int
    last_line: int
    published_empty: bool = False
    other_lines: tuple[tuple[int, int], ...] = ()
    """Further (first, last) line ranges, where the table goes on elsewhere."""
    owner: str = ""
    """The body printed above the table as its own (单位名称：…), where one is."""
    remarks: tuple[tuple[int, int], ...] = ()
    """(line, character) of the numbers in its columns of other things than money: 增减%, 数量."""


@dataclass(frozen=True)
class Indicator:
    """One performance indicator (绩效指标) of a project or of the whole department.

    `operator` is one of `=`, `>=`, `<=`, `>`, `<`, `定性` or empty; `printed` what is printed for operator, value and
    unit together. `value` is the target in its own words or digits, `measure_unit` its unit, `weight` and
    `direction` as printed. `likely_operator` is our reading where the printed sign is a known extraction
    fault (`≠` for `≤`), else empty.
    """

    line: int
    nth: int
    scope: str
    project: str
    project_amount: str
    unit_name: str
    level1: str
    level2: str
    level3: str
    operator: str
    value: str
    measure_unit: str
    weight: str
    direction: str
    printed: str
    likely_operator: str = ""
    page: int = 1


@dataclass(frozen=True)
class Claim:
    """One amount, share, change, growth rate or count stated in prose.

    `start` is the character on the line where the token begins (from 1). `relation` is `amount`, `share`,
    `change_amount`, `change_percent` or `count`; `unit` as printed (万元, 元, %, 辆 …); `subject` what is spoken of;
    `year` the fiscal year spoken of. `direction` is `increase`, `decrease` or empty.
    """

    line: int
    start: int
    token: str
    value: Decimal
    unit: str
    subject: str
    year: int
    relation: str
    direction: str = ""
    page: int = 1
