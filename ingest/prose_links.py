"""How the statements of a running text hang together: which amount a share is a share of, what a rate is the rate of.

A link is made where wording leaves no doubt, or where the text's own arithmetic proves it: the parts of a list that add
up to an amount are parts of that amount, and a list most of whose shares follow from an amount is of that amount. Then
a share that does not follow is the publisher's slip and not our misreading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from mingzhang.ingest.amounts import YUAN_PER_UNIT, decimals_printed, in_yuan
from mingzhang.ingest.document import Claim
from mingzhang.ingest.prose_words import ProseWords
from mingzhang.ontology.lexicon import normal_label

_OF_WHICH = ("其中", "以下方面")
_PAUSE = re.compile(r"^[,;:。、]+")
_LIST_OPENS = re.compile(r"[,;:。]*其中[,:]?")
_BREAK = re.compile(r"[;。]")
_RESPECTIVELY = "分别"
_MORE_SHARES = re.compile(r"(?:(?:[、,和及与]|以及)(?:占)?[0-9]+(?:\.[0-9]+)?%)+")
# An item may itself be misprinted in its last digits, so the items need not make the total to the last digit.
_SLIP = Decimal("0.0001")
_FEW_ITEMS = 2
# 与上年持平 stands right behind its amount.
_NEAR = 10
# Two and more shares that follow from an amount do not do so by chance; one may.
_ENOUGH_SHARES = 2


@dataclass(frozen=True)
class ClaimLink:
    """How statements hang together, as indexes into the claims, for a rule to check.

    `share`: `claim` is the share of `part` in `whole`. `growth`: `claim` is the percentage by which `part` (the amount
    of the year) differs from the year before, `change` the difference. `difference`: `claim` is `part` minus
    `base`, or the reverse where it is a decrease. `part`: `claim` is listed as one of the parts of `whole`.
    `item-change`: `claim` is the change of one of the items that make up the amount `part`, whose change is `whole`.
    """

    kind: str
    claim: int
    part: int
    whole: int | None = None
    change: int | None = None
    base: int | None = None


@dataclass(frozen=True)
class Placed:
    """A claim and where it stands: `begin`..`end` (token and unit) in the text of its passage.

    `sentence` is where its sentence begins there, `passage` and `section` number the passages and the sections 一、….
    `whole_name` is what it is called a share of.
    """

    claim: Claim
    begin: int
    end: int
    sentence: int = 0
    passage: int = 0
    section: int = 0
    whole_name: str = ""
    text: str = ""
    """The text of its passage."""


def claim_links(placed: Sequence[Placed], words: ProseWords) -> tuple[ClaimLink, ...]:
    """Every link between the claims of a document, in the order of the claims."""
    links = [
        *_shares(placed, words),
        *_growths(placed, words),
        *_differences(placed),
        *_parts(placed, words),
        *_item_changes(placed, words),
    ]
    return tuple(sorted(links, key=lambda link: (link.claim, link.kind)))


def _shares(placed: Sequence[Placed], words: ProseWords) -> Iterator[ClaimLink]:
    """The shares with their parts; the whole where it is proven or plainly named."""
    pairs = []
    for index in range(1, len(placed)):
        if placed[index].claim.relation != "share":
            continue
        if _in_turn(placed[index]) is not None:
            part = part_in_turn(placed[:index], placed[index])
            if part is not None:
                yield ClaimLink("share", index, part)
        elif placed[index - 1].claim.relation == "amount" and _same_sentence(
            placed[index], placed[index - 1]
        ):
            pairs.append(index)
    for _, group in groupby(pairs, lambda i: (placed[i].passage, placed[i].sentence, placed[i].whole_name)):
        shares = list(group)
        candidates = _candidates(placed, shares[0] - 1)
        whole = _whole(placed, shares, candidates, words)
        for share in shares:
            other = whole is not None and _is_of_another(placed, share, whole, candidates)
            yield ClaimLink("share", share, share - 1, whole=None if other else whole)


def _in_turn(share: Placed) -> int | None:
    """Where 分别 stands that gives the amounts before it their shares one by one; None where it does not."""
    at = share.text.rfind(_RESPECTIVELY, share.sentence, share.begin)
    return at if at >= 0 and not _BREAK.search(share.text, at, share.begin) else None


def part_in_turn(before: Sequence[Placed], share: Placed) -> int | None:
    """The index of the part that a share behind 分别 is of: 基本支出 80 元，项目支出 20 元，分别占 80% 和 20%.

    The first of n shares is of the n-th amount before 分别, counted back. None where these are too few.
    """
    at = _in_turn(share)
    if at is None:
        return None
    here = [i for i, item in enumerate(before) if _same_sentence(item, share)]
    amounts = [i for i in here if before[i].claim.relation == "amount" and before[i].end <= at]
    earlier = sum(1 for i in here if before[i].claim.relation == "share" and before[i].begin > at)
    more = _MORE_SHARES.match(share.text, share.end)
    count = earlier + 1 + (more.group().count("%") if more else 0)
    return amounts[earlier - count] if len(amounts) >= count else None


def _candidates(placed: Sequence[Placed], first: int) -> list[int]:
    """The amounts that the section states of the same year before the first part, the nearest first."""
    return [
        index
        for index in range(first - 1, -1, -1)
        if placed[index].section == placed[first].section
        and placed[index].claim.relation == "amount"
        and placed[index].claim.year == placed[first].claim.year
        and placed[index].claim.value > 0
    ]


def _whole(
    placed: Sequence[Placed], shares: Sequence[int], candidates: Sequence[int], words: ProseWords
) -> int | None:
    """The amount that these shares, each with its part before it, are shares of; None where that is not sure."""
    parts = [placed[share - 1].claim for share in shares]
    for index in candidates:
        if _adds_up(parts, placed[index].claim) or _follow(placed, shares, placed[index].claim):
            return index
    return _named_whole(placed, shares, candidates, words)


def _is_of_another(placed: Sequence[Placed], share: int, whole: int, candidates: Sequence[int]) -> bool:
    """Whether a share that does not follow from the whole of its list follows from another amount: of a part of it."""
    stated, part = placed[share].claim, placed[share - 1].claim
    if is_share(stated, part, placed[whole].claim):
        return False
    others = {*candidates, *(i for i in range(whole, share - 1) if placed[i].claim.relation == "amount")}
    return any(is_share(stated, part, placed[i].claim) for i in others if placed[i].claim.value > 0)


def _adds_up(parts: Sequence[Claim], whole: Claim) -> bool:
    """Whether two or more parts make up the whole, within rounding."""
    total = sum((_yuan(part) for part in parts), Decimal(0))
    allowed = sum((_half_yuan(claim) for claim in (*parts, whole)), Decimal(0))
    return len(parts) > 1 and abs(total - _yuan(whole)) <= allowed


def _follow(placed: Sequence[Placed], shares: Sequence[int], whole: Claim) -> bool:
    """Whether most shares of a list, and at least two that are not 0, follow from this whole."""
    telling = [share for share in shares if placed[share].claim.value]
    good = [s for s in telling if is_share(placed[s].claim, placed[s - 1].claim, whole)]
    return len(good) >= _ENOUGH_SHARES and 2 * len(good) > len(telling)


def _named_whole(
    placed: Sequence[Placed], shares: Sequence[int], candidates: Sequence[int], words: ProseWords
) -> int | None:
    """The amount that 其中 divides in the sentence of the shares, unless they are called shares of something else."""
    first = placed[shares[0] - 1]
    if first.whole_name and normal_label(first.whole_name) not in words.totals:
        return None
    ends = [at for word in _OF_WHICH if (at := first.text.find(word, first.sentence, first.begin)) >= 0]
    if not ends:
        return None
    here = [i for i in candidates if _same_sentence(placed[i], first) and placed[i].begin < min(ends)]
    wholes = {placed[i].claim.value for i in here}
    return here[0] if len(wholes) == 1 else None


def _growths(placed: Sequence[Placed], words: ProseWords) -> Iterator[ClaimLink]:
    """The rates of change that follow a change in the same sentence and direction, with the amount that changed."""
    for index in range(1, len(placed)):
        rate, change = placed[index], placed[index - 1]
        if (
            rate.claim.relation != "change_percent"
            or change.claim.relation != "change_amount"
            or not _same_sentence(rate, change)
            or _BREAK.search(rate.text, change.end, rate.begin)
        ):
            continue
        if rate.claim.direction != change.claim.direction and not _is_verb_alone(change, rate, words):
            continue  # 增加 5 万元，增幅下降 3%: not the rate of this change.
        part = _current(placed, index - 1, words)
        if part is not None:
            yield ClaimLink("growth", index, part, change=index - 1)


def _is_verb_alone(change: Placed, rate: Placed, words: ProseWords) -> bool:
    """Whether only a verb of change stands between a change and a rate."""
    between = _PAUSE.sub("", rate.text[change.end : rate.begin])
    return words.change_end.match(between) is not None


def _current(placed: Sequence[Placed], change: int, words: ProseWords) -> int | None:
    """The amount that changed by `change`: the one its clause goes on from, or the last one of the same name."""
    changed = placed[change]
    amounts = [
        index
        for index in range(change - 1, -1, -1)
        if placed[index].passage == changed.passage
        and placed[index].claim.relation == "amount"
        and placed[index].claim.year == changed.claim.year
    ]
    here = [i for i in amounts if _same_sentence(placed[i], changed)]
    if here and len({placed[i].claim.value for i in here}) == 1:
        return here[0]
    if here and here[0] == change - 1 and _goes_on(placed[here[0]], changed, words):
        return here[0]
    name = _name(changed.claim.subject, words)
    same = [i for i in amounts if name and _name(placed[i].claim.subject, words) == name]
    return same[0] if same and not (here and here[0] not in same) else None


def _goes_on(amount: Placed, changed: Placed, words: ProseWords) -> bool:
    """Whether nothing is named between an amount and its change: 5 万元，比上年增加 1 万元."""
    between = _PAUSE.sub("", amount.text[amount.end : changed.begin])
    compared = words.comparison.match(between)
    return bool(compared) or words.change_end.match(between) is not None


def _differences(placed: Sequence[Placed]) -> Iterator[ClaimLink]:
    """Changes whose two years' amounts the same passage states under the same subject."""
    for index, item in enumerate(placed):
        if item.claim.relation != "change_amount":
            continue
        before = [i for i in range(index) if placed[i].passage == item.passage]
        now = [i for i in before if _is_amount_of(placed[i].claim, item.claim.subject, item.claim.year)]
        base = [i for i in before if _is_amount_of(placed[i].claim, item.claim.subject, item.claim.year - 1)]
        if len(now) == 1 and len(base) == 1:
            yield ClaimLink("difference", index, now[0], base=base[0])


