"""One job of a pool, as the app knows it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from blocks.workers.census import note_end

ABANDONED_AFTER = 150.0  # seconds after which an expiring job that nobody asks for is cancelled: its page was closed

#: States in which nothing more happens to a job.
FINAL = frozenset({"done", "failed", "cancelled"})
_log = logging.getLogger("explorer.workers")


@dataclass
class Job:
    """One job. ``state`` is queued, starting, running, done, failed or cancelled; ``message`` is a sentence, where there is something to say.

    ``session``: jobs of one session wait in one line, and the lines take turns. ``expires``: the job is cancelled when nobody has asked
    for it for :data:`ABANDONED_AFTER` seconds. ``seconds`` and ``memory`` (bytes) are its limits, None for none. ``fresh``: it gets a
    process of its own. ``processes``: it runs that many times, each in a fresh process and under the same limits, and ``combine`` makes
    one result of the parts. ``retries``: how often it is tried again after its process has died. ``on_end`` is called once, when the
    job is over.
    """

    id: str
    kind: str
    payload: dict[str, object]
    session: str
    seconds: float | None = None
    memory: int | None = None
    expires: bool = False
    fresh: bool = False
    processes: int = 1
    combine: Callable[[list[dict[str, object]]], dict[str, object]] | None = None
    retries: int = 0
    on_end: Callable[[Job], None] | None = None
    parts: list[dict[str, object]] = field(default_factory=list)
    state: str = "queued"
    message: str = ""
    progress: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    deaths: int = 0
    cancel: bool = False
    asked: float = field(default_factory=time.monotonic)
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def abandoned(self) -> bool:
        """Whether the page that submitted it is gone."""
        return self.expires and time.monotonic() - self.asked > ABANDONED_AFTER

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in FINAL

    def end(self, state: str, message: str = "") -> None:
        """End it, unless it is over already."""
        if self.over:
            return
        self.state, self.message = state, message
        note_end(state)
        if state == "failed":
            _log.info("job_failed", extra={"fields": {"job": self.id, "kind": self.kind, "reason": message}})
        if self.on_end is not None:
            self.on_end(self)
        self.finished.set()
