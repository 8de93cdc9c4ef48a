"""The places at which queries may run: so many at once, so many waiting, so many for one client.

One set of places serves the whole service, whichever release or engine a query is for.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mingzhang.errors import ServiceBusy


class TooManyAtOnce(ServiceBusy):
    """This client has as many queries running as one client may."""


@dataclass(frozen=True)
class Limits:
    """What a query may use. `workers` may run at once; `queue_length` more wait, at most `queue_wait_s`;
    one client may have `per_client` running or waiting."""

    timeout_s: float
    memory_bytes: int
    workers: int
    queue_length: int
    queue_wait_s: float
    per_client: int

    def time_limit_s(self, asked_s: float | None) -> float:
        """The time limit of a query whose client is content with `asked_s`: less than ours, never more."""
        return min(asked_s or self.timeout_s, self.timeout_s)


class Places:
    """Places for any number of threads."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.free = threading.Condition()
        self.running = 0
        self.waiting = 0
        self.clients: Counter[str] = Counter()

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """One of the places; waits for it in the queue. Raises TooManyAtOnce, ServiceBusy."""
        with self.free:
            if self.clients[client] >= self.limits.per_client:
                raise TooManyAtOnce(
                    f"{self.limits.per_client} queries of yours are running; wait for one to end", 2
                )
            if self.running >= self.limits.workers and self.waiting >= self.limits.queue_length:
                raise ServiceBusy("all workers are taken and the queue is full; come back shortly", 5)
            self.clients[client] += 1
            try:
                self.wait()
            except ServiceBusy:
                self.leave(client)
                raise
            self.running += 1
        try:
            yield
        finally:
            with self.free:
                self.running -= 1
                self.leave(client)
                self.free.notify()

    def wait(self) -> None:
        self.waiting += 1
        try:
            if not self.free.wait_for(
                lambda: self.running < self.limits.workers, timeout=self.limits.queue_wait_s
            ):
                raise ServiceBusy("no worker became free in time; come back shortly", 5)
        finally:
            self.waiting -= 1

    def leave(self, client: str) -> None:
        self.clients[client] -= 1
        if self.clients[client] <= 0:
            del self.clients[client]
