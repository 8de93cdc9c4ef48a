"""One file, read: the composition of all steps, with every intermediate kept so that debugging is looking.

read → tables (tabs, then flow) → meanings → figures → facts, relations; indicators and claims from the same lines; and
the ledger, which accounts for every number of the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from mingzhang.errors import NotADisclosure
from mingzhang.ingest.brackets import unread_in_brackets
from mingzhang.ingest.changes import read_changes
from mingzhang.ingest.claims import ClaimReading, read_claims, tied
from mingzhang.ingest.document import Document, Indicator, ReadTable, RowSide, Source
from mingzhang.ingest.facts import (
    Fact,
    Figure,
    TableMeaning,
    read_figures,
    read_meanings,
    state_facts,
    unit_names,
)
from mingzhang.ingest.flow_layout import read_flow_tables
from mingzhang.ingest.identity import Overrides, read_identity
from mingzhang.ingest.indicators import read_indicators
from mingzhang.ingest.iris import Identity, Names
from mingzhang.ingest.ledger import Ledger, build_ledger
from mingzhang.ingest.phases import of_stated_phase
from mingzhang.ingest.places import PDF, Places, places_of
from mingzhang.ingest.project_names import Project, Projects, read_projects
from mingzhang.ingest.readers import read_document
from mingzhang.ingest.relations import Relation, read_relations
from mingzhang.ingest.tab_layout import read_tab_tables
from mingzhang.ingest.title_doubts import with_following_titles
from mingzhang.ingest.total_labels import with_total_labels
from mingzhang.ingest.uncertain_sums import read_uncertain_sums
from mingzhang.ingest.units import with_units
from mingzhang.ingest.years import of_proven_years
from mingzhang.ontology.lexicon import Lexicon, load_lexicon

__all__ = [
    "Overrides",
    "Project",
    "Reading",
    "department_iri",
    "disclosure_iri",
    "graph_iri",
    "read_disclosure",
]

_MONEY_CLAIMS_ENOUGH = 5


@dataclass(frozen=True)
class Reading:
    """Everything one file says. `units`: key of a budget unit → its name; `forms`: table number → form slug."""

    source: Source
    line_count: int
    identity: Identity
    title: str
    tables: tuple[ReadTable, ...]
    forms: Mapping[int, str]
    figures: tuple[Figure, ...]
    facts: tuple[Fact, ...]
    relations: tuple[Relation, ...]
    indicators: tuple[Indicator, ...]
    prose: ClaimReading
    units: Mapping[str, str]
    projects: Projects
    ledger: Ledger
    places: Places
    notes: tuple[str, ...] = ()
    """What of the file could not be read, and why."""
    own_forms: Mapping[str, str] = field(default_factory=dict)
    """Slug → Chinese name of the forms among `forms` that are not of this installation but were added by the user."""
    joined: tuple[Reading, ...] = ()
    """Further files of the same disclosure, without tables; what they say is tied to this one's facts (joining.py)."""

    @property
    def parts(self) -> tuple[Reading, ...]:
        """The readings of all its files, the one with the tables first."""
        return (self, *self.joined)

    @property
    def department_name(self) -> str:
        """The body whose disclosure it is."""
        return self.identity.body_name

    @property
    def division(self) -> str:
        return self.identity.division

    @property
    def division_name(self) -> str:
        return self.identity.division_name

    @property
    def year(self) -> int:
        return self.identity.year

    @property
    def kind(self) -> str:
        return self.identity.kind

    def names(self, base_uri: str) -> Names:
        """The minter of this disclosure's IRIs under a base URI."""
        return Names(base_uri, self.identity, self.source.sha256)

    def fact_label(self, fact: Fact) -> str:
        """What a fact is, in Chinese: 苍溪县医疗保障局 2023年 支出：行政运行（2101501）、基本支出."""
        lexicon = load_lexicon()
        words = [_dimension_word(name, value, self, lexicon) for name, value in fact.dimensions]
        flow = lexicon.concepts[fact.dimension("flow")].name
        said = "、".join(word for word in words if word)
        year = fact.dimension("fiscalYear")
        return f"{self.identity.body_name} {year}年 {flow}：{said or '总计'}"


