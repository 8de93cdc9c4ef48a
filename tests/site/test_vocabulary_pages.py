"""The vocabulary's pages: every term and every rule has one, with its uses, examples and what bears on it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

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
