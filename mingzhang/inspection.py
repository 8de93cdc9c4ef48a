"""What was made of each number of a file, with its place: the records that the page of `mingzhang inspect` shows.

Order of reading: `Number` (one number and what was made of it), `CheckedSum` (a sum the tables imply), `TableCheck` (a
table, confirmed by its sums or not), `InspectedFile` (one file), `Inspection` (all of it), `inspected` (reading → inspection).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from mingzhang.inspection_reasons import reason_in_chinese

if TYPE_CHECKING:
    from mingzhang.ingest.document import Amount, Box, Claim, Document
    from mingzhang.ingest.facts import Fact, Figure
    from mingzhang.ingest.ledger import LedgerToken
    from mingzhang.ingest.reading import Reading
    from mingzhang.ingest.relations import Relation

State = Literal["certain", "ambiguous", "no-fact", "unread", "prose", "contradicts", "indicator", "other"]
STATES: tuple[State, ...] = (
    "unread",
    "contradicts",
    "ambiguous",
    "no-fact",
    "certain",
    "prose",
    "indicator",
    "other",
)
"""Those that a person should look at come first."""


@dataclass(frozen=True)
class Number:
    """One number of the file and what was made of it. `start` and `end` are characters of its line, from 1."""

    line: int
    start: int
    end: int
    token: str
    state: State
    page: int | None
    box: Box | None
    """On the page, in points; None where the file has no pages that are drawn."""
    place: str
    """The fragment that names its place: `page=3&xywh=…`, `sheet=1&cell=C7`, `line=12`."""
    table: str = ""
    table_number: int = 0
    row: str = ""
    column: str = ""
    unit: str = ""
    amount_yuan: Decimal | None = None
    certainty: str = ""
    said: str = ""
    """The fact it states, or what else it is."""
    reason: str = ""
    """Why it states no fact."""
    proof: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    part: int = 1
    """Which of the disclosure's files it stands in, from 1: the one with the tables comes first."""

    @property
    def anchor(self) -> str:
        """The number's name within the page."""
        return f"{part_prefix(self.part)}l{self.line}c{self.start}"

    @property
    def reason_zh(self) -> str:
        """Why it states no fact, in Chinese."""
        return reason_in_chinese(self.reason)


@dataclass(frozen=True)
class CheckedSum:
    """A sum that a table implies: what is printed as total and parts, and whether they agree within rounding."""

    table_number: int
    table: str
    kind: str
    total: Number
    parts: tuple[Number, ...]
    difference: Decimal
    tolerance: Decimal
    holds: bool


@dataclass(frozen=True)
class TableCheck:
    """A table, and whether its own sums bear its reading out."""

    number: int
    title: str
    form_known: bool
    unit: str
    page: int | None
    line: int
    counts: Mapping[str, int]
    """State → how many of its numbers."""
    holding: int
    failing: int
    published_empty: bool

    @property
    def order(self) -> tuple[bool, bool, bool, int]:
        """Tables to be looked at come first: sums that fail, numbers without a fact, no sum to confirm it."""
        gaps = bool(self.counts.get("ambiguous", 0) or self.counts.get("no-fact", 0))
        return (not self.failing, not gaps, bool(self.holding) or self.published_empty, self.number)


@dataclass(frozen=True)
class InspectedFile:
    """One file of the disclosure, `part` from 1."""

    part: int
    name: str
    media_type: str
    pages: tuple[int, ...]
    """The pages shown; none for a file without pages."""
    lines: tuple[str, ...]
    line_pages: tuple[int, ...]
    numbers: tuple[Number, ...]
    """In order of the file."""


