"""Figures with their meaning, and the facts they state.

A figure is one printed amount. A fact is one quantity: all figures with the same dimensions state it. No fact is made of
an ambiguous figure, of one whose words are not all understood, or where one table prints two different amounts under
the same dimensions (then our reading has missed what tells them apart).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from mingzhang.ingest.amounts import in_yuan
from mingzhang.ingest.codebook import Codebook, scheme_of
from mingzhang.ingest.document import Amount, Certainty, ReadTable, RowSide, TableCell
from mingzhang.ingest.iris import Identity
from mingzhang.ingest.meaning import CODE_DIMENSIONS, Meaning, Unclear
from mingzhang.ingest.row_walk import RowMeaning, read_rows
from mingzhang.ingest.sums import RowKey
from mingzhang.ingest.table_reader import TableReader
from mingzhang.ingest.title_doubts import form_doubt
from mingzhang.ontology.lexicon import Form, Lexicon, normal_label, normal_text

DIMENSIONS = (
    "department",
    "budgetUnit",
    "fiscalYear",
    "phase",
    "flow",
    "fundSource",
    "functionalClass",
    "departmentEconomicClass",
    "governmentEconomicClass",
    "expenditureKind",
    "threePublicItem",
    "project",
)
_YEAR = re.compile(r"(20[0-9]{2})年")
_ROW_YEAR = re.compile(r"(?:^|\s)(20[0-9]{2}年)(?:度|预算|预算数)?$")
# What forms print beside a body's name: its code, the year, the day.
_BESIDE_A_BODY = re.compile(
    r"^[\[(]?[0-9]{3,9}[\])]?[-—_]?|(?:19|20)[0-9]{2}年(?:度|[0-9]{1,2}月(?:[0-9]{1,2}日)?)?$"
)
_TARGETS = re.compile("绩效(?:目标)?")
_FLOWS = {"收入": "id/flow/revenue", "支出": "id/flow/expenditure"}


@dataclass(frozen=True)
class Figure:
    """One amount of a table, with everything printed about it and the key of the fact it states.

    `side` is the position of its label in a two-sided row. `dimensions` are the fact's (empty where it states none, and
    then `unclear` says why). `codes` are as printed, in full digits.
    """

    amount: Amount
    table: int
    row_line: int
    side: int
    label: str
    column: tuple[str, ...]
    certainty: Certainty
    candidates: tuple[tuple[str, ...], ...]
    proof: tuple[str, ...]
    codes: tuple[str, ...]
    unit: str
    dimensions: tuple[tuple[str, str], ...] = ()
    unclear: str = ""

    @property
    def key(self) -> tuple[int, int]:
        """Line and position on the line."""
        return (self.amount.line, self.amount.nth)

    def dimension(self, name: str) -> str:
        """The value of a dimension; empty where the figure states no fact."""
        return dict(self.dimensions).get(name, "")


@dataclass(frozen=True)
class Fact:
    """One quantity: its dimensions (concept keys, unit and project as in `Meaning`), yuan, and the figures that state it."""

    dimensions: tuple[tuple[str, str], ...]
    amount_yuan: Decimal
    figures: tuple[Figure, ...]
    certainty: Certainty

    def dimension(self, name: str) -> str:
        """The value of a dimension."""
        return dict(self.dimensions)[name]


@dataclass(frozen=True)
class TableMeaning:
    """A table with its form and reader (None where the form is unknown) and, per side, the meaning of each row."""

    table: ReadTable
    form: Form | None
    reader: TableReader | None
    sides: tuple[tuple[RowMeaning, ...], ...]


def read_meanings(tables: Sequence[ReadTable], identity: Identity, lexicon: Lexicon) -> list[TableMeaning]:
    """Every table with what its rows mean."""
    titled = {t.number: _form(t, identity, lexicon) for t in tables}
    doubts = {t.number: form_doubt(t, form, lexicon) for t in tables if (form := titled[t.number])}
    forms = {number: None if doubts.get(number) else form for number, form in titled.items()}
    plain = [t for t in tables if (form := forms[t.number]) is None or "project" not in form.row_schemes]
    codebook = Codebook(plain, lexicon)
    units = unit_codes(tables, lexicon)
    department = normal_text(identity.department_name)
    bodies = _bodies(plain, forms, lexicon) | {normal_label(identity.department_name)}
    found = []
    for table in tables:
        form = forms[table.number]
        reader = TableReader(table, form, lexicon, codebook, units, department, bodies) if form else None
        found.append(_table_meaning(table, form, reader, doubts.get(table.number) or "the form is not known"))
    return found


def _form(table: ReadTable, identity: Identity, lexicon: Lexicon) -> Form | None:
    """The form of a table, whatever it calls its department: 兰州市统计局, 市统计局, 统计局.

    A table that is read as one of money is no list of targets, even if its title says 绩效: it prints the money of projects
    beside their goals.
    """
    short = (identity.short_name, *(f"{level}{identity.short_name}" for level in "省市州县区旗"))
    names = (identity.department_name, identity.division_name, *short)
    form = lexicon.form_of_title(table.title, names)
    return form or lexicon.form_of_title(_TARGETS.sub("", table.title), names)


def _bodies(
    tables: Sequence[ReadTable], forms: Mapping[int, Form | None], lexicon: Lexicon
) -> frozenset[str]:
    """The names of budget units that have rows, or a column, of their own in tables of other things than projects."""
    found = set()
    for table in tables:
        form = forms[table.number]
        if form is None or "unit" not in form.row_schemes:
            continue
        for row in table.rows:
            for side in row.sides:
                found.add(normal_label(side.unit_name))
                if not side.codes and lexicon.names_a_body(side.label):
                    found.add(normal_label(side.label))
    return frozenset(found - {""})


def unit_codes(tables: Sequence[ReadTable], lexicon: Lexicon) -> dict[str, str]:
    """Name of a budget unit → its code, from the rows that print both; every code also stands for itself.

    A department and its own level often have one name, 131 and 131001: a unit's is the latter.
    """
    printed: dict[str, list[str]] = defaultdict(list)
    for name, code in _printed_units(tables, lexicon):
        printed[name].append(code)
    every = {code for codes in printed.values() for code in codes}
    above = {code for code in every if any(other != code and other.startswith(code) for other in every)}
    own = {name: next((c for c in codes if c not in above), codes[0]) for name, codes in printed.items()}
    return {code: code for code in sorted(every)} | own


def unit_names(tables: Sequence[ReadTable], lexicon: Lexicon) -> dict[str, str]:
    """Code of a budget unit → its name as printed; the longest, since narrow cells cut names off."""
    found: dict[str, str] = {}
    for name, code in _printed_units(tables, lexicon):
        found[code] = max(found.get(code, ""), name, key=len)
    return found


def _printed_units(tables: Sequence[ReadTable], lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """(name, code) of every row that prints both."""
    for table in tables:
        for row in table.rows:
            for side in row.sides:
                if side.unit_code and side.unit_name:
                    yield normal_label(side.unit_name), side.unit_code
                elif side.unit_code and not side.codes and lexicon.names_a_body(side.label):
                    yield normal_label(side.label), side.unit_code


def side_flow(table: ReadTable, position: int) -> str:
    """The flow a side of a table stands for, from its columns; empty for a one-sided table."""
    for row in table.rows:
        if position < len(row.sides):
            for cell in row.sides[position].cells:
                index = cell.column if cell.column is not None else cell.candidates[0]
                head = table.columns[index].path[:1]
                return _FLOWS.get(head[0], "") if head else ""
    return ""


def _table_meaning(
    table: ReadTable, form: Form | None, reader: TableReader | None, reason: str
) -> TableMeaning:
    width = max((len(row.sides) for row in table.rows), default=0)
    blank = RowSide("", ())
    sides: list[tuple[RowMeaning, ...]] = []
    for position in range(width):
        labelled = [row.sides[position] if position < len(row.sides) else blank for row in table.rows]
        if reader is None:
            unknown = RowMeaning(None, RowKey(""), reason)
            sides.append(tuple(unknown for _ in labelled))
        else:
            sides.append(tuple(read_rows(reader, labelled, side_flow(table, position))))
    return TableMeaning(table, form, reader, tuple(sides))


def read_figures(
    meanings: Sequence[TableMeaning], identity: Identity, lexicon: Lexicon, unit: str | None = None
) -> list[Figure]:
    """Every amount of every table as a figure, in order of table and place."""
    figures: list[Figure] = []
    for meant in meanings:
        reader = (
            TableReader(meant.table, meant.form, lexicon, Codebook((), lexicon), {}) if meant.form else None
        )
        own: list[Figure] = []
        for index, row in enumerate(meant.table.rows):
            for position, side in enumerate(row.sides):
                said = meant.sides[position][index]
                own += [
                    _figure(
                        cell, meant.table, row.line, position, side, said, reader, identity, lexicon, unit
                    )
                    for cell in side.cells
                ]
        figures += _distinct(own)
    return figures


def _figure(
    cell: TableCell,
    table: ReadTable,
    row_line: int,
    position: int,
    side: RowSide,
    said: RowMeaning,
    reader: TableReader | None,
    identity: Identity,
    lexicon: Lexicon,
    unit: str | None,
) -> Figure:
    path = table.columns[cell.column].path if cell.column is not None else ()
    figure = Figure(
        amount=cell.amount,
        table=table.number,
        row_line=row_line,
        side=position,
        label=side.label,
        column=path,
        certainty=cell.certainty,
        candidates=_told_apart([(i, table.columns[i].path) for i in cell.candidates]),
        proof=cell.proof,
        codes=side.codes,
        unit=table.unit or unit or "",
    )
    if cell.column is None:
        return replace(figure, unclear="its column is ambiguous")
    if said.meaning is None or reader is None:
        return replace(figure, unclear=said.reason)
    if not figure.unit:
        return replace(figure, unclear="the unit of the table is not printed")
    try:
        meaning = of_owner(
            of_year(
                reader.column(path, said.meaning), (*path, *_row_year(side.label)), table.title, identity.year
            ),
            table.owner,
            identity,
        )
        return replace(figure, dimensions=dimensions_of(meaning, identity, lexicon))
    except Unclear as unclear:
        return replace(figure, unclear=str(unclear))


def _told_apart(columns: Sequence[tuple[int, tuple[str, ...]]]) -> tuple[tuple[str, ...], ...]:
    """The paths of (index, path) columns; those alike, whose own headings were lost, with their place: 第3栏."""
    printed = Counter(path for _, path in columns)
    return tuple((*path, f"第{index + 1}栏") if printed[path] > 1 else path for index, path in columns)


def of_year(meaning: Meaning, path: Sequence[str], title: str, year: int) -> Meaning:
    """The meaning with the year its column (or row) prints: the disclosure's own, or the one before (2025年预算数 in a disclosure

    of 2026). Raises Unclear for a column of any other year or of two, and for a table of another year.
    """
    titled = _years(title)
    if titled and year not in titled:
        raise Unclear(f"a table of {', '.join(map(str, sorted(titled)))}")
    printed = {found for level in path for found in _years(level)}
    if not printed or printed == {year}:
        return meaning
    if printed == {year - 1} and meaning.phase != "final":
        return replace(meaning, prior=True)
    raise Unclear(f"a column of {', '.join(map(str, sorted(printed)))}")


def of_owner(meaning: Meaning, owner: str, identity: Identity) -> Meaning:
    """The meaning with the budget unit whose table it is: the body printed above it, where that is not the department."""
    body = _BESIDE_A_BODY.sub("", normal_text(owner))
    name = re.sub(r"\(.*\)$|汇总$|部门$", "", body)
    if not name or meaning.unit != "all" or name in normal_text(identity.department_name):
        return meaning
    return replace(meaning, unit=normal_label(body))


def _row_year(label: str) -> tuple[str, ...]:
    """The year a row is of, where its label is or ends in one of its own: 2025年, 某局 2025年."""
    found = _ROW_YEAR.search(label)
    return (found.group(1),) if found else ()


def _years(text: str) -> set[int]:
    return {int(found) for found in _YEAR.findall(normal_text(text))}


def dimensions_of(meaning: Meaning, identity: Identity, lexicon: Lexicon) -> tuple[tuple[str, str], ...]:
    """All twelve dimensions of a meaning. Raises Unclear where one is not known."""
    fund = lexicon.fund_source(meaning.origin, meaning.vintage)
    if fund is None:
        raise Unclear(f"no fund source is {meaning.origin} and {meaning.vintage}")
    if not meaning.flow:
        raise Unclear("neither revenue nor expenditure")
    if meaning.flow == "id/flow/revenue" and meaning.kind != "id/expenditure-kind/all":
        raise Unclear("a kind of expenditure among revenue")
    if meaning.prior and meaning.phase in ("final", "adjusted"):
        raise Unclear("neither a budget nor of this year")
    if meaning.phase == "final" and identity.kind != "final":
        raise Unclear("final accounts in a budget")
    if meaning.phase == "execution" and not meaning.prior:
        raise Unclear("an outturn of a year that is not over")
    own = meaning.phase or ("final" if identity.kind == "final" else "initial")
    phase = own if meaning.phase == "execution" else "prior" if meaning.prior else own
    values = {
        "department": identity.slug,
        "budgetUnit": meaning.unit,
        "fiscalYear": str(identity.year - 1 if meaning.prior else identity.year),
        "phase": f"id/phase/{phase}",
        "flow": meaning.flow,
        "fundSource": fund.key,
        "functionalClass": meaning.functional or "id/code/functional/all",
        "departmentEconomicClass": meaning.dept_economic or "id/code/dept-economic/all",
        "governmentEconomicClass": meaning.gov_economic or "id/code/gov-economic/all",
        "expenditureKind": meaning.kind,
        "threePublicItem": meaning.three_public,
        "project": meaning.project,
    }
    return tuple((name, values[name]) for name in DIMENSIONS)


def _distinct(figures: Sequence[Figure]) -> list[Figure]:
    """The figures of one table, without the facts of those that share their dimensions but not their amount."""
    amounts: dict[tuple[tuple[str, str], ...], set[Decimal]] = defaultdict(set)
    for figure in figures:
        if figure.dimensions:
            amounts[figure.dimensions].add(figure.amount.value)
    reason = "another row of the table has the same dimensions and another amount"
    return [
        replace(f, dimensions=(), unclear=reason) if f.dimensions and len(amounts[f.dimensions]) > 1 else f
        for f in figures
    ]


def state_facts(figures: Sequence[Figure]) -> list[Fact]:
    """The facts that the figures state, in order of their first figure.

    Where figures of one fact differ, its amount is the one printed most often, then the first printed: the difference
    is for a finding to tell.
    """
    groups: dict[tuple[tuple[str, str], ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.dimensions:
            groups[figure.dimensions].append(figure)
    facts = []
    for dimensions, members in groups.items():
        printed = [in_yuan(f.amount.value, f.unit) for f in members]
        counts = Counter(printed)
        amount = max(printed, key=lambda value: (counts[value], -printed.index(value)))
        all_printed = any(f.certainty is Certainty.PRINTED for f in members)
        certainty = Certainty.PRINTED if all_printed else Certainty.RECONCILED
        facts.append(Fact(dimensions, amount, tuple(members), certainty))
    return facts


def code_columns(figure: Figure) -> dict[str, str]:
    """Scheme → code of a figure in full digits: the printed one, else the one its label stands for."""
    found = {scheme: code for code in figure.codes if (scheme := scheme_of(code)) is not None}
    for scheme, name in CODE_DIMENSIONS.items():
        key = figure.dimension(name)
        if scheme not in found and key and not key.endswith("/all"):
            found[scheme] = key.rsplit("/", 1)[-1]
    return found
