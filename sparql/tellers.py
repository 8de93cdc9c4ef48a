"""The server's side of the tellers (teller.py): who is free, lending a connection to one, and taking it back.

There are no more than processors, beside the workers that queries have places at: a query takes
a teller a twentieth of a second of processor time at most.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from mingzhang.sparql.errand import LENT_S, LONGEST_S, Errand
from mingzhang.sparql.frames import Exchange
from mingzhang.sparql.kept import Held
from mingzhang.sparql.nurseries import Nursery, StoreLoading, Worker

MOST_TELLERS = os.cpu_count() or 1
RETURNED_WITHIN_S = LENT_S + LONGEST_S + 2.0
"""A teller that keeps a connection longer is stuck, and ended."""
REST_S = 1.0
"""The place of one that ended stays empty for so long: where the store is large, forking takes a while, and whoever ends
tellers on purpose would have us fork all the time."""


@dataclass(frozen=True)
class Returned:
    """A connection come back: how many requests were answered, None where the teller ended; the rest of the last response;
    and an answer to be kept under its entity tag."""

    answered: int | None
    unsent: bytes = b""
    to_keep: tuple[str, Held] | None = None


class Tellers:
    """The tellers over the store that one nursery holds, for one event loop; `close` is for any thread."""

    def __init__(self, nursery: Nursery, time_limit_s: float) -> None:
        self.nursery = nursery
        self.most = MOST_TELLERS if time_limit_s >= LONGEST_S else 0
        self.free: list[Worker] = []
        self.number = 0
        self.resting: deque[float] = deque()
        self.closed = False

    def prepare(self) -> None:
        """Forks all there may be, so that the first who ask need not wait."""
        while self.number < self.most:
            self.number += 1
            self.hire()

    def taken(self) -> Worker | None:
        """A teller that is free; None where there is none just now."""
        if self.free:
            return self.free.pop()
        while self.resting and self.resting[0] <= time.monotonic():
            self.resting.popleft()
            self.number -= 1
        if self.number < self.most and not self.closed:
            self.number += 1
            asyncio.get_running_loop().run_in_executor(None, self.hire)
        return None

    def hire(self) -> None:
        """Forks a teller, for the next who wants one."""
        try:
            teller = self.nursery.fork(teller=True)
        except StoreLoading:  # this nursery has ended, and these tellers with it
            return
        self.free.append(teller)
        if self.closed:
            self.close()

    async def lent(self, teller: Worker, connection: int, errand: Errand) -> Returned:
        """Lends a connection (its file descriptor), and gives it back as the teller left it."""
        loop = asyncio.get_running_loop()
        stuck = loop.call_later(RETURNED_WITHIN_S, teller.expire)
        try:
            message, attached = await Exchange(teller.channel, errand.to_json(), [connection]).finished()
        except (EOFError, OSError):
            self.resting.append(time.monotonic() + REST_S)
            await loop.run_in_executor(None, self.nursery.end, teller)
            return Returned(None)
        finally:
            stuck.cancel()
        self.free.append(teller)
        if self.closed:
            self.close()
        if "etag" not in message:
            return Returned(message["answered"], attached)
        held = Held(attached, message["rows"], message["elapsed_ms"], message["sha256"])
        return Returned(message["answered"], b"", (message["etag"], held))

    def close(self) -> None:
        """Lets all go that are free, and whoever comes back later; they end with their channels."""
        self.closed = True
        with suppress(IndexError):
            while True:
                self.free.pop().close()
