"""Modules that nobody wrote for this project: outputs as torch's, MACs as FlopCounterMode's, nothing uncounted, nothing left behind."""

# ruff: noqa: ARG001, ARG005 -- every function here is given the module first, used or not.
from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._pytree import tree_leaves
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from blocks import analyse
from blocks.trace.errors import TraceError


class Made(nn.Module):
    """A function of the module itself and its inputs, with parts, parameters and buffers."""

    def __init__(self, function: Callable[..., Any], **parts: Any) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            if isinstance(part, Tensor) and not isinstance(part, nn.Parameter):
                self.register_buffer(name, part)
            else:
                setattr(self, name, part)

    def forward(self, *args: Tensor, **kwargs: Tensor) -> Any:
        return self.function(self, *args, **kwargs)


def weight(*shape: int, dtype: torch.dtype = torch.float32) -> nn.Parameter:
    return nn.Parameter(torch.randn(shape, dtype=dtype))


class Root(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor) -> Tensor:
        ctx.save_for_backward(x, w)
        return x.clamp(min=0) @ w


@dataclasses.dataclass
class Output:
    logits: Tensor
    other: Any = None


def windowed(s: Any, x: Tensor) -> Tensor:
    b, n, c = x.shape
    q, k, v = s.qkv(x).reshape(b, n, 3, 2, c // 2).permute(2, 0, 3, 1, 4).unbind(0)
    scores = (q @ k.transpose(-2, -1)) * 0.3 + s.table[s.index.view(-1)].view(n, n, 2).permute(2, 0, 1).contiguous().unsqueeze(0)
    return (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, n, c)


def experts(s: Any, x: Tensor) -> Tensor:
    share, which = s.gate(x).softmax(-1).topk(2)
    every = torch.stack([expert(x) for expert in s.experts], 1)
    return (every.gather(1, which[..., None].expand(-1, -1, 16)) * share[..., None]).sum(1)


def written_in_place(s: Any, x: Tensor) -> Tensor:
    x = s.conv(x)
    x.add_(1).mul_(2)
    x[:, 0] *= 2
    x[:, 1:3].relu_()
    x += 1
    return x.clamp_(0, 1)


def filled_bit_by_bit(s: Any, x: Tensor) -> Tensor:
    out = torch.empty(2, 4, 6)
    for i in range(4):
        out[:, i] = s.lin(x[:, i])
    return out + out.mean()


def unrolled(s: Any, x: Tensor) -> Tensor:
    h = c = x.new_zeros(x.shape[0], 12)
    for _ in range(3):
        h, c = s.cell(x, (h, c))
    return h


def kernels_from_data(s: Any, x: Tensor) -> Tensor:
    w = s.lin(x.mean((2, 3))).view(8, 3, 3, 3)
    return F.conv2d(x.reshape(1, 6, 8, 9), w, padding=1, groups=2).view(2, 4, 8, 9)


def sampled(s: Any, x: Tensor) -> Tensor:
    h, w = x.shape[-2:]
    gy, gx = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    grid = torch.stack([gx, gy], -1)[None].float() / 7 * 2 - 1
    return F.grid_sample(x, grid.expand(2, -1, -1, -1), align_corners=True)


def remembering(s: Any, x: Tensor) -> Tensor:
    s.count += 1
    s.mean.mul_(0.9).add_(x.mean(0), alpha=0.1)
    s.plain += 1
    s.last, s.calls = x.sum(), [*s.calls, 1]
    s.deep["list"].append(x)
    return x - s.mean * s.count + s.plain


def remembers() -> Made:
    made = Made(remembering, count=torch.tensor(0), mean=torch.zeros(6))
    made.calls, made.deep = [], {"list": [0]}
    made.plain = torch.ones(6)  # neither a parameter nor a buffer
    return made


def half_precision(s: Any, x: Tensor) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = s.lin(x)
    with torch.no_grad():
        return y.float() + s.lin(x)


def complex_rotation(s: Any, x: Tensor) -> Tensor:
    return torch.view_as_real(torch.view_as_complex(x.reshape(2, 6, 4, 2)) * s.turn).flatten(-2).abs()


#: name -> (module, shape of the input or several)
CASES: dict[str, tuple[Callable[[], nn.Module], Any]] = {
    "two inputs, a dict": (lambda: Made(lambda s, a, b: {"x": a @ b.transpose(1, 2), "y": [a, b.sum(1)]}), [(2, 3, 16), (2, 5, 16)]),
    "einsum of three": (lambda: Made(lambda s, x: torch.einsum("bnd,bmd,me->bne", x, x, s.w), w=weight(4, 6)), (2, 4, 8)),
    "causal attention": (lambda: Made(lambda s, x: F.scaled_dot_product_attention(x, x, x, is_causal=True)), (2, 4, 6, 8)),
    "grouped-query attention": (lambda: Made(lambda s, x: F.scaled_dot_product_attention(x, x[:, :2], x[:, :2], enable_gqa=True)), (2, 4, 6, 8)),
    "multi-head attention": (lambda: Made(lambda s, x: s.m(x, x, x), m=nn.MultiheadAttention(24, 4, batch_first=True)), (2, 7, 24)),
    "cross attention": (lambda: Made(lambda s, x, y: s.m(x, y, y, need_weights=False)[0], m=nn.MultiheadAttention(24, 4, kdim=16, vdim=16, batch_first=True)), [(2, 7, 24), (2, 5, 16)]),
    "masked attention": (lambda: Made(lambda s, x: s.m(x, x, x, attn_mask=torch.ones(7, 7, dtype=torch.bool).triu(1)), m=nn.MultiheadAttention(24, 4)), (7, 2, 24)),
    "encoder": (lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(24, 3, 40, norm_first=True, activation="gelu"), 2, nn.LayerNorm(24)), (7, 2, 24)),
    "transformer": (lambda: nn.Transformer(24, 3, 2, 2, 40), [(7, 2, 24), (5, 2, 24)]),
    "windowed attention": (lambda: Made(windowed, qkv=nn.Linear(8, 24), table=weight(30, 2), index=torch.randint(0, 30, (12, 12))), (2, 12, 8)),
    "mixture of experts": (lambda: Made(experts, gate=nn.Linear(16, 4), experts=nn.ModuleList(nn.Linear(16, 16) for _ in range(4))), (2, 16)),
    "lstm": (lambda: nn.LSTM(10, 12, 2, batch_first=True, bidirectional=True), (3, 5, 10)),
    "projected lstm": (lambda: nn.LSTM(10, 12, proj_size=4), (5, 3, 10)),
    "gru": (lambda: nn.GRU(10, 12, 2, dropout=0.1, bias=False), (5, 3, 10)),
    "plain recurrent": (lambda: nn.RNN(10, 12), (5, 3, 10)),
    "lstm cell": (lambda: Made(unrolled, cell=nn.LSTMCell(10, 12)), (3, 10)),
    "gru cell": (lambda: Made(lambda s, x: s.cell(x), cell=nn.GRUCell(10, 12)), (3, 10)),
    "fourier": (lambda: Made(lambda s, x: torch.fft.irfft2(torch.fft.rfft2(x) * s.w, s=(16, 12)), w=weight(3, 16, 7, dtype=torch.cfloat)), (2, 3, 16, 12)),
    "complex": (lambda: Made(complex_rotation, turn=torch.polar(torch.ones(6, 4), torch.ones(6, 4))), (2, 6, 8)),
    "scatter": (lambda: Made(lambda s, x: torch.zeros(2, 5, 6).scatter_add(1, s.i, x).scatter(1, s.i, 2.0), i=torch.randint(0, 5, (2, 5, 6))), (2, 5, 6)),
    "gather": (lambda: Made(lambda s, x: x.gather(1, s.i) + torch.take_along_dim(x, s.i, 1), i=torch.randint(0, 5, (2, 3, 6))), (2, 5, 6)),
    "index by tensors": (lambda: Made(lambda s, x: (x[:, s.i], x[:, [1, 3]], x[:, torch.tensor([True, False, True, True, False])]), i=torch.tensor([0, 2, 4])), (2, 5, 6)),
    "index_add": (lambda: Made(lambda s, x: x.index_add(0, torch.tensor([0]), x[:1]).index_fill(0, torch.tensor([1]), 1.0)), (2, 5, 6)),
    "causal mask": (lambda: Made(lambda s, x: x.masked_fill(torch.triu(torch.ones(5, 5), 1).bool(), float("-inf")).softmax(-1)), (2, 5, 5)),
    "one dimension": (lambda: nn.Sequential(nn.Conv1d(4, 6, 5, 2, 2), nn.BatchNorm1d(6), nn.MaxPool1d(2), nn.ConvTranspose1d(6, 3, 4, 2, 1, groups=3)), (2, 4, 20)),
    "three dimensions": (lambda: nn.Sequential(nn.Conv3d(2, 4, 3, padding=1), nn.AvgPool3d(2), nn.ConvTranspose3d(4, 3, 2, 2), nn.AdaptiveAvgPool3d(1)), (1, 2, 6, 8, 10)),
    "transposed": (lambda: Made(lambda s, x: s.c(x, output_size=[14, 18]), c=nn.ConvTranspose2d(4, 6, 3, 2, 1, groups=2)), (1, 4, 7, 9)),
    "circular padding": (lambda: nn.Sequential(nn.Conv2d(4, 6, 3, padding=1, padding_mode="circular"), nn.ReplicationPad2d(2), nn.ReflectionPad2d(1)), (1, 4, 7, 9)),
    "resampling": (lambda: Made(lambda s, x: F.interpolate(x, size=(13, 11), mode="bilinear") + F.interpolate(x, (13, 11), mode="bicubic", antialias=True)), (1, 4, 8, 9)),
    "resampling by a factor": (lambda: Made(lambda s, x: F.interpolate(x, scale_factor=(2.0, 1.7), recompute_scale_factor=True)), (1, 4, 8, 9)),
    "shuffles": (lambda: nn.Sequential(nn.Upsample(scale_factor=2), nn.PixelShuffle(2), nn.PixelUnshuffle(4)), (1, 4, 8, 12)),
    "fold": (lambda: Made(lambda s, x: F.fold(F.unfold(x, 3, padding=1, stride=2), (9, 11), 3, padding=1, stride=2)), (1, 4, 9, 11)),
    "windows of a tensor": (lambda: Made(lambda s, x: x.unfold(2, 3, 2).unfold(3, 4, 4)), (1, 4, 9, 8)),
    "roll, flip, turn": (lambda: Made(lambda s, x: torch.roll(x, (1, -1), (2, 3)).cumsum(1).flip(-1).rot90(1, (2, 3))), (1, 4, 9, 8)),
    "order": (lambda: Made(lambda s, x: (x.topk(5, -1), x.sort(-1), x.argsort(), x.kthvalue(2, -1), x.median(-1), x.max(-1), x.max(), x.cummax(1))), (3, 20)),
    "pools": (lambda: Made(lambda s, x: (F.max_pool2d(x, 2, return_indices=True), F.lp_pool2d(x, 2.0, 2), F.adaptive_max_pool2d(x, (3, None)), F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2))), (2, 8, 6, 10)),
    "checkpoint": (lambda: Made(lambda s, x: checkpoint(s.c, x, use_reentrant=False) + checkpoint(s.c, x, use_reentrant=True), c=nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU())), (2, 3, 8, 9)),
    "autocast": (lambda: Made(half_precision, lin=nn.Linear(6, 4)), (2, 6)),
    "weight norm": (lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 5, 3)), nn.ReLU(), nn.utils.weight_norm(nn.Conv2d(5, 4, 1))), (2, 3, 8, 9)),
    "module dict": (lambda: Made(lambda s, x: [s.m[k](x) for k in s.m], m=nn.ModuleDict({"a": nn.Linear(6, 3), "b": nn.Linear(6, 4)})), (2, 6)),
    "parameter list": (lambda: Made(lambda s, x: sum(x @ p for p in s.p), p=nn.ParameterList(weight(6, 3) for _ in range(3))), (2, 6)),
    "functional call": (lambda: Made(lambda s, x: torch.func.functional_call(s.lin, {"weight": s.w * 2, "bias": s.lin.bias}, (x,)), lin=nn.Linear(6, 4), w=weight(4, 6)), (2, 6)),
    "vmap": (lambda: Made(lambda s, x: torch.vmap(lambda a: s.lin(a) @ a.T)(x), lin=nn.Linear(6, 6)), (2, 8, 6)),
    "autograd function": (lambda: Made(lambda s, x: Root.apply(x, s.w), w=weight(6, 5)), (2, 6)),
    "scripted": (lambda: torch.jit.script(nn.Sequential(nn.Linear(6, 4), nn.ReLU())), (2, 6)),
    "jit trace": (lambda: torch.jit.trace(nn.Sequential(nn.Linear(6, 4), nn.ReLU()).eval(), torch.zeros(2, 6)), (2, 6)),
    "hooks": (lambda: _hooked(), (2, 6)),
    "in place": (lambda: Made(written_in_place, conv=nn.Conv2d(3, 4, 1)), (2, 3, 8, 9)),
    "a tensor filled bit by bit": (lambda: Made(filled_bit_by_bit, lin=nn.Linear(5, 6)), (2, 4, 5)),
    "made inside forward": (lambda: Made(lambda s, x: x + torch.arange(9, dtype=x.dtype) * torch.linspace(0, 1, 9) + torch.randn_like(x) + torch.full((8, 9), 2.0) + x.new_ones(9) + torch.tensor(1.0)), (2, 3, 8, 9)),
    "sampling": (lambda: Made(sampled), (2, 3, 8, 9)),
    "kernels from data": (lambda: Made(kernels_from_data, lin=nn.Linear(3, 4 * 27)), (2, 3, 8, 9)),
    "mixed types": (lambda: Made(lambda s, x: (x.double() + x, x.half() * 2, x.long() + 1.5, (x > 0) + 1, x.int() / 2, (x > 0).sum(1), torch.cat([x, x.double()]), torch.where(x > 0, x, 1), torch.stack([x > 0]).any())), (2, 6)),
    "losses": (lambda: Made(lambda s, x: F.cross_entropy(x, torch.tensor([0, 1])) + F.mse_loss(x, x * 2) + F.kl_div(x.log_softmax(1), x.softmax(1)) + F.binary_cross_entropy_with_logits(x, x.sigmoid())), (2, 6)),
    "embedding bag": (lambda: Made(lambda s, x: s.e(torch.randint(0, 10, (2, 4))) + s.lin(x), e=nn.EmbeddingBag(10, 5), lin=nn.Linear(8, 5)), (2, 8)),
    "an object of fields": (lambda: Made(lambda s, x: Output(s.lin(x), {"in": x}), lin=nn.Linear(6, 3)), (2, 6)),
    "constant result": (lambda: Made(lambda s, x: (torch.ones(3), x)), (2, 6)),
    "constant product": (lambda: Made(lambda s, x: x @ (torch.eye(6) @ torch.ones(6, 4))), (2, 6)),
    "what forward remembers": (remembers, (2, 6)),
    "without a batch": (lambda: nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.MaxPool2d(2), nn.Flatten(0), nn.Linear(64, 3)), (3, 8, 8)),
    "double": (lambda: nn.Linear(6, 4).double(), (2, 6)),
}  # fmt: skip


