"""Operations below torch's Python functions (``aten``): each is priced by the rule of the Python function that it computes.

A scripted module, an exported program and whatever has no rule reach torch there. Names and orders of arguments differ;
:data:`_SPELLED` says how an operation is written in Python. What Python has no rule for is in :mod:`blocks.trace.rules.lowered`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from blocks.trace.errors import NoRule
from blocks.trace.joined import join_attention
from blocks.trace.proxy import Proxy
from blocks.trace.rules import RULES, Out, Rule
from blocks.trace.rules.lowered import lowered_cost
from blocks.trace.rules.registry import priced_by_user, spellings

#: A Python function and its arguments.
Spelling = tuple[Any, ...]


@dataclass(slots=True)
class LoweredStep(Out):
    """One operation below torch's Python functions: its name, what it costs, what it reads and makes."""

    op: str = ""
    full_name: str = ""  # with its namespace: "aten::relu"
    kind: str = "other"
    inputs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)


def _batch_norm(x: Tensor, weight: Any, bias: Any, mean: Any, var: Any = None, training: Any = None, *_: Any, **__: Any) -> Spelling:
    """Without stored statistics the mode comes fourth; some variants have no mode at all, since their name says it."""
    if isinstance(mean, bool):
        return F.batch_norm, x, None, None, weight, bias, mean
    return F.batch_norm, x, mean, var, weight, bias, training is True


def _convolution(
    x: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any, dilation: Any, transposed: bool, output_padding: Any, groups: int, *_: Any
) -> Spelling:
    rank = weight.ndim - 2
    if transposed:
        return getattr(F, f"conv_transpose{rank}d"), x, weight, bias, stride, padding, output_padding, groups, dilation
    return getattr(F, f"conv{rank}d"), x, weight, bias, stride, padding, dilation, groups


def _attention(q: Tensor, k: Tensor, v: Tensor, *_: Any, attn_mask: Any = None, **__: Any) -> Spelling:
    return F.scaled_dot_product_attention, q, k, v, attn_mask


def _flex_attention(q: Tensor, k: Tensor, v: Tensor, *_: Any, **__: Any) -> Spelling:
    """All scores are counted, as torch's counter does, whatever the block mask leaves out; the functions of scores are not."""
    return F.scaled_dot_product_attention, q, k, v, None, 0.0, False, None, True


def _elu(x: Tensor, alpha: Any = 1, scale: Any = 1, input_scale: Any = 1) -> Spelling:
    return F.selu if scale != 1 else F.celu if input_scale != 1 else F.elu, x


def _quantised(layers: Callable[..., Any], gates: int) -> Callable[..., Spelling]:
    """Recurrent layers whose weights are packed: (x, state, params, ...) or (data, batch sizes, state, params, ...)."""

    def spelled(x: Tensor, *given: Any, **_: Any) -> Spelling:
        batch_sizes = () if isinstance(given[1], (list, tuple)) and isinstance(given[1][0], torch.ScriptObject) else given[:1]
        state, _packed, has_biases, num_layers, dropout, training, both, *order = given[len(batch_sizes) :]
        hidden = (state[0] if isinstance(state, (list, tuple)) else state).shape[-1]
        widths = [x.shape[-1]] + [hidden * (1 + both)] * (num_layers - 1)
        weights = [Proxy((gates * hidden, seen), torch.int8) for width in widths for _ in range(1 + both) for seen in (width, hidden)]
        return layers, x, *batch_sizes, state, weights, has_biases, num_layers, dropout, training, both, *order

    return spelled


def _quantised_cell(cell: Callable[..., Any], gates: int) -> Callable[..., Spelling]:
    def spelled(x: Tensor, state: Any, _w_ih: Any, _w_hh: Any, b_ih: Any, b_hh: Any) -> Spelling:
        hidden = (state[0] if isinstance(state, (list, tuple)) else state).shape[-1]
        return cell, x, state, Proxy((gates * hidden, x.shape[-1]), torch.int8), Proxy((gates * hidden, hidden), torch.int8), b_ih, b_hh

    return spelled


def _as(function: Callable[..., Any]) -> Callable[..., Spelling]:
    return lambda *args, **_: (function, *args)


