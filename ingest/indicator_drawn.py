"""Indicator forms whose cells are known from how they are drawn: rulings of a page, cells of a workbook.

A form is read row by row: its head (项目名称, 年度资金总额 …), its column heads, then one target a row, with what merged
cells say for all the rows they cover. A form goes on over pages, with or without its column heads repeated. What a cell
over several rows leaves open is not read. Read `indicator_drawn_header` (what the columns hold) first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mingzhang.ingest.amounts import is_amount
from mingzhang.ingest.document import Document, Indicator, RegionCell
from mingzhang.ingest.grid import squeeze
from mingzhang.ingest.indicator_drawn_header import (
    DrawnHeader,
    Target,
    column_word,
    drawn_header,
    head_role,
)
from mingzhang.ingest.indicator_record import FormSpan, IndicatorReading, ProjectAmount
from mingzhang.ingest.indicator_row import is_sign
from mingzhang.ingest.indicator_target import read_target
from mingzhang.ingest.indicator_words import IndicatorWords
from mingzhang.ingest.prose_text import is_page_foot
from mingzhang.ingest.sheet import Sheet, same_columns, sheet_of
from mingzhang.ontology.lexicon import load_lexicon, normal_text

_CODE_BEFORE_NAME = re.compile(r"^[\[【(（]?[0-9]{2,}[\]】)）]?[-—_]*\s*")
_IN_YUAN = re.compile(r"[(（:：]元[)）]?$|单位[:：]元")
_OF_THE_DEPARTMENT = re.compile(r"整体")
# A title stands at most this many lines above its form.
_TITLE_REACH = 5
_MONEY_ROLES = ("amount", "part-amount", "multi-year-amount")


@dataclass
class _Form:
    """What is known of a form while it is read from the top."""

    header: DrawnHeader | None = None
    scope: str = ""
    project: str = ""
    unit_name: str = ""
    amount: str = ""
    level1: str = ""
    level2: str = ""
    in_yuan: bool = False

    def begin(self, project: str) -> None:
        """A project is named: what was known of the one before holds no more, but for the unit of money."""
        self.header, self.scope, self.project = None, "project", project
        self.unit_name = self.amount = self.level1 = self.level2 = ""


@dataclass
class _Found:
    indicators: list[Indicator] = field(default_factory=list)
    amounts: list[ProjectAmount] = field(default_factory=list)
    spans: list[FormSpan] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)


def read_drawn(document: Document, taken: frozenset[int], words: IndicatorWords) -> IndicatorReading:
    """Every drawn form of the document. `taken` are lines already read as budget tables."""
    found = _Found()
    before: Sheet | None = None
    form = _Form()
    for region in document.regions:
        if region.first_line in taken:
            before = None
            continue
        sheet = sheet_of(region)
        above, titles = _lines_above(document, before, sheet, words)
        goes_on = before is not None and not above and region.page - before.region.page <= 1
        own = any(drawn_header(sheet, row, words) for row in range(region.rows))
        if not goes_on or before is None or not (own or same_columns(before.region, region)):
            form = _Form()
        if own and titles:
            form = _after_title(form, same_table=before is not None and same_columns(before.region, region))
        form.scope = form.scope or ("department" if _OF_THE_DEPARTMENT.search("".join(titles)) else "")
        form.in_yuan = form.in_yuan or any(_IN_YUAN.search(normal_text(line)) for line in titles)
        if not own and form.header is None and not _names_a_project(sheet, words):
            before = None
            continue
        _read_sheet(_Page(document, sheet, words), form, found)
        before = sheet
    return IndicatorReading(
        tuple(found.indicators), frozenset(found.lines), tuple(found.amounts), tuple(found.spans)
    )


def _after_title(form: _Form, *, same_table: bool) -> _Form:
    """What still holds below a title: a head that waits for its columns, and the unit of a list that goes on."""
    if form.header is None:
        return form
    listed = {"project", "unit-or-project"} & form.header.columns.keys()
    return _Form(unit_name=form.unit_name if same_table and listed else "")


def _lines_above(
    document: Document, before: Sheet | None, sheet: Sheet, words: IndicatorWords
) -> tuple[list[str], list[str]]:
    """(running text, titles and units) between a form and what was drawn before it, or close above it."""
    first = sheet.region.first_line
    lowest = before.region.last_line + 1 if before else max(1, first - _TITLE_REACH)
    printed = [document.line(n).strip() for n in range(lowest, first)]
    printed = [line for line in printed if line and not is_page_foot(line)]
    titles = [line for line in printed if _is_heading(line, words)]
    return [line for line in printed if line not in titles], titles


def _is_heading(line: str, words: IndicatorWords) -> bool:
    """Whether a line is a form's title, its unit of money, its number or its year."""
    wording = normal_text(line)
    return words.is_title(line) or bool(
        re.match(r"^(?:表[0-9一二三四五六七八九十]+|附[件表]|\(?20[0-9]{2}年度?\)?$)|.*单位[:：]", wording)
    )


