"""Operations that torch's own C++ code calls and that have no Python function with a rule: what each costs, by its name below Python.

FLOPs are stated in tables: per output element, per input element, or as a function of the sizes. Algorithms that iterate until
they converge (singular values, eigenvalues, matrix exponentials) have no fixed cost and stay unknown, on purpose.
:func:`blocks.trace.aten.step_of` looks here where it finds no rule of :data:`~blocks.trace.rules.registry.RULES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from torch import Tensor

from blocks.trace.rules.complex import UNARY_OF_COMPLEX, real_macs, sums
from blocks.trace.rules.registry import Out

#: Share their input's memory.
_VIEWS = frozenset({
    "view", "_unsafe_view", "reshape", "permute", "transpose", "t", "expand", "squeeze", "unsqueeze", "slice", "select", "split", "split_with_sizes", "unbind", "alias",
    "detach", "as_strided", "lift_fresh", "diagonal", "_reshape_alias", "unfold", "unsafe_split", "unsafe_split_with_sizes", "view_as_real", "view_as_complex", "real", "imag",
    "_conj", "resolve_conj", "_neg_view", "resolve_neg", "chunk", "unsafe_chunk", "narrow",
})  # fmt: skip
#: Move or make elements without arithmetic. Drawing random numbers is not counted as arithmetic.
_MOVES = frozenset({
    "clone", "cat", "stack", "constant_pad_nd", "_to_copy", "copy", "empty", "empty_like", "zeros", "ones", "full", "fill", "zero", "arange", "index", "index_select", "gather",
    "repeat", "roll", "flip", "rot90", "scalar_tensor", "zeros_like", "ones_like", "full_like", "new_empty", "new_zeros", "new_ones", "new_full", "tril", "triu", "embedding",
    "reflection_pad1d", "reflection_pad2d", "reflection_pad3d", "replication_pad1d", "replication_pad2d", "replication_pad3d", "pixel_shuffle", "pixel_unshuffle",
    "channel_shuffle", "im2col", "scatter", "slice_scatter", "select_scatter", "diagonal_scatter", "index_put", "index_copy", "index_fill", "masked_scatter",
    "take", "put", "slice_backward", "expand_copy", "permute_copy", "view_copy", "block_diag", "diag_embed", "eye", "linspace", "tril_indices", "triu_indices", "complex",
    "max_unpool2d", "max_unpool3d", "repeat_interleave", "cartesian_prod", "combinations", "resize", "set", "lift", "_efficientzerotensor",
    "bernoulli", "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "normal", "uniform", "random", "exponential", "geometric", "log_normal",
    "cauchy", "multinomial", "poisson",
    "_linalg_check_errors",  # a question of the error code of a factorisation
})  # fmt: skip
#: FLOPs per output element.
_OUTPUT = {
    "rrelu_with_noise": 2, "rrelu_with_noise_functional": 2, "digamma": 1, "lgamma": 1, "erfinv": 1, "frac": 2, "nan_to_num": 1, "heaviside": 1,
    "logaddexp": 4, "logaddexp2": 4, "fmod": 1, "xlogy": 2, "hypot": 4, "copysign": 1, "polar": 4, "linalg_cross": 3, "affine_grid_generator": 5, "fmin": 1, "fmax": 1,
    "asin": 1, "acos": 1, "atan": 1, "sinh": 1, "cosh": 1, "asinh": 1, "acosh": 1, "atanh": 1, "sgn": 1, "signbit": 1, "sinc": 3,
    "conj_physical": 1, "_conj_physical": 1, "special_entr": 3, "isposinf": 1, "isneginf": 1,
}  # fmt: skip
#: FLOPs of a loss per element of its input, whether it is averaged or not.
_LOSSES = {
    "mse_loss": 3, "smooth_l1_loss": 6, "huber_loss": 6, "binary_cross_entropy": 6, "binary_cross_entropy_with_logits": 8, "soft_margin_loss": 4,
}  # fmt: skip
#: FLOPs per input element: each is added, compared or squared once.
_INPUT = {
    "max": 1, "min": 1, "aminmax": 2, "var_mean": 4, "std_mean": 4, "cummax": 1, "cummin": 1, "_logcumsumexp": 4, "median": 1, "nanmedian": 2, "mode": 1, "kthvalue": 1, "topk": 1, "col2im": 1, "histc": 3, "renorm": 3, "nll_loss_forward": 1, "nll_loss2d_forward": 1,
    "_weight_norm_interface": 3,
}  # fmt: skip

Tensors = Sequence[Tensor]
#: FLOPs out of the input tensors, the output tensors and the arguments.
Flops = Callable[[Tensors, Tensors, Sequence[Any]], int]


def _log2(n: int) -> int:
    return math.ceil(math.log2(n)) if n > 1 else 0


def _fft(inputs: Tensors, outputs: Tensors, args: Sequence[Any]) -> int:
    """Cooley and Tukey: 5 N log2 N per transform of N complex numbers, half of it where one side is real."""
    wide = outputs[0] if not outputs[0].is_complex() else inputs[0]
    length = math.prod(wide.shape[d] for d in args[1])
    flops = 5 * wide.numel() * math.log2(length) if length > 1 else 0.0
    return round(flops if inputs[0].is_complex() and outputs[0].is_complex() else flops / 2)


def _sorted(inputs: Tensors, _: Tensors, args: Sequence[Any]) -> int:
    """n ⌈log2 n⌉ comparisons along the dimension."""
    dims = [a for a in args[1:] if isinstance(a, int) and not isinstance(a, bool)]
    return inputs[0].numel() * _log2(inputs[0].shape[dims[0] if dims else -1] if inputs[0].ndim else 1)


def _searched(inputs: Tensors, outputs: Tensors, _: Sequence[Any]) -> int:
    """One binary search per element."""
    return outputs[0].numel() * _log2(min((t.shape[-1] for t in inputs if t.ndim), default=1))


def _sampled(inputs: Tensors, outputs: Tensors, args: Sequence[Any]) -> int:
    """Neighbours weighted and added (bilinear: 7 per element), and 6 FLOPs per coordinate to place and weight them."""
    each = {0: 7 if outputs[0].ndim == 4 else 15, 1: 0, 2: 31}[int(args[2])]
    return each * outputs[0].numel() + 6 * inputs[1].numel()


def _square(factor: float) -> Flops:
    def factorised(inputs: Tensors, _: Tensors, __: Sequence[Any]) -> int:
        return round(factor * inputs[0].numel() * inputs[0].shape[-1])

    factorised.__doc__ = f"{Fraction(factor).limit_denominator(9)} n³ for each n x n matrix."
    return factorised


def _qr(inputs: Tensors, _: Tensors, __: Sequence[Any]) -> int:
    """Householder: 2 m n² - 2/3 n³ for each m x n matrix."""
    *batch, m, n = inputs[0].shape
    n = min(m, n)
    return round(math.prod(batch) * (2 * m * n * n - 2 / 3 * n**3))


def _solve(inputs: Tensors, _: Tensors, __: Sequence[Any]) -> int:
    """LU, then two triangular systems for each right-hand side."""
    n = inputs[0].shape[-1]
    return round(2 / 3 * inputs[0].numel() * n) + 2 * n * inputs[1].numel()


def _substituted(inputs: Tensors, _: Tensors, __: Sequence[Any]) -> int:
    """A triangular system of n rows: n for each element of the right-hand side."""
    return inputs[0].shape[-1] * inputs[1].numel()


def _scattered(inputs: Tensors, _: Tensors, __: Sequence[Any]) -> int:
    """An addition for each element that is scattered."""
    return inputs[-1].numel()


def _bagged(inputs: Tensors, _: Tensors, __: Sequence[Any]) -> int:
    """An addition for each feature of each row of a bag."""
    return inputs[1].numel() * inputs[0].shape[1]


def _distances(inputs: Tensors, outputs: Tensors, _: Sequence[Any]) -> int:
    """A subtraction, a square and an addition for each feature of each pair; then a root."""
    return outputs[0].numel() * (3 * inputs[0].shape[-1] + 1)


def _compared(_: Tensors, outputs: Tensors, args: Sequence[Any]) -> int:
    """k·k - 1 comparisons per output element."""
    taps: int = math.prod(args[1])
    return outputs[0].numel() * (taps - 1)


_SIZES: dict[str, Flops] = {
    "_fft_c2c": _fft, "_fft_r2c": _fft, "_fft_c2r": _fft, "sort": _sorted, "argsort": _sorted, "msort": _sorted, "searchsorted": _searched, "bucketize": _searched,
    "grid_sampler_2d": _sampled, "grid_sampler_3d": _sampled, "linalg_inv_ex": _square(2), "linalg_cholesky_ex": _square(1 / 3),
    "cholesky": _square(1 / 3), "_linalg_det": _square(2 / 3), "_linalg_slogdet": _square(2 / 3), "linalg_lu_factor_ex": _square(2 / 3), "linalg_qr": _qr,
    "_linalg_solve_ex": _solve, "linalg_solve_triangular": _substituted,
    **dict.fromkeys(("scatter_add", "index_add", "scatter_reduce", "index_reduce"), _scattered),
    **dict.fromkeys(("_embedding_bag", "_embedding_bag_forward_only"), _bagged),
    **dict.fromkeys(("_cdist_forward", "_euclidean_dist", "_pdist_forward"), _distances),
    **dict.fromkeys(("fractional_max_pool2d", "fractional_max_pool3d"), _compared),
}  # fmt: skip


#: How many times as much they are of complex numbers. Factorisations are products and sums, half of each: 6 and 2 real operations.
_OF_COMPLEX = {
    **dict.fromkeys(("_fft_c2c", "_fft_c2r"), 1), **dict.fromkeys(("scatter_add", "index_add"), 2),
    **dict.fromkeys(
        ("linalg_inv_ex", "linalg_cholesky_ex", "cholesky", "_linalg_det", "_linalg_slogdet", "linalg_lu_factor_ex", "linalg_qr", "_linalg_solve_ex", "linalg_solve_triangular"), 4,
    ),
}  # fmt: skip


def _bilinear(inputs: Tensors, _: Tensors, __: Sequence[Any]) -> int:
    """Each row of the first input with the weight, then with the row of the second."""
    one, weight, two = inputs[:3]
    rows = max(one.numel() // one.shape[-1], 1) if one.ndim else 1
    return rows * weight.numel() + rows * weight.numel() // max(one.shape[-1], 1) if two.ndim else 0


def _grouped(inputs: Tensors, outputs: Tensors, _: Sequence[Any]) -> int:
    """Rows in groups, each with a matrix of its own: every row meets one matrix, so the groups' sizes do not matter."""
    a, b = inputs[:2]
    return a.numel() * b.shape[-1] if a.ndim == b.ndim == 2 else outputs[0].numel() * a.shape[-1]


