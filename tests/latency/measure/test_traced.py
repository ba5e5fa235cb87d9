"""The trace of an experiment is the one that its page shows."""

from __future__ import annotations

from blocks import analyse
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.traced import trace_of


def test_shape_dtype_mode_and_knobs_are_the_experiments() -> None:
    experiment = Experiment("resnet18", (("width_mult", 0.5),), (2, 3, 64, 65), dtype="bfloat16", mode="forward_backward")
    found, shown = trace_of(experiment), analyse("resnet18", (2, 3, 64, 65), dtype="bfloat16", training=True, width_mult=0.5)
    assert (found.input_shape, found.dtype, found.training) == ((2, 3, 64, 65), "bfloat16", True)
    assert [(n.index, n.op, n.outputs) for n in found.graph.nodes] == [(n.index, n.op, n.outputs) for n in shown.graph.nodes]


def test_tf32_and_autocast_hold_32_bit_floats() -> None:
    for dtype in ("tf32", "autocast"):
        assert trace_of(Experiment("squeezenet1_1", input_shape=(1, 3, 65, 65), dtype=dtype)).dtype == "float32"
