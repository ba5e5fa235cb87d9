"""What a call does, told from the function."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks.trace.functions import FACTORIES, QUERIES, READS_VALUES, autocast_dtype, fills, is_inplace, sizes_given, written_into
from blocks.trace.rules import RULES


@pytest.mark.parametrize(("func", "expected"), [
    (nn.init.kaiming_normal_, True), (nn.init.zeros_, True), (torch.Tensor.fill_, True), (torch.Tensor.__setitem__, True),
    (torch.Tensor.__add__, False), (torch.add, False),
])  # fmt: skip
def test_what_only_gives_values(func: object, expected: bool) -> None:
    assert fills(func) is expected


@pytest.mark.parametrize(("func", "expected"), [
    (torch.Tensor.add_, True), (torch.Tensor.__iadd__, True), (torch.Tensor.__setitem__, True), (torch.Tensor.__int__, False),
    (torch.Tensor.__index__, False), (torch.Tensor.__invert__, False), (torch.Tensor.__add__, False), (torch.sort, False),
])  # fmt: skip
def test_what_writes_without_a_rule(func: object, expected: bool) -> None:
    assert is_inplace(func, {}) is expected


def test_a_given_output_is_written_into() -> None:
    out = torch.empty(3)
    assert is_inplace(torch.sort, {"out": out})
    assert not is_inplace(torch.sort, {"out": None})


def test_which_tensor_a_call_writes_into() -> None:
    x, out = torch.empty(3), torch.empty(3)
    assert written_into(RULES[torch.Tensor.add_], torch.Tensor.add_, (x, 1), {}) is x
    assert written_into(RULES[F.relu], F.relu, (x,), {"inplace": True}) is x
    assert written_into(RULES[F.relu], F.relu, (), {"input": x, "inplace": True}) is x
    assert written_into(RULES[F.relu], F.relu, (x, True), {}) is x
    assert written_into(RULES[F.relu], F.relu, (x,), {}) is None
    assert written_into(RULES[F.relu], F.relu, (x,), {"inplace": False}) is None
    assert written_into(RULES[torch.add], torch.add, (x, 1), {"out": out}) is out


def test_sizes_of_a_factory() -> None:
    assert sizes_given((2, 3), {}) == (2, 3)
    assert sizes_given(([2, 3],), {}) == [2, 3]
    assert sizes_given((), {"size": (4, 5)}) == (4, 5)


def test_autocast_changes_floating_types_alone() -> None:
    assert autocast_dtype(torch.float32) is torch.float32
    with torch.autocast("cpu", torch.bfloat16):
        assert autocast_dtype(torch.float32) is torch.bfloat16
        assert autocast_dtype(torch.float64) is torch.float64
        assert autocast_dtype(torch.int64) is torch.int64


def test_groups_of_functions_are_disjoint() -> None:
    assert not QUERIES & READS_VALUES
    assert not FACTORIES & READS_VALUES
    assert not READS_VALUES & set(RULES)
