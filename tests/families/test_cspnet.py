from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import analyse, catalog
from blocks.families.cspnet import CspStage
from blocks.families.resnet import Bottleneck
from blocks.knobs import KnobError
from blocks.layers.common import CrossStagePartial

# timm states 20.57 M for cspresnext50, and 4.05 G multiply-accumulates at 256 with norms and activations in them.
PUBLISHED = {"cspresnext50": 20_569_896}
FUSIONS = ["both", "fusion_first", "fusion_last"]


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_parameters(name: str) -> None:
    assert analyse(name).params == PUBLISHED[name]


def test_cspresnext_macs_are_those_of_the_published_table_up_to_its_norms() -> None:
    assert analyse("cspresnext50").macs == pytest.approx(4.05e9, rel=0.01)


def identity_stage(width: int) -> tuple[nn.Module, int]:
    return nn.Identity(), width


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("ratio", [0.25, 0.5, 0.75])
def test_wrapper_has_the_closed_forms_weights(fusion: str, ratio: float) -> None:
    """Expansion to t·C_out, a first transition as wide as the part through the stage, a last one back to C_out."""
    c_in, c_out, t = 12, 40, 2.0
    wide = c_out if fusion == "fusion_last" else int(c_out * t)
    around = int(wide * ratio)
    through = wide - around
    convs = [(c_in, wide)]
    if fusion != "fusion_first":
        convs.append((through, through))
    if fusion != "fusion_last":
        convs.append((wide, c_out))
    net = CrossStagePartial(c_in, c_out, identity_stage, partial_ratio=ratio, fusion=fusion, expansion=t)
    assert sum(p.numel() for p in net.parameters()) == sum(a * b + 2 * b for a, b in convs)
    assert net(torch.randn(2, c_in, 5, 6)).shape == (2, c_out, 5, 6)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_any_stage_can_be_wrapped(fusion: str) -> None:
    def stage(width: int) -> tuple[nn.Module, int]:
        return nn.Sequential(nn.Conv2d(width, 9, 3, padding=1), nn.ReLU()), 9

    net = CrossStagePartial(16, 24, stage, partial_ratio=0.25, fusion=fusion, stride=2, expansion=1.0)
    assert net(torch.randn(1, 16, 9, 8)).shape == (1, 24, 5, 4)


def test_part_around_is_not_touched_by_the_stage() -> None:
    """The gradient of the stage's weights does not depend on the channels that go around, and they reach the fusion as they are."""
    net = CrossStagePartial(8, 8, lambda w: (nn.Conv2d(w, w, 1), w), partial_ratio=0.5, fusion="fusion_last", expansion=None).eval()
    x = torch.randn(1, 8, 3, 3)
    y = net(x)
    torch.testing.assert_close(y[:, :4], x[:, :4])
    moved = x.clone()
    moved[:, :4] += 1
    torch.testing.assert_close(net(moved)[:, 4:], y[:, 4:])


def test_a_stage_costs_less_the_more_goes_around() -> None:
    macs = [analyse("csp_stage", partial_ratio=r).macs for r in (0.05, 0.25, 0.5, 0.75)]
    assert macs == sorted(macs, reverse=True)


def test_partial_blocks_are_the_residual_networks_own() -> None:
    with torch.device("meta"):
        net = catalog.build("cspresnet50")
    assert sum(isinstance(m, Bottleneck) for m in net.modules()) == 3 + 3 + 5 + 2


@pytest.mark.parametrize("name", ["cspresnet50", "cspdarknet53", "resnet50", "csp_densenet121"])
@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("ratio", [0.25, 0.6])
def test_every_network_takes_every_fusion_and_ratio(name: str, fusion: str, ratio: float) -> None:
    analysis = analyse(name, fusion=fusion, partial_ratio=ratio)
    assert analysis.output_shape == (1, 1000)
    assert not analysis.not_counted


@pytest.mark.parametrize(
    ("name", "knobs", "argument"),
    [
        ("cspresnet50", {"groups": 5}, "groups"),
        ("cspresnet50", {"widths": (64,)}, "widths"),
        ("cspresnet50", {"partial_ratio": 1.0}, "partial_ratio"),
        ("cspresnet50", {"partial_ratio": 0.05, "width_mult": 0.05}, "partial_ratio"),
        ("cspdarknet53", {"groups": 3}, "groups"),
        ("cspdarknet53", {"fusion": "last"}, "fusion"),
    ],
)
def test_bad_knobs_say_which_value_works(name: str, knobs: dict, argument: str) -> None:
    with torch.device("meta"):
        with pytest.raises(KnobError) as caught:
            catalog.build(name, **knobs)
        assert caught.value.argument == argument
        catalog.build(name, **{**knobs, argument: caught.value.nearest[0]})


@pytest.mark.parametrize("body", ["bottleneck", "darknet"])
@pytest.mark.parametrize("fusion", FUSIONS)
def test_combined_parts_run_and_train(body: str, fusion: str) -> None:
    net = CspStage(16, 32, body=body, repeats=2, fusion=fusion, partial_ratio=0.25, groups=4, stride=2, se_ratio=4, kernel_size=5, drop_path=0.2, grow=True)
    y = net.train()(torch.randn(4, 16, 10, 12))
    assert y.shape == (4, 32, 5, 6)
    y.square().sum().backward()
    assert all(p.grad is not None for p in net.parameters())
