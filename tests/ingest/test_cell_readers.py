"""What workbooks, Word files and web pages hide, break and put in odd places; and the files that are refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from openpyxl import Workbook  # type: ignore[import-untyped]

from mingzhang.errors import EmptyFile, NotText, Unsupported
from mingzhang.ingest.document import Document
from mingzhang.ingest.pdf_grids import read_region_grids
from mingzhang.ingest.places import places_of
from mingzhang.ingest.readers import has_cells, packages, read_document
from mingzhang.ingest.reading import Overrides, Reading, read_document_text
from mingzhang.ingest.tab_layout import read_tab_tables
from mingzhang.ontology.lexicon import load_lexicon

OWN = Overrides(department="兰州市示例局", division="620100", year=2026, kind="budget")
HEAD = ["科目编码", "科目名称", "合计", "基本支出", "项目支出"]
ROWS = [
    ["", "合计", "300.00", "100.00", "200.00"],
    ["208", "社会保障和就业支出", "100.00", "100.00", ""],
    ["221", "住房保障支出", "200.00", "", "200.00"],
]
TABLE = [["一般公共预算支出表"], ["单位：万元"], HEAD, *ROWS]


def reading(document: Document) -> Reading:
    return read_document_text(document, OWN, load_lexicon())


def book(rows: Sequence[Sequence[str | float | date]], name: str = "表1") -> Workbook:
    made = Workbook()
    made.active.title = name
    for row in rows:
        made.active.append(row)
    return made


def saved(made: Workbook, folder: Path, name: str = "a.xlsx") -> Path:
    path = folder / name
    made.save(path)
    return path


def web(body: str, folder: Path, *, head: str = "<meta charset=utf-8>", encoding: str = "utf-8") -> Path:
    path = folder / "a.html"
    path.write_bytes(f"<html><head>{head}</head><body>{body}</body></html>".encode(encoding))
    return path


def table(rows: Sequence[Sequence[str]]) -> str:
    cells = ["".join(f"<td>{text}</td>" for text in row) for row in rows]
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def tokens(found: Reading) -> list[str]:
    return [figure.amount.token for figure in found.figures]


def edited(path: Path, part: str, old: str, new: str) -> Path:
    """The package with a text in one of its parts replaced."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode())
            target.writestr(name, data)
    return path


# --- workbooks -------------------------------------------------------------------------------------------------


def test_title_and_unit_are_found_in_the_first_rows_wherever_they_stand(tmp_path: Path) -> None:
    rows = [
        ["附件1"],
        ["一般公共预算支出表"],
        ["部门：兰州市示例局", "", "", "", "单位：元"],
        [],
        HEAD,
        *ROWS,
    ]
    (read,) = reading(read_document(saved(book(rows), tmp_path))).tables
    assert (read.title, read.unit, read.owner) == ("一般公共预算支出表", "元", "兰州市示例局")


def test_a_sheet_without_a_title_is_named_by_its_tab(tmp_path: Path) -> None:
    made = book([["单位：万元"], HEAD, *ROWS], "一般公共预算支出表")
    (read,) = reading(read_document(saved(made, tmp_path))).tables
    assert read.title == "一般公共预算支出表"


def test_a_sheet_never_takes_its_title_from_the_one_before(tmp_path: Path) -> None:
    made = book([["政府性基金预算支出表"], ["本表无数据"]])
    other = made.create_sheet("2")
    for row in [["单位：万元"], HEAD, *ROWS]:
        other.append(row)
    assert [read.title for read in reading(read_document(saved(made, tmp_path))).tables] == [""]


def test_tables_one_below_another_on_a_sheet_are_two(tmp_path: Path) -> None:
    rows = [*TABLE, [], ["政府性基金预算支出表"], ["单位：元"], HEAD, *ROWS]
    read = reading(read_document(saved(book(rows), tmp_path))).tables
    assert [(table.title, table.unit, len(table.rows)) for table in read] == [
        ("一般公共预算支出表", "万元", 3),
        ("政府性基金预算支出表", "元", 3),
    ]


