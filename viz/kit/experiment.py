"""A choice as a latency experiment: the one place where a page's network, input and mode become what is measured."""

from __future__ import annotations

from typing import Any

from blocks.knobs import KnobError
from blocks.latency.measure.experiment import CHOICES, Experiment
from viz.kit.choice import Choice


def experiment_of(choice: Choice, device: str, **settings: Any) -> Experiment:
    """The experiment on ``choice`` at ``device``; ``settings`` are further fields of :class:`Experiment`, and override the choice's own type and mode.

    Raises KnobError where a field cannot be measured, such as a type that is only counted.
    """
    dtype = settings.pop("dtype", choice.dtype)
    if dtype not in CHOICES["dtype"]:
        raise KnobError("dtype", dtype, f"is counted but not measured; measured are {', '.join(CHOICES['dtype'])}", ["float32"])
    mode = settings.pop("mode", "forward_backward" if choice.training else "forward")
    return Experiment(choice.name, tuple(choice.knobs.items()), choice.shape, device, dtype, mode, **settings)
