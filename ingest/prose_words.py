"""The words by which running text is read, from `ontology/forms/prose.ttl`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from mingzhang.ingest.amounts import YUAN_PER_UNIT
from mingzhang.ingest.indicator_words import word_entries


@dataclass(frozen=True)
class ProseWords:
    """Word lists and the patterns made of them. Text is matched without white space, brackets and digits folded."""

    changes: Mapping[str, str]
    """Verb → `increase` or `decrease`."""
    change_end: re.Pattern[str]
    change_begin: re.Pattern[str]
    """A clause that begins with its verb: 主要是减少人员经费."""
    share_clause: re.Pattern[str]
    limit: re.Pattern[str]
    limit_before: re.Pattern[str]
    compared_year: re.Pattern[str]
    comparison: re.Pattern[str]
    """比2020年; `compared_with` takes in what of that year it is compared with: 比2020年决算数."""
    compared_with: re.Pattern[str]
    compares: re.Pattern[str]
    """A clause that only says what is compared with: 与上年相比."""
    of_last_year: re.Pattern[str]
    """What says that an amount is last year's: 上年预算, 上年为."""
    unit: re.Pattern[str]
    count_units: frozenset[str]
    counted: tuple[str, ...]
    tail: re.Pattern[str]
    lead: re.Pattern[str]
    generic: frozenset[str]
    cut: re.Pattern[str]
    body: re.Pattern[str]
    heading_ends: tuple[str, ...]
    unchanged: re.Pattern[str]
    """What says that an amount is last year's."""
    nested: re.Pattern[str]
    """What opens a list within a list, or an amount in brackets."""
    reasons: tuple[str, ...]
    """Words that begin a reason: the years it names are not those of the statements around it."""
    last_year: tuple[str, ...]
    current: tuple[str, ...]
    """Words for money of the year alone, without what is carried over: 当年."""
    scopes: Mapping[str, str]
    """Wording in a heading or a table's title → the scope it names, the more telling wording first."""
    totals: Mapping[str, tuple[tuple[str, str], ...]]
    """What text calls a total → (scope, side) of the tables on which that total stands."""
    loose_endings: tuple[str, ...]


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def prose_words() -> ProseWords:
    """The words of this installation, read once."""
    lists: dict[str, list[str]] = {}
    notations: dict[str, dict[str, str]] = {}
    ranks: dict[str, int] = {}
    for entry in word_entries("prose.ttl"):
        lists.setdefault(entry.listed_as, []).extend(entry.wordings)
        notations.setdefault(entry.listed_as, {}).update(dict.fromkeys(entry.wordings, entry.notation))
        ranks |= dict.fromkeys(entry.wordings, entry.rank)
    changes = {**notations["change"], **notations["change-behind"]}
    units = _any([*YUAN_PER_UNIT, *lists["percent"], *lists["count-unit"]])
    tails = _any(lists["tail"])
    same = lists["comparable"]
    year = r"(?:(?:19|20)[0-9]{2}年?(?:度)?|" + _any(lists["last-year"]) + ")"
    return ProseWords(
        changes=MappingProxyType(changes),
        change_end=re.compile(
            rf"({_any(notations['change'])}|(?<=[年算数])(?:{_any(notations['change-behind'])}))(?:额|幅度)?(?:{tails})*$"
        ),
        change_begin=re.compile(
            rf"^(?:.*(?:{_any(lists['reason'])})[是为]?)?({_any(notations['change'])})(?=[\u4e00-\u9fff]{{2}})"
        ),
        share_clause=re.compile(rf"(?:{_any(lists['share'])})([^,;。,:占]{{0,24}}?)(?:{tails})*$"),
        limit=re.compile(rf"\s*(?:{_any(lists['limit'])})"),
        limit_before=re.compile(rf"(?:{_any(lists['limit-before'])})$"),
        compared_year=re.compile(
            rf"(?:{_any(lists['comparison'])})(?:((?:19|20)[0-9]{{2}})年|(?:{_any(lists['last-year'])}))"
        ),
        comparison=re.compile(rf"(?:{_any(lists['comparison'])}){year}?"),
        compared_with=re.compile(
            rf"(?:{_any(same)})?(?:{_any(lists['comparison'])}){year}?(?:{_any(lists['comparison-base'])})?"
            r"(?:相比(?:较)?|对比)?"
        ),
        compares=re.compile(
            rf"(?:{_any(same)})?(?:{_any(lists['comparison'])}){year}?(?:{_any(lists['comparison-base'])})?"
            r"(?:相比(?:较)?|对比)"
        ),
        of_last_year=re.compile(
            rf"(?:{_any(lists['last-year'])})(?:{_any(lists['comparison-base'])}|的|为|是)"
        ),
        unit=re.compile(rf"(?:{units})"),
        count_units=frozenset(lists["count-unit"]),
        counted=tuple(lists["counted"]),
        tail=re.compile(rf"(?:{tails})+$"),
        lead=re.compile(rf"^(?:(?:{_any(lists['lead'])})|(?:19|20)[0-9]{{2}}(?![0-9])年?度?|[,;:、])+"),
        generic=frozenset(lists["generic"]),
        cut=re.compile(rf"^.*(?:{_any(lists['cut'])})"),
        body=re.compile(
            rf"^[^的,、()]{{2,16}}?(?:{_any(lists['body'])})(?:机关(?!运行)|本级)?(?!托|派)(?=.)"
        ),
        heading_ends=tuple(lists["heading-end"]),
        unchanged=re.compile(_any(lists["unchanged"])),
        nested=re.compile(rf"{_any(lists['nested'])}|\([^()]*[0-9][^()]*(?:元|辆|个|台|项)"),
        reasons=tuple(lists["reason"]),
        current=tuple(lists["current"]),
        last_year=tuple(sorted(lists["last-year"], key=len, reverse=True)),
        scopes=MappingProxyType(
            dict(sorted(notations["scope"].items(), key=lambda s: (ranks[s[0]], -len(s[0]))))
        ),
        totals=MappingProxyType(
            {
                w: tuple((n.split(":")[0], n.split(":")[1]) for n in places.split())
                for w, places in notations["total"].items()
            }
        ),
        loose_endings=tuple(sorted(lists["loose-ending"], key=len, reverse=True)),
    )
