"""Turtle that a user adds: what it may say, and how its mistakes are told."""

from __future__ import annotations

import pytest

from mingzhang.errors import VocabularyError
from mingzhang.ontology.added_forms import AddedForms
from mingzhang.ontology.lexicon import load_lexicon

HEAD = """@prefix mz: <https://w3id.org/mingzhang/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
FORM = '<id/form/own> a mz:Form ; skos:prefLabel "自编财力安排表"@zh '


def added(*lines: str) -> AddedForms:
    return AddedForms("own.ttl", HEAD + "\n".join(lines) + "\n")


def test_an_added_form_is_known_by_its_title_and_the_installation_is_left_as_it_was() -> None:
    lexicon = load_lexicon((added(FORM + '; mz:rowScheme "functional" .'),))
    form = lexicon.form_of_title("2023年自编财力安排表")
    assert form is not None
    assert form.slug == "own"
    assert load_lexicon().form_of_title("2023年自编财力安排表") is None


def test_an_added_wording_joins_those_of_its_concept() -> None:
    lexicon = load_lexicon((added('<id/fund-source/fiscal> skos:hiddenLabel "财力"@zh .'),))
    assert [c.key for c in lexicon.concepts_named("财力")] == ["id/fund-source/fiscal"]
    assert lexicon.concepts_named("财政拨款收入")


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        (("<id/form/own> a mz:Form",), 4, ("no Turtle",)),
        (("", '<id/fund-source/fiskal> skos:hiddenLabel "财力"@zh .'), 4, ("fiskal", "neither a form")),
        ((FORM + ";", "  mz:fundSource <id/fund-source/fiskal> ."), 4, ("no code list", "<id/fund-source/fiscal>")),
        ((FORM + ";", '  mz:rowScheme "functionnal" .'), 4, ("functionnal", "functional")),
        ((FORM + ";", '  mz:fundsource "x" .'), 4, ("mz:fundsource", "mz:fundSource")),
        (('<id/fund-source/fiscal> skos:hiddenLabel "财力" .',), 3, ("no language", '"财力"@zh')),
        (("<id/fund-source/fiscal> skos:broader <id/fund-source/all> .",), 3, ("skos:broader", "hiddenLabel")),
        (("<id/form/own> a mz:Form .",), 3, ("no Chinese name", "skos:prefLabel")),
        (
            ("<id/form/own> a mz:Form ;", '  skos:prefLabel "部门收入总表"@zh .'),
            4,
            ("部门收入总表", "revenue-summary", "leave it out"),
        ),
        (('<id/header-role/note> skos:hiddenLabel "合计"@zh .',), 3, ("合计", "total", "leave it out")),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_what_to_do(
    lines: tuple[str, ...], line: int, words: tuple[str, ...]
) -> None:
    with pytest.raises(VocabularyError) as told:
        load_lexicon((added(*lines),))
    assert str(told.value).startswith(f"own.ttl:{line}: ")
    assert "; " in str(told.value)
    assert [word for word in words if word not in str(told.value)] == []
