"""Columns for the amounts of a document's tables: rows, columns and tables taken together until nothing more follows.

Order of proof: what adds up along a row; what adds up down a column; what other tables and the text say of the same
quantity. A sum that no reading satisfies is a published mistake (or a form misunderstood) and is not used at all;
evidence that no reading of a row satisfies is not used for that row. What is left open stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from mingzhang.ingest.align import (
    BLANK,
    Ban,
    RowProblem,
    RowState,
    Strip,
    SumAlong,
    Values,
    bans_of_values,
    supported,
    tolerance,
)
from mingzhang.ingest.document import Amount
from mingzhang.ingest.flow_forms import FlowForms
from mingzhang.ingest.flow_hierarchy import SumDown, sums_down
from mingzhang.ingest.flow_knowledge import Bound, Knowledge, Statement
from mingzhang.ingest.flow_quantities import column_tags, row_tags, table_tags
from mingzhang.ingest.flow_tables import FlowTable, TableRow

# Two tables may round one amount differently: so many units of the last place are no contradiction to a bound.
_BOUND_SLACK = 2
_MAX_ROUNDS = 30
_MAX_RESTARTS = 40


@dataclass(frozen=True)
class Evidence:
    """What another place says, in words, and the steps of the row that it excluded."""

    words: str
    bans: frozenset[Ban]


@dataclass(frozen=True)
class SolvedRow:
    """A row's state after all proof; None where the row has no amounts, or does not fit its columns.

    `offset` is the table column of the state's column 0. `evidence` names what other tables and the text decided.
    """

    state: RowState | None
    offset: int
    amounts: tuple[Amount | None, ...]
    evidence: tuple[Evidence, ...]
    identified: bool


@dataclass(frozen=True)
class SolvedTable:
    """A table with the state of each of its rows and the sums that held: along its rows and down its columns."""

    table: FlowTable
    rows: tuple[SolvedRow, ...]
    down: tuple[SumDown, ...]


def solve_tables(
    tables: Sequence[FlowTable],
    forms: FlowForms,
    prose: Callable[[FlowTable], Sequence[Statement]],
) -> list[SolvedTable]:
    """Every table as far as its columns can be proven. `prose` gives what the text says of a table's quantities."""
    works = [_Work(number, table, forms, tuple(prose(table))) for number, table in enumerate(tables)]
    for work in works:
        work.settle_alone()
    for _ in range(_MAX_ROUNDS):
        changed = False
        # Amounts in different units are rounded differently: they are not compared.
        for unit in sorted({work.table.unit for work in works if work.open()}):
            of_unit = [work for work in works if work.table.unit == unit]
            known = [s for work in of_unit for s in (*work.statements(), *work.prose)]
            knowledge = Knowledge(known, forms.correspondences)
            for work in of_unit:
                changed |= work.open() and work.compare(knowledge)
        if not changed:
            break
    return [work.solved() for work in works]


@dataclass
class _Row:
    """A row while it is being solved: what is printed, where its side begins, its state, what decided it."""

    printed: TableRow
    offset: int
    amounts: tuple[Amount | None, ...]
    state: RowState | None
    identified: bool
    evidence: list[Evidence] = field(default_factory=list)
    contested: bool = False
    """Evidence contradicted itself here: no more of it is used."""


