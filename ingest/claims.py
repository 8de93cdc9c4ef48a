"""What the running text says, tied to the facts of the tables and to one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mingzhang.ingest.amounts import in_yuan
from mingzhang.ingest.document import Claim, Document, ReadTable
from mingzhang.ingest.facts import Fact, Figure
from mingzhang.ingest.prose import read_prose
from mingzhang.ingest.prose_links import ClaimLink
from mingzhang.ingest.prose_tie import Statement, column_year, section_headings, tie_claims

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
    """The same claims with the facts they speak of, where their wording says which."""
    titles = {table.number: table.title for table in tables}
    by_key = {str(number): fact for number, fact in enumerate(facts)}
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
    return ClaimReading(
        claims=found.claims,
        links=found.links,
        facts={place: by_key[tie.key] for place, tie in ties.items() if tie.key},
        agreements={place: tie.agrees for place, tie in ties.items()},
        compared={place: tie.compared for place, tie in ties.items() if tie.compared},
    )


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
