"""ViT: a picture cut into patches, read as a sequence of tokens by a transformer's encoder.

Dosovitskiy, Beyer, Kolesnikov, Weissenborn, Zhai, Unterthiner, Dehghani, Minderer, Heigold, Gelly, Uszkoreit, Houlsby 2020,
arXiv 2010.11929. D is the tokens' width, N their number, h the heads, L the depth, P the patch's side and S the picture's.
"""

from __future__ import annotations

from typing import Annotated, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import (
    ATTENTION,
    TASK,
    Channels,
    Dropout,
    Features,
    Heads,
    InChannels,
    MLPRatio,
    Named,
    NumClasses,
    PatchSize,
    Repeats,
    Spec,
    require,
    require_divides,
)
from blocks.layers.common import DropPath, named, quotient, whole
from blocks.trace.symbolic import plain

PAPER = Paper(
    "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
    "Dosovitskiy, Beyer, Kolesnikov, Weissenborn, Zhai, Unterthiner, Dehghani, Minderer, Heigold, Gelly, Uszkoreit, Houlsby",
    2020,
    "2010.11929",
)
FAMILY = family(
    "vit", "ViT", "Cut the picture into patches and let attention relate every patch to every other.", PAPER, tags=("attention", "transformer", "patch")
)

Pooling = Annotated[
    str, Spec("", "Pooling", "What the classifier reads: a class token, or the mean of all tokens (no class token then).", ATTENTION, values=("token", "mean"))
]
ImageSize = Annotated[int, Spec("S", "Image size", "Side of the square picture in pixels; the position embedding is made for it.", TASK, 1, 4096, 16)]
_PathDrop = Annotated[Dropout, Named("p_path", "Stochastic depth", "Probability that training skips a residual branch.")]
EPS = 1e-6  # of every layer norm, as in the authors' code


@block(FAMILY, input=(1, "c_in", 224, 224), c_in=3, width=768)
class PatchEmbedding(nn.Module):
    """Patch embedding: each P x P patch, flattened and projected to D numbers, becomes a token.

    Source: arXiv 2010.11929, section 3.1, equation 1. The projection is a convolution of kernel P and stride P: the same product.

    Shape: (B, C_in, H, W) -> (B, H·W/P², D).
    """

    def __init__(self, c_in: Channels, width: Features, *, patch_size: PatchSize = 16) -> None:
        super().__init__()
        self.project = nn.Conv2d(c_in, width, patch_size, patch_size)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, C_in, H, W) -> (B, H·W/P², D)."""
        return self.project(x).flatten(2).transpose(1, 2)


@block(FAMILY, input=(1, 197, "width"), width=768)
class SelfAttention(nn.Module):
    """Multi-head self-attention: each token reads all tokens, weighted by how its query meets their keys.

    Source: arXiv 2010.11929, appendix A. One matrix makes queries, keys and values: 4·D²·N multiply-accumulates in the two
    projections and 2·N²·D in the two products. The heads share D out among themselves, so their number changes neither.

    Shape: (B, N, D) -> (B, N, D).
    """

    def __init__(self, width: Features, *, heads: Heads = 12, dropout: Dropout = 0.0) -> None:
        super().__init__()
        require_divides("heads", heads, width=width)
        self.heads, self.dropout = heads, dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, N, D) -> (B, N, D)."""
        batch, tokens, width = x.shape
        q, k, v = (
            part.reshape(batch, tokens, self.heads, quotient(width, self.heads)).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1)
        )  # (B, h, N, D/h)
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout if self.training else 0.0)
        return self.project(y.transpose(1, 2).reshape(batch, tokens, width))


@block(FAMILY, input=(1, 197, "width"), width=768)
class TransformerMLP(nn.Sequential):
    """The encoder's multi-layer perceptron: D to m·D, GELU, back to D, for each token separately.

    Source: arXiv 2010.11929, section 3.1. 2·m·D²·N multiply-accumulates.

    Shape: (B, N, D) -> (B, N, D).
    """

    def __init__(self, width: Features, *, mlp_ratio: MLPRatio = 4.0, dropout: Dropout = 0.0) -> None:
        hidden = named("D_mlp", whole(width * mlp_ratio))
        super().__init__(nn.Linear(width, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, width), nn.Dropout(dropout))


