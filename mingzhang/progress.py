"""How far long work has come: bars on a terminal, one line a stage elsewhere. Always on standard error.

Work reports by calling a `Progress` with the stage's name, how much of it is done, and of how much; the first
call of a stage begins it. What does the work knows nothing of terminals.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]
"""Called with the stage's name, how much is done, and of how much."""


def silent(stage: str, done: int, total: int) -> None:
    """Shows nothing."""


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Bars where standard error is a terminal, else one plain line when a stage begins."""
    if sys.stderr.isatty():
        with _bars() as progress:
            yield progress
    else:
        yield _lines()


def _lines() -> Progress:
    begun: set[str] = set()

    def show(stage: str, done: int, total: int) -> None:
        if stage not in begun:
            begun.add(stage)
            print(f"{stage} ({total})" if total > 1 else stage, file=sys.stderr, flush=True)

    return show


@contextmanager
def _bars() -> Iterator[Progress]:
    # Imported here: rich takes longer to import than most commands take to run.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show