def _names_a_project(sheet: Sheet, words: IndicatorWords) -> bool:
    """Whether a table is the head of a form whose column heads stand on the next page."""
    return any(head_role(c.text, words) == "project" and c.column == 0 for c in sheet.region.cells)


@dataclass(frozen=True)
class _Page:
    """A form's cells on one page."""

    document: Document
    sheet: Sheet
    words: IndicatorWords

    def line(self, cell: RegionCell) -> int:
        return self.sheet.region.first_line + cell.row

    def span(self, cell: RegionCell, role: str) -> FormSpan:
        return FormSpan(self.line(cell), cell.start, cell.start + len(cell.text), role)


def _read_sheet(page: _Page, form: _Form, found: _Found) -> None:
    """Reads one page into `found`; `form` carries what holds for the next."""
    sheet = page.sheet
    waiting: list[int] = []
    told: set[RegionCell] = set()
    for row in range(sheet.region.rows):
        header = drawn_header(sheet, row, page.words)
        waiting.append(sheet.region.first_line + row)
        if header is not None:
            form.header, form.level1, form.level2 = header, "", ""
            heads = [c for depth in range(row + 1) for c in sheet.starts(depth) if c not in told]
            found.spans += [page.span(c, "words") for c in heads if c.text and not is_amount(c.text)]
            told.update(c for c in heads if not is_amount(c.text))
        elif _is_head_row(sheet, row, page.words, form):
            told.update(_read_head(page, row, form, found))
        elif form.header is not None:
            told.update(_read_row(page, row, form, found))
    if form.header is not None:
        found.lines.update(waiting)


def _is_head_row(sheet: Sheet, row: int, words: IndicatorWords, form: _Form) -> bool:
    """Whether a row names a project, or says something of it before the column heads."""
    cells = sheet.starts(row)
    roles = [head_role(cell.text, words) for cell in cells]
    names = any(role == "project" and cell.column == 0 for role, cell in zip(roles, cells, strict=True))
    return names or (form.header is None and any(roles))


def _read_head(page: _Page, row: int, form: _Form, found: _Found) -> list[RegionCell]:
    """Takes in a row of labels, each with what it says on its right; the cells it made use of."""
    cells = page.sheet.starts(row)
    for cell in (cell for cell in cells if cell.text):
        role = head_role(cell.text, page.words)
        following = next((c for c in cells if c.column == cell.column + cell.column_span), None)
        value = following.text if following and not head_role(following.text, page.words) else ""
        if role == "project" and cell.column == 0:
            form.begin(value)
        elif role in ("unit-name", "department") and value:
            named = _CODE_BEFORE_NAME.sub("", value)
            form.unit_name = named if role == "unit-name" or not form.unit_name else form.unit_name
        elif role == "funds":
            form.in_yuan = form.in_yuan or bool(_IN_YUAN.search(normal_text(cell.text)))
        elif role in _MONEY_ROLES and following and is_amount(value):
            found.spans.append(page.span(following, "amount"))
            if role == "amount":
                form.amount = "" if form.in_yuan else value
                _take_amount(page, following, form, found)
        money = is_amount(cell.text)
        if not money:
            found.spans.append(page.span(cell, "words"))
    return cells