@pytest.mark.parametrize("titles", [[], [["（二）上年情况"]], [[], ["二、政府性基金"], []]])
def test_a_second_head_on_a_sheet_begins_a_table_that_the_first_title_is_not_of(
    titles: list[list[str]], tmp_path: Path
) -> None:
    other = ["科目编码", "科目名称", "本年支出", "人员经费", "公用经费"]
    read = reading(read_document(saved(book([*TABLE, *titles, other, *ROWS]), tmp_path))).tables
    assert [(table.title, len(table.rows)) for table in read[:1]] == [("一般公共预算支出表", 3)]
    assert all(table.title != "一般公共预算支出表" for table in read[1:])


def test_a_form_of_targets_is_not_cut_where_words_follow_its_money(tmp_path: Path) -> None:
    rows: list[Sequence[str | float | date]] = [
        ["项目支出绩效目标表"],
        ["项目名称", "医保转移", "", ""],
        ["资金（万元）", "10.00", "10.00", "0.00"],
        ["年度目标", "做好工作", "", ""],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "转移人数", "≥520人"],
    ]
    document = read_document(saved(book(rows), tmp_path))
    assert [region.rows for region in document.regions] == [5]


def test_a_head_that_a_sheet_repeats_for_printing_goes_on_with_the_table(tmp_path: Path) -> None:
    (read,) = reading(read_document(saved(book([*TABLE, HEAD, *ROWS[1:]]), tmp_path))).tables
    assert len(read.rows) == 5


def test_a_table_that_a_converter_cut_into_sheets_is_one(tmp_path: Path) -> None:
    made = book([*TABLE[:2], HEAD, ROWS[0]], "Table 1")
    other = made.create_sheet("Table 2")
    for row in [*TABLE[:2], HEAD, *ROWS[1:]]:
        other.append(row)
    (read,) = reading(read_document(saved(made, tmp_path))).tables
    assert [row.line for row in read.rows] == [5, 10, 11]


def test_numbers_dates_text_numbers_and_full_width_digits_are_read_as_shown(tmp_path: Path) -> None:
    made = book([["一般公共预算支出表"], ["单位：万元"], HEAD, ["208", "社会保障和就业支出"]])
    sheet = made.active
    for column, (value, shown) in enumerate(
        [(1234.5, "#,##0.00"), ("１００．５０", "@"), ("1,134.00", "@")], 3
    ):
        sheet.cell(4, column, value).number_format = shown
    sheet["A6"] = date(2026, 2, 3)
    sheet["A6"].number_format = 'yyyy"年"m"月"d"日"'
    document = read_document(saved(made, tmp_path))
    assert tokens(reading(document)) == ["1,234.50", "１００．５０", "1,134.00"]
    assert "2026年2月3日" in "".join(document.lines)


def test_a_formula_counts_by_the_value_it_was_saved_with(tmp_path: Path) -> None:
    made = book(TABLE)
    made.active["C4"] = "=D4+E4"
    path = edited(
        saved(made, tmp_path), "xl/worksheets/sheet1.xml", "<f>D4+E4</f><v></v>", "<f>D4+E4</f><v>300</v>"
    )
    document = read_document(path)
    assert "300" in tokens(reading(document))
    assert document.notes == ()


@pytest.mark.parametrize("keeps_element", [True, False])
def test_a_formula_without_a_value_is_unread_and_accuses_nobody(keeps_element: bool, tmp_path: Path) -> None:
    made = book(TABLE)
    made.active["C4"] = "=D4+E4"
    path = saved(made, tmp_path)
    if not keeps_element:
        edited(path, "xl/worksheets/sheet1.xml", "<f>D4+E4</f><v></v>", "<f>D4+E4</f>")
    document = read_document(path)
    found = reading(document)
    assert "300.00" not in tokens(found)
    assert found.relations == ()
    assert "1 formulas without a value (C4) were not read" in document.notes[0]


def test_a_formula_that_gave_nothing_is_blank(tmp_path: Path) -> None:
    made = book(TABLE)
    made.active["E5"] = '=IF(A5="","",A5)'
    sheet = "xl/worksheets/sheet1.xml"
    path = edited(saved(made, tmp_path), sheet, '<c r="E5">', '<c r="E5" t="str">')
    document = read_document(path)
    assert document.notes == ()
    assert len(tokens(reading(document))) == 7


