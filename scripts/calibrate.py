"""Whether the latency lab's verdicts and intervals are right, tried on this machine: python -m scripts.calibrate

Four figures, each beside the same of torch.utils.benchmark read as it is usually read (medians of two timers side by side):
false verdicts over pairs of equal networks (A/A), differences found over pairs with a known one (a network with 105 equal layers
against 100 of them), coverage of the 95 % interval of the median on correlated noise whose median is known, for a given number of
samples and when the series itself decides when to stop. Ours and torch's get the same seconds, in turn, pair by pair.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch.utils.benchmark import Measurement, TaskSpec, Timer

from blocks.latency.measure.devices import Device, open_device
from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.measure.interleaved import run_comparison
from blocks.latency.measure.statistics import median_interval
from blocks.latency.measure.stopping import StoppingRule
from blocks.latency.measure.workload import Workload, conditions_set
from blocks.workers.control import JobControl

LAYERS = 100
EXTRA = 5  # layers more: 5 % of the work of A
MARGIN = 0.02
CALIBRATION_NETWORK = f"{Path(__file__).with_name('calibration_network.py')}:Stack"


@dataclass
class Tally:
    """Counts of one kind of pair. ``ours`` and ``theirs``: verdicts that a difference exists, by direction; ``seconds``: of ours."""

    ours: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    covered: int = 0

    def share(self, found: list[str], kinds: tuple[str, ...]) -> float:
        """Share of the pairs that got one of these verdicts."""
        return sum(kind in kinds for kind in found) / max(1, len(found))


def _experiment(layers: int, arguments: argparse.Namespace) -> Experiment:
    """A stack of equal layers, small enough for thousands of passes."""
    limits = Limits(max_seconds=arguments.cap, margin=MARGIN, warmup_seconds=0.3)
    return Experiment(CALIBRATION_NETWORK, (("layers", layers),), (16, 64), arguments.device, threads=1, limits=limits)


def ours(a: Experiment, b: Experiment, device: Device) -> tuple[str, float, bool, float]:
    """Verdict, ratio, whether the interval holds the true ratio of the work, and the seconds that it took."""
    truth = dict(b.knobs)["layers"] / dict(a.knobs)["layers"]
    begin = time.perf_counter()
    verdict = run_comparison([a, b], device, JobControl(lambda _: None, lambda: False))["verdicts"][0]
    covered = verdict["low"] is not None and verdict["low"] <= truth <= verdict["high"]
    return verdict["kind"], verdict["ratio"], covered, time.perf_counter() - begin


def theirs(a: Experiment, b: Experiment, device: Device, seconds: float) -> str:
    """torch.utils.benchmark, read naively: A's median, then B's; more than the margin apart is a difference."""
    medians = []
    for one in (a, b):
        with conditions_set(one):
            subject = Workload(one, device)
            timer = Timer("work()", globals={"work": subject.work}, num_threads=1)
            medians.append(timer.blocked_autorange(min_run_time=max(0.05, seconds / 2)).median)
    ratio = medians[1] / medians[0]
    return "faster" if ratio > 1 + MARGIN else "slower" if ratio < 1 / (1 + MARGIN) else "same"


def _pairs(name: str, layers: tuple[int, int], count: int, device: Device, arguments: argparse.Namespace) -> Tally:
    """``count`` pairs of a kind; which side has more work is drawn each time, and turned back before counting."""
    tally = Tally()
    turned = {"faster": "slower", "slower": "faster"}
    for number in range(count):
        swap = layers[0] != layers[1] and random.random() < 0.5
        a, b = (_experiment(n, arguments) for n in (reversed(layers) if swap else layers))
        kind, ratio, covered, seconds = ours(a, b, device)
        naive = theirs(a, b, device, seconds)
        tally.ours.append(turned.get(kind, kind) if swap else kind)
        tally.theirs.append(turned.get(naive, naive) if swap else naive)
        tally.ratios.append(1 / ratio if swap else ratio)
        tally.seconds.append(seconds)
        tally.covered += covered
        print(f"\r{name}: {number + 1} of {count}", end="", flush=True)
    print("\r" + " " * 60, end="\r")
    return tally


# --- Intervals on noise whose median is known ----------------------------------------------------------------


def noise(series: int, n: int, rho: float, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Series of ``n`` with median 1: the exponential of a first-order process with lag-1 correlation ``rho``, and a slow tail of hiccups
    above, which every machine has (they lie above the median, so each is given back by one below)."""
    now, made = rng.standard_normal(series), np.empty((n + 300, series))
    for i in range(n + 300):
        now = rho * now + math.sqrt(1 - rho**2) * rng.standard_normal(series)
        made[i] = now
    for z in made[300:].T:
        x = np.exp(0.05 * z)
        yield np.where(z > 1.6, x * 3, x)


