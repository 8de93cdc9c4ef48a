"""Names of administrative divisions (GB/T 2260) found in text: 濮阳市华龙区 is 410902, 金平县 is 金平苗族瑶族傣族自治县.

Several divisions share a name (鼓楼区 is in Nanjing, Xuzhou, Kaifeng and Fuzhou). Such a name is read where the division
above stands before it, or where the document speaks of one of those above and of no other; else it is not decided.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from mingzhang.ontology.lexicon import Lexicon

CENTRAL = "000000"
"""The code of the central government's bodies, which are named without a division."""
_LONGEST = 14
_AUTONOMOUS = re.compile("自治([州县旗])$")
_KIND_OF_PLACE = re.compile("(?:特别行政区|自治区|省|市|地区|盟)$")
_ENOUGH = 2
# 安县 stands within 公安县; what is no name of today must be longer to be sure.
_LONG_ENOUGH = 3


class DivisionNames:
    """The names that divisions go by, indexed for reading. Make one with `division_names(lexicon)`."""

    def __init__(self, lexicon: Lexicon) -> None:
        nationalities = "|".join(map(re.escape, lexicon.body_names.nationalities)) or "(?!)"
        self._nationality = re.compile(f"(?:{nationalities})+$")
        self._codes: dict[str, set[str]] = {}
        places: dict[str, set[str]] = {}
        self._names = {
            c.notation: c.name
            for c in lexicon.concepts.values()
            if c.scheme == "division" and len(c.name) > 1
        }
        for code, name in self._names.items():
            if code == CENTRAL:
                # 中央 is no name of a division: it stands before many words, 中央财政 for one.
                continue
            for form in self.forms(code):
                self._codes.setdefault(form, set()).add(code)
            if code.endswith("00"):
                place = self._nationality.sub("", _KIND_OF_PLACE.sub("", name))
                places.setdefault(place, set()).add(code)
        current = frozenset(self._codes)
        for name, code in lexicon.body_names.former_divisions:
            if name not in current and len(name) >= _LONG_ENOUGH:
                self._codes.setdefault(name, set()).add(code)
        self._places = {name: min(codes) for name, codes in places.items() if len(codes) == 1 < len(name)}
        longest_first = sorted(self._codes, key=lambda name: (-len(name), name))
        self.pattern = re.compile("|".join(map(re.escape, longest_first)))

    def _without_nationalities(self, name: str) -> str:
        """凉山州 for 凉山彝族自治州; the name itself for divisions that are not autonomous."""
        kind = _AUTONOMOUS.search(name)
        return self._nationality.sub("", name[: kind.start()]) + kind.group(1) if kind else name

    def at(self, text: str, start: int, spoken_of: Counter[str]) -> tuple[str, int]:
        """(code, end) of the division named at a place, with those below it that follow; empty code where undecided."""
        code, end, under = "", start, ""
        while True:
            step = next(
                (
                    n
                    for n in range(min(_LONGEST, len(text) - end), 1, -1)
                    if text[end : end + n] in self._codes
                ),
                0,
            )
            if not step:
                return code, end
            codes = [c for c in self._codes[text[end : end + step]] if c.startswith(under)]
            decided = codes[0] if len(codes) == 1 else self._spoken_of(codes, spoken_of) if not code else ""
            if not decided:
                return code, end
            code, end = decided, end + step
            under = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code

    def _spoken_of(self, codes: Iterable[str], spoken_of: Counter[str]) -> str:
        """The one of several divisions of a name whose prefecture or province the document speaks of; else empty."""
        times = {code: max(spoken_of[above] for above in _above(code)) for code in codes}
        known = [code for code, count in times.items() if count]
        return known[0] if len(known) == 1 and times[known[0]] >= _ENOUGH else ""

    def sharing(self, text: str) -> tuple[tuple[str, ...], int]:
        """(codes, end) of the divisions that share the name a text begins with; no codes where one division has it."""
        for length in range(min(_LONGEST, len(text)), 1, -1):
            codes = self._codes.get(text[:length], ())
            if codes:
                return (tuple(sorted(codes)), length) if len(codes) > 1 else ((), 0)
        return (), 0

    def spoken_of(self, text: str) -> Counter[str]:
        """How often each province and prefecture stands in a text by its full name."""
        found = Counter(match.group(0) for match in self.pattern.finditer(text))
        return Counter(
            {
                min(self._codes[name]): count
                for name, count in found.items()
                if len(self._codes[name]) == 1 and min(self._codes[name]).endswith("00")
            }
        )

    def place_at(self, text: str, start: int) -> tuple[str, int]:
        """(code, end) of the province or prefecture named in short at a place: 威海. Empty code where there is none."""
        for length in range(min(_LONGEST, len(text) - start), 1, -1):
            if code := self._places.get(text[start : start + length]):
                return code, start + length
        return "", start

    def name(self, code: str) -> str:
        """The full name of a division; empty where the code is not known."""
        return self._names.get(code, "")

    def forms(self, code: str) -> tuple[str, ...]:
        """A division's full name and the short one it goes by: 凉山彝族自治州, 凉山州. None where the code is not known."""
        name = self.name(code)
        return tuple(dict.fromkeys((name, self._without_nationalities(name)))) if name else ()


def _above(code: str) -> tuple[str, str]:
    """The prefecture and the province that a county's code lies in."""
    return code[:4] + "00", code[:2] + "0000"


@lru_cache(maxsize=8)
def division_names(lexicon: Lexicon) -> DivisionNames:
    """The names of a lexicon's divisions, indexed once."""
    return DivisionNames(lexicon)
