"""What a page prints is escaped, however quickly."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from jinja2 import StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from mingzhang.site.escaping import PageEnvironment, html


@pytest.mark.parametrize(
    "value", ["", "医疗", "a < b", 'say "so"', "it's", "a & b", ">", Markup("<b>"), 12, 1.5, None, ["<"]]
)
def test_a_value_is_escaped_as_markupsafe_escapes_it(value: object) -> None:
    assert html(value) == str(escape(value))


class _Loud(str):
    def __html__(self) -> str:
        return f"<b>{escape(str(self))}</b>"


def test_a_text_that_has_markup_of_its_own_is_asked_for_it() -> None:
    assert html(_Loud("a<b")) == "<b>a&lt;b</b>"


@pytest.mark.parametrize(
    ("template", "written"),
    [
        ('<a href="{{ x }}">', '<a href="&#34;&lt;">'),
        ("{{ x | safe }}", '"<'),
        ("{% set y %}{{ x }}{% endset %}{{ y }}", "&#34;&lt;"),
        ("{% macro m(a) %}<i>{{ a }}</i>{% endmacro %}{{ m(x) }}", "<i>&#34;&lt;</i>"),
        ("{% for a in [x] %}{{ a }}{% endfor %}", "&#34;&lt;"),
        ("{{ x ~ '<' }}", "&#34;&lt;&lt;"),
        ("{% autoescape false %}{{ x }}{% endautoescape %}", '"<'),
    ],
)
def test_templates_escape_what_they_print(template: str, written: str) -> None:
    assert PageEnvironment(autoescape=True).from_string(template).render(x='"<') == written


def test_a_name_after_a_point_is_an_attribute() -> None:
    environment = PageEnvironment(autoescape=True, undefined=StrictUndefined)
    record = SimpleNamespace(part=SimpleNamespace(name="<b>"))
    template = environment.from_string("{% for a in [x] %}{{ a.part.name }} {{ loop.last }}{% endfor %}")
    assert template.render(x=record) == "&lt;b&gt; True"
    with pytest.raises(AttributeError, match="part"):
        template.render(x=SimpleNamespace())
    with pytest.raises(UndefinedError, match="'y' is undefined"):
        environment.from_string("{{ y.part }}").render()
