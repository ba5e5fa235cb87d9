"""Work that nobody waits for any more is stopped: its users have closed the page, or left it for longer than a reload takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from streamlit import runtime

from viz.kit.session import session

#: Seconds for which a task goes on when nobody waits for it: a page that is loaded again, or a network that fails for a moment, has come back by then.
RELOADS_WITHIN = 20.0
_EVERY = 1.0


class Stoppable(Protocol):
    """What can be looked after: a :class:`viz.kit.task.Task`."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come; asking is no sign that anybody waits."""

    def stop(self) -> None:
        """End it."""


@dataclass
class WantedTask:
    """A task with the sessions that wait for it, each with the question whether it still does, and when one was last there."""

    task: Stoppable
    by: dict[str, Callable[[], bool]] = field(default_factory=dict)
    seen: float = field(default_factory=time.monotonic)


_guard = threading.Lock()
_wanted: dict[int, WantedTask] = {}  # by the task's id; a task that is over is dropped
_watching = False


def want(task: Stoppable, still: Callable[[], bool]) -> None:
    """Let ``task`` be stopped when ``still``, which any thread may ask, is false of this session, and of every other that wanted it, for :data:`RELOADS_WITHIN` seconds."""
    global _watching
    if task.ended:
        return
    with _guard:
        kept = _wanted.setdefault(id(task), WantedTask(task))
        kept.by[session()] = still
        kept.seen = time.monotonic()
        if not _watching:
            _watching = True
            threading.Thread(target=_watch, daemon=True, name="wanted").start()


def connected() -> Callable[[], bool]:
    """Ask what this returns, from any thread, whether this session's browser is connected."""
    name = session()
    return lambda: not runtime.exists() or runtime.get_instance().is_active_session(name)


def _watch() -> None:
    """Look after the tasks until none is left."""
    global _watching
    while True:
        time.sleep(_EVERY)
        with _guard:
            for key in [key for key, kept in _wanted.items() if kept.task.ended]:
                del _wanted[key]
            if not _wanted:
                _watching = False
                return
            kept_now = list(_wanted.values())
        for kept in kept_now:
            stop_unwanted(kept)


def stop_unwanted(kept: WantedTask) -> None:
    """Stop the task if it is time."""
    now = time.monotonic()
    if any(still() for still in list(kept.by.values())):
        kept.seen = now
    elif now - kept.seen > RELOADS_WITHIN:
        kept.task.stop()
