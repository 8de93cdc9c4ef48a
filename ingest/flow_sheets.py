"""Where the budget tables of a text without cells are: each printed page of a table is one `Sheet`.

A sheet begins at its title where titles come first, or at its unit line (单位：万元) where the extraction put titles
after the rows. Which of the two holds is a property of the document and is seen from what comes first. Performance
forms (绩效) and running text end a sheet; they are read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mingzhang.ingest.document import Document
from mingzhang.ontology.lexicon import normal_text

_UNIT = re.compile(r"单位[:：]?\s*[（(]?\s*(亿元|万元|千元|元)\s*[)）]?\s*$")
_UNIT_IN_TITLE = re.compile(r"[（(]\s*单位[:：]\s*(亿元|万元|千元|元)\s*[)）]")
_TITLE = re.compile(r"表(?:[一二三四五六七八九十]+|[0-9]+)?(?:\([^()]*\)){0,2}$")
_SUBJECT = re.compile(r"预算|收支|收入|支出|经费|拨款|决算")
_NO_TITLE = re.compile(
    r"绩效|说明|报表$|部门预算表$|单位预算表$|^第[一二三四五六七八九十]+部分|[。；，]|^[0-9]+[、.．](?![0-9])|附件|[.…]{3,}|见附?表"
)
_PERFORMANCE = re.compile(r"绩效目标|绩效指标|一级指标|绩效自评|整体绩效")
_PART = re.compile(r"^第[一二三四五六七八九十]+(?:部分|章)")
# A full-width comma between digits is a thousands separator, not the mark of a sentence.
_DIGIT_COMMA = re.compile(r"(?<=[0-9０-９])，(?=[0-9０-９]{3})")
_PROSE = re.compile(r"[。；;，]|[0-9０-９]\s*(?:万元|元|%|％)(?!以上)")
_NOTE = re.compile(r"^(?:备注|注[:：]|说明[:：]|空表|此表|本表|本部门无|无此项|我单位|数据来源)")
_EMPTY = re.compile(
    r"空表|无此项|本表无数据|无数据|此表为空|没有使用|无.{0,20}(?:预算|安排|收入|支出|数据)|为零"
)
# Titles longer than this are sentences.
_LONGEST_TITLE = 48


@dataclass(frozen=True)
class SheetLine:
    """A line of a sheet that is neither title, unit, note nor running text."""

    number: int
    text: str


@dataclass(frozen=True)
class Sheet:
    """One page of a budget table: its lines in print order, its title and unit where they are printed on it.

    `title_line` is 0 where there is no title. `says_empty` is True where a note says that the form has no data.
    """

    title: str
    title_line: int
    unit: str
    lines: tuple[SheetLine, ...]
    first_line: int
    last_line: int
    says_empty: bool


def printed_unit(text: str) -> str:
    """The unit of money a line states (`单位：万元` → `万元`), else empty."""
    match = _UNIT.search(text) or _UNIT_IN_TITLE.search(text)
    return match.group(1) if match and not _PERFORMANCE.search(text) else ""


def is_title(text: str) -> bool:
    """Whether a line is the title of a budget table, as `部门收支总表`."""
    name = normal_text(_UNIT_IN_TITLE.sub("", text))
    return (
        len(name) <= _LONGEST_TITLE
        and bool(_TITLE.search(name))
        and bool(_SUBJECT.search(name))
        and not _NO_TITLE.search(name)
    )


def is_prose(text: str) -> bool:
    """Whether a line belongs to running text: sentence marks, or an amount with its unit behind it."""
    return bool(_PROSE.search(_DIGIT_COMMA.sub("", text))) and not printed_unit(text)


def read_sheets(document: Document, taken: frozenset[int]) -> list[Sheet]:
    """The pages of budget tables outside the lines `taken`, in print order."""
    lines = [
        SheetLine(number, "" if number in taken else text)
        for number, text in enumerate(document.lines, start=1)
    ]
    starts = _starts(lines)
    if not starts:
        return []
    sheets = []
    for start, stop in _stretches(lines, starts):
        sheet = _sheet(lines[start:stop])
        if sheet is not None:
            sheets.append(sheet)
    return sheets


def _starts(lines: Sequence[SheetLine]) -> list[int]:
    """Indexes at which sheets begin: at titles, or at units where the first unit comes before any title."""
    titles = [i for i, line in enumerate(lines) if is_title(line.text) and _used(lines, i)]
    units = [i for i, line in enumerate(lines) if printed_unit(line.text) and not is_title(line.text)]
    units = [i for i in units if not _inside_performance(lines, i)]
    if not titles:
        return []
    if units and units[0] < titles[0] and not _close(lines, units[0], titles[0]):
        return units
    return titles


def _used(lines: Sequence[SheetLine], index: int) -> bool:
    """Whether a title is more than an entry of a list of contents: something other than a title follows it."""
    following = _next_filled(lines, index, 1)
    return not (following and is_title(following[0].text) and _listed(lines, index))


def _listed(lines: Sequence[SheetLine], index: int) -> bool:
    """Whether the lines around are titles one after the other, as in a list of contents."""
    after = _next_filled(lines, index, 3)
    return len(after) == 3 and sum(is_title(line.text) for line in after) >= 2


def _close(lines: Sequence[SheetLine], unit: int, title: int) -> bool:
    """Whether a unit in front of a title still belongs to it: nothing but blank lines between."""
    return all(not line.text.strip() for line in lines[unit + 1 : title])


def _inside_performance(lines: Sequence[SheetLine], index: int) -> bool:
    before = _next_filled(lines, index, 3, backward=True)
    after = _next_filled(lines, index, 3)
    return any(_PERFORMANCE.search(normal_text(line.text)) for line in (*before[:1], *after))


def _next_filled(
    lines: Sequence[SheetLine], index: int, count: int, backward: bool = False
) -> list[SheetLine]:
    step = -1 if backward else 1
    found: list[SheetLine] = []
    at = index + step
    while 0 <= at < len(lines) and len(found) < count:
        if lines[at].text.strip():
            found.append(lines[at])
        at += step
    return found


def _stretches(lines: Sequence[SheetLine], starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each start with the index after its sheet: the next start, a new part, a performance form or running text."""
    for start, following in zip(starts, [*starts[1:], len(lines)], strict=True):
        stop = start + 1
        while stop < following and not _ends(lines, stop):
            stop += 1
        yield start, stop


