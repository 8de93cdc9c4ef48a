"""Prose and tables of one disclosure in two files: joined where that is plain or said, reported where it is not."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from mingzhang.cli import run
from mingzhang.errors import NotADisclosure, NotOneDisclosure
from mingzhang.ingest.graph import reading_nquads
from mingzhang.ingest.joining import read_joined
from mingzhang.ingest.leaves import leaves_nquads
from mingzhang.ingest.reading import Overrides, read_disclosure
from mingzhang.progress import silent
from mingzhang.rebase import release_for_address
from mingzhang.release import current_release
from mingzhang.verify import verify_release

from .conftest import DATE, small_disclosure

Capture = pytest.CaptureFixture[str]
BASE = "http://127.0.0.1:8000/"
PROSE = """{name} {year} 年部门预算说明

{name} {year} 年部门预算

一、部门收支总体情况

{year} 年部门预算收入总计 120.00 万元，其中：一般公共预算拨款收入 100.00 万元，上年结转 20.00 万元。

{year} 年部门预算支出总计 120.00 万元，其中：卫生健康支出 60.00 万元，住房保障支出 {housing} 万元。
"""


def prose_of(path: Path, year: int = 2023, name: str = "苍溪县医疗保障局", housing: str = "61.00") -> Path:
    """The text of a small disclosure; in its tables housing is 60.00."""
    path.write_text(PROSE.format(name=name, year=year, housing=housing), encoding="utf-8")
    return path


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return small_disclosure(tmp_path / "tables.txt"), prose_of(tmp_path / "prose.txt")


def rows(kind: str, *files: Path) -> list[dict[str, str]]:
    """The rows that `facts` writes."""
    assert run(["facts", *map(str, files), "--kind", kind, "--output", "rows.csv"]) == 0
    return list(csv.DictReader(io.StringIO(Path("rows.csv").read_text(encoding="utf-8"))))


def test_each_file_keeps_its_names_whether_joined_or_not(pair: tuple[Path, Path]) -> None:
    tables, prose = (read_disclosure(path, Overrides()) for path in pair)
    alone = {line.split(" ")[0] for reading in (tables, prose) for line in reading_nquads(reading, BASE)}
    joined = read_joined(pair, Overrides())
    assert {line.split(" ")[0] for line in reading_nquads(joined, BASE)} == alone
    assert [part.source.name for part in joined.parts] == ["tables.txt", "prose.txt"]


def test_what_the_text_says_is_tied_to_the_facts_of_the_tables(pair: tuple[Path, Path]) -> None:
    claims = {row["subject"]: row for row in rows("claims", *pair)}
    figures = {row["row_label"]: row for row in rows("figures", *pair)}
    assert claims["卫生健康支出"]["agrees"] == "yes"
    assert claims["卫生健康支出"]["fact"] == figures["一、卫生健康支出"]["fact"]
    assert claims["住房保障支出"]["agrees"] == "no"
    assert {row["document"] for row in claims.values()} == {"prose.txt"}
    assert {row["document"] for row in figures.values()} == {"tables.txt"}


def test_a_fact_is_stated_by_both_files(pair: tuple[Path, Path]) -> None:
    tables, prose = (read_disclosure(path, Overrides()).source.sha256[:12] for path in pair)
    joined = read_joined(pair, Overrides())
    for lines in (reading_nquads(joined, BASE), leaves_nquads(joined, BASE)):
        stated = [line.split(" ")[2] for line in lines if "#statedBy>" in line]
        assert {sha12 for sha12 in (tables, prose) if any(sha12 in figure for figure in stated)} == {
            tables,
            prose,
        }


def test_a_finding_stands_with_the_file_that_says_it(pair: tuple[Path, Path], capsys: Capture) -> None:
    found = [row for row in rows("findings", *pair) if row["rule"] == "prose-agrees"]
    assert [(row["document"], row["line"]) for row in found] == [("prose.txt", "9")]
    assert run(["check", *map(str, pair)]) in (0, 1)
    shown = capsys.readouterr().out
    assert f"{pair[1]}:9: 2023 年部门预算支出总计" in shown
    assert f"{pair[0]}:14: 二、上年结转" in shown


@pytest.mark.parametrize("turned", [False, True])
def test_a_release_holds_one_disclosure_with_two_sources(
    turned: bool, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    small_disclosure(tmp_path / "other.txt", 2021, "南阳市医疗保障局")
    files = [*(reversed(pair) if turned else pair), tmp_path / "other.txt"]
    assert run(["build", *map(str, files), "--data", "data", "--date", DATE]) in (0, 1)
    release = current_release(tmp_path / "data")
    verify_release(release)
    entry = next(one for one in release.manifest.disclosures if one.year == 2023)
    assert len(release.manifest.disclosures) == 2
    assert [source.file_name for source in entry.sources] == ["tables.txt", "prose.txt"]
    for source in entry.sources:
        assert (release.sources / source.sha256).read_bytes() == (tmp_path / source.file_name).read_bytes()
    graph = (release.graphs / entry.graph_file).read_text(encoding="utf-8")
    assert graph.count("<http://purl.org/dc/terms/source>") == 2
    for path in (release.path, release_for_address(release, tmp_path / "data", "h", 81, 1, silent).path):
        assert len(list((path / "sources").iterdir())) == 3


def test_two_files_with_tables_are_reported_and_not_joined(tmp_path: Path, capsys: Capture) -> None:
    files = [small_disclosure(tmp_path / "a.txt"), small_disclosure(tmp_path / "b.txt", health="60.0")]
    assert run(["ingest", *map(str, files)]) == 0
    shown = capsys.readouterr()
    assert f"{files[1]}: the same disclosure as {files[0]}" in shown.err
    assert shown.out.count("figures in tables") == 2


def test_a_second_text_makes_it_a_guess_and_nothing_is_joined(
    pair: tuple[Path, Path], tmp_path: Path, capsys: Capture
) -> None:
    third = prose_of(tmp_path / "more.txt", housing="60.00")
    assert run(["ingest", *map(str, (*pair, third))]) == 0
    shown = capsys.readouterr()
    assert " + " not in shown.out
    assert shown.err.count("the same disclosure as") == 2


def test_a_text_of_another_year_is_not_joined(tmp_path: Path, capsys: Capture) -> None:
    tables, prose = small_disclosure(tmp_path / "a.txt", 2023), prose_of(tmp_path / "b.txt", 2024)
    assert run(["ingest", str(tables), str(prose)]) == 0
    assert " + " not in capsys.readouterr().out


def test_the_user_may_say_that_two_files_are_one(tmp_path: Path, capsys: Capture) -> None:
    tables = small_disclosure(tmp_path / "a.txt")
    text = tables.read_text(encoding="utf-8")
    tables.write_text(text[text.index("部门收支总表") :], encoding="utf-8")
    prose = prose_of(tmp_path / "b.txt")
    assert run(["ingest", str(tables), str(prose)]) == 1
    capsys.readouterr()
    assert run(["ingest", "--join", str(prose), str(tables)]) == 0
    shown = capsys.readouterr().out
    assert f"{tables} + {prose}: 苍溪县医疗保障局" in shown
    assert "6 figures in tables" in shown


def test_files_that_are_not_one_disclosure_are_refused(tmp_path: Path) -> None:
    tables, other = small_disclosure(tmp_path / "a.txt"), small_disclosure(tmp_path / "b.txt", 2024)
    with pytest.raises(
        NotOneDisclosure, match="苍溪县医疗保障局 2023 budget, the other 苍溪县医疗保障局 2024"
    ):
        read_joined([tables, other], Overrides())
    with pytest.raises(NotOneDisclosure, match=r"a\.txt and b\.txt hold budget tables"):
        read_joined([tables, other], Overrides(year=2023))
    prose = [prose_of(tmp_path / name) for name in ("c.txt", "d.txt")]
    with pytest.raises(NotOneDisclosure, match="none of them holds budget tables"):
        read_joined(prose, Overrides())
    for path in prose:
        path.write_text("a letter about the weather\n", encoding="utf-8")
    with pytest.raises(NotADisclosure):
        read_joined(prose, Overrides())
