"""What a device refuses, and what it frees between jobs."""

from __future__ import annotations

import importlib.util
import shutil
from typing import Any

import pytest
import torch

from blocks.knobs import KnobError
from blocks.latency.measure import devices
from blocks.latency.measure.devices import Cuda, Device
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
