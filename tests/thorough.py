"""How much of a sweep is looked at: all of it by ``make thorough``, a part spread over it by ``make test``, which has twenty minutes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

_T = TypeVar("_T")

THOROUGH = bool(os.environ.get("EXPLORER_THOROUGH"))


def spread(values: Iterable[_T], every: int, start: int = 0) -> list[_T]:
    """Each ``every``-th of ``values`` from number ``start`` on; all of them in a thorough run."""
    found = list(values)
    return found if THOROUGH else found[start % every :: every]
