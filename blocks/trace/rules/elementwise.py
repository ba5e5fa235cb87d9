"""Operations on each element: one table of FLOPs an element, exp, log, powers, divisions and comparisons each counting as one.

What complex numbers take is said in :mod:`blocks.trace.rules.complex`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from blocks.trace.errors import DependsOnData, NoRule
from blocks.trace.graph import Extra
from blocks.trace.rules.complex import UNARY_OF_COMPLEX, binary_of_complex, is_complex, of_complex, sums
from blocks.trace.rules.registry import OUTPUT, RULES, Out, Rule, When, axis, broadcast, promoted, rule, show_shape
from blocks.trace.rules.shape import as_numbers
from blocks.trace.symbolic import plain

#: FLOPs an output element: what each activation takes when written out in these units.
ACTIVATIONS = {
    "relu": 1, "relu6": 2, "hardtanh": 2, "leaky_relu": 2, "threshold": 1, "elu": 4, "celu": 5, "selu": 5, "sigmoid": 3, "logsigmoid": 4, "tanh": 5,
    "hardsigmoid": 4, "hardswish": 5, "silu": 4, "mish": 8, "gelu": 8, "softplus": 3, "softsign": 3, "tanhshrink": 6, "hardshrink": 2, "softshrink": 3,
}  # fmt: skip
UNARY = {
    "neg": 1, "abs": 1, "exp": 1, "expm1": 1, "log": 1, "log1p": 1, "log2": 1, "sqrt": 1, "rsqrt": 1, "square": 1, "reciprocal": 1, "sin": 1, "cos": 1, "erf": 1,
    "log10": 1, "exp2": 1, "tan": 1, "erfc": 1,
    "floor": 1, "ceil": 1, "trunc": 1, "round": 1, "sign": 1, "clamp_min": 1, "clamp_max": 1, "bitwise_not": 1, "logical_not": 1, "isnan": 1, "isinf": 1,
}  # fmt: skip
BINARY = {
    "add": ("add", 1), "sub": ("add", 1), "rsub": ("add", 1), "mul": ("multiply", 1), "div": ("multiply", 1), "true_divide": ("multiply", 1),
    "floor_divide": ("other", 1), "remainder": ("other", 1), "pow": ("other", 1), "maximum": ("other", 1), "minimum": ("other", 1), "atan2": ("other", 1),
    "bitwise_and": ("other", 1), "bitwise_or": ("other", 1), "bitwise_xor": ("other", 1), "logical_and": ("other", 1), "logical_or": ("other", 1),
}  # fmt: skip
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")

#: What a derivative is computed from: these keep their result, or nothing (a sign, a rounding); the others keep their input.
KEEP_RESULT = {"relu", "sigmoid", "tanh", "softmax", "log_softmax", "exp", "expm1", "exp2", "sqrt", "rsqrt", "reciprocal", "tan"}
KEEP_NOTHING = {"neg", "floor", "ceil", "trunc", "round", "sign", "bitwise_not", "logical_not", "isnan", "isinf"}
#: These keep their input, but their result where they overwrite it.
KEEP_RESULT_IN_PLACE = {"leaky_relu", "elu", "celu", "selu"}
#: How many tensors of the output's size these make on the way and keep.
_KEPT_ON_THE_WAY = {"logsigmoid": 1, "softsign": 1, "softmin": 1}


_TO_BOOL = {"isnan", "isinf", "logical_not"}


def _unary(flops: int, dtype: torch.dtype | None = None, name: str = "") -> Callable[..., Out]:
    keeps_result, keeps_nothing, on_the_way = name in KEEP_RESULT, name in KEEP_NOTHING, _KEPT_ON_THE_WAY.get(name, 0)

    def each(x: Any, *args: Any, dtype: torch.dtype | None = dtype, **settings: Any) -> Out:
        saves = (OUTPUT,) if keeps_result else () if keeps_nothing else (x,)
        unit = of_complex(UNARY_OF_COMPLEX, name) if x.dtype.is_complex else flops
        return Out(x.shape, unit=unit, dtype=dtype, saves=saves, extras=(Extra(tuple(x.shape)),) * on_the_way if on_the_way else ())

    return each


def operand_shape(value: Any) -> Any:
    """The shape of a tensor; () for a number."""
    return value.shape if isinstance(value, torch.Tensor) else ()


def _saved_by(name: str) -> Callable[[Any, Any], tuple[Any, ...]]:
    """What the backward of a function of two tensors keeps."""
    return {
        "mul": lambda a, b: (When(a, b), When(b, a)),
        "div": lambda a, b: (b, When(a, b)) if isinstance(b, torch.Tensor) else (),
        "true_divide": lambda a, b: (b, When(a, b)) if isinstance(b, torch.Tensor) else (),
        "pow": lambda a, b: (a, b, OUTPUT) if isinstance(b, torch.Tensor) else (a,),
        "remainder": lambda a, b: (When(a, b), When(b, b)),
        "maximum": lambda a, b: (a, b),
        "minimum": lambda a, b: (a, b),
        "atan2": lambda a, b: (a, b),
    }.get(name, lambda a, b: ())


def _binary(name: str, flops: int, dtype: torch.dtype | None = None, real: bool = False) -> Callable[..., Out]:
    saved = _saved_by(name)

    def both(a: Any, b: Any, *args: Any, alpha: Any = 1, **settings: Any) -> Out:
        made = dtype or promoted(a, b, real=real)
        unit = binary_of_complex(name, a, b) if is_complex(a) or is_complex(b) else flops
        scaled = (1 + is_complex(b)) * (alpha != 1)
        return Out(broadcast(operand_shape(a), operand_shape(b)), unit=unit + scaled, dtype=made, saves=saved(a, b))

    return both


def _of_magnitude(name: str) -> Callable[..., Out]:
    def magnitude(x: Any, **settings: Any) -> Out:
        """A sign taken away; of a complex number two squares, a sum and a root. An angle is one function."""
        if x.dtype.is_complex:
            return Out(x.shape, unit=UNARY_OF_COMPLEX[name], dtype=x.dtype.to_real(), saves=(x,))
        return Out(x.shape, unit=1, saves=(x,))

    return magnitude


rule("abs", "absolute")(_of_magnitude("abs"))
rule("angle")(_of_magnitude("angle"))


for _name, _flops in ACTIVATIONS.items():
    rule(_name, kind="activation")(_unary(_flops, name=_name))


@rule("hardtanh", kind="activation")
def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Out:
    """Two comparisons; between 0 and 6 it is the layer that everybody calls ReLU6."""
    return Out(x.shape, unit=ACTIVATIONS["hardtanh"], op="relu6" if (min_val, max_val) == (0, 6) else None, saves=(x,))


for _name, _flops in UNARY.items():
    if _name != "abs":
        rule(_name, *(["__invert__"] if _name == "bitwise_not" else []))(_unary(_flops, torch.bool if _name in _TO_BOOL else None, _name))
_OPERATORS = {
    "add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "floor_divide": "floordiv", "remainder": "mod", "pow": "pow", "bitwise_and": "and", "bitwise_or": "or",
    "bitwise_xor": "xor",
}  # fmt: skip
for _name, (_kind, _flops) in BINARY.items():
    _dunders = [f"__{form}{_OPERATORS[_name]}__" for form in ("", "r", "i")] if _name in _OPERATORS else []
    rule(_name, *_dunders, kind=_kind)(
        _binary(_name, _flops, torch.bool if _name.startswith("logical") else None, real=_name in ("div", "true_divide", "atan2"))
    )


def _number_by_tensor(x: Any, other: Any) -> Out:
    """2 / x: torch multiplies 1 / x, which the backward pass keeps."""
    out: Out = RULES[torch.div].func(other, x)
    out.saves, out.extras = (), (Extra(tuple(x.shape)),)
    return out


RULES[torch.Tensor.__rdiv__] = Rule(_number_by_tensor, "div", "multiply", False)
for _name in COMPARISONS:
    rule(_name, f"__{_name}__")(_binary(_name, 1, torch.bool))


@rule("clamp", "clip")
def clamp(x: Any, min: Any = None, max: Any = None) -> Out:
    """One comparison for each given bound."""
    return Out(x.shape, unit=(min is not None) + (max is not None), saves=(x, min, max))


# A comparison and a multiplication.
rule("prelu", kind="activation")(lambda x, weight: Out(x.shape, unit=2, saves=(x, weight)))


# Maximum, subtraction, exponential, sum, division: 5 an element.
@rule("softmax", "log_softmax", "softmin", kind="activation")
def softmax(x: Any, dim: Any = None, *args: Any, dtype: torch.dtype | None = None, **settings: Any) -> Out:
    """Along a dimension; without one torch takes the first of 1 or 3 dimensions, else the second."""
    rank = len(x.shape)
    along = axis((0 if rank in (0, 1, 3) else 1) if dim is None else dim, rank)
    return Out(x.shape, unit=5, dtype=dtype, saves=(OUTPUT,), places={"over": (along,), "groups": None})


# Filled by writing only: drawing random numbers is not counted as arithmetic.
rule("bernoulli", "uniform", "random", "rand_like", "randn_like", "zeros_like", "ones_like", "empty_like", "full_like", "fill", "zero")(
    lambda x, *args, dtype=None, **settings: Out(x.shape, dtype=dtype)
)


@rule("glu", kind="activation")
def glu(x: Any, dim: int = -1) -> Out:
    """Half of the channels gates the other half: a sigmoid and a product."""
    dim = axis(dim, len(x.shape))
    if plain(x.shape[dim]) % 2:
        raise ValueError(f"a gated unit halves dimension {dim} of {show_shape(x.shape)}, which is odd")
    return Out((*x.shape[:dim], x.shape[dim] // 2, *x.shape[dim + 1 :]), unit=4, saves=(x,), places={"dim": dim})


def _of_product(a: Any, b: Any) -> int:
    """FLOPs of a product of an element of each."""
    return binary_of_complex("mul", a, b) if is_complex(a) or is_complex(b) else 1


@rule("outer", "ger", kind="multiply")
def outer(a: Any, b: Any) -> Out:
    """Every product of two elements; nothing is added, so that these are FLOPs and no MACs."""
    if len(a.shape) != 1 or len(b.shape) != 1:
        raise NoRule("torch refuses it")
    return Out((a.shape[0], b.shape[0]), unit=_of_product(a, b), dtype=promoted(a, b), saves=(When(a, b), When(b, a)))


@rule("where")
def where(condition: Any, a: Any = None, b: Any = None, **settings: Any) -> Out:
    """Choose by element; with the condition alone its positions, whose number depends on the data."""
    a, b = settings.get("input", a), settings.get("other", b)
    if a is None:
        raise DependsOnData("where")
    shape = broadcast(broadcast(condition.shape, operand_shape(a)), operand_shape(b))
    numbers = tuple(Extra((), kept=False) for value in (a, b) if not isinstance(value, torch.Tensor))  # torch makes a tensor of each
    return Out(shape, unit=1, dtype=promoted(a, b), saves=(condition,), extras=numbers)


# Tensor.where has the value first and the condition second.
RULES[torch.Tensor.where] = Rule(lambda x, condition, other: where(condition, x, other), "where", "other", False)


@rule("masked_fill")
def masked_fill(x: Any, mask: Any, value: Any) -> Out:
    """Overwrite where the mask says so."""
    return Out(broadcast(x.shape, mask.shape), unit=1, saves=(mask,), places={"mask": as_numbers(mask)})


@rule("lerp")
def lerp(a: Any, b: Any, weight: Any) -> Out:
    """a + weight·(b - a)."""
    shape = broadcast(broadcast(a.shape, b.shape), operand_shape(weight))
    return Out(shape, unit=2 * sums(a) + _of_product(weight, a), saves=(weight, When(a, weight), When(b, weight)))


def _added(name: str) -> Callable[..., Out]:
    def added(x: Any, a: Any, b: Any, *, value: Any = 1) -> Out:
        """x + value·a·b, or x + value·a/b."""
        each = binary_of_complex(name, a, b) if is_complex(a) or is_complex(b) else 1
        unit = each + sums(x) * (1 + (value != 1))
        return Out(broadcast(x.shape, broadcast(a.shape, b.shape)), unit=unit, dtype=promoted(x, a), saves=(When(a, b), When(b, a)))

    return added


rule("addcmul")(_added("mul"))
rule("addcdiv")(_added("div"))


@rule("dropout", "alpha_dropout", kind="dropout")
def dropout(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Out:
    """In eval mode the tensor itself; while training a mask (of the tensor's type, as a CPU makes it) and a scale."""
    return Out(x.shape, unit=2, extras=(Extra(tuple(x.shape)),)) if training and p else Out(x.shape, view=True)


@rule("dropout1d", "dropout2d", "dropout3d", "feature_dropout", "feature_alpha_dropout", kind="dropout")
def feature_dropout(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Out:
    """As :func:`dropout`, with one number of the mask for each channel."""
    mask = (*x.shape[:2], *[1] * (len(x.shape) - 2))
    return Out(x.shape, unit=2, extras=(Extra(mask),)) if training and p else Out(x.shape, view=True)
