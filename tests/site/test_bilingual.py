"""Two languages in a template: both marked, what is fixed escaped, expressions left to Jinja."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from mingzhang.site.bilingual import Bilingual


def _render(text: str, **values: object) -> str:
    return Environment(extensions=[Bilingual], autoescape=True).from_string(text).render(values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[表|Table]]", '<span class="zh">表</span> <span class="en" lang="en">Table</span>'),
        ("[[表||Table]]", '<span class="zh">表</span> <span class="en alone" lang="en">Table</span>'),
        ("[[甲&乙|A & B]]", '<span class="zh">甲&amp;乙</span> <span class="en" lang="en">A &amp; B</span>'),
        ("{{ rows[0][1] }} [x]", "7 [x]"),
    ],
)
def test_pairs_become_markup_and_nothing_else_does(text: str, expected: str) -> None:
    assert _render(text, rows=[[0, 7]]) == expected


def test_expressions_inside_a_pair_are_evaluated_and_escaped() -> None:
    made = _render("[[共 {{ n }} 个|{{ n }} in all]]", n="<3>")
    assert (
        made == '<span class="zh">共 &lt;3&gt; 个</span> <span class="en" lang="en">&lt;3&gt; in all</span>'
    )
