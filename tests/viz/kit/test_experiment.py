"""A choice becomes an experiment with its own type and mode, unless a setting overrides them."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from viz.kit.choice import Choice
from viz.kit.experiment import experiment_of


def test_everything_of_a_choice_is_in_the_experiment() -> None:
    made = experiment_of(Choice("resnet50", {"se_ratio": 16}, side=160, batch=4, dtype="bfloat16", training=True), "cpu", quantity="amortised", threads=2)
    assert (made.network, made.knobs, made.input_shape) == ("resnet50", (("se_ratio", 16),), (4, 3, 160, 160))
    assert (made.device, made.dtype, made.mode, made.quantity, made.threads) == ("cpu", "bfloat16", "forward_backward", "amortised", 2)


def test_settings_override_type_and_mode() -> None:
    made = experiment_of(Choice("resnet50", dtype="bfloat16", training=True), "cpu", dtype="float32", mode="forward")
    assert (made.dtype, made.mode) == ("float32", "forward")


def test_a_type_that_is_only_counted_is_refused() -> None:
    with pytest.raises(KnobError, match="counted but not measured"):
        experiment_of(Choice("resnet50", dtype="int8"), "cpu")