_UNSAID = frozenset({"department", "fiscalYear", "flow"})


def _dimension_word(name: str, value: str, reading: Reading, lexicon: Lexicon) -> str:
    """What a dimension adds to a fact's label; empty for its “all” value."""
    if name in _UNSAID or value == "all" or value.endswith(("/all", "/initial", "/not-applicable")):
        return ""
    if name == "budgetUnit":
        return reading.units.get(value, value)
    if name == "project":
        return f"“{value}”"
    concept = lexicon.concepts.get(value)
    code = value.rsplit("/", 1)[-1]
    if value.startswith("id/code/"):
        return f"{concept.name}（{code}）" if concept else code
    return concept.name if concept else code


def read_disclosure(path: Path, overrides: Overrides) -> Reading:
    """Everything a file says. Raises an InputError for a file that cannot be read or is no disclosure."""
    lexicon = load_lexicon(overrides.forms)
    document = read_document(path)
    return read_document_text(document, overrides, lexicon)


def read_document_text(document: Document, overrides: Overrides, lexicon: Lexicon) -> Reading:
    """The same for a document already read. Raises NotADisclosure."""
    reading = read_as(document, read_identity(document, overrides, lexicon), overrides, lexicon)
    amounts = sum(1 for claim in reading.prose.claims if claim.relation == "amount")
    if not reading.tables and amounts < _MONEY_CLAIMS_ENOUGH:
        raise NotADisclosure(
            document.source.name,
            "it speaks of a budget, but holds neither a budget table nor amounts in its text",
            "give the file with the tables",
        )
    return reading


def read_as(document: Document, identity: Identity, overrides: Overrides, lexicon: Lexicon) -> Reading:
    """What a document says, of a disclosure that is known."""
    tables = numbered_tables(document, lexicon)
    tables = with_following_titles(tables, document.lines, lexicon)
    tables = tables if overrides.unit else with_units(tables, lexicon)
    table_lines = lines_of(tables)
    forms = read_indicators(document, table_lines)
    prose = read_claims(document, table_lines | forms.lines, identity.year)
    meanings = read_meanings(tables, identity, lexicon)
    figures = read_figures(meanings, identity, lexicon, overrides.unit)
    figures = of_stated_phase(of_proven_years(figures), identity.kind, document.lines)
    facts = state_facts(figures)
    units = _units(facts, tables, lexicon)
    in_brackets = unread_in_brackets(document, [figure.amount for figure in figures])
    whole = _whole(meanings, document.incomplete | {line for line, _ in in_brackets})
    seen = {meant.table.number for meant in whole}
    return Reading(
        source=document.source,
        line_count=len(document.lines),
        identity=identity,
        title=_title(identity),
        tables=tuple(tables),
        forms={m.table.number: m.form.slug for m in meanings if m.form is not None},
        figures=tuple(figures),
        facts=tuple(facts),
        relations=(
            *read_relations(whole, lexicon),
            *read_uncertain_sums([meant.table for meant in whole], lexicon),
            *read_changes([f for f in figures if f.table in seen], identity.year, lexicon),
        ),
        indicators=forms.indicators,
        prose=tied(prose, document, facts, tables),
        units=units,
        projects=read_projects(facts, forms.indicators, units, lexicon),
        ledger=build_ledger(
            document,
            figures,
            prose.claims,
            forms,
            table_lines,
            [place for table in tables for place in table.remarks],
        ),
        places=places_of(document),
        notes=(*document.notes, *_bracket_notes(in_brackets)),
        own_forms=_own_forms(meanings) if overrides.forms else {},
    )


def _own_forms(meanings: Sequence[TableMeaning]) -> dict[str, str]:
    installed = {form.slug for form in load_lexicon().forms}
    used = {m.form.slug: m.form.name for m in meanings if m.form is not None}
    return {slug: name for slug, name in sorted(used.items()) if slug not in installed}


