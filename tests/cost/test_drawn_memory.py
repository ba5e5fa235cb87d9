"""Peak memory of an inference pass against real storages, for networks drawn at random: what is held by variables, branches, lists and frames."""

from __future__ import annotations

from collections.abc import Callable

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from blocks import analyse
from tests.storages import real_peak

X = (2, 4, 6, 5)
#: All keep the shape, so that any may follow any.
LAYERS: dict[str, Callable[[], nn.Module]] = {
    "3x3": lambda: nn.Conv2d(4, 4, 3, padding=1), "norm": lambda: nn.BatchNorm2d(4), "layer norm": lambda: nn.LayerNorm(5), "linear": lambda: nn.Linear(5, 5),
    "relu in place": lambda: nn.ReLU(inplace=True), "gelu": nn.GELU, "hardswish in place": lambda: nn.Hardswish(inplace=True), "pool": lambda: nn.MaxPool2d(3, 1, 1),
    "dropout": nn.Dropout, "wide": lambda: nn.Sequential(nn.Conv2d(4, 12, 1), nn.ReLU(), nn.Conv2d(12, 4, 1)), "up and down": lambda: nn.Sequential(nn.Upsample(scale_factor=2.0), nn.AvgPool2d(2)),
    "transposed": lambda: Of(lambda x: x.transpose(1, 2).contiguous().transpose(1, 2)), "halves": lambda: Of(lambda x: torch.cat([half + 1 for half in x.chunk(2, 1)], 1)),
    "softmax": lambda: nn.Softmax(1), "shuffled": lambda: nn.ChannelShuffle(2), "normalised": lambda: Of(F.normalize), "written": lambda: Of(written),
}  # fmt: skip


class Of(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def written(x: Tensor) -> Tensor:
    y = torch.zeros_like(x)
    y[:, 1:] = x[:, 1:] * 2
    return y


class Drawn(nn.Module):
    """Layers one after another; the input or all intermediate results may be held until the end."""

    def __init__(self, names: list[str], held: str) -> None:
        super().__init__()
        self.layers, self.held = nn.ModuleList(LAYERS[name]() for name in names), held

    def forward(self, x: Tensor) -> Tensor:
        y, seen = x + 1, []
        first = y if self.held == "first" else None
        for layer in self.layers:
            y = layer(y)
            if self.held == "all":
                seen.append(y)
        if first is not None:
            return y + first
        return torch.stack(seen).sum(0) if seen else y


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(sorted(LAYERS)), min_size=1, max_size=6), st.sampled_from(["none", "first", "all"]))
def test_any_network_takes_what_its_storages_take(names: list[str], held: str) -> None:
    net = Drawn(names, held).eval()
    real = real_peak(net, torch.rand(X))
    assert analyse(net, X).peak_memory == real.peak, real.at


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(sorted(set(LAYERS) - {"written"})), min_size=1, max_size=4))
def test_under_autocast_too(names: list[str]) -> None:
    net, x = Drawn(names, "first").eval(), torch.rand(X)
    with torch.autocast("cpu", torch.bfloat16):
        real = real_peak(net, x)
        assert analyse(net, x).peak_memory == real.peak, real.at
