"""What a knob is: the meaning of an annotated type, and one parameter of one constructor."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from blocks.knobs.errors import KnobError
from blocks.knobs.nearest import nearest_names
from blocks.knobs.reading import as_number, as_whole, as_wholes
from blocks.language import translatable
from blocks.trace.symbolic import are_roundings_kept, is_symbolic, plain


@dataclass(frozen=True, slots=True)
class Spec:
    """The meaning of an annotated knob type; ranges are inclusive and binding."""

    symbol: str
    label: str
    help: str
    group: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    values: tuple[object, ...] | None = None
    odd: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """Another symbol, label or help for a knob type used in one place, as in ``Annotated[Channels, Named("C_3")]``."""

    symbol: str | None = None
    label: str | None = None
    help: str | None = None
    low: float | None = None
    high: float | None = None
    values: tuple[object, ...] | None = None


@dataclass(frozen=True, slots=True)
class Knob:
    """One parameter of one constructor: its meaning, its range and its default."""

    name: str
    symbol: str
    label: str
    help: str
    group: str
    kind: str  # "int", "float", "bool", "choice" or "ints"
    default: Any
    required: bool = False
    low: float | None = None
    high: float | None = None
    step: float | None = None
    values: tuple[object, ...] | None = None
    odd: bool = False

    def check(self, value: object) -> None:
        """Raise :class:`KnobError` unless ``value`` has this knob's type and lies in its range."""
        if are_roundings_kept():
            self._compared(value)
        bare = plain(value)
        if self.kind == "choice":
            if bare not in (self.values or ()):
                raise KnobError(self.name, bare, f"must be one of {_some(self.values or ())}", _closest(bare, self.values or ()))
        elif self.kind == "bool":
            if not isinstance(bare, bool):
                raise KnobError(self.name, bare, "must be True or False", [bool(bare)])
        elif self.kind == "ints":
            self._check_ints(bare)
        else:
            self._check_number(bare)

    def _compared(self, value: object) -> None:
        """Compare a symbolic number with this knob's range, so that a trace for many variants knows which of them its own constructor would refuse, too."""
        for number in value if isinstance(value, (tuple, list)) else (value,):
            if is_symbolic(number):
                made: Any = number
                within = (self.low is None or made >= self.low) and (self.high is None or made <= self.high)
                if within and self.odd:
                    bool(made % 2 == 0)

    def _check_number(self, bare: object) -> None:
        whole = self.kind == "int"
        if isinstance(bare, bool) or not isinstance(bare, int if whole else (int, float)) or not math.isfinite(bare):
            nearest = [self._inside(round(bare))] if whole and isinstance(bare, float) and math.isfinite(bare) else [self.default]
            raise KnobError(self.name, bare, "must be a whole number" if whole else "must be a finite number", nearest)
        if self._inside(bare) != bare:
            raise KnobError(self.name, bare, f"must lie between {self.low:g} and {self.high:g}", [self._inside(bare)])
        if self.odd and bare % 2 == 0:
            raise KnobError(self.name, bare, "must be odd, so that padding (k-1)/2 keeps the size", [v for v in (bare - 1, bare + 1) if self._inside(v) == v])

    def _check_ints(self, bare: object) -> None:
        if not isinstance(bare, (tuple, list)) or not bare or any(isinstance(v, bool) or not isinstance(v, int) for v in bare):
            raise KnobError(self.name, bare, "must be a list of whole numbers such as 3,4,6,3", [self.default])
        if any(self._inside(v) != v for v in bare):
            raise KnobError(self.name, bare, f"each entry must lie between {self.low:g} and {self.high:g}", [tuple(self._inside(v) for v in bare)])

    def _inside(self, value: float) -> float:
        low = value if self.low is None else self.low
        high = value if self.high is None else self.high
        nearest = min(max(value, low), high)
        return int(nearest) if self.kind in ("int", "ints") else nearest

    def parse(self, text: str) -> object:
        """The value that ``text`` (from a URL or a command line) stands for; :class:`KnobError` if it is none."""
        text = text.strip()
        value: object = next((v for v in self.values or () if str(v) == text), text)
        if self.kind in _READ:
            read, rule = _READ[self.kind]
            value = read(text)
            if value is None:
                raise KnobError(self.name, text, rule, [self.default])
        self.check(value)
        return value

    def text(self, value: Any) -> str:
        """The inverse of :meth:`parse`."""
        bare = plain(value)
        if self.kind == "ints":
            return ",".join(map(str, bare))
        return str(bare).lower() if self.kind == "bool" else str(bare)


_SWITCH = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
#: By kind: how a text is read, None where it is none of that kind, and the rule.
_READ: Mapping[str, tuple[Callable[[str], object], str]] = {
    "int": (as_whole, translatable("must be a whole number")),
    "float": (as_number, translatable("must be a number")),
    "bool": (lambda text: _SWITCH.get(text.lower()), translatable("must be true or false")),
    "ints": (as_wholes, translatable("must be whole numbers such as 3,4,6,3")),
}


def _some(values: Iterable[Any], most: int = 12) -> str:
    """``values`` with commas between them; the middle is left out where there are more than ``most``."""
    values = list(map(str, values))
    if len(values) <= most:
        return ", ".join(values)
    return f"{', '.join(values[: most // 2])} ... {', '.join(values[-most // 2 :])} ({len(values)} in all)"


def _closest(value: object, values: tuple[Any, ...]) -> list[object]:
    if isinstance(value, (int, float)) and all(isinstance(v, (int, float)) for v in values):
        return sorted(values, key=lambda v: abs(v - value))[:1]
    by_text = {str(v): v for v in values}
    return [by_text[name] for name in nearest_names(str(value), by_text, 2, 0.3)] or list(values[:1])
