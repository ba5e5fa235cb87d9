"""ViT: the worked formula, heads that cost nothing, attention written out, pooling, published sizes, refusals."""

from __future__ import annotations

import pytest
import sympy
import torch
from counting import macs, params

from blocks import analyse, catalog
from blocks.families.vit import EncoderBlock, PatchEmbedding, SelfAttention, ViT
from blocks.knobs import KnobError

# torchvision's weights (num_params, billion multiply-adds); small and tiny: timm's results for vit_*_patch16_224.
PUBLISHED = {
    "vit_b_16": (86_567_656, 17.56),
    "vit_b_32": (88_224_232, 4.41),
    "vit_l_16": (304_326_632, 61.55),
    "vit_s_16": (22_050_664, 4.6),
    "vit_ti_16": (5_717_416, 1.25),
}
SMALL = {"image_size": 32, "patch_size": 8, "width": 24, "depth": 2, "heads": 3, "num_classes": 5}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_sizes(name: str) -> None:
    count, billions = PUBLISHED[name]
    with torch.device("meta"):
        net = catalog.build(name)
    assert params(net) == count
    assert macs(net, *catalog.input_shape(name)) / 1e9 == pytest.approx(billions, abs=0.006)


@pytest.mark.parametrize(("d", "n", "h"), [(24, 17, 3), (40, 9, 5)])
def test_macs_of_a_block(d: int, n: int, h: int) -> None:
    assert macs(EncoderBlock(d, heads=h), 1, n, d) == 12 * d * d * n + 2 * n * n * d


@pytest.mark.parametrize("heads", [1, 2, 4, 12])
def test_heads_cost_nothing(heads: int) -> None:
    block = EncoderBlock(48, heads=heads)
    assert (params(block), macs(block, 1, 10, 48)) == (params(EncoderBlock(48, heads=6)), 12 * 48 * 48 * 10 + 2 * 100 * 48)


def test_attention_is_softmax_of_scaled_products() -> None:
    torch.manual_seed(0)
    attention = SelfAttention(12, heads=3).double().eval()
    x = torch.randn(2, 5, 12, dtype=torch.float64)
    q, k, v = attention.qkv(x).split(12, dim=-1)
    heads = []
    for i in range(3):
        part = slice(4 * i, 4 * i + 4)
        scores = q[..., part] @ k[..., part].mT / 4**0.5
        heads.append(scores.softmax(-1) @ v[..., part])
    assert torch.allclose(attention(x), attention.project(torch.cat(heads, -1)), atol=1e-12)


def test_one_block_lets_every_token_see_every_other_and_only_attention_does() -> None:
    torch.manual_seed(0)
    block = EncoderBlock(12, heads=3).double().eval()
    x = torch.randn(1, 7, 12, dtype=torch.float64, requires_grad=True)
    (seen,) = torch.autograd.grad(block(x)[0, 2].square().sum(), x)
    assert (seen.abs().sum(-1) > 0).all()
    (alone,) = torch.autograd.grad(block.mlp(block.norm2(x))[0, 2].square().sum(), x)
    assert (alone.abs().sum(-1) > 0).tolist() == [[token == 2 for token in range(7)]]


def test_patches_are_flattened_and_projected() -> None:
    torch.manual_seed(0)
    embed = PatchEmbedding(3, 10, patch_size=4).double()
    x = torch.randn(2, 3, 8, 12, dtype=torch.float64)
    patches = x.view(2, 3, 2, 4, 3, 4).permute(0, 2, 4, 1, 3, 5).reshape(2, 6, 48)  # (B, H·W/P², P²·C)
    assert torch.allclose(embed(x), patches @ embed.project.weight.view(10, 48).T + embed.project.bias, atol=1e-12)


def test_without_positions_the_mean_ignores_the_patches_order() -> None:
    net = ViT(**SMALL, pooling="mean").double().eval()
    torch.nn.init.zeros_(net.positions)
    x = torch.randn(1, 3, 32, 32, dtype=torch.float64)
    assert torch.allclose(net(x), net(x.roll(8, dims=-1)), atol=1e-12)  # whole patches moved


def test_class_token_is_one_token_more() -> None:
    token, mean = ViT(**SMALL), ViT(**SMALL, pooling="mean")
    assert token.positions.shape == (1, 17, 24)
    assert mean.positions.shape == (1, 16, 24)
    assert params(token) - params(mean) == 2 * 24


def test_a_preset_s_input_follows_its_image_size() -> None:
    assert catalog.input_shape("vit_b_16") == (1, 3, 224, 224)
    assert catalog.input_shape("vit_b_16", image_size=384) == (1, 3, 384, 384)
    assert catalog.input_shape("encoder_block", width=192) == (1, 197, 192)


def test_training_drops_and_eval_does_not() -> None:
    torch.manual_seed(0)
    net = ViT(**SMALL, dropout=0.3, attention_dropout=0.3, drop_path=0.5)
    x = torch.randn(2, 3, 32, 32)
    assert not torch.equal(net(x), net(x))
    net.eval()
    assert torch.equal(net(x), net(x))


@pytest.mark.parametrize("knobs", [{"heads": 1, "mlp_ratio": 1.5}, {"pooling": "mean", "patch_size": 16}, {"in_channels": 1, "depth": 1}])
def test_combinations_train(knobs: dict) -> None:
    net = ViT(**{**SMALL, **knobs})
    net(torch.randn(2, knobs.get("in_channels", 3), 32, 32)).square().mean().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize(
    ("knobs", "argument"), [({"heads": 5}, "heads"), ({"patch_size": 7}, "image_size"), ({"image_size": 5}, "image_size"), ({"pooling": "max"}, "pooling")]
)
def test_refused(knobs: dict, argument: str) -> None:
    with pytest.raises(KnobError) as caught:
        ViT(**{**SMALL, **knobs})
    assert caught.value.argument == argument
    assert caught.value.nearest
    for value in caught.value.nearest:
        ViT(**{**SMALL, **knobs, argument: value})


def test_another_picture_size_is_refused_with_the_knob_that_fits() -> None:
    with pytest.raises(KnobError, match="40 x 40") as caught:
        ViT(**SMALL)(torch.randn(1, 3, 40, 40))
    (size,) = caught.value.nearest
    assert ViT(**{**SMALL, "image_size": size})(torch.randn(1, 3, 40, 40)).shape == (1, 5)


def test_the_formula_of_a_block_comes_out_of_it() -> None:
    formula = analyse("encoder_block", symbolic=True).formula("macs")
    d, n, b, m = sympy.symbols("D N B m")
    letters = {"D": d, "N": n, "B": b, "m": m, "D_mlp": d * m}
    found = sympy.sympify(str(formula.expr), locals=letters).subs({b: 1, m: 4})
    assert sympy.expand(found - (12 * d**2 * n + 2 * n**2 * d)) == 0
