"""Statements in running text: amounts, shares, changes, growth rates and counts, each with subject and year.

Read `prose_text` (sentences from broken lines) and `prose_words` (the words) first. A number is a statement where its
unit and the words before it say so; every other number of the text is left to the ledger. `prose_links` says how
statements hang together, `prose_tie` pairs them with the facts they speak of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from mingzhang.ingest.amounts import YUAN_PER_UNIT
from mingzhang.ingest.document import Claim, Document
from mingzhang.ingest.prose_links import ClaimLink, Placed, claim_links, part_in_turn
from mingzhang.ingest.prose_text import Passage, passages, section_numbers
from mingzhang.ingest.prose_words import ProseWords, prose_words

_NUMBER = re.compile(
    r"(?<![0-9.,A-Za-z])-?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?(?![0-9A-Za-z]|[.,][0-9])"
)
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})年")
# 2021年已安排 …，本年安排 …; 2020年本年收入 is of 2020.
_OF_THIS_YEAR = re.compile(r"(?<![年度])(?:本年|今年)(?!收入|支出|度收入|度支出)")
_YEAR_OF_START = re.compile(r"(?:从|自|于|发\()$")
_CLAUSE_END = re.compile(r"[,;:。!?]")
_STATEMENT_END = re.compile(r"[;。]")
_UP_TO_YEAR = re.compile(
    r"^.*(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])年?(?:度|初|末|底|期末)?(?:[0-9]{1,2}月(?:底|末|初)?)?"
)
_NUMBERING = re.compile(
    r"^(?:\((?:[一二三四五六七八九十]+|[0-9]{1,2})\)|[一二三四五六七八九十]+、|[0-9]+[.、])"
)
_HEADING = re.compile(r"[^,;:、。]{0,4}[、.)][^,;:0-9。]{2,24}。")
_CLASS_LEVELS = re.compile(r"^.*\(款\)")
_BARE_AMOUNT_SUBJECT = re.compile(r"(?:经费|支出|收入|费)(?:为)?$")


@dataclass(frozen=True)
class ProseReading:
    """The claims of a document in the order of the text, and how they hang together."""

    claims: tuple[Claim, ...]
    links: tuple[ClaimLink, ...]


def read_claims(document: Document, taken: frozenset[int], fiscal_year: int) -> tuple[Claim, ...]:
    """Every statement in the running text. `taken` are lines read as budget tables or indicator forms."""
    return read_prose(document, taken, fiscal_year).claims


def read_prose(document: Document, taken: frozenset[int], fiscal_year: int) -> ProseReading:
    """The statements of the running text and the arithmetic between them."""
    words = prose_words()
    sections = section_numbers(document)
    placed: list[Placed] = []
    for number, passage in enumerate(passages(document, taken, words.heading_ends)):
        before: list[Placed] = []
        for begin, end in passage.sentences():
            found = _sentence_statements(document, passage, begin, end, fiscal_year, words)
            found = [
                replace(
                    _with_topic(statement, passage, begin, before, words),
                    sentence=begin,
                    passage=number,
                    section=sections[statement.claim.line - 1],
                    text=passage.text,
                )
                for statement in found
            ]
            before = [_with_part(found[:index], statement) for index, statement in enumerate(found)]
            placed += before
    return ProseReading(tuple(item.claim for item in placed), claim_links(placed, words))


def _sentence_statements(
    document: Document, passage: Passage, begin: int, end: int, fiscal_year: int, words: ProseWords
) -> list[Placed]:
    found: list[Placed] = []
    for match in _NUMBER.finditer(passage.text, begin, end):
        statement = _statement(document, passage, match, begin, end, fiscal_year, words, found)
        if statement:
            found.append(statement)
    return found


def _with_topic(
    statement: Placed, passage: Passage, begin: int, before: Sequence[Placed], words: ProseWords
) -> Placed:
    """The statement, where its sentence names nothing with what the one before it speaks of.

    That is the one amount stated there, for a change (公务接待费 0.8 万元。比上年减少 0.2 万元), or a heading that begins the
    passage (1.公务接待费。2026年预算数 3.5 万元).
    """
    claim = statement.claim
    if claim.subject or claim.relation in ("share", "count"):
        return statement
    amounts = [s.claim for s in before if s.claim.relation == "amount"]
    topic = _heading_before(passage, begin, words)
    if claim.relation != "amount" and len(amounts) == 1:
        topic = amounts[0].subject
    return replace(statement, claim=replace(claim, subject=topic)) if topic else statement


def _with_part(before: Sequence[Placed], statement: Placed) -> Placed:
    """The statement; a share behind 分别 with the amount that it is the share of as its subject."""
    if statement.claim.relation != "share":
        return statement
    part = part_in_turn(before, statement)
    subject = before[part].claim.subject if part is not None else ""
    return replace(statement, claim=replace(statement.claim, subject=subject)) if subject else statement


def _heading_before(passage: Passage, begin: int, words: ProseWords) -> str:
    """What the heading names that stands right before a sentence, at the beginning of its passage; else empty."""
    heading = passage.text[:begin]
    if not _NUMBERING.match(heading) or heading.count("。") != 1 or not _HEADING.fullmatch(heading):
        return ""
    return _trimmed(passage, 0, begin - 1, "amount", words)


def _statement(
    document: Document,
    passage: Passage,
    match: re.Match[str],
    begin: int,
    end: int,
    fiscal_year: int,
    words: ProseWords,
    earlier: Sequence[Placed],
) -> Placed | None:
    """The statement a number makes, else None."""
    token_end = match.end()
    if passage.text.startswith(".", token_end) and words.unit.match(passage.text, token_end + 1):
        # Decimals lost behind the point: the point is printed, so it belongs to the token.
        token_end += 1
    unit = words.unit.match(passage.text, token_end)
    if unit and words.limit.match(passage.text, unit.end()):
        return None
    if _may_be_broken(passage, match.start(), token_end):
        return None
    clause_begin = _clause_begin(passage.text, begin, match.start(), earlier)
    before = passage.text[clause_begin : match.start()]
    if words.limit_before.search(before):
        return None
    unit_text = unit.group() if unit else _unit_of_list(passage.text, match, end, before, words)
    relation, direction, whole = _relation(before, unit_text, words)
    if not relation or (relation == "amount" and _may_be_a_change(passage.text, before, unit, words)):
        return None
    line, start = passage.places[match.start()]
    claim = Claim(
        line=line,
        start=start,
        token=passage.shown[match.start() : token_end],
        value=Decimal(match.group().replace(",", "")),
        unit=passage.shown[unit.start() : unit.end()] if unit else unit_text,
        subject=_subject(passage, clause_begin, match.start(), relation, earlier, words),
        # A stock of things is counted as of a day that an earlier sentence may have named.
        year=_base_year(before, relation, fiscal_year, words)
        or _year(passage.text, 0 if relation == "count" else begin, match.start(), fiscal_year, words),
        relation=relation,
        direction=direction,
        page=document.pages[line - 1],
    )
    return Placed(claim, match.start(), unit.end() if unit else token_end, whole_name=whole)


def _may_be_a_change(text: str, before: str, unit: re.Match[str] | None, words: ProseWords) -> bool:
    """Whether a verb was left out: 比上年 1.43 万元，增加 0.68%. In 比上年 5 万元增加 1 万元 it follows."""
    compared = list(words.compared_year.finditer(before))
    if unit is None or not compared or compared[-1].end() != len(before):
        return False
    return not text.startswith(tuple(words.changes), unit.end())


def _may_be_broken(passage: Passage, begin: int, end: int) -> bool:
    """Whether a number goes over a line break, or another stands right before it: parts of one number perhaps."""
    over_lines = passage.places[begin][0] != passage.places[end - 1][0]
    return over_lines or (begin > 1 and passage.text[begin - 1] == " " and passage.text[begin - 2].isdigit())


def _clause_begin(text: str, begin: int, number: int, earlier: Sequence[Placed]) -> int:
    """Where the words that belong to a number begin: after the last punctuation or statement before it."""
    ends = [m.end() for m in _CLAUSE_END.finditer(text, begin, number)]
    return max([begin, *ends[-1:], *(s.end for s in earlier[-1:])])


def _unit_of_list(text: str, match: re.Match[str], end: int, before: str, words: ProseWords) -> str:
    """The unit of a number that prints none but stands in a list whose next item does: 人员经费 3.1，公用经费 2 万元."""
    if "." not in match.group() or not _BARE_AMOUNT_SUBJECT.search(before):
        return ""
    if text[match.end() : match.end() + 1] not in (",", "、", ";"):
        return ""
    following = _NUMBER.search(text, match.end(), end)
    unit = words.unit.match(text, following.end()) if following else None
    return unit.group() if unit and unit.group() in YUAN_PER_UNIT else ""


def _relation(before: str, unit: str, words: ProseWords) -> tuple[str, str, str]:
    """(relation, direction, whole it is a share of) of a number with that unit after those words."""
    is_money, is_percent = unit in YUAN_PER_UNIT, unit == "%"
    if is_money or is_percent:
        change = words.change_end.search(before) or (words.change_begin.search(before) if is_money else None)
        if change:
            return "change_amount" if is_money else "change_percent", words.changes[change.group(1)], ""
    if is_money:
        return "amount", "", ""
    if is_percent:
        share = words.share_clause.search(before)
        return ("share", "", share.group(1).removesuffix("的")) if share else ("", "", "")
    if unit in words.count_units and words.tail.sub("", before).endswith(words.counted):
        return "count", "", ""
    return "", "", ""


def _base_year(before: str, relation: str, fiscal_year: int, words: ProseWords) -> int:
    """The year of an amount that another is compared with (比2020年预算 5 万元增加 …); 0 for any other."""
    if relation != "amount":
        return 0
    compared = list(words.compared_year.finditer(before))
    if not compared:
        return fiscal_year - 1 if words.of_last_year.search(before) else 0
    return int(compared[-1].group(1)) if compared[-1].group(1) else fiscal_year - 1


def _year(text: str, begin: int, number: int, fiscal_year: int, words: ProseWords) -> int:
    """The year spoken of: the last one named in the sentence that nothing is compared with, else the fiscal year."""
    year = fiscal_year
    for match in _YEAR.finditer(text, begin, number):
        before = text[begin : match.start()]
        compared = words.comparison.search(before)
        is_compared = (
            any(m.end() == len(before) for m in words.comparison.finditer(before)) if compared else False
        )
        reason = max(before.rfind(word) for word in words.reasons)
        explains = reason >= 0 and not _STATEMENT_END.search(before, reason)
        if not is_compared and not explains and not _YEAR_OF_START.search(before):
            year = int(match.group(1))
    last = max((m.end() for m in _YEAR.finditer(text, begin, number)), default=begin)
    return fiscal_year if _OF_THIS_YEAR.search(text, last, number) else year


def _subject(
    passage: Passage, begin: int, end: int, relation: str, earlier: Sequence[Placed], words: ProseWords
) -> str:
    """What a number is said of, as printed; what the sentence spoke of before where its clause names nothing."""
    named = _trimmed(passage, begin, end, relation, words)
    if named:
        return named
    topics = [s.claim.subject for s in earlier if s.claim.relation != "share" and s.claim.subject]
    if topics or earlier:
        return topics[-1] if topics else ""
    sentence_begin = passage.text.rfind("。", 0, begin) + 1
    clauses = [
        m.end() for m in _CLAUSE_END.finditer(passage.text, sentence_begin, max(sentence_begin, begin - 1))
    ]
    clause = (max([sentence_begin, *clauses[-1:]]), max(sentence_begin, begin - 1))
    # 与年初预算相比 says what is compared with, not what is spoken of.
    compares = words.compares.fullmatch(passage.text[slice(*clause)])
    return "" if compares else _trimmed(passage, *clause, "amount", words)


def _trimmed(passage: Passage, begin: int, end: int, relation: str, words: ProseWords) -> str:
    """The clause without numbering, year, verb and the words around a subject; empty where only those are left."""
    text = passage.text[begin:end]
    shown = passage.shown[begin:end]
    if relation in ("change_amount", "change_percent"):
        verb = words.change_end.search(text)
        text, shown = (text[: verb.start()], shown[: verb.start()]) if verb else (text, shown)
        first = None if verb else words.change_begin.search(text)
        text, shown = _without(text, shown, first) if first else (text, shown)
        for match in reversed(list(words.compared_with.finditer(text))):
            if match.group()[-1] in "年度" or len(match.group()) > 1:
                text, shown = _without(text, shown, match)
    elif relation == "amount":
        last_year = words.of_last_year.search(text)
        if last_year and last_year.end() == len(text) and text[: last_year.start()].endswith("由"):
            # 公务接待费由上年的 8.00 万元增加到 9.00 万元
            text, shown = text[: last_year.start() - 1], shown[: last_year.start() - 1]
        for pattern in (words.compares, words.compared_year):
            for match in reversed(list(pattern.finditer(text))):
                text, shown = _without(text, shown, match)
    elif relation == "share":
        share = words.share_clause.search(text)
        text, shown = (text[: share.start()], shown[: share.start()]) if share else (text, shown)
    for pattern in (words.tail, _NUMBERING, words.lead):
        match_ = pattern.search(text)
        if match_:
            text, shown = _without(text, shown, match_)
    year = _UP_TO_YEAR.match(text)
    if year:
        rest, rest_shown = text[year.end() :], shown[year.end() :]
        if rest in words.generic or not rest:
            last_year = list(re.finditer(r"(?:19|20)[0-9]{2}年", text))[-1]
            rest, rest_shown = text[: last_year.start()], shown[: last_year.start()]
        text, shown = rest, rest_shown
    levels = _CLASS_LEVELS.match(text)
    if levels and levels.end() < len(text):
        text, shown = text[levels.end() :], shown[levels.end() :]
    for pattern in (words.lead, words.cut, words.body):
        match_ = pattern.search(text)
        if match_ and match_.end() < len(text):
            text, shown = _without(text, shown, match_)
    return "" if text in words.generic else shown.strip("、，,的")


def _without(text: str, shown: str, match: re.Match[str]) -> tuple[str, str]:
    return text[: match.start()] + text[match.end() :], shown[: match.start()] + shown[match.end() :]
