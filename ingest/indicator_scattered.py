"""Indicator forms whose columns were printed one after the other: targets first, then labels, out of reading order.

Every column keeps its own order from top to bottom, so a pairing of labels and targets is a division of the labels
among the first-level kinds, in the order of the form. `divisions` lists those that the levels printed among labels and
targets and the wording of the labels allow; a pair is read where all of them agree on it. Where the form has not as
many targets as labels, none is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from mingzhang.ingest.document import Document, Indicator
from mingzhang.ingest.indicator_pieces import (
    Piece,
    is_level,
    is_whole_row,
    joined_levels,
    line_cells,
    line_pieces,
)
from mingzhang.ingest.indicator_record import FormSpan, IndicatorReading, ProjectAmount
from mingzhang.ingest.indicator_region import FormRegion
from mingzhang.ingest.indicator_target import read_target
from mingzhang.ingest.indicator_words import IndicatorWords
from mingzhang.ontology.lexicon import normal_text

_DIGIT = re.compile(r"[0-9]")
_DIVISIONS_LIMIT = 20_000
"""More ways than this to divide the labels are not looked through: such a form leaves too much open."""


@dataclass(frozen=True)
class _Label:
    """A third-level label, the block it stands in, and the second-level kind printed right before it, if any."""

    piece: Piece
    block: int
    opened_by: str


@dataclass(frozen=True)
class _Anchor:
    """A level printed between the targets: `position` targets stand before it."""

    text: str
    kind: str
    position: int


@dataclass(frozen=True)
class _Run:
    """Labels between two printed levels; `before` and `after` are the first-level kinds of these."""

    labels: tuple[int, ...]
    before: str
    after: str


@dataclass(frozen=True)
class _Columns:
    """The columns of a form: labels and targets, each from top to bottom of its own block."""

    labels: tuple[_Label, ...]
    runs: tuple[_Run, ...]
    targets: tuple[Piece, ...]
    anchors: tuple[_Anchor, ...]
    opening_blocks: dict[str, int]
    """First-level kind → the block that prints its name: its labels begin there."""
    names: dict[str, str]
    """First-level kind → its name as printed."""
    level2_names: dict[str, tuple[str, ...]]
    """First-level kind → the second-level kinds the form prints under it."""
    left_open: dict[int, str]
    """Block → a second-level kind that it prints last, with no label after it."""
    detached: frozenset[str]
    """First-level kinds printed among the labels with no label after them: theirs stand elsewhere."""
    direct: tuple[tuple[Piece, str, str], ...]
    """Rows that print label and target on one line, with their levels."""


def read_scattered(document: Document, region: FormRegion, words: IndicatorWords) -> IndicatorReading:
    """The indicators of one form whose columns were printed one after the other."""
    blocks, other = _blocks(document, region, words)
    columns = _columns(blocks, words)
    if len(columns.direct) > len(columns.labels) // 4 or not region.head:
        # Rows that print label and target together, or no head: this is another layout, unknown to us.
        return IndicatorReading((), region.lines, (), region.spans)
    pairs = _agreed(columns, words) if len(columns.labels) == len(columns.targets) else {}
    indicators, spans = [], [*other, *region.spans, *(region.head.spans if region.head else ())]
    for label, target, kind, level2 in _paired(columns, pairs):
        indicators.append(
            _indicator(document, region, label, target, columns.names.get(kind, ""), level2, words)
        )
        spans += [FormSpan(target.line, c.start, c.end, "target") for c in target.cells]
    for row, level1, level2 in columns.direct:
        if not level1 or not is_whole_row(row, row.text, row.unit, words):
            continue
        indicators.append(_indicator(document, region, row, row, level1, level2, words))
        spans += [FormSpan(row.line, c.start, c.end, "target") for c in row.cells]
        spans += [FormSpan(row.line, c.start, c.end, "words") for c in row.label_cells]
    spans += [FormSpan(x.piece.line, c.start, c.end, "words") for x in columns.labels for c in x.piece.cells]
    head = region.head
    amounts: tuple[ProjectAmount, ...] = ()
    if head and head.amount:
        amounts = (
            ProjectAmount(
                head.project, head.unit_name, head.amount.text, head.amount_line, head.amount.start
            ),
        )
    return IndicatorReading(tuple(indicators), region.lines, amounts, tuple(spans))


def _blocks(
    document: Document, region: FormRegion, words: IndicatorWords
) -> tuple[list[list[Piece]], list[FormSpan]]:
    """The form's pieces, cut where the goal or a column head stands between them; and the spans of those."""
    blocks: list[list[Piece]] = [[]]
    other: list[FormSpan] = []
    side, goal_line = "", 0
    for number in region.body:
        cells = line_cells(document.line(number))
        first = cells[0].text
        side = side + first if len(cells) == 1 and _is_side_head(side + first, words) else ""
        is_column_head = words.column(document.line(number)) is not None
        is_goal = words.column(first) == "goal" or (
            number == goal_line + 1 and not side and not is_column_head and not is_level(first, words)
        )
        if is_goal or is_column_head or side:
            goal_line = number if is_goal else goal_line
            other += [FormSpan(number, c.start, c.end, "words") for c in cells]
            if blocks[-1]:
                blocks.append([])
            continue
        blocks[-1] += line_pieces(document.line(number), number, words, signs_printed=False)
    return [joined_levels(block, words) for block in blocks if block], other


