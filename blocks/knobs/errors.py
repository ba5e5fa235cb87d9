"""Errors about knobs: what was given, the rule, and the nearest values that work."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from blocks.knobs.nearest import nearest_names
from blocks.language import SpokenError
from blocks.trace.symbolic import plain

_LONGEST = 60  # characters of what a user gave, in a sentence


def brief(text: str) -> str:
    """``text`` as a sentence repeats it: without its middle where it is long."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 4 :]}"


def as_typed(value: object) -> str:
    """A value as a user types it in an address or on the command line: a list without brackets."""
    return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


class KnobError(SpokenError, ValueError):
    """A knob has a value that its block cannot take.

    Attributes: ``argument`` (the knob's name), ``value`` (what was given), ``rule`` (what must hold, as
    a sentence), ``nearest`` (the nearest values that work, best first; may be empty) and ``divided`` (name
    and value of what the knob must divide; None for another rule).
    """

    def __init__(self, argument: str, value: Any, rule: str, nearest: Iterable[Any] = (), divided: tuple[str, int] | None = None) -> None:
        self.argument = argument
        self.divided = divided
        self.value = plain(value)
        self.rule = rule
        self.nearest = tuple(plain(v) for v in nearest)
        hint = f" Nearest: {' or '.join(map(as_typed, self.nearest))}." if self.nearest else ""
        super().__init__(f"{brief(argument)} = {brief(repr(self.value))}: {rule.rstrip('.')}.{hint}")


def unknown_knob(owner: str, name: str, value: object, known: Iterable[str]) -> KnobError:
    """The error for a knob that ``owner`` does not have."""
    known = list(known)
    return KnobError(name, value, f"{owner} has no such knob; it has {', '.join(known)}", nearest_names(name, known, 2))


def require_divides(argument: str, divisor: int, **wholes: int) -> None:
    """Raise :class:`KnobError` for ``argument`` unless ``divisor`` divides each of ``wholes`` without remainder."""
    for name, whole in wholes.items():
        if whole % divisor != 0:
            common = math.gcd(*(int(w) for w in wholes.values()))
            fitting = [d for d in range(1, common + 1) if common % d == 0]
            nearest = sorted(fitting, key=lambda d: abs(d - int(divisor)))[:2]
            raise KnobError(argument, divisor, f"must divide {name} = {int(whole)}", nearest, (name, int(whole)))


def require(holds: bool, argument: str, value: object, rule: str, nearest: Iterable[object] = ()) -> None:
    """Raise :class:`KnobError` unless ``holds``."""
    if not holds:
        raise KnobError(argument, value, rule, nearest)


def require_one_a_stage(argument: str, values: tuple[object, ...], stages: int) -> None:
    """Raise :class:`KnobError` for ``argument`` unless it has one entry for each of ``stages`` stages."""
    fitting = (tuple(values) + (values[-1],) * stages)[:stages]
    require(len(values) == stages, argument, tuple(values), f"needs one entry for each of the {stages} stages", [fitting])
