"""AlexNet: published counts, the two-GPU form, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import catalog
from blocks.families.alexnet import AlexNet
from blocks.knobs import KnobError

SMALL = {"width_mult": 0.125, "hidden": 16, "num_classes": 5}


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


# torchvision's documentation of its weights; the 2012 network: section 1 of the paper says 60 million, and the sum of its layers is below.
@pytest.mark.parametrize(("name", "parameters"), [("alexnet", 61_100_840), ("alexnet_2012", 60_965_224)])
def test_published_parameters(name: str, parameters: int) -> None:
    with torch.device("meta"):
        assert count(catalog.build(name)) == parameters


def test_the_2012_network_by_its_sections() -> None:
    """Section 3.5: 48 kernels a GPU see 5x5x48, and so on; the fully connected layers have 4096 neurons each."""
    convolutions = 96 * 11 * 11 * 3 + 256 * 5 * 5 * 48 + 384 * 3 * 3 * 256 + 384 * 3 * 3 * 192 + 256 * 3 * 3 * 192
    linears = 256 * 36 * 4096 + 4096 * 4096 + 4096 * 1000
    biases = 96 + 256 + 384 + 384 + 256 + 4096 + 4096 + 1000
    with torch.device("meta"):
        assert count(catalog.build("alexnet_2012")) == convolutions + linears + biases


def test_response_norm_is_the_papers_formula() -> None:
    net = catalog.build("alexnet_2012", **{**SMALL, "groups": 1})
    norm = next(m for m in net.modules() if isinstance(m, nn.LocalResponseNorm))
    a = torch.rand(1, 9, 2, 3) * 40
    energy = torch.stack([(a[:, max(0, i - 2) : i + 3] ** 2).sum(1) for i in range(9)], 1)
    torch.testing.assert_close(norm(a), a / (2 + 1e-4 * energy) ** 0.75)


def test_most_weights_are_fully_connected() -> None:
    with torch.device("meta"):
        net = catalog.build("alexnet")
    assert count(net.classifier) / count(net) > 0.95


def test_feature_map_sizes() -> None:
    net = catalog.build("alexnet", **SMALL).eval()
    x, sides = torch.zeros(1, 3, 224, 224), []
    for layer in net.features:
        x = layer(x)
        sides.append(x.shape[-1])
    assert sides == [55, 27, 27, 13, 13, 13, 13, 6]


def test_groups_must_divide_and_the_nearest_works() -> None:
    with pytest.raises(KnobError) as caught:
        catalog.build("alexnet", groups=3, **SMALL)
    assert caught.value.argument == "groups"
    catalog.build("alexnet", groups=caught.value.nearest[0], **SMALL)


@pytest.mark.parametrize("wrong", [{"widths": (8, 8)}, {"kernel_sizes": (11, 4, 3, 3, 3)}, {"kernel_sizes": (3,)}])
def test_lists_are_checked_and_the_nearest_works(wrong: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(KnobError) as caught:
        AlexNet(**{**SMALL, **wrong})  # type: ignore[arg-type]
    assert [caught.value.argument] == list(wrong)
    AlexNet(**{**SMALL, caught.value.argument: caught.value.nearest[0]})


def test_unusual_knobs_train() -> None:
    net = AlexNet(groups=2, lrn=True, norm=True, kernel_sizes=(7, 5, 1, 3, 5), in_channels=2, **SMALL)
    net(torch.randn(2, 2, 96, 128)).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
