"""A workbook, a Word file or a web page as its page shows it: figures in their cells, and the rows around one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mingzhang.errors import ReleaseError
from mingzhang.release import open_release
from mingzhang.site.book import open_book
from mingzhang.site.graph import ReleaseGraph, read_graph
from mingzhang.site.namespaces import MZ
from mingzhang.site.source_cells import CellView, cell_excerpt, read_view


def cell(text: str, place: str, rows: int = 1, columns: int = 1) -> dict[str, Any]:
    return {"text": text, "place": place, "start": 1, "rows": rows, "columns": columns}


# 科目 | 2026年 over 基本 | 项目, then a name that covers all rows of the body.
TABLE = [
    [cell("科目", "A1", rows=2), cell("2026年", "B1", columns=2)],
    [cell("基本", "B2"), cell("项目", "C2")],
    [cell("教育", "A3", rows=8), cell("1.00", "B3"), cell("", "")],
    *([cell(f"{row}.00", f"B{row + 2}"), cell("", "")] for row in range(2, 9)),
]


@pytest.fixture(scope="module")
def graph(example: Any) -> ReleaseGraph:
    release = open_release(example.release.path)
    return open_book(read_graph(release), release.manifest).graph


def view(graph: ReleaseGraph, example: Any, folder: Path, blocks: list[dict[str, Any]]) -> CellView:
    path = folder / f"{example.sheet_sha256}.json"
    path.write_text(json.dumps({"blocks": blocks, "notes": ["一处未读"]}), encoding="utf-8")
    found = read_view(graph, f"{example.base}source/{example.sheet_sha256}", folder)
    assert found is not None
    return found


def shown(excerpt_of: CellView, place: str, line: int) -> list[list[tuple[str, int, int]]]:
    found = cell_excerpt(excerpt_of, f"x#{place}", line)
    assert found is not None
    (block,) = found.blocks
    return [
        [("".join(piece.text for piece in c.pieces), c.rows, c.columns) for c in row.cells]
        for row in block.rows
    ]


def test_an_excerpt_has_the_head_and_what_covers_its_rows(
    graph: ReleaseGraph, example: Any, tmp_path: Path
) -> None:
    table = view(graph, example, tmp_path, [{"first": 11, "rows": TABLE}])
    assert shown(table, "B9", 19) == [
        [("科目", 2, 1), ("2026年", 1, 2)],
        [("基本", 1, 1), ("项目", 1, 1)],
        [("教育", 6, 1), ("1.00", 1, 1), ("", 1, 1)],
        [("2.00", 1, 1), ("", 1, 1)],
        [("5.00", 1, 1), ("", 1, 1)],
        [("6.00", 1, 1), ("", 1, 1)],
        [("7.00", 1, 1), ("", 1, 1)],
        [("8.00", 1, 1), ("", 1, 1)],
    ]


def test_a_cell_that_begins_above_the_rows_shown_still_stands_in_them(
    graph: ReleaseGraph, example: Any, tmp_path: Path
) -> None:
    rows = [[cell("科目", "A1"), cell("金额", "B1")]] * 4
    rows += [
        [cell("教育", "A5", rows=5), cell("1.00", "B5")],
        *([cell(f"{n}.00", f"B{n}")] for n in range(6, 10)),
    ]
    table = view(graph, example, tmp_path, [{"first": 1, "rows": rows}])
    assert shown(table, "B9", 9)[4:] == [[("教育", 3, 1), ("7.00", 1, 1)], [("8.00", 1, 1)], [("9.00", 1, 1)]]


def test_a_figure_is_a_link_in_the_cell_it_was_read_from(
    graph: ReleaseGraph, example: Any, tmp_path: Path
) -> None:
    place = "sheet=%E8%A1%A81&cell=B4"
    (token,) = {
        graph.text(figure, f"{MZ}token")
        for figure in graph.about
        if graph.text(figure, f"{MZ}place").endswith(place)
    }
    rows = [[cell("项目", "A1"), cell(token, place)]]
    table = view(
        graph, example, tmp_path, [{"line": 1, "text": "标题", "place": "t"}, {"first": 2, "rows": rows}]
    )
    assert table.notes == ("一处未读",)
    title, block = table.blocks
    assert title.cell is not None
    assert [piece.href for piece in title.cell.pieces] == [""]
    words, number = block.rows[0].cells
    assert (words.is_number, number.is_number) == (False, True)
    assert number.pieces[0].href.startswith("/doc/figure/")


def test_a_view_that_is_damaged_is_named(graph: ReleaseGraph, example: Any, tmp_path: Path) -> None:
    (tmp_path / f"{example.sheet_sha256}.json").write_text('{"blocks": [{}]}', encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"\.json: damaged"):
        read_view(graph, f"{example.base}source/{example.sheet_sha256}", tmp_path)


def test_a_source_without_a_view_has_none(graph: ReleaseGraph, example: Any, tmp_path: Path) -> None:
    assert read_view(graph, f"{example.base}source/{example.sheet_sha256}", tmp_path) is None
    assert cell_excerpt(None, "x#line=1", 1) is None
