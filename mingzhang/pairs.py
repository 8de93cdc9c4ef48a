"""Which of several files are one disclosure: its tables in one, its text in the other.

Recognised only where nothing has to be guessed: exactly two files name the same department, year and kind, one of them
has figures in tables and hardly a word, the other has words and no table. Whatever else happens to be the same
disclosure twice is left as it is, and told (docs/decisions/0018-prose-and-tables-in-two-files.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mingzhang.prepared import Job, Outcome, Prepared

_FEW_STATEMENTS = 5
"""Statements that a file of tables may make in its notes without being the text of the disclosure too."""


@dataclass(frozen=True)
class Halves:
    """Two files of one disclosure: the job that reads them together, and the places of their own outcomes."""

    job: Job
    places: tuple[int, int]


def halves_of_one(jobs: Sequence[Job], outcomes: Sequence[Outcome | None]) -> list[Halves]:
    """The pairs among jobs of one file each, in order of their first file."""
    same: dict[str, list[int]] = defaultdict(list)
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Prepared):
            same[outcome.entry.iri].append(number)
    found = []
    for numbers in same.values():
        if len(numbers) != 2 or any(jobs[number].others for number in numbers):
            continue
        first, second = numbers
        for tables, prose in ((first, second), (second, first)):
            if _is_tables(outcomes[tables]) and _is_prose(outcomes[prose]):
                job = Job(jobs[tables].path, jobs[tables].overrides, (jobs[prose].path,))
                found.append(Halves(job, (first, second)))
    return found


def repeated(outcomes: Sequence[Outcome]) -> Iterator[tuple[Prepared, Prepared]]:
    """(first, other) for every disclosure that comes more than once and was not joined."""
    first: dict[str, Prepared] = {}
    for outcome in outcomes:
        if isinstance(outcome, Prepared):
            kept = first.setdefault(outcome.entry.iri, outcome)
            if kept is not outcome:
                yield kept, outcome


def said_twice(first: Prepared, other: Prepared) -> str:
    """That two files are one disclosure, which of them counts, and what to do, in one line."""
    entry = first.entry
    return (
        f"{other.path}: the same disclosure as {first.path} ({entry.department_name} {entry.year} {entry.kind}), "
        f"which was taken; give one file per disclosure, or say --join {first.path} {other.path} where one is its text"
    )


def _is_tables(outcome: Outcome | None) -> bool:
    counts = outcome.entry.counts if isinstance(outcome, Prepared) else {}
    return bool(counts) and counts["figures"] > 0 and counts["claims"] < _FEW_STATEMENTS


def _is_prose(outcome: Outcome | None) -> bool:
    counts = outcome.entry.counts if isinstance(outcome, Prepared) else {}
    return bool(counts) and counts["figures"] == 0 and counts["claims"] > 0
