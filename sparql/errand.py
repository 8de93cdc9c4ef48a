"""What a teller (teller.py) is told about a connection that it is lent, and for how long it may keep it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from mingzhang.sparql.sums import Overlaps

LENT_S = 1.0
"""Then the connection goes back to the server, which sees whether another release is served, and who else waits."""
LONGEST_S = 0.05
"""A query that takes more of a processor's time is none of a teller's. By the clock, a busy machine makes any query long."""


@dataclass(frozen=True)
class Errand:
    """What a teller is told about a connection: the header lines of its requests, and what they come to; the lines that all
    answers of the endpoint have, and all of the server; what is served, and how large an answer may be."""

    lines: str
    headers: dict[str, str]
    surroundings: str
    defaults: str
    release_id: str
    base_uri: str
    fixed: bool
    largest_bytes: int
    overlaps: Overlaps

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(raw: dict[str, Any]) -> Errand:
        return Errand(**raw | {"overlaps": Overlaps(**raw["overlaps"])})
