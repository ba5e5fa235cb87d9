"""Gradients by stack: the loss of every stack reaches the first one, and leaves the last one as it was."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments import intermediate_supervision
from blocks.experiments.base import RunProgress
from blocks.experiments.intermediate_supervision import FEATURES, JOINTS, by_stack, dots, run
from blocks.families.hourglass import HourglassNet, stack_losses


def test_the_first_stack_gains_and_the_last_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intermediate_supervision, "BATCHES", 1)
    found = run(RunProgress(), stacks=3)
    assert found.verdict.holds
    assert found.gradients["every"][0] > 1.2 * found.gradients["last"][0]
    assert found.gradients["every"][-1] == pytest.approx(found.gradients["last"][-1], rel=1e-4)


def test_the_first_loss_reaches_the_first_stack_only() -> None:
    torch.manual_seed(2)
    net = HourglassNet(stacks=2, depth=2, features=FEATURES, num_classes=JOINTS)
    x, target = dots(2, torch.Generator().manual_seed(2))
    stack_losses(net(x), target)[0].backward()
    first, second = by_stack(net)
    assert first > 0 == second
    net.zero_grad()
    stack_losses(net(x), target)[1].backward()
    assert min(by_stack(net)) > 0


def test_a_dots_brightest_cell_lies_under_it() -> None:
    x, target = dots(5, torch.Generator().manual_seed(3))
    assert x.shape == (5, 3, 64, 64)
    assert target.shape == (5, JOINTS, 16, 16)
    red = x[:, 0] - 0.5 * x[:, 1] - 0.5 * x[:, 2]
    for image, heat in zip(red, target[:, 0], strict=True):
        row, column = divmod(int(heat.argmax()), 16)
        cell = image[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
        assert cell.max() > image.mean() + 2 * image.std()
