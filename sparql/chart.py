"""A chart of a result's table: bars, one a row, or lines over years, one a series. It shows numbers of the table as they
are; nothing is added up. Pure functions; the templates draw, in HTML and SVG, without script.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

KINDS = ("bars", "lines", "none")
MOST_BARS = 30
MOST_LINES = 8
"""More cannot be told apart; their number is that of the dash patterns in the style sheet."""
MOST_YEARS = 6
"""As many as fit beside each other on a phone."""
YEAR = re.compile(r"[12][0-9]{3}")


@dataclass(frozen=True)
class Cell:
    """One value of a result: its text, where it links to ("" for nowhere), whether it is a number; `en` its text in
    English, where that is another; `named` where the text is a name and no address."""

    text: str
    link: str = ""
    number: bool = False
    en: str = ""
    named: bool = False


@dataclass(frozen=True)
class Table:
    """A SELECT result for reading."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class ChartWish:
    """What somebody wants to see: a kind, the columns of the numbers and of their names; "" where we are to choose."""

    kind: str = ""
    value: str = ""
    label: str = ""

    @staticmethod
    def of(parameters: Mapping[str, str]) -> ChartWish:
        """The wish in the parameters of a request."""
        kind = parameters.get("chart", "")
        return ChartWish(
            kind if kind in KINDS else "",
            parameters.get("chart-value", ""),
            parameters.get("chart-label", ""),
        )


ANY_CHART = ChartWish()


@dataclass(frozen=True)
class Bar:
    """One row: its name, its number as in the table, and where its bar lies, in percent of the width; `en` its name in
    English, "" where that is no other."""

    label: str
    text: str
    start: str
    width: str
    en: str = ""


@dataclass(frozen=True)
class Point:
    """One number of a line, in percent from the left and from the top."""

    x: str
    y: str
    year: str
    text: str


