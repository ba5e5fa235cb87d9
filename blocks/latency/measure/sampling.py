"""Measuring: warm up, sample, stop, and say what was found. Runs in the measuring process; knows devices by their interface only."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict

from blocks.language import translatable
from blocks.latency.measure.devices import Device
from blocks.latency.measure.environment import MachineMonitor, library_versions, machine_info
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.statistics import Interval, Summary, drift, summarise
from blocks.latency.measure.stopping import StoppingRule, stationary, stopping_sentence
from blocks.latency.measure.workload import Workload, conditions_set, shapes_of
from blocks.workers.control import JobControl


def one_sample(workload: Workload, device: Device, repeats: int) -> float:
    """Seconds a pass: of one pass, or the mean of ``repeats`` in a row where the quantity is amortised."""
    e = workload.experiment
    if e.cache == "cold":
        device.clear_cache()
    clock = device.device_time if e.clock == "device" else device.host_time
    if repeats == 1:
        return clock(workload.work)

    def row() -> None:
        for _ in range(repeats):
            workload.work()

    return clock(row) / repeats


class DisturbanceFilter:
    """Whether passes were left alone by the rest of the system.

    A pass during which the system gave a processor to another program measures that program too. Such passes are discarded and
    counted, as those at lowered clocks are on a GPU; where fewer than a tenth are left alone, throwing away helps nobody and ends.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self.taken = self.disturbed = 0
        self.discarded = 0  # at lowered clocks
        self.given_up = False  # disturbed passes are in the figure, since there was hardly anything else

    def take(self, work: Callable[[], float]) -> tuple[float, bool]:
        """What ``work`` returned, and whether it is to be kept."""
        before = self.device.interruptions()
        seconds = work()
        self.taken += 1
        if self.device.interruptions() == before:
            return seconds, True
        self.disturbed += 1
        return seconds, self.always_disturbed

    def throttled(self) -> bool:
        """Note a pass at lowered clocks; whether it is to be discarded (not where nearly all are: that is then the card's speed)."""
        self.discarded += 1
        return not (self.taken >= 30 and self.discarded > 0.9 * self.taken)

    @property
    def always_disturbed(self) -> bool:
        """Whether nearly every pass is disturbed."""
        return self.taken >= 30 and self.disturbed > 0.9 * self.taken

    def remarks(self) -> list[str]:
        """What became of disturbed passes, in a sentence."""
        share = self.disturbed / max(1, self.taken)
        if share < 0.01:
            return []
        if self.given_up or self.always_disturbed:
            return [translatable(f"Other programs took the processor during {100 * share:.0f} % of the passes: they are in the figure.")]
        return [translatable(f"{100 * share:.0f} % of the passes, during which other programs took the processor, were discarded.")]


def warm_up(workload: Workload, device: Device, control: JobControl, repeats: int) -> tuple[int, bool]:
    """Run until times are stationary or the cap on warm-up is reached; returns the number of passes and whether they settled."""
    times: list[float] = []
    begin = time.perf_counter()
    while time.perf_counter() - begin < workload.experiment.limits.warmup_seconds or len(times) < 3:
        control.check()
        times.append(one_sample(workload, device, repeats))
        if stationary(times):
            return len(times), True
        if control.due():
            control.report(phase="warm-up", n=len(times), elapsed=time.perf_counter() - begin)
    return len(times), stationary(times)


def repeats_for(workload: Workload, device: Device) -> int:
    """Passes in a row for one amortised sample: enough for 10 ms and 5 passes at least, 1000 at most; 1 where isolated."""
    if workload.experiment.quantity == "isolated":
        return 1
    once = min(device.host_time(workload.work) for _ in range(3))
    return int(min(1000, max(5, math.ceil(0.01 / max(once, 1e-7)))))


