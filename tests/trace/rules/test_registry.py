"""How rules are found, and the arithmetic on shapes that they share."""

from __future__ import annotations

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional as F

from blocks.trace.rules import RULES
from blocks.trace.rules.registry import Out, axis, broadcast, per_axis, product, promoted, rule, show_shape, spellings, window_out
from blocks.trace.symbolic import recording, symbol, term_of
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
