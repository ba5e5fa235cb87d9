"""The steps of :mod:`scripts.gpu_check`. Each yields records as it finds them, and shortens what it does to the seconds that it has."""

from __future__ import annotations

import importlib.util
import math
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from blocks import analyse, catalog, reference
from blocks.latency.measure import devices, nvml, sampling
from blocks.latency.measure.devices import Device, open_device
from blocks.latency.measure.environment import MachineMonitor, library_versions, machine_info
from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.measure.memory import check_memory
from blocks.latency.roofline import microbenchmarks
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.machines import Machine, published_machines
from blocks.workers.control import JobControl
from scripts import calibrate
from scripts.step_runner import Skipped, StepRecord, StepTask

_ROOT = Path(__file__).resolve().parents[1]

#: All but the last two have published throughputs. The first four are also compiled and recorded as CUDA graphs.
MEASURED_PRESETS = (
    "resnet50", "mobilenet_v3_large", "efficientnet_b0", "vit_s_16",
    "resnet18", "resnet101", "wide_resnet50_2", "resnext50_32x4d", "seresnet50", "cspresnet50", "darknet53", "cspdarknet53",
    "ese_vovnet39b", "densenet121", "inception_v3", "xception", "vgg16", "mobilenet_v1", "mobilenet_v2", "efficientnet_b2",
    "vit_ti_16", "vit_b_16", "shufflenet_v2_x1_0", "squeezenet1_1",
)  # fmt: skip
GRAPHED = 4
QUICK_PRESETS = ("mobilenet_v3_small", "squeezenet1_1")

#: Conditions of the latency step, in the order in which they are measured.
CONDITIONS: tuple[dict[str, object], ...] = (
    {"dtype": "float32"},
    {"dtype": "tf32"},
    {"dtype": "bfloat16"},
    {"dtype": "bfloat16", "channels_last": True},
)
CACHES = ("hot", "cold")


# --- What all steps share ---------------------------------------------------------------------------------------


def chosen_presets(task: StepTask) -> tuple[str, ...]:
    """The networks that are measured."""
    return QUICK_PRESETS if task.quick else MEASURED_PRESETS


def input_shape_of(name: str, batch: int, task: StepTask) -> tuple[int, ...]:
    """The preset's own input with that batch; 64 x 64 pixels where sizes are tiny."""
    shape = catalog.input_shape(name)
    return (batch, shape[1], 64, 64) if task.quick else (batch, *shape[1:])


def ready(task: StepTask) -> Device:
    """The device, current in this process; one thread where sizes are tiny."""
    if task.quick:
        torch.set_num_threads(1)
    opened = open_device(task.device)
    opened.occupy()
    return opened


def limits_within(seconds: float) -> Limits:
    """Of one measurement that may take ``seconds``: a third warms up at most, the rest samples."""
    return Limits(max_seconds=max(0.02, 0.6 * seconds), warmup_seconds=max(0.01, 0.3 * seconds), min_samples=6, min_seconds=0.0, max_samples=1000)


def silent_run() -> JobControl:
    """A job that reports to nobody and is not cancelled."""
    return JobControl(lambda _progress: None, lambda: False)


def measured_record(experiment: Experiment, device: Device) -> StepRecord:
    """Median seconds of a pass with their 95 % interval; a record with "error" where the experiment cannot be measured."""
    record: StepRecord = {
        "network": experiment.network, "batch": experiment.batch, "dtype": experiment.dtype, "channels_last": experiment.channels_last, "cache": experiment.cache,
        "compile": experiment.compile, "quantity": experiment.quantity,
    }  # fmt: skip
    try:
        devices.check_supported(experiment)
        check_memory(experiment, device)
        found = sampling.run_measurement(experiment, device, silent_run())
    except Exception as error:  # one network's failure is its own record
        return record | {"error": f"{type(error).__name__}: {error}"[:500]}
    finally:
        device.release()
    kept = ("median", "low", "high", "n", "converged", "settled", "discarded", "disturbed", "images", "joules_per_image")
    return record | {name: found[name] for name in kept}