def _is_side_head(text: str, words: IndicatorWords) -> bool:
    """Whether single characters one below the other begin a head printed at the side (绩 / 效 / 指 / 标)."""
    return any(head.startswith(text) for head, role in words.columns.items() if role == "side")


class _ColumnReader:
    """Takes the pieces of a form block by block and keeps its columns apart."""

    def __init__(self, words: IndicatorWords) -> None:
        self.words = words
        self.in_labels = False
        self.block = -1
        self.kind = ""
        self.level2 = ""
        self.opened = ""
        self.waiting: list[int] = []
        self.targets: list[Piece] = []
        self.anchors: list[_Anchor] = []
        self.labels: list[_Label] = []
        self.runs: list[_Run] = []
        self.opening: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.level2_names: dict[str, list[str]] = {}
        self.left_open: dict[int, str] = {}
        self.with_labels: set[str] = set()
        self.direct: list[tuple[Piece, str, str]] = []

    def take_block(self, pieces: Sequence[Piece]) -> None:
        self.block += 1
        self.kind = self.level2 = self.opened = ""
        for piece in pieces:
            if piece.kind == "level":
                self._take_level(piece)
            elif piece.kind == "row" and piece.text:
                self.direct.append((piece, self.names.get(self.kind, ""), self.level2))
                self.opened = ""
            elif not self.in_labels or piece.kind in ("row", "amount"):
                self.targets.append(piece)
            else:
                self._take_label(piece)
        self._close_run(self.kind)
        if self.opened:
            self.left_open[self.block] = self.opened

    def _take_level(self, piece: Piece) -> None:
        wording = normal_text(piece.text)
        second = wording in self.words.level2 and self.kind in self.words.level1_of_level2(piece.text)
        first = wording in self.words.level1 and not second
        kind = _kind_of(piece.text, self.kind, self.words, first=first)
        if not self.in_labels:
            self.anchors.append(_Anchor("" if first else piece.text, kind, len(self.targets)))
        if first:
            self.names.setdefault(kind, piece.text)
            self.opening.setdefault(kind, self.block)
            self.in_labels = True
        else:
            self.level2_names.setdefault(kind, []).append(piece.text)
        if self.in_labels:
            self._close_run(kind)
            self.kind = kind
            self.opened = self.level2 = "" if first else piece.text

    def _take_label(self, piece: Piece) -> None:
        self.labels.append(_Label(piece, self.block, self.opened))
        if not self.waiting:
            self.with_labels.add(self.kind)
        self.waiting.append(len(self.labels) - 1)
        self.opened = ""

    def _close_run(self, after: str) -> None:
        if self.waiting:
            self.runs.append(_Run(tuple(self.waiting), self.kind or after, after))
        self.waiting = []

    def columns(self) -> _Columns:
        return _Columns(
            tuple(self.labels),
            tuple(self.runs),
            tuple(self.targets),
            tuple(self.anchors),
            self.opening,
            self.names,
            {kind: tuple(found) for kind, found in self.level2_names.items()},
            self.left_open,
            frozenset(self.opening) - self.with_labels,
            tuple(self.direct),
        )


def _columns(blocks: Sequence[Sequence[Piece]], words: IndicatorWords) -> _Columns:
    reader = _ColumnReader(words)
    for block in blocks:
        reader.take_block(block)
    return reader.columns()


def _kind_of(text: str, current: str, words: IndicatorWords, *, first: bool) -> str:
    """The first-level kind that a printed level is, or stands under."""
    if first:
        return words.level1[normal_text(text)].notation
    kinds = words.level1_of_level2(text)
    return current if current in kinds else kinds[0]


def divisions(columns: _Columns, words: IndicatorWords) -> Iterator[tuple[str, ...]]:
    """Every way to give each label a first-level kind that the printed levels and the labels' words allow."""
    if any(not run.before for run in columns.runs):
        # Labels under no printed kind at all.
        return
    detached = sorted(columns.detached, key=lambda kind: words.ranks[kind])
    choices = [list(_run_divisions(run, detached)) for run in columns.runs]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > _DIVISIONS_LIMIT:
        return
    for combination in product(*choices):
        given = [""] * len(columns.labels)
        for run, run_kinds in zip(columns.runs, combination, strict=True):
            for label, kind in zip(run.labels, run_kinds, strict=True):
                given[label] = kind
        if all(_words_allow(label, kind, words) for label, kind in zip(columns.labels, given, strict=True)):
            yield tuple(given)


