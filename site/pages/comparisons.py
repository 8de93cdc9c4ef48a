"""Departments and years beside one another: totals and kinds of spending, compositions, three-public items.

Every amount of a row is of one disclosure: what another document says of the same year is another row. A row is of a
year and a phase; the year that a disclosure is about and the year it prints for comparison are told apart.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mingzhang.site.book import Book, is_all
from mingzhang.site.charts import Bar, bar_chart
from mingzhang.site.links import Link, href
from mingzhang.site.money import most_decimals, share, wan
from mingzhang.site.namespaces import MZ, QB, SKOS
from mingzhang.site.pages.frame import Frame, plain_frame
from mingzhang.site.pages.money import roll_up, stated_parts
from mingzhang.site.stacked_chart import Part, Stack, stacked_chart
from mingzhang.site.words import Words

_CHARTED = 40
"""Bars one can still look at; the table has the rest."""


@dataclass(frozen=True)
class Cell:
    """An amount, and the fact that states it where one fact does."""

    amount_wan: str
    href: str
    amount_yuan: Decimal


@dataclass(frozen=True)
class ComparisonRow:
    department: Link
    year: str
    phase: Link
    source: Link | None
    """The fund source that the amounts are limited to; None where they are not."""
    disclosure: Link
    disclosure_iri: str
    cells: tuple[Cell | None, ...]
    """One for each column; None where the disclosure does not say."""
    change: str
    """Of the first column against the year before, with its sign and a percent sign; "" where that is not known."""


@dataclass(frozen=True)
class Comparison:
    """Departments and years as rows, what they spend on as columns."""

    key: str
    title: Words
    note: Words
    columns: tuple[Link, ...]
    decimals: tuple[int, ...]
    """The most digits behind the point in each column."""
    rows: tuple[ComparisonRow, ...]
    chart: str
    with_source: bool
    with_change: bool
    csv: str
    """The same as a file: its address."""
    query: str
    """The stored query that asks the same of the endpoint."""


@dataclass(frozen=True)
class ComparisonPage:
    """One way of comparing."""

    frame: Frame
    part: Comparison
    others: tuple[Link, ...]
    """Every way of comparing, this one included."""


_Row = tuple[str, str, str, str]
"""Disclosure, year, phase, fund source (the neutral one where the amounts are not limited to any)."""
_ZH_EN: dict[str, tuple[Words, Words]] = {
    "index": (
        ("收支总计与支出性质", "Totals and kinds of spending"),
        (
            "各部门各年度的收支总计，以及其中的基本支出、人员经费、公用经费、项目支出等。",
            "Revenue and expenditure of each department and year, and how much of it is staff, running costs and projects.",
        ),
    ),
    "functional": (
        ("支出按功能分类", "Expenditure by functional class"),
        ("每个部门的钱花在哪些领域（类）。", "What fields each department spends its money on."),
    ),
    "dept-economic": (
        ("支出按经济分类", "Expenditure by economic class"),
        (
            "工资福利、商品和服务、对个人和家庭的补助等（部门预算支出经济分类）；许多部门只公布基本支出的这一分类。",
            "Staff costs, goods and services, transfers to persons and others; many departments print this for basic expenditure only.",
        ),
    ),
    "fund-source": (
        ("收入按来源", "Revenue by source"),
        ("每个部门的钱从哪里来。", "Where each department's money comes from."),
    ),
    "three-public": (
        ("“三公”经费", "Three public expenses"),
        (
            "因公出国（境）、公务用车、公务接待：各部门各年度的预算与决算。",
            "Travel abroad, official vehicles and official hospitality, by department and year.",
        ),
    ),
}
_QUERIES = {
    "index": "department-totals",
    "functional": "spending-by-functional-class",
    "dept-economic": "spending-by-economic-class",
    "fund-source": "revenue-by-fund-source",
    "three-public": "three-public",
}


def comparison_pages(book: Book) -> list[ComparisonPage]:
    """Every way of comparing that this release has anything for; the overview is always among them."""
    parts = [
        _totals(book),
        _composition(book, "functional", "functionalClass", "expenditure"),
        _composition(book, "dept-economic", "departmentEconomicClass", "expenditure"),
        _composition(book, "fund-source", "fundSource", "revenue"),
        _three_public(book),
    ]
    kept = [part for part in parts if part.rows or part.key == "index"]
    others = tuple(Link(address(part.key), *part.title) for part in kept)
    return [_page(book, part, others) for part in kept]


def address(key: str) -> str:
    """Where a comparison is."""
    return "/compare/" if key == "index" else f"/compare/{key}.html"


def _page(book: Book, part: Comparison, others: tuple[Link, ...]) -> ComparisonPage:
    _, about = _ZH_EN[part.key]
    title = (f"比较：{part.title[0]}", f"Compare: {part.title[1]}")
    crumbs = () if part.key == "index" else (Link("/compare/", "比较", "Compare"),)
    return ComparisonPage(plain_frame(book, address(part.key), title, about, crumbs=crumbs), part, others)


def _totals(book: Book) -> Comparison:
    """Revenue and expenditure, and the kinds of expenditure, as far as facts say them of the whole department."""
    cells: dict[_Row, dict[str, str]] = {}
    kinds: set[str] = set()
    for fact in _of_whole_departments(book, {"expenditureKind"}):
        kind = book.graph.text(fact, MZ + "expenditureKind")
        flow = book.graph.text(fact, MZ + "flow")
        if not book.broken_down(fact):
            column = flow
        elif book.flow(fact) == "expenditure":
            column = kind
            kinds.add(kind)
        else:
            continue
        _put(book, cells, _row_of(book, fact), column, fact)
    flows = sorted({column for row in cells.values() for column in row} - kinds)
    columns = [*flows, *_in_tree_order(book, kinds)]
    rows = _rows(book, cells, columns)
    bars = [
        Bar(_name(row)[0], cell.amount_yuan, label_en=_name(row)[1])
        for row in rows
        for cell in row.cells[:1]
        if cell is not None
    ][:_CHARTED]
    spoken = "；".join(f"{bar.label} {wan(bar.amount_yuan)} 万元" for bar in bars)
    first = book.link(columns[0]) if columns else Link("", "")
    drawing = bar_chart(bars, f"{first.zh} {first.en}", spoken, "totals") if len(bars) > 1 else ""
    note = (
        f"图为{first.zh}。没有印出或不能确定的数留空。",
        f"The chart shows {first.en.lower()}. What is not printed, or not certain, is left blank.",
    )
    return _comparison(book, "index", note, columns, rows, drawing)


def _composition(book: Book, scheme: str, dimension: str, flow: str) -> Comparison:
    """The parts of each disclosure's own year, from facts that count money once."""
    sums: dict[str, dict[str, Decimal]] = {}
    stated: dict[str, dict[str, str]] = {}
    to_top = scheme != "fund-source"
    for entry in book.manifest.disclosures:
        facts = [fact for fact in book.leaves(entry.iri, scheme) if book.flow(fact) == flow]
        if facts:
            sums[entry.iri] = roll_up(book, facts, dimension, to_top)
            stated[entry.iri] = stated_parts(book, entry.iri, dimension, flow, facts, to_top)
    used = {concept for parts in sums.values() for concept, amount in parts.items() if amount}
    columns = sorted(used, key=lambda concept: (book.code(concept), concept))
    rows = []
    for disclosure, parts in sums.items():
        total = sum(parts.values(), Decimal(0))
        whole = book.totals(disclosure).get(flow, "")
        printed = whole if whole and book.amount_yuan(whole) == total else ""
        cells: list[Cell | None] = [Cell(wan(total), href(printed, book.base) if printed else "", total)]
        for concept in columns:
            amount = parts.get(concept)
            own = stated[disclosure].get(concept, "")
            cells.append(
                None if amount is None else Cell(wan(amount), href(own, book.base) if own else "", amount)
            )
        graph = book.graph
        key = (
            disclosure,
            graph.text(disclosure, MZ + "fiscalYear"),
            graph.text(disclosure, MZ + "phase"),
            book.neutral["fundSource"],
        )
        rows.append(_row(book, key, tuple(cells), ""))
    ordered = tuple(sorted(rows, key=_order))
    parts_named = [Part(book.graph.name(iri), book.graph.label(iri, "en")) for iri in columns]
    stacks = [_stack(row, row.cells[1:]) for row in ordered][:_CHARTED]
    title, _ = _ZH_EN[scheme]
    drawing = stacked_chart(parts_named, stacks, " ".join(title), scheme, share=True) if stacks else ""
    note = (
        "各条等长，比较的是构成；条右为合计。按可相加的事实计，每笔钱只计一次。",
        "Bars are equally long, to compare compositions; the total stands at the right. Each yuan is counted once.",
    )
    return _comparison(book, scheme, note, columns, ordered, drawing, Link("", "合计", "Sum"))


