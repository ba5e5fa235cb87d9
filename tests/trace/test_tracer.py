"""The trace: edges, shared modules, in-place writes, several outputs, tensors made inside forward, what has no rule, what fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks import analyse
from blocks.knobs import KnobError
from blocks.trace.errors import TraceError


class Lambda(nn.Module):
    """Any function as a module."""

    def __init__(self, function: Callable[..., Any], **parts: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *args: Tensor) -> Any:
        return self.function(*args)


# (function, shape of the input, FLOPs besides 2·MACs, by hand); pairwise distinct sizes.
SHAPES: list[tuple[str, Callable[[Tensor], Any]]] = [
    ("reshape", lambda x: x.reshape(2, -1, 7)),
    ("flatten", lambda x: x.flatten(1, 2)),
    ("permute", lambda x: x.permute(0, 2, 3, 1)),
    ("chunk", lambda x: x.chunk(4, 1)[2]),
    ("split", lambda x: x.split([1, 2, 3], 1)[2]),
    ("slice", lambda x: x[:, 1:4, ::2, -3:]),
    ("index", lambda x: x[0, ..., None, 2]),
    ("tensor index", lambda x: x[:, torch.tensor([0, 2, 5])]),
    ("pad", lambda x: F.pad(x, (1, 2, 3, 0))),
    ("cat", lambda x: torch.cat([x, x[:, :1]], 1)),
    ("stack", lambda x: torch.stack([x, x], -1)),
    ("mean", lambda x: x.mean((2, 3), keepdim=True)),
    ("sum", lambda x: x.sum(-1)),
    ("max", lambda x: x.max(dim=1).values),
    ("max pool", lambda x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True)),
    ("avg pool", lambda x: F.avg_pool2d(x, (2, 3), ceil_mode=True)),
    ("adaptive", lambda x: F.adaptive_avg_pool2d(x, (None, 3))),
    ("interpolate", lambda x: F.interpolate(x, scale_factor=1.5, mode="bilinear")),
    ("transposed", lambda x: F.conv_transpose2d(x, torch.zeros(6, 4, 3, 2), stride=2, output_padding=1)),
    ("same padding", lambda x: F.conv2d(x, torch.zeros(8, 6, 3, 4), padding="same")),
    ("dilated", lambda x: F.conv2d(x, torch.zeros(8, 3, 3, 1), dilation=(2, 1), groups=2)),
    ("matmul", lambda x: x @ x.transpose(-1, -2)),
    ("einsum", lambda x: torch.einsum("bchw,bdhw->bcd", x, x)),
    ("unfold", lambda x: F.unfold(x, 3, padding=1, stride=2)),
    ("pixel shuffle", lambda x: F.pixel_shuffle(x[:, :4], 2)),
    ("roll", lambda x: x.roll((1, 2), (2, 3))),
    ("expand", lambda x: x[:, :1].expand(-1, 5, -1, -1)),
    ("repeat", lambda x: x.repeat(1, 2, 1, 3)),
    ("squeeze", lambda x: x[:, :1].squeeze(1).unsqueeze(-1)),
    ("movedim", lambda x: x.movedim(1, -1)),
    ("broadcast", lambda x: x * torch.ones(6, 1, 1) + torch.ones(7)),
    ("where", lambda x: torch.where(x > 0, x, 0.0)),
    ("argmax", lambda x: x.argmax(1)),
    ("sort", lambda x: x.sort(-1)[0]),
    ("glu", lambda x: F.glu(x, 1)),
    ("norms", lambda x: F.layer_norm(F.group_norm(x, 3), (5, 7))),
    ("iteration", lambda x: torch.cat(list(x), 0)),
    ("unflatten", lambda x: x.unflatten(1, (2, -1))),
    ("std", lambda x: x.std((1, 2))),
    ("real on the left", lambda x: 1 - torch.ones(7) / x),
]


@pytest.mark.parametrize(("name", "function"), SHAPES, ids=[name for name, _ in SHAPES])
def test_shapes_agree_with_torch(name: str, function: Callable[[Tensor], Any]) -> None:
    real = function(torch.randn(2, 6, 5, 7))
    assert analyse(Lambda(function), (2, 6, 5, 7)).output_shape == tuple(real.shape), name


def test_edges_follow_the_tensors() -> None:
    conv, other = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 5, 3)
    a = analyse(Lambda(lambda x: (other(F.relu(conv(x)) + x), x), conv=conv, other=other), (1, 3, 8, 9))
    ops = [n.op for n in a.graph.nodes]
    assert ops == ["input", "conv2d", "relu", "add", "conv2d", "output", "output"]
    assert [n.inputs for n in a.graph.nodes] == [(), ((0, 0),), ((1, 0),), ((2, 0), (0, 0)), ((3, 0),), ((4, 0),), ((0, 0),)]
    assert a.graph.consumers()[(0, 0)] == [1, 3, 6]
    assert [a.graph.path(n) for n in a.graph.nodes][1:5] == ["conv", "", "", "other"]


def test_a_shared_module_counts_its_parameters_once_and_its_operations_twice() -> None:
    shared = nn.Conv2d(4, 4, 3, padding=1)
    a = analyse(Lambda(lambda x: shared(shared(x)), shared=shared), (1, 4, 5, 6))
    assert a.params == 4 * 4 * 9 + 4
    assert a.table["params"].tolist() == [148, 0]
    assert a.macs == 2 * (4 * 4 * 9 * 5 * 6)
    assert a.table["module"].tolist() == ["shared", "shared#2"]


def test_in_place_writes_change_what_later_readers_see() -> None:
    def forward(x: Tensor) -> Tensor:
        y = x * 2
        y.add_(1)
        y[:, :1] = 0
        return y

    a = analyse(Lambda(forward), (1, 3, 4))
    assert [n.op for n in a.graph.nodes] == ["input", "mul", "add", "__setitem__", "output"]
    assert a.graph.nodes[-1].inputs == ((3, 0),)


def test_an_in_place_write_through_a_view_reaches_the_whole() -> None:
    def forward(x: Tensor) -> Tensor:
        y = x.clone()
        y[:, :2].mul_(3)
        return y

    nodes = analyse(Lambda(forward), (1, 3, 4)).graph.nodes
    assert nodes[-1].inputs[0][0] == next(n.index for n in nodes if n.op == "mul")
    assert nodes[-1].shape == (1, 3, 4)


@pytest.mark.parametrize("wrap", [lambda a, b: (a, b), lambda a, b: {"out": a, "aux": b}, lambda a, b: [a, {"deep": (b,)}]])
def test_several_outputs(wrap: Callable[[Tensor, Tensor], Any]) -> None:
    a = analyse(Lambda(lambda x: wrap(x + 1, x.mean(1))), (2, 3, 5))
    assert [n.shape for n in a.graph.nodes if n.kind == "output"] == [(2, 3, 5), (2, 5)]


def test_several_inputs() -> None:
    a = analyse(Lambda(lambda x, y: x @ y), [(2, 3, 5), (2, 5, 7)])
    assert a.macs == 2 * 3 * 5 * 7
    assert a.output_shape == (2, 3, 7)


def test_tensors_made_inside_forward() -> None:
    def forward(x: Tensor) -> Tensor:
        mask = torch.zeros(x.shape[-1], device=x.device)
        return x + mask + torch.arange(x.shape[-1])

    a = analyse(Lambda(forward), (2, 3, 5))
    assert a.output_shape == (2, 3, 5)
    assert a.flops == 2 * (2 * 3 * 5)


def test_arithmetic_on_parameters_alone_is_seen() -> None:
    class Standardised(nn.Conv2d):
        def forward(self, x: Tensor) -> Tensor:
            return F.conv2d(x, self.weight - self.weight.mean((1, 2, 3), keepdim=True))

    a = analyse(Standardised(3, 5, 2, bias=False), (1, 3, 4, 6))
    assert a.macs == 5 * 3 * 4 * 3 * 5
    assert a.flops == 2 * a.macs + (60 + 5) + 60
    assert a.params == 60
    assert a.table["params"].sum() == 60


def test_what_has_no_rule_is_said_and_has_its_shape() -> None:
    a = analyse(Lambda(lambda x: torch.linalg.eigvals(x).real), (2, 8, 8))
    assert a.output_shape == (2, 8)
    assert any("linalg_eigvals" in str(u) for u in a.not_counted)


def test_what_a_proxy_cannot_pass_is_run_below_torch() -> None:
    class Root(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)
            return x.sqrt()

    a = analyse(nn.Sequential(nn.Conv2d(3, 4, 3), Lambda(Root.apply), nn.ReLU()), (1, 3, 5, 6))
    assert [n.op for n in a.graph.nodes] == ["input", "conv2d", "sqrt", "relu", "output"]


@pytest.mark.parametrize("look", [lambda x: x if x.sum() > 0 else -x, lambda x: x * x.max().item(), lambda x: x[: int(x.mean())]])
def test_a_look_at_values_is_refused_in_a_sentence(look: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(TraceError, match=r"value|shapes|meta"):
        analyse(Lambda(look), (2, 3))


def test_a_failure_names_its_module_and_keeps_the_part_before() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Sequential(nn.ReLU(), nn.Conv2d(7, 4, 1)))
    with pytest.raises(TraceError, match="expects 7 channels and the input has 8") as caught:
        analyse(net, (1, 3, 9, 9))
    assert caught.value.module == "1.1"
    nodes = caught.value.graph.nodes
    assert [n.op for n in nodes] == ["input", "conv2d", "relu", "conv2d"]
    assert [bool(n.failed) for n in nodes] == [False, False, False, True]
    assert nodes[-1].outputs == ()


def test_a_window_larger_than_its_input() -> None:
    with pytest.raises(TraceError, match="window of 5 is larger than the input of 4 with padding 0: it needs at least 5"):
        analyse(nn.Conv2d(1, 1, 5), (1, 1, 4, 6))


def test_a_module_is_left_as_it_was() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.3)).train()
    net[1].eval()
    state = {k: v.clone() for k, v in net.state_dict().items()}
    attributes = {k: dict(vars(m)) for k, m in net.named_modules()}
    for training in (False, True):
        analyse(net, (2, 3, 6, 7), training=training)
    assert [m.training for m in net] == [True, False, True]
    assert all(torch.equal(v, net.state_dict()[k]) for k, v in state.items())
    assert {k: dict(vars(m)) for k, m in net.named_modules()} == attributes


def test_a_failing_trace_leaves_the_module_too() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(5, 6))
    with pytest.raises(TraceError):
        analyse(net, (1, 3, 9, 9))
    assert net.training
    assert all("forward" not in vars(m) for m in net.modules())


def test_threads_trace_beside_each_other() -> None:
    shared = nn.Sequential(*(nn.Conv2d(3, 3, 3, padding=1) for _ in range(20)))
    found: dict[int, int] = {}

    def work(i: int) -> None:
        found[i] = analyse(shared if i % 2 else nn.Conv2d(3, 3, 3, padding=1), (1, 3, 8 + i, 9)).macs

    threads = [threading.Thread(target=work, args=(i,)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {i: 81 * (8 + i) * 9 * (20 if i % 2 else 1) for i in range(12)}


def test_training_mode_is_traced_when_told() -> None:
    net = nn.Sequential(nn.Linear(5, 7), nn.Dropout(0.5))
    assert analyse(net, (3, 5), training=True).flops - analyse(net, (3, 5)).flops == 2 * 3 * 7


@pytest.mark.parametrize(("arguments", "sentence"), [
    ({"network": nn.Identity()}, "input_shape = None"),
    ({"network": "resnet18", "dtype": "float31"}, "dtype = 'float31': must be one of"),
    ({"network": "resnet18", "input_shape": (1, 3, 0, 224)}, "must be a whole number of at least 1"),
    ({"network": "resnet18", "se_ration": 4}, "Nearest: se_ratio"),
    ({"network": "renset18"}, "Nearest: resnet18"),
])  # fmt: skip
def test_bad_arguments(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(KnobError, match=sentence):
        analyse(**arguments)