def test_hidden_rows_columns_and_sheets_are_not_read_and_said_to_be(tmp_path: Path) -> None:
    made = book([*TABLE[:3], ["", "合计", "9,999.99", "", ""], *ROWS])
    made.active.row_dimensions[4].hidden = True
    made.active.column_dimensions["E"].hidden = True
    draft = made.create_sheet("草稿")
    draft.append([1, 2, 3])
    draft.sheet_state = "hidden"
    document = read_document(saved(made, tmp_path))
    found = reading(document)
    assert tokens(found) == ["300.00", "100.00", "100.00", "100.00", "200.00"]
    assert found.relations == ()
    assert [note.partition(" S")[0] for note in document.notes] == [
        "工作表“表1”有隐藏的行或列，其中 3 个数未读。",
        "工作表“草稿”已隐藏，其中 3 个数未读。",
    ]


def test_sheets_with_nothing_on_them_do_no_harm(tmp_path: Path) -> None:
    made = book(TABLE)
    made.create_sheet("Sheet2")
    made.create_sheet("Sheet3")["C3"].number_format = "0.00"
    assert len(reading(read_document(saved(made, tmp_path, "a.xlsm"))).figures) == 7


def test_headings_set_in_the_middle_of_their_columns_are_not_guessed(tmp_path: Path) -> None:
    rows = [
        ["一般公共预算支出表"],
        ["单位：万元"],
        ["科目编码", "科目名称", "", "2025年预算数", "", "", "2026年预算数", ""],
        ["", "", "合计", "基本支出", "项目支出", "合计", "基本支出", "项目支出"],
        ["208", "社会保障和就业支出", "3.00", "1.00", "2.00", "7.00", "3.00", "4.00"],
    ]
    assert read_tab_tables(read_document(saved(book(rows), tmp_path)), load_lexicon()) == []


def test_a_negative_number_in_brackets_is_no_positive_one(tmp_path: Path) -> None:
    made = book(TABLE)
    made.active["D5"] = -100.0
    made.active["D5"].number_format = "#,##0.00_);(#,##0.00)"
    found = reading(read_document(saved(made, tmp_path)))
    assert len(found.figures) == 6
    assert found.relations == ()


# --- Word --------------------------------------------------------------------------------------------------------


def word(rows: Sequence[Sequence[str]]) -> docx.document.Document:
    made = docx.Document()
    added = made.add_table(len(rows), max(map(len, rows)))
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            added.cell(row, column).text = text
    return made


def test_a_word_table_may_hold_its_own_title_and_unit(tmp_path: Path) -> None:
    made = word(TABLE)
    made.tables[0].cell(0, 0).merge(made.tables[0].cell(0, 4))
    made.save(str(tmp_path / "a.docx"))
    (read,) = reading(read_document(tmp_path / "a.docx")).tables
    assert (read.title, read.unit, len(read.rows)) == ("一般公共预算支出表", "万元", 3)


def test_raised_struck_and_deleted_text_makes_no_other_number(tmp_path: Path) -> None:
    made = word(TABLE)
    cells = made.tables[0].rows[3].cells
    cells[2].paragraphs[0].add_run("1").font.superscript = True
    cells[3].paragraphs[0].add_run("5").font.strike = True
    gone = OxmlElement("w:del")
    run = cells[4].paragraphs[0].add_run("9")._r
    gone.append(run)
    cells[4].paragraphs[0]._p.append(gone)
    made.save(str(tmp_path / "a.docx"))
    document = read_document(tmp_path / "a.docx")
    assert "\t合计\t300.00 1\t100.00 5\t200.00" in document.lines
    found = reading(document)
    assert set(tokens(found)) == {"100.00", "200.00"}
    assert found.relations == ()


def test_a_word_row_that_does_not_fill_its_grid_has_no_columns(tmp_path: Path) -> None:
    made = word(TABLE)
    row = made.tables[0].rows[4]._tr
    row.remove(row.tc_lst[1])
    made.save(str(tmp_path / "a.docx"))
    found = reading(read_document(tmp_path / "a.docx"))
    assert tokens(found) == ["300.00", "100.00", "200.00", "200.00", "200.00"]
    assert [token for _, token in found.ledger.unread] == ["208", "100.00", "100.00"]


