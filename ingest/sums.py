"""What a table's layout says adds up: along a row by its headers, down a column by its rows.

A relation is only what the form implies. Whether it holds is for proof (ingest) and for the accounting shapes; a
family of relations that its own table mostly contradicts was misunderstood and is dropped here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from mingzhang.ingest.document import Amount
from mingzhang.ontology.lexicon import Lexicon, normal_text

T = TypeVar("T")

_OF_WHICH = re.compile(r"^其中")
# Published mistakes are rare: a relation that fails more often than it holds is not what the form means.
_TRUST = Decimal("0.5")


@dataclass(frozen=True)
class ColumnSum:
    """Along every row: the amount in column `total` is the sum of those in `parts` (column indexes)."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class RowSum:
    """Down every column: the amount in row `total` is the sum of those in `parts` (row indexes).

    `family` names the kind of step (`total`, `unit`, `code`, `label`), for judging relations together.
    """

    total: int
    parts: tuple[int, ...]
    family: str


@dataclass(frozen=True)
class Sum:
    """One relation between printed amounts. `kind` is `row` (along a row), `column` (down a column) or `code`."""

    kind: str
    total: Amount
    parts: tuple[Amount, ...]

    @property
    def difference(self) -> Decimal:
        """Printed total less the sum of the parts, in the printed unit."""
        return self.total.value - sum((part.value for part in self.parts), Decimal(0))

    @property
    def tolerance(self) -> Decimal:
        """What rounding allows: half a unit of its last printed place for each number."""
        return sum((half_unit(amount) for amount in (self.total, *self.parts)), Decimal(0))

    @property
    def holds(self) -> bool:
        """Whether the difference is within rounding."""
        return abs(self.difference) <= self.tolerance

    def in_words(self) -> str:
        """The equation with the tokens as printed."""
        return f"{self.total.token} = {' + '.join(part.token for part in self.parts)}"


def half_unit(amount: Amount) -> Decimal:
    """Half a unit of the last printed place."""
    return Decimal(5).scaleb(-amount.decimals - 1)


def column_sums(paths: Mapping[int, tuple[str, ...]], lexicon: Lexicon) -> list[ColumnSum]:
    """The sums along a row that the headers imply. `paths`: amount columns only, in order, index → header path.

    In a group with a 合计/小计/总计 column, that column is the sum of the others, or of their own totals; not so where
    one of them is 其中 (“of which”), or where two columns have the same path.
    """
    found: list[ColumnSum] = []
    _group_total(list(paths.items()), 0, lexicon, found)
    return [relation for relation in found if len(relation.parts) > 1]


def _group_total(
    columns: list[tuple[int, tuple[str, ...]]], depth: int, lexicon: Lexicon, found: list[ColumnSum]
) -> list[int]:
    """The column indexes that together make up a group; its relation, if it has one, is added to `found`."""
    groups: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for index, path in columns:
        groups.setdefault(path[depth] if depth < len(path) else "", []).append((index, path))
    total: int | None = None
    parts: list[int] = []
    plain = True
    # 金额 beside 其中：… is the whole of which that is a part.
    totalling = (
        {"total", "amount"} if any(_OF_WHICH.match(normal_text(name)) for name in groups) else {"total"}
    )
    for name, members in groups.items():
        if len(members) == 1:
            index, path = members[0]
            if path and lexicon.role(path[-1]) in totalling and total is None and depth >= len(path) - 1:
                total = index
                continue
            parts.append(index)
        elif all(depth + 1 >= len(path) for _, path in members):
            plain = False
            parts += [index for index, _ in members]
        else:
            parts += _group_total(members, depth + 1, lexicon, found)
        plain = plain and not _OF_WHICH.match(normal_text(name))
    if total is None:
        return parts
    if plain and parts:
        found.append(ColumnSum(total, tuple(parts)))
    return [total]


@dataclass(frozen=True)
class RowKey:
    """What decides where a row stands in its table's hierarchy.

    `is_total` for 合计 and the like, `is_unit` for a budget unit's own row, `code` the main classification code.
    `is_part` for a row without number or code that divides the one above it (一般公共预算 below 年初财政拨款结转和结余).
    """

    label: str
    code: str = ""
    is_total: bool = False
    is_unit: bool = False
    is_detail: bool = False
    is_part: bool = False


