"""One measurement a device on the whole machine: two apps, or an app and a command line, take turns by a file lock."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from blocks.latency.measure.sampling import Run


def _lock(file: IO[str]) -> bool:
    try:
        import fcntl
    except ImportError:  # no such locks on Windows: apps there measure beside each other
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def lock_path(device: str) -> Path:
    """The file whose lock is the right to measure on ``device``; the system frees it when the holder dies."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    return Path(tempfile.gettempdir()) / f"architecture-explorer-{user}-{device.replace(':', '-')}.lock"


@contextmanager
def taken(device: str, run: Run) -> Iterator[None]:
    """Wait for the device's turn (cancellable, saying so), hold it, give it back."""
    with lock_path(device).open("a") as file:
        while not _lock(file):
            run.check()
            if run.due():
                run.say(phase="waiting", n=0, message=f"Another program of this kind measures on {device}; waiting for its turn.")
            time.sleep(0.02)
        yield
