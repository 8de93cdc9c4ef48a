"""Messages between the server, the nursery and the workers: a message in JSON and the bytes after it, both with their
length first, and open files beside them.

Only processes of ours speak this, over socket pairs that nobody else can open. On each, one asks and the other
answers, so never more than one frame is on its way.
"""

from __future__ import annotations

import asyncio
import json
import select
import socket
import struct
from collections.abc import Sequence
from typing import Any

LENGTHS = struct.Struct("!II")
"""Of the message and of what is attached."""
MAX_DESCRIPTORS = 2
AT_ONCE_BYTES = 64 * 1024

Frame = tuple[dict[str, Any], bytes]


def packed(message: dict[str, Any], attached: bytes = b"") -> bytes:
    """A frame as it is sent."""
    text = json.dumps(message).encode("ascii")
    return b"".join((LENGTHS.pack(len(text), len(attached)), text, attached))


def missing(received: bytes | bytearray) -> int:
    """How many bytes, at least, are still to come of a frame of which these have been received."""
    if len(received) < LENGTHS.size:
        return LENGTHS.size - len(received)
    message_bytes, attached_bytes = LENGTHS.unpack_from(received)
    return int(LENGTHS.size + message_bytes + attached_bytes - len(received))


def unpacked(frame: bytes | bytearray) -> Frame:
    """The message and what is attached of a whole frame."""
    end = LENGTHS.size + LENGTHS.unpack_from(frame)[0]
    return json.loads(frame[LENGTHS.size : end].decode("ascii")), bytes(frame[end:])


def send_frame(
    channel: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = (), attached: bytes = b""
) -> None:
    """Sends one frame, and open file descriptors with it where some are given."""
    frame = packed(message, attached)
    sent = socket.send_fds(channel, [frame], descriptors) if descriptors else 0
    if sent < len(frame):
        channel.sendall(frame[sent:])


def receive_frame(channel: socket.socket) -> tuple[dict[str, Any], bytes, list[int]]:
    """The next message, what is attached, and the descriptors beside it. Raises EOFError when the other side has gone."""
    first, descriptors, _, _ = socket.recv_fds(channel, AT_ONCE_BYTES, MAX_DESCRIPTORS)
    received = bytearray(first)
    while more := missing(received):
        piece = channel.recv(max(more, AT_ONCE_BYTES)) if received else b""
        if not piece:
            raise EOFError
        received += piece
    return *unpacked(received), descriptors


class Exchange:
    """One frame sent over a channel that does not block, and the frame that answers it.

    `within` looks for the answer without the event loop, `finished` waits for it in the loop. Both raise EOFError when
    the other side has gone, OSError where it goes meanwhile.
    """

    def __init__(
        self,
        channel: socket.socket,
        message: dict[str, Any],
        descriptors: Sequence[int] = (),
        attached: bytes = b"",
    ) -> None:
        """Sends as much of the frame as goes at once. Raises OSError."""
        self.channel = channel
        frame = packed(message, attached)
        sent = socket.send_fds(channel, [frame], descriptors) if descriptors else channel.send(frame)
        self.unsent = frame[sent:]
        self.received = bytearray()

    def within(self, poller: select.poll, wait_ms: float) -> Frame | None:
        """The answer, if it begins to come in this time and comes in one piece; the poller watches the channel alone."""
        if self.unsent or not poller.poll(wait_ms):
            return None
        piece = self.channel.recv(AT_ONCE_BYTES)
        if not piece:
            raise EOFError
        self.received += piece
        return None if missing(self.received) else unpacked(self.received)

    async def finished(self) -> Frame:
        """The answer, once it is there."""
        loop = asyncio.get_running_loop()
        if self.unsent:
            await loop.sock_sendall(self.channel, self.unsent)
        while more := missing(self.received):
            piece = await loop.sock_recv(self.channel, max(more, AT_ONCE_BYTES))
            if not piece:
                raise EOFError
            self.received += piece
        return unpacked(self.received)
