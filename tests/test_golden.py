"""Every preset with published figures computes the published function: parameters, MACs and the signature of one forward pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from signature import differences, signature
from torch.utils.flop_counter import FlopCounterMode

from blocks import analyse, catalog

GOLDEN = json.loads((Path(__file__).parent / "data" / "golden.json").read_text())


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_parameters_and_macs(name: str) -> None:
    wanted = GOLDEN[name]
    with torch.device("meta"):
        net = catalog.build(name).eval()
    assert sum(p.numel() for p in net.parameters()) == wanted["params"]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.empty(1, 3, wanted["size"], wanted["size"], device="meta"))
    assert counter.get_total_flops() == 2 * wanted["macs"]


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_signature(name: str) -> None:
    wanted = GOLDEN[name]
    assert differences(signature(catalog.build(name), wanted["size"]), wanted["signature"]) == []


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_our_own_trace_counts_the_same(name: str) -> None:
    """The figures that pages show come from here: nothing of torch's counter is in them."""
    wanted = GOLDEN[name]
    knobs = {"image_size": wanted["size"]} if "image_size" in {k.name for k in catalog.knobs(name)} else {}
    analysis = analyse(name, (1, 3, wanted["size"], wanted["size"]), **knobs)
    assert (analysis.params, analysis.macs) == (wanted["params"], wanted["macs"])
    assert analysis.not_counted == []
