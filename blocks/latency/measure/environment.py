"""The conditions that a figure was taken under: machine, versions, clocks, load, energy. What the system does not tell is absent."""

from __future__ import annotations

import functools
import os
import platform
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import torch

from blocks.language import translatable
from blocks.latency.measure import nvml
from blocks.latency.measure.devices import Device, cpu_cache, cpu_name


@functools.lru_cache(maxsize=1)
def machine_info() -> dict[str, object]:
    """What stays: processor, memory, system."""
    return {
        "node": platform.node(), "system": f"{platform.system()} {platform.release()}", "cpu": cpu_name(), "cores": psutil.cpu_count(logical=False) or os.cpu_count(),
        "logical_cores": os.cpu_count(), "memory": psutil.virtual_memory().total, "cpu_cache": cpu_cache(),
    }  # fmt: skip


@functools.lru_cache(maxsize=1)
def library_versions() -> dict[str, str]:
    """Versions of what the figure depends on."""
    found = {"python": sys.version.split()[0], "torch": torch.__version__, "blas": _blas()}
    if torch.version.cuda:
        found["cuda"] = torch.version.cuda
        if torch.backends.cudnn.is_available():
            found["cudnn"] = str(torch.backends.cudnn.version())
    if nvml.driver():
        found["driver"] = str(nvml.driver())
    return found


def _blas() -> str:
    used = [name for name, on in (("mkl", torch.backends.mkl.is_available()), ("onednn", torch.backends.mkldnn.is_available())) if on]
    return "+".join(used) or "other"


POWERCAP = Path("/sys/class/powercap")
SHORTEST_ENERGY = 0.3  # seconds: counters move in steps of some ten milliseconds


class MachineMonitor:
    """Looks at the machine before, during and after a measurement, and says what was amiss."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.index = int(device.device.split(":")[1]) if device.device.startswith("cuda:") else (0 if device.device == "cuda" else None)
        self.process = psutil.Process()
        self.begin = time.perf_counter()
        self.cpu = psutil.cpu_times()
        self.own = self.process.cpu_times()
        self.frequencies: list[float] = []
        self.clocks: list[dict[str, float]] = []
        self.throttled: dict[str, int] = {}
        self.readings = 0
        self.read_at = 0.0
        self.energy = self._energy()
        self.read()

    def read(self) -> list[str]:
        """Why the clocks are lowered at this moment, [] if they are not. Notes the clocks, twenty times a second at most."""
        now = time.perf_counter()
        due, reasons = now - self.read_at > 0.05, []
        if due:
            self.read_at = now
        if self.index is not None:
            if due and (clocks := nvml.read_clocks(self.index)):
                self.clocks.append(clocks)
            reasons = nvml.throttled(self.index)
            self.readings += 1
            for reason in reasons:
                self.throttled[reason] = self.throttled.get(reason, 0) + 1
        elif due and (frequency := _frequency()):
            self.frequencies.append(frequency)
        return reasons

    def joules(self) -> float | None:
        """Energy since the monitor began, measured by the device; None where it does not tell, or the time was too short for its counter."""
        now = self._energy()
        if now is None or self.energy is None or now <= self.energy or time.perf_counter() - self.begin < SHORTEST_ENERGY:
            return None
        return now - self.energy

    def _energy(self) -> float | None:
        return nvml.energy(self.index) if self.index is not None else _rapl()

    def report(self) -> dict[str, Any]:
        """What was seen; shares are of all processors' time while the monitor ran."""
        now, own = psutil.cpu_times(), self.process.cpu_times()
        total = max(1e-9, sum(now) - sum(self.cpu) - (getattr(now, "guest", 0) - getattr(self.cpu, "guest", 0)))
        idle = now.idle - self.cpu.idle + getattr(now, "iowait", 0.0) - getattr(self.cpu, "iowait", 0.0)
        mine = own.user + own.system - self.own.user - self.own.system
        steal = getattr(now, "steal", 0.0) - getattr(self.cpu, "steal", 0.0)
        found: dict[str, object] = {
            "seconds": time.perf_counter() - self.begin,
            "own_cpu_share": min(1.0, max(0.0, mine / total)),
            "other_cpu_share": min(1.0, max(0.0, (total - idle - mine) / total)),
            "stolen_cpu_share": min(1.0, max(0.0, steal / total)),
        }
        if self.energy is not None:
            found["energy_source"] = "RAPL, whole processor package" if self.index is None else "NVML, whole card"
        if self.frequencies:
            found["cpu_mhz"] = [min(self.frequencies), max(self.frequencies)]
        if self.clocks:
            found["gpu_clocks"] = {k: [min(c[k] for c in self.clocks if k in c), max(c[k] for c in self.clocks if k in c)] for k in self.clocks[0]}
        if self.throttled:
            found["throttled"] = self.throttled
        return found

    def remarks(self) -> list[str]:
        """Sentences about what may have moved the figure."""
        seen = self.report()
        said = []
        if seen["other_cpu_share"] > 0.1:
            said.append(translatable(f"Other programs used {100 * seen['other_cpu_share']:.0f} % of the processor while this ran."))
        if seen["stolen_cpu_share"] > 0.02:
            said.append(translatable(f"The host took {100 * seen['stolen_cpu_share']:.0f} % of the virtual processor's time for others."))
        mhz = seen.get("cpu_mhz")
        if mhz and mhz[0] < 0.9 * mhz[1]:
            said.append(translatable(f"The processor's clock moved between {mhz[0]:.0f} and {mhz[1]:.0f} MHz."))
        if self.energy is not None and self.index is None and seen["other_cpu_share"] > 0.05:
            said.append(translatable("The energy is the whole processor's, with what other programs used."))
        for reason, times in self.throttled.items():
            said.append(translatable(f"The clocks were lowered by {reason} at {times} of {self.readings} readings."))
        return said


def _frequency() -> float | None:
    try:
        found = psutil.cpu_freq()
    except (OSError, NotImplementedError, AttributeError):
        return None
    return float(found.current) if found and found.current else None


def _rapl() -> float | None:
    """Joules that the processor packages have used (Intel's and AMD's running average power limit counters), where readable."""
    packages = [p for p in POWERCAP.glob("intel-rapl:*") if p.name.count(":") == 1]
    try:
        readings = [int((p / "energy_uj").read_text()) for p in packages]
    except (OSError, ValueError):
        return None
    return sum(readings) / 1e6 if readings else None


def describe(found: Mapping[str, object]) -> dict[str, str]:
    """A report of :class:`MachineMonitor`, or :func:`machine_info`, as words for a table: shares in per cent, bytes in GiB, ranges with a dash."""
    return {name.replace("_", " "): _in_words(name, value) for name, value in found.items()}


def _in_words(name: str, value: Any) -> str:
    if name.endswith("_share"):
        return f"{100 * value:.1f} %"
    if name in ("memory", "cpu_cache"):
        return f"{value / 2**30:.3g} GiB"
    if isinstance(value, list):
        return " – ".join(f"{v:.6g}" for v in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_in_words('', v)}" for k, v in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)
