"""In CI a test that needs ../shared may not be skipped while it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
TESTS = """
import pytest

def test_a():
    pytest.skip("../shared is not here")

def test_b():
    pytest.skip("no browser here")

def test_c():
    pass
"""


@pytest.mark.parametrize(("required", "failed", "skipped"), [("", 0, 2), ("1", 1, 1)])
def test_a_skip_for_want_of_shared_files_fails_where_they_are_required(
    required: str, failed: int, skipped: int, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINGZHANG_REQUIRE_SHARED", required)
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(TESTS)
    pytester.runpytest_inprocess().assert_outcomes(failed=failed, skipped=skipped, passed=1)