@dataclass(frozen=True)
class Line:
    """One series: its name and its numbers in order of the years."""

    label: str
    points: tuple[Point, ...]

    @property
    def path(self) -> str:
        """The points as SVG wants them."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)


@dataclass(frozen=True)
class Chart:
    """A chart and what may be chosen. Either `bars` or `lines` has something in it, or neither where none is wanted.
    `value` is the column of the numbers, `left_out` how many rows or series are not drawn, `years` stand below
    lines, `highest` and `lowest` beside them."""

    kind: str
    value: str
    label: str
    values: tuple[str, ...]
    labels: tuple[str, ...]
    has_years: bool
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    left_out: int = 0
    years: tuple[str, ...] = ()
    highest: str = ""
    lowest: str = ""


def chart_of(table: Table, wish: ChartWish) -> Chart | None:
    """The chart of a table; None where there is nothing to compare: fewer than two rows, no numbers, no names."""
    values = tuple(name for at, name in enumerate(table.columns) if is_measure(table, at))
    labels = label_columns(table)
    if len(table.rows) < 2 or not values or not labels:
        return None
    value = wish.value if wish.value in values else preferred(values)
    label = wish.label if wish.label in labels else ""
    year = year_column(table)
    drawable = year is not None and lines_of(table, value, label, year)[0] != ()
    kind = wish.kind or ("lines" if drawable else "bars")
    if kind == "lines" and not drawable:
        kind = "bars"
    options = (kind, value, label, values, labels, bool(drawable))
    if kind == "none":
        return Chart(*options)
    if kind == "lines" and year is not None:
        lines, left_out, highest, lowest = lines_of(table, value, label, year)
        return Chart(*options, (), lines, left_out, shown_years(years_of(table, year)), highest, lowest)
    bars, left_out = bars_of(table, value, label)
    return Chart(*options, bars, (), left_out) if bars else None


def is_measure(table: Table, at: int) -> bool:
    """Whether a column holds numbers, and no years."""
    cells = [row[at] for row in table.rows if row[at].text]
    return bool(cells) and all(number_of(cell) is not None for cell in cells) and not is_year(table, at)


def number_of(cell: Cell) -> Decimal | None:
    """The number in a cell; None for what is none, or has no place on an axis."""
    if not cell.number:
        return None
    try:
        number = Decimal(cell.text.replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def is_year(table: Table, at: int) -> bool:
    return "year" in table.columns[at].lower() and all(YEAR.fullmatch(row[at].text) for row in table.rows)


def year_column(table: Table) -> int | None:
    """The column of years, where there are two years at least."""
    found = [at for at in range(len(table.columns)) if is_year(table, at)]
    return found[0] if found and len({row[found[0]].text for row in table.rows}) > 1 else None


def label_columns(table: Table) -> tuple[str, ...]:
    """The columns that name a row: texts, and things for which there is no column with their name (`unit`, `unitName`)."""
    named = {column.removesuffix("Name") for column in table.columns if column.endswith("Name")}
    return tuple(
        column
        for at, column in enumerate(table.columns)
        if column not in named and any(row[at].text and not row[at].number for row in table.rows)
    )


def preferred(values: Sequence[str]) -> str:
    """Amounts before counts, and what the query works out last before what it begins with."""
    amounts = [name for name in values if name.endswith("Yuan")]
    return amounts[0] if amounts else values[-1]


def label_of(
    table: Table, row: Sequence[Cell], label: str, without: int | None = None, english: bool = False
) -> str:
    """The name of a row: the column chosen, or all that tell the rows apart."""
    if label:
        return name_in(row[table.columns.index(label)], english)
    places = [table.columns.index(name) for name in label_columns(table)]
    varying = [at for at in places if at != without and len({other[at].text for other in table.rows}) > 1]
    return " · ".join(name_in(row[at], english) for at in varying or [at for at in places if at != without])


def name_in(cell: Cell, english: bool = False) -> str:
    """What a cell calls something: of an address its end, as `initial` of `id/phase/initial`."""
    if english and cell.en:
        return cell.en
    return cell.text.rpartition("/")[2] or cell.text if cell.link and not cell.named else cell.text


def bars_of(table: Table, value: str, label: str) -> tuple[tuple[Bar, ...], int]:
    """A bar for each of the first rows, and how many rows are left out."""
    at = table.columns.index(value)
    rows = [(row, number) for row in table.rows if (number := number_of(row[at])) is not None]
    drawn = rows[:MOST_BARS]
    low = min([Decimal(0), *(number for _, number in drawn)])
    high = max([Decimal(0), *(number for _, number in drawn)])
    if high == low:
        return (), 0
    bars = tuple(
        Bar(
            name,
            row[at].text,
            percent(min(number, Decimal(0)) - low, high - low),
            percent(abs(number), high - low),
            english if (english := label_of(table, row, label, english=True)) != name else "",
        )
        for row, number in drawn
        for name in [label_of(table, row, label)]
    )
    return bars, len(table.rows) - len(drawn)


def lines_of(table: Table, value: str, label: str, year: int) -> tuple[tuple[Line, ...], int, str, str]:
    """A line for each of the first series, how many are left out, and the highest and lowest number drawn.

    No lines where a series has two numbers for one year: which of them would be drawn?
    """
    at = table.columns.index(value)
    series: dict[str, dict[str, tuple[Decimal, str]]] = {}
    for row in table.rows:
        number = number_of(row[at])
        if number is None:
            continue
        numbers = series.setdefault(label_of(table, row, label, year), {})
        if row[year].text in numbers:
            return (), 0, "", ""
        numbers[row[year].text] = (number, row[at].text)
    drawn = dict(list(series.items())[:MOST_LINES])
    placed = sorted(pair for numbers in drawn.values() for pair in numbers.values())
    if not placed or all(len(numbers) < 2 for numbers in drawn.values()):
        return (), 0, "", ""
    low, high = min(Decimal(0), placed[0][0]), max(Decimal(0), placed[-1][0])
    years = years_of(table, year)
    lines = tuple(
        Line(
            name,
            tuple(
                Point(
                    percent(Decimal(years.index(when)), Decimal(len(years) - 1)),
                    percent(high - numbers[when][0], (high - low) or Decimal(1)),
                    when,
                    numbers[when][1],
                )
                for when in years
                if when in numbers
            ),
        )
        for name, numbers in drawn.items()
    )
    return lines, len(series) - len(drawn), placed[-1][1] if high else "0", placed[0][1] if low else "0"


def years_of(table: Table, year: int) -> tuple[str, ...]:
    """All years from the first to the last: a gap in them stays a gap."""
    found = [int(row[year].text) for row in table.rows]
    return tuple(str(when) for when in range(min(found), max(found) + 1))


def shown_years(years: tuple[str, ...]) -> tuple[str, ...]:
    """The years written below an axis: all, or the ends of many."""
    return years if len(years) <= MOST_YEARS else (years[0], years[-1])


def percent(part: Decimal, whole: Decimal) -> str:
    """A share in percent, to two places: a place on a screen, not a figure."""
    return f"{part * 100 / whole:.2f}"
