"""Counting the solutions of a written answer: the same as counting them one by one, wherever the pieces are cut."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhang.sparql import formats
from mingzhang.sparql.rows import SolutionCount, json_solutions, solutions_in

TRICKY = [
    "",
    '"',
    "\\",
    "},{",
    '},{"',
    "{}",
    "},{}",
    '"bindings":[]}}',
    "\n",
    "<result>",
    "<result/>",
    ",",
    "\r\n",
    "é中",
]
texts = st.lists(st.sampled_from(TRICKY), max_size=3).map("".join)


def written(values: list[str | None], key: str) -> bytes:
    """An answer with one solution a value; None is a solution without a value."""
    terms = " ".join("(UNDEF)" if value is None else f"({ox.Literal(value)})" for value in values)
    results = ox.Store().query(f"SELECT ?a {{ VALUES (?a) {{ {terms} }} }}")
    assert isinstance(results, ox.QuerySolutions)
    return results.serialize(format=formats.RESULTS[key]) or b""


@pytest.mark.parametrize("key", sorted(formats.RESULTS))
@given(values=st.lists(st.none() | texts, max_size=6), cut=st.integers(1, 40))
def test_solutions_are_counted_exactly(key: str, values: list[str | None], cut: int) -> None:
    body = written(values, key)
    count = SolutionCount(key)
    for start in range(0, len(body), cut):
        count.feed(body[start : start + cut])
    assert (count.total if count.is_sure else json_solutions(body)) == len(values)
    assert solutions_in(body, key) == len(values)


def test_json_that_cannot_be_counted_by_its_bytes_is_known() -> None:
    count = SolutionCount("json")
    count.feed(json.dumps({"head": {"vars": ["a"]}, "results": {"bindings": [{}]}}).encode())
    assert not count.is_sure