def all_measured(experiments: Sequence[dict[str, Any]], task: StepTask, longest: float) -> Iterator[StepRecord]:
    """A record for each experiment, given as arguments of :class:`Experiment`; each gets an equal share of what time is left, ``longest`` seconds at most."""
    end = time.monotonic() + task.seconds
    device = ready(task)
    for i, arguments in enumerate(experiments):
        left = end - time.monotonic()
        if left <= 0:
            yield {"not_measured": len(experiments) - i, "reason": "the step's time was over"}
            return
        # Building a network takes about as long as measuring it.
        share = min(longest, 0.5 * left / (len(experiments) - i))
        yield measured_record(Experiment(device=task.device, limits=limits_within(share), **arguments), device)


# --- The steps ----------------------------------------------------------------------------------------------------


def environment_step(task: StepTask) -> Iterator[StepRecord]:
    """The device, its memory and its readings; versions."""
    device = ready(task)
    index = MachineMonitor(device).index
    record: StepRecord = {
        "device": device.name(), "memory_total": device.memory_total(), "memory_free": device.memory_free(), "cache": device.cache_bytes(),
        "machine": machine_info(), "versions": library_versions(), "driver": nvml.driver(), "clocks": None if index is None else nvml.read_clocks(index),
        "supported": sys.version_info >= (3, 11) and tuple(map(int, re.findall(r"\d+", torch.__version__)[:2])) >= (2, 11),
    }  # fmt: skip
    if task.device.startswith("cuda"):
        record["capability"] = list(torch.cuda.get_device_capability(task.device))
    yield record


def tests_step(task: StepTask) -> Iterator[StepRecord]:
    """The tests that are marked ``cuda``, from the files that have any, so that nothing else need be importable."""
    if importlib.util.find_spec("pytest") is None:
        raise Skipped("pytest is not installed")
    files = [str(path.relative_to(_ROOT)) for path in sorted((_ROOT / "tests").rglob("test_*.py")) if "pytest.mark.cuda" in path.read_text(encoding="utf-8")]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-m",
        "cuda",
        "-q",
        "-rfEs",
        "-p",
        "no:cacheprovider",
        "--tb=short",
        *(["--collect-only"] if task.quick else []),
        *files,
    ]
    code, output = output_of(command, task.seconds)
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped|error|deselected)", output)}
    yield {"exit_code": code, "files": files, **counts, "output": output[-6000:]}
    if code not in (0, 5):
        raise RuntimeError("pytest did not end in time" if code is None else f"pytest ended with exit code {code}")


def output_of(command: Sequence[str], seconds: float) -> tuple[int | None, str]:
    """Exit code and output of a command; None and what there was of the output where it was killed after ``seconds``."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            code = subprocess.run(command, cwd=_ROOT, stdout=output, stderr=subprocess.STDOUT, timeout=seconds, check=False).returncode
        except subprocess.TimeoutExpired:
            code = None
        output.seek(0)
        return code, output.read()


def latency_step(task: StepTask) -> Iterator[StepRecord]:
    """One image at a time, on the host's clock, for every preset, dtype and format, with hot and cold caches."""
    asked = [
        {"network": name, "input_shape": input_shape_of(name, 1, task), "cache": cache, **conditions}
        for conditions in CONDITIONS
        for cache in CACHES
        for name in chosen_presets(task)
    ]
    yield from all_measured(asked, task, longest=0.02 if task.quick else 1.0)


def compiled_step(task: StepTask) -> Iterator[StepRecord]:
    """CUDA graphs of four presets, then ``torch.compile`` of as many as the time allows, hot and cold."""
    graphs, compiles = (
        [{"network": name, "input_shape": input_shape_of(name, 1, task), "cache": cache, "compile": how} for name in names for cache in CACHES]
        for how, names in (("cuda_graph", chosen_presets(task)[:GRAPHED]), ("compile", chosen_presets(task)))
    )
    yield from all_measured(graphs + ([] if task.quick else compiles), task, longest=1.0)


