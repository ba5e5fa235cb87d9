"""The trace of an experiment: what a profile's times, an estimate and the memory check are read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.workload import build_network, shapes_of

if TYPE_CHECKING:
    from blocks.analysis import Analysis


def trace_of(experiment: Experiment) -> Analysis:
    """The trace that the page shows for this experiment: its node indices are the same. Raises KnobError or TraceError."""
    from blocks.analysis import DTYPES, analyse  # here: the measuring process starts in two thirds of the time without it

    shapes = shapes_of(experiment)
    shape = shapes if len(shapes) > 1 else shapes[0]
    dtype = experiment.dtype if experiment.dtype in DTYPES else "float32"  # TF32 and autocast store 32-bit floats
    training = experiment.mode == "forward_backward"
    if experiment.from_file:
        return analyse(build_network(experiment), shape, dtype=dtype, training=training)
    return analyse(experiment.network, shape, dtype=dtype, training=training, **dict(experiment.knobs))
