"""Results kept on disk between runs, by kind and key, under DATA/cache.

Written atomically: a reader finds a whole entry or none. Entries are pickles: they are this program's own
files in the user's own data folder, and an unreadable one is worth no more than a missing one.
"""

from __future__ import annotations

import copyreg
import os
import pickle
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

# What unpickling a cut, foreign or outdated entry raises.
_UNREADABLE = (
    pickle.UnpicklingError,
    EOFError,
    AttributeError,
    ImportError,
    IndexError,
    TypeError,
    ValueError,
)


def read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """A read-only mapping again; pickles name this function, since the type has no name that can be looked up."""
    return MappingProxyType(mapping)


def _mapping_parts(mapping: MappingProxyType[Any, Any]) -> tuple[Any, tuple[dict[Any, Any]]]:
    return read_only, (dict(mapping),)


class _Pickler(pickle.Pickler):
    """Takes read-only mappings too, which frozen records hold and pickle by itself refuses."""

    dispatch_table = copyreg.dispatch_table | {MappingProxyType: _mapping_parts}


@dataclass(frozen=True)
class Cache:
    """Entries in `folder`/`kind`/`version`/`key`. With folder None nothing is kept and nothing is found.

    `versions` says for each kind which version of the program makes it; what another version made is not found.
    """

    folder: Path | None
    versions: Mapping[str, str]

    def load(self, kind: str, key: str) -> Any | None:
        """What was stored, or None where there is nothing usable."""
        if self.folder is None:
            return None
        try:
            with self._path(kind, key).open("rb") as handle:
                return pickle.load(handle)
        except (FileNotFoundError, *_UNREADABLE):
            return None

    def store(self, kind: str, key: str, value: Any) -> None:
        """Keeps a value for later runs; an earlier one is replaced."""
        if self.folder is None:
            return
        path = self._path(kind, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as handle:
                _Pickler(handle, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
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
        return self.folder / kind / self.versions[kind] / f"{key}.pickle"
