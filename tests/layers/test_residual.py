"""A residual block and its parts: each part where its paper puts it, and the block's arithmetic written out."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from blocks.knobs import KnobError
from blocks.layers.common import DropPath, SqueezeExcite
from blocks.layers.residual import PreActivated, ResidualBlock, conv_norm, convolution, fresh_activation, gate, kernels_of, squeeze_width


def kernels(block: ResidualBlock) -> list[int]:
    return [m.kernel_size[0] for m in block.body.modules() if isinstance(m, nn.Conv2d)]


@pytest.mark.parametrize("layout", ["k", "k,k", "k,1,k", "1,k,k,1", "k,k,k,k"])
def test_the_layout_is_the_list_of_kernels(layout: str) -> None:
    assert kernels_of(layout, 5) == [(5, True) if letter == "k" else (1, False) for letter in layout.split(",")]
    block = ResidualBlock(6, 8, 10, kernel_size=5, layout=layout, stride=2)
    assert kernels(block) == [5 if letter == "k" else 1 for letter in layout.split(",")]
    assert block(torch.randn(2, 6, 8, 12)).shape == (2, 10, 4, 6)


def test_the_stride_sits_on_the_first_wide_kernel() -> None:
    block = ResidualBlock(6, 8, 10, layout="1,k,1", stride=2, groups=2)
    convs = [m for m in block.body.modules() if isinstance(m, nn.Conv2d)]
    assert [m.stride[0] for m in convs] == [1, 2, 1]
    assert [m.groups for m in convs] == [1, 2, 1]


def test_the_block_is_shortcut_plus_branch_then_activation() -> None:
    block, x = ResidualBlock(6, 8, 6).eval(), torch.randn(2, 6, 5, 7)
    assert isinstance(block.shortcut, nn.Identity)
    torch.testing.assert_close(block(x), torch.relu(block.body(x) + x))


def test_a_projection_where_the_shape_changes() -> None:
    block, x = ResidualBlock(6, 8, 10, stride=2, shortcut_kernel=3).eval(), torch.randn(2, 6, 8, 12)
    assert block.shortcut is not None
    assert block.shortcut[0].kernel_size == (3, 3)
    torch.testing.assert_close(block(x), torch.relu(block.body(x) + block.shortcut(x)))


def test_a_plain_network_has_no_shortcut() -> None:
    block, x = ResidualBlock(6, 8, 6, shortcut="none").eval(), torch.randn(2, 6, 5, 7)
    torch.testing.assert_close(block(x), torch.relu(block.body(x)))


def test_a_pre_activated_block_has_a_clean_identity_path() -> None:
    block, x = PreActivated(6, 8, 6).eval(), torch.randn(2, 6, 5, 7)
    torch.testing.assert_close(block(x), x + block.body(block.enter(x)))
    assert not any(isinstance(m, nn.ReLU) for m in block.after.modules())


def gates(module: nn.Module | None) -> int:
    return 0 if module is None else sum(isinstance(m, SqueezeExcite) for m in module.modules())


@pytest.mark.parametrize(("placement", "where"), [("standard", (1, 0, 0)), ("pre", (1, 0, 0)), ("post", (0, 0, 1)), ("identity", (0, 1, 0))])
def test_where_the_gate_sits(placement: str, where: tuple[int, int, int]) -> None:
    block = ResidualBlock(6, 8, 10, se_ratio=2, se_placement=placement)
    assert (gates(block.body), gates(block.shortcut), gates(block.after)) == where
    assert isinstance(block.body[0 if placement == "pre" else -1], SqueezeExcite) is (placement in ("standard", "pre"))


def test_a_gate_on_no_shortcut() -> None:
    with pytest.raises(KnobError, match="needs a shortcut"):
        ResidualBlock(6, 8, 6, se_ratio=2, se_placement="identity", shortcut="none")


@pytest.mark.parametrize(("channels", "ratio", "floor", "width"), [(64, 16, 1, 4), (30, 16, 1, 1), (64, 16, 8, 8), (8, 16, 1, 1)])
def test_the_squeeze_never_goes_below_its_floor(channels: int, ratio: int, floor: int, width: int) -> None:
    assert squeeze_width(channels, ratio, floor) == width


def test_a_gate_for_each_frequency() -> None:
    assert gates(gate(8, 2)) == 1
    assert gates(gate(8, 2, alpha=0.25)) == 2


@pytest.mark.parametrize(
    ("norm", "kinds"),
    [
        ("batch", {"BatchNorm2d": 2}),
        ("ibn_a", {"InstanceNorm2d": 1, "BatchNorm2d": 2}),
        ("ibn_b", {"BatchNorm2d": 2, "InstanceNorm2d": 1}),
        ("instance", {"InstanceNorm2d": 2}),
        ("none", {}),
    ],
)
def test_norms_of_a_block(norm: str, kinds: dict[str, int]) -> None:
    block = ResidualBlock(6, 8, 6, norm=norm)
    names = [type(m).__name__ for m in block.modules()]
    assert {n: names.count(n) for n in ("BatchNorm2d", "InstanceNorm2d") if n in names} == kinds
    assert all((m.bias is not None) is (norm == "none") for m in block.body.modules() if isinstance(m, nn.Conv2d))


def test_a_second_branch_is_mixed_with_the_first() -> None:
    block, x = ResidualBlock(6, 8, 6, shake="even").eval(), torch.randn(2, 6, 5, 7)
    assert block.second is not None
    torch.testing.assert_close(block(x), torch.relu((block.body(x) + block.second(x)) / 2 + x))


def test_two_frequencies_in_and_out() -> None:
    block = ResidualBlock(8, 8, 12, alpha_in=0.25, alpha_out=0.5)
    high, low = block((torch.randn(2, 6, 8, 12), torch.randn(2, 2, 4, 6)))
    assert (high.shape, low.shape) == ((2, 6, 8, 12), (2, 6, 4, 6))


def test_regularisers_stand_where_their_papers_put_them() -> None:
    block = ResidualBlock(6, 8, 6, dropout=0.3, drop_path=0.2)
    assert [type(m) for m in block.body][1::2] == [nn.Dropout, DropPath]
    assert isinstance(block.body[-1], DropPath)


@pytest.mark.parametrize(("settings", "sentence"), [({"groups": 3}, "groups = 3"), ({"shrink_first": 9}, "must not be above C_mid = 8")])
def test_widths_that_do_not_fit(settings: dict[str, int], sentence: str) -> None:
    with pytest.raises(KnobError, match=sentence):
        ResidualBlock(6, 8, 6, **settings)


def test_an_activation_that_spares_its_input() -> None:
    x: Tensor = torch.tensor([-1.0, 2.0])
    assert torch.equal(fresh_activation("relu")(x), torch.tensor([0.0, 2.0]))
    assert x[0] == -1


def test_a_convolution_without_a_norm_has_a_bias() -> None:
    assert conv_norm(3, 5, 3, norm=None, act="relu")[0].bias is not None
    assert conv_norm(3, 5, 3, norm=nn.BatchNorm2d, act="relu")[0].bias is None
    assert convolution(3, 5, 3, 2, 1, False, None)(torch.randn(1, 3, 8, 6)).shape == (1, 5, 4, 3)
