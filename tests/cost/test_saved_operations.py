"""What the backward of each operation keeps, against autograd's saved tensors to the byte: every rule, in several forms, and functions without a rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from blocks import analyse
from blocks.trace.rules.elementwise import ACTIVATIONS, BINARY, UNARY
from tests.storages import saved_bytes

X = (2, 6, 5, 7)
Function = Callable[[Tensor], Tensor]


class After(nn.Module):
    """A function of the input times a parameter, so that what it reads has a gradient."""

    def __init__(self, function: Function) -> None:
        super().__init__()
        self.function, self.scale = function, nn.Parameter(torch.rand(1) + 0.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x * self.scale)


def differs(function: Function) -> tuple[int, int] | None:
    """(ours, torch's) bytes that are kept, where they are not equal."""
    net = After(function).train()
    real, ours = saved_bytes(net, torch.rand(X)), analyse(net, X, training=True).saved_memory
    return None if real == ours else (ours, real)


def of(name: str, *args: Any, **kwargs: Any) -> Function:
    function = getattr(F, name, None) or getattr(torch, name)
    return lambda h: function(h, *args, **kwargs)


def method(name: str) -> Function:
    return lambda h: getattr(h, name)()


def picture(h: Tensor, rank: int) -> Tensor:
    """``h`` with ``rank`` spatial dimensions."""
    return h[0] if rank == 1 else h if rank == 2 else h[None]


def written(h: Tensor) -> Tensor:
    y = torch.zeros(X)
    y[:, 1:] = h[:, 1:]
    return y


NO_FLOATS = ("bitwise_", "logical_", "isnan", "isinf")
SINGLE = {
    n: of(n, *((0.1, 0.0) if n == "threshold" else (0.5,) if n.startswith("clamp") else ())) for n in (*ACTIVATIONS, *UNARY) if not n.startswith(NO_FLOATS)
}
PAIRS = [n for n in BINARY if not n.startswith(NO_FLOATS)]
IN_PLACE = {
    **{n: of(n, inplace=True) for n in ("leaky_relu", "elu", "silu", "hardswish", "hardsigmoid", "relu6", "mish", "celu", "selu")}, "threshold": of("threshold", 0.1, 0.0, inplace=True),
    **{n: method(n + "_") for n in ("relu", "sigmoid", "tanh", "exp", "sqrt")}, "mul": lambda h: h.mul_(2), "add": lambda h: h.add_(1),
    "clamp": lambda h: h.clamp_(0, 1), "dropout": of("dropout", 0.5, True, inplace=True),
}  # fmt: skip
REDUCED = ("sum", "mean", "amax", "amin", "var", "std", "prod", "nansum", "logsumexp", "cumsum", "cumprod", "logcumsumexp")
SPATIAL: dict[str, Function] = {}
for _rank in (1, 2, 3):
    for _name, _args in {"max_pool": (2,), "avg_pool": (2,), "adaptive_avg_pool": (3,), "adaptive_max_pool": (2,)}.items():
        SPATIAL[f"{_name}{_rank}d"] = lambda h, n=f"{_name}{_rank}d", r=_rank, a=_args: getattr(F, n)(picture(h, r), *a)  # type: ignore[misc]
    SPATIAL[f"global pool {_rank}d"] = lambda h, r=_rank: getattr(F, f"adaptive_avg_pool{r}d")(picture(h, r), 1)  # type: ignore[misc]
    SPATIAL[f"conv{_rank}d"] = lambda h, r=_rank: getattr(F, f"conv{r}d")(picture(h, r), torch.ones(2, (5, 6, 2)[r - 1] if r > 1 else 5, *[2] * r))  # type: ignore[misc]
OTHERS: dict[str, Function] = {
    "norm": lambda h: torch.norm(h, dim=1), "vector norm": lambda h: torch.linalg.vector_norm(h, dim=1), "trace": lambda h: h[0, 0, :5, :5].trace(), "clamp": lambda h: h.clamp(0.1, 0.9),
    "clamp once": lambda h: h.clamp(min=0.1), "prelu": lambda h: F.prelu(h, torch.ones(6)), "softmax": of("softmax", 1), "log_softmax": of("log_softmax", 1), "softmin": of("softmin", 1),
    "glu": of("glu", 1), "outer": lambda h: torch.outer(h[0, 0, 0], h[1, 0, 0]), "where": lambda h: torch.where(h > 0, h, h * 2), "masked_fill": lambda h: h.masked_fill(h > 0.5, 0.0),
    "lerp": lambda h: torch.lerp(h, h + 1, h * 2), "lerp by a number": lambda h: torch.lerp(h, h + 1, 0.3), "addcmul": lambda h: torch.addcmul(h, h + 1, h + 2),
    "addcdiv": lambda h: torch.addcdiv(h, h + 1, h + 2), "dropout": of("dropout", 0.5, True), "dropout2d": of("dropout2d", 0.5, True), "alpha_dropout": of("alpha_dropout", 0.5, True),
    "feature_alpha_dropout": of("feature_alpha_dropout", 0.5, True), "matmul": lambda h: h @ h.transpose(2, 3), "matmul of a constant": lambda h: h @ torch.ones(7, 3),
    "bmm": lambda h: torch.bmm(h[0], h[1].transpose(1, 2)), "vector": lambda h: h[0, 0] @ h[0, 1, 0], "dot": lambda h: h[0, 0, 0] @ h[0, 1, 0],
    "addmm": lambda h: torch.addmm(h[0, 0, 0], h[0, 0], torch.ones(7, 7)), "baddbmm": lambda h: torch.baddbmm(h[0, :, :, :5], h[0], h[1].transpose(1, 2)),
    "linear": lambda h: F.linear(h, torch.ones(3, 7)), "attention": lambda h: F.scaled_dot_product_attention(h, h + 1, h + 2),
    "batch_norm": lambda h: F.batch_norm(h, torch.zeros(6), torch.ones(6), torch.ones(6), torch.zeros(6), training=True),
    "stored statistics": lambda h: F.batch_norm(h, torch.zeros(6), torch.ones(6)), "layer_norm": lambda h: F.layer_norm(h, (5, 7), torch.ones(5, 7)), "group_norm": of("group_norm", 3),
    "instance_norm": of("instance_norm"), "rms_norm": lambda h: F.rms_norm(h, (7,), torch.ones(7)), "local_response_norm": of("local_response_norm", 3), "normalize": of("normalize"),
    "nearest": of("interpolate", scale_factor=2), "bilinear": of("interpolate", scale_factor=2, mode="bilinear"), "bicubic": of("interpolate", (9, 11), mode="bicubic"),
    "area": of("interpolate", (3, 4), mode="area"), "linear resampling": lambda h: F.interpolate(h[0], 9, mode="linear"), "trilinear": lambda h: F.interpolate(h[None], (4, 6, 8), mode="trilinear"),
    "pixel_shuffle": lambda h: F.pixel_shuffle(h[:, :4], 2), "pixel_unshuffle": lambda h: F.pixel_unshuffle(h[:, :, :4, :6], 2), "unfold": of("unfold", 3), "windows": lambda h: h.unfold(2, 3, 1),
    "pairwise_distance": lambda h: F.pairwise_distance(h[0], h[1]), "cosine_similarity": lambda h: F.cosine_similarity(h, h + 1), "roll": of("roll", 1, 2), "flip": lambda h: h.flip(1),
    "rot90": of("rot90", 1, (2, 3)), "tril": of("tril"), "repeat": lambda h: h.repeat(2, 1, 1, 1), "cat": lambda h: torch.cat([h, h]), "stack": lambda h: torch.stack([h, h]),
    "gather": lambda h: h.gather(1, torch.zeros(2, 3, 5, 7, dtype=torch.long)), "index_select": lambda h: h.index_select(1, torch.tensor([0, 2])), "index": lambda h: h[:, torch.tensor([0, 2])],
    **{mode: of("pad", (1, 1, 1, 1), mode=mode) for mode in ("constant", "reflect", "circular", "replicate")}, "written": written, "clone": lambda h: h.clone(), "half": lambda h: h.half(),
    "contiguous": lambda h: h.transpose(1, 2).contiguous(), "angle": of("angle"), "conv_transpose2d": lambda h: F.conv_transpose2d(h, torch.ones(6, 2, 2, 2)),
    "conv_transpose3d": lambda h: F.conv_transpose3d(h[None], torch.ones(2, 2, 2, 2, 2)),
}  # fmt: skip
WITHOUT_RULE: dict[str, Function] = {
    "mse_loss": lambda h: F.mse_loss(h, h * 0), "l1_loss": lambda h: F.l1_loss(h, h * 2), "cross_entropy": lambda h: F.cross_entropy(h, torch.zeros(2, 5, 7, dtype=torch.long)),
    "einsum": lambda h: torch.einsum("bchw,bcvw->bchv", h, h + 1), "rfft": lambda h: torch.fft.rfft(h).abs(), "sort": lambda h: h.sort(1).values, "topk": lambda h: h.topk(2, 1).values,
    "max": lambda h: h.max(1).values, "max of all": lambda h: h.max(), "cummax": lambda h: h.cummax(1).values, "grid_sample": lambda h: F.grid_sample(h, torch.zeros(2, 4, 4, 2)),
    "cdist": lambda h: torch.cdist(h[0], h[1]), "logaddexp": lambda h: torch.logaddexp(h, h + 1),
}  # fmt: skip


MARKS = torch.ones(6, 6).tril().bool()
ATTENTION: dict[str, Callable[..., Tensor]] = {
    "plain": lambda h, f: f(h, h + 1, h + 2), "causal": lambda h, f: f(h, h + 1, h + 2, is_causal=True), "marks": lambda h, f: f(h, h + 1, h + 2, MARKS),
    "numbers": lambda h, f: f(h, h + 1, h + 2, MARKS.to(h.dtype)), "dropped": lambda h, f: f(h, h + 1, h + 2, MARKS, 0.1), "three dimensions": lambda h, f: f(h[0], h[1] + 1, h[1] + 2),
    "narrow values": lambda h, f: f(h, h[:, :, :4] + 1, h[:, :, :4, :5] + 2, dropout_p=0.1), "shared heads": lambda h, f: f(h, h[:, :2] + 1, h[:, :2] + 2, enable_gqa=True),
    "shared heads dropped": lambda h, f: f(h, h[:, :2] + 1, h[:, :2] + 2, dropout_p=0.1, enable_gqa=True), "learned numbers": lambda h, f: f(h, h + 1, h + 2, h[0, 0, :, :6]),
}  # fmt: skip


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("form", ATTENTION)
def test_attention_keeps_what_its_kernel_keeps(form: str, dtype: torch.dtype) -> None:
    net = After(lambda h: ATTENTION[form](h, F.scaled_dot_product_attention)).train().to(dtype)
    x = torch.rand(2, 4, 6, 8).to(dtype)
    assert analyse(net, x, training=True).saved_memory == saved_bytes(net, x)


@pytest.mark.parametrize("table", [SINGLE, IN_PLACE, SPATIAL, OTHERS, WITHOUT_RULE], ids=["of one tensor", "in place", "spatial", "others", "without a rule"])
def test_what_is_kept_is_what_autograd_saves(table: dict[str, Function]) -> None:
    assert {name: found for name, function in table.items() if (found := differs(function))} == {}


@pytest.mark.parametrize(
    "second",
    [lambda h: h.flip(0) + 1, lambda _: 2.5, lambda _: torch.ones(5, 7), lambda h: h[:1, :1] + 1],
    ids=["two tensors", "a number", "a constant", "a broadcast"],
)
def test_functions_of_two_tensors(second: Callable[[Tensor], Any]) -> None:
    def found(name: str) -> tuple[int, int] | None:
        return differs(lambda h: getattr(torch, name)(h, second(h)))

    takes_any = isinstance(second(torch.ones(X)), Tensor)
    names = [n for n in PAIRS if takes_any or n not in ("maximum", "minimum", "atan2")]
    assert {n: wrong for n in names if (wrong := found(n))} == {}


@pytest.mark.parametrize("everything", [False, True])
def test_reductions(everything: bool) -> None:
    names = REDUCED[:8] if everything else REDUCED
    assert {n: wrong for n in names if (wrong := differs(of(n) if everything else of(n, 1)))} == {}


STEPS: dict[str, Function] = {
    **{n: SINGLE[n] for n in ("relu", "gelu", "silu", "sigmoid", "exp", "square", "softplus", "abs", "log1p")},
    **{n: OTHERS[n] for n in ("softmax", "layer_norm", "instance_norm", "normalize", "roll", "dropout")},
    "sort": WITHOUT_RULE["sort"], "product": lambda h: h * h.roll(1, 0), "quotient": lambda h: h / (h.abs() + 1), "pooled": lambda h: F.max_pool2d(h, 3, 1, 1),
    "in place": lambda h: (h + 1).relu_(), "gate": lambda h: h * h.mean((2, 3), keepdim=True).sigmoid(), "transposed": lambda h: h.transpose(2, 3).contiguous().transpose(2, 3),
}  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=2, max_size=5), st.booleans())
def test_random_small_networks(names: list[str], around: bool) -> None:
    def chain(h: Tensor) -> Tensor:
        y = h
        for name in names:
            y = STEPS[name](y)
        return y + h if around else y

    assert differs(chain) is None