def test_inserted_text_content_controls_and_footnotes_are_text(tmp_path: Path) -> None:
    made = docx.Document()
    paragraph = made.add_paragraph("一般公共预算")
    inserted = OxmlElement("w:ins")
    inserted.append(paragraph.add_run("支出表")._r)
    paragraph._p.append(inserted)
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    control.append(content)
    second = made.add_paragraph("单位：万元")
    second._p.addprevious(control)
    content.append(second._p)
    made.save(str(tmp_path / "a.docx"))
    document = read_document(tmp_path / "a.docx")
    assert document.lines == ("一般公共预算支出表", "单位：万元")
    assert places_of(document).fragment(2) == "paragraph=2"


def test_a_word_file_with_macros_is_read_and_its_macros_are_not_run(tmp_path: Path) -> None:
    path = tmp_path / "a.docm"
    word(TABLE).save(str(path))
    plain, macros = "wordprocessingml.document.main", "ms-word.document.macroEnabled.main"
    kind = f"vnd.openxmlformats-officedocument.{plain}"
    edited(path, "[Content_Types].xml", kind, f"vnd.{macros}")
    assert len(reading(read_document(path)).figures) == 7


def test_footnotes_follow_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    made = docx.Document()
    made.add_paragraph("正文")
    made.save(str(path))
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    notes = f'<w:footnotes {names}><w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>—</w:t></w:r></w:p></w:footnote>'
    notes += (
        '<w:footnote w:id="2"><w:p><w:r><w:t>含结转3.00万元。</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("word/footnotes.xml", notes)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    link = f'<Relationship Id="rId99" Type="{office}/footnotes" Target="footnotes.xml"/></Relationships>'
    edited(path, "word/_rels/document.xml.rels", "</Relationships>", link)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'
    edited(path, "[Content_Types].xml", "</Types>", part)
    document = read_document(path)
    assert document.lines == ("正文", "含结转3.00万元。")
    assert places_of(document).fragment(2) == "footnote=2"


def test_hidden_text_of_a_word_file_is_not_read(tmp_path: Path) -> None:
    made = docx.Document()
    paragraph = made.add_paragraph("可见")
    paragraph.add_run("不可见").font.hidden = True
    switched = paragraph.add_run("仍可见")
    switched.font.hidden = True
    switched._r.get_or_add_rPr().find(qn("w:vanish")).set(qn("w:val"), "0")
    made.save(str(tmp_path / "a.docx"))
    assert read_document(tmp_path / "a.docx").lines == ("可见仍可见",)


def test_a_table_with_another_caption_is_not_the_next_page_of_the_one_before(tmp_path: Path) -> None:
    body = "<p>一般公共预算支出表</p><p>单位：万元</p>" + table([HEAD, *ROWS])
    body += "<p>（二）上年执行情况如下，单位：万元</p>" + table([HEAD, *ROWS])
    read = reading(read_document(web(body, tmp_path))).tables
    assert [(table.title, len(table.rows)) for table in read] == [("一般公共预算支出表", 3), ("", 3)]


# --- web pages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="utf-8">', "utf-8"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', "gb18030"),
        ("<meta charset=GBK>", "gb18030"),
        ("", "gb18030"),
        ("<meta charset=utf-8>", "gb18030"),
        ("", "utf-16"),
        ("<meta charset=nonsense>", "utf-8"),
        ("<meta charset=windows-1252>", "gb18030"),
        ("<meta charset=utf-16>", "utf-8"),
    ],
)
def test_a_page_is_read_in_the_encoding_it_is_in(head: str, encoding: str, tmp_path: Path) -> None:
    document = read_document(web("<p>一般公共预算支出表，镕</p>", tmp_path, head=head, encoding=encoding))
    assert document.lines == ("一般公共预算支出表，镕",)


def test_tables_that_arrange_a_page_are_no_data(tmp_path: Path) -> None:
    inner = table([HEAD, *ROWS])
    body = f"<table><tr><td>栏目<br>1.00</td><td><p>一般公共预算支出表</p><p>单位：万元</p>{inner}</td></tr></table>"
    document = read_document(web(body, tmp_path))
    assert len(document.regions) == 1
    (read,) = reading(document).tables
    assert read.title == "一般公共预算支出表"
    assert places_of(document).fragment(document.regions[0].first_line) == "table=2&cell=1,1"


