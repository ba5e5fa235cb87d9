"""The steps of the check on a GPU: what they choose to measure, and how they hold against estimates and published figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from blocks import catalog, reference
from blocks.latency.measure.devices import Device
from blocks.latency.roofline.machines import published_machines
from scripts import gpu_steps
from scripts.step_runner import Skipped, StepTask

TASK = StepTask("cpu", 60.0, quick=True)


def test_there_are_24_presets_and_all_but_two_have_published_throughputs() -> None:
    assert len(set(gpu_steps.MEASURED_PRESETS)) == 24
    assert set(gpu_steps.MEASURED_PRESETS) <= set(catalog.names(kind="model"))
    known = set(reference.all_throughput()["preset"])
    assert [name for name in gpu_steps.MEASURED_PRESETS if name not in known] == ["shufflenet_v2_x1_0", "squeezenet1_1"]


def test_published_sizes_are_nearest_to_the_networks_own() -> None:
    assert dict(gpu_steps.published_sizes(("resnet50", "squeezenet1_1", "inception_v3"))) == {"resnet50": 224, "inception_v3": 299}


def test_shapes_keep_the_networks_channels() -> None:
    assert gpu_steps.input_shape_of("inception_v3", 5, replace(TASK, quick=False)) == (5, 3, 299, 299)
    assert gpu_steps.input_shape_of("inception_v3", 5, TASK) == (5, 3, 64, 64)


def test_time_that_is_over_is_said_and_nothing_is_measured() -> None:
    (record,) = gpu_steps.all_measured([{"network": "resnet18"}] * 3, replace(TASK, seconds=0.0), 1.0)
    assert record == {"not_measured": 3, "reason": "the step's time was over"}


def test_measurements_shorten_when_time_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(gpu_steps, "measured_record", lambda experiment, _device: asked.append(experiment.limits.max_seconds) or {})
    list(gpu_steps.all_measured([{"network": "resnet18"}] * 4, replace(TASK, seconds=1e4), 1.0))
    list(gpu_steps.all_measured([{"network": "resnet18"}] * 4, replace(TASK, seconds=1.0), 1.0))
    assert asked[:4] == pytest.approx([0.6] * 4)
    assert asked[4] == pytest.approx(0.6 * 0.5 / 4, rel=0.2)


def test_the_batch_is_halved_where_memory_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def measured(experiment: Any, _device: Device) -> dict[str, Any]:
        tried.append(experiment.batch)
        return {"error": "OutOfMemoryError: ..."} if experiment.batch > 64 else {"median": 1.0}

    monkeypatch.setattr(gpu_steps, "measured_record", measured)
    assert gpu_steps.largest_batch("resnet18", 224, 256, {}, Device("cpu")) == {"median": 1.0}
    assert tried == [256, 128, 64]


def test_estimates_take_the_measured_roofline_and_the_published_one_of_the_devices_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Named(Device):
        def name(self) -> str:
            return "NVIDIA H100 80GB HBM3"

    monkeypatch.setattr(gpu_steps, "open_device", Named)
    assert list(gpu_steps.roofs_of(TASK)) == ["h100"]
    roof = next(machine for machine in published_machines() if machine.name == "h100")
    monkeypatch.setattr(gpu_steps, "roofs_of", lambda _task: {"measured": roof})
    monkeypatch.setattr(gpu_steps, "measured_record", lambda experiment, _device: {"network": experiment.network, "median": 2.0})
    for record in gpu_steps.estimates_step(TASK):
        assert record["ratio"]["measured"] == record["estimated"]["measured"] / 2.0 > 0
    monkeypatch.setattr(gpu_steps, "roofs_of", lambda _task: {})
    with pytest.raises(Skipped):
        next(gpu_steps.estimates_step(TASK))


def test_memory_is_expected_on_any_device_and_allocated_on_a_gpu_only() -> None:
    records = list(gpu_steps.memory_step(TASK))
    assert len(records) == 4
    assert all(r["expected"] > 0 and r["allocated"] is None and r["ratio"] is None for r in records)
    assert {r["mode"] for r in records} == {"forward", "forward_backward"}


def test_files_with_cuda_tests_are_found_and_need_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(gpu_steps, "output_of", lambda command, _seconds: commands.append(command) or (1, "2 failed, 11 passed, 64 deselected in 9s"))
    step = gpu_steps.tests_step(TASK)
    record = next(step)
    assert (record["passed"], record["failed"], record["exit_code"]) == (11, 2, 1)
    with pytest.raises(RuntimeError, match="exit code 1"):
        next(step)
    assert "tests/latency/measure/test_sampling.py" in commands[0]
    assert not any(word.startswith(("tests/pages", "tests/viz", "tests/browser")) for word in commands[0])


def test_a_command_that_takes_too_long_leaves_its_output() -> None:
    code, output = gpu_steps.output_of(["sh", "-c", "echo begun; sleep 60"], 0.5)
    assert (code, output) == (None, "begun\n")
