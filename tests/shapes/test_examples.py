"""Every shape has examples that pass and examples that fail, and both engines say the same about each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mingzhang.shapes.catalogue import load_catalogue
from mingzhang.shapes.runner import Report

ReportOf = Callable[[str, Path | None], Report]
LinesOf = Callable[[str, Path | None], list[str]]

FOLDER = Path(__file__).parent
EXAMPLES = sorted(FOLDER.glob("*/*.ttl"))
FAILING = [example for example in EXAMPLES if example.name.startswith("invalid.")]
RULES = sorted(load_catalogue("http://example.org/").rules)
ENGINES = ("pyshacl-turbo", "pyshacl")


def example_id(example: Path) -> str:
    return f"{example.parent.name}/{example.name}"


def expected_lines(example: Path) -> list[str]:
    if example.name.startswith("valid."):
        return []
    return example.with_suffix(".expected").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("rule", RULES)
def test_every_shape_has_an_example_that_passes_and_one_that_fails(rule: str) -> None:
    kinds = {example.name.partition(".")[0] for example in (FOLDER / rule).glob("*.ttl")}

    assert kinds == {"valid", "invalid"}


def test_every_folder_of_examples_belongs_to_a_shape() -> None:
    assert {example.parent.name for example in EXAMPLES} == set(RULES)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_small_disclosure_breaks_no_rule(engine: str, report_lines: LinesOf) -> None:
    assert report_lines(engine, None) == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("example", EXAMPLES, ids=example_id)
def test_an_example_gives_what_is_expected(example: Path, engine: str, report_lines: LinesOf) -> None:
    assert report_lines(engine, example) == expected_lines(example)


@pytest.mark.parametrize("example", EXAMPLES, ids=example_id)
def test_an_example_has_focus_nodes_of_its_shape(example: Path, report_of_example: ReportOf) -> None:
    assert report_of_example("pyshacl-turbo", example).focus_counts[example.parent.name] > 0


@pytest.mark.parametrize("example", FAILING, ids=example_id)
def test_a_failing_example_fails_its_own_shape(example: Path) -> None:
    assert example.parent.name in {line.split("\t")[1] for line in expected_lines(example)}
