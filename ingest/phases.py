"""Which budget the word 预算数 means in final accounts: the one of the year's beginning, or the one adjusted in the year.

The official forms of final accounts head a column of 三公 with 预算数 alone, and say below it which one it is: some years
and provinces mean 年初预算数, others 全年预算数. Where the document does not say, no fact is made of that column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mingzhang.ingest.facts import Figure
from mingzhang.ontology.lexicon import normal_label, normal_text

_BARE = frozenset({"预算数", "本年预算数", "当年预算数", "预算金额", "本年预算", "预算"})
_NOTE = re.compile(r"预算数(?:为|是|指|反映)[^。；]{0,20}?(年初|全年|调整)预算")
_PHASE = {"年初": "id/phase/initial", "全年": "id/phase/adjusted", "调整": "id/phase/adjusted"}


def of_stated_phase(figures: Sequence[Figure], kind: str, lines: Iterable[str]) -> list[Figure]:
    """The figures of final accounts (`kind`), those headed 预算数 with the budget that the document's notes name."""
    if kind != "final":
        return list(figures)
    named = {_PHASE[word] for word in _NOTE.findall(normal_text("".join(lines)))}
    phase = named.pop() if len(named) == 1 else ""
    return [_stated(figure, phase) if _is_bare(figure) else figure for figure in figures]


def _is_bare(figure: Figure) -> bool:
    """Whether a figure is of a budget that its column only calls 预算数."""
    words = {normal_label(level) for level in figure.column}
    return figure.dimension("phase") == "id/phase/initial" and bool(words & _BARE)


def _stated(figure: Figure, phase: str) -> Figure:
    if not phase:
        return replace(
            figure, dimensions=(), unclear="预算数 of the year's beginning, or as adjusted: it is not said"
        )
    dimensions = dict(figure.dimensions) | {"phase": phase}
    return replace(figure, dimensions=tuple(dimensions.items()))
