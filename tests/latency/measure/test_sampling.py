"""Measuring on the CPU through the device interface: what is reported, what is discarded, what is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from blocks.knobs import KnobError
from blocks.latency.measure import devices, interleaved, sampling
from blocks.latency.measure.devices import Device
from blocks.latency.measure.environment import MachineMonitor
from blocks.latency.measure.experiment import CHOICES, Experiment, Limits
from blocks.latency.measure.memory import DoesNotFit, refuse_if_too_large
from blocks.latency.measure.results import Comparison, Measurement
from blocks.latency.measure.workload import Workload, conditions_set
from blocks.workers.control import Cancelled, JobControl

QUICK = Limits(min_samples=6, max_samples=12, min_seconds=0.0, max_seconds=3.0, warmup_seconds=0.02)


def experiment(**changed: Any) -> Experiment:
    values: dict[str, Any] = {"network": "squeezenet1_1", "input_shape": (2, 3, 49, 51), "threads": 1, "limits": QUICK}
    return Experiment(**values | changed)


def run(seen: list[dict[str, Any]] | None = None) -> JobControl:
    return JobControl(lambda p: None if seen is None else seen.append(p), lambda: False)


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"quantity": "amortised"},
        {"cache": "cold"},
        {"mode": "forward_backward"},
        {"dtype": "bfloat16", "channels_last": True},
        {"dtype": "autocast"},
    ],
)
def test_every_condition_is_measured_and_named(conditions: dict[str, Any]) -> None:
    asked = experiment(**conditions)
    found = Measurement.from_dict(sampling.run_measurement(asked, Device("cpu"), run()))
    assert found.experiment == asked
    assert 6 <= found.n <= 12
    assert 0 < found.minimum <= found.median <= found.maximum
    if found.low is not None and found.high is not None:  # absent where a busy machine made the samples depend on each other
        assert found.minimum <= found.low <= found.median <= found.high <= found.maximum
    assert found.images == 2
    assert found.throughput == pytest.approx(2 / found.median)
    assert (found.p90, found.p99) == (None, None), "twelve samples say nothing of tails"
    assert (found.repeats > 1) == (asked.quantity == "amortised")
    assert found.conditions["threads"] == 1
    assert found.versions["torch"] == torch.__version__
    for value in conditions.values():
        assert value is True or str(value).replace("_", " + ") in asked.describe()


def test_conditions_are_undone_afterwards() -> None:
    before = torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32
    with conditions_set(experiment(threads=1)):
        assert torch.get_num_threads() == 1
    with pytest.raises(ZeroDivisionError), conditions_set(experiment(threads=1)):
        raise ZeroDivisionError
    assert (torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32) == before


def test_a_dtype_reaches_weights_and_input() -> None:
    workload = Workload(experiment(dtype="bfloat16", channels_last=True), Device("cpu"))
    assert {p.dtype for p in workload.network.parameters()} == {torch.bfloat16}
    assert workload.inputs[0].dtype == torch.bfloat16
    assert workload.inputs[0].is_contiguous(memory_format=torch.channels_last)
    assert workload.work().dtype == torch.bfloat16


def test_a_fresh_place_in_memory_changes_nothing_but_the_place() -> None:
    workload = Workload(experiment(), Device("cpu"))
    before = workload.work()
    places = [p.data_ptr() for p in workload.network.parameters()]
    network = workload.network
    workload.replace_in_memory()
    assert torch.equal(workload.work(), before)
    assert sum(a != p.data_ptr() for a, p in zip(places, workload.network.parameters(), strict=True)) > len(places) / 2
    assert workload.network is not network


def test_progress_is_reported_while_it_runs() -> None:
    seen: list[dict[str, Any]] = []
    slow = Limits(min_samples=6, max_samples=400, min_seconds=0.0, max_seconds=2.0, target=1e-9, warmup_seconds=0.01)
    sampling.run_measurement(experiment(limits=slow), Disturbed(10**9), run(seen))
    assert next(p["phase"] for p in seen) == "building"
    last = seen[-1]
    assert last["phase"] == "measuring"
    assert last["n"] > 0
    assert 0 <= last["share"] <= 1
    assert len(last["recent"]) <= 200


def test_a_cancelled_job_ends_at_the_next_pass() -> None:
    passes = [0]

    def cancelled() -> bool:
        passes[0] += 1
        return passes[0] > 4

    with pytest.raises(Cancelled):
        sampling.run_measurement(experiment(), Device("cpu"), JobControl(lambda _: None, cancelled))
    assert passes[0] == 5


# --- What is discarded -----------------------------------------------------------------------------------


class Disturbed(Device):
    """The CPU, on a system that takes the processor away at chosen passes."""

    def __init__(self, every: int) -> None:
        super().__init__("cpu")
        self.every, self.looks, self.count = every, 0, 0

    def interruptions(self) -> int:
        """Asked before and after each pass."""
        self.looks += 1
        if self.looks % 2 == 0 and (self.looks // 2) % self.every == 0:
            self.count += 1
        return self.count


def test_disturbed_passes_are_discarded_and_counted() -> None:
    found = Measurement.from_dict(sampling.run_measurement(experiment(), Disturbed(3), run()))
    assert found.n >= 6
    assert found.disturbed == pytest.approx(found.n / 2, abs=1), "each third pass"
    assert any("were discarded" in said for said in found.remarks)


def test_where_every_pass_is_disturbed_all_are_kept_and_that_is_said() -> None:
    found = Measurement.from_dict(sampling.run_measurement(experiment(), Disturbed(1), run()))
    assert found.n >= 6
    assert any("they are in the figure" in said for said in found.remarks)


def test_a_quiet_system_gives_no_remark() -> None:
    disturbances = sampling.DisturbanceFilter(Disturbed(10**9))
    assert [disturbances.take(lambda: 0.5) for _ in range(50)] == [(0.5, True)] * 50
    assert disturbances.remarks() == []


class Throttled(MachineMonitor):
    """A monitor on a card whose clocks are lowered at each second look."""

    looks = 0

    def read(self) -> list[str]:
        self.index = 0
        self.looks += 1
        if self.looks % 2:
            return []
        self.throttled["heat (hardware)"] = self.throttled.get("heat (hardware)", 0) + 1
        return ["heat (hardware)"]


def test_samples_at_lowered_clocks_are_discarded_and_counted() -> None:
    device = Device("cpu")
    workload = Workload(experiment(), device)
    monitor = Throttled(device)
    samples, _, discarded = sampling.take_samples(workload, device, run(), 1, monitor, sampling.DisturbanceFilter(Disturbed(10**9)))
    assert len(samples) - 1 <= discarded <= len(samples) + 1
    assert any("heat (hardware)" in said for said in monitor.remarks())


# --- Comparing ---------------------------------------------------------------------------------------------


def test_a_comparison_interleaves_and_ranks() -> None:
    """Far apart, so that the verdict is clear whatever else the machine does."""
    few = Limits(max_seconds=4.0, warmup_seconds=0.02)
    light, heavy = experiment(limits=few), experiment(limits=few, input_shape=(4, 3, 151, 149))
    found = Comparison.from_dict(interleaved.run_comparison([light, heavy, light], Device("cpu"), run()))
    assert len(found.verdicts) == 2
    assert len(found.each) == 3
    assert found.verdicts[0]["ratio"] > 3
    assert found.rounds == found.episodes * interleaved.ROUNDS
    assert all(m.n == found.rounds for m in found.each)
    assert [len(row) for row in found.log_ratios] == [3] * found.episodes
    assert all(row[0] == 0.0 for row in found.log_ratios)
    assert found.ranking[-1]["index"] == 1
    assert {p["index"] for p in found.ranking} == {0, 1, 2}


def test_equal_names_become_a_and_b() -> None:
    one, other = experiment(), experiment(network="mobilenet_v2")
    assert interleaved._names([one, one, other], 1) == ("A", "B")
    assert interleaved._names([one, one, other], 2) == ("squeezenet1_1", "mobilenet_v2")


def test_a_disturbed_pass_of_a_comparison_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interleaved, "LONG", float("inf"))  # however slow the machine that runs this
    few = Limits(max_seconds=0.2, warmup_seconds=0.01)
    device = Disturbed(2)
    contest = interleaved.InterleavedComparison([experiment(limits=few)] * 2, device, run())
    contest.prepare()
    contest.episode()
    assert len(contest.samples[0]) == interleaved.ROUNDS
    assert contest.disturbances.taken == pytest.approx(2 * 2 * interleaved.ROUNDS, abs=2)
    assert contest.disturbances.disturbed == pytest.approx(contest.disturbances.taken / 2, abs=1)


# --- What cannot be ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("field", "value"), [("dtype", "tf32"), ("clock", "device"), ("compile", "cuda_graph")])
def test_what_the_cpu_cannot_do_has_a_reason(field: str, value: str) -> None:
    reason = next(o.reason for o in devices.options("cpu") if (o.field, o.value) == (field, value))
    assert reason.endswith(".")
    with pytest.raises(KnobError, match=reason.split(";")[0].rstrip(".")):
        devices.check_supported(experiment(**{field: value}))


def test_options_are_every_value_of_every_choice() -> None:
    assert {(o.field, o.value) for o in devices.options("cpu")} == {(f, v) for f, choices in CHOICES.items() for v in choices}


def test_a_device_that_is_not_here_is_named() -> None:
    with pytest.raises(KnobError, match="is not here"):
        devices.open_device("cuda:97")


@pytest.mark.parametrize(
    ("changed", "argument"),
    [
        ({"dtype": "float7"}, "dtype"),
        ({"input_shape": (0, 3, 4, 4)}, "input_shape"),
        ({"threads": 0}, "threads"),
        ({"processes": 51}, "processes"),
        ({"limits": Limits(target=0.0)}, "target"),
        ({"limits": Limits(min_samples=5)}, "min_samples"),
        ({"limits": Limits(max_seconds=float("inf"))}, "max_seconds"),
    ],
)
def test_impossible_experiments_name_the_argument(changed: dict[str, Any], argument: str) -> None:
    with pytest.raises(KnobError) as error:
        experiment(**changed)
    assert error.value.argument == argument


def test_memory_is_refused_with_the_batch_that_fits() -> None:
    with pytest.raises(DoesNotFit, match=r"batch of 64 needs about 8 GB, and 2 GB may be used on cpu. A batch of about 16 would fit."):
        refuse_if_too_large(8_000_000_000, 2_000_000_000, "cpu", 64)
    refuse_if_too_large(5, 5, "cpu", 1)


# --- With a GPU --------------------------------------------------------------------------------------------


@pytest.mark.cuda
@pytest.mark.parametrize(
    "conditions",
    [
        {}, {"clock": "device"}, {"clock": "device", "cache": "cold"}, {"quantity": "amortised"}, {"dtype": "tf32"}, {"dtype": "float16", "channels_last": True},
        {"dtype": "autocast", "mode": "forward_backward"}, {"compile": "cuda_graph", "clock": "device"},
    ],
)  # fmt: skip
def test_a_gpu_is_measured_under_every_condition(conditions: dict[str, Any]) -> None:
    asked = experiment(device="cuda:0", threads=None, **conditions)
    devices.check_supported(asked)
    found = Measurement.from_dict(sampling.run_measurement(asked, devices.open_device("cuda:0"), run()))
    assert found.n >= 6
    assert found.conditions["device_name"] == torch.cuda.get_device_name(0)
    assert found.conditions.get("gpu_clocks", {}).get("sm_mhz", [1])[0] > 0


@pytest.mark.cuda
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two GPUs")
def test_the_second_gpu_records_its_own_graphs() -> None:
    device = devices.open_device("cuda:1")
    device.occupy()
    try:
        found = sampling.run_measurement(experiment(device="cuda:1", threads=None, compile="cuda_graph", clock="device"), device, run())
    finally:
        torch.cuda.set_device(0)
    assert Measurement.from_dict(found).conditions["device_name"] == torch.cuda.get_device_name(1)


@pytest.mark.cuda
def test_a_gpu_comparison_and_its_flush() -> None:
    device = devices.open_device("cuda:0")
    assert device._flush_buffer().numel() * 4 >= min(2 * device.cache_bytes(), 2**28)
    work: Callable[[], Any] = lambda: torch.randn(2048, 2048, device="cuda:0").sum()  # noqa: E731
    assert 0 < device.device_time(work) < 60
    few = Limits(max_seconds=3.0)
    found = Comparison.from_dict(interleaved.run_comparison([experiment(device="cuda:0", threads=None, limits=few)] * 2, device, run()))
    assert found.episodes >= 1


def test_a_card_that_is_nearly_always_throttled_is_measured_as_it_is() -> None:
    disturbances = sampling.DisturbanceFilter(Disturbed(10**9))
    for _ in range(40):
        disturbances.take(lambda: 0.5)
    assert [disturbances.throttled() for _ in range(40)] == [True] * 36 + [False] * 4


def test_an_episode_at_lowered_clocks_is_forgotten() -> None:
    few = Limits(max_seconds=0.2, warmup_seconds=0.01)
    contest = interleaved.InterleavedComparison([experiment(limits=few)] * 2, Disturbed(10**9), run())
    contest.prepare()
    contest.episode()
    contest.episode()
    contest.forget_episode()
    assert [len(contest.log_times), len(contest.log_ratios), len(contest.samples[0])] == [1, 1, interleaved.ROUNDS]
    assert contest.remarks() == ["1 episode was discarded because the clocks were lowered."]
