"""A forward pass that does not end: it is interrupted, with a sentence.

A trace runs somebody else's code in a thread of the app, which nothing can end from outside. Python can raise an exception in it, at the next step that it takes:
loops of torch's functions and of Python's end so; one long call into C ends first.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

from blocks.language import translatable
from blocks.trace.errors import TraceError

LONGEST_TRACE = 120.0  # seconds; the longest of known networks takes a few
_AGAIN = 1.0  # seconds: code that catches everything is interrupted again

T = TypeVar("T")


class _TooLong(BaseException):
    """Not an Exception: the network's own code is not meant to catch it."""


def ended_in_time(run: Callable[[], T]) -> T:
    """What ``run`` returns. Where it has not ended after :data:`LONGEST_TRACE` it is interrupted, and a :class:`TraceError` says so."""
    seconds, me, guard, ended = LONGEST_TRACE, threading.get_ident(), threading.Lock(), threading.Event()
    over: list[bool] = []  # set in one step: an Event that is interrupted while it is set keeps its lock

    def watch() -> None:
        wait = seconds
        while not ended.wait(wait):
            with guard:
                if not over:
                    _raise_in(me, _TooLong)
            wait = _AGAIN

    threading.Thread(target=watch, name="time limit of a trace", daemon=True).start()
    try:  # not a context manager: a second interruption may come while the first still unwinds, and has to end here too
        try:
            return run()
        finally:
            with guard:
                over.append(True)
    except _TooLong:
        with guard:
            over.append(True)
        raise TraceError(translatable(f"the forward pass has not ended after {seconds:g} s")) from None
    finally:
        ended.set()


def _raise_in(thread: int, error: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
