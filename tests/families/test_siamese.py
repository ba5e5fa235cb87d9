"""Siamese: one set of parameters and twice the arithmetic, the losses' equations, one-shot choice, training, refusals."""

from __future__ import annotations

import pytest
import torch
from counting import macs, params
from torch.nn import functional as F

from blocks import catalog
from blocks.families.siamese import KochNet, Siamese, contrastive_loss, euclidean, one_shot, triplet_loss
from blocks.knobs import KnobError

SMALL = {"image_size": 28, "embedding": 8}


def small_net(head: str = "euclidean") -> Siamese:
    net = Siamese(head=head, backbone="koch_net", image_size=105, embedding=8)
    net.backbone = KochNet(image_size=28, widths=(8, 16, 16), kernels=(5, 3, 3), num_classes=8)
    return net


def test_published_parameters() -> None:
    """Figure 4 of the paper, layer by layer."""
    convolutions = 10 * 10 * 64 + 64 + 7 * 7 * 64 * 128 + 128 + 4 * 4 * 128 * 128 + 128 + 4 * 4 * 128 * 256 + 256
    with torch.device("meta"):
        assert params(catalog.build("koch_net")) == convolutions + 6 * 6 * 256 * 4096 + 4096
        assert params(catalog.build("siamese_koch")) == convolutions + 6 * 6 * 256 * 4096 + 4096 + 4097


@pytest.mark.parametrize("backbone", ["koch_net", "mobilenet_v2", "shufflenet_v1_g3_x0_5"])
def test_parameters_once_and_macs_twice(backbone: str) -> None:
    with torch.device("meta"):
        single = catalog.build(backbone, num_classes=32, in_channels=1)
        pair = catalog.build("siamese", backbone=backbone, embedding=32)
    assert params(pair) == params(single)
    assert macs(pair, *catalog.input_shape("siamese")) == 2 * macs(single, 1, 1, 105, 105)


def test_input_is_a_pair() -> None:
    assert catalog.input_shape("siamese") == (1, 2, 1, 105, 105)
    assert catalog.input_shape("siamese", in_channels=3, image_size=96) == (1, 2, 3, 96, 96)


@pytest.mark.parametrize("head", ["euclidean", "weighted_l1"])
def test_distance_is_symmetric(head: str) -> None:
    net = small_net(head).double().eval()
    x = torch.rand(3, 2, 1, 28, 28, dtype=torch.float64)
    d = net(x)
    assert d.shape == (3,)
    assert torch.allclose(d, net(x.flip(1)), atol=1e-12)
    same = net(x[:, :1].expand(-1, 2, -1, -1, -1))
    if head == "euclidean":
        assert torch.equal(same, torch.zeros(3, dtype=torch.float64))
    else:
        assert ((d > 0) & (d < 1)).all()


def test_euclidean_has_a_gradient_where_pictures_agree() -> None:
    a = torch.zeros(2, 4, requires_grad=True)
    euclidean(a, torch.zeros(2, 4)).sum().backward()
    assert a.grad is not None
    assert torch.isfinite(a.grad).all()


def test_contrastive_loss_is_equation_4() -> None:
    d, same, margin = torch.tensor([0.3, 0.3, 2.0, 2.0]), torch.tensor([1, 0, 1, 0]), 1.25
    wanted = (0.3**2 / 2 + (1.25 - 0.3) ** 2 / 2 + 2.0**2 / 2 + 0) / 4
    assert contrastive_loss(d, same, margin).item() == pytest.approx(wanted)


def test_triplet_loss_against_torch() -> None:
    torch.manual_seed(0)
    a, p, n = torch.randn(3, 16, 5, dtype=torch.float64)
    assert torch.allclose(triplet_loss(a, p, n, 0.7), F.triplet_margin_loss(a, p, n, margin=0.7, eps=0), atol=1e-12)


def test_losses_pull_and_push() -> None:
    d = torch.tensor([0.5, 0.5, 3.0], requires_grad=True)
    contrastive_loss(d, torch.tensor([1, 0, 0])).backward()
    assert d.grad is not None
    assert d.grad[0] > 0 > d.grad[1]
    assert d.grad[2] == 0


def shapes(seed: int, n: int, kinds: int) -> tuple[torch.Tensor, torch.Tensor]:
    """n small pictures of bars at ``kinds`` places, with noise, and their classes."""
    draw = torch.Generator().manual_seed(seed)
    label = torch.randint(kinds, (n,), generator=draw)
    x = 0.1 * torch.rand(n, 1, 28, 28, generator=draw)
    for i, k in enumerate(label.tolist()):
        if k % 2:
            x[i, 0, 4 + 5 * (k // 2), 3:25] = 1
        else:
            x[i, 0, 3:25, 4 + 5 * (k // 2)] = 1
    return x, label


def test_training_parts_the_classes_and_one_shot_finds_them() -> None:
    torch.manual_seed(0)
    net = small_net()
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    x, label = shapes(1, 64, 6)
    pairs = torch.stack([x, x.roll(1, 0)], dim=1)
    same = label == label.roll(1)
    for _ in range(30):
        optimiser.zero_grad()
        contrastive_loss(net(pairs), same).backward()
        optimiser.step()
    net.eval()
    with torch.no_grad():
        d = net(pairs)
    assert d[same].mean() < d[~same].mean() / 2
    support = torch.stack([shapes(2, 60, 6)[0][shapes(2, 60, 6)[1] == k][0] for k in range(6)])
    query, wanted = shapes(3, 30, 6)
    chosen, distances = one_shot(net, query, support)
    assert distances.shape == (30, 6)
    assert (chosen == wanted).float().mean() > 0.8


REFUSED = [({"backbone": "resnet5O"}, "backbone"), ({"backbone": "siamese"}, "backbone"), ({"head": "cosine"}, "head"), ({"image_size": 20}, "image_size")]


@pytest.mark.parametrize(("knobs", "argument"), REFUSED)
def test_refused(knobs: dict, argument: str) -> None:
    with pytest.raises(KnobError) as caught:
        Siamese(**knobs)
    assert caught.value.argument == argument
    with torch.device("meta"):
        assert caught.value.nearest
        for value in caught.value.nearest:
            Siamese(**{argument: value})


def test_a_backbone_s_own_rule_names_the_shared_knob() -> None:
    with pytest.raises(KnobError) as caught:
        Siamese(backbone="vit_ti_16")
    assert caught.value.argument == "image_size"
    Siamese(backbone="vit_ti_16", image_size=caught.value.nearest[0], embedding=16)


def test_one_picture_is_refused() -> None:
    with pytest.raises(KnobError, match="pairs"):
        small_net()(torch.zeros(2, 1, 28, 28))
