"""Comparing networks: interleaved in rounds of random order, in episodes with fresh places in memory."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import numpy as np

from blocks.latency.measure.devices import Device
from blocks.latency.measure.environment import Watch, machine, versions
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.sampling import Quiet, Run, one_sample, repeats_for, result_of, warm_up
from blocks.latency.measure.verdict import LOOKS, judge, look_level, ranking
from blocks.latency.measure.workload import Subject, conditions_set

ROUNDS = 5  # interleaved rounds in one episode
TRIES = 6  # of one pass, until the rest of the system leaves it alone
LONG = 0.05  # seconds; a longer pass is seldom left alone on a busy system, so trying again helps nobody


class Duel:
    """Episodes of some experiments on one device."""

    def __init__(self, experiments: list[Experiment], device: Device, run: Run) -> None:
        self.experiments, self.device, self.run = experiments, device, run
        self.quiet = Quiet(device)
        self.thrown = 0  # episodes at lowered clocks
        self.subjects: list[Subject] = []
        self.repeats: list[int] = []
        self.samples: list[list[float]] = [[] for _ in experiments]
        self.log_times: list[list[float]] = []  # a row an episode, a column an experiment
        self.log_ratios: list[list[float]] = []  # likewise: median over rounds of log(time / time of the first)

    def prepare(self) -> None:
        """Build and warm up every network."""
        for experiment in self.experiments:
            with conditions_set(experiment):
                self.run.say(phase="building", n=0)
                subject = Subject(experiment, self.device)
                self.subjects.append(subject)
                self.repeats.append(repeats_for(subject, self.device))
                warm_up(subject, self.device, self.run, self.repeats[-1])

    def _once(self, i: int) -> float:
        with conditions_set(self.experiments[i]):
            return one_sample(self.subjects[i], self.device, self.repeats[i])

    def _undisturbed(self, i: int) -> float:
        """One pass during which nobody else had the processor; after :data:`TRIES` the fastest there was. All variants get as many tries."""
        tries = []
        for _ in range(1 if self.quiet.hopeless else TRIES):
            self.run.check()
            seconds, kept = self.quiet.take(lambda: self._once(i))
            if kept:
                return seconds
            tries.append(seconds)
            if seconds > LONG:
                break
        return min(tries)

    def episode(self) -> None:
        """Fresh places, one pass each to settle, then the rounds."""
        order = list(range(len(self.subjects)))
        random.shuffle(order)
        for i in order:
            self.subjects[i].replace_in_memory()
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
        """Take the last episode out: the clocks were lowered."""
        self.thrown += 1
        self.log_times.pop()
        self.log_ratios.pop()
        for samples in self.samples:
            del samples[-ROUNDS:]

    def ratios(self, i: int) -> list[float]:
        """Log ratios of experiment ``i`` to the first, one an episode."""
        return [row[i] for row in self.log_ratios]

    def remarks(self) -> list[str]:
        """What was thrown away, in sentences."""
        lowered = [f"{self.thrown} episode{'s were' if self.thrown > 1 else ' was'} thrown away because the clocks were lowered."] if self.thrown else []
        return lowered + self.quiet.remarks()

    def level(self, look: int) -> float:
        """Level of each interval with the first: the look's, shared among the variants."""
        return 1 - (1 - look_level(look)) / max(1, len(self.experiments) - 1)


def compare(experiments: list[Experiment], device: Device, run: Run) -> dict[str, Any]:
    """Verdicts of each experiment against the first, and the ranking, as plain JSON values."""
    limits = experiments[0].limits
    duel = Duel(experiments, device, run)
    duel.prepare()
    watch, begin = Watch(device), time.perf_counter()
    look = 0
    while True:
        duel.episode()
        if watch.look() and duel.quiet.throttled() and time.perf_counter() - begin < limits.max_seconds:
            duel.forget_episode()
            continue
        seconds, n = time.perf_counter() - begin, len(duel.log_ratios)
        capped = seconds >= limits.max_seconds or n >= LOOKS[-1]
        verdicts = [judge(duel.ratios(i), limits.margin, duel.level(look), _names(experiments, i)) for i in range(1, len(experiments))]
        if n >= LOOKS[look] or capped:
            if capped or all(v.decided for v in verdicts):
                break
            look += 1
        if run.due():
            run.say(phase="comparing", n=n, elapsed=seconds, share=min(1.0, seconds / limits.max_seconds), verdicts=[_plain(v) for v in verdicts])
    reason = "converged" if all(v.decided for v in verdicts) else "time_cap"
    level = look_level(look)
    places = ranking([e.title for e in experiments], np.array(duel.log_times), limits.margin, level)
    return {
        "experiments": [e.to_dict() for e in experiments], "verdicts": [_plain(v) for v in verdicts], "converged": reason == "converged",
        "ranking": [{"rank": p.rank, "name": p.name, "index": p.index, "relative": p.relative, "ties": list(p.ties)} for p in places],
        "episodes": len(duel.log_ratios), "rounds": len(duel.log_ratios) * ROUNDS, "looks": look + 1, "level": level, "seconds": seconds,
        "log_ratios": duel.log_ratios, "each": [result_of(e, s, x, reason) for e, s, x in zip(experiments, duel.subjects, duel.samples, strict=True)],
        "conditions": watch.report() | {"device_name": device.name()}, "thrown": duel.thrown, "remarks": duel.remarks() + watch.remarks(), "machine": machine(), "versions": versions(), "finished_at": time.time(),
    }  # fmt: skip


def _names(experiments: list[Experiment], i: int) -> tuple[str, str]:
    first, other = experiments[0].title, experiments[i].title
    return (first, other) if first != other else ("A", "B")


def _plain(verdict: Any) -> dict[str, Any]:
    interval = verdict.interval
    return {
        "kind": verdict.kind, "ratio": verdict.ratio, "low": interval and interval.low, "high": interval and interval.high,
        "level": interval and interval.level, "episodes": verdict.episodes, "more": verdict.more, "sentence": verdict.sentence,
    }  # fmt: skip
