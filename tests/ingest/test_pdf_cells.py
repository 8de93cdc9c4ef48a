"""Rulings → frames of cells, and characters → pieces: the geometry, without a PDF."""

from __future__ import annotations

import pytest

from mingzhang.ingest.pdf_cells import FrameCell, read_frames
from mingzhang.ingest.pdf_characters import Char
from mingzhang.ingest.pdf_pieces import lines_of_pieces, pieces_of, placed_line
from mingzhang.ingest.pdf_radicals import unified
from mingzhang.ingest.pdf_rulings import Ruling, Rulings, joined


def rulings(
    horizontal: list[tuple[float, float, float]], vertical: list[tuple[float, float, float]]
) -> Rulings:
    return Rulings(joined(Ruling(*r) for r in horizontal), joined(Ruling(*r) for r in vertical))


def grid(xs: list[float], ys: list[float]) -> Rulings:
    return rulings([(y, xs[0], xs[-1]) for y in ys], [(x, ys[0], ys[-1]) for x in xs])


def written(text: str, x: float, y: float, size: float = 10.0) -> list[Char]:
    """Characters one after another; Latin ones half as wide."""
    chars = []
    for char in text:
        width = size / 2 if char.isascii() else size
        chars.append(Char(char, x, y, x + width, y + size))
        x += width
    return chars


def test_a_full_grid_is_a_frame_of_single_cells() -> None:
    (frame,) = read_frames(grid([10, 60, 110], [10, 30, 50]))
    assert [(c.row_span, c.column_span) for c in frame.cells] == [(1, 1)] * 4


def test_a_missing_ruling_merges_the_cells_on_both_sides() -> None:
    lines = rulings(
        [(10, 10, 110), (30, 60, 110), (50, 10, 110)],
        [(10, 10, 50), (60, 10, 50), (85, 30, 50), (110, 10, 50)],
    )
    (frame,) = read_frames(lines)
    assert FrameCell(0, 0, 2, 1) in frame.cells
    assert FrameCell(0, 1, 1, 2) in frame.cells
    assert FrameCell(1, 2, 1, 1) in frame.cells


def test_a_table_without_outer_lines_is_closed_where_its_lines_end() -> None:
    (frame,) = read_frames(
        rulings([(10, 10, 200), (30, 10, 200), (50, 10, 200)], [(80, 10, 50), (140, 10, 50)])
    )
    assert frame.xs == (10, 80, 140, 200)


def test_a_table_cut_by_the_end_of_the_page_keeps_its_last_row() -> None:
    (frame,) = read_frames(
        rulings([(10, 10, 110), (30, 10, 110)], [(10, 10, 60), (60, 10, 60), (110, 10, 60)])
    )
    assert frame.ys == (10, 30, 60)


def test_an_underline_inside_a_cell_divides_nothing() -> None:
    lines = grid([10, 60, 110], [10, 30, 50])
    (frame,) = read_frames(Rulings((*lines.horizontal, Ruling(40, 70, 100)), lines.vertical))
    assert len(frame.cells) == 4


def test_two_tables_on_a_page_are_two_frames() -> None:
    one, two = grid([10, 60, 110], [10, 30, 50]), grid([10, 60, 110], [200, 220, 240])
    frames = read_frames(Rulings(one.horizontal + two.horizontal, one.vertical + two.vertical))
    assert len(frames) == 2


@pytest.mark.parametrize(
    "pieces",
    [
        [Ruling(10, 0, 20), Ruling(10.8, 20.5, 60)],  # cell by cell, not quite level
        [Ruling(10, 0, 60), Ruling(11.5, 0, 60)],  # a double line
        [Ruling(10, start, start + 2) for start in range(0, 60, 4)],  # dashes
    ],
)
def test_what_looks_like_one_line_is_one_ruling(pieces: list[Ruling]) -> None:
    assert len(joined(pieces)) == 1


def test_characters_drawn_twice_to_look_bold_are_read_once() -> None:
    once = written("41,183.84", 100, 50)
    twice = [char for c in once for char in (c, c._replace(x0=c.x0 + 0.3, x1=c.x1 + 0.3))]
    assert [piece.text for piece in pieces_of(twice)] == ["41,183.84"]
    again = [*once, None, *(c._replace(x0=c.x0 + 0.3, x1=c.x1 + 0.3) for c in once)]
    assert [piece.text for piece in pieces_of(again)] == ["41,183.84"]


def test_two_like_digits_side_by_side_stay_two() -> None:
    assert [piece.text for piece in pieces_of(written("1,100.00", 0, 0))] == ["1,100.00"]


def test_spaced_out_words_close_up_and_columns_of_a_line_stay_apart() -> None:
    chars = [*written("合", 0, 0), None, *written("计", 20, 0), None, *written("12.00", 100, 0)]
    (line,) = lines_of_pieces(pieces_of(chars))
    assert placed_line(line).text == "合计  12.00"


def test_each_character_of_a_line_knows_its_place() -> None:
    (line,) = lines_of_pieces(pieces_of([*written("合计", 0, 0), None, *written("12", 100, 0)]))
    placed = placed_line(line)
    place = placed.chars[placed.text.index("1")]
    assert place is not None
    assert place.x0 == 100


@pytest.mark.parametrize(
    ("drawn", "meant"), [("⼀", "一"), ("⺠", "民"), ("⻓", "长"), ("一", "一"), ("１", "１")]
)
def test_a_radical_is_the_character_it_looks_like(drawn: str, meant: str) -> None:
    assert unified(drawn) == meant
