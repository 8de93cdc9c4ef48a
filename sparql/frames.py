"""Messages between the server, the nursery and the workers: length-prefixed JSON, with open files beside it.

Only processes of ours speak this, over socket pairs that nobody else can open.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from typing import Any

LENGTH_BYTES = 4
MAX_DESCRIPTORS = 2


def send_frame(channel: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Sends one message, and open file descriptors with it where some are given."""
    body = json.dumps(message).encode("utf-8")
    header = len(body).to_bytes(LENGTH_BYTES, "big")
    sent = socket.send_fds(channel, [header + body], descriptors) if descriptors else 0
    if sent < LENGTH_BYTES + len(body):
        channel.sendall((header + body)[sent:])


def receive_frame(channel: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The next message and the descriptors that came with it. Raises EOFError when the other side has gone."""
    header, descriptors, _, _ = socket.recv_fds(channel, LENGTH_BYTES, MAX_DESCRIPTORS)
    header += read_exactly(channel, LENGTH_BYTES - len(header)) if header else b""
    if not header:
        raise EOFError
    body = read_exactly(channel, int.from_bytes(header, "big"))
    return json.loads(body), descriptors


def read_exactly(channel: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes. Raises EOFError when the other side has gone."""
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
