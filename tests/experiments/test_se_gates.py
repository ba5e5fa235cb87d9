"""SE's gates: read where they are, one number a channel, differing by picture."""

from __future__ import annotations

import pytest
import torch

from blocks.experiments import se_gates
from blocks.experiments.base import RunProgress, Stopped
from blocks.experiments.se_gates import WIDTHS, gated_network, gates_of, run
from blocks.layers.common import SqueezeExcite


def test_after_training_late_gates_differ_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(se_gates, "STEPS", 30)
    found = run(RunProgress(), se_ratio=4)
    assert found.verdict.holds
    assert [tuple(g.shape) for g in found.gates] == [(7, width) for width in WIDTHS]
    assert found.accuracy > 1.5 / se_gates.CLASSES


def test_gates_are_the_sigmoid_of_the_squeezed_map() -> None:
    torch.manual_seed(4)
    net, x = gated_network(2).eval(), torch.randn(2, 3, 32, 32)
    inputs: list[torch.Tensor] = []
    gate = next(m for m in net.modules() if isinstance(m, SqueezeExcite))
    gate.register_forward_hook(lambda _m, i, _o: inputs.append(i[0]))
    found = gates_of(net, x)[0]
    pooled = inputs[0].mean((2, 3))
    hidden = torch.relu(pooled @ gate.reduce.weight.flatten(1).T + gate.reduce.bias)
    assert torch.allclose(found, torch.sigmoid(hidden @ gate.expand.weight.flatten(1).T + gate.expand.bias), atol=1e-6)


def test_stop_is_heard() -> None:
    with pytest.raises(Stopped):
        run(RunProgress(stopped=lambda: True))
