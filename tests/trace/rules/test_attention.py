"""Attention with and without a kernel that does it all: what torch makes on the way is counted to the byte."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from blocks import analyse
from tests.storages import LiveStorages, own_tensors, real_peak, saved_bytes, storage_bytes_of


class Attention(nn.Module):
    """Attention as a network calls it: heads inside or not, a mask as a buffer, dropout that does not end with training."""

    def __init__(self, mask: Tensor | None, inside: bool, weighted: bool, **settings: Any) -> None:
        super().__init__()
        self.register_buffer("mask", mask)
        self.inside, self.settings = inside, settings
        self.weight = nn.Parameter(torch.ones(())) if weighted else None

    def forward(self, *operands: Tensor) -> Tensor:
        q, k, v = (x.transpose(1, 2) for x in operands) if self.inside else operands
        if self.weight is not None:
            q, k, v = q * self.weight, k * self.weight, v * self.weight
        return F.scaled_dot_product_attention(q, k, v, attn_mask=self.mask, **self.settings)


def masks(batches: tuple[int, ...], scores: tuple[int, int], dtype: torch.dtype) -> dict[str, Tensor | None]:
    return {
        "none": None,
        "causal": None,
        "marks": torch.ones(scores).tril() > 0,
        "marks of each head": torch.ones(*batches, *scores) > 0,
        "numbers": torch.zeros(scores, dtype=dtype),
    }


@given(st.data())
def test_memory_is_what_torch_holds(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from([torch.float32, torch.bfloat16]))
    batches = data.draw(st.sampled_from([(2, 4), (1, 4), (3, 1), (5,), (2, 1, 4)]))
    rows, keys, width, values = (data.draw(st.integers(low, high)) for low, high in ((2, 19), (2, 41), (3, 9), (3, 9)))
    values = data.draw(st.sampled_from([width, values]))
    is_pair = len(batches) == 2
    grouped, inside = (is_pair and batches[1] == 4 and data.draw(st.booleans()), is_pair and data.draw(st.booleans()))
    kind = data.draw(st.sampled_from(list(masks(batches, (rows, keys), dtype))))
    net = Attention(
        masks(batches, (rows, keys), dtype)[kind], inside, data.draw(st.booleans()),
        dropout_p=data.draw(st.sampled_from([0.0, 0.1])), is_causal=kind == "causal", enable_gqa=grouped,
    ).to(dtype)  # fmt: skip

    def operand(of: tuple[int, ...], *sizes: int) -> Tensor:
        return torch.zeros((of[0], sizes[0], of[1], sizes[1]) if inside else (*of, *sizes), dtype=dtype)

    fewer = (batches[0], 2) if grouped else batches
    operands = operand(batches, rows, width), operand(fewer, keys, width), operand(fewer, keys, values)
    assert analyse(net, operands).peak_memory == real_peak(net, *operands).peak
    if net.weight is not None:
        live = LiveStorages([*own_tensors(net), *operands])
        with live:
            result = net(*operands)
        analysis = analyse(net, operands, training=True)
        assert result.requires_grad
        assert analysis.peak_memory == live.peak + storage_bytes_of(operands)
        assert analysis.saved_memory == saved_bytes(net, *operands)
