"""Answers kept on disk: whole or not at all, bounded, shared among processes, there after a restart."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

import httpx
import pytest

from mingzhang.release import Release
from mingzhang.sparql.kept import Answered, Held, KeptAnswers, Spooled

KIB = 1024


MADE_MS = 12.5


def spooled(body: bytes) -> Spooled:
    file = cast(BinaryIO, tempfile.TemporaryFile("w+b"))  # noqa: SIM115 - closed by who reads it
    file.write(body)
    file.flush()
    return Spooled(file, 7, len(body), hashlib.sha256(body).hexdigest(), MADE_MS)


def put(kept: KeptAnswers, etag: str, answer: Answered) -> bytes:
    """Keeps an answer and waits until it lies on disk; gives its bytes."""
    body = body_of(kept.put(etag, answer))
    kept.writer.submit(int).result()
    return body


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def body_of(answer: Answered | None) -> bytes:
    assert answer is not None
    if isinstance(answer, Held):
        return answer.body
    with answer.file as file:
        file.seek(answer.start)
        return file.read()


@pytest.mark.parametrize("size", [0, 10, 5 * KIB * KIB])
def test_an_answer_survives_its_service(tmp_path: Path, size: int) -> None:
    body = os.urandom(size)
    first = KeptAnswers(tmp_path, 64 * KIB * KIB, KIB)
    assert put(first, '"tag"', spooled(body)) == body
    again = KeptAnswers(tmp_path, 64 * KIB * KIB, KIB).get('"tag"')
    assert again is not None
    assert (again.rows, again.elapsed_ms, again.sha256) == (7, MADE_MS, hashlib.sha256(body).hexdigest())
    assert body_of(again) == body
    assert KeptAnswers(tmp_path, 64 * KIB * KIB, KIB).get('"other"') is None


@pytest.mark.parametrize("damage", ["cut", "changed", "head", "empty"])
def test_a_damaged_file_is_no_answer(tmp_path: Path, damage: str) -> None:
    put(KeptAnswers(tmp_path, 64 * KIB * KIB, 0), '"tag"', spooled(b"x" * 1000))
    (file,) = files_of(tmp_path)
    content = file.read_bytes()
    damaged = {"cut": content[:-1], "changed": content[:-1] + b"y", "head": content[3:], "empty": b""}
    file.write_bytes(damaged[damage])
    assert KeptAnswers(tmp_path, 64 * KIB * KIB, 0).get('"tag"') is None
    assert files_of(tmp_path) == []


def test_the_folder_is_bounded_and_what_is_longest_unused_goes_first(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path, 100 * KIB, 0)
    for number in range(40):
        put(kept, f'"{number}"', spooled(bytes([number]) * 4 * KIB))
        if kept.path(f'"{number}"').exists():
            os.utime(kept.path(f'"{number}"'), (number + 1, number + 1))
        assert sum(file.stat().st_size for file in files_of(tmp_path)) <= 100 * KIB + 5 * KIB
    assert kept.get('"0"') is None
    assert kept.get('"39"') is not None


def test_an_answer_too_large_for_its_share_is_not_kept(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path, 16 * KIB, 0)
    assert put(kept, '"tag"', spooled(b"x" * 3 * KIB)) == b"x" * 3 * KIB
    assert kept.get('"tag"') is None


def test_an_answer_made_as_quickly_as_a_file_is_found_gets_none(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path, 64 * KIB * KIB, KIB * KIB)
    put(kept, '"tag"', replace(spooled(b"x"), elapsed_ms=0.3))
    assert files_of(tmp_path) == []
    assert body_of(kept.get('"tag"')) == b"x"


def test_the_file_of_a_large_answer_is_written_while_the_answer_is_read(tmp_path: Path) -> None:
    body = os.urandom(6 * KIB * KIB)
    kept = KeptAnswers(tmp_path, 64 * KIB * KIB, 0)
    answer = kept.put('"tag"', spooled(body))
    assert isinstance(answer, Spooled)
    answer.file.seek(0)
    assert answer.file.read() == body
    answer.file.close()
    kept.close()
    assert body_of(KeptAnswers(tmp_path, 64 * KIB * KIB, 0).get('"tag"')) == body


def test_a_folder_that_cannot_be_written_costs_no_answer(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path, 64 * KIB, 0)
    blocked = kept.path('"tag"').parent
    blocked.write_bytes(b"")  # a file where the folder should be
    assert put(kept, '"tag"', spooled(b"x")) == b"x"
    assert kept.get('"tag"') is None


HAMMER = """
import hashlib, sys
from pathlib import Path
from mingzhang.sparql.kept import Held, KeptAnswers

kept, hits = KeptAnswers(Path(sys.argv[1]), 200_000, 0), 0
for turn in range(600):
    number = (turn * int(sys.argv[2])) % 97
    body = str(number).encode() * 2000
    found = kept.get(f'"{number}"')
    if found is None:
        kept.put(f'"{number}"', Held(body, number, 12.0, hashlib.sha256(body).hexdigest()))
    else:
        assert (found.body, found.rows) == (body, number)
        hits += 1
kept.close()
print(hits)
"""


def test_several_processes_share_a_folder_without_harm(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, str(tmp_path), str(step)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for step in (1, 5, 11)
    ]  # fmt: skip
    ended = [(process.communicate(timeout=60), process.returncode) for process in running]
    assert all(status == 0 for _, status in ended), ended
    assert sum(int(output) for (output, _), _ in ended) > 0
    assert all("damaged" not in errors for (_, errors), _ in ended), ended
    sizes = sum(file.stat().st_size for file in files_of(tmp_path))
    assert 0 < sizes <= 200_000 * (1 + 3 / 16)
    assert not [file for file in files_of(tmp_path) if file.suffix == ".part"]


def test_a_restarted_service_answers_from_what_is_kept(
    start: Callable[..., str], release: Release, tmp_path: Path
) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . VALUES ?g { 1 2 3 4 } }"
    answers = [
        httpx.get(start(release=release, kept_folder=str(tmp_path)) + "sparql", params={"query": query})
        for _ in range(2)
    ]
    first, second = answers
    assert first.content == second.content
    # The time is that of the making, which nobody meets twice to the tenth of a millisecond but by reading it.
    assert float(first.headers["mingzhang-milliseconds"]) >= 10
    assert first.headers["mingzhang-milliseconds"] == second.headers["mingzhang-milliseconds"]
    assert len(files_of(tmp_path)) == 1
