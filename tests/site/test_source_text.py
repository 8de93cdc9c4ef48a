"""Figures marked on their line: the right characters, and only those."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingzhang.errors import ReleaseError
from mingzhang.site.source_text import Spot, mark_line, source_lines


def _marked(text: str, *spots: Spot) -> list[tuple[str, str]]:
    return [(piece.text, piece.href) for piece in mark_line(text, spots)]


@pytest.mark.parametrize(
    ("text", "tokens", "expected"),
    [
        ("合计 70.00 70.00", ["70.00", "70.00"], ["70.00", "70.00"]),
        ("1,570.83 70.83", ["70.83"], ["70.83"]),
        ("205.00 5", ["5"], ["5"]),
        ("合计 70.00", ["80.00"], []),
        ("-3.50 3.50", ["-3.50", "3.50"], ["-3.50", "3.50"]),
    ],
)
def test_a_token_is_found_whole_and_in_order(text: str, tokens: list[str], expected: list[str]) -> None:
    spots = [Spot(token, nth, 0, f"/{nth}", "Printed") for nth, token in enumerate(tokens, start=1)]
    pieces = _marked(text, *spots)
    assert [text for text, href in pieces if href] == expected
    assert "".join(text for text, _ in pieces) == text


def test_the_second_of_two_equal_tokens_keeps_its_own_link() -> None:
    pieces = _marked("70 70", Spot("70", 1, 0, "/a", ""), Spot("70", 2, 0, "/b", ""))
    assert pieces == [("70", "/a"), (" ", ""), ("70", "/b")]


def test_a_prose_figure_is_marked_where_it_begins() -> None:
    pieces = _marked("70年占70%", Spot("70", 0, 5, "/p", ""))
    assert pieces == [("70年占", ""), ("70", "/p"), ("%", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_lines_are_counted_as_the_reader_counts_them(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "source"
    path.write_bytes("一\r\n二\r三\n".encode(encoding))
    assert source_lines(path) == ["一", "二", "三"]


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="missing"):
        source_lines(tmp_path / "none")
