"""Standard forms written down in a few lines each, as web pages: `|` between cells, `<` merges left, `^` merges up."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from mingzhang.ingest.facts import Figure
from mingzhang.ingest.reading import Overrides, Reading, read_disclosure

FORMS = Path(__file__).parent / "forms"


def web_page(text: str) -> str:
    """The page of a text: runs of lines with `|` are tables, the other lines paragraphs."""
    parts = ['<html><head><meta charset="utf-8"></head><body>']
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if "|" in line:
            rows.append([cell.strip() for cell in line.split("|")])
            continue
        parts += _table(rows) if rows else []
        rows = []
        parts += [f"<p>{html.escape(line)}</p>"] if line.strip() else []
    return "\n".join([*parts, "</body></html>"])


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    width = max(map(len, rows))
    grid = [[*row, *[""] * (width - len(row))] for row in rows]
    found = ["<table>"]
    for i, row in enumerate(grid):
        cells = []
        for j, text in enumerate(row):
            if text in ("<", "^"):
                continue
            columns, lines = 1, 1
            while j + columns < width and row[j + columns] == "<":
                columns += 1
            while i + lines < len(grid) and grid[i + lines][j] == "^":
                lines += 1
            cells.append(f'<td colspan="{columns}" rowspan="{lines}">{html.escape(text)}</td>')
        found.append(f"<tr>{''.join(cells)}</tr>")
    return [*found, "</table>"]


def read_form(name: str, folder: Path) -> Reading:
    """The reading of one of the files beside this one."""
    return read_text((FORMS / f"{name}.txt").read_text(encoding="utf-8"), folder)


def read_text(text: str, folder: Path) -> Reading:
    """The reading of a text, as a web page."""
    path = folder / "forms.html"
    path.write_text(web_page(text), encoding="utf-8")
    return read_disclosure(path, Overrides())


def said(figure: Figure) -> dict[str, str]:
    """The dimensions of a figure that are not “all”, by the last part of their keys."""
    values = {
        n: v.rsplit("/", 1)[-1]
        for n, v in figure.dimensions
        if n not in ("department", "fiscalYear", "phase")
    }
    return {name: value for name, value in values.items() if value not in ("all", "not-applicable")}
