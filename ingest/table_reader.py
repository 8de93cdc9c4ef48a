"""What the form, the columns and the words of one table say of its amounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mingzhang.ingest.codebook import Codebook
from mingzhang.ingest.document import ReadTable
from mingzhang.ingest.meaning import (
    ALL_KINDS,
    GRAND_TOTAL,
    NOT_THREE_PUBLIC,
    WORD_SCHEMES,
    Meaning,
    Unclear,
    choose,
    combined,
)
from mingzhang.ontology.lexicon import Form, Lexicon, normal_label

_THREE_PUBLIC = "id/three-public/all"


class TableReader:
    """Gives the columns of one table their meaning, and the words that stand in it. `units`: name of a budget unit → its code.

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
            GRAND_TOTAL in concept.broader and concept.key != ALL_KINDS
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
            three_public=NOT_THREE_PUBLIC if self._unlike else dims.get("threePublicItem", NOT_THREE_PUBLIC),
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
        if self._unlike and meaning.three_public == NOT_THREE_PUBLIC:
            raise Unclear("a total of unlike things")
        return meaning

    def _is_grand_total(self, word: str) -> bool:
        found = self.lexicon.concepts_named(word, frozenset({"expenditure-kind"}))
        return bool(found) and all(concept.key == GRAND_TOTAL for concept in found)

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
