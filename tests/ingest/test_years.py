"""Whether a table of expenditure holds what was carried over: proven by its total, or no fact."""

from __future__ import annotations

from decimal import Decimal

from mingzhang.ingest.document import Amount, Certainty
from mingzhang.ingest.facts import DIMENSIONS, Figure
from mingzhang.ingest.years import of_proven_years

_WHOLE = {
    "department": "510824/yi-ju",
    "budgetUnit": "all",
    "fiscalYear": "2026",
    "phase": "id/phase/initial",
    "functionalClass": "id/code/functional/all",
    "departmentEconomicClass": "id/code/dept-economic/all",
    "governmentEconomicClass": "id/code/gov-economic/all",
    "expenditureKind": "id/expenditure-kind/all",
    "threePublicItem": "id/three-public/not-applicable",
    "project": "all",
}


def figure(table: int, value: str, source: str, flow: str = "expenditure", **other: str) -> Figure:
    said = {**_WHOLE, "flow": f"id/flow/{flow}", "fundSource": f"id/fund-source/{source}", **other}
    amount = Amount(value, Decimal(value), 2, table, len(value))
    dimensions = tuple((name, said[name]) for name in DIMENSIONS)
    return Figure(amount, table, table, 0, "", (), Certainty.PRINTED, (), (), (), "万元", dimensions)


def sources(*figures: Figure) -> list[str]:
    return [f.dimension("fundSource").rpartition("/")[2] for f in of_proven_years(figures)]


def revenue(carried: str) -> list[Figure]:
    return [
        figure(1, "100.00", "general-public-current", "revenue"),
        figure(1, carried, "general-public-carryover", "revenue"),
    ]


def test_a_total_that_equals_this_years_revenue_is_this_years_money() -> None:
    assert sources(*revenue("20.00"), figure(5, "100.00", "general-public"))[-1] == "general-public-current"


def test_a_total_that_equals_all_revenue_holds_what_was_carried_over() -> None:
    assert sources(*revenue("20.00"), figure(5, "120.00", "general-public"))[-1] == "general-public"


def test_a_total_that_equals_neither_makes_no_fact() -> None:
    *_, last = of_proven_years([*revenue("20.00"), figure(5, "110.00", "general-public")])
    assert last.dimensions == ()
    assert last.unclear


def test_what_is_carried_forward_again_is_not_spent() -> None:
    forward = figure(4, "15.00", "fiscal", expenditureKind="id/expenditure-kind/carried-forward")
    assert sources(*revenue("20.00"), forward, figure(5, "105.00", "general-public"))[-1] == "general-public"


def test_final_accounts_need_no_proof() -> None:
    final = figure(5, "110.00", "general-public", phase="id/phase/final")
    assert sources(*revenue("20.00"), final)[-1] == "general-public"


def test_where_nothing_was_carried_over_nothing_needs_proof() -> None:
    assert sources(*revenue("0.00"), figure(5, "110.00", "general-public"))[-1] == "general-public"


def test_basic_expenditure_follows_the_table_that_prints_the_same_amount_of_it() -> None:
    basic = {"expenditureKind": "id/expenditure-kind/basic"}
    found = sources(
        *revenue("20.00"),
        figure(5, "100.00", "general-public"),
        figure(5, "60.00", "general-public", **basic),
        figure(6, "60.00", "general-public", **basic),
        figure(7, "61.00", "general-public", **basic),
    )
    assert found[-3:] == ["general-public-current", "general-public-current", ""]


def test_a_table_without_a_total_is_weighed_by_its_classes() -> None:
    found = sources(
        *revenue("20.00"),
        figure(5, "70.00", "general-public", functionalClass="id/code/functional/201"),
        figure(5, "50.00", "general-public", functionalClass="id/code/functional/208"),
        figure(5, "50.00", "general-public", functionalClass="id/code/functional/20805"),
    )
    assert found[2:] == ["general-public"] * 3
