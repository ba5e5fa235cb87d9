"""When the warm-up is over, when a measurement may stop, and the sentence that says why it did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blocks.language import translatable
from blocks.latency.measure.experiment import Limits
from blocks.latency.measure.statistics import Interval, Summary, summarise

#: Reasons to stop, with the words that pages show.
REASONS = {
    "converged": translatable("the interval of the median is as narrow as asked for"),
    "stable_noise": translatable("more samples no longer narrow the interval: the noise is the machine's"),
    "time_cap": translatable("not converged: the time cap was reached first"),
    "sample_cap": translatable("not converged: the cap on samples was reached first"),
}


def stationary(times: list[float], window: int = 6) -> bool:
    """Whether the last ``window`` passes are no longer faster or slower than the ``window`` before them, beyond their noise."""
    if len(times) < 2 * window:
        return False
    before, last = np.array(times[-2 * window : -window]), np.array(times[-window:])
    spread = 1.4826 * max(float(np.median(np.abs(part - np.median(part)))) for part in (before, last))
    allowed = max(0.02 * float(np.median(last)), 2 * spread / window**0.5)
    return abs(float(np.median(last) - np.median(before))) <= allowed


@dataclass(slots=True)
class Inspection:
    """What was known when ``n`` samples had been taken."""

    n: int
    summary: Summary
    half_width: float


class StoppingRule:
    """Looks at the samples at numbers that grow by a quarter, and decides.

    An interval that is inspected often and taken at its narrowest covers less than it says. So inspections are rare, and it must be as narrow
    as asked for at two inspections in a row: on correlated noise that takes the coverage of what is reported from 0.90 to 0.95.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.next_inspection = limits.min_samples
        self.inspections: list[Inspection] = []

    def due(self, n: int, seconds: float) -> bool:
        """Whether it is time to inspect: enough new samples, or a cap."""
        return n >= self.next_inspection or n >= self.limits.max_samples or seconds >= self.limits.max_seconds

    def decide(self, samples: list[float], seconds: float) -> str | None:
        """The reason to stop now (a key of :data:`REASONS`), or None to go on."""
        n, limits = len(samples), self.limits
        summary = summarise(samples)
        half = _half(summary.interval, summary.median)
        self.inspections.append(Inspection(n, summary, half))
        self.next_inspection = max(n + 5, n * 5 // 4)
        enough = n >= limits.min_samples and seconds >= limits.min_seconds
        before = self.inspections[-2].half_width if len(self.inspections) > 1 else float("inf")
        if enough and half <= limits.target and before <= limits.target:
            return "converged"
        if n >= limits.max_samples:
            return "sample_cap"
        if seconds >= limits.max_seconds:
            return "time_cap"
        if enough and n >= 200 and self._stuck(n, half):
            return "stable_noise"
        return None

    def _stuck(self, n: int, half: float) -> bool:
        """A four times longer series should have half the width; less than a tenth narrower means that n does not help."""
        earlier = [one for one in self.inspections if one.n <= n // 4 and one.half_width < float("inf")]
        return bool(earlier) and half > 0.9 * earlier[-1].half_width


def _half(interval: Interval | None, median: float) -> float:
    return float("inf") if interval is None else interval.relative(median)


def percent(share: float) -> str:
    """0.0213 as "2.1 %", 2.13 as "213 %"."""
    return f"{100 * share:.2g} %" if abs(share) < 0.995 else f"{100 * share:.0f} %"


def stopping_sentence(reason: str, half_width: float | None, target: float) -> str:
    """Why it stopped, with the numbers."""
    reached = translatable("no interval yet") if half_width is None else f"±{percent(half_width)}"
    words, asked = REASONS[reason], percent(target)
    if words.startswith("not"):
        return translatable(f"{words.capitalize()} ({reached}, asked for ±{asked}).")
    return translatable(f"Stopped because {words} ({reached}, asked for ±{asked}).")