def _three_public(book: Book) -> Comparison:
    """The items of every year a disclosure prints, each fund source by itself."""
    cells: dict[_Row, dict[str, str]] = {}
    items: set[str] = set()
    for fact in _of_whole_departments(book, {"threePublicItem", "fundSource"}):
        item = book.graph.text(fact, MZ + "threePublicItem")
        if item != book.neutral["threePublicItem"] and book.is_within_all(item):
            items.add(item)
            _put(book, cells, _row_of(book, fact), item, fact)
    columns = _in_tree_order(book, items)
    rows = _rows(book, cells, columns)
    named = [Part(book.graph.name(item), book.graph.label(item, "en")) for item in columns]
    stacks = [_stack(row, _finest(book, columns, row.cells)) for row in rows]
    title, _ = _ZH_EN["three-public"]
    shown = [stack for stack in stacks if stack.total_yuan][:_CHARTED]
    drawing = stacked_chart(named, shown, " ".join(title), "three-public", share=False) if shown else ""
    note = (
        "条长为合计（万元）；没有分项，或分项与合计不合的，不分色。全为零的不画。",
        "Bars are as long as the total, in 10,000 yuan, undivided where its items are not printed or do not make it up.",
    )
    return _comparison(book, "three-public", note, columns, rows, drawing)


