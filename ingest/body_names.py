"""Whose budget a text is: the body named on the cover, above its tables, or most often.

A name runs from its division, with what stands before it (共青团河北省委员会), to the end of a body's name. Bodies of the
central government are named without a division, some others after a place in short (威海职业学院). Where a name does not
say whose body it is, none is given: a wrong department is worse than a question.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mingzhang.ingest.division_names import CENTRAL, DivisionNames, division_names
from mingzhang.ontology.lexicon import Lexicon

_HAN = "\u4e00-\u9fff"
_MENTIONS_ENOUGH = 2
# A cover has few words: the characters that its title may begin within, and those that a name on it may.
_COVER = 60
_COVER_NAMES = 300
_OWN_LEVEL = r"\(?(?:本级|机关|本部)\)?"
_LEVEL = rf"{_OWN_LEVEL}|\(汇总\)"
_BUDGET = "(?:部门|单位)(?:综合)?(?:预算|决算)"
_YEAR = "20[0-9]{2}年(?:度)?"
_TITLED = re.compile(
    rf"([{_HAN}]{{4,30}}?)({_LEVEL})?(?={_YEAR}{_BUDGET})"
    rf"|{_YEAR}([{_HAN}]{{4,30}}?)({_LEVEL})?(?={_BUDGET})"
)
# Only on a cover is 某局2025年度决算 or 某局部门预算 a title; in a sentence it may be another's.
_TITLED_ON_COVER = re.compile(
    rf"([{_HAN}]{{4,30}}?)({_LEVEL})?(?={_YEAR}(?:预算|决算))|([{_HAN}]{{4,30}}?)({_LEVEL})?(?={_BUDGET})"
)
# What tables print above them, with or without the body's code; a name ends at a gap or at the line's end.
_OWNER = re.compile(
    rf"\s*(?:编制|填报|预算|公开|报送)?(?:部门|单位)(?:\((?:单位|部门)\))?(?:名称)?(?:\(?(?:公章|盖章|章)\)?)?[:：]\s*"
    rf"(?:[0-9]{{3,12}}\s*[-—_]?\s*)?([{_HAN}]{{2,30}}?)({_OWN_LEVEL}|\([{_HAN}]{{1,6}}\))?(?:\s|$)"
)
_PARTY_BODY = re.compile(
    f"委(?:宣传|组织|统一战线工作|统战|社会工作|政策研究|网络安全和信息化|机构编制|政法|老干部)[{_HAN}]{{0,3}}?(?:部|委员会|办公室|局|室)"
)
"""A party committee's own departments: 西安市委宣传部."""
_BUDGET_OF = "20[0-9]{2}年|部门预算|部门决算|机关"
_CENTRAL_NAME = (
    f"(?:国家|中国|中华全国|全国|最高人民)[{_HAN}]{{0,10}}?"
    "(?:局|委员会|办公室|总署|总社|法院|检察院|协会|学会|联合会|总会|理事会|红十字会|总工会|科学院|工程院|学院)"
)
_CENTRAL_BODY = re.compile(f"{_CENTRAL_NAME}(?={_BUDGET_OF})")
_TOWNSHIPS = ("镇", "乡", "街道", "苏木")
_NO_NAME_ENDS = ("部门", "单位", "本级", "机关", "政府部")
# Of a body that provinces have in cities too, the offices that the text names tell whose it is.
_PROVINCIAL = re.compile("(?:省|自治区)(?:财政厅|教育厅|人力资源和社会保障厅|级财政|直属|属)")
_MUNICIPAL = re.compile("市(?:财政局|教育局|人力资源和社会保障局|级财政|直属|属)")
_FAR_MORE = 3


@dataclass(frozen=True)
class Body:
    """A body by its full name, the code of its division, and whether its own level (本级) alone is meant."""

    name: str
    division: str
    own_level: bool = False


@dataclass(frozen=True)
class Undecided:
    """A body that is named, but not whose it is: the codes of the divisions it may be of."""

    name: str
    divisions: tuple[str, ...]


def body_of(text: str, lines: Iterable[str], lexicon: Lexicon) -> Body | Undecided | None:
    """Whose budget a document is, of its normal text and its lines; None where it names no body.

    The cover counts first, then what tables print above them, then the name that stands most often. A cover that names
    an undecided body is not overruled by a body that the text names often: that may be the one it is subordinate to.
    """
    names = _Names(text, lexicon)
    return (
        names.central_on_cover()
        or names.titled()
        or names.owner(lines)
        or names.undecided()
        or names.mentioned()
        or names.central()
    )


def owner_of(name: str, text: str, lexicon: Lexicon) -> Body:
    """The body that a user has named; of the central government where the name has no division."""
    return _Names(text, lexicon).body_in(name) or Body(name, CENTRAL)


