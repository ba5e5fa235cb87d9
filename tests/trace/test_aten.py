"""One price list: a scripted copy and an exported program of a network cost what the network itself costs."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

from blocks import analyse, catalog
from blocks.catalog.exported_program import Exported, read_program
from blocks.trace.aten import step_of
from tests.tracing import Calls, traced

pytestmark = pytest.mark.filterwarnings("ignore")

LAYERS = {
    "batch norm": (nn.BatchNorm2d(6), (2, 6, 7, 5)),
    "batch norm without scale": (nn.BatchNorm2d(6, affine=False), (2, 6, 7, 5)),
    "batch norm of the batch": (nn.BatchNorm2d(6, track_running_stats=False), (2, 6, 7, 5)),
    "instance norm": (nn.InstanceNorm2d(6), (2, 6, 7, 5)),
    "instance norm with scale": (nn.InstanceNorm2d(6, affine=True), (2, 6, 7, 5)),
    "layer norm": (nn.LayerNorm(5), (2, 6, 5)),
    "layer norm without scale": (nn.LayerNorm(5, elementwise_affine=False), (2, 6, 5)),
    "group norm": (nn.GroupNorm(3, 6), (2, 6, 7, 5)),
    "local response norm": (nn.LocalResponseNorm(3), (2, 6, 7, 5)),
    "silu": (nn.SiLU(), (2, 6, 7, 5)),
    "hardswish": (nn.Hardswish(), (2, 6, 7, 5)),
    "hardsigmoid": (nn.Hardsigmoid(), (2, 6, 7, 5)),
    "relu6": (nn.ReLU6(), (2, 6, 7, 5)),
    "gelu": (nn.GELU(), (2, 6, 5)),
    "elu": (nn.ELU(), (2, 6, 5)),
    "celu": (nn.CELU(0.5), (2, 6, 5)),
    "selu": (nn.SELU(), (2, 6, 5)),
    "mish": (nn.Mish(), (2, 6, 5)),
    "softplus": (nn.Softplus(), (2, 6, 5)),
    "log sigmoid": (nn.LogSigmoid(), (2, 6, 5)),
    "glu": (nn.GLU(1), (2, 6, 5)),
    "prelu": (nn.PReLU(6), (2, 6, 5)),
    "softmax": (nn.Softmax(1), (2, 6, 5)),
    "log softmax": (nn.LogSoftmax(1), (2, 6, 5)),
    "max pool": (nn.MaxPool2d(3, 2), (2, 6, 7, 5)),
    "average pool": (nn.AvgPool2d(3, 2), (2, 6, 7, 5)),
    "global pool": (nn.AdaptiveAvgPool2d(1), (2, 6, 7, 5)),
    "adaptive pool": (nn.AdaptiveAvgPool2d((3, 2)), (2, 6, 7, 5)),
    "adaptive maximum": (nn.AdaptiveMaxPool2d((3, 2)), (2, 6, 7, 5)),
    "bilinear": (nn.Upsample(scale_factor=2.0, mode="bilinear"), (2, 6, 7, 5)),
    "nearest": (nn.Upsample(scale_factor=2.0), (2, 6, 7, 5)),
    "convolution": (nn.Conv2d(6, 8, (3, 1), stride=2, padding=1, groups=2), (2, 6, 7, 5)),
    "transposed convolution": (nn.ConvTranspose2d(6, 8, 3, stride=2), (2, 6, 7, 5)),
    "linear": (nn.Linear(5, 9), (2, 6, 5)),
    "linear without bias": (nn.Linear(5, 9, bias=False), (2, 6, 5)),
    "dropout": (nn.Dropout(0.5), (2, 6, 5)),
}


def counted(analysis) -> tuple[int, int]:
    assert analysis.not_counted == []
    return analysis.macs, analysis.flops


def scripted(net: nn.Module, shape: tuple[int, ...]) -> nn.Module:
    return torch.jit.trace(net, torch.zeros(shape), check_trace=False)


def exported(net: nn.Module, shape: tuple[int, ...], path: Path) -> nn.Module:
    torch.export.save(torch.export.export(net, (torch.zeros(shape),)), path)
    return Exported(read_program(path))


@pytest.mark.parametrize(("layer", "shape"), LAYERS.values(), ids=LAYERS)
def test_a_scripted_layer_costs_what_the_layer_costs(layer: nn.Module, shape: tuple[int, ...]) -> None:
    layer.eval()
    assert counted(analyse(torch.jit.script(layer), shape)) == counted(analyse(layer, shape))


@pytest.mark.parametrize("layer", [nn.BatchNorm2d(6), nn.BatchNorm2d(6, affine=False), nn.InstanceNorm2d(6)])
def test_norms_while_training(layer: nn.Module) -> None:
    shape = (2, 6, 7, 5)
    layer.train()
    norm = [n for n in analyse(layer, shape, training=True).graph.nodes if n.kind == "norm"]
    below = [n for n in analyse(scripted(layer, shape), shape, training=True).graph.nodes if n.kind == "norm"]
    assert [n.flops for n in below] == [n.flops for n in norm]


@pytest.mark.parametrize("name", ["mobilenet_v3_large", "resnet18", "seresnet18", "densenet121"])
def test_a_scripted_and_an_exported_network_cost_what_the_network_costs(name: str, tmp_path: Path) -> None:
    net, shape = catalog.build(name).eval(), (1, 3, 64, 64)
    expected = counted(analyse(net, shape))
    assert counted(analyse(scripted(net, shape), shape)) == expected
    assert counted(analyse(exported(net, shape, tmp_path / "net.pt2"), shape)) == expected


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(12, 36)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).chunk(3, -1)
        return F.scaled_dot_product_attention(q, k, v)


def test_scripted_attention() -> None:
    assert counted(analyse(torch.jit.script(Attention().eval()), (2, 7, 12))) == counted(analyse(Attention(), (2, 7, 12)))


@pytest.mark.parametrize(("name", "side"), [("vit_b_32", 224), ("shufflenet_v2_x0_5", 64)])
def test_an_exported_network_costs_what_the_network_costs(name: str, side: int, tmp_path: Path) -> None:
    net, shape = catalog.build(name).eval(), (1, 3, side, side)
    assert counted(analyse(exported(net, shape, tmp_path / "net.pt2"), shape)) == counted(analyse(net, shape))


def test_an_operation_that_nothing_is_known_of_is_not_counted() -> None:
    x = torch.empty(2, 3, device="meta")
    assert not step_of("linalg_svd", [x], [x], (x,), {}).counted


def test_an_outer_product_costs_the_same_above_and_below_python() -> None:
    net = Calls(lambda x: torch.outer(x, x))
    assert counted(analyse(net, (5,))) == counted(analyse(scripted(net, (5,)), (5,))) == (0, 25)
    x, product = torch.empty(5, device="meta"), torch.empty(5, 5, device="meta")
    assert [(s.macs, s.flops, s.counted) for s in (step_of(name, [x, x], [product], (x, x), {}) for name in ("outer", "ger"))] == [(0, 25, True)] * 2


class Recurrent(nn.Module):
    """Layers that torch can quantise dynamically: linear, recurrent, a cell."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.gru = nn.LSTM(16, 8, 2, batch_first=True, bidirectional=True), nn.GRU(16, 6)
        self.cell, self.head = nn.LSTMCell(6, 5), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.cell(self.gru(self.lstm(x)[0])[0][:, 0])[0])


