"""Microbenchmarks: what the device at hand can do at most, and what share of that each group of operations reaches. A job of the lab.

Everything is the best of several times, as another program can only lengthen them: peak arithmetic that of square matrix products,
bandwidth that of adding arrays far larger than the caches, the overhead that of an operation on a tensor of a few bytes. Then
operations as networks have them are timed, each group's at several sizes: the sum of their roofs over the sum of their times is its
efficiency. Operations in a row find less in the caches than one operation again and again, so six whole networks are timed too: the
median of measured over estimated divides all efficiencies alike, and each network, estimated with what the other five say, gives
the error. The result is kept in the ledger, so that a machine is measured once.
"""

from __future__ import annotations

import functools
import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import torch
from torch import nn

from blocks import catalog
from blocks.analysis import analyse
from blocks.language import translatable
from blocks.latency.measure.devices import Device, default_threads
from blocks.latency.measure.environment import MachineMonitor, library_versions, machine_info
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.results import LabResult
from blocks.latency.measure.workload import conditions_set
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.machines import GROUPS, PEAK_DTYPES, Efficiency, Machine
from blocks.latency.roofline.work import OperationCost, operation_costs
from blocks.workers.control import JobControl

SECONDS = 0.3  # of timing, for each figure
LARGEST_PRODUCT = 8192  # side of the largest matrix product
_TORCH = {"float64": torch.float64, "float32": torch.float32, "tf32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class Join(nn.Module):
    """Concatenates a tensor with itself."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, x], 1)


class Sum(nn.Module):
    """Adds a tensor to itself."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + x


#: Operations as networks have them: group, module, input without the batch.
SAMPLES: tuple[tuple[str, Callable[[], nn.Module], tuple[int, ...]], ...] = (
    ("dense", lambda: nn.Conv2d(3, 64, 7, 2, 3, bias=False), (3, 224, 224)),
    ("dense", lambda: nn.Conv2d(64, 64, 3, 1, 1, bias=False), (64, 56, 56)),
    ("dense", lambda: nn.Conv2d(256, 256, 3, 1, 1, bias=False), (256, 14, 14)),
    ("pointwise", lambda: nn.Conv2d(64, 256, 1, bias=False), (64, 56, 56)),
    ("pointwise", lambda: nn.Conv2d(1024, 256, 1, bias=False), (1024, 14, 14)),
    ("pointwise", lambda: nn.Conv2d(24, 144, 1, bias=False), (24, 56, 56)),
    ("grouped", lambda: nn.Conv2d(128, 128, 3, 1, 1, groups=32, bias=False), (128, 56, 56)),
    ("grouped", lambda: nn.Conv2d(512, 512, 3, 1, 1, groups=32, bias=False), (512, 14, 14)),
    ("depthwise", lambda: nn.Conv2d(144, 144, 3, 1, 1, groups=144, bias=False), (144, 56, 56)),
    ("depthwise", lambda: nn.Conv2d(384, 384, 3, 1, 1, groups=384, bias=False), (384, 14, 14)),
    ("depthwise", lambda: nn.Conv2d(96, 96, 5, 2, 2, groups=96, bias=False), (96, 28, 28)),
    ("matrix", lambda: nn.Linear(2048, 1000), (2048,)),
    ("matrix", lambda: nn.Linear(768, 3072), (197, 768)),
    ("elementwise", lambda: nn.BatchNorm2d(64), (64, 56, 56)),
    ("elementwise", lambda: nn.ReLU(inplace=True), (256, 56, 56)),
    ("elementwise", Sum, (512, 28, 28)),
    ("pool", lambda: nn.MaxPool2d(3, 2, 1), (64, 112, 112)),
    ("pool", lambda: nn.AdaptiveAvgPool2d(1), (2048, 7, 7)),
    ("move", Join, (128, 28, 28)),
    ("move", lambda: nn.Upsample(scale_factor=2), (128, 28, 28)),
)


#: Whole networks that say how operations in a row differ from single ones.
NETWORKS: tuple[str, ...] = ("resnet18", "mobilenet_v2", "densenet121", "vit_ti_16", "shufflenet_v2_x1_0", "squeezenet1_1")
COPIES = 8  # of a sample's input, taken in turn: a network's activations are rarely in the nearest cache


@dataclass(frozen=True, slots=True)
class Microbenchmarks(LabResult):
    """What was found, in operations, bytes and seconds.

    ``reached`` lists each sample (group, operation, seconds, share of the roof), ``checked`` each whole network (measured and
    estimated seconds); ``error`` is the median relative error of estimates of networks that had no say in them.
    """

    device: str
    threads: int
    bandwidth: float
    peaks: dict[str, float]
    overhead: float
    factors: dict[str, float]
    reached: list[dict[str, object]]
    checked: list[dict[str, object]]
    error: float
    seconds: float

    @property
    def name(self) -> str:
        """How :func:`blocks.latency.roofline.known_machines.machine` knows it: "cpu", or "cpu-1" where it was probed with one thread in place of the default."""
        return self.device if not self.device.startswith("cpu") or self.threads == default_threads() else f"{self.device}-{self.threads}"

    def as_machine(self) -> Machine:
        """As a roof with efficiencies."""
        model = str(self.conditions.get("device_name") or self.device)
        threads = f", {self.threads} thread{'s' if self.threads > 1 else ''}" if self.device == "cpu" else ""
        when = time.strftime("%Y-%m-%d", time.gmtime(self.finished_at))
        batch = self.conditions.get("batch", 1)
        basis = translatable(f"factors of {len(self.reached)} single operations and {len(self.checked)} networks probed here on {when} at batch {batch}")
        efficiency = Efficiency(self.factors, self.overhead, self.error, basis, (batch, batch, "float32"), "networks left out of the fit")
        kind = "cpu" if self.device == "cpu" else "gpu"
        return Machine(
            self.name,
            f"{model}{threads}",
            f"probed here on {when}",
            self.bandwidth,
            self.peaks,
            efficiency,
            kind,
            True,
            {"threads": self.threads, "device": self.device},
        )


def run_microbenchmarks(payload: dict[str, Any], device: Device, control: JobControl) -> dict[str, object]:
    """The job: :class:`Microbenchmarks` as plain JSON values. ``payload`` has "device" and "threads" (None: torch's default)."""
    begin = time.perf_counter()
    # What else than threads the conditions set: no TF32 in the place of float32.
    with conditions_set(Experiment("probe", device=payload["device"], threads=payload.get("threads"))), torch.inference_mode():
        monitor = MachineMonitor(device)
        control.report(phase="bandwidth", n=0, share=0.0)
        bandwidth = bandwidth_of(device, control)
        peaks = {}
        for i, dtype in enumerate(_dtypes(device)):
            control.report(phase=f"matrix products in {dtype}", n=0, share=0.1 + 0.1 * i)
            peaks[dtype] = peak_of(dtype, device, control)
        overhead = overhead_of(device, control)
        roof = Machine("probed", "", "", bandwidth, peaks, Efficiency(dict.fromkeys(GROUPS, 1.0), overhead, None, ""))
        batch = 1 if device.device == "cpu" else 32
        reached = [found for i, sample in enumerate(SAMPLES) if (found := _reached(sample, batch, roof, device, control, i))]
        checked = [
            _checked(name, i, batch, replace(roof, efficiency=Efficiency(factors_of(reached), overhead, None, "")), device, control)
            for i, name in enumerate(NETWORKS)
        ]
        threads = torch.get_num_threads()
    scale, error = scale_of(checked)
    factors = {g: f / scale for g, f in factors_of(reached).items()}
    return {
        "name": f"probe of {device.name()}", "device": device.device, "dtype": "float32", "threads": threads, "bandwidth": bandwidth, "peaks": peaks,
        "overhead": overhead, "factors": factors, "reached": reached, "checked": checked, "error": error, "seconds": time.perf_counter() - begin,
        "conditions": monitor.report() | {"device_name": device.name(), "batch": batch}, "remarks": monitor.remarks(), "machine": machine_info(), "versions": library_versions(),
        "finished_at": time.time(),
    }  # fmt: skip


def _times(work: Callable[[], object], device: Device, control: JobControl, repeats: int = 1, seconds: float | None = None) -> list[float]:
    """Seconds of one ``work`` each, several times over: for ``seconds`` (:data:`SECONDS`), and five times at least after one to warm up."""

    def row() -> None:
        for _ in range(repeats):
            work()

    row()
    found: list[float] = []
    begin = time.perf_counter()
    while len(found) < 5 or time.perf_counter() - begin < (SECONDS if seconds is None else seconds):
        control.check()
        found.append(device.host_time(row) / repeats)
    return found


def _dtypes(device: Device) -> list[str]:
    return [d for d in PEAK_DTYPES if not device.reason_against("dtype", d) and (d, device.device) != ("float64", "mps")]


def bandwidth_of(device: Device, control: JobControl) -> float:
    """Bytes a second of the memory: the best of c = a + b on arrays of twice the caches (64 to 256 MB each)."""
    size = min(max(2 * device.cache_bytes(), 2**26), 2**28) // 4
    a, b, c = (torch.ones(size, device=device.device) for _ in range(3))
    return 3 * 4 * size / min(_times(lambda: torch.add(a, b, out=c), device, control))


def peak_of(dtype: str, device: Device, control: JobControl) -> float:
    """Operations a second of the best square matrix product: sides are doubled while a product takes less than a twentieth of a second."""
    best, side = 0.0, 256
    flags = torch.backends.cuda.matmul
    before, flags.allow_tf32 = flags.allow_tf32, dtype == "tf32"
    try:
        while side <= LARGEST_PRODUCT:
            a, b = (torch.ones(side, side, device=device.device, dtype=_TORCH[dtype]) for _ in range(2))
            c = torch.empty_like(a)
            taken = min(_times(functools.partial(torch.mm, a, b, out=c), device, control, seconds=SECONDS / 4))
            best = max(best, 2 * side**3 / taken)
            if taken > 0.05:
                break
            side *= 2
    finally:
        flags.allow_tf32 = before
    return best


def overhead_of(device: Device, control: JobControl) -> float:
    """Seconds that an operation costs beside its work: that of a module on a tensor of 16 numbers, 200 in a row."""
    module, x = nn.ReLU(), torch.ones(16, device=device.device)
    return min(_times(lambda: module(x), device, control, repeats=200))


def _reached(
    sample: tuple[str, Callable[[], nn.Module], tuple[int, ...]], batch: int, roof: Machine, device: Device, control: JobControl, i: int
) -> dict[str, object]:
    group, make, shape = sample
    control.report(phase=f"operations: {GROUPS[group]}", n=0, share=0.6 + 0.2 * i / len(SAMPLES))
    module = make().eval().to(device.device)
    inputs = itertools.cycle([torch.randn(batch, *shape, device=device.device) for _ in range(COPIES)])
    once = min(device.host_time(lambda: module(next(inputs))) for _ in range(3))
    taken = min(_times(lambda: module(next(inputs)), device, control, repeats=max(COPIES, math.ceil(2e-3 / max(once, 1e-7))), seconds=SECONDS / 3))
    busy = max(taken - roof.overhead, 0.1 * taken)  # at least a tenth: work hides part of the overhead
    seconds = max(work_of(make().eval(), (batch, *shape)).roof(roof, "float32"))
    return {"group": group, "operation": str(module), "input": [batch, *shape], "seconds": busy, "roof": seconds, "share": seconds / busy}


def _checked(name: str, i: int, batch: int, roof: Machine, device: Device, control: JobControl) -> dict[str, object]:
    control.report(phase=f"networks: {name}", n=0, share=0.8 + 0.2 * i / len(NETWORKS))
    shape = (batch, *catalog.input_shape(name)[1:])
    network, x = catalog.build(name).eval().to(device.device), torch.randn(shape, device=device.device)
    taken = min(_times(lambda: network(x), device, control))
    return {"network": name, "measured": taken, "estimated": estimate(analyse(name, shape), roof).seconds}


def work_of(module: nn.Module, shape: tuple[int, ...]) -> OperationCost:
    """What a module of one operation asks, by the rules that count networks."""
    (work,) = operation_costs(analyse(module, shape).graph)
    return work


def factors_of(reached: list[dict[str, Any]]) -> dict[str, float]:
    """Share of the roof by group: the sum of its samples' seconds at the roof over the sum of their seconds."""
    sums = {g: [sum(r[what] for r in reached if r["group"] == g) for what in ("roof", "seconds")] for g in GROUPS}
    return {g: roof / taken for g, (roof, taken) in sums.items()}


def scale_of(checked: list[dict[str, Any]]) -> tuple[float, float]:
    """Median of measured over estimated seconds, and the median relative error of each estimate scaled by the others' median."""
    ratios = [c["measured"] / c["estimated"] for c in checked]
    left_out = [abs(median(ratios[:i] + ratios[i + 1 :]) / r - 1) for i, r in enumerate(ratios)]
    return median(ratios), median(left_out)
