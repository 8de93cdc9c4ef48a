"""The result of a stored query as people read it: columns in words, names in place of IRIs, each amount a link to its fact.

CSV, JSON and the other formats keep the columns as the query has them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mingzhang.sparql.chart import Cell, Table

Words = tuple[str, str]
"""Chinese, English."""

WORDS: dict[str, Words] = {
    "amountYuan": ("金额（元）", "Amount (yuan)"),
    "ambiguous": ("列未定", "Ambiguous"),
    "beforeYuan": ("上年（元）", "Year before (yuan)"),
    "candidates": ("可能的列", "Possible columns"),
    "carriedOverYuan": ("上年结转（元）", "Carried over (yuan)"),
    "changeYuan": ("增减（元）", "Change (yuan)"),
    "class": ("类", "Class"),
    "className": ("类", "Class"),
    "code": ("编码", "Code"),
    "columnPath": ("列", "Column"),
    "department": ("部门", "Department"),
    "departmentName": ("部门", "Department"),
    "difference": ("相差", "Difference"),
    "disclosure": ("公开文件", "Disclosure"),
    "fact": ("事实", "Fact"),
    "facts": ("事实", "Facts"),
    "figure": ("印出的数", "Figure"),
    "figures": ("印出的数", "Figures"),
    "finding": ("发现", "Finding"),
    "findings": ("不合之处", "Findings"),
    "firstLine": ("起始行", "First line"),
    "flow": ("收支", "Flow"),
    "indicator": ("指标", "Indicator"),
    "indicators": ("指标", "Indicators"),
    "item": ("项目", "Item"),
    "itemName": ("科目", "Item"),
    "kind": ("种类", "Kind"),
    "kindName": ("种类", "Kind"),
    "label": ("名称", "Name"),
    "level1": ("一级指标", "Level 1"),
    "level2": ("二级指标", "Level 2"),
    "level3": ("三级指标", "Level 3"),
    "measureUnit": ("计量单位", "Unit"),
    "messageEn": ("说明", "Message"),
    "messageZh": ("说明", "Message"),
    "notSaidYuan": ("未说明（元）", "Not said (yuan)"),
    "operator": ("比较", "Comparison"),
    "phase": ("阶段", "Phase"),
    "place": ("位置", "Where"),
    "printed": ("印证", "Printed"),
    "printedUnit": ("单位", "Unit"),
    "project": ("项目", "Project"),
    "projectName": ("项目", "Project"),
    "proof": ("依据", "Equation"),
    "reconciled": ("核验", "Reconciled"),
    "revenueYuan": ("收入（元）", "Revenue (yuan)"),
    "rowLabel": ("行", "Row"),
    "rule": ("规则", "Rule"),
    "scope": ("范围", "Scope"),
    "severity": ("轻重", "Severity"),
    "sharePercent": ("占比（%）", "Share (%)"),
    "source": ("资金来源", "Fund source"),
    "sourceName": ("资金来源", "Fund source"),
    "table": ("表", "Table"),
    "tableTitle": ("表", "Table"),
    "targetValue": ("目标值", "Target"),
    "title": ("公开文件", "Disclosure"),
    "token": ("印出的数", "As printed"),
    "totalYuan": ("合计（元）", "Total (yuan)"),
    "unit": ("预算单位", "Budget unit"),
    "unitName": ("预算单位", "Budget unit"),
    "unread": ("未读", "Not read"),
    "weight": ("权重", "Weight"),
    "withNumber": ("量化的", "With a number"),
    "year": ("年度", "Year"),
}
"""Column of a stored query → its name."""

_TOLD_BY = {
    "disclosure": "title",
    "fact": "amountYuan",
    "figure": "token",
    "table": "tableTitle",
    "finding": "messageZh",
    "indicator": "level3",
}
"""A thing → the column that tells of it, where that is not its name with `Name` behind it."""
_IN_ENGLISH = {"messageZh": "messageEn"}
_LINE = re.compile(r"#line=([0-9]+)\Z")
_PAGE = re.compile(r"#page=([0-9]+)")
_MOST_NAMED = 500
"""Things whose names are looked up for one page."""


def words_of(column: str) -> Words:
    """What a column is called; its own name where it has no other."""
    return WORDS.get(column, (column, column))


def things_in(answer: bytes, base_uri: str) -> tuple[str, ...]:
    """The IRIs of a JSON result that are names of this site's things, each once, as many as a page looks names up for."""
    start = f"{base_uri}id/"
    found: dict[str, None] = {}
    for row in json.loads(answer).get("results", {}).get("bindings", ()):
        for value in row.values():
            if value["type"] == "uri" and value["value"].startswith(start):
                found[value["value"]] = None
    return tuple(found)[:_MOST_NAMED]


