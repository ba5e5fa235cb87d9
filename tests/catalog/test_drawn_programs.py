"""Exported programs (.pt2) of networks drawn at random: read from the file, they count what the module counts, and give what it gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from blocks import analyse
from blocks.catalog.exported_program import Exported, read_program

#: All keep the shape (2, 5, 8): tokens with channels last.
LAYERS: dict[str, Callable[[], nn.Module]] = {
    "linear": lambda: nn.Linear(8, 8), "wide": lambda: nn.Sequential(nn.Linear(8, 24), nn.GELU(), nn.Linear(24, 8)), "norm": lambda: nn.LayerNorm(8),
    "convolution": lambda: Of(lambda net, x: net.layer(x.mT).mT, nn.Conv1d(8, 8, 3, padding=1, groups=2)), "batch norm": lambda: Of(lambda net, x: net.layer(x.mT).mT, nn.BatchNorm1d(8)),
    "attention": lambda: Of(attended, nn.Linear(8, 24)), "attention by hand": lambda: Of(lambda net, x: (x @ x.mT / 8**0.5).softmax(-1) @ net.layer(x), nn.Linear(8, 8)),
    "embedding": lambda: Of(lambda net, x: x + net.layer(torch.arange(x.shape[1])), nn.Embedding(5, 8)), "cast": lambda: Of(lambda net, x: net.layer(x.double().float()), nn.Linear(8, 8)),
    "masked": lambda: Of(lambda net, x: net.layer(x).masked_fill(torch.arange(8) > 5, float("-inf")).softmax(-1), nn.Linear(8, 8)),
    "without gradient": lambda: Of(without_gradient, nn.Linear(8, 8)), "in place": lambda: nn.ReLU(inplace=True), "silu": nn.SiLU, "dropout": nn.Dropout,
    "halves": lambda: Of(lambda net, x: torch.cat([net.layer(half) for half in x.chunk(2, -1)], -1), nn.Linear(4, 4)), "pooled": lambda: Of(lambda net, x: x + net.layer(x.mean(1, keepdim=True)), nn.Linear(8, 8)),
    "shifted": lambda: Of(lambda net, x: net.layer(F.pad(x, (0, 0, 1, 0))[:, :-1]), nn.Linear(8, 8)),
}  # fmt: skip


class Of(nn.Module):
    """A function of a layer and the input."""

    def __init__(self, function: Callable[[Of, Tensor], Tensor], layer: nn.Module) -> None:
        super().__init__()
        self.function, self.layer = function, layer

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


def attended(net: Of, x: Tensor) -> Tensor:
    q, k, v = net.layer(x).unflatten(-1, (3, 2, 4)).permute(2, 0, 3, 1, 4)
    return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)


def without_gradient(net: Of, x: Tensor) -> Tensor:
    with torch.no_grad():
        scale = net.layer(x).abs().amax(-1, keepdim=True)
    return x / (scale + 1)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(sorted(LAYERS)), min_size=2, max_size=5))
def test_a_program_counts_what_its_network_counts(names: list[str]) -> None:
    net = nn.Sequential(nn.Linear(8, 8), *(LAYERS[name]() for name in names)).eval()
    x = torch.rand(2, 5, 8)
    with TemporaryDirectory() as folder:
        torch.export.save(torch.export.export(net, (x,)), path := Path(folder) / "net.pt2")
        read = Exported(read_program(path))
    module, program = analyse(net, x), analyse(read, x)
    assert (program.macs, program.flops, program.params, program.output_shape) == (module.macs, module.flops, module.params, module.output_shape)
    assert program.not_counted == module.not_counted == []
