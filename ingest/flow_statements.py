"""“三公”经费 as running text states it, this year's amount and last year's (“4.1万元，减少1.08万元”).

Used as evidence for the columns of the “三公” table only. What prose says is used where it agrees with a possible
reading; where it fits none, it is the text that is inconsistent, and it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from mingzhang.ingest.amounts import parse_amount
from mingzhang.ingest.document import Document
from mingzhang.ingest.flow_forms import FlowForms, Heading
from mingzhang.ontology.lexicon import normal_text

_AMOUNT = r"([0-9][0-9,]*(?:\.[0-9]+)?)(亿元|万元|元)"
_CHANGE = rf"(?:[,，](?:与|比|较)?[^,，。;；0-9]{{0,8}}(?:(?:19|20)[0-9]{{2}}年(?:度)?)?[^,，。;；0-9]{{0,8}}?(增加|减少|下降|增长)(?:了)?{_AMOUNT})?"
_BETWEEN = r"(?:支出)?(?:财政拨款)?(?:预算)?(?:数|安排)?(?:为|是|共计|合计)?"
_EARLIER = re.compile(r"(?:上年|去年|上一年)[^。;；,，]{0,12}$")
_UP = frozenset({"增加", "增长"})


@dataclass(frozen=True)
class ProseAmount:
    """An amount that prose states: the heading it is of, `year` 0 for this year and -1 for the last, and its line."""

    heading: Heading
    year: int
    value: Decimal
    unit: str
    line: int


def three_public_amounts(document: Document, forms: FlowForms) -> list[ProseAmount]:
    """Every statement on a “三公” item in running text. Last year's amount follows from a stated change."""
    text, line_at = _running_text(document)
    headings = {
        w: h for h in forms.headings.values() if not h.notation and _of_three_public(h) for w in h.wordings
    }
    names = "|".join(re.escape(wording) for wording in sorted(headings, key=len, reverse=True))
    pattern = re.compile(rf"({names}){_BETWEEN}{_AMOUNT}{_CHANGE}")
    found: list[ProseAmount] = []
    for match in pattern.finditer(text):
        if _EARLIER.search(text[max(0, match.start() - 24) : match.start()]):
            continue
        heading, line = headings[match.group(1)], line_at[match.start(2)]
        value, unit = parse_amount(match.group(2)), match.group(3)
        found.append(ProseAmount(heading, 0, value, unit, line))
        if match.group(4) and match.group(6) == unit:
            change = parse_amount(match.group(5))
            before = value - change if match.group(4) in _UP else value + change
            if before >= 0:
                found.append(ProseAmount(heading, -1, before, unit, line))
    return found


def _of_three_public(heading: Heading) -> bool:
    return any(tag.startswith("three:") for tag in heading.tags)


def _running_text(document: Document) -> tuple[str, list[int]]:
    """The document without white space, and the line of every character."""
    characters: list[str] = []
    lines: list[int] = []
    for number, line in _filled(document):
        text = normal_text(line)
        characters.append(text)
        lines.extend([number] * len(text))
    return "".join(characters), lines


def _filled(document: Document) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(document.lines, start=1) if line.strip())
