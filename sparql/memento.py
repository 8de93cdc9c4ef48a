"""How an address was on a day: RFC 7089 (Memento) over the releases of the archive. Pure functions.

Every address is its own TimeGate (§4.1.1, pattern 1.1): with `Accept-Datetime` it answers 302 to the same path under
`/releases/{id}/`, the memento. A release's moment is the beginning of its day in UTC, since that is all its manifest
says; of several of one day the last one counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from mingzhang.release import Release
from mingzhang.sparql.problems import Problem
from mingzhang.sparql.resources import SOURCE, named, site_file

NEVER_REMEMBERED = frozenset({"releases", "health", "static", "pagefind", ".well-known"})
"""First parts of paths that are no resource of a release, or one that is about the service."""
LINK_FORMAT = "application/link-format"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# RFC 7089 §2.1.1: rfc1123-date, GMT and nothing else.
_DATE = re.compile(
    r"([A-Z][a-z]{2}), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)


@dataclass(frozen=True)
class Memento:
    """A path as a release has it."""

    release_id: str
    moment: datetime
    path: str

    @property
    def address(self) -> str:
        return f"/releases/{self.release_id}/{self.path}"


def is_remembered(path: str) -> bool:
    """Whether a path (without its first `/`) names something that releases have."""
    return path.split("/", 1)[0] not in NEVER_REMEMBERED


def wanted_moment(header: str) -> datetime:
    """The moment that `Accept-Datetime` names. Raises Problem 400 for what is no date of RFC 1123 (RFC 7089 §4.5.3)."""
    match = _DATE.fullmatch(header.strip())
    try:
        if match is None or match[1] not in _DAYS:
            raise ValueError(header)
        day, year, hour, minute, second = (int(match[number]) for number in (2, 4, 5, 6, 7))
        return datetime(year, _MONTHS.index(match[3]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        advice = "write it as 'Wed, 01 Jul 2026 00:00:00 GMT'"
        raise Problem("request", 400, f"Accept-Datetime: {header!r} is no date; {advice}") from error


def http_date(moment: datetime) -> str:
    """A moment as RFC 9110 §5.6.7 wants it, whatever the locale."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment:%d} {month} {moment:%Y %H:%M:%S} GMT"


def moment_of(release: Release) -> datetime:
    """When a release begins to count."""
    return datetime.fromisoformat(release.manifest.date).replace(tzinfo=UTC)


def mementos(releases: Sequence[Release], path: str) -> list[Memento]:
    """The path in each release that has it, the earliest first. `releases` come in that order."""
    return [
        Memento(release.manifest.id, moment_of(release), path) for release in releases if has(release, path)
    ]


def nearest(found: Sequence[Memento], moment: datetime) -> Memento:
    """The last memento not after a moment; the first one for whoever asks for a time before it (RFC 7089 §4.5.3)."""
    before = [memento for memento in found if memento.moment <= moment]
    return before[-1] if before else found[0]


def has(release: Release, path: str) -> bool:
    """Whether a release holds something at a path. Names are looked for by their pages, which every name has."""
    first, _, rest = path.partition("/")
    match first:
        case "" | "sparql" | "queries":
            return True
        case "id" | "doc":
            return site_file(release.site, f"doc/{named(rest).name}.html") is not None
        case "source":
            match = SOURCE.match(rest)
            if match is None:
                return site_file(release.site, path) is not None
            page = site_file(release.site, f"source/{match[1]}.html")
            return page is not None or (release.sources / match[1]).is_file()
        case "dumps":
            return rest == "" or site_file(release.dumps, rest) is not None
        case "graph":
            return release.manifest.base_uri + path in release.manifest.graphs
        case _:
            return any(site_file(release.site, name) for name in (path, f"{path}.html"))


def links(found: Sequence[Memento], path: str, origin: str) -> str:
    """The `Link` header of an address and of its mementos (RFC 7089 §2.2): itself and its list."""
    original = f"{origin}/{_quoted(path)}"
    out = [
        f'<{original}>; rel="original timegate"',
        f'<{origin}/releases/timemap/{_quoted(path)}>; rel="timemap"; type="{LINK_FORMAT}"',
    ]
    return ", ".join([*out, *_ends(found, origin)])


def timemap(found: Sequence[Memento], path: str, origin: str) -> str:
    """The list of an address's mementos in `application/link-format` (RFC 7089 §5)."""
    first, last = (http_date(memento.moment) for memento in (found[0], found[-1]))
    address = f"{origin}/releases/timemap/{_quoted(path)}"
    out = [
        f'<{origin}/{_quoted(path)}>; rel="original timegate"',
        f'<{address}>; rel="self"; type="{LINK_FORMAT}"; from="{first}"; until="{last}"',
    ]
    for number, memento in enumerate(found):
        ends = ("first",) * (number == 0) + ("last",) * (number == len(found) - 1)
        out.append(_link(memento, ends, origin))
    return ",\n".join(out) + "\n"


def _ends(found: Sequence[Memento], origin: str) -> list[str]:
    if not found:
        return []
    if len(found) == 1:
        return [_link(found[0], ("first", "last"), origin)]
    return [_link(found[0], ("first",), origin), _link(found[-1], ("last",), origin)]


def _link(memento: Memento, ends: tuple[str, ...], origin: str) -> str:
    relation = " ".join([*ends, "memento"])
    return (
        f'<{origin}/releases/{memento.release_id}/{_quoted(memento.path)}>; rel="{relation}"; '
        f'datetime="{http_date(memento.moment)}"'
    )


def _quoted(path: str) -> str:
    return quote(path, safe="/-._~!$&'()*+,;=:@")
