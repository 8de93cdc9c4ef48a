"""The halves and blocks of a drawn table: 收入 | 支出, and labels beside their own amounts several times over.

Cells are known here, so a side is only where both halves are printed, each with labels and amounts of its own. Within a
side every run of labels that comes after amounts begins a block (支出 by function | 支出 by economic class): a row then
has a label for each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from mingzhang.ingest.amounts import fold_digits, is_amount
from mingzhang.ingest.codebook import scheme_of
from mingzhang.ingest.grid import GridRow
from mingzhang.ingest.header import GridColumn
from mingzhang.ingest.rows import OTHER_QUANTITY
from mingzhang.ontology.lexicon import Lexicon

_HALVES = {
    "revenue-side": "收入",
    "revenue-half": "收入",
    "expenditure-side": "支出",
    "expenditure-half": "支出",
}
_NAME = re.compile(r"[\u4e00-\u9fff]")
# Fewer numbers that are all codes may be amounts by chance.
_ENOUGH_CODES = 3
_LABELLING = ("code", "unit-code", "label")


def divided(
    columns: Sequence[GridColumn], body: Sequence[GridRow], lexicon: Lexicon
) -> tuple[GridColumn, ...]:
    """The columns with their side; of a two-sided table every path begins with 收入 or 支出."""
    columns = _guessed_roles(columns, body, lexicon)
    halves = [_HALVES.get(lexicon.role(c.path[0]) or "", "") if c.path else "" for c in columns]
    if all(
        _is_whole([c for c, half in zip(columns, halves, strict=True) if half == s]) for s in ("收入", "支出")
    ):
        sided = [
            replace(c, side=half, path=(half, *c.path[1:]) if half else c.path)
            for c, half in zip(columns, halves, strict=True)
        ]
    else:
        sided = [replace(c, side="") for c in columns]
    return tuple(_in_blocks(sided))


def _guessed_roles(
    columns: Sequence[GridColumn], body: Sequence[GridRow], lexicon: Lexicon
) -> list[GridColumn]:
    """The columns, those of unknown headings with the role that their content shows.

    Names beside a column that is headed as one of labels (类型 beside 项目名称) only remark on these; years, and what tells of
    changes between them, make a row another one.
    """
    found = [replace(c, role=_role_by_content(c, body, lexicon)) for c in columns]
    for index, (before, after) in enumerate(zip(columns, found, strict=True)):
        texts = [row.text(before.index) for row in body]
        tells_apart = any(OTHER_QUANTITY.search(text) for text in texts)
        if before.role == "amount" and after.role == "label" and not tells_apart:
            run = [index]
            while run[0] > 0 and found[run[0] - 1].role != "amount":
                run.insert(0, run[0] - 1)
            while run[-1] + 1 < len(found) and found[run[-1] + 1].role != "amount":
                run.append(run[-1] + 1)
            if any(columns[i].role == "label" for i in run):
                found[index] = replace(after, role="note")
    return found


def _role_by_content(column: GridColumn, body: Sequence[GridRow], lexicon: Lexicon) -> str:
    """What a column holds where its heading is not known: names, or classification codes; amounts where neither."""
    known = any(lexicon.role(level) or lexicon.concepts_named(level) for level in column.path[-1:])
    texts = [text for row in body if (text := row.text(column.index))]
    if column.role != "amount" or known or not texts:
        return column.role
    if all(not is_amount(text) for text in texts) and sum(1 for t in texts if _NAME.search(t)) * 2 > len(
        texts
    ):
        return "label"
    codes = [fold_digits(text) for text in texts]
    if len(codes) >= _ENOUGH_CODES and all(c.isdecimal() for c in codes) and _counts(codes):
        return "index"
    listed = all((s := scheme_of(code)) and lexicon.code(s, code) for code in codes)
    return "code" if listed and len(codes) >= _ENOUGH_CODES else column.role


def _counts(numbers: Sequence[str]) -> bool:
    """Whether numbers count rows: each is one more than the one before."""
    return all(int(b) == int(a) + 1 for a, b in pairwise(numbers))


def _is_whole(columns: Sequence[GridColumn]) -> bool:
    """Whether a half has a label column and an amount column."""
    roles = {column.role for column in columns}
    return "amount" in roles and "label" in roles


def _in_blocks(columns: Sequence[GridColumn]) -> list[GridColumn]:
    """The columns with a side of its own for each block after the first."""
    found: list[GridColumn] = []
    block: dict[str, int] = {}
    after_amount: dict[str, bool] = {}
    for position, column in enumerate(columns):
        side = column.side
        more = any(c.side == side and c.role == "amount" for c in columns[position + 1 :])
        if column.role in _LABELLING and after_amount.get(side) and more:
            block[side] = block.get(side, 1) + 1
            after_amount[side] = False
        if column.role == "amount":
            after_amount[side] = True
        number = block.get(side, 1)
        found.append(replace(column, side=side if number == 1 else f"{side}·{number}"))
    return found
