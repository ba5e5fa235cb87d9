"""What torch's own operations cost, by their names below torch's Python functions; for what has no rule of its own.

FLOPs are stated in tables: an output element, an input element, or a function of the sizes. Algorithms that iterate until
they converge (singular values, eigenvalues, matrix exponentials) have no fixed cost and stay unknown, on purpose.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from blocks.trace.rules import elementwise
from blocks.trace.rules.registry import broadcast

VIEWS = {
    "view", "_unsafe_view", "reshape", "permute", "transpose", "t", "expand", "squeeze", "unsqueeze", "slice", "select", "split", "split_with_sizes", "unbind", "alias",
    "detach", "as_strided", "lift_fresh", "diagonal", "_reshape_alias", "unfold", "unsafe_split", "unsafe_split_with_sizes", "view_as_real", "view_as_complex", "real", "imag",
    "_conj", "resolve_conj", "_neg_view", "resolve_neg", "chunk", "unsafe_chunk", "narrow",
}  # fmt: skip
MOVES = {
    "clone", "cat", "stack", "constant_pad_nd", "_to_copy", "copy", "empty", "empty_like", "zeros", "ones", "full", "fill", "zero", "arange", "index", "index_select", "gather",
    "repeat", "roll", "flip", "rot90", "upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d", "_upsample_nearest_exact1d", "_upsample_nearest_exact2d",
    "_upsample_nearest_exact3d", "scalar_tensor", "zeros_like", "ones_like", "full_like", "new_empty", "new_zeros", "new_ones", "new_full", "tril", "triu", "embedding",
    "reflection_pad1d", "reflection_pad2d", "reflection_pad3d", "replication_pad1d", "replication_pad2d", "replication_pad3d", "pixel_shuffle", "pixel_unshuffle",
    "channel_shuffle", "im2col", "scatter", "slice_scatter", "select_scatter", "diagonal_scatter", "index_put", "index_copy", "index_fill", "masked_fill", "masked_scatter",
    "take", "put", "slice_backward", "expand_copy", "permute_copy", "view_copy", "block_diag", "diag_embed", "eye", "linspace", "tril_indices", "triu_indices", "complex",
    "max_unpool2d", "max_unpool3d", "repeat_interleave", "cartesian_prod", "combinations", "resize", "set", "lift", "_efficientzerotensor",
    # Drawing random numbers is not counted as arithmetic.
    "bernoulli", "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "normal", "uniform", "random", "exponential", "geometric", "log_normal",
    "cauchy", "multinomial", "poisson",
    # A question of the error code of a factorisation.
    "_linalg_check_errors",
}  # fmt: skip
#: FLOPs an output element.
_OUTPUT = {
    "native_batch_norm": 7, "_native_batch_norm_legit": 7, "_native_batch_norm_legit_functional": 7, "_native_batch_norm_legit_no_training": 2, "cudnn_batch_norm": 7,
    "native_layer_norm": 7, "native_group_norm": 7, "_fused_rms_norm": 4, "_softmax": 5, "_log_softmax": 5, "_safe_softmax": 5, "native_dropout": 2, "rsub": 1, "addcmul": 2,
    "addcdiv": 2, "where": 1, "lerp": 3, "upsample_linear1d": 3, "upsample_bilinear2d": 7, "_upsample_bilinear2d_aa": 7, "upsample_bicubic2d": 31, "_upsample_bicubic2d_aa": 31,
    "upsample_trilinear3d": 15, "_prelu_kernel": 2, "rrelu_with_noise": 2, "rrelu_with_noise_functional": 2, "digamma": 1, "lgamma": 1, "erfinv": 1, "frac": 2, "nan_to_num": 1, "heaviside": 1,
    "logaddexp": 4, "logaddexp2": 4, "fmod": 1, "xlogy": 2, "hypot": 4, "copysign": 1, "polar": 2, "linalg_cross": 3, "affine_grid_generator": 5, "mse_loss": 3, "smooth_l1_loss": 6,
    "huber_loss": 6, "binary_cross_entropy": 6, "binary_cross_entropy_with_logits": 8, "soft_margin_loss": 4, "clamp": 2, "minimum": 1, "maximum": 1, "fmin": 1, "fmax": 1,
    "asin": 1, "acos": 1, "atan": 1, "sinh": 1, "cosh": 1, "tan": 1, "asinh": 1, "acosh": 1, "atanh": 1, "exp2": 1, "log10": 1, "trunc": 1, "sgn": 1, "signbit": 1, "sinc": 3,
    "erfc": 1, "angle": 1, "conj_physical": 1, "special_entr": 3, "isposinf": 1, "isneginf": 1,
}  # fmt: skip
#: FLOPs an input element: each is added, compared or squared once.
_INPUT = {
    "sum": 1, "nansum": 2, "mean": 1, "amax": 1, "amin": 1, "max": 1, "min": 1, "aminmax": 2, "argmax": 1, "argmin": 1, "var": 3, "std": 3, "var_mean": 4, "std_mean": 4,
    "linalg_vector_norm": 2, "norm": 2, "cumsum": 1, "cumprod": 1, "cummax": 1, "cummin": 1, "logcumsumexp": 4, "_logcumsumexp": 4, "prod": 1, "any": 1, "all": 1,
    "count_nonzero": 1, "logsumexp": 3, "_adaptive_avg_pool2d": 1, "_adaptive_avg_pool3d": 1, "adaptive_max_pool2d": 1, "adaptive_max_pool3d": 1, "trace": 1, "median": 1,
    "nanmedian": 2, "mode": 1, "kthvalue": 1, "topk": 1, "col2im": 1, "histc": 3, "renorm": 3, "nll_loss_forward": 1, "nll_loss2d_forward": 1, "_weight_norm_interface": 3,
}  # fmt: skip


def _log2(n: int) -> int:
    return math.ceil(math.log2(n)) if n > 1 else 0


def _fft(inputs: list[Tensor], outputs: list[Tensor], args: Any) -> int:
    """Cooley and Tukey: 5 N log2 N a transform of N complex numbers, half of it where one side is real."""
    wide = outputs[0] if not outputs[0].is_complex() else inputs[0]
    length = math.prod(wide.shape[d] for d in args[1])
    flops = 5 * wide.numel() * math.log2(length) if length > 1 else 0.0
    return round(flops if inputs[0].is_complex() and outputs[0].is_complex() else flops / 2)


def _sorted(inputs: list[Tensor], outputs: list[Tensor], args: Any) -> int:
    """n ⌈log2 n⌉ comparisons along the dimension."""
    dims = [a for a in args[1:] if isinstance(a, int) and not isinstance(a, bool)]
    return inputs[0].numel() * _log2(inputs[0].shape[dims[0] if dims else -1] if inputs[0].ndim else 1)


def _searched(inputs: list[Tensor], outputs: list[Tensor], args: Any) -> int:
    """A binary search an element."""
    return outputs[0].numel() * _log2(min((t.shape[-1] for t in inputs if t.ndim), default=1))


def _sampled(inputs: list[Tensor], outputs: list[Tensor], args: Any) -> int:
    """Neighbours weighted and added (bilinear: 7 an element), and 6 FLOPs a coordinate to place and weight them."""
    each = {0: 7 if outputs[0].ndim == 4 else 15, 1: 0, 2: 31}[int(args[2])]
    return each * outputs[0].numel() + 6 * inputs[1].numel()


def _square(factor: float) -> Callable[[list[Tensor], list[Tensor], Any], int]:
    """``factor`` · n³ for each n x n matrix."""
    return lambda inputs, outputs, args: round(factor * inputs[0].numel() * inputs[0].shape[-1])


def _qr(inputs: list[Tensor], outputs: list[Tensor], args: Any) -> int:
    """Householder: 2 m n² - 2/3 n³ for each m x n matrix."""
    *batch, m, n = inputs[0].shape
    n = min(m, n)
    return round(math.prod(batch) * (2 * m * n * n - 2 / 3 * n**3))


def _solve(inputs: list[Tensor], outputs: list[Tensor], args: Any) -> int:
    """LU, then two triangular systems for each right-hand side."""
    n = inputs[0].shape[-1]
    return round(2 / 3 * inputs[0].numel() * n) + 2 * n * inputs[1].numel()


_SIZES: dict[str, Callable[[list[Tensor], list[Tensor], Any], int]] = {
    "_fft_c2c": _fft, "_fft_r2c": _fft, "_fft_c2r": _fft,
    "sort": _sorted, "argsort": _sorted, "msort": _sorted, "searchsorted": _searched, "bucketize": _searched,
    "grid_sampler_2d": _sampled, "grid_sampler_3d": _sampled,
    "scatter_add": lambda i, o, a: i[-1].numel(), "index_add": lambda i, o, a: i[-1].numel(), "scatter_reduce": lambda i, o, a: i[-1].numel(),
    "index_reduce": lambda i, o, a: i[-1].numel(),
    "_embedding_bag": lambda i, o, a: i[1].numel() * i[0].shape[1], "_embedding_bag_forward_only": lambda i, o, a: i[1].numel() * i[0].shape[1],
    "_cdist_forward": lambda i, o, a: o[0].numel() * (3 * i[0].shape[-1] + 1), "_euclidean_dist": lambda i, o, a: o[0].numel() * (3 * i[0].shape[-1] + 1),
    "_pdist_forward": lambda i, o, a: o[0].numel() * (3 * i[0].shape[-1] + 1),
    "avg_pool2d": lambda i, o, a: math.prod(a[1]) * o[0].numel(), "avg_pool3d": lambda i, o, a: math.prod(a[1]) * o[0].numel(),
    "max_pool2d_with_indices": lambda i, o, a: (math.prod(a[1]) - 1) * o[0].numel(), "max_pool3d_with_indices": lambda i, o, a: (math.prod(a[1]) - 1) * o[0].numel(),
    "fractional_max_pool2d": lambda i, o, a: (math.prod(a[1]) - 1) * o[0].numel(), "fractional_max_pool3d": lambda i, o, a: (math.prod(a[1]) - 1) * o[0].numel(),
    "linalg_inv_ex": _square(2), "linalg_cholesky_ex": _square(1 / 3), "cholesky": _square(1 / 3), "_linalg_det": _square(2 / 3), "_linalg_slogdet": _square(2 / 3),
    "linalg_lu_factor_ex": _square(2 / 3), "linalg_qr": _qr, "_linalg_solve_ex": _solve, "linalg_solve_triangular": lambda i, o, a: i[0].shape[-1] * i[1].numel(),
}  # fmt: skip


@dataclass(slots=True)
class Step:
    """One operation below torch's Python functions."""

    op: str
    kind: str
    inputs: list[Tensor]
    outputs: list[Tensor]
    macs: int
    flops: int
    counted: bool
    view: bool