def _ends(lines: Sequence[SheetLine], index: int) -> bool:
    text = normal_text(lines[index].text)
    if not text:
        return False
    if _PART.match(text) or (_PERFORMANCE.search(text) and not is_prose(text)):
        return True
    if not is_prose(text) or _NOTE.match(text):
        return False
    # One sentence between tables is a remark; sentences in a row are running text, unless a title still follows.
    after = _next_filled(lines, index, 12)
    return sum(is_prose(line.text) for line in after[:3]) >= 2 and not any(
        is_title(line.text) for line in after
    )


def _sheet(lines: Sequence[SheetLine]) -> Sheet | None:
    """A sheet from its lines; None where nothing of it is a table."""
    filled = [line for line in lines if line.text.strip()]
    titles = [line for line in filled if is_title(line.text)]
    title = titles[-1] if titles else None
    unit = next((u for line in filled if (u := printed_unit(line.text))), "")
    notes = [line for line in filled if _is_note(line.text)]
    skip = {line.number for line in (*titles, *notes)}
    body = tuple(line for line in filled if line.number not in skip and not printed_unit(line.text))
    if title is None and not body:
        return None
    return Sheet(
        title=title.text.strip() if title else "",
        title_line=title.number if title else 0,
        unit=unit,
        lines=body,
        first_line=filled[0].number,
        last_line=filled[-1].number,
        says_empty=any(_EMPTY.search(normal_text(line.text)) for line in notes),
    )


def _is_note(text: str) -> bool:
    name = normal_text(text)
    return bool(_NOTE.match(name)) or is_prose(text)
