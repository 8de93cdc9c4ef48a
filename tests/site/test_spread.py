"""Work spread over processes is done whole, or its failure is told here."""

from __future__ import annotations

import gc
import os
import signal
from functools import partial
from pathlib import Path

import pytest

from mingzhang.errors import ReleaseError
from mingzhang.site.spread import spread


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_thing_is_done_once(workers: int, tmp_path: Path) -> None:
    things = [str(number) for number in range(23)]
    seen: list[int] = []

    def work(thing: str) -> None:
        with (tmp_path / thing).open("x") as handle:
            handle.write(thing)

    with spread([partial(work, thing) for thing in things], workers, seen.append):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(things)
    assert seen[0] == 0
    assert seen[-1] == len(things)


def test_a_failure_in_another_process_says_what_failed(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError("page three has no title")

    with (
        pytest.raises(ReleaseError, match="page three has no title"),
        spread([_nothing, _nothing, fail, _nothing], 2, _ignore),
    ):
        pass


def test_a_disk_error_in_another_process_names_the_file(tmp_path: Path) -> None:
    missing = tmp_path / "no such folder" / "page.html"

    def write() -> None:
        missing.write_text("a page")

    with pytest.raises(ReleaseError, match=r"page\.html: No such file"), spread([write] * 2, 2, _ignore):
        pass


def test_a_killed_process_is_not_waited_for_for_ever() -> None:
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(ReleaseError, match="ended from outside"), spread([die] * 2, 2, _ignore):
        pass


def test_a_failure_of_the_block_ends_the_processes() -> None:
    with pytest.raises(KeyError), spread([signal.pause] * 2, 2, _ignore):
        raise KeyError


def test_garbage_is_looked_for_again_afterwards() -> None:
    with spread([], 1, _ignore):
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0


def _ignore(done: int) -> None: ...


def _nothing() -> None: ...
