"""One row of a tab-separated form with one indicator a row → its parts.

By the header's columns where every cell has the nature its column asks for; else from the order of the
filled cells, where the words in them leave one reading; else not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mingzhang.ingest.amounts import is_amount
from mingzhang.ingest.indicator_cells import EMPTY, Cell, GridHeader
from mingzhang.ingest.indicator_words import IndicatorWords
from mingzhang.ontology.lexicon import normal_text

_LEVELS = ("level1", "level2", "level3")
_TARGET = ("operator", "value", "unit", "weight", "direction")


@dataclass(frozen=True)
class RowParts:
    """The cells of a row by what they hold. `before` stand left of the levels, `after` right of the target.

    `slid` says that the row did not keep to its columns: a level it does not print may have been lost.
    """

    level1: Cell | None
    level2: Cell | None
    label: Cell
    value: Cell
    sign: Cell | None = None
    unit: Cell | None = None
    weight: Cell | None = None
    direction: Cell | None = None
    before: tuple[Cell, ...] = ()
    after: tuple[Cell, ...] = ()
    slid: bool = False


def row_parts(cells: list[Cell], header: GridHeader, words: IndicatorWords) -> RowParts | None:
    """The parts of a row that states an indicator, else None."""
    lost = header.width - len(cells)
    if lost > 0 and len(cells) > 2:
        # Leading columns are what a page break loses; what is left still ends where the header ends.
        parts = _by_header([EMPTY] * lost + cells, header, words)
        parts = replace(parts, slid=True) if parts else None
    else:
        parts = _by_header(cells, header, words)
    return parts or _by_order([cell for cell in cells if cell.text], header, words)


def is_sign(text: str, words: IndicatorWords) -> bool:
    """Whether a cell holds a comparison and nothing else."""
    wording = normal_text(text)
    return wording in words.signs or wording in words.lost_signs


def _by_header(cells: list[Cell], header: GridHeader, words: IndicatorWords) -> RowParts | None:
    def at(role: str) -> Cell | None:
        index = header.columns.get(role, -1)
        return cells[index] if 0 <= index < len(cells) and cells[index].text else None

    label, value = at("level3"), at("value")
    if label is None or value is None:
        return None
    first = min(header.columns[role] for role in _LEVELS if role in header.columns)
    last = max(header.columns[role] for role in _TARGET if role in header.columns)
    parts = RowParts(
        at("level1"),
        at("level2"),
        label,
        value,
        at("operator"),
        at("unit"),
        at("weight"),
        at("direction"),
        before=tuple(cell for cell in cells[:first] if cell.text),
        after=tuple(cell for cell in cells[last + 1 :] if cell.text),
    )
    return parts if _is_plausible(parts, header, words) else None


def _is_plausible(parts: RowParts, header: GridHeader, words: IndicatorWords) -> bool:
    """Whether each cell could be what its column says."""
    label = normal_text(parts.label.text)
    if label in words.level1 or is_sign(label, words) or is_amount(label):
        return False
    if parts.level1 and normal_text(parts.level1.text) not in words.level1:
        return False
    if parts.level2 and is_amount(parts.level2.text):
        return False
    if "operator" in header.columns and not (parts.sign and is_sign(parts.sign.text, words)):
        return False
    if parts.weight and not is_amount(parts.weight.text):
        return False
    return not parts.direction or normal_text(parts.direction.text) in words.directions


def _by_order(filled: list[Cell], header: GridHeader, words: IndicatorWords) -> RowParts | None:
    start = next((i for i, cell in enumerate(filled) if normal_text(cell.text) in words.level1), 0)
    before, rest = tuple(filled[:start]), filled[start:]
    level1 = level2 = None
    if rest and normal_text(rest[0].text) in words.level1:
        level1, rest = rest[0], rest[1:]
    if rest and normal_text(rest[0].text) in words.level2:
        level2, rest = rest[0], rest[1:]
    if "operator" in header.columns:
        return _signed(level1, level2, rest, before, header, words) if level1 else None
    if len(rest) != 2 or "note" in header.columns:
        # With a column of explanations, two cells may be target and explanation: their label is not sure.
        return None
    return RowParts(level1, level2, rest[0], rest[1], before=before, slid=True)


def _signed(
    level1: Cell | None,
    level2: Cell | None,
    rest: list[Cell],
    before: tuple[Cell, ...],
    header: GridHeader,
    words: IndicatorWords,
) -> RowParts | None:
    """label, sign, target, then unit, weight and direction, each by its nature."""
    if len(rest) < 3 or not is_sign(rest[1].text, words):
        return None
    label, sign, value, tail = rest[0], rest[1], rest[2], rest[3:]
    direction = weight = unit = None
    if tail and normal_text(tail[-1].text) in words.directions:
        direction, tail = tail[-1], tail[:-1]
    if tail and "weight" in header.columns and is_amount(tail[-1].text):
        weight, tail = tail[-1], tail[:-1]
    if tail and not is_amount(tail[-1].text):
        unit, tail = tail[-1], tail[:-1]
    if tail:
        return None
    return RowParts(level1, level2, label, value, sign, unit, weight, direction, before, slid=True)