@pytest.mark.parametrize("times", [1, 2])  # torch's cache of calls on fake tensors could not compare packed weights
def test_a_dynamically_quantised_network_costs_what_it_cost_before(times: int) -> None:
    net = Recurrent()
    quantised = torch.ao.quantization.quantize_dynamic(net, {nn.Linear, nn.LSTM, nn.GRU, nn.LSTMCell}, dtype=torch.qint8)
    before, after = analyse(net, (4, 7, 16)), [analyse(quantised, (4, 7, 16)) for _ in range(times)][-1]
    assert {"quantized_lstm", "quantized_gru", "quantized_lstm_cell_dynamic", "linear_dynamic"} <= {n.op for n in after.graph.nodes}
    assert (after.macs, after.flops, after.output_shape, after.not_counted) == (before.macs, before.flops, before.output_shape, [])


@pytest.mark.parametrize("masked", [False, True])
def test_flex_attention_counts_all_scores(masked: bool) -> None:
    def attend(q: Tensor, k: Tensor) -> Tensor:
        mask = create_block_mask(lambda _b, _h, i, j: i >= j, None, None, 130, 140, device="cpu") if masked else None
        return flex_attention(q, k, k, score_mod=lambda score, _b, _h, i, j: score + (i - j), block_mask=mask, enable_gqa=True)  # type: ignore[return-value]

    analysis = traced(attend, (2, 4, 130, 16), (2, 2, 140, 16))
    assert analysis.macs == 2 * (2 * 4 * 130 * 140 * 16)
    assert (analysis.output_shape, analysis.not_counted) == ((2, 4, 130, 16), [])
