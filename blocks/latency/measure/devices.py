"""Devices: a clock, a way to wait, a way to empty the caches, memory, and what the device cannot do, with the reason.

Measuring code knows only :class:`Device`; the CPU goes through the same calls as a GPU.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch

from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.latency.measure.experiment import CHOICES, Experiment
from blocks.workers.limits import limit_memory

#: Windows has no such module.
resource: Any = importlib.import_module("resource") if importlib.util.find_spec("resource") else None

NO_GPU = translatable("There is no GPU here that torch can use, so the CPU is measured; throughput of GPUs is shown as published.")


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A device as pages list it. ``note`` is the sentence that says so where there is no GPU."""

    device: str
    name: str
    memory: int
    note: str = ""


class Device:
    """The CPU, and what the others build on: every call works on every device.

    ``event_includes_host``: whether the profiler's times of a function are of the host's clock (else of the device's kernels).
    """

    event_includes_host = True

    def __init__(self, device: str) -> None:
        self.device = device

    def occupy(self) -> None:
        """Make it this process's own: what torch runs without naming a device, a graph's recording for one, runs here."""

    def synchronise(self) -> None:
        """Wait until the device has done everything asked of it."""

    def host_time(self, work: Callable[[], object]) -> float:
        """Seconds on the host's clock from before ``work`` until the device is done with it."""
        self.synchronise()
        begin = time.perf_counter_ns()
        work()
        self.synchronise()
        return (time.perf_counter_ns() - begin) / 1e9

    def device_time(self, work: Callable[[], object]) -> float:
        """Seconds on the device's own clock."""
        return self.host_time(work)

    def interruptions(self) -> int:
        """How often the system has taken a processor from this process so far (involuntary context switches); 0 where it does not tell."""
        return 0 if resource is None else resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw

    def profiler_activities(self) -> list[Any]:
        """What torch's profiler must record to see this device's work."""
        return [torch.profiler.ProfilerActivity.CPU]

    def event_seconds(self, event: Any) -> float:
        """Seconds of a range of the profiler, with all below it."""
        return float(event.cpu_time_total) / 1e6

    def cache_bytes(self) -> int:
        """Size of the largest cache."""
        return cpu_cache()

    def clear_cache(self) -> None:
        """Empty the caches by writing twice their size (256 MB at most)."""
        self._flush_buffer().add_(1)
        self.synchronise()

    @functools.lru_cache(maxsize=1)  # noqa: B019  one device object lives as long as its process
    def _flush_buffer(self) -> torch.Tensor:
        size = min(max(2 * self.cache_bytes(), 2**25), 2**28)
        return torch.zeros(size // 4, dtype=torch.float32, device=self.device)

    def memory_free(self) -> int:
        """Bytes that a measurement could take now."""
        return min(psutil.virtual_memory().available, _cgroup_free())

    def limit_memory(self, extra: int | None) -> None:
        """Let this process take ``extra`` bytes of the device's memory beyond what it has now; None lifts the limit."""
        limit_memory(extra)

    def identity(self) -> str:
        """The same name in every process that sees this device, however that process numbers its devices."""
        return self.device

    def memory_total(self) -> int:
        """Bytes that the device has."""
        return psutil.virtual_memory().total

    def release(self) -> None:
        """Give cached memory back between jobs; with it compiled code, which would count against the next job's limit on recompilations."""
        if "torch._dynamo" in sys.modules:
            torch.compiler.reset()

    def name(self) -> str:
        """What the maker calls it."""
        return cpu_name()

    def reason_against(self, field: str, value: str) -> str:
        """Why this device cannot do ``value`` for that field of an experiment; "" where it can."""
        if field == "dtype" and value == "tf32":
            return translatable("TF32 is a format of NVIDIA's tensor cores; this device has none.")
        if field == "clock" and value == "device":
            return translatable("The processor has no clock of its own beside the program's.")
        if field == "compile" and value == "cuda_graph":
            return translatable("CUDA graphs exist on NVIDIA devices only.")
        if field == "compile" and value == "compile" and not any(map(shutil.which, ("g++", "clang++", "c++", "cl"))):
            return translatable("torch.compile needs a C++ compiler, and none is installed.")
        return ""


class Cuda(Device):
    """An NVIDIA (or ROCm) device."""

    event_includes_host = False

    def occupy(self) -> None:
        torch.cuda.set_device(self.device)

    def synchronise(self) -> None:
        torch.cuda.synchronize(self.device)

    def device_time(self, work: Callable[[], object]) -> float:
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        stream = torch.cuda.current_stream(self.device)
        begin.record(stream)
        work()
        end.record(stream)
        end.synchronize()
        return begin.elapsed_time(end) / 1e3

    def profiler_activities(self) -> list[object]:
        return [torch.profiler.ProfilerActivity.CPU, torch.profiler.ProfilerActivity.CUDA]

    def event_seconds(self, event: Any) -> float:
        return float(event.device_time_total) / 1e6

    def cache_bytes(self) -> int:
        return int(getattr(torch.cuda.get_device_properties(self.device), "L2_cache_size", 0)) or 2**26

    def memory_free(self) -> int:
        return int(torch.cuda.mem_get_info(self.device)[0])

    def limit_memory(self, extra: int | None) -> None:
        # torch's allocator counts what it holds; a context and libraries' own buffers come on top.
        total = torch.cuda.get_device_properties(self.device).total_memory
        taken = total if extra is None else torch.cuda.memory_reserved(self.device) + extra
        torch.cuda.set_per_process_memory_fraction(min(taken / total, 1.0), self.device)

    def identity(self) -> str:
        # "cuda:0" is another card in a process with another CUDA_VISIBLE_DEVICES.
        return f"cuda-{torch.cuda.get_device_properties(self.device).uuid}"

    def memory_total(self) -> int:
        return int(torch.cuda.mem_get_info(self.device)[1])

    def release(self) -> None:
        super().release()
        torch.cuda.empty_cache()

    def name(self) -> str:
        return torch.cuda.get_device_name(self.device)

    def reason_against(self, field: str, value: str) -> str:
        major = torch.cuda.get_device_capability(self.device)[0]
        if field == "dtype" and major < 8 and value in ("tf32", "bfloat16"):
            return translatable(f"{value} needs compute capability 8.0; this device has {major}.x.")
        if field == "compile" and value == "compile":
            return _reason_against_triton(major)
        return ""


def _reason_against_triton(major: int) -> str:
    """Why torch.compile's code generator for GPUs does not run here: it is Triton, which builds its launchers with a C compiler."""
    if major < 7:
        return translatable("torch.compile's code generator needs compute capability 7.0.")
    if importlib.util.find_spec("triton") is None:
        return translatable("torch.compile needs Triton on a GPU, and it is not installed.")
    if sys.platform == "linux" and not any(map(shutil.which, filter(None, (os.environ.get("CC"), "gcc", "clang", "cc")))):
        return translatable("torch.compile needs a C compiler, and none is installed.")
    return ""


class Mps(Device):
    """Apple's GPU through Metal."""

    def synchronise(self) -> None:
        torch.mps.synchronize()

    def device_time(self, work: Callable[[], object]) -> float:
        begin, end = torch.mps.event.Event(enable_timing=True), torch.mps.event.Event(enable_timing=True)
        begin.record()
        work()
        end.record()
        end.synchronize()
        return float(begin.elapsed_time(end)) / 1e3

    def cache_bytes(self) -> int:
        return 2**26

    def limit_memory(self, extra: int | None) -> None:
        """No limit: address space says nothing about Metal's memory, whose allocator has a limit of its own."""

    def release(self) -> None:
        super().release()
        torch.mps.empty_cache()

    def name(self) -> str:
        return f"{cpu_name()} GPU"

    def reason_against(self, field: str, value: str) -> str:
        if (field, value) == ("clock", "device"):
            return ""
        return super().reason_against(field, value)


def open_device(device: str) -> Device:
    """The device called "cpu", "cuda:0" or "mps"; :class:`KnobError` where it is not here."""
    kind = device.split(":")[0]
    here = [info.device for info in devices()]
    if device not in here and not (kind == "cuda" and "cuda:0" in here and device == "cuda"):
        raise KnobError("device", device, f"is not here; there is {', '.join(here)}", here[:1])
    return {"cuda": Cuda, "mps": Mps}.get(kind, Device)(device)


@functools.lru_cache(maxsize=1)
def devices() -> tuple[DeviceInfo, ...]:
    """Every CUDA device, Apple's MPS where there is one, and the CPU last. Opens no context on a GPU."""
    found = [DeviceInfo(f"cuda:{i}", *_cuda_card(i)) for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append(DeviceInfo("mps", f"{cpu_name()} GPU", psutil.virtual_memory().total))
    return (*found, DeviceInfo("cpu", cpu_name(), psutil.virtual_memory().total, "" if found else NO_GPU))


def _cuda_card(index: int) -> tuple[str, int]:
    from blocks.latency.measure import nvml

    return nvml.card_info(index) or (torch.cuda.get_device_name(index), torch.cuda.get_device_properties(index).total_memory)


@dataclass(frozen=True, slots=True)
class DeviceOption:
    """One value of one field of an experiment; ``reason`` says why this device cannot do it, "" if it can."""

    field: str
    value: str
    label: str
    reason: str


@functools.lru_cache(maxsize=32)
def options(device: str) -> tuple[DeviceOption, ...]:
    """All values of all choices, with the reason against those that this device cannot do."""
    opened = open_device(device)
    return tuple(DeviceOption(f, v, label, opened.reason_against(f, v)) for f, choices in CHOICES.items() for v, label in choices.items())


def check_supported(experiment: Experiment) -> None:
    """Raise :class:`KnobError` where the experiment's device is not here or cannot do what is asked."""
    opened = open_device(experiment.device)
    for field, choices in CHOICES.items():
        value = getattr(experiment, field)
        reason = opened.reason_against(field, value)
        if reason:
            raise KnobError(field, value, reason, [v for v in choices if not opened.reason_against(field, v)][:1])
    if experiment.quantity == "amortised" and experiment.cache == "cold":
        raise KnobError("cache", "cold", "needs the isolated quantity: of passes in a row only the first would find the caches empty", ["hot"])
    if experiment.compile == "cuda_graph" and experiment.mode == "forward_backward":
        raise KnobError("compile", "cuda_graph", "records forward passes only here", ["eager", "compile"])


def cpu_name() -> str:
    """The processor's name as the system tells it."""
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith(("model name", "Model")):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def cpu_cache() -> int:
    """Bytes of the processor's last-level cache; 32 MB where the system does not tell."""
    sizes = []
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        text = path.read_text().strip()
        sizes.append(int(text.rstrip("KM")) * {"K": 2**10, "M": 2**20}.get(text[-1], 1))
    return max(sizes, default=2**25)


def _cgroup_free() -> int:
    """Bytes left under a container's limit; without a limit, a number larger than any memory."""
    base = Path("/sys/fs/cgroup")
    try:
        limit, used = (base / "memory.max").read_text().strip(), int((base / "memory.current").read_text())
        return max(0, int(limit) - used) if limit != "max" else 2**62
    except (OSError, ValueError):
        return 2**62


def default_threads() -> int:
    """How many threads torch uses unless told."""
    return torch.get_num_threads() or os.cpu_count() or 1
