"""What stands above a ruled table (or below it): its title, its unit of money, and whose it is.

Looked for upwards from the table, over a page's end where need be; page numbers, table numbers (表1, 公开01表) and the
like are passed over. A title set on two lines is joined.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass

from mingzhang.ingest.document import Document
from mingzhang.ingest.grid import clean_title, is_table_number
from mingzhang.ontology.lexicon import Lexicon, normal_label, normal_text

# After 单位：, or alone at the end of the line, set apart from what stands before it.
_UNIT = re.compile(
    r"(?:[(（]?(?:(?:金额|货币|计量)?单位|金额)[:：]?\s*[(（]?\s*(?:人民币)?\s*|(?:^|\s{2})[(（]?(?:人民币)?|[(（])(万元|千元|亿元|元)(?:[)）]|$|(?=\s))"
)
_BARE_UNIT = re.compile(
    r"^[(（]?(?:金额|货币|计量)?单位[:：][(（]?(?:人民币)?(?:万元|千元|亿元|元)[)）]{0,2}$"
)
_BODY = re.compile(
    r"^(?:编制|填报|预算|公开|主管)?(?:部门|单位)(?:名称|编码|代码)?(?:[(（][^)）]*[)）])?[:：](.*)$"
)
_PAGE_NUMBER = re.compile(r"^(?:第\s*)?[-—–－\s]*[0-9]{1,3}[-—–－\s]*(?:页)?(?:[,，]?共[0-9]+页)?$")
_ENDS_AS_TITLE = re.compile(r"表(?:[(（].*[)）])?(?:[(（]续[)）])?$")
_SECTION = re.compile(r"^第[一二三四五六七八九十]+(?:部分|章)|目录$")
# Lines of running text are longer, or end in a full stop.
_LONGEST_TITLE = 70
# More lines than this between them, and a title is not this table's.
_REACH = 8
# Titles below so many tables are no chance.
_ENOUGH_BELOW = 2
# What heads so many pages heads them all.
_ENOUGH_PAGES = 3


@dataclass(frozen=True)
class Caption:
    """Title and unit as printed (empty where there is none), whose table it is, and the line of the title or unit."""

    title: str
    unit: str
    body: str
    line: int


def caption_of(
    document: Document, first: int, floor: int, lexicon: Lexicon, running: Set[int] = frozenset()
) -> Caption:
    """The caption of a table whose first row is on line `first`; nothing up to line `floor` belongs to it.

    `running` are lines that head every page (running_lines) and name no table.
    """
    lines = [
        (number, document.line(number)) for number in range(first - 1, floor, -1) if number not in running
    ]
    return caption_in(lines, first, lexicon)


def stand_below(document: Document, lexicon: Lexicon) -> bool:
    """Whether this document prints its titles below their tables.

    A property of the whole document: on several pages a known form's title stands below a table and none above it, and on
    no page one stands above.
    """
    below = 0
    starts = {region.first_line: region for region in document.regions}
    titled = tabled = inside = False
    page = 0
    number = 0
    while number < len(document.lines):
        number += 1
        if document.pages[number - 1] != page:
            page, titled, tabled = document.pages[number - 1], False, False
        region = starts.get(number)
        if region is not None:
            inside = any(lexicon.form_of_title(cell.text) for cell in region.cells if cell.row < 2)
            if titled or inside:
                return False
            tabled, number = True, region.last_line
        elif lexicon.form_of_title(clean_title(document.line(number))) is not None:
            titled = not tabled
            below += tabled
            tabled = False
    return below >= _ENOUGH_BELOW


def title_below(document: Document, last: int, lexicon: Lexicon) -> tuple[str, int]:
    """(title, its line) of a table whose last row is on line `last`, where titles stand below: next on the same page."""
    page = document.pages[last - 1]
    tables = {region.first_line for region in document.regions}
    for number in range(last + 1, min(last + _REACH, len(document.lines)) + 1):
        if number in tables or document.pages[number - 1] != page:
            break
        text = clean_title(document.line(number))
        if lexicon.form_of_title(text) is not None:
            return _UNIT.sub("", text).strip(), number
    return "", last


def running_lines(document: Document, lexicon: Lexicon) -> frozenset[int]:
    """The lines that head several pages alike and are no known form's title: 2026年部门预算公开表 on every page.

    On three pages, or on two where the title of a table stands below it.
    """
    heading: dict[str, list[int]] = defaultdict(list)
    named: set[str] = set()
    page = 0
    for number, (raw, its_page) in enumerate(zip(document.lines, document.pages, strict=True), 1):
        if its_page == page or not raw.strip():
            continue
        page = its_page
        text = normal_text(raw)
        if lexicon.form_of_title(normal_label(raw)) is None:
            heading[text].append(number)
            below = [normal_label(line) for line in document.lines[number : number + 2]]
            if any(_ENDS_AS_TITLE.search(label) and normal_text(label) != text for label in below):
                named.add(text)
    return frozenset(
        number
        for text, numbers in heading.items()
        if len(numbers) >= (_ENOUGH_PAGES if text not in named else 2)
        for number in numbers
    )


def caption_in(lines: Sequence[tuple[int, str]], first: int, lexicon: Lexicon) -> Caption:
    """The caption in lines given from the table upwards, as (number, text)."""
    unit = body = ""
    line = first
    seen = 0
    for place, (number, raw) in enumerate(lines):
        text = clean_title(raw)
        if not text or is_page_number(text):
            continue
        seen += 1
        if seen > _REACH:
            break
        found = _UNIT.search(text)
        if found:
            unit = unit or found.group(1)
            line = number
        owner = _BODY.match(normal_text(_UNIT.sub("", text)))
        if owner and not _UNIT.match(text):
            body = body or re.sub(r"^[0-9]+[-—_]*", "", owner.group(1))
            line = number
            continue
        label = normal_label(_UNIT.sub("", text))
        if not label or is_table_number(label) or _is_date(label):
            continue
        above = clean_title(lines[place + 1][1]) if place + 1 < len(lines) else ""
        title, height = _title(text, above, lexicon)
        if title:
            return Caption(title, unit, body, number - height + 1)
        if found is None:
            break
    return Caption("", unit, body, line)


def is_bare_unit(text: str) -> bool:
    """Whether a text says the unit of money and nothing else: 金额单位：万元. No heading of a column does."""
    return bool(_BARE_UNIT.match(text))


def is_page_number(text: str) -> bool:
    """Whether a line is nothing but a page's number."""
    return bool(_PAGE_NUMBER.match(text.strip()))


def _is_date(label: str) -> bool:
    return bool(re.fullmatch(r"(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?", label))


def _title(text: str, above: str, lexicon: Lexicon) -> tuple[str, int]:
    """(title, number of lines it takes up); empty where the line is none."""
    for candidate, height in ((text, 1), (above + text, 2)):
        bare = _UNIT.sub("", candidate).strip()
        label = normal_label(bare)
        if len(label) > _LONGEST_TITLE or label.endswith(("。", "；", "，")) or _SECTION.search(label):
            continue
        if lexicon.form_of_title(label) or _ENDS_AS_TITLE.search(label):
            whole = height == 2 or not _is_second_half(label)
            if whole:
                return bare, height
    return "", 0


def _is_second_half(label: str) -> bool:
    """Whether a line closes a bracket that it does not open: the rest of a title begun on the line above."""
    return label.count(")") + label.count("）") > label.count("(") + label.count("（")