def _finest(book: Book, items: Sequence[str], cells: Sequence[Cell | None]) -> list[Cell | None]:
    """The cells to draw: items that are not divided further in this row, or the total where these do not make it up."""
    said = {item for item, cell in zip(items, cells, strict=True) if cell is not None}
    divided = {above for item in said for above in book.graph.texts(item, SKOS + "broader")}
    finest = [
        None if cell is None or item in divided else cell for item, cell in zip(items, cells, strict=True)
    ]
    whole = [cell if is_all(item) else None for item, cell in zip(items, cells, strict=True)]
    printed = next((cell.amount_yuan for cell in whole if cell is not None), None)
    added = sum((cell.amount_yuan for cell in finest if cell is not None), Decimal(0))
    return finest if printed is None or added == printed else whole


def _of_whole_departments(book: Book, dimensions: set[str]) -> Iterable[str]:
    """The facts that are narrowed down by nothing but some of these dimensions."""
    for facts in book.facts.values():
        for fact in facts:
            if set(book.broken_down(fact)) <= dimensions:
                yield fact


def _row_of(book: Book, fact: str) -> _Row:
    text = book.graph.text
    return (
        text(fact, QB + "dataSet"),
        text(fact, MZ + "fiscalYear"),
        text(fact, MZ + "phase"),
        text(fact, MZ + "fundSource"),
    )


def _put(book: Book, cells: dict[_Row, dict[str, str]], row: _Row, column: str, fact: str) -> None:
    """Notes the fact of a cell. A cell has one fact, since a fact is known by its dimensions."""
    if row[0] in book.disclosures:
        cells.setdefault(row, {})[column] = fact


def _rows(book: Book, cells: dict[_Row, dict[str, str]], columns: Sequence[str]) -> tuple[ComparisonRow, ...]:
    amounts = {
        key: book.amount_yuan(facts[columns[0]])
        for key, facts in sorted(cells.items())
        if columns and columns[0] in facts
    }
    # The same year may be told by two disclosures of a department; the first of them counts.
    told: dict[_Row, Decimal] = {}
    for (disclosure, *period), amount in amounts.items():
        told.setdefault(_period(book, disclosure, *period), amount)
    rows = []
    for key, facts in cells.items():
        row = tuple(_cell(book, facts.get(column, "")) for column in columns)
        rows.append(_row(book, key, row, _change(_before(book, key, amounts, told), row[0])))
    return tuple(sorted(rows, key=_order))