@dataclass(frozen=True)
class Inspection:
    """All that a page shows, without its pictures."""

    title: str
    division: str
    kind: str
    files: tuple[InspectedFile, ...]
    """The one with the tables first."""
    tables: tuple[TableCheck, ...]
    """Those to be looked at first."""
    sums: tuple[CheckedSum, ...]
    ledger: Mapping[str, int]

    @property
    def file_name(self) -> str:
        """The names of its files."""
        return " + ".join(file.name for file in self.files)

    @property
    def numbers(self) -> tuple[Number, ...]:
        """All numbers shown, in order of the files."""
        return tuple(number for file in self.files for number in file.numbers)

    @property
    def counts(self) -> Mapping[str, int]:
        """State → how many numbers."""
        found = Counter(number.state for number in self.numbers)
        return {state: found[state] for state in STATES}

    @property
    def failing(self) -> tuple[CheckedSum, ...]:
        """The sums that do not hold."""
        return tuple(one for one in self.sums if not one.holds)

    @property
    def holding(self) -> int:
        """How many sums hold."""
        return sum(one.holds for one in self.sums)

    def in_state(self, *states: State) -> tuple[Number, ...]:
        """The numbers in one of these states."""
        return tuple(number for number in self.numbers if number.state in states)


def part_prefix(part: int) -> str:
    """What tells the names within the page apart that are of a further file."""
    return "" if part == 1 else f"p{part}-"


def inspected(reading: Reading, documents: Sequence[Document], pages: frozenset[int]) -> Inspection:
    """The inspection of a reading. `documents` are its files, in order of `reading.parts`.

    `pages` are those to show of the first; of a file without pages all is shown.
    """
    files = []
    tables: tuple[TableCheck, ...] = ()
    sums: tuple[CheckedSum, ...] = ()
    for part, (own, document) in enumerate(zip(reading.parts, documents, strict=True), 1):
        shown = pages if part == 1 else frozenset(document.pages if own.places.boxes else ())
        numbers = {(n.line, n.start): replace(n, part=part) for n in _numbers(own, document, reading)}
        ordered = tuple(numbers[key] for key in sorted(numbers))
        if part == 1:
            checked = tuple(_checked(relation, own, numbers) for relation in own.relations)
            tables = tuple(sorted(_tables(own, ordered, checked), key=lambda table: table.order))
            sums = tuple(one for one in checked if not shown or one.total.page in shown)
        files.append(
            InspectedFile(
                part=part,
                name=own.source.name,
                media_type=own.source.media_type,
                pages=tuple(sorted(shown)),
                lines=document.lines,
                line_pages=document.pages,
                numbers=tuple(number for number in ordered if not shown or number.page in shown),
            )
        )
    identity = reading.identity
    ledger: Counter[str] = Counter()
    for own in reading.parts:
        ledger.update(own.ledger.counts)
    return Inspection(
        title=reading.title,
        division=f"{identity.division_name} {identity.division}",
        kind=identity.kind,
        files=tuple(files),
        tables=tables,
        sums=sums,
        ledger=dict(ledger),
    )


def _numbers(reading: Reading, document: Document, main: Reading) -> Iterator[Number]:
    """Every number of a file: those of the ledger first, then what was read, which takes their place.

    `main` is the reading of the file with the tables, whose facts the others speak of.
    """
    targets: dict[int, list[str]] = defaultdict(list)
    for indicator in reading.indicators:
        levels = (indicator.project, indicator.level1, indicator.level2, indicator.level3)
        targets[indicator.line].append(f"{' / '.join(filter(None, levels))}: {indicator.printed}")
    for token in reading.ledger.tokens:
        if token.category not in _READ_AS_FIGURES:
            yield _token(token, targets.get(token.line, []), reading)
    for claim in reading.prose.claims:
        yield _claim(claim, reading, main)
    facts = {fact.dimensions: _fact_label(fact, main) for fact in reading.facts}
    titles = {table.number: table.title for table in reading.tables}
    for figure in reading.figures:
        yield _figure(figure, titles[figure.table], facts.get(figure.dimensions, ""), reading)


def _fact_label(fact: Fact, reading: Reading) -> str:
    """A fact without the department's name, which is that of the whole page."""
    return reading.fact_label(fact).removeprefix(f"{reading.department_name} ")


def _where(reading: Reading, line: int, start: int) -> tuple[int | None, Box | None, str]:
    places = reading.places
    return places.page(line), places.boxes.get((line, start)), places.fragment(line, start)


# These come again as what was read of them, with a sign that the ledger leaves out.
_READ_AS_FIGURES = frozenset({"table-figure", "prose-figure"})
_OF_TOKEN: Mapping[str, State] = {"unread": "unread", "indicator": "indicator"}


