"""ResNeXt's forms: one output and one price, whatever the number of paths; weights that were not carried over are noticed."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments import three_forms
from blocks.experiments.base import RunProgress
from blocks.experiments.three_forms import CHANNELS, forms, run
from blocks.families.resnext import as_grouped


@pytest.mark.parametrize(("paths", "width"), [(1, 3), (5, 4), (32, 1), (8, 16)])
def test_one_function_at_one_price(paths: int, width: int) -> None:
    found = run(RunProgress(), paths=paths, width=width, seed=paths)
    assert found.verdict.holds
    inner = paths * width
    convolutions = 2 * CHANNELS * inner + 9 * paths * width * width
    assert set(found.params.values()) == {convolutions + 4 * inner + 2 * CHANNELS}
    assert max(found.differences.values()) < 1e-13


def test_the_forms_hold_for_gradients_too() -> None:
    torch.manual_seed(2)
    x = torch.randn(2, CHANNELS, 6, 5, dtype=torch.float64)
    grads = []
    for form in forms(6, 3).values():
        inputs = x.clone().requires_grad_()
        grads.append(torch.autograd.grad(form(inputs).square().sum(), inputs)[0])
    assert torch.allclose(grads[0], grads[1], rtol=1e-10)
    assert torch.allclose(grads[0], grads[2], rtol=1e-10)


def test_a_weight_that_was_not_carried_over_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(form: three_forms.Aggregated) -> three_forms.Aggregated:
        made = as_grouped(form)  # type: ignore[arg-type]
        with torch.no_grad():
            made.merge.weight[0, 0] += 1e-3
        return made

    monkeypatch.setattr(three_forms, "as_grouped", careless)
    assert not run(RunProgress()).verdict.holds
