"""Disclosures with known truth, written the way extraction writes them: empty cells gone, headers in pieces.

The one claim that must hold in every run: what is read as certain is true. How much is decided is reported by
`test_most_amounts_are_decided_where_the_tables_agree`, on plain disclosures.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mingzhang.ingest.document import Certainty, Document, Source
from mingzhang.ingest.flow_layout import read_flow_tables

KINDS = ("基本支出", "项目支出", "事业单位经营支出", "上缴上级支出", "对附属单位补助支出")
PERSONNEL = (
    (
        "301",
        "工资福利支出",
        ("30101", "基本工资"),
        ("30102", "津贴补贴"),
        ("30103", "奖金"),
        ("30113", "住房公积金"),
    ),
)
PUBLIC = (
    (
        "302",
        "商品和服务支出",
        ("30201", "办公费"),
        ("30202", "印刷费"),
        ("30211", "差旅费"),
        ("30217", "公务接待费"),
    ),
)


@dataclass
class Item:
    """An item of expenditure: its code, and thousandths of a unit of money by kind and, of those, general budget."""

    code: str
    by_kind: dict[str, int]
    general: dict[str, int]


@dataclass
class Style:
    """How a disclosure is laid out."""

    width: int
    """Characters a line into which headers are broken; 0 for one cell after the other on one line."""
    kinds: int
    zero: str
    fragments: bool
    titles_last: bool
    blank_lines: bool
    broken_labels: bool
    units: bool = False
    """支出总表 lists the items of two budget units one after the other."""
    groups: bool = False
    """收入总表 by function is split into two column groups."""
    wrong: str = ""
    """`total`: one printed total is wrong; `leaf`: one printed item is wrong."""


@dataclass
class Text:
    """Lines as they are written, with the true column of every amount."""

    lines: list[str] = field(default_factory=list)
    truth: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    amounts: int = 0

    def add(self, line: str) -> None:
        self.lines.append(line)

    def row(self, label: str, cells: list[tuple[tuple[str, ...], str]], style: Style) -> None:
        """A row: cells with an empty text vanish; the label may be broken over lines."""
        printed = [(path, text) for path, text in cells if text]
        if style.broken_labels and printed and len(label) > 10 and " " in label:
            self.add(label[:-3])
            self.add(label[-3:])
            label = ""
        self.add(" ".join([label, *(text for _, text in printed)]).strip())
        amounts = [path for path, text in printed if text != "-"]
        for nth, path in enumerate(amounts, start=1):
            self.truth[len(self.lines), nth] = path


def money(milli: int) -> str:
    """Thousandths of a unit as printed, rounded half up to two places."""
    cents = (milli + 5) // 10
    return f"{cents // 100:,}.{cents % 100:02d}"


def header_lines(cells: list[str], style: Style) -> list[str]:
    """A header row: on one line, or every cell broken into pieces of so many characters."""
    if not style.width:
        return [" ".join(cells)]
    return [cell[i : i + style.width] for cell in cells for i in range(0, len(cell), style.width)]


def table(text: Text, title: str, stubs: list[str], columns: list[str], style: Style, rows: object) -> None:
    """Title, unit, header and rows of a table, in the order the style says."""
    head = [" ".join(stubs), *header_lines(columns, style)]
    assert callable(rows)
    if style.titles_last:
        text.add("单位：万元")
        for line in head:
            text.add(line)
        rows()
        text.add(title)
    else:
        text.add(title)
        text.add("单位：万元")
        for line in head:
            text.add(line)
        rows()
    if style.blank_lines:
        text.add("")
        text.add("")


def levels(items: list[Item]) -> list[tuple[str, list[Item]]]:
    """Every class, 款 and 项 with the items below it, in code order."""
    codes = sorted({item.code[:n] for item in items for n in (3, 5, 7)})
    return [(code, [item for item in items if item.code.startswith(code)]) for code in codes]


def cells_of(
    items: list[Item], kinds: list[str], style: Style, general: bool, prefix: tuple[str, ...], total: str
) -> list[tuple[tuple[str, ...], str]]:
    """The cells of a row over some items: the total, then each kind; what is nothing as the style writes it."""
    sums = {kind: sum((i.general if general else i.by_kind).get(kind, 0) for i in items) for kind in kinds}
    values = [(total, sum(sums.values())), *sums.items()]
    return [((*prefix, name), money(value) if value else style.zero) for name, value in values]


def expenditure(text: Text, items: list[Item], style: Style, rng: random.Random, general: bool) -> None:
    """支出总表, or 一般公共预算支出表 (with codes as fragments where the style says so)."""
    kinds = list(KINDS[:2] if general else KINDS[: style.kinds])
    title, total = ("一般公共预算支出表", "小计") if general else ("支出总表", "合计")
    listed = [i for i in items if any(i.general.values())] if general else items

    halves = [listed[::2], listed[1::2]] if style.units and not general and len(listed) > 1 else [listed]

    def rows() -> None:
        text.row("合计", cells_of(listed, kinds, style, general, (), total), style)
        for number, half in enumerate(halves, start=1):
            if len(halves) > 1:
                text.row(
                    f"51000{number} 第{number}单位", cells_of(half, kinds, style, general, (), total), style
                )
            for code, below in levels(half):
                shown = (code[-2:] if len(code) > 3 else code) if general and style.fragments else code
                text.row(f"{shown} 名称{code}支出", cells_of(below, kinds, style, general, (), total), style)

    if listed:
        start = len(text.lines)
        table(text, title, ["科目编码", "科目名称"], [total, *kinds], style, rows)
        spoil(text, start, style, rng)


def spoil(text: Text, start: int, style: Style, rng: random.Random) -> None:
    """Prints one amount of the table wrongly: of its total row, or of its last row."""
    if not style.wrong:
        return
    lines = [n for n in sorted({line for line, _ in text.truth}) if n > start]
    line = lines[0] if style.wrong == "total" else lines[-1]
    words = text.lines[line - 1].split(" ")
    amounts = [i for i, word in enumerate(words) if "." in word]
    place = rng.choice(amounts)
    words[place] = money(rng.randrange(10_000, 900_000_000))
    text.lines[line - 1] = " ".join(words)


def basic(text: Text, total: int, style: Style, rng: random.Random) -> None:
    """一般公共预算基本支出表 by department-economic code: 人员经费 and 公用经费."""
    codes = [(c[0], c[1], list(c[2:]), i) for i, group in enumerate((PERSONNEL, PUBLIC)) for c in group]
    chosen = [
        (top, name, rng.sample(below, rng.randint(1, len(below))), kind) for top, name, below, kind in codes
    ]
    count = sum(len(below) for _, _, below, _ in chosen)
    if total < 20 * count:
        return
    cuts = sorted(rng.sample(range(10, total - 9, 10), count - 1)) if count > 1 else []
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]
    shares = iter(parts)
    listed = [
        (top, name, [(c, n, next(shares)) for c, n in sorted(below)], kind)
        for top, name, below, kind in chosen
    ]
    names = ("人员经费", "公用经费")

    def cells(amounts: tuple[int, int]) -> list[tuple[tuple[str, ...], str]]:
        values = [("合计", sum(amounts)), *zip(names, amounts, strict=True)]
        return [((name,), money(value) if value else style.zero) for name, value in values]

    def rows() -> None:
        sides = [sum(v for _, _, below, k in listed if k == kind for _, _, v in below) for kind in (0, 1)]
        text.row("合计", cells((sides[0], sides[1])), style)
        for top, name, below, kind in listed:
            whole = sum(v for _, _, v in below)
            text.row(f"{top} {name}", cells((whole, 0) if kind == 0 else (0, whole)), style)
            for code, label, value in below:
                shown = code[-2:] if style.fragments else code
                text.row(f"{shown} {label}", cells((value, 0) if kind == 0 else (0, value)), style)

    start = len(text.lines)
    table(text, "一般公共预算基本支出表", ["科目编码", "科目名称"], ["合计", *names], style, rows)
    spoil(text, start, style, rng)


def revenue(text: Text, items: list[Item], style: Style) -> None:
    """收入总表: general budget, and 事业收入 for the rest."""
    whole = sum(sum(item.by_kind.values()) for item in items)
    general = sum(sum(item.general.values()) for item in items)
    funds = {
        "一般公共预算拨款收入": general,
        "政府性基金预算拨款收入": 0,
        "事业收入": whole - general,
        "其他收入": 0,
    }

    def rows() -> None:
        cells: list[tuple[tuple[str, ...], str]] = [(("合计",), money(whole))]
        cells += [((name,), money(value) if value else style.zero) for name, value in funds.items()]
        text.row("合计", cells, style)
        text.row("510-某某市某某局", cells, style)

    table(text, "收入总表", ["预算单位"], ["合计", *funds], style, rows)


def revenue_by_function(text: Text, items: list[Item], style: Style) -> None:
    """部门收入总表 with a row a code, in one piece or in two column groups that repeat the rows."""
    names = ["一般公共预算拨款收入", "政府性基金预算拨款收入", "事业收入", "事业单位经营收入", "其他收入"]

    def amounts(below: list[Item]) -> list[tuple[tuple[str, ...], str]]:
        whole = sum(sum(item.by_kind.values()) for item in below)
        general = sum(sum(item.general.values()) for item in below)
        values = {names[0]: general, names[2]: whole - general}
        cells: list[tuple[tuple[str, ...], str]] = [(("合计",), money(whole))]
        return cells + [((name,), money(v) if (v := values.get(name, 0)) else style.zero) for name in names]

    def rows(first: int, last: int) -> None:
        text.row("合计", amounts(items)[first:last], style)
        for code, below in levels(items):
            text.row(f"{code} 名称{code}支出", amounts(below)[first:last], style)

    for first, last in ((0, 3), (3, 6)) if style.groups else ((0, 6),):
        columns = ["合计", *names][first:last]
        table(
            text, "部门收入总表", ["科目编码", "科目名称"], columns, style, lambda f=first, t=last: rows(f, t)
        )


def two_sided(text: Text, items: list[Item], style: Style) -> None:
    """财政拨款收支总表: revenue on the left, classes by fund on the right; some lines carry one side only."""
    left = [
        ("一、一般公共预算拨款", sum(sum(i.general.values()) for i in items)),
        ("二、政府性基金预算拨款", 0),
    ]
    classes = sorted({item.code[:3] for item in items})
    right = [
        (f"{n}、第{c}类支出", sum(sum(i.general.values()) for i in items if i.code[:3] == c))
        for n, c in zip("一二三四", classes, strict=False)
    ]

    def side(value: int, *path: str) -> tuple[tuple[str, ...], str]:
        return path, money(value) if value else style.zero

    def rows() -> None:
        for place in range(max(len(left), len(right))):
            label, cells = "", []
            if place < len(left):
                label, cells = left[place][0], [side(left[place][1], "收入", "预算数")]
            first = " ".join([label, *(t for _, t in cells if t)]).strip()
            paths = [path for path, t in cells if t and t != "-"]
            if place < len(right):
                name, value = right[place]
                more = [
                    side(value, "支出", "合计"),
                    side(value, "支出", "一般公共预算"),
                    side(0, "支出", "政府性基金预算"),
                ]
                first = " ".join([first, name, *(t for _, t in more if t)]).strip()
                paths += [path for path, t in more if t and t != "-"]
            text.add(first)
            for nth, path in enumerate(paths, start=1):
                text.truth[len(text.lines), nth] = path

    if sum(value for _, value in right):
        head = ["收 入 支 出", "项 目 预算数 项 目 合计 一般公共预算 政府性基金预算"]
        text.add("财政拨款收支总表")
        text.add("单位：万元")
        text.lines.extend(head)
        rows()


@st.composite
def items_of(draw: st.DrawFn) -> list[Item]:
    """Items of expenditure with money by kind. Amounts may repeat, and may be all general budget or not."""
    step = draw(st.sampled_from([10, 1]))
    amount = st.integers(1, 40_000_000).map(lambda n: 10 + n * step)
    repeated = draw(st.lists(amount, min_size=1, max_size=3))
    value = st.one_of(amount, st.sampled_from(repeated))
    all_general = draw(st.booleans())
    found: dict[str, Item] = {}
    for top in draw(
        st.lists(st.sampled_from(["205", "208", "210", "221"]), min_size=1, max_size=3, unique=True)
    ):
        for group in draw(st.lists(st.integers(1, 15), min_size=1, max_size=3, unique=True)):
            for item in draw(st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True)):
                code = f"{top}{group:02d}{item:02d}"
                kinds = draw(st.sets(st.sampled_from(KINDS[:2]), min_size=1))
                by_kind = {kind: draw(value) for kind in KINDS if kind in kinds}
                kept = all_general or draw(st.booleans())
                found[code] = Item(code, by_kind, dict(by_kind) if kept else {})
    return [found[code] for code in sorted(found)]


styles = st.builds(
    Style,
    width=st.sampled_from([0, 2, 3, 4]),
    kinds=st.sampled_from([2, 3, 5]),
    zero=st.sampled_from(["", "", "", "0.00", "-"]),
    fragments=st.booleans(),
    titles_last=st.booleans(),
    blank_lines=st.booleans(),
    broken_labels=st.booleans(),
    units=st.booleans(),
    groups=st.booleans(),
    wrong=st.sampled_from(["", "", "total", "leaf"]),
)


def written(items: list[Item], style: Style, seed: int) -> Text:
    """The disclosure's text."""
    rng = random.Random(seed)
    text = Text()
    text.add("某某市某某局部门预算公开")
    revenue(text, items, style)
    revenue_by_function(text, items, style)
    expenditure(text, items, style, rng, general=False)
    if not style.titles_last:
        two_sided(text, items, style)
    expenditure(text, items, style, rng, general=True)
    basic(text, sum(item.general.get("基本支出", 0) for item in items), style, rng)
    return text


