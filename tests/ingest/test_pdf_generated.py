"""Tables drawn at random, in the many ways that tables are drawn: read as printed, or left unread, never read wrongly."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pagesizes import A3, A4, landscape  # type: ignore[import-untyped]
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from mingzhang.ingest.readers import read_document
from mingzhang.ingest.reading import Overrides, read_document_text
from mingzhang.ontology.lexicon import load_lexicon

FONT = "STSong-Light"
DOT = ImageReader(Image.new("RGB", (1, 1)))
# (label, column path, value, unit)
Printed = tuple[str, str, Decimal, str]
Head = tuple[str, list["Head"]]

HEADS: list[list[Head]] = [
    [("合计", []), ("基本支出", []), ("项目支出", [])],
    [
        ("合计", []),
        ("基本支出", [("小计", []), ("人员经费", []), ("公用经费", [])]),
        ("项目支出", []),
    ],
    [
        ("合计", []),
        (
            "本年收入",
            [
                ("小计", []),
                ("财政拨款", [("一般公共预算", []), ("政府性基金预算", []), ("国有资本经营预算", [])]),
                ("事业收入", []),
            ],
        ),
        ("上年结转", []),
    ],
    [("预算数", [])],
    [("2025年预算数", []), ("2026年预算数", [("小计", []), ("基本支出", []), ("项目支出", [])])],
]
ROWS = [
    ("201", "一般公共服务支出"), ("20103", "政府办公厅（室）及相关机构事务"), ("2010301", "行政运行"),
    ("2010302", "一般行政管理事务"), ("208", "社会保障和就业支出"), ("20805", "行政事业单位养老支出"),
    ("2080505", "机关事业单位基本养老保险缴费支出"), ("2080506", "机关事业单位职业年金缴费支出"),
    ("210", "卫生健康支出"), ("21011", "行政事业单位医疗"), ("2101101", "行政单位医疗"),
    ("2101102", "事业单位医疗"), ("221", "住房保障支出"), ("22102", "住房改革支出"),
    ("2210201", "住房公积金"), ("2210202", "提租补贴"),
]  # fmt: skip


@dataclass
class Style:
    """How a table is drawn."""

    rulings: str
    align: str
    decimals: int
    grouped: bool
    glyphs: bool
    bold: bool
    size: float
    height: float
    pad: float
    code: str
    nothing: str
    counted: str
    wide: bool
    page: tuple[float, float]
    rotation: int
    title: str
    rows_a_page: int
    repeat: bool
    wrap: bool
    unit: str
    negative: str
    shaded: bool
    hidden: bool
    merge: bool
    set_high: str = "middle"
    set_wide: str = "middle"
    spaced: bool = False
    stamp: str = ""
    comma: str = ","
    narrow: bool = False
    images: bool = False


def style(r: random.Random) -> Style:
    return Style(
        rulings=r.choice(
            [
                "full",
                "full",
                "open",
                "rects",
                "double",
                "dotted",
                "cells",
                "level",
                "three",
                "none",
                "upright",
            ]
        ),
        align=r.choice(["right", "right", "left", "middle"]),
        decimals=r.choice([2, 2, 2, 0, 4, 6]),
        grouped=r.random() < 0.5,
        glyphs=r.random() < 0.25,
        bold=r.random() < 0.2,
        size=r.choice([7.0, 9.0, 10.5]),
        height=r.choice([1.4, 1.8, 2.6]),
        pad=r.choice([1.0, 2.0, 5.0]),
        code=r.choice(["one", "three", "none", "label"]),
        nothing=r.choice(["", "0.00", "-", ""]),
        counted=r.choice(["", "", "columns", "rows"]),
        wide=r.random() < 0.3,
        page=r.choice([A4, landscape(A4), landscape(A3)]),
        rotation=r.choice([0, 0, 0, 90, 270, 180]),
        title=r.choice(["above", "above", "above", "inside", "far"]),
        rows_a_page=r.choice([50, 50, 5]),
        repeat=r.random() < 0.5,
        wrap=r.random() < 0.4,
        unit=r.choice(["万元", "元"]),
        negative=r.choice(["-", "-", "（）", "−"]),
        shaded=r.random() < 0.2,
        hidden=r.random() < 0.2,
        merge=r.random() < 0.3,
        set_high=r.choice(["middle", "middle", "middle", "top", "bottom"]),
        set_wide=r.choice(["middle", "middle", "middle", "left"]),
        spaced=r.random() < 0.2,
        stamp=r.choice(["", "", "预算01表", "第{page}页，共9页", "{page}", "2026年部门预算公开表"]),
        comma=r.choice([",", ",", ",", "，"]),
        narrow=r.random() < 0.12,
        images=r.random() < 0.1,
    )


@dataclass
class Table:
    """What a table prints."""

    heads: list[Head]
    leaves: list[tuple[str, ...]]
    rows: list[tuple[str, str, list[Decimal | None]]]

    @property
    def depth(self) -> int:
        return max(len(path) for path in self.leaves)


def paths(heads: Sequence[Head], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for text, below in heads:
        found += paths(below, (*above, text)) if below else [(*above, text)]
    return found


def table(r: random.Random, s: Style) -> Table:
    heads = r.choice(HEADS)
    leaves = paths(heads)
    leaf_rows = sorted(r.sample([c for c, _ in ROWS if len(c) == 7], r.randint(1, 8)))
    kept = [(c, t) for c, t in ROWS if any(leaf.startswith(c) for leaf in leaf_rows)]
    amounts = {c: [_amount(r, s) for _ in leaves] for c in leaf_rows}
    rows: list[tuple[str, str, list[Decimal | None]]] = []
    for code, label in kept:
        below = [c for c in leaf_rows if c.startswith(code)]
        rows.append((code, label, [_total([amounts[c][i] for c in below]) for i in range(len(leaves))]))
    total = [_total([amounts[c][i] for c in leaf_rows]) for i in range(len(leaves))]
    where = 0 if r.random() < 0.6 else len(rows)
    rows.insert(where, ("", "合计", total))
    if s.rulings == "upright":
        # With one amount on a page nothing there says that its rows are several.
        s.rows_a_page = 50
        if sum(1 for _, _, values in rows if any(v and v > 0 for v in values)) < 2:
            s.rulings = "full"
    return Table(heads, leaves, rows)


def _amount(r: random.Random, s: Style) -> Decimal | None:
    if r.random() < 0.25:
        return None
    digits = r.choice([1, 3, 4, 6, 8])
    value = Decimal(r.randint(1, 10 ** (digits + s.decimals))).scaleb(-s.decimals)
    return -value if r.random() < 0.05 else value


def _total(values: Sequence[Decimal | None]) -> Decimal | None:
    some = [v for v in values if v is not None]
    return sum(some, Decimal(0)) if some else None


def token(value: Decimal | None, s: Style) -> str:
    if value is None:
        return s.nothing
    text = f"{abs(value):,.{s.decimals}f}" if s.grouped else f"{abs(value):.{s.decimals}f}"
    text = text.replace(",", s.comma)
    if value >= 0:
        return text
    return f"（{text}）" if s.negative == "（）" else s.negative + text


@dataclass
class Drawing:
    """Draws one table and knows what it printed."""

    s: Style
    canvas: Canvas
    printed: Counter[Printed] = field(default_factory=Counter)

    def text(self, text: str, left: float, right: float, y: float, align: str) -> None:
        width = pdfmetrics.stringWidth(text, FONT, self.s.size)
        x = {"left": left, "right": right - width, "middle": (left + right - width) / 2}[align]
        for shift in (0.0, 0.25) if self.s.bold else (0.0,):
            at = x + shift
            if not self.s.glyphs:
                self.canvas.drawString(at, y, text)
                continue
            for char in text:
                self.canvas.drawString(at, y, char)
                at += pdfmetrics.stringWidth(char, FONT, self.s.size)

    def spaced_out(self, text: str, width: float) -> str:
        """合计 as 合  计, in some tables and where there is room."""
        spaced = "  ".join(text)
        fits = len(wrapped(spaced, width - 2 * self.s.pad, self.s.size)) == 1
        return spaced if self.s.spaced and len(text) == 2 and fits else text

    def cell(
        self,
        text: str,
        left: float,
        top: float,
        right: float,
        bottom: float,
        align: str,
        set_high: str = "middle",
    ) -> None:
        """A text in a cell, wrapped where it is too wide."""
        pad, size = self.s.pad, self.s.size
        lines = wrapped(text, right - left - 2 * pad, size)
        height = size * 1.15
        middle = {
            "middle": (top + bottom) / 2,
            "top": top - size * 0.3 - height * len(lines) / 2,
            "bottom": bottom + size * 0.3 + height * len(lines) / 2,
        }[set_high]
        y = middle + height * len(lines) / 2 - size * 0.88
        for line in lines:
            self.text(line, left + pad, right - pad, y, align)
            y -= height


def wrapped(text: str, room: float, size: float) -> list[str]:
    """The lines of a text in a cell of that width."""
    lines = [""]
    for char in text:
        wider = pdfmetrics.stringWidth(lines[-1] + char, FONT, size) > room
        lines = [*lines, char] if wider and lines[-1] else [*lines[:-1], lines[-1] + char]
    return lines


def widths(s: Style, t: Table, r: random.Random) -> tuple[list[float], list[str]]:
    """The widths of the columns, and the heads of those before the amounts."""
    unit = s.size
    keys = {"one": ["科目编码"], "three": ["类", "款", "项"], "none": [], "label": []}[s.code]
    found = [(unit * 2.2 if len(k) == 1 else unit * 5) + 2 * s.pad for k in keys]
    found.append(unit * (9 if s.wrap else 18))
    heads = [*keys, "科目名称"]
    if s.counted == "rows":
        found.append(unit * 3)
        heads.append("行次")
    widest = max(
        pdfmetrics.stringWidth(token(v, s), FONT, s.size) for _, _, values in t.rows for v in (*values, None)
    )
    found += [
        max(widest + 2 * s.pad + 1, unit * 4.4) * (1.3 if s.wide else 0.7 if s.narrow else 1.0)
        for _ in t.leaves
    ]
    return found, heads


def draw(seed: int) -> tuple[bytes, Counter[Printed]]:
    """A document with one table; and what it prints."""
    r = random.Random(seed)
    s = style(r)
    t = table(r, s)
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    data = io.BytesIO()
    wide, heads = widths(s, t, r)
    page = (
        max(s.page[0], sum(wide) + 80),
        max(s.page[1], 200 + 3 * s.size * s.height * min(20, len(t.rows))),
    )
    # reportlab itself exchanges the sides of a page that is turned by a quarter.
    canvas = Canvas(data, pagesize=page, invariant=True)
    drawing = Drawing(s, canvas)
    chunks = [t.rows[i : i + s.rows_a_page] for i in range(0, len(t.rows), s.rows_a_page)]
    number = 0
    for index, chunk in enumerate(chunks):
        if s.rotation:
            canvas.setPageRotation(s.rotation)
            canvas.translate(*{90: (page[1], 0), 180: page, 270: (0, page[0])}[s.rotation])
            canvas.rotate(s.rotation)
        canvas.setFont(FONT, s.size)
        y = page[1] - 50
        if s.stamp:
            canvas.drawString(45, page[1] - 25, s.stamp.format(page=index + 1))
        if index == 0 or (s.repeat and s.title != "inside"):
            y = _title(drawing, y, sum(wide), s)
        y = _sheet(drawing, y, wide, heads, t, chunk, number, head=index == 0 or s.repeat)
        number += len(chunk)
        canvas.setFont(FONT, s.size)
        canvas.drawCentredString(page[0] / 2, 20, f"- {index + 1} -")
        if s.hidden and not s.shaded:
            canvas.setFillColorRGB(1, 1, 1)
            canvas.drawString(45, page[1] - 120, "99,999.99")
            canvas.setFillColorRGB(0, 0, 0)
        canvas.showPage()
    canvas.save()
    for _, label, values in t.rows:
        for path, value in zip(t.leaves, values, strict=True):
            if value is not None or s.nothing == "0.00":
                drawing.printed[label, " / ".join(path), value or Decimal(0), s.unit] += 1
    return data.getvalue(), drawing.printed


def _title(d: Drawing, y: float, width: float, s: Style) -> float:
    if s.title == "inside":
        return y
    d.canvas.drawString(40 + width / 3, y, "一般公共预算支出表")
    y -= 2 * s.size
    if s.title == "far":
        d.canvas.drawString(40, y, "公开05表")
        y -= 2 * s.size
    d.canvas.drawString(40, y, "部门名称：兰州市示例局")
    d.canvas.drawRightString(40 + width, y, f"单位：{s.unit}")
    return y - s.size


def _sheet(
    d: Drawing,
    top: float,
    wide: Sequence[float],
    heads: Sequence[str],
    t: Table,
    rows: Sequence[tuple[str, str, list[Decimal | None]]],
    number: int,
    head: bool,
) -> float:
    """The table's part of one page."""
    s = d.s
    xs = [40.0]
    for w in wide:
        xs.append(xs[-1] + w)
    high = s.size * s.height
    boxes: list[tuple[float, float, float, float]] = []
    y = top
    if head and s.title == "inside":
        for text in ("一般公共预算支出表", f"单位：{s.unit}"):
            d.cell(text, xs[0], y, xs[-1], y - high, "middle")
            boxes.append((xs[0], y, xs[-1], y - high))
            y -= high
    if head:
        tall = max(high * 1.3, _tallest(t.heads, wide[len(heads) :], s) * s.size * 1.15 + s.size * 0.6)
        for column, text in enumerate(heads):
            shown = d.spaced_out(text, xs[column + 1] - xs[column])
            d.cell(shown, xs[column], y, xs[column + 1], y - tall * t.depth, "middle", s.set_high)
            boxes.append((xs[column], y, xs[column + 1], y - tall * t.depth))
        _heads(d, t.heads, xs, len(heads), y, tall, t.depth, boxes)
        if s.shaded:
            d.canvas.setFillColorRGB(0.85, 0.9, 1)
            d.canvas.rect(xs[0], y - tall * t.depth, xs[-1] - xs[0], tall * t.depth, stroke=0, fill=1)
            d.canvas.setFillColorRGB(0, 0, 0)
            for column, text in enumerate(heads):
                shown = d.spaced_out(text, xs[column + 1] - xs[column])
                d.cell(shown, xs[column], y, xs[column + 1], y - tall * t.depth, "middle", s.set_high)
            _heads(d, t.heads, xs, len(heads), y, tall, t.depth, [])
        y -= tall * t.depth
        if s.counted:
            texts = ["**"] * len(heads) + [str(i + 1) for i in range(len(t.leaves))]
            for column, text in enumerate(texts):
                d.cell(text, xs[column], y, xs[column + 1], y - high, "middle")
                boxes.append((xs[column], y, xs[column + 1], y - high))
            y -= high
    below_head = y
    for count, (code, label, values) in enumerate(rows, number + 1):
        y = _row(d, xs, y, high, heads, (code, label, values), count, boxes)
    _rulings(d, xs, top, below_head, y, boxes)
    return y


