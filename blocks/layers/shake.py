"""Mixing two branches at random: forwards by α, backwards by an independent β (Gastaldi 2017, arXiv 1705.07485)."""

from __future__ import annotations

from typing import Annotated, Any

import torch
from torch import Tensor, nn
from torch.overrides import has_torch_function_unary

from blocks.knobs import EXTRA, Spec
from blocks.layers.octave import OctaveFeatures

Draw = Annotated[
    str,
    Spec(
        "",
        "Shake",
        "A second branch, mixed with the first by a random share: one for each picture, one for the whole batch, or always 1/2. 'none' has one branch.",
        EXTRA,
        values=("none", "image", "batch", "even"),
    ),
]


class ShakeFunction(torch.autograd.Function):
    """α·a + (1-α)·b forwards; backwards, a gets β and b gets 1-β of the gradient."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, alpha: Tensor, beta: Tensor) -> Tensor:
        """The mixture; ``alpha`` and ``beta`` broadcast against it."""
        ctx.save_for_backward(beta, 1 - beta)
        return alpha * a + (1 - alpha) * b

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:
        """β and 1-β of the output's gradient, whatever α was."""
        of_a, of_b = ctx.saved_tensors
        return of_a * gradients[0], of_b * gradients[0], None, None


class Shake(nn.Module):
    """The random mixture of two branches, a part of its own so that graphs show it; both halves of a pair get the same shares.

    Source: arXiv 1705.07485, sections 1.1 and 2.2 ("image": Shake-Shake-Image, "batch": Shake-Shake-Batch, "even": Even-Even).
    In eval mode the shares are 1/2.

    Shape: two of (B, C, H, W) -> (B, C, H, W), or two pairs of frequencies -> one.
    """

    def __init__(self, draw: str = "image") -> None:
        super().__init__()
        self.draw = draw

    def forward(self, a: OctaveFeatures, b: OctaveFeatures) -> OctaveFeatures:
        pair = isinstance(a, tuple)
        shares = self._shares(a[0] if pair else a)
        return tuple(_mixed(x, y, *shares) for x, y in zip(a, b, strict=True)) if pair else _mixed(a, b, *shares)

    def _shares(self, like: Tensor) -> tuple[Tensor | None, Tensor | None]:
        if not self.training or self.draw == "even":
            return None, None
        place = like[:, :1, :1, :1] if self.draw == "image" else like[:1, :1, :1, :1]
        alpha = torch.rand_like(place)
        return alpha, None if has_torch_function_unary(like) else torch.rand_like(place)


def _mixed(a: Tensor, b: Tensor, alpha: Tensor | None, beta: Tensor | None) -> Tensor:
    if alpha is None:
        return 0.5 * a + 0.5 * b
    if beta is None:  # a trace: it wants the operations, and has no gradients
        return alpha * a + (1 - alpha) * b
    return ShakeFunction.apply(a, b, alpha, beta)
