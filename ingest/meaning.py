"""What an amount is: the dimensions that its form, its column, its row and the rows above it give it.

Every word in scope is understood, or the amount states no fact: there is no “other”. What the words mean is in the
ontology; the rules here are only how meanings combine: an inner word narrows an outer one and never contradicts it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mingzhang.ingest.class_names import codes_by_order
from mingzhang.ingest.codebook import Codebook, scheme_of
from mingzhang.ingest.document import ReadTable, RowSide
from mingzhang.ingest.projects import ProjectLine, doubts
from mingzhang.ingest.sums import RowKey, number_level
from mingzhang.ontology.lexicon import Concept, Form, Lexicon, normal_label, normal_text

CODE_DIMENSIONS = {
    "functional": "functionalClass",
    "dept-economic": "departmentEconomicClass",
    "gov-economic": "governmentEconomicClass",
}
WORD_SCHEMES = frozenset({"fund-source", "expenditure-kind", "three-public", "phase"})
_THREE_PUBLIC = "id/three-public/all"
_NOT_THREE_PUBLIC = "id/three-public/not-applicable"
_ALL_KINDS = "id/expenditure-kind/all"
_CLASS_DIGITS = 3
_GRAND_TOTAL = "id/expenditure-kind/grand-total"


@dataclass(frozen=True)
class Meaning:
    """Dimensions of an amount, as concept keys below the base (`id/fund-source/general-public`).

    `origin` and `vintage` are the two facets of the fund source. `unit` is a budget unit's code or name, or `all`;
    `project` a project's name, or `all`; a class is a key or empty for all. `phase` is the phase a column names, or empty;
    `prior` is for the year before.
    """

    flow: str = ""
    origin: str = "id/fund-source/all"
    vintage: str = "any"
    kind: str = "id/expenditure-kind/all"
    three_public: str = "id/three-public/not-applicable"
    functional: str = ""
    dept_economic: str = ""
    gov_economic: str = ""
    unit: str = "all"
    project: str = "all"
    phase: str = ""
    prior: bool = False


class Unclear(Exception):
    """A word that is not understood, or that contradicts what stands around it. No fact is made."""


def combined(meaning: Meaning, concept: Concept, lexicon: Lexicon) -> Meaning:
    """The meaning narrowed by a concept. Raises Unclear where the two exclude one another."""
    if concept.scheme == "fund-source":
        origin = _narrower(meaning.origin, concept.origin, lexicon)
        vintage = concept.vintage if meaning.vintage in ("any", concept.vintage) else meaning.vintage
        if concept.vintage not in ("any", vintage):
            raise Unclear(f"{concept.name} within {meaning.vintage}")
        return replace(meaning, origin=origin, vintage=vintage)
    if concept.scheme == "expenditure-kind":
        if _ALL_KINDS not in lexicon.ancestors(concept.key):
            return replace(meaning, kind=concept.key)
        return replace(meaning, kind=_narrower(meaning.kind, concept.key, lexicon))
    if concept.scheme == "three-public":
        outer = concept.key if meaning.three_public == _NOT_THREE_PUBLIC else meaning.three_public
        return replace(meaning, three_public=_narrower(outer, concept.key, lexicon))
    if concept.scheme == "flow":
        if meaning.flow not in ("", concept.key):
            raise Unclear(f"{concept.name} within {meaning.flow}")
        return replace(meaning, flow=concept.key)
    if concept.scheme == "phase":
        if concept.notation == "prior":
            return replace(meaning, prior=True)
        if meaning.phase not in ("", concept.notation):
            raise Unclear(f"{concept.name} within {meaning.phase}")
        return replace(meaning, phase=concept.notation)
    raise Unclear(concept.name)


def _narrower(one: str, other: str, lexicon: Lexicon) -> str:
    if one in lexicon.ancestors(other):
        return other
    if other in lexicon.ancestors(one):
        return one
    raise Unclear(f"{one} and {other} exclude one another")


def choose(candidates: Sequence[Concept], meaning: Meaning, lexicon: Lexicon) -> Concept | None:
    """The concept a word denotes here, of those that have the word: within its context, the widest; None if undecided."""
    fitting = []
    for concept in candidates:
        if concept.scheme == "fund-source" and meaning.origin not in lexicon.ancestors(concept.origin):
            continue
        if concept.scheme == "expenditure-kind" and meaning.kind not in lexicon.ancestors(concept.key):
            continue
        fitting.append(concept)
    pool = fitting or list(candidates)
    widest = [c for c in pool if all(c.key in lexicon.ancestors(o.key) for o in pool)]
    return widest[0] if len(widest) == 1 else None


@dataclass(frozen=True)
class RowMeaning:
    """What a row says (None where it is not understood, with the reason), and where it stands among its rows."""

    meaning: Meaning | None
    key: RowKey
    reason: str = ""


class TableReader:
    """Gives the columns and rows of one table their meaning. `units`: name of a budget unit → its code.

    `department` is the name of the department whose table it is, `bodies` are the names of its units in other tables.
    """

    def __init__(
        self,
        table: ReadTable,
        form: Form,
        lexicon: Lexicon,
        codebook: Codebook,
        units: Mapping[str, str],
        department: str = "",
        bodies: frozenset[str] = frozenset(),
    ) -> None:
        self.form = form
        self.lexicon = lexicon
        self.codebook = codebook
        self.units = units
        self.department = department
        self.bodies = bodies
        words = {normal_label(side.label) for row in table.rows for side in row.sides}
        words |= {normal_label(level) for column in table.columns for level in column.path}
        self._special = {
            r.label: r.concepts for r in form.special_readings if not r.where_also or r.where_also in words
        }
        # A table that tells no years apart may print what was carried over within a source's amount.
        self._tells_years = any(
            concept.vintage in ("current", "carryover")
            for word in words
            for concept in lexicon.concepts_named(word, frozenset({"fund-source"}))
        )
        # 支出总计 as a heading adds up the kinds beside it: what is carried forward has no place in such a table.
        self._nothing_beyond = not any(
            _GRAND_TOTAL in concept.broader and concept.key != _ALL_KINDS
            for word in words
            for concept in lexicon.concepts_named(word, frozenset({"expenditure-kind"}))
        )
        labels = [side.label for row in table.rows for side in row.sides]
        # Without its total a list of sources may go on where we do not see it: with 上年结转.
        self._is_whole_list = any(
            lexicon.role(label) == "total" or normal_label(label).endswith(("总计", "合计"))
            for label in labels
        )
        # 会议费, 机关运行经费 … beside the three public expenses: then a total of the form is of unlike things.
        self._unlike = _THREE_PUBLIC in form.dimensions.values() and any(
            _THREE_PUBLIC not in lexicon.ancestors(concept.key)
            for word in words
            for concept in lexicon.concepts_named(word, frozenset({"three-public"}))
        )

    def base(self) -> Meaning:
        """What the form says of all its amounts."""
        dims = self.form.dimensions
        fund = self.lexicon.concepts.get(dims.get("fundSource", ""))
        meaning = Meaning(
            flow=dims.get("flow", ""),
            origin=fund.origin if fund else Meaning.origin,
            vintage=fund.vintage if fund else Meaning.vintage,
            kind=dims.get("expenditureKind", Meaning.kind),
            three_public=_NOT_THREE_PUBLIC
            if self._unlike
            else dims.get("threePublicItem", _NOT_THREE_PUBLIC),
        )
        for key in self.form.narrowed_by:
            meaning = combined(meaning, self.lexicon.concepts[key], self.lexicon)
        return meaning

    def column(self, path: Sequence[str], row: Meaning) -> Meaning:
        """What a row says, narrowed by the column an amount stands in. Raises Unclear."""
        meaning = row
        for level in path:
            role = self.lexicon.role(level)
            if role in ("revenue-side", "expenditure-side") and level == path[0]:
                continue
            if role == "change":
                raise Unclear("a change, not an amount of a year")
            if self.special(level):
                meaning = self.named(level, meaning, WORD_SCHEMES)
            elif self._nothing_beyond and self._is_grand_total(level):
                continue
            elif role == "amount":
                meaning = self._phase_named(level, meaning)
            elif role not in ("total", "label"):
                meaning = self._class_named(level, meaning) or self.named(level, meaning, WORD_SCHEMES)
        if self._unlike and meaning.three_public == _NOT_THREE_PUBLIC:
            raise Unclear("a total of unlike things")
        return meaning

    def _is_grand_total(self, word: str) -> bool:
        found = self.lexicon.concepts_named(word, frozenset({"expenditure-kind"}))
        return bool(found) and all(concept.key == _GRAND_TOTAL for concept in found)

    def _phase_named(self, level: str, meaning: Meaning) -> Meaning:
        """The meaning narrowed by the phase that a word for amounts names: 预算数 beside 决算数."""
        for concept in self.lexicon.concepts_named(level, frozenset({"phase"})):
            meaning = combined(meaning, concept, self.lexicon)
        return meaning

    def _class_named(self, level: str, meaning: Meaning) -> Meaning | None:
        """The meaning narrowed by a class that stands as a column head; None where the level names none."""
        for scheme in sorted(self.form.column_schemes):
            outer = meaning.dept_economic if scheme == "dept-economic" else meaning.gov_economic
            above = outer.rsplit("/", 1)[-1]
            code = self.codebook.code_of(level, scheme, below=above)
            if code is not None and scheme == "dept-economic":
                return replace(meaning, dept_economic=f"id/code/{scheme}/{code}")
            if code is not None:
                return replace(meaning, gov_economic=f"id/code/{scheme}/{code}")
        return None

    def rows(self, sides: Sequence[RowSide], flow: str) -> list[RowMeaning]:
        """What the rows of one side say, in order. `flow` is the side's own, or empty."""
        return _RowWalk(self, flow or self.form.dimensions.get("flow", ""), sides).walk(sides)

    def lacks_its_end(self, meaning: Meaning) -> bool:
        """Whether a source named by a row may be of this year or of all, because the rest of the list is not there."""
        year_open = meaning.vintage == "any" and self.form.revenue_vintage == "current"
        return year_open and meaning.flow == "id/flow/revenue" and not self._is_whole_list

    def special(self, label: str) -> bool:
        """Whether this form gives a wording a meaning of its own."""
        return normal_label(label) in self._special

    def named(self, word: str, meaning: Meaning, schemes: frozenset[str]) -> Meaning:
        """The meaning narrowed by a word. Raises Unclear for a word that denotes nothing, or several things."""
        special = self._special.get(normal_label(word))
        if special is not None:
            concepts = [self.lexicon.concepts[key] for key in special]
        else:
            concept = choose(self.lexicon.concepts_named(word, schemes), meaning, self.lexicon)
            concepts = [concept] if concept is not None else []
        if not concepts:
            raise Unclear(f"{word!r} is not understood")
        for concept in concepts:
            names_a_source = (
                concept.scheme == "fund-source" and concept.vintage == "any" and concept.notation != "all"
            )
            of_this_year = names_a_source and self._tells_years and meaning.vintage == "any"
            if of_this_year and meaning.flow == "id/flow/revenue":
                meaning = replace(meaning, vintage=self.form.revenue_vintage)
            meaning = combined(meaning, concept, self.lexicon)
        return meaning


