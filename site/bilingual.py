"""`[[中文|English]]` in a template: both languages, each marked as such, worked out when the template is compiled.

`[[中文||English]]` is for narrow places: there the English is shown only to those who chose English alone. What is
written between the brackets may hold expressions (`[[共 {{ n }} 个|{{ n }} in all]]`), but no other markup.

Most words of the pages are fixed. As macro calls they would be joined and escaped again on every page, which took
a third of the time of rendering. Which of the two is shown is a matter of CSS: see `static/mingzhang.css`.
"""

from __future__ import annotations

import re

from jinja2.ext import Extension
from markupsafe import escape

_TEXT = r"(?:[^|\[\]{}]|\{\{[^{}]*\}\})+"
_PAIR = re.compile(rf"\[\[({_TEXT})(\|\|?)({_TEXT})\]\]")
_EXPRESSION = re.compile(r"(\{\{[^{}]*\}\})")


class Bilingual(Extension):
    """Replaces each pair by its markup before Jinja reads the template."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _PAIR.sub(lambda pair: markup(pair[1], pair[3], narrow=pair[2] == "||"), source)


def markup(zh: str, en: str, narrow: bool = False) -> str:
    """Chinese and English, each in its own element; `narrow` where there is room for one of them only."""
    kind = "en alone" if narrow else "en"
    return f'<span class="zh">{_escaped(zh)}</span> <span class="{kind}" lang="en">{_escaped(en)}</span>'


def _escaped(text: str) -> str:
    """The fixed words escaped; Jinja itself escapes what its expressions come to."""
    # `re.split` puts what its pattern matched, the expressions, at the odd places.
    return "".join(
        piece if at % 2 else str(escape(piece)) for at, piece in enumerate(_EXPRESSION.split(text))
    )
