"""Bare building: parameters are proxies, nothing is allocated or initialised."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks.trace.build import build_bare, on_meta
from blocks.trace.errors import NoRule
from blocks.trace.functions import is_inplace, sizes_given
from blocks.trace.proxy import CURRENT, Proxy
from blocks.trace.symbolic import symbol, term_of


def test_parameters_are_proxies_of_the_right_shape_and_type() -> None:
    real = nn.MultiheadAttention(12, 3)
    bare = build_bare(lambda: nn.MultiheadAttention(12, 3))
    assert all(type(p) is Proxy for p in bare.parameters())
    assert [(n, tuple(p.shape), p.dtype, p.requires_grad) for n, p in bare.named_parameters()] == [
        (n, tuple(p.shape), p.dtype, p.requires_grad) for n, p in real.named_parameters()
    ]
    assert CURRENT.get() is None


def test_sizes_may_be_symbols() -> None:
    width = symbol("C", 6)
    layer = build_bare(lambda: nn.Linear(width, 2 * width))
    assert term_of(layer.weight.shape[1]) == width.term
    assert tuple(layer.weight.shape) == (12, 6)


def test_what_a_constructor_computes_without_a_rule_is_said() -> None:
    with pytest.raises(NoRule, match="svd"):
        build_bare(lambda: torch.linalg.svd(torch.empty(3, 3)))
    assert CURRENT.get() is None


def test_a_proxy_outside_of_its_trace_says_so() -> None:
    layer = build_bare(lambda: nn.Linear(3, 4))
    with pytest.raises(RuntimeError, match="outside of its trace"):
        layer(torch.zeros(2, 3))


def test_on_meta_leaves_initialisation_out() -> None:
    with on_meta():
        assert nn.Linear(3, 4).weight.is_meta
    assert not nn.Linear(3, 4).weight.is_meta


def test_what_a_call_does_is_told_from_the_function() -> None:
    assert is_inplace(torch.Tensor.add_, {})
    assert is_inplace(torch.add, {"out": torch.empty(1)})
    assert not is_inplace(torch.Tensor.__int__, {})
    assert sizes_given((2, 3), {}) == (2, 3)
    assert sizes_given(((2, 3),), {}) == (2, 3)
    assert sizes_given((), {"size": (4,)}) == (4,)
