"""How the work of a job talks to the process around it: progress out, cancellation in."""

from __future__ import annotations

import time
from collections.abc import Callable

_INTERVAL = 0.1  # seconds between progress reports


class Cancelled(Exception):
    """The job was cancelled."""


class JobControl:
    """Where a job reports its progress, and where it learns that it was cancelled.

    Work asks :meth:`due` before it reports, ten times a second at most, so that reporting does not disturb what is measured.
    """

    def __init__(self, send: Callable[[dict[str, object]], None], cancelled: Callable[[], bool]) -> None:
        self._send = send
        self._cancelled = cancelled
        self._last = 0.0

    def check(self) -> None:
        """Raise :class:`Cancelled` if the job was cancelled."""
        if self._cancelled():
            raise Cancelled

    def report(self, **progress: object) -> None:
        """Report progress now, whenever the last report was."""
        self._last = time.monotonic()
        self._send(progress)

    def due(self) -> bool:
        """Whether a tenth of a second has passed since the last report."""
        return time.monotonic() - self._last >= _INTERVAL
