"""Interleaved comparison of networks: rounds of random order, in episodes with fresh places in memory."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import numpy as np

from blocks.language import translatable
from blocks.latency.measure.devices import Device
from blocks.latency.measure.environment import MachineMonitor, library_versions, machine_info
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.sampling import DisturbanceFilter, one_sample, repeats_for, result_of, warm_up
from blocks.latency.measure.verdict import INSPECTIONS, inspection_level, judge, rank_variants
from blocks.latency.measure.workload import Workload, conditions_set
from blocks.workers.control import JobControl

ROUNDS = 5  # interleaved rounds in one episode
TRIES = 6  # of one pass, until the rest of the system leaves it alone
LONG = 0.05  # seconds; a longer pass is seldom undisturbed on a busy system, so trying again does not help


class InterleavedComparison:
    """Episodes of some experiments on one device."""

    def __init__(self, experiments: list[Experiment], device: Device, control: JobControl) -> None:
        self.experiments, self.device, self.control = experiments, device, control
        self.disturbances = DisturbanceFilter(device)
        self.discarded = 0  # episodes at lowered clocks
        self.workloads: list[Workload] = []
        self.repeats: list[int] = []
        self.samples: list[list[float]] = [[] for _ in experiments]
        self.log_times: list[list[float]] = []  # one row per episode, one column per experiment
        self.log_ratios: list[list[float]] = []  # likewise: median over rounds of log(time / time of the first)

    def prepare(self) -> None:
        """Build and warm up every network."""
        for experiment in self.experiments:
            with conditions_set(experiment):
                self.control.report(phase="building", n=0)
                workload = Workload(experiment, self.device)
                self.workloads.append(workload)
                self.repeats.append(repeats_for(workload, self.device))
                warm_up(workload, self.device, self.control, self.repeats[-1])

    def _once(self, i: int) -> float:
        with conditions_set(self.experiments[i]):
            return one_sample(self.workloads[i], self.device, self.repeats[i])

    def _undisturbed(self, i: int) -> float:
        """One pass during which nobody else had the processor; after :data:`TRIES` the fastest there was. All variants get as many tries."""
        tries = []
        for _ in range(1 if self.disturbances.always_disturbed else TRIES):
            self.control.check()
            seconds, kept = self.disturbances.take(lambda: self._once(i))
            if kept:
                return seconds
            tries.append(seconds)
            if seconds > LONG:
                break
        return min(tries)

    def episode(self) -> None:
        """Fresh places, one pass each to settle, then the rounds."""
        order = list(range(len(self.workloads)))
        random.shuffle(order)
        for i in order:
            self.workloads[i].replace_in_memory()
        for i in order:
            self._once(i)
        rounds = []
        for _ in range(ROUNDS):
            random.shuffle(order)
            taken = [0.0] * len(order)
            for i in order:
                taken[i] = self._undisturbed(i)
                self.samples[i].append(taken[i])
            rounds.append([math.log(t) for t in taken])
        logs = np.array(rounds)
        self.log_times.append(np.median(logs, axis=0).tolist())
        self.log_ratios.append(np.median(logs - logs[:, :1], axis=0).tolist())

    def forget_episode(self) -> None:
        """Discard the last episode: the clocks were lowered."""
        self.discarded += 1
        self.log_times.pop()
        self.log_ratios.pop()
        for samples in self.samples:
            del samples[-ROUNDS:]

    def ratios(self, i: int) -> list[float]:
        """Log ratios of experiment ``i`` to the first, one an episode."""
        return [row[i] for row in self.log_ratios]

    def remarks(self) -> list[str]:
        """What was discarded, in sentences."""
        n = self.discarded
        many, one = (
            translatable(f"{n} episodes were discarded because the clocks were lowered."),
            translatable("1 episode was discarded because the clocks were lowered."),
        )
        return ([many if n > 1 else one] if n else []) + self.disturbances.remarks()

    def level(self, inspection: int) -> float:
        """Level of each interval against the first: the inspection's, shared among the variants."""
        return 1 - (1 - inspection_level(inspection)) / max(1, len(self.experiments) - 1)


def run_comparison(experiments: list[Experiment], device: Device, control: JobControl) -> dict[str, Any]:
    """Verdicts of each experiment against the first, and the ranking, as plain JSON values."""
    limits = experiments[0].limits
    comparison = InterleavedComparison(experiments, device, control)
    comparison.prepare()
    monitor, begin = MachineMonitor(device), time.perf_counter()
    inspection = 0
    while True:
        comparison.episode()
        if monitor.read() and comparison.disturbances.throttled() and time.perf_counter() - begin < limits.max_seconds:
            comparison.forget_episode()
            continue
        seconds, n = time.perf_counter() - begin, len(comparison.log_ratios)
        capped = seconds >= limits.max_seconds or n >= INSPECTIONS[-1]
        verdicts = [judge(comparison.ratios(i), limits.margin, comparison.level(inspection), _names(experiments, i)) for i in range(1, len(experiments))]
        if n >= INSPECTIONS[inspection] or capped:
            if capped or all(v.decided for v in verdicts):
                break
            inspection += 1
        if control.due():
            control.report(phase="comparing", n=n, elapsed=seconds, share=min(1.0, seconds / limits.max_seconds), verdicts=[_plain(v) for v in verdicts])
    reason = "converged" if all(v.decided for v in verdicts) else "time_cap"
    level = inspection_level(inspection)
    places = rank_variants([e.title for e in experiments], np.array(comparison.log_times), limits.margin, level)
    return {
        "experiments": [e.to_dict() for e in experiments], "verdicts": [_plain(v) for v in verdicts], "converged": reason == "converged",
        "ranking": [{"rank": p.rank, "name": p.name, "index": p.index, "relative": p.relative, "ties": list(p.ties)} for p in places],
        "episodes": len(comparison.log_ratios), "rounds": len(comparison.log_ratios) * ROUNDS, "inspections": inspection + 1, "level": level, "seconds": seconds,
        "log_ratios": comparison.log_ratios, "each": [result_of(e, s, x, reason) for e, s, x in zip(experiments, comparison.workloads, comparison.samples, strict=True)],
        "conditions": monitor.report() | {"device_name": device.name()}, "discarded": comparison.discarded, "remarks": comparison.remarks() + monitor.remarks(), "machine": machine_info(), "versions": library_versions(), "finished_at": time.time(),
    }  # fmt: skip


def _names(experiments: list[Experiment], i: int) -> tuple[str, str]:
    first, other = experiments[0].title, experiments[i].title
    return (first, other) if first != other else ("A", "B")


def _plain(verdict: Any) -> dict[str, object]:
    interval = verdict.interval
    return {
        "kind": verdict.kind, "ratio": verdict.ratio, "low": interval and interval.low, "high": interval and interval.high,
        "level": interval and interval.level, "episodes": verdict.episodes, "more": verdict.more, "sentence": verdict.sentence,
    }  # fmt: skip
