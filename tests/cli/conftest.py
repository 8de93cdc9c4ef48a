"""The example disclosures, and one release built from them for all tests that only look at it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mingzhang.cli import run

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLES = CHECKOUT / "examples"
DATE = "2026-01-31"


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A copy of examples/ in a folder of its own, which is then the working folder's `examples`."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "examples"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a release of the examples. Not to be changed."""
    data = tmp_path_factory.mktemp("built") / "data"
    assert run(["build", str(EXAMPLES), "--data", str(data), "--date", DATE]) == 0
    return data
