"""What the running text says, tied to the facts of the tables and to one another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mingzhang.ingest.amounts import in_yuan
from mingzhang.ingest.document import Claim, Document, ReadTable
from mingzhang.ingest.facts import Fact, Figure
from mingzhang.ingest.prose import read_prose
from mingzhang.ingest.prose_links import ClaimLink
from mingzhang.ingest.prose_tie import Statement, Tie, column_year, section_headings, tie_claims
from mingzhang.ontology.lexicon import normal_text

_FINAL = "id/phase/final"
_CLAUSE_END = re.compile("[,，;；:：。]")
# Names of funds and of tables, which say 预算 in accounts too.
_KINDS_OF_BUDGET = re.compile("(?:一般公共|公共财政|政府性基金|国有资本经营|部门)预算")
Key = tuple[int, int]
"""Line and first character of a claim."""


@dataclass(frozen=True)
class ClaimReading:
    """The claims of a document, how they hang together, the fact each speaks of, and whether it agrees (yes, no, n/a)."""

    claims: tuple[Claim, ...]
    links: tuple[ClaimLink, ...]
    facts: Mapping[Key, Fact]
    agreements: Mapping[Key, str]
    compared: Mapping[Key, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Claims that contradict their table where no fact is sure → the figures (line, place) that may stand there."""

    def places(self, fact: Fact) -> tuple[Key, ...]:
        """Where the text speaks of a fact, in order."""
        return self._places.get(fact.dimensions, ())

    @cached_property
    def _places(self) -> Mapping[tuple[tuple[str, str], ...], tuple[Key, ...]]:
        found: dict[tuple[tuple[str, str], ...], tuple[Key, ...]] = {}
        for place, fact in sorted(self.facts.items(), key=lambda item: item[0]):
            found[fact.dimensions] = (*found.get(fact.dimensions, ()), place)
        return found


def read_claims(document: Document, taken: frozenset[int], fiscal_year: int) -> ClaimReading:
    """The claims outside the lines `taken`, not yet tied to facts."""
    prose = read_prose(document, taken, fiscal_year)
    return ClaimReading(prose.claims, prose.links, {}, {})


def tied(
    found: ClaimReading, document: Document, facts: Sequence[Fact], tables: Sequence[ReadTable]
) -> ClaimReading:
    """The same claims with the facts they speak of, where their wording says which.

    The text of final accounts speaks of what was spent, unless it says 预算; what it then speaks of is left open, since
    accounts print budgets of two kinds.
    """
    titles = {table.number: table.title for table in tables}
    accounts = any(fact.dimension("phase") == _FINAL for fact in facts)
    year_of_accounts = {fact.dimension("fiscalYear") for fact in facts if fact.dimension("phase") == _FINAL}
    by_key = {
        str(number): fact
        for number, fact in enumerate(facts)
        if fact.dimension("phase") == _FINAL or fact.dimension("fiscalYear") not in year_of_accounts
    }
    statements = [
        _statement(key, fact, figure, titles[figure.table])
        for key, fact in by_key.items()
        for figure in fact.figures
    ]
    printed = frozenset(
        in_yuan(cell.amount.value, table.unit)
        for table in tables
        if table.unit
        for row in table.rows
        for side in row.sides
        for cell in side.cells
    )
    year = Counter(statement.year for statement in statements).most_common(1)
    possible = _possible(tables, year[0][0]) if year else []
    ties = tie_claims(found.claims, statements, found.links, section_headings(document), printed, possible)
    if accounts:
        budgets = {(c.line, c.start) for c in found.claims if _speaks_of_a_budget(c, document)}
        ties = {place: Tie("", "n/a") if place in budgets else tie for place, tie in ties.items()}
    return ClaimReading(
        claims=found.claims,
        links=found.links,
        facts={place: by_key[tie.key] for place, tie in ties.items() if tie.key},
        agreements={place: tie.agrees for place, tie in ties.items()},
        compared={place: tie.compared for place, tie in ties.items() if tie.compared},
    )


def _speaks_of_a_budget(claim: Claim, document: Document) -> bool:
    """Whether the clause before a number names a budget: 公务接待费支出预算为 2.00 万元; not 一般公共预算财政拨款支出."""
    before = document.line(claim.line)[: claim.start - 1]
    if not _CLAUSE_END.search(before) and claim.line > 1:
        before = document.line(claim.line - 1) + before
    clause = normal_text(_CLAUSE_END.split(before)[-1])
    # 公务接待费支出预算为 2.00 万元，决算为 1.50 万元: the second goes on with the subject of the first.
    said = clause if "决算" in clause else clause + normal_text(claim.subject)
    return "预算" in _KINDS_OF_BUDGET.sub("", said)


def _possible(tables: Sequence[ReadTable], year: int) -> list[Statement]:
    """What the amounts without a certain column would state in each column they may stand in.

    `year` is taken for a column that names none; one of another year names it.
    """
    return [
        Statement(
            key="",
            label=side.label,
            column=table.columns[index].path,
            table_title=table.title,
            amount_yuan=in_yuan(cell.amount.value, table.unit),
            year=column_year(table.columns[index].path, year),
            figure=(cell.amount.line, cell.amount.nth),
        )
        for table in tables
        if table.unit
        for row in table.rows
        for side in row.sides
        for cell in side.cells
        for index in cell.candidates
    ]


def _statement(key: str, fact: Fact, figure: Figure, title: str) -> Statement:
    return Statement(
        key=key,
        label=figure.label,
        column=figure.column,
        table_title=title,
        amount_yuan=in_yuan(figure.amount.value, figure.unit),
        year=int(fact.dimension("fiscalYear")),
        codes=figure.codes,
        figure=figure.key,
    )
