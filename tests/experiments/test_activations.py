"""Activations against their closed forms, and the farthest that h-swish is from swish."""

from __future__ import annotations

import torch

from blocks.experiments.activations import run
from blocks.experiments.base import RunProgress


def test_values_and_slopes_are_the_closed_forms() -> None:
    found = run(RunProgress())
    x, s = found.x, 1 / (1 + torch.exp(-found.x))
    assert found.verdict.holds
    assert torch.allclose(found.values["silu"], x * s)
    assert torch.allclose(found.slopes["silu"], s + x * s * (1 - s))
    assert torch.allclose(found.values["hardswish"], x * (x + 3).clamp(0, 6) / 6)
    assert torch.allclose(found.values["relu6"], x.clamp(0, 6))
    away = (x > 0.01) & (x < 5.99)
    assert found.slopes["relu6"][away].unique().tolist() == [1]


def test_h_swish_is_farthest_at_three() -> None:
    numbers = run(RunProgress()).verdict.numbers
    assert abs(numbers["at"] - 3) < 1e-6
    assert abs(numbers["gap"] - 3 / (1 + torch.e**3)) < 1e-6
