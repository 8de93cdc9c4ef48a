"""Content negotiation as pure functions (RFC 9110 §12.5.1).

`Accept` is a list of media ranges with weights; the most specific range that matches a type decides its weight,
`q=0` excludes, no header at all means anything goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from mingzhang.sparql.formats import Format

# RFC 9110 §12.4.2: qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
QVALUE = re.compile(r"^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$")
# A quoted string may hold commas and semicolons; they do not separate.
PARTS = re.compile(r'(?:[^,;"]|"(?:[^"\\]|\\.)*")+|[,;]')

T = TypeVar("T")


@dataclass(frozen=True)
class MediaRange:
    """One element of an Accept header. `parameters` are those before q, lower case, charset left out: we send
    UTF-8, and a client that asks for its own name of it still gets its answer."""

    type: str
    subtype: str
    parameters: frozenset[tuple[str, str]]
    quality: float

    @property
    def specificity(self) -> tuple[bool, bool, int]:
        return (self.type != "*", self.subtype != "*", len(self.parameters))

    def matches(self, media_type: str) -> bool:
        main, _, sub = media_type.partition("/")
        # None of our formats has parameters, so a range that insists on one (profile=…) fits by type alone.
        return self.type in ("*", main) and self.subtype in ("*", sub)


def media_ranges(accept: str) -> tuple[MediaRange, ...]:
    """The media ranges of an Accept header. Elements that are none are passed over, as RFC 9110 §5.6.1 lets us."""
    ranges = []
    for element in elements(accept):
        name, *parameters = element
        main, slash, sub = name.strip().lower().partition("/")
        if not slash or not main or not sub or (main == "*" and sub != "*"):
            continue
        quality, kept = quality_and_parameters(parameters)
        ranges.append(MediaRange(main, sub, kept, quality))
    return tuple(ranges)


def elements(header: str) -> list[list[str]]:
    """The list elements of a header, each split at its semicolons, quoted strings kept whole."""
    found: list[list[str]] = [[""]]
    for part in PARTS.findall(header):
        if part == ",":
            found.append([""])
        elif part == ";":
            found[-1].append("")
        else:
            found[-1][-1] += part
    return [element for element in found if element[0].strip()]


def quality_and_parameters(parameters: Sequence[str]) -> tuple[float, frozenset[tuple[str, str]]]:
    """The weight (1 where none or a malformed one is given) and the parameters before it."""
    kept: set[tuple[str, str]] = set()
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        name, value = name.strip().lower(), value.strip().strip('"').lower()
        if name == "q":
            return (float(value) if QVALUE.match(value) else 1.0), frozenset(kept)
        if name and name != "charset":
            kept.add((name, value))
    return 1.0, frozenset(kept)


def quality(media_type: str, ranges: Iterable[MediaRange]) -> float:
    """The weight a client gives a media type: that of the most specific range it matches, else 0."""
    matching = [r for r in ranges if r.matches(media_type)]
    return max(matching, key=lambda r: r.specificity).quality if matching else 0.0


@lru_cache(maxsize=1024)
def best_format(accept: str | None, offered: tuple[Format, ...]) -> tuple[Format, str] | None:
    """The offered format the client likes best and the media type to name it by; None where none is acceptable.

    Of formats liked equally the one offered first wins. A format may be asked for by another name
    (`application/json` for JSON results); the answer then names it so.
    """
    if accept is None or not accept.strip():
        return offered[0], offered[0].media_type
    ranges = media_ranges(accept)
    if not ranges:  # nothing in it is a media range (`Accept: *`), so it says nothing
        return offered[0], offered[0].media_type
    best: tuple[Format, str] | None = None
    best_quality = 0.0
    # All the proper names come before all the other ones: */* never chooses an other name.
    proper = [(f, f.media_type) for f in offered]
    other = [(f, name) for f in offered for name in f.also if excluded_not(f, ranges)]
    for candidate in (*proper, *other):
        weight = quality(candidate[1], ranges)
        if weight > best_quality:
            best, best_quality = candidate, weight
    return best


def excluded_not(offer: Format, ranges: Iterable[MediaRange]) -> bool:
    """Whether a format is not excluded under its proper name (`application/sparql-results+json;q=0`)."""
    return not any(
        r.quality == 0 and (r.type, r.subtype) == tuple(offer.media_type.split("/")) for r in ranges
    )


@lru_cache(maxsize=1024)
def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether an Accept-Encoding header lets us answer in gzip; without the header we do not."""
    if not accept_encoding:
        return False
    weights = {}
    for name, *parameters in elements(accept_encoding):
        weights[name.strip().lower()] = quality_and_parameters(parameters)[0]
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def if_match_fails(if_match: str | None, etags: Iterable[str]) -> bool:
    """Whether an If-Match header names none of these entity tags of what is there (RFC 9110 §13.1.1: strong comparison, so
    a weak tag names nothing)."""
    if if_match is None or if_match.strip() == "*":
        return False
    return set(re.findall(r'(?<!W/)("[^"]*")', if_match)).isdisjoint(etags)


def etag_matches(if_none_match: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names this entity tag (RFC 9110 §13.1.2: weak comparison)."""
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    given = re.findall(r'(?:W/)?("[^"]*")', if_none_match)
    return etag in given
