"""When Python looks for garbage: not while a user waits.

A full search visits every object of the process and holds all sessions up, for half a second where hundreds of networks are kept. What runs create and drop
is found by the searches of young objects, which are short; the full one waits until no page has run for a moment, or has waited long enough.
"""

from __future__ import annotations

import gc
import threading
import time
from functools import cache

from viz.kit.session import seconds_since_a_run

#: New objects after which young ones are searched. Building and tracing a network makes some ten thousand that stay: Python's own 700 visits them in vain.
YOUNG = 20_000
#: Searches of the second generation after which a full one is due, seconds without a run that it waits for, and for how long at most.
DUE, QUIET_FOR, LONGEST = 10, 2.0, 300.0
_NEVER = 1_000_000


@cache
def search_when_idle() -> None:
    """From now on, for this process. What is loaded by now stays for good and is not searched again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, _NEVER)
    threading.Thread(target=_search, daemon=True, name="garbage").start()


def is_due(searches: int, quiet: float, waited: float) -> bool:
    """Whether to search everything now, after ``searches`` of the second generation, ``quiet`` seconds without a run and ``waited`` since the last full search."""
    return searches >= DUE and (quiet > QUIET_FOR or waited > LONGEST)


def _search() -> None:
    last = time.monotonic()
    while True:
        time.sleep(1.0)
        if is_due(gc.get_count()[2], seconds_since_a_run(), time.monotonic() - last):
            gc.collect()
            last = time.monotonic()