def _tallest(heads: Sequence[Head], wide: Sequence[float], s: Style) -> int:
    """How many lines the heads take at most."""
    most, column = 1, 0
    for text, below in heads:
        span = len(paths(below)) if below else 1
        room = sum(wide[column : column + span]) - 2 * s.pad
        lines = len(wrapped(text, room, s.size))
        most = max(most, lines, _tallest(below, wide[column : column + span], s))
        column += span
    return most


def _heads(
    d: Drawing,
    heads: Sequence[Head],
    xs: Sequence[float],
    column: int,
    y: float,
    tall: float,
    depth: int,
    boxes: list[tuple[float, float, float, float]],
) -> int:
    for text, below in heads:
        wide = len(paths(below)) if below else 1
        bottom = y - tall if below else y - tall * depth
        shown = d.spaced_out(text, xs[column + wide] - xs[column])
        align = d.s.set_wide if below else "middle"
        d.cell(shown, xs[column], y, xs[column + wide], bottom, align, d.s.set_high)
        boxes.append((xs[column], y, xs[column + wide], bottom))
        if below:
            _heads(d, below, xs, column, bottom, tall, depth - 1, boxes)
        column += wide
    return column


def _row(
    d: Drawing,
    xs: Sequence[float],
    y: float,
    high: float,
    heads: Sequence[str],
    row: tuple[str, str, list[Decimal | None]],
    count: int,
    boxes: list[tuple[float, float, float, float]],
) -> float:
    s = d.s
    code, label, values = row
    codes = {"one": [code], "three": [code[:3], code[3:5], code[5:]], "none": [], "label": []}[s.code]
    shown = f"[{code}]{label}" if s.code == "label" and code else label
    counted = [str(count)] if s.counted == "rows" else []
    texts = [*codes, shown, *counted]
    lines = len(wrapped(shown, xs[len(codes) + 1] - xs[len(codes)] - 2 * s.pad, s.size))
    for column, value in enumerate(values, len(texts)):
        lines = max(lines, len(wrapped(token(value, s), xs[column + 1] - xs[column] - 2 * s.pad, s.size)))
    bottom = y - max(high, lines * s.size * 1.15 + s.size * (s.height - 1))
    first = 0
    if s.merge and label == "合计" and len(texts) > 1 and not counted:
        d.cell(label, xs[0], y, xs[len(texts)], bottom, "middle")
        boxes.append((xs[0], y, xs[len(texts)], bottom))
        first = len(texts)
    for column, text in enumerate(texts[first:], first):
        d.cell(text, xs[column], y, xs[column + 1], bottom, "left")
        boxes.append((xs[column], y, xs[column + 1], bottom))
    for column, value in enumerate(values, len(texts)):
        d.cell(token(value, s), xs[column], y, xs[column + 1], bottom, s.align)
        boxes.append((xs[column], y, xs[column + 1], bottom))
    return bottom


