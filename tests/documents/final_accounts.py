"""Final accounts as the national forms print them (公开01表 … 公开07表), made up from a seed: every amount knows its fact.

What departments print differently is a `Layout`. `<` merges a cell with the one to its left, `^` with the one above.
"""

from __future__ import annotations

import html
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from reportlab.lib.pagesizes import A3, landscape  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

FONT = "STSong-Light"
NAME, YEAR = "湘潭县示例局", 2023
LEFT, UP = "<", "^"

CLASSES = [
    ("201", "一般公共服务支出"), ("20108", "审计事务"), ("2010801", "行政运行"), ("2010804", "审计业务"),
    ("208", "社会保障和就业支出"), ("20805", "行政事业单位养老支出"),
    ("2080505", "机关事业单位基本养老保险缴费支出"), ("221", "住房保障支出"), ("22102", "住房改革支出"),
    ("2210201", "住房公积金"),
]  # fmt: skip
ITEMS = [code for code, _ in CLASSES if len(code) == 7]
SALARIES = [("30101", "基本工资"), ("30102", "津贴补贴"), ("30113", "住房公积金")]
GOODS = [("30201", "办公费"), ("30211", "差旅费"), ("30228", "工会经费"), ("30239", "其他交通费用")]
EQUIPMENT = [("31002", "办公设备购置")]
THREE_PUBLIC = ["all", "overseas", "vehicles", "vehicle-purchase", "vehicle-running", "hospitality"]


@dataclass(frozen=True)
class Amount:
    """An amount to print, and what it says: (dimension, last part of the key) of all that is not “all”."""

    value: Decimal
    said: frozenset[tuple[str, str]]


Cell = str | Amount


@dataclass(frozen=True)
class Layout:
    """How a department prints the forms."""

    codes: str = "split"
    """split: 类, 款, 项 in columns of their own, merged down over 栏次 and 合计; one: 2010801; dots: 201.08.01."""
    nothing: str = ""
    unit: str = "万元"
    separators: bool = True
    caption: str = "部门：{name}　　{year}年度　　金额单位：{unit}"
    number_in_title: bool = False

    def printed(self, cell: Cell) -> str:
        if isinstance(cell, str):
            return cell
        if not cell.value:
            return self.nothing
        return f"{self.in_unit(cell.value):,.2f}" if self.separators else f"{self.in_unit(cell.value):.2f}"

    def in_unit(self, value: Decimal) -> Decimal:
        """A value in 万元 as the number to print."""
        return value * 10_000 if self.unit == "元" else value


@dataclass(frozen=True)
class Form:
    number: int
    title: str
    rows: Sequence[Sequence[Cell]]


def amount(value: Decimal, **said: str) -> Amount:
    return Amount(value, frozenset((name, key) for name, key in said.items() if key))


