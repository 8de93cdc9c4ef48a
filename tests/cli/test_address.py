"""Base URIs, ports and dates as users give them."""

from __future__ import annotations

import socket

import pytest

from mingzhang.address import DEFAULT_BASE_URI, checked_base_uri, service_base_uri
from mingzhang.cli_options import release_date
from mingzhang.cli_serve import usable_port
from mingzhang.errors import SettingsError
from mingzhang.fingerprint import code_version, digest


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("127.0.0.1", 8000, DEFAULT_BASE_URI),
        ("0.0.0.0", 9, "http://127.0.0.1:9/"),
        ("::1", 9, "http://[::1]:9/"),
        ("::", 9, "http://[::1]:9/"),
        ("budget.example", 80, "http://budget.example/"),
    ],
)
def test_the_base_uri_of_a_service_is_an_address_that_can_be_followed(
    host: str, port: int, expected: str
) -> None:
    assert service_base_uri(host, port) == expected


def test_a_base_uri_ends_in_a_slash() -> None:
    assert checked_base_uri("https://example.org/b") == "https://example.org/b/"
    assert checked_base_uri("https://example.org/b/") == "https://example.org/b/"


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "ftp://example.org/",
        "https://",
        "https://x/?q=",
        "https://x/#a",
        "https://x/预算/",
        "https://x/a b",
    ],
)
def test_what_names_cannot_begin_with_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="--base-uri"):
        checked_base_uri(text)


def test_a_taken_port_is_passed_over_or_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=str(port)):
            usable_port("127.0.0.1", port, 1)
        assert usable_port("127.0.0.1", port, 50) > port


def test_the_date_is_the_one_given_then_the_epoch_then_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert release_date("2026-01-31") == "2026-01-31"
    assert release_date(None) == "1970-01-02"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert release_date(None) > "2025"


@pytest.mark.parametrize("text", ["31.1.2026", "2026-02-30", "today"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="date"):
        release_date(text)


def test_where_one_text_ends_counts() -> None:
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert digest(["ab", "c"]) == digest(iter(["ab", "c"]))


def test_the_code_version_of_one_room_is_not_that_of_another() -> None:
    versions = {code_version(parts) for parts in ((), ("ingest",), ("ontology",), ("ingest", "ontology"))}
    assert len(versions) == 4
