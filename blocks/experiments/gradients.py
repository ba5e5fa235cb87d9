"""What one position sees of its input, by gradients: the extent of what is not zero, and where most of it lies."""

from __future__ import annotations

import torch
from torch import Tensor


def seen(output: Tensor, inputs: Tensor, row: int, column: int) -> Tensor:
    """Squared gradient of output position (row, column), (H, W).

    ``output`` is (B, C, H', W') and depends on ``inputs`` (B, C_0, H, W). The pull on the position is a random direction for
    each picture of the batch; what comes back is averaged over the batch and summed over the input's channels, in double precision.
    """
    pull = torch.zeros_like(output)
    pull[:, :, row, column] = torch.randn(output.shape[:2], dtype=output.dtype)
    (found,) = torch.autograd.grad(output, inputs, pull, retain_graph=True)
    return found.double().square().mean(0).sum(0)


def extent(energy: Tensor) -> tuple[int, int, int, int]:
    """(top, left, height, width) of the least rectangle that holds everything that is not zero."""
    rows, columns = energy.sum(1).nonzero().flatten(), energy.sum(0).nonzero().flatten()
    if not len(rows):
        return 0, 0, 0, 0
    top, left = int(rows[0]), int(columns[0])
    return top, left, int(rows[-1]) - top + 1, int(columns[-1]) - left + 1


def core(energy: Tensor, row: int, column: int, share: float = 0.95) -> int:
    """Side of the least square around (row, column) that holds ``share`` of the energy."""
    whole = float(energy.sum())
    for radius in range(max(energy.shape)):
        cut = energy[max(0, row - radius) : row + radius + 1, max(0, column - radius) : column + radius + 1]
        if float(cut.sum()) >= share * whole:
            return 2 * radius + 1
    return max(energy.shape)
