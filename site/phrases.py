"""What every template may use: the macros of `macros.html` as `m.facts(rows, caption)`, and the phrases as filters.

The phrases of `phrases.html` are filters, `{{ link | name }}`, `{{ zh | bi(en) }}`, each made once for what it is
given: a few hundred names of codes, sources and tables stand on thousands of pages, and rendering each anew took a
third of the time of rendering. A filter is also called in a tenth of the time that calling a macro takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from types import SimpleNamespace

from jinja2 import Environment
from markupsafe import Markup

_KEPT = 16_384
"""Phrases remembered of each kind: bounded, whatever the size of the release."""


def provide_macros(environment: Environment) -> None:
    """Makes the phrases known to every template as filters, and the macros as `m`."""
    for name, phrase in _macros(environment, "phrases.html"):
        environment.filters[name] = lru_cache(_KEPT)(phrase)
    environment.globals["m"] = SimpleNamespace(**dict(_macros(environment, "macros.html")))


def _macros(environment: Environment, template: str) -> Iterator[tuple[str, Callable[..., Markup]]]:
    """The macros of a template by their names."""
    for name, macro in vars(environment.get_template(template).module).items():
        if not name.startswith("_"):
            yield name, macro
