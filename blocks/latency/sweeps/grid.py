"""The grid of a sweep: networks x knobs x batches x types, each cell one experiment, or the sentence that says why there is none."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from blocks import catalog
from blocks.knobs import KnobError
from blocks.latency.measure import devices
from blocks.latency.measure.experiment import Experiment

MOST_CELLS = 5000


@dataclass(frozen=True, slots=True)
class SweepCell:
    """One place of a grid. ``where`` has its value on each axis; ``experiment`` is None where ``problem`` says why it cannot be."""

    index: int
    where: dict[str, object]
    experiment: Experiment | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """What to measure. ``knobs`` has the values of each knob that is varied; ``base`` the conditions that all cells share
    (its network, knobs, batch and dtype are replaced; its other knobs hold in every cell). ``side`` None: each network's own."""

    networks: tuple[str, ...]
    knobs: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    batches: tuple[int, ...] = (1,)
    dtypes: tuple[str, ...] = ("float32",)
    side: int | None = None
    base: Experiment = field(default_factory=lambda: Experiment("resnet18"))

    def __post_init__(self) -> None:
        for name, values in self.axes.items():
            if not values:
                raise KnobError(name, (), "a sweep needs at least one value on each axis")
        if self.size > MOST_CELLS:
            raise KnobError("grid", self.size, f"a sweep has at most {MOST_CELLS} cells", [MOST_CELLS])

    @property
    def axes(self) -> dict[str, tuple[object, ...]]:
        """Values by axis, in the order in which cells are nested."""
        knobs = {name: tuple(tuple(v) if isinstance(v, list) else v for v in values) for name, values in self.knobs.items()}
        return {"network": tuple(self.networks), **knobs, "batch": tuple(self.batches), "dtype": tuple(self.dtypes)}

    @property
    def varied(self) -> list[str]:
        """The axes with more than one value."""
        return [name for name, values in self.axes.items() if len(values) > 1]

    @property
    def size(self) -> int:
        """Number of cells."""
        total = 1
        for values in self.axes.values():
            total *= len(values)
        return total

    @property
    def title(self) -> str:
        """What is swept, short: "resnet50: groups x batch, 12 cells"."""
        over = " × ".join(n for n in self.varied if n != "network") or "one setting"
        return f"{', '.join(self.networks)}: {over}, {self.size} cell{'s' if self.size > 1 else ''}"

    def cells(self) -> list[SweepCell]:
        """All cells, first axis outermost."""
        axes = self.axes
        places = (dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values()))
        return [self._cell(index, where) for index, where in enumerate(places)]

    def _cell(self, index: int, where: dict[str, Any]) -> SweepCell:
        knobs = dict(self.base.knobs) | {name: where[name] for name in self.knobs}
        try:
            settings = catalog.settings(where["network"], **knobs)
            for knob in catalog.knobs(where["network"]):
                knob.check(settings[knob.name])
            shape = _sized(where["network"], knobs, where["batch"], self.side)
            experiment = replace(self.base, network=where["network"], knobs=tuple(knobs.items()), input_shape=shape, dtype=where["dtype"])
            devices.check_supported(experiment)
        except KnobError as error:
            return SweepCell(index, where, None, str(error))
        return SweepCell(index, where, experiment)

    def to_dict(self) -> dict[str, object]:
        """As plain JSON values."""
        return {
            "networks": list(self.networks), "knobs": {k: list(v) for k, v in self.knobs.items()}, "batches": list(self.batches), "dtypes": list(self.dtypes),
            "side": self.side, "base": self.base.to_dict(),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Grid:
        """The inverse of :meth:`to_dict`."""
        knobs = {k: tuple(tuple(v) if isinstance(v, list) else v for v in values) for k, values in plain["knobs"].items()}
        return cls(tuple(plain["networks"]), knobs, tuple(plain["batches"]), tuple(plain["dtypes"]), plain["side"], Experiment.from_dict(plain["base"]))


def _sized(network: str, knobs: Mapping[str, object], batch: object, side: int | None) -> tuple[int, ...]:
    """The network's input with this batch and, where it takes pictures, this side."""
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise KnobError("batch", batch, "must be a whole number of at least 1", [1])
    shape = [int(n) for n in catalog.input_shape(network, **knobs)]
    shape[0] = batch
    declared = catalog.entry(network).input
    if side is not None and len(shape) == 4:
        shape[2:] = [side if not isinstance(declared[place], str) else shape[place] for place in (2, 3)]
    return tuple(shape)
