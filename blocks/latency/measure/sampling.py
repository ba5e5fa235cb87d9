"""Measuring: warm up, sample, stop, and say what was found. Runs in the measuring process; knows devices by their interface only."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from blocks.latency.measure.devices import Device
from blocks.latency.measure.environment import Watch, machine, versions
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.statistics import Interval, Summary, drift, summarise
from blocks.latency.measure.stopping import Stopper, sentence, stationary
from blocks.latency.measure.workload import Subject, conditions_set, shapes_of

Report = Callable[[dict[str, Any]], None]


class Cancelled(Exception):
    """The person stopped the job."""


class Run:
    """What a measurement needs from the process around it: where to report, and whether it was cancelled.

    Reports are passed on ten times a second at most, so that reporting does not disturb what is measured.
    """

    def __init__(self, report: Report, cancelled: Callable[[], bool]) -> None:
        self._report = report
        self._cancelled = cancelled
        self._last = 0.0

    def check(self) -> None:
        """Raise :class:`Cancelled` if the job was cancelled."""
        if self._cancelled():
            raise Cancelled

    def say(self, **progress: Any) -> None:
        """Report, whatever the time since the last report."""
        self._last = time.monotonic()
        self._report(progress)

    def due(self) -> bool:
        """Whether a tenth of a second has passed since the last report."""
        return time.monotonic() - self._last >= 0.1


def one_sample(subject: Subject, device: Device, repeats: int) -> float:
    """Seconds a pass: of one pass, or the mean of ``repeats`` in a row where the quantity is amortised."""
    e = subject.experiment
    if e.cache == "cold":
        device.clear_cache()
    clock = device.device_time if e.clock == "device" else device.host_time
    if repeats == 1:
        return clock(subject.work)

    def row() -> None:
        for _ in range(repeats):
            subject.work()

    return clock(row) / repeats


class Quiet:
    """Whether passes were left alone by the rest of the system.

    A pass during which the system gave a processor to another program measures that program too. Such passes are thrown away and
    counted, as those at lowered clocks are on a GPU; where fewer than a tenth are left alone, throwing away helps nobody and ends.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self.taken = self.disturbed = 0
        self.thrown = 0  # at lowered clocks
        self.given_up = False  # disturbed passes are in the figure, since there was hardly anything else

    def take(self, work: Callable[[], float]) -> tuple[float, bool]:
        """What ``work`` returned, and whether it is to be kept."""
        before = self.device.interruptions()
        seconds = work()
        self.taken += 1
        if self.device.interruptions() == before:
            return seconds, True
        self.disturbed += 1
        return seconds, self.hopeless

    def throttled(self) -> bool:
        """Note a pass at lowered clocks; whether it is to be thrown away (not where nearly all are: that is then the card's speed)."""
        self.thrown += 1
        return not (self.taken >= 30 and self.thrown > 0.9 * self.taken)

    @property
    def hopeless(self) -> bool:
        """Whether nearly every pass is disturbed."""
        return self.taken >= 30 and self.disturbed > 0.9 * self.taken

    def remarks(self) -> list[str]:
        """What became of disturbed passes, in a sentence."""
        share = self.disturbed / max(1, self.taken)
        if share < 0.01:
            return []
        if self.given_up or self.hopeless:
            return [f"Other programs took the processor during {100 * share:.0f} % of the passes: they are in the figure."]
        return [f"{100 * share:.0f} % of the passes, during which other programs took the processor, were thrown away."]


def warm_up(subject: Subject, device: Device, run: Run, repeats: int) -> tuple[int, bool]:
    """Run until times are stationary or the cap on warm-up is reached; returns the number of passes and whether they settled."""
    times: list[float] = []
    begin = time.perf_counter()
    while time.perf_counter() - begin < subject.experiment.limits.warmup_seconds or len(times) < 3:
        run.check()
        times.append(one_sample(subject, device, repeats))
        if stationary(times):
            return len(times), True
        if run.due():
            run.say(phase="warm-up", n=len(times), elapsed=time.perf_counter() - begin)
    return len(times), stationary(times)


def repeats_for(subject: Subject, device: Device) -> int:
    """Passes in a row for one amortised sample: enough for 10 ms and 5 passes at least, 1000 at most; 1 where isolated."""
    if subject.experiment.quantity == "isolated":
        return 1
    once = min(device.host_time(subject.work) for _ in range(3))
    return int(min(1000, max(5, math.ceil(0.01 / max(once, 1e-7)))))


