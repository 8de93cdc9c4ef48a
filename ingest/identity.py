"""Whose budget this is, where, for which year: read from the document itself.

Whose it is stands in body_names.py; the year is the one printed with 预算 or
决算. Nothing is taken from the file's name.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from mingzhang.errors import NotADisclosure
from mingzhang.ingest.body_names import Body, Undecided, body_of, owner_of
from mingzhang.ingest.division_names import DivisionNames, division_names
from mingzhang.ingest.document import Document
from mingzhang.ingest.iris import Identity
from mingzhang.ingest.overrides import Overrides as Overrides
from mingzhang.ontology.lexicon import Lexicon, normal_text

# Not the year that another is compared with: 较2020年度决算数减少. Text says so in every other sentence.
_YEAR_OF_BUDGET = re.compile(
    r"(?<![比较与同和])(20[0-9]{2})年(?:度)?[^。；，、:：0-9]{0,24}?(?:预算|决算|(?:收支|收入|支出)总(?:体情况)?表)"
)
_FINAL = re.compile(r"(?:部门|单位)决算|决算(?:公开|总表|报表|说明)|收入支出决算")
_BUDGET = re.compile(
    r"(?:部门|单位)(?:年初)?预算|预算(?:公开|总表|报表|说明)|收支预算|(?:收支|收入|支出)总(?:体情况)?表"
)
# A 部门预算 covers a department with its units, a 单位预算 one unit alone; each speaks of itself by its own word.
_OF_UNIT = re.compile(r"单位(?:预算|决算)")
_OF_DEPARTMENT = re.compile(r"部门(?:综合)?(?:预算|决算)")
# The title on the cover says which of the two it is; the words are often mixed up further on.
_COVER_TITLE = re.compile(r"20[0-9]{2}年(?:度)?[^。；]{0,30}?(部门|单位)(?:综合)?(?:预算|决算)")
_COVER_REACH = 200
# The budget of a whole government, and reports on what was achieved, speak of departments' budgets in every paragraph.
_OF_A_DEPARTMENT = re.compile(r"(?:部门|单位)(?:综合)?(?:预算|决算)")
_OF_ANOTHER_KIND = re.compile(
    r"预算执行情况|预算\(?草案|政府(?:预算|决算)(?!支出|经济)|财政总(?:预算|决算)|绩效(?:自评|评价|自评价|考评)[^。；]{0,8}报告|审计(?:结果|报告)|整改"
)
_PRINTED_CODE = re.compile(r"(?:部门|单位)(?:名称)?[:：]([0-9]{3,9})[-—]")
_MENTIONS_ENOUGH = 2


def read_identity(document: Document, overrides: Overrides, lexicon: Lexicon) -> Identity:
    """What the disclosure is. Raises NotADisclosure where the document does not say and the user did not either."""
    text = normal_text("".join(document.lines))
    if overrides.kind is None:
        _refuse_another_kind(text, document)
    kind = overrides.kind or _kind(text)
    year = overrides.year or _year(text)
    if kind is None or year is None:
        raise NotADisclosure(
            document.source.name,
            "nothing here says that it is a department's budget or final accounts of a year",
            "give a 部门预算/单位预算 or 决算 disclosure, or say --year and --disclosure-kind",
        )
    body = _body(text, document, overrides, lexicon)
    divisions = division_names(lexicon)
    on_cover = _COVER_TITLE.search(text[:_COVER_REACH])
    scope = _SCOPES[on_cover.group(1)] if on_cover else _scope(text)
    own_level = bool(on_cover) and scope == "unit" and lexicon.names_a_department(body.name)
    return Identity(
        department_name=body.name,
        short_name=_without_division(body.name, body.division, divisions),
        division=body.division,
        division_name=divisions.name(body.division),
        year=year,
        kind=kind,
        code=_code(text),
        scope=scope,
        own_level=own_level or body.own_level,
    )


def _refuse_another_kind(text: str, document: Document) -> None:
    """Raises NotADisclosure for a document whose first page says that it is a government's budget, or a report."""
    cover = text[:_COVER_REACH]
    other = _OF_ANOTHER_KIND.search(cover)
    if other and not _OF_A_DEPARTMENT.search(cover):
        raise NotADisclosure(
            document.source.name,
            f"it begins with {other.group(0)!r}, so it is not one department's budget or final accounts",
            "give a 部门预算/单位预算 or 决算 disclosure, or say --disclosure-kind if it is one",
        )


_SCOPES = {"单位": "unit", "部门": "department"}


def _scope(text: str) -> str:
    """Whether a document without a cover speaks of one unit or of a department, by the word it uses more."""
    return "unit" if len(_OF_UNIT.findall(text)) > len(_OF_DEPARTMENT.findall(text)) else "department"


def _kind(text: str) -> str | None:
    finals, budgets = len(_FINAL.findall(text)), len(_BUDGET.findall(text))
    if max(finals, budgets) < _MENTIONS_ENOUGH:
        return None
    return "final" if finals > budgets else "budget"


def _year(text: str) -> int | None:
    """The year most often printed before 预算 or 决算; the later of two as frequent."""
    years = Counter(int(year) for year in _YEAR_OF_BUDGET.findall(text))
    return max(years, key=lambda year: (years[year], year)) if years else None


def _code(text: str) -> str:
    codes = Counter(_PRINTED_CODE.findall(text))
    return codes.most_common(1)[0][0] if codes else ""


def _body(text: str, document: Document, overrides: Overrides, lexicon: Lexicon) -> Body:
    """Whose disclosure it is; what the user says counts more. Raises NotADisclosure where no body of a division is named."""
    if overrides.department:
        body = owner_of(overrides.department, text, lexicon)
        return Body(overrides.department, overrides.division or body.division, body.own_level)
    found = body_of(text, document.lines, lexicon)
    if isinstance(found, Undecided):
        divisions = division_names(lexicon)
        places = (
            " or ".join(f"{code} ({divisions.name(code)})" for code in found.divisions)
            or "none is named with it"
        )
        raise NotADisclosure(
            document.source.name,
            f"it is of {found.name}, but does not say of which division: {places}",
            f"name it with --department {found.name} --division CODE",
        )
    if found is None:
        raise NotADisclosure(
            document.source.name, "no department is named in it", "name it with --department and --division"
        )
    return replace(found, division=overrides.division or found.division)


def _without_division(name: str, division: str, divisions: DivisionNames) -> str:
    """医疗保障局 for 濮阳市华龙区医疗保障局: names of the division and of those above it taken off the front."""
    codes = dict.fromkeys((division[:2] + "0000", division[:4] + "00", division))
    short = name
    for code in codes:
        form = next((form for form in divisions.forms(code) if short.startswith(form)), "")
        short = short.removeprefix(form)
    return short or name
