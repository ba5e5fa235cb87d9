from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from blocks.layers.common import InstanceBatchNorm, LocalResponseNorm, scaled_channels
from blocks.trace.symbolic import plain, symbol


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_local_response_norm_in_half_precision_is_float32s_rounded(dtype: torch.dtype) -> None:
    x = 40 * torch.randn(2, 7, 4, 5).to(dtype)
    found = LocalResponseNorm(5, alpha=1e-2, k=2.0)(x)
    assert found.dtype == dtype
    torch.testing.assert_close(found, F.local_response_norm(x.float(), 5, 1e-2, 0.75, 2.0).to(dtype), rtol=0, atol=0)


@pytest.mark.parametrize("first", [True, False])
def test_instance_batch_norm_splits_channels_between_its_norms(first: bool) -> None:
    """Shares that do not divide: 0.4 of 11 channels in front is 4; behind, the batch norm has the rounded-down 6."""
    torch.manual_seed(0)
    net = InstanceBatchNorm(11, share=0.4, instance_first=first).double().eval()
    n = 4 if first else 5
    x = 3 * torch.randn(2, 11, 6, 5, dtype=torch.float64) + 1
    own, rest = (x[:, :n], x[:, n:]) if first else (x[:, -n:], x[:, :-n])
    parts = [F.instance_norm(own), rest / (1 + net.batch.eps) ** 0.5]
    torch.testing.assert_close(net(x), torch.cat(parts if first else parts[::-1], 1))


def test_scaled_rounds_down_keeps_a_channel_and_its_symbol() -> None:
    assert [scaled_channels(10, w) for w in (0.05, 0.39, 1.0, 2.5)] == [1, 3, 10, 25]
    assert plain(scaled_channels(symbol("C", 12), 0.5)) == 6