def test_spans_end_with_their_section_and_make_room(tmp_path: Path) -> None:
    body = (
        "<p>一般公共预算支出表</p><p>单位：万元</p><table><thead>"
        "<tr><th rowspan=9>科目编码</th><th rowspan=2>科目名称</th><th colspan=2>2026年预算数</th></tr>"
        "<tr><th>基本支出</th><th>项目支出</th></tr></thead>"
        "<tbody><tr><td>208</td><td>社会保障和就业支出</td><td>1.00</td><td>2.00</td></tr></tbody></table>"
    )
    (read,) = reading(read_document(web(body, tmp_path))).tables
    assert [column.path for column in read.columns] == [
        ("2026年预算数", "基本支出"),
        ("2026年预算数", "项目支出"),
    ]
    assert [cell.column for cell in read.rows[0].sides[0].cells] == [0, 1]


def test_scripts_styles_and_what_is_not_displayed_are_left_out(tmp_path: Path) -> None:
    body = (
        "<script>var a = 1.00;</script><style>p {margin: 2.00px}</style><p style='display:none'>3.00</p>"
        "<nav>4.00</nav><!-- 5.00 --><p>正文<script>6.00</script>继续</p><div hidden>7.00</div>"
    )
    assert read_document(web(body, tmp_path)).lines == ("正文继续",)


def test_what_stands_below_or_raised_in_a_cell_makes_no_other_number(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ["208", "社会保障和就业支出", "1.00<br>2.00", "3.00<sup>4</sup>", "5<span>.00</span>"],
        *ROWS[2:],
    ]
    document = read_document(web("<p>一般公共预算支出表</p><p>单位：万元</p>" + table(rows), tmp_path))
    assert "208\t社会保障和就业支出\t1.00 2.00\t3.00 4\t5.00" in document.lines
    found = reading(document)
    assert {"1.00", "2.00", "3.00", "4"}.isdisjoint(tokens(found))
    assert found.relations == ()


def test_noise_of_editors_does_not_break_words(tmp_path: Path) -> None:
    body = (
        "<p class=MsoNormal><b><span lang=EN-US>2026</span></b><span>年部门\n预算<o:p></o:p></span></p>"
        "<![if !supportEmptyParas]>&nbsp;<![endif]><p>单位：<span>万&nbsp;</span>元</p>"
    )
    assert read_document(web(body, tmp_path)).lines == ("2026年部门 预算", "单位：万 元")


def test_a_place_is_the_id_of_an_element_or_its_path(tmp_path: Path) -> None:
    document = read_document(web("<div id='正文'>一</div><div><p>二</p><p>三</p></div>", tmp_path))
    assert [places_of(document).fragment(line) for line in (1, 2, 3)] == [
        "%E6%AD%A3%E6%96%87",
        "xpath=/html/body/div%5B2%5D/p%5B1%5D",
        "xpath=/html/body/div%5B2%5D/p%5B2%5D",
    ]


def test_a_page_of_tags_that_nobody_closed_is_read_to_its_end(tmp_path: Path) -> None:
    document = read_document(web("<font><span>" * 900 + "<p>尾</p>", tmp_path))
    assert document.lines == ("尾",)


def test_a_page_that_is_too_deep_is_refused_and_not_cut(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="too deep"):
        read_document(web("<p>首</p>" + "<font><span>" * 3000 + "<p>尾</p>", tmp_path))


def test_an_entity_that_names_a_file_brings_nothing_in(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("机密", encoding="utf-8")
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]><html><body><p>前&x;后</p></body></html>'
    path = tmp_path / "a.html"
    path.write_text(page, encoding="utf-8")
    assert "机密" not in "".join(read_document(path).lines)


# --- other names, and files that are refused ---------------------------------------------------------------------


def test_a_new_workbook_and_a_page_under_old_names_are_read_by_what_they_are(tmp_path: Path) -> None:
    new = saved(book(TABLE), tmp_path)
    page = web("<p>一般公共预算支出表</p><p>单位：万元</p>" + table([HEAD, *ROWS]), tmp_path)
    for path, name in ((new, "b.xls"), (page, "c.xls"), (page, "d.doc")):
        other = (
            path.rename(tmp_path / name) if path.exists() else (tmp_path / "c.xls").rename(tmp_path / name)
        )
        assert len(reading(read_document(other)).figures) == 7


def test_text_with_tabs_under_the_name_of_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    lines = ["一般公共预算支出表", "单位：万元", *("\t".join(row) for row in [HEAD, *ROWS])]
    path.write_bytes("\n".join(lines).encode("gb18030"))
    document = read_document(path)
    assert len(reading(document).figures) == 7
    assert places_of(document).fragment(3) == "line=3"