def _is_amount_of(claim: Claim, subject: str, year: int) -> bool:
    return (
        claim.relation == "amount"
        and claim.year == year
        and claim.subject.startswith(subject)
        and bool(subject)
    )


def _parts(placed: Sequence[Placed], words: ProseWords) -> Iterator[ClaimLink]:
    """What a sentence lists behind 其中 as parts of the amount or number before it, where nothing is nested in the list."""
    for index, whole in enumerate(placed[:-1]):
        following = placed[index + 1]
        opening = _LIST_OPENS.match(whole.text[whole.end : following.begin])
        if (
            whole.claim.relation not in ("amount", "count")
            or not opening
            or not _same_sentence(whole, following)
        ):
            continue
        if any(word in whole.text[whole.sentence : whole.begin] for word in _OF_WHICH):
            continue  # A list within a list: where it ends is not plain.
        begin = whole.end + opening.end()
        parts = [
            i
            for i in range(index + 1, len(placed))
            if _same_sentence(placed[i], whole) and placed[i].claim.relation == whole.claim.relation
        ]
        listed = whole.text[begin : placed[parts[-1]].begin] if parts else ""
        alike = {(placed[i].claim.unit, placed[i].claim.year) for i in parts} == {
            (whole.claim.unit, whole.claim.year)
        }
        if len(parts) > 1 and alike and not words.nested.search(listed):
            yield from (ClaimLink("part", part, part, whole=index) for part in parts)


