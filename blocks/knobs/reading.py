"""Numbers in text: what a URL, a field or a command line gives. Every number that a user or a link writes is read here.

Only plain decimal notation is a number. Python's own ``int`` and ``float`` also read "1_0", "٣" and "nan", and ``str.isdigit`` takes "²", which
``int`` refuses.
"""

from __future__ import annotations

import math
import re

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})(e[+-]?[0-9]{1,3})?", re.ASCII | re.IGNORECASE)


def as_whole(text: str) -> int | None:
    """The whole number that ``text`` is; None for anything else, and for more than 18 digits."""
    return int(text) if _WHOLE.fullmatch(text) else None


def as_number(text: str) -> float | None:
    """The finite number that ``text`` is; None for anything else."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def as_wholes(text: str) -> tuple[int, ...] | None:
    """The whole numbers that ``text`` lists, with commas or spaces between them, in brackets or not; None for anything else."""
    parts = text.strip("()[] ").replace(",", " ").split()
    found = [as_whole(part) for part in parts]
    return tuple(v for v in found if v is not None) if found and None not in found else None
