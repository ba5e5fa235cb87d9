"""A forward pass that does not end: it is interrupted, with a sentence.

A trace runs somebody else's code in a thread of the app, which nothing can end from outside. Python can raise an exception in it, at the next step that it takes:
loops of torch's functions and of Python's end so; one long call into C ends first.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from blocks.language import translatable
from blocks.trace.errors import TraceError

LONGEST_TRACE = 120.0  # seconds; the longest of known networks takes a few
_AGAIN = 1.0  # seconds: code that catches everything is interrupted again


class _TooLong(BaseException):
    """Not an Exception: the network's own code is not meant to catch it."""


@contextmanager
def ends_in_time() -> Iterator[None]:
    """Interrupt this thread's code where it has not ended after :data:`LONGEST_TRACE`, as a :class:`TraceError`."""
    seconds, me, over, guard = LONGEST_TRACE, threading.get_ident(), threading.Event(), threading.Lock()

    def watch() -> None:
        wait = seconds
        while not over.wait(wait):
            with guard:
                if not over.is_set():
                    _raise_in(me, _TooLong)
            wait = _AGAIN

    threading.Thread(target=watch, name="time limit of a trace", daemon=True).start()
    try:
        yield
    except _TooLong:
        raise TraceError(translatable(f"the forward pass has not ended after {seconds:g} s")) from None
    finally:
        with guard:
            over.set()
            _raise_in(me, None)  # what was asked for and has not happened yet


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None if error is None else ctypes.py_object(error))
