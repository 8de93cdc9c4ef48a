"""The base URI of everything a publisher mints, and the same release rebuilt for another address."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from mingzhang.errors import SettingsError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
# What to call the addresses that mean “every interface of this machine” in a link.
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}


def service_base_uri(host: str, port: int) -> str:
    """The base URI of a service on this machine: `http://127.0.0.1:8000/`."""
    name = _WILDCARDS.get(host, host)
    if ":" in name and not name.startswith("["):
        name = f"[{name}]"
    return f"http://{name}:{port}/" if port != 80 else f"http://{name}/"


DEFAULT_BASE_URI = service_base_uri(DEFAULT_HOST, DEFAULT_PORT)


def checked_base_uri(text: str) -> str:
    """The base URI as it is put before every name, ending in `/`. Raises SettingsError where it cannot be one."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingsError(f"--base-uri {text!r}: give an address like https://budget.example.org/")
    if parts.query or parts.fragment or not re.fullmatch(r"[!-~]+", text) or re.search(r'[<>"{}|\\^`]', text):
        raise SettingsError(
            f"--base-uri {text!r}: only letters of ASCII, no “?” and no “#”; names are put after it"
        )
    return text if text.endswith("/") else f"{text}/"
