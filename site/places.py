"""Where a figure stands in its source, read from the fragment of its place.

`line=12` (RFC 5147) in a text, `page=3&xywh=72,90.5,40,10` (Media Fragments: points from the top left corner) in a
PDF, `sheet=表1&cell=B4` in a workbook, `table=2&cell=5,3` (row, column) in a Word file or a web page, `paragraph=7` in a
Word file, `xpath=/html/body/p` in a web page. A fragment of another form is still a place: it is named as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import unquote

from mingzhang.site.words import Words

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_PAGE = re.compile(rf"page=([0-9]+)(?:&xywh=({_NUMBER}),({_NUMBER}),({_NUMBER}),({_NUMBER}))?\Z")
_LINE = re.compile(r"line=([0-9]+)\Z")
_CELL = re.compile(r"sheet=([^&]*)&cell=([A-Za-z]+[0-9]+)\Z")
_TABLE_CELL = re.compile(r"table=([0-9]+)&cell=([0-9]+),([0-9]+)\Z")
_NUMBERED = re.compile(r"(paragraph|footnote)=([0-9]+)\Z")
_NUMBERED_ZH = {"paragraph": "段", "footnote": "条脚注"}
_PATH = re.compile(r"(?:xpath|sheet)=(.+)\Z")


@dataclass(frozen=True)
class Box:
    """A rectangle on a page, in points from its top left corner."""

    page: int
    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal


def box(fragment: str) -> Box | None:
    """The rectangle a fragment names; None where it names none."""
    found = _PAGE.match(fragment)
    if found is None or found[2] is None:
        return None
    return Box(int(found[1]), *(Decimal(found[number]) for number in (2, 3, 4, 5)))


def spoken(fragment: str) -> Words:
    """A place in words: `line=12` → `第 12 行`, `line 12`; "" for both where there is none."""
    if found := _LINE.match(fragment):
        return f"第 {found[1]} 行", f"line {found[1]}"
    if found := _PAGE.match(fragment):
        return f"第 {found[1]} 页", f"page {found[1]}"
    if found := _CELL.match(fragment):
        sheet = unquote(found[1])
        return f"表“{sheet}”{found[2]} 格", f"cell {found[2]} of sheet “{sheet}”"
    if found := _TABLE_CELL.match(fragment):
        table, row, column = found.groups()
        return f"第 {table} 张表第 {row} 行第 {column} 列", f"table {table}, row {row}, column {column}"
    if found := _NUMBERED.match(fragment):
        return f"第 {found[2]} {_NUMBERED_ZH[found[1]]}", f"{found[1]} {found[2]}"
    if found := _PATH.match(fragment):
        return unquote(found[1]), unquote(found[1])
    return fragment, fragment


def short(fragment: str) -> str:
    """A place as a table's margin has room for it: the number of the line or the page, or the cell."""
    if found := _LINE.match(fragment):
        return found[1]
    if found := _PAGE.match(fragment):
        return found[1]
    if found := _CELL.match(fragment):
        return found[2]
    found = _TABLE_CELL.match(fragment)
    return found[2] if found else unquote(fragment)


def counted_in(fragment: str) -> Words:
    """What the short form of a place counts: lines, pages or cells."""
    if _PAGE.match(fragment):
        return "页", "Page"
    return ("格", "Cell") if _CELL.match(fragment) else ("行", "Line")
