"""The downloads: complete, in agreement with one another, with checksums that hold, the same every time."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.errors import ReleaseError
from mingzhang.release import Release, open_release
from mingzhang.site import dumps
from mingzhang.site.dumps import build_dumps
from mingzhang.site.kept import Notes
from mingzhang.site.quads import merged_triples, triple_lines


def _triples(data: bytes, form: ox.RdfFormat) -> set[str]:
    return {
        f"{quad.subject} {quad.predicate} {quad.object}"
        for quad in ox.parse(data, format=form, rename_blank_nodes=False)
    }


def _index(example: Any) -> dict[str, dict[str, Any]]:
    entries = json.loads((example.release.dumps / "index.json").read_text(encoding="utf-8"))
    return {entry["path"]: entry for entry in entries}


def test_turtle_and_ntriples_hold_the_same_graph_without_the_leaves(example: Any) -> None:
    dumps, name = example.release.dumps, example.release.manifest.id
    turtle = _triples((dumps / f"{name}.ttl").read_bytes(), ox.RdfFormat.TURTLE)
    ntriples = _triples(gzip.decompress((dumps / f"{name}.nt.gz").read_bytes()), ox.RdfFormat.N_TRIPLES)
    assert turtle == ntriples
    assert len(turtle) == _index(example)[f"{name}.ttl"]["items"]
    assert not any("leafOf" in triple for triple in turtle)


@pytest.mark.skipif(shutil.which("rapper") is None, reason="rapper (Raptor) is not installed")
def test_raptor_counts_the_same_triples(example: Any) -> None:
    path = example.release.dumps / f"{example.release.manifest.id}.ttl"
    counted = subprocess.run(
        ["rapper", "--count", "--input", "turtle", str(path)], capture_output=True, text=True, check=True
    )
    items = _index(example)[path.name]["items"]
    assert f"Parsing returned {items} triples" in counted.stderr


def test_both_nquads_files_hold_every_named_graph(example: Any) -> None:
    dumps, manifest = example.release.dumps, example.release.manifest
    gzipped = gzip.decompress((dumps / f"{manifest.id}.nq.gz").read_bytes())
    reader = zstandard.ZstdDecompressor().stream_reader(
        io.BytesIO((dumps / f"{manifest.id}.nq.zst").read_bytes())
    )
    assert gzipped == reader.read()
    graphs = {str(quad.graph_name)[1:-1] for quad in ox.parse(gzipped, format=ox.RdfFormat.N_QUADS)}
    assert graphs == set(manifest.graphs)


def test_a_disclosures_dump_is_its_named_graph(example: Any) -> None:
    path = example.release.dumps / "disclosures" / f"{example.disclosure.rsplit('/disclosure/', 1)[1]}.ttl"
    entry = example.release.manifest.disclosures[0]
    expected = set(triple_lines(example.release.graphs / entry.graph_file, entry.graph))
    assert len(rdflib.Graph().parse(path, format="turtle")) == len(expected)
    assert len(_triples(path.read_bytes(), ox.RdfFormat.TURTLE)) == len(expected)


def test_checksums_cover_every_file_and_hold(example: Any) -> None:
    dumps = example.release.dumps
    sums = dict(reversed(line.split("  ", 1)) for line in (dumps / "SHA256SUMS").read_text().splitlines())
    files = {str(path.relative_to(dumps)) for path in dumps.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert set(sums) == files
    assert all(
        hashlib.sha256((dumps / name).read_bytes()).hexdigest() == digest for name, digest in sums.items()
    )


def test_the_index_gives_sizes_and_checksums(example: Any) -> None:
    for path, entry in _index(example).items():
        data = (example.release.dumps / path).read_bytes()
        assert entry["size_bytes"] == len(data)
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()


def test_facts_have_labels_beside_their_codes_and_say_what_may_be_summed(example: Any) -> None:
    table = pyarrow.parquet.read_table(example.release.dumps / "facts.parquet").to_pylist()
    rows = {row["fact"]: row for row in table}
    row = rows[example.fact(5)]
    assert row["functional_class_label"] == "行政运行"
    assert row["amount"] == 8_000_000
    assert row["leaf_of"] == "functional"
    assert rows[example.fact(1)]["leaf_of"] == ""
    total = sum(row["amount"] for row in table if "functional" in row["leaf_of"].split())
    assert total == rows[example.fact(1)]["amount"]


def test_text_with_line_breaks_survives_the_way_to_parquet(example: Any) -> None:
    rows = pyarrow.parquet.read_table(example.release.dumps / "findings.parquet").to_pylist()
    assert rows[0]["message_zh"] == "两行\n文字"


def test_a_table_without_rows_keeps_its_columns(example: Any) -> None:
    table = pyarrow.parquet.read_table(example.release.dumps / "claims.parquet")
    assert table.num_rows == 0
    assert table.column_names == ["document", "line", "token", "value"]


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_dumps_written_again_are_the_same_bytes(example: Any, workers: int) -> None:
    dumps = example.release.dumps
    before = {path: path.read_bytes() for path in dumps.rglob("*") if path.is_file()}
    build_dumps(example.release, lambda stage, done, total: None, workers)
    assert {path: path.read_bytes() for path in dumps.rglob("*") if path.is_file()} == before


def test_a_triple_of_two_graphs_is_written_once_and_blank_nodes_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "a.nq").write_text(
        '<http://x/s> <http://x/p> "1" <http://x/a> .\n_:n <http://x/p> "1" <http://x/a> .\n'
    )
    (tmp_path / "b.nq").write_text(
        '<http://x/s> <http://x/p> "1" <http://x/b> .\n_:n <http://x/p> "1" <http://x/b> .\n'
    )
    merged = list(merged_triples(tmp_path, {"http://x/a": "a.nq", "http://x/b": "b.nq"}))
    assert merged == ['<http://x/s> <http://x/p> "1"', '_:g1n <http://x/p> "1"', '_:g2n <http://x/p> "1"']


@given(st.lists(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 3))), max_size=5))
def test_however_graphs_overlap_each_triple_comes_once_and_in_order(
    graphs: list[set[tuple[int, int]]],
) -> None:
    said = [
        {f'<http://x/s{subject}> <http://x/p> "{value}"' for subject, value in triples} for triples in graphs
    ]
    with tempfile.TemporaryDirectory() as folder:
        for number, triples in enumerate(said):
            lines = "".join(f"{triple} <http://x/{number}> .\n" for triple in sorted(triples))
            Path(folder, f"{number}.nq").write_text(lines)
        names = {f"http://x/{number}": f"{number}.nq" for number in range(len(said))}
        assert list(merged_triples(Path(folder), names)) == sorted(set().union(*said))


def test_a_line_of_another_graph_is_refused_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "a.nq").write_text('<http://x/s> <http://x/p> "1" <http://x/b> .\n')
    with pytest.raises(ReleaseError, match=r"a\.nq:1: "):
        list(triple_lines(tmp_path / "a.nq", "http://x/a"))


def _renamed(example: Any, folder: Path, release_id: str) -> Release:
    """The example under another id and date, its dumps yet to be written."""
    shutil.copytree(
        example.release.path, folder, ignore=shutil.ignore_patterns("site", "site-config", "dumps")
    )
    manifest = replace(example.release.manifest, id=release_id, date=release_id[:10])
    (folder / "release.json").write_text(manifest.to_json(), encoding="utf-8")
    return open_release(folder)


def _files(release: Release) -> dict[str, bytes]:
    return {
        str(path.relative_to(release.dumps)): path.read_bytes()
        for path in release.dumps.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def written_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of Turtle files that were written and not taken over."""
    seen: list[str] = []
    original = dumps._write_triples

    def noted(release: Release, name: str, given: Any, of: str, iri: str = "") -> Any:
        seen.append(of)
        return original(release, name, given, of, iri)

    monkeypatch.setattr(dumps, "_write_triples", noted)
    return seen


