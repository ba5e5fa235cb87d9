"""A training step on Explore: its parts, its line and the largest batch are those of the library."""

from __future__ import annotations

import pytest

from blocks import analyse
from blocks.cost.largest_batch import LargestBatch
from blocks.language import speaking
from tests.drawing import charts, numbers, said, shown
from viz.explore import training_panel
from viz.kit.choice import Choice
from viz.kit.numbers import memory

CHOICE = Choice("bottleneck")


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_parts_are_those_of_a_step(optimizer: str) -> None:
    step = analyse("bottleneck", training=True).training_memory(optimizer)
    app = shown(training_panel.training_panel, CHOICE, optimizer=optimizer)
    expected = [step.weights, step.gradients, step.optimizer_state, step.saved, step.peak]
    assert [metric.value for metric in app.metric] == [memory(size) for size in expected]
    assert step.where in said(app)
    (chart,) = charts(app)
    assert max(value for trace in chart["data"] for value in numbers(trace["y"])) == pytest.approx(step.peak / 2**20)


def test_the_largest_batch_is_of_the_memory_that_is_given() -> None:
    app = shown(training_panel.training_panel, CHOICE, explore_device_memory=0.25)
    for training in (True, False):
        found = analyse("bottleneck").largest_batch(2**28, training=training)
        assert f"a batch of **{found.batch}** fits" in said(app)
    app.number_input[0].set_value(0.001).run()
    assert "not even the smallest batch fits" in said(app)


def test_what_cannot_be_trained_says_so() -> None:
    assert "int8 has no gradients" in said(shown(training_panel.training_panel, Choice("bottleneck", dtype="int8")))


def test_it_is_said_in_chinese() -> None:
    step = analyse("bottleneck", training=True).training_memory("adam")
    with speaking("zh"):
        assert training_panel.where_words(step).startswith(("反向传播", "前向传播", "参数更新"))
        assert training_panel.batch_words("训练", LargestBatch(3, 2**20, 2**21)) == "训练：批大小 **3** 放得下，需要 1.000 MiB；4 则需要 2.000 MiB。"
    assert training_panel.batch_words("Inference", LargestBatch(2**20, 2**20, None)) == "Inference: a batch of **1048576** or more fits, with 1.00 MiB."
