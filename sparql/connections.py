"""Connections to an engine elsewhere: kept open between questions, cut when a question's time is up, signed in.

The engine's address is the only place the secret is ever sent to: no redirect is followed.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from mingzhang.errors import SettingsError

MOST_IDLE = 16
IDLE_S = 60.0
"""An engine, or a proxy before it, drops what is idle; most wait longer than this."""


@dataclass(frozen=True)
class Address:
    """An engine's query URL taken apart."""

    scheme: str
    host: str
    port: int | None
    path: str


def address_of(url: str) -> Address:
    """Raises SettingsError for what is no http or https URL."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        host = parts.netloc.rpartition("@")[2]  # what stands before it may be a secret, and is not repeated
        raise SettingsError(
            f"the --endpoint at {host} has a name or password in its URL; give them with --endpoint-user and "
            "--endpoint-secret-file"
        )
    try:
        port = parts.port
    except ValueError as error:
        raise SettingsError(f"{url!r}: {error}; give the engine's query URL with --endpoint") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise SettingsError(
            f"{url!r} is no plain http or https URL; give the engine's query URL with --endpoint"
        )
    query = f"?{parts.query}" if parts.query else ""
    return Address(parts.scheme, parts.hostname, port, (parts.path or "/") + query)


@dataclass(frozen=True)
class Credentials:
    """How to sign in to an engine: a user with a password (Basic, RFC 7617), or a token alone (Bearer, RFC 6750)."""

    user: str = ""
    secret: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.user!r}, …)"  # never the secret, in whatever log this ends up

    @property
    def headers(self) -> dict[str, str]:
        """The header that signs in; none without a secret."""
        if not self.secret:
            return {}
        if not self.user:
            return {"Authorization": f"Bearer {self.secret}"}
        pair = f"{self.user}:{self.secret}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}


def checked_credentials(user: str, secret: str) -> Credentials:
    """Raises SettingsError for what cannot stand in a header."""
    if user and not secret:
        raise SettingsError(
            "--endpoint-user needs a password; put it into a file and name that with --endpoint-secret-file"
        )
    if ":" in user or not user.isprintable():
        raise SettingsError("--endpoint-user holds a colon or a character that is not printable")
    if not secret.isprintable() or not (user or secret.isascii()) or (not user and " " in secret):
        raise SettingsError(
            "the secret of --endpoint has a line break, a space or a character that it cannot have"
        )
    return Credentials(user, secret)


class DroppedWhileIdle(Exception):
    """The other side had closed a kept connection before it saw the question: it may be asked again."""


class Connections:
    """Connections to one address. Safe among threads; each is used by one of them at a time."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.lock = threading.Lock()
        self.idle: list[tuple[float, http.client.HTTPConnection]] = []

    def taken(self, limit_s: float) -> tuple[http.client.HTTPConnection, bool]:
        """A connection and whether it has been used before. Raises OSError where there is none to be had."""
        now = time.monotonic()
        with self.lock:
            while self.idle:
                since, connection = self.idle.pop()
                if now - since < IDLE_S and connection.sock is not None:
                    connection.sock.settimeout(limit_s)
                    return connection, True
                connection.close()
        kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.address.host, self.address.port, timeout=limit_s)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, False

    def given_back(self, connection: http.client.HTTPConnection) -> None:
        """Keeps a connection whose answer has been read to its end."""
        with self.lock:
            if connection.sock is not None and len(self.idle) < MOST_IDLE:
                self.idle.append((time.monotonic(), connection))
                return
        connection.close()

    @contextmanager
    def connection(self, limit_s: float, expired: threading.Event) -> Iterator[http.client.HTTPConnection]:
        """A connection that is cut when the time is up, whatever it is doing; `expired` is then set.

        Kept for the next question where the answer was read to its end. Raises DroppedWhileIdle, and what the
        connection raises.
        """
        connection, used_before = self.taken(limit_s)
        # The socket is named here: the connection hands it to the response and forgets it.
        watch = threading.Timer(limit_s, cut, (connection.sock, expired))
        watch.daemon = True
        watch.start()
        whole = False
        try:
            yield connection
            whole = True
        except (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected) as error:
            if used_before and not expired.is_set():
                raise DroppedWhileIdle from error
            raise
        finally:
            watch.cancel()
            if whole and not expired.is_set():
                self.given_back(connection)
            else:
                connection.close()

    def close(self) -> None:
        with self.lock:
            idle, self.idle = self.idle, []
        for _, connection in idle:
            connection.close()


def cut(opened: socket.socket, expired: threading.Event) -> None:
    """Ends whatever is being read from a socket or written to it."""
    expired.set()
    with contextlib.suppress(OSError):  # it was closed in this very moment
        opened.shutdown(socket.SHUT_RDWR)
