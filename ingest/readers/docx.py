"""Word documents (.docx): paragraphs, tables with their merged cells, footnotes; and the place of each.

What is read is the text as it stands: what a tracked change took out, hidden text and the codes of fields are left
out, and running heads and feet, which are of the page, not of the text.
"""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mingzhang.errors import EmptyFile
from mingzhang.ingest.cell_blocks import Block, CellFile, CellTable, PlacedCell, Sheet, TextLine, joined_lines
from mingzhang.ingest.cell_document import cell_document
from mingzhang.ingest.document import Document, Source
from mingzhang.ingest.readers.inline_text import InlineText
from mingzhang.ingest.readers.packages import damaged, open_package

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Text that a tracked change took out, or moved away (ECMA-376 Part 1 §17.13.5).
_TAKEN_OUT = frozenset({_W + "del", _W + "moveFrom"})
# Small raised figures and struck text beside a number are no part of it.
_APART = ("vertAlign", "strike", "dstrike")
_OFF = frozenset({"0", "false", "off", "none", "baseline"})


def read_docx(path: Path, data: bytes) -> Document:
    """The text and tables of a Word document. Raises EmptyFile, or Unsupported for a locked or damaged file."""
    body, notes = _opened(path, data)
    reader = _BodyReader()
    blocks = [*reader.blocks_in(body), *_footnotes(notes)]
    if not blocks:
        raise EmptyFile(str(path), "there is no text in it", "give the document with the tables")
    source = Source(path.name, hashlib.sha256(data).hexdigest(), len(data), DOCX)
    return cell_document(CellFile(source, (Sheet(tuple(blocks)),)))


def _opened(path: Path, data: bytes) -> tuple[Any, Any]:
    """The document's body, and its footnotes where it has any."""
    open_package(path, data)
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.package import OpcPackage
    from docx.oxml import parse_xml

    try:
        # The package rather than `docx.Document`, which takes no document with macros (.docm); these are never run.
        part = OpcPackage.open(io.BytesIO(data)).main_document_part
        notes = next(
            (
                parse_xml(relation.target_part.blob)
                for relation in part.rels.values()
                if relation.reltype == RELATIONSHIP_TYPE.FOOTNOTES and not relation.is_external
            ),
            None,
        )
        body = parse_xml(part.blob).find(_W + "body")
        if body is None:
            raise ValueError("it has no body")
        return body, notes
    except Exception as error:
        # Its parsers raise whatever a broken part provokes: KeyError, ValueError, XMLSyntaxError …
        raise damaged(path, error) from error


def _footnotes(notes: Any) -> Iterator[TextLine]:
    for note in () if notes is None else notes.iter(_W + "footnote"):
        text = joined_lines(_text(paragraph) for paragraph in note.iter(_W + "p"))
        if text and not note.get(_W + "type"):
            yield TextLine(text, f"footnote={note.get(_W + 'id', '')}")


def _is_on(properties: Any, name: str) -> bool:
    """Whether a toggle of a run is set: there, and not switched off (ECMA-376 Part 1 §17.17.4)."""
    found = None if properties is None else properties.find(_W + name)
    return found is not None and found.get(_W + "val", "true") not in _OFF


def _text(paragraph: Any) -> str:
    """The text of a paragraph on one line."""
    text = InlineText()
    _take(paragraph, text)
    return text.joined()


def _take(element: Any, text: InlineText) -> None:
    for child in element:
        tag = child.tag
        if tag in _TAKEN_OUT or tag == _FALLBACK or tag in (_W + "txbxContent", _W + "pPr", _W + "rPr"):
            continue
        if tag == _W + "t":
            text.add(child.text or "")
        elif tag == _W + "tab":
            text.add("  ")
        elif tag in (_W + "br", _W + "cr"):
            text.end_line()
        elif tag == _W + "noBreakHyphen":
            text.add("-")
        elif tag == _W + "r":
            properties = child.find(_W + "rPr")
            if _is_on(properties, "vanish"):
                continue
            apart = any(_is_on(properties, name) for name in _APART)
            if apart:
                text.part()
            _take(child, text)
            if apart:
                text.part()
        else:
            _take(child, text)


