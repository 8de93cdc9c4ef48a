"""Whose budget this is, where, for which year: read from the document itself.

The name that the document repeats most, from its division on to the end of a body's name; the year printed with 预算 or
决算. Nothing is taken from the file's name.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from mingzhang.errors import NotADisclosure
from mingzhang.ingest.document import Document
from mingzhang.ingest.iris import Identity
from mingzhang.ontology.lexicon import Lexicon, normal_text

_CENTRAL = "000000"
_HAN = "\u4e00-\u9fff"
_YEAR_OF_BUDGET = re.compile(r"(20[0-9]{2})年(?:度)?[^。；，、:：0-9]{0,24}?(?:预算|决算)")
_FINAL = re.compile(r"(?:部门|单位)决算|决算(?:公开|总表|报表|说明)|收入支出决算")
_BUDGET = re.compile(r"(?:部门|单位)(?:年初)?预算|预算(?:公开|总表|报表|说明)|收支预算")
_PRINTED_CODE = re.compile(r"(?:部门|单位)(?:名称)?[:：]([0-9]{3,9})[-—]")
_MENTIONS_ENOUGH = 2


@dataclass(frozen=True)
class Overrides:
    """What the user says the document is, in place of what is found in it. `unit` is 万元 or 元."""

    department: str | None = None
    division: str | None = None
    year: int | None = None
    kind: str | None = None
    unit: str | None = None


def read_identity(document: Document, overrides: Overrides, lexicon: Lexicon) -> Identity:
    """What the disclosure is. Raises NotADisclosure where the document does not say and the user did not either."""
    text = normal_text("".join(document.lines))
    kind = overrides.kind or _kind(text)
    year = overrides.year or _year(text)
    if kind is None or year is None:
        raise NotADisclosure(
            document.source.name,
            "nothing here says that it is a department's budget or final accounts of a year",
            "give a 部门预算/单位预算 or 决算 disclosure, or say --year and --disclosure-kind",
        )
    name, division = _body(text, overrides, lexicon)
    if not name:
        raise NotADisclosure(
            document.source.name, "no department is named in it", "name it with --department and --division"
        )
    division_name = _full_division_name(division, lexicon)
    return Identity(
        department_name=name,
        short_name=_without_division(name, division, lexicon),
        division=division,
        division_name=division_name,
        year=year,
        kind=kind,
        code=_code(text),
    )


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


def _body(text: str, overrides: Overrides, lexicon: Lexicon) -> tuple[str, str]:
    """(department's full name, division). Both empty where no body of a division is named."""
    divisions = _divisions(lexicon)
    if overrides.department and overrides.division:
        return overrides.department, overrides.division
    if overrides.department:
        return overrides.department, _division_at(overrides.department, 0, divisions)[0] or _CENTRAL
    found: Counter[tuple[str, str]] = Counter()
    starts = re.compile("|".join(sorted(map(re.escape, divisions), key=len, reverse=True)))
    for match in starts.finditer(text):
        division, end = _division_at(text, match.start(), divisions)
        tail = _tail(text[end : end + 24], lexicon)
        if division and tail:
            found[text[match.start() : end] + tail, division] += 1
    if not found:
        return "", ""
    (name, division), _ = min(found.items(), key=lambda item: (-item[1], -len(item[0][0]), item[0]))
    return name, overrides.division or division


def _tail(text: str, lexicon: Lexicon) -> str:
    """The rest of a body's name: Chinese characters up to the first ending that bodies' names have."""
    han = re.match(f"[{_HAN}]*", text)
    run = han.group(0) if han else ""
    for length in range(2, len(run) + 1):
        if run[:length].endswith(tuple(s for s in lexicon.body_suffixes if len(s) > 1 or s in "局厅委办")):
            if re.match("员会|公室", run[length:]):
                continue
            return run[:length]
    return ""


def _divisions(lexicon: Lexicon) -> dict[str, list[str]]:
    """Name of a division → the codes that have it."""
    names: dict[str, list[str]] = {}
    for concept in lexicon.concepts.values():
        if concept.scheme == "division" and len(concept.name) > 1:
            names.setdefault(concept.name, []).append(concept.notation)
    return names


def _division_at(text: str, start: int, divisions: dict[str, list[str]]) -> tuple[str, int]:
    """(code, end) of the division named at a place: 濮阳市华龙区 is 410902. Empty code where the name is not decided."""
    code, end, under = "", start, ""
    while True:
        step = next(
            (n for n in range(min(12, len(text) - end), 1, -1) if text[end : end + n] in divisions), 0
        )
        if not step:
            return code, end
        codes = [c for c in divisions[text[end : end + step]] if c.startswith(under)]
        if len(codes) != 1:
            return code, end
        code, end = codes[0], end + step
        under = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def _full_division_name(division: str, lexicon: Lexicon) -> str:
    concept = lexicon.concepts.get(f"id/division/{division}")
    return concept.name if concept else "中央"


def _without_division(name: str, division: str, lexicon: Lexicon) -> str:
    """医疗保障局 for 濮阳市华龙区医疗保障局: names of the division and of those above it taken off the front."""
    codes = dict.fromkeys((division[:2] + "0000", division[:4] + "00", division))
    short = name
    for code in codes:
        short = short.removeprefix(_full_division_name(code, lexicon))
    return short or name
