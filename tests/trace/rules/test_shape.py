"""Operations that move elements: torch's shapes, which of them are views, and the sentences for what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from blocks.trace.errors import TraceError
from tests.tracing import node_of, traced

X = (2, 6, 5, 7)
Function = Callable[..., Any]

VIEWS: dict[str, Function] = {
    "view": lambda x: x.view(2, -1, 7),
    "reshape": lambda x: x.reshape((12, 35)),
    "flatten": lambda x: x.flatten(1, -2),
    "unflatten": lambda x: x.unflatten(1, (-1, 3)),
    "permute": lambda x: x.permute(3, 0, -2, 1),
    "transpose": lambda x: x.transpose(-1, 1),
    "movedim": lambda x: x.movedim((0, 1), (-1, 0)),
    "squeeze nothing": lambda x: x.squeeze(),
    "unsqueeze": lambda x: x.unsqueeze(-2),
    "expand": lambda x: x.expand(3, -1, 6, 5, 7),
    "chunk": lambda x: x.chunk(4, 1),
    "split": lambda x: x.split(4, -1),
    "split into sizes": lambda x: x.split([1, 2, 3], 1),
    "unbind": lambda x: x.unbind(2),
    "narrow": lambda x: x.narrow(1, 2, 3),
    "select": lambda x: x.select(-2, 4),
    "slices": lambda x: x[:, 1:-1, ::2, -3:],
    "new and dropped dimensions": lambda x: x[1, ..., None, 2],
    "detach": lambda x: x.detach(),
    "the same type": lambda x: x.float(),
    "contiguous already": lambda x: x.contiguous(),
}
COPIES: dict[str, Function] = {
    "repeat": lambda x: x.repeat(3, 1, 2, 1, 1),
    "tile": lambda x: x.tile((2, 3)),
    "clone": lambda x: x.clone(),
    "half": lambda x: x.half(),
    "to": lambda x: x.to(torch.float64),
    "cat": lambda x: torch.cat([x, x], -2),
    "stack": lambda x: torch.stack([x, x, x], 1),
    "roll": lambda x: x.roll(2, 1),
    "flip": lambda x: x.flip(2),
    "pad": lambda x: F.pad(x, (1, 2, 0, 3, 4, 0)),
    "cut": lambda x: F.pad(x, (-1, 0, 2, -2)),
    "index by a list": lambda x: x[:, [0, 2, 5, 5]],
    "index by a tensor": lambda x: x[:, torch.tensor([[0, 2], [1, 1]], device=x.device)],
}  # fmt: skip


@pytest.mark.parametrize("function", VIEWS.values(), ids=VIEWS)
def test_a_view_moves_nothing(function: Function) -> None:
    node = node_of(function, X)
    assert (node.macs, node.flops, node.reads, node.writes, node.alias) == (0, 0, 0, 0, (0, 0))


@pytest.mark.parametrize("function", COPIES.values(), ids=COPIES)
def test_a_copy_moves_bytes_and_computes_nothing(function: Function) -> None:
    node = node_of(function, X)
    assert (node.macs, node.flops, node.alias) == (0, 0, None)
    assert node.reads > 0
    assert node.writes == torch.Size(node.shape).numel() * node.itemsize


def test_a_reshape_copies_what_is_out_of_order() -> None:
    nodes = traced(lambda x: x.transpose(1, 2).reshape(2, -1), X).graph.nodes
    assert [n.writes for n in nodes if n.op in ("transpose", "view")] == [0, 4 * 420]


@given(st.permutations(range(4)))
def test_any_order_of_dimensions(order: list[int]) -> None:
    assert node_of(lambda x: x.permute(order), X).shape == tuple(X[d] for d in order)


@given(st.integers(-9, 9), st.none() | st.integers(-9, 9), st.integers(1, 4))
def test_any_slice_has_pythons_length(start: int, stop: int | None, step: int) -> None:
    length = len(range(7)[start:stop:step])
    if length:
        assert node_of(lambda x: x[..., start:stop:step], X).shape == (2, 6, 5, length)


@given(st.integers(1, 9), st.integers(0, 3))
def test_any_number_of_chunks(chunks: int, dim: int) -> None:
    outputs = node_of(lambda x: x.chunk(chunks, dim), X).outputs
    assert sum(s[dim] for s in outputs) == X[dim]


def test_rows_of_a_table_are_read_without_arithmetic() -> None:
    index = torch.zeros(3, 5, dtype=torch.int64, device="meta")
    analysis = traced(lambda w: F.embedding(index, w), (11, 7))
    assert (analysis.output_shape, analysis.flops) == ((3, 5, 7), 0)


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda x: torch.gather(x, 1, torch.zeros(2, 3, 5, 7, dtype=torch.int64, device=x.device)), (2, 3, 5, 7)),
        (lambda x: x.index_select(1, torch.tensor([0, 4], device=x.device)), (2, 2, 5, 7)),
        (lambda x: torch.hstack([x, x]), (2, 12, 5, 7)),
        (lambda x: torch.rot90(x, 1, (2, 3)), (2, 6, 7, 5)),
        (lambda x: x[:, torch.tensor([True, False, True, True, False, False])], (2, 3, 5, 7)),
    ],
)
def test_positions_by_index(function: Function, shape: tuple[int, ...]) -> None:
    analysis = traced(function, X)
    assert (analysis.output_shape, analysis.flops, analysis.not_counted) == (shape, 0, [])


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda x: x.view(4, -1, 11), "2×6×5×7 cannot be viewed as 4×-1×11"),
        (lambda x: x.reshape(3, 139), "2×6×5×7 cannot be viewed as 3×139"),
        (lambda x: x.expand(2, 6, 4, 7), "cannot be expanded to 2×6×4×7"),
        (lambda x: torch.cat([x, x[:, :, :4]], 1), "2×6×5×7 and 2×6×4×7 cannot be concatenated along dimension 1"),
        (lambda x: torch.stack([x, x[..., 1:]]), "2×6×5×7 and 2×6×5×6 cannot be stacked"),
        (lambda x: x.split([1, 2], 1), "parts of 1×2 do not add up to 6"),
        (lambda x: x[0, 0, 0, 0, 0], "5 indices for a tensor of 4 dimensions"),
        (lambda x: x[:, 6], "index 6 is out of range for dimension 1 of 2×6×5×7"),
        (lambda x: F.pad(x, (-4, -4)), "leaves nothing of 2×6×5×7"),
        (lambda x: x.transpose(0, 4), "there is no dimension 4"),
        (lambda x: x[x > 0], "depends on the data"),
    ],
)
def test_what_does_not_fit(function: Function, sentence: str) -> None:
    with pytest.raises(TraceError, match=sentence):
        traced(function, X)
