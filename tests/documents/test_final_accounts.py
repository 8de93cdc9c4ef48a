"""Final accounts in the national forms: every amount states its fact, however codes, blanks and captions are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from mingzhang.ingest.reading import Overrides, Reading, read_disclosure

from .final_accounts import (
    NAME,
    YEAR,
    Accounts,
    Amount,
    Form,
    Layout,
    forms,
    write_html,
    write_pdf,
)

LAYOUTS = {
    "codes-in-three-columns": Layout(),
    "codes-in-one-column-and-zeros": Layout(
        codes="one", nothing="0.00", caption="编制单位：{name}　　单位：{unit}"
    ),
    "codes-with-dots-and-dashes": Layout(codes="dots", nothing="—", separators=False),
    "yuan-and-numbered-titles": Layout(codes="one", unit="元", nothing="-", number_in_title=True),
}
WRITERS: dict[str, Callable[[Sequence[Form], Layout, Path], Path]] = {"html": write_html, "pdf": write_pdf}
Said = tuple[Decimal, frozenset[tuple[str, str]]]


def printed(disclosed: Sequence[Form]) -> Counter[Said]:
    """Every amount of the forms but nothing, in yuan, with what it says."""
    cells = [cell for form in disclosed for row in form.rows for cell in row if isinstance(cell, Amount)]
    return Counter((cell.value * 10_000, _plain(cell.said)) for cell in cells if cell.value)


def stated(reading: Reading) -> Counter[Said]:
    """Every amount read but zeros, in yuan, with the dimensions of its fact."""
    found: Counter[Said] = Counter()
    for figure in reading.figures:
        if figure.amount.value:
            factor = 10_000 if figure.unit == "万元" else 1
            said = {(name, key.rsplit("/", 1)[-1]) for name, key in figure.dimensions}
            found[figure.amount.value * factor, _plain(frozenset(said))] += 1
    return found


def _plain(said: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """What is said without what is said of every amount, and without “all”."""
    every = {("phase", "final"), ("fiscalYear", str(YEAR))}
    return frozenset(
        (name, key)
        for name, key in said - every
        if name != "department" and (key not in ("all", "not-applicable") or name == "threePublicItem")
        if (name, key) != ("threePublicItem", "not-applicable")
    )


@pytest.mark.parametrize("kind", sorted(WRITERS))
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_amount_of_final_accounts_states_its_fact(name: str, kind: str, tmp_path: Path) -> None:
    layout = LAYOUTS[name]
    disclosed = list(forms(Accounts(seed=7), layout))
    reading = read_disclosure(WRITERS[kind](disclosed, layout, tmp_path / f"a.{kind}"), Overrides())
    assert (reading.department_name, reading.division, reading.year, reading.kind) == (
        NAME,
        "430321",
        YEAR,
        "final",
    )
    assert stated(reading) == printed(disclosed)
    assert {figure.unit for figure in reading.figures} == {layout.unit}
    assert [relation for relation in reading.relations if not relation.sum.holds] == []
    assert reading.ledger.counts["unread"] == 0
