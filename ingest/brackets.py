"""Amounts in brackets, （12.00）, or behind a triangle, △12.00: negative where arithmetic leaves no other possibility.

Else they are left unread. Accounts print a negative amount so; other tables put a part of another amount, or last
year's, into brackets. A sum that holds only if the amount is subtracted, and neither if it is added nor if it is left
out, settles it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

from mingzhang.ingest.amounts import decimals_printed, fold_digits, is_amount, parse_amount
from mingzhang.ingest.document import Amount, Document
from mingzhang.ingest.grid import GridRow
from mingzhang.ingest.header import GridColumn
from mingzhang.ingest.rows import GridBodyRow, read_rows
from mingzhang.ingest.sums import RowKey, Sum, column_sums, half_unit, row_sums
from mingzhang.ontology.lexicon import Lexicon, normal_label

_BRACKETED = re.compile(
    r"[(（]\s*(?P<inside>[0-9][0-9,]*(?:\.[0-9]+)?)\s*[)）]|[△▲]\s*(?P<marked>[0-9][0-9,]*(?:\.[0-9]+)?)"
)
# Money as tables print it; (5) may be a number of something else.
_MONEY = re.compile(r"[.,]|[0-9]{4}")
# With more open amounts than this, chance may make a sum hold.
_MOST_OPEN = 4

# (index of the row, index of the column)
Place = tuple[int, int]
# A total's place and those of its parts.
Equation = tuple[Place, tuple[Place, ...]]
# (line, character) where an amount's digits begin → the equation that proves it negative.
Proofs = Mapping[tuple[int, int], str]


def in_brackets(text: str) -> tuple[str, int] | None:
    """(the amount as printed, how many characters stand before it); None for text that is none in such a dress."""
    match = _BRACKETED.fullmatch(fold_digits(text))
    if match is None:
        return None
    start, end = match.span("inside" if match["inside"] else "marked")
    return (text[start:end], start) if is_amount(text[start:end]) else None


def with_proven_negatives(
    body: Sequence[GridRow], columns: Sequence[GridColumn], lexicon: Lexicon
) -> tuple[tuple[GridRow, ...], Proofs]:
    """The rows with every bracketed amount that is proven negative marked as such, and the proofs."""
    amounts = [column for column in columns if column.role == "amount"]
    unproven = {
        (index, column.index): amount
        for index, row in enumerate(body)
        for column in amounts
        if (amount := _open_amount(row, column.index)) is not None
    }
    if not unproven:
        return tuple(body), {}
    rows = read_rows(body, columns, lexicon)
    known = {(i, c): a for i, row in enumerate(rows) for side in row.sides for c, a in side.amounts}
    proofs = _proven(known, unproven, _equations(rows, amounts, lexicon))
    marked = []
    for index, row in enumerate(body):
        cells = list(row.cells)
        for column in amounts:
            if (index, column.index) in proofs:
                token, before = in_brackets(cells[column.index].text) or ("", 0)
                cell = cells[column.index]
                cells[column.index] = replace(cell, text=token, start=cell.start + before, negative=True)
        marked.append(replace(row, cells=tuple(cells)))
    return tuple(marked), {
        (unproven[place].line, unproven[place].start): proof for place, proof in proofs.items()
    }


def _open_amount(row: GridRow, column: int) -> Amount | None:
    """The amount in brackets in a cell, its sign open: here without one."""
    found = in_brackets(row.text(column))
    if found is None:
        return None
    token, before = found
    cell = row.cells[column]
    line = cell.line or row.line
    return Amount(token, parse_amount(token), decimals_printed(token), line, 1, cell.start + before)


def _equations(
    rows: Sequence[GridBodyRow], columns: Sequence[GridColumn], lexicon: Lexicon
) -> list[Equation]:
    """The sums that headings and labels imply, along the rows and down the columns."""
    found: list[Equation] = []
    for name in dict.fromkeys(column.side for column in columns):
        own = [column for column in columns if column.side == name]
        for relation in column_sums({c.index: c.path for c in own}, lexicon):
            found += [
                ((i, relation.total), tuple((i, part) for part in relation.parts)) for i in range(len(rows))
            ]
        sides = [(i, side) for i, row in enumerate(rows) for side in row.sides if side.side == name]
        usable = [(i, s) for i, s in sides if normal_label(s.label) or s.codes]
        keys = [
            RowKey(
                s.label, s.codes[0] if s.codes else "", lexicon.role(s.label) == "total", bool(s.unit_code)
            )
            for _, s in usable
        ]
        for sum_down in row_sums(keys):
            parts = [usable[part][0] for part in sum_down.parts]
            total = usable[sum_down.total][0]
            found += [((total, c.index), tuple((part, c.index) for part in parts)) for c in own]
    return found


def _proven(
    known: Mapping[Place, Amount], unproven: Mapping[Place, Amount], equations: Sequence[Equation]
) -> dict[Place, str]:
    """Place → proof for each amount that must be negative; what one equation proves helps the next."""
    amounts = dict(known)
    left = dict(unproven)
    proofs: dict[Place, str] = {}
    while True:
        found: dict[Place, str] = {}
        for equation in equations:
            found |= {p: proof for p, proof in _proven_by(equation, amounts, left).items() if p not in found}
        if not found:
            return proofs
        proofs |= found
        for place in found:
            amount = left.pop(place)
            amounts[place] = replace(amount, value=-amount.value)


def _proven_by(
    equation: Equation, known: Mapping[Place, Amount], unproven: Mapping[Place, Amount]
) -> dict[Place, str]:
    """The amounts that an equation proves negative: it holds only if they are."""
    total, parts = equation
    places = (total, *parts)
    still_open = [place for place in places if place in unproven]
    if not still_open or len(still_open) > _MOST_OPEN or (total not in known and total not in unproven):
        return {}
    terms = [known[p] if p in known else unproven[p] for p in places if p in known or p in unproven]
    allowed = sum((half_unit(amount) for amount in terms), Decimal(0))
    fixed = sum((_sign(p, total) * known[p].value for p in places if p in known), Decimal(0))
    holding = [
        signs
        for signs in product((-1, 0, 1), repeat=len(still_open))
        if abs(
            fixed
            + sum(_sign(p, total) * s * unproven[p].value for p, s in zip(still_open, signs, strict=True))
        )
        <= allowed
    ]
    if len(holding) != 1 or any(sign != -1 for sign in holding[0]):
        return {}
    signed = {
        p: replace(unproven[p], value=-unproven[p].value, token=f"-{unproven[p].token}") for p in still_open
    }
    printed = {**known, **signed}
    words = Sum("row", printed[total], tuple(printed[p] for p in parts if p in printed)).in_words()
    return dict.fromkeys(still_open, words)


def _sign(place: Place, total: Place) -> int:
    return 1 if place == total else -1


def unread_in_brackets(document: Document, read: Iterable[Amount]) -> list[tuple[int, str]]:
    """(line, text) of each amount of a table that is printed in brackets and not among those read."""
    places = {(amount.line, amount.start) for amount in read}
    found = []
    for region in document.regions:
        for cell in region.cells:
            inside = in_brackets(cell.text)
            if inside is not None and _MONEY.search(fold_digits(inside[0])):
                line = region.first_line + cell.row
                if (line, cell.start + inside[1]) not in places:
                    found.append((line, cell.text))
    return found
