"""Inputs as users have them: shapes and tensors wherever ``forward`` takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from blocks import analyse
from blocks.knobs import KnobError
from blocks.trace.inputs import call_arguments, holds_ids, is_known
from tests.tracing import Calls


@dataclass
class Batch:
    image: Any
    scale: float = 2.0


class Keywords(nn.Module):
    def forward(self, x: Tensor, *, scales: list[Tensor], extra: Any = None, times: int = 1) -> Tensor:
        assert extra is None
        return x * scales[0] * scales[1] * times


def test_shapes_stand_anywhere() -> None:
    net = Calls(lambda batch, parts: batch["image"]["low"] * parts[0] + parts[1])
    for given in ([{"image": {"low": (2, 3, 5)}}, [(2, 3, 5), torch.rand(3, 5)]], [{"image": {"low": torch.rand(2, 3, 5)}}, ((2, 3, 5), (5,))]):
        a = analyse(net, given)
        assert a.output_shape == (2, 3, 5)
        assert a.input_shape == (2, 3, 5)
        assert [n.op for n in a.graph.nodes][:3] == ["input"] * 3


def test_keywords_none_and_numbers_are_handed_over() -> None:
    a = analyse(Keywords(), {"x": (2, 7), "scales": [(7,), (2, 1)], "extra": None, "times": np.int64(3)})
    assert a.output_shape == (2, 7)
    assert sum(n.op == "input" for n in a.graph.nodes) == 3


def test_a_dataclass_of_shapes() -> None:
    a = analyse(Calls(lambda batch: batch.image * batch.scale), Batch((2, 3)))  # type: ignore[arg-type]
    assert (a.output_shape, a.flops) == ((2, 3), 6)


def test_numpy_integers_are_sizes() -> None:
    assert analyse(nn.Linear(6, 3), tuple(np.array([2, 6]))).macs == 36


@pytest.mark.parametrize(
    ("shape", "nearest"),
    [((-1, 6), (1, 6)), ((2.0, 6.0), (2, 6)), ((2, 0), (2, 1)), ((1, 3, -8, 8), (1, 3, 1, 8)), ((0.4, 6), (1, 6))],
)
def test_what_is_no_size_gets_a_sentence(shape: Any, nearest: tuple[int, ...]) -> None:
    with pytest.raises(KnobError, match="must be a whole number of at least 1") as caught:
        analyse(nn.Linear(6, 3), shape)
    assert list(caught.value.nearest) == [nearest]


def test_a_wrong_size_deep_inside_gets_the_same_sentence() -> None:
    with pytest.raises(KnobError, match="must be a whole number of at least 1"):
        analyse(Calls(lambda batch: batch["x"]), [{"x": (2, -3)}])


def test_ids_are_whole_numbers() -> None:
    made: list[tuple[Any, str]] = []
    call_arguments(nn.Embedding(9, 4), {"input_ids": (2, 5), "picture": (1, 3)}, lambda value, name: made.append((value, name)))
    assert made == [((2, 5), "input_ids"), ((1, 3), "picture")]
    assert (holds_ids("input_ids"), holds_ids("picture")) == (True, False)


@pytest.mark.parametrize(
    ("value", "name", "known"),
    [
        (torch.ones(3, dtype=torch.long), "x", True), (torch.ones(3, dtype=torch.bool), "x", True), (torch.rand(3), "x", False), (torch.rand(3), "attn_mask", True),
        (torch.tensor([0.0, float("-inf")]), "bias", True), (torch.rand(3, dtype=torch.complex64), "x", False),
    ],
)  # fmt: skip
def test_masks_and_ids_count_for_their_values(value: Tensor, name: str, known: bool) -> None:
    assert is_known(value, name) is known