def _period(book: Book, disclosure: str, year: str, phase: str, source: str) -> _Row:
    """A row's key with the department in the place of the disclosure."""
    return book.graph.text(disclosure, MZ + "department"), year, phase, source


def _before(book: Book, key: _Row, amounts: dict[_Row, Decimal], told: dict[_Row, Decimal]) -> Decimal | None:
    """The year before: what that year's own disclosure says in the same phase, else what this one prints beside it."""
    disclosure, year, phase, source = key
    if not year.isdigit():
        return None
    last = str(int(year) - 1)
    same = told.get(_period(book, disclosure, last, phase, source))
    if same is not None:
        return same
    # 上年预算 is a budget: it is held against a budget, never against final accounts.
    phases = f"{book.base}id/phase/"
    return amounts.get((disclosure, last, f"{phases}prior", source)) if phase == f"{phases}initial" else None


def _cell(book: Book, fact: str) -> Cell | None:
    if not fact:
        return None
    amount = book.amount_yuan(fact)
    return Cell(wan(amount), href(fact, book.base), amount)


def _change(before: Decimal | None, now: Cell | None) -> str:
    if before is None or now is None or before == 0:
        return ""
    change = share(now.amount_yuan - before, before)
    return change if change.startswith("-") else f"+{change}"


def _row(book: Book, key: _Row, cells: tuple[Cell | None, ...], change: str) -> ComparisonRow:
    disclosure, year, phase, source = key
    return ComparisonRow(
        book.link(book.graph.text(disclosure, MZ + "department")),
        year,
        book.link(phase),
        None if source == book.neutral["fundSource"] else book.link(source),
        book.link(disclosure),
        disclosure,
        cells,
        change,
    )


def _order(row: ComparisonRow) -> tuple[str, ...]:
    """By department, then from the latest year back."""
    year = "".join(chr(ord("9") - int(digit)) if digit.isdigit() else digit for digit in row.year)
    return row.department.href, year, row.phase.href, row.source.href if row.source else ""


def _name(row: ComparisonRow) -> Words:
    zh = f"{row.department.zh} {row.year} {row.phase.zh}"
    en = f"{row.department.en or row.department.zh} {row.year} {row.phase.en or row.phase.zh}"
    return (zh, en) if row.source is None else (f"{zh}，{row.source.zh}", f"{en}, {row.source.en}")


def _stack(row: ComparisonRow, cells: Sequence[Cell | None]) -> Stack:
    return Stack(*_name(row), tuple(cell.amount_yuan if cell else Decimal(0) for cell in cells))


def _in_tree_order(book: Book, concepts: set[str]) -> list[str]:
    """Each concept after what it is a part of."""
    return sorted(concepts, key=lambda concept: book.ancestors(concept))


def _comparison(
    book: Book,
    key: str,
    note: Words,
    columns: Sequence[str],
    rows: tuple[ComparisonRow, ...],
    drawing: str,
    first: Link | None = None,
) -> Comparison:
    links = ((first,) if first else ()) + tuple(book.coded_link(iri) for iri in columns)
    return Comparison(
        key,
        _ZH_EN[key][0],
        note,
        links,
        tuple(
            most_decimals(cell.amount_wan for row in rows for cell in row.cells[at : at + 1] if cell)
            for at in range(len(links))
        ),
        rows,
        drawing,
        any(row.source for row in rows),
        any(row.change for row in rows),
        f"/compare/{key}.csv",
        f"/queries/{_QUERIES[key]}",
    )


def comparison_csv(part: Comparison) -> str:
    """The table as CSV: one row for each, amounts in yuan, blank where the disclosure does not say."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [f"{column.note} {column.zh}".strip() for column in part.columns]
    writer.writerow(["department", "year", "phase", "fund_source", "disclosure", *names])
    for row in part.rows:
        amounts = ["" if cell is None else format(cell.amount_yuan, "f") for cell in row.cells]
        source = row.source.zh if row.source else ""
        writer.writerow([row.department.zh, row.year, row.phase.zh, source, row.disclosure_iri, *amounts])
    return text.getvalue()
