"""Wide and shallow against thin and deep at about equal parameters: which one takes longer.

Source: arXiv 1605.07146 (Wide ResNet), section 3 and figure 4. Networks are the catalog's, on 32x32 pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

from blocks.experiments.base import ClaimVerdict, LiveExperiment, RunProgress
from blocks.experiments.timed import Timed, TimedNetwork, time_networks

SHAPE = (1, 3, 32, 32)
#: (depth, widen factor): about equal parameters, the widest first.
PAIRS = ((10, 4.0), (40, 1.5), (94, 0.9375))


@dataclass(frozen=True)
class Budget:
    """The widest network first, the deepest last; ``verdict``."""

    rows: list[Timed]
    verdict: ClaimVerdict


def width_depth_networks() -> list[TimedNetwork]:
    """Three networks of about one budget of parameters."""
    return [TimedNetwork(f"WRN-{depth}-{widen:g}", "wrn_16_8", SHAPE, {"depth": depth, "widen_factor": widen}) for depth, widen in PAIRS]


def run(watch: RunProgress, *, seed: int = 1) -> Budget:
    """Count and time the three; the seed of the weights changes neither counts nor times."""
    del seed
    rows = time_networks(watch, width_depth_networks(), seconds=10)
    deepest = rows[-1]
    spread = max(r.params for r in rows) / min(r.params for r in rows)
    numbers = {"spread": (spread - 1) * 100, "time": deepest.times_text, "deep": deepest.label, "wide": rows[0].label}
    return Budget(rows, ClaimVerdict(spread < 1.15 and deepest.slower, numbers))


EXPERIMENT = LiveExperiment(
    title="Wide or deep, at equal parameters",
    claim="Parameters within {spread:.0f} % of each other; {deep} takes {time} times as long as {wide}.",
    bound="confirmed if the interval lies above 1 and parameters differ by less than 15 %",
    run=run,
    seconds=12,
)