def take_samples(
    workload: Workload, device: Device, control: JobControl, repeats: int, monitor: MachineMonitor, disturbances: DisturbanceFilter
) -> tuple[list[float], str, int]:
    """Samples in seconds a pass, the reason to stop, and how many samples were discarded because the clocks were lowered."""
    limits = workload.experiment.limits
    stopper = StoppingRule(limits)
    everything: list[float] = []  # with the disturbed ones, used only if hardly anything else comes
    samples: list[float] = []
    discarded = 0
    begin = time.perf_counter()
    while True:
        control.check()
        taken, kept = disturbances.take(lambda: one_sample(workload, device, repeats))
        elapsed = time.perf_counter() - begin
        capped = elapsed >= limits.max_seconds
        if monitor.read() and disturbances.throttled() and not capped:
            discarded += 1
            continue
        if kept:
            samples.append(taken)
        if samples is not everything:
            everything.append(taken)
        if len(samples) < len(everything) and (disturbances.always_disturbed or (capped and len(samples) < limits.min_samples)):
            samples = everything = everything[: limits.max_samples]  # one list from now on
            disturbances.given_up = True
        if samples and stopper.due(len(samples), elapsed):
            reason = stopper.decide(samples, elapsed)
            if reason:
                return samples, reason, discarded
        if samples and control.due():
            control.report(**_progress(samples, elapsed, workload.experiment))


def _progress(samples: list[float], elapsed: float, experiment: Experiment) -> dict[str, object]:
    found = summarise(samples[-1000:])
    share = min(1.0, max(elapsed / experiment.limits.max_seconds, len(samples) / experiment.limits.max_samples))
    return {
        "phase": "measuring", "n": len(samples), "elapsed": elapsed, "share": share, "median": found.median,
        "low": found.interval.low if found.interval else None, "high": found.interval.high if found.interval else None, "recent": samples[-200:],
    }  # fmt: skip


def run_measurement(experiment: Experiment, device: Device, control: JobControl) -> dict[str, object]:
    """The result of one experiment as plain JSON values (the fields of :class:`blocks.latency.measure.results.Measurement`)."""
    with conditions_set(experiment):
        control.report(phase="building", n=0)
        workload = Workload(experiment, device)
        control.check()
        repeats = repeats_for(workload, device)
        warmed, settled = warm_up(workload, device, control, repeats)
        monitor = MachineMonitor(device)
        disturbances = DisturbanceFilter(device)
        samples, reason, discarded = take_samples(workload, device, control, repeats, monitor, disturbances)
        joules = monitor.joules() if experiment.cache == "hot" else None
        passes = disturbances.taken * repeats
        return result_of(experiment, workload, samples, reason) | {
            "warmup": warmed, "settled": settled, "repeats": repeats, "discarded": discarded, "disturbed": disturbances.disturbed,
            "joules_per_image": None if joules is None else joules / passes / workload.images,
            "conditions": monitor.report() | {"threads": _threads(), "device_name": device.name()},
            "remarks": _remarks(samples, settled, discarded, monitor, disturbances), "machine": machine_info(), "versions": library_versions(),
        }  # fmt: skip


def result_of(experiment: Experiment, workload: Workload, samples: list[float], reason: str) -> dict[str, object]:
    """Figures of a series of samples, and the sentence that says why it ended."""
    found = summarise(samples)
    half = found.interval.relative(found.median) if found.interval else None
    return {
        "experiment": experiment.to_dict(), "input_shapes": [list(s) for s in shapes_of(experiment)], "images": workload.images,
        **_figures(found), "reason": reason, "converged": reason == "converged", "why": stopping_sentence(reason, half, experiment.limits.target),
        "samples": samples, "finished_at": time.time(),
    }  # fmt: skip


def _figures(found: Summary) -> dict[str, object]:
    def tail(pair: tuple[float, Interval] | None) -> list[float] | None:
        return None if pair is None else [pair[0], pair[1].low, pair[1].high]

    plain = asdict(found)
    interval = plain.pop("interval")
    return plain | {"low": interval and interval["low"], "high": interval and interval["high"], "p90": tail(found.p90), "p99": tail(found.p99)}


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _remarks(samples: list[float], settled: bool, discarded: int, monitor: MachineMonitor, disturbances: DisturbanceFilter) -> list[str]:
    said = [] if settled else [translatable("The warm-up ended at its time cap before the times had settled.")]
    change = drift(samples)
    if change:
        share = f"{100 * abs(change):.1f}"
        rose, fell = (
            translatable(f"Drift: the time rose by {share} % while it was measured."),
            translatable(f"Drift: the time fell by {share} % while it was measured."),
        )
        said.append(rose if change > 0 else fell)
    if discarded:
        said.append(translatable(f"{discarded} samples were discarded because the clocks were lowered."))
    return said + disturbances.remarks() + monitor.remarks()