@dataclass
class _BodyReader:
    """Reads the body from the top, counting the paragraphs outside tables and the tables, from 1."""

    paragraphs: int = 0
    tables: int = 0

    def blocks_in(self, parent: Any, cell: str = "") -> Iterator[Block]:
        """The blocks in a body or cell. `cell` is the place of the cell they stand in, where they stand in one."""
        for child in parent:
            if child.tag == _W + "p":
                yield from self._paragraph(child, cell)
            elif child.tag == _W + "tbl":
                yield from self._table(child)
            elif child.tag not in _TAKEN_OUT:
                # Content controls, inserted text, custom XML: what they hold stands in the body.
                yield from self.blocks_in(child, cell)

    def _paragraph(self, paragraph: Any, cell: str) -> Iterator[Block]:
        if not cell:
            self.paragraphs += 1
        place = cell or f"paragraph={self.paragraphs}"
        for box in paragraph.iter(_W + "txbxContent"):
            if not any(ancestor.tag == _FALLBACK for ancestor in box.iterancestors()):
                yield from self.blocks_in(box, place)
        text = _text(paragraph)
        if text:
            yield TextLine(text, place)

    def _table(self, table: Any) -> Iterator[Block]:
        """A table; one that only arranges text on the page is read as what it arranges."""
        self.tables += 1
        number = self.tables
        grid = _grid_of(table, number)
        nested = next(table.iter(_W + "tc"), None) is not None and any(
            inner is not table for inner in table.iter(_W + "tbl")
        )
        if nested or grid.height < 2 or grid.width < 2:
            for cell in grid.cells:
                yield from self.blocks_in(
                    cell.element, f"table={number}&cell={cell.row + 1},{cell.column + 1}"
                )
            return
        yield CellTable(tuple(grid.placed()))


@dataclass(frozen=True)
class _GridCell:
    """A cell with its element and where it stands in the table's grid, from 0."""

    element: Any
    row: int
    column: int
    column_span: int
    row_span: int = 1


@dataclass
class _Grid:
    """The cells of a table, each where its grid puts it. `width` is in columns of the grid."""

    number: int
    height: int = 0
    width: int = 0
    cells: list[_GridCell] = field(default_factory=list)
    loose_rows: set[int] = field(default_factory=set)
    """Rows that do not fill the grid: what stands over what in them is not known."""

    def placed(self) -> Iterator[PlacedCell]:
        """The cells with text. A loose row is one cell from side to side: nothing in it has a column."""
        rows: dict[int, list[_GridCell]] = defaultdict(list)
        for cell in self.cells:
            rows[cell.row].append(cell)
        for row in sorted(rows):
            texts = [(cell, text) for cell in rows[row] if (text := _cell_text(cell.element))]
            if row in self.loose_rows and texts:
                whole = "  ".join(text for _, text in texts)
                yield PlacedCell(row, 0, 1, self.width, whole, self._place(texts[0][0]))
                continue
            for cell, text in texts:
                yield PlacedCell(row, cell.column, cell.row_span, cell.column_span, text, self._place(cell))

    def _place(self, cell: _GridCell) -> str:
        return f"table={self.number}&cell={cell.row + 1},{cell.column + 1}"


def _cell_text(cell: Any) -> str:
    return joined_lines(_text(paragraph) for paragraph in cell.iter(_W + "p"))


def _grid_of(table: Any, number: int) -> _Grid:
    """The grid of a table: gridSpan widens a cell, hMerge and vMerge go on with another (ECMA-376 Part 1 §17.4)."""
    grid = _Grid(number)
    above: dict[int, int] = {}
    ends: list[int] = []
    for row, element in enumerate(_rows(table)):
        column = _count(element.find(_W + "trPr"), "gridBefore", 0)
        going_on: dict[int, int] = {}
        for cell in _cells(element):
            properties = cell.find(_W + "tcPr")
            span = max(_count(properties, "gridSpan", 1), 1)
            if _goes_on(properties, "hMerge") and grid.cells and grid.cells[-1].row == row:
                grid.cells[-1] = replace(grid.cells[-1], column_span=column + span - grid.cells[-1].column)
                column += span
                continue
            first = above.get(column)
            if first is not None and _goes_on(properties, "vMerge") and grid.cells[first].column_span == span:
                grid.cells[first] = replace(grid.cells[first], row_span=row - grid.cells[first].row + 1)
                going_on[column] = first
            else:
                grid.cells.append(_GridCell(cell, row, column, span))
                going_on[column] = len(grid.cells) - 1
            column += span
        above = going_on
        ends.append(column + _count(element.find(_W + "trPr"), "gridAfter", 0))
    grid.height, grid.width = len(ends), max(ends, default=0)
    grid.loose_rows = {row for row, end in enumerate(ends) if end != grid.width}
    return grid


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table itself; rows that a tracked change took out are left out."""
    for row in table.iter(_W + "tr"):
        owner = next(row.iterancestors(_W + "tbl"), None)
        properties = row.find(_W + "trPr")
        if owner is table and (properties is None or properties.find(_W + "del") is None):
            yield row


def _cells(row: Any) -> Iterator[Any]:
    return (cell for cell in row.iter(_W + "tc") if next(cell.iterancestors(_W + "tr"), None) is row)


def _count(properties: Any, name: str, default: int) -> int:
    """The number that a property of a row or cell states."""
    found = None if properties is None else properties.find(_W + name)
    text = "" if found is None else found.get(_W + "val", "")
    return min(int(text), 1000) if text.isascii() and text.isdigit() else default


def _goes_on(properties: Any, name: str) -> bool:
    """Whether a cell is merged with the one before it (`hMerge`) or above it (`vMerge`)."""
    found = None if properties is None else properties.find(_W + name)
    return found is not None and found.get(_W + "val", "continue") != "restart"
