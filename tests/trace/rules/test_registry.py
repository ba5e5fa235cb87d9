"""How rules are found, and the arithmetic on shapes that they share."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional as F

from blocks.trace.errors import NoRule
from blocks.trace.proxy import Proxy
from blocks.trace.rules import RULES
from blocks.trace.rules.registry import Out, axis, broadcast, origins, per_axis, product, promoted, rule, show_shape, spellings, window_out
from blocks.trace.symbolic import recording, roundings_kept, symbol, term_of
from blocks.trace.terms import evaluate


def test_every_spelling_of_a_function_has_the_rule_of_its_name() -> None:
    found = {RULES[f].func for f in (torch.relu, F.relu, torch.Tensor.relu, torch.relu_, torch.Tensor.relu_)}
    assert len(found) == 1
    assert not RULES[torch.relu].inplace
    assert RULES[torch.relu_].inplace
    assert RULES[torch.Tensor.__iadd__].inplace
    assert not RULES[torch.Tensor.__add__].inplace


def test_spellings_tell_what_writes_into_its_argument() -> None:
    assert dict(spellings("add")) == {torch.add: False, torch.Tensor.add: False, torch.Tensor.add_: True}
    assert spellings("no_such_function") == []


def test_a_rule_is_entered_for_all_of_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blocks.trace.rules.registry.RULES", entered := {})

    @rule("erfinv", "lgamma", kind="activation")
    def each(x: torch.Tensor) -> Out:
        return Out(x.shape, unit=1)

    assert {torch.erfinv, torch.lgamma, torch.Tensor.erfinv_} <= set(entered)
    assert {(r.op, r.kind) for r in entered.values()} == {("erfinv", "activation")}


@given(
    st.integers(1, 40), st.integers(1, 7), st.integers(1, 5), st.integers(0, 3), st.integers(1, 3), st.booleans(),
)  # fmt: skip
def test_a_window_has_as_many_places_as_in_torch(size: int, k: int, stride: int, pad: int, dilation: int, ceil: bool) -> None:
    assume(2 * pad <= k)
    assume(size + 2 * pad >= dilation * (k - 1) + 1)
    real = F.max_pool1d(torch.empty(1, size, device="meta"), k, stride, pad, dilation, ceil)
    assert window_out(size, k, stride, pad, dilation, ceil) == real.shape[-1]


@given(st.integers(8, 40), st.integers(1, 7), st.integers(1, 5), st.integers(0, 3), st.booleans())
def test_a_symbolic_window_has_the_places_of_its_number(size: int, k: int, stride: int, pad: int, ceil: bool) -> None:
    assume(2 * pad <= k)
    with recording():
        places = window_out(symbol("H", size), k, symbol("s", stride), pad, 1, ceil)
    assert evaluate(term_of(places), {"H": size, "s": stride}) == window_out(size, k, stride, pad, 1, ceil)


def test_a_window_that_does_not_fit_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match="the window of 9 is larger than the input of 4 with padding 1: it needs at least 7"):
        window_out(4, 5, 1, 1, 2)


@given(st.lists(st.sampled_from([1, 2, 3]), max_size=4), st.lists(st.sampled_from([1, 2, 3]), max_size=4))
def test_shapes_broadcast_as_in_torch(a: list[int], b: list[int]) -> None:
    try:
        expected = tuple(torch.broadcast_shapes(a, b))
    except RuntimeError:
        with pytest.raises(ValueError, match="do not fit"):
            broadcast(a, b)
    else:
        assert broadcast(a, b) == expected


def test_symbols_that_broadcast_are_compared_in_the_open() -> None:
    with recording() as conditions:
        (size,) = broadcast((symbol("a", 5),), (symbol("b", 5),))
    assert size == 5
    assert [(c.op, c.truth, c.symbols()) for c in conditions] == [("eq", True, {"a", "b"})]


_TYPES = (torch.bool, torch.uint8, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.complex64)


@given(st.sampled_from(_TYPES), st.sampled_from(_TYPES), st.booleans(), st.booleans())
def test_types_are_promoted_as_in_torch(a: torch.dtype, b: torch.dtype, scalar_a: bool, scalar_b: bool) -> None:
    x, y = (torch.empty(() if scalar else (3,), dtype=dtype, device="meta") for dtype, scalar in ((a, scalar_a), (b, scalar_b)))
    assert (promoted(x, y) or a) == torch.result_type(x, y)
    assert (promoted(x, y, real=True) or a) == torch.true_divide(x, y).dtype


@given(st.sampled_from(_TYPES), st.sampled_from([True, 2, 0.5, 1j]))
def test_numbers_are_promoted_as_in_torch(dtype: torch.dtype, value: complex) -> None:
    x = torch.empty(3, dtype=dtype, device="meta")
    assert (promoted(x, value) or dtype) == torch.result_type(x, value)


def test_small_helpers() -> None:
    assert per_axis(3) == (3, 3)
    assert per_axis((2, 5)) == (2, 5)
    assert per_axis([4], 3) == (4, 4, 4)
    assert product((2, 3, 5)) == 30
    assert show_shape((1, symbol("C", 64), 7)) == "1×64×7"
    assert [axis(d, 3) for d in (-3, -1, 0, 2)] == [0, 2, 0, 2]
    with pytest.raises(ValueError, match="no dimension -4 in a tensor of 3 dimensions"):
        axis(-4, 3)


@given(
    st.integers(8, 40), st.integers(8, 40), st.integers(1, 7), st.integers(1, 5), st.integers(1, 5), st.integers(0, 3), st.booleans(), st.booleans(),
)  # fmt: skip
def test_where_its_conditions_hold_a_symbolic_window_has_the_places_of_any_number(
    size: int, other: int, k: int, stride: int, other_stride: int, pad: int, ceil: bool, kept: bool
) -> None:
    assume(2 * pad <= k)
    with roundings_kept() if kept else nullcontext(), recording() as conditions:
        places = window_out(symbol("H", size), k, symbol("s", stride), pad, 1, ceil)
    values = {"H": other, "s": other_stride}
    if all(c.holds(values) for c in conditions):
        assert evaluate(term_of(places), values) == window_out(other, k, other_stride, pad, 1, ceil)


def test_what_decides_over_the_last_window_is_a_condition() -> None:
    with recording() as conditions:
        assert window_out(symbol("H", 9), 1, 3, 0, 1, True) == 3  # begins at 9, behind the input: dropped
    assert [c.op for c in conditions if c.holds({"H": 9}) and not c.holds({"H": 10})]
    with recording() as conditions:
        assert window_out(symbol("H", 10), 1, 3, 0, 1, True) == 4
    assert not all(c.holds({"H": 9}) for c in conditions)


@st.composite
def arrangements(draw: st.DrawFn) -> tuple[int, str, tuple[object, ...]]:
    """(rank, name, arguments) of a call that only rearranges or reduces dimensions."""
    rank = draw(st.integers(1, 5))
    dims = st.integers(-rank, rank - 1)
    one, two = draw(dims), draw(dims)
    start, end = sorted((one % rank, two % rank))
    several = draw(st.sets(st.integers(0, rank - 1), min_size=1).map(sorted))
    name, args = draw(st.sampled_from([
        ("permute", (draw(st.permutations(range(rank))),)), ("transpose", (one, two)), ("movedim", (one, two)), ("flatten", (start, end)), ("flip", (several,)),
        ("roll", (3, one)), ("sum", (several, True)), ("mean", (several,)), ("amax", (one,)), ("argmax", (one, True)), ("cumsum", (one,)), ("std", (several, False)),
        ("norm", (2, several)), ("any", ()), ("ravel", ()),
    ]))  # fmt: skip
    return rank, name, args


@given(arrangements(), st.sampled_from([torch.float32, torch.float64, torch.complex64, torch.int32]))
def test_torchs_own_dimensions_for_any_sizes(call: tuple[int, str, tuple[object, ...]], dtype: torch.dtype) -> None:
    rank, name, args = call
    function = getattr(torch, name)
    sizes, others = (2, 1, 4, 5, 3)[:rank], (3, 4, 1, 2, 5)[:rank]
    try:
        real, other = (function(torch.ones(s, dtype=dtype), *args) for s in (sizes, others))
    except (RuntimeError, NotImplementedError):
        assume(False)
    out = RULES[function].func(Proxy([symbol(f"d{i}", s) for i, s in enumerate(sizes)], dtype), *args)
    assert (tuple(out.shape), out.dtype) == (tuple(real.shape), real.dtype)
    values = {f"d{i}": s for i, s in enumerate(others)}
    assert tuple(evaluate(term_of(s), values) for s in out.shape) == tuple(other.shape)


def test_what_torch_refuses_is_refused() -> None:
    x = Proxy((2, 3, 5))
    with pytest.raises(ValueError, match="there is no dimension 3 in a tensor of 3 dimensions"):
        RULES[torch.transpose].func(x, 0, 3)
    with pytest.raises(ValueError, match="duplicate dims are not allowed"):
        RULES[torch.permute].func(x, (0, 1, 1))
    with pytest.raises(NoRule):
        RULES[torch.sum].func(x, out=torch.empty(()))


def test_torch_is_asked_once_for_calls_of_one_form() -> None:
    origins.cache_clear()
    for shape in ((2, 3, 5), (7, 1, 2), (symbol("B", 4), 3, 3)):
        RULES[torch.permute].func(Proxy(shape), (2, 0, 1))
    assert (origins.cache_info().misses, origins.cache_info().hits) == (1, 2)
    RULES[torch.var].func(Proxy((2, 3)), True)  # unbiased, and not dimension 1
    assert RULES[torch.var].func(Proxy((2, 3)), 1).shape == (2,)