def test_downloads_of_unchanged_disclosures_are_taken_over(
    example: Any, tmp_path: Path, written_anew: list[str]
) -> None:
    before = _renamed(example, tmp_path / "before", "2026-01-02-aaaaaaaaaaaa")
    Notes("1", {}, {}, "").write(before)
    build_dumps(before, _quiet)
    full = _renamed(example, tmp_path / "full", "2031-11-30-bbbbbbbbbbbb")
    build_dumps(full, _quiet)
    assert "disclosure" in written_anew
    written_anew.clear()
    taken = _renamed(example, tmp_path / "taken", "2031-11-30-bbbbbbbbbbbb")
    build_dumps(taken, _quiet, before=before, program="1")
    assert written_anew == ["release"]
    assert _files(taken) == _files(full)


@pytest.mark.parametrize(
    "what", ["another program", "another graph", "a damaged download", "a lost download"]
)
def test_downloads_that_may_be_others_are_written_anew(
    example: Any, tmp_path: Path, written_anew: list[str], what: str
) -> None:
    before = _renamed(example, tmp_path / "before", "2026-01-02-aaaaaaaaaaaa")
    Notes("2" if what == "another program" else "1", {}, {}, "").write(before)
    build_dumps(before, _quiet)
    written_anew.clear()
    download = next(before.dumps.glob("disclosures/*/*/*.nt.gz"))
    later = _renamed(example, tmp_path / "later", "2026-01-02-aaaaaaaaaaaa")
    if what == "another graph":
        entry = before.manifest.disclosures[0]
        graph = before.graphs / entry.graph_file
        lines = graph.read_text(encoding="utf-8").splitlines(keepends=True)
        graph.write_text("".join(lines[1:]), encoding="utf-8")
    elif what == "a damaged download":
        download.write_bytes(download.read_bytes()[:-1])
    elif what == "a lost download":
        download.unlink()
    build_dumps(later, _quiet, before=before, program="1")
    assert "disclosure" in written_anew
    full = _renamed(example, tmp_path / "full", "2026-01-02-aaaaaaaaaaaa")
    build_dumps(full, _quiet)
    assert _files(later) == _files(full)


def _quiet(stage: str, done: int, total: int) -> None: ...