def check(text: Text) -> tuple[int, int]:
    """Reads a text; every certain amount must be true. Returns how many were decided, and how many there are."""
    document = Document(Source("generated.txt", "0" * 64, 1), tuple(text.lines), (1,) * len(text.lines))
    decided = 0
    for read in read_flow_tables(document, frozenset()):
        for row in read.rows:
            for side in row.sides:
                for cell in side.cells:
                    if cell.certainty is Certainty.AMBIGUOUS or cell.column is None:
                        continue
                    place = (cell.amount.line, cell.amount.nth)
                    path = read.columns[cell.column].path
                    assert place in text.truth, (place, cell.amount.token, text.lines[place[0] - 1])
                    assert path == text.truth[place], (place, cell, text.lines)
                    decided += 1
    return decided, len(text.truth)


@given(items_of(), styles, st.integers(0, 10**6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_certain_is_true(items: list[Item], style: Style, seed: int) -> None:
    check(written(items, style, seed))


def test_most_amounts_are_decided_where_the_tables_agree() -> None:
    rng = random.Random(4)
    decided = total = 0
    for seed in range(6):
        items = [
            Item(f"208{group:02d}{item:02d}", dict(kinds), dict(kinds))
            for group in range(1, 4)
            for item in range(1, 5)
            for kinds in [{rng.choice(KINDS[:2]): rng.randrange(1_000, 90_000_000, 10)}]
        ]
        style = Style(
            width=3,
            kinds=5,
            zero="",
            fragments=True,
            titles_last=False,
            blank_lines=True,
            broken_labels=False,
        )
        counts = check(written(items, style, seed))
        decided += counts[0]
        total += counts[1]
    assert decided >= 0.98 * total, f"{decided} of {total} decided"
