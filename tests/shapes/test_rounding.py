"""Rounding, property by property, in what SHACL reports: amounts that are true and were rounded never give a finding, and
what no rounding explains always does, by as little as one unit in the last place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mingzhang.ontology import namespaces as ns
from mingzhang.shapes.context import data_graph
from mingzhang.shapes.report import Finding
from mingzhang.shapes.runner import run

BASE = "http://example.org/"
UNITS = {"元": 1, "千元": 1000, "万元": 10000, "亿元": 100000000}
FEW = settings(max_examples=40, deadline=None)
MONEY = st.decimals(min_value="0.01", max_value="99999", places=6)
PLACES = st.integers(min_value=0, max_value=4)
ROUNDINGS = st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN])


def ulp(places: int) -> Decimal:
    """One unit in the last of so many places."""
    return Decimal(1).scaleb(-places)


def printed(true: Decimal, places: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    return true.quantize(ulp(places), rounding=rounding)


@dataclass(frozen=True)
class Figure:
    """A printed amount or rate as triples; links are (property, name of the figure)."""

    name: str
    value: Decimal
    unit: str = "万元"
    links: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    in_table: bool = False

    def triples(self) -> list[str]:
        subject = f"<{BASE}id/figure/0123456789ab/{self.name}>"
        klass = "TableFigure" if self.in_table else "ProseFigure"
        said = [
            f"<{ns.RDF}type> <{ns.MZ}{klass}>",
            f'<{ns.MZ}token> "{self.value:f}"',
            f'<{ns.MZ}value> "{self.value:f}"^^<{ns.XSD}decimal>',
            f'<{ns.MZ}printedUnit> "{self.unit}"',
            f'<{ns.MZ}line> "{1 + len(self.name)}"^^<{ns.XSD}integer>',
        ]
        if self.unit in UNITS:
            said.append(f'<{ns.MZ}figureAmount> "{self.value * UNITS[self.unit]:f}"^^<{ns.XSD}decimal>')
        if self.in_table:
            said.append(f"<{ns.MZ}inTable> <{BASE}id/table/0123456789ab/1>")
        said += [f"<{ns.MZ}{link}> <{BASE}id/figure/0123456789ab/{name}>" for link, name in self.links]
        said += [f'<{ns.MZ}{name}> "{text}"' for name, text in self.texts]
        return [f"{subject} {one} ." for one in said]


def found(rule: str, figures: Sequence[Figure], further: Sequence[str] = ()) -> list[Finding]:
    """What a rule says of a graph of these figures."""
    lines = [line for figure in figures for line in figure.triples()]
    graph = data_graph("\n".join([*lines, *further, ""]).encode(), BASE)
    return [finding for finding in run(graph, BASE, ("accounting",)).findings if finding.rule == rule]


# ---- sums -----------------------------------------------------------------------------------------------------------


def sum_of(total: Decimal, parts: Sequence[Decimal]) -> list[Finding]:
    figures = [Figure(f"p{at}", part, in_table=True) for at, part in enumerate(parts)]
    relation = f"<{BASE}id/sum/0123456789ab/a>"
    links = [f"{relation} <{ns.MZ}part> <{BASE}id/figure/0123456789ab/p{at}> ." for at in range(len(parts))]
    return found(
        "sum-relation",
        [Figure("t", total, in_table=True), *figures],
        [
            f"{relation} <{ns.RDF}type> <{ns.MZ}SumRelation> .",
            f"{relation} <{ns.MZ}total> <{BASE}id/figure/0123456789ab/t> .",
            *links,
        ],
    )


def listed(whole: Decimal, parts: Sequence[Decimal]) -> list[Finding]:
    figures = [Figure(f"p{at}", part, links=(("statedPartOf", "t"),)) for at, part in enumerate(parts)]
    return found("parts-within-whole", [Figure("t", whole), *figures])


SUMS: tuple[Callable[[Decimal, Sequence[Decimal]], list[Finding]], ...] = (sum_of, listed)


@FEW
@given(true=st.lists(MONEY, min_size=1, max_size=9), places=PLACES, rounding=ROUNDINGS)
def test_parts_that_make_their_total_do_so_however_they_are_rounded(
    true: list[Decimal], places: int, rounding: str
) -> None:
    parts = [printed(part, places, rounding) for part in true]
    total = printed(sum(true, Decimal(0)), places, rounding)

    assert [adds(total, parts) for adds in SUMS] == [[], []]


@FEW
@given(
    parts=st.lists(st.decimals(min_value="500", max_value="99999", places=2), min_size=1, max_size=9),
    units=st.integers(min_value=-20, max_value=20),
    places=PLACES,
)
@example(parts=[Decimal("500.00")] * 3, units=2, places=2)  # 4 terms: just within
@example(parts=[Decimal("500.00")] * 3, units=3, places=2)  # just beyond
def test_n_terms_may_differ_by_n_half_units_and_not_by_the_next_unit(
    parts: list[Decimal], units: int, places: int
) -> None:
    parts = [printed(part, places) for part in parts]
    total = sum(parts, Decimal(0)) + units * ulp(places)
    terms = len(parts) + 1

    findings = sum_of(total, parts)

    assert len(findings) == (2 * abs(units) > terms)
    assert [finding.difference for finding in findings] == [units * ulp(places) for _ in findings]


@FEW
@given(
    parts=st.lists(st.decimals(min_value="500", max_value="99999", places=2), min_size=1, max_size=9),
    units=st.integers(min_value=-20, max_value=20),
)
def test_what_is_listed_may_be_less_than_the_whole_and_more_only_by_rounding(
    parts: list[Decimal], units: int
) -> None:
    whole = sum(parts, Decimal(0)) - units * ulp(2)

    assert len(listed(whole, parts)) == (2 * units > len(parts) + 1)


# ---- shares, rates, changes ------------------------------------------------------------------------------------------


def share(part: Decimal, whole: Decimal, stated: Decimal) -> list[Finding]:
    links = (("sharePart", "p"), ("shareOf", "w"))
    return found("share-follows", [Figure("p", part), Figure("w", whole), Figure("s", stated, "%", links)])


def rate(change: Decimal, current: Decimal, stated: Decimal, direction: str) -> list[Finding]:
    return found(
        "rate-follows",
        [
            Figure("c", change, texts=(("changeDirection", direction),)),
            Figure("n", current),
            Figure("r", stated, "%", (("changeFigure", "c"), ("currentFigure", "n"))),
        ],
    )


@FEW
@given(part=MONEY, rest=MONEY, places=PLACES, stated_places=PLACES, rounding=ROUNDINGS)
def test_a_share_that_was_rounded_follows_from_amounts_that_were_rounded(
    part: Decimal, rest: Decimal, places: int, stated_places: int, rounding: str
) -> None:
    stated = printed(100 * part / (part + rest), stated_places, rounding)

    assert share(printed(part, places, rounding), printed(part + rest, places, rounding), stated) == []


@FEW
@given(
    part=st.decimals(min_value="1", max_value="99999", places=2),
    rest=st.decimals(min_value="1", max_value="99999", places=2),
    stated_places=st.integers(min_value=0, max_value=3),
    over=st.booleans(),
)
def test_a_share_beyond_every_value_the_amounts_allow_is_always_found(
    part: Decimal, rest: Decimal, stated_places: int, over: bool
) -> None:
    whole, half, half_stated = part + rest, ulp(2) / 2, ulp(stated_places) / 2
    with localcontext() as exact:
        exact.prec = 50
        most, least = 100 * (part + half) / (whole - half), 100 * (part - half) / (whole + half)
        last_within = (
            (most + half_stated).quantize(ulp(stated_places), ROUND_FLOOR)
            if over
            else (least - half_stated).quantize(ulp(stated_places), ROUND_CEILING)
        )
        # Within 12 places of the bound itself the engines' decimal division decides, which keeps 18.
        assume(
            abs(last_within - (most + half_stated if over else least - half_stated))
            > Decimal("0.000000000001")
        )
    beyond = last_within + (1 if over else -1) * ulp(stated_places)
    assume(beyond >= 0)

    assert share(part, whole, last_within) == [] or last_within < 0
    assert len(share(part, whole, beyond)) == 1


@FEW
@given(
    before=st.decimals(min_value="10", max_value="99999", places=6),
    change=MONEY,
    places=PLACES,
    stated_places=PLACES,
    direction=st.sampled_from(["increase", "decrease"]),
)
def test_a_rate_that_was_rounded_follows_from_amounts_that_were_rounded(
    before: Decimal, change: Decimal, places: int, stated_places: int, direction: str
) -> None:
    sign = 1 if direction == "increase" else -1
    assume(before + sign * change > 0)
    stated = printed(100 * change / before, stated_places)
    amounts = printed(change, places), printed(before + sign * change, places)

    assert rate(*amounts, stated, direction) == []


@FEW
@given(
    before=st.decimals(min_value="100", max_value="99999", places=2),
    change=st.decimals(min_value="1", max_value="50", places=2),
    direction=st.sampled_from(["increase", "decrease"]),
)
def test_a_rate_ten_times_too_large_or_too_small_is_always_found(
    before: Decimal, change: Decimal, direction: str
) -> None:
    current = before + change * (1 if direction == "increase" else -1)
    true = 100 * change / before
    assume(true > 1)

    assert len(rate(change, current, printed(true * 10, 2), direction)) == 1
    assert len(rate(change, current, printed(true / 10, 2), direction)) == 1


@FEW
@given(now=MONEY, before=MONEY, places=PLACES, units=st.integers(min_value=2, max_value=9))
def test_a_change_may_be_off_by_three_half_units_and_not_by_two_units(
    now: Decimal, before: Decimal, places: int, units: int
) -> None:
    def stated(change: Decimal) -> list[Finding]:
        relation = [
            f"<{BASE}id/figure/0123456789ab/d> <{ns.MZ}relation> <{ns.MZ}ChangeAmountClaim> .",
        ]
        figures = [
            Figure("n", printed(now, places)),
            Figure("b", printed(before, places)),
            Figure("d", change, links=(("baseFigure", "b"), ("currentFigure", "n"))),
        ]
        return found("change-follows", figures, relation)

    exact = abs(printed(now, places) - printed(before, places))

    assert stated(printed(abs(now - before), places)) == []
    assert stated(exact + ulp(places)) == []
    assert len(stated(exact + units * ulp(places))) == 1


# ---- one fact in two places ------------------------------------------------------------------------------------------


def stated_twice(amount_yuan: Decimal, figures: Sequence[Figure]) -> list[str]:
    """A fact of this amount, stated by these figures."""
    fact = f"<{BASE}id/fact/a>"
    lines = [
        f"{fact} <{ns.RDF}type> <{ns.MZ}Fact> .",
        f'{fact} <{ns.MZ}amount> "{amount_yuan:f}"^^<{ns.XSD}decimal> .',
    ]
    for figure in figures:
        iri = f"<{BASE}id/figure/0123456789ab/{figure.name}>"
        lines += [f"{fact} <{ns.MZ}statedBy> {iri} .", f"{iri} <{ns.MZ}states> {fact} ."]
    return lines


@FEW
@given(
    true=MONEY, places=st.integers(1, 4), coarser=st.integers(0, 3), off=st.integers(0, 9), rounding=ROUNDINGS
)
def test_prose_may_round_its_table_and_not_go_beyond_half_its_last_unit(
    true: Decimal, places: int, coarser: int, off: int, rounding: str
) -> None:
    assume(coarser <= places)
    table = Figure("t", printed(true, places), in_table=True)
    relation = [f"<{BASE}id/figure/0123456789ab/prose> <{ns.MZ}relation> <{ns.MZ}AmountClaim> ."]

    def disagreement(value: Decimal) -> list[Finding]:
        prose = Figure("prose", value)
        fact = stated_twice(table.value * UNITS["万元"], [table, prose])
        return found("prose-agrees", [table, prose], [*fact, *relation])

    rounded = printed(table.value, coarser, rounding)

    assert disagreement(rounded) == []
    wrong = rounded + (off + 1) * ulp(coarser)
    beyond = abs(wrong - table.value) > ulp(coarser) / 2
    assert len(disagreement(wrong)) == beyond


@FEW
@given(true=MONEY, places=st.integers(1, 4), coarser=st.integers(0, 3), off=st.integers(1, 9))
def test_two_tables_may_print_one_fact_to_other_places_and_not_in_other_digits(
    true: Decimal, places: int, coarser: int, off: int
) -> None:
    assume(coarser < places)
    fine = Figure("t", printed(true, places), in_table=True)

    def disagreement(value: Decimal) -> list[Finding]:
        other = Figure("other", value, in_table=True)
        fact = stated_twice(fine.value * UNITS["万元"], [fine, other])
        return found("figures-agree", [fine, other], fact)

    assert disagreement(printed(fine.value, coarser)) == []
    assert len(disagreement(fine.value + off * ulp(places))) == 1
