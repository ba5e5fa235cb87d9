"""NVIDIA's library, played by a made one: which card is asked, and what a split or silent card answers."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from blocks.latency.measure import nvml


class Library:
    """Two cards, the faster one second; ``mig``: whether the first is split."""

    nvmlClocksEventReasonSwPowerCap = 4

    def __init__(self) -> None:
        self.mig = 0

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        return ("slow", "fast")[index]

    def nvmlDeviceGetHandleByPciBusId_v2(self, address: bytes) -> str:
        return {b"00000000:3b:00.0": "fast", b"00000000:1a:00.0": "slow"}[address]

    def nvmlDeviceGetHandleByUUID(self, uuid: bytes) -> str:
        return uuid.decode().removeprefix("GPU-")

    def nvmlDeviceGetName(self, handle: str) -> bytes:
        return handle.encode()

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> Any:
        return SimpleNamespace(total=len(handle) * 2**30)

    def nvmlDeviceGetMigMode(self, handle: str) -> tuple[int, int]:
        if handle == "fast":
            raise RuntimeError("Not Supported")
        return self.mig, self.mig

    def nvmlDeviceGetPowerUsage(self, _handle: str) -> int:
        return 250_000

    def nvmlDeviceGetCurrentClocksEventReasons(self, _handle: str) -> int:
        return 4 | 1


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    made = Library()
    monkeypatch.setattr(nvml, "_library", lambda: made)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    nvml._handle_of.cache_clear()
    yield made
    nvml._handle_of.cache_clear()


@pytest.mark.usefixtures("library")
def test_once_torch_has_a_context_its_own_card_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert nvml.card_info(0) == ("slow", 4 * 2**30), "NVML's order"
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _index: SimpleNamespace(pci_domain_id=0, pci_bus_id=0x3B, pci_device_id=0))
    assert nvml.card_info(0) == ("fast", 4 * 2**30), "CUDA's order; what was found before is not kept"


@pytest.mark.usefixtures("library")
def test_visible_devices_renumber_the_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1, GPU-slow")
    assert [nvml.card_info(i) and nvml.card_info(i)[0] for i in (0, 1)] == ["fast", "slow"]  # type: ignore[index]
    assert nvml.card_info(2) is None


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("visible", ["MIG-1234", "nonsense"])
def test_a_card_that_cannot_be_found_has_no_readings(monkeypatch: pytest.MonkeyPatch, visible: str) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert (nvml.card_info(0), nvml.read_clocks(0), nvml.throttled(0), nvml.energy(0)) == (None, None, [], None)


def test_a_split_card_is_left_to_torch(library: Library) -> None:
    library.mig = 1
    assert nvml.card_info(0) is None


@pytest.mark.usefixtures("library")
def test_what_a_card_does_not_tell_is_left_out() -> None:
    assert nvml.read_clocks(0) == {"power_w": 250.0}
    assert nvml.throttled(0) == ["the power cap"]
    assert nvml.energy(0) is None