class Accounts:
    """The amounts of a department in 万元: of every item what is basic and what is for projects."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._used: set[Decimal] = set()
        self.basic = {code: self.new() for code in ITEMS}
        self.projects = {code: self.new() if code == "2010804" else Decimal(0) for code in ITEMS}

    def new(self, most: int = 900) -> Decimal:
        """An amount that was not given before."""
        while (value := Decimal(self._random.randrange(101, most * 100)) / 100) in self._used:
            pass
        self._used.add(value)
        return value

    def parts(self, total: Decimal, count: int) -> list[Decimal]:
        """Amounts that add up to a total."""
        share = [(total / count / 2).quantize(Decimal("0.01")) + Decimal(i) / 100 for i in range(count - 1)]
        return [*share, total - sum(share)]

    def under(self, code: str) -> tuple[Decimal, Decimal]:
        """(basic, projects) of all items under a code; of all items for an empty one."""
        items = [item for item in ITEMS if item.startswith(code)]
        return sum((self.basic[i] for i in items), Decimal(0)), sum(
            (self.projects[i] for i in items), Decimal(0)
        )


def forms(accounts: Accounts, layout: Layout) -> Iterator[Form]:
    """The forms of a disclosure. All its money is of the general public budget and of the year."""
    yield Form(1, "收入支出决算总表", _summary(accounts))
    yield Form(3, "支出决算表", _by_item(accounts, layout, ["本年支出合计", "基本支出", "项目支出"], ""))
    yield Form(
        5,
        "一般公共预算财政拨款支出决算表",
        _by_item(accounts, layout, ["小计", "基本支出", "项目支出"], "general-public"),
    )
    yield Form(6, "一般公共预算财政拨款基本支出决算明细表", _basic(accounts))
    yield Form(7, "财政拨款“三公”经费支出决算表", _three_public(accounts))


def _summary(accounts: Accounts) -> list[list[Cell]]:
    total = sum(accounts.under(""), Decimal(0))
    over = accounts.new(90)
    revenue = {"flow": "revenue"}
    spent = {"flow": "expenditure"}
    income: list[tuple[str, Cell]] = [
        ("一、一般公共预算财政拨款收入", amount(total, fundSource="general-public-current", **revenue)),
        ("二、政府性基金预算财政拨款收入", amount(Decimal(0))),
        ("三、国有资本经营预算财政拨款收入", amount(Decimal(0))),
    ]
    names = ["一、一般公共服务支出", "八、社会保障和就业支出", "十九、住房保障支出"]
    rows: list[list[Cell]] = [
        ["收入", LEFT, LEFT, "支出", LEFT, LEFT],
        ["项目", "行次", "金额", "项目", "行次", "金额"],
        ["栏次", "", "1", "栏次", "", "2"],
    ]
    for line, ((source, received), name, code) in enumerate(
        zip(income, names, ("201", "208", "221"), strict=True), 1
    ):
        of_class = amount(sum(accounts.under(code), Decimal(0)), functionalClass=code, **spent)
        rows.append([source, str(line), received, name, str(line + 31), of_class])
    whole = total + over
    rows += [
        ["本年收入合计", "27", amount(total, fundSource="current", **revenue),
         "本年支出合计", "58", amount(total, **spent)],
        ["年初结转和结余", "29", amount(over, fundSource="carryover", **revenue),
         "年末结转和结余", "60", amount(over, expenditureKind="carried-forward", **spent)],
        ["总计", "31", amount(whole, **revenue),
         "总计", "62", amount(whole, expenditureKind="grand-total", **spent)],
    ]  # fmt: skip
    return rows


def _code_cells(code: str, layout: Layout) -> list[Cell]:
    if layout.codes == "split":
        return [code[:3], code[3:5], code[5:]]
    return [".".join(filter(None, (code[:3], code[3:5], code[5:])))] if layout.codes == "dots" else [code]


def _by_item(accounts: Accounts, layout: Layout, heads: list[str], source: str) -> list[list[Cell]]:
    def amounts(code: str) -> list[Cell]:
        basic, projects = accounts.under(code)
        said = {"flow": "expenditure", "functionalClass": code, "fundSource": source}
        return [
            amount(basic + projects, **said),
            amount(basic, expenditureKind="basic", **said),
            amount(projects, expenditureKind="project", **said),
        ]

    wide = len(_code_cells("201", layout))
    rows: list[list[Cell]] = [
        ["项目", *[LEFT] * wide, *heads],
        ["支出功能分类科目编码", *[LEFT] * (wide - 1), "科目名称", *[UP] * len(heads)],
    ]
    if layout.codes == "split":
        rows += [["类", "款", "项", "栏次", "1", "2", "3"], [UP, UP, UP, "合计", *amounts("")]]
    else:
        rows += [["栏次", LEFT, "1", "2", "3"], ["合计", LEFT, *amounts("")]]
    return rows + [[*_code_cells(code, layout), name, *amounts(code)] for code, name in CLASSES]


def _basic(accounts: Accounts) -> list[list[Cell]]:
    """Three groups beside one another, of unequal length."""
    total = accounts.under("")[0]
    staff = accounts.new(90)
    said = {"flow": "expenditure", "fundSource": "general-public"}

    def group(code: str, name: str, below: list[tuple[str, str]], money: Decimal, kind: str) -> list[Cell]:
        parts = accounts.parts(money, len(below))
        lines = [(code, name, money), *((c, n, part) for (c, n), part in zip(below, parts, strict=True))]
        return [
            cell
            for c, n, value in lines
            for cell in (c, n, amount(value, departmentEconomicClass=c, expenditureKind=kind, **said))
        ]

    equipment = accounts.new(90)
    goods = total - staff - equipment
    groups = [
        group("301", "工资福利支出", SALARIES, staff, "personnel"),
        group("302", "商品和服务支出", GOODS, goods, "public-use"),
        group("310", "资本性支出", EQUIPMENT, equipment, "public-use"),
    ]
    rows: list[list[Cell]] = [
        ["人员经费", LEFT, LEFT, "公用经费", *[LEFT] * 5],
        ["科目编码", "科目名称", "决算数"] * 3,
    ]
    for line in range(max(map(len, groups)) // 3):
        rows.append([cell for g in groups for cell in (g[line * 3 : line * 3 + 3] or ["", "", ""])])
    rows.append(
        ["人员经费合计", LEFT, amount(staff, expenditureKind="personnel", **said),
         "公用经费合计", *[LEFT] * 4, amount(goods + equipment, expenditureKind="public-use", **said)]
    )  # fmt: skip
    return rows


def _three_public(accounts: Accounts) -> list[list[Cell]]:
    def amounts(phase: str) -> list[Cell]:
        abroad, bought, run, guests = (accounts.new(20) for _ in range(4))
        values = [abroad + bought + run + guests, abroad, bought + run, bought, run, guests]
        return [
            amount(v, flow="expenditure", fundSource="fiscal", phase=phase, threePublicItem=item)
            for item, v in zip(THREE_PUBLIC, values, strict=True)
        ]

    one: list[Cell] = ["合计", "因公出国（境）费", "公务用车购置及运行维护费", LEFT, LEFT, "公务接待费"]
    two: list[Cell] = [UP, UP, "小计", "公务用车购置费", "公务用车运行维护费", UP]
    return [
        ["年初预算数", *[LEFT] * 5, "决算数", *[LEFT] * 5],
        [*one, *one],
        [*two, *two],
        [str(i) for i in range(1, 13)],
        [*amounts("initial"), *amounts("final")],
    ]


def cover(layout: Layout) -> list[str]:
    return [f"{YEAR}年度", f"{NAME}部门决算", "第一部分 部门概况", f"第二部分 {YEAR}年度部门决算表"]


def captions(form: Form, layout: Layout) -> list[str]:
    """What stands above a form."""
    number = f"公开{form.number:02d}表"
    titles = [f"表{form.number} {form.title}"] if layout.number_in_title else [form.title, number]
    return [*titles, layout.caption.format(name=NAME, year=YEAR, unit=layout.unit)]


def ending() -> str:
    return f"第三部分 {YEAR}年度部门决算情况说明"


def owners(rows: Sequence[Sequence[Cell]]) -> dict[tuple[int, int], tuple[int, int]]:
    """(row, column) → where the cell begins that covers it."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            found[r, c] = found[r, c - 1] if cell == LEFT else found[r - 1, c] if cell == UP else (r, c)
    return found


