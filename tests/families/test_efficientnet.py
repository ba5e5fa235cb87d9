"""EfficientNet: the compound rule, B0 to B7, the block's rounding, stochastic depth in training, refusals."""

from __future__ import annotations

import pytest
import torch
from counting import macs, params, weights

from blocks import catalog
from blocks.families.efficientnet import EFFICIENTNET_VARIANTS, EfficientNet, MBConv, compound_scaling, growth
from blocks.knobs import KnobError

# torchvision's weights: num_params, and billion multiply-adds (_ops) at the published size.
PUBLISHED = {
    "efficientnet_b0": (5_288_548, 0.386), "efficientnet_b1": (7_794_184, 0.687),
    "efficientnet_b2": (9_109_994, 1.088), "efficientnet_b3": (12_233_232, 1.827),
    "efficientnet_b4": (19_341_616, 4.394), "efficientnet_b5": (30_389_784, 10.266),
    "efficientnet_b6": (43_040_704, 19.068), "efficientnet_b7": (66_347_960, 37.746),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_sizes(name: str) -> None:
    count, billions = PUBLISHED[name]
    # torchvision states B2's operations at the 288 pixels that its weights use, not at B2's own 260.
    shape = (1, 3, 288, 288) if name == "efficientnet_b2" else catalog.input_shape(name)
    with torch.device("meta"):
        net = catalog.build(name)
    assert params(net) == count
    assert round(macs(net, *shape) / 1e9, 3) == billions


def test_compound_constraint() -> None:
    assert round(growth(), 2) == 1.92
    assert growth(2.0, 1.0, 1.0) == 2.0


@pytest.mark.parametrize("phi", [0, 0.5, 1, 3, 6.6])
def test_compound_scaling(phi: float) -> None:
    depth, width, side = compound_scaling(phi)
    assert depth == pytest.approx(1.2**phi)
    assert width == pytest.approx(1.1**phi)
    assert abs(side - 224 * 1.15**phi) <= 0.5


def test_macs_follow_the_constraint() -> None:
    """One step of φ costs about a·b²·c² as much; rounding of widths and repeats moves small steps, so three are taken."""
    with torch.device("meta"):
        depth, width, side = compound_scaling(3)
        base = macs(EfficientNet(), 1, 3, 224, 224)
        grown = macs(EfficientNet(width_mult=width, depth_mult=depth), 1, 3, side, side)
    assert (grown / base) ** (1 / 3) == pytest.approx(growth(), rel=0.1)


def test_published_variants_stay_near_the_rule() -> None:
    """B1 to B7 are φ = 0.5, 1, 2, 3.5, 5, 6, 7 rounded by hand (the paper's code): resolutions within 8 %."""
    for phi, (_, _, side, _) in zip((0, 0.5, 1, 2, 3.5, 5, 6, 7), EFFICIENTNET_VARIANTS, strict=True):
        assert compound_scaling(phi).resolution == pytest.approx(side, rel=0.08)


def test_block_weights() -> None:
    c_in, c_out, t, k, r = 24, 40, 6, 5, 4
    c_mid = t * c_in
    assert weights(MBConv(c_in, c_out, expansion=float(t), kernel_size=k, se_ratio=r)) == c_mid * (c_in + k * k + c_out) + 2 * c_mid * (c_in // r)


def test_stochastic_depth_drops_whole_pictures_in_training_only() -> None:
    torch.manual_seed(0)
    block = MBConv(8, 8, drop_path=0.5, se_ratio=0).double()
    x = torch.randn(64, 8, 5, 5, dtype=torch.float64)
    branch = (block.train()(x) - x).flatten(1).abs().sum(1)
    skipped = (branch == 0).sum().item()
    assert 16 < skipped < 48
    block.eval()
    assert ((block(x) - x).flatten(1).abs().sum(1) > 0).all()
    assert torch.equal(block(x), block(x))


def test_survivors_are_scaled_so_that_the_mean_is_the_branch() -> None:
    torch.manual_seed(0)
    block = MBConv(4, 4, drop_path=0.25, se_ratio=0).double()
    for m in block.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            m.eval()  # so that branches do not depend on the other pictures
    block.training = block.drop_path.training = True
    x = torch.randn(1, 4, 3, 3, dtype=torch.float64)
    kept = block.body(x) / 0.75
    outputs = block(x.expand(200, -1, -1, -1)) - x
    dropped = outputs.flatten(1).abs().sum(1) < 1e-9
    assert 0 < dropped.sum() < 200
    assert torch.allclose(outputs[~dropped], kept.expand(int((~dropped).sum()), -1, -1, -1), atol=1e-10)


def test_drop_path_grows_with_depth() -> None:
    rates = [m.drop_path.p for m in EfficientNet(drop_path=0.2).modules() if hasattr(m, "drop_path")]
    assert rates == sorted(rates)
    assert rates[-1] < 0.2


@pytest.mark.parametrize("knobs", [{"se_ratio": 0, "depth_mult": 0.4}, {"kernel_size": 7, "large_kernel": 3}, {"expansion": 2.5, "activation": "hardswish"}])
def test_combinations_train(knobs: dict) -> None:
    net = EfficientNet(width_mult=0.25, num_classes=3, drop_path=0.0, **knobs)
    net(torch.randn(2, 3, 64, 64)).square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize(("knobs", "argument"), [({"depth_mult": 0.0}, "depth_mult"), ({"drop_path": 1.0}, "drop_path"), ({"kernel_size": 4}, "kernel_size")])
def test_refused(knobs: dict, argument: str) -> None:
    with pytest.raises(KnobError) as caught:
        EfficientNet(**knobs)
    assert caught.value.argument == argument
    with torch.device("meta"):
        for value in caught.value.nearest:
            EfficientNet(**{argument: value})
