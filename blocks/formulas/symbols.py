"""Which numbers of a network carry a symbol, and how values by argument name become values by symbol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from blocks.knobs import Knob, KnobError
from blocks.trace.symbolic import symbol

#: Argument names of an input's sizes, by the number of its dimensions.
_SIZES = {
    5: (("batch", "B"), ("frames", "T"), None, ("height", "H"), ("width", "W")),
    4: (("batch", "B"), None, ("height", "H"), ("width", "W")),
    3: (("batch", "B"), ("tokens", "N"), None),
    2: (("batch", "B"), None),
}
#: Before a size's name where a constructor from outside has an argument of that name.
OF_INPUT = "input_"


class Declared(Protocol):
    """What the catalog declares of a network: an entry of :mod:`blocks.catalog`."""

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """Its knobs."""

    @property
    def input(self) -> tuple[int | str, ...]:
        """For each dimension of the input a number or the name of the knob that gives it."""


def size_places(rank: int) -> dict[str, int]:
    """The dimension of each named size in an input of ``rank`` dimensions."""
    return {named[0]: place for place, named in enumerate(_SIZES.get(rank, ())) if named is not None}


@dataclass(frozen=True, slots=True)
class Symbols:
    """``knobs`` and ``input_shape`` as given to the network; ``values`` by symbol; ``arguments`` maps each symbol to the
    argument it belongs to (and the place in it, for a list); ``ranges`` has the knobs' lowest and highest values, ``odd`` the
    symbols of knobs that take odd numbers alone."""

    knobs: dict[str, object]
    input_shape: tuple[object, ...]
    values: dict[str, int | float]
    arguments: dict[str, tuple[str, int | None]]
    ranges: dict[str, tuple[float | None, float | None]]
    odd: set[str]

    @property
    def sizes(self) -> set[str]:
        """The symbols that stand for sizes of the input and belong to no knob."""
        return {s for s, (argument, _) in self.arguments.items() if argument not in self.knobs}

    @classmethod
    def of(cls, entry: Declared, settings: Mapping[str, object], shape: Sequence[int], sizes_only: bool = False) -> Symbols:
        """Symbols for the sizes of a catalog entry's input and for its numeric knobs; ``sizes_only``: of these only one that gives such a size."""
        made = cls({}, (), {}, {}, {}, set())
        places = {declared for i, declared in enumerate(entry.input) if i != 1 or len(entry.input) == 3}
        for knob in entry.knobs:
            plain = sizes_only and knob.name not in places
            made.knobs[knob.name] = settings[knob.name] if plain else made._knob(knob, settings[knob.name])
        sizes = _SIZES.get(len(shape), (None,) * len(shape))
        dims: list[object] = []
        for size, name, declared in zip(shape, sizes, _padded(entry.input, len(shape)), strict=True):
            if isinstance(declared, str) and settings.get(declared) == size:
                dims.append(made.knobs[declared])
            elif name is not None:
                dims.append(made._new(name[1], size, name[0] if name[0] not in settings else OF_INPUT + name[0], None))
            else:
                dims.append(size)
        object.__setattr__(made, "input_shape", tuple(dims))
        return made

    def _knob(self, knob: Knob, value: Any) -> object:
        if knob.kind in ("int", "float"):
            made = self._new(knob.symbol, float(value) if knob.kind == "float" else value, knob.name, None, (knob.low, knob.high))
            if knob.odd:
                self.odd.add(made.term.args[0])
            return made
        if knob.kind == "ints":
            return tuple(self._new(f"{knob.symbol}_{i + 1}", v, knob.name, i, (knob.low, knob.high)) for i, v in enumerate(value))
        return value

    def _new(self, wanted: str, value: Any, argument: str, place: int | None, ends: tuple[float | None, float | None] = (1, None)) -> Any:
        name, n = wanted, 2
        while name in self.values:
            name, n = f"{wanted}_{n}", n + 1
        self.values[name] = value
        self.arguments[name] = (argument, place)
        self.ranges[name] = ends
        return symbol(name, value)

    def substituted(self, given: Mapping[str, Any]) -> dict[str, int | float]:
        """Values by symbol with ``given`` (by argument name) in place; :class:`KnobError` for an unknown argument."""
        known = {argument for argument, _ in self.arguments.values()}
        for name, value in given.items():
            if name not in known:
                raise KnobError(name, value, f"the formula has no such argument; it has {', '.join(sorted(known))}")
        values = dict(self.values)
        for sym, (argument, place) in self.arguments.items():
            if argument in given:
                values[sym] = given[argument] if place is None else given[argument][place]
        return values


def _padded(declared: Sequence[int | str], rank: int) -> Sequence[int | str | None]:
    return declared if len(declared) == rank else (None,) * rank
