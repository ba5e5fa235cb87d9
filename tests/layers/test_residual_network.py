"""The residual network: where its blocks stand, its stems, and lists that do not fit."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from blocks.knobs import KnobError
from blocks.layers.residual_network import BlockPosition, CrossStage, ResidualNetwork, in_turn, make_stem, scaled_widths


class Stands(nn.Conv2d):
    """A block that keeps its position."""

    def __init__(self, at: BlockPosition) -> None:
        super().__init__(at.c_in, at.c_out, 3, at.stride, 1)
        self.at = at


def network(**settings) -> ResidualNetwork:
    stem = make_stem("cifar", 3, 5, norm=nn.BatchNorm2d, act="relu")
    return ResidualNetwork(stem, 5, Stands, (7, 9, 11), (2, 1, 3), num_classes=4, **settings)


def test_where_each_block_stands() -> None:
    positions = [m.at for m in network().modules() if isinstance(m, Stands)]
    assert [(p.c_in, p.c_out, p.stride) for p in positions] == [(5, 7, 1), (7, 7, 1), (7, 9, 2), (9, 11, 2), (11, 11, 1), (11, 11, 1)]
    assert [(p.stage, p.index, p.repeats) for p in positions] == [(0, 0, 2), (0, 1, 2), (1, 0, 1), (2, 0, 3), (2, 1, 3), (2, 2, 3)]
    assert [p.depth for p in positions] == [i / 6 for i in range(6)]
    assert [p.last_stage for p in positions] == [False] * 3 + [True] * 3


def test_from_a_picture_to_scores() -> None:
    net, x = network().eval(), torch.randn(2, 3, 16, 24)
    assert net.stages(net.stem(x)).shape == (2, 11, 4, 6)
    torch.testing.assert_close(net(x), net.classifier(net.stages(net.stem(x)).mean((2, 3))))


def test_a_tail_stands_before_the_pool() -> None:
    class Twice(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return 2 * x

    torch.manual_seed(0)
    plain = network().eval()
    torch.manual_seed(0)
    tailed, x = network(tail=Twice()).eval(), torch.randn(2, 3, 16, 24)
    torch.testing.assert_close(tailed(x) - tailed.classifier.bias, 2 * (plain(x) - plain.classifier.bias))


@pytest.mark.parametrize(("kind", "shrinks"), [("imagenet", 4), ("deep", 4), ("cifar", 1)])
def test_stems(kind: str, shrinks: int) -> None:
    stem = make_stem(kind, 3, 8, norm=nn.BatchNorm2d, act="relu")
    assert stem(torch.randn(2, 3, 32, 48)).shape == (2, 8, 32 // shrinks, 48 // shrinks)
    convs = [(m.kernel_size[0], m.out_channels) for m in stem.modules() if isinstance(m, nn.Conv2d)]
    assert convs == {"imagenet": [(7, 8)], "deep": [(3, 4), (3, 4), (3, 8)], "cifar": [(3, 8)]}[kind]


def test_a_bare_stem_is_a_convolution_alone() -> None:
    assert [type(m) for m in make_stem("cifar", 3, 8, norm=nn.BatchNorm2d, act="relu", bare=True)] == [nn.Conv2d]


def position(stage: int, index: int, repeats: int = 3, stages: int = 4) -> BlockPosition:
    return BlockPosition(8, 8, 1, stage, stages, index, repeats, 0.0)


def test_ibn_as_published() -> None:
    assert [position(s, 0).norm("ibn_a") for s in range(4)] == ["ibn_a"] * 3 + ["batch"]
    assert [position(s, 2).norm("ibn_b") for s in range(4)] == ["ibn_b", "ibn_b", "batch", "batch"]
    assert position(0, 1).norm("ibn_b") == "batch"
    assert position(3, 0).norm("instance") == "instance"


def test_octave_starts_from_one_tensor_and_ends_in_one() -> None:
    assert position(0, 0).octave(0.25) == {"alpha_in": 0.0, "alpha_out": 0.25}
    assert position(1, 0).octave(0.25) == {"alpha_in": 0.25, "alpha_out": 0.25}
    assert position(3, 0).octave(0.25) == {"alpha_in": 0.25, "alpha_out": 0.0}
    assert position(3, 1).octave(0.25) == {"alpha_in": 0.0, "alpha_out": 0.0}


def test_stages_follow_one_another() -> None:
    seen: list[tuple[int, int, int, int]] = []
    in_turn(3, (5, 7), (2, 4), lambda *at: seen.append(at) or nn.Identity())
    assert seen == [(3, 5, 2, 0), (5, 7, 4, 1)]


def test_a_split_around_every_stage() -> None:
    net = network(cross_stage=CrossStage(0.5, "last", "relu"))
    assert net(torch.randn(2, 3, 16, 24)).shape == (2, 4)
    assert [type(stage).__name__ for stage in net.stages] == ["CrossStagePartial"] * 3


def test_lists_of_different_lengths() -> None:
    with pytest.raises(KnobError, match="depths = "):
        ResidualNetwork(nn.Identity(), 3, Stands, (5, 7), (1, 2, 3), num_classes=4)


def test_widths_are_rounded_down_but_never_to_nothing() -> None:
    assert scaled_widths((1, 5, 64), 0.3) == [1, 1, 19]
    assert scaled_widths((3, 5), 2) == [6, 10]
