"""Progress as lines, where there is no terminal."""

from __future__ import annotations

import pytest

from mingzhang.progress import duration, plain_lines


def shown(moments: list[float], total: int) -> list[str]:
    """What is said when one more of `total` is done at each of the moments (seconds), the first of which begins."""
    lines: list[str] = []
    clock = iter(moments)
    progress = plain_lines(lines.append, lambda: next(clock))
    for done in range(len(moments)):
        progress("read", done, total)
    return lines


def test_short_work_is_one_line() -> None:
    assert shown([0, 1, 2, 3], 3) == ["read (3)"]


def test_long_work_says_now_and_then_how_long_it_may_still_take() -> None:
    assert shown([0, 6, 12, 18, 24, 30], 5) == [
        "read (5)",
        "read: 2 of 5, about 18 s left",
        "read: 4 of 5, about 6 s left",
        "read: 5 in 30 s",
    ]


def test_nothing_is_estimated_before_anything_is_done() -> None:
    lines: list[str] = []
    clock = iter([0.0, 30.0])
    progress = plain_lines(lines.append, lambda: next(clock))
    progress("read", 0, 9)
    progress("read", 0, 9)
    assert lines == ["read (9)", "read: 0 of 9"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59, "59 s"), (90, "2 min"), (3600, "1 h 0 min"), (7800, "2 h 10 min")]
)
def test_a_duration_is_said_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said
