"""NVIDIA's management library: clocks, throttling, energy. Every function answers None where there is no such device or driver."""

from __future__ import annotations

import functools
import os
from typing import Any

#: Reasons that lower the clocks below what was asked for (names of the library's bits, with our words).
THROTTLES = {
    "nvmlClocksEventReasonSwPowerCap": "the power cap",
    "nvmlClocksThrottleReasonHwSlowdown": "a hardware slowdown",
    "nvmlClocksEventReasonSwThermalSlowdown": "heat (software)",
    "nvmlClocksThrottleReasonHwThermalSlowdown": "heat (hardware)",
    "nvmlClocksThrottleReasonHwPowerBrakeSlowdown": "the power brake",
}


@functools.cache
def _library() -> Any | None:
    try:
        import pynvml

        pynvml.nvmlInit()
        return pynvml
    except Exception:  # the binding raises its own classes, and OSError where the driver's library is missing
        return None


def _handle(index: int) -> object | None:
    """The card that torch calls ``cuda:index``."""
    import torch

    return _handle_of(index, torch.cuda.is_initialized())


@functools.lru_cache(maxsize=32)
def _handle_of(index: int, initialised: bool) -> object | None:
    """By PCI address once torch has a context. Before, by CUDA_VISIBLE_DEVICES and NVML's order, which CUDA's need not follow."""
    library = _library()
    if library is None:
        return None
    try:
        if initialised:
            import torch

            properties = torch.cuda.get_device_properties(index)
            address = f"{properties.pci_domain_id:08x}:{properties.pci_bus_id:02x}:{properties.pci_device_id:02x}.0"  # type: ignore[attr-defined]
            return library.nvmlDeviceGetHandleByPciBusId_v2(address.encode())
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        if visible is None:
            return library.nvmlDeviceGetHandleByIndex(index)
        chosen = visible.split(",")[index].strip()
        return library.nvmlDeviceGetHandleByUUID(chosen.encode()) if chosen.startswith("GPU") else library.nvmlDeviceGetHandleByIndex(int(chosen))
    except Exception:  # a card that the library does not know is a card without readings
        return None


def _ask(index: int, question: str, *arguments: object) -> Any | None:
    library, handle = _library(), _handle(index)
    if library is None or handle is None:
        return None
    try:
        return getattr(library, question)(handle, *arguments)
    except Exception:  # "not supported" differs by card and driver
        return None


def card_info(index: int) -> tuple[str, int] | None:
    """Name and bytes of memory, without opening a CUDA context. None where the card is split (MIG): torch then sees a part of it."""
    mig = _ask(index, "nvmlDeviceGetMigMode")  # (now, after the next reset)
    name, memory = _ask(index, "nvmlDeviceGetName"), _ask(index, "nvmlDeviceGetMemoryInfo")
    if name is None or memory is None or (mig and mig[0]):
        return None
    return (name.decode() if isinstance(name, bytes) else str(name)), int(memory.total)


def read_clocks(index: int) -> dict[str, float] | None:
    """Clocks in MHz, temperature in degrees Celsius, power in watts; what the card does not tell is left out."""
    asked = {
        "sm_mhz": _ask(index, "nvmlDeviceGetClockInfo", 1),
        "memory_mhz": _ask(index, "nvmlDeviceGetClockInfo", 2),
        "temperature_c": _ask(index, "nvmlDeviceGetTemperature", 0),
        "power_w": _ask(index, "nvmlDeviceGetPowerUsage"),
    }
    if asked["power_w"] is not None:
        asked["power_w"] /= 1000
    return {k: float(v) for k, v in asked.items() if v is not None} or None


def throttled(index: int) -> list[str]:
    """Why the clocks are lowered at this moment; [] if they are not."""
    library = _library()
    bits = _ask(index, "nvmlDeviceGetCurrentClocksEventReasons")
    if bits is None:
        bits = _ask(index, "nvmlDeviceGetCurrentClocksThrottleReasons")
    if library is None or bits is None:
        return []
    return [words for name, words in THROTTLES.items() if bits & getattr(library, name, 0)]


def energy(index: int) -> float | None:
    """Joules since the driver was loaded (Volta and later)."""
    millijoules = _ask(index, "nvmlDeviceGetTotalEnergyConsumption")
    return None if millijoules is None else millijoules / 1000


def driver() -> str | None:
    """The driver's version."""
    library = _library()
    if library is None:
        return None
    try:
        found = library.nvmlSystemGetDriverVersion()
        return found.decode() if isinstance(found, bytes) else str(found)
    except Exception:
        return None
