"""A plain request for a query: by GET, whole, with nothing to say that its header lines do not say each time."""

from __future__ import annotations

import re

ENDPOINT = b"/sparql"
# One whole request and nothing after it: a query string (RFC 3986 §3.4) and its header lines.
PLAIN = re.compile(rb"GET /sparql\?([A-Za-z0-9%&=+._~*!$'(),;:@/?-]+) HTTP/1\.1\r\n((?:[^\r\n]+\r\n)+)\r\n")
LONGEST_PLAIN_BYTES = 16 * 1024