class _Work:
    """One table while it is being solved."""

    def __init__(self, number: int, table: FlowTable, forms: FlowForms, prose: tuple[Statement, ...]) -> None:
        self.number = number
        self.table = table
        self.prose = prose
        self.scale = _scale(table)
        self.rows = [_row(table, row, self.scale) for row in table.rows]
        self.down = list(sums_down(table, forms)) if table.header else []
        self.mistaken: set[SumDown] = set()
        self.without_evidence = False
        columns = table.header.columns if table.header else ()
        whole = table_tags(table, forms)
        self.row_tags = row_tags(table, forms)
        self.column_tags = [column_tags(column) | whole for column in columns]

    def settle_alone(self) -> None:
        """Sums along rows and down columns. Sums that cannot hold are set aside first: they must decide nothing."""
        for _ in range(_MAX_RESTARTS):
            wrong = self._propagate()
            if wrong is None:
                return
            self.mistaken.add(wrong)
            self._restart()

    def compare(self, knowledge: Knowledge) -> bool:
        """Uses what is known elsewhere; True where that changed anything."""
        if self.without_evidence:
            return False
        changed = False
        for row, tags in sorted(zip(self.rows, self.row_tags, strict=True), key=lambda pair: len(pair[1])):
            if row.state is not None and not row.contested and row.identified and not _settled(row.state):
                changed |= self._compare_row(row, tags, knowledge)
        if changed and self._propagate() is not None:
            # What others say makes a sum of this table impossible: someone published a mistake, nobody knows who.
            self._restart()
            self.without_evidence = True
            for row in self.rows:
                row.evidence.clear()
            self.settle_alone()
        return changed

    def open(self) -> bool:
        """Whether any row is not settled yet."""
        return any(row.state is not None and not _settled(row.state) for row in self.rows)

    def statements(self) -> Iterator[Statement]:
        """Every amount (and every certain blank, as 0) whose column is certain."""
        whole = self.column_tags
        if self.table.published_empty and whole:
            yield Statement(
                frozenset.intersection(*whole), Decimal(0), f"{self.table.title}（空表）", self.number
            )
        for row, tags in zip(self.rows, self.row_tags, strict=True):
            state = row.state
            if state is None or not row.amounts or not row.identified:
                continue
            doubtful = {c for number in state.broken for c in _columns_of(state.problem.sums[number])}
            for column in range(_width(state)):
                value = _certain_value(state, column) if column not in doubtful else None
                if value is not None:
                    name = " / ".join(self._path(row.offset + column))
                    where = f"{self._place(row)}{name}"
                    yield Statement(
                        tags | whole[row.offset + column], self._decimal(value), where, self.number
                    )

    def solved(self) -> SolvedTable:
        """The result as it stands."""
        rows = tuple(
            SolvedRow(r.state, r.offset, r.amounts, tuple(r.evidence), r.identified) for r in self.rows
        )
        return SolvedTable(self.table, rows, tuple(s for s in self.down if s not in self.mistaken))

    def _path(self, column: int) -> tuple[str, ...]:
        return self.table.header.columns[column].path if self.table.header else ()

    def _decimal(self, value: int) -> Decimal:
        return Decimal(value).scaleb(-self.scale)

    def _restart(self) -> None:
        for row in self.rows:
            if row.state is not None:
                row.state = RowState.of(row.state.problem)

    def _propagate(self) -> SumDown | None:
        """Sums down columns until nothing changes; the first that no reading satisfies, if there is one."""
        changed = True
        while changed:
            changed = False
            for relation in self.down:
                if relation in self.mistaken:
                    continue
                bans = self._bans_down(relation)
                if bans is None:
                    return relation
                for index, banned in bans.items():
                    state = self.rows[index].state
                    after = state.after(banned) if state is not None else None
                    if after is None:
                        return relation
                    self.rows[index].state = after
                    changed = True
        return None

    def _bans_down(self, relation: SumDown) -> dict[int, set[Ban]] | None:
        """What a sum down every column excludes, by row; None where it cannot hold in some column."""
        indexes = (relation.total, *relation.parts)
        states = [self.rows[index].state for index in indexes]
        known = [state for state in states if state is not None]
        if len(known) < len(states) or not any(state.problem.amounts for state in known):
            return {}
        bans: dict[int, set[Ban]] = {}
        for column in range(_width(known[0])):
            values = [state.values(column) for state in known]
            result = supported(values[0], values[1:])
            if result is None:
                return None
            allowed: list[Values] = [result[0], *result[1]]
            for index, state, was, now in zip(indexes, known, values, allowed, strict=True):
                if was != now:
                    bans.setdefault(index, set()).update(bans_of_values(state, column, now))
        return bans

    def _compare_row(self, row: _Row, tags: frozenset[str], knowledge: Knowledge) -> bool:
        state = row.state
        if state is None:
            return False
        findings = list(self._findings(row, tags, knowledge))
        usable = [(bans, where) for bans, where in findings if bans and state.after(bans) is not None]
        together = frozenset(ban for bans, _ in usable for ban in bans)
        if not together:
            return False
        after = state.after(together)
        if after is None:
            row.contested = True
            return False
        row.state = after
        row.evidence.extend(Evidence(where, bans) for bans, where in usable if where)
        return True

    def _findings(
        self, row: _Row, tags: frozenset[str], knowledge: Knowledge
    ) -> Iterator[tuple[frozenset[Ban], str]]:
        """What each piece of evidence excludes in a row, with the words for it."""
        state = row.state
        if state is None:
            return
        doubtful = {c for number in state.broken for c in _columns_of(state.problem.sums[number])}
        totals = {relation.total for relation in state.problem.sums}
        settled = {
            c: value
            for c in range(_width(state))
            if c not in totals and (value := _certain_value(state, c)) is not None and value > 0
        }
        open_columns = [c for c in range(_width(state)) if len(state.choices(c)) > 1]
        quantities = {
            c: knowledge.quantity(tags | self.column_tags[row.offset + c]) for c in (*open_columns, *settled)
        }
        for column in open_columns:
            quantity = quantities[column]
            stated = knowledge.value(quantity)
            if stated is not None:
                wanted = self._scaled(stated.value)
                allowed: Values = frozenset({None, 0}) if not wanted else frozenset({wanted})
                yield bans_of_values(state, column, allowed), self._words("", row, stated)
            if column in doubtful:
                continue  # where a sum of the row is broken, only a plain statement of the very amount counts
            floor, ceiling = knowledge.floor(quantity), knowledge.ceiling(quantity)
            if column not in totals:
                ceiling = self._least(
                    ceiling, self._what_is_left(quantity, column, quantities, settled, knowledge)
                )
            yield self._outside(row, state, column, floor, ceiling)

    def _what_is_left(
        self,
        quantity: int,
        column: int,
        quantities: Mapping[int, int],
        settled: dict[int, int],
        knowledge: Knowledge,
    ) -> Bound | None:
        """What remains of a known whole when the row's other settled parts of it are taken away."""
        least: Bound | None = None
        for whole, bound in knowledge.wholes(quantity):
            others = [v for c, v in settled.items() if c != column and whole & quantities[c] == whole]
            if others:
                left = bound.value - self._decimal(sum(others) - tolerance(len(others) + 1))
                words = f"{bound.where} {bound.value} － {self._decimal(sum(others))}"
                least = self._least(least, Bound(max(left, Decimal(0)), words))
        return least

    @staticmethod
    def _least(one: Bound | None, other: Bound | None) -> Bound | None:
        if one is None or other is None:
            return one or other
        return one if one.value <= other.value else other

    def _outside(
        self, row: _Row, state: RowState, column: int, floor: Bound | None, ceiling: Bound | None
    ) -> tuple[frozenset[Ban], str]:
        """The steps of a column whose amount falls below what is part of it, or exceeds what it is part of."""
        low = self._scaled(floor.value) - _BOUND_SLACK if floor else None
        high = (
            self._scaled(ceiling.value) + _BOUND_SLACK
            if ceiling and ceiling.value
            else 0
            if ceiling
            else None
        )
        allowed = frozenset(
            value
            for value in state.values(column)
            if (low is None or (value or 0) >= low) and (high is None or (value or 0) <= high)
        )
        words = [self._words("≥ ", row, floor)] if low is not None and floor and floor.value else []
        words += [self._words("≤ ", row, ceiling)] if ceiling else []
        return bans_of_values(state, column, allowed), "；".join(word for word in words if word)

    def _words(self, sign: str, row: _Row, bound: Bound) -> str:
        """`≤ 一般公共预算支出表第448行 基本支出 4777.60`; empty for what the row says of itself (its sums say it)."""
        return "" if bound.where.startswith(self._place(row)) else f"{sign}{bound.where} {bound.value}"

    def _place(self, row: _Row) -> str:
        return f"{self.table.title}第{row.printed.line}行 "

    def _scaled(self, value: Decimal) -> int:
        return int(value.scaleb(self.scale).to_integral_value())


