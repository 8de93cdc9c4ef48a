"""Answers kept for the next client who asks the same. An answer of a release never changes, so none goes stale."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

LARGEST_SHARE = 8
"""No single answer takes more than this part of the room."""


@dataclass(frozen=True)
class KeptAnswer:
    """A whole answer and what its receipt needs."""

    body: bytes
    rows: int
    elapsed_ms: float


class KeptAnswers:
    """At most `limit_bytes` of answers by entity tag; the one longest unused goes first. Safe among threads."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self.lock = threading.Lock()
        self.answers: OrderedDict[str, KeptAnswer] = OrderedDict()

    def get(self, etag: str) -> KeptAnswer | None:
        with self.lock:
            found = self.answers.get(etag)
            if found is not None:
                self.answers.move_to_end(etag)
            return found

    def has_room_for(self, size_bytes: int) -> bool:
        return size_bytes <= self.limit_bytes // LARGEST_SHARE

    def put(self, etag: str, answer: KeptAnswer) -> None:
        """Keeps an answer that `has_room_for`; others are passed over."""
        if not self.has_room_for(len(answer.body)):
            return
        with self.lock:
            if etag in self.answers:
                return
            self.answers[etag] = answer
            self.size_bytes += len(answer.body)
            while self.size_bytes > self.limit_bytes:
                _, dropped = self.answers.popitem(last=False)
                self.size_bytes -= len(dropped.body)
