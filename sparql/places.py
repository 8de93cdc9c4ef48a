"""The places at which queries may run: so many at once, so many waiting, so many for one client.

One set of places serves the whole service, whichever release or engine a query is for.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from mingzhang.errors import ServiceBusy
from mingzhang.sparql.options import Limits


class TooManyAtOnce(ServiceBusy):
    """This client has as many queries running as one client may."""


class Places:
    """Places for the tasks of an event loop; nothing here is for threads."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.running = 0
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.clients: Counter[str] = Counter()

    def enter_at_once(self, client: str) -> bool:
        """Takes one of the places if one is free and this client may have it; says whether. Who has entered must leave."""
        if self.running >= self.limits.workers or self.clients[client] >= self.limits.per_client:
            return False
        self.clients[client] += 1
        self.running += 1
        return True

    async def enter(self, client: str) -> None:
        """Takes one of the places; waits for it in the queue. Who has entered must leave.

        Raises TooManyAtOnce, ServiceBusy.
        """
        if self.enter_at_once(client):
            return
        if self.clients[client] >= self.limits.per_client:
            raise TooManyAtOnce(
                f"{self.limits.per_client} queries of yours are running; wait for one to end", 2
            )
        self.clients[client] += 1
        try:
            await self.wait()
        except BaseException:
            self.forget(client)
            raise

    async def wait(self) -> None:
        """Returns once a place has been handed over. Raises ServiceBusy."""
        if len(self.waiting) >= self.limits.queue_length:
            raise ServiceBusy("all workers are taken and the queue is full; come back shortly", 5)
        handed_over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(handed_over)
        try:
            await asyncio.wait_for(handed_over, self.limits.queue_wait_s)
        except BaseException as error:
            if handed_over in self.waiting:
                self.waiting.remove(handed_over)
            elif handed_over.done() and not handed_over.cancelled():
                self.pass_on()  # it came in the very moment in which we gave up
            if isinstance(error, TimeoutError):
                raise ServiceBusy("no worker became free in time; come back shortly", 5) from error
            raise

    def leave(self, client: str) -> None:
        self.forget(client)
        self.pass_on()

    def pass_on(self) -> None:
        """Hands a place to whoever has waited longest; else it is free."""
        while self.waiting:
            first = self.waiting.popleft()
            if not first.done():
                first.set_result(None)
                return
        self.running -= 1

    def forget(self, client: str) -> None:
        self.clients[client] -= 1
        if self.clients[client] <= 0:
            del self.clients[client]
