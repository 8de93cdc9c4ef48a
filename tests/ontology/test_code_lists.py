"""The code lists are whole: every code has a list, a notation, a Chinese name and a place in the hierarchy."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rdflib import DCTERMS, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from mingzhang.ontology import namespaces as ns

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED = CHECKOUT.parent / "shared"
BASE = "http://example.org/"
MZ = Namespace(ns.MZ)
CODED = ("functional", "dept-economic", "gov-economic")
GENERATED = (*CODED, "dept-gov", "division", "budget-cofog")


def code_list(name: str) -> Graph:
    return Graph().parse(CHECKOUT / "ontology" / "codelists" / f"{name}.ttl", publicID=BASE)


@pytest.fixture(scope="module", params=(*CODED, "division"))
def listed(request: pytest.FixtureRequest) -> tuple[str, Graph]:
    return request.param, code_list(request.param)


def concepts(graph: Graph) -> set[Node]:
    return set(graph.subjects(RDF.type, SKOS.Concept))


def notation(graph: Graph, concept: Node) -> str:
    return str(graph.value(concept, SKOS.notation))


def test_every_code_is_in_the_scheme_and_has_one_notation_and_one_chinese_name(
    listed: tuple[str, Graph],
) -> None:
    name, graph = listed
    scheme = URIRef(f"{BASE}id/scheme/{name}")
    faulty = [
        concept
        for concept in concepts(graph)
        if set(graph.objects(concept, SKOS.inScheme)) != {scheme}
        or len(set(graph.objects(concept, SKOS.notation))) != 1
        or sum(isinstance(o, Literal) and o.language == "zh" for o in graph.objects(concept, SKOS.prefLabel))
        != 1
    ]

    assert faulty == []


def test_every_code_leads_up_to_a_top_concept(listed: tuple[str, Graph]) -> None:
    _, graph = listed
    lost = []
    for concept in concepts(graph):
        node: Node | None = concept
        for _ in range(6):
            if node is None or (node, SKOS.topConceptOf, None) in graph:
                break
            node = graph.value(node, SKOS.broader)
        if node is None:
            lost.append(concept)

    assert lost == []


@pytest.mark.parametrize("name", CODED)
def test_a_code_stands_below_the_code_it_begins_with(name: str) -> None:
    graph = code_list(name)
    wrong = [
        notation(graph, concept)
        for concept in concepts(graph)
        for above in [graph.value(concept, SKOS.broader)]
        if above is not None
        and notation(graph, above) != "all"
        and not notation(graph, concept).startswith(notation(graph, above))
    ]

    assert wrong == []


@pytest.mark.parametrize("name", CODED)
def test_no_two_codes_have_the_same_number(name: str) -> None:
    graph = code_list(name)
    repeated = [code for code, n in Counter(notation(graph, c) for c in concepts(graph)).items() if n > 1]

    assert repeated == []


def test_20805_keeps_the_name_it_had_until_2019() -> None:
    graph = code_list("functional")
    code = URIRef(f"{BASE}id/code/functional/20805")
    former = graph.value(code, URIRef(f"{ns.MZ}formerName"))

    assert str(graph.value(code, SKOS.prefLabel)) == "行政事业单位养老支出"
    assert str(graph.value(former, URIRef(f"{ns.MZ}lastYear"))) == "2019"


def test_every_functional_class_maps_to_a_cofog_division_with_its_reason() -> None:
    functional, cofog = code_list("functional"), code_list("budget-cofog")
    divisions = concepts(cofog)
    classes = [
        c
        for c in concepts(functional)
        if len(notation(functional, c)) == 3 and notation(functional, c) != "all"
    ]
    reasons = {
        cofog.value(m, URIRef(f"{ns.MZ}mapsFrom"))
        for m in cofog.subjects(RDF.type, URIRef(f"{ns.MZ}Mapping"))
    }
    targets = {
        c: {*functional.objects(c, SKOS.closeMatch), *functional.objects(c, SKOS.broadMatch)} for c in classes
    }

    assert [c for c, found in targets.items() if len(found) != 1 or not found <= divisions] == []
    assert set(classes) == reasons


def test_the_generator_writes_what_is_committed(tmp_path: Path) -> None:
    if not (SHARED / "codelists").is_dir():
        pytest.skip("../shared is not here")
    script = CHECKOUT / "scripts" / "code_lists" / "generate.py"
    subprocess.run([sys.executable, str(script), "--output", str(tmp_path)], check=True)
    committed = CHECKOUT / "ontology" / "codelists"

    assert [
        n for n in GENERATED if (tmp_path / f"{n}.ttl").read_bytes() != (committed / f"{n}.ttl").read_bytes()
    ] == []


def test_codes_that_disclosures_print_together_are_mapped_with_where_they_do() -> None:
    graph = code_list("dept-gov")
    mappings = set(graph.subjects(RDF.type, MZ.Mapping))

    assert mappings
    for mapping in mappings:
        of, to = graph.value(mapping, MZ.mapsFrom), graph.value(mapping, MZ.mapsTo)
        assert (of, SKOS.relatedMatch, to) in graph
        assert int(str(graph.value(mapping, MZ.documentsSeen))) >= 1
        assert {getattr(reason, "language", "") for reason in graph.objects(mapping, MZ.reason)} == {
            "zh",
            "en",
        }


@pytest.mark.parametrize("name", ["dept-economic", "gov-economic"])
def test_an_english_name_of_a_group_that_is_ours_says_so(name: str) -> None:
    graph = code_list(name)
    groups = [c for c in concepts(graph) if len(notation(graph, c)) == 5]
    ours = [c for c in groups if graph.value(c, SKOS.editorialNote)]

    assert len(ours) > len(groups) / 2
    for concept in ours:
        assert {getattr(label, "language", "") for label in graph.objects(concept, SKOS.prefLabel)} == {
            "zh",
            "en",
        }


@pytest.mark.parametrize(
    ("edition", "year"), [("gb2260_stats_201810.tsv", 2018), ("gb2260_mca_201904.tsv", 2019)]
)
def test_a_former_name_of_a_division_stands_in_the_editions_until_its_last_year(
    edition: str, year: int
) -> None:
    path = SHARED / "codelists" / "gbt2260" / edition
    if not path.exists():
        pytest.skip("editions of GB/T 2260 are in ../shared, which is not here")
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    printed = {(code, name) for _, _, code, name in rows}
    graph = code_list("division")
    former = {
        (str(code or notation(graph, division)), str(graph.value(name, RDFS.label))): int(
            str(graph.value(name, MZ.lastYear))
        )
        for division, name in graph.subject_objects(MZ.formerName)
        for code in [graph.value(name, SKOS.notation)]
    }

    assert len([last for last in former.values() if last >= year]) > 20
    assert [pair for pair, last in former.items() if last >= year and pair not in printed] == []
    # The edition is of that autumn or spring: what was given up two years before is in it no more.
    assert [pair for pair, last in former.items() if last < year - 1 and pair in printed] == []


@pytest.mark.parametrize(("name", "levels"), [("indicator-kind", {1: 5, 2: 12}), ("operator", {1: 6})])
def test_kinds_and_operators_of_indicators_are_code_lists_with_levels(
    name: str, levels: dict[int, int]
) -> None:
    graph = code_list(name)
    graph.parse(CHECKOUT / "ontology" / "forms" / "indicator-forms.ttl", publicID=BASE)
    scheme = URIRef(f"{BASE}id/scheme/{name}")
    listed = set(graph.subjects(SKOS.inScheme, scheme))
    depths = Counter(
        int(str(graph.value(graph.value(entry, MZ.codeLevel), URIRef(f"{ns.XKOS}depth")))) for entry in listed
    )

    assert depths == levels
    assert int(str(graph.value(scheme, URIRef(f"{ns.XKOS}numberOfLevels")))) == len(levels)
    for entry in listed:
        names = [o for o in graph.objects(entry, SKOS.prefLabel) if isinstance(o, Literal)]
        assert sorted(str(label.language) for label in names) == ["en", "zh"]
        assert len(set(graph.objects(entry, SKOS.notation))) == 1
        above = set(graph.objects(entry, SKOS.broader))
        assert above <= listed
        assert bool(above) != ((entry, SKOS.topConceptOf, scheme) in graph)


def test_a_name_that_is_our_translation_says_so() -> None:
    graph = code_list("functional")
    translated = set(graph.subjects(SKOS.editorialNote))
    english = {
        entry
        for entry, label in graph.subject_objects(SKOS.prefLabel)
        if isinstance(label, Literal) and label.language == "en" and entry in concepts(graph)
    }
    official = set(graph.subjects(DCTERMS.source))

    assert len(translated) > 300
    assert translated <= english
    assert {entry for entry in english - translated if notation(graph, entry) != "all"} <= official
