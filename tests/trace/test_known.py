"""Values that are known stay known as far as they can, and never longer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from blocks import analyse
from blocks.trace.errors import TraceError
from blocks.trace.known import MOST_KNOWN
from tests.tracing import Calls

KNOWN: dict[str, Callable[[Tensor], Tensor]] = {
    "a mask as an index": lambda x: x[:, torch.arange(6) > 2],
    "on the input's device": lambda x: x[:, torch.arange(6, device=x.device) > 2],
    "two masks": lambda x: x[torch.tensor([True, False]), torch.arange(6) == 4],
    "a triangle": lambda x: (x[:, :, None] * x[:, None])[:, torch.ones(6, 6, device=x.device).triu(1).bool()],
    "an empty tensor filled": lambda x: x[:, torch.empty(6).fill_(2.0).cumsum(0) > 5],
    "of the input's shape": lambda x: x[:, torch.zeros_like(x[0]).add(1).bool()],
    "int()": lambda x: x[:, : int(torch.arange(4, device=x.device).max())],
    "item()": lambda x: x[:, : torch.arange(4).sum().item()],  # type: ignore[misc]
    "tolist()": lambda x: x[:, torch.arange(6)[1:4].tolist()],
    "in place": lambda x: x[:, : (lambda t: (t.add_(2), t.sum().item())[1])(torch.zeros(2, dtype=torch.long))],
    "through a view": lambda x: x[:, : (lambda t: (t[0].fill_(3), int(t.sum()))[1])(torch.zeros(2, dtype=torch.long))],
    "an out= argument": lambda x: x[:, : (lambda t: (torch.add(t, 1, out=t), int(t.sum()))[1])(torch.zeros(4, dtype=torch.long))],
    "if": lambda x: x * 2 if (torch.arange(3) > 1).any() else x[:, :2],
    "masked_select": lambda x: x.masked_select(torch.arange(6) > 3),
    "nonzero": lambda x: x[:, torch.tensor([0, 1, 0, 1, 1, 0]).nonzero()[:, 0]],
    "repeat_interleave": lambda x: x.repeat_interleave(torch.tensor([1, 2, 0, 1, 3, 1]), 1),
    "split by a tensor": lambda x: x.split(torch.tensor([2, 4]).tolist(), 1)[1],
}


@pytest.mark.parametrize("function", KNOWN.values(), ids=KNOWN)
def test_known_values_answer(function: Callable[[Tensor], Tensor]) -> None:
    assert analyse(Calls(function), (2, 6)).output_shape == tuple(function(torch.rand(2, 6)).shape)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (lambda t: (t.copy_(x[0]), t.sum().item())[1])(torch.zeros(6)),
        lambda x: (lambda t: (t[:3].copy_(x[0, :3]), t[4].item())[1])(torch.zeros(6)),
        lambda x: x * int(torch.rand(3).sum()),
        lambda x: bool((torch.zeros(6) + x).any()),
        lambda x: x[x > 0],
        lambda x: (lambda t: (t[:6].copy_(x[0]), t[7].item())[1])(torch.zeros(MOST_KNOWN + 1)),
        lambda x: x * float(torch.bernoulli(torch.zeros(MOST_KNOWN + 1)).sum()),
    ],
)
def test_what_is_not_known_is_refused_with_the_line_that_asked(function: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(TraceError, match=r"looks at the values of a tensor .*test_known.py, line \d+"):
        analyse(Calls(function), (2, 6))


LARGE: dict[str, Callable[[Tensor], Tensor]] = {
    "a constant": lambda x: x * float(torch.zeros(MOST_KNOWN + 1).sum()),
    "a view of it": lambda x: x * float(torch.zeros(MOST_KNOWN + 1)[3:5].sum()),
    "as an index": lambda x: x.new_zeros(MOST_KNOWN + 1)[torch.arange(MOST_KNOWN + 1) > 3],
    "of known parts": lambda x: x * float((torch.arange(1025)[:, None] - torch.arange(1025)).max()),
    "written in place": lambda x: x * float(torch.zeros(MOST_KNOWN + 1).add_(2).sum()),
}


@pytest.mark.parametrize("function", LARGE.values(), ids=LARGE)
def test_where_known_values_are_too_many_the_limit_is_said(function: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(TraceError, match=r"test_known.py, line \d+.*; known values of up to 1048576 elements are computed, and here there are more"):
        analyse(Calls(function), (2, 6))


def test_weights_are_known_up_to_a_lower_limit() -> None:
    for width, error in ((8, None), (300, r"known values of up to 65536 elements")):
        net = nn.Linear(width, width)
        looks = Calls(lambda x, w=net.weight: x * float(w.norm()))
        looks.net = net
        if error is None:
            analyse(looks, (2, 6))
        else:
            with pytest.raises(TraceError, match=error):
                analyse(looks, (2, 6))


@given(marks=st.lists(st.booleans(), min_size=1, max_size=9))
@settings(max_examples=10, deadline=None)
def test_any_mask_handed_in(marks: list[bool]) -> None:
    mask = torch.tensor(marks)
    assert analyse(Calls(lambda x, m: x[:, m]), [(3, len(marks)), mask]).output_shape == (3, sum(marks))


def test_the_networks_own_values_do_not_change() -> None:
    class Counts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("seen", torch.zeros(3, dtype=torch.long))

        def forward(self, x: Tensor) -> Tensor:
            self.seen.add_(1)
            torch.mul(self.seen, 2, out=self.seen)
            return x[:, : int(self.seen.sum())]

    net = Counts()
    assert analyse(net, (2, 7)).output_shape == (2, 6)
    assert net.seen.tolist() == [0, 0, 0]


def test_ids_beyond_their_table_stand_for_their_shape() -> None:
    assert analyse(nn.Embedding(9, 4), [torch.full((2, 5), 99)]).output_shape == (2, 5, 4)
