"""Leaving the collector of cyclic garbage out of work that makes thousands of objects, of which all stay and none is garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """While inside, no collection starts; afterwards the collector runs again if it ran before.

    It is one switch for the whole process: other threads' collections wait for these few milliseconds too, or go on early.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
