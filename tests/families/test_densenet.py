from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import analyse, catalog
from blocks.families.densenet import CspDenseBlock, DenseBlock, DenseLayer, DenseNet, Transition
from blocks.knobs import KnobError
from blocks.layers.common import InstanceBatchNorm

# torchvision's weight records state these.
PUBLISHED = {"densenet121": 7_978_856, "densenet161": 28_681_000, "densenet169": 14_149_480, "densenet201": 20_013_928}


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_parameters(name: str) -> None:
    assert analyse(name).params == PUBLISHED[name]


def test_layer_has_the_closed_forms_weights() -> None:
    c_in, growth, middle = 20, 6, 24
    convs = c_in * middle + 9 * middle * growth
    assert sum(p.numel() for p in DenseLayer(c_in, growth_rate=growth).parameters()) == convs + 2 * (c_in + middle)


def test_each_layer_sees_all_features_before_it_and_keeps_them() -> None:
    torch.manual_seed(0)
    net = DenseBlock(5, layers=4, growth_rate=3).double().eval()
    x = torch.randn(2, 5, 6, 7, dtype=torch.float64)
    features = [x]
    for layer in net:
        features.append(layer.body(torch.cat(features, 1)))
    out = net(x)
    assert out.shape[1] == 5 + 4 * 3
    torch.testing.assert_close(out, torch.cat(features, 1))
    torch.testing.assert_close(out[:, :5], x)


def test_transition_halves_channels_and_resolution() -> None:
    assert Transition(38)(torch.randn(2, 38, 8, 6)).shape == (2, 19, 4, 3)


def test_depth_is_the_number_of_weight_layers() -> None:
    for layers in (121, 161, 169, 201):
        with torch.device("meta"):
            net = catalog.build(f"densenet{layers}")
        assert sum(isinstance(m, (nn.Conv2d, nn.Linear)) for m in net.modules()) == layers


def test_ibn_is_in_every_third_layer_of_all_blocks_but_the_last_and_costs_nothing() -> None:
    with torch.device("meta"):
        net = catalog.build("densenet121_ibn_a")
    assert sum(isinstance(m, InstanceBatchNorm) for m in net.modules()) == 2 + 4 + 8
    assert not any(isinstance(m, InstanceBatchNorm) for m in net.stages[-1].modules())
    assert analyse("densenet121_ibn_a").params == analyse("densenet121").params


def test_instance_norm_takes_a_pictures_own_contrast_out_of_its_share_of_channels() -> None:
    torch.manual_seed(0)
    norm = InstanceBatchNorm(10, share=0.4, instance_first=False).eval()
    x = torch.randn(2, 10, 9, 9)
    changed = norm(3 * x + 1) - norm(x)
    assert changed[:, 6:].abs().max() < 1e-4
    assert changed[:, :6].abs().max() > 1


@pytest.mark.parametrize("fusion", ["both", "fusion_first", "fusion_last"])
def test_csp_dense_block_keeps_the_width_of_a_block_and_its_transition(fusion: str) -> None:
    c_in, layers, growth = 24, 3, 8
    net = CspDenseBlock(c_in, layers=layers, growth_rate=growth, fusion=fusion)
    assert net(torch.randn(2, c_in, 5, 6)).shape == (2, (c_in + layers * growth) // 2, 5, 6)


def test_part_around_reaches_the_fusion_untouched() -> None:
    net = CspDenseBlock(12, layers=2, growth_rate=4, fusion="fusion_last", partial_ratio=0.25, compression=1.0).eval()
    x = torch.randn(1, 12, 4, 4)
    torch.testing.assert_close(net(x)[:, :3], x[:, :3])


def test_a_larger_partial_ratio_saves_work_in_the_dense_layers() -> None:
    """The first 1x1 of each of n layers reads γ·C_in channels less: γ·C_in·b·k_g·H·W MACs a layer."""

    def inside(ratio: float) -> int:
        table = analyse("csp_dense_block", c_in=64, layers=4, growth_rate=16, partial_ratio=ratio).graph
        return sum(n.macs for n in table.nodes if ".stage.stage." in f".{table.path(n)}.")

    assert inside(0.25) - inside(0.75) == 4 * (48 - 16) * 64 * 28 * 28


def test_dropout_is_there_only_in_training() -> None:
    torch.manual_seed(0)
    net = DenseLayer(8, growth_rate=4, dropout=0.5)
    x = torch.randn(2, 8, 16, 16)
    assert (net.train()(x)[:, 8:] == 0).float().mean() == pytest.approx(0.5, abs=0.08)
    assert (net.eval()(x)[:, 8:] == 0).float().mean() < 0.01


@pytest.mark.parametrize(
    ("knobs", "argument"),
    [
        ({"groups": 5}, "groups"),
        ({"norm": "group"}, "norm"),
        ({"partial_ratio": 0.05, "stem_width": 8}, "partial_ratio"),
        ({"partial_ratio": 0.95, "fusion": "fusion_last", "compression": 0.05}, "partial_ratio"),
    ],
)
def test_bad_knobs_say_which_value_works(knobs: dict, argument: str) -> None:
    with torch.device("meta"):
        with pytest.raises(KnobError) as caught:
            catalog.build("densenet121", **knobs)
        assert caught.value.argument == argument
        catalog.build("densenet121", **{**knobs, argument: caught.value.nearest[0]})


def test_combined_parts_run_and_train() -> None:
    net = DenseNet(depths=(3, 2), growth_rate=8, stem_width=16, groups=4, se_ratio=2, norm="ibn_a", partial_ratio=0.25, fusion="fusion_first", num_classes=5)
    y = net.train()(torch.randn(2, 3, 64, 64))
    assert y.shape == (2, 5)
    y.square().sum().backward()
    assert all(p.grad is not None for p in net.parameters())
