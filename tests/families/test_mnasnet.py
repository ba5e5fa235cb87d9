"""MnasNet: published sizes, the paper's A1, the search space as a thing to draw from, refusals."""

from __future__ import annotations

import random

import pytest
import torch
from counting import macs, params

from blocks import catalog
from blocks.families.mnasnet import MnasNet, sample_architecture
from blocks.knobs import KnobError

# torchvision's weights (num_params); A1: timm's results for semnasnet_100, and 3.9 M, 312 M in the paper's table 1.
PUBLISHED = {"mnasnet0_5": 2_218_512, "mnasnet0_75": 3_170_208, "mnasnet1_0": 4_383_312, "mnasnet1_3": 6_282_256, "mnasnet_a1": 3_887_038}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_parameters(name: str) -> None:
    with torch.device("meta"):
        assert params(catalog.build(name)) == PUBLISHED[name]


def test_multiply_adds_of_a1() -> None:
    with torch.device("meta"):
        assert round(macs(catalog.build("mnasnet_a1"), 1, 3, 224, 224) / 1e6) == 312


def test_samples_build_differ_and_repeat() -> None:
    drawn = [sample_architecture(random.Random(seed)) for seed in range(6)]
    assert drawn == [sample_architecture(random.Random(seed)) for seed in range(6)]
    with torch.device("meta"):
        nets = [catalog.build("mnasnet1_0", **knobs) for knobs in drawn]
        costs = {macs(net, 1, 3, 224, 224) for net in nets}
    assert len(costs) == len(drawn)


def test_combinations_train() -> None:
    net = MnasNet(
        width_mult=0.25,
        widths=(16, 24, 24, 40, 48, 64),
        depths=(1, 2, 1, 1, 2, 1),
        kernels=(7, 3, 5, 3, 9, 3),
        expansions=(1, 2, 3, 4, 5, 6),
        se_ratios=(2, 0, 4, 0, 8, 100),
    )
    net(torch.randn(2, 3, 64, 64)).square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize(
    ("knobs", "argument"),
    [
        ({"kernels": (3, 4, 5, 3, 5, 3)}, "kernels"),
        ({"depths": (3, 3)}, "depths"),
        ({"se_ratios": (0,) * 9}, "se_ratios"),
        ({"expansions": (3, 3, 6, 6, 6, 99)}, "expansions"),
    ],
)
def test_refused(knobs: dict, argument: str) -> None:
    with pytest.raises(KnobError) as caught:
        MnasNet(**knobs)
    assert caught.value.argument == argument
    with torch.device("meta"):
        assert caught.value.nearest
        for value in caught.value.nearest:
            MnasNet(**{argument: value})
