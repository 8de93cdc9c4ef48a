"""Which codes the rows of a table without codes stand for, by their names and their order.

行政运行 is the name of a hundred classes; below 监狱, it is one. A list of classes is printed from the top down: a class,
then its own parts. Only the assignments that keep this order count, and only a row with one code left has it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from mingzhang.ingest.codebook import Codebook

_TOP = 3


def codes_by_order(labels: Sequence[str | None], scheme: str, codebook: Codebook) -> list[str]:
    """The code of each label; empty where several fit or none does.

    None stands for a row that is no class and does not end the list (a repeated total). A name that no class has ends
    what can be said of the rows below it, until the next 类.
    """
    known = [None if label is None else codebook.codes_named(label, scheme) for label in labels]
    found = _decided(known, may_follow)
    decided = [code for code in found if code]
    # Most lists are in the order of their codes; then that order counts too: 职工基本医疗保险缴费 (30110) comes before
    # 其他社会保障缴费 (30112), which 30104 once was called as well.
    if len(decided) < len([codes for codes in known if codes]) and decided == sorted(set(decided)):
        found = _decided(known, lambda above, code: code > above and may_follow(above, code))
    return found


def _decided(known: Sequence[Collection[str] | None], follows: Callable[[str, str], bool]) -> list[str]:
    fitting = _with_successor(_reachable(known, follows), follows)
    return [next(iter(codes)) if codes is not None and len(codes) == 1 else "" for codes in fitting]


def _reachable(
    known: Sequence[Collection[str] | None], follows: Callable[[str, str], bool]
) -> list[set[str] | None]:
    """For each row the codes that some order of the rows above allows."""
    found: list[set[str] | None] = []
    above: set[str] | None = None
    for codes in known:
        if codes is None:
            found.append(None)
            continue
        # Of what stands above the first row nothing is known, nor of a row whose name no class has.
        allowed = {c for c in codes if above is None or any(follows(a, c) for a in above)}
        found.append(allowed)
        above = allowed or None
    return found


def _with_successor(
    before: Sequence[set[str] | None], follows: Callable[[str, str], bool]
) -> list[set[str] | None]:
    """The codes of each row that also leave a code for the next row."""
    found: list[set[str] | None] = list(before)
    below: set[str] | None = None
    for index in range(len(before) - 1, -1, -1):
        codes = before[index]
        if codes is None:
            continue
        # A row that nothing above allows begins anew: it does not bind the row before.
        if below:
            kept = {c for c in codes if any(follows(c, b) for b in below)}
            codes = kept or codes
            found[index] = codes
        below = codes
    return found


def may_follow(above: str, code: str) -> bool:
    """Whether a class may be printed on the row after another: its first part, or a part of the same or a wider class."""
    if len(code) == _TOP:
        return True
    parent = code[:-2]
    return code != above and above.startswith(parent) and len(above) >= len(parent)
