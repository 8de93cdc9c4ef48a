"""Amounts as people read them. Decimals throughout: no amount passes through a float."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

_YUAN_PER_WAN = Decimal(10_000)


def wan(amount_yuan: Decimal) -> str:
    """Yuan as 万元 (ten thousand yuan), with thousands separators, at least two decimals, and nothing cut off.

    15708300 → "1,570.83"; 1 → "0.0001".
    """
    return _grouped(amount_yuan / _YUAN_PER_WAN, 2)


def yuan(amount_yuan: Decimal) -> str:
    """Yuan to the last digit: 15708300 → "15,708,300"."""
    return _grouped(amount_yuan, 0)


def share(part: Decimal, whole: Decimal) -> str:
    """A percentage with one decimal, "" where the whole is nothing."""
    if whole == 0:
        return ""
    return f"{part * 100 / whole:.1f}%"


def decimals(text: str) -> int:
    """How many digits stand behind an amount's point: "1,570.83" → 2."""
    return len(text.partition(".")[2])


def most_decimals(texts: Iterable[str]) -> int:
    """The digits behind the point that a column of amounts must have room for."""
    return max((decimals(text) for text in texts), default=0)


@lru_cache(maxsize=16_384)
def _grouped(value: Decimal, least_decimals: int) -> str:
    plain = format(value, "f")
    decimals = len(plain.partition(".")[2].rstrip("0"))
    return f"{value:,.{max(decimals, least_decimals)}f}"