def _whole(meanings: Sequence[TableMeaning], incomplete: Set[int]) -> list[TableMeaning]:
    """The tables of which every amount can be seen: a sum over the others would accuse the publisher of our own gap."""
    return [m for m in meanings if not lines_of([m.table]) & incomplete]


def _bracket_notes(unread: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """What to say of amounts in brackets that no sum proves negative."""
    if not unread:
        return ()
    some = ", ".join(f"{text} (line {line})" for line, text in unread[:3])
    return (
        f"{len(unread)} amounts in brackets are unread, since no sum proves them negative: {some}"
        + (", …" if len(unread) > 3 else ""),
    )


def _title(identity: Identity) -> str:
    kind = "决算" if identity.kind == "final" else "预算"
    scope = "单位" if identity.scope == "unit" else "部门"
    return f"{identity.department_name}{identity.year}年{scope}{kind}"


def numbered_tables(document: Document, lexicon: Lexicon) -> list[ReadTable]:
    """All budget tables in order of the document, numbered from 1."""
    tabbed = read_tab_tables(document, lexicon)
    # Where cells are drawn or kept, gaps are too: what is no table there is not solved as text that lost them.
    keeps_gaps = document.source.media_type == PDF or bool(document.fragments)
    flow = [] if keeps_gaps else read_flow_tables(document, lines_of(tabbed))
    flowing = [both_sides(table, lexicon) for table in flow]
    ordered = sorted([*tabbed, *flowing], key=lambda table: table.first_line)
    labelled = [with_total_labels(table, lexicon) for table in ordered]
    return [replace(table, number=number) for number, table in enumerate(labelled, 1)]


def both_sides(table: ReadTable, lexicon: Lexicon) -> ReadTable:
    """The table with both sides on every row of a two-sided form, 收入 first, whichever of them a row prints."""
    heads = {column.path[0] for column in table.columns if column.path}
    if not heads >= {"收入", "支出"}:
        return table
    blank = RowSide("", ())
    rows = []
    for row in table.rows:
        sides = [blank, blank]
        for side in row.sides:
            sides[_side_position(side, row.sides, table, lexicon)] = side
        rows.append(replace(row, sides=tuple(sides)))
    return replace(table, rows=tuple(rows))


def _side_position(side: RowSide, sides: Sequence[RowSide], table: ReadTable, lexicon: Lexicon) -> int:
    """0 for revenue, 1 for expenditure: by its amounts' columns, else by its place, else by what its label names."""
    for cell in side.cells:
        index = cell.column if cell.column is not None else cell.candidates[0]
        return 1 if table.columns[index].path[:1] == ("支出",) else 0
    if len(sides) == 2:
        return sides.index(side)
    return 0 if lexicon.concepts_named(side.label, frozenset({"fund-source"})) else 1


def lines_of(tables: Iterable[ReadTable]) -> frozenset[int]:
    """The line numbers that tables take up."""
    spans = [span for table in tables for span in ((table.first_line, table.last_line), *table.other_lines)]
    return frozenset(line for first, last in spans for line in range(first, last + 1))


def _units(facts: Sequence[Fact], tables: Sequence[ReadTable], lexicon: Lexicon) -> dict[str, str]:
    """Key of every budget unit that a fact has → its name as printed."""
    named = unit_names(tables, lexicon)
    keys = {fact.dimension("budgetUnit") for fact in facts} - {"all"}
    return {key: named.get(key, key) for key in sorted(keys)}


def graph_iri(reading: Reading, base_uri: str) -> str:
    """The IRI of the disclosure's named graph."""
    return reading.names(base_uri).graph


def disclosure_iri(reading: Reading, base_uri: str) -> str:
    """The IRI of the disclosure."""
    return reading.names(base_uri).disclosure


def department_iri(reading: Reading, base_uri: str) -> str:
    """The IRI of the department."""
    return reading.names(base_uri).department