def step_of(name: str, inputs: list[Tensor], outputs: list[Tensor], args: Any) -> Step:
    """What one operation costs; ``counted`` is False for one that is not in the tables."""
    n = outputs[0].numel() if outputs else 0
    if name in VIEWS or name in MOVES:
        return Step(name, "concat" if name == "cat" else "reshape", inputs, outputs, 0, 0, True, name in VIEWS)
    macs = _macs(name, inputs, outputs, args)
    if macs is not None:
        kind = "convolution" if "convolution" in name else "attention" if "attention" in name else "linear"
        extra = n if name.startswith("add") or name == "baddbmm" or (name == "convolution" and args[2] is not None) else 0
        return Step(name, kind, inputs, outputs, macs, 2 * macs + extra, True, False)
    flops, kind = _flops(name, inputs, outputs, args, n), _kind(name)
    return Step(name, kind, inputs, outputs, 0, flops or 0, flops is not None, False)


def _flops(name: str, inputs: list[Tensor], outputs: list[Tensor], args: Any, n: int) -> int | None:
    if name in elementwise.BINARY:
        kind, unit = elementwise.BINARY[name]
        return unit * n * elementwise.parts(kind, outputs[0].dtype)
    unit = elementwise.ACTIVATIONS.get(name, elementwise.UNARY.get(name, _OUTPUT.get(name, 0)))
    if unit:
        return unit * max(n, inputs[0].numel() if "loss" in name or name == "binary_cross_entropy" else 0)
    if name in elementwise.COMPARISONS:
        return n
    if name in _INPUT:
        return _INPUT[name] * inputs[0].numel()
    return _SIZES[name](inputs, outputs, args) if name in _SIZES else None


