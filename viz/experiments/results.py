"""The last result of each experiment and of each step's measurement, kept for everyone: who opens a step sees it at once, with its age."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MOST = 64
_PLAIN = (str, int, float, bool)
_Key = tuple[str, tuple[tuple[str, Any], ...]]

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class KeptResult:
    """What a run found, and when it ended (seconds since 1970)."""

    result: Any
    finished_at: float

    @property
    def minutes(self) -> int:
        """Its age, in whole minutes."""
        return max(0, int(time.time() - self.finished_at) // 60)


_kept: OrderedDict[_Key, KeptResult] = OrderedDict()


def keep_result(name: str, settings: Mapping[str, Any], result: Any, finished_at: float | None = None) -> None:
    """Keep what the experiment ``name`` found with these ``settings``, now unless ``finished_at`` says when.

    A run on a user's own picture is that user's: it is not kept.
    """
    if (key := _key(name, settings)) is None:
        return
    with _lock:
        _kept[key] = KeptResult(result, time.time() if finished_at is None else finished_at)
        _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)


def last_result(name: str, settings: Mapping[str, Any]) -> KeptResult | None:
    """The last result with exactly these ``settings``, in any session of this app; None where there is none."""
    key = _key(name, settings)
    with _lock:
        return _kept.get(key) if key else None


def _key(name: str, settings: Mapping[str, Any]) -> _Key | None:
    return (name, tuple(sorted(settings.items()))) if all(isinstance(v, _PLAIN) for v in settings.values()) else None
