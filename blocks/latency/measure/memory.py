"""What a measurement will need in memory, told before it starts: from the shapes alone, on the meta device."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from blocks.latency.measure.experiment import Experiment

ITEMSIZE = {"float32": 4, "tf32": 4, "bfloat16": 2, "float16": 2, "autocast": 4}


class DoesNotFit(Exception):
    """A measurement that would need more memory than there is; the message is a sentence for a page."""


class _Peak(TorchDispatchMode):
    """Adds up the elements of the results that are alive at once; views share storage and count once."""

    def __init__(self, keep: bool) -> None:
        super().__init__()
        self.keep = keep
        self.live = self.peak = 0
        self.known: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self._count(leaf)
        return result

    def _count(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self.known:
            return
        self.known.add(key)
        elements = storage.nbytes() // max(1, tensor.element_size())
        self.live += elements
        self.peak = max(self.peak, self.live)
        if not self.keep:
            weakref.finalize(storage, self._drop, key, elements)

    def _drop(self, key: int, elements: int) -> None:
        self.known.discard(key)
        self.live -= elements


def needed(network: nn.Module, shapes: Sequence[Sequence[int]], experiment: Experiment) -> int:
    """Bytes for parameters, input and activations of ``network`` (which lies on the meta device).

    Forward: the largest sum of results alive at once. Forward + backward: all of them, and as much again for gradients.
    """
    size = ITEMSIZE[experiment.dtype]
    inputs = [torch.empty(tuple(shape), device="meta") for shape in shapes]
    weights = sum(p.numel() for p in network.parameters()) + sum(b.numel() for b in network.buffers())
    backward = experiment.mode == "forward_backward"
    with _Peak(keep=backward) as peak, torch.no_grad():
        network.train(backward)(*inputs)
    activations = 2 * peak.peak if backward else peak.peak
    return size * (weights * (2 if backward else 1) + sum(i.numel() for i in inputs) + activations)


def refuse_if_too_large(needed_bytes: int, limit: int, where: str, batch: int) -> None:
    """Raise :class:`DoesNotFit` if ``needed_bytes`` exceed ``limit``; the sentence names the largest batch that may fit."""
    if needed_bytes <= limit:
        return
    fits = int(batch * limit / needed_bytes)
    hint = f" A batch of about {fits} would fit." if fits >= 1 and batch > 1 else ""
    raise DoesNotFit(f"Not measured: a batch of {batch} needs about {gigabytes(needed_bytes)}, and {gigabytes(limit)} may be used on {where}.{hint}")


def gigabytes(size: int) -> str:
    """A size in words: 3.4 GB, 120 MB."""
    return f"{size / 1e9:.3g} GB" if size >= 1e9 else f"{size / 1e6:.3g} MB"
