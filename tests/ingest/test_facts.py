"""What amounts mean: their dimensions, the facts they state, what is left out, and what is safe to sum."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from mingzhang.ingest.document import Certainty
from mingzhang.ingest.facts import Figure, read_figures, read_meanings, state_facts
from mingzhang.ingest.iris import Identity
from mingzhang.ingest.leaf_sets import leaf_sets
from mingzhang.ingest.readers import read_document
from mingzhang.ingest.relations import read_relations
from mingzhang.ingest.tab_layout import read_tab_tables
from mingzhang.ontology.lexicon import load_lexicon

DOCUMENTS = Path(__file__).parent / "documents"
IDENTITY = Identity("甲县乙局", "乙局", "510824", "甲县", 2023, "budget", "322")


def figures_of(path: Path) -> list[Figure]:
    lexicon = load_lexicon()
    return read_figures(
        read_meanings(read_tab_tables(read_document(path), lexicon), IDENTITY, lexicon), IDENTITY, lexicon
    )


def said(figure: Figure) -> dict[str, str]:
    """The dimensions of a figure that are not “all”, by the last part of their keys."""
    unsaid = {"department", "fiscalYear", "phase"}
    values = {name: value.rsplit("/", 1)[-1] for name, value in figure.dimensions if name not in unsaid}
    return {name: value for name, value in values.items() if value not in ("all", "not-applicable")}


def test_each_side_of_a_summary_has_its_flow_and_its_rows_their_concepts() -> None:
    found = {(f.label, f.side): said(f) for f in figures_of(DOCUMENTS / "two-sided.txt")}
    assert found["一、一般公共预算拨款收入", 0] == {"flow": "revenue", "fundSource": "general-public-current"}
    assert found["七、上年结转", 0] == {"flow": "revenue", "fundSource": "carryover"}
    assert found["收入总计", 0] == {"flow": "revenue"}
    assert found["十、卫生健康支出", 1] == {"flow": "expenditure", "functionalClass": "210"}
    assert found["本年支出合计", 1] == {"flow": "expenditure"}
    assert found["支出总计", 1] == {"flow": "expenditure", "expenditureKind": "grand-total"}


def test_a_row_of_codes_belongs_to_the_unit_it_names() -> None:
    found = {(f.label, f.column[-1]): said(f) for f in figures_of(DOCUMENTS / "codes-as-fragments.txt")}
    assert found["行政单位医疗", "项目支出"] == {
        "budgetUnit": "322001",
        "flow": "expenditure",
        "functionalClass": "2101101",
        "expenditureKind": "project",
    }
    assert found["合 计", "合计"] == {"flow": "expenditure"}


def test_an_ambiguous_figure_states_no_fact(tmp_path: Path) -> None:
    text = (DOCUMENTS / "lowest-header-row-lost.txt").read_text(encoding="utf-8").split("部门支出总表")[0]
    path = tmp_path / "alone.txt"
    path.write_text(text, encoding="utf-8")
    doubtful = [f for f in figures_of(path) if f.certainty is Certainty.AMBIGUOUS]
    assert doubtful
    assert not any(f.dimensions for f in doubtful)
    assert all(len(f.candidates) > 1 for f in doubtful)


def test_a_header_that_is_not_understood_makes_no_fact_but_keeps_the_figure(tmp_path: Path) -> None:
    text = (DOCUMENTS / "codes-as-fragments.txt").read_text(encoding="utf-8").replace("项目支出", "未知栏目")
    path = tmp_path / "unknown.txt"
    path.write_text(text, encoding="utf-8")
    unknown = [f for f in figures_of(path) if f.column[-1] == "未知栏目"]
    assert [f.dimensions for f in unknown] == [(), (), ()]
    assert "未知栏目" in unknown[0].unclear


def test_two_amounts_under_the_same_dimensions_in_one_table_make_no_fact(tmp_path: Path) -> None:
    text = (DOCUMENTS / "two-sided.txt").read_text(encoding="utf-8")
    path = tmp_path / "twice.txt"
    path.write_text(text.replace("八、社会保障和就业支出", "十、卫生健康支出"), encoding="utf-8")
    twice = [f for f in figures_of(path) if f.label == "十、卫生健康支出"]
    assert len(twice) == 2
    assert not any(f.dimensions for f in twice)


def test_figures_of_one_quantity_meet_in_one_fact(tmp_path: Path) -> None:
    path = tmp_path / "both.txt"
    names = ("two-sided.txt", "codes-as-fragments.txt")
    text = "\n".join((DOCUMENTS / name).read_text(encoding="utf-8") for name in names)
    path.write_text(text.replace("30.00\t20.00\t10.00", "100.00\t70.00\t30.00"), encoding="utf-8")
    facts = state_facts(figures_of(path))
    total = [f for f in facts if said(f.figures[0]) == {"flow": "expenditure"}]
    assert [(fact.amount_yuan, len(fact.figures)) for fact in total] == [(Decimal(1_000_000), 2)]


def test_the_leaves_of_each_classification_add_up_to_the_department_total() -> None:
    facts = state_facts(figures_of(DOCUMENTS / "two-sided.txt"))
    sets = {found.classification: found for found in leaf_sets(facts, load_lexicon())}
    assert set(sets) == {"functional", "fund-source"}
    for found in sets.values():
        assert sum(f.amount_yuan for f in found.facts) == found.total.amount_yuan == 1_000_000


def test_sums_run_along_rows_and_down_columns_and_blank_rows_are_no_part() -> None:
    lexicon = load_lexicon()
    tables = read_tab_tables(read_document(DOCUMENTS / "codes-as-fragments.txt"), lexicon)
    relations = read_relations(read_meanings(tables, IDENTITY, lexicon), lexicon)
    assert all(r.sum.holds for r in relations)
    assert {(r.kind, r.sum.in_words()) for r in relations} >= {
        ("row", "30.00 = 20.00 + 10.00"),
        ("column", "30.00 = 12.00 + 18.00"),
        ("column", "20.00 = 12.00 + 8.00"),
    }


def test_a_published_mistake_stays_where_it_is_printed_and_its_sum_fails(tmp_path: Path) -> None:
    text = (DOCUMENTS / "codes-as-fragments.txt").read_text(encoding="utf-8")
    path = tmp_path / "mistake.txt"
    path.write_text(text.replace("\t18.00\t8.00\t10.00", "\t18.00\t8.00\t11.00"), encoding="utf-8")
    lexicon = load_lexicon()
    tables = read_tab_tables(read_document(path), lexicon)
    cells = [
        c for row in tables[0].rows for side in row.sides for c in side.cells if c.amount.token == "11.00"
    ]
    assert [tables[0].columns[c.column or 0].path for c in cells] == [("项目支出",)]
