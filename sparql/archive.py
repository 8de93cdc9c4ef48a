"""Releases other than the current one: everything under `/releases/{id}/` answers for every release folder there is.

An old release is loaded when somebody first asks it a query, and a few stay loaded; the one longest unused makes
room. Its pages and downloads are files and need no loading.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mingzhang.errors import MingzhangError, QueryError, ReleaseError, ServiceBusy
from mingzhang.release import RELEASE_ID, Release, open_release, releases_in
from mingzhang.sparql.engine import Question
from mingzhang.sparql.kept import Answered
from mingzhang.sparql.workers import Engine

LOG = logging.getLogger("mingzhang.sparql")
LOAD_WAIT_S = 20.0
"""How long a first request waits for the loading; a release that takes longer is ready for a later one."""


class ReleaseNotLoaded(QueryError):
    """A release is there, but it cannot be loaded: a file of it is missing or damaged."""


@dataclass
class Opening:
    """A release that is loaded, being loaded, or could not be: `done` is set once it is known which."""

    release: Release
    done: threading.Event = field(default_factory=threading.Event)
    engine: Engine | None = None
    error: str = ""
    in_use: int = 0


class Archive:
    """At most `kept` loaded releases of the folders given. Safe among threads."""

    def __init__(self, folders: Sequence[Path], kept: int, load: Callable[[Release], Engine]) -> None:
        self.folders = tuple(folders)
        self.kept = kept
        self.load = load
        self.lock = threading.Lock()
        self.openings: OrderedDict[str, Opening] = OrderedDict()
        self.closed = False
        self.listed: tuple[tuple[int, ...], tuple[Release, ...]] = ((), ())

    def releases(self) -> tuple[Release, ...]:
        """Every release there is, the earliest first; looked for again when a folder has changed."""
        seen = tuple(folder.stat().st_mtime_ns if folder.is_dir() else 0 for folder in self.folders)
        if self.listed[0] != seen:
            self.listed = (seen, self.ordered())
        return self.listed[1]

    def ordered(self) -> tuple[Release, ...]:
        found: dict[str, Release] = {}
        rank: dict[str, tuple[str, int, str]] = {}
        for folder in self.folders:
            for number, release in enumerate(releases_in(folder)):
                name = release.manifest.id
                # A copy rebuilt for this address is the one to show; the order is that of the releases as built.
                found.setdefault(name, release)
                rank[name] = (release.manifest.date, number, name)
        return tuple(sorted(found.values(), key=lambda release: rank[release.manifest.id]))

    def history_file(self, path: str) -> Path | None:
        """A file about the releases (`index.html`, `<id>/changes.json`), written beside them; None where there is none."""
        for folder in reversed(self.folders):
            file = folder.parent / "history" / path
            if file.is_file():
                return file
        return None

    def find(self, release_id: str) -> Release | None:
        """The release of this id; None where no folder holds it, whatever else the id is a path of."""
        if not RELEASE_ID.match(release_id):
            return None
        for folder in self.folders:
            try:
                release = open_release(folder / release_id)
            except ReleaseError:
                continue
            if release.manifest.id == release_id:
                return release
        return None

    @contextmanager
    def opened(self, release: Release) -> Iterator[Engine]:
        """The engine over a release, loaded if need be, not put away while it is in use.

        Raises ServiceBusy where it is still loading or no room can be made, ReleaseNotLoaded.
        """
        opening = self.taken(release)
        try:
            if not opening.done.wait(LOAD_WAIT_S):
                raise ServiceBusy(f"release {release.manifest.id} is being loaded; come back shortly", 10)
            if opening.engine is None:
                raise ReleaseNotLoaded(f"release {release.manifest.id} cannot be loaded: {opening.error}")
            yield opening.engine
        finally:
            with self.lock:
                opening.in_use -= 1

    def taken(self, release: Release) -> Opening:
        """The opening of a release, begun where there is none. Raises ServiceBusy where no room can be made."""
        name = release.manifest.id
        with self.lock:
            opening = self.openings.get(name)
            if opening is None:
                self.make_room()
                opening = self.openings[name] = Opening(release)
                threading.Thread(target=self.load_into, args=(opening,), daemon=True).start()
            self.openings.move_to_end(name)
            opening.in_use += 1
            return opening

    def make_room(self) -> None:
        """Puts away the release longest unused where there are as many as may be kept. Raises ServiceBusy."""
        if len(self.openings) < self.kept:
            return
        for name, opening in self.openings.items():
            if opening.done.is_set() and not opening.in_use:
                del self.openings[name]
                if opening.engine is not None:
                    opening.engine.close()
                return
        raise ServiceBusy("other old releases are being asked; come back shortly", 10)

    def load_into(self, opening: Opening) -> None:
        """Loads a release; one that cannot be loaded is forgotten, so that the next request tries again."""
        name = opening.release.manifest.id
        try:
            opening.engine = self.load(opening.release)
        except MingzhangError as error:
            LOG.error("release %s cannot be loaded: %s", name, error)
            opening.error = str(error)
            with self.lock:
                self.openings.pop(name, None)
        opening.done.set()
        if self.closed and opening.engine is not None:
            opening.engine.close()

    def engine(self, release: Release, name: str) -> Engine:
        """An engine over a release that is loaded when it is first asked; `name` is what our own engines are called."""
        return ArchivedEngine(self, release, name)

    def close(self) -> None:
        """Puts all of them away."""
        self.closed = True
        with self.lock:
            openings = list(self.openings.values())
            self.openings.clear()
        for opening in openings:
            if opening.engine is not None:
                opening.engine.close()


@dataclass(frozen=True)
class ArchivedEngine:
    """The engine over a release of an archive, loaded when it is asked and put away by the archive alone."""

    archive: Archive
    release: Release
    name: str
    tellers = None

    @property
    def graphs(self) -> tuple[str, ...]:
        """The names of the release's graphs."""
        return tuple(sorted(self.release.manifest.graphs))

    async def ask(self, question: Question, client: str, timeout_s: float | None = None) -> Answered:
        """The whole answer. Raises QueryError, ServiceBusy and ReleaseNotLoaded among them."""
        with ExitStack() as opened:
            engine = await asyncio.to_thread(opened.enter_context, self.archive.opened(self.release))
            return await engine.ask(question, client, timeout_s)

    def ask_at_once(self, question: Question, client: str, timeout_s: float | None = None) -> None:
        """Nothing: it may have to be loaded first."""

    async def is_alive(self) -> bool:
        """Always: it can be loaded when it is asked."""
        return True

    def close(self) -> None:
        """Nothing: the archive closes what it has loaded."""
