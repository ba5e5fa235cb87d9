"""Every rule against a formula written out here by hand, with sizes of which no two are equal; an operation without a case fails."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from blocks.trace.proxy import Proxy
from blocks.trace.rules import RULES, Rule
from blocks.trace.rules.lowered import lowered_cost, stated

B, C, D, H, W, T = 2, 6, 4, 11, 13, 7
X, N, ROWS = (3, 5, 17), 255, (3, 5)  # a tensor, its elements, and its rows of 17
Form = tuple[Callable[..., Any], tuple[Any, ...], int, int]  # a torch function, its arguments (a tuple of numbers is a tensor), MACs, other FLOPs


def t(*shape: int, dtype: torch.dtype = torch.float32) -> Proxy:
    """A tensor of this shape."""
    return Proxy(shape, dtype)


def whole(*shape: int) -> Proxy:
    return Proxy(shape, torch.int64)


#: FLOPs of one element, by what is done to it.
EACH: dict[str, int] = {
    "relu": 1, "threshold": 1, "relu6": 1 + 1, "hardtanh": 1 + 1, "leaky_relu": 1 + 1, "hardshrink": 1 + 1,
    "elu": 1 + 1 + 1 + 1, "celu": 1 + 1 + 1 + 1 + 1, "selu": 1 + 1 + 1 + 1 + 1,  # compare, exp, subtract, multiply; and divide or scale
    "sigmoid": 1 + 1 + 1, "logsigmoid": 3 + 1, "silu": 3 + 1, "softplus": 1 + 1 + 1, "softsign": 1 + 1 + 1,
    "tanh": 5, "tanhshrink": 5 + 1, "mish": 3 + 5 - 1 + 1, "gelu": 8, "hardsigmoid": 1 + 1 + 2, "hardswish": 4 + 1, "softshrink": 1 + 1 + 1,
    **dict.fromkeys(("abs", "angle", "neg", "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square", "reciprocal", "sin", "cos", "tan"), 1),
    **dict.fromkeys(("erf", "erfc", "floor", "ceil", "trunc", "round", "sign", "bitwise_not", "logical_not", "isnan", "isinf"), 1),
}  # fmt: skip
#: FLOPs of one pair of elements.
EACH_PAIR = dict.fromkeys(
    ("add", "sub", "rsub", "mul", "div", "true_divide", "floor_divide", "remainder", "pow", "maximum", "minimum", "atan2", "bitwise_and", "bitwise_or", "bitwise_xor", "logical_and",
     "logical_or", "eq", "ne", "lt", "le", "gt", "ge"), 1,
)  # fmt: skip
#: FLOPs of a reduction of rows: for each element, and for each row.
EACH_ROW = {
    "sum": (1, 0), "mean": (1, 1), "prod": (1, 0), "amax": (1, 0), "amin": (1, 0), "argmax": (1, 0), "argmin": (1, 0), "any": (1, 0), "all": (1, 0), "cumsum": (1, 0),
    "cumprod": (1, 0), "nansum": (2, 0), "count_nonzero": (1, 0), "var": (3, 1), "std": (3, 2), "logsumexp": (1 + 1 + 1, 1), "logcumsumexp": (4, 0),
}  # fmt: skip
#: What moves elements or looks at them otherwise.
FREE: dict[str, tuple[Any, ...]] = {
    "view": (t(*X), -1), "view_as": (t(*X), t(5, 3, 17)), "flatten": (t(*X),), "permute": (t(*X), (2, 0, 1)), "transpose": (t(*X), 0, 2), "t": (t(3, 5),), "movedim": (t(*X), 0, 2),
    "roll": (t(*X), 1, 0), "rot90": (t(*X),), "tril": (t(*X),), "triu": (t(*X),), "unflatten": (t(4, 3), 0, (2, -1)), "squeeze": (t(1, 3), 0), "unsqueeze": (t(*X), 1), "expand": (t(1, 3), 5, 3), "expand_as": (t(1, 3), t(5, 3)),
    "repeat": (t(*X), 2, 1, 1), "contiguous": (t(*X),), "detach": (t(*X),), "to": (t(*X), torch.float16), "float": (t(*X),), "double": (t(*X),), "half": (t(*X),), "bfloat16": (t(*X),),
    "int": (t(*X),), "long": (t(*X),), "bool": (t(*X),), "cat": ([t(3, 5), t(7, 5)],), "stack": ([t(3, 5), t(3, 5)],), "chunk": (t(4, 3), 2), "split": (t(4, 3), 3), "unbind": (t(3, 5),),
    "narrow": (t(*X), 2, 1, 4), "select": (t(*X), 0, 1), "__getitem__": (t(*X), 1), "__setitem__": (t(*X), 0, 1.0), "clone": (t(*X),), "gather": (t(3, 5), 0, whole(2, 5)),
    "index_select": (t(3, 5), 0, whole(2)), "embedding": (whole(3, 5), t(19, 4)), "pad": (t(*X), (1, 2)), "pixel_shuffle": (t(B, 12, H, W), 2), "pixel_unshuffle": (t(B, 3, 10, 14), 2),
    "unfold": (t(B, C, H, W), 3), "bernoulli": (t(*X),),
}  # fmt: skip


def _convolutions() -> dict[str, Form]:
    """Two groups of 3 channels; kernels 3, 5 and 2 wide."""
    forms: dict[str, Form] = {}
    for rank, (places, kernel) in {1: ((13,), (3,)), 2: ((11, 13), (3, 5)), 3: ((7, 11, 13), (2, 3, 5))}.items():
        taps, left, right = (
            math.prod(kernel),
            [n - k + 1 for n, k in zip(places, kernel, strict=True)],
            [n + k - 1 for n, k in zip(places, kernel, strict=True)],
        )
        forms[f"conv{rank}d"] = (
            getattr(F, f"conv{rank}d"),
            (t(B, C, *places), t(D, 3, *kernel), t(D), 1, 0, 1, 2),
            B * D * 3 * taps * math.prod(left),
            B * D * math.prod(left),
        )
        forms[f"conv_transpose{rank}d"] = (
            getattr(F, f"conv_transpose{rank}d"), (t(B, C, *places), t(C, 2, *kernel), t(D), 1, 0, 0, 2), B * C * 2 * taps * math.prod(places), B * D * math.prod(right)
        )  # fmt: skip
        made = math.prod(n // 2 for n in places)
        forms[f"max_pool{rank}d"] = (getattr(F, f"max_pool{rank}d"), (t(B, C, *places), 2), 0, B * C * made * (2**rank - 1))
        forms[f"avg_pool{rank}d"] = (getattr(F, f"avg_pool{rank}d"), (t(B, C, *places), 2), 0, B * C * made * 2**rank)
        forms[f"adaptive_avg_pool{rank}d"] = (getattr(F, f"adaptive_avg_pool{rank}d"), (t(B, C, *places), 3), 0, B * C * (math.prod(places) + 3**rank))
        forms[f"adaptive_max_pool{rank}d"] = (getattr(F, f"adaptive_max_pool{rank}d"), (t(B, C, *places), 3), 0, B * C * math.prod(places))
    return forms


def _recurrent() -> dict[str, Form]:
    """7 steps of 2 sequences of 6 features, 4 units, in one layer. A sum of products and two biases are two additions more than the products say, for each gate."""
    forms: dict[str, Form] = {}
    cells = {"lstm": (4, 4 + 3 * 3 + 2 * 5 + 3 + 1), "gru": (3, 3 + 2 * 3 + 5 + 5), "rnn_tanh": (1, 1 + 5), "rnn_relu": (1, 1 + 1)}
    for name, (gates, each) in cells.items():
        weights = [t(gates * D, C), t(gates * D, D), t(gates * D), t(gates * D)]
        state: Any = (t(1, B, D), t(1, B, D)) if name == "lstm" else t(1, B, D)
        macs, flops = B * gates * D * (C + D), B * D * (each + 2 * gates)
        forms[name] = (getattr(torch, name), (t(T, B, C), state, weights, True, 1, 0.0, False, False, False), T * macs, T * flops)
        one: Any = (t(B, D), t(B, D)) if name == "lstm" else t(B, D)
        forms[f"{name}_cell"] = (getattr(torch, f"{name}_cell"), (t(B, C), one, *weights), macs, flops)
    return forms


PICTURE = t(B, C, H, W)
ALL = B * C * H * W
FORMS: dict[str, Form] = {
    **_convolutions(), **_recurrent(),
    "clamp": (torch.clamp, (t(*X), 0, 1), 0, 2 * N), "clamp_min": (torch.clamp_min, (t(*X), 0), 0, N), "clamp_max": (torch.clamp_max, (t(*X), 0), 0, N),
    "prelu": (F.prelu, (t(*X), t(5)), 0, 2 * N), "softmax": (F.softmax, (t(*X), 1), 0, 5 * N), "glu": (F.glu, (t(3, 14), 1), 0, 4 * 3 * 7), "outer": (torch.outer, (t(3), t(5)), 0, 15),
    "where": (torch.where, (t(3, 1, dtype=torch.bool), t(5), t(3, 5)), 0, 15), "masked_fill": (torch.masked_fill, (t(*X), t(5, 17), 0.0), 0, N),
    "lerp": (torch.lerp, (t(3, 5), t(3, 5), 0.5), 0, 3 * 15), "addcmul": (torch.addcmul, (t(3, 5), t(3, 1), t(5)), 0, 2 * 15), "addcdiv": (torch.addcdiv, (t(3, 5), t(3, 1), t(5)), 0, 2 * 15),
    "dropout": (F.dropout, (t(*X), 0.5, True), 0, 2 * N), "dropout1d": (F.dropout1d, (t(*X), 0.5, True), 0, 2 * N),
    "linear": (F.linear, (t(3, 5, 17), t(19, 17), t(19)), 3 * 5 * 17 * 19, 3 * 5 * 19), "matmul": (torch.matmul, (t(2, 1, 3, 5), t(7, 5, 11)), 2 * 7 * 3 * 5 * 11, 0),
    "addmm": (torch.addmm, (t(7), t(3, 5), t(5, 7)), 3 * 5 * 7, 3 * 7),
    "scaled_dot_product_attention": (F.scaled_dot_product_attention, (t(2, 3, 5, 7), t(2, 3, 11, 7), t(2, 3, 11, 13)), 2 * 3 * 5 * 11 * (7 + 13), 6 * 2 * 3 * 5 * 11),
    "batch_norm": (F.batch_norm, (PICTURE, t(C), t(C), t(C), t(C)), 0, 2 * ALL), "layer_norm": (F.layer_norm, (t(*X), (17,), t(17)), 0, (1 + 2 + 2 + 2) * N),
    "group_norm": (F.group_norm, (PICTURE, 3, t(C)), 0, 7 * ALL), "instance_norm": (F.instance_norm, (PICTURE,), 0, 5 * ALL), "rms_norm": (F.rms_norm, (t(*X), (17,), t(17)), 0, (1 + 1 + 1 + 1) * N),
    "local_response_norm": (F.local_response_norm, (PICTURE, 3), 0, (3 + 5) * ALL), "normalize": (F.normalize, (t(*X),), 0, 3 * N),
    "interpolate": (F.interpolate, (PICTURE, (5, 9), None, "bilinear"), 0, (4 + 3) * B * C * 45), "norm": (torch.norm, (t(*X), 2, 2), 0, 2 * N + 15),
    "linalg_vector_norm": (torch.linalg.vector_norm, (t(*X), 2, 2), 0, 2 * N + 15), "trace": (torch.trace, (t(3, 5),), 0, 3),
    "pairwise_distance": (F.pairwise_distance, (t(3, 5), t(3, 5)), 0, 4 * 15 + 3), "cosine_similarity": (F.cosine_similarity, (t(3, 5), t(3, 5)), 0, 6 * 15 + 3 * 3),
}  # fmt: skip


def rules() -> dict[str, list[Rule]]:
    """The rules of each operation."""
    found: dict[str, list[Rule]] = {}
    for rule in RULES.values():
        found.setdefault(rule.op, []).append(rule)
    return found


def test_every_operation_has_a_closed_form() -> None:
    assert set(rules()) == {*EACH, *EACH_PAIR, *EACH_ROW, *FREE, *FORMS}


def priced(func: Any, *args: Any, **settings: Any) -> tuple[int, int]:
    """(MACs, other FLOPs) by the rule of a function."""
    out = RULES[func].func(*args, **settings) if func in RULES else func.func(*args, **settings)
    first = out.shape[0] if type(out.shape) is list else out.shape
    return out.macs, out.flops + out.unit * math.prod(first)


def test_functions_of_each_element() -> None:
    assert {name: priced(rules()[name][0], t(*X)) for name in EACH} == {name: (0, each * N) for name, each in EACH.items()}


def test_functions_of_each_pair() -> None:
    assert {name: priced(rules()[name][0], t(3, 1, 17), t(5, 1)) for name in EACH_PAIR} == {name: (0, each * N) for name, each in EACH_PAIR.items()}


def test_reductions_of_rows() -> None:
    expected = {name: (0, each * N + row * 15) for name, (each, row) in EACH_ROW.items()}
    assert {name: priced(getattr(torch, name), t(*X), 2) for name in EACH_ROW} == expected


@pytest.mark.parametrize("name", FREE)
def test_what_moves_elements_computes_nothing(name: str) -> None:
    assert priced(rules()[name][0], *FREE[name]) == (0, 0)


@pytest.mark.parametrize("name", FORMS)
def test_a_closed_form(name: str) -> None:
    func, args, macs, flops = FORMS[name]
    assert RULES[func].op == name
    assert priced(func, *args) == (macs, flops)


# --- By their names below Python -----------------------------------------------------------------


def m(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.empty(shape, dtype=dtype, device="meta")


PER_OUTPUT = {
    "rrelu_with_noise": 2, "rrelu_with_noise_functional": 2, "frac": 2, "xlogy": 2, "logaddexp": 4, "logaddexp2": 4, "hypot": 4, "polar": 1 + 1 + 2, "linalg_cross": 3, "sinc": 3,
    "special_entr": 3, "affine_grid_generator": 5,
    **dict.fromkeys(("digamma", "lgamma", "erfinv", "nan_to_num", "heaviside", "fmod", "copysign", "fmin", "fmax", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh"), 1),
    **dict.fromkeys(("sgn", "signbit", "conj_physical", "_conj_physical", "isposinf", "isneginf"), 1),
}  # fmt: skip
PER_INPUT = {
    **dict.fromkeys(("max", "min", "cummax", "cummin", "median", "mode", "kthvalue", "topk", "col2im", "nll_loss_forward", "nll_loss2d_forward"), 1),
    "aminmax": 2, "nanmedian": 2, "var_mean": 4, "std_mean": 4, "_logcumsumexp": 4, "histc": 3, "renorm": 3, "_weight_norm_interface": 3,
    "mse_loss": 1 + 1 + 1, "smooth_l1_loss": 6, "huber_loss": 6, "binary_cross_entropy": 6, "binary_cross_entropy_with_logits": 8, "soft_margin_loss": 4,
}  # fmt: skip
_c = torch.complex64
#: (inputs, outputs, other arguments, MACs, FLOPs), by hand.
BY_SIZES: dict[str, tuple[list[torch.Tensor], list[torch.Tensor], list[Any], int, int]] = {
    "_fft_c2c": ([m(3, 8, dtype=_c)], [m(3, 8, dtype=_c)], [[1]], 0, 3 * 5 * 8 * 3), "_fft_r2c": ([m(3, 8)], [m(3, 5, dtype=_c)], [[1]], 0, 3 * 5 * 8 * 3 // 2),
    "_fft_c2r": ([m(3, 5, dtype=_c)], [m(3, 8)], [[1]], 0, 3 * 5 * 8 * 3 // 2),
    **{name: ([m(3, 9)], [m(3, 9)], [1], 0, 3 * 9 * 4) for name in ("sort", "argsort")}, "msort": ([m(3, 9)], [m(3, 9)], [], 0, 27 * 4),
    "searchsorted": ([m(9), m(3, 5)], [m(3, 5)], [], 0, 15 * 3), "bucketize": ([m(3, 17), m(9)], [m(3, 17)], [], 0, 51 * 4),
    "grid_sampler_2d": ([m(2, 3, 7, 9), m(2, 5, 11, 2)], [m(2, 3, 5, 11)], [None, 0], 0, 7 * 330 + 6 * 220),
    "grid_sampler_3d": ([m(2, 3, 7, 9, 4), m(2, 5, 11, 13, 3)], [m(2, 3, 5, 11, 13)], [None, 0], 0, 15 * 4290 + 6 * 4290),
    "linalg_inv_ex": ([m(2, 9, 9)], [m(2, 9, 9)], [], 0, 2 * 2 * 729), **{n: ([m(2, 9, 9)], [m(2, 9, 9)], [], 0, 2 * 729 // 3) for n in ("linalg_cholesky_ex", "cholesky")},
    **{n: ([m(2, 9, 9)], [m(2)], [], 0, 2 * 2 * 729 // 3) for n in ("_linalg_det", "_linalg_slogdet", "linalg_lu_factor_ex")},
    "linalg_qr": ([m(2, 9, 6)], [m(2, 9, 6)], [], 0, 2 * (2 * 9 * 36 - 2 * 216 // 3)), "_linalg_solve_ex": ([m(2, 9, 9), m(2, 9, 5)], [m(2, 9, 5)], [], 0, 2 * (2 * 729 // 3 + 2 * 81 * 5)),
    "linalg_solve_triangular": ([m(9, 9), m(9, 5)], [m(9, 5)], [], 0, 81 * 5),
    **{n: ([m(7, 5), m(3, 5), m(3, 5)], [m(7, 5)], [], 0, 15) for n in ("scatter_add", "index_add", "scatter_reduce", "index_reduce")},
    **{n: ([m(19, 5), m(7)], [m(3, 5)], [], 0, 35) for n in ("_embedding_bag", "_embedding_bag_forward_only")},
    **{n: ([m(3, 5), m(7, 5)], [m(3, 7)], [], 0, 21 * (3 * 5 + 1)) for n in ("_cdist_forward", "_euclidean_dist")}, "_pdist_forward": ([m(7, 5)], [m(21)], [], 0, 21 * 16),
    "fractional_max_pool2d": ([m(3, 11, 13)], [m(3, 5, 7)], [[2, 3]], 0, 105 * 5), "fractional_max_pool3d": ([m(3, 11, 13, 17)], [m(3, 5, 7, 9)], [[2, 3, 4]], 0, 945 * 23),
    "addmv": ([m(3), m(3, 5), m(5)], [m(3)], [], 15, 3), "addbmm": ([m(3, 7), m(2, 3, 5), m(2, 5, 7)], [m(3, 7)], [], 2 * 3 * 5 * 7, 21), "addr": ([m(3, 5), m(3), m(5)], [m(3, 5)], [], 15, 15),
    "_trilinear": ([m(2, 3), m(7, 3, 5), m(2, 5)], [m(2, 7)], [], 2 * 7 * 3 * 5 + 2 * 7 * 5, 0), "_grouped_mm": ([m(11, 3), m(2, 3, 5)], [m(11, 5)], [], 11 * 3 * 5, 0),
    **{n: ([m(7, 3)], [m(7, 5)], [], 7 * 3 * 5, 7 * 5 * flops) for n, flops in {"linear_dynamic": 1, "linear_dynamic_fp16": 1, "linear_relu_dynamic": 2, "linear_relu_dynamic_fp16": 2}.items()},
}  # fmt: skip


def below(name: str, inputs: list[torch.Tensor], outputs: list[torch.Tensor], others: list[Any]) -> tuple[int, int]:
    out = lowered_cost(name, inputs, outputs, [inputs[0], *others])
    assert out is not None
    return out.macs, out.flops + out.unit * outputs[0].numel()


def test_every_operation_below_python_has_a_closed_form() -> None:
    assert set(stated()) == {*PER_OUTPUT, *PER_INPUT, *BY_SIZES}


def test_tables_below_python() -> None:
    assert {name: below(name, [m(3, 1)], [m(3, 5)], []) for name in PER_OUTPUT} == {name: (0, each * 15) for name, each in PER_OUTPUT.items()}
    assert {name: below(name, [m(3, 5)], [m(3)], []) for name in PER_INPUT} == {name: (0, each * 15) for name, each in PER_INPUT.items()}


@pytest.mark.parametrize("name", BY_SIZES)
def test_costs_by_sizes(name: str) -> None:
    inputs, outputs, others, macs, flops = BY_SIZES[name]
    assert below(name, inputs, outputs, others) == (macs, flops)