class _RowWalk:
    """Walks the rows of one side of a table, keeping the unit, the codes and the heading that later rows stand under."""

    def __init__(self, reader: TableReader, flow: str, sides: Sequence[RowSide]) -> None:
        self._reader = reader
        self._lexicon = reader.lexicon
        self._codebook = reader.codebook
        self._schemes = reader.form.row_schemes
        self._base = replace(reader.base(), flow=flow)
        self._unit = "all"
        # Rows above that later ones stand under, with the depth of their numbering.
        self._headings: list[tuple[int, Meaning]] = []
        self._carryover: Meaning | None = None
        self._said: set[Meaning] = set()
        self._total: RowSide | None = None
        # A blank label repeats the total above it; after rows with names of their own it may be anything.
        self._named = False
        self._seen: set[tuple[str, str]] = set()
        self._unit_codes = frozenset(code for code in reader.units.values() if code)
        self._units_below = max(
            sum(1 for side in sides if not side.codes and self._names_a_unit(side)),
            len({side.unit_name for side in sides} - {""}),
        )
        self._codes_of_many = self._codes_beside_projects(sides)
        self._doubts = doubts(self._project_lines(sides)) if "project" in self._schemes else []
        self._code_schemes = self._schemes_of_codes(sides)
        self._lists_functions = "functional" in self._schemes and self._mostly_functions(sides)
        self._by_order = self._codes_by_order(sides)
        self._unfit_schemes = self._schemes_out_of_order(sides)
        self._beyond = self._carried_forward(sides)
        # The first row with something carried forward: what 支出合计 totals below it is more than the year's.
        self._carried_before = next(
            (i for i in self._beyond if any(cell.amount.value for cell in sides[i].cells)), None
        )
        self._grand_total_after = self._end_of_the_year(sides)

    def _carried_forward(self, sides: Sequence[RowSide]) -> list[int]:
        """The rows that are printed beside the expenditure of the year: 结转下年, 结余分配."""
        if self._base.flow != "id/flow/expenditure" or "expenditure-kind" not in self._schemes:
            return []
        kinds = frozenset({"expenditure-kind"})
        return [
            index
            for index, side in enumerate(sides)
            for concept in self._lexicon.concepts_named(side.label, kinds)
            if concept.key != _ALL_KINDS and _GRAND_TOTAL in concept.broader
        ]

    def _end_of_the_year(self, sides: Sequence[RowSide]) -> int | None:
        """The row below which totals hold what is carried forward too; None where they do not.

        That is 本年支出合计 where 结转下年 is printed below it; without such a row, 结转下年 itself where it has an amount.
        """
        kinds = frozenset({"expenditure-kind"})
        of_year = next(
            (
                index
                for index, side in enumerate(sides)
                if any(c.key == _ALL_KINDS for c in self._lexicon.concepts_named(side.label, kinds))
            ),
            None,
        )
        if of_year is not None and self._beyond and of_year < self._beyond[-1]:
            return of_year
        return self._carried_before

    def _totals_all(self, side: RowSide, index: int, candidates: Sequence[Concept]) -> bool:
        """Whether a row is 支出合计 below what is carried forward: no total of the year, whatever its name."""
        if self._carried_before is None or index <= self._carried_before:
            return False
        of_year = any(concept.key == _ALL_KINDS for concept in candidates)
        return of_year and re.search("[本当]年", normal_label(side.label)) is None

    def _whole(self, index: int) -> Meaning:
        """What a row says that totals the rows above it."""
        after = self._grand_total_after
        return self._base if after is None or index <= after else replace(self._base, kind=_GRAND_TOTAL)

    def _heads_a_unit(self, side: RowSide) -> bool:
        """Whether a row is a unit's own; in a list of projects, where names end as they please, only a known unit's."""
        if "project" not in self._schemes:
            return self._names_a_unit(side)
        if normal_label(side.label) in self._reader.bodies:
            return True
        if not side.unit_code or side.unit_code in self._codes_of_many:
            return False
        # A narrow cell cuts names short: 甲市某局机 is the unit that has this code elsewhere.
        label = normal_label(side.label)
        cut = any(
            code == side.unit_code and name.startswith(label) for name, code in self._reader.units.items()
        )
        return cut or self._lexicon.names_a_body(label)

    def _codes_beside_projects(self, sides: Sequence[RowSide]) -> frozenset[str]:
        """The unit codes of a list of projects that stand beside each project of the unit: such a row is not the unit's."""
        if "project" not in self._schemes:
            return frozenset()
        beside: dict[str, set[str]] = defaultdict(set)
        for side in sides:
            if side.unit_code and normal_label(side.label):
                beside[side.unit_code].add(normal_label(side.label))
        several = {code for code, labels in beside.items() if len(labels - self._reader.bodies) > 1}
        return frozenset(several)

    def _project_lines(self, sides: Sequence[RowSide]) -> list[ProjectLine]:
        """The rows as lines of a list of projects, each with the amount of the first column that amounts stand in."""
        columns = [cell.column for side in sides for cell in side.cells if cell.column is not None]
        first = min(columns, default=None)
        lines = []
        unit = ""
        for side in sides:
            label = normal_label(side.label)
            amount = next((cell.amount for cell in side.cells if cell.column == first), None)
            if not side.codes and (not label or self._lexicon.role(label) == "total"):
                kind = "total"
            elif not side.codes and not side.unit_name and self._heads_a_unit(side):
                kind, unit = "unit", side.unit_code or label
            else:
                kind = "item"
            body = not side.unit_name and self._lexicon.names_a_body(side.label)
            lines.append(ProjectLine(kind, side.unit_name or unit, label, amount, body))
        return lines

    def _codes_by_order(self, sides: Sequence[RowSide]) -> list[str]:
        """The code of each row without one, where the order of the rows leaves one; empty where not."""
        if len(self._code_schemes) != 1 or any(side.codes for side in sides):
            return [""] * len(sides)
        labels = [
            None if not normal_label(side.label) or self._lexicon.role(side.label) == "total" else side.label
            for side in sides
        ]
        return codes_by_order(labels, self._code_schemes[0], self._codebook)

    def _schemes_of_codes(self, sides: Sequence[RowSide]) -> list[str]:
        """The classifications a row's name may be looked up in: those whose codes this table prints, if it prints any.

        住房公积金 is a class of two of them, so a table of one must not be read as one of the other.
        """
        printed = {scheme for side in sides for code in side.codes if (scheme := scheme_of(code))}
        possible = [s for s in CODE_DIMENSIONS if s in self._schemes and (not printed or s in printed)]
        if printed or len(possible) < 2:
            return possible
        labels = {normal_label(side.label) for side in sides}
        named = {s: {label for label in labels if self._codebook.codes_named(label, s)} for s in possible}
        every = set().union(*named.values())
        # 工资福利支出 and 商品和服务支出 may be of either economic classification; 基本工资 beside them is of one.
        explaining = [scheme for scheme in possible if named[scheme] == every]
        return explaining if every and len(explaining) == 1 else possible

    def _mostly_functions(self, sides: Sequence[RowSide]) -> bool:
        """Whether the rows without codes are a list of functional classes (类), rather than of kinds or sources."""
        labels = [side.label for side in sides if side.label and not side.codes]
        named = [label for label in labels if self._codebook.code_of(label, "functional", digits=3)]
        return len(named) * 2 > len(labels)

    def walk(self, sides: Sequence[RowSide]) -> list[RowMeaning]:
        found = []
        for index, side in enumerate(sides):
            try:
                if side.unit_name:
                    self._enter_unit(side)
                found.append(self._row(side, index))
                self._named = self._named or not found[-1].key.is_total
            except Unclear as unclear:
                key = RowKey(side.label, side.codes[0] if side.codes else "", is_detail=bool(side.codes))
                found.append(RowMeaning(None, key, str(unclear)))
        return found

    def _enter_unit(self, side: RowSide) -> None:
        """Begins the rows of the unit that a column of units names on this row."""
        unit = self._unit_of(side.unit_name, side.unit_code)
        if unit != self._unit:
            self._unit = unit
            self._seen = set()

    def _row(self, side: RowSide, index: int) -> RowMeaning:
        if not side.codes and (self._lexicon.role(side.label) == "total" or not normal_label(side.label)):
            if side.unit_name and not self._is_the_department(side, side.unit_name):
                return RowMeaning(replace(self._base, unit=self._unit), RowKey(side.label, is_unit=True))
            if side.unit_code and not side.unit_name:
                raise Unclear("a unit's row without its name")
            if not side.label.strip() and self._named:
                raise Unclear("a row without a label")
            if self._unit != "all" and side.label.strip() and not normal_label(side.label):
                # 2026年 below 某局 | 2025年: the unit is printed beside the first of its years alone.
                return RowMeaning(replace(self._base, unit=self._unit), RowKey(side.label, is_unit=True))
            self._total = self._total or side
            return RowMeaning(self._whole(index), RowKey(side.label, is_total=True))
        if self._lexicon.role(side.label) == "change":
            raise Unclear("a change, not an amount of a year")
        if self._repeats_total(side):
            return RowMeaning(self._base, RowKey("", is_total=True))
        if side.codes:
            return self._code_row(side)
        named = self._lexicon.names_a_body(side.label) and side.unit_code not in self._codes_of_many
        if side.unit_code and not side.unit_name and named:
            return self._unit_row(side)
        return self._label_row(side, index)

    def _names_a_unit(self, side: RowSide) -> bool:
        """Whether a row is a budget unit's own: by how its name ends, or by its code (a cell may cut the name short)."""
        return self._lexicon.names_a_body(side.label) or side.unit_code in self._unit_codes

    def _repeats_total(self, side: RowSide) -> bool:
        """Whether a row is the finance bureau's section above the units, with the department's own amounts."""
        if self._total is None or side.codes or not self._lexicon.names_a_section(side.label):
            return False
        printed = {(cell.column, cell.amount.value) for cell in side.cells}
        return printed <= {(cell.column, cell.amount.value) for cell in self._total.cells}

    def _unit_row(self, side: RowSide) -> RowMeaning:
        unit = self._unit_of(side.label, side.unit_code)
        self._unit = "all" if self._is_the_department(side, side.label) else unit
        self._seen = set()
        self._headings = []
        if self._unit == "all":
            # The department's own row is the total of its units, or repeats the one above it.
            label = "" if self._total is not None else side.label
            self._total = self._total or side
            return RowMeaning(self._base, RowKey(label, is_total=True))
        return RowMeaning(replace(self._base, unit=self._unit), RowKey(side.label, is_unit=True))

    def _unit_of(self, label: str, code: str) -> str:
        """The key of a unit: its code, else the code its name has elsewhere, else its name; the department's is `all`."""
        name = normal_label(label)
        if name.endswith("部门") or self._is_department(code):
            return "all"
        if code or name in self._reader.units:
            return code or self._reader.units[name]
        own = re.sub(r"\((?:本级|机关|局本级|委本级|局机关)\)$|本级$", "", name)
        known = self._reader.units.get(own, own)
        # 某局（本级） in one table is 某局 in another, unless that is the whole department there.
        return known if own == self._reader.department and not self._is_department(known) else name

    def _is_the_department(self, side: RowSide, name: str) -> bool:
        """Whether a row without a code, of a unit named like the department, is the total of the units that follow it."""
        if side.unit_code or self._total is None or self._units_below < 2:
            return False
        printed = [(cell.column, cell.amount.value) for cell in side.cells]
        total = [(cell.column, cell.amount.value) for cell in self._total.cells]
        return normal_text(name) in self._reader.department and bool(printed) and printed == total

    def _code_row(self, side: RowSide) -> RowMeaning:
        unit = self._row_unit(side)
        meaning = replace(self._base, unit=unit)
        for code in side.codes:
            meaning = self._with_code(meaning, code)
        code = side.codes[0]
        if len(side.codes) > 1 and "project" not in self._schemes:
            return RowMeaning(meaning, RowKey(side.label, code))
        named = any(normal_label(side.label) in self._codebook.names(one) for one in side.codes)
        if "project" in self._schemes and not named:
            project = replace(meaning, project=self._project_name(side.label, code))
            return RowMeaning(project, RowKey(side.label, code, is_detail=True))
        if len(side.codes) > 1:
            return RowMeaning(meaning, RowKey(side.label, code))
        if (unit, code) not in self._seen:
            self._seen.add((unit, code))
            return RowMeaning(meaning, RowKey(side.label, code))
        # A second row with the same code is a detail of the first: it needs a code of its own.
        scheme = scheme_of(code) or ""
        detail = None if named else self._codebook.code_of(side.label, scheme, below=code)
        if detail is None or detail == code:
            raise Unclear(f"{side.label!r} is a detail of {code} without a code of its own")
        detailed = self._with_code(replace(self._base, unit=unit), detail)
        return RowMeaning(detailed, RowKey(side.label, detail))

    def _project_name(self, label: str, code: str) -> str:
        """The project a row names; forms that print the code's name and the project in one cell lose the former."""
        name = normal_text(label)
        before = [known for known in self._codebook.names(code) if name.startswith(known) and name != known]
        return name.removeprefix(max(before, key=len)) if before else name

    def _row_unit(self, side: RowSide) -> str:
        """The unit a row belongs to: its own code, else the block it stands in. A department's code stands for all."""
        if not side.unit_code:
            return self._unit
        return "all" if self._is_department(side.unit_code) else side.unit_code

    def _is_department(self, code: str) -> bool:
        """Whether other units' codes begin with this one: 302 of 302001, 302002."""
        known = [unit for unit in self._reader.units.values() if unit.isdigit()]
        return bool(code) and any(unit != code and unit.startswith(code) for unit in known)

    def _with_code(self, meaning: Meaning, code: str) -> Meaning:
        scheme = scheme_of(code)
        key = f"id/code/{scheme}/{code}"
        if scheme == "functional" and not meaning.functional:
            return replace(meaning, functional=key)
        if scheme == "dept-economic" and not meaning.dept_economic:
            return replace(meaning, dept_economic=key)
        if scheme == "gov-economic" and not meaning.gov_economic:
            return replace(meaning, gov_economic=key)
        raise Unclear(f"{code!r} is no code of a known classification here")

    def _label_row(self, side: RowSide, index: int) -> RowMeaning:
        """A row without a code: a source, kind or item by its name, a class's name, a unit's own row, or a project."""
        word = self._word_row(side, index)
        if word is not None:
            meaning, is_part = word
            ends_up = re.search("[合总共]计$", normal_label(side.label)) is not None
            return RowMeaning(meaning, RowKey(side.label, is_total=ends_up, is_part=is_part))
        found = self._classes(side, index)
        if len(found) > 1:
            raise Unclear(f"{side.label!r} may be any of {', '.join(found)}")
        if found:
            return self._class_row(side, found[0])
        if "unit" in self._schemes and not side.unit_name and self._heads_a_unit(side):
            return self._unit_row(side)
        if "project" in self._schemes:
            return self._project_row(side, index)
        raise Unclear(f"{side.label!r} is not understood")

    def _classes(self, side: RowSide, index: int) -> list[str]:
        """The codes a row's name may stand for: by the order of the rows, and by its name alone."""
        ordered = self._by_order[index]
        digits = 3 if self._lists_functions and not ordered else None
        found = {c for s in self._code_schemes if (c := self._codebook.code_of(side.label, s, digits=digits))}
        # A class and its only part often share a name (20899, 2089999): the order tells them apart.
        if ordered and all(code.startswith(ordered) or ordered.startswith(code) for code in found):
            return [ordered]
        whole = {code for code in found if scheme_of(code) not in self._unfit_schemes}
        return sorted((whole if len(whole) == 1 else found) | {ordered} - {""})

    def _schemes_out_of_order(self, sides: Sequence[RowSide]) -> frozenset[str]:
        """The classifications that a list without codes cannot be of.

        They would have a part (款) of a class (类) that is not printed above it, though the list prints classes. 工资福利支出,
        对个人和家庭的补助 are 301 and 303, not 50501 and 509.
        """
        labels = [side.label for side in sides if not side.codes and normal_label(side.label)]
        found = set()
        for scheme in self._code_schemes:
            named = {label: self._codebook.codes_named(label, scheme) for label in labels}
            classes = {code for codes in named.values() for code in codes if len(code) == _CLASS_DIGITS}
            orphans = [
                label
                for label, codes in named.items()
                if codes
                and all(len(code) > _CLASS_DIGITS for code in codes)
                and not {code[:_CLASS_DIGITS] for code in codes} & classes
            ]
            if orphans and (classes or self._are_classes_elsewhere(orphans, scheme)):
                found.add(scheme)
        return frozenset(found)

    def _are_classes_elsewhere(self, labels: Sequence[str], scheme: str) -> bool:
        """Whether another classification of the rows has each of these names as a class (类), and as nothing else."""
        others = [other for other in self._code_schemes if other != scheme]
        return any(
            all(
                (codes := self._codebook.codes_named(label, other))
                and all(len(code) == _CLASS_DIGITS for code in codes)
                for label in labels
            )
            for other in others
        )

    def _class_row(self, side: RowSide, code: str) -> RowMeaning:
        self._seen.add((self._unit, code))
        context = replace(self._base, unit=self._unit)
        if scheme_of(code) != "functional":
            # 工资福利支出 below 一、基本支出 and again below 二、项目支出.
            inner = [heading.kind for _, heading in self._headings if heading.kind != _ALL_KINDS]
            context = replace(context, kind=inner[-1]) if inner else context
        plain = self._lists_functions and not any(len(known) > 3 for known in self._by_order)
        return RowMeaning(self._with_code(context, code), RowKey(side.label, "" if plain else code))

    def _project_row(self, side: RowSide, index: int) -> RowMeaning:
        """A project by its name, where the list proves that it is one."""
        if self._doubts[index]:
            raise Unclear(self._doubts[index])
        meaning = replace(self._base, unit=self._row_unit(side), project=normal_text(side.label))
        return RowMeaning(meaning, RowKey(side.label, is_detail=True))

    def _word_row(self, side: RowSide, index: int) -> tuple[Meaning, bool] | None:
        """The meaning of a row named by a fund source, kind or three-public item; None where it is none of these.

        With it comes whether the row is a part of what was carried over above it.
        """
        schemes = self._schemes & WORD_SCHEMES
        candidates = self._lexicon.concepts_named(side.label, schemes)
        special = self._reader.special(side.label)
        if not candidates and not special:
            return None
        if self._lists_functions and self._codebook.code_of(side.label, "functional", digits=3):
            return None
        if self._by_order[index] and not special:
            return None
        level = number_level(side.label)
        if level is not None:
            self._headings = [(depth, heading) for depth, heading in self._headings if depth < level]
        if self._totals_all(side, index, candidates):
            return self._whole(index), False
        meaning = self._reader.named(side.label, self._context(candidates), schemes)
        # A source named again below 上年结转 is what was carried over of it.
        is_part = meaning in self._said and self._carryover is not None and level is None
        if is_part and self._carryover is not None:
            meaning = self._reader.named(side.label, self._carryover, schemes)
        if self._reader.lacks_its_end(meaning):
            raise Unclear("with or without what was carried over: the list has no total")
        self._said.add(meaning)
        if level is not None:
            self._headings.append((level, meaning))
        if meaning.vintage == "carryover" and any(c.vintage == "carryover" for c in candidates):
            self._carryover = meaning
        return meaning, is_part

    def _context(self, candidates: Sequence[Concept]) -> Meaning:
        """The innermost heading above that a row can be a part of: 一般公共预算 below 二、上年结转; else the whole side."""
        for _, heading in reversed(self._headings):
            if self._narrows(heading, candidates):
                return heading
        return self._base

    def _narrows(self, heading: Meaning, candidates: Sequence[Concept]) -> bool:
        for concept in candidates:
            if concept.scheme == "fund-source" and concept.origin != heading.origin:
                return heading.origin in self._lexicon.ancestors(concept.origin)
            if concept.scheme == "expenditure-kind" and concept.key != heading.kind:
                return heading.kind in self._lexicon.ancestors(concept.key)
        return False
