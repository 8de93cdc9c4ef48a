"""A number and its format → what a workbook's cell shows: 1234.5 with `#,##0.00` shows 1,234.50.

Formats are those of ECMA-376 Part 1 §18.8.30 and §18.8.31 (`numFmts`), as far as amounts, percentages, codes and dates
need them. Exponents and fractions are not among them: such a number is shown in full, as stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal

# A workbook keeps 15 significant digits of a number (Excel specifications and limits); more are noise of binary floats.
_STORED = Context(prec=15, rounding=ROUND_HALF_UP)
# The largest number a workbook holds has 308 digits; decimals and a percent sign add some.
_ROOMY = Context(prec=400)
# In the format General a number takes up at most this many digits beside its decimal point.
_GENERAL_DIGITS = 10
_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|_(?P<room>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式)|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<exponent>[Ee][+-])"
    r"|(?P<plain>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)")
_CURRENCY = re.compile(r"\$([^-\]]*)")
_DATE_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[[^\]]*\]|(?P<half>AM/PM|上午/下午)|(?P<letters>y+|m+|d+|h+|s+)|_.|\*.|(?P<plain>.)',
    re.IGNORECASE | re.DOTALL,
)


def stored(value: int | float) -> Decimal:
    """The number a workbook holds: 0.1 for 0.1, without the noise of binary floats."""
    return _STORED.create_decimal(repr(value))


def shown_number(value: int | float, pattern: str) -> str:
    """What a cell shows; empty where its format hides the number."""
    number = stored(value)
    if not number.is_finite():
        return "#NUM!"
    section, shows_sign = _section(pattern, number)
    parts = [(match.lastgroup or "room", match[match.lastgroup or 0]) for match in _PART.finditer(section)]
    kinds = {kind for kind, _ in parts}
    if "exponent" in kinds or ("plain", "/") in parts or (not section and section == pattern):
        return _general(number)
    # @ stands for a text; a number in such a cell is shown as it is.
    if "general" in kinds or ("plain", "@") in parts:
        whole = [_general(number) if k == "general" or t == "@" else _literal(k, t) for k, t in parts]
        return "".join(whole).strip()
    digits = [index for index, (kind, _) in enumerate(parts) if kind == "digit"]
    if not digits:
        return "".join(_literal(kind, text) for kind, text in parts).strip()
    # A section for negative numbers that only colours them red says so to the eye; the text has to say it too.
    marked = any(text in ("-", "(", "（", "△", "▲") for _, text in parts)
    sign = "-" if number < 0 and (shows_sign or not marked) else ""
    return sign + _Layout(parts).filled(abs(number)).strip()


def _sections(pattern: str) -> list[str]:
    """A format's sections, which semicolons part."""
    sections = [""]
    for match in _PART.finditer(pattern):
        if match.lastgroup == "plain" and match[0] == ";":
            sections.append("")
        else:
            sections[-1] += match[0]
    return sections


