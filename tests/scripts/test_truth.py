"""``make truth`` on networks made here: right, wrong, refused, unclear, and the table of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from blocks.trace.rules import RULES, Out, Rule
from scripts import truth
from scripts.truth_check import MEMORY, held_against, memory_ratios, real_run
from scripts.truth_networks import Collection, OpenedNetwork


class Made(nn.Module):
    def __init__(self, look: bool = False) -> None:
        super().__init__()
        self.look, self.layer, self.vector = look, nn.Linear(6, 5), nn.Parameter(torch.rand(5))

    def forward(self, x: Tensor, *, skip: bool = False) -> dict[str, Any]:
        if self.look and x.sum() > 0:
            return {"x": x}
        y = self.layer(x)
        return {"scores": y @ self.vector, "all": [y, None if skip else x]}


def collection(**made: Any) -> Collection:
    def opened(_: str) -> Iterator[OpenedNetwork]:
        network = Made(**made)
        yield OpenedNetwork(network, [torch.rand(2, 7)])  # not its inputs
        yield OpenedNetwork(network, [torch.rand(2, 6)])

    return Collection(lambda: ["a"], opened)


def test_a_right_network_is_run_on_meta_and_agrees() -> None:
    run = real_run(collection(), "a")
    assert (run.device, run.macs, run.shapes) == ("meta", 2 * 6 * 5 + 2 * 5, [(2,), (2, 5), (2, 6)])
    found = held_against(run)
    assert (found["status"], found["params"], found["not counted"]) == ("right", 40, [])


def test_memory_is_a_ratio_to_real_storages() -> None:
    found = held_against(real_run(collection(), "a", ("cpu",)), memory=True)
    assert found["status"] == "right"
    assert [found[name] for name in MEMORY] == [1, 1, 1, 1]


def test_what_cannot_be_measured_says_what_torch_said() -> None:
    run = real_run(collection(), "a", ("cpu",))
    run.opened.network.register_forward_hook(lambda *_: torch.zeros(2, 3) @ torch.zeros(2, 3))
    assert str(memory_ratios(run)["saved memory"]).startswith("RuntimeError: mat1 and mat2 shapes cannot be multiplied")


def test_a_wrong_rule_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    linear = nn.functional.linear
    monkeypatch.setitem(RULES, linear, Rule(lambda *_: Out((2, 5), macs=1), "linear", "linear"))
    found = held_against(real_run(collection(), "a"))
    assert (found["status"], found["reason"]) == ("wrong", "MACs: 11 where torch says 70")


def test_a_network_that_asks_its_data_is_refused_with_its_line() -> None:
    run = real_run(collection(look=True), "a")
    assert run.device == "cpu"  # on meta torch itself refuses
    found = held_against(run)
    assert found["status"] == "refused"
    assert "test_truth.py, line" in found["reason"]


def test_what_does_not_run_raises_what_torch_said() -> None:
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        real_run(Collection(lambda: ["a"], lambda _: iter([OpenedNetwork(Made(), [torch.rand(2, 7)])])), "a")


def test_the_table_counts_by_collection_and_groups_reasons() -> None:
    records = [
        {
            "collection": "timm",
            "name": "a",
            "status": "right",
            "reason": "",
            "not counted": ["deform"],
            "peak memory": 1.0,
            "saved memory": 0.98,
            "saved, bfloat16": "RuntimeError: no",
            "saved, autocast": 1.0,
        },
        {"collection": "timm", "name": "b", "status": "refused", "reason": "blocks.1: looks at 3 values"},
        {"collection": "timm", "name": "c", "status": "refused", "reason": "stem: looks at 14 values\nand more"},
        {"collection": "other", "name": "d", "status": "does not run", "reason": "RuntimeError: no"},
    ]
    lines = truth.truth_table(records).split("\n")
    assert lines[1].split() == ["timm", "3", "1", "0", "2", "0", "33.3", "%", "0"]
    assert lines[2].split() == ["other", "0", "0", "0", "0", "0", "1"]
    assert "     2  looks at # values" in lines
    assert "Operations without a rule: deform (in 1)" in lines
    assert " ".join(lines[-2].split()) == "timm 1 of 1, 1.000 to 1.000 0 of 1, 0.980 to 0.980 none 1 of 1, 1.000 to 1.000"
    assert lines[-1].split() == ["timm", "a:", "saved", "memory", "0.9800"]


def test_names_are_picked_from_all_over_the_list() -> None:
    names = [str(i) for i in range(10)]
    assert truth.evenly(names, 3) == ["0", "3", "6"]
    assert truth.evenly(names, 0) == truth.evenly(names, 99) == names