def _scale(table: FlowTable) -> int:
    """The decimal places of a table's amounts."""
    return max((a.decimals for row in table.rows for panel in row.amounts for a in panel if a), default=0)


def _row(table: FlowTable, row: TableRow, scale: int) -> _Row:
    amounts = tuple(amount for panel in row.amounts for amount in panel)
    header = table.header
    # Numbers without a label among labelled rows are the rest of some row, nobody knows which.
    nameless = not row.label and not row.codes and any(other.label for other in table.rows)
    identified = not row.code_lost and not nameless and (not table.two_sided or row.side != "")
    if header is None:
        return _Row(row, 0, amounts, None, identified)
    columns = [i for i, column in enumerate(header.columns) if not row.side or column.side == row.side]
    offset = columns[0] if columns else 0
    values = tuple(0 if amount is None else int(amount.value.scaleb(scale)) for amount in amounts)
    strips: tuple[Strip, ...]
    if table.two_sided:
        strips = (Strip(0, len(values), 0, len(columns)),)
        sums = tuple(_shifted(s, offset) for s in header.sums if s.total in columns) if row.side else ()
    else:
        strips = tuple(_strips(table, row))
        gone = {i for i, column in enumerate(header.columns) if column.panel in row.missing}
        sums = tuple(s for s in header.sums if not gone & set(_columns_of(s)))
    state = RowState.of(RowProblem(values, strips, sums)) if columns else None
    return _Row(row, offset, amounts, state if state is not None and state.worlds else None, identified)


def _strips(table: FlowTable, row: TableRow) -> Iterator[Strip]:
    first = 0
    for panel, amounts in enumerate(row.amounts):
        left, right = table.header.panel_range(panel) if table.header else (0, 0)
        yield Strip(first, first + len(amounts), left, right)
        first += len(amounts)


def _shifted(relation: SumAlong, offset: int) -> SumAlong:
    return SumAlong(relation.total - offset, tuple(part - offset for part in relation.parts))


def _columns_of(relation: SumAlong) -> tuple[int, ...]:
    return (relation.total, *relation.parts)


def _width(state: RowState) -> int:
    return state.problem.strips[-1].right if state.problem.strips else 0


def _settled(state: RowState) -> bool:
    return all(len(state.choices(column)) == 1 for column in range(_width(state)))


def _certain_value(state: RowState, column: int) -> int | None:
    """The one amount a column can hold, 0 for certainly blank; None while more is possible."""
    choices = state.choices(column)
    if len(choices) != 1:
        return None
    choice = next(iter(choices))
    return 0 if choice == BLANK else state.problem.amounts[choice]