def _rulings(
    d: Drawing,
    xs: Sequence[float],
    top: float,
    below_head: float,
    end: float,
    boxes: Sequence[tuple[float, float, float, float]],
) -> None:
    c, kind = d.canvas, d.s.rulings
    c.setLineWidth(0.5)
    if kind == "dotted":
        c.setDash(1, 1.5)
    for left, y1, right, y0 in boxes:
        if kind == "full" and d.s.images:
            for x in (left, right):
                c.drawImage(DOT, x, y0, 0.5, y1 - y0)
            for y in (y0, y1):
                c.drawImage(DOT, left, y, right - left, 0.5)
        elif kind in ("full", "dotted"):
            c.rect(left, y0, right - left, y1 - y0)
        elif kind in ("rects", "double"):
            shifts = (0.0, 1.6) if kind == "double" else (0.0,)
            for shift in shifts:
                c.rect(left + shift, y0, 0.48, y1 - y0, stroke=0, fill=1)
                c.rect(right + shift, y0, 0.48, y1 - y0, stroke=0, fill=1)
                c.rect(left, y0 + shift, right - left, 0.48, stroke=0, fill=1)
                c.rect(left, y1 + shift, right - left, 0.48, stroke=0, fill=1)
        elif kind == "cells":
            c.rect(left + 0.6, y0 + 0.6, right - left - 1.2, y1 - y0 - 1.2)
        elif kind == "open":
            if left > xs[0] + 1:
                c.line(left, y0, left, y1)
            if y1 < top - 1:
                c.line(left, y1, right, y1)
        elif kind == "level":
            c.line(left, y0, right, y0)
            c.line(left, y1, right, y1)
        elif kind == "upright":
            c.line(left, y0, left, y1)
            c.line(right, y0, right, y1)
    if kind == "upright":
        for y in (top, below_head, end):
            c.line(xs[0], y, xs[-1], y)
    if kind == "three":
        for y in (top, below_head, end):
            c.line(xs[0], y, xs[-1], y)
    c.setDash()


def figures(path: Path) -> Counter[Printed]:
    """What is read of a document with certainty."""
    overrides = Overrides(department="兰州市示例局", division="620100", year=2026, kind="budget")
    try:
        found = read_document_text(read_document(path), overrides, load_lexicon())
    except Exception as error:
        if type(error).__name__ == "NotADisclosure":
            return Counter()
        raise
    return Counter(
        ("".join(f.label.split()), " / ".join(f.column), f.amount.value, f.unit)
        for f in found.figures
        if f.certainty.value != "ambiguous"
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@example(
    459
)  # amounts of all rows in one cell: the total's row was taken for a heading, and codes for amounts
@example(3111)  # a group's heading by chance in the middle of all columns
@example(153)  # a broken amount at the top of a page, taken for headings
@example(6029)  # halves of broken amounts beside halves of a label, taken for two rows
@example(7060)  # a group's heading set to the left, cut by an edge between columns
@example(7265)  # rows of dashes taken for headings
@given(st.integers(0, 2**32))
def test_a_table_drawn_at_random_is_never_read_wrongly(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    data, printed = draw(seed)
    path = tmp_path_factory.mktemp("drawn") / "a.pdf"
    path.write_bytes(data)
    assert not figures(path) - printed