def _token(token: LedgerToken, targets: Sequence[str], reading: Reading) -> Number:
    """`targets` are the indicators of its line."""
    of_indicator = token.category == "indicator" and len(targets) == 1
    page, box, place = _where(reading, token.line, token.start)
    return Number(
        line=token.line,
        start=token.start,
        end=token.start + len(token.token),
        token=token.token,
        state=_OF_TOKEN.get(token.category, "other"),
        page=page,
        box=box,
        place=place,
        said=targets[0] if of_indicator else token.category,
    )


def _contradicted(fact: Fact | None) -> str:
    if fact is None:
        return "表中各数推出的不同 what follows from the tables differs"
    return f"表中为 the tables print {', '.join(f'{f.amount.token} {f.unit}' for f in fact.figures)}"


_RELATIONS = {
    "amount": "金额 amount",
    "share": "占比 share",
    "change_amount": "增减额 change",
    "change_percent": "增减率 rate of change",
    "count": "数量 count",
}


def _claim(claim: Claim, reading: Reading, main: Reading) -> Number:
    page, box, place = _where(reading, claim.line, claim.start)
    key = (claim.line, claim.start)
    fact = reading.prose.facts.get(key)
    contradicts = reading.prose.agreements.get(key) == "no"
    return Number(
        line=claim.line,
        start=claim.start,
        end=claim.start + len(claim.token),
        token=claim.token,
        state="contradicts" if contradicts else "prose",
        page=page,
        box=box,
        place=place,
        row=claim.subject,
        column=f"{claim.year}年 {_RELATIONS[claim.relation]}",
        unit=claim.unit,
        said=_fact_label(fact, main) if fact else "",
        certainty=reading.prose.agreements.get(key, "n/a"),
        reason=_contradicted(fact) if contradicts else "",
    )


def _figure(figure: Figure, title: str, fact: str, reading: Reading) -> Number:
    from mingzhang.ingest.amounts import in_yuan
    from mingzhang.ingest.document import Certainty

    amount = figure.amount
    page, box, place = _where(reading, amount.line, amount.start)
    ambiguous = figure.certainty is Certainty.AMBIGUOUS
    return Number(
        line=amount.line,
        start=amount.start,
        end=amount.start + len(amount.token),
        token=amount.token,
        state="ambiguous" if ambiguous else "certain" if figure.dimensions else "no-fact",
        page=page,
        box=box,
        place=place,
        table=title,
        table_number=figure.table,
        row=figure.label,
        column=" / ".join(figure.column),
        unit=figure.unit,
        amount_yuan=in_yuan(amount.value, figure.unit) if figure.unit else None,
        certainty=figure.certainty.value,
        said=fact,
        reason="" if figure.dimensions else figure.unclear,
        proof=figure.proof,
        candidates=tuple(" / ".join(path) for path in figure.candidates),
    )


def _checked(relation: Relation, reading: Reading, numbers: Mapping[tuple[int, int], Number]) -> CheckedSum:
    def number(amount: Amount) -> Number:
        return numbers[amount.line, amount.start]

    title = next(table.title for table in reading.tables if table.number == relation.table)
    return CheckedSum(
        table_number=relation.table,
        table=title,
        kind=relation.kind,
        total=number(relation.sum.total),
        parts=tuple(number(part) for part in relation.sum.parts),
        difference=relation.sum.difference,
        tolerance=relation.sum.tolerance,
        holds=relation.sum.holds,
    )


def _tables(reading: Reading, numbers: Iterable[Number], sums: Sequence[CheckedSum]) -> Iterator[TableCheck]:
    counts: dict[int, Counter[str]] = {table.number: Counter() for table in reading.tables}
    for number in numbers:
        if number.table_number:
            counts[number.table_number][number.state] += 1
    for table in reading.tables:
        own = [one for one in sums if one.table_number == table.number]
        yield TableCheck(
            number=table.number,
            title=table.title,
            form_known=table.number in reading.forms,
            unit=table.unit,
            page=reading.places.page(table.first_line),
            line=table.first_line,
            counts=counts[table.number],
            holding=sum(one.holds for one in own),
            failing=sum(not one.holds for one in own),
            published_empty=table.published_empty,
        )
