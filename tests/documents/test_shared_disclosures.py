"""The real disclosures and their hand-verified facts, where they are present beside the checkout."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mingzhang.ingest.exports import EXPORT_COLUMNS, export_rows
from mingzhang.ingest.reading import Overrides, Reading, read_disclosure

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
BASE = "http://127.0.0.1:8000/"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    files = sorted((SHARED / "disclosures").glob("*.txt"))
    return {path.name[:3]: read_disclosure(path, Overrides()) for path in files}


def score(kind: str, rows: Sequence[dict[str, str]], gold: str, folder: Path) -> str:
    """What the scoring program says of an export."""
    export = folder / f"{kind}.csv"
    with export.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, EXPORT_COLUMNS[kind])
        writer.writeheader()
        writer.writerows(rows)
    names = {"figures": "cells"}
    (expected,) = (SHARED / "gold").glob(f"{gold}*.{names.get(kind, kind)}.csv")
    command = [
        sys.executable,
        str(SHARED / "tools" / "score.py"),
        kind,
        str(export),
        str(expected),
        "--floor",
        "0",
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(("document", "count"), [("001", 432), ("002", 435)])
def test_every_amount_of_a_tab_separated_disclosure_is_read(
    document: str, count: int, readings: dict[str, Reading]
) -> None:
    figures = readings[document].figures
    assert len(figures) == count
    assert not [f for f in figures if f.certainty.value == "ambiguous"]


@pytest.mark.parametrize("document", ["001", "004"])
def test_nothing_published_as_certain_is_wrong(
    document: str, readings: dict[str, Reading], tmp_path: Path
) -> None:
    said = score("figures", list(export_rows(readings[document], "figures", BASE)), document, tmp_path)
    assert "wrong=0" in said
    assert "invented=0" in said


def test_every_figure_of_a_hand_verified_disclosure_is_right(
    readings: dict[str, Reading], tmp_path: Path
) -> None:
    said = score("figures", list(export_rows(readings["001"], "figures", BASE)), "001", tmp_path)
    assert "432/432 right" in said


def test_every_indicator_of_a_hand_verified_disclosure_is_right(
    readings: dict[str, Reading], tmp_path: Path
) -> None:
    said = score("indicators", list(export_rows(readings["001"], "indicators", BASE)), "001", tmp_path)
    assert "267/267 right" in said


@pytest.mark.parametrize("document", ["000", "001", "002", "003", "004"])
def test_the_ledger_of_a_real_disclosure_closes(document: str, readings: dict[str, Reading]) -> None:
    ledger = readings[document].ledger
    assert ledger.counts.get("table-figure", 0) == len(readings[document].figures)
    assert ledger.counts.get("unread", 0) == len(ledger.unread)