def _run_divisions(run: _Run, detached: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The kinds of a run's labels: first those of the level before, last those of the level after; between them
    those of one kind whose name was printed apart from its labels.
    """
    size = len(run.labels)
    if run.before == run.after:
        yield (run.before,) * size
        return
    for middle in [None, *(k for k in detached if k not in (run.before, run.after))]:
        for first in range(size + 1):
            lengths = range(1, size - first + 1) if middle else range(1)
            for length in lengths:
                rest = size - first - length
                yield (run.before,) * first + ((middle or ""),) * length + (run.after,) * rest


def _words_allow(label: _Label, kind: str, words: IndicatorWords) -> bool:
    wording = normal_text(label.piece.text)
    return all(kind == wanted for word, wanted in words.label_kinds.items() if word in wording)


def _order(columns: _Columns, division: Sequence[str], words: IndicatorWords) -> list[int]:
    """The labels from the top of the form to its bottom, given their kinds."""

    def place(label: int) -> tuple[int, int, int]:
        kind, block = division[label], columns.labels[label].block
        return words.ranks[kind], 0 if columns.opening_blocks.get(kind) == block else 1, label

    return sorted(range(len(columns.labels)), key=place)


def _fits(columns: _Columns, division: Sequence[str], order: Sequence[int], words: IndicatorWords) -> bool:
    """Whether targets agree with the labels they would get, and kinds with the levels printed between the targets."""
    for row, label in enumerate(order):
        kind = division[label]
        for anchor in columns.anchors:
            rank, here = words.ranks[anchor.kind], words.ranks[kind]
            if (here < rank) if row >= anchor.position else (here > rank):
                return False
            if row == anchor.position and kind != anchor.kind:
                # A level is printed before at least one row of its own.
                return False
        if not _target_suits(columns.labels[label].piece.text, columns.targets[row], words):
            return False
    return True


def _target_suits(label: str, target: Piece, words: IndicatorWords) -> bool:
    wording = normal_text(label)
    printed = normal_text(target.sign + (target.value or target.text) + target.unit)
    for ending, nature in words.label_endings.items():
        if not wording.endswith(ending):
            continue
        if nature in ("number", "plain-number") and not _DIGIT.search(printed):
            return False
        if nature in ("plain-number", "no-percentage") and "%" in printed:
            return False
    return True


def _agreed(columns: _Columns, words: IndicatorWords) -> dict[int, tuple[int, str]]:
    """Row → (label, first-level kind), for the rows on which all possible divisions agree."""
    common: dict[int, tuple[int, str]] | None = None
    for division in divisions(columns, words):
        order = _order(columns, division, words)
        if not _fits(columns, division, order, words):
            continue
        pairs = {row: (label, division[label]) for row, label in enumerate(order)}
        common = pairs if common is None else {r: p for r, p in common.items() if pairs[r] == p}
    return common or {}


def _paired(columns: _Columns, pairs: dict[int, tuple[int, str]]) -> Iterator[tuple[Piece, Piece, str, str]]:
    """(label, target, first-level kind, second-level name) of every row that is read.

    A second-level kind holds from the row it is printed at, among labels or among targets, down to the next.
    """
    opened = previous = ""
    previous_block = -1
    for row in range(len(columns.targets)):
        if row not in pairs:
            opened = previous = ""
            continue
        index, kind = pairs[row]
        label = columns.labels[index]
        if kind != previous:
            opened = ""
        elif label.block != previous_block and previous_block in columns.left_open:
            opened = columns.left_open[previous_block]
        at_target = next(
            (a.text for a in columns.anchors if a.text and a.position == row and a.kind == kind), ""
        )
        opened = label.opened_by or at_target or opened
        names = columns.level2_names.get(kind, ())
        yield label.piece, columns.targets[row], kind, opened or (names[0] if len(names) == 1 else "")
        previous, previous_block = kind, label.block


def _indicator(
    document: Document,
    region: FormRegion,
    label: Piece,
    row: Piece,
    level1: str,
    level2: str,
    words: IndicatorWords,
) -> Indicator:
    value = row.value if row.kind == "row" else row.text
    target = read_target(value, words, sign=row.sign, unit=row.unit, label=label.text)
    head = region.head
    return Indicator(
        line=label.line,
        nth=1,
        scope="project" if head else "department",
        project=head.project if head else "",
        project_amount=head.amount.text if head and head.amount else "",
        unit_name=head.unit_name if head else "",
        level1=level1,
        level2=level2,
        level3=label.text,
        operator=target.operator,
        value=target.value,
        measure_unit=target.measure_unit,
        weight="",
        direction="",
        printed=target.printed,
        likely_operator=target.likely_operator,
        page=document.pages[label.line - 1],
    )
