"""VGG: the paper's arithmetic, published counts, dense evaluation, starting deeper networks from A, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks import catalog
from blocks.families.vgg import VGG, VGGStage, fully_convolutional, initialise_from
from blocks.knobs import KnobError

SMALL = {"width_mult": 0.0625, "hidden": 24, "num_classes": 5}

# torchvision's documentation of its weights ("num_params"); network C from table 1 of the paper, 134 M.
PUBLISHED = {
    "vgg11": 132_863_336, "vgg13": 133_047_848, "vgg16": 138_357_544, "vgg19": 143_667_240,
    "vgg11_bn": 132_868_840, "vgg13_bn": 133_053_736, "vgg16_bn": 138_365_992, "vgg19_bn": 143_678_248,
}  # fmt: skip
PAPER_MILLIONS = {"vgg11": 133, "vgg13": 133, "vgg16_c": 134, "vgg16": 138, "vgg19": 144}


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_parameters(name: str) -> None:
    with torch.device("meta"):
        assert count(catalog.build(name)) == PUBLISHED[name]


@pytest.mark.parametrize("name", PAPER_MILLIONS)
def test_parameters_of_table_2(name: str) -> None:
    with torch.device("meta"):
        assert round(count(catalog.build(name)) / 1e6) == PAPER_MILLIONS[name]


@pytest.mark.parametrize(("name", "depth"), [("vgg11", 11), ("vgg13", 13), ("vgg16", 16), ("vgg16_c", 16), ("vgg19", 19)])
def test_layers_with_weights(name: str, depth: int) -> None:
    net = catalog.build(name, **SMALL)
    assert sum(isinstance(m, (nn.Conv2d, nn.Linear)) for m in net.modules()) == depth


def test_three_3x3_against_one_7x7() -> None:
    def weights(stage: nn.Module) -> int:
        return sum(p.numel() for p in stage.parameters() if p.ndim == 4)

    three, one = VGGStage(40, 40, 3, pool=False), VGGStage(40, 40, 1, kernel_size=7, pool=False)
    assert weights(three) * 49 == weights(one) * 27
    assert weights(VGGStage(40, 40, 2)) * 25 == weights(VGGStage(40, 40, 1, kernel_size=5)) * 18
    assert [sum(isinstance(m, nn.ReLU) for m in s.modules()) for s in (three, one)] == [3, 1]


@pytest.mark.parametrize(("repeats", "field"), [(1, 3), (2, 5), (3, 7)])
def test_receptive_field_of_a_stage(repeats: int, field: int) -> None:
    stage = VGGStage(1, 1, repeats, pool=False).double()
    for name, p in stage.named_parameters():
        nn.init.constant_(p, 0.0 if "bias" in name else 1.0)
    x = torch.ones(1, 1, 15, 15, dtype=torch.double, requires_grad=True)
    stage(x)[0, 0, 7, 7].backward()
    assert x.grad is not None
    seen = x.grad[0, 0].nonzero()
    assert (seen.max(0).values - seen.min(0).values + 1).tolist() == [field, field]


def test_stage_halves_and_network_c_ends_with_1x1() -> None:
    stage = VGGStage(3, 7, 3, pointwise_last=True)
    assert stage(torch.zeros(2, 3, 10, 13)).shape == (2, 7, 5, 6)
    kernels = [m.kernel_size for m in catalog.build("vgg16_c", **SMALL).modules() if isinstance(m, nn.Conv2d)]
    assert [k[0] for k in kernels] == [3, 3, 3, 3, 3, 3, 1, 3, 3, 1, 3, 3, 1]


def random_statistics(net: nn.Module) -> nn.Module:
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.normal_(m.running_mean)
            nn.init.uniform_(m.running_var, 0.5, 2)
    return net


@pytest.mark.parametrize("name", ["vgg11", "vgg11_bn", "vgg16_c"])
def test_fully_convolutional_form_equals_the_classifier_at_the_trained_size(name: str) -> None:
    torch.manual_seed(0)
    net = random_statistics(catalog.build(name, **SMALL).double().eval())
    x = torch.randn(2, 3, 224, 224, dtype=torch.double)
    dense = fully_convolutional(net)
    scores = dense(x)
    assert scores.shape == (2, 5, 1, 1)
    assert (scores[..., 0, 0] - net(x)).abs().max() < 1e-12
    assert count(dense) == count(net)


def test_dense_map_is_the_classifier_slid_over_the_last_features() -> None:
    torch.manual_seed(0)
    net = catalog.build("vgg11", **SMALL).double().eval()
    x = torch.randn(1, 3, 256, 320, dtype=torch.double)
    scores = fully_convolutional(net)(x)
    assert scores.shape == (1, 5, 256 // 32 - 6, 320 // 32 - 6)
    features = net.stages(x)
    for i in range(2):
        for j in range(4):
            window = features[:, :, i : i + 7, j : j + 7].flatten(1)
            torch.testing.assert_close(scores[:, :, i, j], net.classifier(window))


def test_conversion_copies() -> None:
    net = catalog.build("vgg11", **SMALL)
    dense = fully_convolutional(net)
    nn.init.zeros_(dense.stages[0].convs[0].conv.weight)
    assert net.stages[0].convs[0].conv.weight.abs().sum() > 0
    assert dense.training == net.training


@pytest.mark.parametrize("norm", [False, True])
def test_e_starts_from_a(norm: bool) -> None:
    trained, net = (catalog.build(name, norm=norm, **SMALL) for name in ("vgg11", "vgg19"))
    own = net.stages[0].convs[1].conv.weight.clone()
    copied = initialise_from(net, trained)
    assert len(copied) == 4 + 3 + 4 * norm
    for stage, conv in ((0, 0), (1, 0), (2, 0), (2, 1)):
        assert torch.equal(net.stages[stage].convs[conv].conv.weight, trained.stages[stage].convs[conv].conv.weight)
    for layer in (0, 3, 6):
        assert torch.equal(net.classifier[layer].weight, trained.classifier[layer].weight)
    assert torch.equal(net.stages[0].convs[1].conv.weight, own)


def test_starting_from_other_widths_is_refused_before_anything_is_copied() -> None:
    net, other = catalog.build("vgg13", **SMALL), catalog.build("vgg11", **{**SMALL, "width_mult": 0.125})
    before = {k: v.clone() for k, v in net.state_dict().items()}
    with pytest.raises(KnobError, match="both networks need the same widths"):
        initialise_from(net, other)
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())


def test_depths_and_widths_must_agree() -> None:
    with pytest.raises(KnobError) as caught:
        catalog.build("vgg11", depths=(1, 2))
    assert caught.value.argument == "depths"
    catalog.build("vgg11", depths=caught.value.nearest[0], **SMALL)


def test_unusual_knobs_train() -> None:
    net = VGG(depths=(2, 1, 3), widths=(4, 6, 8), kernel_size=5, pointwise_last=True, norm=True, hidden=9, num_classes=3, in_channels=2)
    F.cross_entropy(net(torch.randn(2, 2, 40, 56)), torch.tensor([0, 2])).backward()
    assert all(p.grad is not None for p in net.parameters())
