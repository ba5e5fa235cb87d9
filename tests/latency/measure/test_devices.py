"""What a device refuses, and what it frees between jobs."""

from __future__ import annotations

import importlib.util
import shutil
from typing import Any

import pytest
import torch

from blocks.knobs import KnobError
from blocks.latency.measure import devices
from blocks.latency.measure.devices import Cuda, Device, Mps
from blocks.latency.measure.experiment import Experiment


@pytest.mark.parametrize(
    ("missing", "capability", "reason"),
    [
        ("", (8, 0), ""),
        ("", (6, 1), "needs compute capability 7.0"),
        ("triton", (9, 0), "Triton on a GPU, and it is not installed"),
        ("gcc", (9, 0), "needs a C compiler, and none is installed"),
    ],
)
def test_compiling_for_a_gpu_needs_triton_and_a_c_compiler(monkeypatch: pytest.MonkeyPatch, missing: str, capability: Any, reason: str) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else object())
    monkeypatch.setattr(shutil, "which", lambda _name: None if missing == "gcc" else "/usr/bin/gcc")
    monkeypatch.setattr(devices.sys, "platform", "linux")
    said = Cuda("cuda:0").reason_against("compile", "compile")
    assert (reason in said) if reason else said == ""


def test_cold_caches_and_passes_in_a_row_exclude_each_other() -> None:
    with pytest.raises(KnobError) as error:
        devices.check_supported(Experiment("resnet18", quantity="amortised", cache="cold"))
    assert (error.value.argument, error.value.nearest) == ("cache", ("hot",))


def test_compiled_code_ends_with_its_job(monkeypatch: pytest.MonkeyPatch) -> None:
    resets: list[bool] = []
    monkeypatch.setattr(torch.compiler, "reset", lambda: resets.append(True))
    monkeypatch.setattr(devices.sys, "modules", {"torch._dynamo": torch})
    Device("cpu").release()
    monkeypatch.setattr(devices.sys, "modules", {})
    Device("cpu").release()
    assert resets == [True], "only where something was compiled"


class Card:
    """What torch tells about a card, and the share of its memory that this process may take."""

    total_memory = 80 * 10**9
    share = 1.0

    def __init__(self, monkeypatch: pytest.MonkeyPatch, uuid: str = "4be2-07", reserved: int = 0) -> None:
        self.uuid = uuid
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _device: self)
        monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _device: reserved)
        monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", lambda share, _device: setattr(self, "share", share))


def test_a_card_has_one_identity_under_any_number(monkeypatch: pytest.MonkeyPatch) -> None:
    Card(monkeypatch, "4be2-07")
    first = Cuda("cuda:0").identity()
    assert Cuda("cuda:3").identity() == first
    Card(monkeypatch, "4be2-08")
    assert Cuda("cuda:0").identity() != first
    assert Device("cpu").identity() == "cpu"


def test_a_jobs_limit_holds_on_a_card_and_is_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(monkeypatch, reserved=4 * 10**9)
    device = Cuda("cuda:0")
    device.limit_memory(16 * 10**9)
    assert card.share == pytest.approx(0.25), "16 GB beyond the 4 GB that are held already"
    device.limit_memory(200 * 10**9)
    assert card.share == 1.0
    device.limit_memory(16 * 10**9)
    device.limit_memory(None)
    assert card.share == 1.0


@pytest.mark.cuda
def test_a_card_refuses_more_than_the_limit() -> None:
    device = Cuda("cuda:0")
    device.limit_memory(64 * 2**20)
    try:
        with pytest.raises(torch.OutOfMemoryError):
            torch.empty(256 * 2**20, dtype=torch.uint8, device="cuda:0")
    finally:
        device.limit_memory(None)
    assert torch.empty(256 * 2**20, dtype=torch.uint8, device="cuda:0").numel() == 256 * 2**20


def test_metal_keeps_the_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    set_limits: list[int | None] = []
    monkeypatch.setattr(devices, "limit_memory", set_limits.append)
    Mps("mps").limit_memory(2**20)
    assert set_limits == []
    Device("cpu").limit_memory(2**20)
    assert set_limits == [2**20]
