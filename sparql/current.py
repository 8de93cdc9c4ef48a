"""The service that answers now. A new release takes its place while requests run: those finish with the old one."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from mingzhang.errors import MingzhangError
from mingzhang.release import Release
from mingzhang.sparql.service import Service
from mingzhang.sparql.terms import served_release
from mingzhang.sparql.workers import Engine

LOG = logging.getLogger("mingzhang.sparql")
LOOKED_EVERY_S = 1.0
STOPPED_WITHIN_S = 5.0
"""A release that is being loaded is not waited for longer when the service ends."""


@dataclass
class Current:
    """What the routes ask. They read `service` once a request."""

    service: Service

    @property
    def release_id(self) -> str:
        return self.service.served.id

    def replaced_by(self, release: Release, engine: Engine) -> Engine:
        """Serves another release from the next request on, and gives the engine of the one before."""
        before = self.service
        self.service = replace(before, served=served_release(release), engine=engine)
        return before.engine


class Follower:
    """A thread that looks now and then whether another release has become the current one, and serves that.

    `look` gives the release to serve where it has changed since it was last asked, else None; `load` an engine over
    it. A release that cannot be loaded is noted, and the one before goes on being served.
    """

    def __init__(
        self,
        current: Current,
        look: Callable[[], Release | None],
        load: Callable[[Release], Engine],
        grace_s: float,
    ) -> None:
        self.current = current
        self.look = look
        self.load = load
        self.grace_s = grace_s
        self.stopping = threading.Event()
        self.leaving: list[tuple[float, Engine]] = []
        """Engines of earlier releases, and when each may end."""
        self.thread = threading.Thread(target=self.run, name="release follower", daemon=True)
        self.thread.start()

    def run(self) -> None:
        while not self.stopping.wait(LOOKED_EVERY_S):
            self.end(time.monotonic())
            try:
                self.follow()
            except (MingzhangError, OSError) as error:
                LOG.error("release %s goes on being served: %s", self.current.release_id, error)

    def follow(self) -> None:
        """Serves the release that has become current, if another has."""
        release = self.look()
        if release is None or release.manifest.id == self.current.release_id:
            return
        before = self.current.replaced_by(release, self.load(release))
        LOG.warning("now serving release %s", release.manifest.id)
        self.leaving.append((time.monotonic() + self.grace_s, before))

    def end(self, now: float) -> None:
        """Ends the engines that nobody can be waiting for any more."""
        ending = [engine for until, engine in self.leaving if until <= now]
        self.leaving = [(until, engine) for until, engine in self.leaving if until > now]
        for engine in ending:
            engine.close()

    def close(self) -> None:
        """Ends the thread, and whatever still answers for an earlier release."""
        self.stopping.set()
        self.thread.join(timeout=STOPPED_WITHIN_S)
        self.end(math.inf)
