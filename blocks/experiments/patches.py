"""An image cut into patches, and which of ViT's terms dominates: 4D²N of the projections, 8D²N of the perceptron, 2N²D of attention.

Dosovitskiy et al. 2020, arXiv 2010.11929, section 3.1. The embedding is a convolution of kernel and stride P; here it is also computed as
an explicit matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from blocks.analysis import analyse
from blocks.experiments import pictures
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, picture_option, seed_option
from blocks.families.vit import PatchEmbedding

WIDTH, DEPTH, CLOSE = 768, 12, 1e-4


@dataclass(frozen=True, eq=False)
class Patches:
    """``picture`` (3, S, S), its ``tokens`` with the class token, and the MACs of ViT-B by ``terms``, which add up to ``macs`` of the trace."""

    picture: Tensor
    patch_size: int
    side: int
    tokens: int
    terms: dict[str, int]
    macs: int
    verdict: ClaimVerdict


def terms_of(side: int, patch_size: int) -> dict[str, int]:
    """MACs of ViT-B by term, in closed form; N counts the class token, which is not embedded."""
    patches = (side // patch_size) ** 2
    n = patches + 1
    return {
        "embedding": 3 * patch_size**2 * WIDTH * patches,
        "projections": DEPTH * 4 * WIDTH**2 * n,
        "perceptron": DEPTH * 8 * WIDTH**2 * n,
        "attention": DEPTH * 2 * n**2 * WIDTH,
        "classifier": 1000 * WIDTH,
    }


def run(watch: RunProgress, *, patch_size: int = 16, side: int = 224, picture: str | pictures.Picture = "boat", seed: int = 1) -> Patches:
    """Count ViT-B at this size and patch; embed this picture both ways."""
    torch.manual_seed(seed)
    shown = pictures.square(picture, side)
    embed = PatchEmbedding(3, 32, patch_size=patch_size)
    with torch.no_grad():
        as_convolution = embed(shown[None])
        cut = F.unfold(shown[None], patch_size, stride=patch_size).transpose(1, 2)  # (1, patches, 3·P²)
        bias = embed.project.bias
        as_product = cut @ embed.project.weight.flatten(1).T + (0 if bias is None else bias)
    error = float((as_convolution - as_product).abs().max())
    watch.tick(0.3)
    macs = analyse("vit_b_16", (1, 3, side, side), image_size=side, patch_size=patch_size).macs
    watch.tick(1.0)
    terms = terms_of(side, patch_size)
    leader = max(terms, key=lambda name: terms[name])
    tokens = (side // patch_size) ** 2 + 1
    numbers = {
        "tokens": tokens, "macs": macs / 1e9, "attention": terms["attention"] / macs, "weights": (terms["projections"] + terms["perceptron"]) / macs,
        "even": 6 * WIDTH, "leader": leader,
    }  # fmt: skip
    return Patches(shown, patch_size, side, tokens, terms, macs, ClaimVerdict(sum(terms.values()) == macs and error < CLOSE, numbers))


EXPERIMENT = LiveExperiment(
    title="Patches, and what ViT-B does with them",
    claim="{tokens} tokens cost {macs:.2f} G MACs: {weights:.0%} in the blocks' weight matrices (12D²N), {attention:.1%} in the products between tokens (2N²D), which dominate beyond N = 6D = {even}.",
    bound="confirmed if the terms add up exactly to the traced MACs, and the convolution equals cutting and multiplying",
    run=run,
    options=(
        ExperimentOption("patch_size", 16, "Patch size P", values=(8, 16, 32)),
        ExperimentOption("side", 224, "Side S", 64, 512, 32),
        picture_option(),
        seed_option(),
    ),
    seconds=1,
)
