"""SENet: what a gate costs, where it sits, and that it fits any block with a body."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import catalog
from blocks.families.senet import attach
from blocks.knobs import KnobError

#: Parameters that timm publishes with its models.
PUBLISHED = {"seresnet50": 28_088_024, "seresnet101": 49_326_872, "seresnet152": 66_821_848, "seresnext50_32x4d": 27_559_896, "seresnext101_32x4d": 48_955_416, "senet154": 115_088_984}  # fmt: skip


def bare(name: str, **knobs: object) -> nn.Module:
    with torch.device("meta"):
        return catalog.build(name, **knobs)


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_parameters(name: str) -> None:
    assert parameters(bare(name)) == PUBLISHED[name]


@pytest.mark.parametrize(("c", "r"), [(64, 4), (256, 16), (96, 8)])
def test_weights_of_a_gate(c: int, r: int) -> None:
    assert parameters(bare("squeeze_excitation", c_in=c, se_ratio=r, bias=False)) == 2 * c * c // r
    assert parameters(bare("squeeze_excitation", c_in=c, se_ratio=r)) == 2 * c * c // r + c // r + c


def test_se_resnet_50_has_2_53_million_parameters_more() -> None:
    more = parameters(bare("seresnet50")) - parameters(bare("resnet50"))
    assert more == parameters(bare("resnet50", se_ratio=16)) - parameters(bare("resnet50"))
    assert round(more / 1e6, 2) == 2.53
    stages = ((256, 3), (512, 4), (1024, 6), (2048, 3))
    assert more == sum(n * (2 * c * c // 16 + c // 16 + c) for c, n in stages)


def test_deep_enough_squeeze_in_the_shallow_networks_as_timm() -> None:
    gates = [m.reduce.out_channels for m in bare("seresnet18").modules() if type(m).__name__ == "SqueezeExcite"]
    assert gates == [8, 8, 8, 8, 16, 16, 32, 32]


def gated(placement: str) -> nn.Module:
    torch.manual_seed(0)
    return catalog.build("se_bottleneck", c_in=8, c_mid=4, c_out=8, se_ratio=2, se_placement=placement).double().eval()


def test_four_placements_compute_what_the_figure_shows() -> None:
    x = torch.randn(2, 8, 6, 6, dtype=torch.float64)
    standard, pre, post, identity = map(gated, ("standard", "pre", "post", "identity"))
    body, gate = nn.Sequential(*standard.body[:-1]), standard.body[-1]
    for other in (pre.body[1:], post.body, identity.body):
        for target, source in zip(other, body, strict=True):  # a slice keeps the names of the whole
            target.load_state_dict(source.state_dict())
    for other in (pre.body[0], post.after[-1], identity.shortcut[-1]):
        other.load_state_dict(gate.state_dict())
    relu = torch.relu
    torch.testing.assert_close(standard(x), relu(x + gate(body(x))))
    torch.testing.assert_close(pre(x), relu(x + body(gate(x))))
    torch.testing.assert_close(post(x), gate(relu(x + body(x))))
    torch.testing.assert_close(identity(x), relu(gate(x) + body(x)))


def test_attached_gate_equals_the_built_in_one() -> None:
    torch.manual_seed(0)
    plain = catalog.build("bottleneck", c_in=8, c_mid=4, c_out=8)
    counted = parameters(plain)
    for placement in ("standard", "pre", "post", "identity"):
        block = attach(catalog.build("bottleneck", c_in=8, c_mid=4, c_out=8), 2, placement)
        assert parameters(block) == counted + 2 * 8 * 4 + 4 + 8 == parameters(gated(placement))
        assert block(torch.randn(2, 8, 5, 5)).shape == (2, 8, 5, 5)


def test_a_gate_on_a_foreign_block_with_a_body() -> None:
    block = attach(catalog.build("inverted_residual", c_in=16, c_out=24, stride=2), 4)
    assert block(torch.randn(2, 16, 8, 8)).shape == (2, 24, 4, 4)


def test_where_no_gate_can_be_put() -> None:
    with pytest.raises(KnobError, match="no body"):
        attach(nn.ReLU())
    with pytest.raises(KnobError) as error:
        attach(catalog.build("plain_block", c_in=4, c_out=4), 2, "identity")
    assert error.value.nearest == ("standard", "pre")
    with pytest.raises(KnobError, match="must be one of"):
        attach(catalog.build("bottleneck"), 2, "nowhere")
