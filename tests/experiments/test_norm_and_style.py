"""Instance norm is blind to brightness and contrast, batch norm is not; the change itself is what it says."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments.base import RunProgress
from blocks.experiments.norm_and_style import change_appearance, run


@pytest.mark.parametrize("change", ["brightness", "contrast"])
def test_instance_norm_is_blind_to_a_constant_and_to_a_factor(change: str) -> None:
    found = run(RunProgress(), change=change, amount=0.5, picture="leaves")
    assert found.verdict.holds
    assert max(found.moved["instance"]) < 5e-3
    assert min(found.moved["batch"]) > 0.1


def test_hue_reaches_the_features_under_every_norm() -> None:
    found = run(RunProgress(), change="hue", amount=0.5)
    assert min(found.moved["instance"]) > 0.1


def test_changes() -> None:
    x = torch.rand(3, 4, 5)
    assert torch.allclose(change_appearance(x, "brightness", 0.4), x + 0.2)
    assert change_appearance(x, "contrast", 1.0).std() == pytest.approx(0.2 * x.std().item(), rel=1e-4)
    turned = change_appearance(x, "hue", 2 / 3)  # a third of the circle: red becomes green
    assert torch.allclose(turned, x[[2, 0, 1]], atol=1e-5)
    assert torch.allclose(turned.sum(0), x.sum(0), atol=1e-5)
