"""The weights of one operation: its kernels as pictures, their histogram, and the singular values of the matrix that they are."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.look.maps import histogram
from blocks.look.seen_network import SeenNetwork

MOST_KERNELS = 144
_CELL = 24  # pixels of a kernel in the picture, at least
_GAP = 2
LARGEST_MATRIX = 2048  # rows or columns, the fewer of both, of which singular values are computed


class WeightView(NamedTuple):
    """Of the tensor ``name`` of ``shape``: a mosaic of its first kernels (3, H, W) between 0 and 1, a histogram as edges and counts, and singular values, largest first.

    ``mosaic`` is None where kernels are single numbers, ``singular`` empty where the matrix is too large.
    """

    name: str
    shape: tuple[int, ...]
    mosaic: Tensor | None
    edges: list[float]
    counts: list[int]
    singular: list[float]


def weight_view(seen: SeenNetwork, node: int) -> WeightView:
    """The weights of the operation ``node``. Raises :class:`KnobError` where it has no matrix of weights."""
    state = seen.network.state_dict()
    names = [name for name in seen.analysis.graph.nodes[node].weights if name in state and state[name].dim() >= 2]
    if not names:
        raise KnobError("node", node, translatable("has no matrix of weights"))
    weight = state[names[0]].float()
    matrix = weight.flatten(1)
    small = min(matrix.shape) <= LARGEST_MATRIX
    edges, counts = histogram(weight)
    return WeightView(names[0], tuple(weight.shape), kernel_mosaic(weight), edges, counts, torch.linalg.svdvals(matrix).tolist() if small else [])


def kernel_mosaic(weight: Tensor) -> Tensor | None:
    """The first kernels (out, in, height, width) side by side as a picture: of three input channels in colour, else the mean over them.

    Grey is zero, and one scale holds for all. None for kernels of one position.
    """
    if weight.dim() != 4 or weight.shape[2] * weight.shape[3] < 2:
        return None
    kernels = weight[:MOST_KERNELS]
    shown = kernels if kernels.shape[1] == 3 else kernels.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    level = 0.5 + 0.5 * shown / shown.abs().max().clamp(min=1e-12)
    scale = max(1, math.ceil(_CELL / max(level.shape[2:])))
    cells = F.pad(level.repeat_interleave(scale, 2).repeat_interleave(scale, 3), (0, _GAP, 0, _GAP), value=1.0)
    columns = min(len(cells), 16)
    missing = -len(cells) % columns
    cells = F.pad(cells, (0, 0, 0, 0, 0, 0, 0, missing), value=1.0)
    rows = cells.reshape(-1, columns, 3, *cells.shape[2:])
    return rows.permute(2, 0, 3, 1, 4).reshape(3, rows.shape[0] * cells.shape[2], columns * cells.shape[3])
