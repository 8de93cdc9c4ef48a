"""Budget tables of a text whose cells the extraction lost: `read_flow_tables`.

Read in this order: flow_sheets (where tables are), flow_rows (codes, labels, amounts), flow_words and flow_header
(columns), flow_tables (pages together), flow_solve (which amount stands in which column), and here (records).
"""

from __future__ import annotations

from collections.abc import Sequence

from mingzhang.ingest.align import RowState, SumAlong
from mingzhang.ingest.document import (
    Amount,
    Certainty,
    Column,
    Document,
    ReadRow,
    ReadTable,
    RowSide,
    TableCell,
)
from mingzhang.ingest.flow_forms import FlowForms, load_flow_forms
from mingzhang.ingest.flow_header import FlowColumn
from mingzhang.ingest.flow_knowledge import Statement
from mingzhang.ingest.flow_quantities import THIS_YEAR, table_tags
from mingzhang.ingest.flow_solve import SolvedRow, SolvedTable, solve_tables
from mingzhang.ingest.flow_statements import ProseAmount, three_public_amounts
from mingzhang.ingest.flow_tables import FlowTable, TableRow, read_tables

_MOST_EQUATIONS = 6
_ONLY_WAY = "本行各数按顺序排入各栏，只有一种排法使各合计等于其各项之和"


def read_flow_tables(document: Document, taken: frozenset[int]) -> list[ReadTable]:
    """All budget tables outside the lines `taken` (line numbers from 1), numbered 1.. in print order.

    Every amount of a row that fits its table becomes a cell; its column is set only where it is proven.
    """
    forms = load_flow_forms()
    tables = read_tables(document, taken, forms)
    prose = three_public_amounts(document, forms) if tables else []
    solved = solve_tables(tables, forms, lambda table: _stated(table, prose, forms))
    return [_record(number, table) for number, table in enumerate(solved, start=1)]


def _stated(table: FlowTable, prose: Sequence[ProseAmount], forms: FlowForms) -> list[Statement]:
    """What the running text says of the quantities of a “三公” table."""
    whole = table_tags(table, forms)
    if "three:all" not in whole:
        return []
    return [
        Statement(
            whole
            | amount.heading.tags
            | amount.heading.implies
            | {THIS_YEAR if amount.year == 0 else "year:-1"},
            amount.value,
            f"正文第{amount.line}行",
            -1,
        )
        for amount in prose
        if amount.unit == table.unit
    ]


def _record(number: int, solved: SolvedTable) -> ReadTable:
    table = solved.table
    columns = table.header.columns if table.header else ()
    sides = [_side(solved, index) for index in range(len(table.rows))]
    rows = tuple(
        ReadRow(table.rows[line[0]].line, tuple(sides[index] for index in line))
        for line in table.lines
        if line
    )
    first, *others = table.ranges
    return ReadTable(
        number=number,
        title=table.title,
        unit=table.unit,
        columns=tuple(Column(column.path) for column in columns),
        rows=rows,
        first_line=first[0],
        last_line=first[1],
        published_empty=table.published_empty,
        other_lines=tuple(others),
    )


def _side(solved: SolvedTable, index: int) -> RowSide:
    row, work = solved.table.rows[index], solved.rows[index]
    return RowSide(
        label=row.label,
        cells=tuple(_cells(solved, index, work)),
        codes=row.codes,
        unit_code=row.unit_code,
        level=_level(row),
    )


def _level(row: TableRow) -> int:
    """Depth of a coded row: 类 0, 款 1, 项 2."""
    return (len(row.codes[0]) - 3) // 2 if row.codes else 0


