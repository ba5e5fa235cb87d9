"""How far a count was checked: what torch's counter agrees on, what it contradicts, what it has no formula for, and what has no rule."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.cost.check import Check, Difference, check, check_from
from blocks.language import speaking
from blocks.trace.errors import TraceError
from blocks.trace.rules import RULES, Out


@torch.library.custom_op("checks::twice", mutates_args=())
def twice(x: Tensor) -> Tensor:
    return x * 2


twice.register_fake(torch.empty_like)


class Several(nn.Module):
    """Products of all kinds: a convolution, linear layers, attention, a recurrent layer, a matrix times a vector."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 4, stride=4)
        self.layers = nn.Sequential(nn.Linear(8, 8), nn.GELU(), nn.Linear(8, 8))
        self.lstm = nn.LSTM(8, 6, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.layers(self.conv(x).flatten(2).transpose(1, 2))
        y = F.scaled_dot_product_attention(y[:, None], y[:, None], y[:, None])[:, 0]
        return self.lstm(twice(y))[0] @ torch.ones(6)


def test_every_product_is_held_against_torchs_counter() -> None:
    found = check(Several(), (2, 3, 16, 12))
    assert found.agreeing == 5  # the convolution, two linear layers, attention, the matrix times a vector
    assert found.differing == ()
    assert found.no_formula == (("lstm", "lstm"),)
    assert found.no_rule == (("twice", ""),)
    assert found.sentences() == [
        "torch's counter agrees on all 5 products.", "torch's counter has no formula for 1 product (lstm).", "1 operation has no rule (twice).",
    ]  # fmt: skip


def test_a_wrong_rule_is_named_with_the_module_that_it_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = RULES[F.linear]

    def doubled(*args: Any, **kwargs: Any) -> Out:
        out = right.func(*args, **kwargs)
        out.macs *= 2
        return out

    monkeypatch.setitem(RULES, F.linear, dataclasses.replace(right, func=doubled))
    found = check(Several(), (2, 3, 16, 12))
    macs = 2 * 12 * 8 * 8
    assert found.differing == (Difference("linear", "layers.0", 2 * macs, macs), Difference("linear", "layers.2", 2 * macs, macs))
    assert found.sentences()[:2] == ["torch's counter agrees on 3 of 5 products.", "linear in layers.0: 3 072 MACs here, 1 536 by torch's counter"]


def test_scripted_parts_and_heads_that_share_keys_are_compared_too() -> None:
    class Shared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scripted = torch.jit.script(nn.Sequential(nn.Linear(8, 8), nn.ReLU()))

        def forward(self, x: Tensor) -> Tensor:
            y = self.scripted(x)
            return F.scaled_dot_product_attention(y, y[:, :2], y[:, :2], enable_gqa=True)

    assert check(Shared(), (2, 4, 5, 8)) == Check(2)


def test_a_check_travels_as_json_and_is_said_in_two_languages() -> None:
    found = Check(7, (Difference("linear", "", 12, 6),), (("lstm", "a"),), (("twice", "b"),))
    assert check_from(json.loads(json.dumps(found.as_json()))) == found
    with speaking("zh"):
        assert found.sentences()[0] == "8 次乘积中，torch 计数器与其中 7 次一致。"
        assert "整个网络" in found.sentences()[1]
    assert Check(0).sentences() == ["The network has no product that torch's counter knows."]


def test_what_cannot_be_traced_is_not_checked() -> None:
    with pytest.raises(TraceError, match="expects 3 channels"):
        check(nn.Conv2d(3, 4, 3), (1, 5, 8, 8))