def _take_amount(page: _Page, cell: RegionCell, form: _Form, found: _Found) -> None:
    """Notes a project's money. Amounts of forms in 元 are left out: the record is of 万元."""
    if not form.in_yuan:
        found.amounts.append(
            ProjectAmount(form.project, form.unit_name, cell.text, page.line(cell), cell.start)
        )


def _read_row(page: _Page, row: int, form: _Form, found: _Found) -> list[RegionCell]:
    """Takes in a row below the column heads; the cells it made use of."""
    header = form.header
    if header is None:
        return []
    targets = [(t, p) for t in header.targets if (p := _parts(page, row, t)) is not None]
    cells = page.sheet.starts(row)
    _take_columns(page, row, form, found, states=bool(targets))
    for nth, (target, parts) in enumerate(targets, 1):
        level1, level2 = (target.kind, "") if target.kind else (form.level1, form.level2)
        found.indicators.append(_indicator(page, row, nth, parts, form, level1, level2))
        found.spans += [page.span(c, "target") for c in (*parts.value, parts.sign, parts.unit) if c]
        found.spans += [page.span(c, "weight") for c in (parts.weight,) if c]
    read = {cell for _, parts in targets for cell in parts.cells}
    unread = {c for t in header.targets for c in _value_cells(page, row, t)} - read
    for cell in cells:
        is_note = cell.column in header.notes or not is_amount(cell.text)
        if cell.text and cell not in read and cell not in unread and is_note:
            found.spans.append(page.span(cell, "words"))
    return cells


@dataclass(frozen=True)
class _Parts:
    """The cells of one target."""

    label: RegionCell
    value: tuple[RegionCell, ...]
    sign: RegionCell | None
    unit: RegionCell | None
    weight: RegionCell | None
    direction: RegionCell | None

    @property
    def cells(self) -> tuple[RegionCell, ...]:
        return tuple(
            c for c in (*self.value, self.sign, self.unit, self.weight, self.direction) if c is not None
        )


def _value_cells(page: _Page, row: int, target: Target) -> list[RegionCell]:
    """The cells of a row that stand under the head of the targets."""
    first, last = target.columns["value"]
    cells = dict.fromkeys(page.sheet.cover[row][first:last])
    return [c for c in cells if c is not None and c.text]


def _parts(page: _Page, row: int, target: Target) -> _Parts | None:
    """The cells of a row's target; None where the row states none, or its cells do not keep to the columns."""
    words = page.words

    def at(role: str) -> RegionCell | None:
        if role not in target.columns:
            return None
        first, last = target.columns[role]
        cell = page.sheet.cover[row][first]
        whole = cell is not None and cell.column == first and cell.column + cell.column_span == last
        return cell if cell is not None and whole and cell.text else None

    label, value = at("level3"), tuple(_value_cells(page, row, target))
    first, last = target.columns["value"]
    inside = all(c.column >= first and c.column + c.column_span <= last and c.row_span == 1 for c in value)
    if label is None or not value or not inside or not _may_be_label(label.text, words):
        return None
    if len(value) > 1 and not is_sign(value[0].text, words):
        return None
    sign, unit = at("operator"), at("unit")
    if sign and unit and is_sign(unit.text, words) and not is_sign(sign.text, words):
        # The two cells were filled in the wrong way round: ≥ can only be the sign.
        sign, unit = unit, sign
    weight = at("weight")
    weight = weight if weight and is_amount(weight.text) and weight.row_span == 1 else None
    return _Parts(label, value, sign, unit, weight, at("direction"))