def calibration_step(task: StepTask) -> Iterator[StepRecord]:
    """Pairs of equal networks (A/A), in turn with pairs of which the second does 5 % more work (A/B), until the time is over."""
    device = ready(task)
    end = time.monotonic() + task.seconds
    a, b = (Experiment(calibrate.CALIBRATION_NETWORK, (("layers", n),), (16, 64), task.device, limits=Limits(
        max_seconds=0.2 if task.quick else 4.0, margin=calibrate.MARGIN, warmup_seconds=0.3)) for n in (calibrate.LAYERS, calibrate.LAYERS + calibrate.EXTRA))  # fmt: skip
    number = 0
    while number < 2 or (time.monotonic() < end and not task.quick):
        kind, other = (("A/A", a), ("A/B", b))[number % 2]
        verdict, ratio, covered, seconds = calibrate.ours(a, other, device)
        yield {"pair": kind, "verdict": verdict, "ratio": ratio, "covered": covered, "seconds": seconds}
        number += 1


def roofline_step(task: StepTask) -> Iterator[StepRecord]:
    """The microbenchmarks: bandwidth, peaks, overhead, efficiency of each group of operations."""
    device = ready(task)
    microbenchmarks.SECONDS = min(0.3, task.seconds / 150)  # some eighty figures are timed, and networks are built
    if task.quick:
        microbenchmarks.SECONDS, microbenchmarks.LARGEST_PRODUCT, microbenchmarks.COPIES = 0.001, 256, 1
        microbenchmarks.NETWORKS = ("shufflenet_v2_x0_5", *QUICK_PRESETS)
    yield microbenchmarks.run_microbenchmarks({"device": task.device, "threads": None}, device, silent_run())


