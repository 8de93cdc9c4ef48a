"""Real disclosures, damaged as extraction damages text: nothing certain may change, only become an honest gap."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from mingzhang.ingest.document import Document, Source
from mingzhang.ingest.flow_layout import read_flow_tables
from mingzhang.ingest.flow_rows import has_amount, read_body
from mingzhang.ingest.flow_sheets import Sheet, read_sheets

SHARED = Path(__file__).resolve().parents[3] / "shared"
NUMBER = re.compile(r"[0-9,]+(?:\.[0-9]+)?")
WIDE = str.maketrans("0123456789,.", "０１２３４５６７８９，．")

Numbered = list[tuple[int, str]]
"""Lines with the number they had in the undamaged text; 0 for a line that was not there."""
Reading = dict[tuple[int, int], tuple[Decimal, tuple[str, ...], tuple[str, ...]]]
"""(line, nth) → value, column and codes of every certain amount."""


def document(lines: Numbered) -> Document:
    return Document(Source("t.txt", "0" * 64, 1), tuple(text for _, text in lines), (1,) * len(lines))


def certain(lines: Numbered) -> Reading:
    """What is read as certain, by the place it had in the undamaged text."""
    return {
        (lines[cell.amount.line - 1][0], cell.amount.nth): (
            cell.amount.value,
            table.columns[cell.column].path,
            side.codes,
        )
        for table in read_flow_tables(document(lines), frozenset())
        for row in table.rows
        for side in row.sides
        for cell in side.cells
        if cell.column is not None
    }


def lose_blank_lines(lines: Numbered, sheets: list[Sheet], rng: random.Random) -> Numbered:
    return [line for line in lines if line[1].strip() or rng.random() < 0.5]


def widen_digits(lines: Numbered, sheets: list[Sheet], rng: random.Random) -> Numbered:
    places = {line.number for sheet in sheets for line in sheet.lines}
    return [(n, text.translate(WIDE) if n in places and rng.random() < 0.5 else text) for n, text in lines]


def break_header(lines: Numbered, sheets: list[Sheet], rng: random.Random) -> Numbered:
    sheet = rng.choice(sheets)
    header = [x for stream in read_body(sheet).streams for x in stream if len(x.text.strip()) > 2]
    header = [x for x in header if not has_amount(lines[x.number - 1][1])]
    if not header:
        return lines
    number = rng.choice(header).number
    text = lines[number - 1][1].strip()
    cut = rng.randrange(1, len(text))
    return [*lines[: number - 1], (number, text[:cut]), (0, ""), (0, text[cut:]), *lines[number:]]


def move_page_break(lines: Numbered, sheets: list[Sheet], rng: random.Random) -> Numbered:
    """A page ends within the rows: title, unit and header are printed again."""
    sheet = rng.choice(sheets)
    body = read_body(sheet)
    if len(body.rows) < 4 or any(x.number > body.rows[0].line for stream in body.streams for x in stream):
        return lines
    at = rng.choice(body.rows[2:]).line - 1
    head = [(0, text) for _, text in lines[sheet.first_line - 1 : body.rows[0].line - 1]]
    return [*lines[:at], (0, ""), (0, ""), *head, *lines[at:]]


def swap_column_groups(lines: Numbered, sheets: list[Sheet], rng: random.Random) -> Numbered:
    pairs = [(a, b) for a, b in pairwise(sheets) if a.title and a.title == b.title]
    if not pairs:
        return lines
    a, b = rng.choice(pairs)
    first, second = lines[a.first_line - 1 : a.last_line], lines[b.first_line - 1 : b.last_line]
    between = lines[a.last_line : b.first_line - 1]
    return [*lines[: a.first_line - 1], *second, *between, *first, *lines[b.last_line :]]


def lose_a_line(lines: Numbered, sheets: list[Sheet], rng: random.Random) -> Numbered:
    number = rng.choice([line.number for sheet in sheets for line in sheet.lines])
    return [line for line in lines if line[0] != number]


def part_numbers_from_labels(lines: Numbered, sheets: list[Sheet], rng: random.Random) -> Numbered:
    """Labels on one line, their numbers on the next, as for every label that was too long for its cell."""
    places = {row.line for sheet in sheets for row in read_body(sheet).rows if not read_body(sheet).two_sided}
    found: Numbered = []
    for number, text in lines:
        words = text.split(" ")
        first = len(words) - next(
            (i for i, word in enumerate(reversed(words)) if not NUMBER.fullmatch(word)), 0
        )
        if number in places and 0 < first < len(words) and rng.random() < 0.2:
            found += [(0, " ".join(words[:first])), (number, " ".join(words[first:]))]
        else:
            found.append((number, text))
    return found


Damage = Callable[[Numbered, list[Sheet], random.Random], Numbered]
DAMAGES: tuple[Damage, ...] = (
    lose_blank_lines,
    widen_digits,
    break_header,
    move_page_break,
    swap_column_groups,
    lose_a_line,
    part_numbers_from_labels,
)


def disclosures() -> list[Path]:
    """The shared disclosures that lost their cells."""
    found = sorted((SHARED / "disclosures").glob("*.txt"))
    return [path for path in found if "\t" not in path.read_text(encoding="utf-8-sig")]


@pytest.mark.parametrize("path", disclosures() or [None], ids=lambda path: path.stem[:3] if path else "none")
def test_damage_changes_nothing_certain(path: Path | None) -> None:
    if path is None:
        pytest.skip("../shared is not here")
    lines: Numbered = list(enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1))
    sheets = read_sheets(document(lines), frozenset())
    whole = certain(lines)
    for number, damage in enumerate(DAMAGES):
        for seed in range(2 if len(lines) < 2500 else 1):
            damaged = certain(damage(lines, sheets, random.Random(100 * number + seed)))
            for place, reading in damaged.items():
                if place[0]:
                    assert whole.get(place) == reading, (damage.__name__, seed, place)
