"""Body rows of a grid: label, codes, unit code and amounts, side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mingzhang.ingest.amounts import decimals_printed, fold_digits, is_amount, parse_amount
from mingzhang.ingest.codebook import scheme_of
from mingzhang.ingest.document import Amount
from mingzhang.ingest.grid import GridRow
from mingzhang.ingest.header import GridColumn
from mingzhang.ontology.lexicon import Lexicon, normal_label

_CODE = re.compile(r"[0-9]{2,12}")
_CODE_SCHEMES = ("functional", "dept-economic", "gov-economic")


@dataclass(frozen=True)
class GridSide:
    """One labelled part of a grid's row; `amounts` maps the column index to what is printed there."""

    side: str
    label: str
    codes: tuple[str, ...]
    unit_code: str
    amounts: tuple[tuple[int, Amount], ...]


@dataclass(frozen=True)
class GridBodyRow:
    """A body row with its sides, from left to right; a side may be blank."""

    line: int
    sides: tuple[GridSide, ...]


def read_rows(
    body: Sequence[GridRow], columns: Sequence[GridColumn], lexicon: Lexicon
) -> tuple[GridBodyRow, ...]:
    """The rows of a grid. Amounts are counted along the line from 1, over all sides."""
    return tuple(_read_row(row, columns, lexicon) for row in body)


def _read_row(row: GridRow, columns: Sequence[GridColumn], lexicon: Lexicon) -> GridBodyRow:
    amounts = _amounts(row, columns)
    sides = []
    for name in dict.fromkeys(column.side for column in columns if column.role != "note"):
        own = [column for column in columns if column.side == name]
        label, codes, unit_code = _keys(row, own, lexicon)
        printed = tuple((c.index, amounts[c.index]) for c in own if c.index in amounts)
        sides.append(GridSide(name, label, codes, unit_code, printed))
    return GridBodyRow(row.line, tuple(sides))


def _amounts(row: GridRow, columns: Sequence[GridColumn]) -> dict[int, Amount]:
    """Column index → amount, counted along the line."""
    found: dict[int, Amount] = {}
    for column in columns:
        if column.role != "amount" or column.index >= len(row.cells):
            continue
        cell = row.cells[column.index]
        if is_amount(cell.text):
            nth = len(found) + 1
            value = parse_amount(cell.text)
            found[column.index] = Amount(
                cell.text, value, decimals_printed(cell.text), row.line, nth, cell.start
            )
    return found


def _keys(row: GridRow, columns: Sequence[GridColumn], lexicon: Lexicon) -> tuple[str, tuple[str, ...], str]:
    """(label, codes, unit code) of one side of a row.

    Fragments of a code (类 款 项) are joined until the label that follows them; a second group of fragments behind a
    label is a second code. A full code may be printed in the unit column too: it repeats the fragments, or it is the
    code that goes with the label. Digits that would make no code of the fragments are the unit's: its heading slipped.
    """
    labels: list[str] = []
    codes: list[str] = []
    fragments = ""
    unit_code = ""
    for column in columns:
        text = row.text(column.index)
        if not text or column.role in ("amount", "note", "index"):
            continue
        if column.role == "label" or not _CODE.fullmatch(fold_digits(text)):
            codes += [fragments] if fragments and column.role == "label" else []
            fragments = "" if column.role == "label" else fragments
            labels.append(text)
        elif column.role == "code" and (
            not fragments or scheme_of(joined_code(fragments, fold_digits(text)))
        ):
            fragments = joined_code(fragments, fold_digits(text))
        else:
            unit_code = fold_digits(text)
    codes += [fragments] if fragments else []
    label = labels[0] if labels else ""
    if unit_code and _is_class_code(unit_code, codes, label, lexicon):
        return label, (unit_code, *codes[1:]), ""
    return label, tuple(codes), unit_code


def joined_code(before: str, fragment: str) -> str:
    """Fragments joined: 208 + 05 → 20805; a fragment that already holds what came before replaces it."""
    return (
        fragment
        if before and fragment.startswith(before) and len(fragment) > len(before)
        else before + fragment
    )


def _is_class_code(printed: str, codes: Sequence[str], label: str, lexicon: Lexicon) -> bool:
    """Whether digits in the unit column are a classification code."""
    if codes and len(printed) > 3 and printed.startswith(codes[0]):
        return True
    if codes:
        return False
    known = [c for scheme in _CODE_SCHEMES if (c := lexicon.code(scheme, printed)) is not None]
    return any(normal_label(label) in concept.labels for concept in known)