def names_query(things: Iterable[str]) -> str:
    """The query for the names of things in every language. They are IRIs of an answer, so they can stand in a query."""
    listed = " ".join(f"<{iri}>" for iri in things)
    return (
        "SELECT ?thing ?name WHERE { VALUES ?thing { " + listed + " } "
        "?thing <http://www.w3.org/2004/02/skos/core#prefLabel>|<http://www.w3.org/2000/01/rdf-schema#label>"
        "|<http://purl.org/dc/terms/title> ?name }"
    )


def names_of(answer: bytes) -> dict[str, Words]:
    """IRI → name in Chinese and English (the same where there is but one), from the answer to `names_query` as JSON."""
    found: dict[str, dict[str, str]] = {}
    for row in json.loads(answer)["results"]["bindings"]:
        language = row["name"].get("xml:lang", "").partition("-")[0]
        found.setdefault(row["thing"]["value"], {}).setdefault(language, row["name"]["value"])
    named = {}
    for iri, by_language in found.items():
        zh = by_language.get("zh") or next(iter(by_language.values()))
        named[iri] = (zh, by_language.get("en") or zh)
    return named


def readable(table: Table, names: Mapping[str, Words]) -> Table:
    """The table with names for the things in it (`names`: link → name), each beside the column that tells of it."""
    rows = [tuple(_named(cell, names) for cell in row) for row in table.rows]
    columns = list(table.columns)
    for thing in table.columns:
        told = f"{thing}Name" if f"{thing}Name" in columns else _TOLD_BY.get(thing, "")
        if told in columns:
            rows = [_joined(row, columns.index(thing), columns.index(told)) for row in rows]
            columns.remove(thing)
    for chinese, english in _IN_ENGLISH.items():
        if chinese in columns and english in columns:
            rows = [_translated(row, columns.index(chinese), columns.index(english)) for row in rows]
            columns.remove(english)
    return Table(tuple(columns), tuple(rows))


def _named(cell: Cell, names: Mapping[str, Words]) -> Cell:
    """A thing by its name, a place in its source in words; anything else as it is."""
    if cell.link in names:
        zh, en = names[cell.link]
        return replace(cell, text=zh, en=en if en != zh else "", named=True)
    for pattern, zh, en in ((_LINE, "第 {} 行", "line {}"), (_PAGE, "第 {} 页", "page {}")):
        found = pattern.search(cell.link)
        if found:
            return replace(cell, text=zh.format(found[1]), en=en.format(found[1]), named=True)
    return cell


def _joined(row: tuple[Cell, ...], thing: int, told: int) -> tuple[Cell, ...]:
    """The row without the thing: what tells of it leads to it, in the other language too where it is its very name."""
    one, other = row[thing], row[told]
    english = one.en if one.named and one.text == other.text else other.en
    joined = replace(other, link=other.link or one.link, en=english, named=True) if other.text else one
    return tuple(joined if at == told else cell for at, cell in enumerate(row) if at != thing)


def _translated(row: tuple[Cell, ...], chinese: int, english: int) -> tuple[Cell, ...]:
    told = replace(row[chinese], en=row[english].text)
    return tuple(told if at == chinese else cell for at, cell in enumerate(row) if at != english)
