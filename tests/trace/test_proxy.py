"""A proxy answers what a tensor answers, without computing."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from blocks.trace.proxy import CURRENT, Proxy, untraced
from tests.tracing import traced


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.complex64])
@pytest.mark.parametrize("shape", [(2, 3, 5), (7,), ()])
def test_questions_are_answered_as_by_a_meta_tensor(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    proxy, real = Proxy(shape, dtype), torch.empty(shape, dtype=dtype, device="meta")
    for name in ("shape", "dtype", "ndim", "itemsize", "device", "is_meta", "is_cuda", "is_leaf", "requires_grad", "grad", "layout"):
        assert getattr(proxy, name) == getattr(real, name), name
    for name in ("dim", "numel", "size", "element_size", "is_contiguous", "is_floating_point", "is_complex"):
        assert getattr(proxy, name)() == getattr(real, name)(), name
    if shape:
        assert proxy.stride() == real.stride()
        assert (len(proxy), proxy.size(-1)) == (len(real), real.size(-1))
    assert isinstance(proxy, Tensor)


def test_it_computes_nothing_outside_of_a_trace() -> None:
    assert CURRENT.get() is None
    with pytest.raises(RuntimeError, match="add was called on a shape proxy outside of its trace"):
        Proxy((2, 3)) + 1


def test_operators_become_operations() -> None:
    def forward(x: Tensor) -> Tensor:
        y = (2 * x + 1 - x / 3) ** 2 % 5 // 7
        y = -abs(y) @ x.mT
        y += 1
        return (y > 0) & ~(y <= 3) | (y == 2)

    ops = [n.op for n in traced(forward, (4, 3)).graph.nodes if n.kind not in ("input", "output")]
    assert ops == [
        "mul", "add", "div", "sub", "pow", "remainder", "floor_divide", "abs", "neg", "transpose", "matmul", "add",
        "gt", "le", "bitwise_not", "bitwise_and", "eq", "bitwise_or",
    ]  # fmt: skip


def test_transposes_by_property() -> None:
    assert traced(lambda x: x.T, (3, 5)).output_shape == (5, 3)
    assert traced(lambda x: x.mT, (2, 3, 5)).output_shape == (2, 5, 3)
    assert traced(lambda x: x.mH, (2, 3, 5)).output_shape == (2, 5, 3)


def test_iteration_gives_the_parts() -> None:
    assert traced(lambda x: [part + 1 for part in x], (3, 5, 7)).output_shape == (5, 7)


def test_a_parameter_before_its_trace() -> None:
    made = untraced(torch.Size((3, 5)), torch.float16, requires_grad=True, is_param=True)
    assert (made.ref, made.requires_grad, made._is_param, made.name) == ((-1, 0), True, True, None)
    copied = copy.deepcopy(made)
    assert copied is not made
    assert (copied.shape, copied.dtype, copied.requires_grad) == (made.shape, made.dtype, True)
    assert "Proxy((3, 5), torch.float16" in repr(made)


def test_data_takes_another_shape() -> None:
    proxy = Proxy((2, 3))
    proxy.data = nn.Parameter(torch.empty(4, 5))
    assert tuple(proxy.shape) == (4, 5)
    assert proxy.data is proxy
