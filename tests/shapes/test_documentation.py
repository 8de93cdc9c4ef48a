"""docs/shapes.md keeps step with the shapes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingzhang.shapes.catalogue import load_catalogue

PAGE = Path(__file__).resolve().parents[2] / "docs" / "shapes.md"
RULES = sorted(load_catalogue("http://example.org/").rules)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_described(rule: str) -> None:
    assert f"| `{rule}` |" in PAGE.read_text(encoding="utf-8")