def naive_interval(x: np.ndarray) -> tuple[float, float]:
    """From torch's own Measurement: median ± 1.57 IQR / sqrt(n), the notch of a box plot, which takes samples as independent."""
    found = Measurement(1, x.tolist(), TaskSpec("work()", ""))
    half = 1.57 * found.iqr / math.sqrt(len(x))
    return found.median - half, found.median + half


def coverage(series: int, rng: np.random.Generator) -> Iterator[tuple[str, float, float, int]]:
    """(what, share of ours, share of the naive, how many of ours had an interval) for given numbers of samples."""
    for rho in (0.0, 0.3, 0.6, 0.9):
        for n in (200, 1000):
            mine, naive = [], []
            for x in noise(series, n, rho, rng):
                interval = median_interval(x)
                if interval is not None:
                    mine.append(1.0 in interval)
                low, high = naive_interval(x)
                naive.append(low <= 1.0 <= high)
            yield f"correlation {rho:g}, n = {n}", float(np.mean(mine)), float(np.mean(naive)), len(mine)


def stopped_coverage(series: int, rng: np.random.Generator) -> Iterator[tuple[str, float, float, int]]:
    """The same where the series is stopped by its own interval, ours by our rule, the naive at the same n."""
    for rho in (0.0, 0.3, 0.6):
        mine, naive = [], []
        for x in noise(series, 5000, rho, rng):
            stopper = StoppingRule(Limits(target=0.01, min_seconds=0.0, max_seconds=1e9))
            n = next(n for n in range(1, len(x) + 1) if stopper.due(n, 0.0) and stopper.decide(x[:n].tolist(), 0.0))
            interval = median_interval(x[:n])
            if interval is not None:
                mine.append(1.0 in interval)
            low, high = naive_interval(x[:n])
            naive.append(low <= 1.0 <= high)
        yield f"correlation {rho:g}, stopped by itself", float(np.mean(mine)), float(np.mean(naive)), len(mine)


def line(what: str, ours_: str, theirs_: str, wanted: str = "") -> None:
    """One row of the report."""
    print(f"{what:<58}{ours_:>14}{theirs_:>18}   {wanted}")


def report_pairs(name: str, tally: Tally, kinds: tuple[str, ...], wanted: str) -> None:
    """Share of the pairs with these verdicts, and what our own took."""
    count = len(tally.ours)
    line(f"{name} ({count} pairs)", f"{100 * tally.share(tally.ours, kinds):.1f} %", f"{100 * tally.share(tally.theirs, kinds):.1f} %", wanted)
    undecided = tally.ours.count("undecided")
    print(
        f"    ours: {undecided} undecided at the cap; median {np.median(tally.seconds):.1f} s a pair; median ratio {np.median(tally.ratios):.3f};"
        f" the interval holds the ratio of the work in {tally.covered} of {count}"
    )


def main() -> None:
    """Print the report; exit code 1 where a figure misses what is asked of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=40, help="pairs of each kind (default 40)")
    parser.add_argument("--series", type=int, default=400, help="series of noise for each coverage (default 400)")
    parser.add_argument("--cap", type=float, default=12.0, help="seconds that one comparison may take (default 12)")
    parser.add_argument("--device", default="cpu", help="cpu, cuda:0 ...")
    parser.add_argument("--seed", type=int, default=0, help="of the synthetic noise and of the order of pairs")
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    device, rng = open_device(arguments.device), np.random.default_rng(arguments.seed)
    torch.set_num_threads(1)
    device.occupy()
    print(f"{device.name()}, torch {torch.__version__}, cap {arguments.cap:g} s, margin {100 * MARGIN:g} %\n")
    line("", "ours", "torch, naively", "asked for")
    equal = _pairs("A/A", (LAYERS, LAYERS), arguments.pairs, device, arguments)
    report_pairs("A/A: false verdicts of a difference", equal, ("faster", "slower"), "at most 5 %")
    known = _pairs("known", (LAYERS, LAYERS + EXTRA), arguments.pairs, device, arguments)
    report_pairs(f"{EXTRA} % more work: found", known, ("faster",), "at least 90 %")
    rows = [*coverage(arguments.series, rng), *stopped_coverage(arguments.series, rng)]
    for what, mine, naive, count in rows:
        line(f"coverage of 95 %: {what}", f"{100 * mine:.1f} %", f"{100 * naive:.1f} %", "" if count == arguments.series else f"({count} had one)")
    whole = float(np.average([r[1] for r in rows], weights=[r[3] for r in rows]))
    line("coverage of 95 %: all series", f"{100 * whole:.1f} %", f"{100 * float(np.mean([r[2] for r in rows])):.1f} %", "at least 93 %")
    good = equal.share(equal.ours, ("faster", "slower")) <= 0.05 and known.share(known.ours, ("faster",)) >= 0.9 and whole >= 0.93
    print("\nAll as asked for." if good else "\nNot all as asked for: see above. On a machine with other work, pairs stay undecided; a larger --cap helps.")
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
