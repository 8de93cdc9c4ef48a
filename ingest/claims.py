"""What the running text says, tied to the facts of the tables and to one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mingzhang.ingest.amounts import in_yuan
from mingzhang.ingest.document import Claim, Document, ReadTable
from mingzhang.ingest.facts import Fact, Figure
from mingzhang.ingest.prose import ClaimLink, read_prose
from mingzhang.ingest.prose_tie import Statement, section_headings, tie_claims

Key = tuple[int, int]
"""Line and first character of a claim."""


@dataclass(frozen=True)
class ClaimReading:
    """The claims of a document, how they hang together, the fact each speaks of, and whether it agrees (yes, no, n/a)."""

    claims: tuple[Claim, ...]
    links: tuple[ClaimLink, ...]
    facts: Mapping[Key, Fact]
    agreements: Mapping[Key, str]

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
    ties = tie_claims(found.claims, statements, found.links, section_headings(document), printed)
    return ClaimReading(
        claims=found.claims,
        links=found.links,
        facts={place: by_key[tie.key] for place, tie in ties.items() if tie.key},
        agreements={place: tie.agrees for place, tie in ties.items()},
    )


def _statement(key: str, fact: Fact, figure: Figure, title: str) -> Statement:
    return Statement(
        key=key,
        label=figure.label,
        column=figure.column,
        table_title=title,
        amount_yuan=in_yuan(figure.amount.value, figure.unit),
        year=int(fact.dimension("fiscalYear")),
        codes=figure.codes,
    )
