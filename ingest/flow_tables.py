"""Sheets → tables: pages and column groups of one table together, its columns, its rows with whole codes.

What comes out has its amounts still in print order; which column each stands in is settled in `flow_solve`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

from mingzhang.ingest.amounts import fold_digits
from mingzhang.ingest.document import Amount, Document
from mingzhang.ingest.flow_codes import codes_by_name, is_fragment, joined_codes, split_units
from mingzhang.ingest.flow_forms import FlowForms
from mingzhang.ingest.flow_header import FlowHeader, read_header
from mingzhang.ingest.flow_plain_header import read_plain_header
from mingzhang.ingest.flow_rows import ColumnNumbers, FlowRow, SheetBody, read_body
from mingzhang.ingest.flow_sheets import Sheet, read_sheets
from mingzhang.ingest.flow_words import HeaderWords, header_words
from mingzhang.ontology.lexicon import normal_text

# What the names of public bodies end in.
_BODY = re.compile(
    r"(?:局|委|委员会|办|办公室|办公厅|厅|部|院|中心|署|队|总队|支队|站|所|校|学校|馆|会|政府)(?:\(.*\))?$"
)
_SHORTEST_CAPTION = 4
_MOST_STUBS = 4


@dataclass(frozen=True)
class TableRow:
    """A row over all column groups: `amounts[p]` are those printed on panel p, in order, dashes as None.

    `codes` are whole classification codes, `unit_code` a budget unit's. `side` is 收入 or 支出 in a two-sided table;
    empty where it is not known there.
    """

    line: int
    label: str
    codes: tuple[str, ...]
    unit_code: str
    amounts: tuple[tuple[Amount | None, ...], ...]
    side: str = ""
    missing: frozenset[int] = frozenset()
    """Panels on which the row is not printed."""
    code_lost: bool = False
    """A code is printed in part, and it is not certain of which code."""


@dataclass(frozen=True)
class FlowTable:
    """A budget table: its columns (None where its header could not be read) and its rows.

    `lines` holds the printed rows: indexes into `rows` that stand on one line (both sides of a two-sided row).
    """

    title: str
    unit: str
    header: FlowHeader | None
    rows: tuple[TableRow, ...]
    lines: tuple[tuple[int, ...], ...]
    two_sided: bool
    ranges: tuple[tuple[int, int], ...]
    published_empty: bool


@dataclass
class _Panel:
    words: HeaderWords
    plain: FlowHeader | None
    numbered: ColumnNumbers | None
    rows: list[FlowRow] = field(default_factory=list)


@dataclass
class _Gathered:
    """The sheets of one table while they are put together."""

    title: str
    unit: str
    two_sided: bool
    panels: list[_Panel]
    ranges: list[tuple[int, int]]
    says_empty: bool


def read_tables(document: Document, taken: frozenset[int], forms: FlowForms) -> list[FlowTable]:
    """Every table outside the lines `taken`, in print order."""
    sheets = read_sheets(document, taken)
    bodies = [read_body(sheet) for sheet in sheets]
    captions = _captions(bodies)
    gathered: list[_Gathered] = []
    for sheet, body in zip(sheets, bodies, strict=True):
        words = _words(body, captions, forms)
        if gathered and _goes_on(gathered[-1], sheet):
            _add(gathered[-1], sheet, _panel(words, body, captions, forms))
        elif words.words or body.rows:
            gathered.append(
                _Gathered(
                    sheet.title,
                    sheet.unit,
                    body.two_sided,
                    [_panel(words, body, captions, forms)],
                    [(sheet.first_line, sheet.last_line)],
                    sheet.says_empty,
                )
            )
    usual = Counter(table.unit for table in gathered if table.unit).most_common(1)
    unit = usual[0][0] if usual else ""
    names = codes_by_name(
        (tuple(code for piece in row.pieces for code in piece.codes), row.pieces[0].label)
        for table in gathered
        for panel in table.panels
        for row in panel.rows
    )
    tables = [_table(replace(table, unit=table.unit or unit), names, forms) for table in gathered]
    return [
        table for table, found in zip(tables, gathered, strict=True) if _is_table(table, found.says_empty)
    ]


def _is_table(table: FlowTable, says_empty: bool) -> bool:
    """Whether it is more than an entry of a list of contents: it has amounts, or columns, or says it is empty."""
    return not table.published_empty or says_empty or table.header is not None


def _captions(bodies: Sequence[SheetBody]) -> frozenset[str]:
    """Header lines that name the department: a row is labelled so too, or they name a body on several sheets.

    Nothing else may be left out of a header: with a lost heading every column after it would be wrong.
    """
    lines = Counter(normal_text(line.text) for body in bodies for stream in body.streams for line in stream)
    labels = {normal_text(piece.label) for body in bodies for row in body.rows for piece in row.pieces}
    return frozenset(
        text
        for text, count in lines.items()
        if len(text) >= _SHORTEST_CAPTION and _BODY.search(text) and (count > 1 or text in labels)
    )


def _words(body: SheetBody, captions: frozenset[str], forms: FlowForms) -> HeaderWords:
    """The header's words. A caption among the lines is left out where wordings cannot explain it."""
    words = header_words(body.streams, forms.wordings, forms.stubs)
    if not words.unknown:
        return words
    kept = [
        [line for line in stream if not _unexplained(normal_text(line.text), captions, words.unknown)]
        for stream in body.streams
    ]
    again = header_words(kept, forms.wordings, forms.stubs)
    return replace(again, unknown=tuple(part for part in again.unknown if part not in captions))


