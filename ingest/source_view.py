"""A file of cells and paragraphs as its page shows it: lines and tables with the place of each cell, as JSON.

The pages are made from a release, by a room that reads no office files: what was read is written down for it here. Text
and PDF need none of this, since their pages are drawn from the files themselves.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mingzhang.ingest.document import Document, Region
from mingzhang.ingest.places import Places, places_of
from mingzhang.ingest.readers import has_cells, read_document


def source_view(path: Path) -> str | None:
    """What the page of a source shows; None where it is drawn from the file itself. Raises an InputError."""
    if not has_cells(path):
        return None
    document = read_document(path)
    return view_of(document) if document.fragments else None


def view_of(document: Document) -> str:
    """The lines outside tables as {line, text, place}, tables as {first, rows}, in order.

    A row is a list of cells {text, place, start, rows, columns}: only those that begin in it, blanks included.
    """
    places = places_of(document)
    tables = {region.first_line: region for region in document.regions}
    inside = {n for region in document.regions for n in range(region.first_line, region.last_line + 1)}
    blocks: list[dict[str, Any]] = []
    for number, text in enumerate(document.lines, 1):
        if number in tables:
            blocks.append({"first": number, "rows": _rows(tables[number], places)})
        elif number not in inside:
            blocks.append({"line": number, "text": text, "place": places.fragment(number)})
    return json.dumps({"notes": document.notes, "blocks": blocks}, ensure_ascii=False, sort_keys=True) + "\n"


def _rows(region: Region, places: Places) -> list[list[dict[str, Any]]]:
    width = len(region.edges) - 1
    rows: list[list[dict[str, Any]]] = []
    covered: set[tuple[int, int]] = set()
    starting = {(cell.row, cell.column): cell for cell in region.cells}
    for row in range(region.rows):
        cells: list[dict[str, Any]] = []
        for column in range(width):
            cell = starting.get((row, column))
            if (row, column) in covered:
                continue
            tall, wide = (cell.row_span, cell.column_span) if cell else (1, 1)
            covered |= {(r, c) for r in range(row, row + tall) for c in range(column, column + wide)}
            text = cell.text if cell else ""
            start = cell.start if cell else 1
            place = places.fragment(region.first_line + row, start) if text else ""
            cells.append({"text": text, "place": place, "start": start, "rows": tall, "columns": wide})
        rows.append(cells)
    return rows