def test_a_page_kept_as_a_mail_is_read_under_any_name(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail.set_content("no page")
    page = "<p>一般公共预算支出表</p><p>单位：万元</p>" + table([HEAD, *ROWS])
    mail.add_alternative(f"<meta charset=gbk>{page}", subtype="html", charset="gb18030")
    mail.replace_header("Content-Type", mail["Content-Type"].replace("alternative", "related"))
    path = tmp_path / "a.doc"
    path.write_bytes(mail.as_bytes())
    assert len(reading(read_document(path)).figures) == 7


def ole(name: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + name.encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.xls", ole("Workbook"), "an old workbook (.xls); open it in Excel"),
        (
            "a.doc",
            ole("WordDocument"),
            "an old Word document (.doc); open it in Excel, Word, WPS or LibreOffice and save it as .docx",
        ),
        ("a.xlsx", ole("EncryptedPackage"), "protected by a password; save a copy without a password"),
        ("a.doc", b"{\\rtf1 x}", "a text in RTF; open it in"),
        ("a.docx", b"%PDF-1.7", "it is damaged or no PDF"),
        ("a.xlsx", b"PK\x03\x04 torn", "it is damaged"),
        ("a.xls", b"\x00\x01\x02\x03" * 40, "it is damaged"),
        ("a.html", b"", "the file is empty"),
        ("a.ppt", b"x", "files of type .ppt are not read"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(
    name: str, data: bytes, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises((Unsupported, EmptyFile)) as refused:
        read_document(path)
    assert reason in str(refused.value)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a"])
def test_a_page_under_the_name_of_a_pdf_or_a_text_is_read_as_the_page_it_is(
    name: str, tmp_path: Path
) -> None:
    rows = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in TABLE)
    page = web(f"<table>{rows}</table>", tmp_path).rename(tmp_path / name)
    assert has_cells(page)
    assert len(reading(read_document(page)).figures) == 7


def test_a_workbook_under_the_name_of_a_pdf_is_read_as_the_workbook_it_is(tmp_path: Path) -> None:
    assert (
        len(reading(read_document(saved(book(TABLE), tmp_path, "a.xlsx").rename(tmp_path / "a.pdf"))).figures)
        == 7
    )


def test_one_stray_cell_at_the_end_of_a_sheet_costs_nothing(tmp_path: Path) -> None:
    made = book(TABLE)
    made.active["XFD1048576"] = "."
    assert len(reading(read_document(saved(made, tmp_path))).figures) == 7


@pytest.mark.parametrize(("value", "shown"), [("1E+999", "#NUM!"), ("1E+300", "1" + "0" * 300 + ".00")])
def test_a_number_beyond_all_money_is_no_amount(value: str, shown: str, tmp_path: Path) -> None:
    rows: list[Sequence[str | float | date]] = [*TABLE[:3], ["", "合计", 300.25, 100.0, 200.25], *ROWS[1:]]
    path = saved(book(rows), tmp_path)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data.replace(b"<v>300.25</v>", f"<v>{value}</v>".encode()))
    document = read_document(path)
    assert any(line.split("\t")[2:3] == [shown.partition(".")[0]] for line in document.lines)
    assert len(reading(document).figures) == 6


def test_whose_table_it_is_may_stand_beside_the_unit_in_any_words(tmp_path: Path) -> None:
    rows = [["2026年部门收支预算总表"], ["341-示例局", "", "", "", "单位：万元"], HEAD, *ROWS]
    (table,) = read_tab_tables(read_document(saved(book(rows), tmp_path)), load_lexicon())
    assert (table.title, table.unit) == ("2026年部门收支预算总表", "万元")


def test_a_head_below_a_blank_row_begins_another_table(tmp_path: Path) -> None:
    """Targets (指标) further down do not make one form of two tables."""
    other = [
        ["单位名称", "项目名称", "金额", "项目总体绩效指标"],
        ["示例中心", "示例项目", "12.50", "如期完成"],
    ]
    document = read_document(saved(book([*TABLE, [], *other]), tmp_path))
    assert [region.rows for region in document.regions] == [4, 2]


def test_a_heading_over_all_columns_is_part_of_the_head(tmp_path: Path) -> None:
    made = book(
        [
            ["“三公”经费支出表"],
            ["", "", "单位：万元"],
            ["2026年预算数"],
            ["合计", "公务接待费", "因公出国（境）费"],
        ]
    )
    made.active.append(["3.50", "1.50", "2.00"])
    made.active.merge_cells("A3:C3")
    (table,) = read_tab_tables(read_document(saved(made, tmp_path)), load_lexicon())
    assert (table.title, table.unit, len(table.columns)) == ("“三公”经费支出表", "万元", 3)


def test_a_heading_that_reaches_down_covers_those_two_rows_below_it(tmp_path: Path) -> None:
    made = book([["支出表"], ["单位：万元"], ["单位", "总计", "", "其中", ""], ["", "", "", "小计", ""]])
    for row in (["", "甲款", "乙款", "甲款", "乙款"], ["示例局", "3.00", "4.00", "1.00", "2.00"]):
        made.active.append(row)
    for merged in ("A3:A5", "B3:C4", "D3:E3", "D4:E4"):
        made.active.merge_cells(merged)
    (region,) = read_document(saved(made, tmp_path)).regions
    assert region.head == "drawn"


@pytest.mark.parametrize("between", ["", "<p>— 12 —</p>"])
@pytest.mark.parametrize("repeated", [True, False])
def test_a_table_that_was_cut_into_pages_goes_on_below_a_page_number(
    between: str, repeated: bool, tmp_path: Path
) -> None:
    def made(rows: Sequence[Sequence[str]]) -> str:
        cells = ("".join(f"<td>{text}</td>" for text in row) for row in rows)
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"

    more = [["210", "卫生健康支出", "7.00", "3.00", "4.00"], ["229", "其他支出", "5.00", "2.00", "3.00"]]
    page = made([*TABLE]) + between + made([HEAD, *more] if repeated else more)
    (table,) = read_tab_tables(read_document(web(page, tmp_path)), load_lexicon())
    assert [row.sides[0].codes for row in table.rows] == [(), ("208",), ("221",), ("210",), ("229",)]


def test_numbers_of_columns_may_have_full_width_digits(tmp_path: Path) -> None:
    rows = [*TABLE[:3], ["栏次", "", "１", "２", "３"], *ROWS]
    (table,) = read_tab_tables(read_document(saved(book(rows), tmp_path)), load_lexicon())
    assert [column.path for column in table.columns] == [("合计",), ("基本支出",), ("项目支出",)]


def test_a_damaged_part_of_a_workbook_is_reported(tmp_path: Path) -> None:
    path = edited(saved(book(TABLE), tmp_path), "xl/workbook.xml", "<sheets>", "<sheets")
    with pytest.raises(Unsupported, match="damaged"):
        read_document(path)


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(book(TABLE), tmp_path)
    monkeypatch.setattr(packages, "MOST_BYTES", 1000)
    with pytest.raises(Unsupported, match="unpacks to more than"):
        read_document(path)


def test_a_package_with_a_document_type_is_refused(tmp_path: Path) -> None:
    path = saved(book(TABLE), tmp_path)
    edited(path, "xl/workbook.xml", "<workbook", '<!DOCTYPE x [<!ENTITY y "z">]><workbook')
    with pytest.raises(Unsupported, match="declares a document type"):
        read_document(path)


def test_a_merged_range_that_no_sheet_needs_is_refused(tmp_path: Path) -> None:
    made = book(TABLE)
    made.active.merge_cells("A9:C10")
    path = edited(saved(made, tmp_path), "xl/worksheets/sheet1.xml", "A9:C10", "A9:XFD1048576")
    with pytest.raises(Unsupported, match="merges 17,"):
        read_document(path)


def test_a_page_in_no_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(b"<html><p>" + bytes(range(128, 256)) * 4)
    with pytest.raises(NotText):
        read_document(path)


def test_an_index_row_and_a_note_below_are_no_data(tmp_path: Path) -> None:
    rows: list[Sequence[str | float | date]] = [
        *TABLE[:3],
        ["栏次", "", 1, 2, 3],
        *ROWS,
        ["注：本表反映2026年预算，共3行。"],
    ]
    (grid,) = read_region_grids(read_document(saved(book(rows), tmp_path)), load_lexicon())
    assert len(grid.body) == 3
