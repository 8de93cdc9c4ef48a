"""Results kept on disk between runs, by kind and key, under DATA/cache.

Written atomically: a reader finds a whole entry or none. Entries are compressed pickles: they are this program's own
files in the user's own data folder, and an unreadable one is worth no more than a missing one.
"""

from __future__ import annotations

import copyreg
import io
import os
import pickle
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import zstandard

# What unpacking a cut, foreign or outdated entry raises.
_UNREADABLE = (
    zstandard.ZstdError,
    pickle.UnpicklingError,
    EOFError,
    AttributeError,
    ImportError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)
# Quads repeat one another: level 3 makes them a twentieth of their size, faster than a disk takes them whole.
_LEVEL = 3


def read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """A read-only mapping again; pickles name this function, since the type has no name that can be looked up."""
    return MappingProxyType(mapping)


def _mapping_parts(mapping: MappingProxyType[Any, Any]) -> tuple[Any, tuple[dict[Any, Any]]]:
    return read_only, (dict(mapping),)


class _Pickler(pickle.Pickler):
    """Takes read-only mappings too, which frozen records hold and pickle by itself refuses."""

    dispatch_table = copyreg.dispatch_table | {MappingProxyType: _mapping_parts}


def packed(value: Any) -> bytes:
    """A value as an entry's bytes: what a worker elsewhere can send and the cache keeps as it is."""
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return zstandard.ZstdCompressor(level=_LEVEL).compress(buffer.getvalue())


def unpacked(entry: bytes) -> Any | None:
    """The value of an entry's bytes; None where they are cut, foreign or of records that have changed."""
    try:
        return pickle.loads(zstandard.ZstdDecompressor().decompress(entry))
    except _UNREADABLE:
        return None


@dataclass(frozen=True)
class Cache:
    """Entries in `folder`/`kind`/`version`/`key`. With folder None nothing is kept and nothing is found.

    `versions` says for each kind which version of the program makes it; what another version made is not found.
    """

    folder: Path | None
    versions: Mapping[str, str]

    def load(self, kind: str, key: str) -> Any | None:
        """What was stored, or None where there is nothing usable."""
        entry = self.load_packed(kind, key)
        return None if entry is None else unpacked(entry)

    def load_packed(self, kind: str, key: str) -> bytes | None:
        """The bytes of an entry, sound or not; None where there is none."""
        if self.folder is None:
            return None
        try:
            return self._path(kind, key).read_bytes()
        except FileNotFoundError:
            return None

    def store(self, kind: str, key: str, value: Any) -> None:
        """Keeps a value for later runs; an earlier one is replaced. Raises OSError where it cannot be written."""
        if self.folder is not None:
            self.store_packed(kind, key, packed(value))

    def store_packed(self, kind: str, key: str, entry: bytes) -> None:
        """The same for what is packed already."""
        if self.folder is None:
            return
        path = self._path(kind, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(entry)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def forget_other_versions(self) -> None:
        """Removes what other versions of the program stored, which no run will ask for again."""
        for kind, version in self.versions.items():
            if self.folder is None or not (self.folder / kind).is_dir():
                continue
            for folder in (self.folder / kind).iterdir():
                if folder.name != version:
                    shutil.rmtree(folder, ignore_errors=True)

    def _path(self, kind: str, key: str) -> Path:
        assert self.folder is not None
        return self.folder / kind / self.versions[kind] / f"{key}.pickle.zst"