def _may_be_label(text: str, words: IndicatorWords) -> bool:
    wording = normal_text(text)
    return not (
        wording in words.level1 or column_word(text, words) or is_sign(text, words) or is_amount(text)
    )


def _take_columns(page: _Page, row: int, form: _Form, found: _Found, *, states: bool) -> None:
    """What stands left of the targets: unit, project and its money, levels. Blank cells go on with what is above."""
    header = form.header
    assert header is not None

    def at(role: str) -> RegionCell | None:
        return page.sheet.cover[row][header.columns[role]] if role in header.columns else None

    unit, project, amount = at("unit-name"), at("project") or at("unit-or-project"), at("amount")
    if unit and unit.text and unit.row == row:
        form.unit_name = _CODE_BEFORE_NAME.sub("", unit.text)
    if project and project.text and project.row == row and not is_amount(project.text):
        names_unit = (
            "unit-or-project" in header.columns and not states and load_lexicon().names_a_body(project.text)
        )
        form.project = "" if names_unit else project.text
        form.unit_name = project.text if names_unit else form.unit_name
        form.amount, form.level1, form.level2 = "", "", ""
    for role, index in header.money:
        cell = page.sheet.cover[row][index]
        if cell and cell.row == row and is_amount(cell.text):
            found.spans.append(page.span(cell, "amount"))
            if role == "amount" and cell == amount:
                form.amount = "" if form.in_yuan else cell.text
                _take_amount(page, cell, form, found)
    for role in ("code", "index"):
        cell = at(role)
        if cell and cell.text and cell.row == row:
            found.spans.append(page.span(cell, "code" if role == "code" else "ordinal"))
    _take_levels(row, at("level1"), at("level2"), form, page.words)


def _take_levels(
    row: int, first: RegionCell | None, second: RegionCell | None, form: _Form, words: IndicatorWords
) -> None:
    """Levels of a row. A merged cell that is blank names nothing; one blank cell goes on with the name above."""
    if first and first.row == row:
        if first.text:
            form.level1, form.level2 = squeeze(first.text), ""
        elif first.row_span > 1 and row > 0:
            form.level1 = ""
    if second and second.row == row:
        if second.text:
            form.level2 = squeeze(second.text)
        elif second.row_span > 1 and row > 0:
            form.level2 = ""
    kind, allowed = words.level1.get(normal_text(form.level1)), words.level1_of_level2(form.level2)
    if first and not first.text and kind and allowed and kind.notation not in allowed:
        form.level1 = ""


def _indicator(
    page: _Page, row: int, nth: int, parts: _Parts, form: _Form, level1: str, level2: str
) -> Indicator:
    region = page.sheet.region
    direction = parts.direction.text if parts.direction else ""
    text = " ".join(cell.text for cell in parts.value)
    sign, unit = (cell.text if cell else "" for cell in (parts.sign, parts.unit))
    if len(parts.value) > 1 and not sign:
        sign, text, unit = parts.value[0].text, parts.value[1].text, "".join(c.text for c in parts.value[2:])
    several = len(page.words.sign_inside.findall(normal_text(text))) > 1
    target = read_target(text, page.words, sign=sign, unit=unit, label=parts.label.text, direction=direction)
    return Indicator(
        line=region.first_line + row,
        nth=nth,
        scope=form.scope or ("project" if form.project else "department"),
        project=form.project,
        project_amount=form.amount,
        unit_name=form.unit_name,
        level1=level1,
        level2=level2,
        level3=parts.label.text,
        operator="" if several else target.operator,
        value=text if several else target.value,
        measure_unit="" if several else target.measure_unit,
        weight=parts.weight.text if parts.weight else "",
        direction=direction,
        printed=target.printed,
        likely_operator=target.likely_operator,
        page=region.page,
    )
