"""What a table's title says apart from its wording: body, classifications, and what it leaves out.

“一般公共预算支出明细表（按支出功能分类科目-不含上年结转）” is the form whose title's body is 一般公共预算支出, by functional class,
of the current year. Which endings, prefixes and qualifiers there are is data (`forms/titles.ttl`). A word in brackets
that is not known stays in the body, so that the title names no form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_BRACKETED = re.compile(r"\(([^()]*)\)$")
_PARTS = re.compile(r"[-—–、,，;；/]|(?=不含)")
# (一), (2), (公开01表), (预算01-1表)
_ORDINAL = re.compile(
    r"(?:[一二三四五六七八九十]+|[0-9]+)|(?:附|公开|(?:部门)?(?:预算|决算)(?:公开)?)?表?[0-9]{1,2}(?:-[0-9]{1,2})?表?"
)


@dataclass(frozen=True)
class TitleQualifier:
    """A word in brackets behind a title. `scheme`: the classification it names; `concept`: what it narrows to.

    Both empty for a word that changes nothing (汇总).
    """

    label: str
    scheme: str = ""
    concept: str = ""


@dataclass(frozen=True)
class TitleKey:
    """A title without what may be said in several ways. `schemes` are classifications, `narrowed_by` concept keys."""

    body: str
    schemes: frozenset[str] = frozenset()
    narrowed_by: tuple[str, ...] = ()


class TitleWords:
    """Reads titles with given endings and qualifiers (all normalised)."""

    def __init__(self, endings: Iterable[str], qualifiers: Iterable[TitleQualifier]) -> None:
        self._endings = tuple(sorted(endings, key=lambda s: (-len(s), s)))
        self._qualifiers = {qualifier.label: qualifier for qualifier in qualifiers}

    def key(self, title: str) -> TitleKey | None:
        """The parts of a normalised title; None where it does not end as the title of a table does."""
        schemes: set[str] = set()
        narrowed: list[str] = []
        rest = title
        while (found := _BRACKETED.search(rest)) is not None:
            qualifiers = self._read(found.group(1))
            if qualifiers is None:
                break
            schemes |= {q.scheme for q in qualifiers if q.scheme}
            narrowed += [q.concept for q in qualifiers if q.concept]
            rest = rest[: found.start()]
        ending = next((e for e in self._endings if rest.endswith(e)), None)
        if ending is None:
            return None
        body = rest.removesuffix(ending).replace('"', "").replace("收入支出", "收支")
        return TitleKey(body, frozenset(schemes), tuple(sorted(narrowed)))

    def _read(self, bracketed: str) -> list[TitleQualifier] | None:
        """The qualifiers of one pair of brackets; None where a word in it is not known."""
        found = []
        for part in filter(None, _PARTS.split(bracketed)):
            if part in self._qualifiers:
                found.append(self._qualifiers[part])
            elif not _ORDINAL.fullmatch(part):
                return None
        return found