class _Names:
    """The bodies named in one text."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        self._words = lexicon.body_names
        self._divisions: DivisionNames = division_names(lexicon)
        self._spoken_of = self._divisions.spoken_of(text)
        self._undecided: Counter[Undecided] = Counter()

    def central_on_cover(self) -> Body | None:
        named = self._central_bodies(self._text[:_COVER])
        return Body(named[0], CENTRAL) if named else None

    def _central_bodies(self, text: str) -> list[str]:
        """The bodies of the central government, of those known by name, that a budget is said to be of; in order."""
        names = "|".join(map(re.escape, self._lexicon.central_bodies))
        return re.findall(f"(?:(?<![{_HAN}])|(?<=[年度]))(?:{names})(?={_BUDGET_OF})", text) if names else []

    def titled(self) -> Body | None:
        """The body named on the cover, or most often, in 某局20…年部门预算 or 20…年某局部门预算.

        None where the cover names none and no other does twice.
        """
        found: Counter[Body] = Counter()
        for match in _TITLED.finditer(self._text):
            body = self._titled_body(match)
            if body:
                found[body] += _MENTIONS_ENOUGH if match.start() < _COVER else 1
        title = _TITLED_ON_COVER.search(self._text[: 2 * _COVER])
        if not found and title and title.start() < _COVER and (body := self._titled_body(title)):
            found[body] += _MENTIONS_ENOUGH
        best = found.most_common(1)
        return best[0][0] if best and best[0][1] >= _MENTIONS_ENOUGH else None

    def _titled_body(self, match: re.Match[str]) -> Body | None:
        run, level = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), match.group(4))
        known = self._undecided.total()
        body = self.body_in(run) or self._named_in_full(run)
        undecided = self._undecided.total() > known
        if body is None and not undecided and match.start() < _COVER and self._is_a_name(run):
            self._undecided[Undecided(run, ())] += 1
        return replace(body, own_level=bool(re.fullmatch(_OWN_LEVEL, level or ""))) if body else None

    def _is_a_name(self, run: str) -> bool:
        return self._ends_a_name(run) and not run.endswith(_NO_NAME_ENDS)

    def _named_in_full(self, run: str) -> Body | None:
        """The body of a title without a division (北留镇人民政府), where the text names it with one and with one only."""
        if not self._is_a_name(run):
            return None
        found = set()
        for match in self._divisions.pattern.finditer(self._text):
            code, end = self._divisions.at(self._text, match.start(), self._spoken_of)
            if code and self._text.startswith(run, end):
                found.add(Body(self._text[match.start() : end] + run, code))
        divisions = {body.division for body in found}
        return max(found, key=lambda body: (len(body.name), body.name)) if len(divisions) == 1 else None

    def body_in(self, run: str) -> Body | None:
        """The body whose name ends a run of characters: from its division, or from the run's beginning."""
        starts = {
            start: code
            for start in range(len(run) - 2)
            for code, end in [self._divisions.at(run, start, self._spoken_of)]
            if code and self._ends_a_name(run[end:])
        }
        if starts:
            # Two lines of a cover may stand in one run: 铜山区财政局批复 铜山区审计局. The last name is the title's, unless
            # it is of another place (北京市人民政府驻上海市办事处) or the end of a longer division (铜山区 of 徐州市铜山区).
            first = min(starts)
            again = [at for at, code in starts.items() if run.startswith(run[first : first + 3], at)]
            return self._with_prefix(run, max(again), starts[max(again)])
        from_centre = run.startswith(self._words.central_prefixes) and self._ends_a_name(run)
        if from_centre or run in self._lexicon.central_bodies or re.fullmatch(_CENTRAL_NAME, run):
            return Body(run, CENTRAL)
        shared, end = self._divisions.sharing(run)
        if shared and self._ends_a_name(run[end:]):
            self._undecided[Undecided(run, shared)] += 1
            return None
        return self._named_after_a_place(run)

    def _ends_a_name(self, rest: str) -> bool:
        endings = (*_TOWNSHIPS, *self._lexicon.body_suffixes)
        return rest == "委" or (len(rest) > 1 and rest.endswith(endings))

    def _with_prefix(self, run: str, start: int, division: str) -> Body:
        """共青团河北省委员会: what stands before the division is part of the name, where it is known as such."""
        before, name = run[:start], run[start:]
        central = next((p for p in self._words.central_prefixes if before.endswith(p)), "")
        if central:
            return Body(central + name, CENTRAL)
        return Body(next((p for p in self._words.prefixes if before.endswith(p)), "") + name, division)

    def _named_after_a_place(self, run: str) -> Body | None:
        code, end = self._divisions.place_at(run, 0)
        in_full = self._divisions.at(run, 0, self._spoken_of)[0]
        if in_full or not code or not run[end:].endswith(self._words.place_named):
            return None
        if not code.endswith("0000") and run.endswith(self._words.place_named_doubt):
            decided = self._province_or_city(code)
            if not decided:
                self._undecided[Undecided(run, (code, code[:2] + "0000"))] += 1
                return None
            code = decided
        return Body(run, code)

    def undecided(self) -> Undecided | None:
        """The undecided body that the cover names, or titles and tables at least twice."""
        for name, count in self._undecided.most_common(1):
            if count >= _MENTIONS_ENOUGH or name.name in self._text[:_COVER_NAMES]:
                return name
        return None

    def _province_or_city(self, city: str) -> str:
        """The province's code where the text speaks of its offices, the city's where of the city's; else empty."""
        provincial = len(_PROVINCIAL.findall(self._text))
        municipal = len(_MUNICIPAL.findall(self._text))
        if max(provincial, municipal) < _MENTIONS_ENOUGH:
            return ""
        if provincial > _FAR_MORE * municipal:
            return city[:2] + "0000"
        return city if municipal > _FAR_MORE * provincial else ""

    def owner(self, lines: Iterable[str]) -> Body | None:
        """The body that most tables name as theirs (单位名称：…), where at least two do."""
        named = Counter(
            (found.group(1), found.group(2) or "")
            for line in lines
            if (found := _OWNER.match(unicodedata.normalize("NFKC", line)))
        )
        owners: Counter[Body] = Counter()
        for (name, bracket), count in named.items():
            body = self.body_in(name)
            if body and body.name == name:
                owners[replace(body, own_level=bool(re.fullmatch(_OWN_LEVEL, bracket)))] += count
        best = owners.most_common(1)
        return best[0][0] if best and best[0][1] >= _MENTIONS_ENOUGH else None

    def mentioned(self) -> Body | None:
        """The body with a division in its name that the text names most often."""
        ends: dict[Body, Counter[str]] = {}
        for match in self._divisions.pattern.finditer(self._text):
            division, end = self._divisions.at(self._text, match.start(), self._spoken_of)
            if not division:
                continue
            stem = self._with_prefix(
                self._text[max(0, match.start() - 12) : end], min(12, match.start()), division
            )
            ends.setdefault(stem, Counter()).update(self._tails(end))
        found = {
            Body(stem.name + tail, stem.division): count
            for stem, tails in ends.items()
            for tail, count in self._most_said(stem.name, tails)
        }
        if not found:
            return None
        return min(found, key=lambda body: (-found[body], -len(body.name), body.name, body.division))

    def _tails(self, end: int) -> Iterator[str]:
        """What may follow a division up to the end of a body's name, shortest first."""
        run = re.match(f"[{_HAN}]{{0,28}}", self._text[end : end + 28])
        tail = run.group(0) if run else ""
        committee = _PARTY_BODY.match(tail)
        if committee:
            yield committee.group(0)
            return
        endings = tuple(s for s in self._lexicon.body_suffixes if len(s) > 1 or s in "局厅委办")
        for length in range(2, len(tail) + 1):
            if tail[:length].endswith(endings) and not tail[:length].endswith(_NO_NAME_ENDS):
                yield tail[:length]

    def _most_said(self, stem: str, tails: Counter[str]) -> Iterator[tuple[str, int]]:
        """Each shortest tail, made longer while the longer name is the one that is said: 委 → 委员会."""
        shortest = [t for t in tails if not any(t != other and t.startswith(other) for other in tails)]
        for tail in shortest:
            longer = sorted((t for t in tails if t.startswith(tail)), key=len, reverse=True)
            said = next(t for t in longer if t == tail or self._is_said(stem, t, tails[tail], tails[t]))
            yield said, tails[tail]

    def _is_said(self, stem: str, tail: str, short: int, long: int) -> bool:
        """Whether the longer name is nearly always the one that stands there, or stands on the cover."""
        on_cover = stem + tail in self._text[:_COVER_NAMES] and long >= _MENTIONS_ENOUGH
        return on_cover or long > 0.6 * short

    def central(self) -> Body | None:
        """The central body named most often; on the cover, one mention is enough."""
        named = [
            *_CENTRAL_BODY.findall(self._text),
            *_CENTRAL_BODY.findall(self._text[:_COVER]),
            *self._central_bodies(self._text),
        ]
        best = Counter(named).most_common(1)
        return Body(best[0][0], CENTRAL) if best and best[0][1] >= _MENTIONS_ENOUGH else None
