"""The vocabulary's pages: every term and every rule has one, with its uses, examples and what bears on it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from mingzhang.errors import ReleaseError
from mingzhang.release import open_release
from mingzhang.site.graph import read_graph
from mingzhang.site.model_chart import MODEL_ARROWS, MODEL_PLACES, ClassBox, class_chart
from mingzhang.site.namespaces import MZ
from mingzhang.site.rules import read_rules, rule_names

_ONTOLOGY = Path(__file__).parents[2] / "ontology" / "mingzhang.ttl"


def _text(example: Any, path: str) -> str:
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", (example.release.site / path).read_text(encoding="utf-8"))
    )


def test_every_term_has_a_page(example: Any) -> None:
    terms = [iri for iri in read_graph(example.release).about if iri.startswith(MZ) and len(iri) > len(MZ)]
    names = {file.stem for file in (example.release.site / "terms").rglob("*.html")}
    assert len(terms) >= 6
    assert {iri.removeprefix(MZ) for iri in terms} <= names


def test_a_class_shows_its_properties_uses_examples_and_rules(example: Any) -> None:
    page = _text(example, "terms/class/Fact.html")
    assert "本次发布中有 10 个" in page
    assert "mz:amount" in page
    assert "qb:Observation" in page
    assert "columns-add-up" in page
    assert "/doc/fact/" in (example.release.site / "terms/class/Fact.html").read_text(encoding="utf-8")


def test_a_property_shows_statements_of_the_release(example: Any) -> None:
    page = _text(example, "terms/property/amount.html")
    assert "used 10 times" in page
    assert re.search(r"→ [0-9]+\.0", page)
    assert "mz:Fact" in page


def test_a_rule_says_what_it_looks_at_and_what_it_found(example: Any) -> None:
    page = _text(example, "terms/rule/columns-add-up.html")
    assert "looked at 7 things and found 1" in page
    assert "第…行不合" in page
    assert "The columns of a row add up." in page
    assert "sh:targetClass mz:Fact" in page


def test_a_finding_leads_to_its_rule(example: Any) -> None:
    file = next((example.release.site / "doc" / "finding").rglob("*.html"))
    assert 'href="/terms/rule/columns-add-up.html"' in file.read_text(encoding="utf-8")


def test_a_term_says_the_same_to_machines(example: Any) -> None:
    html = (example.release.site / "terms/class/Fact.html").read_text(encoding="utf-8")
    found = re.search(r'id="statements">(.*?)</script>', html)
    assert found
    assert json.loads(found[1])["@id"] == f"{MZ}Fact"


@pytest.mark.parametrize("folder", ["class", "property", "individual", "rule"])
def test_each_term_and_rule_has_a_document_that_says_the_same_in_every_format(
    example: Any, folder: str
) -> None:
    pages = sorted((example.release.site / "terms" / folder).glob("*.html"))
    assert pages
    forms = {
        ".ttl": ox.RdfFormat.TURTLE,
        ".nt": ox.RdfFormat.N_TRIPLES,
        ".rdf": ox.RdfFormat.RDF_XML,
        ".jsonld": ox.RdfFormat.JSON_LD,
    }
    for page in pages:
        embedded = re.search(r'id="statements">(.*?)</script>', page.read_text(encoding="utf-8"))
        assert embedded, page
        said = _canonical(embedded[1].encode(), ox.RdfFormat.JSON_LD)
        assert len(said) > 1, page
        for suffix, form in forms.items():
            assert _canonical(page.with_suffix(suffix).read_bytes(), form) == said, (page, suffix)
            assert f'href="/terms/{folder}/{page.stem}{suffix}"' in page.read_text(encoding="utf-8")


def test_the_document_of_a_term_is_what_the_vocabulary_says_of_it(example: Any) -> None:
    ontology = example.release.graphs / example.release.manifest.graphs[f"{example.base}graph/ontology"]
    whole = {str(quad.triple) for quad in ox.parse(path=str(ontology), format=ox.RdfFormat.N_QUADS)}
    document = (example.release.site / "terms/class/Fact.nt").read_bytes()
    own = {str(quad.triple) for quad in ox.parse(document, format=ox.RdfFormat.N_TRIPLES)}
    assert own == {line for line in whole if line.startswith(f"<{MZ}Fact> ")}


def _canonical(data: bytes, form: ox.RdfFormat) -> set[str]:
    """The triples, blank nodes named by what is said of them."""
    dataset = ox.Dataset(ox.parse(data, format=form, base_iri="https://data.example/"))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def test_rules_name_every_term_they_use(example: Any) -> None:
    (rule,) = read_rules(example.release)
    assert rule.terms == {f"{MZ}Fact", f"{MZ}amount"}
    assert rule.targets == (f"{MZ}Fact",)
    assert rule.messages == (("第{?line}行不合", "line {?line} does not add up"),)
    assert rule.looked_at == 7
    assert rule_names(example.release) == ["columns-add-up"]


def test_a_damaged_rule_is_named(example: Any, tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text(example.release.manifest.to_json(), encoding="utf-8")
    folder = tmp_path / "shapes" / "structure"
    folder.mkdir(parents=True)
    (folder / "broken.ttl").write_text("this is no Turtle", encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"broken\.ttl"):
        read_rules(open_release(tmp_path))


def test_the_diagram_of_the_model_names_only_what_the_vocabulary_has() -> None:
    vocabulary = _ONTOLOGY.read_text(encoding="utf-8")
    classes = set(re.findall(r"^mz:([A-Z]\w*) a owl:Class", vocabulary, re.M))
    properties = set(re.findall(r"^mz:([a-z]\w*) a ", vocabulary, re.M))
    assert set(MODEL_PLACES) - {"Concept"} <= classes
    named = {
        name
        for arrow in MODEL_ARROWS
        for name in re.split(r"[, …]+", arrow.properties)
        if name and ":" not in name
    }
    assert named <= properties


def test_a_class_diagram_speaks_what_it_shows() -> None:
    box = ClassBox("Fact", "事实", "Fact", "10")
    svg = class_chart(
        box, [], [("states", ClassBox("Figure", "数", "Figure"))], [], "t", "Figure → states → Fact"
    )
    assert ">states<" in svg
    assert "Figure → states → Fact" in svg
    assert svg.count("<rect") == 2
