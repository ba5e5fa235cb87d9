"""Results as typed values. Times are seconds per pass; a field is None where the data do not allow it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from blocks.latency.measure.experiment import Experiment


@dataclass(frozen=True, slots=True, kw_only=True)
class LabResult:
    """What every result carries: the ``conditions`` it was taken under, ``remarks`` on what may have moved it, and where and when that was."""

    conditions: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    machine: dict[str, object] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    finished_at: float = 0.0
    #: Names of fields in results that older versions wrote into the ledger.
    old_names: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Self:
        """From a worker's reply or a row of the ledger; what is no field is left out."""
        return cls._made(plain)

    @classmethod
    def _made(cls, plain: Mapping[str, Any], **given: object) -> Self:
        """As :meth:`from_dict`, with the fields ``given`` that JSON cannot hold."""
        values = {cls.old_names.get(k, k): v for k, v in plain.items()}
        return cls(**{f.name: values[f.name] for f in dataclasses.fields(cls) if f.name in values} | given)


@dataclass(frozen=True, slots=True)
class Measurement(LabResult):
    """One experiment's figures. ``low`` and ``high`` bound the median at 95 %; ``p90`` and ``p99`` are (value, low, high).

    ``discarded`` samples were taken at lowered clocks, ``disturbed`` ones while another program had the processor.
    ``why`` says why it stopped; ``process_medians`` has the medians of the fresh processes.
    """

    experiment: Experiment
    n: int
    n_eff: float
    median: float
    low: float | None
    high: float | None
    reason: str
    converged: bool
    why: str
    images: int = 1
    minimum: float = 0.0
    maximum: float = 0.0
    p90: tuple[float, float, float] | None = None
    p99: tuple[float, float, float] | None = None
    samples: list[float] = field(default_factory=list, repr=False)
    input_shapes: list[list[int]] = field(default_factory=list)
    warmup: int = 0
    settled: bool = True
    repeats: int = 1
    discarded: int = 0
    disturbed: int = 0
    joules_per_image: float | None = None
    process_medians: list[float] = field(default_factory=list)
    old_names: ClassVar[Mapping[str, str]] = {"thrown": "discarded", "between": "process_medians"}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """From a worker's reply or a row of the ledger."""
        return cls._made(plain, experiment=Experiment.from_dict(plain["experiment"]))

    @property
    def throughput(self) -> float:
        """Images per second at the median."""
        return self.images / self.median

    @property
    def half_width(self) -> float | None:
        """Half of the interval over the median."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2 / self.median


@dataclass(frozen=True, slots=True)
class Comparison(LabResult):
    """Experiments against the first one; ``discarded`` episodes were taken at lowered clocks.

    ``verdicts[i]`` is on experiment i + 1; each has ``sentence``, ``kind``, ``ratio``, ``low``, ``high``, ``more``.
    """

    experiments: list[Experiment]
    verdicts: list[dict[str, Any]]
    ranking: list[dict[str, Any]]
    converged: bool
    episodes: int
    rounds: int
    level: float
    seconds: float
    each: list[Measurement]
    log_ratios: list[list[float]] = field(default_factory=list, repr=False)
    discarded: int = 0
    old_names: ClassVar[Mapping[str, str]] = {"thrown": "discarded"}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """From a worker's reply or a row of the ledger."""
        return cls._made(plain, experiments=[Experiment.from_dict(e) for e in plain["experiments"]], each=[Measurement.from_dict(m) for m in plain["each"]])

    @property
    def sentence(self) -> str:
        """The verdicts, one after the other."""
        return " ".join(v["sentence"] for v in self.verdicts)