def _unexplained(text: str, captions: frozenset[str], unknown: Sequence[str]) -> bool:
    return text in captions and any(part in text or text in part for part in unknown)


def _goes_on(table: _Gathered, sheet: Sheet) -> bool:
    """Whether a sheet is another page of the table before it."""
    return not sheet.title or normal_text(sheet.title) == normal_text(table.title)


def _panel(words: HeaderWords, body: SheetBody, captions: frozenset[str], forms: FlowForms) -> _Panel:
    """A page's header and rows; a plain header is kept beside, in case that no form fits."""
    lines = [line for stream in body.streams for line in stream]
    plain = None if body.two_sided else read_plain_header(lines, body.rows, captions, forms)
    return _Panel(words, plain, body.numbered, list(body.rows))


def _add(table: _Gathered, sheet: Sheet, page: _Panel) -> None:
    """A further page: more rows of a panel with the same header (or without one), else a new column group."""
    table.ranges.append((sheet.first_line, sheet.last_line))
    table.says_empty = table.says_empty or sheet.says_empty
    table.unit = table.unit or sheet.unit
    wordings = _wordings(page)
    same = [p for p in table.panels if _wordings(p) == wordings]
    if not wordings:
        table.panels[-1].rows.extend(page.rows)
    elif same and not _repeats(same[-1].rows, page.rows):
        same[-1].rows.extend(page.rows)
    else:
        table.panels.append(page)


def _wordings(panel: _Panel) -> Counter[str]:
    """What a panel's header says, to know it again."""
    return Counter([*(word.wording for word in panel.words.words), *panel.words.unknown])


def _repeats(rows: Sequence[FlowRow], more: Sequence[FlowRow]) -> bool:
    """Whether a page prints the same rows again, as another column group does."""
    keys = [_key(row) for row in rows]
    return bool(more) and [_key(row) for row in more] == keys[: len(more)]


def _key(row: FlowRow) -> tuple[object, ...]:
    return tuple((piece.codes, normal_text(piece.label)) for piece in row.pieces)


def _table(table: _Gathered, names: Mapping[str, frozenset[str]], forms: FlowForms) -> FlowTable:
    panels, header = _understood(table.panels, forms)
    if table.two_sided:
        rows, lines = _sides(panels[0].rows, forms)
    else:
        rows = _joined(panels)
        rows = [
            _with_codes(row, codes) for row, codes in zip(rows, joined_codes(rows, names, forms), strict=True)
        ]
        lines = [(i,) for i in range(len(rows))]
    has_amounts = any(amount for row in rows for panel in row.amounts for amount in panel)
    return FlowTable(
        title=table.title,
        unit=table.unit,
        header=header,
        rows=tuple(rows),
        lines=tuple(lines),
        two_sided=table.two_sided,
        ranges=tuple(table.ranges),
        published_empty=not has_amounts,
    )


