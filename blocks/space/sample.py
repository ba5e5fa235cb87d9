"""Sampling a design space: variants drawn from the values of the axes that may move."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch.quasirandom import SobolEngine

from blocks import catalog
from blocks.knobs import DEPTH, KnobError
from blocks.language import tr, translatable
from blocks.space.axes import INPUT_SIDE, DesignAxis, find_axis, moved_variant
from blocks.space.count import NetworkVariant

MOST_VARIANTS = 20_000
SAMPLING_METHODS = {
    "sobol": translatable("Low-discrepancy (Sobol): even coverage of the whole space"),
    "random": translatable("Random: each knob drawn independently"),
    "grid": translatable("Grid: every combination, or an even selection of them"),
}
_FACTORS = (0.5, 0.625, 0.75, 0.875, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True)
class Space:
    """What may move: names of axes with (low, high) for those with a scale, None for all that is usual; ``base`` is what stays."""

    name: str
    moving: Mapping[str, tuple[float, float] | None]
    base: Mapping[str, Any] = field(default_factory=dict)
    side: int | None = None

    def dimensions(self) -> list[Dimension]:
        """The dimensions to draw in; a list of depths has one a stage. Raises KnobError for an unknown axis or an empty range."""
        found: list[Dimension] = []
        for name, ends in self.moving.items():
            found += _dimensions(self, find_axis(self.name, name), ends)
        return found

    def size(self) -> int:
        """How many combinations there are, allowed or not."""
        return math.prod(len(d.options) for d in self.dimensions())


@dataclass(frozen=True)
class Dimension:
    """One thing to draw: the axis (and the stage of a list, else None), with the values to draw from."""

    axis: DesignAxis
    place: int | None
    options: tuple[object, ...]

    @property
    def name(self) -> str:
        """A name of its own: ``depths.2`` for the second stage."""
        return self.axis.name if self.place is None else f"{self.axis.name}.{self.place + 1}"


def _dimensions(space: Space, chosen: DesignAxis, ends: tuple[float, float] | None) -> list[Dimension]:
    if chosen.kind == "ints":
        base = tuple(space.base.get(chosen.name, chosen.default))
        if chosen.knob is not None and chosen.knob.group != DEPTH:
            scaled = [tuple(max(1, round(v * f / 8) * 8) if v >= 8 else v for v in base) for f in _FACTORS]
            return [Dimension(chosen, None, tuple(dict.fromkeys(scaled)))]
        low, high = ends or (1, 0)
        return [Dimension(chosen, i, tuple(range(max(1, int(low)), (int(high) if ends else max(2, 2 * n)) + 1))) for i, n in enumerate(base)]
    if ends is not None and ends[0] > ends[1]:
        raise KnobError(chosen.name, f"{ends[0]:g}:{ends[1]:g}", "the range must rise", [f"{ends[1]:g}:{ends[0]:g}"])
    return [Dimension(chosen, None, tuple(chosen.options(*ends) if ends is not None else chosen.options()))]


def assembled(space: Space, dimensions: Sequence[Dimension], values: Sequence[object]) -> NetworkVariant:
    """The variant with these values, one a dimension."""
    moved: dict[str, Any] = {}
    for dimension, value in zip(dimensions, values, strict=True):
        name = dimension.axis.name
        if dimension.place is None:
            moved[name] = value
        else:
            row = list(moved.get(name, space.base.get(name, dimension.axis.default)))
            row[dimension.place] = value
            moved[name] = tuple(row)
    return moved_variant(space.base, space.side, moved)


def sample_variants(space: Space, how: str, n: int, seed: int = 0) -> list[NetworkVariant]:
    """Up to ``n`` distinct variants, the same for the same ``seed``. Raises KnobError for an unknown way or a size out of range."""
    if how not in SAMPLING_METHODS:
        raise KnobError("how", how, tr("must be one of {names}", names=", ".join(SAMPLING_METHODS)), ["sobol"])
    if not 1 <= n <= MOST_VARIANTS:
        raise KnobError("n", n, tr("must lie between {low} and {high}", low=1, high=MOST_VARIANTS), [min(max(n, 1), MOST_VARIANTS)])
    dimensions = space.dimensions()
    if not dimensions:
        return [NetworkVariant(dict(space.base), space.side)]
    drawn = _DRAW[how](dimensions, n, seed)
    made = (assembled(space, dimensions, [d.options[i] for d, i in zip(dimensions, places, strict=True)]) for places in drawn)
    return list({_same(v): v for v in made}.values())


def _same(v: NetworkVariant) -> tuple[object, ...]:
    return (tuple(sorted(v.knobs.items())), v.side)


def _random(dimensions: Sequence[Dimension], n: int, seed: int) -> list[tuple[int, ...]]:
    r = random.Random(seed)
    return [tuple(r.randrange(len(d.options)) for d in dimensions) for _ in range(n)]


def _sobol(dimensions: Sequence[Dimension], n: int, seed: int) -> list[tuple[int, ...]]:
    points = SobolEngine(len(dimensions), scramble=True, seed=seed).draw(n).tolist()
    return [tuple(min(int(u * len(d.options)), len(d.options) - 1) for u, d in zip(point, dimensions, strict=True)) for point in points]


def _grid(dimensions: Sequence[Dimension], n: int, seed: int) -> list[tuple[int, ...]]:
    """All combinations in order; where they are more than ``n``, evenly spaced ones of a shuffled order of each dimension."""
    lengths = [len(d.options) for d in dimensions]
    whole = math.prod(lengths)
    if whole <= n:
        return list(itertools.product(*(range(length) for length in lengths)))
    r = random.Random(seed)
    return [_digits(place, lengths) for place in sorted(r.sample(range(whole), n))] if whole < 2**62 else _random(dimensions, n, seed)


def _digits(place: int, lengths: Sequence[int]) -> tuple[int, ...]:
    found = []
    for length in reversed(lengths):
        place, digit = divmod(place, length)
        found.append(digit)
    return tuple(reversed(found))


_DRAW: dict[str, Callable[[Sequence[Dimension], int, int], list[tuple[int, ...]]]] = {"random": _random, "sobol": _sobol, "grid": _grid}


def default_axes(name: str) -> list[str]:
    """What moves at first: width, expansion, depth and resolution, as far as the network has them."""
    known = [k.name for k in catalog.knobs(name)]
    wanted = [n for n in ("width_mult", "expansion", "depth_mult", "depths", "width", "depth", "kernel_size", "growth_rate") if n in known][:3]
    return wanted + ([INPUT_SIDE] if catalog.free_places(name) else [])
