"""Receptive fields of every kind of operation, at every position, against gradients: single operations, and networks drawn from them."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from blocks import analyse
from tests.cost.fields.gradients import Applied, differences

Picture = (1, 4, 13, 11)


def conv(rank: int = 2, c_in: int = 4, c_out: int = 4, k: int = 3, **settings: int) -> nn.Module:
    return getattr(nn, f"Conv{rank}d")(c_in, c_out, k, **settings)


def swin_windows(x: Tensor, shift: int) -> Tensor:
    """Windows of 4x4 mix their tokens, as Swin does: roll, view, permute, product over the tokens, and back."""
    x = torch.roll(x.permute(0, 2, 3, 1), (-shift, -shift), (1, 2))
    b, h, w, c = x.shape
    tokens = x.view(b, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, c)
    tokens = (tokens @ tokens.transpose(-2, -1)).softmax(-1) @ tokens
    x = tokens.view(b, h // 4, w // 4, 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, c)
    return torch.roll(x, (shift, shift), (1, 2)).permute(0, 3, 1, 2)


def patched(x: Tensor) -> Tensor:
    """4x4 patches as channels, by views."""
    b, c, h, w = x.shape
    return x.reshape(b, c, h // 4, 4, w // 4, 4).permute(0, 1, 3, 5, 2, 4).flatten(1, 3)


def written(x: Tensor) -> Tensor:
    """Shifted by writing into slices."""
    y = torch.zeros_like(x)
    y[:, :2, 1:] = x[:, :2, :-1]
    y[:, 2:, :, 2:] = x[:, 2:, :, :-2]
    return y


FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "crop": lambda x: x[:, :, 2:-3, 1:],
    "strided slice": lambda x: x[..., 1::3, ::2],
    "one row": lambda x: x[:, :, 4],
    "new axis": lambda x: x[:, None, :, 3:].squeeze(1),
    "roll": lambda x: torch.roll(x, (3, -2), (2, 3)),
    "roll all": lambda x: torch.roll(x, 5),
    "flip": lambda x: x.flip(2),
    "rot90": lambda x: torch.rot90(x, 1, (2, 3)),
    "tril": lambda x: x.tril(),
    "triu": lambda x: torch.triu(x, diagonal=2),
    "below": lambda x: x.tril(-3),
    "rows filled": lambda x: x.masked_fill(torch.arange(13)[:, None] % 3 == 1, 0.0),
    "filled": lambda x: F.avg_pool2d(x.masked_fill(torch.ones(13, 11).tril(-1).bool(), 2.0), 3, 1),
    "a causal mask": lambda x: (x @ x.mT).masked_fill(torch.ones(13, 13, dtype=torch.bool).triu(1), float("-inf")).exp() @ x,
    "filled in place": lambda x: (x * 1).masked_fill_(torch.arange(11) > 7, 0.0),
    "zeros around": lambda x: F.pad(x, (2, 0, 1, 3)),
    "cut by padding": lambda x: F.pad(x, (-2, 1, 3, -1)),
    "reflected": lambda x: F.pad(x, (2, 3, 1, 4), mode="reflect"),
    "replicated": lambda x: F.pad(x, (2, 3, 1, 4), mode="replicate"),
    "circular": lambda x: F.pad(x, (2, 3, 1, 4), mode="circular"),
    "nearest": lambda x: F.interpolate(x, (20, 17)),
    "nearest by a factor": lambda x: F.interpolate(x, scale_factor=1.7),
    "bilinear": lambda x: F.interpolate(x, (7, 23), mode="bilinear"),
    "bilinear with corners": lambda x: F.interpolate(x, (25, 21), mode="bilinear", align_corners=True),
    "bilinear by a factor": lambda x: F.interpolate(x, scale_factor=(1.6, 0.7), mode="bilinear"),
    "antialiased": lambda x: F.interpolate(x, (5, 4), mode="bilinear", antialias=True),
    "bicubic": lambda x: F.interpolate(x, (26, 8), mode="bicubic"),
    "area": lambda x: F.interpolate(x, (5, 4), mode="area"),
    "adaptive": lambda x: F.adaptive_avg_pool2d(x, (5, 7)),
    "pooled with ceil": lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True),
    "pixel shuffle": lambda x: F.pixel_shuffle(x, 2),
    "rows of channels behind one another": lambda x: torch.cat([x[:, :1], x[:, 1:2].flip(2)], 2),
    "columns of zeros between": lambda x: torch.cat([x, torch.zeros(1, 4, 13, 2, dtype=x.dtype), x], 3),
    "stacked": lambda x: torch.stack([x, x.roll(1, 2)], 2).flatten(1, 2),
    "split": lambda x: x.split([4, 9], 2)[1] + x.chunk(2, 2)[0][:, :, :1],
    "unbound": lambda x: x.unbind(2)[5],
    "taken by a list": lambda x: x[:, :, [3, 1, 9]],
    "taken by indices": lambda x: x.index_select(3, torch.tensor([7, 0])),
    "repeated": lambda x: x.repeat(1, 1, 2, 1),
    "expanded": lambda x: x[:, :1].expand(-1, 3, -1, -1),
    "tokens and back": lambda x: x.flatten(2).transpose(1, 2).transpose(1, 2).unflatten(2, (13, 11)),
    "mean of columns beside": lambda x: x + x.mean(3, keepdim=True),
    "squeeze and excite": lambda x: x * x.sum((2, 3), keepdim=True),
    "running sum": lambda x: x.cumsum(2),
    "softmax of rows": lambda x: x.softmax(2),
    "instance norm": lambda x: F.instance_norm(x) + 0 * x,
    "channels last norm": lambda x: F.layer_norm(x.permute(0, 2, 3, 1), (4,)).permute(0, 3, 1, 2),
    "columns of windows": lambda x: F.unfold(x, (3, 2), dilation=(2, 1), padding=1, stride=(2, 3)),
    "windows last": lambda x: x.unfold(2, 4, 3).sum(-1),
    "gated": lambda x: F.glu(x.roll(2, 2), 1),
    "by einsum": lambda x: torch.einsum("bchw,bcvw->bchv", x, x),
    "spectrum": lambda x: torch.fft.rfft(x, dim=2).abs(),
    "local response": lambda x: F.local_response_norm(torch.cat([x[:, :2].roll(1, 2), x[:, 2:]], 1), 3),
    "written into slices": written,
    "transposed and added": lambda x: x[:, :, :11] * x[:, :, :11].transpose(2, 3),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_sees_what_its_gradients_reach(name: str) -> None:
    assert differences(Applied(lambda net, x: FUNCTIONS[name](net.before(x)), before=conv(padding=1, groups=4)), Picture) == []


@pytest.mark.parametrize("shift", [0, 1, 2])
def test_windows_of_attention(shift: int) -> None:
    assert differences(Applied(lambda net, x: swin_windows(net.before(x), shift), before=conv(padding=1)), (1, 4, 12, 8)) == []


@pytest.mark.parametrize(
    "net",
    [
        nn.Conv2d(4, 6, 3, padding="same", dilation=2),
        nn.ConvTranspose2d(4, 2, (4, 3), (2, 3), (1, 0)),
        nn.ConvTranspose2d(4, 4, 5, 3, 2, output_padding=1, groups=2, dilation=2),
        nn.Sequential(conv(stride=2), nn.ConvTranspose2d(4, 4, 2, 2), conv(padding=1)),
        nn.Sequential(nn.PixelUnshuffle(1), conv(groups=2), nn.GroupNorm(2, 4)),
        Applied(lambda net, x: net.up(net.down(x))[:, :, :13, :11] + x, down=conv(stride=2, padding=1), up=nn.ConvTranspose2d(4, 4, 2, 2)),
        Applied(lambda net, x: net.lin(patched(x[:, :, :12, :8])).permute(0, 3, 1, 2), lin=nn.Linear(2, 3)),
        Applied(lambda net, x: net.lin(x.flatten(2)), lin=nn.Linear(143, 5)),
    ],
    ids=str,
)
def test_layers_and_small_networks(net: nn.Module) -> None:
    assert differences(net, Picture) == []


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        (nn.Sequential(conv(1, dilation=2), nn.AvgPool1d(3, 2), conv(1, stride=2)), (1, 4, 40)),
        (nn.Sequential(conv(1), nn.Upsample(scale_factor=2, mode="linear"), conv(1, padding=1)), (1, 4, 17)),
        (nn.Sequential(conv(3, padding=1), nn.AvgPool3d(2), conv(3)), (1, 4, 9, 8, 7)),
        (nn.Sequential(nn.ConvTranspose3d(4, 4, 2, 2), nn.AdaptiveAvgPool3d((3, 5, 4))), (1, 4, 5, 6, 4)),
        (Applied(lambda net, x: net.lstm(net.before(x).transpose(1, 2))[0], before=conv(1), lstm=nn.LSTM(4, 3, batch_first=True)), (1, 4, 9)),
        (Applied(lambda net, x: F.scaled_dot_product_attention(*[net.before(x).transpose(1, 2)] * 3, is_causal=True), before=conv(1)), (1, 4, 9)),
    ],
    ids=str,
)
def test_signals_and_volumes(net: nn.Module, shape: tuple[int, ...]) -> None:
    assert differences(net, shape) == []


LAYERS: dict[str, Callable[[], nn.Module]] = {
    "3x3": lambda: conv(padding=1),
    "strided": lambda: conv(k=2, stride=2),
    "dilated": lambda: conv(padding=2, dilation=2, groups=2),
    "depthwise": lambda: conv(padding=1, groups=4),
    "pooled": lambda: nn.AvgPool2d(3, 2, 1),
    "transposed": lambda: nn.ConvTranspose2d(4, 4, 4, 2, 1),
    "doubled": lambda: nn.Upsample(scale_factor=2.0),
    "bilinear": lambda: nn.Upsample(scale_factor=1.5, mode="bilinear"),
    "adaptive": lambda: nn.AdaptiveAvgPool2d((5, 6)),
    "shift": lambda: Applied(lambda _, x: torch.cat([F.pad(x[:, :2], (1, 0))[..., :-1], F.pad(x[:, 2:], (0, 0, 0, 2))[:, :, 2:]], 1)),
    "shuffled": lambda: nn.Sequential(nn.PixelShuffle(2), nn.Conv2d(1, 4, 1)),
    "unshuffled": lambda: Applied(lambda net, x: net.c(F.pixel_unshuffle(F.pad(x, (0, x.shape[3] % 2, 0, x.shape[2] % 2)), 2)), c=nn.Conv2d(16, 4, 1)),
    "cropped": lambda: Applied(lambda _, x: x[:, :, 1:, :-1] if min(x.shape[2:]) > 3 else x),
    "rolled": lambda: Applied(lambda _, x: x.roll((1, 2), (2, 3))),
    "channels last": lambda: Applied(lambda net, x: net.l(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), l=nn.Linear(4, 4)),
    "residual": lambda: Applied(lambda net, x: x + net.c(x), c=conv(padding=1)),
    "two branches": lambda: Applied(lambda net, x: torch.cat([net.c(x)[:, :2], x[:, 2:]], 1), c=conv(padding=2, dilation=2)),
}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(sorted(LAYERS)), min_size=2, max_size=5), st.integers(9, 14), st.integers(9, 14))
def test_any_stack_sees_what_its_gradients_reach(names: list[str], height: int, width: int) -> None:
    """At every position, borders included."""
    net = nn.Sequential(*(LAYERS[name]() for name in names))
    shape = (1, 4, height, width)
    try:
        with torch.no_grad():
            out = net(torch.ones(shape))
    except RuntimeError:  # a window larger than what is left of the picture
        return
    if math.prod(out.shape[2:]) <= 2500:
        assert differences(net, shape) == []


def test_an_operation_that_nobody_described_makes_the_field_unknown_from_there_on() -> None:
    net = Applied(lambda net, x: net.c(torch.sort(net.c(x), 2).values), c=conv(padding=1))
    analysis = analyse(net, Picture)
    first, *_, last = (n for n in analysis.graph.nodes if n.op == "conv2d")
    assert analysis.receptive_fields[first.index][0].size == 3
    assert last.index not in analysis.receptive_fields
    assert analysis.unknown_fields[last.index].reason == "unknown: no rule says which positions of its input sort reads"
    assert analysis.table["field"].tolist()[-1] == "unknown"


@pytest.mark.parametrize(
    "function", [lambda x: torch.cummax(x, 2).values, lambda x: torch.einsum("...hw,...vw->...hv", x, x)], ids=["cummax", "einsum with dots"]
)
def test_where_no_map_is_exact_the_field_is_unknown(function: Callable[[Tensor], Tensor]) -> None:
    analysis = analyse(Applied(lambda _, x: function(x)), Picture)
    op = next(n.op for n in analysis.graph.nodes if n.kind != "input")
    assert {u.reason for u in analysis.unknown_fields.values()} == {f"unknown: no rule says which positions of its input {op} reads"}