def _section(pattern: str, number: Decimal) -> tuple[str, bool]:
    """The section that applies to a number, and whether a minus goes before a negative one."""
    sections = _sections(pattern)[:3]
    conditions = [_CONDITION.search("".join(re.findall(r"\[([^\]]*)\]", section))) for section in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or _meets(number, condition[1], Decimal(condition[2])):
                return section, True
        return sections[-1], True
    if len(sections) == 1:
        return sections[0], True
    if number < 0:
        return sections[1], False
    return (sections[2], False) if number == 0 and len(sections) > 2 else (sections[0], False)


def _meets(number: Decimal, sign: str, bound: Decimal) -> bool:
    return {
        "<": number < bound,
        "<=": number <= bound,
        ">": number > bound,
        ">=": number >= bound,
        "=": number == bound,
        "<>": number != bound,
    }[sign]


def _literal(kind: str, text: str) -> str:
    """What a part of a format shows that stands for no digit."""
    if kind in ("quoted", "escaped", "plain", "percent", "point", "comma"):
        return text
    if kind == "bracket":
        currency = _CURRENCY.match(text)
        return currency[1] if currency else ""
    return " " if kind == "room" else ""


def _general(number: Decimal) -> str:
    """A number without a format: as many decimals as there is room for, none that is an idle zero."""
    whole = len(str(abs(int(number))))
    places = min(max(-int(number.as_tuple().exponent), 0), max(_GENERAL_DIGITS - whole, 0))
    text = f"{_rounded(number, places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_ROOMY)


@dataclass(frozen=True)
class _Layout:
    """The parts of a section that shows digits."""

    parts: list[tuple[str, str]]

    def filled(self, number: Decimal) -> str:
        """The parts with a number's digits in their places."""
        whole, decimals, commas = self._places()
        percents = sum(1 for kind, _ in self.parts if kind == "percent")
        thousands = self._scaling(whole, commas) + self._scaling(decimals, commas)
        scaled = number.scaleb(2 * percents - 3 * thousands)
        text = f"{_rounded(scaled, len(decimals)):f}"
        before, _, after = text.partition(".")
        grouped = any(whole and whole[0] < comma < whole[-1] for comma in commas)
        filled = self._whole_digits(before, whole, grouped) | self._decimal_digits(after, decimals)
        shown = []
        for index, (kind, part) in enumerate(self.parts):
            if kind == "digit":
                shown.append(filled[index])
            elif kind != "comma":
                shown.append(_literal(kind, part))
        return "".join(shown)

    def _places(self) -> tuple[list[int], list[int], list[int]]:
        """Where the digits before and after the point stand, and the commas among those before it."""
        point = next((i for i, (kind, _) in enumerate(self.parts) if kind == "point"), len(self.parts))
        digits = [i for i, (kind, _) in enumerate(self.parts) if kind == "digit"]
        commas = [i for i, (kind, _) in enumerate(self.parts) if kind == "comma"]
        return [i for i in digits if i < point], [i for i in digits if i > point], commas

    def _scaling(self, digits: list[int], commas: list[int]) -> int:
        """How many commas stand right after the last of the digits: each divides by a thousand."""
        count = 0
        while digits and digits[-1] + 1 + count in commas:
            count += 1
        return count

    def _whole_digits(self, digits: str, places: list[int], grouped: bool) -> dict[int, str]:
        """Each place with its digits; the first has all that the others leave."""
        rest = "" if digits == "0" else digits
        found: dict[int, str] = {}
        done = 0
        for index in reversed(places):
            first = index == places[0]
            own, rest = (rest, "") if first else (rest[-1:], rest[:-1])
            if not own:
                own = {"0": "0", "?": " "}.get(self.parts[index][1], "")
            if grouped:
                own, done = _grouped(own, done)
            found[index] = own
        return found

    def _decimal_digits(self, digits: str, places: list[int]) -> dict[int, str]:
        """Each place with its digit; closing zeros only where the format asks for them."""
        found: dict[int, str] = {}
        shown = False
        for index, digit in reversed(list(zip(places, digits, strict=True))):
            kind = self.parts[index][1]
            shown = shown or digit != "0" or kind == "0"
            found[index] = digit if shown else " " if kind == "?" else ""
        return found


def _grouped(digits: str, done: int) -> tuple[str, int]:
    """Digits with a comma after every third from the right, `done` of which were written; and how many are now."""
    text = ""
    for digit in reversed(digits):
        if digit.isdigit() and done and done % 3 == 0:
            text = "," + text
        text = digit + text
        done += digit.isdigit()
    return text, done


def shown_date(value: datetime | date | time, pattern: str) -> str:
    """What a cell with a date or a time shows: 2024年1月5日 with `yyyy"年"m"月"d"日"`."""
    section = _sections(pattern)[0]
    text, after_hours = "", False
    for match in _DATE_PART.finditer(section):
        letters = (match["letters"] or "").lower()
        if letters:
            text += _date_part(value, letters, after_hours)
            after_hours = letters[0] in "hs"
        else:
            text += match["quoted"] or match["escaped"] or match["plain"] or ""
    return text.strip(" ;@") or str(value)


def _date_part(value: datetime | date | time, letters: str, after_hours: bool) -> str:
    """One of y m d h s; m after h or s is minutes. A part that the value has not is 0."""
    name = {"y": "year", "m": "minute" if after_hours else "month", "d": "day", "h": "hour", "s": "second"}
    number = int(getattr(value, name[letters[0]], 0))
    if letters[0] == "y":
        return str(number) if len(letters) > 2 else f"{number % 100:02d}"
    return f"{number:02d}" if len(letters) > 1 else str(number)