def _item_changes(placed: Sequence[Placed], words: ProseWords) -> Iterator[ClaimLink]:
    """The changes of items, each in a passage of its own, that together make up an amount whose change is stated first."""
    for index, change in enumerate(placed):
        total = _current(placed, index, words) if change.claim.relation == "change_amount" else None
        if total is None or not placed[total].claim.value:
            continue
        later = [i for i in range(index + 1, len(placed)) if placed[i].section == change.section]
        items = [
            item
            for passage, group in groupby(later, lambda i: placed[i].passage)
            if passage != change.passage and (item := _item(placed, list(group), placed[total], words))
        ]
        made = sum((_yuan(placed[amount].claim) for amount, _ in items), Decimal(0))
        whole = _yuan(placed[total].claim)
        if len(items) > _FEW_ITEMS and abs(made - whole) <= _SLIP * whole:
            changes = [i for _, i in items if i is not None]
            yield from (ClaimLink("item-change", i, total, whole=index) for i in changes)


def _item(
    placed: Sequence[Placed], passage: Sequence[int], total: Placed, words: ProseWords
) -> tuple[int, int | None] | None:
    """(amount, its change) of a passage on one item; the change is None where it says that nothing changed.

    None for a passage that states several amounts, or does not say how its amount changed.
    """
    amounts = [i for i in passage if placed[i].claim.relation == "amount"]
    changes = [i for i in passage if placed[i].claim.relation == "change_amount"]
    if len(amounts) != 1 or (placed[amounts[0]].claim.unit, placed[amounts[0]].claim.year) != (
        total.claim.unit,
        total.claim.year,
    ):
        return None
    amount = placed[amounts[0]]
    if len(changes) == 1 and _current(placed, changes[0], words) == amounts[0]:
        return amounts[0], changes[0]
    unchanged = words.unchanged.search(amount.text, amount.end, amount.end + _NEAR)
    return (amounts[0], None) if unchanged and not changes else None


