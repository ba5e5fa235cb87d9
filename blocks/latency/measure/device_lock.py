"""One measurement per device on the whole machine: two apps, or an app and a command line, take turns by a file lock."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from blocks.workers.control import JobControl

#: Folder of the locks where containers on one machine have temporary folders of their own; it must be one that they share.
LOCK_FOLDER_VARIABLE = "EXPLORER_LOCK_FOLDER"


def lock_path(identity: str) -> Path:
    """The file whose lock is the right to measure on a device (:meth:`blocks.latency.measure.devices.Device.identity`); the system frees it when the holder dies."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(os.environ.get(LOCK_FOLDER_VARIABLE) or tempfile.gettempdir())
    return folder / f"architecture-explorer-{user}-{identity.replace(':', '-')}.lock"


@contextmanager
def hold_device(identity: str, control: JobControl, name: str = "") -> Iterator[None]:
    """Wait until the device is free (cancellable, with progress that says so), and hold it. ``name`` is what messages call it."""
    path = lock_path(identity)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    while True:
        try:
            lock.acquire(blocking=False)
            break
        except Timeout:
            control.check()
            if control.due():
                control.report(phase="waiting", n=0, message=f"Another program of this kind measures on {name or identity}; waiting until it is free.")
            time.sleep(0.02)
    try:
        yield
    finally:
        lock.release()
