"""The changes that tables print (增减额) as sums: this year's amount is last year's and the change.

A change makes no fact, being of no year. What it is the change of is printed beside it: in the columns of both years with the
same words, or in the rows of both years of the same body. Where one pair of amounts is meant, the three are a sum that
the accounting shapes check, and that bears out how the table was read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mingzhang.ingest.document import Certainty
from mingzhang.ingest.facts import Figure
from mingzhang.ingest.relations import Relation, borne_out
from mingzhang.ingest.sums import Sum
from mingzhang.ontology.lexicon import Lexicon, normal_label, normal_text

# 2026年预算数比2025年执行数（扣除中央基建投资）: of other amounts than those of the columns that are understood.
_LESS = "扣除"
_ONLY_A_YEAR = re.compile(r"20[0-9]{2}年(?:度|预算|预算数|执行数)?")
_YEARS = ("fiscalYear", "phase")


def read_changes(figures: Iterable[Figure], year: int, lexicon: Lexicon) -> list[Relation]:
    """The sums of one disclosure's tables, in order of table. `year` is the disclosure's own."""
    by_table: dict[int, list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.certainty is not Certainty.AMBIGUOUS and figure.unit:
            by_table[figure.table].append(figure)
    found = []
    for number, own in by_table.items():
        families: dict[tuple[str, tuple[str, ...]], list[Sum]] = defaultdict(list)
        for kind, change, now, before in _pairs(own, year, lexicon):
            one = Sum(kind, now.amount, (before.amount, change.amount))
            # Some print how much less it is without a sign: then nothing is to be said of it.
            if one.holds or not replace(one, total=before.amount, parts=(now.amount, change.amount)).holds:
                families[kind, change.column].append(one)
        found += [Relation(number, one.kind, one) for sums in families.values() for one in borne_out(sums)]
    return found


def _pairs(
    figures: Sequence[Figure], year: int, lexicon: Lexicon
) -> Iterator[tuple[str, Figure, Figure, Figure]]:
    """(kind of sum, change, this year's amount, last year's) of every change whose two amounts are one pair."""
    for change in figures:
        if change.dimensions or any(_LESS in level for level in change.column):
            continue
        along = any(lexicon.role(level) == "change" for level in change.column)
        if along:
            candidates = [f for f in figures if (f.row_line, f.side) == (change.row_line, change.side)]
            candidates = [f for f in candidates if _ends_alike(f, change, lexicon)]
        else:
            candidates = _rows_of_the_years(change, figures, lexicon)
        pair = _one_pair(candidates, year)
        if pair is not None:
            yield ("row" if along else "column", change, *pair)


def _ends_alike(figure: Figure, change: Figure, lexicon: Lexicon) -> bool:
    """Whether a column ends with the words that stand below 增减额 in the change's own: 公务接待费."""
    last = max(i for i, level in enumerate(change.column) if lexicon.role(level) == "change")
    tail = [normal_label(level) for level in change.column[last + 1 :]]
    return not tail or [normal_label(level) for level in figure.column[-len(tail) :]] == tail


def _rows_of_the_years(change: Figure, figures: Sequence[Figure], lexicon: Lexicon) -> list[Figure]:
    """The amounts in the change's column of the rows whose label begins as its own: 某局 2026年, 某局 2025年, 某局 增减."""
    name, _, rest = change.label.rpartition(" ")
    if lexicon.role(rest) != "change":
        return []
    same = [f for f in figures if f.column == change.column and f.side == change.side]
    if not name:
        return [f for f in same if _ONLY_A_YEAR.fullmatch(normal_text(f.label))]
    return [f for f in same if f.label == name or f.label.startswith(f"{name} ")]


def _one_pair(candidates: Sequence[Figure], year: int) -> tuple[Figure, Figure] | None:
    """The only two amounts that are the same of this year and of the year before; of several pairs the whole's; else None."""
    pairs = [
        (now, before)
        for now in candidates
        for before in candidates
        if now.dimension("fiscalYear") == str(year)
        and before.dimension("fiscalYear") == str(year - 1)
        and _but_for_years(now) == _but_for_years(before)
    ]
    if len(pairs) > 1:
        pairs = [pair for pair in pairs if pair[0].dimension("expenditureKind").endswith("/all")]
    return pairs[0] if len(pairs) == 1 else None


def _but_for_years(figure: Figure) -> tuple[tuple[str, str], ...]:
    """What an amount is, but for its year: what is spent this year is compared with all that was spent the year before."""
    plain = [(name, value.removesuffix("-current")) for name, value in figure.dimensions]
    return tuple((name, value) for name, value in plain if name not in _YEARS)
