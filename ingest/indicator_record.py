"""What reading a form of performance targets yields, besides the indicators themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mingzhang.ingest.document import Indicator


@dataclass(frozen=True)
class FormSpan:
    """Characters of a form that were read, from `start` up to and without `end` (both from 1).

    `role` is `target` (operator, value, unit), `weight`, `amount` (money of the project), `words`
    (labels, goals, explanations, names), `code` or `ordinal` (a row's running number).
    """

    line: int
    start: int
    end: int
    role: str


@dataclass(frozen=True)
class ProjectAmount:
    """The money a form states for a project: its total, as printed, in the form's unit (万元 as a rule).

    `project` is empty where a form states one amount for a whole unit.
    """

    project: str
    unit_name: str
    token: str
    line: int
    start: int


@dataclass(frozen=True)
class IndicatorReading:
    """Everything the indicator forms of a document say. `lines` are the lines those forms take up."""

    indicators: tuple[Indicator, ...]
    lines: frozenset[int]
    project_amounts: tuple[ProjectAmount, ...] = ()
    spans: tuple[FormSpan, ...] = ()

    @staticmethod
    def joined(parts: Iterable[IndicatorReading]) -> IndicatorReading:
        """Several readings as one, in the order of the document."""
        found = list(parts)
        return IndicatorReading(
            tuple(sorted((i for part in found for i in part.indicators), key=lambda i: (i.line, i.nth))),
            frozenset(line for part in found for line in part.lines),
            tuple(
                sorted((a for part in found for a in part.project_amounts), key=lambda a: (a.line, a.start))
            ),
            tuple(sorted((s for part in found for s in part.spans), key=lambda s: (s.line, s.start))),
        )