def sample(subject: Subject, device: Device, run: Run, repeats: int, watch: Watch, quiet: Quiet) -> tuple[list[float], str, int]:
    """Samples in seconds a pass, the reason to stop, and how many samples were thrown away because the clocks were lowered."""
    limits = subject.experiment.limits
    stopper = Stopper(limits)
    everything: list[float] = []  # with the disturbed ones, used only if hardly anything else comes
    samples: list[float] = []
    thrown = 0
    begin = time.perf_counter()
    while True:
        run.check()
        taken, kept = quiet.take(lambda: one_sample(subject, device, repeats))
        elapsed = time.perf_counter() - begin
        capped = elapsed >= limits.max_seconds
        if watch.look() and quiet.throttled() and not capped:
            thrown += 1
            continue
        if kept:
            samples.append(taken)
        if samples is not everything:
            everything.append(taken)
        if len(samples) < len(everything) and (quiet.hopeless or (capped and len(samples) < limits.min_samples)):
            samples = everything = everything[: limits.max_samples]  # one list from now on
            quiet.given_up = True
        if samples and stopper.due(len(samples), elapsed):
            reason = stopper.decide(samples, elapsed)
            if reason:
                return samples, reason, thrown
        if samples and run.due():
            run.say(**_progress(samples, elapsed, subject.experiment))


def _progress(samples: list[float], elapsed: float, experiment: Experiment) -> dict[str, Any]:
    found = summarise(samples[-1000:])
    share = min(1.0, max(elapsed / experiment.limits.max_seconds, len(samples) / experiment.limits.max_samples))
    return {
        "phase": "measuring", "n": len(samples), "elapsed": elapsed, "share": share, "median": found.median,
        "low": found.interval.low if found.interval else None, "high": found.interval.high if found.interval else None, "recent": samples[-200:],
    }  # fmt: skip


def measure(experiment: Experiment, device: Device, run: Run) -> dict[str, Any]:
    """The result of one experiment as plain JSON values (the fields of :class:`blocks.latency.measure.results.Measurement`)."""
    with conditions_set(experiment):
        run.say(phase="building", n=0)
        subject = Subject(experiment, device)
        run.check()
        repeats = repeats_for(subject, device)
        warmed, settled = warm_up(subject, device, run, repeats)
        watch = Watch(device)
        quiet = Quiet(device)
        samples, reason, thrown = sample(subject, device, run, repeats, watch, quiet)
        joules = watch.joules() if experiment.cache == "hot" else None
        passes = quiet.taken * repeats
        return result_of(experiment, subject, samples, reason) | {
            "warmup": warmed, "settled": settled, "repeats": repeats, "thrown": thrown, "disturbed": quiet.disturbed,
            "joules_per_image": None if joules is None else joules / passes / subject.images,
            "conditions": watch.report() | {"threads": _threads(), "device_name": device.name()},
            "remarks": _remarks(samples, settled, thrown, watch, quiet), "machine": machine(), "versions": versions(),
        }  # fmt: skip


def result_of(experiment: Experiment, subject: Subject, samples: list[float], reason: str) -> dict[str, Any]:
    """Figures of a series of samples, and the sentence that says why it ended."""
    found = summarise(samples)
    half = found.interval.relative(found.median) if found.interval else None
    return {
        "experiment": experiment.to_dict(), "input_shapes": [list(s) for s in shapes_of(experiment)], "images": subject.images,
        **_figures(found), "reason": reason, "converged": reason == "converged", "why": sentence(reason, half, experiment.limits.target),
        "samples": samples, "finished_at": time.time(),
    }  # fmt: skip


def _figures(found: Summary) -> dict[str, Any]:
    def tail(pair: tuple[float, Interval] | None) -> list[float] | None:
        return None if pair is None else [pair[0], pair[1].low, pair[1].high]

    plain = asdict(found)
    interval = plain.pop("interval")
    return plain | {"low": interval and interval["low"], "high": interval and interval["high"], "p90": tail(found.p90), "p99": tail(found.p99)}


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _remarks(samples: list[float], settled: bool, thrown: int, watch: Watch, quiet: Quiet) -> list[str]:
    said = [] if settled else ["The warm-up ended at its time cap before the times had settled."]
    change = drift(samples)
    if change:
        said.append(f"Drift: the time {'rose' if change > 0 else 'fell'} by {100 * abs(change):.1f} % while it was measured.")
    if thrown:
        said.append(f"{thrown} samples were thrown away because the clocks were lowered.")
    return said + quiet.remarks() + watch.remarks()
