"""docs/shapes.md keeps step with the shapes."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import RDFS, Literal, URIRef

from mingzhang.shapes.catalogue import FOLDERS, RELEASE_FOLDERS, SHAPES, load_catalogue

PAGE = Path(__file__).resolve().parents[2] / "docs" / "shapes.md"
RULES = sorted(load_catalogue("http://example.org/").rules)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_described(rule: str) -> None:
    assert f"| `{rule}` |" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", [*FOLDERS, *RELEASE_FOLDERS])
def test_every_shape_has_a_short_name_in_both_languages(folder: str) -> None:
    catalogue = load_catalogue("http://example.org/", (folder,))
    unnamed = [
        name
        for name in catalogue.rules
        if {
            label.language
            for label in catalogue.graph.objects(URIRef(f"{SHAPES}{name}"), RDFS.label)
            if isinstance(label, Literal)
        }
        != {"zh", "en"}
    ]

    assert unnamed == []
