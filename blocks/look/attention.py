"""Where attention looks: the weights of each head over the patches of a picture, how far they reach, and their rollout over the depth.

The weights are computed again from the queries and keys that the operation had: softmax(q·kᵀ·scale), mask included.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.look.activations import SeenCall, seen_calls
from blocks.look.seen_network import SeenNetwork, SwitchedOff
from blocks.trace.graph import Node

_NAMES = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")  # in torch's order; the function has no signature to ask
_DOT_PRODUCT = "scaled_dot_product_attention"


@dataclass(frozen=True)
class PatchGrid:
    """How tokens lie on a picture: ``first`` tokens that are no patch (a class token), then ``rows`` x ``columns`` patches of ``height`` x ``width`` pixels."""

    rows: int
    columns: int
    first: int
    height: float
    width: float

    def token(self, place: tuple[int, int] | None) -> int:
        """The token of the patch at ``place``; without one the class token, where there is none the patch in the middle.

        Raises :class:`KnobError` for a place outside the grid.
        """
        if place is None:
            return 0 if self.first else self.rows // 2 * self.columns + self.columns // 2
        if not (0 <= place[0] < self.rows and 0 <= place[1] < self.columns):
            raise KnobError("q", place, translatable(f"must lie in {self.rows}x{self.columns} patches (row, column)"), [(self.rows - 1, self.columns - 1)])
        return self.first + place[0] * self.columns + place[1]

    def place(self, token: int) -> tuple[int, int] | None:
        """The inverse of :meth:`token`: None for a class token."""
        return divmod(token - self.first, self.columns) if token >= self.first else None

    def on_grid(self, row: Tensor) -> Tensor:
        """Of a weight for each token those of the patches, as a map."""
        return row[self.first :].reshape(self.rows, self.columns)


@dataclass(frozen=True)
class LookedAt:
    """What one attention operation gives the ``query`` token: a row of weights over the tokens for each head, and ``rollout``, the row over the network's first tokens.

    ``distances`` has a row of heads for each attention operation in ``layers``, whose last is the open one; in pixels.
    """

    grid: PatchGrid
    query: int
    heads: Tensor
    rollout: Tensor
    layers: tuple[int, ...]
    distances: Tensor


def is_attention(node: Node) -> bool:
    """Whether the operation weights tokens among themselves: a scaled dot product, or a softmax over a square for each head."""
    if node.op == _DOT_PRODUCT:
        return len(node.shape) == 4
    return node.op == "softmax" and len(node.shape) == 4 and node.shape[2] == node.shape[3] > 1


def head_weights(call: SeenCall) -> Iterator[Tensor]:
    """The attention weights (queries, keys) of each head, one head after the other: of all at once there may be gigabytes."""
    if call.node.op == "softmax":
        yield from call.result[0]
        return
    said = dict(zip(_NAMES, call.arguments, strict=False)) | dict(call.named)
    query, key, mask = said["query"][0], said["key"][0], said.get("attn_mask")
    scale = 1 / math.sqrt(query.shape[-1]) if said.get("scale") is None else said["scale"]
    for head in range(len(query)):
        scores = query[head] @ key[head * len(key) // len(query)].T * scale  # several heads may share a key
        if said.get("is_causal"):
            scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(1), -math.inf)
        if mask is not None:
            own = mask.expand(1, len(query), *scores.shape)[0, head]
            scores = scores.masked_fill(~own, -math.inf) if own.dtype == torch.bool else scores + own
        yield scores.softmax(-1)


def patch_grid(tokens: int, picture: Sequence[int]) -> PatchGrid | None:
    """How so many tokens lie on a picture of (height, width): square patches that fill it, with or without a class token before them; None where they do not."""
    height, width = picture
    for first in (1, 0):
        side = math.sqrt(height * width / max(1, tokens - first))
        rows, columns = round(height / side), round(width / side)
        if tokens > first + 1 and rows * columns == tokens - first and rows * width == columns * height:
            return PatchGrid(rows, columns, first, height / rows, width / columns)
    return None


def mean_distance(weights: Tensor, grid: PatchGrid) -> float:
    """How far a head looks: the distance in pixels from a query patch to the others, weighted by its attention, the mean over all query patches.

    The class token is left out on both sides. Source: Dosovitskiy et al. 2020, arXiv 2010.11929, section 4.5 and appendix D.7.
    """
    rows, columns = torch.meshgrid(torch.arange(grid.rows) * float(grid.height), torch.arange(grid.columns) * float(grid.width), indexing="ij")
    places = torch.stack([rows.flatten(), columns.flatten()], 1)
    among = weights[grid.first :, grid.first :]
    return float((among / among.sum(1, keepdim=True).clamp(min=1e-12) * torch.cdist(places, places)).sum(1).mean())


def rollout(means: Sequence[Tensor], query: int) -> Tensor:
    """How much of each first token has flowed into token ``query``, by attention and by the residual paths beside it.

    The row ``query`` of the product of (A + I) / 2 over the layers, each row normed to 1; ``means`` are A, first layer first, the mean over heads.
    Source: Abnar, Zuidema 2020, arXiv 2005.00928, section 3.
    """
    row = torch.zeros(len(means[-1]), dtype=means[-1].dtype)
    row[query] = 1
    for mean in reversed(means):
        mixed = mean + torch.eye(len(mean), dtype=mean.dtype)
        row = row @ (mixed / mixed.sum(1, keepdim=True))
    return row


def looked_at(seen: SeenNetwork, inputs: Tensor, node: int, place: tuple[int, int] | None = None, off: SwitchedOff | None = None) -> LookedAt:
    """What the attention operation ``node`` gives the patch at ``place`` (see :meth:`PatchGrid.token`).

    Raises :class:`KnobError` for another operation, for tokens that do not lie on the picture, and for a place outside them.
    """
    nodes = seen.analysis.graph.nodes
    if not is_attention(nodes[node]):
        raise KnobError("node", node, translatable("is no attention over tokens"))
    tokens = nodes[node].shape[2]
    grid = patch_grid(tokens, seen.shape[2:])
    if grid is None:
        raise KnobError("node", node, translatable(f"has {tokens} tokens, which do not lie on the picture as a grid of square patches"))
    query = grid.token(place)
    layers = [n.index for n in nodes[: node + 1] if is_attention(n) and n.shape[2] == tokens]
    calls = seen_calls(seen.analysis, seen.network, inputs, layers, change=off.change() if off else None)
    means: list[Tensor] = []
    distances: list[list[float]] = []
    row: list[Tensor] = []
    for layer in layers:
        mean, reach, row = _summed(head_weights(calls.pop(layer)), grid, query)
        means.append(mean)
        distances.append(reach)
    width = max(map(len, distances))
    reached = torch.tensor([[*reach, *[math.nan] * (width - len(reach))] for reach in distances])
    return LookedAt(grid, query, torch.stack(row), rollout(means, query), tuple(layers), reached)


def _summed(heads: Iterator[Tensor], grid: PatchGrid, query: int) -> tuple[Tensor, list[float], list[Tensor]]:
    """The mean of the heads' weights, each head's mean distance, and each head's row for ``query``."""
    total: Tensor | None = None
    reach, row = [], []
    for weights in heads:
        total = weights if total is None else total + weights
        reach.append(mean_distance(weights, grid))
        row.append(weights[query].clone())
    assert total is not None
    return total / len(row), reach, row
