"""Lines of an indicator form without tabs → pieces: a level, an amount of a project, a row, or a fragment of text.

No state: what a fragment belongs to is for `indicator_lines` and `indicator_scattered` to find out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mingzhang.ingest.amounts import is_amount
from mingzhang.ingest.indicator_cells import Cell
from mingzhang.ingest.indicator_target import QUALITATIVE
from mingzhang.ingest.indicator_words import IndicatorWords
from mingzhang.ontology.lexicon import normal_text

_WORD = re.compile(r"\S+")
_GLUED_SIGN = re.compile(r"^([^<>=≤≥≠≦≧⩽⩾＜＞＝(（]+)([<>=≤≥≠≦≧⩽⩾＜＞＝]+\S.*)$")
_ANY_SIGN = re.compile(r"[<>=≤≥≠≦≧⩽⩾]")
_LEADING_NUMBER = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?")
_LEADING_DIGIT = re.compile(r"[0-9０-９]")


@dataclass(frozen=True)
class Piece:
    """One thing on a line. `kind` is `level`, `amount`, `row` (a target, with its label where one stands on the
    line) or `fragment`. `cells` are the characters it takes up; for a row, those of its target.
    """

    kind: str
    text: str
    line: int
    cells: tuple[Cell, ...]
    sign: str = ""
    value: str = ""
    unit: str = ""
    label_cells: tuple[Cell, ...] = ()
    weight: str = ""


def line_cells(line: str) -> list[Cell]:
    """The words of a line that white space separates."""
    return [Cell(match.group(), match.start() + 1) for match in _WORD.finditer(line)]


def line_pieces(line: str, number: int, words: IndicatorWords, *, signs_printed: bool) -> list[Piece]:
    """The pieces of one line, from left to right.

    `signs_printed`: every target of the form has its sign or 定性; where not, a target may be the last word.
    """
    cells = line_cells(line)
    pieces: list[Piece] = []
    amount = next((i for i in range(len(cells)) if _is_project_amount(cells, i, words)), None)
    if amount is not None:
        pieces += [Piece("fragment", c.text, number, (c,)) for c in cells[:amount]]
        pieces.append(Piece("amount", cells[amount].text, number, (cells[amount],)))
        cells = cells[amount + 1 :]
    while cells and is_level(cells[0].text, words) and not _is_label(cells, words):
        pieces.append(Piece("level", cells[0].text, number, (cells[0],)))
        cells = cells[1:]
    if cells:
        pieces.append(_row(cells, number, words, signs_printed) or _fragment(cells, number))
    return pieces


def _is_label(cells: Sequence[Cell], words: IndicatorWords) -> bool:
    """Whether the first word is a third-level label, though levels are called so: its target stands right behind."""
    return len(cells) > 1 and _opens_target(cells[1].text, words)


def is_level(text: str, words: IndicatorWords) -> bool:
    """Whether a text is the name of a first- or second-level kind."""
    wording = normal_text(text)
    return wording in words.level1 or wording in words.level2


def joined_levels(pieces: Sequence[Piece], words: IndicatorWords) -> list[Piece]:
    """The same pieces with levels put together that a narrow column broke (`服务对象满意度` | `指标`)."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if (
            last is not None
            and last.kind in ("fragment", "level")
            and piece.kind in ("fragment", "level")
            and is_level(last.text + piece.text, words)
        ):
            whole = replace(last, kind="level", text=last.text + piece.text, cells=last.cells + piece.cells)
            found[-1] = whole
        else:
            found.append(piece)
    return found


def _is_project_amount(cells: Sequence[Cell], index: int, words: IndicatorWords) -> bool:
    """A number alone on its line, or one right before a level, is what the project costs."""
    if not is_amount(cells[index].text):
        return False
    return len(cells) == 1 or (index + 1 < len(cells) and is_level(cells[index + 1].text, words))


def _fragment(cells: Sequence[Cell], number: int) -> Piece:
    return Piece("fragment", " ".join(cell.text for cell in cells), number, tuple(cells))


def _row(cells: Sequence[Cell], number: int, words: IndicatorWords, signs_printed: bool) -> Piece | None:
    """A target, with the label before it on the line; None where the words show none."""
    cells = _unglued(cells)
    at = next((i for i, cell in enumerate(cells) if _opens_target(cell.text, words)), None)
    if at is not None:
        return _signed_row(cells[:at], cells[at:], number, words)
    if signs_printed or len(cells) < 2:
        return None
    if len(cells) > 2 and not _LEADING_DIGIT.match(cells[-1].text):
        # More than two words without a sign: where the label ends is open.
        return None
    label = " ".join(cell.text for cell in cells[:-1])
    return Piece("row", label, number, (cells[-1],), "", cells[-1].text, "", tuple(cells[:-1]))


def _signed_row(
    label: Sequence[Cell], target: Sequence[Cell], number: int, words: IndicatorWords
) -> Piece | None:
    text = " ".join(cell.text for cell in label)
    first = normal_text(target[0].text)
    weight = ""
    if (
        len(target) > 1
        and is_amount(target[-1].text)
        and (len(target) > 2 or not _is_bare_sign(first, words))
    ):
        weight, target = target[-1].text, target[:-1]
    whole = Piece("row", text, number, tuple(target), label_cells=tuple(label), weight=weight)
    if not _is_bare_sign(first, words):
        return replace(whole, value=" ".join(cell.text for cell in target))
    if len(target) == 1:
        return replace(whole, sign=QUALITATIVE) if first == QUALITATIVE else None
    unit = "".join(cell.text for cell in target[2:])
    return replace(whole, sign=target[0].text, value=target[1].text, unit=unit)


def is_whole_row(piece: Piece, label: str, unit: str, words: IndicatorWords) -> bool:
    """Whether a row's label and target are complete: one sign, one number with a known unit or words alone.

    Broken columns leave parts of other rows behind: 30次；≥, a unit cut in two, a label that begins with a level.
    """
    wording = normal_text(label)
    if not wording or any(wording.startswith(level) for level in words.level2 if level.endswith("指标")):
        return False
    if wording.startswith("指标") or not (wording[0].isalnum() or wording[0] in '"(《['):
        return False
    value = normal_text(piece.value)
    match = words.sign_prefix.match(value) if not piece.sign else None
    rest = value[match.end() :] if match else value
    if _ANY_SIGN.search(rest) or _ANY_SIGN.search(unit):
        return False
    if normal_text(piece.sign) == QUALITATIVE or not (piece.sign or match):
        return True
    number = _LEADING_NUMBER.match(rest)
    if number is None:
        return False
    tail = rest[number.end() :] + normal_text(unit)
    return not tail or words.unit_pattern.fullmatch(tail) is not None or tail.startswith(("年", "月"))


def _is_bare_sign(wording: str, words: IndicatorWords) -> bool:
    return wording in words.signs or wording in words.lost_signs


def _opens_target(text: str, words: IndicatorWords) -> bool:
    """Whether a word is a sign, or begins with one that a number follows."""
    wording = normal_text(text)
    if wording in words.signs or wording in words.lost_signs:
        return True
    match = words.sign_prefix.match(wording)
    return bool(match and _LEADING_DIGIT.match(wording[match.end() :]))


def _unglued(cells: Sequence[Cell]) -> list[Cell]:
    """The cells with a sign that stands right behind a label cut off it: `次数≥5` → `次数`, `≥5`."""
    found = []
    for cell in cells:
        match = _GLUED_SIGN.match(cell.text)
        if match:
            found += [Cell(match.group(1), cell.start), Cell(match.group(2), cell.start + match.start(2))]
        else:
            found.append(cell)
    return found
