"""What comes nearest to a name that is not there: a broader code, the disclosure of a lost fact, a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

_OF_A_SOURCE = re.compile(r"(?:figure|table|sum|indicator|finding|ledger)/([0-9a-f]{12})(?:/|$)")
_CODE = re.compile(r"code/([a-z-]+)/([0-9]+)")
_OF_A_BODY = re.compile(
    r"(?:fact|disclosure|project|department)/([0-9]{6})(?:/([^/]+)(?:/([0-9]{4}-[a-z]+))?)?"
)
_OF_THE_VOCABULARY = ("class", "property", "individual", "rule")
_OVERVIEWS = {
    "compare": "compare/index",
    "coverage": "coverage/index",
    "dumps": "dumps/index",
} | dict.fromkeys(("source", "disclosure", "disclosures"), "doc/disclosure")
"""First part of an address outside `/id/` and `/doc/` → the page that lists what is there."""
_LISTS = {"code": "scheme", "fact": "disclosure", "figure": "disclosure", "unit": "department"}


def nearest(path: str, has_page: Callable[[str], bool], sources: Sequence[str]) -> str:
    """The address of the page nearest to a path, "" where none is.

    `has_page` tells whether the site has a file, as `doc/code/functional/208.html`; `sources` are the SHA-256 of the
    release's source files.
    """
    room, _, name = path.partition("/")
    for candidate in _candidates_in(room, name, sources):
        if has_page(f"{candidate}.html"):
            return (
                f"/{candidate.removesuffix('index')}"
                if candidate.endswith("/index")
                else f"/{candidate}.html"
            )
    return ""


def _candidates_in(room: str, name: str, sources: Sequence[str]) -> Iterator[str]:
    """Pages from the nearest to the farthest, for a path that begins with `room`."""
    if room in ("id", "doc"):
        yield from _candidates(name, sources)
    elif room in ("terms", "ontology"):
        # Whoever takes a class for a property, or leaves the kind out, means the term of that name.
        term = name.rpartition("/")[2].partition(".")[0]
        yield from (f"terms/{kind}/{term}" for kind in _OF_THE_VOCABULARY if term)
        yield "ontology"
    elif room in _OVERVIEWS:
        yield _OVERVIEWS[room]


def _candidates(name: str, sources: Sequence[str]) -> Iterator[str]:
    """Pages from the nearest to the farthest."""
    if code := _CODE.match(name):
        # GB code lists: three digits for a class, two more for each level below it.
        for length in range(len(code[2]), 2, -1):
            yield f"doc/code/{code[1]}/{code[2][:length]}"
        yield f"doc/scheme/{code[1]}"
    if body := _OF_A_BODY.match(name):
        division, department, disclosure = body[1], body[2], body[3]
        if disclosure:
            yield f"doc/disclosure/{division}/{department}/{disclosure}"
        if department:
            yield f"doc/department/{division}/{department}"
        yield f"doc/division/{division}"
    if part := _OF_A_SOURCE.match(name):
        yield from (f"source/{sha256}" for sha256 in sources if sha256.startswith(part[1]))
    kind = name.partition("/")[0]
    yield f"doc/scheme/{kind}"
    yield f"doc/{_LISTS.get(kind, kind)}"
    yield "doc/disclosure"
