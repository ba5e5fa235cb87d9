"""Limits that a worker process sets on itself."""

from __future__ import annotations

import contextlib
import os
import signal
import sys


def die_with_parent() -> None:
    """Ask Linux to kill this process when the app's thread that started it ends. Elsewhere the end of the pipe has to do."""
    if sys.platform != "linux":
        return
    import ctypes

    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(0)


def limit_memory(extra: int | None) -> None:
    """Let this process map ``extra`` bytes of address space beyond what it has now; None lifts the limit.

    For work on the CPU only: a GPU's driver maps far more than it uses. The pool watches resident memory as well.
    """
    try:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if extra is None:
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
            return
        import psutil

        soft = psutil.Process().memory_info().vms + extra
        resource.setrlimit(resource.RLIMIT_AS, (soft if hard < 0 else min(soft, hard), hard))
    except (ImportError, OSError, ValueError):
        return
