"""Inception v1: the paper's arithmetic, both modules, the whole network in train and eval mode, and what it refuses."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from blocks import catalog
from blocks.families.inception_v1 import C_1, C_3, C_5, C_POOL, AuxiliaryHead, InceptionModule, InceptionNaive, ReducedConvolution, fit_to_length, training_loss
from blocks.knobs import KnobError


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def macs(net: nn.Module, *shape: int) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net.eval()(torch.zeros(shape))
    return counter.get_total_flops() // 2


def test_worked_example_of_the_reduction() -> None:
    direct, reduced = ReducedConvolution(128, 256, kernel_size=5), ReducedConvolution(128, 256, c_reduce=32, kernel_size=5)
    assert count(direct) == 819_200
    assert count(reduced) == 208_896
    assert round(count(direct) / count(reduced), 2) == 3.92
    assert macs(reduced, 1, 128, 6, 7) == 208_896 * 6 * 7


def test_reduced_convolution_without_norm_or_bias_computes_the_two_products() -> None:
    net = ReducedConvolution(5, 7, c_reduce=3, kernel_size=5).double()
    x = torch.randn(2, 5, 9, 8, dtype=torch.double)
    squeeze, large = (p.detach() for p in net.parameters())
    torch.testing.assert_close(net(x), F.relu(F.conv2d(F.relu(F.conv2d(x, squeeze)), large, padding=2)))


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("k", [3, 5, 7])
def test_dimension_reduction_module_counts(k: int, norm: bool) -> None:
    c_in, c_1, c_3r, c_3, c_5r, c_5, c_p = 13, 2, 3, 5, 7, 11, 17
    net = InceptionModule(c_in, c_1, c_3r, c_3, c_5r, c_5, c_p, large_kernel=k, norm=norm)
    weights = c_in * (c_1 + c_3r + c_5r + c_p) + 9 * c_3r * c_3 + k * k * c_5r * c_5
    channels = c_1 + c_3r + c_3 + c_5r + c_5 + c_p
    assert count(net) == weights + channels * (2 if norm else 1)
    assert macs(net, 1, c_in, 8, 6) == weights * 48
    assert net(torch.zeros(2, c_in, 8, 6)).shape == (2, c_1 + c_3 + c_5 + c_p, 8, 6)


def test_naive_module_passes_its_input_on_pooled() -> None:
    net = InceptionNaive(13, 2, 3, 5)
    x = torch.randn(2, 13, 8, 6)
    y = net(x)
    assert y.shape == (2, 2 + 3 + 5 + 13, 8, 6)
    torch.testing.assert_close(y[:, -13:], F.max_pool2d(x, 3, 1, 1))
    assert count(net) == 13 * (2 + 9 * 3 + 25 * 5) + 2 + 3 + 5


@pytest.mark.parametrize(("kind", "corner"), [("max", 1.0), ("avg", 4 / 9), ("avg_inside", 1.0)])
def test_pool_kinds_differ_at_the_border(kind: str, corner: float) -> None:
    pooled = InceptionNaive(1, 1, 1, 1, pool=kind)(torch.ones(1, 1, 4, 4))[0, -1]
    assert pooled[0, 0].item() == pytest.approx(corner)
    assert pooled[1, 1].item() == pytest.approx(1.0)


def test_branches_are_aligned_by_their_padding() -> None:
    """A single lit pixel reaches exactly the k x k positions around it in the branch with a k x k window."""
    net = InceptionNaive(1, 1, 1, 1, large_kernel=7).double()
    for name, parameter in net.named_parameters():
        nn.init.constant_(parameter, 0.0 if "bias" in name else 1.0)
    x = torch.zeros(1, 1, 11, 11, dtype=torch.double)
    x[0, 0, 5, 5] = 1
    for channel, side in enumerate((1, 3, 7, 3)):
        lit = net(x)[0, channel].nonzero()
        assert lit.min(0).values.tolist() == [5 - side // 2] * 2
        assert lit.max(0).values.tolist() == [5 + side // 2] * 2


def test_squeeze_and_excitation_adds_its_weights() -> None:
    plain, gated = (InceptionModule(13, 4, 3, 8, 2, 12, 8, se_ratio=r) for r in (0, 16))
    assert count(gated) - count(plain) == 2 * 32 * 2 + 32 + 2


def test_published_parameter_count() -> None:
    """6,998,552: the authors' released network without auxiliary heads (BVLC GoogLeNet)."""
    assert count(catalog.build("googlenet")) == 6_998_552


def test_module_widths_follow_table_1() -> None:
    assert [sum(row) for row in zip(C_1, C_3, C_5, C_POOL, strict=True)] == [256, 480, 512, 512, 512, 528, 832, 832, 1024]


@pytest.mark.parametrize("name", ["googlenet", "googlenet_torchvision"])
def test_auxiliary_heads_answer_in_train_mode_only(name: str) -> None:
    net = catalog.build(name, aux=True, num_classes=7, width_mult=0.25)
    outputs = net.train()(torch.randn(2, 3, 224, 224))
    assert {k: v.shape for k, v in outputs.items()} == dict.fromkeys(("out", "aux_4a", "aux_4d"), (2, 7))
    training_loss(outputs, torch.tensor([1, 5])).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())
    assert isinstance(net.eval()(torch.randn(1, 3, 224, 224)), torch.Tensor)
    assert not any("aux" in k for k, _ in catalog.build(name, width_mult=0.25).named_parameters())


def test_auxiliary_parameters() -> None:
    """1x1 to 128, 2048 x 1024 and 1024 x 1000, each with biases (section 5)."""
    with torch.device("meta"):
        extra = count(catalog.build("googlenet", aux=True)) - count(catalog.build("googlenet"))
    assert extra == (512 + 528) * 128 + 2 * (128 + 2048 * 1024 + 1024 + 1024 * 1000 + 1000)


def test_auxiliary_window_is_the_4x4_grid_at_the_published_size() -> None:
    x = torch.randn(1, 6, 14, 14)
    assert AuxiliaryHead(6, 3, norm=False, window=5).pool(x).shape[-2:] == (4, 4)


def test_training_loss_weights_the_auxiliary_outputs() -> None:
    target = torch.tensor([0, 2])
    main, aux = torch.randn(2, 3), torch.randn(2, 3)
    wanted = F.cross_entropy(main, target) + 0.3 * F.cross_entropy(aux, target)
    torch.testing.assert_close(training_loss({"out": main, "aux_4a": aux}, target), wanted)
    torch.testing.assert_close(training_loss(main, target), F.cross_entropy(main, target))


def test_a_column_of_another_length_is_refused_with_one_that_works() -> None:
    with pytest.raises(KnobError, match="needs 9 numbers") as caught:
        catalog.build("googlenet", c_3=(8, 16))
    assert caught.value.argument == "c_3"
    catalog.build("googlenet", c_3=caught.value.nearest[0])
    assert fit_to_length((1, 2, 3), 2) == (1, 2)


def test_an_even_kernel_is_refused_with_one_that_works() -> None:
    with pytest.raises(KnobError) as caught:
        catalog.build("googlenet", large_kernel=4)
    catalog.build("googlenet", large_kernel=caught.value.nearest[0])


def test_knobs_that_no_paper_combined() -> None:
    net = catalog.build("googlenet", norm=True, lrn=False, pool="avg_inside", se_ratio=8, large_kernel=7, width_mult=0.1, in_channels=2, num_classes=3)
    assert net.eval()(torch.randn(2, 2, 64, 48)).shape == (2, 3)