def _vector(inputs: Tensors, outputs: Tensors, _: Sequence[Any]) -> int:
    """One for each element of the matrix; then the sum."""
    return outputs[0].numel() * inputs[1].shape[-1]


def _summed(inputs: Tensors, outputs: Tensors, _: Sequence[Any]) -> int:
    """Rows · columns · inner size of each product of the batch; then the sum."""
    return outputs[0].numel() * inputs[1].shape[-1] * inputs[1].shape[0]


def _crossed(_: Tensors, outputs: Tensors, __: Sequence[Any]) -> int:
    """One for each pair of elements, which is added."""
    return outputs[0].numel()


def _projected(inputs: Tensors, outputs: Tensors, _: Sequence[Any]) -> int:
    """A linear layer whose weights are packed."""
    return outputs[0].numel() * inputs[0].shape[-1]


#: MACs of products.
_MACS: dict[str, Flops] = {
    "addmv": _vector, "addbmm": _summed, "addr": _crossed, "_trilinear": _bilinear, "_grouped_mm": _grouped,
    **dict.fromkeys(("linear_dynamic", "linear_relu_dynamic", "linear_dynamic_fp16", "linear_relu_dynamic_fp16"), _projected),
}  # fmt: skip


def lowered_cost(name: str, inputs: Tensors, outputs: Tensors, args: Sequence[Any]) -> Out | None:
    """What the operation ``name`` costs, or None where it is not in the tables."""
    if name in _VIEWS or name in _MOVES:
        return Out(kind="concat" if name == "cat" else "reshape", view=name in _VIEWS)
    if name in _MACS:
        if name.startswith("linear"):  # with its bias
            return Out(macs=_MACS[name](inputs, outputs, args), unit=1 + ("relu" in name), kind="linear")
        each = real_macs(*inputs[-2:])
        return Out(macs=_MACS[name](inputs, outputs, args) * each, unit=sums(outputs[0]) if name.startswith("add") else 0, kind="linear")
    if any(t.is_complex() for t in inputs) and name not in _OF_COMPLEX:
        return Out(unit=UNARY_OF_COMPLEX[name]) if name in UNARY_OF_COMPLEX and name in _OUTPUT else None
    if name in _OUTPUT:
        return Out(unit=_OUTPUT[name], kind="activation" if "relu" in name else "other")
    if name in _LOSSES:
        return Out(flops=_LOSSES[name] * inputs[0].numel())
    if name in _INPUT:
        return Out(flops=_INPUT[name] * inputs[0].numel())
    if name in _SIZES:
        each = _OF_COMPLEX.get(name, 1) if inputs[0].is_complex() else 1
        return Out(flops=each * _SIZES[name](inputs, outputs, args), kind="pool" if "pool" in name else "other")
    return None


def stated() -> dict[str, str]:
    """What the tables say of each operation, in words; N are output elements, M those of the first input. Views and copies cost nothing."""
    each = {"N": _OUTPUT, "M": _INPUT | _LOSSES}
    words = {name: f"{flops} {element}" if flops > 1 else element for element, table in each.items() for name, flops in table.items()}
    return words | {name: said(function) for name, function in _SIZES.items()} | {name: f"MACs: {said(function)}" for name, function in _MACS.items()}


def said(function: Callable[..., Any]) -> str:
    """The first sentence of a docstring, without its full stop."""
    return (function.__doc__ or "").partition("\n")[0].rstrip(".")