def spans(rows: Sequence[Sequence[Cell]]) -> dict[tuple[int, int], tuple[int, int]]:
    """Where each cell begins → the last row and column that it covers."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for (r, c), start in owners(rows).items():
        last = found.get(start, start)
        found[start] = (max(last[0], r), max(last[1], c))
    return found


def write_html(disclosed: Sequence[Form], layout: Layout, path: Path) -> Path:
    parts = ['<html><head><meta charset="utf-8"></head><body>', *(f"<p>{line}</p>" for line in cover(layout))]
    for form in disclosed:
        parts += [f"<p>{html.escape(line)}</p>" for line in captions(form, layout)]
        covered = spans(form.rows)
        parts.append("<table>")
        for r, row in enumerate(form.rows):
            parts.append("<tr>")
            for c, cell in enumerate(row):
                if (r, c) in covered:
                    bottom, right = covered[r, c]
                    parts.append(
                        f"<td rowspan={bottom - r + 1} colspan={right - c + 1}>{layout.printed(cell)}</td>"
                    )
            parts.append("</tr>")
        parts.append("</table>")
    path.write_text("".join([*parts, f"<p>{ending()}</p></body></html>"]), encoding="utf-8")
    return path


def write_pdf(disclosed: Sequence[Form], layout: Layout, path: Path) -> Path:
    """A form a page, every cell drawn, amounts to the right; texts too wide are set smaller."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    width, height = landscape(A3)
    canvas = Canvas(str(path), pagesize=(width, height), invariant=1)
    for number, line in enumerate(cover(layout)):
        canvas.setFont(FONT, 14)
        canvas.drawString(80, height - 100 - 30 * number, line)
    for form in disclosed:
        canvas.showPage()
        canvas.setFont(FONT, 10)
        for number, line in enumerate(captions(form, layout)):
            canvas.drawString(60, height - 40 - 14 * number, line)
        _draw(canvas, form, layout, height - 90, (width - 120) / len(form.rows[1]))
    canvas.showPage()
    canvas.setFont(FONT, 12)
    canvas.drawString(80, height - 80, ending())
    canvas.save()
    return path


def _draw(canvas: Canvas, form: Form, layout: Layout, top: float, column: float) -> None:
    line = 18
    for (r, c), (bottom, right) in spans(form.rows).items():
        left, low = 60 + column * c, top - line * (bottom + 1)
        wide = column * (right - c + 1)
        canvas.rect(left, low, wide, line * (bottom - r + 1))
        text = layout.printed(form.rows[r][c])
        size = min(8.0, 8 * (wide - 4) / max(pdfmetrics.stringWidth(text, FONT, 8), 1))
        canvas.setFont(FONT, size)
        middle = (low + top - line * r) / 2 - size / 3
        if isinstance(form.rows[r][c], Amount):
            canvas.drawRightString(left + wide - 2, middle, text)
        else:
            canvas.drawString(left + 2, middle, text)
