"""A printed table from its figures: order of columns, header levels, two sides, what is not proven."""

from __future__ import annotations

from mingzhang.site.graph import ReleaseGraph
from mingzhang.site.namespaces import MZ, TYPE
from mingzhang.site.printed import PrintedTable, printed_table
from mingzhang.site.terms import Term

BASE = "https://data.example/"
TABLE = f"{BASE}id/table/0/1"


def _table(*figures: tuple[int, int, str, str, str]) -> PrintedTable:
    """A table of (line, nth, token, row label, column path); no path makes the figure ambiguous."""
    graph = ReleaseGraph(BASE)
    for line, nth, token, label, path in figures:
        iri = f"{BASE}id/figure/0/l{line}n{nth}"
        graph.add(iri, TYPE, Term(MZ + "TableFigure", "iri"))
        graph.add(iri, MZ + "inTable", Term(TABLE, "iri"))
        graph.add(iri, MZ + "certainty", Term(MZ + ("Printed" if path else "Ambiguous"), "iri"))
        values = {"line": str(line), "nth": str(nth), "token": token, "rowLabel": label, "columnPath": path}
        for name, value in values.items():
            if value:
                graph.add(iri, MZ + name, Term(value, "literal"))
    return printed_table(graph, TABLE)


def _header(table: PrintedTable) -> list[list[tuple[str, int, int]]]:
    return [[(cell.text, cell.columns, cell.rows) for cell in level] for level in table.header]


def test_columns_stand_in_the_order_that_all_rows_together_show() -> None:
    table = _table(
        (1, 1, "1", "a", "合计"),
        (1, 2, "1", "a", "丙"),
        (2, 1, "2", "b", "合计"),
        (2, 2, "2", "b", "乙"),
        (3, 1, "3", "c", "乙"),
        (3, 2, "4", "c", "丙"),
    )
    assert [cell.text for cell in table.header[0]] == ["", "合计", "乙", "丙"]


def test_neighbours_share_the_header_cell_above_them() -> None:
    table = _table((1, 1, "1", "a", "合计"), (1, 2, "1", "a", "支出 / 基本"), (1, 3, "1", "a", "支出 / 项目"))
    assert _header(table) == [[("", 1, 2), ("合计", 1, 2), ("支出", 2, 1)], [("基本", 1, 1), ("项目", 1, 1)]]


def test_rows_that_disagree_on_the_order_fall_back_to_first_appearance() -> None:
    table = _table(
        (1, 1, "1", "a", "甲"), (1, 2, "1", "a", "乙"), (2, 1, "1", "b", "乙"), (2, 2, "1", "b", "甲")
    )
    assert [cell.text for cell in table.header[0]] == ["", "甲", "乙"]


def test_a_two_sided_table_has_a_label_on_each_side() -> None:
    table = _table(
        (1, 1, "5", "拨款", "收入 / 预算数"),
        (1, 2, "3", "教育", "支出 / 预算数"),
        (2, 1, "2", "卫生", "支出 / 预算数"),
    )
    assert [[side.label for side in row.sides] for row in table.rows] == [["拨款", "教育"], ["", "卫生"]]
    assert [[mark.token for mark in table.rows[1].sides[1].cells[0]]] == [["2"]]


def test_a_figure_without_a_proven_column_stands_in_none() -> None:
    table = _table((1, 1, "1", "a", "甲"), (2, 1, "2", "b", ""))
    assert [mark.token for mark in table.rows[1].unplaced] == ["2"]
    assert table.rows[1].sides[0].cells == ((),)
    assert table.has_unplaced


def test_a_table_without_figures_has_no_rows() -> None:
    assert _table().rows == ()
