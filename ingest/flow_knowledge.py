"""What a document's tables already say for certain, to be compared with rows that are still open.

Values are in the printed unit; only tables in the same unit are compared. A quantity that is stated with two
different values is known with neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

# Tags along which a quantity may turn out to be the whole of a wider one (all of a code's money is 基本支出 …).
_NARROWING = ("fund:", "kind:", "vintage:", "gov:")


@dataclass(frozen=True)
class Statement:
    """A certain amount of a quantity, with where it stands, in words. `owner` is its table's number, -1 for prose."""

    tags: frozenset[str]
    value: Decimal
    where: str
    owner: int


@dataclass(frozen=True)
class Bound:
    """A value that a quantity has, or cannot exceed or fall below, and the statement that says so."""

    value: Decimal
    where: str


class Knowledge:
    """Certain statements, indexed for comparison. Sets of tags are kept as bits of an integer."""

    def __init__(
        self, statements: Iterable[Statement], correspondences: Iterable[tuple[frozenset[str], str]] = ()
    ) -> None:
        self._bits: dict[str, int] = {}
        rules = [(self._mask(tags), self._mask(frozenset({tag}))) for tags, tag in correspondences]
        values: dict[int, dict[Decimal, str]] = defaultdict(dict)
        for statement in statements:
            values[self._mask(statement.tags)].setdefault(statement.value, statement.where)
        plain = {mask: next(iter(found.items())) for mask, found in values.items() if len(found) == 1}
        wholes_by_tag: dict[int, list[int]] = defaultdict(list)
        for whole, bit in rules + self._narrowings(plain):
            wholes_by_tag[bit].append(whole)
        self._narrowed = list(wholes_by_tag.items())
        self._whole_of: dict[int, int] = {}
        self._floors: dict[int, Bound | None] = {}
        self._wholes_of: dict[int, list[tuple[int, Bound]]] = {}
        merged: dict[int, dict[Decimal, str]] = defaultdict(dict)
        for mask, (value, where) in plain.items():
            merged[self._whole(mask)].setdefault(value, where)
        self._known = {mask: Bound(*next(iter(v.items()))) for mask, v in merged.items() if len(v) == 1}
        self._items = list(self._known.items())

    def _mask(self, tags: frozenset[str]) -> int:
        mask = 0
        for tag in tags:
            mask |= 1 << self._bits.setdefault(tag, len(self._bits))
        return mask

    def _narrowings(self, plain: dict[int, tuple[Decimal, str]]) -> list[tuple[int, int]]:
        """Pairs (whole, tag): the amount with that tag is as great as the whole, so all of it has that tag."""
        narrowing = 0
        for tag, bit in self._bits.items():
            if tag.startswith(_NARROWING):
                narrowing |= 1 << bit
        found: dict[int, list[int]] = defaultdict(list)
        for mask, (value, _) in sorted(plain.items(), key=lambda item: item[0].bit_count()):
            rest = mask & narrowing
            while rest and value:
                bit = rest & -rest
                rest ^= bit
                whole = plain.get(mask ^ bit)
                # What holds of a wider quantity holds of all its parts: those need no pair of their own.
                told = any(wider & mask == wider for wider in found[bit])
                if whole is not None and whole[0] == value and not told:
                    found[bit].append(mask ^ bit)
        return [(whole_mask, bit) for bit, masks in found.items() for whole_mask in masks]

    def _whole(self, mask: int) -> int:
        """The same quantity with every tag it is known to have besides."""
        if mask not in self._whole_of:
            grown = mask
            changed = True
            while changed:
                changed = False
                for bit, wholes in self._narrowed:
                    if not grown & bit and any(whole & grown == whole for whole in wholes):
                        grown |= bit
                        changed = True
            self._whole_of[mask] = grown
        return self._whole_of[mask]

    def quantity(self, tags: frozenset[str]) -> int:
        """A quantity in this knowledge's own form, for the questions below."""
        return self._whole(self._mask(tags))

    def value(self, quantity: int) -> Bound | None:
        """What the quantity is, as stated elsewhere."""
        return self._known.get(quantity)

    def wholes(self, quantity: int) -> list[tuple[int, Bound]]:
        """Every known quantity of which this one is a part."""
        if quantity not in self._wholes_of:
            self._wholes_of[quantity] = [(m, bound) for m, bound in self._items if m & quantity == m]
        return self._wholes_of[quantity]

    def ceiling(self, quantity: int) -> Bound | None:
        """The least amount of which the quantity is a part."""
        return min((bound for _, bound in self.wholes(quantity)), key=lambda bound: bound.value, default=None)

    def floor(self, quantity: int) -> Bound | None:
        """The greatest amount that is a part of the quantity."""
        if quantity not in self._floors:
            parts = [bound for mask, bound in self._items if mask & quantity == quantity]
            self._floors[quantity] = max(parts, key=lambda bound: bound.value, default=None)
        return self._floors[quantity]
