"""The IRIs of everything a disclosure holds, minted from content alone (docs/model.md, “Names”).

Reading the same file again gives the same IRIs, in any order and on any machine. Keys are paths below the publisher's
base URI; `Names.iri` puts the base before them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin

from mingzhang.ontology.lexicon import normal_text

_OWN_LEVEL = "本级"


def digest16(*values: str) -> str:
    """16 hex digits of the SHA-256 over the values; no two lists of values run together."""
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()[:16]


@lru_cache(maxsize=1024)
def pinyin(name: str) -> str:
    """A name in syllables joined by hyphens, ASCII only: 医疗保障局 → `yi-liao-bao-zhang-ju`."""
    syllables = lazy_pinyin(normal_text(name))
    words = [re.sub(r"[^a-z0-9]", "", s.lower()) for s in syllables]
    return "-".join(word for word in words if word) or digest16(name)


@dataclass(frozen=True)
class Identity:
    """What a disclosure is: whose, where, for which year, and whether a budget or final accounts.

    `division` is the six-digit code of GB/T 2260 (`000000` for central bodies), `short_name` the department's name
    without its division, `kind` is `budget` or `final`, `code` the department's own code where one is printed.
    `scope` is `department` (部门预算, with the units below it) or `unit` (单位预算, one budget unit alone). `own_level` is
    True where a department publishes the 单位预算 of its own level (本级), without the units below it: a body apart from
    the department with all its units, with a name of its own (docs/decisions/0028).
    """

    department_name: str
    short_name: str
    division: str
    division_name: str
    year: int
    kind: str
    code: str = ""
    scope: str = "department"
    own_level: bool = False

    @property
    def slug(self) -> str:
        """`510824/yi-liao-bao-zhang-ju`; of its own level alone `510824/yi-liao-bao-zhang-ju-ben-ji`."""
        return f"{self.division}/{pinyin(self.short_name + (_OWN_LEVEL if self.own_level else ''))}"

    @property
    def body_name(self) -> str:
        """The body whose money it is: 苏州市生态环境局, or 苏州市生态环境局（本级）."""
        return f"{self.department_name}（{_OWN_LEVEL}）" if self.own_level else self.department_name

    @property
    def period(self) -> str:
        """`2023-budget`."""
        return f"{self.year}-{self.kind}"


@dataclass(frozen=True)
class Names:
    """Mints the IRIs of one disclosure under one base URI (which ends in `/`)."""

    base: str
    identity: Identity
    sha256: str

    def iri(self, key: str) -> str:
        """The IRI of a key, as `id/fund-source/all`."""
        return self.base + key

    @property
    def department(self) -> str:
        return f"{self.base}id/department/{self.identity.slug}"

    @property
    def disclosure(self) -> str:
        return f"{self.base}id/disclosure/{self.identity.slug}/{self.identity.period}"

    @property
    def graph(self) -> str:
        return f"{self.base}graph/disclosure/{self.identity.slug}/{self.identity.period}"

    @property
    def source(self) -> str:
        return f"{self.base}source/{self.sha256}"

    def place(self, fragment: str) -> str:
        """The IRI of a place in the source; `places.py` has the fragments (`line=12`, `page=3&xywh=…`)."""
        return f"{self.source}#{fragment}"

    def unit(self, key: str) -> str:
        """A budget unit by its code, or by its name where it has none; `all` is the whole department."""
        if key == "all":
            return f"{self.base}id/unit/all"
        tail = key if re.fullmatch(r"[0-9A-Za-z]+", key) else digest16(normal_text(key))
        return f"{self.department}/unit/{tail}"

    def project(self, name: str, whose: str = "") -> str:
        """A project by its name, and by the key of its unit where units have projects of that name; `all` is no

        particular project.
        """
        if name == "all":
            return f"{self.base}id/project/all"
        tail = digest16(normal_text(name), whose) if whose else digest16(normal_text(name))
        return f"{self.base}id/project/{self.identity.slug}/{tail}"

    def table(self, number: int) -> str:
        return f"{self.base}id/table/{self.sha256[:12]}/{number}"

    def figure(self, line: int, nth: int) -> str:
        return f"{self.base}id/figure/{self.sha256[:12]}/l{line}n{nth}"

    def claim(self, line: int, start: int) -> str:
        return f"{self.base}id/figure/{self.sha256[:12]}/l{line}c{start}"

    def indicator(self, line: int, nth: int) -> str:
        return f"{self.base}id/indicator/{self.sha256[:12]}/l{line}n{nth}"

    def fact(self, dimensions: Mapping[str, str]) -> str:
        """A fact by its dimensions: nothing else, so that all figures of one quantity meet in it."""
        tail = digest16(*(f"{name}={value}" for name, value in sorted(dimensions.items())))
        return f"{self.base}id/fact/{self.identity.slug}/{self.identity.period}/{tail}"

    def sum(self, *figures: str) -> str:
        return (
            f"{self.base}id/sum/{self.sha256[:12]}/{digest16(*(f.removeprefix(self.base) for f in figures))}"
        )

    def ledger(self, category: str) -> str:
        return f"{self.base}id/ledger/{self.sha256[:12]}/{category}"
