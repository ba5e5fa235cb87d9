"""Values in an address: text to numbers and names within their range, with a sentence for what is not, and numbers to the shortest text that reads back."""

from __future__ import annotations

from collections.abc import Sequence

from blocks.knobs import KnobError
from blocks.knobs.reading import as_number, as_whole
from blocks.language import tr


def whole_number(name: str, text: str, low: int, high: int) -> int:
    """``text`` as a whole number from ``low`` to ``high``. Raises KnobError with the nearest number that is."""
    value = as_whole(text)
    if value is None or not low <= value <= high:
        nearest = low if value is None else min(max(value, low), high)
        raise KnobError(name, text, tr("must be a whole number between {low} and {high}", low=low, high=high), [nearest])
    return value


def finite_number(name: str, text: str) -> float:
    """``text`` as a finite number. Raises KnobError."""
    value = as_number(text)
    if value is None:
        raise KnobError(name, text, tr("must be a number"))
    return value


def number_between(name: str, text: str, low: float, high: float) -> float:
    """``text`` as a number from ``low`` to ``high``. Raises KnobError with the nearest number that is."""
    value = finite_number(name, text)
    if not low <= value <= high:
        raise KnobError(name, text, tr("must lie between {low} and {high}", low=f"{low:g}", high=f"{high:g}"), [number_text(min(max(value, low), high))])
    return value


def numbers_between(name: str, text: str, low: float, high: float, example: str, rule: str, between: str = ",") -> tuple[float, ...]:
    """``text`` as many numbers from ``low`` to ``high`` as ``example`` has, with ``between`` between them; ``rule`` says so. Raises KnobError."""
    parts = text.split(between)
    if len(parts) != len(example.split(between)):
        raise KnobError(name, text, rule, [example])
    return tuple(number_between(name, part, low, high) for part in parts)


def number_text(value: float) -> str:
    """The shortest text from which :func:`finite_number` reads ``value`` again."""
    short = f"{value:.10g}"
    return short if float(short) == value else repr(float(value))


def one_of(name: str, text: str, allowed: Sequence[str]) -> str:
    """``text`` where it is one of ``allowed``. Raises KnobError with all of them."""
    if text not in allowed:
        raise KnobError(name, text, tr("must be one of {names}", names=", ".join(allowed)), list(allowed[:1]))
    return text
