"""Operators that are not torch's: priced by the user's rule, reported where there is none, refused where torch cannot tell the shape."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from blocks import Out, analyse, rule
from blocks.trace.below import no_fake_kernel
from blocks.trace.errors import TraceError
from blocks.trace.rules.registry import USERS
from tests.tracing import Calls


@torch.library.custom_op("tests_below::scale", mutates_args=())
def scale(x: Tensor, by: Tensor) -> Tensor:
    return x * by


@scale.register_fake
def _(x: Tensor, by: Tensor) -> Tensor:
    return torch.empty_like(x * by)


@torch.library.custom_op("tests_below::blind", mutates_args=())
def blind(x: Tensor) -> Tensor:
    return x * 2


@pytest.fixture
def no_rules() -> Iterator[None]:
    yield
    USERS.clear()


@pytest.mark.usefixtures("no_rules")
def test_an_operator_of_the_users_own_is_priced_by_the_users_rule() -> None:
    net = Calls(lambda x, y: scale(x, y) + 1)
    before = analyse(net, [(3, 5), (5,)])
    assert [u.op for u in before.not_counted] == ["scale"]
    assert '@rule("tests_below::scale")' in str(before.not_counted[0])

    @rule("tests_below::scale", kind="multiply")
    def _cost(x: Tensor, by: Tensor) -> Out:
        return Out(macs=2 * by.shape[0], flops=3 * x.numel())

    a = analyse(net, [(3, 5), (5,)])
    assert (a.not_counted, a.macs, a.flops, a.output_shape) == ([], 10, 20 + 45 + 15, (3, 5))
    assert a.table["kind"].tolist()[0] == "multiply"


def test_without_a_fake_kernel_the_operator_and_the_line_are_named() -> None:
    with pytest.raises(TraceError, match=r"tests_below::blind .*test_below.py, line \d+.*register_fake"):
        analyse(Calls(lambda x: blind(x)), (2, 3))
    assert "my::op (net.py, line 3)" in no_fake_kernel("my::op", "net.py, line 3")


@pytest.mark.skipif(not hasattr(F, "grouped_mm"), reason="this torch has no grouped product")
def test_a_grouped_product_costs_a_row_times_a_matrix() -> None:
    groups = torch.tensor([2, 7, 11], dtype=torch.int32)
    a = analyse(Calls(lambda x, w: F.grouped_mm(x, w, offs=groups)), [(11, 16), (3, 16, 24)])
    assert (a.macs, a.output_shape) == (11 * 16 * 24, (11, 24))
