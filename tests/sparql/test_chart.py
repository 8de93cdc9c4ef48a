"""Charts show numbers of the table as they are, or nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mingzhang.sparql.chart import ANY_CHART, MOST_BARS, MOST_LINES, Cell, ChartWish, Table, chart_of


def table(columns: str, *rows: tuple[str, ...]) -> Table:
    """A table; what can be read as a number, and stands in no column of years, is one."""
    names = tuple(columns.split())

    def cell(text: str, name: str) -> Cell:
        return Cell(
            text, number=name != "year" and text.replace(",", "").lstrip("-").replace(".", "", 1).isdigit()
        )

    return Table(names, tuple(tuple(map(cell, row, names)) for row in rows))


def test_a_bar_is_as_long_as_its_number_and_begins_at_zero() -> None:
    chart = chart_of(table("name yuan", ("a", "1,000"), ("b", "-250.50"), ("c", "500")), ANY_CHART)
    assert chart is not None
    assert [bar.label for bar in chart.bars] == ["a", "b", "c"]
    assert [bar.text for bar in chart.bars] == ["1,000", "-250.50", "500"]
    widths = [Decimal(bar.width) for bar in chart.bars]
    assert widths[0] == pytest.approx(2 * widths[2], abs=Decimal("0.02"))
    zero = Decimal(chart.bars[0].start)
    assert Decimal(chart.bars[1].start) == 0
    assert widths[1] == pytest.approx(zero, abs=Decimal("0.02"))


def test_amounts_go_before_counts_and_any_column_may_be_chosen() -> None:
    shown = table("name facts amountYuan", ("a", "3", "10"), ("b", "4", "20"))
    first, chosen = chart_of(shown, ANY_CHART), chart_of(shown, ChartWish(value="facts"))
    assert first is not None
    assert chosen is not None
    assert (first.value, chosen.value) == ("amountYuan", "facts")
    assert chosen.values == ("facts", "amountYuan")


def test_a_row_is_named_by_what_tells_it_from_the_others() -> None:
    rows = [("d1", "局", "x", "1"), ("d1", "局", "y", "2")]
    chart = chart_of(table("department departmentName item yuan", *rows), ANY_CHART)
    assert chart is not None
    assert [bar.label for bar in chart.bars] == ["x", "y"]
    assert chart.labels == ("departmentName", "item")


def test_a_thing_is_called_by_the_end_of_its_address() -> None:
    rows = [
        (Cell(f"id/phase/{phase}", f"/id/phase/{phase}"), Cell("1", number=True))
        for phase in ("initial", "final")
    ]
    chart = chart_of(Table(("phase", "yuan"), tuple(rows)), ANY_CHART)
    assert chart is not None
    assert [bar.label for bar in chart.bars] == ["initial", "final"]


def test_years_make_lines_and_a_year_without_a_number_stays_without_one() -> None:
    rows = [("a", "2020", "5"), ("a", "2022", "7"), ("b", "2021", "1"), ("b", "2022", "3")]
    chart = chart_of(table("unit year yuan", *rows), ANY_CHART)
    assert chart is not None
    assert chart.kind == "lines"
    assert chart.years == ("2020", "2021", "2022")
    assert [[(p.x, p.text) for p in line.points] for line in chart.lines] == [
        [("0.00", "5"), ("100.00", "7")], [("50.00", "1"), ("100.00", "3")],
    ]  # fmt: skip
    assert (chart.highest, chart.lowest) == ("7", "0")


def test_of_many_years_the_ends_are_named() -> None:
    chart = chart_of(table("unit year yuan", ("a", "1990", "5"), ("a", "2022", "7")), ANY_CHART)
    assert chart is not None
    assert chart.years == ("1990", "2022")


def test_two_numbers_for_one_year_are_not_drawn_as_one_line() -> None:
    rows = [("a", "2020", "5"), ("a", "2020", "6"), ("a", "2021", "7")]
    chart = chart_of(table("unit year yuan", *rows), ChartWish("lines"))
    assert chart is not None
    assert chart.kind == "bars"
    assert len(chart.bars) == 3
    assert not chart.has_years


def test_what_is_not_drawn_is_counted() -> None:
    bars = chart_of(table("name yuan", *[(str(n) + "x", str(n)) for n in range(1, MOST_BARS + 6)]), ANY_CHART)
    series = [(f"u{n}", str(year), "1") for n in range(MOST_LINES + 3) for year in (2020, 2021)]
    lines = chart_of(table("unit year yuan", *series), ANY_CHART)
    assert bars is not None
    assert lines is not None
    assert (len(bars.bars), bars.left_out) == (MOST_BARS, 5)
    assert (len(lines.lines), lines.left_out) == (MOST_LINES, 3)


@pytest.mark.parametrize(
    "nothing",
    [
        table("name yuan", ("a", "1")), table("a b", ("x", "y"), ("z", "w")), table("yuan", ("1",), ("2",)),
        table("name yuan", ("a", "0"), ("b", "0")), table("name year", ("a", "2020"), ("b", "2021")),
        table("name yuan", ("a", "1"), ("b", "nothing")), table("name yuan"),
        Table(("name", "yuan"), ((Cell("a"), Cell("INF", number=True)), (Cell("b"), Cell("NaN", number=True)))),
    ],
)  # fmt: skip
def test_where_there_is_nothing_to_compare_there_is_no_chart(nothing: Table) -> None:
    assert chart_of(nothing, ANY_CHART) is None


def test_no_chart_is_drawn_for_who_wants_none_and_it_can_be_had_back() -> None:
    chart = chart_of(table("name yuan", ("a", "1"), ("b", "2")), ChartWish("none"))
    assert chart is not None
    assert (chart.kind, chart.bars, chart.lines, chart.values) == ("none", (), (), ("yuan",))
