"""CondenseNet: stages of condensation, what is pruned, the conversion's equality, published sizes, refusals."""

from __future__ import annotations

import pytest
import torch
from counting import macs, params, weights
from torch import nn

from blocks import catalog
from blocks.families.condensenet import (
    CondensedConvolution,
    CondenseLayer,
    CondenseNet,
    LearnedGroupConvolution,
    condense,
    converted,
    group_lasso,
    learned_convolutions,
)
from blocks.knobs import KnobError

# The paper's tables 4 and 5 (million parameters of the converted networks).
PUBLISHED = {"condensenet74_g4": 4.8, "condensenet74_g8": 2.9, "condensenet86_cifar": 0.52, "condensenet182_cifar": 4.2}
SMALL = {"depths": (2, 3), "growths": (8, 16), "num_classes": 6, "stem_stride": 1}


def unsettle(net: nn.Module) -> nn.Module:
    """Norms that do something, in float64 and eval mode."""
    torch.manual_seed(1)
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.normal_(m.weight)
            nn.init.normal_(m.bias)
            m.running_mean.normal_()
            m.running_var.uniform_(0.5, 2)
    return net.double().eval()


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_parameters(name: str) -> None:
    with torch.device("meta"):
        assert params(catalog.build(name)) / 1e6 == pytest.approx(PUBLISHED[name], rel=0.015)


@pytest.mark.parametrize(("c_in", "c_out", "g", "c"), [(24, 32, 4, 4), (24, 32, 4, 3), (24, 30, 3, 8), (20, 12, 1, 5)])
def test_conversion_keeps_the_function(c_in: int, c_out: int, g: int, c: int) -> None:
    torch.manual_seed(0)
    learned = unsettle(LearnedGroupConvolution(c_in, c_out, groups=g, condensation=c))
    for _ in range(c - 1):
        assert learned.condense()
    fast = learned.condensed()
    x = torch.randn(2, c_in, 5, 6, dtype=torch.float64)
    assert torch.allclose(learned(x), fast(x), atol=1e-12)
    assert weights(fast) == c_in * c_out // c
    assert weights(learned) == c_in * c_out
    assert macs(fast, 1, c_in, 5, 6) == 30 * c_in * c_out // c


def test_each_stage_prunes_the_least_inputs_of_each_group() -> None:
    torch.manual_seed(0)
    conv = LearnedGroupConvolution(12, 8, groups=2, condensation=4)
    importance = torch.stack([conv.conv.weight[i::2].abs().sum(0).flatten() for i in range(2)])  # output o is in group o mod 2
    for stage in range(1, 4):
        assert conv.condense()
        assert conv.stage == stage
        for i in range(2):
            wanted = set(importance[i].argsort(descending=True)[: 12 - 3 * stage].tolist())
            assert set(conv.kept[i].nonzero().flatten().tolist()) == wanted
    assert not conv.condense()
    assert conv.stage == 3


def test_pruned_connections_get_no_gradient() -> None:
    conv = LearnedGroupConvolution(8, 4, groups=2, condensation=2)
    conv.condense()
    conv(torch.randn(2, 8, 3, 3)).square().sum().backward()
    grad = conv.conv.weight.grad
    assert grad is not None
    assert torch.equal(grad != 0, conv.mask > 0)


def test_condensing_stages_fill_the_first_half_of_the_training() -> None:
    net = CondenseNet(**SMALL, form="learned")
    stages = []
    for progress in (0.0, 0.16, 0.17, 0.33, 0.34, 0.49, 0.5, 1.0):
        condense(net, progress)
        stages.append({conv.stage for conv in learned_convolutions(net)})
    assert stages == [{0}, {0}, {1}, {1}, {2}, {2}, {3}, {3}]


def test_group_lasso_is_the_sum_of_column_norms() -> None:
    conv = LearnedGroupConvolution(6, 4, groups=2, condensation=3).double()
    weight = conv.conv.weight.flatten(1)
    wanted = sum(weight[i::2, j].norm() for i in range(2) for j in range(6))
    assert torch.allclose(conv.group_lasso(), wanted)
    group_lasso(CondenseNet(**SMALL, form="learned")).backward()


def test_a_whole_network_converts() -> None:
    torch.manual_seed(0)
    net = CondenseNet(**SMALL, form="learned", kept_features=1.0, condensation=2)
    unsettle(net)
    condense(net, 0.5)
    fast = converted(net)
    x = torch.randn(2, 3, 16, 16, dtype=torch.float64)
    assert torch.allclose(net(x), fast(x), atol=1e-10)
    bare = catalog.build("condensenet74_g4", **SMALL, kept_features=1.0, condensation=2)
    assert params(fast) == params(bare)


def test_the_condensed_classifier_reads_the_heaviest_features() -> None:
    net = CondenseNet(**SMALL, form="learned")
    fast = converted(net)
    heavy = net.classifier.weight.abs().sum(0).argsort(descending=True)[: len(fast.classifier.index)]
    assert set(fast.classifier.index.tolist()) == set(heavy.tolist())
    assert len(fast.classifier.index) == net.classifier.in_features // 2


def test_a_layer_adds_its_growth_and_keeps_its_input() -> None:
    layer = CondenseLayer(32, 8).eval()
    x = torch.randn(1, 32, 5, 5)
    y = layer(x)
    assert y.shape == (1, 40, 5, 5)
    assert torch.equal(y[:, :32], x)


@pytest.mark.parametrize(
    "knobs", [{"form": "learned", "dropout": 0.2}, {"groups": 2, "condensation": 8, "spatial_groups": 1}, {"kernel_size": 5, "bottleneck": 2}]
)
def test_combinations_train(knobs: dict) -> None:
    net = CondenseNet(**SMALL, **knobs)
    net(torch.randn(2, 3, 16, 16)).square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize(("knobs", "argument"), [({"groups": 3}, "groups"), ({"condensation": 5}, "condensation")])
@pytest.mark.parametrize("cls", [LearnedGroupConvolution, CondensedConvolution])
def test_refused(cls: type, knobs: dict, argument: str) -> None:
    with pytest.raises(KnobError) as caught:
        cls(24, 32, **knobs)
    assert caught.value.argument == argument
    assert caught.value.nearest
    for value in caught.value.nearest:
        cls(24, 32, **{argument: value})


def test_growths_and_depths_agree() -> None:
    with pytest.raises(KnobError, match="growths") as caught:
        CondenseNet(depths=(2, 2), growths=(8, 16, 32))
    CondenseNet(depths=(2, 2), growths=caught.value.nearest[0])
