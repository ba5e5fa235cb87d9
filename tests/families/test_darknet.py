from __future__ import annotations

import pytest
import torch

from blocks import analyse, catalog
from blocks.families.darknet import Darknet, DarknetBlock
from blocks.knobs import KnobError


def test_block_has_the_closed_forms_weights() -> None:
    """1x1 to C/2 and 3x3 back, each with the two parameters a channel of its norm."""
    channels, middle = 48, 24
    net = DarknetBlock(channels)
    assert sum(p.numel() for p in net.parameters()) == channels * middle + 2 * middle + 9 * middle * channels + 2 * channels


def test_block_adds_its_input_and_activates_nothing_afterwards() -> None:
    net = DarknetBlock(6, activation="relu").eval()
    with torch.no_grad():
        net.body[1].norm.weight.zero_()
        net.body[1].norm.bias.fill_(0.25)
        x = torch.randn(2, 6, 5, 7)
        torch.testing.assert_close(net(x), x + 0.25)


def test_depth_counts_the_53_layers_of_table_1() -> None:
    """52 convolutions and the classifier."""
    with torch.device("meta"):
        net = Darknet()
    assert sum(isinstance(m, (torch.nn.Conv2d, torch.nn.Linear)) for m in net.modules()) == 53


@pytest.mark.parametrize(
    ("knobs", "argument"),
    [({"groups": 3}, "groups"), ({"widths": (64, 128)}, "widths"), ({"bottleneck": 0.125, "width_mult": 0.05}, "bottleneck")],
)
def test_bad_knobs_say_which_value_works(knobs: dict, argument: str) -> None:
    with pytest.raises(KnobError) as caught:
        catalog.build("darknet53", **knobs)
    assert caught.value.argument == argument
    assert caught.value.nearest
    with torch.device("meta"):
        catalog.build("darknet53", **{**knobs, argument: caught.value.nearest[0]})


def test_knobs_that_no_paper_combined_run_and_train() -> None:
    net = catalog.build("darknet53", depths=(1, 1), widths=(16, 32), groups=4, se_ratio=4, kernel_size=5, drop_path=0.5, activation="silu", num_classes=7)
    y = net.train()(torch.randn(2, 3, 33, 32))
    assert y.shape == (2, 7)
    y.sum().backward()
    assert net.stem.conv.weight.grad.abs().sum() > 0


def test_dropped_branches_leave_the_identity() -> None:
    net = DarknetBlock(8, drop_path=0.95).train()
    x = torch.randn(64, 8, 3, 3)
    same = (net(x) == x).flatten(1).all(1)
    assert 32 < same.sum() < 64 or same.all()
    assert not (net.eval()(x) == x).flatten(1).all(1).any()


def test_counts_scale_with_the_square_of_the_width() -> None:
    whole, half = (analyse("darknet53", width_mult=w).macs for w in (1.0, 0.5))
    assert half == pytest.approx(whole / 4, rel=0.02)
