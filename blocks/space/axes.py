"""What may move: the knobs of a network and the sizes of its input as axes, each with the values that make sense to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from blocks import catalog
from blocks.knobs import Knob, KnobError
from blocks.language import tr, translatable
from blocks.space.count import NetworkVariant

INPUT_SIDE = "side"
MOST_SIDE = 4096  # of an input that is counted here
_DOUBLING = {"groups", "width_per_group", "heads", "se_ratio", "patch_size", "cardinality", "growth_rate"}
#: What moves nothing but training or the task is not offered.
_LEFT_OUT = {"dropout", "drop_path", "num_classes", "in_channels"}


@dataclass(frozen=True)
class DesignAxis:
    """One thing that may move. ``kind`` is "int", "float", "choice", "bool" or "ints"; ``low`` and ``high`` are what is usual, not what is allowed."""

    name: str
    symbol: str
    label: str
    kind: str
    default: object
    low: Any = None
    high: Any = None
    step: Any = None
    choices: tuple[Any, ...] = ()
    knob: Knob | None = None

    @property
    def numeric(self) -> bool:
        """Whether it has a scale that a curve can be drawn over."""
        return self.kind in ("int", "float")

    @property
    def allowed(self) -> tuple[float, float]:
        """The least and the largest number that it may be: the knob's own range, or that of an input's side."""
        low = self.knob.low if self.knob is not None else None
        high = self.knob.high if self.knob is not None else None
        return (1 if low is None else low), (MOST_SIDE if high is None else high)

    def fitted(self, value: float) -> object:
        """The nearest value that this axis can take."""
        if self.kind == "float":
            return round(float(value), 4)
        whole = round(value)
        if self.knob is not None and self.knob.odd and whole % 2 == 0:
            whole += 1
        return int(whole)

    def spread(self, low: float, high: float, n: int, *, geometric: bool = False) -> list[Any]:
        """Up to ``n`` distinct values from ``low`` to ``high``, evenly or by a constant factor."""
        places = np.geomspace(max(low, 1e-9), high, n) if geometric and low > 0 else np.linspace(low, high, n)
        return list(dict.fromkeys(self.fitted(v) for v in places))

    def options(self, low: Any = None, high: object = None) -> list[object]:
        """The values to draw from when a design space is sampled: every step from ``low`` to ``high``, doublings, or the choices."""
        if self.kind == "bool":
            return [False, True]
        if self.kind == "choice":
            return list(self.choices)
        low, high = self.low if low is None else low, self.high if high is None else high
        if self.choices:
            return [c for c in self.choices if low <= c <= high] or [self.fitted(low)]
        steps = max(1, round((high - low) / self.step))
        return list(dict.fromkeys(self.fitted(min(low + i * self.step, high)) for i in range(steps + 1)))


def axes(name: str) -> list[DesignAxis]:
    """All that may move in ``name``: its input's side first, then its knobs. Raises KnobError for an unknown name."""
    found = []
    places = catalog.free_places(name)
    if places:
        published = catalog.input_shape(name)[places[0]]
        picture = len(places) == 2
        step = 32 if picture and published >= 128 else 1 if published < 16 else 4
        found.append(
            DesignAxis(
                INPUT_SIDE,
                "H" if picture else "N",
                translatable("Resolution") if picture else translatable("Tokens"),
                "int",
                published,
                max(step, round(published / 2 / step) * step),
                published * 2,
                step,
            )
        )
    return found + [axis for k in catalog.knobs(name) if k.name not in _LEFT_OUT and (axis := _of(k)) is not None]


def find_axis(name: str, wanted: str) -> DesignAxis:
    """The axis called ``wanted``; KnobError with the nearest names if there is none."""
    known = {a.name: a for a in axes(name)}
    if wanted not in known:
        raise KnobError("knob", wanted, tr("{network} has nothing of this name to vary; it has {known}", network=name, known=", ".join(known)), list(known)[:2])
    return known[wanted]


def _of(knob: Knob) -> DesignAxis | None:
    common: dict[str, Any] = {"name": knob.name, "symbol": knob.symbol, "label": knob.label, "kind": knob.kind, "default": knob.default, "knob": knob}
    if knob.kind in ("choice", "bool"):
        return DesignAxis(**common, choices=tuple(knob.values or (False, True)))
    if knob.default is None or knob.low is None or knob.high is None:
        return None
    if knob.kind == "ints":
        most = max(knob.default)
        return DesignAxis(**common, low=1, high=most * 2, step=max(1, most // 8))
    if knob.name in _DOUBLING:
        top = max(32, 2 * int(knob.default))
        values = [0] * (knob.low == 0) + [2**i for i in range(12) if max(1, knob.low) <= 2**i <= min(top, knob.high)]
        return DesignAxis(**common, low=values[0], high=values[-1], step=1, choices=tuple(sorted({*values, int(knob.default)})))
    step = knob.step or 1
    low, high = max(knob.low, knob.default / 4), min(knob.high, knob.default * 2 if knob.default else 1)
    if knob.odd:
        low, high, step = max(1, knob.low), min(knob.high, max(7, knob.default)), 2
    elif knob.kind == "int":
        low, high, step = max(knob.low, 1, knob.default // 4), max(2, int(high)), max(1, int(knob.default) // 8)
    return DesignAxis(**common, low=type(knob.default)(low), high=type(knob.default)(high), step=step)


def moved_variant(base: Mapping[str, object], side: int | None, moved: Mapping[str, Any]) -> NetworkVariant:
    """A variant: ``base`` knobs with ``moved`` values (by axis name) in place."""
    knobs = {**base, **{k: v for k, v in moved.items() if k != INPUT_SIDE}}
    return NetworkVariant(knobs, moved.get(INPUT_SIDE, side))


def axis_names(found: Sequence[DesignAxis], *, numeric: bool = False) -> list[str]:
    """Names of axes, all or those with a scale."""
    return [a.name for a in found if a.numeric or not numeric]
