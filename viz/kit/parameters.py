"""Values in an address: text to numbers and names, with a sentence for what cannot be read, and numbers to the shortest text that reads back."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from blocks.knobs import KnobError

_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def as_whole(text: str) -> int | None:
    """The whole number that ``text`` is in ASCII digits; None for anything else (``str.isdigit`` also accepts "²", which ``int`` refuses)."""
    return int(text) if _WHOLE.fullmatch(text) else None


def whole_number(name: str, text: str, low: int, high: int) -> int:
    """``text`` as a whole number from ``low`` to ``high``. Raises KnobError with the nearest number that is."""
    value = as_whole(text)
    if value is None or not low <= value <= high:
        nearest = low if value is None else min(max(value, low), high)
        raise KnobError(name, text, f"must be a whole number between {low} and {high}", [nearest])
    return value


def finite_number(name: str, text: str) -> float:
    """``text`` as a finite number. Raises KnobError."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise KnobError(name, text, "must be a number")
    return value


def number_text(value: float) -> str:
    """The shortest text from which :func:`finite_number` reads ``value`` again."""
    short = f"{value:.10g}"
    return short if float(short) == value else repr(float(value))


def one_of(name: str, text: str, allowed: Sequence[str]) -> str:
    """``text`` where it is one of ``allowed``. Raises KnobError with all of them."""
    if text not in allowed:
        raise KnobError(name, text, f"must be one of {', '.join(allowed)}", list(allowed[:1]))
    return text