def _kind(name: str) -> str:
    if name in elementwise.BINARY:
        return elementwise.BINARY[name][0]
    if name in elementwise.ACTIVATIONS or "softmax" in name:
        return "activation"
    if "pool" in name:
        return "pool"
    if "upsample" in name:
        return "upsample"
    return "norm" if name.startswith(("native_", "_native", "cudnn", "_fused")) and "dropout" not in name else "other"


def _macs(name: str, inputs: list[Tensor], outputs: list[Tensor], args: Any) -> int | None:
    if name in ("mm", "bmm", "mv"):
        return outputs[0].numel() * inputs[0].shape[-1]
    if name in ("dot", "vdot"):
        return inputs[0].numel()
    if name in ("addmm", "baddbmm", "addmv"):
        return outputs[0].numel() * inputs[1].shape[-1]
    if name == "addbmm":
        return outputs[0].numel() * inputs[1].shape[-1] * inputs[1].shape[0]
    if name in ("addr", "ger", "outer"):
        return outputs[0].numel()
    if name == "_trilinear":  # F.bilinear: x1 W, then with x2
        one, weight, two = inputs[:3]
        rows = max(one.numel() // one.shape[-1], 1) if one.ndim else 1
        return rows * weight.numel() + rows * weight.numel() // max(one.shape[-1], 1) if two.ndim else None
    if name == "convolution":
        transposed, weight = args[6], inputs[1]
        places = (inputs[0] if transposed else outputs[0]).shape[2:].numel()
        return outputs[0].shape[0] * places * weight.numel()
    if "scaled_dot_product" in name and "backward" not in name:
        q, k, v = inputs[:3]
        scores = math.prod(broadcast(q.shape[:-2], k.shape[:-2])) * q.shape[-2] * k.shape[-2]
        return scores * (q.shape[-1] + v.shape[-1])
    return None
