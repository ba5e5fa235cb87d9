"""Kinds of trouble that users reported of counters, with inputs drawn by chance: torch itself says what is right."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from blocks import analyse
from blocks.trace.errors import TraceError
from tests.tracing import Calls, traced

few = settings(max_examples=12, deadline=None)
SIZES = st.integers(1, 4)
SHAPES = st.lists(SIZES, min_size=2, max_size=4).map(tuple)


def shape_of(function: Any, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(function(*(torch.ones(s) for s in shapes)).shape)


@few
@given(
    SHAPES,
    st.lists(
        st.tuples(st.sampled_from(["transpose_", "swapaxes_", "unsqueeze_", "squeeze_", "swapdims_"]), st.integers(0, 1), st.integers(0, 1)),
        min_size=1,
        max_size=4,
    ),
)
def test_methods_in_place_that_change_a_shape(shape: tuple[int, ...], calls: list[tuple[str, int, int]]) -> None:
    def changed(x: Tensor) -> Tensor:
        y = x + 1
        for name, a, b in calls:
            y = getattr(y, name)(*((a, b) if "swap" in name or "trans" in name else (a,)))
            if y.ndim < 2:
                y.unsqueeze_(0)
        return y.sum(0)

    a = traced(changed, shape)
    assert a.output_shape == shape_of(changed, shape)
    assert a.flops == 2 * torch.Size(shape).numel()


@few
@given(SHAPES, st.sampled_from(["sum", "mean", "amax", "var", "prod", "argmax", "logsumexp"]), st.integers(-2, 1), st.booleans())
def test_arguments_as_numpy_names_them(shape: tuple[int, ...], name: str, dim: int, keep: bool) -> None:
    numpys, own = (traced(lambda x, k=kwargs: getattr(x, name)(**k), shape) for kwargs in ({"axis": dim, "keepdims": keep}, {"dim": dim, "keepdim": keep}))
    assert (numpys.output_shape, numpys.flops) == (own.output_shape, own.flops)
    assert numpys.output_shape == shape_of(lambda x: getattr(x, name)(dim, keepdim=keep), shape)


@few
@given(
    st.lists(st.tuples(SIZES, st.booleans(), st.booleans()), min_size=2, max_size=4),
    st.sampled_from([F.pairwise_distance, F.cosine_similarity]),
    st.integers(0, 1),
)
def test_distances_of_shapes_that_broadcast(sizes: list[tuple[int, bool, bool]], distance: Any, missing: int) -> None:
    a, b = (tuple(1 if flat[i] else size for size, *flat in sizes) for i in (0, 1))
    b = b[missing:] if len(b) - missing > 1 or distance is F.pairwise_distance else b
    try:
        expected = shape_of(distance, a, b)
    except (RuntimeError, IndexError):
        with pytest.raises(TraceError):
            traced(distance, a, b)
    else:
        assert traced(distance, a, b).output_shape == expected


def layer(kind: str, c_in: int, c_out: int) -> nn.Module:
    made = {
        "conv": lambda: nn.Conv2d(c_in, c_out, 3), "transposed": lambda: nn.ConvTranspose2d(c_in, c_out, 3), "norm": lambda: nn.BatchNorm2d(c_in), "linear": lambda: nn.Linear(c_in, c_out),
        "pool": lambda: nn.MaxPool2d(3), "group norm": lambda: nn.GroupNorm(1, c_in), "layer norm": lambda: nn.LayerNorm(c_in), "half": lambda: nn.Conv2d(c_in, c_out, 1).half(),
        "prelu": lambda: nn.PReLU(c_in), "instance norm": lambda: nn.InstanceNorm2d(c_in, affine=True),
    }  # fmt: skip
    return made[kind]()


KINDS = ("conv", "transposed", "norm", "linear", "pool", "group norm", "layer norm", "half", "prelu", "instance norm")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(2, 4), st.integers(2, 4)), min_size=1, max_size=3), st.integers(2, 4), st.integers(2, 9))
def test_a_network_is_refused_where_torch_refuses_it(layers: list[tuple[str, int, int]], channels: int, side: int) -> None:
    net, shape = nn.Sequential(*(layer(*of) for of in layers)).eval(), (2, channels, side, side)
    first = next((p.dtype for p in net.parameters()), torch.float32)  # an input given as a shape is of the type of the network's first weight
    try:
        expected = tuple(net(torch.rand(shape, dtype=first)).shape)
    except (RuntimeError, ValueError):
        with pytest.raises(TraceError):
            analyse(net, shape)
    else:
        assert analyse(net, shape).output_shape == expected


class Everything(nn.Module):
    """Adds all tensors that it is given, however they are wrapped."""

    def forward(self, given: Any) -> Tensor:
        return torch.stack([t.sum() for t in torch.utils._pytree.tree_leaves(given) if isinstance(t, Tensor)]).sum()


SHAPE = st.tuples(SIZES, SIZES)
NESTED = st.recursive(SHAPE, lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=2), max_leaves=4).filter(
    lambda v: isinstance(v, dict)
)


def tensors(value: Any) -> Any:
    return {k: tensors(v) for k, v in value.items()} if isinstance(value, dict) else torch.ones(value)


@few
@given(NESTED)
def test_inputs_of_all_kinds(value: dict[str, Any]) -> None:
    by_shape, by_tensor = analyse(Everything(), [value]), analyse(Everything(), [tensors(value)])
    assert by_shape.flops == by_tensor.flops
    assert [n.shape for n in by_shape.graph.nodes if n.op == "input"] == [n.shape for n in by_tensor.graph.nodes if n.op == "input"]


@few
@given(st.integers(2, 6), st.integers(0, 3), st.booleans())
def test_masks_that_are_looked_at(length: int, drop: int, causal: bool) -> None:
    def attended(x: Tensor) -> Tensor:
        mask = torch.ones(length, dtype=torch.bool, device=x.device)
        mask[: min(drop, length - 1)] = False
        if not mask.all():
            x = x[:, mask]
        scores = x @ x.transpose(1, 2)
        return scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(1), 0.0) if causal else scores

    assert traced(attended, (2, length, 3)).output_shape == shape_of(attended, (2, length, 3))
    kept = length - min(drop, length - 1)
    assert traced(attended, (2, length, 3)).macs == 2 * kept * kept * 3
    assert analyse(Calls(attended), [torch.ones(2, length, 3)]).macs == 2 * kept * kept * 3