def _hooked() -> nn.Module:
    net = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 2))
    net[0].register_forward_hook(lambda _module, _inputs, output: output * 2)
    net[1].register_forward_pre_hook(lambda _module, inputs: (inputs[0] + 1,))
    return net


def leaves(result: Any) -> list[Tensor]:
    fields = list(vars(result).values()) if dataclasses.is_dataclass(result) else result
    return [leaf for leaf in tree_leaves(fields) if isinstance(leaf, Tensor)]


@contextmanager
def spelled_out() -> Iterator[FlopCounterMode]:
    """torch's counter, with the fused kernels that it does not see switched off."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH), torch.backends.mkldnn.flags(enabled=False), torch.no_grad(), FlopCounterMode(display=False) as counter:
            yield counter
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def held(net: nn.Module) -> dict[str, Any]:
    """What a module holds: its attributes by identity, its tensors by value."""
    found: dict[str, Any] = {}
    for path, module in net.named_modules():
        found[path] = {k: id(v) for k, v in vars(module).items()} | {f"_parameters.{k}": id(v) for k, v in module._parameters.items()}
    tensors = [*net.named_buffers(), *((k, v) for k, v in vars(net).items() if isinstance(v, Tensor))]
    return found | {k: v.tolist() for k, v in tensors} | {"deep": repr(getattr(net, "deep", None)), "calls": repr(getattr(net, "calls", None))}


@pytest.mark.parametrize("name", CASES)
def test_as_torch_says(name: str) -> None:
    torch.manual_seed(0)
    make, shape = CASES[name]
    net = make()
    net.train()
    before = held(net)
    analysis = analyse(net, shape)
    assert held(net) == before
    assert all(m.training for m in net.modules())
    dtype = next((p.dtype for p in net.parameters() if p.is_floating_point()), torch.float32)
    inputs = [torch.rand(s, dtype=dtype) for s in (shape if isinstance(shape, list) else [shape])]
    net.eval()
    with spelled_out() as counter:
        result = net(*inputs)
    outputs = [n for n in analysis.graph.nodes if n.kind == "output"]
    assert [tuple(n.shape) for n in outputs] == [tuple(t.shape) for t in leaves(result)]
    assert [n.dtype for n in outputs] == [str(t.dtype)[6:] for t in leaves(result)]
    assert 2 * analysis.macs == counter.get_total_flops()
    assert analysis.not_counted == []
    assert analysis.params == sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize("look", [
    lambda s, x: x * 2 if x.sum() > 0 else x, lambda s, x: x * x.max().item(), lambda s, x: x[x > 0], lambda s, x: x * float(x.mean()), lambda s, x: x[:, : int(x.argmax())],
    lambda s, x: torch.from_numpy(x.numpy()), lambda s, x: torch.where(x > 0), lambda s, x: x.nonzero(), lambda s, x: x.tolist(), lambda s, x: x.unique(), lambda s, x: torch.masked_select(x, x > 0),
])  # fmt: skip
def test_what_depends_on_the_data_is_refused_in_a_sentence(look: Callable[..., Any]) -> None:
    net = Made(lambda s, x: look(s, s.lin(x)), lin=nn.Linear(6, 6))
    with pytest.raises(TraceError, match="looks at the values of a tensor") as caught:
        analyse(net, (2, 6))
    nodes = caught.value.graph.nodes
    assert nodes[1].op == "linear"
    assert "looks at the values" in nodes[-1].failed


def test_a_value_that_the_module_knows_may_be_looked_at() -> None:
    def forward(s: Any, x: Tensor) -> Tensor:
        mask = torch.arange(6) > 2
        return x[:, mask] * s.scale.item() if s.ready and int(s.width) == 6 else x

    net = Made(forward, scale=torch.tensor(2.0), ready=torch.tensor(True), width=torch.tensor(6))
    assert analyse(net, (2, 6)).output_shape == (2, 3)


def test_an_algorithm_without_a_fixed_cost_is_listed() -> None:
    analysis = analyse(Made(lambda s, x: torch.linalg.svdvals(x) + x.sum()), (2, 8, 6))
    assert [u.op for u in analysis.not_counted] == ["linalg_svdvals"]
    assert analysis.output_shape == (2, 6)


def test_compiled_modules_are_traced_as_what_they_wrap() -> None:
    pytest.importorskip("torch._dynamo")
    inner = nn.Sequential(nn.Linear(6, 4), nn.ReLU())
    assert analyse(torch.compile(inner), (2, 6)).macs == 48
    assert analyse(nn.Sequential(torch.compile(inner), nn.Linear(4, 3)), (2, 6)).macs == 48 + 24


def test_a_lazy_module_is_refused_in_a_sentence() -> None:
    with pytest.raises(TraceError, match="not initialised yet"):
        analyse(nn.Sequential(nn.ReLU(), nn.LazyLinear(4)), (2, 6))


def test_forward_that_raises_leaves_the_module_and_the_part_before() -> None:
    def forward(s: Any, x: Tensor) -> Tensor:
        s.seen, s.count = x, s.count + 1
        y = s.lin(x)
        raise RuntimeError("half-way")
        return y

    net = Made(forward, lin=nn.Linear(6, 3), count=torch.tensor(0))
    before = held(net)
    with pytest.raises(TraceError, match="half-way") as caught:
        analyse(net, (2, 6))
    assert held(net) == before
    assert [n.op for n in caught.value.graph.nodes] == ["input", "add", "linear"]
    assert caught.value.graph.calls[0].failed == "half-way"


def test_inputs_as_tensors_keep_their_types_and_other_values_are_handed_over() -> None:
    net = Made(lambda s, ids, twice=False: s.e(ids) * (2 if twice else 1), e=nn.Embedding(9, 5))
    analysis = analyse(net, {"ids": torch.zeros(2, 7, dtype=torch.int64), "twice": True})
    assert analysis.output_shape == (2, 7, 5)
    assert [n.dtype for n in analysis.graph.nodes if n.kind == "input"] == ["int64"]


def test_recurrent_flops_by_hand() -> None:
    analysis = analyse(nn.LSTM(10, 12), (5, 3, 10))
    assert analysis.macs == 15 * (48 * 10 + 48 * 12)
    assert analysis.flops - 2 * analysis.macs == 15 * 12 * (27 + 8)


def test_fourier_flops_by_hand() -> None:
    assert analyse(Made(lambda s, x: torch.fft.fft(torch.complex(x, x))), (2, 3, 16)).flops == 2 * 3 * 5 * 16 * 4
    assert analyse(Made(lambda s, x: torch.fft.rfft(x)), (2, 3, 16)).flops == 2 * 3 * 5 * 16 * 4 // 2


def test_a_deep_copy_is_not_needed_to_trace_twice() -> None:
    net = nn.BatchNorm2d(4)
    first, second = (analyse(net, (2, 4, 5, 6), training=True) for _ in range(2))
    assert [n.inputs for n in first.graph.nodes] == [n.inputs for n in second.graph.nodes]
    assert copy.deepcopy(net).num_batches_tracked.item() == 0
