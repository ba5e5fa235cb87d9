"""Whether a reshape of a tensor out of order looks at it or copies it: against torch's own storages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from blocks.cost.memory import storages
from blocks.trace.layout import like, out_of_order
from tests.tracing import traced

X = (2, 3, 5, 4)
CHAINS: dict[str, Callable[[Tensor], Any]] = {
    "heads of a chunk": lambda x: x.chunk(2, -1)[1].reshape(2, 3, 5, 2, 1).transpose(1, 2),
    "rows of a transposed": lambda x: x.transpose(1, 2).reshape(10, 12),
    "there and back": lambda x: x.transpose(1, 2).transpose(1, 2).reshape(30, 4),
    "last dimensions of a permuted": lambda x: x.permute(1, 0, 2, 3).reshape(3, 2, 20),
    "a slice of rows": lambda x: x[1].reshape(60),
    "every second column": lambda x: x[..., ::2].flatten(),
    "an expanded": lambda x: x[:1].expand(2, 3, 5, 4).reshape(2, 60),
    "contiguous again": lambda x: x.mT.contiguous().view(2, 60),
    "an element-wise result": lambda x: x.transpose(1, 2).exp().transpose(1, 2).reshape(120),
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_a_copy_is_made_where_torch_makes_one(chain: Callable[[Tensor], Any]) -> None:
    graph = traced(chain, X).graph
    made = [n for n in graph.nodes if n.kind not in ("input", "output")]
    shared = storages(graph)[(made[-1].index, 0)][0]
    x = torch.rand(X)
    if "exp" in {n.op for n in made}:
        assert shared == 2  # the exponential's own memory
    else:
        assert (shared == 0) == (chain(x).untyped_storage().data_ptr() == x.untyped_storage().data_ptr())


def test_strides_are_kept_where_they_are_out_of_order() -> None:
    assert out_of_order(torch.empty(2, 3)) is None
    assert out_of_order(torch.empty(2, 3).T) == (1, 3)
    assert like((3, 2), (1, 3)) == [(1, 3)]
    assert like((3, 2), (1, 6)) == [(1, 3)]  # the gaps are closed
