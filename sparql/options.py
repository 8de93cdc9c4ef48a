"""How the service runs: what the command line sets. Light to import, for `--help`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mingzhang.errors import SettingsError

MEBIBYTE = 1024 * 1024


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


@dataclass(frozen=True)
class ServiceOptions:
    """How the service runs. Sizes in bytes, times in seconds; port 0 takes any free one.

    `workers` queries run at once, each with at most `memory_bytes` beside the data they share and `timeout_s`;
    `queue_length` more wait for `queue_wait_s` at most. One client may have `per_client` of them.
    `result_limit_bytes` bounds one answer, `kept_bytes` the answers kept on disk for the next who ask, `kept_memory_bytes` those of
    them held in memory too; without a `kept_folder` they last as long as the service.
    So many `old_releases` at most are held in memory beside the current one.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    timeout_s: float = 10.0
    memory_bytes: int = 512 * MEBIBYTE
    workers: int = max(12, 4 * (os.cpu_count() or 1))
    queue_length: int = 48
    queue_wait_s: float = 10.0
    per_client: int = 10
    result_limit_bytes: int = 256 * MEBIBYTE
    kept_folder: Path | None = None
    kept_bytes: int = 1024 * MEBIBYTE
    kept_memory_bytes: int = 64 * MEBIBYTE
    old_releases: int = 2

    @property
    def limits(self) -> Limits:
        return Limits(
            self.timeout_s,
            self.memory_bytes,
            self.workers,
            self.queue_length,
            self.queue_wait_s,
            self.per_client,
        )

    def __post_init__(self) -> None:
        """Raises SettingsError for what cannot work."""
        for name in (
            "timeout_s",
            "memory_bytes",
            "workers",
            "per_client",
            "result_limit_bytes",
            "old_releases",
        ):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name} is {getattr(self, name)}; give a number above 0")
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"port is {self.port}; give one from 0 to 65535")
