"""Which language is spoken now: in this thread, for this user."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

#: The languages, with their own names; the first is spoken unless another is asked for.
LANGUAGES = {"en": "English", "zh": "中文"}
_FIRST = next(iter(LANGUAGES))
_SPOKEN: ContextVar[str | None] = ContextVar("language", default=None)

P = ParamSpec("P")
R = TypeVar("R")


class _Asked:
    """Who knows the language where none was set: the pages ask the browser's session."""

    by: Callable[[], str | None] = staticmethod(lambda: None)


def language() -> str:
    """The language of now, a key of :data:`LANGUAGES`."""
    return _SPOKEN.get() or _Asked.by() or _FIRST


def asked_language() -> str | None:
    """The language that :func:`speaking` set in this thread; None where none was set."""
    return _SPOKEN.get()


def ask_with(asker: Callable[[], str | None]) -> None:
    """Let ``asker`` say the language of a thread for which none was set; None where it does not know."""
    _Asked.by = staticmethod(asker)


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak this language in this thread until the end of the block."""
    before = _SPOKEN.set(name)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def in_same_language(function: Callable[P, R]) -> Callable[P, R]:
    """``function``, for another thread: it speaks there what is spoken here and now."""
    name = language()

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with speaking(name):
            return function(*args, **kwargs)

    return run


def system_language(environment: Mapping[str, str] = os.environ) -> str:
    """The language of the terminal, by the first of LC_ALL, LC_MESSAGES and LANG that is set."""
    asked = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    return known_language(asked) or _FIRST


def known_language(tag: str) -> str | None:
    """The language that a tag such as "zh-CN" or "zh_CN.UTF-8" names; None where the program does not speak it."""
    name = tag.replace("_", "-").split("-")[0].split(".")[0].lower()
    return name if name in LANGUAGES else None
