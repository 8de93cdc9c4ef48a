"""docs/sparql.md says what the service does: its errors, headers, limits and stored queries."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingzhang.sparql import formats
from mingzhang.sparql.cors import EXPOSED
from mingzhang.sparql.options import MEBIBYTE, ServiceOptions
from mingzhang.sparql.problems import TITLES
from mingzhang.sparql.stored import stored_queries

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sparql.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(TITLES))
def test_every_kind_of_error_is_explained(kind: str) -> None:
    assert f"| `{kind}` |" in PAGE


@pytest.mark.parametrize("name", sorted(stored_queries()))
def test_every_stored_query_is_listed_with_its_question(name: str) -> None:
    query = stored_queries()[name]
    assert f"| `{name}` | {'yes' if query.safe_to_sum else 'no'} | {query.question_en} |" in PAGE


@pytest.mark.parametrize("key", sorted({f.key for f in (*formats.TABLES, *formats.GRAPHS, formats.HTML)}))
def test_every_format_is_named(key: str) -> None:
    assert f"`{key}`" in PAGE


@pytest.mark.parametrize("header", [name.strip() for name in EXPOSED.split(",") if "Mingzhang" in name])
def test_every_header_of_the_receipt_is_explained(header: str) -> None:
    assert f"| `{header}` |" in PAGE


def test_the_limits_are_those_of_the_service() -> None:
    options = ServiceOptions()
    assert f"| time of one query | {options.timeout_s:g} s |" in PAGE
    assert f"| memory of one query, beside the data | {options.memory_bytes // MEBIBYTE} MiB |" in PAGE
    assert f"| size of one answer | {options.result_limit_bytes // MEBIBYTE} MiB |" in PAGE
    assert f"| queries waiting | {options.queue_length}, at most {options.queue_wait_s:g} s each |" in PAGE
    assert f"| queries of one client at once | {options.per_client} |" in PAGE
    assert f"on disk ({options.kept_bytes // MEBIBYTE} MiB in all" in PAGE
    assert f"in memory too ({options.kept_memory_bytes // MEBIBYTE} MiB)" in PAGE
