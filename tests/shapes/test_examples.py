"""Every shape has examples that pass and examples that fail, and both engines say the same about each."""

from __future__ import annotations

from pathlib import Path

import pytest
from engines import BASE, ENGINES, EXAMPLES, FOLDER, lines, triples_of

from mingzhang.shapes.catalogue import load_catalogue

RULES = sorted(load_catalogue(BASE).rules)


def example_id(example: Path) -> str:
    return f"{example.parent.name}/{example.name}"


@pytest.mark.parametrize("rule", RULES)
def test_every_shape_has_an_example_that_passes_and_one_that_fails(rule: str) -> None:
    kinds = {example.name.partition(".")[0] for example in (FOLDER / rule).glob("*.ttl")}

    assert kinds == {"valid", "invalid"}


def test_every_folder_of_examples_belongs_to_a_shape() -> None:
    assert {example.parent.name for example in EXAMPLES} == set(RULES)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_small_disclosure_breaks_no_rule(engine: str) -> None:
    assert lines(ENGINES[engine](triples_of(None))) == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("example", EXAMPLES, ids=example_id)
def test_an_example_gives_what_is_expected(example: Path, engine: str) -> None:
    valid = example.name.startswith("valid.")
    expected = [] if valid else example.with_suffix(".expected").read_text(encoding="utf-8").splitlines()

    assert lines(ENGINES[engine](triples_of(example))) == expected


@pytest.mark.parametrize("example", EXAMPLES, ids=example_id)
def test_an_example_has_focus_nodes_of_its_shape(example: Path) -> None:
    counts = ENGINES["pyshacl-turbo"](triples_of(example)).focus_counts

    assert counts[example.parent.name] > 0


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.name.startswith("invalid.")], ids=example_id)
def test_a_failing_example_fails_its_own_shape(example: Path) -> None:
    expected = example.with_suffix(".expected").read_text(encoding="utf-8").splitlines()

    assert example.parent.name in {line.split("\t")[1] for line in expected}
