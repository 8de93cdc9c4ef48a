"""Column heads of a drawn indicator form → what each column holds, and which columns make up a target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mingzhang.ingest.document import RegionCell
from mingzhang.ingest.indicator_words import IndicatorWords
from mingzhang.ingest.sheet import Sheet
from mingzhang.ontology.lexicon import normal_text

_OF_WHICH = re.compile(r"^(?:其中[:：])?(.*?)[:：]?$")
_HEAD_ROLES = frozenset(
    {"project", "unit-name", "department", "amount", "part-amount", "multi-year-amount", "goal", "funds"}
)
# Columns that belong to one target; where targets stand side by side each has its own.
_OF_A_TARGET = ("level3", "operator", "value", "unit", "weight", "direction")
# A head that names a label and a target needs one of these beside it to be a form's.
_WITNESSES = frozenset({"level1", "level2", "operator", "unit", "weight", "side"})
_MONEY = ("amount", "part-amount")


@dataclass(frozen=True)
class Target:
    """The columns of a target: role → (first column, column after the last). `kind` is the level printed over it."""

    columns: Mapping[str, tuple[int, int]]
    kind: str


@dataclass(frozen=True)
class DrawnHeader:
    """What the columns of a form hold: role → column, its money columns, its columns of notes, and its targets from
    left to right.
    """

    columns: Mapping[str, int]
    money: tuple[tuple[str, int], ...]
    notes: frozenset[int]
    targets: tuple[Target, ...]


def column_word(text: str, words: IndicatorWords) -> str | None:
    """What a column or a line of a form's head headed so holds; 其中： and a colon do not matter."""
    match = _OF_WHICH.match(normal_text(text))
    return words.column(match.group(1)) if match else None


def head_role(text: str, words: IndicatorWords) -> str:
    """What a cell of a form's head announces: `project`, `amount`, `goal` …; empty where it announces nothing."""
    role = column_word(text, words)
    return role if role in _HEAD_ROLES else ""


def drawn_header(sheet: Sheet, row: int, words: IndicatorWords) -> DrawnHeader | None:
    """The header whose lowest row this is; None where the row heads no targets."""
    if sum(1 for cell in sheet.starts(row) if cell.text) < 2:
        return None
    heads = [cell for cell in dict.fromkeys(sheet.cover[row]) if cell is not None and cell.text]
    ordered = sorted(heads, key=lambda cell: cell.column)
    roles = _explained([(column_word(cell.text, words), cell) for cell in ordered])
    named = {role for role, _ in roles}
    levels = {normal_text(c.text) for depth in range(row) for c in sheet.starts(depth)} & words.level1.keys()
    if not {"level3", "value"} <= named or not (named & _WITNESSES or levels):
        return None
    if not any(cell.row == row for role, cell in roles if role in ("level3", "value")):
        return None
    starts = [i for i, (role, _) in enumerate(roles) if role == "level3"]
    stops = [*starts[1:], len(roles)]
    targets = [_target(roles[a:b], sheet, row, words) for a, b in zip(starts, stops, strict=True)]
    if any("value" not in target.columns for target in targets):
        # One label column with no target of its own: 二级 and 三级 under heads of the same name.
        return None
    columns: dict[str, int] = {}
    for role, cell in roles:
        if role and role not in (*_OF_A_TARGET, "note"):
            columns.setdefault(role, cell.column)
    money = tuple((str(role), cell.column) for role, cell in roles if role in _MONEY)
    notes = frozenset(cell.column for role, cell in roles if role == "note")
    return DrawnHeader(MappingProxyType(columns), money, notes, tuple(targets))


def _explained(roles: list[tuple[str | None, RegionCell]]) -> list[tuple[str | None, RegionCell]]:
    """The columns, with one that explains the target before it as a note: 三级指标 | 指标值 | 指标内容."""
    names = [i for i, (role, _) in enumerate(roles) if role == "level3"]
    if len(names) < 2 or any(role in _OF_A_TARGET for role, _ in roles[names[-1] + 1 :]):
        return roles
    first, last = roles[names[0]][1], roles[names[-1]][1]
    if normal_text(first.text) == normal_text(last.text):
        return roles
    return [("note" if cell == last else role, cell) for role, cell in roles]


def _target(
    roles: list[tuple[str | None, RegionCell]], sheet: Sheet, row: int, words: IndicatorWords
) -> Target:
    columns: dict[str, tuple[int, int]] = {}
    for role, cell in roles:
        if role in _OF_A_TARGET:
            columns.setdefault(str(role), (cell.column, cell.column + cell.column_span))
    first = columns["level3"][0]
    above = [over.text for depth in range(row) if (over := sheet.cover[depth][first]) is not None]
    kind = next((text for text in reversed(above) if normal_text(text) in words.level1), "")
    return Target(MappingProxyType(columns), kind)
