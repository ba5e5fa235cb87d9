"""Every preset computes the published function: parameters, MACs and the signature of one forward pass.

``golden.json`` are the given figures, their signatures at the published size. ``golden_more.json`` are those of all other presets, computed
from the implementation that each names: parameters and MACs at the published size, the signature on a smaller picture, of side ``side``,
to stay quick. ``make test`` computes every second signature, ``make thorough`` all.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from counting import params
from signature import differences, signature
from torch.utils.flop_counter import FlopCounterMode

from blocks import analyse, catalog, reference
from tests.thorough import spread

DATA = Path(__file__).parent / "data"
GIVEN: dict[str, Any] = json.loads((DATA / "golden.json").read_text())
MORE: dict[str, Any] = json.loads((DATA / "golden_more.json").read_text())
ALL = GIVEN | MORE


def test_every_preset_has_figures() -> None:
    listed = {row["preset"] for row in csv.DictReader((Path(reference.__file__).parent / "presets.csv").open())}
    assert listed == set(ALL)
    assert not GIVEN.keys() & MORE.keys()


@pytest.mark.parametrize("name", sorted(ALL))
def test_parameters_and_macs(name: str) -> None:
    wanted = ALL[name]
    with torch.device("meta"):
        net = catalog.build(name).eval()
    assert params(net) == wanted["params"]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.empty(1, 3, wanted["size"], wanted["size"], device="meta"))
    assert counter.get_total_flops() == 2 * wanted["macs"]


@pytest.mark.parametrize("name", spread(sorted(ALL), 2))
def test_signature(name: str) -> None:
    wanted = ALL[name]
    side = wanted.get("side", wanted["size"])
    knobs = {"image_size": side} if side != wanted["size"] and "image_size" in {k.name for k in catalog.knobs(name)} else {}
    with torch.device("meta"):  # what the signature fills needs no initialisation before
        net = catalog.build(name, **knobs).double()
    assert {n.rpartition(".")[2] for n, _ in net.named_buffers()} <= {"running_mean", "running_var", "num_batches_tracked"}
    assert differences(signature(net.to_empty(device="cpu"), side), wanted["signature"]) == []


@pytest.mark.parametrize("name", sorted(ALL))
def test_our_own_trace_counts_the_same(name: str) -> None:
    """The figures that pages show come from here: nothing of torch's counter is in them."""
    wanted = ALL[name]
    knobs = {"image_size": wanted["size"]} if "image_size" in {k.name for k in catalog.knobs(name)} else {}
    analysis = analyse(name, (1, 3, wanted["size"], wanted["size"]), **knobs)
    assert (analysis.params, analysis.macs) == (wanted["params"], wanted["macs"])
    assert analysis.not_counted == []