def clocks_step(task: StepTask) -> Iterator[StepRecord]:
    """Clocks, temperature, power and reasons for lowered clocks while matrix products run without a pause."""
    device = ready(task)
    side = 256 if task.quick else 4096
    a = torch.randn(side, side, device=task.device, dtype=torch.float32 if device.device == "cpu" else torch.bfloat16)
    begin, monitor = time.monotonic(), MachineMonitor(device)
    rates: list[float] = []
    while not rates or time.monotonic() - begin < (0.2 if task.quick else task.seconds - 1):
        rates.append(20 * 2 * side**3 / device.host_time(lambda: [a @ a for _ in range(20)]))
        monitor.read()
    tenth = max(1, len(rates) // 10)
    yield {
        "first_flops_per_second": max(rates[:tenth]), "last_flops_per_second": max(rates[-tenth:]), "lowest_flops_per_second": min(rates), "products": 20 * len(rates),
        "conditions": monitor.report(), "remarks": monitor.remarks(), "readings": monitor.readings,
    }  # fmt: skip


def estimates_step(task: StepTask) -> Iterator[StepRecord]:
    """Measured seconds beside the estimates of this device's own roofline and of the published machine of its name."""
    roofs = roofs_of(task)
    if not roofs:
        raise Skipped("there is no roofline of this device, neither from the microbenchmarks nor published")
    batch = 1 if task.device == "cpu" else 32
    asked = [{"network": name, "input_shape": input_shape_of(name, batch, task)} for name in chosen_presets(task)]
    for record in all_measured(asked, task, longest=0.02 if task.quick else 1.0):
        if "median" in record:
            analysis = analyse(record["network"], input_shape_of(record["network"], batch, task))
            guesses = {name: estimate(analysis, roof, "float32").seconds for name, roof in roofs.items()}
            record |= {"estimated": guesses, "ratio": {name: guess / record["median"] for name, guess in guesses.items()}}
        yield record


def roofs_of(task: StepTask) -> dict[str, Machine]:
    """Machines that stand for this device: "measured", from the microbenchmarks' records, and the published one by its name."""
    probes = task.found.get("roofline", [])
    found = {"measured": microbenchmarks.Microbenchmarks.from_dict(probes[0]).as_machine()} if probes else {}
    name = re.sub(r"[^a-z0-9]", "", open_device(task.device).name().lower())
    return found | {roof.name: roof for roof in published_machines() if roof.name.replace("_", "") in name}


def throughput_step(task: StepTask) -> Iterator[StepRecord]:
    """Images per second at a large batch beside the published ones of the same image size (mixed precision; float32 on a CPU)."""
    on_cpu = task.device == "cpu"
    asked = list(published_sizes(chosen_presets(task)))
    largest = 2 if task.quick else 64 if on_cpu else 256
    device, end = ready(task), time.monotonic() + task.seconds
    for i, (name, side) in enumerate(asked):
        left = end - time.monotonic()
        if left <= 0:
            yield {"not_measured": len(asked) - i, "reason": "the step's time was over"}
            return
        conditions = {"dtype": "float32" if on_cpu else "autocast", "quantity": "amortised", "limits": limits_within(min(2.0, 0.5 * left / (len(asked) - i)))}
        record = largest_batch(name, side, largest, conditions, device)
        rows = reference.throughput(name)
        rows = rows[(rows["image_size"] == side) & rows["setup"].str.startswith("fp32-" if on_cpu else "amp-nchw-")]
        yield record | {
            "image_size": side, "images_per_second": record["images"] / record["median"] if "median" in record else None,
            "published": {str(setup): float(value) for setup, value in zip(rows["setup"], rows["images_per_second"], strict=True)},
        }  # fmt: skip


def published_sizes(names: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Presets with published throughputs, each with the published image size nearest to its own."""
    for name in names:
        sizes = sorted(set(map(int, reference.throughput(name)["image_size"])))
        if sizes:
            yield name, min(sizes, key=lambda size: abs(size - catalog.input_shape(name)[-1]))


def largest_batch(name: str, side: int, batch: int, conditions: dict[str, Any], device: Device) -> StepRecord:
    """Measured at ``batch``, or at the half, the quarter ... of it where memory ends."""
    while True:
        record = measured_record(Experiment(name, (), (batch, 3, side, side), device.device, **conditions), device)
        if batch == 1 or not re.search("DoesNotFit|OutOfMemory", record.get("error", "")):
            return record
        batch //= 2


def memory_step(task: StepTask) -> Iterator[StepRecord]:
    """Bytes that a measurement is expected to need beside the most that torch's allocator handed out for it."""
    device, end = ready(task), time.monotonic() + task.seconds
    batch = 2 if task.quick else 8
    for mode in ("forward", "forward_backward"):
        for name in chosen_presets(task):
            if time.monotonic() > end:
                return
            experiment = Experiment(name, (), input_shape_of(name, batch, task), task.device, mode=mode)
            expected = check_memory(experiment, device)
            allocated = most_allocated(experiment, device)
            ratio = expected / allocated if expected and allocated else None
            yield {"network": name, "batch": batch, "mode": mode, "expected": expected, "allocated": allocated, "ratio": ratio}


def most_allocated(experiment: Experiment, device: Device) -> int | None:
    """The allocator's peak over building and two passes, workspaces of libraries included; None where torch does not keep one."""
    from blocks.latency.measure.workload import Workload, conditions_set

    if not device.device.startswith("cuda"):
        return None
    device.release()
    before = torch.cuda.memory_allocated(device.device)
    torch.cuda.reset_peak_memory_stats(device.device)
    with conditions_set(experiment):
        workload = Workload(experiment, device)
        for _ in range(2):
            workload.work()
        device.synchronise()
    return math.ceil(torch.cuda.max_memory_allocated(device.device) - before)
