"""What holds for every test: in CI, a test that needs ../shared may not be skipped while it is there."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

REQUIRE_SHARED = "MINGZHANG_REQUIRE_SHARED"
SHARED = "../shared"

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def must_not_be_skipped(reason: str) -> bool:
    """Whether a skip for this reason is a failure here."""
    return bool(os.environ.get(REQUIRE_SHARED)) and SHARED in reason


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return as_failure((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return as_failure((yield))


def as_failure(report: Report) -> Report:
    """The report, failed where it was skipped for want of ../shared although that is required."""
    reason = str(report.longrepr)
    if report.outcome == "skipped" and not hasattr(report, "wasxfail") and must_not_be_skipped(reason):
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE_SHARED} is set, but this was skipped: {reason}"
    return report
