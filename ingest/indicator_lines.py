"""Indicator forms without tabs whose rows keep their reading order.

A row is a line `label sign value unit`; a narrow column breaks a label, a project's name or a unit over lines, and the
broken parts (fragments) are put where the form leaves one place for them. Levels stand before their rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mingzhang.ingest.amounts import decimals_printed
from mingzhang.ingest.document import Document, Indicator
from mingzhang.ingest.indicator_pieces import Piece, is_whole_row, joined_levels, line_pieces
from mingzhang.ingest.indicator_record import FormSpan, IndicatorReading, ProjectAmount
from mingzhang.ingest.indicator_region import FormRegion
from mingzhang.ingest.indicator_target import read_target
from mingzhang.ingest.indicator_words import IndicatorWords
from mingzhang.ontology.lexicon import normal_text

_UNIT_LINES = 3
"""A unit is broken into at most this many lines."""
_WHOLE_SHARE = 0.9
"""A form of whose rows fewer are whole was not printed in reading order: its other rows are not to be trusted."""


@dataclass
class _Project:
    """A project of a list form, named over several lines."""

    name: list[str]
    amount: Piece | None = None

    rows: int = 0
    """How many of its indicators were read so far."""

    def goes_on(self, fragments: Sequence[Piece], width: int) -> bool:
        """Whether fragments are the next lines of the name: full lines so far, none longer than the column.

        A full line may lack a character, since no line ends with an opening bracket. Either a bracket of the name is still open, or they come right after the project's first row.
        """
        lines = [*self.name, *(f.text for f in fragments)]
        full = all(len(text) >= width - 1 for text in lines[:-1])
        fits = bool(self.name) and full and all(len(text) <= width for text in lines)
        text = normal_text("".join(self.name))
        return fits and (text.count("(") > text.count(")") or self.rows == 1)


@dataclass
class _Row:
    """An indicator as far as it is known while the form is read."""

    piece: Piece
    project: _Project | None
    level1: str
    level2: str
    label: list[str]
    unit: str
    is_sure: bool = True
    label_pieces: list[Piece] = field(default_factory=list)


def region_pieces(document: Document, region: FormRegion, words: IndicatorWords) -> list[Piece]:
    """The pieces of a form's body, broken levels put together."""
    signs_printed = "operator" in region.roles
    pieces = [
        piece
        for number in region.body
        for piece in line_pieces(document.line(number), number, words, signs_printed=signs_printed)
    ]
    return _without_stray_numbers(joined_levels(pieces, words))


