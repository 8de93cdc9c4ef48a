"""Where the indicator forms without tabs lie in a document, and what their heads say (项目名称, 年度资金总额 …)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mingzhang.ingest.amounts import is_amount
from mingzhang.ingest.document import Document
from mingzhang.ingest.indicator_cells import Cell
from mingzhang.ingest.indicator_pieces import line_cells
from mingzhang.ingest.indicator_record import FormSpan
from mingzhang.ingest.indicator_words import IndicatorWords
from mingzhang.ingest.prose_text import is_page_foot

_NEXT_SECTION = re.compile(
    r"^[#*\s\f]*(?:第[一二三四五六七八九十]+(?:部分|章)|[一二三四五六七八九十]+、|附件|附表)"
)
_TABLE_TITLE = re.compile(r"(?:总表|预算表|情况表|支出表|收入表|决算表|明细表)(?:[（(].{0,20}[)）])?$")
_TITLE_CHARACTERS = 40
_HEAD_CELL = re.compile(r"^[\s\f]*(?:其中[:：])?\s*([^\s:：]+?)\s*[:：]?\s+(\S.*?)\s*$")
_HEAD_ROLES = ("project", "unit-name", "department", "amount", "part-amount", "goal", "funds")
_HEADER_FRAGMENTS = 4
"""A column head is broken into at most this many lines."""
_TITLE_DISTANCE = 6
"""A title stands at most this many lines of text above its header where no project is named between them."""
_NAME_LINES = 2
"""A project's name goes on over at most this many further lines."""
_HEAD_LINES = 40
"""How far above its header a form's head may begin."""


@dataclass(frozen=True)
class FormHead:
    """What a form's head says. `first_line`..`last_line` is where it stands; empty texts where it says nothing."""

    first_line: int
    last_line: int
    project: str = ""
    unit_name: str = ""
    amount: Cell | None = None
    amount_line: int = 0
    spans: tuple[FormSpan, ...] = ()


@dataclass(frozen=True)
class FormRegion:
    """One form: its header's roles, the lines of its body (after the header), and its head where it has one."""

    roles: frozenset[str]
    header_lines: tuple[int, ...]
    body: tuple[int, ...]
    head: FormHead | None
    spans: tuple[FormSpan, ...] = field(default=())

    @property
    def lines(self) -> frozenset[int]:
        head = range(self.head.first_line, self.head.last_line + 1) if self.head else ()
        return frozenset([*self.header_lines, *self.body, *head])


def form_regions(document: Document, taken: frozenset[int], words: IndicatorWords) -> list[FormRegion]:
    """Every form without tabs. Heads stand all before their headers, or all after their forms' rows."""
    headers = [
        n for n in range(1, len(document.lines) + 1) if n not in taken and _is_header(document.line(n), words)
    ]
    if not headers:
        return []
    heads_first, heads_last = _head_sides(document, headers, taken, words)
    if heads_first and heads_last:
        # Which of the two heads about it is a form's own is open: none is read with the wrong one.
        return []
    regions = []
    for index, header in enumerate(headers):
        stop = headers[index + 1] if index + 1 < len(headers) else len(document.lines) + 1
        lowest = headers[index - 1] + 1 if index else _printed_above(document, header, _HEAD_LINES)
        stop = _end(document, header + 1, stop, taken, words)
        if heads_first:
            head = _head(document, lowest, header, taken, words, whole=True)
            following = (
                _head(document, header + 1, stop, taken, words, whole=True) if stop in headers else None
            )
            end = following.first_line if following else stop
        else:
            head = _head(document, header + 1, stop, taken, words, whole=False)
            end = stop
        regions.append(_region(document, header, end, head, taken, words))
    return regions


def _head_sides(
    document: Document, headers: list[int], taken: frozenset[int], words: IndicatorWords
) -> tuple[bool, bool]:
    """Whether a project is named before the first header, and whether one is named after the last."""
    first = _printed_above(document, headers[0], _HEAD_LINES)
    stop = _end(document, headers[-1] + 1, len(document.lines) + 1, taken, words)
    before = _project_line(document, first, headers[0], taken, words) is not None
    return before, _project_line(document, headers[-1] + 1, stop, taken, words) is not None


def _printed_above(document: Document, number: int, count: int) -> int:
    """The line that lies `count` printed lines above another; blank lines do not count."""
    printed = [n for n in range(1, number) if document.line(n).strip()]
    return printed[-count] if len(printed) >= count else 1


def _is_header(line: str, words: IndicatorWords) -> bool:
    if "\t" in line:
        return False
    roles = {words.column(cell.text) for cell in line_cells(line)}
    return {"level1", "level2"} <= roles


def _end(document: Document, first: int, stop: int, taken: frozenset[int], words: IndicatorWords) -> int:
    """The line a form ends before: a line of a budget table, or the next table or section of the document."""
    for number in range(first, stop):
        line = document.line(number).strip()
        is_other_table = (
            len(line) <= _TITLE_CHARACTERS and bool(_TABLE_TITLE.search(line)) and not words.is_title(line)
        )
        if number in taken or is_other_table or _NEXT_SECTION.match(line):
            return number
    return stop


