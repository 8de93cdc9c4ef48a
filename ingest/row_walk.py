"""What the rows of a table say of their amounts, from the first to the last.

A row's unit, heading and source may be printed on a row above it, so the rows are walked in order. What needs all rows
at once stands beside it: which classes their names mean (row_classes.py), what their totals hold (row_totals.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mingzhang.ingest.codebook import scheme_of
from mingzhang.ingest.document import RowSide
from mingzhang.ingest.meaning import ALL_KINDS, WORD_SCHEMES, Meaning, Unclear
from mingzhang.ingest.projects import ProjectLine, doubts
from mingzhang.ingest.row_classes import RowClasses
from mingzhang.ingest.row_totals import RowTotals
from mingzhang.ingest.sums import RowKey, number_level
from mingzhang.ingest.table_reader import TableReader
from mingzhang.ontology.lexicon import Concept, normal_label, normal_text


@dataclass(frozen=True)
class RowMeaning:
    """What a row says (None where it is not understood, with the reason), and where it stands among its rows."""

    meaning: Meaning | None
    key: RowKey
    reason: str = ""


def read_rows(reader: TableReader, sides: Sequence[RowSide], flow: str) -> list[RowMeaning]:
    """What the rows of one side say, in order. `flow` is the side's own, or empty."""
    return RowWalk(reader, flow or reader.form.dimensions.get("flow", ""), sides).walk(sides)


class RowWalk:
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
        self._classes = RowClasses(sides, self._schemes, reader.lexicon, reader.codebook)
        self._totals = RowTotals(sides, self._base, self._schemes, reader.lexicon)

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
            return RowMeaning(self._totals.whole(index), RowKey(side.label, is_total=True))
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
        found = self._classes.of(side, index)
        if len(found) > 1:
            raise Unclear(f"{side.label!r} may be any of {', '.join(found)}")
        if found:
            return self._class_row(side, found[0])
        if "unit" in self._schemes and not side.unit_name and self._heads_a_unit(side):
            return self._unit_row(side)
        if "project" in self._schemes:
            return self._project_row(side, index)
        raise Unclear(f"{side.label!r} is not understood")

    def _class_row(self, side: RowSide, code: str) -> RowMeaning:
        self._seen.add((self._unit, code))
        context = replace(self._base, unit=self._unit)
        if scheme_of(code) != "functional":
            # 工资福利支出 below 一、基本支出 and again below 二、项目支出.
            inner = [heading.kind for _, heading in self._headings if heading.kind != ALL_KINDS]
            context = replace(context, kind=inner[-1]) if inner else context
        plain = self._classes.lists_functions and not self._classes.has_parts
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
        if self._classes.lists_functions and self._codebook.code_of(side.label, "functional", digits=3):
            return None
        if self._classes.by_order(index) and not special:
            return None
        level = number_level(side.label)
        if level is not None:
            self._headings = [(depth, heading) for depth, heading in self._headings if depth < level]
        if self._totals.all_of_it(side, index, candidates):
            return self._totals.whole(index), False
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
