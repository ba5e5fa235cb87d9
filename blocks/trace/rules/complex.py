"""Arithmetic on complex numbers, in real operations: exp, log, roots, sines, divisions and comparisons of reals each count as one.

A product is 6 (four products, two sums), a sum 2, a quotient 11 (a product with the conjugate, the square of the magnitude, two divisions);
with one real operand 2, 1 and 2. What has no entry here is not counted for complex numbers.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from blocks.trace.errors import NoRule

#: FLOPs an output element of functions of one complex tensor.
UNARY_OF_COMPLEX = {
    "neg": 2, "conj_physical": 1, "_conj_physical": 1, "abs": 4, "angle": 1, "sgn": 6, "square": 6, "reciprocal": 6, "exp": 5, "expm1": 6, "exp2": 7, "log": 6, "log1p": 7, "log2": 8,
    "log10": 8, "sqrt": 9, "rsqrt": 15, "sin": 6, "cos": 6, "tan": 23, "sinh": 6, "cosh": 6, "sinc": 19, "sigmoid": 14, "silu": 20, "tanh": 20, "tanhshrink": 22,
    "softsign": 7, "logical_not": 2, "isnan": 2, "isinf": 2, "nan_to_num": 2,
}  # fmt: skip
#: FLOPs an output element of functions of two tensors: both complex, only the first, only the second.
BINARY_OF_COMPLEX = {
    **dict.fromkeys(("add", "sub", "rsub"), (2, 1, 1)), "mul": (6, 2, 2), **dict.fromkeys(("div", "true_divide"), (11, 2, 6)), "pow": (17, 13, 8),
    **dict.fromkeys(("eq", "ne", "logical_and", "logical_or"), (2, 2, 2)),
}  # fmt: skip
#: (FLOPs an input element, FLOPs an output element) of reductions.
REDUCTION_OF_COMPLEX = {
    "sum": (2, 0), "mean": (2, 2), "prod": (6, 0), "cumsum": (2, 0), "cumprod": (6, 0), "norm": (4, 1), "var": (6, 3), "std": (6, 4),
    "any": (2, 0), "all": (2, 0), "count_nonzero": (2, 0),
}  # fmt: skip


def is_complex(value: Any) -> bool:
    """Whether a tensor or number is complex."""
    return value.dtype.is_complex if isinstance(value, Tensor) else isinstance(value, complex)


def real_macs(a: Tensor, b: Tensor) -> int:
    """Real multiply-accumulates of one on elements of these tensors: 4 where both are complex, 2 where one is."""
    return (1 + a.dtype.is_complex) * (1 + b.dtype.is_complex)


def sums(x: Tensor) -> int:
    """Real additions of one addition of elements of ``x``: 2 where it is complex."""
    return 1 + x.dtype.is_complex


def of_complex(table: dict[str, Any], name: str) -> Any:
    """The entry of a function in one of the tables; :class:`NoRule` where there is none."""
    if name not in table:
        raise NoRule("complex numbers")
    return table[name]


def binary_of_complex(name: str, a: Any, b: Any) -> int:
    """FLOPs an output element of a function of two operands of which one at least is complex."""
    first, second = is_complex(a), is_complex(b)
    both, left, right = of_complex(BINARY_OF_COMPLEX, name)
    cost: int = both if first and second else left if first else right
    return cost
