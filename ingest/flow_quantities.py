"""What an amount is an amount of, as a set of tags, so that tables can be compared with one another.

`{"fund:general", "kind:basic", "dept:302", "dept:30201"}` is the 办公费 within 基本支出 from the general public budget.
More tags narrow the quantity: a set that contains another names a part of it (`K1 ⊇ K2` means amount 1 ≤ amount 2,
since budget amounts are not negative). Equal sets name the same quantity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mingzhang.ingest.flow_forms import FlowForms, Heading, bare_label
from mingzhang.ingest.flow_header import FlowColumn
from mingzhang.ingest.flow_tables import FlowTable, TableRow
from mingzhang.ontology.lexicon import normal_text

THIS_YEAR = "year:0"
_GRAND_TOTALS = frozenset({"合计", "总计", "总合计", "共计", "收入总计", "支出总计"})
_SCHEMES = {"2": "func", "3": "dept", "5": "gov"}


def is_grand_total(label: str) -> bool:
    """Whether a row's label says that it is the total of the whole table (or of its side)."""
    return bare_label(label) in _GRAND_TOTALS


def code_tags(code: str, forms: FlowForms) -> frozenset[str]:
    """A code with everything above it: `2080505` → func:208, func:20805, func:2080505; and what it implies."""
    scheme = _SCHEMES.get(code[:1])
    if scheme is None:
        return frozenset({f"code:{code}"})
    tags = {f"{scheme}:{code[:length]}" for length in (3, 5, 7) if length <= len(code)}
    heading = forms.code_heading(scheme, code[:5])
    return frozenset(tags | (set(heading.implies) if heading else set()))


def column_tags(column: FlowColumn) -> frozenset[str]:
    """What all amounts of a column are part of."""
    tags = {tag for tag in column.tags | column.implied if not tag.startswith(("side:", "role:"))}
    return frozenset(tags if any(tag.startswith("year:") for tag in tags) else tags | {THIS_YEAR})


def table_tags(table: FlowTable, forms: FlowForms) -> frozenset[str]:
    """What all amounts of a table are part of, by its title."""
    return forms.tags_of_title(table.title)


def row_tags(table: FlowTable, forms: FlowForms) -> list[frozenset[str]]:
    """What all amounts of each row are part of. Rows of one table that would be the same are told apart by label."""
    units = _units(table)
    found: list[frozenset[str]] = []
    vintage: frozenset[str] = frozenset()
    unit = ""
    for row in table.rows:
        tags = _own_tags(table, row, forms)
        if table.two_sided:
            opened = _vintage(row, tags)
            vintage = opened if opened is not None else vintage
            tags |= vintage if row.side == "收入" and not is_grand_total(row.label) else frozenset()
        if row.unit_code and not row.codes:
            unit = row.unit_code
        here = row.unit_code or unit
        if len(units) > 1 and here and not is_grand_total(row.label):
            tags |= {f"unit:{here}"}
        found.append(tags)
    counts = Counter((row.side, tags) for row, tags in zip(table.rows, found, strict=True) if tags)
    return [
        tags | {f"label:{bare_label(row.label)}"}
        if counts[row.side, tags] > 1 and not _is_unit(row)
        else tags
        for row, tags in zip(table.rows, found, strict=True)
    ]


def _own_tags(table: FlowTable, row: TableRow, forms: FlowForms) -> frozenset[str]:
    if is_grand_total(row.label):
        return frozenset()
    if row.codes:
        return frozenset(tag for code in row.codes for tag in code_tags(code, forms))
    if not table.two_sided and not bare_label(row.label):
        return frozenset()  # the only row of a table without labels is its total
    named = row_headings(row, forms)
    if not table.two_sided:
        classes = [h for h in named if len(h.notation) == 3]
        schemes = {_SCHEMES.get(code[:1]) for other in table.rows for code in other.codes}
        of_table = [h for h in classes if _SCHEMES.get(h.notation[:1]) in schemes]
        if len(of_table) == 1:
            return frozenset(of_table[0].tags | of_table[0].implies)
        if _is_unit(row) or _names_unit(table, row):
            return frozenset()
    plain = [h for h in named if not h.notation and not h.is_total]
    tags = plain[0].tags | plain[0].implies if len(plain) == 1 else frozenset()
    return frozenset(tags or {f"label:{bare_label(row.label)}"})


def row_headings(row: TableRow, forms: FlowForms) -> tuple[Heading, ...]:
    """The headings a row's label is also a wording of."""
    return forms.headings_worded(row.label)


def _vintage(row: TableRow, tags: frozenset[str]) -> frozenset[str] | None:
    """The year that the rows below a heading row (二、上年结转) speak of; None where the row heads nothing."""
    if row.side != "收入" or bare_label(row.label) == normal_text(row.label):
        return None
    own = frozenset(tag for tag in tags if tag.startswith("vintage:"))
    numbered = normal_text(row.label)[:1] in "一二三四五六七八九十"
    return own if numbered else None


def _is_unit(row: TableRow) -> bool:
    return bool(row.unit_code) and not row.codes


def _names_unit(table: FlowTable, row: TableRow) -> bool:
    """Whether a row without code, in a table with codes, directly follows the table's total: the department itself."""
    index = table.rows.index(row)
    return (
        index > 0 and is_grand_total(table.rows[index - 1].label) and any(other.codes for other in table.rows)
    )


def _units(table: FlowTable) -> frozenset[str]:
    """The budget units whose rows the table prints; a unit that only leads to the next one does not count."""
    rows: Sequence[TableRow] = table.rows
    leaves = set()
    for index, row in enumerate(rows):
        if row.unit_code:
            following = rows[index + 1] if index + 1 < len(rows) else None
            if row.codes or following is None or not _is_unit(following):
                leaves.add(row.unit_code)
    return frozenset(leaves)
