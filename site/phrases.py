"""The macros every template calls as `m`: those of `macros.html`, and the phrases, each made once for what it is given.

A few hundred names of codes, sources and tables stand on thousands of pages; rendering each anew took a third of
the time of rendering.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace

from jinja2 import Environment

_KEPT = 16_384
"""Phrases remembered of each kind: bounded, whatever the size of the release."""


def provide_macros(environment: Environment) -> None:
    """Makes `m` known to every template: `m.name(link)`, `m.facts(rows, caption)` and the others."""
    macros = SimpleNamespace()
    environment.globals["m"] = macros
    for template in ("macros.html", "phrases.html"):
        for name, macro in vars(environment.get_template(template).module).items():
            if not name.startswith("_"):
                keep = template == "phrases.html"
                setattr(macros, name, lru_cache(_KEPT)(macro) if keep else macro)
