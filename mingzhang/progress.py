"""How far long work has come and how long it may still take: bars on a terminal, plain lines now and then elsewhere.
Always on standard error.

Work reports by calling a `Progress` with the stage's name, how much of it is done, and of how much; the first
call of a stage begins it. What does the work knows nothing of terminals.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

Progress = Callable[[str, int, int], None]
"""Called with the stage's name, how much is done, and of how much."""


def silent(stage: str, done: int, total: int) -> None:
    """Shows nothing."""


# The first things of a stage may be unlike the others, as the pages with pictures are: no guess is made from less.
_LEAST_SHARE_DONE = 0.02
# Elsewhere than on a terminal a line is said this often: a log of an hour's work stays short enough to read.
_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Bars where standard error is a terminal, else plain lines: when a stage begins, every ten seconds, at its end."""
    if sys.stderr.isatty():
        with _bars() as progress:
            yield progress
    else:
        yield plain_lines(partial(print, file=sys.stderr, flush=True), time.monotonic)


def plain_lines(say: Callable[[str], object], now: Callable[[], float]) -> Progress:
    """Progress as lines. `now` is a clock in seconds."""
    begun: dict[str, float] = {}
    said: dict[str, float] = {}

    def show(stage: str, done: int, total: int) -> None:
        moment = now()
        if stage not in begun:
            begun[stage] = said[stage] = moment
            say(f"{stage} ({total})" if total > 1 else stage)
            return
        took = moment - begun[stage]
        if done >= total:
            if took >= _SECONDS_BETWEEN_LINES:
                say(f"{stage}: {'done' if total == 1 else total} in {duration(took)}")
        elif moment - said[stage] >= _SECONDS_BETWEEN_LINES:
            said[stage] = moment
            told = done >= max(1, _LEAST_SHARE_DONE * total)
            left = f", about {duration(took / done * (total - done))} left" if told else ""
            say(f"{stage}: {done} of {total}{left}")

    return show


def duration(seconds: float) -> str:
    """A stretch of time as people say it: `45 s`, `3 min`, `2 h 10 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def _bars() -> Iterator[Progress]:
    # Imported here: rich takes longer to import than most commands take to run.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    # Files differ much in size: the time left is reckoned over the last ten minutes, not over the last few files.
    columns = (
        TextColumn("{task.description:<20}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Bars(*columns, console=Console(stderr=True), speed_estimate_period=600) as bars:
        tasks = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show
