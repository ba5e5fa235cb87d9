"""Profiles: every operation of the trace gets its seconds, the parts add up to the whole, and what has no node is named."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from torch.autograd import DeviceType

from blocks import analyse, catalog
from blocks.knobs import KnobError
from blocks.latency.measure import profile
from blocks.latency.measure.devices import Device
from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.measure.profile_match import match_functions, traced_op_name
from blocks.latency.measure.traced import trace_of
from blocks.workers.control import JobControl

QUICK = Limits(max_seconds=0.2, warmup_seconds=0.05)


def run() -> JobControl:
    return JobControl(lambda _: None, lambda: False)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "shufflenet_v2_x0_5", "vit_ti_16", "condensenet86_cifar", "oct_resnet26"])
def test_every_operation_finds_its_function(name: str) -> None:
    analysis, network = analyse(name), catalog.build(name).eval()
    x = torch.zeros(analysis.input_shape)
    with torch.inference_mode(), profile.Marker() as marker:
        network(x)
    pairs = match_functions(analysis.graph, marker.seen)
    operations = {n.index for n in analysis.graph.nodes if n.kind not in ("input", "output")}
    assert set(pairs.values()) == operations
    assert all(analysis.graph.nodes[node].shape == marker.seen[number][1] for number, node in pairs.items())  # type: ignore[index]
    assert list(pairs.values()) == sorted(pairs.values())


def test_a_function_that_the_trace_lacks_shifts_nothing() -> None:
    net = nn.Sequential(nn.Conv2d(2, 3, 1), nn.ReLU(), nn.Conv2d(3, 5, 1))
    graph = analyse(net, (1, 2, 7, 11)).graph
    seen = [("rand", (4,)), ("conv2d", (1, 3, 7, 11)), None, ("exp", (2,)), ("relu", (1, 3, 7, 11)), ("conv2d", (1, 5, 7, 11)), ("sum", ())]
    found = match_functions(graph, seen)
    assert [graph.nodes[found[i]].shape[1] for i in (1, 4, 5)] == [3, 3, 5]
    assert set(found) == {1, 4, 5}


def test_another_spelling_between_equal_neighbours_finds_its_node() -> None:
    graph = analyse(nn.Sequential(nn.Conv2d(2, 3, 1), nn.ReLU(), nn.Conv2d(3, 5, 1)), (1, 2, 7, 11)).graph
    seen = [("conv2d", (1, 3, 7, 11)), ("rectify", (1, 3, 7, 11)), ("conv2d", (1, 5, 7, 11))]
    assert len(match_functions(graph, seen)) == 3
    assert len(match_functions(graph, [seen[0], ("rectify", (9,)), seen[2]])) == 2  # another shape is another operation


@pytest.mark.parametrize(
    ("func", "name"), [(torch.Tensor.add_, "add"), (torch.Tensor.__rsub__, "sub"), (nn.functional.relu, "relu"), (torch.Tensor.lgamma_, "lgamma")]
)
def test_names_are_the_traces(func: object, name: str) -> None:
    assert traced_op_name(func) == name  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["forward", "forward_backward"])
def test_the_parts_add_up_to_the_whole(mode: str) -> None:
    experiment = Experiment("squeezenet1_1", input_shape=(1, 3, 65, 67), mode=mode, threads=1, limits=QUICK)
    found = profile.Profile.from_dict(profile.run_profile(experiment, Device("cpu"), run()))
    analysis = trace_of(experiment)
    assert set(found.by_node) == {n.index for n in analysis.graph.nodes if n.kind not in ("input", "output")}
    assert all(seconds > 0 for seconds in found.by_node.values())
    assert math.isclose(found.sum, sum(found.by_node.values()))
    assert math.isclose(found.whole, found.sum + found.other + found.between_operations - found.overhead, rel_tol=1e-9)
    assert found.passes >= profile.PASSES[0]
    convolutions = [n.index for n in analysis.graph.nodes if n.op == "conv2d"]
    # The function with most time of its own is named; on a busy machine that is now and then one that was interrupted.
    assert sum("conv" in " ".join(found.kernels[i]) for i in convolutions) >= 0.8 * len(convolutions)
    assert bool(found.backward) == (mode == "forward_backward")
    if mode == "forward_backward":
        assert all(0 < found.backward[i] < found.by_node[i] * 1.5 for i in convolutions)
        assert "sum" in found.unmapped


def test_added_work_is_found_where_it_was_added(tmp_path: object) -> None:
    """A network whose third operation is by far the heaviest: the profile must point at it."""
    file = tmp_path / "heavy.py"  # type: ignore[operator]
    file.write_text(
        "from torch import nn\n\nclass Net(nn.Sequential):\n    def __init__(self):\n"
        "        super().__init__(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Conv2d(4, 256, 7, padding=3), nn.AdaptiveAvgPool2d(1))\n"
    )
    experiment = Experiment(f"{file}:Net", input_shape=(1, 3, 61, 59), threads=1, limits=QUICK)
    found = profile.Profile.from_dict(profile.run_profile(experiment, Device("cpu"), run()))
    heaviest = max(found.by_node, key=found.by_node.__getitem__)
    assert trace_of(experiment).graph.nodes[heaviest].shape == (1, 256, 61, 59)


@pytest.mark.parametrize(
    ("changed", "argument"), [({"compile": "compile"}, "compile"), ({"network": "x.pt2", "input_shape": (1, 2)}, "network"), ({"device": "mps"}, "device")]
)
def test_what_cannot_be_laid_on_a_trace_is_refused(changed: dict[str, object], argument: str) -> None:
    with pytest.raises(KnobError) as error:
        profile.check_profilable(Experiment(**{"network": "resnet18", **changed}))  # type: ignore[arg-type]
    assert error.value.argument == argument


def test_a_network_that_differs_from_pass_to_pass_is_refused(tmp_path: object) -> None:
    file = tmp_path / "moody.py"  # type: ignore[operator]
    file.write_text(
        "from torch import nn\n\nclass Net(nn.Module):\n    times = 0\n    def forward(self, x):\n        self.times += 1\n"
        "        for _ in range(self.times):\n            x = x.relu()\n        return x\n"
    )
    experiment = Experiment(f"{file}:Net", input_shape=(2, 3), threads=1, limits=QUICK)
    with pytest.raises(RuntimeError, match="different functions"):
        profile.run_profile(experiment, Device("cpu"), run())


FIGURES = {"whole": 0.010, "sum": 0.007, "other": 0.0005, "between_operations": 0.0035, "overhead": 0.001}


def test_the_difference_is_explained_with_its_size() -> None:
    said = " ".join(profile.explain(FIGURES, ["zeros"], 0.0, host=True))
    assert "7 ms (64 %) of a pass under the profiler, 11 ms" in said
    assert "takes 10 ms" in said
    assert "0.5 ms (4.5 %) went to functions" in said
    assert "3.5 ms (32 %) passed between operations" in said
    assert "1 ms (10 %) longer" in said
    assert "zeros" in said


@pytest.mark.parametrize("between", [0.0035, 0.0, -0.002])
def test_the_shares_of_a_profile_add_up_to_at_most_all_of_it(between: float) -> None:
    figures = FIGURES | {"between_operations": between}
    assert (figures["sum"] + figures["other"] + max(between, 0)) / profile.profiled_pass(figures) == pytest.approx(1)
    assert figures["sum"] <= profile.profiled_pass(figures)


def test_a_device_clock_is_explained_by_waiting_or_overlap() -> None:
    assert "waited for launches" in " ".join(profile.explain(FIGURES | {"other": 0.0, "overhead": 0.0}, [], 0.0, host=False))
    assert "overlapped for 2 ms" in " ".join(profile.explain(FIGURES | {"between_operations": -0.002}, [], 0.0, host=False))


def test_ranges_repeated_on_the_gpus_timeline_are_not_counted_twice() -> None:
    class Gpu(Device):
        def event_seconds(self, event: Any) -> float:
            return float(event.seconds)

    def event(name: str, seconds: float, where: DeviceType = DeviceType.CPU, sequence_nr: int = -1, children: Any = ()) -> Any:
        return SimpleNamespace(
            name=name, seconds=seconds, device_type=where, sequence_nr=sequence_nr, cpu_children=list(children), kernels=[], self_cpu_time_total=1.0
        )

    backward = "autograd::engine::evaluate_function: ReluBackward0"
    events = [
        event("node 0", 2.0, children=[event("aten::relu", 2.0, sequence_nr=5)]), event("node 0", 3.0, DeviceType.CUDA),
        event(backward, 4.0, sequence_nr=5), event(backward, 9.0, DeviceType.CUDA, sequence_nr=5),
    ]  # fmt: skip
    found = profile._Pass([0.0], [0.0], 10.0, [[]], 0.0, True)
    profile._read(events, found, Gpu("cpu"))
    assert (found.seconds, found.backward, found.stray, found.kernels) == ([6.0], [4.0], 0.0, [["aten::relu"]])


@pytest.mark.cuda
def test_kernels_of_a_gpu_are_laid_on_nodes() -> None:
    from blocks.latency.measure.devices import open_device

    experiment = Experiment("resnet18", device="cuda:0", limits=QUICK)
    found = profile.Profile.from_dict(profile.run_profile(experiment, open_device("cuda:0"), run()))
    assert found.overhead == 0.0
    assert sum(found.by_node.values()) > 0
    assert any(found.kernels.values())
