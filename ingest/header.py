"""Header rows → leaf columns: which cells span which columns, and what each column holds.

A header cell spans the blank cells to its right, as long as the cell above them spans on too. Where the extraction
put a group's heading one column early, or lost the lowest header row, the columns are marked `conjectured` and
`columns_proven` (proof.py) must find arithmetic for them before any amount in them counts as read.
"""

from __future__ import annotations

from dataclasses import dataclass

from mingzhang.ingest.grid import Grid, squeeze
from mingzhang.ontology.lexicon import Lexicon

CODE_ROLES = frozenset({"code", "unit-code"})
KEY_ROLES = frozenset({"code", "unit-code", "label", "note", "index"})
SIDES = {"revenue-side": "收入", "expenditure-side": "支出"}


@dataclass(frozen=True)
class GridColumn:
    """A leaf column of a grid: header levels from the outermost in, its role, and its side of a two-sided table.

    `role` is `code`, `unit-code`, `label`, `note`, `index` or `amount`; `side` is 收入, 支出 or empty.
    `conjectured` is True where the path is not simply what is printed above the column.
    """

    index: int
    path: tuple[str, ...]
    role: str
    side: str
    conjectured: bool = False


def read_columns(grid: Grid, lexicon: Lexicon) -> tuple[GridColumn, ...]:
    """The columns of a grid from left to right."""
    filled, moved = _filled(grid, lexicon)
    columns = []
    for j in range(grid.width):
        path = _path([row[j] for row in filled])
        side = next((SIDES[r] for level in path if (r := lexicon.role(level)) in SIDES), "")
        columns.append(GridColumn(j, path, _role(path, lexicon), side, j in moved))
    return tuple(columns)


def _filled(grid: Grid, lexicon: Lexicon) -> tuple[list[list[str]], frozenset[int]]:
    """Header rows with each heading over its columns, and the columns where that is conjecture."""
    if grid.levels is not None and grid.has_drawn_head:
        return [[*row, *[""] * (grid.width - len(row))] for row in grid.levels], frozenset()
    printed = [[squeeze(row.text(j)) for j in range(grid.width)] for row in grid.header]
    levels, moved = _mended(_halves(printed, lexicon))
    return spread(levels), moved


def _halves(levels: list[list[str]], lexicon: Lexicon) -> list[list[str]]:
    """The levels of a table of 收入 beside 支出, with both names where their halves begin.

    Headings that were merged over a half may be printed side by side (收入 | 支出 above 项目 | 预算数 | 项目 | 预算数), or be the
    headings of the names themselves (收入 | 预算数 | 支出 | 预算数).
    """
    for depth, row in enumerate(levels):
        half = len(row) // 2
        names = [text for text in row if text]
        if [lexicon.role(name) for name in names] == ["revenue-side", "expenditure-side"]:
            below = levels[depth + 1] if depth + 1 < len(levels) else []
            if row[:2] == names and half > 1 and below[:half] == below[half:] and all(below):
                blank = [""] * (half - 1)
                return [*levels[:depth], [names[0], *blank, names[1], *blank], *levels[depth + 1 :]]
        sides = (lexicon.role(row[0]), lexicon.role(row[half])) if half else ()
        if (
            len(levels) == 1
            and sides == ("revenue-side", "expenditure-side")
            and row[1:half] == row[half + 1 :]
        ):
            above = [row[0]] * half + [row[half]] * half
            return [above, ["项目", *row[1:half], "项目", *row[half + 1 :]]] if half > 1 else levels
    return levels


def spread(levels: list[list[str]]) -> list[list[str]]:
    """Header rows with each heading repeated over the columns it spans."""
    filled: list[list[str]] = []
    for depth, row in enumerate(levels):
        out: list[str] = []
        for j, text in enumerate(row):
            same_parent = j > 0 and (depth == 0 or _same_span(filled, levels, depth, j))
            out.append(text or (out[j - 1] if j > 0 and same_parent else ""))
        filled.append(out)
    return filled


def _same_span(filled: list[list[str]], levels: list[list[str]], depth: int, j: int) -> bool:
    """Whether the columns j-1 and j stand under one printed cell on every level above `depth`."""
    return all(filled[d][j] == filled[d][j - 1] and not levels[d][j] for d in range(depth))


def _mended(levels: list[list[str]]) -> tuple[list[list[str]], frozenset[int]]:
    """Headings moved to where their group begins, and the columns this touches.

    A group that is divided begins with a labelled part. A heading over a blank, whose group has its first label one or
    more columns further right, was extracted too early: the columns between belong to the group before.
    """
    moved: set[int] = set()
    rows = [list(row) for row in levels]
    for depth in range(len(rows) - 1):
        starts = [j for j, text in enumerate(rows[depth]) if text]
        for place, start in enumerate(starts):
            end = starts[place + 1] if place + 1 < len(starts) else len(rows[depth])
            below = [j for j in range(start, end) if rows[depth + 1][j]]
            before = rows[depth + 1][start - 1] if start else ""
            divided_before = start > 0 and any(
                rows[depth + 1][j] for j in range(starts[place - 1] if place else 0, start)
            )
            if below and below[0] > start and not before and divided_before:
                rows[depth][below[0]], rows[depth][start] = rows[depth][start], ""
                moved.update(range(start, end))
    return rows, frozenset(moved)


def _path(levels: list[str]) -> tuple[str, ...]:
    """Levels from the outermost in, without blanks and without a level that repeats the one above."""
    path: list[str] = []
    for level in levels:
        if level and (not path or path[-1] != level):
            path.append(level)
    return tuple(path)


def _role(path: tuple[str, ...], lexicon: Lexicon) -> str:
    """The deepest level that says what the column holds; `amount` where none names a key column.

    What stands under codes (编码) is never money, whatever a lower level says: a first row taken for a heading would
    otherwise turn every code below it into an amount.
    """
    for level in path:
        if lexicon.role(level) in CODE_ROLES:
            return str(lexicon.role(level))
    # 增减% over 合计 | 基本支出 | 项目支出: what stands below a heading of shares or counts is no money.
    if any(lexicon.role(level) == "note" for level in path):
        return "note"
    for level in reversed(path):
        role = lexicon.role(level)
        if role in KEY_ROLES:
            return str(role)
        if role is not None or lexicon.concepts_named(level):
            return "amount"
    return "amount"
