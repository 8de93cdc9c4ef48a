"""Work spread over processes is done whole, or its failure is told here."""

from __future__ import annotations

import gc
import multiprocessing
import os
import select
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from mingzhang.errors import ReleaseError
from mingzhang.site.spread import Task, spread


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("count", [1, 23, 9_001])
def test_everything_is_done_once_and_answers_in_order(workers: int, count: int, tmp_path: Path) -> None:
    seen: list[int] = []

    def work(thing: int) -> int:
        if thing < 100:
            (tmp_path / str(thing)).open("x").close()
        return thing

    here = [Task(partial(work, -number)) for number in (1, 2)]
    anywhere = [Task(partial(work, number), weight=number % 3) for number in range(count)]
    assert spread(here, anywhere, workers, seen.append) == [-1, -2, *range(count)]
    assert len(list(tmp_path.iterdir())) == min(count, 100) + 2
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 2 + sum(number % 3 for number in range(count)))


def test_this_process_helps_the_others_and_they_help_it(tmp_path: Path) -> None:
    """Each waits until the other has begun: with one of them alone this would not end."""
    marks = [tmp_path / "one", tmp_path / "two"]

    def begin(at: int) -> int:
        marks[at].touch()
        _wait_for(marks[1 - at])
        return os.getpid()

    done_by = spread([], [Task(partial(begin, at)) for at in (0, 1)], 2, _ignore)
    assert os.getpid() in done_by
    assert len(set(done_by)) == 2


def test_what_has_to_be_done_here_is_done_here() -> None:
    assert set(spread([Task(os.getpid)] * 3, [Task(_nothing)] * 3, 3, _ignore)) == {os.getpid(), None}


def test_a_failure_in_another_process_says_what_failed(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError("page three has no title")

    with pytest.raises(ReleaseError, match="page three has no title"):
        _elsewhere(fail, tmp_path)


def test_an_error_of_a_release_is_told_as_it_is(tmp_path: Path) -> None:
    def fail() -> None:
        raise ReleaseError("a source is missing; build again")

    with pytest.raises(ReleaseError, match=r"\Aa source is missing; build again\Z"):
        _elsewhere(fail, tmp_path)


def test_a_disk_error_in_another_process_names_the_file(tmp_path: Path) -> None:
    missing = tmp_path / "no such folder" / "page.html"
    with pytest.raises(ReleaseError, match=r"page\.html: No such file"):
        _elsewhere(partial(missing.write_text, "a page"), tmp_path)


def test_a_killed_process_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="ended from outside"):
        _elsewhere(lambda: os.kill(os.getpid(), signal.SIGKILL), tmp_path)


def test_a_failure_here_ends_the_other_processes(tmp_path: Path) -> None:
    begun = tmp_path / "begun"

    def work() -> None:
        begun.write_text(str(os.getpid()))
        signal.pause()

    def fail() -> None:
        while not (begun.exists() and begun.read_text()):
            time.sleep(0.01)
        raise KeyError

    with pytest.raises(KeyError):
        spread([Task(fail)], [Task(work)], 2, _ignore)
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)


def test_the_other_processes_end_with_a_first_one_that_is_killed(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    reader, writer = os.pipe()

    def work() -> None:
        begun.touch()
        signal.pause()

    def die() -> None:
        _wait_for(begun)
        os.kill(os.getpid(), signal.SIGKILL)

    first = multiprocessing.get_context("fork").Process(
        target=spread, args=([Task(die)], [Task(work)], 3, _ignore)
    )
    first.start()
    os.close(writer)
    # The pipe ends when nobody is left who might write to it.
    assert select.select([reader], [], [], 60)[0] == [reader]
    assert os.read(reader, 1) == b""
    os.close(reader)
    first.join()


def test_garbage_is_looked_for_again_afterwards() -> None:
    assert spread([Task(gc.get_freeze_count)], [], 1, _ignore)[0] > 0
    assert gc.get_freeze_count() == 0


def _elsewhere(work: Callable[[], object], folder: Path) -> None:
    """Has another process do this, while this one waits for it to begin."""
    begun, first = folder / "begun", os.getpid()

    def begin() -> None:
        if os.getpid() != first:
            begun.touch()
            work()

    spread([Task(partial(_wait_for, begun))], [Task(begin)] * 2, 2, _ignore)


def _wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)


def _ignore(done: int) -> None: ...


def _nothing() -> None: ...
