"""Whether a table can be of the form that its title names: titles printed after their tables go to the wrong ones.

What a form is about stands in its head and rows too. A table of “三公” without a single item of it, one of something else
whose columns are 因公出国（境）费 and 公务接待费, or one by economic class under the title of functional classes, has another
table's title: none of its amounts is what that title says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mingzhang.ingest.codebook import scheme_of
from mingzhang.ingest.document import ReadTable
from mingzhang.ontology.lexicon import Form, Lexicon, normal_label

_REASON = "the title is of another form"
_THREE_PUBLIC = "id/three-public/all"
_CLASSES = frozenset({"functional", "dept-economic", "gov-economic"})
# One column may be a remark, and one code misread.
_ENOUGH = 2
# How many lines below the last table its title may stand.
_REACH = 4


def with_following_titles(
    tables: Sequence[ReadTable], lines: Sequence[str], lexicon: Lexicon
) -> list[ReadTable]:
    """The tables with their own titles, where these are printed after them.

    Then the first table has none above it, and a title is left over below the last. Titles are moved only where they
    contradict their tables as they stand and no longer do when moved; otherwise the tables of such a document have none.
    """
    left_over = _title_below(tables[-1], lines, lexicon) if tables else ""
    if not left_over or tables[0].title or not all(table.title for table in tables[1:]):
        return list(tables)
    moved = [*(table.title for table in tables[1:]), left_over]
    after = [replace(table, title=title) for table, title in zip(tables, moved, strict=True)]
    one_unit = len({table.unit for table in tables if table.unit}) == 1
    proven = one_unit and _any_doubt(tables, lexicon) and not _any_doubt(after, lexicon)
    return after if proven else [replace(table, title="") for table in tables]


def _any_doubt(tables: Sequence[ReadTable], lexicon: Lexicon) -> bool:
    forms = [(table, lexicon.form_of_title(table.title)) for table in tables]
    return any(form_doubt(table, form, lexicon) for table, form in forms if form is not None)


def _title_below(table: ReadTable, lines: Sequence[str], lexicon: Lexicon) -> str:
    """The title of a form among the lines right below a table; empty where there is none."""
    below = [text for line in lines[table.last_line :] if (text := line.strip())][:_REACH]
    return next((text for text in below if lexicon.form_of_title(normal_label(text))), "")


def form_doubt(table: ReadTable, form: Form, lexicon: Lexicon) -> str:
    """Why a table is not of a form; empty where nothing speaks against it."""
    columns = {level for column in table.columns for level in column.path}
    items = frozenset({"three-public"})
    told = form.dimensions.get("threePublicItem", "")
    if told:
        words = columns | {side.label for row in table.rows for side in row.sides}
        named = any(lexicon.concepts_named(word, items) for word in words)
        return "" if named or told != _THREE_PUBLIC or not table.rows else _REASON
    expenses = [
        level
        for level in columns
        if any(_THREE_PUBLIC in lexicon.ancestors(c.key) for c in lexicon.concepts_named(level, items))
    ]
    # 因公出国（境）费用 and 公务接待费 are classes as well: beside others (办公费) they may stand on a form of classes.
    classes = [
        level
        for level in columns.difference(expenses)
        if lexicon.concepts_named(level, frozenset(form.column_schemes))
    ]
    if len(expenses) >= _ENOUGH and not classes:
        return _REASON
    return _REASON if _classes_differ(table, form) else ""


def _classes_differ(table: ReadTable, form: Form) -> bool:
    """Whether the codes of the rows are of other classifications than those the form's rows may be of."""
    expected = form.row_schemes & _CLASSES
    printed = [
        scheme for row in table.rows for side in row.sides for c in side.codes if (scheme := scheme_of(c))
    ]
    if not expected or "project" in form.row_schemes or len(printed) < _ENOUGH:
        return False
    return not any(scheme in expected for scheme in printed)