_SPELLED: dict[str, Callable[..., Spelling]] = {
    **dict.fromkeys(
        ("native_batch_norm", "cudnn_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_functional", "_native_batch_norm_legit_no_training",
         "_batch_norm_with_update", "_batch_norm_with_update_functional"), _batch_norm,
    ),
    "_batch_norm_no_update": lambda x, weight, bias, mean, var, *_: (F.batch_norm, x, mean, var, weight, bias, False),
    "native_layer_norm": _as(F.layer_norm), "_fused_rms_norm": _as(F.rms_norm),
    "native_group_norm": lambda x, weight, bias, n, c, places, groups, *_: (F.group_norm, x, groups, weight, bias),
    "convolution": _convolution, "_convolution": _convolution, "mv": _as(torch.matmul), "dot": _as(torch.matmul), "vdot": _as(torch.matmul),
    **dict.fromkeys(
        ("_scaled_dot_product_flash_attention", "_scaled_dot_product_flash_attention_for_cpu", "_scaled_dot_product_efficient_attention",
         "_scaled_dot_product_cudnn_attention", "_scaled_dot_product_fused_attention_overrideable"), _attention,
    ),
    "flex_attention": _flex_attention, "quantized_lstm": _quantised(torch.lstm, 4), "quantized_gru": _quantised(torch.gru, 3),
    "quantized_lstm_cell_dynamic": _quantised_cell(torch.lstm_cell, 4), "quantized_gru_cell_dynamic": _quantised_cell(torch.gru_cell, 3),
    "_softmax": _as(F.softmax), "_log_softmax": _as(F.log_softmax), "_safe_softmax": _as(F.softmax), "elu": _elu, "_prelu_kernel": _as(F.prelu),
    "log_sigmoid_forward": _as(F.logsigmoid), "native_dropout": _as(F.dropout), "linalg_vector_norm": _as(torch.norm),
    "max_pool2d_with_indices": _as(torch.max_pool2d), "max_pool3d_with_indices": _as(torch.max_pool3d),
    "_adaptive_avg_pool2d": _as(F.adaptive_avg_pool2d), "_adaptive_avg_pool3d": _as(F.adaptive_avg_pool3d),
}  # fmt: skip
_RESAMPLED = {
    "upsample_linear1d": "linear", "upsample_bilinear2d": "bilinear", "_upsample_bilinear2d_aa": "bilinear", "upsample_bicubic2d": "bicubic",
    "_upsample_bicubic2d_aa": "bicubic", "upsample_trilinear3d": "trilinear",
    **{f"{kind}{rank}d": "nearest" for kind in ("upsample_nearest", "_upsample_nearest_exact") for rank in (1, 2, 3)},
}  # fmt: skip


def _priced(name: str, args: Sequence[Any], kwargs: Mapping[str, Any], outputs: Sequence[Tensor]) -> Out | None:
    """What the rule of the Python function says, with its kind; None where there is no rule."""
    given: Sequence[Any] = args
    if name in _RESAMPLED:
        rule: Rule | None = RULES[F.interpolate]
        given, kwargs = (args[0], outputs[0].shape[2:], None, _RESAMPLED[name]), {}
    elif name in _SPELLED:
        function, *given = _SPELLED[name](*args, **kwargs)
        rule, kwargs = RULES[function], {}
    else:
        rule = next((RULES[function] for function, _ in spellings(name) if function in RULES), None)
    if rule is None:
        return None
    try:
        out = rule.func(*given, **kwargs)
    except (NoRule, TypeError, ValueError):  # another overload, with other arguments
        return None
    out.kind = out.kind or rule.kind
    return out


def step_of(name: str, inputs: list[Tensor], outputs: list[Tensor], args: Sequence[Any], kwargs: Mapping[str, Any], schema: Any = None) -> LoweredStep:
    """What the operation ``name`` costs; ``counted`` is False for one that nothing is known of. ``schema`` names its namespace."""
    full_name = schema.name if schema is not None else name
    out = priced_by_user(full_name, args, kwargs) or lowered_cost(name, inputs, outputs, args) or _priced(name, args, kwargs, outputs) or Out(counted=False)
    flops = out.flops + out.unit * (outputs[0].numel() if outputs else 0)
    return LoweredStep(
        op=name,
        full_name=full_name,
        kind=out.kind or "other",
        macs=out.macs,
        flops=flops,
        rereads=out.rereads,
        rewrites=out.rewrites,
        counted=out.counted,
        view=out.view,
        inputs=inputs,
        outputs=outputs,
    )


def as_one(steps: Sequence[LoweredStep]) -> Out:
    """What several steps cost as one operation: of the kind of its costliest step."""
    for i, step in enumerate(steps):
        if step.op == "_safe_softmax":
            join_attention(step, steps[:i], step.outputs[0].numel())
    costliest = max(steps, key=lambda s: (s.macs, 2 * s.macs + s.flops), default=None)
    return Out(
        macs=sum(s.macs for s in steps),
        flops=sum(s.flops for s in steps),
        rereads=sum(s.rereads for s in steps),
        rewrites=sum(s.rewrites for s in steps),
        kind=costliest.kind if costliest else "other",
        counted=all(s.counted for s in steps),
        attrs=next(({"uncounted": s.full_name} for s in steps if not s.counted), None),
    )
