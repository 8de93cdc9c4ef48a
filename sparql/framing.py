"""What the head of a request must say to be HTTP at all, where the parser lets more pass (RFC 9112).

What two recipients take for different requests is how one request is smuggled inside another, so what is doubtful is
refused and the connection closed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mingzhang.sparql.problems import Problem

# uri-host [ ":" port ] (RFC 3986 §3.2.2); empty where the target has no authority.
HOST = re.compile(rb"(?:\[[0-9A-Fa-fvV:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?")
VERSIONS = ("1.0", "1.1")


def malformed(version: str, url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Problem | None:
    """What is wrong with a request's version, target and header lines (names in lower case); None where nothing is."""
    hosts = [value for name, value in headers if name == b"host"]
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    if version not in VERSIONS:
        return Problem("request", 505, f"HTTP/{version} is not spoken here; use HTTP/1.1")
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        return Problem("request", 400, "a request has exactly one Host (RFC 9112 §3.2)")
    if hosts and not HOST.fullmatch(hosts[0].strip()):
        return Problem("request", 400, "the Host is no host (RFC 9112 §3.2)")
    if b"#" in url:
        return Problem(
            "request",
            400,
            "a request's target has no fragment (RFC 9112 §3.2); leave out the # and what follows",
        )
    if codings and codings != [b"chunked"]:
        return Problem("request", 501, "of the transfer codings only chunked is understood (RFC 9112 §6.1)")
    return None
