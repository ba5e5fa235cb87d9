"""Which pixels really act on one number inside a network, beside all that could: the effective receptive field of that number for this picture.

Luo, Li, Urtasun, Zemel 2016, arXiv 1701.04128.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from blocks.look.activations import watched_run
from blocks.look.seen_network import SeenNetwork, SwitchedOff
from blocks.trace.graph import Graph, Node

MOST_KEPT = 2 << 30  # bytes of :func:`gradient_memory`: with workspace and weights more would not fit into the looking process
CELLS_PER_SIDE = 56  # at most: what is finer is added up


@dataclass(frozen=True)
class ActingRegion:
    """The fewest cells of a picture that hold a share of a weight: ``cells`` (rows, columns), true where one belongs to them.

    Cell (i, j) has the pixels from ``rows[i]`` to ``rows[i + 1]`` and from ``columns[j]`` to ``columns[j + 1]``. ``pixels`` are those of all that belong,
    ``box`` is the first and last row, first and last column of them. Both are empty where there is no weight at all.
    """

    cells: Tensor
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    pixels: int
    box: tuple[int, int, int, int] | None


def acting_pixels(seen: SeenNetwork, inputs: Tensor, node: int, position: tuple[int, ...], off: SwitchedOff | None = None) -> Tensor:
    """The size of the gradient of the number at ``position`` of ``node`` at each pixel (height, width), the mean over the picture's channels."""

    found: list[Tensor] = []

    def number(at: Node, given: Tensor) -> None:
        if at.index == node:
            found.append(given[position].clone())  # cloned: an operation in place would put its own gradient on a view
            raise _Seen

    with torch.enable_grad():
        leaf = inputs.detach().clone().requires_grad_()
        run = watched_run(seen.analysis, seen.network, leaf, number, off.change() if off else None)
        if not found and run.error is not None:
            raise run.error
        if not found or not found[0].requires_grad:
            return torch.zeros(inputs.shape[2:])
        (slope,) = torch.autograd.grad(found[0], leaf, materialize_grads=True, allow_unused=True)
    weight: Tensor = slope.abs().mean((0, 1))
    return weight


class _Seen(Exception):
    """The number is there: the rest of the network need not run."""


def gradient_memory(graph: Graph, node: int) -> int:
    """About how many bytes the gradient of a number of ``node`` needs: what the operations up to it give is kept, views apart."""
    return sum(math.prod(shape) * n.itemsize_of(i) for n in graph.nodes[1 : node + 1] if n.alias is None for i, shape in enumerate(n.outputs))


def acting_region(weight: Tensor, share: float = 0.95) -> ActingRegion:
    """Where ``share`` of ``weight`` (height, width) lies: the heaviest cells for their size first. Cells are pixels where what is not zero has at most :data:`CELLS_PER_SIDE` on a side."""
    where = weight.nonzero()
    if not len(where):
        return ActingRegion(torch.zeros(0, 0, dtype=torch.bool), (), (), 0, None)
    (top, left), (bottom, right) = where.amin(0).tolist(), where.amax(0).tolist()
    rows, columns = _edges(top, bottom + 1), _edges(left, right + 1)
    sums = torch.zeros(weight.shape[0] + 1, weight.shape[1] + 1, dtype=torch.float64)
    sums[1:, 1:] = weight.double().cumsum(0).cumsum(1)
    held = sums[rows][:, columns].diff(dim=0).diff(dim=1).clamp(min=0)
    area = torch.tensor(rows).diff()[:, None] * torch.tensor(columns).diff()
    order = (held / area).flatten().argsort(descending=True, stable=True)
    so_far = held.flatten()[order].cumsum(0)
    count = int((so_far < share * float(so_far[-1])).sum()) + 1
    cells = torch.zeros(held.numel(), dtype=torch.bool)
    cells[order[:count]] = True
    cells = cells.reshape(held.shape)
    across, down = cells.any(0).nonzero().flatten(), cells.any(1).nonzero().flatten()
    box = (rows[down[0]], rows[down[-1] + 1] - 1, columns[across[0]], columns[across[-1] + 1] - 1)
    return ActingRegion(cells, tuple(rows), tuple(columns), int(area[cells].sum()), box)


def _edges(first: int, end: int) -> list[int]:
    """Edges of cells of almost equal length from ``first`` to ``end``."""
    count = min(CELLS_PER_SIDE, end - first)
    return [first + (end - first) * i // count for i in range(count + 1)]
