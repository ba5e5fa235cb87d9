"""A thousand variants of MobileNet v2 (width, expansion, kernel, SE ratio, resolution), counted three ways in one run.

``pool`` is what the Design space page does (warm processes), ``here`` the same count in one process without kept structures,
``FlopCounterMode`` torch's own counter on meta tensors, one network at a time, on a sample whose MACs must agree exactly.
Aim: the thousand in less than 20 s on two cores.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence

import torch
from torch.utils.flop_counter import FlopCounterMode

from blocks import catalog
from blocks.space import count as structures
from blocks.space import counting
from blocks.space.count import NetworkVariant, Setup
from blocks.space.structure import COUNTED_FIGURES
from scripts.rounds import quartiles_text, ratio

NAME = "mobilenet_v2"
_AIM = 20.0


def _drawn(n: int, seed: int) -> list[NetworkVariant]:
    """``n`` variants, each knob drawn from a grid."""
    r = random.Random(seed)
    return [
        NetworkVariant(
            {
                "width_mult": r.choice([i / 20 for i in range(5, 41)]),
                "expansion": r.choice([i / 4 for i in range(4, 41)]),
                "kernel_size": r.choice([3, 5, 7]),
                "se_ratio": r.choice([0, 4, 8, 16]),
            },
            r.choice(range(96, 321, 32)),
        )
        for _ in range(n)
    ]


def by_torch(variant: NetworkVariant) -> int:
    """MACs of one variant by torch's own counter."""
    with torch.device("meta"):
        net = catalog.build(NAME, **variant.knobs).eval()
    side = variant.side or 224
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.empty(1, 3, side, side, device="meta"))
    total: int = counter.get_total_flops()
    return total // 2


def in_pool(variants: Sequence[NetworkVariant]) -> float:
    """Seconds that the warm processes take; RuntimeError if a variant was not counted."""
    start = time.perf_counter()
    job = counting.count_in_background(Setup(NAME), variants)
    job.wait()
    if job.state != "done" or job.errors:
        raise RuntimeError(f"{job.state}: {job.error or job.errors}")
    return time.perf_counter() - start


def _here(variants: Sequence[NetworkVariant]) -> float:
    """Seconds in this process, from nothing."""
    structures.drop_structures()
    start = time.perf_counter()
    structures.count_variants(Setup(NAME), variants)
    return time.perf_counter() - start


def _sampled(variants: Sequence[NetworkVariant], n: int) -> float:
    """Seconds a variant that torch takes, on every so manieth one; RuntimeError if a count differs."""
    chosen = list(variants)[:: max(1, len(variants) // n)][:n]
    ours = structures.count_variants(Setup(NAME), chosen).figures[:, COUNTED_FIGURES.index("macs")]
    start = time.perf_counter()
    theirs = [by_torch(v) for v in chosen]
    taken = time.perf_counter() - start
    if list(ours) != theirs:
        raise RuntimeError("the counts differ, so the times would mean nothing")
    return taken / len(chosen)


def main() -> None:
    """Print the times and their ratios, round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=1000)
    parser.add_argument("--sample", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    in_pool(_drawn(4, 0))  # the processes start and import
    times: dict[str, list[float]] = {"pool": [], "here": [], "FlopCounterMode": []}
    for seed in range(given.rounds):
        variants = _drawn(given.variants, seed + 1)
        counting.stop_counting()
        in_pool(_drawn(4, 0))
        times["pool"].append(in_pool(variants))
        times["here"].append(_here(variants))
        times["FlopCounterMode"].append(_sampled(variants, given.sample) * given.variants)
    print(
        f"{given.variants} variants of {NAME}, {given.rounds} rounds, {counting.counting_processes()} processes; torch {torch.__version__}; aim below {_AIM:g} s"
    )
    for name, taken in times.items():
        print(f"{name:16} {min(taken):8.2f} to {max(taken):.2f} s" + ("  (from a sample)" if name == "FlopCounterMode" else ""))
    for name in ("pool", "here"):
        print(f"FlopCounterMode / {name:6} {quartiles_text(ratio(times['FlopCounterMode'], times[name]))}")
    counting.stop_counting()


if __name__ == "__main__":
    main()