def _region(
    document: Document,
    header: int,
    end: int,
    head: FormHead | None,
    taken: frozenset[int],
    words: IndicatorWords,
) -> FormRegion:
    above = [] if head else _lines_above(document, header, taken, words)
    header_lines = [*above, header]
    roles = {role for cell in line_cells(document.line(header)) if (role := words.column(cell.text))}
    roles |= {
        role for i in range(len(above)) if (role := words.column("".join(map(document.line, above[i:]))))
    }
    spans = [FormSpan(n, c.start, c.end, "words") for n in header_lines for c in line_cells(document.line(n))]
    inside = range(head.first_line, head.last_line + 1) if head else ()
    body = [
        n
        for n in range(header + 1, end)
        if document.line(n).strip() and n not in inside and not is_page_foot(document.line(n), marked=True)
    ]
    while body:
        role, used = _broken_head(document, body, words)
        if not role:
            break
        roles.add(role)
        spans += [
            FormSpan(n, c.start, c.end, "words") for n in body[:used] for c in line_cells(document.line(n))
        ]
        header_lines += body[:used]
        body = body[used:]
    return FormRegion(frozenset(roles), tuple(header_lines), tuple(body), head, tuple(spans))


def _lines_above(document: Document, header: int, taken: frozenset[int], words: IndicatorWords) -> list[int]:
    """The lines from a form's title to its header; none where no title stands near."""
    above: list[int] = []
    for number in range(header - 1, _printed_above(document, header, _HEAD_LINES) - 1, -1):
        if number in taken or len(above) > _TITLE_DISTANCE:
            return []
        if document.line(number).strip():
            above.insert(0, number)
            if words.is_title(document.line(number)):
                return above
    return []


def _broken_head(document: Document, body: list[int], words: IndicatorWords) -> tuple[str, int]:
    """(role, lines used) of a column head broken over the first lines of `body`; ("", 0) where there is none."""
    for used in range(min(_HEADER_FRAGMENTS, len(body)), 0, -1):
        role = words.column("".join(document.line(n) for n in body[:used]))
        if role:
            return role, used
    return "", 0


def _project_line(
    document: Document, first: int, stop: int, taken: frozenset[int], words: IndicatorWords
) -> int | None:
    """The last line in the range that names a form's project."""
    found = [
        number
        for number in range(first, stop)
        if number not in taken
        and (match := _HEAD_CELL.match(document.line(number)))
        and words.column(match.group(1)) == "project"
        and words.column(match.group(2)) is None
    ]
    return found[-1] if found else None


def _head(
    document: Document, first: int, stop: int, taken: frozenset[int], words: IndicatorWords, *, whole: bool
) -> FormHead | None:
    """The head in a range of lines, title included; None where no project is named there.

    `whole`: the head reaches to the end of the range, goals in running text included.
    """
    project_line = _project_line(document, first, stop, taken, words)
    if project_line is None:
        return None
    begin = project_line
    for number in range(project_line - 1, first - 1, -1):
        line = document.line(number)
        if line.strip() and (number in taken or not (words.is_title(line) or _head_role(line, words))):
            break
        begin = number if line.strip() else begin
    last = stop - 1 if whole else project_line
    for number in range(project_line + 1, stop):
        if whole or (document.line(number).strip() and not _head_role(document.line(number), words)):
            break
        last = number if document.line(number).strip() else last
    return _read_head(document, begin, last, words)


def _head_role(line: str, words: IndicatorWords) -> str:
    """What a line of a head says: `project`, `unit-name`, `amount`, `goal` …; empty for other lines."""
    match = _HEAD_CELL.match(line)
    wording = match.group(1) if match else line.strip().rstrip(":：")
    role = words.column(wording)
    return role if role in _HEAD_ROLES else ""


def _broken_rest(document: Document, first: int, last: int, words: IndicatorWords) -> str:
    """The rest of a name that goes on, in a few short lines, before the next line of the head; else nothing."""
    parts: list[str] = []
    for number in range(first, last + 1):
        line = document.line(number).strip()
        if line and (_head_role(line, words) or words.is_title(line) or words.column(line)):
            return "".join(parts) if len(parts) <= _NAME_LINES else ""
        if " " in line:
            return ""
        if line:
            parts.append(line)
    return ""


def _read_head(document: Document, first: int, last: int, words: IndicatorWords) -> FormHead:
    said: dict[str, str] = {}
    amount, amount_line, spans = None, 0, []
    for number in range(first, last + 1):
        line = document.line(number)
        role = _head_role(line, words)
        match = _HEAD_CELL.match(line)
        for cell in line_cells(line):
            money = is_amount(cell.text) and role in ("amount", "part-amount")
            spans.append(FormSpan(number, cell.start, cell.end, "amount" if money else "words"))
            if money and role == "amount" and amount is None:
                amount, amount_line = cell, number
        if match and role in ("project", "unit-name", "department"):
            said.setdefault(role, match.group(2) + _broken_rest(document, number + 1, last, words))
    unit = said.get("unit-name") or said.get("department", "")
    return FormHead(first, last, said.get("project", ""), unit, amount, amount_line, tuple(spans))