def _same_sentence(one: Placed, other: Placed) -> bool:
    return (one.passage, one.sentence) == (other.passage, other.sentence)


def _name(subject: str, words: ProseWords) -> str:
    """A subject without the endings that change nothing: 接待费支出 and 接待费支出预算 are one."""
    name = normal_label(subject)
    for ending in (*words.loose_endings, "支出"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            name = name.removesuffix(ending)
    return name


def is_share(share: Claim, part: Claim, whole: Claim) -> bool:
    """Whether a share follows from its amounts: for some values that round to what is printed it is the one printed."""
    least, most = _yuan(whole) - _half_yuan(whole), _yuan(whole) + _half_yuan(whole)
    # Multiplied out, so that nothing is rounded: part / most ≤ share ≤ part / least. A whole of 0 allows any share.
    is_not_less = (share.value + half(share)) * most >= 100 * (_yuan(part) - _half_yuan(part))
    is_not_more = (share.value - half(share)) * least <= 100 * (_yuan(part) + _half_yuan(part))
    return is_not_less and (least <= 0 or is_not_more)


def half(claim: Claim) -> Decimal:
    """Half a unit of the last digit a claim prints, in its own unit."""
    return Decimal(5).scaleb(-decimals_printed(claim.token.rstrip(".．")) - 1)


def _yuan(claim: Claim) -> Decimal:
    return in_yuan(claim.value, claim.unit) if claim.unit in YUAN_PER_UNIT else claim.value


def _half_yuan(claim: Claim) -> Decimal:
    return in_yuan(half(claim), claim.unit) if claim.unit in YUAN_PER_UNIT else half(claim)
