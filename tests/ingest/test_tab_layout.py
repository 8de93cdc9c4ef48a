"""Tab-separated tables, one small file per trap."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingzhang.ingest.document import Certainty, ReadTable
from mingzhang.ingest.readers import read_document
from mingzhang.ingest.tab_layout import read_tab_tables
from mingzhang.ontology.lexicon import load_lexicon

DOCUMENTS = Path(__file__).parent / "documents"


def tables(name: str) -> list[ReadTable]:
    return read_tab_tables(read_document(DOCUMENTS / name), load_lexicon())


def printed(table: ReadTable) -> dict[tuple[str, str], str]:
    """(row label, column path) → token, for every amount with a certain column."""
    return {
        (side.label, " / ".join(table.columns[cell.column].path)): cell.amount.token
        for row in table.rows
        for side in row.sides
        for cell in side.cells
        if cell.column is not None
    }


def test_code_fragments_are_joined_and_the_unit_code_stays_apart() -> None:
    (table,) = tables("codes-as-fragments.txt")
    keys = [(side.label, side.codes, side.unit_code) for row in table.rows for side in row.sides]
    assert keys == [
        ("合 计", (), ""),
        ("甲县乙局", (), ""),
        ("机关事业单位基本养老保险缴费支出", ("2080505",), "322001"),
        ("行政单位医疗", ("2101101",), "322001"),
    ]
    assert printed(table)["行政单位医疗", "项目支出"] == "10.00"


def test_a_blank_cell_is_not_zero() -> None:
    (table,) = tables("codes-as-fragments.txt")
    assert ("机关事业单位基本养老保险缴费支出", "项目支出") not in printed(table)


def test_a_lost_header_row_is_restored_by_arithmetic_alone() -> None:
    table = tables("lowest-header-row-lost.txt")[0]
    cells = printed(table)
    group = "当年财政拨款安排 / 一般公共预算拨款"
    assert cells["丙", f"{group} / 小计"] == "18.00"
    assert cells["丙", f"{group} / 基本支出"] == "11.00"
    assert cells["丙", f"{group} / 项目支出"] == "7.00"
    assert cells["丙", "上年结转安排 / 合计"] == "6.00"
    restored = [
        c for row in table.rows for side in row.sides for c in side.cells if c.amount.token == "11.00"
    ]
    assert restored[0].certainty is Certainty.RECONCILED
    assert restored[0].proof == ("18.00 = 11.00 + 7.00",)


def test_a_row_whose_cells_slipped_is_put_back_where_its_sums_hold() -> None:
    table = tables("lowest-header-row-lost.txt")[0]
    cells = printed(table)
    group = "上年结转安排 / 一般公共预算拨款"
    assert (cells["乙", f"{group} / 基本支出"], cells["乙", f"{group} / 项目支出"]) == ("7.00", "3.00")


def test_without_another_table_to_tell_the_parts_apart_they_stay_ambiguous(tmp_path: Path) -> None:
    text = (DOCUMENTS / "lowest-header-row-lost.txt").read_text(encoding="utf-8").split("部门支出总表")[0]
    path = tmp_path / "alone.txt"
    path.write_text(text, encoding="utf-8")
    (table,) = read_tab_tables(read_document(path), load_lexicon())
    doubtful = [
        c for row in table.rows for side in row.sides for c in side.cells if c.amount.token == "11.00"
    ]
    assert doubtful[0].certainty is Certainty.AMBIGUOUS
    assert len(doubtful[0].candidates) == 3


def test_the_sides_of_a_two_sided_table_are_kept_apart() -> None:
    (table,) = tables("two-sided.txt")
    cells = printed(table)
    assert cells["本年收入合计", "收入 / 预算数"] == "80.00"
    assert cells["本年支出合计", "支出 / 预算数"] == "100.00"
    assert all(len(row.sides) == 2 for row in table.rows)
    positions = {
        c.amount.token: c.amount.nth for row in table.rows[-1:] for side in row.sides for c in side.cells
    }
    assert positions == {"100.00": 2}


def test_a_form_published_empty_is_a_table_without_amounts() -> None:
    (table,) = tables("published-empty.txt")
    assert table.published_empty
    assert table.rows == ()
    assert table.title == "政府性基金预算支出表"


def test_pages_that_repeat_title_and_header_are_one_table(tmp_path: Path) -> None:
    page = (DOCUMENTS / "codes-as-fragments.txt").read_text(encoding="utf-8")
    path = tmp_path / "pages.txt"
    path.write_text(page + "\n" + page.partition("\n\n")[2], encoding="utf-8")
    (table,) = read_tab_tables(read_document(path), load_lexicon())
    assert len(table.rows) == 8
    assert table.other_lines == ((16, 27),)


@pytest.mark.parametrize("name", sorted(p.name for p in DOCUMENTS.glob("*.txt")))
def test_full_width_digits_change_nothing(name: str, tmp_path: Path) -> None:
    text = (DOCUMENTS / name).read_text(encoding="utf-8")
    wide = text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    path = tmp_path / name
    path.write_text(wide, encoding="utf-8")

    def values(found: list[ReadTable]) -> list[object]:
        return [
            (side.codes, side.unit_code, [(c.amount.value, c.column, c.certainty) for c in side.cells])
            for table in found
            for row in table.rows
            for side in row.sides
        ]

    assert values(read_tab_tables(read_document(path), load_lexicon())) == values(tables(name))


@pytest.mark.parametrize("head", ["收入\t支出\n项目\t预算数\t项目\t预算数", "收入\t预算数\t支出\t预算数"])
def test_sides_whose_names_were_merged_over_their_columns_are_told_by_the_halves(
    head: str, tmp_path: Path
) -> None:
    path = tmp_path / "halves.txt"
    path.write_text(
        f"收支总表\n单位：万元\n{head}\n本年收入合计\t80.00\t本年支出合计\t90.00\n", encoding="utf-8"
    )
    (table,) = read_tab_tables(read_document(path), load_lexicon())
    assert printed(table) == {
        ("本年收入合计", "收入 / 预算数"): "80.00",
        ("本年支出合计", "支出 / 预算数"): "90.00",
    }


def test_codes_with_points_and_codes_below_two_headings_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    head = "科目编码\t科目名称\t部门经济科目编码\t\t政府经济科目编码\t\t合计\n\t\t类\t款\t类\t款\t"
    rows = "201.33.02\t一般行政管理事务\t310\t02\t503\t06\t1.00\n208.05\t养老支出\t\t\t\t\t2.00"
    path.write_text(f"支出总表\n单位：万元\n{head}\n{rows}\n", encoding="utf-8")
    (table,) = read_tab_tables(read_document(path), load_lexicon())
    assert [side.codes for row in table.rows for side in row.sides] == [
        ("2013302", "31002", "50306"),
        ("20805",),
    ]