_LEVELS = (
    re.compile(r"^[一二三四五六七八九十]+、"),
    re.compile(r"^(?:其中[:：])?[(（][一二三四五六七八九十]+[)）]"),
    re.compile(r"^(?:其中[:：])?[0-9]+[、.．](?![0-9])"),
    re.compile(r"^(?:其中[:：])?(?:[(（][0-9]+[)）]|[0-9]+\.[0-9]+[、.．])"),
)


def number_level(label: str) -> int | None:
    """How deep a label's numbering says it stands: 一、 0, （一） 1, 1. 2, (1) 3; None for one without a number."""
    text = normal_text(label)
    return next((depth for depth, pattern in enumerate(_LEVELS) if pattern.match(text)), None)


def row_depth(key: RowKey, inside_numbered: bool) -> int:
    """How deep a row stands, 0 for the table's total. Only the order of the numbers matters."""
    if key.is_total:
        return 0
    if key.is_unit:
        return 1
    if key.code:
        return 2 + len(key.code) + (1 if key.is_detail else 0)
    level = number_level(key.label)
    if level is not None:
        return 2 + level
    return (20 if inside_numbered else 2) + (1 if key.is_part or _names_a_part(key) else 0)


def _names_a_part(key: RowKey) -> bool:
    """Whether a row without code or number is 其中: a part of the row above it."""
    plain = not (key.is_total or key.is_unit or key.code) and number_level(key.label) is None
    return plain and bool(_OF_WHICH.match(normal_text(key.label)))


def row_sums(keys: Sequence[RowKey]) -> list[RowSum]:
    """The sums down a column that the rows imply: total row, unit rows, codes and their sub-codes, numbered labels."""
    depths: list[int] = []
    numbered = False
    for key in keys:
        depths.append(row_depth(key, numbered))
        numbered = numbered or bool(_LEVELS[0].match(normal_text(key.label)))
    found = []
    previous_total: int | None = None
    for index, key in enumerate(keys):
        parts = _children(index, depths)
        if key.is_total and index:
            parts = [] if _lists_parts(keys[:index]) else _before_total(index, previous_total, depths)
            previous_total = index
        # 其中 names some parts, not all.
        if len(parts) > 1 and not any(_names_a_part(keys[i]) for i in parts):
            family = "total" if key.is_total else "unit" if key.is_unit else "code" if key.code else "label"
            found.append(RowSum(index, tuple(parts), family))
    return found


def _lists_parts(keys: Sequence[RowKey]) -> bool:
    """Whether 其中 is followed by a row that may be a part too, or may not: neither has a number or a code."""
    return any(
        _names_a_part(key)
        and not (below.is_total or below.is_unit or below.code)
        and number_level(below.label) is None
        for key, below in pairwise(keys)
    )


def _before_total(index: int, previous: int | None, depths: Sequence[int]) -> list[int]:
    """What a total at the foot adds up: the rows above it, or the total above it and the rows between."""
    start = 0 if previous is None else previous + 1
    between = [i for i in range(start, index) if depths[i] > 0]
    top = min((depths[i] for i in between), default=0)
    return ([] if previous is None else [previous]) + [i for i in between if depths[i] == top]


def _children(index: int, depths: Sequence[int]) -> list[int]:
    """The rows directly below a row: those deeper than it, up to the next that is not, without their own children."""
    below: list[int] = []
    for i in range(index + 1, len(depths)):
        if depths[i] <= depths[index]:
            break
        below.append(i)
    shallowest: list[int] = []
    for i in below:
        if not shallowest or depths[i] <= depths[shallowest[-1]]:
            shallowest.append(i)
    return shallowest


def trusted(relations: Sequence[T], family: Callable[[T], object], holds: Callable[[T], bool]) -> list[T]:
    """The relations whose family mostly holds in this table."""
    kept: list[T] = []
    for name in dict.fromkeys(family(relation) for relation in relations):
        members = [relation for relation in relations if family(relation) == name]
        if sum(holds(relation) for relation in members) >= _TRUST * len(members):
            kept += members
    return kept
