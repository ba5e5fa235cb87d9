"""Normalisations: FLOPs per element by hand, by what the statistics come from and whether there is a scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from tests.tracing import cost, node_of

X = (2, 6, 5, 7)
N = 420
C = (6,)

# (function, shapes after the input, FLOPs per element)
CASES: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...], int]] = {
    "batch norm, stored": (F.batch_norm, (C, C), 2),
    "batch norm, stored and scaled": (F.batch_norm, (C, C, C, C), 2),
    "batch norm of the batch": (lambda x: F.batch_norm(x, None, None, training=True), (), 5),
    "batch norm of the batch, scaled": (lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), (C, C), 7),
    "torch.batch_norm": (lambda x, w, b, m, v: torch.batch_norm(x, w, b, m, v, False, 0.1, 1e-5, False), (C, C, C, C), 2),
    "layer norm": (lambda x: F.layer_norm(x, (5, 7)), (), 5),
    "layer norm, scaled": (lambda x, w: F.layer_norm(x, (7,), w), ((7,),), 7),
    "group norm": (lambda x: F.group_norm(x, 3), (), 5),
    "group norm, scaled": (lambda x, w, b: F.group_norm(x, 3, w, b), (C, C), 7),
    "instance norm": (F.instance_norm, (), 5),
    "instance norm, scaled": (lambda x, w, b: F.instance_norm(x, None, None, w, b), (C, C), 7),
    "rms norm": (lambda x: F.rms_norm(x, (7,)), (), 3),
    "rms norm, scaled": (lambda x, w: F.rms_norm(x, (7,), w), ((7,),), 4),
    "local response": (lambda x: F.local_response_norm(x, 4), (), 4 + 5),
    "normalize": (lambda x: F.normalize(x, dim=-1), (), 3),
}  # fmt: skip


@pytest.mark.parametrize(("function", "others", "each"), CASES.values(), ids=CASES)
def test_flops_per_element(function: Callable[..., Any], others: tuple[tuple[int, ...], ...], each: int) -> None:
    assert cost(function, X, *others) == (0, each * N)
    node = node_of(function, X, *others)
    assert (node.kind, node.shape) == ("norm", X)
    assert node.reads == 4 * (N + sum(torch.Size(s).numel() for s in others))
    assert node.writes == 4 * N
