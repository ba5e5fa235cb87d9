"""Probes: arithmetic against closed forms on a device whose clock is made up, and the way from the job through the ledger to a machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn

from blocks import analyse
from blocks.knobs import KnobError
from blocks.latency import lab
from blocks.latency.measure.devices import Device
from blocks.latency.measure.jobs import MeasuringHandler
from blocks.latency.roofline import known_machines, microbenchmarks
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.known_machines import machine
from blocks.latency.roofline.machines import GROUPS
from blocks.latency.store import ledger
from blocks.workers import serve
from blocks.workers.control import Cancelled, JobControl


class Made(Device):
    """A processor on which every call takes as long as is said."""

    def __init__(self, seconds: Callable[[Callable[[], Any]], float]) -> None:
        super().__init__("cpu")
        self.seconds = seconds

    def host_time(self, work: Callable[[], Any]) -> float:
        return self.seconds(work)

    def cache_bytes(self) -> int:
        return 2**20


def shorten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(microbenchmarks, "SECONDS", 0.001)
    patch.setattr(microbenchmarks, "LARGEST_PRODUCT", 256)
    patch.setattr(microbenchmarks, "NETWORKS", ("shufflenet_v2_x0_5", "mobilenet_v3_small", "squeezenet1_1"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch)


@pytest.fixture
def control() -> JobControl:
    return JobControl(lambda _: None, lambda: False)


def test_bandwidth_counts_two_arrays_read_and_one_written(control: JobControl) -> None:
    size = 2**26  # the smallest array, as this cache is smaller
    assert microbenchmarks.bandwidth_of(Made(lambda _: 0.5), control) == pytest.approx(3 * size / 0.5)


def test_peak_counts_two_operations_a_product(control: JobControl) -> None:
    assert microbenchmarks.peak_of("float32", Made(lambda _: 2.0), control) == pytest.approx(2 * 256**3 / 2.0)


def test_peak_is_the_best_of_its_sides_and_stops_at_a_slow_one(control: JobControl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microbenchmarks, "LARGEST_PRODUCT", 4096)
    sides: list[int] = []

    def seconds(work: Any) -> float:
        if hasattr(work, "__closure__"):
            side = next(len(c.cell_contents.args[0]) for c in work.__closure__ if hasattr(c.cell_contents, "args"))
            sides.append(side)
            return 0.01 if side == 256 else 0.06
        return 1.0

    assert microbenchmarks.peak_of("float32", Made(seconds), control) == pytest.approx(2 * 512**3 / 0.06)
    assert set(sides) == {256, 512}


def test_overhead_is_of_one_operation(control: JobControl) -> None:
    assert microbenchmarks.overhead_of(Made(lambda _: 200 * 3e-6), control) == pytest.approx(3e-6)


def test_the_best_time_counts(control: JobControl) -> None:
    times: Iterator[float] = iter([9.0, 5.0, 7.0, 8.0, 6.0])
    assert min(microbenchmarks._times(lambda: None, Made(lambda _: next(times, 4.5)), control, seconds=0.0)) == 5.0


def test_a_probe_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        microbenchmarks.bandwidth_of(Made(lambda _: 0.1), JobControl(lambda _: None, lambda: True))


def test_a_group_reaches_the_sum_of_roofs_over_the_sum_of_times() -> None:
    reached = [{"group": g, "roof": 1.0, "seconds": 2.0} for g in GROUPS] + [{"group": "pool", "roof": 2.0, "seconds": 10.0}]
    found = microbenchmarks.factors_of(reached)
    assert found["pool"] == pytest.approx(3 / 12)
    assert found["dense"] == pytest.approx(1 / 2)


def test_a_network_has_no_say_in_its_own_error() -> None:
    checked = [{"measured": m, "estimated": 1.0} for m in (2.0, 2.0, 2.0, 8.0)]
    scale, error = microbenchmarks.scale_of(checked)
    assert scale == 2.0
    assert error == 0.0  # the three that agree predict each other; the fourth is missed by 3/4, beyond the median
    assert microbenchmarks.scale_of([{"measured": 1.0, "estimated": 1.0}, {"measured": 3.0, "estimated": 1.0}])[1] == pytest.approx((2 + 2 / 3) / 2)


@pytest.mark.parametrize(("group", "make", "shape"), microbenchmarks.SAMPLES)
def test_every_sample_is_of_its_group(group: str, make: Callable[[], nn.Module], shape: tuple[int, ...]) -> None:
    assert microbenchmarks.work_of(make().eval(), (2, *shape)).group == group
    assert make()(torch.zeros(2, *shape)) is not None


def test_all_groups_are_sampled() -> None:
    assert {group for group, _, _ in microbenchmarks.SAMPLES} == set(GROUPS)


class Box:
    """The process around a job."""

    cancelled: set[str]

    def __init__(self) -> None:
        self.cancelled, self.said = set(), []

    def send(self, **message: Any) -> None:
        self.said.append(message)


@pytest.fixture(scope="module")
def reply() -> dict[str, Any]:
    """What the probe job answers on this processor."""
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        box = Box()
        answer = serve.answer(MeasuringHandler("cpu"), {"id": "p1", "kind": "probe", "payload": {"device": "cpu", "threads": 1}}, box)
    assert answer["event"] == "result", answer
    assert {m["progress"]["phase"].split(":")[0] for m in box.said} >= {"bandwidth", "matrix products in float32", "operations", "networks"}
    return answer["result"]


@pytest.fixture
def probed(reply: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> dict[str, Any]:
    """The reply, kept in a ledger of its own."""
    monkeypatch.setenv(ledger.LEDGER_URL_VARIABLE, f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    assert ledger.record_result("probe", "p1", reply, "test") == ""
    return reply


def test_a_probed_device_becomes_a_machine(probed: dict[str, Any]) -> None:
    threads = torch.get_num_threads()
    found = next(m for m in known_machines.measured_machines())
    assert found.name == ("cpu" if threads == 1 else "cpu-1")
    assert found.measured
    assert found.peaks == pytest.approx(probed["peaks"])
    assert set(found.efficiency.factors) == set(GROUPS)
    assert found.efficiency.error == pytest.approx(probed["error"])
    assert "1 thread" in found.title
    assert estimate(analyse("mobilenet_v2"), machine(found.name)).seconds > 0


def test_the_newest_probe_counts(probed: dict[str, Any]) -> None:
    later = probed | {"finished_at": time.time() + 60, "bandwidth": 12345.0}
    assert ledger.record_result("probe", "p2", later, "test") == ""
    assert [m.bandwidth for m in known_machines.measured_machines()] == [12345.0]
    elsewhere = later | {"finished_at": time.time() + 90, "bandwidth": 1.0, "machine": {"node": "another computer"}}
    ledger.record_result("probe", "p3", elsewhere, "test")
    assert [m.bandwidth for m in known_machines.measured_machines()] == [12345.0]


def test_no_ledger_no_machine_and_no_exception(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "ledger.sqlite").write_text("this is no database, but a text that is long enough to have a header" * 20)
    monkeypatch.setenv(ledger.LEDGER_URL_VARIABLE, f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    assert known_machines.measured_machines() == []


def test_a_device_that_is_not_here_is_refused() -> None:
    with pytest.raises(KnobError, match="device"):
        lab.probe("cuda:7")


def test_threads_and_precision_are_as_before_a_probe() -> None:
    before = (torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32)
    box = Box()
    box.cancelled.add("gone")
    assert serve.answer(MeasuringHandler("cpu"), {"id": "gone", "kind": "probe", "payload": {"device": "cpu", "threads": 1}}, box) == {"event": "cancelled"}
    assert before == (torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no NVIDIA GPU here")
def test_a_gpu_is_probed_on_the_same_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(microbenchmarks, "LARGEST_PRODUCT", 4096)
    monkeypatch.setenv(ledger.LEDGER_URL_VARIABLE, f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    reply = serve.answer(MeasuringHandler("cuda:0"), {"id": "g1", "kind": "probe", "payload": {"device": "cuda:0", "threads": None}}, Box())
    assert reply["event"] == "result", reply
    found = microbenchmarks.Microbenchmarks.from_dict(reply["result"]).as_machine()
    assert (found.name, found.kind) == ("cuda:0", "gpu")
    assert found.peak("float16") > found.peak("float32") > found.peak("float64")
    assert found.efficiency.tested == (32, 32, "float32")