def _without_stray_numbers(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without numbers that are no project's money: that stands between a name and a first level.

    A page number stands alone too; money is printed with the decimals that most of a form's money has.
    """
    decimals = Counter(decimals_printed(p.text) for p in pieces if p.kind == "amount")
    usual = max(decimals, key=lambda n: (n > 0, decimals[n])) if decimals else 0
    kept = [p for p in pieces if p.kind != "amount" or decimals_printed(p.text) == usual]
    return [
        piece
        for index, piece in enumerate(kept)
        if piece.kind != "amount"
        or (
            0 < index < len(kept) - 1
            and kept[index - 1].kind == "fragment"
            and kept[index + 1].kind == "level"
        )
    ]


def up_to_last_row(region: FormRegion, pieces: Sequence[Piece], words: IndicatorWords) -> FormRegion:
    """The region without the lines after its last row and that row's unit: what follows a form is not of it."""
    lines = [p.line for p in pieces if p.kind == "row"]
    last = max((i for i, p in enumerate(pieces) if p.kind == "row"), default=-1)
    unit = ""
    for piece in pieces[last + 1 : last + 1 + _UNIT_LINES]:
        unit += normal_text(piece.text)
        if piece.kind == "fragment" and words.unit_pattern.fullmatch(unit):
            lines.append(piece.line)
    return _cut(region, lines)


def up_to_last_level(region: FormRegion, pieces: Sequence[Piece]) -> FormRegion:
    """The region of a form that could not be read: as far down as it names kinds of indicators."""
    return _cut(region, [p.line for p in pieces if p.kind == "level"])


def _cut(region: FormRegion, lines: Sequence[int]) -> FormRegion:
    last = max(lines, default=0)
    return replace(region, body=tuple(number for number in region.body if number <= last))


def keeps_reading_order(pieces: Sequence[Piece], words: IndicatorWords) -> bool:
    """Whether levels come before the rows they head: the first row of the form follows a first-level kind."""
    for piece in pieces:
        if piece.kind == "level" and normal_text(piece.text) in words.level1:
            return True
        if piece.kind == "row":
            return False
    return False


def read_lines(
    document: Document, region: FormRegion, pieces: Sequence[Piece], words: IndicatorWords
) -> IndicatorReading:
    """The indicators of one form in reading order."""
    reader = _Reader(document, region, words, _name_width(pieces))
    for index, piece in enumerate(pieces):
        following = next((p for p in pieces[index + 1 :] if p.kind == "level"), None)
        reader.take(piece, following)
    return reader.reading()


def _name_width(pieces: Sequence[Piece]) -> int:
    """How many characters a full line of the column of project names holds; 0 where names are not broken."""
    lengths: Counter[int] = Counter()
    run: list[Piece] = []
    for piece in pieces:
        if piece.kind == "amount" and len(run) > 1:
            lengths[len(run[0].text)] += 1
        run = [*run, piece] if piece.kind == "fragment" else []
    return max(lengths, key=lambda n: (lengths[n], n)) if lengths else 0


class _Reader:
    """Reads one form from the top; `reading` then tells what it found."""

    def __init__(self, document: Document, region: FormRegion, words: IndicatorWords, width: int) -> None:
        self.document = document
        self.region = region
        self.words = words
        self.width = width
        self.project: _Project | None = None
        self.projects: list[_Project] = []
        self.level1 = ""
        self.level2 = ""
        self.rows: list[_Row] = []
        self.pending: list[Piece] = []
        self.row_since_level = False
        self.spans: list[FormSpan] = []

    def take(self, piece: Piece, next_level: Piece | None) -> None:
        if piece.kind == "fragment":
            self._take_fragment(piece)
        elif piece.kind == "amount":
            self._take_amount(piece)
        elif piece.kind == "level":
            self._settle()
            self._take_level(piece, next_level)
        else:
            self._take_row(piece)

    def _take_fragment(self, piece: Piece) -> None:
        self._span("words", piece)
        self.pending.append(piece)

    def _take_amount(self, piece: Piece) -> None:
        """A project's money: the fragments right before it that fit the column of names are its name."""
        name: list[Piece] = []
        while self.pending and (not self.width or len(self.pending[-1].text) <= self.width):
            name.insert(0, self.pending.pop())
        self._settle()
        self.project = _Project([p.text for p in name], piece)
        self.projects.append(self.project)
        self.level1 = self.level2 = ""
        self._span("amount", piece)

    def _take_level(self, piece: Piece, next_level: Piece | None) -> None:
        self._span("words", piece)
        if self._is_first_level(piece, next_level):
            self.level1, self.level2 = piece.text, ""
        else:
            self.level2 = piece.text
        self.row_since_level = False

    def _is_first_level(self, piece: Piece, next_level: Piece | None) -> bool:
        """成本指标 and 满意度指标 name kinds of both levels: what stands around tells which is meant."""
        wording = normal_text(piece.text)
        first, second = self.words.level1.get(wording), self.words.level2.get(wording)
        if first is None or second is None:
            return first is not None
        current = self.words.level1.get(normal_text(self.level1))
        stands_under = current is not None and current.notation in self.words.level1_of_level2(wording)
        heads_next = next_level is not None and first.notation in self.words.level1_of_level2(next_level.text)
        return not stands_under or (heads_next and current is not None and current.notation != first.notation)

    def _take_row(self, piece: Piece) -> None:
        row = _Row(
            piece, self.project, self.level1, self.level2, [piece.text] if piece.text else [], piece.unit
        )
        if not piece.text:
            row.label, row.label_pieces = [p.text for p in self.pending], list(self.pending)
        elif self.pending and not self.row_since_level:
            row.label = [*(p.text for p in self.pending), piece.text]
        elif self.pending:
            # A fragment between two rows may end the one above or begin this one.
            row.is_sure = False
            self.rows[-1].is_sure = False
        self.pending = []
        if self.project:
            self.project.rows += 1
        self.rows.append(row)
        self.row_since_level = True

    def _settle(self) -> None:
        """Fragments before a level belong to what stands above: the project's name, or the row's unit or label."""
        if self.project and self.pending and self.project.goes_on(self.pending, self.width):
            self.project.name.extend(p.text for p in self.pending)
            self.pending = []
        if not self.pending or not self.row_since_level:
            return
        text = "".join(p.text for p in self.pending)
        row = self.rows[-1]
        if self._lacks_unit(row):
            row.unit = text
        else:
            row.label.extend(p.text for p in self.pending)
        self.pending = []

    def _lacks_unit(self, row: _Row) -> bool:
        """Whether the pending fragments are the unit of a row that prints none on its own line."""
        text = normal_text("".join(p.text for p in self.pending))
        return bool(row.piece.sign and not row.unit and self.words.unit_pattern.fullmatch(text))

    def _span(self, role: str, piece: Piece) -> None:
        self.spans.extend(FormSpan(piece.line, c.start, c.end, role) for c in piece.cells)

    def reading(self) -> IndicatorReading:
        """What the form says. Rows whose label or first-level kind stayed open are not in it."""
        if self.rows and self._lacks_unit(self.rows[-1]):
            self._settle()
        head = self.region.head
        indicators, counts = [], Counter[int]()
        whole = [row for row in self.rows if self._is_whole(row)]
        if len(whole) < _WHOLE_SHARE * len(self.rows):
            whole = []
        for row in whole:
            indicator = self._indicator(row)
            counts[indicator.line] += 1
            indicators.append(replace(indicator, nth=counts[indicator.line]))
            self.spans.extend(FormSpan(row.piece.line, c.start, c.end, "target") for c in row.piece.cells)
            self.spans.extend(
                FormSpan(row.piece.line, c.start, c.end, "words") for c in row.piece.label_cells
            )
        amounts = [
            ProjectAmount("".join(p.name), "", p.amount.text, p.amount.line, p.amount.cells[0].start)
            for p in self.projects
            if p.amount
        ]
        spans = [*self.spans, *self.region.spans]
        if head:
            spans += head.spans
            if head.amount:
                amounts.append(
                    ProjectAmount(
                        head.project, head.unit_name, head.amount.text, head.amount_line, head.amount.start
                    )
                )
        return IndicatorReading(tuple(indicators), self.region.lines, tuple(amounts), tuple(spans))

    def _is_whole(self, row: _Row) -> bool:
        """Whether nothing about a row stayed open."""
        label = "".join(row.label)
        return row.is_sure and bool(row.level1) and is_whole_row(row.piece, label, row.unit, self.words)

    def _indicator(self, row: _Row) -> Indicator:
        head = self.region.head
        label = "".join(row.label)
        target = read_target(row.piece.value, self.words, sign=row.piece.sign, unit=row.unit, label=label)
        project = "".join(row.project.name) if row.project else head.project if head else ""
        amount = row.project.amount if row.project else None
        head_amount = head.amount.text if head and head.amount else ""
        line = row.label_pieces[0].line if row.label_pieces else row.piece.line
        return Indicator(
            line=line,
            nth=1,
            scope="project" if project or "project" in self.region.roles else "department",
            project=project,
            project_amount=amount.text if amount else head_amount,
            unit_name=head.unit_name if head else "",
            level1=row.level1,
            level2=row.level2,
            level3=label,
            operator=target.operator,
            value=target.value,
            measure_unit=target.measure_unit,
            weight=row.piece.weight if "weight" in self.region.roles else "",
            direction="",
            printed=target.printed,
            likely_operator=target.likely_operator,
            page=self.document.pages[line - 1],
        )
