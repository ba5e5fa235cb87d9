"""Kernels as pictures, and the singular values of weights, against numpy and hand-made kernels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from blocks.knobs import KnobError
from blocks.look.kernels import MOST_KERNELS, kernel_mosaic, weight_view
from blocks.look.seen_network import SeenNetwork


def test_the_mosaic_has_a_cell_for_each_kernel_on_one_scale() -> None:
    weight = torch.zeros(3, 3, 4, 6)
    weight[0, 0] = 2.0  # all red, and the largest
    weight[1, :, 1, 2] = -2.0
    made = kernel_mosaic(weight)
    assert made is not None
    assert made.shape == (3, 4 * 4 + 2, 3 * (6 * 4 + 2))  # four pixels per weight, two between the cells
    assert made[:, 0, 0].tolist() == [1.0, 0.5, 0.5]
    assert made[:, 4, 26 + 8].tolist() == [0.0, 0.0, 0.0]
    assert made[:, 5, 52 + 5].tolist() == [0.5, 0.5, 0.5]


def test_many_kernels_are_cut_and_single_numbers_are_no_picture() -> None:
    made = kernel_mosaic(torch.randn(500, 8, 3, 3))
    assert made is not None
    assert made.shape == (3, MOST_KERNELS // 16 * 26, 16 * 26)
    assert torch.equal(made[0], made[2])  # the mean over input channels has no colour
    assert kernel_mosaic(torch.randn(5, 8, 1, 1)) is None
    assert kernel_mosaic(torch.randn(5, 8)) is None


def test_singular_values_are_numpys_and_the_histogram_has_every_weight() -> None:
    seen = SeenNetwork("resnet18", {}, "", (3, 64, 64))
    node = next(n for n in seen.analysis.graph.nodes if n.kind == "convolution")
    found = weight_view(seen, node.index)
    assert found.shape == (64, 3, 7, 7)
    weight = seen.network.state_dict()[found.name]
    assert found.singular == pytest.approx(np.linalg.svd(weight.reshape(64, -1).numpy(), compute_uv=False).tolist(), rel=1e-4)
    assert sum(found.counts) == weight.numel()
    pool = next(n for n in seen.analysis.graph.nodes if n.kind == "pool")
    with pytest.raises(KnobError, match="has no matrix of weights"):
        weight_view(seen, pool.index)
