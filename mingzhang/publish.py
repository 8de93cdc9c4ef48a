"""The data folder: one writer at a time, whole releases or none, and `current` swapped in one step.

```
DATA/releases/<id>/     immutable, see docs/model.md
DATA/releases/.tmp-*    a release being written, or what a crash left of one: the next run removes it
DATA/current            symbolic link to the release that is served
DATA/history/           what each release changed; written again from the releases when it is missing
DATA/withheld/          source files that are in no release, since their publisher alone gives them out
DATA/cache/             what need not be done again; may be deleted at any time
DATA/quarantine/        reports on disclosures that broke a structure rule and are not published
```
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mingzhang.errors import ReleaseError

_UNFINISHED = ".tmp-"


@contextmanager
def writing(data: Path) -> Iterator[None]:
    """Holds the data folder for one writer and removes what earlier ones left unfinished.

    Raises ReleaseError where another process is writing. The lock ends with the process, however it ends.
    """
    releases = data / "releases"
    try:
        releases.mkdir(parents=True, exist_ok=True)
        lock = (data / ".lock").open("w")
    except OSError as error:
        raise ReleaseError(
            f"{data}: cannot write here ({error.strerror}); name another folder with --data"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ReleaseError(f"{data}: another build is writing here; wait for it to end") from error
        for left in releases.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left)
        yield


@contextmanager
def unfinished_release(data: Path) -> Iterator[Path]:
    """A folder to write a release into; it is removed again where the release was not published."""
    folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=data / "releases"))
    try:
        # mkdtemp keeps others out; a web server may have to read a release.
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, data: Path, release_id: str) -> Path:
    """Gives a finished folder its name and makes it the current release. Returns its path."""
    # Everything on disk before the name appears: a power cut must not leave a release with holes.
    os.sync()
    target = data / "releases" / release_id
    folder.rename(target)
    _sync_folder(target.parent)
    make_current(data, release_id)
    return target


def make_current(data: Path, release_id: str) -> None:
    """Points `current` to a release, in one step: whoever looks finds the old one or the new one."""
    link = data / ".current-new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / release_id)
    link.replace(data / "current")
    _sync_folder(data)


def current_id(data: Path) -> str:
    """The id that `current` points to; empty where nothing was published yet."""
    link = data / "current"
    return link.readlink().name if link.is_symlink() else ""


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