def _cells(solved: SolvedTable, index: int, work: SolvedRow) -> list[TableCell]:
    state = work.state
    columns = solved.table.header.columns if solved.table.header else ()
    if state is None:
        return []
    width = state.problem.strips[-1].right
    full = len(work.amounts) == width
    found = []
    for number, amount in enumerate(work.amounts):
        if amount is None:
            continue
        places = [place + work.offset for place in state.columns_of(number)]
        if len(places) == 1 and work.identified:
            plain = full and _trusted(solved, state)
            certainty = Certainty.PRINTED if plain else Certainty.RECONCILED
            proof = () if plain else tuple(_proof(solved, index, number, columns))
            if plain or proof:
                found.append(TableCell(amount, places[0], certainty, (), proof))
                continue
            places = list(range(work.offset, work.offset + width))
        if len(places) > 1:
            found.append(TableCell(amount, None, Certainty.AMBIGUOUS, tuple(places)))
    return found


def _trusted(solved: SolvedTable, state: RowState) -> bool:
    """Whether a row with every column filled may be read from left to right.

    Where its own sum is broken, another full row must show that the columns were understood.
    """
    if not state.broken:
        return True
    return any(
        row.state is not None
        and not row.state.broken
        and row.state.problem.sums
        and len(row.amounts) == row.state.problem.strips[-1].right
        for row in solved.rows
    )


def _proof(solved: SolvedTable, index: int, number: int, columns: Sequence[FlowColumn]) -> list[str]:
    """The equations that an amount of a row takes part in, and what other places say of it, in words."""
    work = solved.rows[index]
    state = work.state
    if state is None:
        return []
    column = state.columns_of(number)[0]
    found = [
        words
        for number, relation in enumerate(state.problem.sums)
        if number not in state.broken
        and column in (relation.total, *relation.parts)
        and (words := _along(work, state, relation, columns))
    ]
    found += [
        words
        for relation in solved.down
        if index in (relation.total, *relation.parts)
        and (words := _down(solved, (relation.total, *relation.parts), column))
    ]
    # Evidence counts for this amount where it kept it out of another column, or others out of this one.
    said = [e.words for e in work.evidence if any(c == column or choice == number for c, choice in e.bans)]
    proof = list(dict.fromkeys([*found[:_MOST_EQUATIONS], *said]))[: 2 * _MOST_EQUATIONS]
    return proof or ([_ONLY_WAY] if state.problem.sums and not state.broken else [])


def _certain(work: SolvedRow, column: int) -> tuple[bool, Amount | None]:
    """Whether what a column of a row holds is certain, and what it is."""
    if work.state is None:
        return not work.amounts, None
    choices = work.state.choices(column)
    if len(choices) != 1:
        return False, None
    choice = next(iter(choices))
    return True, None if choice < 0 else work.amounts[choice]


def _along(work: SolvedRow, state: RowState, relation: SumAlong, columns: Sequence[FlowColumn]) -> str:
    """`合计 4,777.60 = 人员经费 4,626.09 + 公用经费 151.51`; parts whose columns are open go without a name.

    Empty where it is open which amounts take part.
    """
    sure, total = _certain(work, relation.total)
    if not sure or total is None:
        return ""
    terms = []
    for number, amount in enumerate(work.amounts):
        places = state.columns_of(number)
        inside = [place for place in places if place in relation.parts]
        if not inside or amount is None:
            continue
        if len(inside) < len(places):
            return ""
        name = f"{columns[work.offset + places[0]].path[-1]} " if len(places) == 1 else ""
        terms.append(f"{name}{amount.token}")
    head = f"{columns[work.offset + relation.total].path[-1]} {total.token}"
    return f"{head} = {' + '.join(terms)}" if terms else ""


def _down(solved: SolvedTable, indexes: Sequence[int], column: int) -> str:
    """`总合计 4,777.60 = 社会保障和就业支出 3,359.93 + …`; empty while a term is open."""
    terms = []
    for index in indexes:
        sure, amount = _certain(solved.rows[index], column)
        if not sure:
            return ""
        if amount is not None:
            terms.append(f"{solved.table.rows[index].label} {amount.token}")
    return f"{terms[0]} = {' + '.join(terms[1:])}" if len(terms) > 1 else ""
