"""Printed numbers: from the characters on the page to `Decimal`, and where they stand on a line.

Only the digits 0 to 9 and their full-width forms count: `str.isdigit` and `\\d` also take digits of other
scripts, and `Decimal` would read them. Whether a number is money is the caller's question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from mingzhang.errors import MingzhangError

# Full-width digits, comma, full stop and minus fold one to one, so that character positions stay.
_FOLD = str.maketrans("０１２３４５６７８９，．－−", "0123456789,.--")

_GROUPED = r"[0-9]{1,3}(?:,[0-9]{3})+"
_NUMBER = re.compile(rf"(?<![0-9.,A-Za-z])-?(?:{_GROUPED}|[0-9]+)(?:\.[0-9]+)?(?![0-9A-Za-z]|[.,][0-9])")
_WHOLE = re.compile(rf"-?(?:{_GROUPED}|[0-9]+)(?:\.[0-9]+)?")

# China's yearly product has 15 digits in yuan; what has far more names something.
_LONGEST_AMOUNT = 26

YUAN_PER_UNIT = {
    "元": Decimal(1),
    "千元": Decimal(1000),
    "万元": Decimal(10_000),
    "亿元": Decimal(100_000_000),
}


class BadAmount(MingzhangError):
    """The characters are no amount."""


@dataclass(frozen=True)
class NumberToken:
    """A number as printed: its characters, where it begins on the line (from 1), its value and decimals."""

    text: str
    start: int
    value: Decimal
    decimals: int

    @property
    def end(self) -> int:
        """The character after the last one, from 1."""
        return self.start + len(self.text)


def fold_digits(text: str) -> str:
    """The same text with full-width digits and number punctuation as ASCII, character for character."""
    return text.translate(_FOLD)


def parse_amount(token: str) -> Decimal:
    """`"1,570.83"` → `Decimal("1570.83")`, in the unit printed. Raises BadAmount for anything else, `"1,57"` included."""
    folded = fold_digits(token.strip())
    if not _WHOLE.fullmatch(folded):
        raise BadAmount(f"{token!r} is no amount; expected digits, with thousands in groups of three")
    return Decimal(folded.replace(",", ""))


def decimals_printed(token: str) -> int:
    """How many decimal places are printed: `"1,570.80"` → 2."""
    return len(fold_digits(token.strip()).partition(".")[2])


def number_tokens(line: str) -> list[NumberToken]:
    """Every number on a line, from left to right."""
    folded = fold_digits(line)
    found = []
    for match in _NUMBER.finditer(folded):
        text = line[match.start() : match.end()]
        found.append(NumberToken(text, match.start() + 1, parse_amount(text), decimals_printed(text)))
    return found


def is_amount(text: str) -> bool:
    """Whether the text, spaces around it aside, is one number and nothing else; no account or serial number."""
    bare = text.strip()
    return len(bare) <= _LONGEST_AMOUNT and bool(_WHOLE.fullmatch(fold_digits(bare)))


def in_yuan(value: Decimal, unit: str) -> Decimal:
    """A printed value in yuan: 1,570.83 万元 → 15708300. Raises BadAmount for a unit that is not money."""
    if unit not in YUAN_PER_UNIT:
        raise BadAmount(f"{unit!r} is no unit of money; known are {', '.join(YUAN_PER_UNIT)}")
    return plain(value * YUAN_PER_UNIT[unit])


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent."""
    normal = value.normalize()
    if normal.is_zero():
        return Decimal(0)
    exponent = normal.as_tuple().exponent
    return normal.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else normal
