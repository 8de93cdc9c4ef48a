"""Whose budget this is, where, for which year: read from the document itself.

The name that the document repeats most, from its division on to the end of a body's name; the year printed with 预算 or
决算. Nothing is taken from the file's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from mingzhang.errors import NotADisclosure
from mingzhang.ingest.document import Document
from mingzhang.ingest.iris import Identity
from mingzhang.ingest.overrides import Overrides as Overrides
from mingzhang.ontology.lexicon import Lexicon, normal_text

_CENTRAL = "000000"
_HAN = "\u4e00-\u9fff"
# Not the year that another is compared with: 较2020年度决算数减少. Text says so in every other sentence.
_YEAR_OF_BUDGET = re.compile(r"(?<![比较与同和])(20[0-9]{2})年(?:度)?[^。；，、:：0-9]{0,24}?(?:预算|决算)")
_FINAL = re.compile(r"(?:部门|单位)决算|决算(?:公开|总表|报表|说明)|收入支出决算")
_BUDGET = re.compile(r"(?:部门|单位)(?:年初)?预算|预算(?:公开|总表|报表|说明)|收支预算")
# A 部门预算 covers a department with its units, a 单位预算 one unit alone; each speaks of itself by its own word.
_OF_UNIT = re.compile(r"单位(?:预算|决算)")
_OF_DEPARTMENT = re.compile(r"部门(?:综合)?(?:预算|决算)")
# The title on the cover says which of the two it is; the words are often mixed up further on.
_COVER_TITLE = re.compile(r"20[0-9]{2}年(?:度)?[^。；]{0,30}?(部门|单位)(?:综合)?(?:预算|决算)")
_COVER_REACH = 200
_PRINTED_CODE = re.compile(r"(?:部门|单位)(?:名称)?[:：]([0-9]{3,9})[-—]")
_MENTIONS_ENOUGH = 2
# What tables print above them; a name ends at a gap or at the line's end.
_OWNER = re.compile(
    rf"\s*(?:编制|填报|预算|公开)?(?:部门|单位)(?:名称)?[:：]\s*([{_HAN}]{{4,30}})(?:\([{_HAN}]{{1,6}}\))?(?:\s|$)"
)
_TITLED = re.compile(
    rf"([{_HAN}]{{5,30}})(?=20[0-9]{{2}}年(?:度)?(?:部门|单位)(?:预算|决算))"
    rf"|20[0-9]{{2}}年(?:度)?([{_HAN}]{{5,30}}?)(?:部门|单位)(?:预算|决算)"
)
# A cover has few words: the characters that its title may begin within.
_COVER = 60
_PARTY = "中共"
# A party committee's own departments: 西安市委宣传部.
_PARTY_BODY = re.compile(
    f"委(?:宣传|组织|统一战线工作|统战|社会工作|政策研究|网络安全和信息化|机构编制|政法|老干部)[{_HAN}]{{0,3}}?(?:部|委员会|办公室|局|室)"
)
_BUDGET_OF = "20[0-9]{2}年|部门预算|部门决算|机关"
# Bodies of the central government are named without a division.
_CENTRAL_BODY = re.compile(
    f"(?:国家|中国|中华全国|全国|最高人民)[{_HAN}]{{2,10}}?(?:局|委员会|总署|法院|检察院|协会|联合会|总会|总工会|科学院|工程院|学院)(?={_BUDGET_OF})"
)


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
    name, division = _body(text, _owners(document.lines), overrides, lexicon)
    if not name:
        raise NotADisclosure(
            document.source.name, "no department is named in it", "name it with --department and --division"
        )
    division_name = _full_division_name(division, lexicon)
    on_cover = _COVER_TITLE.search(text[:_COVER_REACH])
    scope = _SCOPES[on_cover.group(1)] if on_cover else _scope(text)
    return Identity(
        department_name=name,
        short_name=_without_division(name, division, lexicon),
        division=division,
        division_name=division_name,
        year=year,
        kind=kind,
        code=_code(text),
        scope=scope,
        own_level=bool(on_cover) and scope == "unit" and lexicon.names_a_department(name),
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


def _owners(lines: Iterable[str]) -> Counter[str]:
    """The bodies that tables name as theirs (单位名称：…), and how often."""
    return Counter(
        found.group(1) for line in lines if (found := _OWNER.match(unicodedata.normalize("NFKC", line)))
    )


def _body(text: str, owners: Counter[str], overrides: Overrides, lexicon: Lexicon) -> tuple[str, str]:
    """(department's full name, division). Both empty where no body of a division is named."""
    divisions = _divisions(lexicon)
    if overrides.department and overrides.division:
        return overrides.department, overrides.division
    if overrides.department:
        return overrides.department, _division_at(overrides.department, 0, divisions)[0] or _CENTRAL
    on_cover = _central_bodies(text[:_COVER], lexicon)
    if on_cover:
        return on_cover[0], overrides.division or _CENTRAL
    titled = _titled(text, divisions, lexicon)
    if titled:
        return titled[0], overrides.division or titled[1]
    owner = next((name for name, count in owners.most_common(1) if count >= _MENTIONS_ENOUGH), "")
    if owner:
        division = _division_at(owner.removeprefix(_PARTY), 0, divisions)[0]
        if division:
            return owner, overrides.division or division
    found: Counter[tuple[str, str]] = Counter()
    starts = re.compile("|".join(sorted(map(re.escape, divisions), key=len, reverse=True)))
    for match in starts.finditer(text):
        division, end = _division_at(text, match.start(), divisions)
        tail = _tail(text[end : end + 24], lexicon)
        if division and tail:
            party = _PARTY if text[: match.start()].endswith(_PARTY) else ""
            found[party + text[match.start() : end] + tail, division] += 1
    if not found:
        # On the cover, one mention is enough.
        named = [
            *_CENTRAL_BODY.findall(text),
            *_CENTRAL_BODY.findall(text[:_COVER]),
            *_central_bodies(text, lexicon),
        ]
        central = Counter(named).most_common(1)
        return (central[0][0], _CENTRAL) if central and central[0][1] >= _MENTIONS_ENOUGH else ("", "")
    (name, division), _ = min(found.items(), key=lambda item: (-item[1], -len(item[0][0]), item[0]))
    return name, overrides.division or division


def _central_bodies(text: str, lexicon: Lexicon) -> list[str]:
    """The bodies of the central government, of those known by name, that a budget is said to be of; in order."""
    names = "|".join(map(re.escape, lexicon.central_bodies))
    return re.findall(f"(?:(?<![{_HAN}])|(?<=[年度]))(?:{names})(?={_BUDGET_OF})", text) if names else []


def _titled(text: str, divisions: dict[str, list[str]], lexicon: Lexicon) -> tuple[str, str] | None:
    """(name, division) of the body named on the cover, or most often, in 某局20…年部门预算 or 20…年某局部门预算.

    None where the cover names none and no other does twice.
    """
    found: Counter[tuple[str, str]] = Counter()
    for match in _TITLED.finditer(text):
        run = match.group(1) or match.group(2)
        for start in range(len(run) - 4):
            division, end = _division_at(run, start, divisions)
            if division and lexicon.names_a_body(run[end:]):
                party = _PARTY if run[:start].endswith(_PARTY) else ""
                found[party + run[start:], division] += _MENTIONS_ENOUGH if match.start() < _COVER else 1
                break
    best = found.most_common(1)
    return best[0][0] if best and best[0][1] >= _MENTIONS_ENOUGH else None


def _tail(text: str, lexicon: Lexicon) -> str:
    """The rest of a body's name: Chinese characters up to the first ending that bodies' names have."""
    han = re.match(f"[{_HAN}]*", text)
    run = han.group(0) if han else ""
    committee = _PARTY_BODY.match(run)
    if committee:
        return committee.group(0)
    for length in range(2, len(run) + 1):
        if run[:length].endswith(tuple(s for s in lexicon.body_suffixes if len(s) > 1 or s in "局厅委办")):
            if re.match("员会|公室|事处", run[length:]):
                continue
            return run[:length]
    return ""


def _divisions(lexicon: Lexicon) -> dict[str, list[str]]:
    """Name of a division → the codes that have it. 中央 is none: it stands before many words, 中央财政 for one."""
    names: dict[str, list[str]] = {}
    for concept in lexicon.concepts.values():
        if concept.scheme == "division" and len(concept.name) > 1 and concept.notation != _CENTRAL:
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
    return concept.name if concept else ""


def _without_division(name: str, division: str, lexicon: Lexicon) -> str:
    """医疗保障局 for 濮阳市华龙区医疗保障局: names of the division and of those above it taken off the front."""
    codes = dict.fromkeys((division[:2] + "0000", division[:4] + "00", division))
    short = name
    for code in codes:
        short = short.removeprefix(_full_division_name(code, lexicon))
    return short or name
