"""Which column each number of a row stands in, where the empty cells between them were lost.

Pure arithmetic on integers (amounts in units of their table's last printed place); knows no header and no document.
A row is a graph: every path from left to right is one way to put its numbers, in order, into its columns so that
the sums along the row hold. Sums down a column and knowledge from elsewhere remove steps from these graphs. A step
is removed only when no solution uses it, so what remains on every path is proven; nothing is ever picked.

Read in this order: `RowProblem` → `row_worlds` → `RowState` → `supported` (down a column).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

BLANK = -1
"""The choice of a column that holds none of the row's numbers."""

# A column whose subset sums outgrow this is left undecided: time is bounded, and undecided is honest.
_MAX_STATES = 40_000

Ban = tuple[int, int]
"""A column and a choice (index of an amount, or BLANK) that is impossible there."""

_Open = tuple[int, int, int, bool]
"""A sum being added up: its number, total minus parts so far, how many parts, whether the total was seen."""
_State = tuple[int, tuple[_Open, ...]]
_Layers = tuple[Mapping[_State, Mapping[int, _State]], ...]


@dataclass(frozen=True)
class SumAlong:
    """In every row, what stands in column `total` is the sum of what stands in the columns `parts`."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Strip:
    """Numbers `first`..`last-1` of a row stand, in this order, in the columns `left`..`right-1`.

    A row printed on one line is one strip; a table split into column groups has one strip a group.
    """

    first: int
    last: int
    left: int
    right: int


@dataclass(frozen=True)
class RowProblem:
    """The numbers of one row, where they may go, and what must add up."""

    amounts: tuple[int, ...]
    strips: tuple[Strip, ...]
    sums: tuple[SumAlong, ...]


@dataclass(frozen=True)
class World:
    """All ways to place a row's numbers while the sums in `dropped` (indexes into the problem's) are set aside."""

    layers: _Layers
    dropped: frozenset[int]

    def choices(self, column: int) -> frozenset[int]:
        """What the column can hold: indexes of amounts, and BLANK."""
        return frozenset(choice for steps in self.layers[column].values() for choice in steps)

    def without(self, bans: frozenset[Ban]) -> World | None:
        """The same ways, less those that use a banned step; None where none is left."""
        layers = _connected(self.layers, bans)
        return None if layers is None else World(layers, self.dropped)


def tolerance(parts: int) -> int:
    """How far a sum of so many printed terms may be off, in units of the last place: half a unit for each number.

    One term alone is its total, to the last digit.
    """
    return 0 if parts <= 1 else (parts + 1) // 2


@lru_cache(maxsize=4096)
def row_worlds(problem: RowProblem) -> tuple[World, ...]:
    """Every way to place the numbers so that all sums hold; where there is none, so that as few as possible fail.

    A published mistake must not force a wrong reading: if no placement satisfies all sums, the placements that break
    one of them (two, …) are kept, for every sum that could be the broken one. Empty where the numbers do not fit into
    the columns at all.
    """
    numbers = range(len(problem.sums))
    for broken in (0, 1, 2, len(problem.sums)):
        if broken > len(problem.sums):
            continue
        worlds = []
        for dropped in combinations(numbers, broken):
            layers = _layers(problem, frozenset(dropped))
            if layers is not None:
                worlds.append(World(layers, frozenset(dropped)))
        if worlds:
            return tuple(worlds)
    return ()


def _layers(problem: RowProblem, dropped: frozenset[int]) -> _Layers | None:
    """The graph of placements: one layer a column, states → choice → state after the column."""
    width = problem.strips[-1].right if problem.strips else 0
    roles = _roles(problem.sums, dropped, width)
    strip_of = [strip for strip in problem.strips for _ in range(strip.left, strip.right)]
    signed = any(amount < 0 for amount in problem.amounts)
    states: set[_State] = {(0, ())}
    layers: list[dict[_State, dict[int, _State]]] = []
    for column in range(width):
        strip = strip_of[column]
        layer: dict[_State, dict[int, _State]] = {}
        after: set[_State] = set()
        for state in states:
            steps: dict[int, _State] = {}
            for choice in (BLANK, state[0]):
                if choice != BLANK and choice >= strip.last:
                    continue
                index = state[0] + (choice != BLANK)
                if strip.last - index > strip.right - column - 1:
                    continue
                value = None if choice == BLANK else problem.amounts[choice]
                opened = _added(state[1], roles[column], value, signed)
                if opened is not None:
                    steps[choice] = (index, opened)
            if steps:
                layer[state] = steps
                after.update(steps.values())
        layers.append(layer)
        states = after
        if not states:
            return None
    return _connected(tuple(layers), frozenset())


@dataclass(frozen=True)
class _Role:
    """What one column does in one sum: it is the total or a part, and may open or close it."""

    number: int
    is_total: bool
    opens: bool
    closes: bool


def _roles(sums: Sequence[SumAlong], dropped: frozenset[int], width: int) -> list[list[_Role]]:
    roles: list[list[_Role]] = [[] for _ in range(width)]
    for number, relation in enumerate(sums):
        if number in dropped:
            continue
        columns = sorted((relation.total, *relation.parts))
        for column in columns:
            roles[column].append(
                _Role(number, column == relation.total, column == columns[0], column == columns[-1])
            )
    return roles


def _added(
    opened: tuple[_Open, ...], roles: list[_Role], value: int | None, signed: bool
) -> tuple[_Open, ...] | None:
    """The open sums after a column holding `value`; None where one can no longer hold."""
    if not roles:
        return opened
    by_number = {entry[0]: entry for entry in opened}
    for role in roles:
        _, rest, parts, total_seen = by_number.get(role.number, (role.number, 0, 0, False))
        if value is not None:
            if role.is_total:
                rest, total_seen = rest + value, True
            else:
                rest, parts = rest - value, parts + 1
        if role.closes:
            by_number.pop(role.number, None)
            # A blank total over parts, or a total without any part, is a sum that does not hold (unless all is zero).
            if abs(rest) > (tolerance(parts) if total_seen else 0):
                return None
        else:
            # Without negative amounts, parts that already exceed a total in front of them never come down again.
            if total_seen and not signed and rest < -tolerance(max(parts, 2) + 2):
                return None
            by_number[role.number] = (role.number, rest, parts, total_seen)
    return tuple(by_number[number] for number in sorted(by_number))


def _connected(layers: _Layers, bans: frozenset[Ban]) -> _Layers | None:
    """The layers without banned steps and without states that lie on no whole path; None where no path is left."""
    if not layers:
        return layers
    banned: dict[int, set[int]] = {}
    for column, choice in bans:
        banned.setdefault(column, set()).add(choice)
    forward: set[_State] = {(0, ())}
    reached: list[dict[_State, dict[int, _State]]] = []
    for column, layer in enumerate(layers):
        stop = banned.get(column, set())
        kept = {
            state: {choice: after for choice, after in layer[state].items() if choice not in stop}
            for state in forward
            if state in layer
        }
        reached.append(kept)
        forward = {after for steps in kept.values() for after in steps.values()}
    alive = forward
    result: list[dict[_State, dict[int, _State]]] = []
    for kept in reversed(reached):
        trimmed = {}
        for state, steps in kept.items():
            good = {choice: after for choice, after in steps.items() if after in alive}
            if good:
                trimmed[state] = good
        if not trimmed:
            return None
        result.append(trimmed)
        alive = set(trimmed)
    return tuple(reversed(result))


@dataclass
class RowState:
    """What is still possible in a row. `worlds` shrinks as knowledge comes in; empty means the row does not fit."""

    problem: RowProblem
    worlds: tuple[World, ...]
    _choices: dict[int, frozenset[int]] = field(default_factory=dict)
    _columns: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, problem: RowProblem) -> RowState:
        """A row about which only its own sums are known."""
        return cls(problem, row_worlds(problem))

    @property
    def broken(self) -> frozenset[int]:
        """Sums along the row that some or all of the remaining placements break."""
        return frozenset(number for world in self.worlds for number in world.dropped)

    def choices(self, column: int) -> frozenset[int]:
        """What the column can hold in any remaining placement."""
        if column not in self._choices:
            self._choices[column] = frozenset(c for world in self.worlds for c in world.choices(column))
        return self._choices[column]

    def values(self, column: int) -> frozenset[int | None]:
        """The same as amounts; None stands for blank."""
        return frozenset(None if c == BLANK else self.problem.amounts[c] for c in self.choices(column))

    def columns_of(self, amount: int) -> tuple[int, ...]:
        """The columns in which the amount (by index) can stand."""
        if not self._columns:
            found: dict[int, list[int]] = {number: [] for number in range(len(self.problem.amounts))}
            for column in range(self.problem.strips[-1].right if self.problem.strips else 0):
                for choice in self.choices(column):
                    if choice != BLANK:
                        found[choice].append(column)
            self._columns.update({number: tuple(columns) for number, columns in found.items()})
        return self._columns[amount]

    def placed(self) -> dict[int, int] | None:
        """Column → amount index where only one placement is left, else None."""
        found: dict[int, int] = {}
        for amount in range(len(self.problem.amounts)):
            columns = self.columns_of(amount)
            if len(columns) != 1:
                return None
            found[columns[0]] = amount
        return found

    def after(self, bans: Iterable[Ban]) -> RowState | None:
        """The row without the banned steps, or None where that leaves nothing."""
        banned = frozenset(bans)
        worlds = tuple(w for world in self.worlds if (w := world.without(banned)) is not None)
        return RowState(self.problem, worlds) if worlds else None


def bans_of_values(state: RowState, column: int, allowed: frozenset[int | None]) -> frozenset[Ban]:
    """The steps of a column whose value is not among the allowed ones."""
    amounts = state.problem.amounts
    return frozenset(
        (column, choice)
        for choice in state.choices(column)
        if (None if choice == BLANK else amounts[choice]) not in allowed
    )


Values = frozenset[int | None]


def supported(total: Values, parts: Sequence[Values]) -> tuple[Values, tuple[Values, ...]] | None:
    """Values of a total and of its parts that occur in at least one sum that holds.

    All of them where there are too many combinations to tell. None where no combination holds at all.
    """
    if not any(value is not None for value in total) and not any(
        v is not None for part in parts for v in part
    ):
        return total, tuple(parts)
    signed = any(v is not None and v < 0 for options in (total, *parts) for v in options)
    ceiling = max((v or 0 for v in total), default=0) + tolerance(len(parts) + 1)
    forward: list[set[tuple[int, int]]] = [{(0, 0)}]
    for options in parts:
        reached = set()
        for amount, count in forward[-1]:
            for value in options:
                after = (amount, count) if value is None else (amount + value, count + 1)
                if signed or after[0] <= ceiling:
                    reached.add(after)
        if len(reached) > _MAX_STATES:
            return total, tuple(parts)
        forward.append(reached)
    total_ok: set[int | None] = set()
    alive: set[tuple[int, int]] = set()
    by_value = sorted(forward[-1])
    for value in total:
        for amount, count in by_value:
            if abs((value or 0) - amount) <= (0 if value is None else tolerance(count)):
                total_ok.add(value)
                alive.add((amount, count))
    if not total_ok:
        return None
    parts_ok: list[Values] = []
    for before, options in zip(reversed(forward[:-1]), reversed(parts), strict=True):
        used: set[int | None] = set()
        back: set[tuple[int, int]] = set()
        for amount, count in before:
            for value in options:
                if ((amount, count) if value is None else (amount + value, count + 1)) in alive:
                    used.add(value)
                    back.add((amount, count))
        parts_ok.append(frozenset(used))
        alive = back
    return frozenset(total_ok), tuple(reversed(parts_ok))
