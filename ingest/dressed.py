"""Amounts in a cell with signs beside their digits: ¥1,570.83, 1,570.83元, –12.00.

A sign of the currency says nothing new. A unit is believed where it is the table's; another one would make it another
amount, which is left unread. A dash that touches money is a minus.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mingzhang.ingest.amounts import fold_digits, is_amount
from mingzhang.ingest.grid import GridCell

_DRESSED = re.compile(
    r"(?P<minus>[-–]\s?)?(?:[¥￥]\s?)?(?P<amount>-?[0-9][0-9,]*(?:\.[0-9]+)?)\s?(?P<unit>万元|千元|亿元|元)?"
)
# A dash before a small whole number may be the end of a range.
_MONEY = re.compile(r"[.,]")


def undressed(cell: GridCell, unit: str) -> GridCell:
    """The cell with its amount alone, where the signs beside it agree with the table's unit; else as it is."""
    if is_amount(cell.text):
        return cell
    match = _DRESSED.fullmatch(fold_digits(cell.text))
    if match is None or not is_amount(match["amount"]) or match["unit"] not in (None, unit):
        return cell
    negative = match["minus"] is not None
    if negative and (match["amount"].startswith("-") or not _MONEY.search(match["amount"])):
        return cell
    start, end = match.span("amount")
    return replace(
        cell, text=cell.text[start:end], start=cell.start + start, negative=cell.negative or negative
    )
