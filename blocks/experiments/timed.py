"""What the experiments about time share: catalog networks, counted in their trace and timed interleaved by the latency lab."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks import analyse
from blocks.analysis import Analysis
from blocks.experiments.base import RunProgress, Stopped
from blocks.language import SpokenError
from blocks.latency import lab
from blocks.latency.measure.results import Comparison


class NotMeasured(SpokenError, RuntimeError):
    """The latency lab could not time the networks; the message says why."""


@dataclass(frozen=True)
class TimedNetwork:
    """A network of the catalog under a short name; ``shape`` is its input, batch first."""

    label: str
    network: str
    shape: tuple[int, ...]
    knobs: Mapping[str, Any] = field(default_factory=dict)

    def analysis(self) -> Analysis:
        """Its counts."""
        return analyse(self.network, self.shape, **self.knobs)


@dataclass(frozen=True)
class Timed:
    """A network's counts and its time: ``median`` with its 95 % interval in seconds, ``ratio`` of its time to the first one's.

    ``ratio`` is (value, low, high), None for the first, without low and high where too little was measured for an interval; ``field`` is the receptive field in pixels, None where it is the whole.
    """

    label: str
    params: int
    macs: int
    flops: int
    bytes: int
    field: int | None
    median: float
    low: float | None
    high: float | None
    ratio: tuple[float, float | None, float | None] | None

    @property
    def times(self) -> float:
        """Its time over the first one's."""
        return 1.0 if self.ratio is None else self.ratio[0]

    @property
    def times_text(self) -> str:
        """:attr:`times` with its interval, such as "0.42 (0.32–0.68)"; alone where too little was measured for one."""
        if self.ratio is None or self.ratio[1] is None or self.ratio[2] is None:
            return f"{self.times:.2f}"
        return f"{self.times:.2f} ({self.ratio[1]:.2f}–{self.ratio[2]:.2f})"

    @property
    def slower(self) -> bool:
        """Whether the interval says that it takes longer than the first."""
        return self.ratio is not None and self.ratio[1] is not None and self.ratio[1] > 1


def time_networks(watch: RunProgress, subjects: Sequence[TimedNetwork], *, seconds: float = 4.0, share: tuple[float, float] = (0.0, 1.0)) -> list[Timed]:
    """Count and time ``subjects`` in turn for about ``seconds``, ticking from ``share``'s first to its second number.

    Where a busy device gave too few rounds for an interval, they are timed once more for twice as long. Raises :class:`NotMeasured` where the device could not run one, :class:`Stopped` if the user pressed stop.
    """
    analyses = [s.analysis() for s in subjects]
    result = _compared(watch, subjects, seconds, share)
    if any(v["low"] is None for v in result.verdicts):
        result = _compared(watch, subjects, 2 * seconds, (share[1], share[1]))
    ratios = [None, *((v["ratio"], v["low"], v["high"]) for v in result.verdicts)]
    return [
        Timed(s.label, a.params, a.macs, a.flops, a.bytes_moved, _field(a), m.median, m.low, m.high, r)
        for s, a, m, r in zip(subjects, analyses, result.each, ratios, strict=True)
    ]


def _compared(watch: RunProgress, subjects: Sequence[TimedNetwork], seconds: float, share: tuple[float, float]) -> Comparison:
    device = next((d.device for d in lab.devices() if d.device != "cpu"), "cpu")
    limits = lab.Limits(max_seconds=seconds, warmup_seconds=0.5)
    job = lab.compare([lab.Experiment(s.network, tuple(s.knobs.items()), s.shape, device, limits=limits) for s in subjects], session="lectures")
    try:
        while not (status := lab.status(job)).over:
            watch.tick(share[0] + (share[1] - share[0]) * min(1.0, status.share))
            time.sleep(0.1)
    except Stopped:
        lab.cancel(job)
        raise
    result = lab.result(job)
    if not isinstance(result, Comparison):
        raise NotMeasured(status.message or status.state)
    return result


def _field(analysis: Analysis) -> int | None:
    last = max(analysis.receptive_fields, default=None)
    if last is None:
        return None
    axes = analysis.receptive_fields[last]
    return None if any(axis.whole for axis in axes) else int(axes[0].size)