@block(FAMILY, input=(1, 197, "width"), width=768)
class EncoderBlock(nn.Module):
    """Transformer encoder block: attention and a perceptron, each normalised before and added after.

    Source: arXiv 2010.11929, section 3.1, equations 2 and 3, figure 1 (right). At m = 4: 12·D²·N + 2·N²·D multiply-accumulates.
    Departure: stochastic depth on both branches in training (0 leaves it out).

    Shape: (B, N, D) -> (B, N, D).
    """

    def __init__(
        self,
        width: Features,
        *,
        heads: Heads = 12,
        mlp_ratio: MLPRatio = 4.0,
        dropout: Dropout = 0.0,
        attention_dropout: Annotated[Dropout, Named("p_att", "Attention dropout")] = 0.0,
        drop_path: _PathDrop = 0.0,
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=EPS)
        self.attention = SelfAttention(width, heads=heads, dropout=attention_dropout)
        self.dropout = nn.Dropout(dropout)
        self.norm2 = nn.LayerNorm(width, eps=EPS)
        self.mlp = TransformerMLP(width, mlp_ratio=mlp_ratio, dropout=dropout)
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, N, D) -> (B, N, D)."""
        x = x + self.drop_path(self.dropout(self.attention(self.norm1(x))))
        return x + self.drop_path(self.mlp(self.norm2(x)))


@model(FAMILY)
class ViT(nn.Module):
    """Vision transformer: patches to tokens, a class token, a learned position for each, L encoder blocks, a linear classifier.

    Source: arXiv 2010.11929, section 3.1 and table 1. ``pooling = "mean"`` averages the patches' tokens instead (appendix D.3).
    Departure: the head is one linear layer, as the paper fine-tunes, without pre-training's hidden layer.

    Shape: (B, C_0, S, S) -> (B, K).
    """

    def __init__(
        self,
        *,
        image_size: ImageSize = 224,
        patch_size: PatchSize = 16,
        width: Features = 768,
        depth: Annotated[Repeats, Named("L", "Depth", "Number of encoder blocks.")] = 12,
        heads: Heads = 12,
        mlp_ratio: MLPRatio = 4.0,
        pooling: Pooling = "token",
        dropout: Dropout = 0.0,
        attention_dropout: Annotated[Dropout, Named("p_att", "Attention dropout")] = 0.0,
        drop_path: _PathDrop = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        below = plain(image_size) // plain(patch_size) * plain(patch_size)
        require(
            image_size % patch_size == 0,
            "image_size",
            image_size,
            f"must be a multiple of patch_size = {plain(patch_size)}",
            [s for s in (below, below + plain(patch_size)) if s > 0],
        )
        self.image_size = image_size
        patches = quotient(image_size, patch_size) ** 2
        tokens = named("N", patches + 1 if pooling == "token" else patches)
        self.patches = PatchEmbedding(in_channels, width, patch_size=patch_size)
        self.class_token = nn.Parameter(torch.zeros(1, 1, width)) if pooling == "token" else None
        self.positions = nn.Parameter(nn.init.normal_(torch.empty(1, tokens, width), std=0.02))
        self.dropout = nn.Dropout(dropout)
        settings: dict[str, Any] = {"heads": heads, "mlp_ratio": mlp_ratio, "dropout": dropout, "attention_dropout": attention_dropout}
        # As in Huang et al. 2016 a branch is skipped the more often the deeper it lies.
        self.blocks = nn.Sequential(*(EncoderBlock(width, drop_path=drop_path * i / max(1, depth - 1), **settings) for i in range(depth)))
        self.norm = nn.LayerNorm(width, eps=EPS)
        self.classifier = nn.Linear(width, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_0, S, S) -> (B, K)."""
        height, width = x.shape[-2:]
        require(
            height == self.image_size and width == self.image_size,
            "image_size",
            self.image_size,
            f"must be the side of the input picture, which is {plain(height)} x {plain(width)}",
            [height] if height == width else [],
        )
        x = self.patches(x)
        if self.class_token is not None:
            x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], dim=1)
        x = self.norm(self.blocks(self.dropout(x + self.positions)))
        return self.classifier(x[:, 0] if self.class_token is not None else x.mean(dim=1))


# Table 1 of the paper; small and tiny are those of Touvron et al. 2021, arXiv 2012.12877.
presets(ViT, "torchvision", resolution="image_size", vit_b_16={}, vit_b_32={"patch_size": 32}, vit_l_16={"width": 1024, "depth": 24, "heads": 16})
presets(ViT, "timm", resolution="image_size", vit_s_16={"width": 384, "heads": 6}, vit_ti_16={"width": 192, "heads": 3})
