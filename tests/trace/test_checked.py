"""torch's formulas beside our rules: product by product, in the order in which they ran."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from blocks.trace.checked import CheckedTracer, TorchCount
from blocks.trace.run import trace


class Packed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.lstm = nn.Linear(5, 3), nn.GRU(3, 4, batch_first=True)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.lstm(pack_padded_sequence(self.first(x), mask.sum(1), batch_first=True))[0].data


def test_each_product_has_torchs_count_or_none() -> None:
    tracer = CheckedTracer()
    graph, _ = trace(Packed(), [(2, 7, 5), torch.ones(2, 7, dtype=torch.long)], "float32", 4, False, tracer=tracer)
    by_name = {graph.nodes[c.index].op: c for c in tracer.counts}
    linear, gru = next(n for n in graph.nodes if n.op == "linear"), next(n for n in graph.nodes if n.op == "gru")
    assert by_name == {"linear": TorchCount(linear.index, 2 * 7 * 5 * 3, True), "gru": TorchCount(gru.index, 0, False)}