def _with_codes(row: TableRow, printed: tuple[str, ...]) -> TableRow:
    if printed and re.match(rf"{printed[0]}[-—]", fold_digits(row.label)):
        # 510-某某局: the code of a budget unit, though 510 alone could be a class.
        return replace(row, codes=(), unit_code=printed[0])
    codes, unit = split_units(printed)
    return replace(row, codes=codes, unit_code=unit, code_lost=is_fragment(printed))


def _understood(panels: list[_Panel], forms: FlowForms) -> tuple[list[_Panel], FlowHeader | None]:
    """The panels from left to right and their header.

    A panel without any amount whose heading cannot be read is left out: it takes no part in any sum.
    """
    header = read_header([panel.words for panel in panels], forms)
    if header is not None or len(panels) == 1:
        header = header or panels[0].plain
        agreed = header is None or all(_as_numbered(header, p, panel) for p, panel in enumerate(panels))
        return panels, header if agreed else None
    filled = [panel for panel in panels if any(row.amounts for row in panel.rows)]
    empty = [panel for panel in panels if panel not in filled]
    without_one = [[panel for panel in panels if panel is not left_out] for left_out in empty]
    orders = [list(order) for order in permutations(panels)] if len(panels) <= 3 else []
    for tried in (*without_one, *orders, filled):
        header = read_header([panel.words for panel in tried], forms) if tried else None
        if header is not None and all(_as_numbered(header, p, panel) for p, panel in enumerate(tried)):
            return tried, header
    return panels, None


def _as_numbered(header: FlowHeader, number: int, panel: _Panel) -> bool:
    """Whether a panel has as many columns as it numbers itself (`** ** 1 2 3`), where it does."""
    if panel.numbered is None:
        return True
    left, right = header.panel_range(number)
    surplus = panel.numbered.count - (right - left)
    # Without ** over labels and codes, these may be numbered too.
    return surplus == 0 or (not panel.numbered.starred and 0 < surplus <= _MOST_STUBS)


def _joined(panels: Sequence[_Panel]) -> list[TableRow]:
    """Rows over all panels, matched by code and label, in the order of the fullest panel."""
    numbered = [_numbered(panel.rows) for panel in panels]
    order = max(numbered, key=len, default={})
    keys = list(order)
    keys += [key for rows in numbered for key in rows if key not in order]
    found = []
    for key in keys:
        on_panels = [rows.get(key) for rows in numbered]
        first = next(row for row in on_panels if row is not None)
        codes = tuple(code for piece in first.pieces for code in piece.codes)
        label = first.pieces[0].label
        found.append(
            TableRow(
                line=first.line,
                label=label,
                codes=codes,
                unit_code="",
                amounts=tuple(row.amounts if row else () for row in on_panels),
                missing=frozenset(p for p, row in enumerate(on_panels) if row is None),
            )
        )
    return found


def _numbered(rows: Sequence[FlowRow]) -> dict[tuple[object, ...], FlowRow]:
    """Rows by code, label and how often both came before."""
    seen: dict[tuple[object, ...], int] = defaultdict(int)
    found = {}
    for row in rows:
        key = _key(row)
        found[*key, seen[key]] = row
        seen[key] += 1
    return found


def _sides(rows: Sequence[FlowRow], forms: FlowForms) -> tuple[list[TableRow], list[tuple[int, ...]]]:
    """The rows of both sides, each with its side where it is plain, and which of them share a line."""
    found: list[TableRow] = []
    lines: list[tuple[int, ...]] = []
    for row in rows:
        here = []
        sides = _sides_of(row, forms)
        for piece, side in zip(row.pieces, sides, strict=True):
            if not piece.label and not piece.amounts:
                continue
            here.append(len(found))
            found.append(TableRow(row.line, piece.label, (), "", (piece.amounts,), side))
        lines.append(tuple(here))
    return found, lines


def _sides_of(row: FlowRow, forms: FlowForms) -> tuple[str, ...]:
    """The side of each piece of a line: left then right where there are two; else what the label says."""
    if len(row.pieces) == 2:
        return ("收入", "支出")
    return tuple(forms.side_of_label(piece.label) for piece in row.pieces)
