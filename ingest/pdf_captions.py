"""What stands above a ruled table: its title, its unit of money, and whose it is.

Looked for upwards from the table, over a page's end where need be; page numbers, table numbers (表1, 公开01表) and the
like are passed over. A title set on two lines is joined.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mingzhang.ingest.document import Document
from mingzhang.ingest.grid import clean_title
from mingzhang.ontology.lexicon import Lexicon, normal_label, normal_text

# After 单位：, or alone at the end of the line, set apart from what stands before it.
_UNIT = re.compile(
    r"(?:(?:单位|金额|货币单位)[:：]?\s*[(（]?\s*(?:人民币)?\s*|(?:^|\s{2})[(（]?(?:人民币)?|[(（])(万元|千元|亿元|元)(?:[)）]|$|(?=\s))"
)
_BODY = re.compile(
    r"^(?:编制|填报|预算|公开|主管)?(?:部门|单位)(?:名称|编码|代码)?(?:[(（][^)）]*[)）])?[:：](.*)$"
)
_PAGE_NUMBER = re.compile(r"^(?:第\s*)?[-—–－\s]*[0-9]{1,3}[-—–－\s]*(?:页)?(?:[,，]?共[0-9]+页)?$")
_TABLE_NUMBER = re.compile(
    r"^(?:附|附件|附表|(?:部门|单位)?(?:预算|决算)?公开)?(?:表)?[0-9一二三四五六七八九十]{1,3}(?:[-—][0-9]{1,2})?(?:表)?[:：]?$"
)
_ENDS_AS_TITLE = re.compile(r"表(?:[(（].*[)）])?(?:[(（]续[)）])?$")
_SECTION = re.compile(r"^第[一二三四五六七八九十]+(?:部分|章)|目录$")
# Lines of running text are longer, or end in a full stop.
_LONGEST_TITLE = 70
# More lines than this between them, and a title is not this table's.
_REACH = 8


@dataclass(frozen=True)
class Caption:
    """Title and unit as printed (empty where there is none), whose table it is, and the line of the title or unit."""

    title: str
    unit: str
    body: str
    line: int


def caption_of(document: Document, first: int, floor: int, lexicon: Lexicon) -> Caption:
    """The caption of a table whose first row is on line `first`; nothing up to line `floor` belongs to it."""
    lines = [(number, document.line(number)) for number in range(first - 1, floor, -1)]
    return caption_in(lines, first, lexicon)


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
        if not label or _TABLE_NUMBER.match(label) or _is_date(label):
            continue
        above = clean_title(lines[place + 1][1]) if place + 1 < len(lines) else ""
        title, height = _title(text, above, lexicon)
        if title:
            return Caption(title, unit, body, number - height + 1)
        if found is None:
            break
    return Caption("", unit, body, line)


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
